"""What a declaration's page says of its disclosure, to the department and to the bureau."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
from django.utils import timezone

from declarations import permissions
from declarations.models import Declaration, User
from declarations.queries.publishing import with_disclosure
from declarations.queries.publishing_list import TONES, Due
from declarations.sheets.codes import shown_code
from declarations.workflow.publishing import OPEN, Disclosure


@dataclass(frozen=True, slots=True)
class DisclosureLine:
    """state: None where the round is not disclosed. due: where something is still to be
    published. published_at, withdrawn_at, reason, code, slug, number: of the latest publication:
    why it was withdrawn, its code as people read it, the last part of its page's address, its
    revision's number. may_publish: whether this person can do something about it."""

    state: Disclosure | None
    tone: str = "wait"
    due: Due | None = None
    published_at: datetime | None = None
    withdrawn_at: datetime | None = None
    reason: str = ""
    code: str = ""
    slug: str = ""
    number: int = 0
    may_publish: bool = False


def disclosure_line(user: User, declaration: Declaration) -> DisclosureLine | None:
    """None where nothing is in force. One query where something is."""
    if declaration.approved_id is None:
        return None
    may = permissions.can_publish(user, declaration.round.bureau)
    today = timezone.localdate()
    found = with_disclosure(Declaration.objects.filter(pk=declaration.pk), today).annotate(
        reason=F("current__withdrawal_reason"),
        revision_number=F("current__revision__number"),
        slug=F("catalogued__slug"),
    )
    columns = ("disclosure", "due_on", "overdue", "published_at", "withdrawn_at", "code")
    row = found.values(*columns, "reason", "revision_number", "slug").first()
    if row is None:
        return DisclosureLine(None, may_publish=may)
    state = Disclosure(row["disclosure"])
    due = None
    if state in OPEN and declaration.round.disclosed:
        days = abs((row["due_on"] - today).days)
        due = Due(row["due_on"], days, is_open=True, is_overdue=row["overdue"])
    return DisclosureLine(
        state,
        TONES[state],
        due,
        row["published_at"],
        row["withdrawn_at"],
        row["reason"] or "",
        shown_code(row["code"] or ""),
        row["slug"] or "",
        row["revision_number"] or 0,
        may_publish=may,
    )
