"""The public site: what citizens find, read and follow. No login, no cookie, no script."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe

from declarations.models import (
    Bureau,
    CatalogueEntry,
    DeclarationKind,
    Department,
    FormTemplate,
    Publication,
    PublishedFile,
)
from declarations.queries import catalogue, public, public_years
from declarations.queries.forms import form_of
from declarations.queries.published import PUBLIC_FORMATS, table_of
from declarations.sheets.codes import shown_code
from declarations.sheets.css import form_css
from declarations.sheets.html import render_read_only
from declarations.views.public_caching import Standing, public_page, release

_FOR_EVER = "public, max-age=31536000, immutable"


def bureaus_standing(request: HttpRequest) -> Standing:
    """Of pages that show something of every bureau; their subject is the list of these."""
    found = public.bureaus()
    key = tuple((b.code, b.name, b.public_contact, b.changed_at, b.names_of_forms) for b in found)
    changed_at = max((b.changed_at for b in found if b.changed_at), default=None)
    return Standing(found, key, changed_at)


def bureau_standing(request: HttpRequest, bureau: str, **_arguments: Any) -> Standing:
    """Of pages of one bureau, which is their subject."""
    found = public.bureau_of(bureau)
    if found is None:
        raise Http404
    names = (found.name, found.names_of_departments, found.names_of_forms)
    return Standing(found, (*names, found.public_contact, found.changed_at), found.changed_at)


def department_standing(request: HttpRequest, bureau: str, department: str) -> Standing:
    """Of the page of a department, which is its subject."""
    found = public.department_of(bureau, department)
    if found is None:
        raise Http404
    key = (found.name, found.bureau.name, found.bureau.public_contact, found.changed_at)
    return Standing(found, key, found.changed_at)


def entry_standing(request: HttpRequest, **address: Any) -> Standing:
    """Of the page of a form, or of one of its versions; its line in the catalogue is its subject."""
    number = address.pop("number", None)
    entry = public.entry_at(**address)
    if entry is None or number == 0:
        raise Http404
    changed_at = max(filter(None, (entry.changed_at, entry.withdrawn_at)))
    contact = (entry.bureau.name, entry.bureau.public_contact, entry.department.name)
    line = (entry.title, entry.department_name, entry.kind)
    return Standing(entry, (entry.publication_id, changed_at, *line, *contact), changed_at)


@public_page(bureaus_standing)
def home(request: HttpRequest, bureaus: list[Bureau]) -> HttpResponse:
    """What this is, the search, the bureaus, and what was published last."""
    counts = public.published_by_bureau()
    context = {
        "bureaus": [(bureau, counts.get(bureau.pk, 0)) for bureau in bureaus],
        "entries": public.latest(),
    }
    return render(request, "public/home.html", context)


@public_page(bureaus_standing)
def about(request: HttpRequest, bureaus: list[Bureau]) -> HttpResponse:
    """How to search, verify and use the data; accessibility; whom to turn to."""
    return render(request, "public/about.html", {"bureaus": bureaus})


@public_page(bureau_standing)
def bureau(request: HttpRequest, found: Bureau, bureau: str) -> HttpResponse:
    """What a bureau has published, by year, kind and department."""
    departments = list(public.departments_of(found))
    wanted = asked(request.GET, departments)
    sort = request.GET.get("sort", "")
    sort = sort if sort in public.SORTS else ""
    page = public.page_of(found, **wanted, sort=sort, page=page_number(request.GET))
    context = {
        "bureau": found,
        "facets": catalogue.facets(found),
        "departments": departments,
        "wanted": wanted,
        "narrowed": any(wanted.values()),
        "sort": sort,
        "sorts": [(name, label) for name, (label, _) in public.SORTS.items()],
        "page": page,
    }
    return render(request, "public/bureau.html", context)


@public_page(bureaus_standing, keep=False)
def search(request: HttpRequest, bureaus: list[Bureau]) -> HttpResponse:
    """What has all words, in title, department or content."""
    words = request.GET.get("q", "")[:100].strip()
    code = request.GET.get("bureau", "")
    found = next((bureau for bureau in bureaus if bureau.code == code), None)
    wanted = {"bureau": found, **asked(request.GET), "words": words}
    context = {
        "bureaus": bureaus,
        "facets": catalogue.facets(),
        "wanted": wanted,
        "narrowed": any((found, wanted["year"], wanted["kind"])),
        "page": catalogue.entries(**wanted, page=page_number(request.GET)),
    }
    return render(request, "public/search.html", context)


@public_page(entry_standing)
def form(request: HttpRequest, entry: CatalogueEntry, **address: Any) -> HttpResponse:
    """A published form as it stands now, or, at its address, that it was withdrawn."""
    publication = public.publication_of(entry)
    assert publication is not None  # the catalogue refers to it
    return _form_page(request, entry, publication)


@public_page(entry_standing)
def version(
    request: HttpRequest, entry: CatalogueEntry, number: int, **address: Any
) -> HttpResponse:
    """A form as it was published once; the current one, too, has such an address."""
    publication = public.publication_of(entry, number)
    if publication is None:
        raise Http404
    return _form_page(request, entry, publication)


def _form_page(
    request: HttpRequest, entry: CatalogueEntry, publication: Publication
) -> HttpResponse:
    template = publication.declaration.round.template
    context: dict[str, Any] = {
        "entry": entry,
        "publication": publication,
        "current": publication.pk == entry.publication_id,
        "template": template,
        "versions": public.versions_of(entry),
        "files": [],
        "table": "",
    }
    if publication.is_public:
        context |= {
            "shown_code": shown_code(publication.code),
            "files": [_offered(publication, file) for file in public.files_of(publication)],
            "table": mark_safe(render_read_only(table_of(publication), title="p")),
            "is_table": not form_of(template).report,
            "release": release().digest[:8],
        }
    response = render(request, "public/form.html", context)
    if not (publication.is_public and context["current"]):
        response["X-Robots-Tag"] = "noindex"
    return response


def _offered(publication: Publication, file: PublishedFile) -> dict[str, Any]:
    return {
        "address": reverse("public-file", args=[publication.code, file.format]),
        "label": PUBLIC_FORMATS.get(file.format, file.format.upper()),
        "size": file.file.size,
    }


@public_page(cache_control=_FOR_EVER)
def style_sheet(request: HttpRequest, _: None, template: int, sha256: str) -> HttpResponse:
    """The style sheet of a form that something was published on; it never changes."""
    found = FormTemplate.objects.defer("workbook").filter(pk=template, sha256=sha256).first()
    if found is None or not public.is_published_on(found):
        raise Http404
    return HttpResponse(form_css(form_of(found)), content_type="text/css; charset=utf-8")


def asked(query: Mapping[str, str], departments: list[Department] | None = None) -> dict[str, Any]:
    """By what a list is narrowed, of an address; what makes no sense does not narrow it."""
    year, kind = query.get("year", ""), query.get("kind", "")
    wanted: dict[str, Any] = {
        "year": int(year) if year.isascii() and year.isdecimal() and len(year) == 4 else None,
        "kind": kind if kind in DeclarationKind.values else "",
    }
    if departments is not None:
        code = query.get("department", "")
        wanted["department"] = next((d for d in departments if d.code == code), None)
    return wanted


def page_number(query: Mapping[str, str]) -> int:
    """Which page is asked for; the first, where that makes no sense."""
    number = query.get("page", "")
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else 1


@public_page(department_standing)
def department(
    request: HttpRequest, found: Department, bureau: str, department: str
) -> HttpResponse:
    """A department over the years: its forms, and what it set out to do beside what it did."""
    years = public_years.years_of(found)
    context = {
        "department": found,
        "bureau": found.bureau,
        "years": years,
        "money": public_years.money_chart(years),
        "results": public_years.results_chart(years),
    }
    return render(request, "public/department.html", context)
