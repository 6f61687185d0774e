"""Cases for rules, said in few words."""

from datetime import UTC, datetime
from decimal import Decimal

from scoring.rubric import Case, Facts, Input, InputKind, Parameters, RuleResult, Value, apply_rule

NOW = datetime(2022, 4, 1, tzinfo=UTC)
NOTHING_KNOWN = Facts(NOW)

Given = str | int | Decimal | None


def result(
    rule: Parameters,
    points: str | int = 2,
    *,
    claimed: str | None = None,
    facts: Facts = NOTHING_KNOWN,
    inputs: tuple[Input, ...] = (),
    name: str = "本项",
    **data: Given,
) -> RuleResult:
    """What a rule gives for data: numbers as Decimals, or strings of digits."""
    case = Case(
        name,
        Decimal(points),
        facts,
        inputs,
        {key: value(given) for key, given in data.items()},
        None if claimed is None else Decimal(claimed),
    )
    return apply_rule(rule, case)


def value(given: Given) -> Value:
    """Digits as a number, other text as it is."""
    if given is None:
        return None
    try:
        return Decimal(given)
    except ArithmeticError:
        return str(given)


def score(rule: Parameters, points: str | int = 2, **data: Given) -> Decimal | None:
    """The score alone."""
    return result(rule, points, **data).score  # type: ignore[arg-type]


def why(rule: Parameters, points: str | int = 2, **data: Given) -> str:
    """The explanation alone."""
    return result(rule, points, **data).explanation  # type: ignore[arg-type]


def money(name: str, label: str) -> Input:
    return Input(name, label, InputKind.MONEY, "元")
