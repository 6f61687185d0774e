"""``manage.py publication``."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from declarations.models import CatalogueEntry, Declaration, Publication, User
from declarations.queries.catalogue import entries
from declarations.queries.declarations import reference_of
from declarations.sheets.codes import shown_code
from tests import factories
from tests.catalogued import approved_in, published, publisher_in, withdrawn
from tests.publishing import checked


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("publication", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.fixture
def approved(declaration: Declaration) -> Declaration:
    return approved_in(declaration)


@pytest.fixture
def publisher(approved: Declaration) -> User:
    return publisher_in(approved)


def test_the_catalogue_is_made_anew_of_all_or_of_a_bureau(approved: Declaration) -> None:
    published(approved, "康复训练")
    CatalogueEntry.objects.update(words=None)
    other = factories.BureauFactory.create()
    assert run("recatalogue", "--bureau", other.code) == "公开目录已重建：0 份\n"
    assert not entries(words="康复").rows
    assert run("recatalogue") == "公开目录已重建：1 份\n"
    assert len(entries(words="康复").rows) == 1
    with pytest.raises(CommandError, match="没有编码为“x”的财政局"):
        run("recatalogue", "--bureau", "x")


def test_what_is_published_is_listed_with_its_code(approved: Declaration) -> None:
    publication = published(approved)
    line = run("list").rstrip("\n").split("\t")
    assert line[0] == reference_of(approved)
    assert line[1] == "第1次"
    assert line[3:] == [shown_code(publication.code), "现行"]
    withdrawn(publication)
    assert run("list", "--bureau", approved.round.bureau.code).endswith("\t已撤回\n")
    assert run("list", "--bureau", factories.BureauFactory.create().code) == ""


def test_what_was_checked_is_published(approved: Declaration, publisher: User) -> None:
    with pytest.raises(CommandError, match="审查"):
        run("publish", reference_of(approved), "--by", publisher.username)
    checked(publisher, approved)
    said = run("publish", reference_of(approved), "--by", publisher.username)
    publication = Publication.objects.get()
    assert publication.published_by == publisher
    assert said.startswith(
        f"已公开：{publication.title}，核验码 {shown_code(publication.code)}，http"
    )


def test_who_publishes_must_be_a_publisher(approved: Declaration, reviewer: User) -> None:
    with pytest.raises(CommandError, match="公开管理员"):
        run("publish", reference_of(approved), "--by", reviewer.username)
    with pytest.raises(CommandError, match="没有启用的用户“nobody”"):
        run("publish", reference_of(approved), "--by", "nobody")


@pytest.mark.parametrize("reference", ["x", "panyu-dpf/2023/nothing", "a/b/c"])
def test_what_is_no_declaration_is_said(publisher: User, reference: str) -> None:
    with pytest.raises(CommandError, match="没有申报"):
        run("publish", reference, "--by", publisher.username)
