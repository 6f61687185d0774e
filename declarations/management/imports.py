"""Importing a workbook from the command line: no person acts, but state and window hold."""

from collections.abc import Callable, Iterator
from pathlib import Path

from django.core.management import CommandError

from declarations.domain.errors import RefusedError
from declarations.domain.importing import (
    NothingToImportError,
    apply_upload,
    read_workbook,
    upload,
)
from declarations.management.files import read_file
from declarations.models import Declaration
from declarations.queries.import_preview import Preview, RowTable, SectionPreview, preview_of
from declarations.queries.uploads import Report, what_was_read

Tell = Callable[[str], object]


def import_workbook(declaration: Declaration, path: Path, tell: Tell, *, dry_run: bool) -> None:
    """Imports a workbook and tells what changed; `dry_run` only tells what would.

    Raises CommandError with every problem by cell, or with why nothing can be imported now.
    The workbook is kept as an upload, whatever became of it, unless `dry_run`.
    """
    workbook = read_file(path)
    try:
        if dry_run:
            brought, report = read_workbook(declaration, workbook)
        else:
            made = upload(
                None, declaration_id=declaration.pk, file_name=path.name, workbook=workbook
            )
            brought, report = what_was_read(made)
        if brought is None or not report.is_good:
            raise CommandError("\n".join(_what_is_wrong(report)))
        preview = preview_of(declaration, brought, report)
        if not dry_run:
            apply_upload(
                None,
                declaration_id=declaration.pk,
                upload_id=made.pk,
                base=preview.base,
                confirmed=True,
            )
    except NothingToImportError:
        tell("没有变化")
    except RefusedError as refusal:
        raise CommandError(str(refusal)) from None
    else:
        tell(f"{'将' if dry_run else '已'}导入：{preview.summary}")
    for line in (*_lines(preview), *(f"提示 {warning}" for warning in report.warnings)):
        tell(line)


def _what_is_wrong(report: Report) -> Iterator[str]:
    if report.refusal:
        yield report.refusal
        return
    yield f"没有导入：有 {len(report.problems)} 处需要改正"
    yield from map(str, report.problems)
    yield from (f"提示 {warning}" for warning in report.warnings)


def _lines(preview: Preview) -> Iterator[str]:
    for section in preview.sections:
        yield f"{section.label}：{section.counts}"
        yield from (f"  {line}" for line in _of_section(section))
    for kept in preview.rounded:
        yield f"保留 {kept.place}：{kept.before}（工作簿中为 {kept.after}）"


def _of_section(section: SectionPreview) -> Iterator[str]:
    for cell in section.changed:
        yield f"修改 {cell.place}：{cell.before or '（空）'} → {cell.after or '（空）'}"
    for table in section.added.values():
        yield from (f"新增 {line}" for line in _rows(table))
    for table in section.removed.values():
        yield from (f"删除 {line}" for line in _rows(table))
    for row in section.moved:
        yield f"调整次序 {row}"


def _rows(table: RowTable) -> Iterator[str]:
    for label, texts in table.rows:
        cells = (f"{h} {t}" for h, t in zip(table.heads, texts, strict=True) if t)
        yield f"{label}：{'；'.join(cells)}"
