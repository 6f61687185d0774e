"""Explanations over HTTP: saved with cells, handed in with the submission, read by the reviewer."""

import re
from typing import Any

import pytest
from django.urls import reverse

from declarations.domain.explaining import explain
from declarations.domain.review import pass_on, return_for_correction
from declarations.domain.submission import submit
from declarations.models import Declaration, State
from declarations.queries.findings import explanation_anchor, findings_now
from declarations.queries.forms import form_of
from declarations.sheets.table import version_of
from tests import factories
from tests.factories import reread, type_into
from tests.small_forms import HINTED
from tests.views.asking import post_json

OFFICE, STAFF = "funding/office/budget", "funding/staff/budget"


@pytest.fixture
def declaration(department, filer) -> Declaration:
    """Complete, with one hint."""
    made = factories.declaration_for(department, HINTED)
    type_into(filer, made, **{OFFICE: "100", STAFF: "120"})
    return made


def key(declaration: Declaration) -> str:
    (hint,) = findings_now(reread(declaration), form_of(declaration.round.template))
    return hint.key


def anchor(declaration: Declaration) -> str:
    return explanation_anchor(key(declaration))


def page(client: Any, declaration: Declaration, name: str = "declaration", **query: str) -> str:
    answer = client.get(reverse(name, args=[declaration.pk]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def hand_in(client: Any, declaration: Declaration, text: str, seen: str = "") -> Any:
    name = anchor(declaration)
    fields = {name: text, f"version/{name}": version_of(seen)}
    return client.post(reverse("submit", args=[declaration.pk]), fields)


def texts(declaration: Declaration) -> list[str]:
    return list(declaration.explanations.values_list("text", flat=True))


# Saved in the editor


def test_a_cell_and_an_explanation_are_saved_in_one_request(as_user, filer, declaration) -> None:
    changes = [
        {"anchor": anchor(declaration), "text": "在编人员较多。", "version": version_of("")},
        {"anchor": "text/summary", "text": "说明", "version": version_of("")},
    ]
    answer = post_json(as_user(filer), "cells", declaration, {"changes": changes}).json()
    assert {o["anchor"]: o["status"] for o in answer["outcomes"]} == {
        "text/summary": "saved",
        changes[0]["anchor"]: "saved",
    }
    assert texts(declaration) == ["在编人员较多。"]


@pytest.mark.parametrize("anchor", ["explanation/", "explanation/<b>", "explanation/" + "0" * 32])
def test_one_of_no_hint_comes_back_as_gone(as_user, filer, declaration, anchor: str) -> None:
    changes = [{"anchor": anchor, "text": "说明", "version": version_of("")}]
    answer = post_json(as_user(filer), "cells", declaration, {"changes": changes}).json()
    assert answer["outcomes"][0]["status"] == "gone"


@pytest.mark.parametrize(
    ("who", "status"), [("stranger", 404), ("outsider", 404), ("reviewer", 409)]
)
def test_nobody_else_saves_one(as_user, request, declaration, who: str, status: int) -> None:
    client = as_user(request.getfixturevalue(who))
    changes = [{"anchor": anchor(declaration), "text": "说明", "version": version_of("")}]
    assert post_json(client, "cells", declaration, {"changes": changes}).status_code == status
    assert texts(declaration) == []


def test_the_outline_brings_the_findings(as_user, filer, declaration) -> None:
    client = as_user(filer)
    text = page(client, declaration, "outline")
    assert "提示 1" in text
    assert f'name="{anchor(declaration)}"' in text
    assert "待说明" in text
    explain(filer, declaration_id=declaration.pk, key=key(declaration), text="在编人员较多。")
    text = page(client, declaration, "outline")
    assert "提示已说明" in text
    assert "填报人甲" in text


def test_an_explanation_is_text(as_user, filer, reviewer, declaration) -> None:
    text = '</textarea><script>alert("x")</script>'
    explain(filer, declaration_id=declaration.pk, key=key(declaration), text=text)
    assert "<script>alert" not in page(as_user(filer), declaration)
    submit(filer, declaration_id=declaration.pk)
    assert "<script>alert" not in page(as_user(reviewer), declaration)


# Handed in


def test_the_page_of_submission_asks_for_it(as_user, filer, declaration) -> None:
    text = page(as_user(filer), declaration, "submit")
    assert "人员经费大于公用经费" in text
    assert re.search(rf'<textarea[^>]* name="{anchor(declaration)}"[^>]*>\s*</textarea>', text)


def test_one_button_explains_and_submits(as_user, filer, declaration) -> None:
    assert hand_in(as_user(filer), declaration, "在编人员较多。").status_code == 302
    assert reread(declaration).state == State.SUBMITTED
    assert declaration.revisions.get().findings[0]["explanation"] == "在编人员较多。"


def test_without_it_the_page_comes_back_and_says_where(as_user, filer, declaration) -> None:
    answer = hand_in(as_user(filer), declaration, " ")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "还有 1 条提示需要说明" in text
    assert 'aria-invalid="true"' in text
    assert "请填写说明" in text
    assert reread(declaration).state == State.DRAFT


def test_what_was_typed_is_kept_where_something_must_be_corrected(
    as_user, filer, declaration
) -> None:
    type_into(filer, declaration, **{"funding/travel/budget": "500", OFFICE: ""})
    _, travel = findings_now(reread(declaration), form_of(declaration.round.template))
    name = explanation_anchor(travel.key)
    client, address = as_user(filer), reverse("submit", args=[declaration.pk])
    fields = {name: "长" * 1001, f"version/{name}": version_of("")}
    text = client.post(address, fields).content.decode()
    assert "还有 1 处必须修正" in text
    assert "最多 1000 字，现有 1001 字" in text
    assert "长" * 1001 in text
    client.post(address, {name: "差旅较多。", f"version/{name}": version_of("")})
    assert texts(declaration) == ["差旅较多。"]


def test_a_colleagues_text_is_shown_beside_ones_own(as_user, filer, colleague, declaration) -> None:
    explain(colleague, declaration_id=declaration.pk, key=key(declaration), text="乙写的")
    client = as_user(filer)
    text = hand_in(client, declaration, "甲写的").content.decode()
    assert "填报人乙" in text
    assert "改为“乙写的”" in text
    assert re.search(r"<textarea[^>]*>\s*甲写的</textarea>", text)
    assert f'value="{version_of("乙写的")}"' in text
    assert hand_in(client, declaration, "甲写的", seen="乙写的").status_code == 302
    assert declaration.revisions.get().findings[0]["explanation"] == "甲写的"


def test_what_was_typed_is_kept_where_it_came_too_late(as_user, filer, declaration) -> None:
    client = as_user(filer)
    factories.reschedule(declaration, deadline=-1)
    answer = hand_in(client, declaration, "在编人员较多。")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "截止，如需延期请联系财政局" in text
    assert re.search(r"<textarea[^>]*>\s*在编人员较多。</textarea>", text)


def test_changed_figures_ask_for_another_look(as_user, filer, declaration) -> None:
    explain(filer, declaration_id=declaration.pk, key=key(declaration), text="在编人员较多。")
    type_into(filer, declaration, **{STAFF: "130"})
    client = as_user(filer)
    text = page(client, declaration, "submit")
    assert "所填内容已变化，请核对原说明" in text
    assert re.search(r"<textarea[^>]*>\s*在编人员较多。</textarea>", text)
    assert hand_in(client, declaration, "在编人员较多。", seen="在编人员较多。").status_code == 302
    assert "130.00元" in declaration.revisions.get().findings[0]["message"]


# Read


@pytest.fixture
def explained(filer, declaration) -> Declaration:
    explain(filer, declaration_id=declaration.pk, key=key(declaration), text="在编人员较多。")
    submit(filer, declaration_id=declaration.pk)
    return declaration


@pytest.mark.parametrize("who", ["filer", "colleague", "reviewer", "administrator"])
def test_who_reads_the_revision_reads_hints_and_explanations(
    as_user, request, explained, who: str
) -> None:
    text = page(as_user(request.getfixturevalue(who)), explained)
    assert "提示与部门说明" in text
    assert "在编人员较多。" in text
    assert text.count('<span class="badge">提示 1</span>') == 2
    assert 'name="explanation/' not in text


def test_a_hint_about_a_list_leads_to_its_first_cell(as_user, filer, reviewer, department) -> None:
    """In the editor to the button that adds a row, which the others do not have."""
    declaration = factories.declaration_for(department, year=2024)
    factories.fill_in(filer, declaration)
    type_into(filer, declaration, **{"indicators.level3": "服务人数"})
    assert 'data-jump="indicators"' in page(as_user(filer), declaration)
    explain(filer, declaration_id=declaration.pk, key=key(declaration), text="只考核人数。")
    submit(filer, declaration_id=declaration.pk)
    (cell,) = factories.anchors(declaration, "indicators.level1")
    assert f'data-jump="{cell}">没有质量' in page(as_user(reviewer), declaration)


def test_the_panel_of_a_cell_shows_its_hints(as_user, reviewer, explained) -> None:
    client = as_user(reviewer)
    assert "在编人员较多。" in page(client, explained, "panel", cell=STAFF)
    assert "在编人员较多。" not in page(client, explained, "panel", cell="text/summary")


def test_a_reviewer_does_not_see_what_is_explained_after_the_return(
    as_user, filer, reviewer, explained
) -> None:
    return_for_correction(reviewer, declaration_id=explained.pk, opinion="请写明依据。")
    explain(filer, declaration_id=explained.pk, key=key(explained), text="改过的说明")
    text = page(as_user(reviewer), explained)
    assert "在编人员较多。" in text
    assert "改过的说明" not in text


def test_what_is_new_or_explained_otherwise_is_shown(as_user, filer, reviewer, explained) -> None:
    return_for_correction(reviewer, declaration_id=explained.pk, opinion="请写明依据。")
    explain(filer, declaration_id=explained.pk, key=key(explained), text="改过的说明")
    type_into(filer, explained, **{"funding/travel/budget": "500"})
    (_, travel) = findings_now(reread(explained), form_of(explained.round.template))
    explain(filer, declaration_id=explained.pk, key=travel.key, text="差旅较多。")
    submit(filer, declaration_id=explained.pk)
    client = as_user(reviewer)
    text = page(client, explained)
    assert "<del>在编人员较多。</del>" in text
    assert "说明已修改" in text
    assert "本版新增" in text
    pass_on(reviewer, declaration_id=explained.pk)
    assert "说明已修改" not in page(client, explained)
