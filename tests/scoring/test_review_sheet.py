"""The review sheet: points in halves, their total, and the grade at its thresholds."""

from decimal import Decimal

import pytest

from scoring.review_sheet import (
    MEANINGS,
    STANDARD,
    Criterion,
    PointsError,
    Sheet,
    read_points,
    shown,
    total_of,
)

TEN = Criterion("clear", "完整性", "明确清晰", Decimal(10))


def test_the_standard_sheet_has_a_hundred_points_in_four_aspects() -> None:
    assert STANDARD.most == 100
    sums = {aspect: sum(c.points for c in criteria) for aspect, criteria in STANDARD.aspects()}
    assert sums == {"完整性": 20, "相关性": 30, "适当性": 30, "可行性": 20}


@pytest.mark.parametrize(
    ("total", "grade"),
    [
        ("100", "优"),
        ("90", "优"),
        ("89.5", "良"),
        ("80", "良"),
        ("79.5", "中"),
        ("60", "中"),
        ("59.5", "差"),
        ("0", "差"),
    ],
)
def test_the_grade_at_each_threshold(total: str, grade: str) -> None:
    assert STANDARD.grade_of(Decimal(total)) == grade
    assert MEANINGS[grade]


@pytest.mark.parametrize(
    ("text", "points"),
    [("10", "10"), ("０", "0"), (" 7.5 ", "7.5"), ("9分", "9"), ("", None), ("  ", None)],
)
def test_points_are_read_as_people_type_them(text: str, points: str | None) -> None:
    assert read_points(text, TEN) == (None if points is None else Decimal(points))


@pytest.mark.parametrize("text", ["10.5", "-1", "7.3", "七", "5万元", "1e1", "NaN"])
def test_points_that_cannot_be_are_refused_with_the_criterion(text: str) -> None:
    with pytest.raises(PointsError, match=r"^明确清晰："):
        read_points(text, TEN)


def test_what_is_missing_is_named() -> None:
    given = [c.key for c in STANDARD.criteria[1:]]
    assert [c.name for c in STANDARD.missing(given)] == ["规范完整"]
    assert total_of(c.points for c in STANDARD.criteria[1:]) == 90


def test_a_sheet_goes_into_json_and_back() -> None:
    assert Sheet.from_json(STANDARD.to_json()) == STANDARD
    assert Sheet.from_json({}).criteria == ()


def test_grades_count_in_whatever_order_they_were_set_up() -> None:
    kept = STANDARD.to_json()
    kept["grades"].reverse()
    assert Sheet.from_json(kept).grade_of(Decimal(85)) == "良"


@pytest.mark.parametrize(
    ("points", "text"), [("10", "10"), ("7.50", "7.5"), ("0", "0"), ("100.00", "100")]
)
def test_points_are_shown_without_zeros_at_the_end(points: str, text: str) -> None:
    assert shown(Decimal(points)) == text
