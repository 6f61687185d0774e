"""Many declarations in one bureau, in every state, brought there by bulk statements.

Every statement is one that the database's triggers let through: drafts come first, then the
ways that a submission goes, all of one stage at once. What is in them is the same everywhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils import timezone

from declarations.models import (
    Bureau,
    Comment,
    Declaration,
    Department,
    DepartmentGroup,
    Event,
    EventKind,
    FormTemplate,
    Notice,
    NoticeKind,
    Revision,
    Role,
    Round,
    Stage,
    State,
    User,
)

CODE = "many"
LAST_YEAR = 2024
GROUPS = 10
REVIEWERS = 20
LIVE = 2
"""The latest rounds, in which there are declarations in every state; the others are done."""
COMMENT = "请补充依据，并写明统计的口径。"


@dataclass(frozen=True, slots=True)
class Many:
    """A bureau with its declarations. people: one of each role."""

    bureau: Bureau
    people: dict[Role, User]
    latest: Round


def plant(
    template: FormTemplate,
    content: dict[str, object],
    *,
    rounds: int,
    departments: int,
    empty: int = 0,
) -> Many:
    """A bureau with its own copy of the template, `rounds` x `departments` declarations, a filer
    in each department, and what happened to them. content: of every revision. empty: rounds
    before those, which nobody was called on in."""
    bureau = Bureau.objects.create(code=CODE, name="许多申报的财政局")
    called_on = departments_in(bureau, departments)
    people = _people(bureau, called_on)
    own = FormTemplate.objects.create(
        bureau=bureau,
        code=template.code,
        version=1,
        name=template.name,
        kind=template.kind,
        workbook=template.workbook,
        sha256=template.sha256,
    )
    first = LAST_YEAR - rounds + 1
    for year in range(first - empty, first):
        round_of(own, year)
    for year in range(first, LAST_YEAR + 1):
        latest = round_of(own, year)
        Declaration.objects.bulk_create(
            Declaration(round=latest, department=department) for department in called_on
        )
        bring_about(latest, content, people, done=year <= LAST_YEAR - LIVE)
    return Many(bureau, {role: found[0] for role, found in people.items()}, latest)


def departments_in(bureau: Bureau, count: int) -> list[Department]:
    """So many departments, in groups."""
    groups = DepartmentGroup.objects.bulk_create(
        DepartmentGroup(bureau=bureau, name=f"第{n:02}组") for n in range(1, GROUPS + 1)
    )
    return Department.objects.bulk_create(
        Department(bureau=bureau, code=f"many-{n:04}", name=f"第{n}街道办事处", group=group)
        for n, group in zip(range(1, count + 1), cycle(groups), strict=False)
    )


def _people(bureau: Bureau, departments: Sequence[Department]) -> dict[Role, list[User]]:
    """A filer for every department, a head for the first, reviewers, and each of the posts."""
    found = {
        Role.FILER: [
            User(username=d.code, name=f"填报人{d.pk}", department=d, role=Role.FILER)
            for d in departments
        ],
        Role.HEAD: [
            User(username="many-head", name="负责人", department=departments[0], role=Role.HEAD)
        ],
        Role.REVIEWER: [
            User(username=f"many-reviewer-{n}", name=f"审核人{n}", role=Role.REVIEWER)
            for n in range(REVIEWERS)
        ],
    }
    for role in (Role.PUBLISHER, Role.SYSTEM, Role.SECURITY, Role.AUDITOR):
        found[role] = [User(username=f"many-{role.value}", name=str(role.label), role=role)]
    for user in (user for users in found.values() for user in users):
        user.bureau, user.password, user.password_changed_at = bureau, "!", timezone.now()
    return {role: User.objects.bulk_create(users) for role, users in found.items()}


def round_of(template: FormTemplate, year: int) -> Round:
    """A round of that year: the latest one is just past its deadline."""
    deadline = timezone.now() - timedelta(days=1 + 365 * (LAST_YEAR - year))
    round_ = Round.objects.create(
        bureau=template.bureau,
        template=template,
        year=year,
        name=f"{year}年{template.name}",
        opens_at=deadline - timedelta(days=30),
        deadline=deadline,
        correction_deadline=deadline + timedelta(days=15),
        adjustments_until=deadline + timedelta(days=200),
    )
    names = [("部门负责人审核", True), ("业务科室初审", False), ("预算科复审", False)]
    for position, (name, by_head) in enumerate(names, start=1):
        Stage.objects.create(round=round_, position=position, name=name, by_head=by_head, days=10)
    return round_


def bring_about(
    round_: Round, content: dict[str, object], people: dict[Role, list[User]], *, done: bool
) -> None:
    """Takes each declaration of a round as far as it is: of a round that is done nearly all are
    approved, and every comment is settled; of others there are some in every state."""
    head, first, second = round_.stages.all()
    now = timezone.now()
    untouched, filling, with_head, returned, _waiting, claimed, later, approved, adjusting = (
        _shares(round_, (0, 0, 0, 0, 0, 0, 0, 97, 3) if done else (5, 5, 5, 5, 45, 15, 10, 7, 3))
    )
    begun = round_.declarations.exclude(pk__in=untouched)
    begun.update(edited_at=now, edited_by=people[Role.FILER][0])
    submitted = begun.exclude(pk__in=filling)
    _submit(submitted, head, content, people[Role.FILER][0])
    at_bureau = submitted.exclude(pk__in=with_head)
    at_bureau.update(stage=first, arrived_at=now - timedelta(days=12), handed_in=F("revision"))
    reviewers = people[Role.REVIEWER]
    for n, reviewer in enumerate(reviewers):
        mine = claimed[n :: len(reviewers)]
        Declaration.objects.filter(pk__in=mine).update(reviewer=reviewer, review_begun_at=now)
    if not done:
        _comment_on(at_bureau, reviewers[0])
    sent_back = Declaration.objects.filter(pk__in=returned)
    sent_back.update(state=State.RETURNED, **_NOWHERE)
    _note(EventKind.RETURNED, sent_back, reviewers[0])
    Declaration.objects.filter(pk__in=[*later, *approved, *adjusting]).update(
        stage=second, arrived_at=now - timedelta(days=3)
    )
    in_force = Declaration.objects.filter(pk__in=[*approved, *adjusting])
    in_force.update(state=State.APPROVED, approved=F("revision"), approved_at=Now(), **_NOWHERE)
    _note(EventKind.APPROVED, in_force, reviewers[0])
    Declaration.objects.filter(pk__in=adjusting).update(
        state=State.ADJUSTING, adjustment_reason="追加预算。"
    )


_NOWHERE = {"stage": None, "arrived_at": None, "reviewer": None, "review_begun_at": None}


def _shares(round_: Round, percents: Sequence[int]) -> Iterator[list[int]]:
    """The round's declarations in as many parts, of these sizes, each of departments from
    everywhere in the list. The first department's is with its head."""
    found = round_.declarations.order_by("pk").values_list("pk", flat=True)
    keys = [
        key for _, key in sorted(((n * 7919 + 1_250) % 10_007, key) for n, key in enumerate(found))
    ]
    start = 0.0
    for percent in percents:
        end = start + len(keys) * percent / 100
        yield keys[round(start) : round(end)]
        start = end


def _submit(
    declarations: QuerySet[Declaration], stage: Stage, content: dict[str, object], filer: User
) -> None:
    now = timezone.now()
    Revision.objects.bulk_create(
        (
            Revision(
                declaration=declaration,
                number=1,
                content=content,
                sha256=f"{declaration.pk:064}",
                submitted_at=now - timedelta(days=20, minutes=n),
                submitted_by=filer,
            )
            for n, declaration in enumerate(declarations)
        ),
        batch_size=500,
    )
    newest = Revision.objects.filter(declaration=OuterRef("pk")).values("pk")[:1]
    declarations.update(
        state=State.SUBMITTED,
        revision=Subquery(newest),
        stage=stage,
        arrived_at=now - timedelta(days=20),
    )
    _note(EventKind.SUBMITTED, declarations, filer)
    Notice.objects.bulk_create(
        Notice(
            recipient=filer,
            kind=NoticeKind.SUBMITTED,
            declaration=declaration,
            round=declaration.round,
            title="已提交",
            text="已提交，等待审核。",
        )
        for declaration in declarations.select_related("round")
    )


def _comment_on(declarations: QuerySet[Declaration], reviewer: User) -> None:
    """One comment on each, which nobody has settled."""
    Comment.objects.bulk_create(
        Comment(
            declaration=declaration,
            revision_id=declaration.revision_id,
            anchor="text/overall_goal",
            text=COMMENT,
            author=reviewer,
        )
        for declaration in declarations
        if declaration.revision_id is not None
    )


def _note(kind: EventKind, declarations: QuerySet[Declaration], actor: User) -> None:
    Event.objects.bulk_create(
        Event(
            bureau_id=actor.bureau_id,
            declaration=declaration,
            revision_id=declaration.revision_id,
            actor=actor,
            kind=kind,
            data={"by_head": False},
        )
        for declaration in declarations
    )
