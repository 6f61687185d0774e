"""All checks, against binding the same declaration and rendering its editor."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count, cycle, islice

from benchmarks.content import Scene
from benchmarks.harness import Aim, Benchmark
from declarations.checks import run_checks
from declarations.queries.forms import form_of
from declarations.queries.records import load_records
from declarations.sheets.bind import bind
from declarations.sheets.html import render_editor
from declarations.sheets.records import Item, Records

INDICATORS = 200


def benchmarks(scene: Scene) -> Iterator[Benchmark]:
    """They run at every page of the editor and every save, so they must not be felt there."""
    form = form_of(scene.draft.round.template)
    records = _with_more_indicators(load_records(scene.draft, form))
    table = bind(form, records, editing=True)

    def check() -> None:
        assert run_checks(table)[-1].code == "indicator_kinds"

    yield Benchmark(
        f"all checks on {INDICATORS} indicators",
        check,
        "binding and rendering them",
        lambda: render_editor(bind(form, records, editing=True), {}),
        Aim.within(1),
    )


def _with_more_indicators(records: Records) -> Records:
    """Each is called otherwise, so that none is said to be there twice."""
    numbers = count(1)
    rows = [
        Item("indicator", n, like.values | {"level3": f"{like.values['level3']}之{n}"})
        for like in islice(cycle(records.lists["indicators"]), INDICATORS)
        for n in [next(numbers)]
    ]
    return replace(records, lists=records.lists | {"indicators": rows})
