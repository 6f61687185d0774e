"""What must never be false of what is published, whoever writes."""

import pytest
from django.db import IntegrityError
from django.utils import timezone

from declarations.models import (
    Batch,
    BatchItem,
    BatchKind,
    CheckOutcome,
    Declaration,
    Publication,
    PublicationCheck,
    PublishedFile,
    Revision,
    Role,
    StoredFile,
    User,
)
from tests import factories
from tests.models.raw import refused, run

CONFIRMED = {"confidentiality": True, "personal_data": True, "completeness": True}
NOTHING = dict.fromkeys(CONFIRMED, False)
HASH = "a" * 64


@pytest.fixture
def publisher(declaration: Declaration) -> User:
    return factories.UserFactory.create(bureau=declaration.round.bureau, role=Role.PUBLISHER)


@pytest.fixture
def in_force(filer: User, reviewer: User, declaration: Declaration) -> Revision:
    revision = factories.approved(filer, reviewer, declaration).approved
    assert revision is not None
    return revision


def checked(revision: Revision, actor: User, **fields: object) -> PublicationCheck:
    columns = {"outcome": CheckOutcome.CLEARED, "sha256": HASH, **CONFIRMED, **fields}
    return PublicationCheck.objects.create(
        revision=revision, checked_at=timezone.now(), checked_by=actor, **columns
    )


def published(check: PublicationCheck, **fields: object) -> Publication:
    columns = {
        "declaration": check.revision.declaration,
        "revision": check.revision,
        "number": 1,
        "code": "0123456789AB",
        "verify_url": "http://localhost/public/verify/0123456789AB/",
        "title": "申报表",
        "content": {},
        "sha256": HASH,
        "published_at": timezone.now(),
        "published_by": check.checked_by,
        **fields,
    }
    return Publication.objects.create(publication_check=check, **columns)


@pytest.fixture
def publication(in_force: Revision, publisher: User) -> Publication:
    return published(checked(in_force, publisher))


@pytest.mark.parametrize("missing", CONFIRMED)
def test_a_check_confirms_everything(in_force: Revision, publisher: User, missing: str) -> None:
    with refused("publication_check_confirms_everything", IntegrityError):
        checked(in_force, publisher, **{missing: False})


def test_what_is_exempt_says_why(in_force: Revision, publisher: User) -> None:
    with refused("publication_check_confirms_everything", IntegrityError):
        checked(in_force, publisher, outcome=CheckOutcome.EXEMPT, sha256="")
    checked(in_force, publisher, outcome=CheckOutcome.EXEMPT, sha256="", note="涉及国家秘密")


def test_a_check_is_never_changed(in_force: Revision, publisher: User) -> None:
    checked(in_force, publisher)
    with refused():
        run("UPDATE declarations_publicationcheck SET note = 'x'")
    with refused():
        run("DELETE FROM declarations_publicationcheck")


def test_only_what_is_in_force_is_published(
    filer: User, publisher: User, declaration: Declaration
) -> None:
    revision = factories.submitted(filer, declaration).revision
    assert revision is not None
    check = checked(revision, publisher)
    with refused("only what is in force is published"):
        published(check)


def test_only_what_was_checked_is_published_as_it_was_checked(
    in_force: Revision, publisher: User
) -> None:
    check = checked(in_force, publisher)
    with refused("as it was checked"):
        published(check, sha256="b" * 64)
    checked(in_force, publisher, outcome=CheckOutcome.EXEMPT, sha256="", note="涉密", **NOTHING)
    with refused("as it was checked"):
        published(check)


def test_a_publication_is_never_changed(publication: Publication) -> None:
    for column, value in {"content": '{"a": 1}', "sha256": "c" * 64, "title": "x"}.items():
        with refused():
            run("UPDATE declarations_publication SET {} = %s", value, names=[column])
    with refused():
        run("DELETE FROM declarations_publication")


def test_it_is_withdrawn_once_by_somebody_for_a_reason(publication: Publication) -> None:
    now, by = timezone.now(), publication.published_by
    row = Publication.objects.filter(pk=publication.pk)
    with refused("publication_withdrawn_for_a_reason", IntegrityError):
        row.update(withdrawn_at=now, withdrawn_by=by)
    row.update(withdrawn_at=now, withdrawn_by=by, withdrawal_reason="含有个人信息")
    with refused("for ever"):
        row.update(withdrawn_at=None, withdrawn_by=None, withdrawal_reason="")


def test_one_is_current_and_the_next_says_why(publication: Publication) -> None:
    publisher = publication.published_by
    check = checked(publication.revision, publisher)
    row = Publication.objects.filter(pk=publication.pk)
    later = {"number": 2, "code": "BA9876543210"}
    with refused("publication_one_current", IntegrityError):
        published(check, reason="更正", **later)
    row.update(superseded_at=timezone.now())
    with refused("publication_replaces_for_a_reason", IntegrityError):
        published(check, **later)
    published(check, reason="更正", **later)
    with refused("for ever"):
        row.update(superseded_at=None)


def test_files_are_never_changed(publication: Publication) -> None:
    file = StoredFile.objects.create(key=HASH, format="pdf", sha256=HASH, size=1, name="a.pdf")
    PublishedFile.objects.create(publication=publication, format="pdf", file=file, name="a.pdf")
    for table in ("declarations_storedfile", "declarations_publishedfile"):
        with refused():
            run("UPDATE {} SET name = 'b.pdf'", names=[table])
        with refused():
            run("DELETE FROM {}", names=[table])


def test_an_item_is_of_its_own_revision(
    in_force: Revision, publisher: User, stranger: User
) -> None:
    batch = Batch.objects.create(
        bureau=publisher.bureau, kind=BatchKind.EXPORT, title="导出", requested_by=publisher
    )
    other = factories.declaration_for(stranger.department, year=2031)
    with refused("different owners"):
        BatchItem.objects.create(batch=batch, position=1, declaration=other, revision=in_force)
    BatchItem.objects.create(
        batch=batch, position=1, declaration=in_force.declaration, revision=in_force
    )
