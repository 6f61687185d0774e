"""A Table as HTML: the editor, the page one reads or reviews, and plain cells for print."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from html import escape

from declarations.sheets.change_html import change_html
from declarations.sheets.css import style_classes
from declarations.sheets.fields import Field
from declarations.sheets.form import Form
from declarations.sheets.kinds import Kind
from declarations.sheets.report_html import ReportEditor, help_id, report_html
from declarations.sheets.strip_html import Strips, strip_html
from declarations.sheets.table import Access, Cell, Entry, Row, Table, version_of

_POINTS = re.compile(r"\d{1,3}(\.\d{1,2})?")

ShowEntry = Callable[[Entry, bool], str]
"""How one value is drawn, and whether it has its cell for itself."""


@dataclass(slots=True)
class Mark:
    """What is said about one cell on the page: comments and findings on it, and what it was.

    row: what became of the row that begins here, such as ``新增行``. note: what else is to be
    known of it, such as ``年内调整``. tone: of what kind the mark is and how it is drawn, such as
    ``masked``; "" for a change.
    """

    comments: int = 0
    findings: int = 0
    before: str | None = None  # None: unchanged
    row: str = ""
    note: str = ""
    tone: str = ""


def element_id(anchor: str) -> str:
    """The HTML id of the cell at an anchor: ``cell-task-45-amount``.

    Anchors need no escaping: they are made of letters, digits, ``_``, ``.`` and ``/``.
    """
    return "cell-" + anchor.replace("/", "-").replace(".", "-")


def render_read_only(table: Table, title: str = "h1") -> str:
    """The table as anybody reads it, nothing to click.

    title: the element of its title, ``p`` on a page that has that as its own heading.
    """
    return _render(table, _plain_entry, title=title)


def render_review(table: Table, marks: Mapping[str, Mark], strips: Strips | None = None) -> str:
    """The table with every value a link to its comments and history (``?cell=`` its anchor)."""
    return _render(
        table,
        lambda entry, alone: _linked_entry(entry, marks.get(entry.anchor, _NO_MARK), alone=alone),
        strips=strips,
    )


def render_compared(table: Table, marks: Mapping[str, Mark]) -> str:
    """The table with what changed marked, each change to be jumped to."""
    return _render(
        table,
        lambda entry, alone: _compared_entry(entry, marks.get(entry.anchor), alone=alone),
    )


def render_editor(table: Table, marks: Mapping[str, Mark], strips: Strips | None = None) -> str:
    """The table to fill in. Helps are written once per field and referred to by each input."""
    draw = _Inputs(table.form, marks).draw
    shown = ""  # where some helps are seen already
    if table.form.report:
        content = partial(cell_content, show=draw)
        shown = body = ReportEditor(table, content, _row_buttons, _add_button).draw()
    else:
        body = _render(table, draw, _row_tools, strips)
    helps = "".join(
        f'<p id="{help_id(f)}">{escape(f.help)}</p>'
        for f in table.form.fields.values()
        if f.help and f' id="{help_id(f)}"' not in shown
    )
    return f'{body}<div hidden class="helps">{helps}</div>'


def cell_content(cell: Cell, show: ShowEntry) -> str:
    """A cell's parts in order; line breaks are kept."""
    alone = len(cell.parts) == 1
    return "".join([_printed(p) if isinstance(p, str) else show(p, alone) for p in cell.parts])


def _render(
    table: Table,
    show: ShowEntry,
    tools: Callable[[Row], str] | None = None,
    strips: Strips | None = None,
    title: str = "h1",
) -> str:
    if table.form.report:
        plain = show is _plain_entry
        return report_html(table, partial(cell_content, show=show), flowing=plain, title=title)
    classes = style_classes(table.form)
    out: list[str] = []
    for cell in table.head:
        name = title if cell.text == table.title else "p"
        out.append(f'<{name} class="{classes[cell.style]}">{cell_content(cell, show)}</{name}>')
    out.append(f'<table class="form" aria-label="{escape(table.title)}"><colgroup>')
    out += [f'<col class="w{i}">' for i in range(len(table.form.column_widths))]
    out.append('<col class="tools">' if tools else "")
    out.append("</colgroup><tbody>")
    section = -1
    is_scored = bool(table.form.rubric.items)
    for row in table.rows:
        starts = row.section != section and row.section >= 0
        section = row.section
        anchor = f' id="section-{section}"' if starts else ""
        out.append(f"<tr{_row_attributes(row)}{anchor}>")
        for c in row.cells:
            if c.offers_row:
                out.append(f'<td class="add" colspan="{c.colspan}">{_add_button(row)}</td>')
            elif c.strip:
                content = strip_html(c, (strips or {}).get(c.strip), lambda e: show(e, False))
                out.append(f'<td class="strip" colspan="{c.colspan}">{content}</td>')
            else:
                name = classes[c.style] + " figure" * (is_scored and _is_points(c))
                out.append(render_cell(c, name, cell_content(c, show)))
        if tools:
            out.append(tools(row))
        out.append("</tr>")
    out.append("</tbody></table>")
    out += [f'<p class="{classes[c.style]}">{cell_content(c, show)}</p>' for c in table.foot]
    return "".join(out)


def _is_points(cell: Cell) -> bool:
    """Whether it says points, as ``15.00``: in their narrow columns no line is to break them."""
    return cell.style.horizontal == "center" and bool(_POINTS.fullmatch(cell.text))


def _row_attributes(row: Row) -> str:
    """Its height, and which scored item it belongs to, so that only some can be shown."""
    scored = f' data-scored="{escape(row.scored)}"' if row.scored else ""
    if any(cell.strip for cell in row.cells):
        return f' class="strip-row"{scored}'
    return scored if row.add_to else f' class="h{row.template_row}"{scored}'


def render_cell(cell: Cell, class_name: str, content: str) -> str:
    """One ``<td>`` or ``<th>`` with its spans, class and scope."""
    spans = (f' rowspan="{cell.rowspan}"' if cell.rowspan > 1 else "") + (
        f' colspan="{cell.colspan}"' if cell.colspan > 1 else ""
    )
    if not cell.is_heading:
        return f'<td class="{class_name}"{spans}>{content}</td>'
    scope = cell.scope
    if scope == "row" and cell.rowspan > 1:
        scope = "rowgroup"
    elif scope == "col" and cell.colspan > 1:
        scope = "colgroup"
    return f'<th scope="{scope}" class="{class_name}"{spans}>{content}</th>'


def _plain_entry(entry: Entry, alone: bool) -> str:  # noqa: FBT001  (a ShowEntry)
    return _text(entry.text)


def _linked_entry(entry: Entry, mark: Mark, *, alone: bool) -> str:
    text = _marked_text(entry, mark)
    badge = f'<span class="badge">批注 {mark.comments}</span>' if mark.comments else ""
    badge += f'<span class="badge">提示 {mark.findings}</span>' if mark.findings else ""
    badge += _note(mark)
    if not entry.anchor:
        return text
    classes = "cell" + " alone" * alone + " changed" * (mark.before is not None or bool(mark.row))
    return (
        f'<a class="{classes}" id="{element_id(entry.anchor)}"'
        f' href="?cell={escape(entry.anchor)}" data-anchor="{escape(entry.anchor)}">'
        f'<span class="unseen">{escape(entry.name)}：</span>'
        f"{text or '<span class=unseen>（空）</span>'}{badge}</a>"
    )


def _compared_entry(entry: Entry, mark: Mark | None, *, alone: bool) -> str:
    if mark is None:
        return _text(entry.text)
    classes = f"cell {mark.tone or 'changed'}" + " alone" * alone
    return (
        f'<span class="{classes}" id="{element_id(entry.anchor)}" tabindex="-1" role="group"'
        f' aria-label="{escape(entry.name)}">{_marked_text(entry, mark)}</span>'
    )


def _note(mark: Mark) -> str:
    return f'<span class="badge">{mark.note}</span>' if mark.note else ""


def _marked_text(entry: Entry, mark: Mark) -> str:
    """The value with what it was, and what became of the row that begins with it."""
    text = _text(entry.text)
    if mark.before is not None:
        text = change_html(mark.before, entry.text, prose=entry.field.is_prose)
    badge = f"badge {mark.tone}".rstrip()
    return (f'<span class="{badge}">{mark.row}</span>' if mark.row else "") + text


class _Inputs:
    """Draws what one fills in. What all inputs of a field share is written once."""

    def __init__(self, form: Form, marks: Mapping[str, Mark]) -> None:
        self.marks = marks
        self.shared = {f.tag: _shared_attributes(f) for f in form.fields.values()}
        self.options = {f.tag: _options(f) for f in form.fields.values()}

    def draw(self, entry: Entry, alone: bool) -> str:  # noqa: FBT001  (a ShowEntry)
        anchor, field = entry.anchor, entry.field
        if entry.access is not Access.FILLABLE:
            if entry.access in _WHY_LOCKED and anchor:
                return self._locked(entry, alone=alone)
            return (
                f'<output class="computed{" alone" if alone else ""}" id="{element_id(anchor)}" data-anchor="{anchor}"'
                f' aria-label="{escape(entry.name)}（自动计算）">{_text(entry.text)}</output>'
            )
        comments = self.marks[anchor].comments if anchor in self.marks else 0
        note = f"（有{comments}条批注）" if comments else ""
        common = (
            f' class="entry{" alone" if alone else ""}" id="{element_id(anchor)}" name="{anchor}"'
            f' data-version="{version_of(entry.value)}" aria-label="{escape(entry.name)}{note}"'
            f"{self.shared[field.tag]}"
        )
        if comments:
            common += f' data-comments="{comments}"'
        text = escape(field.edit_text(entry.value))
        if field.kind is Kind.CHOICE:
            options = self.options[field.tag]
            if text:
                options = options.replace(f"<option>{text}<", f"<option selected>{text}<", 1)
            return f'<select autocomplete="off"{common}>{options}</select>'
        if field.numeric or field.kind is Kind.DATE:
            mode = "decimal" if field.numeric else "text"
            return (
                f'<input type="text" inputmode="{mode}" autocomplete="off"{common} value="{text}">'
            )
        return f'<textarea rows="1" autocomplete="off"{common}>\n{text}</textarea>'

    def _locked(self, entry: Entry, *, alone: bool) -> str:
        """A value that cannot be changed: to be read, and to be reached from a finding."""
        mark = self.marks.get(entry.anchor, _NO_MARK)
        return (
            f'<span class="locked{" alone" if alone else ""}" id="{element_id(entry.anchor)}"'
            f' data-anchor="{entry.anchor}" tabindex="-1" role="group"'
            f' aria-label="{escape(entry.name)}（{_WHY_LOCKED[entry.access]}）">'
            f"{_text(entry.text)}{_note(mark)}</span>"
        )


def _shared_attributes(field: Field) -> str:
    attributes = f' data-kind="{field.kind.name.lower()}"'
    if field.help:
        attributes += f' aria-describedby="{help_id(field)}"'
    if field.required:
        attributes += ' aria-required="true"'
        attributes += "" if field.kind is Kind.CHOICE else ' placeholder="必填"'
    return attributes


def _options(field: Field) -> str:
    blank = "必选" if field.required else ""
    choices = "".join(f"<option>{escape(choice)}</option>" for choice in field.choices)
    return f'<option value="">{blank}</option>{choices}'


def _row_tools(row: Row) -> str:
    buttons = f"<div>{_row_buttons(row)}</div>" if row.handles else ""
    return f'<td class="tools">{buttons}</td>'


def _row_buttons(row: Row) -> str:
    buttons = []
    for handle in row.handles:
        if handle.fixed:
            continue
        what = f"第{handle.number}行"
        anchor = escape(handle.anchor)
        for action, sign, text, disabled in (
            ("up", "↑", "上移", handle.number == 1),
            ("down", "↓", "下移", handle.number == handle.count),
            ("remove", "×", "删除", False),
        ):
            buttons.append(
                f'<button type="button" tabindex="-1" data-row="{anchor}" data-action="{action}"'
                f' aria-label="{text}{what}" title="{text}{what}"'
                f"{' disabled' if disabled else ''}>{sign}</button>"
            )
    return "".join(buttons)


def _add_button(row: Row) -> str:
    return (
        f'<button type="button" data-action="add" id="{element_id(row.add_to)}"'
        f' data-list="{escape(row.add_to)}" aria-label="增加一行：{escape(row.add_label)}">'
        f"＋ 增加一行</button>"
    )


def _printed(text: str) -> str:
    """Words of the form; the blanks with which officials indent them and set them apart stay."""
    return _BLANKS.sub(lambda run: "\N{NO-BREAK SPACE}" * (len(run[0]) - 1) + " ", _text(text))


def _text(text: str) -> str:
    return escape(text).replace("\n", "<br>")


_BLANKS = re.compile(r"^ +|(?<=>) +| {2,}")
_NO_MARK = Mark()
_WHY_LOCKED = {
    Access.LOCKED: "未开放，不能修改",
    Access.CARRIED: "来自已批准的绩效目标，不能修改",
}
