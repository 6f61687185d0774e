"""What holds for every public address: nobody is asked who they are, and answers may be kept."""

import gzip
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from declarations.domain.publishing import withdraw
from declarations.models import Bureau, Declaration, Department, Publication, Session, User
from declarations.views.public_caching import release
from tests.pages import inline_code
from tests.public import WORD, address_of, addresses, corrected, published_target
from tests.publishing import publisher_of
from tests.test_queries import assert_count, counted

pytestmark = pytest.mark.django_db

OWN = (
    "robots",
    "public-home",
    "public-search",
    "public-about",
    "public-feed-all",
    "public-sitemap",
    "public-form-css",
    "public-bureau",
    "public-feed",
    "public-sitemap-part",
    "public-department",
    "public-form",
    "public-form-version",
)
"""The addresses that answer by `public_page`; the rest has tests of its own."""
DROPPED_ON = ("public-verify", "public-verify-code")
"""Pages on which a script lets one drop a file, which can be chosen without it."""


@pytest.fixture
def publication(filer: User, reviewer: User, declaration: Declaration) -> Publication:
    return published_target(filer, reviewer, declaration)


def test_no_cookie_is_set_or_looked_at(
    as_user: Any, filer: User, declaration: Declaration, publication: Publication
) -> None:
    """Whoever asks, even logged in, gets the same, and nothing of it depends on them."""
    logged_in = as_user(filer)
    logged_in.cookies["csrftoken"] = "broken"
    seen_at = Session.objects.values_list("seen_at", flat=True).get()
    for name, address in addresses(declaration).items():
        stranger = Client()
        answers = [stranger.get(address), logged_in.get(address)]
        assert answers[0].status_code == 200, name
        for answer in answers:
            assert not answer.cookies, name
            assert "cookie" not in answer.get("Vary", "").lower(), name
            assert not answer.wsgi_request.session.accessed, name
            assert answer.wsgi_request.user.is_anonymous, name
        assert answers[0].getvalue() == answers[1].getvalue(), name
    assert Session.objects.values_list("seen_at", flat=True).get() == seen_at


def test_an_address_that_is_not_there_is_answered_without_a_cookie_too(
    as_user: Any, filer: User
) -> None:
    answer = as_user(filer).get("/public/nothing/")
    assert answer.status_code == 404
    assert "找不到这个页面" in answer.content.decode()
    assert "public.css" in answer.content.decode()
    assert "退出" not in answer.content.decode()
    assert "Vary" not in answer
    assert not answer.cookies


def test_every_page_may_be_kept_and_is_asked_for_again_cheaply(
    client: Client, declaration: Declaration, publication: Publication
) -> None:
    found = addresses(declaration)
    assert set(OWN) <= set(found)
    for name in OWN:
        answer = client.get(found[name])
        assert answer["Cache-Control"].startswith("public, max-age="), name
        assert "Accept-Encoding" in answer["Vary"], name
        with counted() as queries:
            again = client.get(found[name], headers={"If-None-Match": answer["ETag"]})
        assert again.status_code == 304, name
        assert again.content == b"", name
        assert again["ETag"] == answer["ETag"], name
        assert again["Cache-Control"] == answer["Cache-Control"], name
        assert_count(queries, 0 if name in ("robots", "public-form-css") else 1)
        since = {"If-Modified-Since": answer["Last-Modified"]}
        assert client.get(found[name], headers=since).status_code == 304, name
        assert client.head(found[name])["ETag"] == answer["ETag"], name
        assert client.post(found[name]).status_code == 405, name


def test_pages_hold_nothing_inline_and_need_no_script(
    client: Client, declaration: Declaration, publication: Publication
) -> None:
    for name, address in addresses(declaration).items():
        answer = client.get(address)
        if answer["Content-Type"].startswith("text/html"):
            page = answer.content.decode()
            assert inline_code(page) == [], name
            assert "<script" not in page or name in DROPPED_ON, name
            assert 'lang="zh-CN"' in page, name
            assert page.count("<h1") == 1, name


def test_what_was_drawn_is_not_drawn_again(
    client: Client, declaration: Declaration, publication: Publication
) -> None:
    """In whatever way it is asked for; a search, of which there are too many, is."""
    for name in ("public-home", "public-bureau", "public-department", "public-form"):
        address = addresses(declaration)[name]
        for asked in ({}, {"Accept-Encoding": "gzip"}):
            first = client.get(address, headers=asked)
            with counted() as queries:
                second = client.get(address, headers=asked)
            assert_count(queries, 1)
            assert second.content == first.content
            same = {name: text for name, text in first.headers.items() if name != "X-Request-ID"}
            assert same.items() <= second.headers.items()
    address = f"{reverse('public-search')}?q={WORD}"
    client.get(address)
    with counted() as queries:
        client.get(address)
    assert len(queries) > 1


def etag(client: Client, address: str) -> str:
    return str(client.get(address)["ETag"])


def test_a_correction_and_a_withdrawal_change_what_shows_them(
    client: Client, filer: User, reviewer: User, declaration: Declaration, publication: Publication
) -> None:
    found = addresses(declaration)
    shown = {
        name: found[name]
        for name in OWN
        if name not in ("robots", "public-form-css", "public-about")
    }
    before = {name: etag(client, address) for name, address in shown.items()}
    second = corrected(filer, reviewer, declaration)
    after = {name: etag(client, address) for name, address in shown.items()}
    assert [name for name in shown if before[name] == after[name]] == []
    publisher = publisher_of(declaration.round.bureau)
    withdraw(publisher, publication_id=second.pk, reason="数据有误，撤回核对")
    left = {name: a for name, a in shown.items() if name != "public-form-version"}
    assert [name for name in left if after[name] == etag(client, shown[name])] == []


def test_withdrawing_an_earlier_version_changes_the_pages_that_list_it(
    client: Client, filer: User, reviewer: User, declaration: Declaration, publication: Publication
) -> None:
    corrected(filer, reviewer, declaration)
    pages = [address_of(declaration), address_of(declaration, 1)]
    before = [etag(client, page) for page in pages]
    publisher = publisher_of(declaration.round.bureau)
    withdraw(publisher, publication_id=publication.pk, reason="含有不应公开的内容")
    assert all(etag(client, p) != b for p, b in zip(pages, before, strict=True))


def test_what_a_bureau_is_called_and_how_it_is_reached_is_never_out_of_date(
    client: Client, declaration: Declaration, publication: Publication
) -> None:
    found = addresses(declaration)
    names = ("public-about", "public-bureau", "public-department", "public-form")
    before = {name: etag(client, found[name]) for name in names}
    bureau = declaration.round.bureau
    Bureau.objects.filter(pk=bureau.pk).update(public_contact="绩效科 020-12345678")
    for name in names:
        assert etag(client, found[name]) != before[name], name
        assert "020-12345678" in client.get(found[name]).content.decode(), name
    Department.objects.filter(pk=declaration.department_id).update(name="改了名的部门")
    assert "改了名的部门" in client.get(found["public-bureau"]).content.decode()
    assert "改了名的部门" in client.get(found["public-department"]).content.decode()


def test_each_question_has_an_etag_of_its_own(client: Client, publication: Publication) -> None:
    address = reverse("public-search")
    assert etag(client, f"{address}?q=康复") != etag(client, f"{address}?q=就业")


def test_another_release_is_another_page(
    client: Client, declaration: Declaration, publication: Publication, monkeypatch: Any
) -> None:
    before = etag(client, address_of(declaration))
    release.cache_clear()
    monkeypatch.setattr(
        "declarations.views.public_caching._DRAWN_BY", ("templates/public/base.html",)
    )
    assert etag(client, address_of(declaration)) != before
    release.cache_clear()


def test_pages_are_small_and_compressed(
    client: Client, declaration: Declaration, publication: Publication
) -> None:
    """Of a poor connection: a page with its style sheets comes in two dozen kilobytes."""
    asked = {"Accept-Encoding": "gzip"}
    found = addresses(declaration)
    sizes = {}
    for name in (
        "public-home",
        "public-bureau",
        "public-form",
        "public-department",
        "public-form-css",
    ):
        answer = client.get(found[name], headers=asked)
        assert answer["Content-Encoding"] == "gzip", name
        assert gzip.decompress(answer.content) == client.get(found[name]).content
        sizes[name] = len(answer.content)
    style = (settings.BASE_DIR / "static/app/css/public.css").read_bytes()
    sizes["public.css"] = len(gzip.compress(style))
    assert sizes["public.css"] < 6_000
    assert max(sizes.values()) < 10_000, sizes
