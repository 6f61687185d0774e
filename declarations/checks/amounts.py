"""Whether amounts can stand beside one another."""

from collections.abc import Iterator
from decimal import Decimal

from declarations.checks.content import Content
from declarations.checks.registry import Found, Level, check


@check(
    "amount_over_total",
    Level.MUST,
    "本年度预算大于总预算",
    about="一个任务或项目的本年度资金，大于它自己的总预算。",
    source="总预算包含各年度的预算",
)
def check_amount_over_total(content: Content) -> Iterator[Found]:
    """This year's part of a task that is more than the whole."""
    for row in content.rows:
        amount, total = row.value("amount"), row.value("total_amount")
        if isinstance(amount, Decimal) and isinstance(total, Decimal) and amount > total:
            name = f"“{row.text('name')}”的" if row.text("name") else ""
            shown = [
                f"“{row.label(c)}”{row.shown(c)}{row.fields[c].unit}"
                for c in ("amount", "total_amount")
            ]
            yield Found(
                f"{row.where}：{name}{shown[0]}大于{shown[1]}",
                row.anchors("amount", "total_amount"),
            )
