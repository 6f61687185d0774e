"""Grades by the thresholds of a bureau."""

from decimal import Decimal

import pytest

from scoring.grades import Thresholds


@pytest.mark.parametrize(
    ("total", "grade"),
    [
        ("100", "优"),
        ("90", "优"),
        ("89.99", "良"),
        ("80", "良"),
        ("79.99", "中"),
        ("60", "中"),
        ("59.99", "差"),
        ("0", "差"),
        ("-5", "差"),
    ],
)
def test_the_usual_thresholds(total: str, grade: str) -> None:
    assert Thresholds().grade_of(Decimal(total)) == grade


def test_a_bureau_has_its_own_and_points_need_not_be_a_hundred() -> None:
    stricter = Thresholds(Decimal(80), Decimal(70), Decimal(60))
    assert stricter.grade_of(Decimal("89.61")) == "优"
    assert Thresholds().grade_of(Decimal("89.61")) == "良"
    assert Thresholds().grade_of(Decimal(45), Decimal(50)) == "优"
    assert Thresholds().grade_of(Decimal("44.99"), Decimal(50)) == "良"
    assert Thresholds().grade_of(Decimal(0), Decimal(0)) == ""
