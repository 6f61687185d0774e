"""A report in HTML as the document that it is: to read, and to write in.

Of each row the last cell counts: what stands before it in a workbook is said otherwise here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape

from declarations.sheets.fields import Field
from declarations.sheets.report import Report
from declarations.sheets.table import Access, Cell, Entry, Row, Table

Content = Callable[[Cell], str]
"""What a cell says, as HTML."""
_INDENT = '<span class="indent"></span>'
"""Before every paragraph but the first, where they stand in one link together."""


def help_id(field: Field) -> str:
    """The id of a field's help, to which its inputs refer."""
    return f"help-{field.tag.replace('.', '-')}"


def report_html(table: Table, content: Content, *, flowing: bool, title: str = "h1") -> str:
    """Headings and passages, one below the other. title: the element of its title.

    flowing: as it is printed, where the content holds nothing but words: each line of a passage
    is a paragraph of its own, and what is blank is left out.
    """
    report = outline_of(table)
    named = "" if title == "h1" else ' class="title"'
    out = [f"<{title}{named}>{content(cell)}</{title}>" for cell in table.head]
    for row, begins in _rows(table):
        name = f' id="section-{row.section}"' if begins else ""
        cell = row.cells[-1]
        if flowing and is_blank(cell):
            continue
        if (level := report.levels.get(row.template_row)) is not None:
            out.append(f"<h{level + 1}{name}>{content(cell)}</h{level + 1}>")
        elif flowing:
            out += [f"<p>{line}</p>" for line in content(cell).split("<br>") if line.strip()]
        else:
            indented = content(cell).replace("<br>", f"<br>{_INDENT}")
            out.append(f'<div class="passage">{indented}</div>')
    return f'<article class="report">{"".join(out)}</article>'


@dataclass(frozen=True, slots=True)
class ReportEditor:
    """Draws a report to write in. tools: the buttons of a list's row. add: the button that adds one."""

    table: Table
    content: Content
    tools: Callable[[Row], str]
    add: Callable[[Row], str]

    def draw(self) -> str:
        """Each passage below its heading and what is to be written there."""
        told: set[str] = set()
        out = [f"<h1>{self.content(cell)}</h1>" for cell in self.table.head]
        for row, begins in _rows(self.table):
            out += self._list_guidance(row, told)
            name = f' id="section-{row.section}"' if begins else ""
            cell = row.cells[-1]
            if cell.offers_row:
                out.append(f'<div class="row add"{name}>{self.add(row)}</div>')
            elif (level := outline_of(self.table).levels.get(row.template_row)) is not None:
                out.append(
                    f'<div class="row heading"{name}>{self._heading(row, cell, level)}</div>'
                )
            else:
                out.append(f'<div class="row"{name}>{self._passage(row, cell, told)}</div>')
        return f'<article class="report">{"".join(out)}</article>'

    def _heading(self, row: Row, cell: Cell, level: int) -> str:
        """Words to fill in are no heading yet: what is one would be read out with its input."""
        tools = f'<div class="tools">{self.tools(row)}</div>' if row.handles else ""
        if any(e.access is Access.FILLABLE for e in cell.entries):
            return f'<div class="words level{level}">{self.content(cell)}</div>{tools}'
        return f"<h{level + 1}>{self.content(cell)}</h{level + 1}>{tools}"

    def _passage(self, row: Row, cell: Cell, told: set[str]) -> str:
        tools = f'<div class="tools">{self.tools(row)}</div>' if row.handles else ""
        fresh = [e.field for e in cell.entries if e.field.help and e.field.tag not in told]
        told.update(field.tag for field in fresh)
        helps = "".join(_guidance(field, field.help) for field in fresh)
        drafts = "".join(map(self._draft_button, cell.entries))
        around = f'<div class="guide"><div>{helps}</div>{drafts}</div>' if helps or drafts else ""
        return f"{around}{self.content(cell)}{tools}"

    def _draft_button(self, entry: Entry) -> str:
        draft = outline_of(self.table).drafts.get(entry.field.tag)
        if draft is None or entry.access is not Access.FILLABLE:
            return ""
        return (
            f'<button type="button" class="btn btn-secondary" data-draft="{entry.anchor}"'
            f' aria-label="起草初稿：{escape(entry.name)}">起草初稿</button>'
        )

    def _list_guidance(self, row: Row, told: set[str]) -> Iterator[str]:
        """What is to be written in the rows of a list, once, above the first of them."""
        form = self.table.form
        for block in form.blocks():
            if not block.first_row <= row.template_row <= block.last_row:
                continue
            for field in form.fields_of(block.list_path):
                if field.help and field.tag not in told:
                    told.add(field.tag)
                    yield _guidance(field, f"{field.label}：{field.help}")


def outline_of(table: Table) -> Report:
    """The outline of a table that is a report's."""
    assert table.form.report is not None
    return table.form.report


def is_blank(cell: Cell) -> bool:
    """Whether there is something to fill in, and nothing filled in."""
    return bool(cell.entries) and all(entry.is_blank for entry in cell.entries)


def _guidance(field: Field, text: str) -> str:
    most = f"（最多 {field.length} 字）" if field.length else ""
    return f'<p class="guidance" id="{help_id(field)}">{escape(text)}{most}</p>'


def _rows(table: Table) -> Iterator[tuple[Row, bool]]:
    """Every row, and whether a section begins with it."""
    section = -1
    for row in table.rows:
        yield row, row.section != section and row.section >= 0
        section = row.section
