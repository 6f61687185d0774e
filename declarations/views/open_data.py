"""Open data: what there is of a bureau, its tables as files, their schemas, and what changed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header

from declarations.models import Bureau, Publication
from declarations.queries import open_data
from declarations.queries.documents import CONTENT_TYPES
from declarations.queries.public import bureau_of
from declarations.sheets.open_data import Dataset, Row, csv_of, json_of, xlsx_of
from declarations.sheets.open_datasets import BY_YEAR, CHANGE_LOG, CHANGES, DATASETS, LICENCE
from declarations.views.public import bureau_standing
from declarations.views.public_caching import Standing, public_page

FORMATS = {"csv": "CSV", "xlsx": "Excel", "json": "JSON"}
"""What each table can be had as."""
_TYPES = CONTENT_TYPES | {"csv": "text/csv; charset=utf-8; header=present"}
_SHOWN_CHANGES = 100
"""Changes on the page; the files hold them all."""

View = Callable[..., HttpResponseBase]


def for_everybody(view: View) -> View:
    """A view whose answers also scripts of other sites may read."""

    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(*args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        return response

    return answer


@dataclass(frozen=True, slots=True)
class Extract:
    """A table of a bureau, of one year or of all."""

    dataset: Dataset
    bureau: Bureau
    year: int | None
    publications: QuerySet[Publication]
    extent: open_data.Extent

    @property
    def name(self) -> str:
        """What its file is called, without the ending."""
        year = f"{self.year}年" if self.year else ""
        return f"{self.bureau.name}{year}{self.dataset.title}"

    def rows(self) -> Iterator[Row]:
        return open_data.ROWS[self.dataset.name](self.publications)

    def about(self) -> dict[str, Any]:
        """What the JSON says before its rows."""
        schema = reverse("public-data-schema", args=[self.dataset.name])
        changed_at = self.extent.changed_at
        assert changed_at is not None  # there is something
        return {
            "dataset": self.dataset.name,
            "title": self.name,
            "description": self.dataset.description,
            "bureau": {"code": self.bureau.code, "name": self.bureau.name},
            "year": self.year,
            "changed_at": timezone.localtime(changed_at).isoformat(timespec="seconds"),
            "schema": settings.ADDRESS + schema,
            "licence": LICENCE,
        }


def _extract(dataset: Dataset, code: str, year: int | None) -> Standing:
    bureau = bureau_of(code)
    if bureau is None:
        raise Http404
    publications = open_data.publications_of(bureau, year)
    extent = open_data.extent_of(publications)
    if not extent.count:
        raise Http404
    extract = Extract(dataset, bureau, year, publications, extent)
    names = (bureau.name, bureau.public_contact, bureau.names_of_forms)
    return Standing(extract, (*names, *extent.key), extent.changed_at)


def _table_standing(request: HttpRequest, bureau: str, **address: Any) -> Standing:
    """Of a table of a year, or of the changes, as a page or in a format."""
    datasets = BY_YEAR if "year" in address else {CHANGE_LOG.name: CHANGE_LOG}
    dataset = datasets.get(address.get("name", CHANGE_LOG.name))
    if dataset is None or address.get("format", "csv") not in FORMATS:
        raise Http404
    return _extract(dataset, bureau, address.get("year"))


class Choice(NamedTuple):
    """A table of a year: where its files are. rows: how many it has."""

    dataset: Dataset
    rows: int
    files: list[tuple[str, str]]


@public_page(bureau_standing)
def index(request: HttpRequest, found: Bureau, bureau: str) -> HttpResponse:
    """What there is, year by year, what the columns mean, and how it may be used."""
    context = {
        "bureau": found,
        "years": [(y.year, list(_choices(found, y))) for y in open_data.years_of(found)],
        "changes": [(label, _changes_file(found, f)) for f, label in FORMATS.items()],
        "datasets": DATASETS.values(),
        "licence": LICENCE,
        "address": settings.ADDRESS,
    }
    return render(request, "public/data.html", context)


@for_everybody
@public_page(_table_standing)
def file(request: HttpRequest, extract: Extract, **_address: Any) -> HttpResponseBase:
    """A table of a bureau and a year."""
    return _written(extract, _address["format"])


@for_everybody
@public_page(bureau_standing)
def package(request: HttpRequest, found: Bureau, bureau: str) -> HttpResponse:
    """All CSV files of a bureau with their schemas, as a Data Package (datapackage.org)."""
    resources = [
        _resource(found, dataset, year.year)
        for year in open_data.years_of(found)
        for dataset in BY_YEAR.values()
    ]
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": found.code,
        "title": f"{found.name}部门绩效信息公开数据",
        "description": LICENCE,
        "homepage": settings.ADDRESS + reverse("public-data", args=[found.code]),
        "resources": [*resources, _resource(found, CHANGE_LOG, None)],
    }
    return _json(package)


@for_everybody
@public_page()
def schema(request: HttpRequest, nothing: None, name: str) -> HttpResponse:
    """The Table Schema of a table."""
    if name not in DATASETS:
        raise Http404
    return _json(DATASETS[name].table_schema())


@public_page(_table_standing)
def changes(request: HttpRequest, extract: Extract, bureau: str) -> HttpResponse:
    """The latest publications, corrections and withdrawals of a bureau."""
    latest = open_data.changes_of(extract.publications, most=_SHOWN_CHANGES)
    context = {
        "bureau": extract.bureau,
        "changes": [_shown(open_data.change_row(change)) for change in latest],
        "most": _SHOWN_CHANGES,
        "files": [(label, _changes_file(extract.bureau, f)) for f, label in FORMATS.items()],
    }
    return render(request, "public/data_changes.html", context)


@for_everybody
@public_page(_table_standing)
def changes_file(request: HttpRequest, extract: Extract, **_address: Any) -> HttpResponseBase:
    """All of them, as a file."""
    return _written(extract, _address["format"])


def _written(extract: Extract, format_: str) -> HttpResponseBase:
    """The table as a file; what can be sent while it is being read is."""
    dataset, rows = extract.dataset, extract.rows()
    content: Iterable[bytes]
    if format_ == "csv":
        content = csv_of(dataset, rows)
    elif format_ == "json":
        content = json_of(dataset, rows, extract.about())
    else:
        content = [xlsx_of(dataset, rows, LICENCE)]
    name = f"{extract.name}.{format_}"
    response = StreamingHttpResponse(content, content_type=_TYPES[format_])
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


def _shown(change: Row) -> dict[str, Any]:
    """A change with the word for it, and its address on this site."""
    here = str(change["address"]).removeprefix(settings.ADDRESS)
    return {**change, "word": CHANGES[str(change["change"])], "address": here}


def _choices(bureau: Bureau, year: open_data.Year) -> Iterator[Choice]:
    for name, dataset in BY_YEAR.items():
        files = [
            (label, reverse("public-data-file", args=[bureau.code, year.year, name, format_]))
            for format_, label in FORMATS.items()
        ]
        yield Choice(dataset, getattr(year, name), files)


def _changes_file(bureau: Bureau, format_: str) -> str:
    return reverse("public-changes-file", args=[bureau.code, format_])


def _resource(bureau: Bureau, dataset: Dataset, year: int | None) -> dict[str, Any]:
    address = _changes_file(bureau, "csv")
    if year is not None:
        address = reverse("public-data-file", args=[bureau.code, year, dataset.name, "csv"])
    return {
        "name": f"{dataset.name}-{year}" if year else dataset.name,
        "title": f"{year}年{dataset.title}" if year else dataset.title,
        "path": settings.ADDRESS + address,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": settings.ADDRESS + reverse("public-data-schema", args=[dataset.name]),
    }


def _json(content: Any) -> JsonResponse:
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False, "indent": 1})
