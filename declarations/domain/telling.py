"""What people are told of the acts on a declaration, and who of them; docs/notices.md lists it.

Each function is called in the transaction of its act, with the declaration locked.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db.models import QuerySet
from django.utils import timezone

from declarations import workflow
from declarations.domain.notifying import Message, notify, notify_all
from declarations.models import (
    OF_DEPARTMENTS,
    Comment,
    CommentState,
    Declaration,
    DeclarationKind,
    Department,
    NoticeKind,
    Revision,
    RevisionKind,
    Role,
    Round,
    Stage,
    User,
)
from declarations.queries.forms import form_for, kind_for
from declarations.queries.records import revision_records
from declarations.queries.scores import Scored, scored_revision
from declarations.sheets.bind import bind
from declarations.sheets.places import places_of
from declarations.workflow import moment
from scoring.wording import points

MOST_NAMED = 20
"""Departments that are named one by one."""


def tell_opened(round_: Round, departments: Iterable[Department]) -> None:
    """Filers and heads: their department is called on. Once, in as many queries for a hundred
    departments as for one."""
    opens, closes = moment(round_.opens_at), moment(round_.deadline)
    waits = round_.opens_at > timezone.now()
    title = f"“{round_}”将于 {opens} 开始填报" if waits else f"“{round_}”开始填报"
    text = f"填报时间为 {opens} 至 {closes}，请在截止前填写并提交。"
    if round_.stages.filter(by_head=True).exists():
        text += "提交后先由本部门负责人审核。"
    declarations = {
        d.department_id: d for d in round_.declarations.filter(department__in=departments)
    }
    people: dict[int, list[User]] = {department: [] for department in declarations}
    for person in User.objects.filter(department__in=declarations, role__in=OF_DEPARTMENTS):
        people[person.department_id or 0].append(person)
    notify_all(
        Message(
            people[department],
            NoticeKind.ROUND_OPENED,
            title,
            text,
            declaration,
            key=f"round/{round_.pk}/opened",
        )
        for department, declaration in declarations.items()
    )


def tell_to_review(declaration: Declaration) -> None:
    """Whoever reviews at the stage to which the declaration has just come.

    Where nobody can (a department without a head), the system administrators, who can mend it.
    """
    stage, revision = declaration.stage, declaration.revision
    assert stage is not None
    assert revision is not None
    people, by_email = _reviewing(declaration)
    title = f"{_handed_in(declaration, revision, stage)}，请审核"
    text = _to_review(revision, stage)
    if not people:
        people = _of_bureau(declaration, Role.SYSTEM)
        title = f"{_handed_in(declaration, revision, stage)}，但无人可以审核"
        text = f"“{stage}”环节没有使用中的账号，请增加人员或修改审核环节。"
    notify(
        people,
        kind=NoticeKind.SUBMITTED,
        title=title,
        text=text,
        declaration=declaration,
        by_email=by_email,
    )


def tell_passed(declaration: Declaration, passed: Stage) -> None:
    """Those of the next stage; the filers, that it goes on."""
    _nothing_to_review(declaration)
    tell_to_review(declaration)
    notify(
        _of_department(declaration, Role.FILER),
        kind=NoticeKind.PASSED,
        title=f"“{declaration.round}”已通过“{passed}”环节",
        text=f"现在进入“{declaration.stage}”环节，请等待审核。",
        declaration=declaration,
        by_email=False,
    )


def tell_returned(
    actor: User, declaration: Declaration, stage: Stage, comments: Sequence[Comment]
) -> None:
    """Filers, and heads unless it was they who returned it: why, and what to do until when.

    What a head wrote stays in the department, also in the outbox.
    """
    _nothing_to_review(declaration)
    revision = declaration.revision
    assert revision is not None
    roles = [Role.FILER] if stage.by_head else OF_DEPARTMENTS
    reviewing = Role.HEAD if stage.by_head else Role.REVIEWER
    text = "\n".join(
        [
            f"{actor} 在“{stage}”环节将第{revision.number}版退回修改。",
            _until(declaration),
            _opened(declaration),
            *(() if stage.by_head else _reviewed(scored_revision(None, declaration, revision))),
            *_quoted(declaration, revision, [*comments, *_answers(revision, reviewing)]),
        ]
    )
    notify(
        _of_department(declaration, *roles),
        kind=NoticeKind.RETURNED,
        title=f"“{declaration.round}”已退回，请修改",
        text=text,
        declaration=declaration,
        internal=stage.by_head,
    )


def tell_approved(actor: User, declaration: Declaration) -> None:
    """Filers and heads, with the grades of the review sheets and the bureau's comments, if any."""
    _nothing_to_review(declaration)
    revision = declaration.revision
    assert revision is not None
    adjusted = "的调整" if revision.kind == RevisionKind.ADJUSTMENT else ""
    scored = scored_revision(None, declaration, revision)
    remarks = revision.comments.filter(parent=None, internal=False).exclude(
        state=CommentState.RESOLVED
    )
    grades = [
        f"审核评分（{sheet.stage}）：{sheet.total.normalize():f} 分，等级为{sheet.grade}。"
        for sheet in revision.review_sheets.select_related("stage").order_by("stage__position")
    ]
    text = "\n".join(
        [
            f"{actor} 审核通过了第{revision.number}版，现行版本即为第{revision.number}版，可以下载正式文件。",
            *grades,
            *_result(scored),
            *_reviewed(scored),
            *_quoted(declaration, revision, [*remarks, *_answers(revision, Role.REVIEWER)]),
        ]
    )
    notify(
        _of_department(declaration, *OF_DEPARTMENTS),
        kind=NoticeKind.APPROVED,
        title=f"“{declaration.round}”{adjusted}已审核通过",
        text=text,
        declaration=declaration,
    )


def tell_recalled(actor: User, declaration: Declaration) -> None:
    """Whoever would have reviewed it; asked before it leaves its stage."""
    _nothing_to_review(declaration)
    assert declaration.revision is not None
    people, by_email = _reviewing(declaration)
    notify(
        people,
        kind=NoticeKind.RECALLED,
        title=f"{declaration.department}撤回了“{declaration.round}”",
        text=f"{actor} 撤回了第{declaration.revision.number}版，现在无需审核，请等待部门重新提交。",
        declaration=declaration,
        by_email=by_email,
    )


def tell_assigned(actor: User, stage: Stage, given: Mapping[User, Sequence[Declaration]]) -> None:
    """Each reviewer once, however many declarations were given to them; not who took them."""
    notify_all(
        _assigned(actor, stage, reviewer, declarations)
        for reviewer, declarations in given.items()
        if declarations and reviewer != actor
    )


def tell_taken_over(actor: User, declaration: Declaration, before: User) -> None:
    """The reviewer who had it: a colleague reviews it now."""
    notify(
        [before],
        kind=NoticeKind.ASSIGNED,
        title=f"{actor} 接手审核{_name(declaration)}",
        text="这份申报现在由接手的审核人处理，您不用再审核；您写的批注仍然保留。",
        declaration=declaration,
    )


def tell_adjusting(actor: User, declaration: Declaration) -> None:
    """Reviewers of the last stage, who approved it: an adjustment is on its way."""
    notify(
        _of_last_stage(declaration),
        kind=NoticeKind.ADJUSTING,
        title=f"{declaration.department}开始调整“{declaration.round}”",
        text=f"{actor} 申请调整，理由：{declaration.adjustment_reason}\n"
        "提交后按原有环节重新审核，审核通过前现行版本不变。",
        declaration=declaration,
        by_email=False,
    )


def tell_adjustment_given_up(actor: User, declaration: Declaration) -> None:
    """The same people: it is not."""
    notify(
        _of_last_stage(declaration),
        kind=NoticeKind.ADJUSTING,
        title=f"{declaration.department}放弃调整“{declaration.round}”",
        text=f"{actor} 放弃了调整，现行版本不变。",
        declaration=declaration,
        by_email=False,
    )


def _nothing_to_review(declaration: Declaration) -> None:
    """What asked for a review that was since made, or is not wanted any longer, counts as read:
    nobody should find it among what is new."""
    asked = declaration.notices.filter(kind__in=[NoticeKind.SUBMITTED, NoticeKind.ASSIGNED])
    asked.filter(read_at=None).update(read_at=timezone.now())


def tell_evaluations(target: Declaration) -> None:
    """Filers of the year's self-evaluations that were begun on another target, or none: there is
    another in force now, which they can bring in. Nothing where what came into force is no target.
    """
    if kind_for(target.round) != DeclarationKind.TARGET:
        return
    begun = Declaration.objects.filter(
        department=target.department_id,
        round__year=target.round.year,
        round__template__kind=DeclarationKind.SELF_EVALUATION,
        state__in=workflow.EDITABLE,
    ).exclude(based_on=target.approved_id)
    for evaluation in begun.select_related("round"):
        notify(
            _of_department(evaluation, Role.FILER),
            kind=NoticeKind.APPROVED,
            title=f"“{target.round}”有了新的现行版本，请核对“{evaluation.round}”",
            text="本年度的绩效目标刚批准了新的版本，自评仍按原来的目标。请打开自评，核对后点“改按现行目标”；"
            "已填写的内容不会丢失。",
            declaration=evaluation,
        )


def _of_department(declaration: Declaration, *roles: str) -> list[User]:
    return list(User.objects.filter(department=declaration.department_id, role__in=roles))


def _of_bureau(declaration: Declaration, role: Role) -> list[User]:
    return list(User.objects.filter(bureau=declaration.round.bureau_id, role=role, is_active=True))


def _reviewing(declaration: Declaration) -> tuple[list[User], bool]:
    """Who reviews it at its stage, and whether they are told by e-mail, too.

    Where a stage has no reviewers of its own it is anybody's, and e-mails about everything that
    everybody does would be read by nobody.
    """
    stage = declaration.stage
    assert stage is not None
    if stage.by_head:
        people = _of_department(declaration, Role.HEAD)
    elif declaration.reviewer is not None:
        people = [declaration.reviewer]
    else:
        return _reviewers_of(declaration, stage)
    return [person for person in people if person.is_active], True


def _reviewers_of(declaration: Declaration, stage: Stage) -> tuple[list[User], bool]:
    named = list(stage.reviewers.all())
    active = [person for person in named if person.is_active]
    return (active, True) if named else (_of_bureau(declaration, Role.REVIEWER), False)


def _of_last_stage(declaration: Declaration) -> list[User]:
    last = declaration.round.stages.order_by("position").last()
    assert last is not None
    if last.by_head:
        return _of_department(declaration, Role.HEAD)
    return _reviewers_of(declaration, last)[0]


def _assigned(
    actor: User, stage: Stage, reviewer: User, declarations: Sequence[Declaration]
) -> Message:
    first, count = declarations[0], len(declarations)
    what = _name(first) if count == 1 else f"“{first.round}”的 {count} 份申报"
    named = "、".join(d.department.name for d in declarations[:MOST_NAMED])
    more = f"等 {count} 个部门" if count > MOST_NAMED else ""
    return Message(
        [reviewer],
        NoticeKind.ASSIGNED,
        title=f"请审核{what}",
        text=f"{actor} 将“{stage}”环节的以下部门分派给您：{named}{more}。",
        declaration=first if count == 1 else None,
        round=first.round,
    )


def _name(declaration: Declaration) -> str:
    return f"{declaration.department}的“{declaration.round}”"


def _handed_in(declaration: Declaration, revision: Revision, stage: Stage) -> str:
    """What happened to it last, in one sentence for whoever is to review it."""
    adjusted = "的调整" if revision.kind == RevisionKind.ADJUSTMENT else ""
    if stage.position > 1:
        return f"{_name(declaration)}{adjusted}进入“{stage}”环节"
    again = "重新提交" if revision.number > 1 and not adjusted else "提交"
    return f"{declaration.department}{again}了“{declaration.round}”{adjusted}"


def _to_review(revision: Revision, stage: Stage) -> str:
    submitted = f"{revision.submitted_by} 于 {moment(revision.submitted_at)} 提交"
    lines = [f"第{revision.number}版，{submitted}，现在“{stage}”环节。"]
    if revision.kind == RevisionKind.ADJUSTMENT:
        lines.append(f"调整理由：{revision.reason}")
    if stage.days:
        lines.append(f"请在 {stage.days} 天内审核。")
    return "\n".join(lines)


def _until(declaration: Declaration) -> str:
    closed = workflow.why_window_closed(declaration, timezone.now())
    return (
        f"{closed}。"
        if closed
        else f"请在 {moment(workflow.closing_time(declaration))} 前修改并重新提交。"
    )


def _opened(declaration: Declaration) -> str:
    """Which parts of the form the department may change now."""
    if declaration.opened_sections is None:
        return "全部内容都可以修改。"
    sections = form_for(declaration.round).sections
    names = "、".join(f"“{sections[index].label}”" for index in declaration.opened_sections)
    return f"只开放以下部分修改：{names}。"


def _quoted(
    declaration: Declaration, revision: Revision, comments: Iterable[Comment]
) -> Iterator[str]:
    """Every comment and answer with the place it stands at, in the order of the form."""
    comments = list(comments)
    if not comments:
        return
    yield f"\n审核意见和批注（共 {len(comments)} 条）："
    table = bind(form_for(declaration.round), revision_records(revision), merging=False)
    places = places_of(table)
    order = {anchor: index for index, anchor in enumerate(places)}
    comments.sort(key=lambda c: (order.get(c.anchor, -1), c.created_at))
    for number, comment in enumerate(comments, start=1):
        place = places[comment.anchor].name if comment.anchor in places else "整份申报"
        answer = "（回复）" if comment.parent_id else ""
        yield f"{number}. {place}{answer}：{comment.text}"


def _result(scored: Scored | None) -> Iterator[str]:
    """The score and the grade of an approved self-evaluation."""
    if scored is not None and scored.decided:
        yield f"自评得分 {points(scored.total)}，等级为{scored.grade}。"


def _reviewed(scored: Scored | None) -> Iterator[str]:
    """What reviewers of the bureau gave for which items, and why."""
    if scored is None or not scored.reviews:
        return
    yield f"\n复核得分（共 {len(scored.reviews)} 项）："
    for line in scored.lines:
        if review := scored.reviews.get(line.anchor):
            claimed = "未填" if line.self_score is None else points(line.self_score)
            yield f"{line.name}：自评{claimed}，复核{points(review.score)}，理由：{review.reason}"


def _answers(revision: Revision, role: Role) -> QuerySet[Comment]:
    """What reviewers, or heads, answered while they reviewed a revision: nobody was told yet."""
    return revision.comments.filter(parent__isnull=False, author__role=role)
