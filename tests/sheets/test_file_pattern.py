"""Names of exported files: whatever stands in a pattern or a value, a safe path, each once."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarations.sheets.file_names import LONGEST
from declarations.sheets.file_pattern import FIELDS, PatternError, apart, check_pattern, path_of

VALUES = {
    "department": "番禺区残疾人联合会",
    "code": "panyu-dpf",
    "year": "2023",
    "form": "绩效目标申报表",
    "kind": "绩效目标申报",
    "round": "2023年绩效目标",
    "revision": "2",
    "state": "已公开",
}


def test_tags_are_filled_in_and_slashes_make_folders() -> None:
    assert set(VALUES) == set(FIELDS)
    assert (
        path_of("{year}年/{department}（{code}）{form}", VALUES)
        == "2023年/番禺区残疾人联合会（panyu-dpf）绩效目标申报表"
    )


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("", "请填写文件名格式"),
        ("  ", "请填写文件名格式"),
        ("{dept}", "没有“{dept}”这一项"),
        ("{}", "没有“{}”这一项"),
        ("{department", "花括号要成对"),
        ("{department}}", "花括号要成对"),
        ("绩效目标", "至少要有一项"),
        ("/{code}", "“/”前后都要有名称"),
        ("{code}/", "“/”前后都要有名称"),
        ("a//{code}", "“/”前后都要有名称"),
        ("../{code}", "文件夹名不能只有"),
        ("./{code}", "文件夹名不能只有"),
        ("{code}/..", "文件夹名不能只有"),
        ("a/b/c/d/{code}", "文件夹最多 3 层"),
    ],
)
def test_what_is_wrong_with_a_pattern_is_said(pattern: str, said: str) -> None:
    with pytest.raises(PatternError, match=said):
        check_pattern(pattern)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(PatternError) as refused:
        check_pattern("/{dept}/{")
    assert len(refused.value.problems) == 3


def test_a_value_makes_no_folder_and_leaves_none() -> None:
    values = VALUES | {"department": "../../etc/passwd", "code": "..", "form": 'a\\b:c*?"<>|d\n'}
    assert path_of("{department}", values) == ".. etc passwd".strip(" .")
    assert path_of("{code}/{form}", values) == "未命名/a b c d"


def test_names_that_windows_keeps_for_itself_are_changed() -> None:
    assert path_of("{code}/{form}", VALUES | {"code": "CON", "form": "nul"}) == "_CON/_nul"


def test_what_is_named_alike_is_kept_apart() -> None:
    assert list(apart(["a", "A", "b", "a", "a-2"])) == ["a", "A-2", "b", "a-3", "a-2-2"]
    assert list(apart(["é", "e\u0301"])) == ["é", "e\u0301-2"]


def test_what_the_archive_holds_besides_is_not_overwritten() -> None:
    taken = ["目录", "目录.xlsx", "SHA256SUMS"]
    assert list(apart(["目录", "目录.xlsx/a", "sha256sums/b"], taken)) == [
        "目录-2",
        "_目录.xlsx/a",
        "_sha256sums/b",
    ]


@given(
    pattern=st.text(st.sampled_from("{}/.\\ ab年") | st.characters(), max_size=30)
    | st.lists(st.sampled_from([f"{{{n}}}" for n in FIELDS] + ["/", "..", "x"])).map("".join),
    values=st.fixed_dictionaries({name: st.text(max_size=90) for name in FIELDS}),
)
def test_no_pattern_and_no_value_leads_out(pattern: str, values: dict[str, str]) -> None:
    try:
        path = path_of(pattern, values)
    except PatternError:
        return
    for kind in (PurePosixPath, PureWindowsPath):
        parts = kind(path).parts
        assert not kind(path).is_absolute()
        assert parts == tuple(path.split("/"))
        assert not {"", ".", ".."} & set(parts)
    assert all(len(part) <= LONGEST + 1 for part in path.split("/"))
    assert path.isprintable()
