"""A bound form as PDF, and as an HTML document that stands alone."""

from base64 import b64encode
from dataclasses import dataclass
from html import escape

from weasyprint import Document

from declarations.sheets import colophon
from declarations.sheets.archival import lay_out, write_archival
from declarations.sheets.css import FACES, form_css, style_classes
from declarations.sheets.form import CellStyle, Form, PageSetup
from declarations.sheets.html import render_cell, render_read_only
from declarations.sheets.imprint import Imprint
from declarations.sheets.linebreaks import LINE_HEIGHT, printable
from declarations.sheets.pages import (
    PADDING_X,
    PADDING_Y,
    POINTS_PER_MM,
    TABLE_MARGIN,
    Layout,
    Page,
    PrintedRow,
    line_padding,
)
from declarations.sheets.report_html import report_html
from declarations.sheets.table import Cell, Table

_MOST_PASSES = 4
_MISJUDGED, _UNDERFULL = 0.04, 0.12
"""Shares of a page: it is planned anew if its estimate was out by one and it is empty by the other."""
_POINTS_PER_PIXEL = 0.75


@dataclass(frozen=True, slots=True)
class Printed:
    """A PDF and how it came about. `passes`: how often it was laid out; normally once."""

    pdf: bytes
    html: str
    pages: int
    passes: int


def render_pdf(
    table: Table, *, title: str, mark: str = "", imprint: Imprint | None = None
) -> bytes:
    """The form as a tagged, archival PDF (PDF/A-2a and PDF/UA-1), the same bytes for the same
    content.

    title: what the document is called in a viewer, where it must say what `mark` says: a few
    characters as a watermark, such as `DRAFT`, which is not read out. imprint: of what is
    published; it stands below the table and among the properties.
    """
    return print_form(table, title=title, mark=mark, imprint=imprint).pdf


def print_form(
    table: Table, *, title: str, mark: str = "", imprint: Imprint | None = None
) -> Printed:
    """Like `render_pdf`, with what a test or benchmark wants to know about it."""
    if table.form.report:
        return _print_report(table, title, mark, imprint)
    layout = Layout(table, below=colophon.HEIGHT * POINTS_PER_MM if imprint else 0.0)
    pages = layout.plan()
    passes = 0
    while True:
        html = _print_html(layout, pages, title, mark, imprint)
        document = lay_out(html)
        passes += 1
        if passes == _MOST_PASSES or _is_good(document, layout, pages):
            break
        layout.correct(pages, _row_heights(document), _head_height(document, layout))
        if pages == (pages := layout.plan()):
            break
    return Printed(write_archival(document), html, len(document.pages), passes)


def _print_report(table: Table, title: str, mark: str, imprint: Imprint | None) -> Printed:
    """A report: its text flows over pages, and its headings are the outline of the PDF."""
    css = _page_css(table.form, mark) + form_css(table.form)
    report = report_html(table, _content, flowing=True)
    html = _print_document(title, css, report, imprint)
    document = lay_out(html)
    return Printed(write_archival(document), html, len(document.pages), passes=1)


def render_html_document(table: Table, *, title: str, mark: str = "") -> str:
    """The form as an HTML document to read on a screen: no script, nothing loaded."""
    note = f'<p class="draft">{escape(mark)}</p>' if mark else ""
    css = _SCREEN_CSS + form_css(table.form)
    body = f'<main class="sheet" tabindex="0">{note}{render_read_only(table)}</main>'
    return _document(title, css, body)


def _print_html(
    layout: Layout, pages: list[Page], title: str, mark: str, imprint: Imprint | None
) -> str:
    table = layout.table
    classes = style_classes(table.form)
    out = [
        _line(cell, "h1" if cell.text == table.title else "p", classes[cell.style])
        for cell in table.head
    ]
    if pages:
        columns = "".join(f'<col class="w{i}">' for i in range(len(table.form.column_widths)))
        out.append(f"<table><colgroup>{columns}</colgroup>")
        for number, rows in enumerate(layout.rows(pages), start=1):
            out.append(f'<tbody id="p{number}">')
            out += [_row(row, classes) for row in rows]
            out.append("</tbody>")
        out.append("</table>")
    out += [_line(cell, "p", classes[cell.style]) for cell in table.foot]
    css = _page_css(table.form, mark) + form_css(table.form) + _line_css(table)
    return _print_document(title, css, "".join(out), imprint)


def _print_document(title: str, css: str, body: str, imprint: Imprint | None) -> str:
    """What is to be printed, and below it, where it is published, how it is verified."""
    if imprint is None:
        return _document(title, css, f'<div class="sheet">{body}</div>')
    body = f'<div class="sheet">{body}</div>{colophon.colophon_html(imprint)}'
    properties = colophon.colophon_metadata(imprint)
    return _document(title, css + colophon.COLOPHON_CSS, body, properties)


def _document(title: str, css: str, body: str, properties: str = "") -> str:
    return printable(
        '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title>{properties}<style>{css}</style></head><body>{body}</body></html>",
    )


def _line(cell: Cell, name: str, class_name: str) -> str:
    content = _content(cell)
    return f'<{name} class="{class_name} l{cell.template_row}">{content}</{name}>'


def _row(printed: PrintedRow, classes: dict[CellStyle, str]) -> str:
    cells = "".join(_cell(c, classes[c.style]) for c in printed.cells)
    name = f' id="r{printed.strip}"' if printed.strip is not None else ""
    return f'<tr class="h{printed.row.template_row}"{name}>{cells}</tr>'


def _cell(cell: Cell, class_name: str) -> str:
    if _is_number(cell):
        class_name += " number"
    tag = render_cell(cell, class_name, _content(cell))
    # WeasyPrint takes every scope but "row" for a column's when it tags headings.
    return tag.replace('scope="rowgroup"', 'scope="row"', 1)


def _is_number(cell: Cell) -> bool:
    return len(cell.parts) == 1 and any(e.field.numeric for e in cell.entries)


def _content(cell: Cell) -> str:
    return escape(cell.text).replace("\n", "<br>")


def _is_good(document: Document, layout: Layout, pages: list[Page]) -> bool:
    """Whether each page holds what was planned for it, and none is empty for a wrong estimate."""
    if not pages:
        return True
    if len(document.pages) not in {len(pages), len(pages) + (not layout.foot_fits(pages))}:
        return False
    bottom = layout.table.form.page.margins[0] * POINTS_PER_MM + layout.height
    for number, (plan, page) in enumerate(zip(pages, document.pages, strict=False), start=1):
        place = page.anchors.get(f"p{number}")
        if place is None:
            return False
        _, top, _, end = (length * _POINTS_PER_PIXEL for length in place)
        overestimated = layout.height_of(plan) - (end - top) > layout.height * _MISJUDGED
        empty = bottom - end > layout.height * _UNDERFULL
        if overestimated and empty and number < len(pages):
            return False
    return True


def _row_heights(document: Document) -> dict[int, float]:
    """Height in pt by strip, of all the pages a row may have been broken over."""
    heights: dict[int, float] = {}
    for page in document.pages:
        for name, (_, top, _, bottom) in page.anchors.items():
            if name.startswith("r"):
                strip = int(name[1:])
                heights[strip] = heights.get(strip, 0.0) + (bottom - top) * _POINTS_PER_PIXEL
    return heights


def _head_height(document: Document, layout: Layout) -> float:
    place = document.pages[0].anchors.get("p1")
    if place is None:
        return layout.head
    top: float = place[1] * _POINTS_PER_PIXEL
    return top - layout.table.form.page.margins[0] * POINTS_PER_MM


def _page_css(form: Form, mark: str) -> str:
    page = form.page
    margins = " ".join(f"{m:g}mm" for m in page.margins)
    background = f"background:{_watermark(page, mark)} center/100% 100% no-repeat;" if mark else ""
    return (
        f"@page{{size:{page.width:g}mm {page.height:g}mm;margin:{margins};{background}"
        f"@bottom-center{{font:9pt {FACES['song']};"
        'content:"第 " counter(page) " 页　共 " counter(pages) " 页"}}\n' + _PRINT_CSS
    )


def _watermark(page: PageSetup, mark: str) -> str:
    """As the page's background it is an artifact: behind the text and never read out."""
    width, height = page.width, page.height
    size = min(width, height) * 0.76 / max(2, len(mark))
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}"'
        f' width="{width:g}mm" height="{height:g}mm"><text x="{width / 2:g}"'
        f' y="{height / 2 + size * 0.36:g}" text-anchor="middle" fill="#ececec"'
        f" font-family='{FACES['song']}' font-size=\"{size:g}\""
        f' transform="rotate(-45 {width / 2:g} {height / 2:g})">{escape(mark)}</text></svg>'
    )
    return f"url(data:image/svg+xml;base64,{b64encode(svg.encode()).decode()})"


def _line_css(table: Table) -> str:
    """The height of the lines above and below the table, as their Excel rows have it.

    With a margin below: WeasyPrint counts a padding twice when it looks whether a line fits.
    """
    lines = [(c.template_row, line_padding(table.form, c)) for c in (*table.head, *table.foot)]
    return "".join(
        f".l{row}{{padding-top:{pad:g}pt;margin-bottom:{pad:g}pt}}\n" for row, pad in lines if pad
    )


_COMMON_CSS = f"""
h1,p{{margin:0;overflow-wrap:anywhere}}
table{{border-collapse:collapse;table-layout:fixed;width:100%;margin:{TABLE_MARGIN:g}pt 0}}
td,th{{box-sizing:border-box;padding:{PADDING_Y:g}pt {PADDING_X:g}pt;overflow-wrap:anywhere}}
.number{{text-align:right}}
"""
_PRINT_CSS = (
    _COMMON_CSS
    + f"""
body{{margin:0;font:10.5pt/{LINE_HEIGHT} {FACES["song"]};color:#000}}
tbody+tbody{{break-before:page}}
h1{{bookmark-level:1}}
"""
)
_SCREEN_CSS = (
    _COMMON_CSS
    + f"""
body{{margin:0;background:#f3f2ee;color:#1a1a1a;font:12pt/1.6 {FACES["song"]}}}
main{{max-width:60rem;margin:1.5rem auto;padding:2rem;background:#fff;box-sizing:border-box;
 border:1px solid #d8d6cf;overflow-x:auto}}
main>table{{min-width:42rem}}
.draft{{margin:0 0 1rem;padding:.4rem .8rem;border-left:4px solid #8a5a00;background:#fdf6e6}}
@media(max-width:40rem){{main{{margin:0;padding:1rem;border:0}}}}
@media print{{body{{background:none}}main{{margin:0;padding:0;border:0;max-width:none}}}}
"""
)
