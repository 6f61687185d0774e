"""What stands below a published form on paper: a QR code, the short code and the date."""

from html import escape

import segno

from declarations.sheets.css import FACES
from declarations.sheets.imprint import Imprint

_SIZE, _MARGIN = 18.0, 4.0
HEIGHT = _SIZE + _MARGIN
"""How much room it takes, the space above it included, in mm."""
_OVERLAP = 1.03
"""Rows of modules overlap a little: viewers draw hairlines between areas that only touch."""

COLOPHON_CSS = f"""
.colophon{{margin-top:{_MARGIN:g}mm;height:{_SIZE:g}mm;break-inside:avoid;break-before:avoid;
font:9pt/1.5 {FACES["song"]}}}
.colophon svg{{float:left;width:{_SIZE:g}mm;height:{_SIZE:g}mm;margin-right:3mm}}
.colophon p{{margin:0;text-indent:0;text-align:left;overflow-wrap:anywhere}}
.colophon p:first-of-type{{padding-top:1.5mm}}
.colophon b{{font:700 10pt {FACES["hei"]};letter-spacing:.03em}}
.colophon a{{color:inherit;text-decoration:none}}
"""


def colophon_html(imprint: Imprint) -> str:
    """The block, `HEIGHT` high; nothing in it is read twice."""
    url = escape(imprint.url)
    return (
        f'<div class="colophon">{qr_svg(imprint.url, alt=f"核验用二维码：{imprint.url}")}'
        f"<p>公开日期：{imprint.date}　　核验码：<b>{imprint.shown_code}</b></p>"
        f"<p>扫描二维码，或打开以下网址，可以核对本文件与公开的文件是否一致：</p>"
        f'<p><a href="{url}">{url}</a></p></div>'
    )


def colophon_metadata(imprint: Imprint) -> str:
    """What a viewer shows among the document's properties, as HTML. Times are in UTC."""
    return (
        f'<meta name="description" content="{escape(imprint.line)}">'
        f'<meta name="keywords" content="{imprint.shown_code}">'
        f'<meta name="dcterms.created" content="{imprint.at_utc}">'
        f'<meta name="dcterms.modified" content="{imprint.at_utc}">'
    )


def qr_svg(text: str, *, alt: str) -> str:
    """A QR code as an SVG element: black areas and nothing else. Whoever places it scales it, and
    leaves four modules white around it."""
    matrix = segno.make_qr(text, error="m", boost_error=False).matrix
    size = len(matrix)
    path = "".join(
        f"M{start} {y}h{end - start}v{_OVERLAP}h{start - end}z"
        for y, row in enumerate(matrix)
        for start, end in _runs(row)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img">'
        f'<title>{escape(alt)}</title><path d="{path}"/></svg>'
    )


def _runs(row: bytes | bytearray) -> list[tuple[int, int]]:
    """Where dark modules begin and end."""
    runs: list[tuple[int, int]] = []
    for x, dark in enumerate(row):
        if dark and runs and runs[-1][1] == x:
            runs[-1] = (runs[-1][0], x + 1)
        elif dark:
            runs.append((x, x + 1))
    return runs
