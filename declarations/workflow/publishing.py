"""公开: where the disclosure of an approved declaration stands, and by when it is due."""

from datetime import date, datetime, timedelta

from django.db.models import TextChoices
from django.utils import timezone

from declarations.models import CheckOutcome, Declaration, Publication, PublicationCheck
from declarations.workflow import moment


class Disclosure(TextChoices):
    """The states of disclosure, derived from the revision in force, its latest check, and the
    latest publication; in the order in which they want something done."""

    TO_CHECK = "to_check", "待审查"
    CLEARED = "cleared", "待公开"
    OUTDATED = "outdated", "有更新未公开"
    WITHDRAWN = "withdrawn", "已撤回"
    PUBLISHED = "published", "已公开"
    EXEMPT = "exempt", "不予公开"


OPEN = (Disclosure.TO_CHECK, Disclosure.CLEARED, Disclosure.OUTDATED)
"""The states in which the publisher has something to do within the time limit."""


def disclosure_state(
    declaration: Declaration, check: PublicationCheck | None, current: Publication | None
) -> Disclosure | None:
    """The state; None where nothing is in force, or its round is not disclosed and nothing of it
    was published. check: the latest of the revision in force; current: the latest publication.

    `queries.publishing` says the same in SQL.
    """
    if declaration.approved_id is None or not (declaration.round.disclosed or current):
        return None
    new = check is not None and (current is None or current.publication_check_id != check.pk)
    if current is not None and current.withdrawn_at is None:
        if current.revision_id == declaration.approved_id:
            return Disclosure.PUBLISHED
        exempt = check is not None and check.outcome == CheckOutcome.EXEMPT
        return Disclosure.PUBLISHED if exempt else Disclosure.OUTDATED
    if check is not None and new and (current is None or _after(check, current.withdrawn_at)):
        cleared = check.outcome == CheckOutcome.CLEARED
        return Disclosure.CLEARED if cleared else Disclosure.EXEMPT
    return Disclosure.TO_CHECK if current is None else Disclosure.WITHDRAWN


def due_date(declaration: Declaration) -> date | None:
    """The last day on which what is in force should be published (预算法 §14: within 20 days);
    None where nothing is in force, or its round is not disclosed."""
    approved_at, round_ = declaration.approved_at, declaration.round
    if approved_at is None or not round_.disclosed:
        return None
    return timezone.localdate(approved_at) + timedelta(days=round_.publish_days)


def why_not_checkable(declaration: Declaration) -> str:
    """Why what is in force cannot be checked for publication, "" where it can.

    While an adjustment of it is on its way, what is in force is published: the time limit
    goes on.
    """
    if declaration.approved_id is None:
        return "申报尚未审核通过，不能公开"
    if not declaration.round.disclosed:
        return "本批次不向社会公开；需要公开的，请先在批次的公开设置中改为公开"
    return ""


def why_not_publishable(
    declaration: Declaration, check: PublicationCheck | None, current: Publication | None
) -> str:
    """Why what is in force cannot be published now, "" where it can; arguments as above."""
    if reason := why_not_checkable(declaration):
        return reason
    if check is None:
        return "现行版本还没有作公开审查，请先审查"
    if check.outcome == CheckOutcome.EXEMPT:
        return f"已于 {moment(check.checked_at)} 确定不予公开；需要公开的，请重新审查"
    if current is None or current.withdrawn_at is None:
        return ""
    if current.publication_check_id == check.pk or not _after(check, current.withdrawn_at):
        return f"已于 {moment(current.withdrawn_at)} 撤回；再次公开前请重新审查"
    return ""


def why_not_exempt(declaration: Declaration, current: Publication | None) -> str:
    """Why it cannot be decided that what is in force is not published, "" where it can."""
    if reason := why_not_checkable(declaration):
        return reason
    public = current is not None and current.withdrawn_at is None
    if public and current is not None and current.revision_id == declaration.approved_id:
        return "现行版本已经公开；不应公开的，请先撤回"
    return ""


def _after(check: PublicationCheck, moment_: datetime | None) -> bool:
    return moment_ is not None and check.checked_at > moment_
