"""The kinds of value: read from typing, shown as the form prints them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarations.sheets.fields import Field
from declarations.sheets.kinds import (
    InvalidValueError,
    Kind,
    NumberFormat,
    read_date,
    read_money,
    read_percent,
    read_plain_number,
    read_text,
)


@pytest.mark.parametrize(
    ("code", "number", "shown"),
    [
        ("General", "1234.50", "1234.5"),
        ("General", "100", "100"),
        ("General", "0.00", "0"),
        ("General", "1E+3", "1000"),
        ("@", "1234.5", "1234.5"),
        ("0", "2.5", "3"),
        ("0", "-2.5", "-3"),
        ("0.00", "0.005", "0.01"),
        ("0.00", "-0.001", "0.00"),
        ("#,##0.00", "37749994.89", "37,749,994.89"),
        ("#,##0.00_ ", "5", "5.00"),
        ("#,##0.00;[Red]-#,##0.00", "-5", "-5.00"),
        ('_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ ', "1234.5", "1,234.50"),
        ('0.0"分"', "2", "2.0"),
        ("[$-804]0.00", "2", "2.00"),
        ("0.##", "2.5", "2.50"),
    ],
)
def test_number_formats(code: str, number: str, shown: str) -> None:
    assert NumberFormat.from_excel(code).show(Decimal(number)) == shown


@pytest.mark.parametrize(
    ("code", "percent", "shown"),
    [("0%", True, "90"), ("0.00%", True, "89.61"), ("0.00", False, "0.90")],
)
def test_percentages(code: str, percent: bool, shown: str) -> None:  # noqa: FBT001
    format_ = NumberFormat.from_excel(code)
    assert format_.percent is percent
    assert format_.show(Decimal("0.8961")) == shown


@pytest.mark.parametrize(
    ("text", "unit", "yuan"),
    [
        ("5,195.12", "万元", "51951200.00"),
        ("1,348", "万元", "13480000.00"),
        ("0.0001", "万元", "1.00"),
        ("37,749,994.89", "元", "37749994.89"),
        ("1348万元", "元", "13480000.00"),
        ("3000元", "万元", "3000.00"),
        ("1.5亿", "万元", "150000000.00"),
        ("０", "万元", "0.00"),
    ],
)
def test_money_is_kept_in_yuan(text: str, unit: str, yuan: str) -> None:
    assert str(read_money(text, unit, negative_allowed=False)) == yuan


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-5", "金额不能为负数"),
        ("5人", "金额的单位“人”无法识别，请以万元为单位填写数字"),
        ("5%", "金额的单位“%”无法识别，请以万元为单位填写数字"),
        ("0.0000001", "金额最多精确到分，请减少小数位数"),
        ("1000000000000", "金额过大，请核对单位和位数"),
        ("1" * 60, "金额过大，请核对单位和位数"),
        ("待定", "“待定”不是数字，请只填数字，例如 1234.56"),
    ],
)
def test_what_is_no_amount_is_refused_with_what_to_do(text: str, message: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        read_money(text, "万元", negative_allowed=False)
    assert str(refused.value) == message


def test_amounts_may_be_negative_where_that_makes_sense() -> None:
    assert read_money("(180)", "万元", negative_allowed=True) == Decimal(-1_800_000)


def test_plain_numbers() -> None:
    assert read_plain_number("3.58") == Decimal("3.58")
    assert read_plain_number("2分") == Decimal(2)
    with pytest.raises(InvalidValueError, match="只填数字，不要带单位“人”"):
        read_plain_number("20人")
    with pytest.raises(InvalidValueError, match="数字过大，请核对位数"):
        read_plain_number("9" * 30)


@pytest.mark.parametrize("text", ["85%", "85", "８５％", "85.0"])
def test_percentages_are_kept_as_fractions(text: str) -> None:
    assert read_percent(text) == Decimal("0.85")


def test_a_percentage_has_no_other_unit() -> None:
    with pytest.raises(InvalidValueError, match="请填百分比，例如 85%，不要带单位“人”"):
        read_percent("85人")


@pytest.mark.parametrize(
    "text", ["2023-1-5", "2023.1.5", "2023/01/05", "2023年1月5日", " 2023 年 1 月 5 日 "]
)
def test_dates(text: str) -> None:
    assert read_date(text) == "2023-01-05"


@pytest.mark.parametrize("text", ["2023-2-30", "2023年", "1月5日", "23-1-5", "昨天"])
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(InvalidValueError, match="日期无法识别，请按 2023-01-31 的格式填写"):
        read_date(text)


def test_texts_lose_control_characters_and_outer_blank_lines() -> None:
    assert read_text("\n一\r\n二\x00\x0b\r三 \n", length=10, multiline=True) == "一\n二\n三"
    assert read_text("一\n二", length=10, multiline=False) == "一 二"
    with pytest.raises(InvalidValueError, match="最多 3 字，现有 4 字，请删减后再保存"):
        read_text("一二三四", length=3, multiline=True)


def test_figures_beyond_all_sense_are_shown_too() -> None:
    assert NumberFormat(decimals=2).show(Decimal("1e30")) == "1" + "0" * 30 + ".00"
    assert NumberFormat(thousands=True).show(Decimal("1e15") + Decimal("0.1")) == (
        "1,000,000,000,000,000.1"
    )
    assert NumberFormat(decimals=2).show(Decimal("1e5000")) == "1.000000E+5000"
    assert NumberFormat().show(Decimal("1e5000")) == "1.000000E+5000"


# Fields


def test_a_blank_is_none_for_numbers_and_empty_for_text() -> None:
    assert Field("tasks.amount", Kind.MONEY, "金额", unit="元").read("  ") is None
    assert Field("tasks.name", Kind.LINE, "名称").read(" \n ") == ""


CHOICES = ("产出指标", "效益指标", "社会效益指标", "社会保障指标", "甲", "甲类")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [(" 产出 指标", "产出指标"), ("产出", "产出指标"), ("社会效益", "社会效益指标"), ("甲", "甲")],
)
def test_a_choice_is_meant_by_itself_or_by_a_beginning_that_only_it_has(
    typed: str, meant: str
) -> None:
    field = Field("indicators.level1", Kind.CHOICE, "一级指标", choices=CHOICES)
    assert field.read(typed) == meant


@pytest.mark.parametrize("typed", ["社会", "产", "指标", "产出指标等"])
def test_what_could_be_two_choices_or_none_is_refused(typed: str) -> None:
    field = Field("indicators.level1", Kind.CHOICE, "一级指标", choices=CHOICES)
    with pytest.raises(InvalidValueError, match="请从下列选项中选择：产出指标、效益指标"):
        field.read(typed)


def test_a_text_has_the_length_that_its_field_says() -> None:
    assert Field("text.goal", Kind.TEXT, "目标", length=2).read("一二") == "一二"
    with pytest.raises(InvalidValueError, match="最多 2 字"):
        Field("text.goal", Kind.TEXT, "目标", length=2).read("一二三")


WAN = Field("tasks.amount", Kind.MONEY, "金额", unit="万元", format=NumberFormat(2, thousands=True))


@pytest.mark.parametrize(
    ("yuan", "shown", "edited"),
    [
        ("51951200.00", "5,195.12", "5,195.12"),
        ("51951234.00", "5,195.12", "5195.1234"),
        ("0.00", "0.00", "0.00"),
    ],
)
def test_what_rounding_hides_is_shown_while_editing(yuan: str, shown: str, edited: str) -> None:
    assert WAN.show(Decimal(yuan)) == shown
    assert WAN.edit_text(Decimal(yuan)) == edited


@given(st.decimals(min_value=0, max_value=10**13, places=2, allow_nan=False))
def test_editing_without_a_change_changes_nothing(yuan: Decimal) -> None:
    assert WAN.read(WAN.edit_text(yuan)) == yuan


@given(st.decimals(min_value=-10, max_value=10, places=6, allow_nan=False))
def test_so_it_is_with_percentages(fraction: Decimal) -> None:
    field = Field("tasks.weight", Kind.PERCENT, "占比", format=NumberFormat(1, percent=True))
    assert field.read(field.edit_text(fraction)) == fraction
