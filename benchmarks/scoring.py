"""Scoring a thousand declarations of sixty items, against binding them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

from benchmarks.content import Scene
from benchmarks.harness import Aim, Benchmark
from declarations.management.demo.stage import FORMS
from declarations.sheets.bind import bind
from declarations.sheets.form import Form
from declarations.sheets.parse import parse_form
from declarations.sheets.records import Item, Records, Value
from declarations.sheets.scores import score
from scoring.rubric import Facts, Input, InputKind, RubricItem

DECLARATIONS = 1_000
LINES = 60
TASKS = 6
FORM = "huadu-self-evaluation.xlsx"

_FACTS = Facts(
    now=datetime(2022, 4, 1, tzinfo=UTC),
    handed_in=datetime(2022, 3, 20, tzinfo=UTC),
    deadline=datetime(2022, 3, 31, tzinfo=UTC),
)


def benchmarks(scene: Scene) -> Iterator[Benchmark]:
    """Huadu's form, all kinds of rules; every declaration has other figures."""
    form = parse_form((FORMS / FORM).read_bytes())
    filled = [_records(form, number) for number in range(DECLARATIONS)]

    def score_all() -> None:
        for records in filled:
            scoring = score(form, records, _FACTS)
            assert len(scoring.lines) == LINES
            assert scoring.rule_score
            assert not scoring.uncomputed

    def bind_all() -> None:
        for records in filled:
            assert bind(form, records).rows

    yield Benchmark(
        f"score {DECLARATIONS:,} declarations of {LINES} items",
        score_all,
        "binding them",
        bind_all,
        Aim.within(1),
        rounds=5,
    )


def _records(form: Form, number: int) -> Records:
    """A declaration whose every rule can be computed."""
    items = [item for item in form.rubric.items if not item.is_list]
    rows = LINES - len(items)
    tasks = [
        Item("task", task, {"name": f"任务{task}"}, {"indicators": []}) for task in range(TASKS)
    ]
    for row in range(rows):
        target, actual = 100 + row, 90 + (row * 7 + number) % 40 + number
        values: dict[str, Value] = {
            "level3": f"指标{row}",
            "weight": Decimal(1),
            "target": f"≥{target}人次",
            "actual": f"{actual}人次",
            "self_score": Decimal(1),
        }
        tasks[row % TASKS].lists["indicators"].append(Item("indicator", row, values))
    return Records(
        funding={
            line: {"budget": Decimal(10_000 + number), "executed": Decimal(9_000 + number)}
            for line in ("fiscal", "other_income", "basic", "project", "district", "transfer")
        },
        scores={item.key: _filled_in(item, number) for item in items},
        lists={"tasks": tasks},
    )


def _filled_in(item: RubricItem, number: int) -> dict[str, Value]:
    """The full points claimed, and what the rule asks for; of a rate, its two amounts."""
    asked = {given.name: given for given in item.inputs if not given.expression}
    if "numerator" in asked:
        asked.pop("rate", None)
    typed: dict[str, Value] = {f"input.{n}": _typed(given, number) for n, given in asked.items()}
    return typed | {"self_score": item.points}


def _typed(given: Input, number: int) -> str:
    """What somebody fills in, as it is kept."""
    if given.choices:
        return given.choices[0]
    if given.kind is InputKind.DATE:
        return "2022-02-20"
    usual = {"numerator": str(900 + number), "denominator": "2000", "rate": "0.9"}
    return usual.get(given.name, "1")
