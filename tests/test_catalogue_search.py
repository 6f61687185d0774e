"""Finding what is published: by words, filters and pages; and by the way that was chosen."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from declarations.models import CatalogueEntry, Declaration, DeclarationKind, Department
from declarations.queries import catalogue, catalogue_search
from declarations.queries.catalogue import changes, entries, facets
from tests import factories
from tests.catalogued import approved_in, entry_of, published, withdrawn

NOW = timezone.now()
FOUND = {
    "残疾": [2, 1, 0],
    "残疾人": [1, 0],
    "残疾人就业": [0],
    "就业 残疾": [2, 0],
    "工作人员": [2],
    "人员工作": [1],
    "残": [2, 1, 0],
    "养老": [1],
    "pdf": [0],
    "ＰＤＦ文件": [0],
    "94.02": [0],
    "94": [0],
    "9402": [],
    "第3季度": [0],
    "季度3": [],
    "没有的词": [],
    "残疾人 没有的词": [],
    "“残疾人” ！": [1, 0],
    "' | & ! <-> (残疾人):*": [1, 0],
    "民政": [1],
    "2024年": [2, 1],
    "2024": [2, 1],
}
"""Words, and which of `three` have them."""


@pytest.fixture
def three(declaration: Declaration) -> list[CatalogueEntry]:
    """Of three departments of two bureaus, the oldest first."""
    Department.objects.update(name="番禺区教育局")
    declaration = factories.reread(declaration)
    other = factories.DepartmentFactory.create(bureau=declaration.round.bureau, name="民政局")
    far = factories.DepartmentFactory.create(name="外区卫生健康局")
    texts = {
        declaration: ("扶持残疾人就业，人均补贴94.02元。", "第3季度PDF文件"),
        factories.declaration_for(other, year=2024): ("残疾人康复训练；人员工作", "养老"),
        factories.declaration_for(far, year=2024): ("残疾的人可以就业", "工作人员"),
    }
    return [
        entry_of(published(approved_in(each), *text, at=NOW - timedelta(days=9 - n)))
        for n, (each, text) in enumerate(texts.items())
    ]


def keys(**asked: object) -> list[int]:
    return [row.entry.pk for row in entries(**asked).rows]  # type: ignore[arg-type]


@pytest.fixture(params=["few", "many", "many, sorted"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each way to the entries finds the same: this makes two of them many. Asked for before
    anything is published, of which all is in the sample."""
    if request.param == "few":
        return
    monkeypatch.setattr(catalogue, "sample_mark", lambda _key: ("s",))
    monkeypatch.setattr(catalogue_search, "_ONE_IN", 1)
    monkeypatch.setattr(catalogue_search, "_MANY", 2)
    monkeypatch.setattr(catalogue_search, "_READING", 10**9 if "sorted" in request.param else 0)


@pytest.mark.usefixtures("way")
def test_words_find_what_has_all_of_them(three: list[CatalogueEntry]) -> None:
    found = {words: keys(words=words) for words in FOUND}
    assert found == {words: [three[n].pk for n in which] for words, which in FOUND.items()}


@pytest.mark.usefixtures("way")
def test_what_has_the_words_in_its_head_comes_first(three: list[CatalogueEntry]) -> None:
    assert keys(words="残疾人") == [three[1].pk, three[0].pk]
    published(three[0].declaration, "别的", title="残疾人事业", at=NOW - timedelta(days=30))
    assert keys(words="残疾人") == [three[0].pk, three[1].pk]
    assert [keys(words="残疾人", size=1, page=n) for n in (1, 2)] == [[three[0].pk], [three[1].pk]]


@pytest.mark.usefixtures("way")
def test_filters_narrow_and_go_together(three: list[CatalogueEntry]) -> None:
    bureau, department = three[0].bureau, three[1].department
    assert keys(words="残疾", bureau=bureau) == [three[1].pk, three[0].pk]
    assert keys(words="残疾", bureau=bureau, year=2024) == [three[1].pk]
    assert keys(words="就业", department=department) == []
    assert keys(words="残疾", kind=DeclarationKind.REPORT) == []
    assert keys(year=2024) == [three[2].pk, three[1].pk]
    assert keys(department=department) == [three[1].pk]
    assert keys(bureau=bureau, kind=DeclarationKind.TARGET) == [three[1].pk, three[0].pk]
    assert keys(bureau=bureau) == [three[1].pk, three[0].pk]
    assert keys() == [e.pk for e in reversed(three)]
    assert keys(words="残疾", year=-(10**30)) == []


def test_pages_are_cut_and_go_no_further_than_there_is(three: list[CatalogueEntry]) -> None:
    for asked in ({}, {"words": "残疾"}):
        page = entries(size=2, page=99, **asked)  # type: ignore[arg-type]
        assert (page.number, page.pages, page.count, page.more) == (2, 2, 3, False)
        assert [row.entry.pk for row in page.rows] == [three[0].pk]
        assert entries(size=2, page=-3, **asked).number == 1  # type: ignore[arg-type]
    nothing = entries(words="没有的词", page=7)
    assert (nothing.number, nothing.pages, nothing.count) == (1, 0, 0)


def test_nothing_is_counted_beyond_what_can_be_paged_to(
    three: list[CatalogueEntry], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("catalogue", "catalogue_search"):
        monkeypatch.setattr(f"declarations.queries.{module}.MOST_COUNTED", 2)
    for asked in ({}, {"words": "残疾"}):
        page = entries(size=1, page=99, **asked)  # type: ignore[arg-type]
        assert (page.number, page.pages, page.count, page.more) == (2, 2, 2, True)
        assert [row.entry.pk for row in page.rows] == [three[1].pk]


@pytest.mark.parametrize("words", ["！", "😀", "\0", "''"])
def test_what_asks_for_nothing_finds_nothing(three: list[CatalogueEntry], words: str) -> None:
    page = entries(words=words)
    assert (page.rows, page.count, page.asked.words) == ((), 0, ())


def test_rows_show_where_the_words_are(three: list[CatalogueEntry]) -> None:
    (row,) = entries(words="养老 康复").rows
    assert [part for part, is_word in row.excerpts[0].parts if is_word] == ["康复"]
    assert [part for part, is_word in row.excerpts[1].parts if is_word] == ["养老"]
    (row,) = entries(words="民政局").rows
    assert ("民政局", True) in row.department.parts
    assert ("民政局", True) in row.title.parts


def test_a_search_takes_the_same_queries_however_much_it_finds(
    three: list[CatalogueEntry],
) -> None:
    counts = []
    for words in ("残疾", "就业", "养老"):
        with CaptureQueriesContext(connection) as captured:
            entries(words=words)
        counts.append(len(captured))
    assert len(set(counts)) == 1
    assert counts[0] <= 12


def test_settings_of_a_search_are_left_behind(three: list[CatalogueEntry]) -> None:
    entries(words="残疾")
    with connection.cursor() as cursor:
        for name in ("seqscan", "indexscan", "indexonlyscan", "bitmapscan", "sort"):
            cursor.execute(f"SHOW enable_{name}")
            assert cursor.fetchone() == ("on",), name


def test_what_was_withdrawn_is_in_no_list(three: list[CatalogueEntry]) -> None:
    withdrawn(three[1].publication)
    assert keys(words="残疾人") == [three[0].pk]
    assert three[1].pk not in keys()
    assert three[1].pk not in keys(year=2024)
    assert facets(three[1].bureau).years == ((2023, 1),)


def test_years_and_kinds_to_choose_from(three: list[CatalogueEntry]) -> None:
    label = DeclarationKind.TARGET.label
    of_bureau = facets(three[0].bureau)
    assert of_bureau.years == ((2024, 1), (2023, 1))
    assert of_bureau.kinds == (("target", label, 2),)
    assert facets(department=three[0].department).years == ((2023, 1),)
    assert facets().years == ((2024, None), (2023, None))
    assert facets().kinds == (("target", label, None),)


def test_nothing_published_has_nothing_to_choose(department: Department) -> None:
    assert facets() == facets(department.bureau)
    assert facets().years == ()


# Changes


def test_changes_are_followed_from_the_oldest(three: list[CatalogueEntry]) -> None:
    withdrawn(three[0].publication)
    first = changes(size=2)
    assert [entry.pk for entry in first.entries] == [three[1].pk, three[2].pk]
    second = changes(size=2, cursor=first.following)
    assert [entry.pk for entry in second.entries] == [three[0].pk]
    assert second.entries[0].withdrawn
    assert second.following == ""
    since = three[2].changed_at
    assert [e.pk for e in changes(changed_since=since).entries] == [three[2].pk, three[0].pk]
    assert [e.pk for e in changes(bureau=three[2].bureau).entries] == [three[2].pk]
    assert [e.pk for e in changes(year=2023).entries] == [three[0].pk]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "_",
        "2023-01-01_x",
        "2023-01-01T00:00:00_1",
        "2023-01-01T00:00:00+00:00_-1",
        "2023-01-01T00:00:00+00:00_99999999999999999999",
        "\0_1",
    ],
)
def test_a_cursor_that_is_none_is_refused(three: list[CatalogueEntry], cursor: str) -> None:
    with pytest.raises(ValueError, match="not a cursor"):
        changes(cursor=cursor)


def test_changes_at_one_moment_are_all_followed(three: list[CatalogueEntry]) -> None:
    CatalogueEntry.objects.update(changed_at=NOW)
    seen, cursor = [], ""
    while True:
        found = changes(size=1, cursor=cursor)
        seen += [entry.pk for entry in found.entries]
        cursor = found.following
        if not cursor:
            break
    assert seen == sorted(entry.pk for entry in three)
