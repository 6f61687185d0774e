"""Charts: what is drawn, and that it is all said in words, too."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from declarations.sheets.charts import WIDTH, Chart, Line, Part, beside, stacked


def line(label: str, *values: int) -> Line:
    parts = enumerate(map(Decimal, values))
    return Line(label, tuple(Part(series, value, f"{value} 项") for series, value in parts))


def test_bars_side_by_side_are_as_long_as_their_values() -> None:
    chart = beside("预算与执行", ("预算", "执行"), [line("2023年", 200, 100), line("2022年", 50)])
    longest, half, quarter = chart.bars
    assert (longest.series, half.series, quarter.series) == (0, 1, 0)
    assert half.width == longest.width / 2
    assert quarter.width == longest.width / 4
    assert longest.x == half.x == quarter.x == chart.left
    assert longest.y < half.y < quarter.y
    assert chart.description == "2023年：预算 200 项，执行 100 项；2022年：预算 50 项"
    assert [word.text for word in chart.words] == ["2023年", "200 项", "100 项", "2022年", "50 项"]


def test_stacked_bars_begin_where_the_one_before_ends() -> None:
    chart = stacked("完成情况", ("达到", "未达到"), [line("2023年", 6, 2), line("2022年", 4)])
    met, missed, other = chart.bars
    assert missed.x == met.x + met.width
    assert met.y == missed.y < other.y
    assert round(met.width + missed.width, 2) == other.width * 2
    assert [word.text for word in chart.words] == ["2023年", "8 项", "2022年", "4 项"]


def test_what_is_less_than_nothing_and_what_is_nothing_have_no_length() -> None:
    chart = beside("结余", ("结余",), [line("2023年", -5), line("2022年", 0)])
    assert [bar.width for bar in chart.bars] == [0, 0]
    assert "-5 项" in chart.description


def test_without_values_there_is_nothing() -> None:
    for chart in (beside("空", ("预算",), []), stacked("空", ("达到",), [])):
        assert (chart.bars, chart.words, chart.height, chart.description) == ((), (), 0, "")


amounts = st.lists(st.integers(0, 10**12), min_size=1, max_size=4)


@given(st.lists(amounts, min_size=1, max_size=8))
def test_everything_is_within_the_drawing(values: list[list[int]]) -> None:
    lines = [line(f"{2000 + n}年", *row) for n, row in enumerate(values)]
    series = ("一", "二", "三", "四")
    charts: list[Chart] = [beside("甲", series, lines), stacked("乙", series, lines)]
    for chart in charts:
        for bar in chart.bars:
            assert 0 <= bar.x <= bar.x + bar.width <= WIDTH
            assert 0 <= bar.y <= bar.y + bar.height <= chart.height
        assert all(0 <= word.x < WIDTH and 0 < word.y <= chart.height for word in chart.words)
