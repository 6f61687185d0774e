"""A masked form as a publisher looks at it: what was masked and what looks personal is marked."""

from collections.abc import Iterable
from dataclasses import replace

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
    is published. A cell that is both masked and to be looked at is drawn as the latter."""
    marks = dict(differences or {})
    of_masked = {change.anchor for change in changes}
    of_suspected = {one.anchor for one in suspected}
    for anchor in of_masked | of_suspected:
        mark = marks.get(anchor, Mark())
        said = (mark.row, MASKED * (anchor in of_masked), SUSPECTED * (anchor in of_suspected))
        marks[anchor] = replace(
            mark,
            row="，".join(filter(None, said)),
            tone="suspected" if anchor in of_suspected else "masked",
        )
    return mark_safe(render_compared(table, marks))
