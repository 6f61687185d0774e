"""Files that are made once: stored under their hash, found again, never taken when damaged."""

import hashlib
import json
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import override_settings
from pypdf import PdfReader

from declarations.domain import files
from declarations.domain.files import imprint_of, make_files, revision_file, stored
from declarations.models import Declaration, Publication, StoredFile, User
from declarations.queries.declarations import by_reference
from declarations.queries.documents import counting, document_of, document_table
from declarations.queries.files import DamagedFileError, content_of
from declarations.queries.published import (
    published_name,
    records_of,
    shown_from_json,
    shown_to_json,
    table_of,
)
from declarations.queries.scores import scored_now
from declarations.sheets.codes import shown_code
from declarations.sheets.records import content_hash
from tests import factories
from tests.publishing import published, publisher_of
from tests.races import at_once
from tests.reports import workbook as report_workbook

KEY = "k" * 64


@pytest.fixture
def publisher(declaration: Declaration) -> User:
    return publisher_of(declaration.round.bureau)


@pytest.fixture
def publication(
    filer: User, reviewer: User, publisher: User, declaration: Declaration
) -> Publication:
    return published(filer, reviewer, publisher, declaration)


@pytest.fixture
def in_force(filer: User, reviewer: User, declaration: Declaration) -> Declaration:
    return factories.approved(filer, reviewer, declaration)


def never() -> bytes:
    raise AssertionError("it was made already")


# Storing


def test_a_file_is_made_once_and_kept_under_its_hash(db: None) -> None:
    file = stored(KEY, "pdf", lambda: b"content")
    sha256 = hashlib.sha256(b"content").hexdigest()
    assert (file.sha256, file.size, file.format) == (sha256, 7, "pdf")
    assert file.name == f"published/{sha256[:2]}/{sha256}.pdf"
    assert content_of(file) == b"content"
    assert stored(KEY, "pdf", never) == file


def test_equal_content_is_kept_once(db: None) -> None:
    one, other = (stored(key * 64, "xlsx", lambda: b"the same") for key in "ab")
    assert one != other
    assert one.name == other.name


def test_what_a_killed_process_left_half_written_is_not_taken(db: None) -> None:
    sha256 = hashlib.sha256(b"whole content").hexdigest()
    default_storage.save(f"published/{sha256[:2]}/{sha256}.pdf", ContentFile(b"whole"))
    file = stored(KEY, "pdf", lambda: b"whole content")
    assert content_of(file) == b"whole content"


def test_a_file_without_a_row_is_taken(db: None) -> None:
    file = stored(KEY, "pdf", lambda: b"orphan")
    found = default_storage.listdir("published/" + file.sha256[:2])[1]
    again = stored("m" * 64, "pdf", lambda: b"orphan")
    assert default_storage.listdir("published/" + file.sha256[:2])[1] == found
    assert again.name == file.name


def test_a_row_is_written_after_its_file(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(name: str, content: object) -> str:
        raise OSError("no space left")

    monkeypatch.setattr(default_storage, "save", fails)
    with pytest.raises(OSError, match="no space"):
        stored(KEY, "pdf", lambda: b"content that was never kept")
    assert not StoredFile.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_get_one_row() -> None:
    made = at_once(*[lambda: stored(KEY, "pdf", lambda: b"made at once")] * 6)
    assert len({file.pk for file in made}) == 1
    assert StoredFile.objects.count() == 1
    assert content_of(made[0]) == b"made at once"


def test_what_was_changed_in_the_storage_is_told(db: None) -> None:
    file = stored(KEY, "pdf", lambda: b"true content")
    path = Path(default_storage.path(file.name))
    path.chmod(0o600)
    path.write_bytes(b"true c0ntent")
    with pytest.raises(DamagedFileError, match="not what was stored"):
        content_of(file)
    path.unlink()
    with pytest.raises(DamagedFileError, match="not in the storage"):
        content_of(file)
    default_storage.save(file.name, ContentFile(b"true content"))
    assert content_of(file) == b"true content"


# Of a publication


def test_a_publication_has_pdf_excel_and_json(publication: Publication) -> None:
    found = {f.format: f for f in publication.files.all()}
    assert set(found) == {"pdf", "xlsx", "json"}
    assert content_of(found["pdf"].file).startswith(b"%PDF-1.7")
    assert content_of(found["xlsx"].file).startswith(b"PK")
    for format_, file in found.items():
        assert file.name == published_name(publication, format_)
        assert file.name.endswith(f"申报表.{format_}")
        assert file.file.name.startswith("published/")


def test_a_report_is_published_as_a_document_too(
    filer: User, reviewer: User, publisher: User, declaration: Declaration
) -> None:
    report = factories.declaration_for(filer.department, report_workbook(), year=2024)
    publication = published(filer, reviewer, publisher, report)
    assert {f.format for f in publication.files.all()} == {"pdf", "docx", "xlsx", "json"}


def test_it_is_taken_again_whenever_asked_for(publication: Publication) -> None:
    """Also when read back: the database keeps keys of JSON in another order."""
    before = StoredFile.objects.count()
    kept = {f.format: f.file for f in publication.files.all()}
    reread = Publication.objects.get(pk=publication.pk)
    assert make_files(reread) == make_files(publication) == kept
    assert StoredFile.objects.count() == before


def test_made_anew_it_is_the_same_bytes(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {f.format: f.file for f in publication.files.all()}
    monkeypatch.setattr(files, "RENDERER", files.RENDERER + 1)
    anew = make_files(Publication.objects.get(pk=publication.pk))
    assert {f: x.sha256 for f, x in anew.items()} == {f: x.sha256 for f, x in kept.items()}
    for format_ in ("pdf", "xlsx", "json"):
        assert anew[format_].pk != kept[format_].pk


@pytest.mark.parametrize(
    "change",
    [
        {"code": "AAAAAAAAAAAA"},
        {"title": "另一个标题"},
        {"verify_url": "https://elsewhere.example/public/verify/AAAAAAAAAAAA/"},
        {"shown": {"total/self": "80"}},
        {"content": None},
        {"published_at": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_it_is_made_of_makes_another_file(
    publication: Publication, change: dict[str, object]
) -> None:
    before = make_files(publication)
    if "content" in change:
        publication.content["texts"]["more"] = "别的"
    elif "published_at" in change:
        publication.published_at = publication.published_at.replace(year=2001)
    else:
        for name, value in change.items():
            if name == "shown":  # the JSON has it within the content
                publication.content[name] = value
            setattr(publication, name, value)
    after = make_files(publication)
    for format_ in ("pdf", "xlsx", "json"):
        assert after[format_].pk != before[format_].pk, format_


def test_the_json_says_what_it_is_and_verifies(publication: Publication) -> None:
    file = publication.files.get(format="json").file
    document = json.loads(content_of(file))
    assert document["sha256"] == content_hash(document["content"]) == publication.sha256
    assert document["code"] == publication.code
    assert document["verify_url"] == publication.verify_url
    assert document["number"] == 1
    assert document["bureau"]["code"] == publication.declaration.round.bureau.code
    assert document["reference"] == "panyu-dpf/2023/panyu-target"


def test_what_is_bound_is_what_was_published(publication: Publication) -> None:
    assert records_of(publication).to_json() == publication.content
    texts = [cell.text for cell in table_of(publication).cells()]
    assert "文字" in texts


def test_the_date_is_that_of_the_office(publication: Publication) -> None:
    publication.published_at = publication.published_at.replace(
        year=2024, month=3, day=4, hour=16, minute=30
    )
    assert imprint_of(publication).date == "2024年3月5日"
    with override_settings(TIME_ZONE="Asia/Shanghai"):
        assert imprint_of(publication).at_utc.startswith("2024-03-04T16:30")


def test_the_second_publication_has_a_name_of_its_own(publication: Publication) -> None:
    publication.number = 2
    assert published_name(publication, "pdf").endswith("申报表（第2次公开）.pdf")
    publication.title = 'a/b\\c:"d"'
    assert not {*'/\\:"'} & {*published_name(publication, "pdf")}


def test_scores_come_back_as_they_were_shown(demo: None) -> None:
    declaration = by_reference("huadu-dpf/2021/huadu-self-evaluation")
    scored = scored_now(declaration)
    assert scored is not None
    shown = scored.shown()
    assert len(shown) > 10
    kept = json.loads(json.dumps(shown_to_json(shown)))
    assert shown_from_json(kept) == shown


# Of a revision, for the bureau


def test_a_revision_is_kept_apart_and_as_it_is(in_force: Declaration) -> None:
    edition = counting(in_force)
    for format_ in ("pdf", "xlsx", "json", "html"):
        file = revision_file(in_force, edition, format_)
        assert file.name.startswith("internal/")
        assert content_of(file) == document_of(in_force, format_, edition)
        assert revision_file(factories.reread(in_force), edition, format_) == file


def test_nothing_is_drawn_for_what_is_there(
    in_force: Declaration, monkeypatch: pytest.MonkeyPatch
) -> None:
    edition = counting(in_force)
    file = revision_file(in_force, edition, "pdf")
    monkeypatch.setattr(files, "rendered", lambda *_a, **_k: never())
    assert revision_file(in_force, edition, "pdf") == file


def test_a_draft_is_never_stored(declaration: Declaration) -> None:
    with pytest.raises(ValueError, match="draft"):
        revision_file(declaration, counting(declaration), "pdf")


def test_a_table_is_no_word_document(in_force: Declaration) -> None:
    with pytest.raises(KeyError):
        revision_file(in_force, counting(in_force), "docx")


def test_the_published_pdf_differs_from_the_internal_one_by_its_imprint(
    publication: Publication,
) -> None:
    declaration = factories.reread(publication.declaration)
    table = document_table(declaration)
    pdf = content_of(publication.files.get(format="pdf").file)
    text = "".join("".join(p.extract_text().split()) for p in PdfReader(BytesIO(pdf)).pages)
    assert all("".join(cell.text.split()) in text for cell in table.cells())
    assert shown_code(publication.code) in text
