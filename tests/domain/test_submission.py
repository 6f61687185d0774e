"""Submitting: what must be corrected blocks it; what is handed in is frozen, once."""

import hashlib
import json
import time
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from declarations.checks import Level
from declarations.domain.errors import (
    HasFindingsError,
    NotPermittedError,
    WindowClosedError,
    WrongStateError,
)
from declarations.domain.rows import remove_row
from declarations.domain.submission import submit
from declarations.models import Declaration, EventKind, Revision, Round, State
from declarations.queries.forms import form_of
from declarations.queries.pages import editor_table, revision_table
from declarations.queries.records import load_records, revision_records
from declarations.sheets.records import content_hash
from tests import factories
from tests.factories import anchors, entries, fill_in, reread, text_of, type_into
from tests.races import at_once
from tests.small_forms import EVERY_KIND

GOAL = "text/overall_goal"


def records(declaration: Declaration):
    return load_records(reread(declaration), form_of(declaration.round.template))


# What blocks it


def test_a_blank_declaration_cannot_be_submitted(filer, declaration) -> None:
    with pytest.raises(HasFindingsError) as caught:
        submit(filer, declaration_id=declaration.pk)
    findings = caught.value.findings
    assert str(caught.value) == f"还有 {len(findings)} 处必须修正，改好后才能提交"
    assert {f.level for f in findings} == {Level.MUST}
    assert findings[0].anchors == ("funding/basic/budget",)
    assert findings[0].message == "预算整体情况：请填写“基本支出”"


def test_a_refused_submission_leaves_nothing_behind(filer, declaration) -> None:
    with pytest.raises(HasFindingsError):
        submit(filer, declaration_id=declaration.pk)
    assert reread(declaration).state == State.DRAFT
    assert not declaration.revisions.exists()
    assert not declaration.events.exists()


@pytest.mark.parametrize("tag", ["funding.transfer.budget", "text.overall_goal", "tasks.amount"])
def test_one_required_cell_left_blank_is_enough(filer, declaration, tag: str) -> None:
    fill_in(filer, declaration)
    type_into(filer, declaration, **{tag: ""})
    with pytest.raises(HasFindingsError) as caught:
        submit(filer, declaration_id=declaration.pk)
    (finding,) = caught.value.findings
    assert finding.anchors == (anchors(declaration, tag)[0],)


def test_a_list_with_required_columns_needs_a_row(filer, declaration) -> None:
    fill_in(filer, declaration)
    (task,) = (a.removesuffix("/name") for a in anchors(declaration, "tasks.name"))
    remove_row(filer, declaration_id=declaration.pk, anchor=task)
    with pytest.raises(HasFindingsError) as caught:
        submit(filer, declaration_id=declaration.pk)
    assert [f.message for f in caught.value.findings] == ["年度重点工作任务至少要有一行"]


def test_an_optional_list_may_be_empty(filer, declaration) -> None:
    fill_in(filer, declaration)
    (task,) = (a.removesuffix("/name") for a in anchors(declaration, "other_tasks.name"))
    remove_row(filer, declaration_id=declaration.pk, anchor=task)
    assert submit(filer, declaration_id=declaration.pk).number == 1


# What becomes of it


def test_it_becomes_a_revision_with_its_event(filer, declaration) -> None:
    fill_in(filer, declaration)
    revision = submit(filer, declaration_id=declaration.pk)
    now = reread(declaration)
    assert (now.state, now.revision) == (State.SUBMITTED, revision)
    assert (revision.number, revision.submitted_by) == (1, filer)
    event = declaration.events.get(kind=EventKind.SUBMITTED)
    assert (event.actor, event.revision, event.bureau) == (filer, revision, filer.bureau)


def test_the_revision_holds_the_records(filer, department) -> None:
    declaration = factories.declaration_for(department, EVERY_KIND)
    type_into(
        filer,
        declaration,
        **{
            "text.long": "第一段\n第二段",
            "text.choice": "甲",
            "funding.general.budget": "483.09",
            "tasks.name": "任务",
            "tasks.weight": "100",
            "tasks.extra.people": "1200",
            "tasks.actual": "96.5",
        },
    )
    revision = submit(filer, declaration_id=declaration.pk)
    frozen = Revision.objects.get(pk=revision.pk)
    assert revision_records(frozen) == records(declaration)
    assert frozen.content["funding"]["general"]["budget"] == "4830900.00"
    assert frozen.content["lists"]["tasks"][0]["values"]["extra.people"] == "1200"


def test_the_frozen_table_reads_like_the_one_that_was_filled_in(filer, declaration) -> None:
    fill_in(filer, declaration)
    filled = {e.anchor: e.text for e in editor_table(reread(declaration)).entries()}
    revision = submit(filer, declaration_id=declaration.pk)
    frozen = revision_table(Revision.objects.get(pk=revision.pk), reread(declaration))
    assert {e.anchor: e.text for e in frozen.entries()} == filled


def test_the_hash_is_that_of_the_canonical_json(filer, declaration) -> None:
    revision = factories.submitted(filer, declaration).revision
    assert revision is not None
    content = Revision.objects.get(pk=revision.pk).content
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert revision.sha256 == hashlib.sha256(canonical.encode()).hexdigest()


def test_the_hash_does_not_depend_on_the_order_of_keys() -> None:
    assert content_hash({"a": 1, "b": {"c": "丙", "d": None}}) == content_hash(
        {"b": {"d": None, "c": "丙"}, "a": 1}
    )
    assert content_hash({"a": 1}) != content_hash({"a": "1"})


def test_submitting_twice_is_once(filer, colleague, declaration) -> None:
    fill_in(filer, declaration)
    first = submit(filer, declaration_id=declaration.pk)
    again = submit(colleague, declaration_id=declaration.pk)
    assert again == first
    assert declaration.revisions.count() == 1
    assert declaration.events.filter(kind=EventKind.SUBMITTED).count() == 1


def test_a_correction_becomes_the_next_revision_and_leaves_the_first(
    filer, reviewer, declaration
) -> None:
    first = factories.returned(filer, reviewer, declaration).revision
    assert first is not None
    content = first.content
    type_into(filer, declaration, **{GOAL: "改过的目标"})
    second = submit(filer, declaration_id=declaration.pk)
    assert second.number == 2
    assert reread(declaration).revision == second
    assert second.content["texts"]["overall_goal"] == "改过的目标"
    assert Revision.objects.get(pk=first.pk).content == content


def test_editing_a_returned_declaration_does_not_touch_what_was_reviewed(
    filer, reviewer, declaration
) -> None:
    revision = factories.returned(filer, reviewer, declaration).revision
    type_into(filer, declaration, **{GOAL: "改过的目标"})
    assert revision is not None
    assert Revision.objects.get(pk=revision.pk).content["texts"]["overall_goal"] == "文字"
    assert text_of(declaration, GOAL) == "改过的目标"


# Who may, and when


def test_a_colleague_may(filer, colleague, declaration) -> None:
    fill_in(filer, declaration)
    assert submit(colleague, declaration_id=declaration.pk).submitted_by == colleague


@pytest.mark.parametrize("who", ["stranger", "reviewer", "administrator", "outsider"])
def test_nobody_but_the_department_submits(request, filer, declaration, who: str) -> None:
    somebody = request.getfixturevalue(who)
    fill_in(filer, declaration)
    with pytest.raises(NotPermittedError):
        submit(somebody, declaration_id=declaration.pk)
    assert reread(declaration).state == State.DRAFT
    submit(filer, declaration_id=declaration.pk)
    with pytest.raises(NotPermittedError):
        submit(somebody, declaration_id=declaration.pk)


def test_it_is_refused_before_the_opening(filer, declaration) -> None:
    fill_in(filer, declaration)
    factories.reschedule(declaration, opens_at=1)
    with pytest.raises(WindowClosedError, match=r"填报将于 .* 开始"):
        submit(filer, declaration_id=declaration.pk)


def test_it_is_refused_after_the_deadline(filer, declaration) -> None:
    fill_in(filer, declaration)
    factories.reschedule(declaration, deadline=-1)
    with pytest.raises(WindowClosedError, match=r"填报已于 .* 截止，如需延期请联系财政局"):
        submit(filer, declaration_id=declaration.pk)
    assert reread(declaration).state == State.DRAFT


def test_what_was_submitted_in_time_is_still_once_after_the_deadline(filer, declaration) -> None:
    revision = factories.submitted(filer, declaration).revision
    factories.reschedule(declaration, deadline=-1)
    assert submit(filer, declaration_id=declaration.pk) == revision


def test_a_correction_counts_until_the_correction_deadline(filer, reviewer, declaration) -> None:
    factories.returned(filer, reviewer, declaration)
    factories.reschedule(declaration, deadline=-2, correction_deadline=-1)
    with pytest.raises(WindowClosedError, match=r"补正已于 .* 截止"):
        submit(filer, declaration_id=declaration.pk)
    factories.reschedule(declaration, correction_deadline=1)
    assert submit(filer, declaration_id=declaration.pk).number == 2


def test_what_is_approved_cannot_be_submitted_again(filer, reviewer, declaration) -> None:
    factories.approved(filer, reviewer, declaration)
    with pytest.raises(WrongStateError, match="申报已通过审核，不能修改"):
        submit(filer, declaration_id=declaration.pk)
    assert declaration.revisions.count() == 1


# At once, on real connections


@pytest.mark.django_db(transaction=True)
def test_two_who_submit_at_once_submit_once(filer, colleague, declaration) -> None:
    fill_in(filer, declaration)
    people = [filer, colleague, filer, colleague]
    results = at_once(*(partial(submit, p, declaration_id=declaration.pk) for p in people))
    (revision,) = Revision.objects.all()
    assert results == [revision] * 4
    assert declaration.events.filter(kind=EventKind.SUBMITTED).count() == 1
    assert reread(declaration).revision == revision


@pytest.mark.django_db(transaction=True)
def test_a_resubmission_by_two_at_once_is_one_too(filer, colleague, reviewer, declaration) -> None:
    factories.returned(filer, reviewer, declaration)
    results = at_once(
        partial(submit, filer, declaration_id=declaration.pk),
        partial(submit, colleague, declaration_id=declaration.pk),
    )
    assert [r.number for r in results] == [2, 2]
    assert Revision.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_an_edit_at_the_moment_of_submission_is_in_the_revision_or_refused(
    filer, colleague, declaration
) -> None:
    fill_in(filer, declaration)
    saved, revision = at_once(
        partial(type_into, colleague, declaration, **{GOAL: "最后的修改"}),
        partial(submit, filer, declaration_id=declaration.pk),
    )
    frozen = revision.content["texts"]["overall_goal"]
    live = {e.anchor: e.value for e in entries(declaration)}[GOAL]
    assert frozen == live
    assert isinstance(saved, WrongStateError) == (frozen == "文字")


@pytest.mark.django_db(transaction=True)
def test_submitting_as_the_deadline_passes(department) -> None:
    """Some in time, some not; nobody half."""
    departments = factories.DepartmentFactory.create_batch(6, bureau=department.bureau)
    template = factories.template_for(department.bureau, factories.PANYU_FORM.read_bytes())
    round_ = factories.round_for(template, *departments)
    filers = {d.pk: factories.filer_of(d) for d in departments}
    declarations = list(round_.declarations.all())
    for declaration in declarations:
        factories.fill_in(filers[declaration.department_id], declaration)

    def hand_in(declaration: Declaration, moment: datetime | None = None) -> Revision:
        while moment is not None and timezone.now() < moment:
            time.sleep(0.01)
        return submit(filers[declaration.department_id], declaration_id=declaration.pk)

    early, *others = declarations
    results: list[Any] = [hand_in(early)]
    deadline = timezone.now() + timedelta(seconds=0.5)
    Round.objects.filter(pk=round_.pk).update(deadline=deadline)
    around = [deadline + timedelta(seconds=0.1 * n) for n in range(-3, 2)]
    results += at_once(*(partial(hand_in, *each) for each in zip(others, around, strict=True)))
    assert {type(result) for result in results} == {Revision, WindowClosedError}
    for declaration, result in zip(declarations, results, strict=True):
        in_time = isinstance(result, Revision)
        now = factories.reread(declaration)
        assert now.state == (State.SUBMITTED if in_time else State.DRAFT)
        assert now.events.filter(kind=EventKind.SUBMITTED).count() == int(in_time)
        assert now.revisions.count() == int(in_time)
