"""PDFs that say both that they can be archived (PDF/A-2a) and that they are accessible (PDF/UA-1).

WeasyPrint writes what both ask for, but one claim. PDF/A allows a property that it does not know
where the document describes it (ISO 19005-2, 6.6.2.3.2), which is what the extension schema does.
"""

from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any

from weasyprint import HTML, Document
from weasyprint.css import ColorProfile
from weasyprint.urls import URLFetcher

from declarations.sheets.embedded_fonts import compact_fonts
from declarations.sheets.table_headers import correct_headings

VARIANT = "pdf/a-2a"
"""The variant that WeasyPrint writes: level a is tagged, part 2 knows OpenType and transparency."""

_NAMESPACE = "http://www.aiim.org/pdfua/ns/id/"
_RDF_END = b"</rdf:RDF>"
_ACCESSIBLE = (
    f'<rdf:Description rdf:about="" xmlns:pdfuaid="{_NAMESPACE}" pdfuaid:part="1"/>'
    '<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"'
    ' xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"'
    ' xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag>'
    '<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>PDF/UA Universal Accessibility Schema'
    f"</pdfaSchema:schema><pdfaSchema:namespaceURI>{_NAMESPACE}</pdfaSchema:namespaceURI>"
    "<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>"
    '<rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>'
    "<pdfaProperty:valueType>Integer</pdfaProperty:valueType>"
    "<pdfaProperty:category>internal</pdfaProperty:category>"
    "<pdfaProperty:description>Indicates, which part of ISO 14289 standard is followed"
    "</pdfaProperty:description></rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag>"
    "</pdfaExtension:schemas></rdf:Description>"
).encode()


_DATA_ONLY = URLFetcher(allowed_protocols=("data",))


def lay_out(html: str) -> Document:
    """The pages of an HTML document. What it refers to must be data: nothing else is loaded."""
    document = HTML(string=html, url_fetcher=_DATA_ONLY)
    return document.render(pdf_variant=VARIANT, color_profiles={"srgb": _srgb()})


def write_archival(document: Document) -> bytes:
    """The PDF of what `lay_out` gave. Once: writing changes the fonts that it holds."""
    pdf: bytes = document.write_pdf(pdf_variant=VARIANT, output_intent="given", finisher=_finish)
    return pdf


def _srgb() -> ColorProfile:
    """The output intent that PDF/A asks for. WeasyPrint would open its file and never close it."""
    content = BytesIO(_srgb_content())
    return ColorProfile(content, "sRGB2014.icc", "relative-colorimetric", (["r"], ["g"], ["b"]))


@cache
def _srgb_content() -> bytes:
    return (files("weasyprint.pdf") / "sRGB2014.icc").read_bytes()


def _finish(document: Document, pdf: Any) -> None:
    correct_headings(document, pdf)
    compact_fonts(pdf)
    _claim_both(pdf)


def _claim_both(pdf: Any) -> None:
    """Adds the second claim to the metadata, which stay legible without knowing PDF."""
    metadata = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
    (content,) = metadata.stream
    metadata.stream = [content.replace(_RDF_END, _ACCESSIBLE + _RDF_END, 1)]
    metadata.compress = False
