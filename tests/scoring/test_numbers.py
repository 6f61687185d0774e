"""Reading numbers as officials type and paste them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.numbers import MONEY_UNITS, NotANumberError, read_number


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("5195.12", "5195.12", ""),
        ("5,195.12", "5195.12", ""),
        ("1,348", "1348", ""),
        ("37,749,994.89", "37749994.89", ""),
        (" 12 ", "12", ""),
        ("1 234", "1234", ""),
        ("１２３．５", "123.5", ""),
        ("５，１９５．１２", "5195.12", ""),
        ("¥1,200", "1200", ""),
        ("￥1,200元", "1200", "元"),
        ("1200元", "1200", "元"),
        ("1,348万元", "1348", "万元"),
        ("1348 万元", "1348", "万元"),
        ("1348万", "1348", "万元"),
        ("3亿", "3", "亿元"),
        ("5千", "5", "千元"),
        ("5圆", "5", "元"),
        ("85%", "85", "%"),
        ("８５％", "85", "%"),
        ("460人次", "460", "人次"),
        ("2分", "2", "分"),
        ("-3.5", "-3.5", ""),
        ("−3.5", "-3.5", ""),
        ("+3.5", "3.5", ""),
        ("(3.50)", "-3.50", ""),
        ("（3.50）", "-3.50", ""),
        ("0", "0", ""),
        (".5", "0.5", ""),
        ("5.", "5", ""),
    ],
)
def test_a_number_and_its_unit(text: str, value: str, unit: str) -> None:
    number = read_number(text)
    assert (number.value, number.unit) == (Decimal(value), unit)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "无",
        "时效指标",
        "约20",
        "≥90%",
        "5,19",
        "51,95.12",
        "1,2345",
        "1.2.3",
        "--5",
        "1-2",
        ".",
        "-",
        "()",
        "万元",
        "1e5",
        "¥",
        "½",
        "十二",
        "10²",
        "①",
    ],
)
def test_what_holds_no_number_is_not_guessed(text: str) -> None:
    try:
        number = read_number(text)
    except NotANumberError as error:
        assert "不是数字，请只填数字，例如 1234.56" in str(error)  # noqa: PT017
    else:
        assert number.unit, f"{text!r} read as {number}"  # the caller refuses the unit


def test_the_error_quotes_the_beginning_of_what_was_typed() -> None:
    with pytest.raises(NotANumberError, match="“正在核实，等财务科确认之后再补充填写，预…”"):
        read_number("正在核实，等财务科确认之后再补充填写，预计三月底")


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=2, min_value=-(10**15), max_value=10**15
    )
)
def test_what_is_written_is_read(number: Decimal) -> None:
    assert read_number(f"{number:f}").value == number
    assert read_number(f"{number:,.2f}").value == number


@given(st.text(max_size=30))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        assert read_number(text).value.is_finite()
    except NotANumberError as error:
        assert str(error)  # noqa: PT017


def test_the_units_of_money() -> None:
    assert MONEY_UNITS == {"元": 1, "千元": 1000, "万元": 10_000, "亿元": 100_000_000}


@pytest.mark.parametrize("text", ["1 234", "1 234 567.50", "12 345万元"])
def test_spaces_may_stand_between_groups_of_three(text: str) -> None:
    assert read_number(text).value == Decimal(text.replace(" ", "").rstrip("万元"))


@pytest.mark.parametrize("text", ["12 13", "1234 567", "1 2345"])
def test_several_numbers_are_not_made_one(text: str) -> None:
    with pytest.raises(NotANumberError):
        read_number(text)
