"""README and docs/: their links lead somewhere, and their pictures are shown."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def links(document: Path) -> list[str]:
    """Where a document leads inside the project."""
    found = _LINK.findall(_CODE.sub("", document.read_text(encoding="utf-8")))
    return [link for link in found if not link.startswith(("http:", "https:"))]


def fragments(document: Path) -> set[str]:
    """What can stand after # in a link to a document, as its headings are addressed on the web."""
    headings = _HEADING.findall(document.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: str(d.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    lost = []
    for link in links(document):
        path, _, fragment = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if not target.exists() or (fragment and fragment not in fragments(target)):
            lost.append(link)
    assert lost == []


def test_every_picture_and_every_document_is_linked() -> None:
    linked = {(d.parent / link.partition("#")[0]).resolve() for d in DOCUMENTS for link in links(d)}
    pictures = {*(ROOT / "docs/images").iterdir()}
    decisions = (ROOT / "docs/decisions").resolve()
    assert decisions in linked
    assert {d for d in {*DOCUMENTS[1:], *pictures} - linked if d.parent != decisions} == set()
