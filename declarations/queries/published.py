"""What a publication holds: its records, its form, and the formats that it can be had in."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from declarations.models import Publication
from declarations.queries.documents import NOT_IN_FILE_NAMES, OF_REPORTS
from declarations.queries.forms import form_of
from declarations.sheets.bind import bind
from declarations.sheets.catalogue import SHOWN_COLUMNS, TOTALS
from declarations.sheets.form import Form
from declarations.sheets.kinds import NUMERIC_KINDS
from declarations.sheets.records import Records, Value, content_hash
from declarations.sheets.table import Table

PUBLIC_FORMATS = {
    "pdf": "PDF",
    "docx": "Word 文档",
    "xlsx": "Excel 表格",
    "json": "数据（JSON）",
}
"""The formats that something is published in, in the order in which they are offered.

No HTML: the public page is that, and always says what has become of the publication since.
"""

_NUMBERS = {
    *(name for name, kind in SHOWN_COLUMNS.items() if kind in NUMERIC_KINDS),
    *(name.replace(".", "/") for name, kind in TOTALS.items() if kind in NUMERIC_KINDS),
}


def form_of_publication(publication: Publication) -> Form:
    """The form that it was filed on."""
    return form_of(publication.declaration.round.template)


def formats_of_publication(publication: Publication) -> dict[str, str]:
    """The formats of PUBLIC_FORMATS that it is published in, with what they are called."""
    report = form_of_publication(publication).report
    return {f: label for f, label in PUBLIC_FORMATS.items() if report or f not in OF_REPORTS}


def records_of(publication: Publication) -> Records:
    """The masked records, with what the form shows beside them."""
    records = Records.from_json(publication.content)
    records.shown = shown_from_json(publication.shown)
    return records


def table_of(publication: Publication) -> Table:
    """The bound form as it is published."""
    return bind(form_of_publication(publication), records_of(publication))


def published_name(publication: Publication, format_: str) -> str:
    """The name to save one of its files under; from the second publication on with its number,
    so that nobody takes one for the other."""
    title = NOT_IN_FILE_NAMES.sub("-", publication.title)
    number = f"（第{publication.number}次公开）" if publication.number > 1 else ""
    return f"{title}{number}.{format_}"


def content_to_publish(records: Records) -> dict[str, Any]:
    """The masked records as `Publication.content` keeps them, with what the form shows beside
    them: so that the hash of the content is that of everything that can be read. Without any of
    that, as `Records.to_json`."""
    shown = shown_to_json(records.shown)
    return records.to_json() | ({"shown": shown} if shown else {})


def is_as_published(publication: Publication) -> bool:
    """Whether its content agrees with its hash, and the copy of what is shown with the content."""
    content = publication.content
    agrees = publication.shown == content.get("shown", {})
    return agrees and content_hash(content) == publication.sha256


def shown_to_json(shown: Mapping[str, Value]) -> dict[str, str | None]:
    """``Records.shown`` as `Publication.shown` keeps it: numbers as strings."""
    return {anchor: str(v) if isinstance(v, Decimal) else v for anchor, v in shown.items()}


def shown_from_json(shown: Mapping[str, Any]) -> dict[str, Value]:
    """What `shown_to_json` wrote."""
    return {
        anchor: Decimal(value) if value is not None and _is_number(anchor) else value
        for anchor, value in shown.items()
    }


def _is_number(anchor: str) -> bool:
    return anchor in _NUMBERS or anchor.rpartition("/")[2] in _NUMBERS
