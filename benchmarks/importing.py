"""Reading a filled-in workbook into records, against openpyxl loading the same file."""

from collections.abc import Callable, Iterator
from io import BytesIO

from openpyxl import load_workbook

from benchmarks.content import INDICATORS, Scene
from benchmarks.harness import Aim, Benchmark
from declarations.models import Declaration
from declarations.queries.documents import document_of
from declarations.queries.forms import form_of, workbook_of
from declarations.queries.records import load_records
from declarations.sheets.fillable import render_fillable
from declarations.sheets.incoming import read_incoming

AIM = Aim.within(1.5)


def benchmarks(scene: Scene) -> Iterator[Benchmark]:
    """From bytes to records: opened, recognised, every value read, totals compared."""
    template = scene.draft.round.template
    form, records = form_of(template), load_records(scene.draft, form_of(template))
    fillable = render_fillable(form, records, workbook_of(template), title="填报表")
    filled = document_of(scene.draft, "xlsx")
    for name, workbook in (
        (f"read a filled workbook, {INDICATORS} indicators", filled),
        (f"read a workbook to fill in, {INDICATORS} indicators", fillable),
    ):
        yield Benchmark(
            name,
            _reading(scene.draft, workbook),
            "openpyxl load_workbook",
            lambda workbook=workbook: load_workbook(BytesIO(workbook)),  # type: ignore[misc]
            AIM,
            rounds=20,
        )


def _reading(declaration: Declaration, workbook: bytes) -> Callable[[], object]:
    form = form_of(declaration.round.template)
    records = load_records(declaration, form)

    def read() -> None:
        incoming = read_incoming(form, workbook, records.context)
        assert not incoming.problems
        assert len(incoming.records.lists["indicators"]) == INDICATORS

    return read
