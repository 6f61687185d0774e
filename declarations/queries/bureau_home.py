"""What the home pages of those who work in a bureau say: counted where it is stored."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef

from declarations.models import (
    Activation,
    Bureau,
    Department,
    FormTemplate,
    Notice,
    Role,
    Round,
    User,
)
from declarations.permissions.accounts import needs_second_factor
from declarations.queries import review_queue
from declarations.queries.home import MOST, Group, listed
from declarations.queries.notices import Delivery, delivered_as
from declarations.queries.record import Line, Wanted, line_of, record_of
from declarations.queries.review_queue import Tab
from declarations.queries.security import accounts_in, locks_in
from declarations.queries.sessions import sessions_in
from declarations.queries.templates import not_started

ACTS = 10
"""Acts of the record that a home page shows."""


@dataclass(frozen=True, slots=True)
class SettingUp:
    """What a system administrator has to do before departments can file.

    has_forms: whether any form is in use. waiting: versions chosen for a year that have no
    round yet. opening: rounds of which departments still wait for their declarations.
    without_filer: departments in use in which nobody can fill in. has_reviewers: whether
    anybody reviews. failed_mails: e-mails that could not be sent.
    """

    has_forms: bool
    waiting: list[Activation]
    opening: list[Round]
    without_filer: int
    has_reviewers: bool
    failed_mails: int


def setting_up(bureau: Bureau) -> SettingUp:
    """Where a bureau stands with its forms, rounds and people; six queries."""
    filers = User.objects.filter(department=OuterRef("pk"), role=Role.FILER, is_active=True)
    in_use = Department.objects.filter(bureau=bureau, is_active=True)
    reviewers = User.objects.filter(bureau=bureau, role=Role.REVIEWER, is_active=True)
    mails = Notice.objects.filter(recipient__bureau=bureau).exclude(email="")
    return SettingUp(
        FormTemplate.objects.filter(bureau=bureau, retired_at__isnull=True).exists(),
        list(not_started(bureau)[:MOST]),
        list(Round.objects.filter(bureau=bureau).exclude(waiting=[]).order_by("pk")[:MOST]),
        in_use.exclude(Exists(filers)).count(),
        reviewers.exists(),
        mails.filter(delivered_as(Delivery.FAILED)).count(),
    )


@dataclass(frozen=True, slots=True)
class ToReview:
    """A reviewer's queue: how many each of its tabs has, and the first few."""

    tabs: list[tuple[Tab, int]]
    group: Group


def to_review(user: User, now: datetime) -> ToReview:
    """What waits for this reviewer, what is theirs already first, then what waits longest."""
    queue = review_queue.queue_of(user, now)
    numbers = review_queue.counts(queue, user)
    first = queue.filter(review_queue.in_tab(Tab.ALL, user)).order_by(
        F("reviewer").asc(nulls_last=True), "arrived_at", "pk"
    )
    group = Group("等待您审核", empty="没有等待您审核的申报。", total=numbers[Tab.ALL])
    group.rows = listed(user, list(first.values_list("pk", flat=True)[:MOST]), now)
    return ToReview([(tab, numbers[tab]) for tab in Tab if tab is not Tab.ALL], group)


@dataclass(frozen=True, slots=True)
class Safety:
    """How a bureau's accounts stand. locked: by wrong passwords, now. first_password: who never
    chose their own. without_code: who must log in with a one-time code and has none set up.
    people, sessions: accounts in use, and open sessions."""

    locked: int
    first_password: int
    without_code: int
    people: int
    sessions: int


def safety(bureau: Bureau) -> Safety:
    """What the security administrator looks at first; six queries at most."""
    accounts = accounts_in(bureau).filter(is_active=True)
    asked_for_code = [r for r in Role if needs_second_factor(User(bureau=bureau, role=r))]
    return Safety(
        locked=len(locks_in(bureau)),
        first_password=accounts.filter(password_changed_at__isnull=True).count(),
        without_code=accounts.filter(has_factor=False, role__in=asked_for_code).count(),
        people=accounts.count(),
        sessions=sessions_in(bureau).count(),
    )


def last_acts(bureau: Bureau) -> list[Line]:
    """The last acts on record, in words; one query."""
    return [line_of(event) for event in record_of(bureau, Wanted())[:ACTS]]
