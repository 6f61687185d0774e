"""复核评分: what reviewers give for an item instead of what the department claims."""

from decimal import Decimal

from django.db import transaction

from declarations.domain.acting import acting, begin_review, lock, record, require_reviewable
from declarations.domain.errors import NotPermittedError, RefusedError, WrongStateError
from declarations.models import Declaration, EventKind, ReviewScore, Revision, User
from declarations.queries.scores import live_scores, scored_revision
from declarations.sheets.scores import Line
from declarations.sheets.table import version_of
from scoring.numbers import NotANumberError, read_number
from scoring.rubric import rounded
from scoring.wording import plain, points

LONGEST_REASON = 1_000


def set_review_score(
    actor: User, *, declaration_id: int, anchor: str, score: str, reason: str, version: str = ""
) -> ReviewScore:
    """Gives an item (``score/KEY``) or indicator (``indicator/45``) another score than the
    department claims, and says why.

    score: as it was typed. version: `version_of_review` of what the person was looking at, ""
    where there was nothing; where there is another since, both are told and nothing is
    written. Raises RefusedError, also where score or reason are missing or the score is not
    within the item's points. Giving the same twice is once.
    """
    with transaction.atomic():
        declaration, revision = _under_review(actor, declaration_id)
        line = _line(actor, declaration, revision, anchor)
        given = _read(score, line)
        reason = _checked(reason)
        kept = live_scores(declaration).filter(anchor=anchor).first()
        if kept and (kept.score, kept.reason, kept.author_id) == (given, reason, actor.pk):
            return kept
        _require_same(kept, version)
        before = kept.score if kept else None
        kept = kept or ReviewScore(declaration=declaration, anchor=anchor)
        kept.score, kept.reason, kept.author, kept.revision = given, reason, actor, revision
        with acting(actor, EventKind.REVIEW_SCORED):
            kept.save()
        begin_review(actor, declaration)
        _record(actor, declaration, revision, line, before, given, reason)
        return kept


def withdraw_review_score(
    actor: User, *, declaration_id: int, anchor: str, version: str = ""
) -> None:
    """Takes the score of an item back, so that the department's own counts. Twice is once.

    Raises RefusedError as `set_review_score` does.
    """
    with transaction.atomic():
        declaration, revision = _under_review(actor, declaration_id)
        line = _line(actor, declaration, revision, anchor)
        kept = live_scores(declaration).filter(anchor=anchor).first()
        if kept is None:
            return
        _require_same(kept, version)
        before = kept.score
        with acting(actor, EventKind.REVIEW_SCORED):
            kept.delete()
        begin_review(actor, declaration)
        _record(actor, declaration, revision, line, before, None, "")


def version_of_review(kept: ReviewScore | None) -> str:
    """What a page names as "what I was looking at"; "" of nothing."""
    return version_of(f"{kept.score}/{kept.reason}") if kept else ""


def _under_review(actor: User, declaration_id: int) -> tuple[Declaration, Revision]:
    declaration = lock(declaration_id)
    revision = require_reviewable(actor, declaration)
    assert declaration.stage is not None
    if declaration.stage.by_head:
        raise NotPermittedError("部门负责人环节不复核评分，复核得分由财政局审核人评定")
    return declaration, revision


def _line(actor: User, declaration: Declaration, revision: Revision, anchor: str) -> Line:
    scored = scored_revision(actor, declaration, revision)
    line = next((n for n in scored.lines if n.anchor == anchor), None) if scored else None
    if line is None:
        raise RefusedError("表中没有这个评分项，请刷新页面")
    if line.is_inapplicable:
        raise RefusedError("这一项部门填报为不适用，不计分；如应评分，请退回由部门修改")
    return line


def _read(text: str, line: Line) -> Decimal:
    """The score that was typed, in hundredths. Raises RefusedError."""
    if not text.strip():
        raise RefusedError("请填写复核得分")
    try:
        number = read_number(text)
    except NotANumberError as error:
        raise RefusedError(str(error)) from None
    if number.unit not in ("", "分") or not line.least <= number.value <= line.points:
        raise RefusedError(f"复核得分应在{points(line.least)}至{points(line.points)}之间")
    if number.value != rounded(number.value):
        raise RefusedError("复核得分最多两位小数")
    return rounded(number.value)


def _checked(reason: str) -> str:
    reason = reason.replace("\x00", "").strip()
    if not reason:
        raise RefusedError("请写明复核理由，部门会在退回或通过后看到")
    if len(reason) > LONGEST_REASON:
        raise RefusedError(f"复核理由最多 {LONGEST_REASON} 字，现有 {len(reason)} 字")
    return reason


def _require_same(kept: ReviewScore | None, version: str) -> None:
    if version == version_of_review(kept):
        return
    if kept is None:
        raise WrongStateError("您打开页面后，这一项的复核得分已被撤回；如仍要评分，请再次保存")
    raise WrongStateError(
        f"您打开页面后，{kept.author} 已评{points(kept.score)}，理由：{kept.reason}。"
        "如要改为您填写的，请再次保存"
    )


def _record(
    actor: User,
    declaration: Declaration,
    revision: Revision,
    line: Line,
    before: Decimal | None,
    given: Decimal | None,
    reason: str,
) -> None:
    record(
        EventKind.REVIEW_SCORED,
        actor=actor,
        declaration=declaration,
        revision=revision,
        anchor=line.anchor,
        item=line.name,
        before=None if before is None else plain(before),
        score=None if given is None else plain(given),
        why=reason,
    )
