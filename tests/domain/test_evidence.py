"""Evidence files: added, removed and brought back by who fills in, and frozen with a revision."""

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from declarations.domain.adjusting import begin_adjustment, give_up_adjustment
from declarations.domain.errors import (
    NotPermittedError,
    RefusedError,
    WindowClosedError,
    WrongStateError,
)
from declarations.domain.evidence import (
    Brought,
    Outcome,
    add_evidence,
    remove_evidence,
    restore_evidence,
)
from declarations.domain.opening import PartClosedError
from declarations.domain.recalling import recall
from declarations.domain.review import return_for_correction
from declarations.domain.rows import remove_row
from declarations.domain.submission import submit
from declarations.domain.undoing import undo
from declarations.models import Declaration, EventKind, Evidence, Round, User
from declarations.queries.evidence import counts, file_for, files_of, listing_for
from declarations.queries.pages import editor_table
from tests import factories
from tests.evidence import ITEM, OTHER, add, pdf, picture, row_of, scored_for
from tests.factories import reread
from tests.races import at_once


@pytest.fixture
def declaration(department) -> Declaration:
    return scored_for(department)


def bring(actor: User, declaration: Declaration, *files: Brought, at: str = ITEM) -> list[Outcome]:
    return add_evidence(actor, declaration_id=declaration.pk, anchor=at, files=files)


def remove(actor: User, file: Evidence) -> Evidence:
    return remove_evidence(actor, declaration_id=file.declaration_id, evidence_id=file.pk)


def restore(actor: User, file: Evidence) -> Evidence:
    return restore_evidence(actor, declaration_id=file.declaration_id, evidence_id=file.pk)


def names(user: User, declaration: Declaration, number: int | None = None) -> list[str]:
    listing = listing_for(user, reread(declaration), number)
    return [] if listing is None else [file.name for file in listing.files]


# Adding


def test_a_file_is_kept_with_what_it_is_and_recorded(filer, declaration):
    content = pdf("一")
    [outcome] = bring(filer, declaration, Brought("C:\\资料\\工资表.pdf", content))
    kept = Evidence.objects.get()
    assert outcome.evidence == kept
    assert bytes(kept.content) == content
    assert (kept.name, kept.size, kept.media_type) == (
        "工资表.pdf",
        len(content),
        "application/pdf",
    )
    assert kept.sha256 == hashlib.sha256(content).hexdigest()
    event = declaration.events.get(kind=EventKind.EVIDENCE_ADDED)
    assert (event.actor, event.data["name"], event.data["anchor"]) == (filer, "工资表.pdf", ITEM)
    assert reread(declaration).edited_by == filer
    assert counts(declaration) == {ITEM: 1}


def test_each_file_is_taken_or_refused_by_itself(filer, declaration):
    files = [
        Brought("好.pdf", pdf()),
        Brought("坏.pdf", b"<html>"),
        Brought("空.pdf", b""),
        Brought("照片.pdf", picture("JPEG")),
    ]
    outcomes = bring(filer, declaration, *files)
    assert [bool(o.evidence) for o in outcomes] == [True, False, False, True]
    assert "只接收" in outcomes[1].problem
    assert "空的" in outcomes[2].problem
    assert names(filer, declaration) == ["好.pdf", "照片.pdf.jpg"]


def test_the_same_content_at_an_item_is_once(filer, colleague, declaration):
    first = add(filer, declaration, "甲.pdf", pdf("同"))
    [again] = bring(colleague, declaration, Brought("乙.pdf", pdf("同")))
    assert (again.evidence, again.again) == (first, True)
    add(filer, declaration, "甲.pdf", pdf("同"), at=OTHER)
    assert counts(declaration) == {ITEM: 1, OTHER: 1}
    assert declaration.events.filter(kind=EventKind.EVIDENCE_ADDED).count() == 2


def test_an_indicator_has_its_own(filer, declaration):
    row = row_of(declaration)
    add(filer, declaration, at=row)
    assert counts(declaration) == {row: 1}


@pytest.mark.parametrize(
    "anchor", ["", "score/none", "score/rate/self_score", "indicator/1", "indicator/x", "text/a"]
)
def test_nowhere_else(filer, declaration, anchor):
    with pytest.raises(RefusedError, match="没有这一项"):
        bring(filer, declaration, Brought("a.pdf", pdf()), at=anchor)


def test_not_at_the_row_of_another_declaration(filer, stranger, declaration):
    with pytest.raises(RefusedError, match="没有这一项"):
        bring(
            filer,
            declaration,
            Brought("a.pdf", pdf()),
            at=row_of(scored_for(stranger.department, year=2024)),
        )


def test_a_form_without_a_rubric_has_no_evidence(filer, department):
    plain = factories.declaration_for(department)
    with pytest.raises(RefusedError, match="没有这一项"):
        bring(filer, plain, Brought("a.pdf", pdf()))
    assert listing_for(filer, plain) is None


def test_bounds(filer, declaration, settings):
    settings.EVIDENCE_LARGEST = 1000
    [refused] = bring(filer, declaration, Brought("大.pdf", pdf("长" * 500)))
    assert "超过 0 MB" in refused.problem
    settings.EVIDENCE_LARGEST = 20 * 2**20
    settings.EVIDENCE_MOST_FILES = 2
    outcomes = bring(filer, declaration, *(Brought(f"{i}.pdf", pdf(str(i))) for i in range(3)))
    assert [bool(o.evidence) for o in outcomes] == [True, True, False]
    assert "已有 2 个文件" in outcomes[2].problem
    settings.EVIDENCE_MOST_BYTES = 1500
    [refused] = bring(filer, declaration, Brought("又.pdf", pdf("又" * 300)), at=OTHER)
    assert "合计将超过" in refused.problem


def test_adding_and_removing_again_and_again_has_an_end(filer, declaration, settings):
    settings.EVIDENCE_MOST_BYTES = 1000
    for number in range(20):
        [outcome] = bring(filer, declaration, Brought("a.pdf", pdf(f"{number:03}")))
        if outcome.evidence is None:
            assert "先后上传" in outcome.problem
            return
        remove(filer, outcome.evidence)
    pytest.fail("there is no end")


@pytest.mark.parametrize("role", ["reviewer", "stranger"])
def test_only_the_departments_filers(request, role, filer, declaration):
    other = request.getfixturevalue(role)
    file = add(filer, declaration)
    with pytest.raises(NotPermittedError):
        bring(other, declaration, Brought("a.pdf", pdf("b")))
    for act in (remove, restore):
        with pytest.raises(NotPermittedError):
            act(other, file)


def test_not_after_the_deadline_or_the_submission(filer, declaration):
    file = add(filer, declaration)
    factories.submitted(filer, declaration)
    for act in (lambda: bring(filer, declaration, Brought("b.pdf", pdf("b"))), lambda: remove(filer, file)):  # fmt: skip
        with pytest.raises(WrongStateError):
            act()
    recall(filer, declaration_id=declaration.pk)
    factories.reschedule(declaration, deadline=-1)
    for act in (lambda: bring(filer, declaration, Brought("b.pdf", pdf("b"))), lambda: remove(filer, file)):  # fmt: skip
        with pytest.raises(WindowClosedError):
            act()
    assert counts(declaration) == {ITEM: 1}


def test_a_return_that_opens_other_parts_leaves_it_closed(filer, reviewer, declaration):
    file = add(filer, declaration)
    factories.returned(filer, reviewer, declaration)
    form = editor_table(reread(declaration)).form
    other = next(i for i, s in enumerate(form.sections) if s.label == "二、产出")
    Declaration.objects.filter(pk=declaration.pk).update(opened_sections=[other])
    with pytest.raises(PartClosedError):
        bring(filer, declaration, Brought("b.pdf", pdf("b")))
    with pytest.raises(PartClosedError):
        remove(filer, file)
    add(filer, declaration, at=row_of(declaration))
    at = listing_for(filer, reread(declaration))
    assert at is not None
    assert [p.place.is_open for p in at.places] == [False, False, True]


# Removing


def test_what_is_removed_comes_back(filer, colleague, declaration):
    file = add(filer, declaration)
    remove(filer, file)
    assert names(filer, declaration) == []
    restore(colleague, file)
    assert names(filer, declaration) == ["材料.pdf"]
    kinds = [e.kind for e in declaration.events.order_by("id") if e.kind.startswith("evidence")]
    assert kinds == ["evidence_added", "evidence_removed", "evidence_added"]


def test_removing_and_restoring_twice_is_once(filer, declaration):
    file = add(filer, declaration)
    remove(filer, file)
    assert remove(filer, file).removed_at is not None
    restore(filer, file)
    restore(filer, file)
    assert declaration.events.filter(kind=EventKind.EVIDENCE_REMOVED).count() == 1
    assert declaration.events.filter(kind=EventKind.EVIDENCE_ADDED).count() == 2


def test_the_same_content_is_not_brought_back_beside_itself(filer, declaration):
    file = add(filer, declaration, content=pdf("同"))
    remove(filer, file)
    again = add(filer, declaration, content=pdf("同"))
    assert restore(filer, file) == again
    assert counts(declaration) == {ITEM: 1}


def test_only_files_of_the_declaration(filer, stranger, declaration):
    other = add(stranger, scored_for(stranger.department, year=2024))
    with pytest.raises(RefusedError, match="没有这个文件"):
        remove_evidence(filer, declaration_id=declaration.pk, evidence_id=other.pk)


def test_the_row_goes_and_comes_back_with_its_files(filer, declaration):
    row = row_of(declaration)
    add(filer, declaration, at=row)
    event = remove_row(filer, declaration_id=declaration.pk, anchor=row)
    listing = listing_for(filer, reread(declaration))
    assert listing is not None
    assert ([*listing.files], [f.anchor for f in listing.orphans]) == ([], [row])
    undo(filer, declaration_id=declaration.pk, event_id=event.pk)
    assert names(filer, declaration) == ["材料.pdf"]


# What was handed in


def test_reviewers_see_what_was_handed_in(filer, reviewer, declaration):
    add(filer, declaration, "一.pdf", pdf("1"))
    gone = add(filer, declaration, "无.pdf", pdf("0"))
    remove(filer, gone)
    assert names(reviewer, declaration) == []
    factories.submitted(filer, declaration)
    assert names(reviewer, declaration) == ["一.pdf"]
    assert file_for(reviewer, reread(declaration), gone.pk) is None
    assert file_for(filer, reread(declaration), gone.pk) is None


def test_what_changes_after_a_return_is_seen_with_the_next_revision(filer, reviewer, declaration):
    first = add(filer, declaration, "一.pdf", pdf("1"))
    factories.returned(filer, reviewer, declaration)
    remove(filer, first)
    second = add(filer, declaration, "二.pdf", pdf("2"))
    assert names(reviewer, declaration) == ["一.pdf"]
    assert file_for(reviewer, reread(declaration), second.pk) is None
    assert file_for(reviewer, reread(declaration), first.pk) == first
    submit(filer, declaration_id=declaration.pk)
    assert names(reviewer, declaration) == ["二.pdf"]
    assert names(reviewer, declaration, 1) == ["一.pdf"]
    assert file_for(reviewer, reread(declaration), first.pk) == first
    assert file_for(filer, reread(declaration), first.pk) == first
    listing = listing_for(reviewer, reread(declaration))
    assert listing is not None
    assert listing.new == {second.pk}


def test_what_went_before_a_submission_does_not_come_back(filer, reviewer, declaration):
    gone = add(filer, declaration)
    remove(filer, gone)
    factories.returned(filer, reviewer, declaration)
    with pytest.raises(RefusedError, match="不能恢复"):
        restore(filer, gone)


def test_a_recalled_submission_is_none_of_the_bureaus(filer, reviewer, declaration):
    file = add(filer, declaration)
    factories.submitted(filer, declaration)
    recall(filer, declaration_id=declaration.pk)
    assert names(reviewer, declaration) == []
    assert file_for(reviewer, reread(declaration), file.pk) is None


def test_files_of_a_row_that_is_not_in_the_revision_are_not_handed_in(filer, reviewer, declaration):
    row = row_of(declaration)
    file = add(filer, declaration, at=row)
    remove_row(filer, declaration_id=declaration.pk, anchor=row)
    factories.submitted(filer, declaration)
    assert names(reviewer, declaration) == []
    assert file_for(reviewer, reread(declaration), file.pk) is None


def adjusting(filer: User, reviewer: User, declaration: Declaration) -> None:
    factories.approved(filer, reviewer, declaration)
    Round.objects.filter(pk=declaration.round_id).update(
        adjustments_until=timezone.now() + timedelta(days=5)
    )
    begin_adjustment(filer, declaration_id=declaration.pk, reason="补充佐证材料")


def test_other_files_alone_are_an_adjustment(filer, reviewer, declaration):
    adjusting(filer, reviewer, declaration)
    with pytest.raises(RefusedError, match="没有任何修改"):
        submit(filer, declaration_id=declaration.pk)
    add(filer, declaration)
    assert submit(filer, declaration_id=declaration.pk).number == 2


def test_giving_an_adjustment_up_brings_the_files_back(filer, reviewer, declaration):
    """Also those that a submission in between was handed in without, which it still is."""
    kept = add(filer, declaration, "留.pdf", pdf("留"))
    first = add(filer, declaration, "一.pdf", pdf("1"))
    adjusting(filer, reviewer, declaration)
    remove(filer, first)
    add(filer, declaration, "二.pdf", pdf("2"))
    revision = submit(filer, declaration_id=declaration.pk)
    return_for_correction(reviewer, declaration_id=declaration.pk, opinion="请核对。")
    give_up_adjustment(filer, declaration_id=declaration.pk)
    live = Evidence.objects.filter(removed_at=None).order_by("name")
    assert [f.name for f in live] == ["一.pdf", "留.pdf"]
    assert kept in live
    assert bytes(live[0].content) == pdf("1")
    assert {f.name for f in files_of(revision)} == {"留.pdf", "二.pdf"}
    assert names(filer, declaration, 1) == ["留.pdf", "一.pdf"]
    assert names(reviewer, declaration) == ["留.pdf", "一.pdf"]
    factories.reschedule(declaration, adjustments_until=5)
    begin_adjustment(filer, declaration_id=declaration.pk, reason="再次调整材料")
    with pytest.raises(RefusedError, match="没有任何修改"):
        submit(filer, declaration_id=declaration.pk)


# At once


@pytest.mark.django_db(transaction=True)
def test_the_same_file_twice_at_once_is_kept_once(filer, colleague, declaration):
    content = pdf("同")
    at_once(
        lambda: bring(filer, declaration, Brought("甲.pdf", content)),
        lambda: bring(colleague, declaration, Brought("乙.pdf", content)),
    )
    assert counts(declaration) == {ITEM: 1}


@pytest.mark.django_db(transaction=True)
def test_removed_by_two_at_once_is_removed_once(filer, colleague, declaration):
    file = add(filer, declaration)
    results = at_once(lambda: remove(filer, file), lambda: remove(colleague, file))
    assert [type(r) for r in results] == [Evidence, Evidence]
    assert declaration.events.filter(kind=EventKind.EVIDENCE_REMOVED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_file_is_in_the_revision_or_it_is_refused(filer, colleague, declaration):
    """Added at the moment of submission: never kept without being handed in."""
    factories.fill_in(filer, declaration)
    factories.explain_hints(filer, declaration)
    added, revision = at_once(
        lambda: bring(colleague, declaration, Brought("末.pdf", pdf("末"))),
        lambda: submit(filer, declaration_id=declaration.pk),
    )
    handed_in = [f.name for f in files_of(revision)]
    if isinstance(added, WrongStateError):
        assert handed_in == []
        assert not Evidence.objects.exists()
    else:
        assert handed_in == ["末.pdf"]


@pytest.mark.django_db(transaction=True)
def test_the_last_place_is_given_once(filer, colleague, declaration, settings):
    settings.EVIDENCE_MOST_FILES = 1
    results = at_once(
        lambda: bring(filer, declaration, Brought("甲.pdf", pdf("甲"))),
        lambda: bring(colleague, declaration, Brought("乙.pdf", pdf("乙"))),
    )
    assert sorted(bool(r[0].evidence) for r in results) == [False, True]
