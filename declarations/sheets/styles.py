"""What of Excel's cell formats, column widths and page set-up is carried into HTML and PDF."""

from typing import TYPE_CHECKING, Any

from declarations.sheets.form import CellStyle, PageSetup

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

_PAPER = {8: (297.0, 420.0), 9: (210.0, 297.0), 11: (148.0, 210.0)}  # A3, A4, A5 in mm
_MM_PER_INCH = 25.4
_FACES = {"黑": "hei", "hei": "hei", "楷": "kai", "kai": "kai", "仿宋": "fang", "fang": "fang"}
_THICK = {"medium", "thick", "double"}


def cell_style(first: "Cell | MergedCell", last: "Cell | MergedCell") -> CellStyle:
    """The format of a cell, or of a merged range from its first and last cell."""
    font, alignment = first.font, first.alignment
    top, left = first.border.top, first.border.left
    right, bottom = last.border.right, last.border.bottom
    horizontal = alignment.horizontal or ""
    return CellStyle(
        bold=bool(font.b),
        italic=bool(font.i),
        size=float(font.sz or 10.5),
        face=_face(font.name or ""),
        colour=_rgb(font.color),
        fill=_rgb(first.fill.fgColor) if first.fill.fill_type == "solid" else "",
        horizontal=horizontal if horizontal in ("left", "center", "right", "justify") else "",
        vertical={"top": "top", "center": "middle"}.get(alignment.vertical or "", "middle"),
        borders=(_line(top), _line(right), _line(bottom), _line(left)),
    )


def column_shares(sheet: "Worksheet", first: int, last: int) -> tuple[float, ...]:
    """Each column's share of the table's width."""
    widths: dict[int, float] = {}
    for dimension in sheet.column_dimensions.values():
        if dimension.width and dimension.min and dimension.max:
            for column in range(dimension.min, min(dimension.max, last) + 1):
                widths[column] = float(dimension.width)
    default = float(sheet.sheet_format.defaultColWidth or 8.43)
    columns = [widths.get(c, default) for c in range(first, last + 1)]
    return tuple(w / sum(columns) for w in columns)


def page_setup(sheet: "Worksheet") -> PageSetup:
    """Paper, orientation and margins; A4 upright where the sheet says nothing."""
    width, height = _PAPER.get(int(sheet.page_setup.paperSize or 9), _PAPER[9])
    if sheet.page_setup.orientation == "landscape":
        width, height = height, width
    inches = sheet.page_margins
    top, right, bottom, left = (
        round((value if value is not None else 0.75) * _MM_PER_INCH, 1)
        for value in (inches.top, inches.right, inches.bottom, inches.left)
    )
    return PageSetup(width, height, (max(top, 8), max(right, 8), max(bottom, 12), max(left, 8)))


def _face(name: str) -> str:
    lowered = name.lower()
    return next((face for part, face in _FACES.items() if part in lowered), "song")


def _rgb(colour: Any) -> str:
    """``#rrggbb``, or "" for theme colours and black, which stay as the style sheet has them."""
    value = getattr(colour, "rgb", None)
    if not isinstance(value, str) or len(value) != 8 or value == "00000000":
        return ""
    rgb = value[2:].lower()
    return "" if rgb == "000000" else f"#{rgb}"


def _line(side: Any) -> str:
    style = getattr(side, "style", None)
    if not style:
        return ""
    return "thick" if style in _THICK else "thin"
