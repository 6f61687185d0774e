"""A report as a Word document: real headings, paragraphs and page numbers, in our types."""

from io import BytesIO
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from declarations.sheets.form import PageSetup
from declarations.sheets.imprint import Imprint
from declarations.sheets.linebreaks import printable
from declarations.sheets.report_html import is_blank, outline_of
from declarations.sheets.table import Table
from declarations.sheets.timeless import timeless

LANGUAGE = "zh-CN"
_SONG, _HEI, _LATIN = "宋体", "黑体", "Times New Roman"
_TITLE, _BODY = "Title", "Body Text"
_LOOKS = {
    _TITLE: (_SONG, 18.0, WD_ALIGN_PARAGRAPH.CENTER),
    "Heading 1": (_HEI, 14.0, WD_ALIGN_PARAGRAPH.LEFT),
    "Heading 2": (_SONG, 12.0, WD_ALIGN_PARAGRAPH.LEFT),
    "Heading 3": (_SONG, 12.0, WD_ALIGN_PARAGRAPH.LEFT),
    "Heading 4": (_SONG, 12.0, WD_ALIGN_PARAGRAPH.LEFT),
    "Heading 5": (_SONG, 12.0, WD_ALIGN_PARAGRAPH.LEFT),
    _BODY: (_SONG, 12.0, WD_ALIGN_PARAGRAPH.JUSTIFY),
}
"""Type, size in pt and alignment by the name of the style. Headings are bold, all of it is black."""
_INDENTED_FROM = 3
"""The level from which headings begin two characters in, as paragraphs do."""
_WORD_SINCE_2013 = "15"
_FIRST_LINE = "200"  # hundredths of a character
_LINE_SPACING = 1.5
_MARK_SIZE, _MARK_COLOUR = Pt(22), RGBColor(0x99, 0x99, 0x99)
_IMPRINT_SIZE = Pt(8)


def render_docx(
    table: Table, *, title: str, mark: str = "", imprint: Imprint | None = None
) -> bytes:
    """The report as DOCX, the same bytes for the same content.

    title: the document's title in its properties. mark: stands at the head of each page.
    imprint: of what is published; in the properties and at the foot of each page.
    The table's form must be a report.
    """
    report = outline_of(table)
    document = Document()
    _set_up(document, table.form.page, title, mark)
    if imprint is not None:
        _sign(document, imprint)
    for cell in table.head:
        document.add_paragraph(printable(cell.text), style=_TITLE)
    for row in table.rows:
        cell = row.cells[-1]
        if is_blank(cell):
            continue
        level = report.levels.get(row.template_row)
        if level is not None:
            document.add_paragraph(printable(cell.text), style=f"Heading {level}")
            continue
        for line in filter(str.strip, cell.text.split("\n")):
            document.add_paragraph(printable(line.strip()), style=_BODY)
    return _saved(document)


def _set_up(document: WordDocument, page: PageSetup, title: str, mark: str) -> None:
    properties = document.core_properties
    properties.title, properties.language = printable(title), LANGUAGE
    properties.author = properties.comments = ""
    _set_language(document)
    relations = document.part.package.rels
    for key in [k for k, r in relations.items() if r.reltype.endswith("/thumbnail")]:
        del relations[key]  # the picture of another document
    for name, (face, size, alignment) in _LOOKS.items():
        _set_style(document.styles[name], face, size, alignment)
    (section,) = document.sections
    section.page_width, section.page_height = Mm(page.width), Mm(page.height)
    top, right, bottom, left = page.margins
    section.top_margin, section.right_margin = Mm(top), Mm(right)
    section.bottom_margin, section.left_margin = Mm(bottom), Mm(left)
    section.footer_distance = Mm(max(bottom / 2, 5))
    _number_pages(section.footer.paragraphs[0])
    if mark:
        line = section.header.paragraphs[0]
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = line.add_run(printable(mark))
        run.font.size, run.font.color.rgb = _MARK_SIZE, _MARK_COLOUR


def _set_language(document: WordDocument) -> None:
    """What spelling, hyphenation and reading aloud go by, for the whole document; and that it is
    no document of an earlier Word, which its title bar would say."""
    settings: Any = document.settings.element
    for language in settings.iter(qn("w:themeFontLang")):
        language.set(qn("w:eastAsia"), LANGUAGE)
    for setting in settings.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), _WORD_SINCE_2013)
    defaults: Any = document.styles.element.find(qn("w:docDefaults"))
    for language in defaults.iter(qn("w:lang")):
        for script in ("val", "eastAsia"):
            language.set(qn(f"w:{script}"), LANGUAGE)
    for fonts in defaults.iter(qn("w:rFonts")):
        _set_fonts(fonts, _SONG)


def _set_style(style: Any, face: str, size: float, alignment: WD_ALIGN_PARAGRAPH) -> None:
    style.font.size, style.font.color.rgb = Pt(size), RGBColor(0, 0, 0)
    style.font.name = _LATIN
    _set_fonts(style.element.rPr.rFonts, face)
    is_heading = style.name != _BODY
    style.font.bold = is_heading
    layout = style.paragraph_format
    layout.alignment, layout.line_spacing = alignment, _LINE_SPACING
    layout.space_before = Pt(6 if is_heading else 0)
    layout.space_after = Pt(12 if style.name == _TITLE else 3 if is_heading else 0)
    layout.keep_with_next = is_heading
    layout.widow_control = True
    for border in style.element.pPr.findall(qn("w:pBdr")):
        style.element.pPr.remove(border)
    if not is_heading or style.name in {f"Heading {n}" for n in range(_INDENTED_FROM, 6)}:
        indent = style.element.pPr.get_or_add_ind()
        indent.set(qn("w:firstLineChars"), _FIRST_LINE)
        indent.set(qn("w:firstLine"), str(round(size * 2 * 20)))  # for who knows no characters


def _set_fonts(fonts: Any, face: str) -> None:
    """Names the types themselves: those of a theme are others on each machine."""
    fonts.attrib.clear()
    for script, name in (("ascii", _LATIN), ("hAnsi", _LATIN), ("cs", _LATIN), ("eastAsia", face)):
        fonts.set(qn(f"w:{script}"), name)


def _number_pages(line: Paragraph) -> None:
    """第 1 页　共 3 页."""
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text, field in (("第 ", "PAGE"), (" 页　共 ", "NUMPAGES"), (" 页", "")):
        line.add_run(text).font.size = Pt(9)
        if field:
            simple = OxmlElement("w:fldSimple")
            simple.set(qn("w:instr"), field)
            run = line.add_run("1")
            run.font.size = Pt(9)
            simple.append(run._r)  # noqa: SLF001  (python-docx has no fields)
            line._p.append(simple)  # noqa: SLF001


def _sign(document: WordDocument, imprint: Imprint) -> None:
    """Says in the properties and below the pages' numbers how the file is verified."""
    properties = document.core_properties
    properties.identifier, properties.comments = imprint.shown_code, imprint.line
    (section,) = document.sections
    line = section.footer.add_paragraph()
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = line.add_run("　".join(imprint.short_lines))
    run.font.size = _IMPRINT_SIZE


def _saved(document: WordDocument) -> bytes:
    """The document's bytes, without the time of writing."""
    written = BytesIO()
    document.save(written)
    return timeless(written.getvalue())
