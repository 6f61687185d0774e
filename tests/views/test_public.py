"""The public site: what citizens find, and what they do not."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from declarations.domain.publishing import withdraw
from declarations.domain.review import pass_on
from declarations.domain.scoring import set_review_score
from declarations.models import (
    Bureau,
    CatalogueEntry,
    Declaration,
    DeclarationKind,
    Department,
    Publication,
    User,
)
from declarations.sheets.codes import shown_code
from declarations.views import public_feeds
from declarations.views.public_caching import DRAWN
from tests import evaluations, factories, reports
from tests.public import (
    WORD,
    address_of,
    addresses,
    corrected,
    many_published,
    published_target,
)
from tests.publishing import REASON, published, publisher_of
from tests.sheets.workbooks import workbook
from tests.test_queries import counted

pytestmark = pytest.mark.django_db
WHY = "数据有误，撤回核对"
ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def publication(filer: User, reviewer: User, declaration: Declaration) -> Publication:
    return published_target(filer, reviewer, declaration)


@pytest.fixture
def bureau(declaration: Declaration) -> Bureau:
    return declaration.round.bureau


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def withdrawn(publication: Publication, **fields: Any) -> None:
    publisher = publisher_of(publication.declaration.round.bureau)
    withdraw(publisher, publication_id=publication.pk, reason=WHY, **fields)


# What is not published


def test_before_anything_is_published_there_is_nothing(
    client: Client, filer: User, reviewer: User, declaration: Declaration, bureau: Bureau
) -> None:
    factories.approved(filer, reviewer, declaration)
    assert bureau.name not in page(client, reverse("public-home"))
    assert "还没有公开的内容" in page(client, reverse("public-bureau", args=[bureau.code]))
    department = declaration.department.code
    address = [bureau.code, declaration.round.year, department, "panyu-target"]
    assert client.get(reverse("public-form", args=address)).status_code == 404
    assert client.get(reverse("public-form-version", args=[*address, 1])).status_code == 404
    address = [bureau.code, department]
    assert client.get(reverse("public-department", args=address)).status_code == 404
    template = declaration.round.template
    style = reverse("public-form-css", args=[template.pk, template.sha256])
    assert client.get(style).status_code == 404
    assert "没有找到" in page(client, reverse("public-search") + "?q=文字")


@pytest.mark.parametrize(
    "path",
    [
        "/public/bureaus/nobody/",
        "/public/bureaus/nobody/feed.xml",
        "/public/bureaus/nobody/departments/nobody/",
        "/public/bureaus/nobody/2023/nobody/nothing/",
        "/public/bureaus/nobody/99999999999999999999/nobody/nothing/",
        "/public/nothing/",
    ],
)
def test_what_is_not_there(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "内容没有公开" in answer.content.decode()


def test_a_form_is_found_under_its_own_bureau_only(
    client: Client, declaration: Declaration, publication: Publication
) -> None:
    other = factories.BureauFactory.create()
    address = address_of(declaration).replace(declaration.round.bureau.code, other.code)
    assert client.get(address).status_code == 404
    assert client.get(address_of(declaration, 2)).status_code == 404
    assert client.get(address_of(declaration, 1).replace("/1/", "/0/")).status_code == 404


# From the home page to the form


def test_the_way_from_the_home_page_to_the_form(
    client: Client, declaration: Declaration, publication: Publication, bureau: Bureau
) -> None:
    home = page(client, reverse("public-home"))
    assert bureau.name in home
    assert f'href="{reverse("public-bureau", args=[bureau.code])}"' in home
    assert f'href="{address_of(declaration)}"' in home
    listed = page(client, reverse("public-bureau", args=[bureau.code]))
    assert f'href="{address_of(declaration)}"' in listed
    assert reverse("public-department", args=[bureau.code, declaration.department.code]) in listed


def test_a_form_says_what_it_is_and_can_be_had_as_files(
    client: Client, declaration: Declaration, publication: Publication
) -> None:
    found = page(client, address_of(declaration))
    assert f"<h1>{publication.title}</h1>" in found
    assert shown_code(publication.code) in found
    assert f"让残疾人{WORD}有保障" in found
    assert '<table class="form" aria-label="' in found
    assert 'scope="row"' in found
    for format_ in ("pdf", "xlsx", "json"):
        address = reverse("public-file", args=[publication.code, format_])
        assert f'href="{address}"' in found
        assert client.get(address).status_code == 200
    assert reverse("public-verify-code", args=[publication.code]) in found
    template = declaration.round.template
    style = reverse("public-form-css", args=[template.pk, template.sha256])
    assert f'href="{style}?' in found
    assert "immutable" in client.get(style)["Cache-Control"]
    assert "noindex" not in found
    assert "历次公开" not in found


def test_a_report_is_a_document_with_headings(
    client: Client, filer: User, reviewer: User, declaration: Declaration, bureau: Bureau
) -> None:
    report = reports.report_for(declaration.department)
    published(filer, reviewer, publisher_of(bureau), report)
    found = page(client, address_of(report))
    assert '<article class="report"><p class="title">' in found
    assert "<h2" in found
    assert "docx" in found
    assert "左右滑动" not in found


def test_what_is_corrected_says_so_and_keeps_its_address(
    client: Client, filer: User, reviewer: User, declaration: Declaration, publication: Publication
) -> None:
    address = address_of(declaration)
    corrected(filer, reviewer, declaration)
    assert address_of(declaration) == address
    current = page(client, address)
    assert "现行内容，经过更正" in current
    assert REASON in current
    assert "就业有保障" in current
    assert WORD not in current
    assert f'href="{address_of(declaration, 1)}"' in current
    earlier = client.get(address_of(declaration, 1))
    text = earlier.content.decode()
    assert "已被更正，不是现行内容" in text
    assert f'href="{address}"' in text
    assert f"让残疾人{WORD}有保障" in text
    assert "noindex" in text
    assert earlier["X-Robots-Tag"] == "noindex"
    assert address in page(client, reverse("public-search") + "?q=就业")
    assert address not in page(client, reverse("public-search") + f"?q={WORD}")


def test_what_is_withdrawn_keeps_its_address_and_says_why(
    client: Client, declaration: Declaration, publication: Publication, bureau: Bureau
) -> None:
    withdrawn(publication)
    answer = client.get(address_of(declaration))
    assert answer.status_code == 200
    assert answer["X-Robots-Tag"] == "noindex"
    found = answer.content.decode()
    assert "已撤回" in found
    assert WHY in found
    assert WORD not in found
    assert "<table" not in found
    assert publication.code not in found
    assert shown_code(publication.code) not in found
    address = address_of(declaration)
    for name in ("public-home", "public-search"):
        assert address not in page(client, reverse(name))
    assert address not in page(client, reverse("public-bureau", args=[bureau.code]))
    assert address not in page(client, reverse("public-search") + f"?q={WORD}")
    of_department = reverse("public-department", args=[bureau.code, declaration.department.code])
    assert "已经撤回" in page(client, of_department)


def test_withdrawn_with_its_earlier_versions(
    client: Client, filer: User, reviewer: User, declaration: Declaration, publication: Publication
) -> None:
    second = corrected(filer, reviewer, declaration)
    withdrawn(second)
    assert WORD in page(client, address_of(declaration, 1))
    assert f'href="{address_of(declaration, 1)}"' in page(client, address_of(declaration))
    publisher = publisher_of(declaration.round.bureau)
    withdraw(publisher, publication_id=publication.pk, reason=WHY)
    assert WORD not in page(client, address_of(declaration, 1))
    assert "第1次公开的内容" in page(client, address_of(declaration, 1))


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


# A department over the years


def test_targets_stand_beside_results(
    client: Client, filer: User, reviewer: User, department: Any
) -> None:
    publisher = publisher_of(department.bureau)
    target = evaluations.approved_target(filer, reviewer, department)
    published(filer, reviewer, publisher, target)
    address = reverse("public-department", args=[department.bureau.code, department.code])
    alone = page(client, address)
    assert "（自评尚未公开）" in alone
    assert "120人" in alone
    assert '<th scope="col">完成值</th>' not in alone
    evaluation = evaluations.evaluation_for(department)
    row = evaluations.row_named(evaluation, "救助人数")
    factories.type_into(
        filer, evaluation, **{f"{row}/actual": "130人", "funding.fiscal.executed": "450"}
    )
    published(filer, reviewer, publisher, evaluation)
    both = page(client, address)
    assert "（自评尚未公开）" not in both
    assert "130人" in both
    assert '<span class="met">达到</span>' in both
    assert "50.0%" in both
    assert "<desc" in both
    assert both.count('role="img"') == 2


def printing(*tags: str) -> bytes:
    """A self-evaluation of one scored item, and beneath it what the form prints of the totals."""
    cells = {"A1:B1": "自评表", "A2": "制度健全", "B2": "{{score.rules.self_score}}"}
    for row, tag in enumerate(tags, start=3):
        cells |= {f"A{row}": "合计", f"B{row}": f"{{{{{tag}}}}}"}
    headings = ("编码", "名称", "分值", "方法", "数据")
    item = ("rules", "制度健全", 5, "比率得分", "rate：健全率（%）")
    return workbook(cells, rubric=[headings, item], lines=[1])


@pytest.mark.parametrize(
    ("tags", "said"),
    [((), "自评 4分</div>"), (("total.grade",), "（优）"), (("total.review",), ">4.5分</div>")],
)
def test_of_scores_only_what_the_form_prints_is_told(
    client: Client,
    filer: User,
    reviewer: User,
    department: Department,
    *,
    tags: tuple[str, ...],
    said: str,
) -> None:
    kind = DeclarationKind.SELF_EVALUATION
    template = factories.template_for(department.bureau, printing(*tags), "evaluation", kind)
    declaration = factories.round_for(template, department).declarations.get()
    texts = {"score.rules.self_score": "4", "score/rules/input.rate": "80"}
    factories.type_into(filer, declaration, **texts)
    factories.submitted(filer, declaration)
    set_review_score(
        reviewer,
        declaration_id=declaration.pk,
        anchor="score/rules",
        score="4.5",
        reason="制度另有一项未计",
    )
    pass_on(reviewer, declaration_id=declaration.pk)
    published(filer, reviewer, publisher_of(department.bureau), declaration)
    address = reverse("public-department", args=[department.bureau.code, department.code])
    found = page(client, address)
    assert said in found
    if "total.grade" not in tags:
        assert "（良）" not in found
        assert "（优）" not in found
    if "total.review" not in tags:
        assert ">4.5" not in found
