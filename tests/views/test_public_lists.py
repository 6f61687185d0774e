"""Searching the public site, its lists, and what programs follow: feeds and the site map."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from declarations.models import (
    Bureau,
    CatalogueEntry,
    Declaration,
    Publication,
    User,
)
from declarations.views import public_feeds
from declarations.views.public_caching import DRAWN
from tests.public import (
    WHY,
    WORD,
    address_of,
    addresses,
    corrected,
    many_published,
    page,
    published_target,
    withdrawn,
)
from tests.publishing import REASON
from tests.test_queries import counted

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def publication(filer: User, reviewer: User, declaration: Declaration) -> Publication:
    return published_target(filer, reviewer, declaration)


@pytest.fixture
def bureau(declaration: Declaration) -> Bureau:
    return declaration.round.bureau


# Searching, narrowing, sorting


def test_two_characters_find_and_are_marked(
    client: Client, declaration: Declaration, publication: Publication
) -> None:
    found = page(client, reverse("public-search") + f"?q={WORD}")
    assert f'href="{address_of(declaration)}"' in found
    assert f"<mark>{WORD}</mark>" in found
    assert f'value="{WORD}"' in found


def test_a_search_is_narrowed_by_its_address(
    client: Client, declaration: Declaration, publication: Publication, bureau: Bureau
) -> None:
    address, year = address_of(declaration), declaration.round.year
    search = reverse("public-search")
    for asked in (f"bureau={bureau.code}", f"year={year}", "kind=target"):
        assert address in page(client, f"{search}?q={WORD}&{asked}"), asked
    for asked in (f"year={year + 1}", "kind=report"):
        found = page(client, f"{search}?q={WORD}&{asked}")
        assert address not in found, asked
        assert 'href="?q=' in found, "the way to search everywhere keeps the words"


@pytest.mark.parametrize(
    "asked",
    [
        *("q=%00", "q=" + "长" * 5000, "q='|&!:*<->", "q=%3Cscript%3E", "bureau=x", "kind=x"),
        *("year=²²²²", "year=-1", "page=99999999999", "page=x", "sort=x", "department=x"),
    ],
)
def test_nonsense_is_no_error(client: Client, publication: Publication, asked: str) -> None:
    assert "<script>" not in page(client, f"{reverse('public-search')}?{asked}")
    bureau = publication.declaration.round.bureau.code
    assert publication.title in page(client, f"{reverse('public-bureau', args=[bureau])}?{asked}")


def test_marks_alone_cannot_be_searched_for(client: Client, publication: Publication) -> None:
    assert "标点符号不能搜索" in page(client, reverse("public-search") + "?q=，。")


@pytest.fixture
def many(publication: Publication) -> list[CatalogueEntry]:
    return many_published(publication, 30)


def test_a_bureaus_list_is_narrowed_sorted_and_paged(
    client: Client, many: list[CatalogueEntry]
) -> None:
    address = reverse("public-bureau", args=[many[0].bureau.code])

    def titles(asked: str = "") -> list[str]:
        DRAWN.clear()
        listed = client.get(address + asked).context["page"].rows
        return [row.entry.title for row in listed]

    def named(entries: list[CatalogueEntry]) -> list[str]:
        return [entry.title for entry in entries]

    newest = many[::-1]
    assert titles() == named(newest[:20])
    assert titles("?page=2") == named(newest[20:])
    assert len({entry.year for entry in many}) == 2
    year, department = many[0].year, many[7].department
    assert titles(f"?year={year}") == named([e for e in newest if e.year == year])
    of_one = [e for e in newest if e.department == department]
    assert titles(f"?department={department.code}") == named(of_one)
    assert titles("?kind=report") == named([e for e in newest if e.kind == "report"])
    by_name = sorted(many, key=lambda e: (e.department_name, -e.year))
    assert titles("?sort=department") == named(by_name[:20])
    by_year = sorted(many, key=lambda e: (-e.year, e.department_name))
    assert titles("?sort=year") == named(by_year[:20])
    found = page(client, f"{address}?kind=target&sort=department")
    assert '<option value="target" selected>' in found
    assert '<option value="department" selected>' in found


def test_pages_keep_what_was_asked(client: Client, many: list[CatalogueEntry]) -> None:
    address = reverse("public-bureau", args=[many[0].bureau.code])
    assert 'rel="next" href="?sort=year&amp;page=2"' in page(client, address + "?sort=year")


QUERIES = {
    "public-home": 3,
    "public-bureau": 5,
    "public-search": 4,
    "public-about": 1,
    "public-feed-all": 2,
    "public-feed": 2,
    "public-sitemap": 2,
    "public-sitemap-part": 3,
    "public-department": 2,
    "public-form": 4,
    "public-form-version": 4,
}


def test_pages_take_as_many_queries_for_one_as_for_many(
    client: Client, declaration: Declaration, publication: Publication
) -> None:
    of_one = _queries_of(client, declaration)
    many = many_published(publication, 30)
    assert of_one == _queries_of(client, many[0].declaration) == QUERIES


def _queries_of(client: Client, declaration: Declaration) -> dict[str, int]:
    found = addresses(declaration)
    return {name: _drawing(client, found[name]) for name in QUERIES}


def _drawing(client: Client, address: str) -> int:
    """The queries of a page that nobody asked for lately."""
    client.get(address)  # parses the form, once per process
    DRAWN.clear()
    with counted() as queries:
        assert client.get(address).status_code == 200
    return len(queries)


# What programs follow


def test_the_feed_tells_what_was_published_corrected_and_withdrawn(
    client: Client, filer: User, reviewer: User, declaration: Declaration, publication: Publication
) -> None:
    feeds = [
        reverse("public-feed-all"),
        reverse("public-feed", args=[declaration.round.bureau.code]),
    ]

    def entries() -> list[tuple[str, str]]:
        told = []
        for feed in feeds:
            answer = client.get(feed)
            assert answer["Content-Type"].startswith("application/atom+xml")
            root = ET.fromstring(answer.content)  # noqa: S314  (our own)
            (entry,) = root.findall(f"{ATOM}entry")
            assert entry.findtext(f"{ATOM}id") == settings.ADDRESS + address_of(declaration)
            assert entry.findtext(f"{ATOM}updated") == root.findtext(f"{ATOM}updated")
            told.append((entry.findtext(f"{ATOM}title"), entry.findtext(f"{ATOM}summary")))
        assert told[0] == told[1]
        return told[0]

    title = publication.title
    assert entries() == (f"公开：{title}", title)
    second = corrected(filer, reviewer, declaration)
    assert entries() == (f"更正公开：{title}", f"理由：{REASON}")
    withdrawn(second)
    assert entries() == (f"撤回：{title}", f"理由：{WHY}")


def test_the_site_map_leads_to_everything_that_can_be_read(
    client: Client, many: list[CatalogueEntry], monkeypatch: Any
) -> None:
    monkeypatch.setattr(public_feeds, "IN_ONE_MAP", 20)
    maps = locations(client, reverse("public-sitemap"))
    assert len(maps) == 1 + 2
    bureau = many[0].bureau
    of_many = [part for part in maps if f"/{bureau.code}/" in part]
    found = [a for part in of_many for a in locations(client, part.removeprefix(settings.ADDRESS))]
    departments = {entry.department_id for entry in many}
    assert len(found) == len(set(found)) == 1 + len(departments) + len(many)
    for address in (found[0], found[1], found[-1]):
        assert client.get(address.removeprefix(settings.ADDRESS)).status_code == 200
    for part in (0, 3, 10**15):
        address = reverse("public-sitemap-part", args=[bureau.code, part])
        assert client.get(address).status_code == 404


def test_the_site_map_leaves_out_what_is_withdrawn(
    client: Client, declaration: Declaration, publication: Publication, bureau: Bureau
) -> None:
    part = reverse("public-sitemap-part", args=[bureau.code, 1])
    assert settings.ADDRESS + address_of(declaration) in locations(client, part)
    withdrawn(publication)
    assert settings.ADDRESS + address_of(declaration) not in locations(client, part)


def locations(client: Client, address: str) -> list[str]:
    root = ET.fromstring(client.get(address).content)  # noqa: S314  (our own)
    return [str(found.text) for found in root.iter(f"{MAP}loc")]


def test_search_engines_read_what_is_public_and_nothing_else(client: Client) -> None:
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert "Allow: /public/" in lines
    assert "Disallow: /" in lines
    assert f"Sitemap: {settings.ADDRESS}/public/sitemap.xml" in lines


def test_the_pages_about_the_site_name_whom_to_turn_to(
    client: Client, publication: Publication, bureau: Bureau
) -> None:
    Bureau.objects.filter(pk=bureau.pk).update(public_contact="绩效科 020-12345678")
    found = page(client, reverse("public-about"))
    for words in ("无障碍说明", "怎样核验", "数据使用", "绩效科 020-12345678"):
        assert words in found
