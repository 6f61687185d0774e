"""Scores on the pages: strips in the editor and to reviewers, review scores, grades, files."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from declarations.domain.review import pass_on
from declarations.domain.scoring import set_review_score
from declarations.models import Declaration, ReviewScore, User
from declarations.queries.declarations import reference_of
from declarations.queries.documents import document_of, document_table
from tests.factories import explain_hints, reread, type_into, version
from tests.reviewing import FIRST, HEAD, head_of
from tests.scored import FIGURES, add_indicators, filled_in, handed_in, scored_for
from tests.views.asking import post_json

EXECUTION = "score/execution"
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def draft(department: Any) -> Declaration:
    return scored_for(department)


@pytest.fixture
def submitted(filer: User, draft: Declaration) -> Declaration:
    return handed_in(filer, draft)


def page(client: Any, declaration: Declaration) -> str:
    return str(client.get(reverse("declaration", args=[declaration.pk])).content.decode())


def score(client: Any, declaration: Declaration, *, script: bool = True, **fields: str) -> Any:
    fields = {"anchor": EXECUTION, "score": "10", "reason": "按区间计算", "version": "", **fields}
    address = reverse("review-score", args=[declaration.pk])
    return client.post(address, fields, headers=SCRIPT if script else {})


def save(client: Any, declaration: Declaration, anchor: str, text: str) -> Any:
    change = {"anchor": anchor, "text": text, "version": version(declaration, anchor)}
    return post_json(client, "cells", declaration, {"changes": [change]}).json()


# Filling in


def test_what_a_rule_needs_is_filled_in_below_its_item(as_user, filer, draft) -> None:
    text = page(as_user(filer), draft)
    assert 'name="score/rules/input.s1"' in text
    assert 'name="score/bonus/input.added"' in text
    assert 'name="score/execution/input' not in text  # it is computed
    assert "无法计算：未选择第1、2项是否符合" in text
    saved = save(as_user(filer), draft, "score/rules/input.s1", "部分符合")
    assert saved["outcomes"][0]["status"] == "saved"
    assert draft.score_items.get(key="rules").inputs == {"s1": "部分符合"}


def test_a_save_tells_what_the_rules_give_now(as_user, filer, draft) -> None:
    type_into(filer, draft, **FIGURES)
    saved = save(as_user(filer), draft, "score/execution/self_score", "19")
    verdict = saved["scores"]["verdicts"][EXECUTION]
    assert "规则 <strong>10分</strong>" in verdict
    assert "自评比规则多9分" in verdict
    assert 'data-take="score/execution/self_score" data-score="10"' in verdict
    assert list(saved["scores"]["verdicts"]) == [EXECUTION]
    assert "自评 <strong>19分</strong>" in saved["scores"]["totals"]
    assert "1 项有差异" in saved["scores"]["totals"]
    assert saved["computed"]["score/execution/rule_score"] == "10"
    assert saved["computed"]["total/rule"] == "12.5"


def test_an_amount_tells_of_the_items_that_are_computed_from_it(as_user, filer, draft) -> None:
    type_into(filer, draft, **FIGURES)
    saved = save(as_user(filer), draft, "funding/all/executed", "1000")
    assert list(saved["scores"]["verdicts"]) == [EXECUTION]
    assert "20分" in saved["scores"]["verdicts"][EXECUTION]


def test_an_indicator_tells_of_itself(as_user, filer, draft) -> None:
    add_indicators(filer, draft, ("≥100人", "50人", "30", "25"))
    row = f"indicator/{draft.indicators.get().pk}"
    saved = save(as_user(filer), draft, f"{row}/actual", "80人")
    assert "24分" in saved["scores"]["verdicts"][row]
    saved = save(as_user(filer), draft, f"{row}/weight", "")
    assert "没有填写分值" in saved["scores"]["verdicts"][row]
    saved = save(as_user(filer), draft, f"{row}/reason", "因项目延期")
    assert saved["scores"] is None


def test_without_a_rubric_a_save_tells_of_no_scores(as_user, filer, declaration) -> None:
    assert save(as_user(filer), declaration, "text/overall_goal", "目标")["scores"] is None
    assert "score-totals" not in page(as_user(filer), declaration)


def test_the_totals_come_with_the_outline_and_the_strips_with_the_table(
    as_user, filer, draft
) -> None:
    filled_in(filer, draft)
    client = as_user(filer)
    outline = client.get(reverse("outline", args=[draft.pk])).content.decode()
    assert 'id="score-totals" hx-swap-oob="true"' in outline
    table = client.get(reverse("table", args=[draft.pk])).content.decode()
    assert "自评比规则多9分" in table


def test_what_is_closed_offers_nothing_to_take_over(as_user, filer, draft) -> None:
    filled_in(filer, draft)
    Declaration.objects.filter(pk=draft.pk).update(opened_sections=[])
    text = page(as_user(filer), draft)
    assert "自评比规则多9分" in text
    assert "data-take" not in text
    change = {"anchor": "score/rules/input.s1", "text": "不符合", "version": "x"}
    answer = post_json(as_user(filer), "cells", draft, {"changes": [change]}).json()
    assert answer["outcomes"][0]["status"] == "closed"


# Reviewing


def test_a_reviewer_sees_three_scores_and_gives_one(as_user, reviewer, submitted) -> None:
    client = as_user(reviewer)
    text = page(client, submitted)
    assert "按现在的评分" not in text
    assert "审核通过后，得分 <strong>94.5分</strong>，等级 <strong>优</strong>" in text
    answer = score(client, submitted).content.decode()
    assert "自评 <strong>19分</strong>" in answer
    assert "规则 <strong>10分</strong>" in answer
    assert "复核 <strong>10分</strong>" in answer
    assert "按区间计算" in answer
    assert 'id="score-totals" hx-swap-oob="true"' in answer
    assert "得分 <strong>85.5分</strong>，等级 <strong>良</strong>" in answer
    assert ReviewScore.objects.get().score == 10


def test_what_cannot_be_given_is_told_and_what_was_typed_stays(
    as_user, reviewer, submitted
) -> None:
    answer = score(as_user(reviewer), submitted, score="99", reason="太高").content.decode()
    assert "没有保存：复核得分应在0分至20分之间" in answer
    assert 'value="99"' in answer
    assert "太高</textarea>" in answer
    assert not ReviewScore.objects.exists()


def test_it_can_be_withdrawn(as_user, reviewer, submitted) -> None:
    client = as_user(reviewer)
    answer = score(client, submitted).content.decode()
    seen = answer.split('name="version" value="')[1].split('"')[0]
    answer = score(client, submitted, withdraw="1", version=seen).content.decode()
    assert "复核 <strong>" not in answer
    assert not ReviewScore.objects.exists()


def test_without_a_script_it_leads_back_to_the_item(as_user, reviewer, submitted) -> None:
    client = as_user(reviewer)
    answer = score(client, submitted, script=False)
    assert answer.status_code == 302
    assert answer.url.endswith("#scoring-score-execution")
    assert 'id="scoring-score-execution"' in page(client, submitted)


def test_an_item_that_is_none_is_not_found(as_user, reviewer, submitted) -> None:
    assert score(as_user(reviewer), submitted, anchor="score/none").status_code == 404


@pytest.mark.parametrize("who", ["filer", "stranger", "outsider", "administrator"])
def test_nobody_else_scores(as_user, who, request, submitted) -> None:
    someone = request.getfixturevalue(who)
    assert score(as_user(someone), submitted).status_code == 404
    assert not ReviewScore.objects.exists()


def test_heads_decide_without_scoring(as_user, filer, reviewer, department) -> None:
    declaration = handed_in(filer, scored_for(department, stages=[HEAD, FIRST]))
    head = head_of(department)
    text = page(as_user(head), declaration)
    assert "规则 <strong>10分</strong>" in text
    assert "复核评分" not in text
    assert score(as_user(head), declaration).status_code == 404


def test_the_department_sees_no_review_score_before_the_decision(
    as_user, filer, reviewer, submitted
) -> None:
    give(reviewer, submitted)
    client = as_user(filer)
    assert "按区间计算" not in page(client, submitted)
    panel = client.get(
        reverse("panel", args=[submitted.pk]), {"cell": "score/execution/self_score"}
    )
    assert "按区间计算" not in panel.content.decode()
    assert shown(submitted, "score/execution/review_score") == ""
    for format_ in ("html", "xlsx", "json"):
        document_of(reread(submitted), format_)
    pass_on(reviewer, declaration_id=submitted.pk)
    assert "按区间计算" in page(client, submitted)


def give(reviewer: User, declaration: Declaration) -> None:
    set_review_score(
        reviewer,
        declaration_id=declaration.pk,
        anchor=EXECUTION,
        score="10",
        reason="按区间计算",
    )


# Files and the shell


def shown(declaration: Declaration, anchor: str) -> str:
    return document_table(reread(declaration)).entry(anchor).text


def test_files_show_rule_scores_always_and_review_scores_once_decided(reviewer, submitted) -> None:
    give(reviewer, submitted)
    assert shown(submitted, "score/execution/rule_score") == "10"
    assert (shown(submitted, "total/rule"), shown(submitted, "total/review")) == ("75.5", "")
    pass_on(reviewer, declaration_id=submitted.pk)
    assert shown(submitted, "score/execution/review_score") == "10"
    assert (shown(submitted, "total/review"), shown(submitted, "total/grade")) == ("85.5", "良")


def test_strips_are_in_no_file(submitted) -> None:
    table = document_table(reread(submitted))
    assert not any(row.scored or cell.strip for row in table.rows for cell in row.cells)
    assert "制度完整" not in document_of(reread(submitted), "html").decode()


def test_a_file_with_scores_comes_back_without_them(
    filer, reviewer, submitted, tmp_path: Any
) -> None:
    give(reviewer, submitted)
    pass_on(reviewer, declaration_id=submitted.pk)
    file = tmp_path / "自评.xlsx"
    file.write_bytes(document_of(reread(submitted), "xlsx"))
    other = scored_for(submitted.department, year=2024)
    out = StringIO()
    call_command("declaration", "import", reference_of(other), str(file), stdout=out)
    assert other.score_items.get(key="execution").self_score == 19
    assert not ReviewScore.objects.filter(declaration=other).exists()


def test_the_shell_tells_the_scores_as_numbers(reviewer, submitted) -> None:
    give(reviewer, submitted)
    out = StringIO()
    call_command("declaration", "score", reference_of(submitted), stdout=out)
    told = json.loads(out.getvalue())
    assert told["totals"] == {"self": 94.5, "rule": 75.5, "review": 85.5}
    assert told["grade"] == "良"
    first = told["items"][0]
    assert (first["name"], first["points"], first["self"]) == ("预算完成率", 20, 19)
    assert (first["rule"], first["review"]) == (10, 10)
    assert "预算完成率95%" in first["explanation"]
    assert told["items"][1]["review"] is None


def test_the_shell_says_where_nothing_is_scored(declaration) -> None:
    with pytest.raises(CommandError, match="没有“评分”工作表"):
        call_command("declaration", "score", reference_of(declaration), stdout=StringIO())


# Grades


def test_an_administrator_sets_the_thresholds(as_user, administrator) -> None:
    client = as_user(administrator)
    assert 'value="90.00"' in client.get(reverse("grades")).content.decode()
    sent = {"grade_excellent": "80", "grade_good": "70", "grade_fair": "60"}
    assert client.post(reverse("grades"), sent).url == reverse("grades")
    administrator.bureau.refresh_from_db()
    assert administrator.bureau.grade_good == 70
    wrong = client.post(reverse("grades"), sent | {"grade_good": "85"})
    assert "依次降低" in wrong.content.decode()
    wrong = client.post(reverse("grades"), sent | {"grade_good": "很好"})
    assert "请填写分数，例如 90" in wrong.content.decode()


def test_hints_about_scores_can_be_explained(filer, draft) -> None:
    filled_in(filer, draft)
    explain_hints(filer, draft)
    assert draft.explanations.filter(code="score_differs").count() == 2
