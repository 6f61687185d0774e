"""A masked form as a publisher looks at it: what was masked and what looks personal is marked."""

from collections.abc import Iterable

from django.utils.safestring import SafeString, mark_safe

from declarations.sheets.html import Mark, render_compared
from declarations.sheets.masking import Change, Suspicion
from declarations.sheets.table import Table

MASKED, SUSPECTED = "已隐去", "请核对"
"""What stands at a cell of which something was masked, and at one to be looked at."""


def masked_html(
    table: Table,
    changes: Iterable[Change],
    suspected: Iterable[Suspicion],
    differences: dict[str, Mark] | None = None,
) -> SafeString:
    """The table, its marked cells to be jumped to; differences: what it says otherwise than what
    is published."""
    marks = dict(differences or {})
    for words, places in ((MASKED, changes), (SUSPECTED, suspected)):
        for place in places:
            marks.setdefault(place.anchor, Mark()).row = words
    return mark_safe(render_compared(table, marks))
