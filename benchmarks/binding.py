"""What the parts take, for information."""

from collections.abc import Iterator

from benchmarks.content import Scene
from benchmarks.harness import Benchmark
from declarations.queries.forms import form_of, workbook_of
from declarations.queries.records import load_records
from declarations.sheets.bind import bind
from declarations.sheets.html import render_editor
from declarations.sheets.parse import parse_form


def benchmarks(scene: Scene) -> Iterator[Benchmark]:
    """Without database and requests."""
    template = scene.draft.round.template
    form, workbook = form_of(template), workbook_of(template)
    records = load_records(scene.draft, form)
    yield Benchmark(
        "bind and render 100 indicators",
        lambda: render_editor(bind(form, records, editing=True), {}),
    )
    yield Benchmark("parse the form's workbook", lambda: parse_form(workbook), rounds=20)
