"""The PDF of Panyu's published declaration, against WeasyPrint on the same HTML and LibreOffice."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import Path

from pypdf import PdfReader
from weasyprint import HTML
from weasyprint.urls import URLFetcher

from benchmarks.content import Scene
from benchmarks.harness import Aim, Benchmark
from declarations.queries.declarations import by_reference
from declarations.queries.documents import document_of, document_table, document_title
from declarations.sheets.archival import VARIANT
from declarations.sheets.pdf import print_form

REFERENCE = "panyu-dpf/2023/panyu-target"
AT_ONCE = 10
"""Workbooks that LibreOffice converts in one go: starting it takes longer than one of them."""


def benchmarks(scene: Scene) -> Iterator[Benchmark]:
    """Ours from the database on: records, bound form, planned pages, PDF."""
    declaration = by_reference(REFERENCE)
    table = document_table(declaration)
    html = print_form(table, title=document_title(declaration)).html

    fetcher = URLFetcher(allowed_protocols=("data",))

    def ours() -> bytes:
        return document_of(by_reference(REFERENCE), "pdf")

    def weasyprint() -> bytes:
        pdf: bytes = HTML(string=html, url_fetcher=fetcher).write_pdf(pdf_variant=VARIANT)
        return pdf

    assert _texts(ours()) == _texts(weasyprint()), "not the same document"
    yield Benchmark(
        "PDF of Panyu's declaration", ours, "WeasyPrint alone", weasyprint, Aim.within(1.05), 40
    )
    yield from _libreoffice()


def _texts(pdf: bytes) -> list[str]:
    """Of each page. Fonts and claims of ours are others than WeasyPrint's."""
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def _libreoffice() -> Iterator[Benchmark]:
    """What somebody would do with the workbooks that we give them."""
    soffice = shutil.which("soffice")
    if soffice is None:
        print("LibreOffice (soffice) is not installed: PDFs not compared with it", file=sys.stderr)
        return
    workbook = document_of(by_reference(REFERENCE), "xlsx")
    with tempfile.TemporaryDirectory(prefix="jixiao-bench-") as name:
        folder = Path(name)
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", name]

        def ours(count: int) -> None:
            for _ in range(count):
                document_of(by_reference(REFERENCE), "pdf")

        def libreoffice(count: int) -> None:
            sources = [folder / f"{number}.xlsx" for number in range(count)]
            for source in sources:
                source.write_bytes(workbook)
            subprocess.run([*command, *map(str, sources)], check=True, capture_output=True)
            for source in sources:
                made = source.with_suffix(".pdf")
                assert made.read_bytes().startswith(b"%PDF")
                made.unlink()

        for count, aim in ((1, Aim.within(1)), (AT_ONCE, None)):
            yield Benchmark(
                f"{count} PDF(s) of it",
                partial(ours, count),
                f"LibreOffice converting {count} workbook(s)",
                partial(libreoffice, count),
                aim,
                10,
            )
