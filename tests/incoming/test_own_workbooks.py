"""Our own workbooks say which of the form's rows each of theirs is; nobody has to be believed."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.worksheet import Worksheet

from declarations.sheets.bind import bind
from declarations.sheets.fillable import render_fillable
from declarations.sheets.form import Form
from declarations.sheets.incoming import Incoming, read_incoming
from declarations.sheets.incoming.mapped import align_by_map
from declarations.sheets.incoming.opening import open_upload
from declarations.sheets.incoming.plan import Plan
from declarations.sheets.records import Records, Value
from declarations.sheets.row_map import (
    LONGEST_PIECE,
    PREFIX,
    MappedRow,
    RowMap,
    read_row_map,
    row_map_pieces,
)
from declarations.sheets.samples import sample_records
from declarations.sheets.trial import different_tags
from declarations.sheets.workbook import render_workbook
from tests.contract.forms import FORMS, WORKBOOKS
from tests.contract.test_every_form import shape
from tests.incoming.filings import delete_rows, edited, find, insert_rows, problems
from tests.incoming.strategies import CONTEXT
from tests.sheets.workbooks import indicator, task

NAMES = sorted(FORMS)


def exported(name: str, records: Records, *, fillable: bool = True) -> bytes:
    form = FORMS[name]
    if fillable:
        return render_fillable(form, records, WORKBOOKS[name], title="表")
    return render_workbook(bind(form, records), WORKBOOKS[name], title="表")


def read(form: Form, workbook: bytes) -> Incoming:
    return read_incoming(form, workbook, CONTEXT)


def assert_same(form: Form, workbook: bytes, records: Records) -> None:
    incoming = read(form, workbook)
    assert problems(incoming) == []
    assert different_tags(form, records, incoming.records, incoming.absent) == []
    assert shape(incoming.records) == shape(records)


def followed(name: str, workbook: bytes) -> bool:
    """Whether the workbook is read along its map."""
    return align_by_map(Plan.of(FORMS[name]), open_upload(workbook)[0]) is not None


def samples(name: str) -> Records:
    records = sample_records(FORMS[name])
    records.context = dict(CONTEXT)
    return records


def map_of(workbook: bytes) -> str:
    return open_upload(workbook)[0].row_map


def with_map(workbook: bytes, text: str) -> bytes:
    """The workbook with another map."""

    def replace(sheet: Worksheet) -> None:
        names = sheet.parent.defined_names
        for name in [n for n in names if n.startswith(PREFIX)]:
            del names[name]
        for number, start in enumerate(range(0, len(text), LONGEST_PIECE)):
            piece = text[start : start + LONGEST_PIECE].replace('"', '""')
            name = f"{PREFIX}{number:04}"
            names.add(DefinedName(name, attr_text=f'"{piece}"', hidden=True))

    return edited(workbook, replace)


# What it is for


@pytest.mark.parametrize("fillable", [False, True], ids=["filled", "to-fill-in"])
@pytest.mark.parametrize("name", NAMES)
def test_every_export_is_read_along_its_map(name: str, *, fillable: bool) -> None:
    workbook = exported(name, samples(name), fillable=fillable)
    assert followed(name, workbook)
    assert followed(name, edited(workbook, lambda _: None))
    assert followed(name, exported(name, Records(context=dict(CONTEXT)), fillable=fillable))
    assert workbook == exported(name, samples(name), fillable=fillable)


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_keeps_the_map(tmp_path: Path) -> None:
    for name in NAMES:
        (tmp_path / f"{name}.xlsx").write_bytes(exported(name, samples(name)))
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile",
         "--convert-to", "xlsx", "--outdir", str(tmp_path / "saved"),
         *(str(tmp_path / f"{name}.xlsx") for name in NAMES)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    for name in NAMES:
        workbook = (tmp_path / "saved" / f"{name}.xlsx").read_bytes()
        assert followed(name, workbook), name
        assert_same(FORMS[name], workbook, samples(name))


# Content that looks like the form

LOOKALIKES = {
    "panyu-target": [
        indicator(1, level3="小计", target="1"),
        indicator(2, level3="绩效指标", period_target="实施周期指标值", target="年度指标值"),
        indicator(3, level3="核对：支出合计5万元"),
        indicator(4, level3="单位：元", target="收入合计：5万元"),
        indicator(5, level3="三级指标", target="合计"),
    ]
}


@pytest.mark.parametrize("fillable", [False, True], ids=["filled", "to-fill-in"])
def test_content_that_reads_like_the_form_stays_where_it_is(*, fillable: bool) -> None:
    form = FORMS["panyu-target"]
    records = samples("panyu-target")
    blank = dict.fromkeys(records.lists["indicators"][0].values, "")
    for item in LOOKALIKES["panyu-target"]:
        item.values = {**blank, **item.values}
    records.lists["indicators"] = LOOKALIKES["panyu-target"]
    tasks = dict.fromkeys(records.lists["tasks"][0].values, "") | {"amount": None}
    records.lists["tasks"] = [
        task(11, **{**tasks, "name": "名称", "content": "主要实施内容"}),
        task(12, **{**tasks, "name": "小计", "amount": None}),
        task(13, **{**tasks, "name": "其他需完成的任务（可选填）"}),
    ]
    assert_same(form, exported("panyu-target", records, fillable=fillable), records)


@pytest.mark.parametrize("fillable", [False, True], ids=["filled", "to-fill-in"])
@pytest.mark.parametrize(
    "texts",
    [
        ("甲　　审核人：乙", "丙"),
        ("填报人：5　　审核人：5　　日期：5", "　审核人："),
        ("", "填报人：　　审核人：　　日期："),
    ],
)
def test_values_that_hold_the_words_between_them(texts: tuple[str, str], *, fillable: bool) -> None:
    records = samples("boxes")
    records.texts["filer"], records.texts["head"] = (t.strip() for t in texts)
    assert_same(FORMS["boxes"], exported("boxes", records, fillable=fillable), records)


# What is done to our workbooks


def names_in(incoming: Incoming, list_name: str, column: str) -> list[Value]:
    return [i.values[column] for i in incoming.records.lists[list_name]]


def test_rows_inserted_deleted_and_sorted_are_read_by_their_words() -> None:
    form, records = FORMS["panyu-target"], samples("panyu-target")
    workbook = exported("panyu-target", records)
    expected = names_in(read(form, workbook), "tasks", "name")

    inserted = edited(workbook, lambda sheet: insert_rows(sheet, 13))
    assert not followed("panyu-target", inserted)
    assert names_in(read(form, inserted), "tasks", "name") == expected

    deleted = edited(workbook, lambda sheet: delete_rows(sheet, 12))
    assert not followed("panyu-target", deleted)
    assert names_in(read(form, deleted), "tasks", "name") == expected[1:]


def test_a_task_that_grows_takes_its_indicators_along() -> None:
    """Nothing stands below the list that would show that its rows have moved."""
    form, records = FORMS["caidian-target"], samples("caidian-target")
    workbook = exported("caidian-target", records)

    def grow(sheet: Worksheet) -> None:
        row, _ = find(sheet, str(records.lists["goals"][1].values["name"]))
        insert_rows(sheet, row - 2)

    grown = edited(workbook, grow)
    assert not followed("caidian-target", grown)
    assert_same(form, grown, records)


def test_another_version_of_the_form_is_not_believed() -> None:
    workbook = exported("panyu-target", samples("panyu-target"))
    text = map_of(workbook)
    assert read_row_map(FORMS["panyu-target"], text)
    assert read_row_map(FORMS["levels-target"], text) is None
    other = exported("levels-target", samples("levels-target"))
    assert not followed("levels-target", with_map(other, text))


def test_a_heading_that_says_something_else_is_not_passed_over() -> None:
    def rename(sheet: Worksheet) -> None:
        row, column = find(sheet, "年度指标值")
        sheet.cell(row, column).value = "实施周期指标值"
        sheet.cell(row, column - 1).value = "年度指标值"

    workbook = exported("panyu-target", samples("panyu-target"), fillable=False)
    assert not followed("panyu-target", edited(workbook, rename))


# Maps that are not ours


RUN = st.one_of(
    st.sampled_from(["", "1", "+1", "x", "-", "1-", "9x99999", "1-999", "999-1", "+", "٣", "²"]),
    st.from_regex(r"\+?[0-9]{1,3}((-[0-9]{1,3})|(x[0-9]{1,5}))?", fullmatch=True),
)
CUT = st.from_regex(r"[0-9]{1,5}\.[0-9]{1,3}(/[0-9]{1,5}){0,8}", fullmatch=True)


@settings(
    max_examples=100,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_a_wrong_map_changes_nothing_that_stands_in_the_cells(data: st.DataObject) -> None:
    """It is passed over, or it says what is there anyway."""
    name = data.draw(st.sampled_from(["panyu-target", "goals", "boxes", "nested"]))
    form, workbook = FORMS[name], exported(name, samples(name), fillable=False)
    identity, rows, cuts = map_of(workbook).split(":")
    runs = rows.split(",")
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(runs) - 1))
        runs[at : at + data.draw(st.integers(0, 2))] = data.draw(st.lists(RUN, max_size=3)) or [""]
    spoilt = ",".join([*data.draw(st.lists(CUT, max_size=3)), cuts][data.draw(st.integers(0, 1)) :])
    text = data.draw(
        st.sampled_from(
            [f"{identity}:{','.join(runs)}:{spoilt}", f"{identity}:{rows}", identity, ":::" + rows]
        )
    )
    assert_same(form, with_map(workbook, text), samples(name))


@pytest.mark.parametrize(
    "text", ["x" * 5_000_000, "1," * 500_000, "9x99999," * 100_000, '"' * 1000, "=1+1", "\x7f"]
)
def test_a_huge_map_is_passed_over(text: str) -> None:
    workbook = exported("nested", samples("nested"))
    identity = map_of(workbook).partition(":")[0]
    for said in (text, f"{identity}:{text}", f"{identity}:1-3:{text}"):
        assert_same(FORMS["nested"], with_map(workbook, said), samples("nested"))


# Its text


def test_rows_come_back_from_their_text() -> None:
    form: Form = FORMS["goals"]
    rows = [
        MappedRow(1), MappedRow(2, begins=True), MappedRow(3), MappedRow(4), MappedRow(4),
        MappedRow(5), MappedRow(2, begins=True), MappedRow(3), MappedRow(4), MappedRow(5),
        MappedRow(6),
    ]  # fmt: skip
    row_map = RowMap(rows, {(2, 3): (0, 12), (11, 1): (4,)})
    pieces = row_map_pieces(form, row_map)
    assert pieces[0][0] == "_jixiao_rows_0001"
    text = "".join(piece for _, piece in pieces)
    assert text.partition(":")[2] == "1,+2-3,4x2,5,+2-6:2.3/0/12,11.1/4"
    assert read_row_map(form, text) == row_map


def test_a_long_map_is_in_several_names_and_a_longer_one_in_none() -> None:
    form = FORMS["goals"]
    task_rows = [MappedRow(2, begins=True), MappedRow(3), MappedRow(4), MappedRow(4), MappedRow(5)]
    rows = [MappedRow(1), *(task_rows * 200), MappedRow(6)]
    pieces = row_map_pieces(form, RowMap(rows, {}))
    assert len(pieces) > 5
    assert all(len(text) <= LONGEST_PIECE for _, text in pieces)
    assert [n for n, _ in pieces] == sorted(n for n, _ in pieces)
    read_back = read_row_map(form, "".join(text for _, text in pieces))
    assert read_back
    assert read_back.rows == rows
    assert row_map_pieces(form, RowMap([MappedRow(1), *(task_rows * 2001)], {})) == []
