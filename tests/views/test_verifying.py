"""Verifying a document, by code or by file, and the published files themselves: for anybody."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import reverse
from django.utils.http import http_date

from declarations.domain.files import revision_file
from declarations.domain.publishing import withdraw
from declarations.models import Bureau, Declaration, Publication, StoredFile, User
from declarations.queries.documents import counting
from declarations.queries.files import content_of
from declarations.sheets.codes import shown_code
from tests import factories
from tests.publishing import REASON, checked, published, publisher_of
from tests.test_queries import queries_of

pytestmark = pytest.mark.django_db

VERIFY = "/public/verify/"
WHY = "含有不应公开的内容"
SAME = "与公开的文件一致"
CHANGED = "与公开的文件不一致，可能被改动过"
UNKNOWN = "没有找到"


@pytest.fixture
def publisher(declaration: Declaration) -> User:
    return publisher_of(declaration.round.bureau)


@pytest.fixture
def publication(
    filer: User, reviewer: User, publisher: User, declaration: Declaration
) -> Publication:
    return published(filer, reviewer, publisher, declaration)


@pytest.fixture
def citizen() -> Client:
    """Asks without a cookie and without a token, as everybody may."""
    return Client(enforce_csrf_checks=True)


def content(publication: Publication, format_: str = "pdf") -> bytes:
    return content_of(publication.files.get(format=format_).file)


def sent(citizen: Client, file: bytes, name: str = "收到的.pdf") -> str:
    answer = citizen.post(VERIFY, {"file": SimpleUploadedFile(name, file)})
    assert answer.status_code == 200
    return str(answer.content.decode())


def address(publication: Publication, format_: str = "pdf") -> str:
    return reverse("public-file", args=[publication.code, format_])


def corrected(publisher: User, publication: Publication) -> Publication:
    """Published again, with what was there before kept as superseded."""
    checked(publisher, publication.declaration, note="再次审查")
    return published(publisher, publisher, publisher, publication.declaration)


# By file


@pytest.mark.parametrize("format_", ["pdf", "xlsx", "json"])
def test_a_published_file_is_known(citizen: Client, publication: Publication, format_: str) -> None:
    page = sent(citizen, content(publication, format_), f"别的名字.{format_}")
    assert SAME in page
    assert "现行的公开文件" in page
    assert publication.title in page
    assert publication.declaration.department.name in page
    assert publication.files.get(format=format_).file.sha256 in page


@pytest.mark.parametrize("place", [0, 0.1, 0.5, 0.9, 1])
def test_one_byte_changed_is_refused(
    citizen: Client, publication: Publication, place: float
) -> None:
    file = bytearray(content(publication))
    file[round((len(file) - 1) * place)] ^= 1
    page = sent(citizen, bytes(file))
    assert "<h2>与公开的文件一致</h2>" not in page
    assert CHANGED in page
    assert shown_code(publication.code) in page


@pytest.mark.parametrize("format_", ["pdf", "xlsx", "json"])
def test_something_added_is_refused(
    citizen: Client, publication: Publication, format_: str
) -> None:
    assert CHANGED in sent(citizen, content(publication, format_) + b"\n")


@pytest.mark.parametrize(
    "file", [b"", b"%PDF-1.7", b"PK\x03\x04", "核验码：ZZZZ-ZZZZ-ZZZZ".encode()]
)
def test_other_files_are_not_found(citizen: Client, publication: Publication, file: bytes) -> None:
    page = sent(citizen, file)
    assert UNKNOWN in page
    assert publication.title not in page


def test_what_was_never_published_is_not_told(citizen: Client, publication: Publication) -> None:
    """The same storage holds what the bureau exports for itself."""
    declaration = factories.reread(publication.declaration)
    internal = content_of(revision_file(declaration, counting(declaration), "xlsx"))
    assert StoredFile.objects.filter(sha256=hashlib.sha256(internal).hexdigest()).exists()
    assert UNKNOWN in sent(citizen, internal)


def test_a_superseded_file_says_so_and_leads_to_what_counts(
    citizen: Client, publisher: User, publication: Publication
) -> None:
    corrected(publisher, publication)
    page = sent(citizen, content(publication))
    assert "已被更正，不是现行内容" in page
    assert REASON in page
    assert "/panyu-target/" in page
    assert "现行的公开文件" not in page


def test_a_withdrawn_file_says_so_and_why(
    citizen: Client, publisher: User, publication: Publication
) -> None:
    file = content(publication)
    withdraw(publisher, publication_id=publication.pk, reason=WHY)
    page = sent(citizen, file)
    assert "已经撤回" in page
    assert WHY in page


def test_nothing_is_stored_nor_said_by_cookie(citizen: Client, publication: Publication) -> None:
    folder = Path(default_storage.path("."))
    before = sorted(folder.rglob("*")), StoredFile.objects.count()
    answer = citizen.post(VERIFY, {"file": SimpleUploadedFile("a.pdf", b"x" * 3_000_000)})
    assert (sorted(folder.rglob("*")), StoredFile.objects.count()) == before
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    assert "no-store" in answer["Cache-Control"]


def test_it_asks_for_a_file_where_none_was_chosen(citizen: Client) -> None:
    answer = citizen.post(VERIFY, {})
    assert "没有选择文件" in answer.content.decode()


def test_what_is_larger_than_anything_published_is_refused_with_words(citizen: Client) -> None:
    file = SimpleUploadedFile("a.pdf", b"x" * (settings.LARGEST_VERIFIED + 2**20 + 1))
    answer = citizen.post(VERIFY, {"file": file})
    assert answer.status_code == 413
    page = answer.content.decode()
    assert "公开的文件都没有这么大" in page
    assert "xlsx" not in page
    assert not answer.cookies


def test_names_of_files_are_shown_as_text(citizen: Client) -> None:
    assert "<script>x" not in sent(citizen, b"x", "<script>x.pdf")


# By code


def test_a_code_is_found_however_it_is_typed(citizen: Client, publication: Publication) -> None:
    for typed in (publication.code, shown_code(publication.code), publication.code.lower()):
        answer = citizen.get(VERIFY, {"code": f" {typed} "}, follow=True)
        assert answer.redirect_chain == [(f"{VERIFY}{publication.code}/", 302)]
        assert publication.title in answer.content.decode()
    small = citizen.get(f"{VERIFY}{shown_code(publication.code).lower()}/")
    assert small["Location"] == f"{VERIFY}{publication.code}/"


def test_the_page_of_a_code_says_all_hashes_and_how_to_compare(
    citizen: Client, publication: Publication
) -> None:
    page = citizen.get(f"{VERIFY}{publication.code}/").content.decode()
    for file in publication.files.select_related("file"):
        assert file.file.sha256 in page
        assert address(publication, file.format) in page
    for words in ("sha256sum", "certutil -hashfile", "现行内容", shown_code(publication.code)):
        assert words in page


def test_the_qr_code_leads_to_that_page(citizen: Client, publication: Publication) -> None:
    assert publication.verify_url == f"{settings.ADDRESS}{VERIFY}{publication.code}/"
    path = publication.verify_url.removeprefix(settings.ADDRESS)
    assert citizen.get(path).status_code == 200


@pytest.mark.parametrize("typed", ["7Q2M", "7Q2M-0FZK-93X", "核验码", "UUUU-UUUU-UUUU"])
def test_a_wrong_code_says_how_one_looks(citizen: Client, typed: str) -> None:
    page = citizen.get(VERIFY, {"code": typed}).content.decode()
    assert "核验码不完整或者有误" in page
    assert f'value="{typed}"' in page


def test_a_code_that_is_none_of_ours_is_not_found(citizen: Client, db: None) -> None:
    answer = citizen.get(f"{VERIFY}000000000000/")
    assert answer.status_code == 404
    assert "没有这个核验码" in answer.content.decode()
    assert citizen.get(f"{VERIFY}nothing-of-a-code/").status_code == 404


def test_the_page_of_a_code_says_what_became_of_it(
    citizen: Client, publisher: User, publication: Publication
) -> None:
    later = corrected(publisher, publication)
    page = citizen.get(f"{VERIFY}{publication.code}/").content.decode()
    assert "已被更正，不是现行内容" in page
    assert f"{VERIFY}{later.code}/" in page
    assert "经过更正" in citizen.get(f"{VERIFY}{later.code}/").content.decode()
    withdraw(publisher, publication_id=later.pk, reason=WHY)
    page = citizen.get(f"{VERIFY}{later.code}/").content.decode()
    assert WHY in page
    assert address(later) not in page
    assert "已于" in citizen.get(f"{VERIFY}{publication.code}/").content.decode()


def test_pages_are_kept_until_something_changes(
    citizen: Client, publisher: User, publication: Publication
) -> None:
    first = citizen.get(f"{VERIFY}{publication.code}/")
    kept = {"If-None-Match": first["ETag"]}
    assert citizen.get(f"{VERIFY}{publication.code}/", headers=kept).status_code == 304
    bureau = publication.declaration.round.bureau
    Bureau.objects.filter(pk=bureau.pk).update(public_contact="020-12345678")
    renamed = citizen.get(f"{VERIFY}{publication.code}/", headers=kept)
    assert "020-12345678" in renamed.content.decode()
    kept = {"If-None-Match": renamed["ETag"]}
    withdraw(publisher, publication_id=publication.pk, reason=WHY)
    assert citizen.get(f"{VERIFY}{publication.code}/", headers=kept).status_code == 200


@pytest.mark.parametrize(("what", "queries"), [("", 0), ("{code}/", 1)])
def test_few_queries(citizen: Client, publication: Publication, what: str, queries: int) -> None:
    path = VERIFY + what.format(code=publication.code)
    assert len(queries_of(citizen, path)) == queries


# The files


@pytest.mark.parametrize(
    ("format_", "kind"), [("pdf", "application/pdf"), ("json", "application/json")]
)
def test_a_file_is_the_very_bytes(
    citizen: Client, publication: Publication, format_: str, kind: str
) -> None:
    answer = citizen.get(address(publication, format_))
    file = publication.files.get(format=format_)
    assert answer.content == content(publication, format_)
    assert answer["ETag"] == f'"{file.file.sha256}"'
    assert answer["Content-Type"] == kind
    assert answer["Content-Length"] == str(file.file.size)
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert answer["Cache-Control"] == "public, max-age=60, must-revalidate"
    assert not answer.cookies
    assert "Vary" not in answer or "Cookie" not in answer["Vary"]


def test_who_has_it_gets_it_not_again_and_nothing_is_read(
    citizen: Client, publication: Publication
) -> None:
    file = publication.files.get(format="pdf").file
    Path(default_storage.path(file.name)).unlink()
    for headers in (
        {"If-None-Match": f'"{file.sha256}"'},
        {"If-None-Match": f'W/"{file.sha256}", "other"'},
        {"If-Modified-Since": http_date((publication.published_at + timedelta(1)).timestamp())},
    ):
        answer = citizen.get(address(publication), headers=headers)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer["ETag"] == f'"{file.sha256}"'
        assert answer["Cache-Control"]


def test_its_head_is_asked_for_without_reading_it(
    citizen: Client, publication: Publication
) -> None:
    file = publication.files.get(format="pdf").file
    Path(default_storage.path(file.name)).unlink()
    answer = citizen.head(address(publication))
    assert answer.status_code == 200
    assert answer["Content-Length"] == str(file.size)
    assert answer["ETag"] == f'"{file.sha256}"'


def test_a_file_takes_one_query(citizen: Client, publication: Publication) -> None:
    assert len(queries_of(citizen, address(publication))) == 1


def test_a_damaged_file_is_not_given_out(
    citizen: Client, publication: Publication, caplog: pytest.LogCaptureFixture
) -> None:
    file = publication.files.get(format="pdf").file
    path = Path(default_storage.path(file.name))
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1])
    answer = citizen.get(address(publication))
    assert answer.status_code == 503
    assert "暂时不能提供" in answer.content.decode()
    assert "ETag" not in answer
    assert "cannot be read" in caplog.text


def test_a_withdrawn_file_is_gone_and_its_successor_is_there(
    citizen: Client, publisher: User, publication: Publication
) -> None:
    withdraw(publisher, publication_id=publication.pk, reason=WHY)
    file = publication.files.get(format="pdf").file
    headers = {"If-None-Match": f'"{file.sha256}"'}
    for answer in (
        citizen.get(address(publication)),
        citizen.get(address(publication), headers=headers),
    ):
        assert answer.status_code == 410
        assert WHY in answer.content.decode()
    assert citizen.get(address(publication, "json")).status_code == 410


def test_a_superseded_file_stays(
    citizen: Client, publisher: User, publication: Publication
) -> None:
    later = corrected(publisher, publication)
    assert citizen.get(address(publication)).content == content(publication)
    assert citizen.get(address(later)).content == content(later)
    assert content(publication) != content(later)


@pytest.mark.parametrize("format_", ["docx", "html", "exe"])
def test_there_is_no_other_format(citizen: Client, publication: Publication, format_: str) -> None:
    assert citizen.get(address(publication, format_)).status_code == 404


def test_the_web_server_may_send_it_itself(citizen: Client, publication: Publication) -> None:
    with override_settings(ACCEL="/stored/"):
        answer = citizen.get(address(publication))
    file = publication.files.get(format="pdf").file
    assert answer["X-Accel-Redirect"] == f"/stored/{file.name}"
    assert answer.content == b""
    assert answer["ETag"] == f'"{file.sha256}"'
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_login_changes_nothing(as_user: Any, publisher: User, publication: Publication) -> None:
    client = as_user(publisher)
    for path in (VERIFY, f"{VERIFY}{publication.code}/", address(publication)):
        answer = client.get(path)
        assert answer.status_code == 200
        assert not answer.cookies
        assert publisher.name not in answer.content.decode(errors="replace")
