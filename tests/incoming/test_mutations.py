"""No bytes and no workbook, however it was changed, crash the reader or keep it busy."""

import os
import re
import time
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from declarations.sheets.bind import bind
from declarations.sheets.incoming import Incoming, UnreadableWorkbookError, read_incoming
from declarations.sheets.parse import parse_form
from declarations.sheets.records import Records
from declarations.sheets.workbook import render_workbook
from tests.incoming.filings import (
    CAIDIAN,
    CAIDIAN_TEMPLATE,
    CONTEXT,
    caidian,
    edited,
    panyu_filing,
    part,
    redraw,
    with_parts,
)
from tests.incoming.strategies import records_for
from tests.sheets import panyu
from tests.sheets.workbooks import saved
from tests.small_forms import EVERY_KIND, NESTED

EXAMPLES = int(os.environ.get("JIXIAO_EXAMPLES", "1")) * 350
ALLOWED_SECONDS = 4.0
"""Of processor time, for workbooks of a few kilobytes: what is read in ten milliseconds."""
SHEET = "xl/worksheets/sheet1.xml"
FORMS = {
    "panyu": panyu.FORM,
    "caidian": CAIDIAN,
    "nested": parse_form(NESTED),
    "every kind": parse_form(EVERY_KIND),
}
ORIGINALS = {
    "panyu": panyu_filing(),
    "caidian": caidian(),
    "caidian redrawn": edited(caidian(), redraw),
}
thorough = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
forms = st.sampled_from(list(FORMS.values()))
originals = st.sampled_from(list(ORIGINALS.values()))


def survives(form: object, workbook: bytes) -> None:
    """That a file is read or refused, in Chinese, and soon."""
    started = time.process_time()
    incoming, refusal = outcome(form, workbook)
    assert time.process_time() - started < ALLOWED_SECONDS
    if incoming is None:
        assert re.search("[一-鿿]", refusal)
        return
    incoming.records.to_json()
    assert all(str(p) for p in (*incoming.problems, *incoming.warnings))
    anchors = {i.anchor() for i in incoming.records.items()}
    rows = {a.rpartition("/")[0] for a in incoming.places if a.startswith(("task/", "indicator/"))}
    assert rows <= anchors


def outcome(form: object, workbook: bytes) -> tuple[Incoming | None, str]:
    try:
        return read_incoming(form, workbook, CONTEXT), ""  # type: ignore[arg-type]
    except UnreadableWorkbookError as refused:
        return None, str(refused)


# Bytes


@thorough
@given(form=forms, content=st.binary(max_size=300))
def test_any_bytes(form: object, content: bytes) -> None:
    survives(form, content)
    survives(form, b"PK\x03\x04" + content)


@thorough
@given(
    form=forms,
    original=originals,
    flips=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=20
    ),
    keep=st.floats(0, 1),
)
def test_bytes_flipped_and_files_cut(
    form: object, original: bytes, flips: list[tuple[float, int]], keep: float
) -> None:
    content = bytearray(original)
    for where, value in flips:
        content[int(where * len(content))] = value
    survives(form, bytes(content))
    survives(form, original[: int(keep * len(original))])


# Parts


@thorough
@given(form=forms, original=originals, data=st.data())
def test_parts_swapped_deleted_doubled_and_spoilt(
    form: object, original: bytes, data: st.DataObject
) -> None:
    with ZipFile(BytesIO(original)) as archive:
        parts = {name: archive.read(name) for name in sorted(archive.namelist())}
    names = st.sampled_from(sorted(parts))
    for _ in range(data.draw(st.integers(1, 3))):
        one, other = data.draw(names), data.draw(names)
        action = data.draw(st.sampled_from(["swap", "delete", "cut", "repeat", "junk", "rename"]))
        content = parts.get(one, b"")
        if action == "swap":
            parts[one], parts[other] = parts.get(other, b""), content
        elif action == "delete":
            parts.pop(one, None)
        elif action == "cut":
            parts[one] = content[: data.draw(st.integers(0, max(len(content), 1)))]
        elif action == "repeat":
            parts[one] = content * data.draw(st.integers(2, 5))
        elif action == "junk":
            parts[one] = data.draw(st.binary(max_size=100))
        else:
            parts[
                data.draw(
                    st.text(
                        st.characters(codec="utf-8", exclude_characters="\0"),
                        min_size=1,
                        max_size=20,
                    )
                )
            ] = parts.pop(one, b"")
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    survives(form, out.getvalue())


# Markup

ODD = st.sampled_from(
    ["", "-1", "0", "99999999999999999999", "A", "XFD1048576", "ZZZ9999999", "1e308", "NaN", "-inf", "＊", "１２",
     "A1:", ":", "A1:A1:A1", "s", "b", "e", "str", "inlineStr", "d", "n", "²", "٣", "9" * 5000, "長" * 40000,
     "&#x1;", "&lt;", "0.1e-400", "#REF!", "TRUE", "_xD800_", "{{tasks.name}}", "=1+1", "合计", "单位：亿元"]
)  # fmt: skip
TOKEN = re.compile(r'(?<=")[^"<>]*(?=")|(?<=>)[^<>]+(?=<)|<[^<>]*>')


@thorough
@given(form=forms, original=originals, data=st.data())
def test_markup_edited(form: object, original: bytes, data: st.DataObject) -> None:
    name = data.draw(
        st.sampled_from(
            [SHEET, SHEET, SHEET, "xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"]
        )
    )
    text = part(original, name)
    for _ in range(data.draw(st.integers(1, 8))):
        tokens = list(TOKEN.finditer(text))
        if not tokens:
            break
        token = tokens[data.draw(st.integers(0, len(tokens) - 1))]
        if token[0].startswith("<"):
            change = data.draw(
                st.sampled_from(["", token[0] * 2, token[0] * 50, "<x>", "</c>", "<f/>", "<row>"])
            )
        else:
            change = data.draw(ODD)
        text = text[: token.start()] + change + text[token.end() :]
    survives(form, with_parts(original, {name: text}))


# Sheets


@settings(parent=thorough, max_examples=max(EXAMPLES * 2 // 5, 1))
@given(data=st.data())
def test_cells_rows_and_merged_ranges_shuffled(data: st.DataObject) -> None:
    def spoil(sheet: Worksheet) -> None:
        places = [c.coordinate for row in sheet.iter_rows() for c in row if c.value is not None]
        for _ in range(data.draw(st.integers(1, 6))):
            action = data.draw(
                st.sampled_from(["copy", "blank", "row", "column", "merge", "value"])
            )
            one, other = data.draw(st.sampled_from(places)), data.draw(st.sampled_from(places))
            number = data.draw(st.integers(1, 30))
            if action == "row":
                sheet.delete_rows(number, data.draw(st.integers(1, 5)))
            elif action == "column":
                sheet.insert_cols(number % 9 + 1)
            elif action == "merge":
                sheet.merge_cells(
                    start_row=number, end_row=number + 2, start_column=2, end_column=number % 7 + 3
                )
            elif type(sheet[one]).__name__ == "Cell":
                values = {"copy": sheet[other].value, "blank": None, "value": data.draw(ODD)[:100]}
                sheet[one].value = (
                    re.sub(r"[\x00-\x1f]", "", str(values[action])) if values[action] else None
                )

    survives(data.draw(forms), edited(data.draw(originals), spoil))


@settings(parent=thorough, max_examples=max(EXAMPLES // 5, 1))
@given(records=records_for(CAIDIAN))
def test_any_records_of_one_form_read_as_another(records: Records) -> None:
    workbook = render_workbook(bind(CAIDIAN, records), CAIDIAN_TEMPLATE, title="表")
    for form in FORMS.values():
        survives(form, workbook)


# By hand

LABELS = ("任务", "指标", "目标值", "任务1：", "金额（元）", "拟投入资金", "万元")


@pytest.mark.parametrize(
    "text",
    [
        "任务1：" * 5000,
        "任务1：\n" * 6000 + "拟投入资金：",
        ",." * 15000,
        "（" * 30000,
        "(" * 15000 + ")" * 15000,
        "　" * 32000,
        "9" * 32000,
        "填报日期：" * 6000,
        "年度目标" * 8000,
        "_x000D_" * 4500,
        "\n" * 32000,
        "：" * 32000,
    ],
)
def test_long_texts_take_no_time(text: str) -> None:
    def fill(sheet: Worksheet) -> None:
        for row in range(1, sheet.max_row + 1):
            for column in (1, 2, 5):
                if type(sheet.cell(row, column)).__name__ == "Cell" and (row + column) % 3 == 0:
                    sheet.cell(row, column).value = text

    for name, original in ORIGINALS.items():
        survives(FORMS[name.split()[0]], edited(original, fill))


@pytest.mark.parametrize("label", LABELS)
def test_thousands_of_the_same_words_take_no_time(label: str) -> None:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for _ in range(1500):
        sheet.append([label, label, 5, label])
    for form in FORMS.values():
        survives(form, saved(book))


def test_a_list_of_thousands_of_rows_is_read() -> None:
    def grow(sheet: Worksheet) -> None:
        sheet.delete_rows(16, sheet.max_row)
        for number in range(4000):
            sheet.cell(16 + number, 2).value = f"项目{number}"
            sheet.cell(16 + number, 6).value = number

    started = time.process_time()
    incoming = read_incoming(CAIDIAN, edited(ORIGINALS["caidian redrawn"], grow), CONTEXT)
    assert len(incoming.records.lists["projects"]) == 4000
    assert time.process_time() - started < 20
