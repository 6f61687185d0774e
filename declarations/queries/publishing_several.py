"""Checking and publishing several at once: what is to be known of each, and which must be
looked at alone."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from declarations.models import CheckOutcome, Declaration, PublicationCheck, User
from declarations.queries import publishing
from declarations.queries.publishing import Prepared, prepared
from declarations.workflow.publishing import Disclosure

MOST = 200
"""So many at once: more than anybody can answer for in one look."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A declaration that somebody is about to publish without opening it.

    alone: why it has to be looked at on its own page, "" where it need not be. is_checked:
    whether exactly this was checked already.
    """

    declaration: Declaration
    ready: Prepared | None
    alone: str
    is_checked: bool

    @property
    def value(self) -> str:
        """What the page sends back of it: its id, and the hash of what was looked at."""
        return f"{self.declaration.pk}/{self.ready.sha256 if self.ready else ''}"


def summaries(user: User, chosen: Collection[int]) -> list[Summary]:
    """The chosen ones of this person's list, the most urgent first.

    Two queries for all, where their forms show no scores; each is masked.
    """
    found = publishing.in_order(publishing.disclosable(user).filter(pk__in=chosen))
    declarations: list[Any] = list(
        found.select_related("approved", "department", "round__template", "round__bureau").defer(
            "round__template__workbook"
        )[:MOST]
    )
    checks = PublicationCheck.objects.in_bulk(
        [d.check_id for d in declarations if d.check_id is not None]
    )
    return [_summary(d, checks.get(d.check_id)) for d in declarations]


def _summary(declaration: Any, check: PublicationCheck | None) -> Summary:
    state = Disclosure(declaration.disclosure)
    if state not in (Disclosure.TO_CHECK, Disclosure.CLEARED):
        return Summary(declaration, None, _WHY_ALONE[state], is_checked=False)
    ready = prepared(declaration)
    cleared = check is not None and check.outcome == CheckOutcome.CLEARED
    is_checked = cleared and check is not None and check.sha256 == ready.sha256
    alone = ""
    if ready.suspected and not is_checked:
        alone = f"有 {len(ready.suspected)} 处可能是个人信息，没有隐去，请逐处核对"
    return Summary(declaration, ready, alone, is_checked=is_checked)


_WHY_ALONE = {
    Disclosure.OUTDATED: "已经公开过，更正公开要写明理由",
    Disclosure.WITHDRAWN: "已经撤回，再次公开要重新审查",
    Disclosure.PUBLISHED: "已经公开",
    Disclosure.EXEMPT: "已确定不予公开",
}
