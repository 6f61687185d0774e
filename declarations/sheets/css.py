"""A form's own style sheet: column widths, row heights and cell formats as classes.

Classes instead of style attributes, which the content security policy forbids.
"""

from declarations.sheets.form import CellStyle, Form

FACES = {
    "song": '"Noto Serif CJK SC","Source Han Serif SC","Songti SC",SimSun,NSimSun,serif',
    "hei": '"Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",sans-serif',
    "kai": '"AR PL UKai CN","Kaiti SC",KaiTi,STKaiti,"Noto Serif CJK SC",serif',
    "fang": 'FangSong,STFangsong,"Noto Serif CJK SC",serif',
}
"""Font families for the faces of official documents, Debian's fonts first."""

REPORT_CSS = f"""
.sheet .report{{font:12pt/1.75 {FACES["song"]};text-align:justify;overflow-wrap:anywhere}}
.sheet .report h1{{font:700 18pt/1.5 {FACES["song"]};text-align:center;margin:0 0 18pt}}
.sheet .report h2,.sheet .report .level1{{font:700 14pt/1.6 {FACES["hei"]};margin:14pt 0 6pt}}
.sheet .report h3,.sheet .report .level2{{font:700 12pt/1.7 {FACES["song"]};margin:10pt 0 4pt}}
.sheet .report h4,.sheet .report h5,.sheet .report h6,.sheet .report .words{{
font:700 12pt/1.7 {FACES["song"]};margin:8pt 0 3pt;text-indent:2em}}
.sheet .report p{{margin:0;text-indent:2em}}
.sheet .report p.title{{font:700 18pt/1.5 {FACES["song"]};text-align:center;text-indent:0;
margin:0 0 18pt}}
.sheet .report h1,.sheet .report h2,.sheet .report h3,.sheet .report h4,.sheet .report h5{{
break-after:avoid;text-align:left}}
.sheet .report h1{{text-align:center}}
"""
"""How a report looks on paper and on pages: headings by level, paragraphs indented by two characters."""

_WIDTHS = {"thin": "1px", "thick": "2px"}


def style_classes(form: Form) -> dict[CellStyle, str]:
    """The class name of each distinct cell format, in order of appearance."""
    return {style: f"s{n}" for n, style in enumerate(dict.fromkeys(c.style for c in form.cells))}


def form_css(form: Form) -> str:
    """The rules for `style_classes`, columns ``col.w0`` … and rows ``tr.h12`` …; a report has none
    of these, and looks as all reports do."""
    if form.report:
        return REPORT_CSS
    rules = [f".sheet .{name}{{{_declarations(s)}}}" for s, name in style_classes(form).items()]
    rules += [f"col.w{i}{{width:{share:.4%}}}" for i, share in enumerate(form.column_widths)]
    rules += [
        f"tr.h{row}>*{{height:{height:g}pt}}"
        for row, height in form.row_heights.items()
        if row not in (*form.head_rows, *form.foot_rows)
    ]
    return "\n".join(rules) + "\n"


def _declarations(style: CellStyle) -> str:
    slant = "italic " if style.italic else ""
    weight = 700 if style.bold else 400
    declared = [
        f"font:{slant}{weight} {style.size:g}pt/1.45 {FACES[style.face]}",
        f"vertical-align:{style.vertical}",
    ]
    if style.horizontal:
        declared.append(f"text-align:{style.horizontal}")
    if style.colour:
        declared.append(f"color:{style.colour}")
    if style.fill:
        declared.append(f"background-color:{style.fill}")
    for side, line in zip(("top", "right", "bottom", "left"), style.borders, strict=True):
        if line:
            declared.append(f"border-{side}:{_WIDTHS[line]} solid var(--rule,#000)")
    return ";".join(declared)
