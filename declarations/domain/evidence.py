"""Evidence files (佐证材料): adding them to what they prove, removing them and bringing them back.

Nothing is ever deleted: what is removed stays for the revisions it was handed in with
(`queries.evidence`), and so that it can be brought back.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from declarations.domain.acting import lock, record, require_editable, touch
from declarations.domain.errors import RefusedError
from declarations.domain.importing import safe_file_name
from declarations.domain.opening import PartClosedError
from declarations.models import Declaration, EventKind, Evidence, Revision, User
from declarations.queries import evidence
from declarations.queries.declarations import with_context
from declarations.queries.forms import form_for
from declarations.queries.records import load_records
from declarations.sheets.evidence_file import FileType, UnfitFileError, type_of, with_ending
from declarations.workflow.opened import why_closed

_LONGEST_NAME = 120
"""Characters: with a folder before it, such a name still fits where files are unpacked."""
_EVER = 5
"""Times the room there is that files may take with those that were removed."""


@dataclass(frozen=True, slots=True)
class Brought:
    """A file as somebody sends it; the name as the browser says it."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file. evidence: as it is kept, None where it was refused.
    problem: why it was. again: whether the same content was there already."""

    name: str
    evidence: Evidence | None = None
    problem: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class _Checked:
    """A file with what it is, or why it is not taken. The name is safe, with its ending."""

    name: str
    content: bytes
    sha256: str = ""
    type: FileType | None = None
    problem: str = ""


def add_evidence(
    actor: User, *, declaration_id: int, anchor: str, files: Sequence[Brought]
) -> list[Outcome]:
    """Adds files to a scored item (``score/KEY``) or an indicator (``indicator/45``).

    Each is taken or refused by itself: the outcomes are in the order of the files. The same
    content at the same place twice is once. Raises RefusedError where nothing can be added
    there now.
    """
    declaration = with_context(Declaration.objects.all()).get(pk=declaration_id)
    _require_place(actor, declaration, anchor)
    checked = [_check(file) for file in files]  # may take seconds: not while others wait
    with transaction.atomic():
        declaration = lock(declaration_id)
        _require_place(actor, declaration, anchor)
        outcomes = [_keep(actor, declaration, anchor, file) for file in checked]
        if any(o.evidence and not o.again for o in outcomes):
            touch(actor, declaration)
        return outcomes


def remove_evidence(actor: User, *, declaration_id: int, evidence_id: int) -> Evidence:
    """Takes a file away from what it proves. Twice is once. Raises RefusedError."""
    with transaction.atomic():
        declaration = lock(declaration_id)
        found = _find(actor, declaration, evidence_id)
        if found.removed_at is not None:
            return found
        found.removed_at, found.removed_by = timezone.now(), actor
        found.save(update_fields=["removed_at", "removed_by"])
        _record(EventKind.EVIDENCE_REMOVED, actor, declaration, found)
        touch(actor, declaration)
        return found


def restore_evidence(actor: User, *, declaration_id: int, evidence_id: int) -> Evidence:
    """Brings a file back that was removed since the last submission. Twice is once.

    Raises RefusedError, also where there is no room for it any longer.
    """
    with transaction.atomic():
        declaration = lock(declaration_id)
        found = _find(actor, declaration, evidence_id)
        if found.removed_at is None:
            return found
        if not evidence.restorable(declaration).contains(found):
            raise RefusedError("这个文件在上次提交前已删除，不能恢复；如仍需要，请重新上传")
        same = _there(declaration, found.anchor, found.sha256)
        if same is not None:
            return same
        if problem := _why_no_room(declaration, found.anchor, found.size, again=True):
            raise RefusedError(problem)
        found.removed_at = found.removed_by = None
        found.save(update_fields=["removed_at", "removed_by"])
        _record(EventKind.EVIDENCE_ADDED, actor, declaration, found, restored=True)
        touch(actor, declaration)
        return found


def restore_to(actor: User, declaration: Declaration, revision: Revision) -> None:
    """Makes the files of a locked declaration those of its revision.

    What is missing comes back as a copy, so that what revisions in between were handed in with
    stays true.
    """
    if not evidence.takes_evidence(declaration):
        return
    then = {(f.anchor, f.sha256): f.pk for f in evidence.files_of(revision)}
    now = {(f.anchor, f.sha256): f.pk for f in evidence.live(declaration).defer("content")}
    declaration.evidence_files.filter(pk__in=[now[k] for k in now.keys() - then.keys()]).update(
        removed_at=timezone.now(), removed_by=actor
    )
    missing = [then[k] for k in then.keys() - now.keys()]
    if missing:
        with connection.cursor() as cursor:
            cursor.execute(_COPY, [timezone.now(), missing])


_COPY = """
    INSERT INTO declarations_evidence (declaration_id, anchor, name, content, size, media_type,
        sha256, added_at, added_by_id)
    SELECT declaration_id, anchor, name, content, size, media_type, sha256, %s, added_by_id
    FROM declarations_evidence WHERE id = ANY(%s)
"""
"""In the database: all files of a declaration together would not fit into memory."""


def _require_place(actor: User, declaration: Declaration, anchor: str) -> None:
    require_editable(actor, declaration)
    form = form_for(declaration.round)
    known = evidence.places(
        form, load_records(declaration, form), opened=declaration.opened_sections
    )
    place = next((p for p in known if p.anchor == anchor), None)
    if place is None:
        raise RefusedError("表中没有这一项，或者这一行已被删除，请刷新页面")
    if not place.is_open:
        raise PartClosedError(why_closed(form, declaration.opened_sections))


def _check(file: Brought) -> _Checked:
    name = safe_file_name(file.name, unnamed="未命名", longest=_LONGEST_NAME)
    if len(file.content) > settings.EVIDENCE_LARGEST:
        return _Checked(name, b"", problem=_too_large(len(file.content)))
    try:
        type_ = type_of(file.content)
    except UnfitFileError as error:
        return _Checked(name, b"", problem=str(error))
    sha256 = hashlib.sha256(file.content).hexdigest()
    return _Checked(with_ending(name, type_), file.content, sha256, type_)


def _keep(actor: User, declaration: Declaration, anchor: str, file: _Checked) -> Outcome:
    if file.type is None:
        return Outcome(file.name, problem=file.problem)
    same = _there(declaration, anchor, file.sha256)
    if same is not None:
        return Outcome(file.name, same, again=True)
    if problem := _why_no_room(declaration, anchor, len(file.content)):
        return Outcome(file.name, problem=problem)
    kept = Evidence.objects.create(
        declaration=declaration,
        anchor=anchor,
        name=file.name,
        content=file.content,
        size=len(file.content),
        media_type=file.type.media_type,
        sha256=file.sha256,
        added_by=actor,
    )
    _record(EventKind.EVIDENCE_ADDED, actor, declaration, kept)
    return Outcome(file.name, kept)


def _there(declaration: Declaration, anchor: str, sha256: str) -> Evidence | None:
    found = evidence.live(declaration).filter(anchor=anchor, sha256=sha256)
    return found.defer("content").first()


def _why_no_room(declaration: Declaration, anchor: str, size: int, *, again: bool = False) -> str:
    """Why a file of so many bytes cannot be added, "" where it can. again: it is stored already."""
    most = settings.EVIDENCE_MOST_FILES
    if evidence.live(declaration).filter(anchor=anchor).count() >= most:
        return f"这一项已有 {most} 个文件，不能再加；请把几个文件合成一个，或者删除不需要的"
    live, ever = evidence.kept(declaration)
    room = settings.EVIDENCE_MOST_BYTES
    if live + size > room:
        return f"这份申报的佐证材料合计将超过 {room // 2**20} MB；请压缩文件，或者删除不需要的"
    if not again and ever + size > _EVER * room:
        return "这份申报先后上传的佐证材料过多，不能再加，请联系财政局"
    return ""


def _too_large(size: int) -> str:
    largest = settings.EVIDENCE_LARGEST // 2**20
    return f"文件 {size / 2**20:.1f} MB，超过 {largest} MB；请压缩，或者分成几个文件"


def _find(actor: User, declaration: Declaration, evidence_id: int) -> Evidence:
    """A file that may be removed or brought back now; of a row that is gone, too."""
    require_editable(actor, declaration)
    found = declaration.evidence_files.filter(pk=evidence_id).defer("content").first()
    if found is None:
        raise RefusedError("没有这个文件，请刷新页面")
    form = form_for(declaration.round)
    records = load_records(declaration, form)
    at = {p.anchor: p for p in evidence.places(form, records, declaration.opened_sections)}
    place = at.get(found.anchor)
    if place is not None and not place.is_open:
        raise PartClosedError(why_closed(form, declaration.opened_sections))
    return found


def _record(
    kind: EventKind,
    actor: User,
    declaration: Declaration,
    found: Evidence,
    *,
    restored: bool = False,
) -> None:
    record(
        kind,
        actor=actor,
        declaration=declaration,
        evidence=found.pk,
        anchor=found.anchor,
        name=found.name,
        sha256=found.sha256,
        restored=restored,
    )
