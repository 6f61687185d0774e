"""What the public site lists, filters and searches: `CatalogueEntry`, one for each declaration.

Nothing in here knows a user: everybody sees the same.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Q, QuerySet

from declarations.models import Bureau, CatalogueEntry, DeclarationKind, Department
from declarations.queries.catalogue_search import MOST_COUNTED, Found, sample_mark, search
from declarations.sheets.records import Records
from declarations.sheets.words import Excerpt, Wanted, excerpts, marked, texts_of, wanted

PAGE = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list. title, department: with the words that were searched for marked."""

    entry: CatalogueEntry
    title: Excerpt
    department: Excerpt
    excerpts: tuple[Excerpt, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A page of entries. count: at most MOST_COUNTED; more: whether there are more than that.

    number, pages: from 1; pages is 0 where nothing was found. asked: what was understood of the
    words; its `words` are empty where nothing can be searched for.
    """

    rows: tuple[Row, ...]
    count: int
    more: bool
    number: int
    pages: int
    asked: Wanted

    @property
    def has_next(self) -> bool:
        return self.number < self.pages

    @property
    def has_previous(self) -> bool:
        return self.number > 1


def entries(
    *,
    bureau: Bureau | None = None,
    year: int | None = None,
    kind: str = "",
    department: Department | None = None,
    words: str = "",
    page: int = 1,
    size: int = PAGE,
) -> Page:
    """What is public now, newest first; of words, what has them in title, department or year
    before what has them in its content only.

    page: is brought to where there is something. Withdrawn entries are not among them.
    """
    asked = wanted(words)
    if words.strip() and not asked.words:
        return Page((), 0, False, 1, 0, asked)
    if not asked.words and year is None and not kind and department is None:
        return _all(_filtered(bureau, None, "", None), page, size)
    marks = _marks(bureau.pk if bureau else None, year, kind, department.pk if department else None)
    number = max(1, min(page, -(-MOST_COUNTED // size)))
    found = _page(marks, asked, bureau, number, size)
    if not found.keys and found.count:
        number = -(-found.count // size)
        found = _page(marks, asked, bureau, number, size)
    rows = _rows(_in_order(found.keys), asked)
    return Page(
        rows, found.count, found.more, number if rows else 1, -(-found.count // size), asked
    )


def _page(
    marks: tuple[str, ...], asked: Wanted, bureau: Bureau | None, number: int, size: int
) -> Found:
    key = bureau.pk if bureau else None
    return search(marks, asked, bureau=key, offset=(number - 1) * size, size=size)


def _all(found: QuerySet[CatalogueEntry], page: int, size: int) -> Page:
    """Of everything, the newest first: as the index has it."""
    found = found.filter(withdrawn=False)
    count = found.order_by()[: MOST_COUNTED + 1].count()
    more, count = count > MOST_COUNTED, min(count, MOST_COUNTED)
    pages = -(-count // size)
    number = max(1, min(page, pages))
    shown = found.order_by("-published_at", "-pk")[(number - 1) * size : min(number * size, count)]
    return Page(_rows(_complete(shown), wanted("")), count, more, number, pages, wanted(""))


def _in_order(keys: tuple[int, ...]) -> list[CatalogueEntry]:
    found = {entry.pk: entry for entry in _complete(CatalogueEntry.objects.filter(pk__in=keys))}
    return [found[key] for key in keys if key in found]


@dataclass(frozen=True, slots=True)
class Facets:
    """What there is to choose from: years, newest first, and kinds with their labels; each with
    how many there are, None where that is not counted."""

    years: tuple[tuple[int, int | None], ...]
    kinds: tuple[tuple[str, str, int | None], ...]


def facets(bureau: Bureau | None = None, department: Department | None = None) -> Facets:
    """The years and kinds of what is public of a bureau or a department; of everything they are
    not counted, which would take reading all of it."""
    if bureau is None and department is None:
        known = _years_and_kinds()
        years = sorted({year for year, _ in known}, reverse=True)
        kinds = {kind for _, kind in known}
        return Facets(
            tuple((year, None) for year in years),
            tuple((k.value, str(k.label), None) for k in DeclarationKind if k.value in kinds),
        )
    found = _filtered(bureau, None, "", department).filter(withdrawn=False)
    of_years, of_kinds = Counter[int](), Counter[str]()
    for year, kind, number in found.values_list("year", "kind").annotate(Count("pk")).order_by():
        of_years[year] += number
        of_kinds[kind] += number
    return Facets(
        tuple(sorted(of_years.items(), reverse=True)),
        tuple((k.value, str(k.label), of_kinds[k.value]) for k in DeclarationKind if of_kinds[k]),
    )


_NEXT = """
    WITH RECURSIVE known AS (
        (SELECT bureau_id, year, kind FROM declarations_catalogueentry
         ORDER BY bureau_id, year, kind LIMIT 1)
        UNION ALL
        SELECT following.* FROM known CROSS JOIN LATERAL (
            SELECT bureau_id, year, kind FROM declarations_catalogueentry
            WHERE (bureau_id, year, kind) > (known.bureau_id, known.year, known.kind)
            ORDER BY bureau_id, year, kind LIMIT 1
        ) AS following
    ) SELECT DISTINCT year, kind FROM known
"""


def _years_and_kinds() -> list[tuple[int, str]]:
    """Read by going from one to the next in the index, past all that are alike."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT)
        return [(year, kind) for year, kind in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Changes:
    """Entries in the order in which they changed. following: the cursor of the next ones, ""
    where these are the last."""

    entries: tuple[CatalogueEntry, ...]
    following: str


def changes(
    *,
    bureau: Bureau | None = None,
    year: int | None = None,
    kind: str = "",
    department: Department | None = None,
    changed_since: datetime | None = None,
    cursor: str = "",
    size: int = 100,
) -> Changes:
    """What was published, corrected or withdrawn, withdrawn entries among them, oldest first.

    What changes meanwhile comes (again) at the end. Publishing takes some seconds after its time
    was noted: whoever comes again later asks from a few minutes before.
    Raises ValueError for a cursor that is none.
    """
    found = _filtered(bureau, year, kind, department)
    if changed_since is not None:
        found = found.filter(changed_at__gte=changed_since)
    if cursor:
        at, _, last = cursor.rpartition("_")
        try:
            when, number = datetime.fromisoformat(at), int(last)
        except ValueError:
            raise ValueError(f"not a cursor: {cursor!r}") from None
        if when.tzinfo is None or not 0 <= number < 2**63:
            raise ValueError(f"not a cursor: {cursor!r}")
        found = found.filter(
            Q(changed_at__gt=when) | Q(changed_at=when, pk__gt=number), changed_at__gte=when
        )
    rows = _complete(found.order_by("changed_at", "pk")[: size + 1])
    shown = rows[:size]
    following = f"{shown[-1].changed_at.isoformat()}_{shown[-1].pk}" if len(rows) > size else ""
    return Changes(tuple(shown), following)


def marks_of(entry: CatalogueEntry) -> tuple[str, ...]:
    """What an entry is filtered by when it is searched for, as marks of its words; and whether
    it is in the sample."""
    marks = _marks(entry.bureau_id, entry.year, entry.kind, entry.department_id)
    return marks + sample_mark(entry.declaration_id)


def _marks(
    bureau: int | None, year: int | None, kind: str, department: int | None
) -> tuple[str, ...]:
    known = {"b": bureau, "y": year, "k": kind or None, "d": department}
    return tuple(f"{key}{value}" for key, value in known.items() if value is not None)


def _filtered(
    bureau: Bureau | None, year: int | None, kind: str, department: Department | None
) -> QuerySet[CatalogueEntry]:
    known = {"bureau": bureau, "year": year, "kind": kind or None, "department": department}
    return CatalogueEntry.objects.filter(**{k: v for k, v in known.items() if v is not None})


def _complete(found: QuerySet[CatalogueEntry]) -> list[CatalogueEntry]:
    """With all that their addresses and lines need, and without the words."""
    return list(
        found.select_related("bureau", "department", "publication").defer(
            "words", "publication__content", "publication__shown", "publication__masking"
        )
    )


def _rows(shown: list[CatalogueEntry], asked: Wanted) -> tuple[Row, ...]:
    contents = _contents(shown) if asked.words else {}
    return tuple(
        Row(
            entry,
            marked(entry.title, asked),
            marked(entry.department_name, asked),
            tuple(excerpts(contents.get(entry.pk, ()), asked)),
        )
        for entry in shown
    )


def _contents(shown: list[CatalogueEntry]) -> dict[int, list[str]]:
    """The texts of each entry."""
    found = CatalogueEntry.objects.filter(pk__in=[entry.pk for entry in shown])
    return {
        key: list(texts_of(Records.from_json(content)))
        for key, content in found.values_list("pk", "publication__content")
    }
