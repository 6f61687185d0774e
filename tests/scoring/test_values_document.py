"""docs/values.md is true: every example in its tables is read and compared as it says."""

from decimal import Decimal
from itertools import dropwhile, takewhile
from pathlib import Path

import pytest

from scoring.values import Comparison, Met, ValueKind, compare_values, read_value

LINES = (Path(__file__).parents[2] / "docs" / "values.md").read_text("utf-8").splitlines()


def rows(first: str, *, columns: int) -> list[tuple[str, ...]]:
    """The cells of the table whose head begins with this."""
    table = takewhile(
        lambda line: line.startswith("|"),
        dropwhile(lambda line: not line.startswith(f"| {first} |"), LINES),
    )
    found = [tuple(cell.strip() for cell in line.split("|")[1:-1]) for line in list(table)[2:]]
    assert len(found) > 10
    assert {len(row) for row in found} == {columns}
    return found


@pytest.mark.parametrize(
    ("text", "kind", "comparison", "numbers", "unit"), rows("text | kind | comparison", columns=5)
)
def test_what_is_read(text: str, kind: str, comparison: str, numbers: str, unit: str) -> None:
    value = read_value(text)
    assert value.problem == ""
    assert (value.kind, value.comparison) == (ValueKind(kind), Comparison(comparison))
    assert value.numbers == tuple(Decimal(n) for n in numbers.split(", ") if n)
    assert value.unit == unit


@pytest.mark.parametrize(("text", "kind", "why"), rows("text | kind | why", columns=3))
def test_what_is_not_read(text: str, kind: str, why: str) -> None:
    value = read_value("" if text == "（空）" else text)
    assert value.kind is ValueKind(kind)
    assert why in value.problem
    assert value.numbers == ()


@pytest.mark.parametrize(
    ("target", "actual", "met", "share", "ratio"), rows("target | actual | met", columns=5)
)
def test_what_is_concluded(target: str, actual: str, met: str, share: str, ratio: str) -> None:
    outcome = compare_values(target, actual)
    assert outcome.met is Met(met), outcome.explanation
    for found, said in ((outcome.share, share), (outcome.ratio, ratio)):
        assert (found is None) is (said == "")
        assert found is None or round(found, 4) == Decimal(said)
