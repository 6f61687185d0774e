"""公开: what is in force is checked, then published as it was checked; corrected; withdrawn.

The check says which content was looked at, by its hash. Files are made before anything is
locked, for that takes a second; whatever changed meanwhile is found then, and nothing is written.
"""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from declarations import permissions
from declarations.domain.acting import lock, record
from declarations.domain.adjusting import LONGEST_REASON, SHORTEST_REASON, required_reason
from declarations.domain.cataloguing import catalogue
from declarations.domain.errors import NotPermittedError, RefusedError, WrongStateError
from declarations.domain.files import make_files
from declarations.domain.telling_disclosure import tell_published, tell_withdrawn
from declarations.models import (
    CheckOutcome,
    Declaration,
    EventKind,
    Publication,
    PublicationCheck,
    PublishedFile,
    StoredFile,
    User,
)
from declarations.queries.declarations import with_context
from declarations.queries.documents import document_title
from declarations.queries.published import published_name
from declarations.queries.publishing import (
    Prepared,
    latest_check,
    latest_publication,
    prepared,
)
from declarations.sheets.codes import new_code
from declarations.sheets.masking import personal_in
from declarations.workflow import moment
from declarations.workflow.publishing import (
    why_not_checkable,
    why_not_exempt,
    why_not_publishable,
)

VERIFY_PATH = "/public/verify/{code}/"
"""Where a published file can be verified, below settings.ADDRESS."""


def check(actor: User, *, declaration_id: int, looked_at: str, note: str = "") -> PublicationCheck:
    """Notes that what would be published was checked: confidentiality, personal data,
    completeness. The same again is the same check.

    looked_at: `Prepared.sha256` of what the person saw. Raises RefusedError where the person or
    the state forbid it, the content or its masking is another now, or the latest check exempts it
    and the note does not say why that no longer holds.
    """
    note = _remark(note)
    with transaction.atomic():
        declaration = lock(declaration_id)
        _require_publisher(actor, declaration)
        if reason := why_not_checkable(declaration):
            raise WrongStateError(reason)
        ready = prepared(declaration)
        if ready.sha256 != looked_at:
            raise WrongStateError(
                "您打开后，申报内容、表内的得分或隐去规则有了变化，请重新打开核对后再审查"
            )
        masking = ready.masking.to_json()
        last = latest_check(ready.revision.pk)
        if last is not None and last.outcome == CheckOutcome.EXEMPT and len(note) < SHORTEST_REASON:
            raise RefusedError(_overrides(last))
        if (
            last is not None
            and (last.outcome, last.sha256, last.masking, last.note, last.checked_by_id)
            == (CheckOutcome.CLEARED, ready.sha256, masking, note, actor.pk)
            and not _is_used_up(last)
        ):
            return last
        made = PublicationCheck.objects.create(
            revision=ready.revision,
            outcome=CheckOutcome.CLEARED,
            confidentiality=True,
            personal_data=True,
            completeness=True,
            masking=masking,
            sha256=ready.sha256,
            note=note,
            checked_at=timezone.now(),
            checked_by=actor,
        )
        record(
            EventKind.PUBLICATION_CHECKED,
            actor=actor,
            declaration=declaration,
            revision=ready.revision,
            check=made.pk,
            sha256=ready.sha256,
            masked=len(ready.changes),
            note=note,
        )
        return made


def exempt(actor: User, *, declaration_id: int, note: str) -> PublicationCheck:
    """Decides that what is in force is not published, and why; the same again is the same.

    Raises RefusedError where the person or the state forbid it, or the note says too little.
    """
    note = required_reason(note, "不予公开的理由")
    with transaction.atomic():
        declaration = lock(declaration_id)
        _require_publisher(actor, declaration)
        if reason := why_not_exempt(declaration, latest_publication(declaration)):
            raise WrongStateError(reason)
        revision = declaration.approved
        assert revision is not None
        last = latest_check(revision.pk)
        if last is not None and (last.outcome, last.note, last.checked_by_id) == (
            CheckOutcome.EXEMPT,
            note,
            actor.pk,
        ):
            return last
        made = PublicationCheck.objects.create(
            revision=revision,
            outcome=CheckOutcome.EXEMPT,
            note=note,
            checked_at=timezone.now(),
            checked_by=actor,
        )
        record(
            EventKind.PUBLICATION_EXEMPTED,
            actor=actor,
            declaration=declaration,
            revision=revision,
            check=made.pk,
            note=note,
        )
        return made


def publish(actor: User, *, declaration_id: int, reason: str = "") -> Publication:
    """Publishes what is in force as it was checked last; twice is once.

    reason: why it takes the place of what was published before, for everybody to read; needed
    where there is such. Raises RefusedError where the person or the state forbid it, what would
    be published is not what was checked, the reason says too little or tells personal data, or
    something of that changed while the files were made.
    """
    draft = _drafted(actor, declaration_id, reason)
    if draft.pk is not None:
        return draft
    files = make_files(draft)
    with transaction.atomic():
        declaration = lock(declaration_id)
        _require_publisher(actor, declaration)
        last = latest_check(declaration.approved_id)
        current = latest_publication(declaration)
        if (done := _published_already(last, current)) is not None:
            return done
        if refusal := why_not_publishable(declaration, last, current):
            raise WrongStateError(refusal)
        assert last is not None
        expected = current.number + 1 if current else 1
        if (last.pk, expected) != (draft.publication_check_id, draft.number):
            raise WrongStateError("公开过程中申报或公开审查有了变化，请重新打开核对后再公开")
        _write(actor, declaration, draft, current, files)
        return draft


def withdraw(
    actor: User, *, publication_id: int, reason: str, earlier: bool = False
) -> Publication:
    """Withdraws what was published: its page stays, and says so and why. Twice is once.

    earlier: with all versions before it that can still be read. Publishing again takes a new
    check. Raises RefusedError where the person may not, or the reason says too little or tells
    personal data.
    """
    found = Publication.objects.only("declaration_id").get(pk=publication_id)
    with transaction.atomic():
        declaration = lock(found.declaration_id)
        _require_publisher(actor, declaration)
        reason = _public_reason(reason, "撤回理由", prepared(declaration))
        publications = Publication.objects.select_for_update(of=("self",), no_key=True)
        publication = publications.get(pk=publication_id)
        of_all = publications.filter(
            declaration=declaration, number__lte=publication.number, withdrawn_at=None
        )
        public = list(of_all if earlier else of_all.filter(pk=publication.pk))
        if not public:
            return publication
        now = timezone.now()
        for each in public:
            each.withdrawn_at, each.withdrawn_by, each.withdrawal_reason = now, actor, reason
            each.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal_reason"])
        catalogue(declaration)
        record(
            EventKind.WITHDRAWN,
            actor=actor,
            declaration=declaration,
            revision=publication.revision,
            publications=[each.pk for each in public],
            numbers=[each.number for each in public],
            codes=[each.code for each in public],
            reason=reason,
        )
        publication.refresh_from_db()
        tell_withdrawn(actor, publication, public)
        return publication


def _drafted(actor: User, declaration_id: int, reason: str) -> Publication:
    """The publication, not saved yet; or the one that is there already. Nothing is locked."""
    declaration = with_context(Declaration.objects.all()).get(pk=declaration_id)
    _require_publisher(actor, declaration)
    last = latest_check(declaration.approved_id)
    current = latest_publication(declaration)
    if (done := _published_already(last, current)) is not None:
        return done
    if refusal := why_not_publishable(declaration, last, current):
        raise WrongStateError(refusal)
    assert last is not None
    ready = prepared(declaration)
    reason = _public_reason(reason, "更正理由", ready) if current else ""
    if ready.sha256 != last.sha256:
        raise WrongStateError("公开审查之后，隐去规则或表内的得分有了变化，请重新审查后再公开")
    code = new_code()
    return Publication(
        declaration=declaration,
        revision=ready.revision,
        publication_check=last,
        number=current.number + 1 if current else 1,
        code=code,
        verify_url=settings.ADDRESS + VERIFY_PATH.format(code=code),
        title=document_title(declaration),
        masking=last.masking,
        content=ready.content,
        shown=ready.shown,
        sha256=ready.sha256,
        reason=reason,
        published_at=timezone.now(),
        published_by=actor,
    )


def _write(
    actor: User,
    declaration: Declaration,
    publication: Publication,
    current: Publication | None,
    files: dict[str, StoredFile],
) -> None:
    if current is not None:
        current.superseded_at = publication.published_at
        current.save(update_fields=["superseded_at"])
    publication.save()
    PublishedFile.objects.bulk_create(
        PublishedFile(
            publication=publication,
            format=format_,
            file=file,
            name=published_name(publication, format_),
        )
        for format_, file in files.items()
    )
    catalogue(declaration)
    record(
        EventKind.REPUBLISHED if current else EventKind.PUBLISHED,
        actor=actor,
        declaration=declaration,
        revision=publication.revision,
        publication=publication.pk,
        number=publication.number,
        code=publication.code,
        sha256=publication.sha256,
        files={format_: file.sha256 for format_, file in files.items()},
        reason=publication.reason,
    )
    tell_published(actor, publication)


def _published_already(
    last: PublicationCheck | None, current: Publication | None
) -> Publication | None:
    """What a second click asks for again: the latest check was followed."""
    if last is None or current is None or current.withdrawn_at is not None:
        return None
    return current if current.publication_check_id == last.pk else None


def _is_used_up(last: PublicationCheck) -> bool:
    """Whether what was published by it, or since, was withdrawn: it takes a new check then."""
    declaration = last.revision.declaration_id
    withdrawn = Publication.objects.filter(
        declaration=declaration, withdrawn_at__gte=last.checked_at
    )
    return withdrawn.exists()


def _require_publisher(actor: User, declaration: Declaration) -> None:
    if not permissions.can_publish(actor, declaration.round.bureau):
        raise NotPermittedError("只有本财政局的公开管理员可以审查和公开")


def _public_reason(text: str, what: str, ready: Prepared) -> str:
    """A reason that everybody can read. Raises RefusedError where it tells a telephone or so, or
    a name that is masked in the form."""
    reason = required_reason(text, what)
    if found := personal_in(reason, ready.changes):
        raise RefusedError(f"{what}会向社会公开，不能含有“{found[0]}”这样的个人信息")
    return reason


def _overrides(exempted: PublicationCheck) -> str:
    name, when = exempted.checked_by.name, moment(exempted.checked_at)
    return (
        f"此前 {name} 于 {when} 确定不予公开（理由：{exempted.note}），"
        f"改为公开请写明说明，至少 {SHORTEST_REASON} 个字"
    )


def _remark(note: str) -> str:
    note = note.replace("\r\n", "\n").replace("\x00", "").strip()
    if len(note) > LONGEST_REASON:
        raise RefusedError(f"说明最多 {LONGEST_REASON} 字，现有 {len(note)} 字")
    return note
