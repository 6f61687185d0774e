"""The public site: what citizens find, and what they do not."""

import pytest
from django.test import Client
from django.urls import reverse

from declarations.domain.publishing import withdraw
from declarations.models import (
    Bureau,
    Declaration,
    Publication,
    User,
)
from declarations.sheets.codes import shown_code
from tests import factories, reports
from tests.public import (
    WHY,
    WORD,
    address_of,
    corrected,
    page,
    published_target,
    withdrawn,
)
from tests.publishing import REASON, published, publisher_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def publication(filer: User, reviewer: User, declaration: Declaration) -> Publication:
    return published_target(filer, reviewer, declaration)


@pytest.fixture
def bureau(declaration: Declaration) -> Bureau:
    return declaration.round.bureau


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
