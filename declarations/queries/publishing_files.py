"""The list of what is to be published, and was, as a workbook."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.utils import timezone

from declarations.queries.publishing import Row
from declarations.sheets.list_workbook import Heading, Value, list_workbook

_HEADINGS = (
    Heading("部门编码", 18),
    Heading("部门", 32),
    Heading("部门分组", 14),
    Heading("年度", 8),
    Heading("批次", 40),
    Heading("公开状态", 14),
    Heading("是否逾期", 10),
    Heading("通过时间", 18),
    Heading("公开期限", 14),
    Heading("审查时间", 18),
    Heading("公开时间", 18),
    Heading("撤回时间", 18),
    Heading("核验码", 16),
)


def workbook_of(title: str, listed: Iterable[Row]) -> bytes:
    """The rows as XLSX."""
    return list_workbook(title, _HEADINGS, (list(_values(row)) for row in listed))


def _values(row: Row) -> Iterator[Value]:
    declaration, round_ = row.declaration, row.declaration.round
    department = declaration.department
    yield from (department.code, department.name)
    yield department.group.name if department.group else None
    yield from (round_.year, round_.name, row.state.label, "逾期" if row.is_overdue else None)
    yield _local(declaration.approved_at)
    yield row.due.isoformat() if row.due else None
    yield from map(_local, (row.checked_at, row.published_at, row.withdrawn_at))
    yield row.code


def _local(moment: datetime | None) -> datetime | None:
    return timezone.localtime(moment).replace(tzinfo=None) if moment else None
