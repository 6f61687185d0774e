"""POST declarations/<pk>/draft/: a first draft of a report's passage."""

import pytest

from declarations.models import Declaration, EventKind
from declarations.sheets.report import DRAFT_MARK
from declarations.sheets.table import version_of
from tests import factories
from tests.factories import text_of
from tests.reports import evaluation_for, report_for
from tests.views.asking import post_json

ANCHOR = "text/conclusion"
BLANK = {"anchor": ANCHOR, "version": version_of("")}


@pytest.fixture
def report(department, filer) -> Declaration:
    evaluation_for(department, filer)
    return report_for(department)


def test_a_draft_is_written_and_undone_by_its_event(as_user, filer, report) -> None:
    client = as_user(filer)
    answer = post_json(client, "draft", report, BLANK)
    assert answer.status_code == 200
    event = report.events.get(kind=EventKind.DRAFTED)
    assert answer.json()["event"] == event.pk
    assert "请核对修改后删去" in answer.json()["message"]
    assert text_of(report, ANCHOR).startswith(DRAFT_MARK)
    assert post_json(client, "undo", report, {"event": event.pk}).status_code == 200
    assert text_of(report, ANCHOR) == ""


def test_a_second_click_is_told_and_writes_nothing(as_user, filer, report) -> None:
    client = as_user(filer)
    post_json(client, "draft", report, BLANK)
    answer = post_json(client, "draft", report, BLANK)
    assert answer.status_code == 409
    assert answer.json() == {"message": "这一段刚被修改过，请核对后再起草"}
    assert report.events.filter(kind=EventKind.DRAFTED).count() == 1


def test_only_the_departments_filers_may(as_user, colleague, reviewer, stranger, report) -> None:
    assert post_json(as_user(reviewer), "draft", report, BLANK).status_code == 409
    assert post_json(as_user(stranger), "draft", report, BLANK).status_code == 404
    assert text_of(report, ANCHOR) == ""
    assert post_json(as_user(colleague), "draft", report, BLANK).status_code == 200


@pytest.mark.parametrize("payload", [5, {"anchor": 5}, {"anchor": ANCHOR, "version": None}])
def test_what_no_page_sends_is_refused(as_user, filer, report, payload) -> None:
    assert post_json(as_user(filer), "draft", report, payload).status_code == 400
    assert text_of(report, ANCHOR) == ""


def test_after_the_deadline_nothing_is_drafted(as_user, filer, report) -> None:
    factories.reschedule(report, deadline=-1)
    assert post_json(as_user(filer), "draft", report, BLANK).status_code == 409
    assert text_of(report, ANCHOR) == ""
