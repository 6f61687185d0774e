"""Saving cells: each by itself, with the version it was loaded with, and nothing lost."""

from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from declarations.domain.cells import Change, Outcome, Saved, Status, save_cells
from declarations.domain.errors import NotPermittedError, WindowClosedError, WrongStateError
from declarations.domain.rows import add_row, remove_row
from declarations.models import Declaration, Event, User
from declarations.queries.pages import editor_table, revision_table
from declarations.sheets.html import render_editor, render_read_only, render_review
from declarations.sheets.kinds import Kind
from declarations.sheets.pdf import render_html_document
from declarations.sheets.table import version_of
from tests import factories
from tests.factories import anchors, entries, reread, type_into, value_of, version
from tests.races import at_once
from tests.small_forms import EVERY_KIND

BUDGET = "funding/basic/budget"
GOAL = "text/overall_goal"


def save(
    actor: User, declaration: Declaration, anchor: str, text: str, seen: str | None
) -> Outcome:
    changes = [Change(anchor, text, seen)]
    (outcome,) = save_cells(actor, declaration_id=declaration.pk, changes=changes).outcomes
    return outcome


def type_one(actor: User, declaration: Declaration, anchor: str, text: str) -> Outcome:
    """Types into a cell as somebody does who has just opened the page."""
    return save(actor, declaration, anchor, text, version(declaration, anchor))


def nothing_written(declaration: Declaration) -> bool:
    return all(e.is_blank for e in entries(declaration)) and reread(declaration).edited_at is None


@pytest.fixture
def every_kind(department: Any) -> Declaration:
    return factories.declaration_for(department, EVERY_KIND)


# What is stored


@pytest.mark.parametrize(
    ("tag", "typed", "stored", "shown"),
    [
        ("text.line", " 一行\n字 ", "一行 字", "一行 字"),
        ("text.long", "第一段\r\n第二段\n", "第一段\n第二段", "第一段\n第二段"),
        ("text.day", "2023年1月5日", "2023-01-05", "2023-01-05"),
        ("text.day", "2023.1.5", "2023-01-05", "2023-01-05"),
        ("text.choice", "乙", "乙", "乙"),
        ("text.choice", " 丙类 ", "丙 类", "丙 类"),
        ("funding.general.budget", "483.09", Decimal("4830900.00"), "483.09"),
        ("funding.general.adjustment", "-0.5", Decimal("-5000.00"), "-0.5"),
        ("tasks.name", "任务", "任务", "任务"),
        ("tasks.weight", "12.5", Decimal("12.5"), "12.5"),
        ("tasks.weight", "2分", Decimal(2), "2"),
        ("tasks.extra.office", "办公室", "办公室", "办公室"),
        ("tasks.extra.people", "1,200", "1200", "1200"),
        ("tasks.extra.rate", "85%", "0.85", "85%"),
        ("tasks.extra.subsidy", "3万元", "30000", "30000"),
        ("tasks.actual", "96.5", "96.5", "96.5"),
    ],
)
def test_every_kind_is_stored_as_typed(
    filer, every_kind: Declaration, *, tag: str, typed: str, stored: object, shown: str
) -> None:
    (anchor,) = anchors(every_kind, tag)
    outcome = type_one(filer, every_kind, anchor, typed)
    assert outcome.status is Status.SAVED
    entry = editor_table(reread(every_kind)).entry(anchor)
    assert entry.value == stored
    assert (entry.text, outcome.text) == (shown, shown)


@pytest.mark.parametrize(
    ("tag", "typed"),
    [
        ("text.line", "文字"),
        ("text.day", "2023-01-05"),
        ("text.choice", "甲"),
        ("funding.general.budget", "0.1"),
        ("tasks.weight", "0.5"),
        ("tasks.extra.people", "12.5"),
        ("tasks.extra.rate", "12.5%"),
        ("tasks.extra.subsidy", "1.5"),
        ("tasks.actual", "96.5"),
    ],
)
def test_the_version_that_comes_back_is_the_one_a_page_opened_later_holds(
    filer, every_kind: Declaration, tag: str, typed: str
) -> None:
    """Else the same person's next change of the cell would conflict with their last."""
    (anchor,) = anchors(every_kind, tag)
    first = type_one(filer, every_kind, anchor, typed)
    assert first.version == version(every_kind, anchor)
    assert save(filer, every_kind, anchor, "", first.version).status is Status.SAVED


@pytest.mark.parametrize(
    "tag",
    [
        "text.line",
        "text.day",
        "text.choice",
        "funding.general.budget",
        "tasks.name",
        "tasks.weight",
        "tasks.extra.people",
        "tasks.extra.rate",
        "tasks.actual",
    ],
)
def test_every_kind_can_be_made_blank_again(filer, every_kind: Declaration, tag: str) -> None:
    (anchor,) = anchors(every_kind, tag)
    typed = {"text.day": "2023-01-05", "text.choice": "甲"}.get(tag, "5")
    type_one(filer, every_kind, anchor, typed)
    outcome = type_one(filer, every_kind, anchor, "  ")
    assert (outcome.status, outcome.text) == (Status.SAVED, "")
    assert editor_table(reread(every_kind)).entry(anchor).is_blank


def test_a_district_column_leaves_the_others_of_its_row_alone(filer, every_kind) -> None:
    type_into(filer, every_kind, **{"tasks.extra.office": "办公室", "tasks.extra.people": "12"})
    type_into(filer, every_kind, **{"tasks.extra.people": "13"})
    assert every_kind.tasks.get().extra == {"office": "办公室", "people": "13"}


def test_a_draft_is_saved_incomplete(filer, declaration) -> None:
    outcome = type_one(filer, declaration, BUDGET, "483.09")
    assert outcome.status is Status.SAVED
    assert value_of(declaration, BUDGET) == Decimal("4830900.00")
    assert sum(e.is_blank for e in entries(declaration)) == len(entries(declaration)) - 1


def test_a_colleague_may(colleague, declaration) -> None:
    assert type_one(colleague, declaration, GOAL, "目标").status is Status.SAVED


def test_who_edited_last_is_noted(filer, colleague, declaration) -> None:
    type_one(filer, declaration, GOAL, "目标")
    type_one(colleague, declaration, BUDGET, "1")
    now = reread(declaration)
    assert now.edited_by == colleague
    assert now.edited_at is not None


def test_saving_what_is_there_already_is_no_edit(filer, colleague, declaration) -> None:
    type_one(filer, declaration, BUDGET, "1")
    before = reread(declaration)
    outcome = type_one(colleague, declaration, BUDGET, "1.00")
    assert outcome.status is Status.SAVED
    assert reread(declaration).edited_by == filer
    assert reread(declaration).edited_at == before.edited_at


def test_an_autosave_is_no_event(filer, declaration) -> None:
    before = Event.objects.count()
    type_one(filer, declaration, GOAL, "目标")
    assert Event.objects.count() == before


def test_many_cells_at_once_come_back_in_order(filer, declaration) -> None:
    task = anchors(declaration, "tasks.name")[0].rpartition("/")[0]
    changes = [
        Change(f"{task}/name", "任务", None),
        Change(BUDGET, "很多", None),
        Change(GOAL, "目标", None),
        Change(f"{task}/amount", "5", None),
    ]
    outcomes = save_cells(filer, declaration_id=declaration.pk, changes=changes).outcomes
    assert [o.anchor for o in outcomes] == [c.anchor for c in changes]
    assert [o.status.value for o in outcomes] == ["saved", "invalid", "saved", "saved"]
    assert value_of(declaration, f"{task}/amount") == Decimal("50000.00")
    assert value_of(declaration, BUDGET) is None


def test_the_last_of_two_changes_of_a_cell_counts(filer, declaration) -> None:
    changes = [Change(BUDGET, "1", None), Change(BUDGET, "2", None)]
    save_cells(filer, declaration_id=declaration.pk, changes=changes)
    assert value_of(declaration, BUDGET) == Decimal("20000.00")


# Versions


def test_a_stale_version_conflicts_and_shows_the_other_value(filer, colleague, declaration) -> None:
    seen = version(declaration, GOAL)
    type_one(colleague, declaration, GOAL, "同事的目标")
    outcome = save(filer, declaration, GOAL, "我的目标", seen)
    assert outcome.status is Status.CONFLICT
    assert outcome.text == "同事的目标"
    assert outcome.changed_by == "填报人乙"
    assert outcome.changed_at == moment_of_last_change(declaration)
    assert outcome.version == version(declaration, GOAL)
    assert "选择保留哪一个" in outcome.message
    assert value_of(declaration, GOAL) == "同事的目标"


def moment_of_last_change(declaration: Declaration) -> str:
    from django.utils import timezone

    edited_at = reread(declaration).edited_at
    assert edited_at is not None
    return timezone.localtime(edited_at).strftime("%H:%M")


def test_a_conflict_names_who_changed_this_cell_and_not_who_changed_its_row(
    filer, colleague, every_kind
) -> None:
    (name,), (office,) = (
        anchors(every_kind, "tasks.name"),
        anchors(every_kind, "tasks.extra.office"),
    )
    seen = version(every_kind, name)
    type_one(colleague, every_kind, name, "同事的任务")
    type_one(filer, every_kind, office, "办公室")
    outcome = save(filer, every_kind, name, "我的任务", seen)
    assert (outcome.status, outcome.changed_by) == (Status.CONFLICT, "填报人乙")


def test_a_conflict_in_a_district_column_names_who_changed_that_one(
    filer, colleague, every_kind
) -> None:
    (office,), (people,) = (
        anchors(every_kind, "tasks.extra.office"),
        anchors(every_kind, "tasks.extra.people"),
    )
    seen = version(every_kind, office)
    type_one(colleague, every_kind, office, "办公室")
    type_one(filer, every_kind, people, "12")
    outcome = save(filer, every_kind, office, "财务科", seen)
    assert (outcome.status, outcome.changed_by) == (Status.CONFLICT, "填报人乙")


def test_keeping_mine_after_a_conflict_overwrites(filer, colleague, declaration) -> None:
    seen = version(declaration, GOAL)
    type_one(colleague, declaration, GOAL, "同事的目标")
    conflict = save(filer, declaration, GOAL, "我的目标", seen)
    again = save(filer, declaration, GOAL, "我的目标", conflict.version)
    assert again.status is Status.SAVED
    assert value_of(declaration, GOAL) == "我的目标"


def test_the_same_value_typed_by_both_is_no_conflict(filer, colleague, declaration) -> None:
    seen = version(declaration, BUDGET)
    type_one(colleague, declaration, BUDGET, "1,348")
    assert save(filer, declaration, BUDGET, "1348.00", seen).status is Status.SAVED


def test_the_same_number_typed_by_both_into_a_column_of_text_is_no_conflict(
    filer, colleague, every_kind
) -> None:
    for tag in ("tasks.actual", "tasks.extra.people"):
        (anchor,) = anchors(every_kind, tag)
        seen = version(every_kind, anchor)
        type_one(colleague, every_kind, anchor, "96.5")
        assert save(filer, every_kind, anchor, "96.50", seen).status is Status.SAVED


def test_a_value_changed_and_changed_back_is_no_conflict(filer, colleague, declaration) -> None:
    type_one(filer, declaration, GOAL, "目标")
    seen = version(declaration, GOAL)
    type_one(colleague, declaration, GOAL, "别的")
    type_one(colleague, declaration, GOAL, "目标")
    assert save(filer, declaration, GOAL, "新目标", seen).status is Status.SAVED


def test_no_version_overwrites(filer, colleague, declaration) -> None:
    type_one(colleague, declaration, GOAL, "同事的目标")
    assert save(filer, declaration, GOAL, "我的目标", None).status is Status.SAVED
    assert value_of(declaration, GOAL) == "我的目标"


def test_an_empty_version_is_a_version_like_any_other(filer, colleague, declaration) -> None:
    type_one(colleague, declaration, GOAL, "同事的目标")
    assert save(filer, declaration, GOAL, "我的目标", "").status is Status.CONFLICT


def test_one_conflict_does_not_keep_the_other_cells_from_being_saved(
    filer, colleague, declaration
) -> None:
    seen = version(declaration, GOAL)
    type_one(colleague, declaration, GOAL, "同事的目标")
    changes = [Change(GOAL, "我的目标", seen), Change(BUDGET, "5", version_of(None))]
    outcomes = save_cells(filer, declaration_id=declaration.pk, changes=changes).outcomes
    assert [o.status.value for o in outcomes] == ["conflict", "saved"]
    assert value_of(declaration, BUDGET) == Decimal("50000.00")


# Bad input


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("四百多万", "“四百多万”不是数字，请只填数字，例如 1234.56"),
        ("见附件", "“见附件”不是数字，请只填数字，例如 1234.56"),
        ("12a", "无法识别"),
        ("12.3.4", "不是数字"),
        ("1e5", "无法识别"),
        ("NaN", "不是数字"),
        ("Infinity", "不是数字"),
        ("-5", "金额不能为负数"),
        ("(5)", "金额不能为负数"),
        ("12345678901234567890", "金额过大，请核对单位和位数"),
        ("9" * 400, "金额过大，请核对单位和位数"),
        ("10000亿元亿", "无法识别"),
        ("1,34", "不是数字"),
        ("1,2345", "不是数字"),
        ("1，34", "不是数字"),
        ("5.12345678", "金额最多精确到分，请减少小数位数"),
        ("0.001元", "金额最多精确到分，请减少小数位数"),
        ("5美元", "金额的单位“美元”无法识别，请以万元为单位填写数字"),
        ("5%", "金额的单位“%”无法识别，请以万元为单位填写数字"),
        ("<script>alert(1)</script>", "不是数字"),
    ],
)
def test_what_is_no_amount_is_refused_with_the_reason(
    filer, declaration, typed: str, message: str
) -> None:
    outcome = type_one(filer, declaration, BUDGET, typed)
    assert outcome.status is Status.INVALID
    assert message in outcome.message
    assert outcome.text == ""
    assert outcome.version == version_of(None)
    assert nothing_written(declaration)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("１，２３４．５", "12345000.00"),
        ("1,234.5", "12345000.00"),
        ("1，234.5", "12345000.00"),
        ("1 234.5", "12345000.00"),
        ("1,348万元", "13480000.00"),
        ("13480000元", "13480000.00"),
        ("0.1348亿元", "13480000.00"),
        ("¥1,348", "13480000.00"),
        ("0", "0.00"),
        ("-0", "0.00"),
        ("999999999999", "9999999999990000.00"),
    ],
)
def test_amounts_are_read_as_officials_write_them(
    filer, declaration, typed: str, stored: str
) -> None:
    assert type_one(filer, declaration, BUDGET, typed).status is Status.SAVED
    assert value_of(declaration, BUDGET) == Decimal(stored)


def test_an_amount_with_its_unit_and_one_in_yuan_are_the_same(filer, declaration) -> None:
    first = type_one(filer, declaration, BUDGET, "1,348万元")
    second = type_one(filer, declaration, BUDGET, "13480000元")
    assert first.version == second.version
    assert (first.text, second.text) == ("1,348.00", "1,348.00")


@pytest.mark.parametrize(
    ("tag", "typed", "message"),
    [
        ("text.choice", "丁", "请从下列选项中选择：甲、乙、丙 类"),
        ("text.day", "2023-02-30", "日期无法识别，请按 2023-01-31 的格式填写"),
        ("text.day", "昨天", "日期无法识别"),
        ("text.line", "字" * 21, "最多 20 字，现有 21 字，请删减后再保存"),
        ("tasks.weight", "5元", "只填数字，不要带单位“元”"),
        ("tasks.weight", "很重", "不是数字"),
        ("tasks.weight", "1" * 15, "数字过大，请核对位数"),
        ("tasks.weight", "9" * 30, "数字过大，请核对位数"),
        ("tasks.weight", "0.1234567", "小数位数过多，请减少小数位数"),
        ("tasks.extra.rate", "12.34567%", "小数位数过多，请减少小数位数"),
        ("tasks.extra.rate", "5元", "请填百分比"),
        ("tasks.extra.subsidy", "-1", "金额不能为负数"),
    ],
)
def test_what_does_not_fit_another_kind_is_refused_with_the_reason(
    filer, every_kind, tag: str, typed: str, message: str
) -> None:
    (anchor,) = anchors(every_kind, tag)
    outcome = type_one(filer, every_kind, anchor, typed)
    assert outcome.status is Status.INVALID
    assert message in outcome.message
    assert nothing_written(every_kind)


def test_an_invalid_value_leaves_the_one_before(filer, declaration) -> None:
    type_one(filer, declaration, BUDGET, "483.09")
    outcome = type_one(filer, declaration, BUDGET, "很多")
    assert (outcome.status, outcome.text) == (Status.INVALID, "483.09")
    assert outcome.version == version(declaration, BUDGET)
    assert value_of(declaration, BUDGET) == Decimal("4830900.00")


def test_20000_characters_are_refused_with_the_limit(filer, declaration) -> None:
    outcome = type_one(filer, declaration, GOAL, "字" * 20_000)
    assert outcome.status is Status.INVALID
    assert outcome.message == "最多 2000 字，现有 20000 字，请删减后再保存"
    assert nothing_written(declaration)


def test_20000_characters_in_a_money_cell_do_not_fill_the_message(filer, declaration) -> None:
    outcome = type_one(filer, declaration, BUDGET, "字" * 20_000)
    assert outcome.status is Status.INVALID
    assert len(outcome.message) < 100


SCRIPT = '<script>alert("x")</script><img src=x onerror=alert(1)>&amp;'


def test_script_tags_are_stored_as_text_and_escaped_wherever_they_are_shown(
    filer, declaration
) -> None:
    factories.fill_in(filer, declaration)
    type_into(filer, declaration, **{GOAL: SCRIPT, "tasks.name": SCRIPT, "tasks.content": SCRIPT})
    assert value_of(declaration, GOAL) == SCRIPT
    from declarations.domain.submission import submit

    revision = submit(filer, declaration_id=declaration.pk)
    editor = editor_table(reread(declaration))
    frozen = revision_table(revision, reread(declaration))
    pages = [
        render_editor(editor, {}),
        render_review(frozen, {}),
        render_read_only(frozen),
        render_html_document(frozen, title=SCRIPT),
    ]
    for page in pages:
        assert "<script" not in page
        assert "<img" not in page
        assert page.count("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;") >= 3
        assert "&amp;amp;" in page


def test_control_characters_are_dropped_and_line_ends_are_one_kind(filer, declaration) -> None:
    type_one(filer, declaration, GOAL, "一\x00\x07二\r\n三\x1f\x7f\t四\r五")
    assert value_of(declaration, GOAL) == "一二\n三\t四\n五"


@pytest.mark.parametrize("text", ["\x00", "\x07\x07", "\n\r\n", "\u3000 "])
def test_nothing_but_what_is_dropped_is_blank(filer, declaration, text: str) -> None:
    assert type_one(filer, declaration, GOAL, text).status is Status.SAVED
    assert value_of(declaration, GOAL) == ""


def test_a_money_cell_takes_no_control_characters(filer, declaration) -> None:
    assert type_one(filer, declaration, BUDGET, "1\x002").status is Status.INVALID
    assert nothing_written(declaration)


# Cells that are not there


@pytest.mark.parametrize(
    "anchor",
    [
        "",
        "/",
        "//",
        "nonsense",
        "funding",
        "funding/basic",
        "funding/basic/executed",
        "funding/nobody/budget",
        "funding/basic/budget/more",
        "funding/basic/declaration_id",
        "text/unknown",
        "text/overall_goal/extra",
        "task/0/name",
        "task/999999999/name",
        "task/99999999999999999999999999/name",
        "task/" + "9" * 5_000 + "/name",
        "task/²/name",
        "task/１/name",
        "task/-1/name",
        "task/x/name",
        "task//name",
        "indicator/99999999999999999999999999/level3",
        "indicator/²/level3",
        "computed/A16",
        "declaration/1/state",
        "a" * 10_000,
    ],
)
def test_an_unknown_anchor_is_gone_and_nothing_is_written(filer, declaration, anchor: str) -> None:
    outcome = save(filer, declaration, anchor, "5", None)
    assert outcome.status is Status.GONE
    assert outcome.anchor == anchor
    assert "未能保存" in outcome.message
    assert nothing_written(declaration)


@pytest.mark.parametrize(
    "column", ["block", "position", "declaration_id", "id", "extra", "weight", "pk"]
)
def test_a_column_that_the_form_does_not_have_is_gone(filer, declaration, column: str) -> None:
    task = anchors(declaration, "tasks.name")[0].rpartition("/")[0]
    assert save(filer, declaration, f"{task}/{column}", "5", None).status is Status.GONE
    assert nothing_written(declaration)


def test_a_cell_of_another_declaration_is_gone_and_stays_as_it_was(filer, declaration) -> None:
    other = factories.declaration_for(factories.DepartmentFactory.create())
    for tag in ("tasks.name", "indicators.level3"):
        (anchor,) = anchors(other, tag)
        assert save(filer, declaration, anchor, "写错地方", None).status is Status.GONE
    assert nothing_written(other)


def test_a_cell_of_a_removed_row_is_gone_while_the_others_are_saved(filer, declaration) -> None:
    (anchor,) = anchors(declaration, "tasks.name")
    remove_row(filer, declaration_id=declaration.pk, anchor=anchor.rpartition("/")[0])
    changes = [Change(anchor, "任务", version_of("")), Change(GOAL, "目标", version_of(""))]
    outcomes = save_cells(filer, declaration_id=declaration.pk, changes=changes).outcomes
    assert [o.status.value for o in outcomes] == ["gone", "saved"]
    assert not declaration.tasks.filter(block="tasks").exists()
    assert value_of(declaration, GOAL) == "目标"


def test_a_computed_cell_cannot_be_typed_into(filer, declaration) -> None:
    entry = next(e for e in editor_table(declaration).entries() if e.field.tag == "computed.A16")
    assert save(filer, declaration, entry.anchor, "5", None).status is Status.GONE


# Computed cells


def computed_after(saved: Saved, declaration: Declaration) -> dict[str, str]:
    """The computed cells that a save returned, by tag; they are what the page would show."""
    table = editor_table(reread(declaration))
    assert all(table.entry(anchor).text == text for anchor, text in saved.computed.items())
    return {table.entry(anchor).field.tag: text for anchor, text in saved.computed.items()}


def test_the_totals_that_depend_on_a_cell_come_back_right(filer, declaration) -> None:
    type_into(filer, declaration, **{"funding/project/budget": "2453.62"})
    saved = type_into(filer, declaration, **{BUDGET: "483.09"})
    assert computed_after(saved, declaration) == {"computed.A16": "2,936.71"}


def test_a_list_total_follows_its_rows(filer, declaration) -> None:
    add_row(filer, declaration_id=declaration.pk, list_anchor="tasks")
    first, second = anchors(declaration, "tasks.amount")
    type_into(filer, declaration, **{first: "100"})
    saved = type_into(filer, declaration, **{second: "5.5"})
    assert computed_after(saved, declaration) == {"computed.A18": "105.50"}


def test_a_total_is_blank_again_when_its_parts_are(filer, declaration) -> None:
    type_into(filer, declaration, **{BUDGET: "5"})
    saved = type_into(filer, declaration, **{BUDGET: ""})
    assert computed_after(saved, declaration) == {"computed.A16": ""}


def test_a_text_changes_no_total(filer, declaration) -> None:
    assert type_into(filer, declaration, **{GOAL: "目标"}).computed == {}


def test_a_refused_amount_changes_no_total(filer, declaration) -> None:
    changes = [Change(BUDGET, "很多", None)]
    assert save_cells(filer, declaration_id=declaration.pk, changes=changes).computed == {}


def test_a_total_of_a_district_column_comes_back(filer, every_kind) -> None:
    saved = type_into(filer, every_kind, **{"tasks.extra.people": "1,200"})
    assert computed_after(saved, every_kind) == {"computed.B11": "1200"}


def test_negative_parts_count_where_they_are_allowed(filer, every_kind) -> None:
    type_into(filer, every_kind, **{"funding.general.budget": "10"})
    saved = type_into(filer, every_kind, **{"funding.general.adjustment": "-2.5"})
    assert computed_after(saved, every_kind) == {"computed.B8": "7.5"}


# When it is refused


def refused(actor: User, declaration: Declaration, error: type[Exception]) -> str:
    before = {e.anchor: e.value for e in entries(declaration)}
    with pytest.raises(error) as caught:
        save(actor, declaration, GOAL, "改过的目标", None)
    assert {e.anchor: e.value for e in entries(declaration)} == before
    return str(caught.value)


@pytest.mark.parametrize("who", ["stranger", "reviewer", "administrator", "outsider"])
def test_nobody_but_the_department_fills_in(request, declaration, who: str) -> None:
    somebody = request.getfixturevalue(who)
    assert refused(somebody, declaration, NotPermittedError) == "只有本部门的填报人可以填写"


def test_before_the_opening_it_is_refused(filer, declaration) -> None:
    factories.reschedule(declaration, opens_at=1)
    assert refused(filer, declaration, WindowClosedError).startswith("填报将于 ")


def test_after_the_deadline_it_is_refused(filer, declaration) -> None:
    factories.reschedule(declaration, deadline=-1)
    message = refused(filer, declaration, WindowClosedError)
    assert message.startswith("填报已于 ")
    assert message.endswith(" 截止，如需延期请联系财政局")


def test_while_it_is_reviewed_it_is_refused(filer, declaration) -> None:
    factories.submitted(filer, declaration)
    message = refused(filer, declaration, WrongStateError)
    assert message == "申报已提交，正在等待审核，不能修改"


def test_after_approval_it_is_refused(filer, reviewer, declaration) -> None:
    factories.approved(filer, reviewer, declaration)
    assert refused(filer, declaration, WrongStateError) == "申报已通过审核，不能修改"


def test_after_a_return_the_correction_window_counts(filer, reviewer, declaration) -> None:
    factories.returned(filer, reviewer, declaration)
    factories.reschedule(declaration, deadline=-1, correction_deadline=1)
    assert type_one(filer, declaration, GOAL, "改过的目标").status is Status.SAVED
    factories.reschedule(declaration, deadline=-2, correction_deadline=-1)
    assert refused(filer, declaration, WindowClosedError).startswith("补正已于 ")


def test_an_unsubmitted_draft_has_no_correction_window(filer, declaration) -> None:
    factories.reschedule(declaration, deadline=-1, correction_deadline=5)
    refused(filer, declaration, WindowClosedError)


# At once, on real connections


@pytest.mark.django_db(transaction=True)
def test_two_people_who_save_the_same_cell_at_once_are_told_of_each_other(
    filer, colleague, declaration
) -> None:
    seen = version(declaration, GOAL)
    outcomes = at_once(
        lambda: save(filer, declaration, GOAL, "甲的目标", seen),
        lambda: save(colleague, declaration, GOAL, "乙的目标", seen),
    )
    saved = next(o for o in outcomes if o.status is Status.SAVED)
    conflict = next(o for o in outcomes if o.status is Status.CONFLICT)
    assert value_of(declaration, GOAL) == saved.text
    assert conflict.text == saved.text
    assert conflict.changed_by == {"甲的目标": "填报人甲", "乙的目标": "填报人乙"}[saved.text]


@pytest.mark.django_db(transaction=True)
def test_twenty_people_who_save_different_cells_at_once_are_all_saved(department) -> None:
    declaration = factories.declaration_for(department)
    people = [factories.filer_of(department) for _ in range(20)]
    for _ in range(3):
        add_row(people[0], declaration_id=declaration.pk, list_anchor="tasks")
    texts = [e.anchor for e in entries(declaration) if e.field.kind is Kind.TEXT]
    cells = (texts + [e.anchor for e in entries(declaration) if e.field.kind is Kind.MONEY])[:20]
    assert len(cells) == 20
    outcomes = at_once(
        *(
            partial(save, person, declaration, anchor, str(number), version_of(None))
            for number, (person, anchor) in enumerate(zip(people, cells, strict=True), start=1)
        )
    )
    assert [o.status for o in outcomes] == [Status.SAVED] * 20
    for number, anchor in enumerate(cells, start=1):
        entry = editor_table(reread(declaration)).entry(anchor)
        assert entry.field.read(str(number)) == entry.value
