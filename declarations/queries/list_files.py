"""A list of declarations as a workbook, with more columns than a page has room for."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.utils import timezone

from declarations.models import User
from declarations.permissions import SEE_HANDED_IN
from declarations.queries.lists import Row
from declarations.queries.phases import LATE_LABEL
from declarations.sheets.list_workbook import Heading, Value, list_workbook

_OF_BUREAU = (Heading("部门编码", 18), Heading("部门", 32), Heading("部门分组", 14))
_HEADINGS = (
    Heading("年度", 8),
    Heading("批次", 40),
    Heading("状态", 10),
    Heading("是否逾期", 10),
    Heading("审核环节", 16),
    Heading("审核人", 12),
    Heading("截止时间", 18),
    Heading("提交时间", 18),
    Heading("版本", 8),
)


def workbook_of(title: str, rows: Sequence[Row], user: User) -> bytes:
    """The rows as XLSX. The department sees neither itself again nor who reviews."""
    of_bureau = user.role in SEE_HANDED_IN
    headings = [*(_OF_BUREAU if of_bureau else ()), *_HEADINGS]
    hidden = () if of_bureau else ("审核人",)
    kept = [n for n, heading in enumerate(headings) if heading.label not in hidden]
    values = (list(_values(row, of_bureau=of_bureau)) for row in rows)
    return list_workbook(
        title, [headings[n] for n in kept], ([line[n] for n in kept] for line in values)
    )


def _values(row: Row, *, of_bureau: bool) -> Iterator[Value]:
    declaration, round_ = row.declaration, row.declaration.round
    if of_bureau:
        department = declaration.department
        yield from (department.code, department.name)
        yield department.group.name if department.group else None
    yield from (round_.year, round_.name, row.label, LATE_LABEL if row.late else None)
    yield from (row.stage, row.reviewer, _local(row.closing), _local(row.handed_in_at))
    yield row.handed_in.number if row.handed_in else None


def _local(moment: datetime | None) -> datetime | None:
    """As Excel keeps it: in the bureau's time, without saying so."""
    return timezone.localtime(moment).replace(tzinfo=None) if moment else None
