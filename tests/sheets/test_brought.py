"""A workbook from outside is looked through before openpyxl opens it."""

from collections.abc import Callable
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl.utils import get_column_letter

from declarations.sheets.brought import parse_brought
from declarations.sheets.parse import FormError, parse_form
from tests import factories
from tests.sheets.workbooks import workbook

FORMS = sorted(factories.PANYU_FORM.parent.glob("*.xlsx"))
GOOD = workbook({"A1": "目标", "B1": "{{text.goal}}"})
COLUMNS = [get_column_letter(n) for n in range(1, 121)]


def with_part(name: str, content: bytes = b"x") -> bytes:
    """The good workbook with one more part."""
    out = BytesIO(GOOD)
    with ZipFile(out, "a", ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def with_sheet(change: Callable[[str], str]) -> bytes:
    """The good workbook with its sheet's markup changed."""
    out = BytesIO()
    with ZipFile(BytesIO(GOOD)) as source, ZipFile(out, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = change(content.decode()).encode()
            target.writestr(name, content)
    return out.getvalue()


def formatted_far_below(markup: str) -> str:
    """Formats on blank cells, as selecting whole rows leaves them."""
    rows = (
        f'<row r="{row}">'
        + "".join(f'<c r="{column}{row}" s="1"/>' for column in COLUMNS)
        + "</row>"
        for row in range(2, 4_000)
    )
    return markup.replace("</sheetData>", "".join(rows) + "</sheetData>")


def endless(markup: str) -> str:
    """What inflates to a thousand times its size."""
    return markup.replace("</sheetData>", " " * 310 * 2**20 + "</sheetData>")


def declared(markup: str) -> str:
    head, _, rest = markup.partition("<worksheet")
    return f'{head}<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><worksheet{rest}'


@pytest.mark.parametrize("path", FORMS, ids=lambda p: p.stem)
def test_an_official_form_passes_unchanged(path) -> None:
    content = path.read_bytes()
    assert parse_brought(content).fields == parse_form(content).fields


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (with_part("xl/vbaProject.bin"), "工作簿含有宏"),
        (with_part("xl/externalLinks/externalLink1.xml", b"<a/>"), "引用了外部文件或数据"),
        (with_part("xl/embeddings/oleObject1.bin"), "嵌有其他文件或控件"),
        (with_sheet(endless), "工作簿的内容过多"),
        (with_sheet(declared), "DOCTYPE 或 ENTITY"),
        (with_sheet(formatted_far_below), "工作簿的内容过多，多半是设了格式的空行空列"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "这是旧版 Excel（.xls）"),
        (b"", "文件是空的"),
    ],
    ids=["macro", "link", "embedded", "bomb", "entity", "formats", "xls", "nothing"],
)
def test_what_could_harm_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(FormError) as refusal:
        parse_brought(content)
    (problem,) = refusal.value.problems
    assert problem.sheet == "工作簿"
    assert said in problem.message


def test_errors_of_the_form_are_those_of_its_cells() -> None:
    with pytest.raises(FormError, match="表样!A1：没有标签“yaer”"):
        parse_brought(workbook({"A1": "{{yaer}}"}))
