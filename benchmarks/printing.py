"""The PDF of Panyu's published declaration, against WeasyPrint on the same HTML."""

from collections.abc import Iterator

from weasyprint import HTML
from weasyprint.urls import URLFetcher

from benchmarks.content import Scene
from benchmarks.harness import Aim, Benchmark
from declarations.queries.declarations import by_reference
from declarations.queries.documents import document_of, document_table, document_title
from declarations.sheets.pdf import print_form

REFERENCE = "panyu-dpf/2023/panyu-target"


def benchmarks(scene: Scene) -> Iterator[Benchmark]:
    """Ours from the database on: records, bound form, planned pages, PDF."""
    declaration = by_reference(REFERENCE)
    table = document_table(declaration)
    html = print_form(table, title=document_title(declaration)).html

    fetcher = URLFetcher(allowed_protocols=("data",))

    def ours() -> bytes:
        return document_of(by_reference(REFERENCE), "pdf")

    def weasyprint() -> bytes:
        pdf: bytes = HTML(string=html, url_fetcher=fetcher).write_pdf(pdf_variant="pdf/ua-1")
        return pdf

    assert ours() == weasyprint(), "not the same document"
    yield Benchmark(
        "PDF of Panyu's declaration", ours, "WeasyPrint alone", weasyprint, Aim.within(1.05), 40
    )
