"""Explaining hints: kept while the hint reads the same, required before submission, frozen with it."""

from functools import partial

import pytest

from declarations.checks import Finding, Level
from declarations.checks.registry import Check, Found
from declarations.domain.cells import Change, Status
from declarations.domain.errors import (
    HasFindingsError,
    NotPermittedError,
    RefusedError,
    WindowClosedError,
    WrongStateError,
)
from declarations.domain.explaining import LONGEST_EXPLANATION, explain, explain_hints
from declarations.domain.review import return_for_correction
from declarations.domain.submission import submit
from declarations.models import Declaration, EventKind, Revision, State
from declarations.queries.findings import (
    FindingView,
    explanation_anchor,
    explanations_of,
    findings_now,
    progress,
)
from declarations.queries.forms import form_of
from declarations.queries.pages import editor_table
from declarations.sheets.table import version_of
from tests import factories
from tests.factories import reread, type_into
from tests.races import at_once
from tests.small_forms import HINTED

OFFICE, STAFF, TRAVEL = (
    "funding/office/budget",
    "funding/staff/budget",
    "funding/travel/budget",
)


@pytest.fixture
def declaration(department, filer) -> Declaration:
    """More for staff than for the office: one hint; complete otherwise."""
    made = factories.declaration_for(department, HINTED)
    type_into(filer, made, **{OFFICE: "100", STAFF: "120"})
    return made


def hints(declaration: Declaration) -> list[Finding]:
    found = findings_now(reread(declaration), form_of(declaration.round.template))
    return [f for f in found if f.level is Level.HINT]


def hint(declaration: Declaration) -> Finding:
    (found,) = hints(declaration)
    return found


def views(declaration: Declaration) -> list[FindingView]:
    found = reread(declaration)
    return [f for s in progress(editor_table(found), explanations_of(found)) for f in s.findings]


def tell(actor, declaration: Declaration, text: str, key: str = "") -> None:
    explain(actor, declaration_id=declaration.pk, key=key or hint(declaration).key, text=text)


def texts(declaration: Declaration) -> list[str]:
    return list(declaration.explanations.values_list("text", flat=True))


# Writing them


def test_it_is_kept_with_the_hint_as_it_reads(filer, declaration) -> None:
    tell(filer, declaration, "  在编人员较多。\r\n批文见附件。 ")
    kept = declaration.explanations.get()
    about = hint(declaration)
    assert kept.text == "在编人员较多。\n批文见附件。"
    assert (kept.key, kept.code, kept.message) == (about.key, "rule.staff", about.message)
    assert kept.author == filer


def test_each_text_is_on_record(filer, colleague, declaration) -> None:
    tell(filer, declaration, "第一稿")
    tell(colleague, declaration, "第二稿")
    latest, first = declaration.events.filter(kind=EventKind.EXPLAINED)
    assert (first.actor, first.data["text"], first.data["before"]) == (filer, "第一稿", "")
    assert (latest.actor, latest.data["text"], latest.data["before"]) == (
        colleague,
        "第二稿",
        "第一稿",
    )
    assert latest.data["message"] == hint(declaration).message


def test_the_same_text_again_is_no_event(filer, colleague, declaration) -> None:
    tell(filer, declaration, "说明")
    tell(colleague, declaration, "说明")
    assert declaration.events.filter(kind=EventKind.EXPLAINED).count() == 1
    assert declaration.explanations.get().author == filer


@pytest.mark.parametrize("blank", ["", "  \n "])
def test_a_blank_text_withdraws_it(filer, declaration, blank: str) -> None:
    tell(filer, declaration, "说明")
    tell(filer, declaration, blank)
    assert texts(declaration) == []
    assert declaration.events.filter(kind=EventKind.EXPLAINED).count() == 2
    tell(filer, declaration, blank)
    assert declaration.events.filter(kind=EventKind.EXPLAINED).count() == 2


def test_too_long_a_text_is_refused_with_its_length(filer, declaration) -> None:
    tell(filer, declaration, "字" * LONGEST_EXPLANATION)
    with pytest.raises(RefusedError, match=f"最多 {LONGEST_EXPLANATION} 字，现有 1001 字"):
        tell(filer, declaration, "字" * (LONGEST_EXPLANATION + 1))
    assert texts(declaration) == ["字" * LONGEST_EXPLANATION]


def test_control_characters_do_not_reach_the_database(filer, declaration) -> None:
    tell(filer, declaration, "说\x00明\x0b")
    assert texts(declaration) == ["说明"]


@pytest.mark.parametrize("key", ["0" * 32, "", "x" * 500])
def test_only_a_hint_that_stands_can_be_explained(filer, declaration, key: str) -> None:
    with pytest.raises(RefusedError, match="这条提示已不存在"):
        explain(filer, declaration_id=declaration.pk, key=key, text="说明")
    assert texts(declaration) == []


def test_what_must_be_corrected_cannot_be_explained_away(filer, declaration) -> None:
    type_into(filer, declaration, **{OFFICE: ""})
    (must,) = findings_now(reread(declaration), form_of(declaration.round.template))
    assert must.level is Level.MUST
    with pytest.raises(RefusedError, match="这条提示已不存在"):
        tell(filer, declaration, "说明", must.key)


def test_one_that_was_put_right_wants_no_explanation(filer, declaration) -> None:
    key = hint(declaration).key
    type_into(filer, declaration, **{STAFF: "90"})
    with pytest.raises(RefusedError, match="不需要说明"):
        tell(filer, declaration, "说明", key)


@pytest.mark.parametrize("who", ["stranger", "reviewer", "administrator", "outsider"])
def test_only_the_department_explains(request, declaration, who: str) -> None:
    with pytest.raises(NotPermittedError):
        tell(request.getfixturevalue(who), declaration, "说明")
    assert texts(declaration) == []


def test_not_after_the_deadline_and_not_after_submission(filer, declaration) -> None:
    key = hint(declaration).key
    tell(filer, declaration, "说明")
    factories.reschedule(declaration, deadline=-1)
    with pytest.raises(WindowClosedError):
        tell(filer, declaration, "改过的说明", key)
    factories.reschedule(declaration, deadline=1)
    submit(filer, declaration_id=declaration.pk)
    with pytest.raises(WrongStateError):
        tell(filer, declaration, "改过的说明", key)
    assert texts(declaration) == ["说明"]


def test_what_a_check_says_twice_of_the_same_cells_takes_one_explanation(
    monkeypatch, filer, declaration
) -> None:
    def twice(content):
        yield Found("甲", (STAFF,))
        yield Found("乙", (STAFF,))

    check = Check("twice", Level.HINT, "", about="", source="", function=twice)
    monkeypatch.setattr("declarations.checks.registry.CHECKS", {"twice": check})
    assert hint(declaration).message == "甲；乙"
    tell(filer, declaration, "说明")
    assert len(submit(filer, declaration_id=declaration.pk).findings) == 1


# What has changed meanwhile


def test_figures_that_changed_want_another_look_at_the_explanation(filer, declaration) -> None:
    tell(filer, declaration, "在编人员较多。")
    type_into(filer, declaration, **{STAFF: "130"})
    (view,) = views(declaration)
    assert (view.stale, view.is_explained, view.text) == (True, False, "在编人员较多。")
    with pytest.raises(HasFindingsError):
        submit(filer, declaration_id=declaration.pk)
    tell(filer, declaration, "在编人员较多。")
    (view,) = views(declaration)
    assert (view.stale, view.is_explained) == (False, True)
    assert declaration.explanations.get().message == hint(declaration).message


def test_figures_that_changed_back_need_none(filer, declaration) -> None:
    tell(filer, declaration, "在编人员较多。")
    type_into(filer, declaration, **{STAFF: "90"})
    assert views(declaration) == []
    type_into(filer, declaration, **{STAFF: "120"})
    assert [v.is_explained for v in views(declaration)] == [True]


def test_a_colleagues_text_is_not_written_over_unseen(filer, colleague, declaration) -> None:
    tell(colleague, declaration, "同事写的")
    change = Change(explanation_anchor(hint(declaration).key), "我写的", version_of(""))
    (outcome,) = explain_hints(filer, declaration_id=declaration.pk, changes=[change])
    assert (outcome.status, outcome.text) == (Status.CONFLICT, "同事写的")
    assert outcome.changed_by == "填报人乙"
    assert texts(declaration) == ["同事写的"]
    again = Change(change.anchor, "我写的", outcome.version)
    (outcome,) = explain_hints(filer, declaration_id=declaration.pk, changes=[again])
    assert outcome.status is Status.SAVED
    assert texts(declaration) == ["我写的"]


def test_each_of_several_succeeds_or_fails_by_itself(filer, declaration) -> None:
    type_into(filer, declaration, **{TRAVEL: "150"})
    first, second = (explanation_anchor(f.key) for f in hints(declaration))
    changes = [
        Change(first, "说明", version_of("")),
        Change(second, "长" * 1001, version_of("")),
        Change(explanation_anchor("0" * 32), "没有这一条", version_of("")),
    ]
    outcomes = explain_hints(filer, declaration_id=declaration.pk, changes=changes)
    assert [o.status for o in outcomes] == [Status.SAVED, Status.INVALID, Status.GONE]
    assert texts(declaration) == ["说明"]


# Submitting


def test_a_hint_without_explanation_holds_up_the_submission(filer, declaration) -> None:
    with pytest.raises(HasFindingsError) as caught:
        submit(filer, declaration_id=declaration.pk)
    assert str(caught.value) == "还有 1 条提示需要说明，填写说明后才能提交"
    assert caught.value.findings == hints(declaration)
    assert reread(declaration).state == State.DRAFT


def test_what_must_be_corrected_and_what_wants_explaining_are_named_together(
    filer, declaration
) -> None:
    type_into(filer, declaration, **{TRAVEL: "150", OFFICE: ""})
    with pytest.raises(HasFindingsError) as caught:
        submit(filer, declaration_id=declaration.pk)
    assert "还有 1 处必须修正" in str(caught.value)
    assert "还有 1 条提示需要说明" in str(caught.value)
    assert [f.level for f in caught.value.findings] == [Level.MUST, Level.HINT]


def test_the_revision_freezes_hints_with_what_was_said_of_them(
    filer, colleague, declaration
) -> None:
    about = hint(declaration)
    tell(colleague, declaration, "在编人员较多。")
    revision = submit(filer, declaration_id=declaration.pk)
    assert Revision.objects.get(pk=revision.pk).findings == [
        {
            "level": "hint",
            "code": "rule.staff",
            "message": about.message,
            "anchors": [STAFF, OFFICE],
            "explanation": "在编人员较多。",
            "explained_by": "填报人乙",
        }
    ]


def test_one_without_hints_freezes_none(filer, declaration) -> None:
    tell(filer, declaration, "在编人员较多。")
    type_into(filer, declaration, **{STAFF: "90"})
    assert submit(filer, declaration_id=declaration.pk).findings == []


def test_an_explanation_survives_a_return(filer, reviewer, declaration) -> None:
    tell(filer, declaration, "在编人员较多。")
    first = submit(filer, declaration_id=declaration.pk)
    return_for_correction(reviewer, declaration_id=declaration.pk, opinion="请核对。")
    assert [v.is_explained for v in views(declaration)] == [True]
    second = submit(filer, declaration_id=declaration.pk)
    assert second.number == 2
    assert second.findings == first.findings


def test_explanations_can_be_handed_in_with_it(filer, declaration) -> None:
    change = Change(explanation_anchor(hint(declaration).key), "在编人员较多。", version_of(""))
    revision = submit(filer, declaration_id=declaration.pk, explanations=[change])
    assert revision.findings[0]["explanation"] == "在编人员较多。"
    again = submit(filer, declaration_id=declaration.pk, explanations=[change])
    assert again == revision
    assert declaration.events.filter(kind=EventKind.EXPLAINED).count() == 1


def test_a_refused_submission_keeps_what_was_explained_with_it(filer, declaration) -> None:
    type_into(filer, declaration, **{TRAVEL: "150"})
    first, second = (explanation_anchor(f.key) for f in hints(declaration))
    changes = [Change(first, "说明", version_of("")), Change(second, "", version_of(""))]
    with pytest.raises(HasFindingsError) as caught:
        submit(filer, declaration_id=declaration.pk, explanations=changes)
    assert len(caught.value.findings) == 1
    assert caught.value.problems == []
    assert texts(declaration) == ["说明"]
    assert reread(declaration).state == State.DRAFT


def test_a_submission_does_not_pass_over_a_colleagues_explanation(
    filer, colleague, declaration
) -> None:
    tell(colleague, declaration, "同事写的")
    change = Change(explanation_anchor(hint(declaration).key), "我写的", version_of(""))
    with pytest.raises(HasFindingsError) as caught:
        submit(filer, declaration_id=declaration.pk, explanations=[change])
    assert caught.value.findings == []
    assert [o.text for o in caught.value.problems] == ["同事写的"]
    assert "有 1 条说明没有保存" in str(caught.value)
    assert reread(declaration).state == State.DRAFT


def test_one_for_a_hint_that_is_gone_does_not_hold_up_the_submission(filer, declaration) -> None:
    change = Change(explanation_anchor(hint(declaration).key), "说明", version_of(""))
    type_into(filer, declaration, **{STAFF: "90"})
    assert submit(filer, declaration_id=declaration.pk, explanations=[change]).findings == []


# At the same moment


@pytest.mark.django_db(transaction=True)
def test_of_two_who_explain_at_once_one_is_shown_the_others_text(
    filer, colleague, declaration
) -> None:
    anchor = explanation_anchor(hint(declaration).key)

    def write(actor, text: str):
        change = Change(anchor, text, version_of(""))
        return explain_hints(actor, declaration_id=declaration.pk, changes=[change])

    results = at_once(partial(write, filer, "甲写的"), partial(write, colleague, "乙写的"))
    outcomes = [outcome for (outcome,) in results]
    assert sorted(o.status for o in outcomes) == [Status.CONFLICT, Status.SAVED]
    (kept,) = texts(declaration)
    assert {o.text for o in outcomes} == {kept}
    assert declaration.events.filter(kind=EventKind.EXPLAINED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_explaining_and_submitting_at_once_freezes_what_is_kept(
    filer, colleague, declaration
) -> None:
    tell(filer, declaration, "第一稿")
    key = hint(declaration).key
    explained, revision = at_once(
        partial(explain, colleague, declaration_id=declaration.pk, key=key, text="第二稿"),
        partial(submit, filer, declaration_id=declaration.pk),
    )
    assert isinstance(revision, Revision)
    assert explained is None or isinstance(explained, WrongStateError)
    assert revision.findings[0]["explanation"] == texts(declaration)[0]
    expected = "第二稿" if explained is None else "第一稿"
    assert texts(declaration) == [expected]
