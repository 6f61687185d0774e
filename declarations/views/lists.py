"""Lists of declarations: filtered by what the address says, sorted, paged, and as a workbook."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from declarations.domain.exporting import record_export
from declarations.models import OF_DEPARTMENTS, Declaration, Round, User
from declarations.permissions import SEE_HANDED_IN
from declarations.queries import documents, lists
from declarations.queries.declarations import visible_to
from declarations.queries.list_files import workbook_of
from declarations.views.documents import attachment
from declarations.views.list_forms import ListFilters
from declarations.views.reaching import person

AT_ONCE = 50
"""Declarations on a page."""


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head. sorted: the value of aria-sort, "" where the list is not sorted by it.
    following: what its link sorts by."""

    label: str
    sorted: str
    following: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A filtered and sorted list of one person's declarations. within: the round it is of, if
    of one. order: the column it is sorted by, as in the address."""

    user: User
    within: Round | None
    order: str
    filters: ListFilters
    declarations: QuerySet[Declaration]

    @classmethod
    def of(cls, request: HttpRequest, within: Round | None = None, sort: str = "") -> "Listing":
        """What the address asks for. sort: the order unless it says another."""
        user, now = person(request), timezone.now()
        filters = ListFilters(user, request.GET, within)
        found = visible_to(user)
        if within is not None:
            found = found.filter(round=within)
        found = lists.narrowed(found, filters.wanted, now)
        order = filters.wanted.get("sort", sort)
        return cls(user, within, order, filters, lists.in_order(found, order, user, now))

    def page(self, number: str) -> tuple["Page[int]", list[lists.Row]]:
        """One page of it, the last one where there are not so many, and its rows."""
        page = Paginator(self.declarations.values_list("pk", flat=True), AT_ONCE).get_page(number)
        return page, lists.rows_by_key(list(page), self.user, timezone.now())

    def all_rows(self) -> list[lists.Row]:
        """Every row of it."""
        return lists.rows(lists.read(self.declarations, self.user), self.user, timezone.now())

    def heads(self) -> list[Head]:
        """The heads of its columns, in order."""
        of_department = self.user.role in OF_DEPARTMENTS
        return [
            head_of(column, self.order)
            for column in lists.COLUMNS
            if not (column.only_bureau and of_department)
            if not (column.name == "round" and self.within)
        ]


def head_of(column: lists.Column, order: str) -> Head:
    """A column's head in a list that is sorted by ``order``."""
    if order == column.name:
        return Head(column.label, "ascending", f"-{column.name}")
    return Head(column.label, "descending" if order == f"-{column.name}" else "", column.name)


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """All declarations that this person may see."""
    require_reader(person(request))
    return render(request, "lists/index.html", context_of(request, Listing.of(request)))


@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """The same list, every row of it, as a workbook."""
    require_reader(person(request))
    return workbook(Listing.of(request), "申报清单")


def require_reader(user: User) -> None:
    """404 for who reads no declarations."""
    if user.role not in (*SEE_HANDED_IN, *OF_DEPARTMENTS):
        raise Http404


def context_of(request: HttpRequest, listing: Listing) -> dict[str, Any]:
    """What templates/lists/table.html needs."""
    page, rows = listing.page(request.GET.get("page", "1"))
    return {
        "filters": listing.filters,
        "heads": listing.heads(),
        "page": page,
        "rows": rows,
        "of_bureau": listing.user.role in SEE_HANDED_IN,
    }


def workbook(listing: Listing, title: str) -> HttpResponse:
    """The list as a file, with a record of who took it and what was in it."""
    rows = listing.all_rows()
    record_export(
        listing.user,
        title=title,
        filters=listing.filters.wanted,
        rows=len(rows),
        round=listing.within,
    )
    name = f"{title}-{timezone.localdate():%Y%m%d}.xlsx"
    return attachment(workbook_of(title, rows, listing.user), documents.CONTENT_TYPES["xlsx"], name)
