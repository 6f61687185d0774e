"""rounds/…: an administrator sets a round up, looks at the summary, and opens it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from declarations.domain.rounds import StagePlan, start_all_waiting
from declarations.domain.templates import activate, retire
from declarations.models import (
    Activation,
    Department,
    DepartmentGroup,
    Event,
    EventKind,
    FormTemplate,
    Role,
    Round,
    User,
)
from scoring.review_sheet import STANDARD
from tests import factories
from tests.sheets.workbooks import workbook
from tests.working import jobs

FORMAT = "%Y-%m-%dT%H:%M"
NOW = timezone.localtime()
HEADS_FIRST = {"stages-1-name": "部门审核", "stages-1-by_head": "on", "stages-2-name": "财政局审定"}


@pytest.fixture
def bureau_client(as_user: Any, administrator: User) -> Any:
    return as_user(administrator)


@pytest.fixture
def template(administrator: User) -> FormTemplate:
    return factories.template_for(administrator.bureau, factories.PANYU_FORM.read_bytes())


@pytest.fixture
def activation(administrator: User, template: FormTemplate) -> Activation:
    return activate(administrator, template_id=template.pk, year=2024)


@pytest.fixture
def second_department(department: Department) -> Department:
    return factories.DepartmentFactory.create(bureau=department.bureau)


def filled_in(*departments: Department, **fields: Any) -> dict[str, Any]:
    return {
        "name": "",
        "opens_at": NOW.strftime(FORMAT),
        "deadline": (NOW + timedelta(days=30)).strftime(FORMAT),
        "correction_deadline": (NOW + timedelta(days=45)).strftime(FORMAT),
        "which": "chosen" if departments else "all",
        "departments": [d.pk for d in departments],
        "stages-1-name": "财政局审核",
        "remind_before": "7、3、1",
        "step": "open",
        **sheet(),
        **fields,
    }


def sheet() -> dict[str, str]:
    """The review sheet of the form as it is posted, line by line."""
    fields = {"criteria-lines": "8", "grades-lines": "4"}
    for index, c in enumerate(STANDARD.criteria):
        for name in ("key", "aspect", "name", "points"):
            fields[f"criteria-{index}-{name}"] = str(getattr(c, name))
    for index, g in enumerate(STANDARD.grades):
        fields |= {f"grades-{index}-name": g.name, f"grades-{index}-at_least": str(g.at_least)}
    return fields


def address(activation: Activation) -> str:
    return f"{reverse('round-open')}?activation={activation.pk}"


def post(client: Any, activation: Activation, fields: dict[str, Any]) -> Any:
    return client.post(address(activation), fields)


def problems(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 200
    return answer.context["problems"]


def page(client: Any, name: str, *arguments: Any, query: str = "") -> str:
    answer = client.get(reverse(name, args=arguments) + query)
    assert answer.status_code == 200
    return answer.content.decode()


# Opening


def test_opening_a_round(
    bureau_client, administrator, department, second_department, activation
) -> None:
    answer = post(bureau_client, activation, filled_in())
    round_ = Round.objects.get()
    assert answer["Location"] == reverse("round-opening", args=[round_.pk])
    assert (round_.template, round_.year) == (activation.template, 2024)
    assert round_.name == "2024年部门整体预算绩效目标申报表"
    assert round_.opens_at == datetime.strptime(NOW.strftime(FORMAT), FORMAT).astimezone()
    assert set(round_.waiting) == {department.pk, second_department.pk}
    assert jobs(task_name="declarations.start_round", args={"round_id": round_.pk}) == ["todo"]
    start_all_waiting(round_.pk)
    assert round_.declarations.count() == 2
    assert "已开启“2024年部门整体预算绩效目标申报表”" in page(
        bureau_client, "round-opening", round_.pk
    )


def test_everything_that_was_typed_is_kept(bureau_client, department, reviewer, activation) -> None:
    fields = filled_in(
        department,
        name="第一批",
        adjustments_until=(NOW + timedelta(days=90)).strftime(FORMAT),
        remind_before="5, 2",
        remind_after="",
        **HEADS_FIRST,
    )
    fields |= {
        "stages-2-days": "7",
        "stages-2-reviewers": [reviewer.pk],
        "stages-2-with_sheet": "on",
        "criteria-0-points": "12.5",
        "criteria-8-name": "格式规范",
        "criteria-8-aspect": "规范性",
        "criteria-8-points": "7.5",
        "criteria-lines": "12",
    }
    post(bureau_client, activation, fields)
    round_ = Round.objects.get()
    assert round_.name == "第一批"
    assert round_.adjustments_until is not None
    assert (round_.remind_before, round_.remind_after) == ([5, 2], [])
    heads, ours = round_.stages.all()
    assert (heads.name, heads.by_head, heads.with_sheet) == ("部门审核", True, False)
    assert (ours.name, ours.by_head, ours.days, ours.with_sheet) == ("财政局审定", False, 7, True)
    assert list(ours.reviewers.all()) == [reviewer]
    criteria = round_.review_sheet["criteria"]
    assert criteria[0] == {
        "key": "complete",
        "aspect": "完整性",
        "name": "规范完整",
        "points": "12.5",
    }
    assert criteria[8] == {"key": "1", "aspect": "规范性", "name": "格式规范", "points": "7.5"}
    assert [g["name"] for g in round_.review_sheet["grades"]] == ["优", "良", "中", "差"]


def test_without_a_stage_that_uses_it_there_is_no_sheet(
    bureau_client, department, activation
) -> None:
    post(bureau_client, activation, filled_in(**{"criteria-0-name": ""}))
    assert Round.objects.get().review_sheet == {}


def test_by_group(bureau_client, department, second_department, activation) -> None:
    group = DepartmentGroup.objects.create(bureau=department.bureau, name="社保口")
    Department.objects.filter(pk=second_department.pk).update(group=group)
    post(bureau_client, activation, filled_in(which="groups", groups=[group.pk]))
    assert Round.objects.get().waiting == [second_department.pk]


def test_all_are_those_in_use(bureau_client, department, second_department, activation) -> None:
    Department.objects.filter(pk=second_department.pk).update(is_active=False)
    text = page(bureau_client, "round-open")
    assert "全部使用中的部门（1 个）" in text
    post(bureau_client, activation, filled_in())
    assert Round.objects.get().waiting == [department.pk]


# The summary before it


def test_the_summary_says_everything_and_opens_nothing(
    bureau_client, department, second_department, reviewer, activation
) -> None:
    fields = filled_in(department, step="check", **HEADS_FIRST)
    fields |= {"stages-2-reviewers": [reviewer.pk], "stages-2-with_sheet": "on"}
    answer = post(bureau_client, activation, fields)
    text = answer.content.decode()
    assert "指定部门，共 1 个" in text
    assert "部门审核：部门负责人" in text
    assert "财政局审定：审核人甲，填写审核评分表" in text
    assert "8 个评分项，共 100 分；优 90 分起，良 80 分起" in text
    assert "不受理调整" in text
    assert "有 1 个部门没有使用中的填报人或部门负责人账号" in text
    assert not Round.objects.exists()
    post(bureau_client, activation, dict(_posted(answer)) | {"step": "open"})
    assert Round.objects.get().stages.count() == 2


def test_going_back_from_the_summary_loses_nothing(bureau_client, department, activation) -> None:
    answer = post(bureau_client, activation, filled_in(department, name="第一批", step="check"))
    text = post(bureau_client, activation, dict(_posted(answer)) | {"step": "edit"})
    assert 'value="第一批"' in text.content.decode()
    assert "problems" not in text.context
    assert not Round.objects.exists()


def _posted(answer: Any) -> Any:
    """What the hidden fields of the summary hold, lists where a name comes again."""
    fields: dict[str, list[str]] = {}
    for name, value in answer.context["typed"]:
        fields.setdefault(name, []).append(value)
    return fields.items()


def test_more_lines_without_a_script(bureau_client, department, activation) -> None:
    fields = filled_in(department, step="more-criteria", **{"criteria-0-name": "改过的"})
    text = post(bureau_client, activation, fields).content.decode()
    assert 'value="改过的"' in text
    assert 'name="criteria-11-name"' in text
    assert 'name="criteria-12-name"' not in text
    assert not Round.objects.exists()


# What is wrong


def test_opening_twice_is_once(bureau_client, department, activation) -> None:
    post(bureau_client, activation, filled_in())
    again = post(bureau_client, activation, filled_in())
    assert again.context["refused"] == ["这个年度已经有使用该表样的批次"]
    assert Round.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "beside", "said"),
    [
        ({"which": "chosen"}, "departments", "请至少选择一个部门"),
        ({"which": ""}, "which", "必填"),
        ({"deadline": ""}, "deadline", "请填写日期和时间"),
        ({"opens_at": "明天"}, "opens_at", "日期和时间无法识别"),
        ({"deadline": "2020-01-01T18:00"}, "deadline", "截止时间已经过了"),
        ({"opens_at": "2098-01-01T18:00"}, "deadline", "截止时间必须晚于开始时间"),
        (
            {"correction_deadline": "2020-01-01T18:00"},
            "correction_deadline",
            "补正截止时间不能早于填报截止时间",
        ),
        ({"adjustments_until": "2020-01-01T18:00"}, "adjustments_until", "必须晚于填报截止时间"),
        ({"name": "长" * 101}, "name", "100"),
        ({"remind_before": "七天"}, "remind_before", "请填写天数，例如"),
        ({"remind_before": "70"}, "remind_before", "1 至 60"),
        ({"stages-1-name": ""}, "stages-1-name", "请至少填写一个审核环节"),
        ({"stages-2-days": "5"}, "stages-2-name", "请填写环节名称"),
        ({"stages-1-days": "0"}, "stages-1-days", "1"),
        (
            {"stages-1-by_head": "on", "stages-1-with_sheet": "on"},
            "stages-1-with_sheet",
            "不填写审核评分表",
        ),
        ({"stages-1-reviewers": "999999"}, "stages-1-reviewers", "已停用"),
        (
            {"stages-1-with_sheet": "on", "criteria-0-points": ""},
            "criteria-0-points",
            "请填写分值",
        ),
        (
            {"stages-1-with_sheet": "on", "criteria-0-points": "5.3"},
            "criteria-0-points",
            "可以有半分",
        ),
        ({"stages-1-with_sheet": "on", "criteria-0-name": ""}, "criteria-0-name", "清空这一行"),
        ({"stages-1-with_sheet": "on", "grades-3-at_least": "10"}, "sheet", "最低的一个从 0 分起"),
        ({"stages-1-with_sheet": "on", "grades-0-at_least": "101"}, "sheet", "高于总分 100"),
    ],
)
def test_what_is_wrong_is_said_with_a_link_to_its_field(
    bureau_client, department, activation, fields: dict[str, Any], beside: str, said: str
) -> None:
    answer = post(bureau_client, activation, filled_in(**fields))
    ((anchor, message),) = problems(answer)
    assert anchor.removeprefix("id_").startswith(beside)
    assert said in message
    assert f'id="{anchor}"' in answer.content.decode()
    assert not Round.objects.exists()


def test_a_version_retired_meanwhile_is_refused(
    bureau_client, administrator, department, activation
) -> None:
    retire(administrator, template_id=activation.template_id)
    text = post(bureau_client, activation, filled_in()).content.decode()
    assert "没有可以开启的表样" in text
    assert not Round.objects.exists()


def test_another_bureaus_departments_reviewers_and_forms_are_none(
    bureau_client, department, activation, outsider
) -> None:
    foreign = factories.DepartmentFactory.create()
    assert problems(post(bureau_client, activation, filled_in(foreign)))
    fields = filled_in(**{"stages-1-reviewers": [outsider.pk]})
    assert problems(post(bureau_client, activation, fields))
    theirs = activate(
        None,
        template_id=factories.template_for(foreign.bureau, workbook({"A1": "{{text.a}}"})).pk,
        year=2024,
    )
    post(bureau_client, theirs, filled_in())
    assert not Round.objects.exists()


def test_a_department_stopped_meanwhile_is_refused(
    bureau_client, department, second_department, activation
) -> None:
    Department.objects.filter(pk=department.pk).update(is_active=False)
    found = problems(post(bureau_client, activation, filled_in(department, second_department)))
    assert "所选部门中有已停用的" in found[0][1]


# Which form, and what it begins with


def test_of_several_forms_one_is_chosen_first(
    bureau_client, administrator, template, activation
) -> None:
    later = activate(administrator, template_id=template.pk, year=2025)
    text = page(bureau_client, "round-open")
    for one in (activation, later):
        assert address(one) in text
    text = page(bureau_client, "round-open", query=f"?activation={later.pk}")
    assert "2025年 部门整体预算绩效目标申报表" in text
    page(bureau_client, "round-open", query="?activation=²")


def test_without_anything_to_open_it_is_said(bureau_client, department, activation) -> None:
    post(bureau_client, activation, filled_in())
    assert "没有可以开启的表样" in page(bureau_client, "round-open")


def test_it_begins_with_what_is_usual(bureau_client, department, activation) -> None:
    text = page(bureau_client, "round-open")
    assert 'value="财政局审核"' in text
    assert 'value="7、3、1"' in text
    assert 'value="规范完整"' in text
    assert "T18:00" in text


def last_year(template: FormTemplate, *departments: Department, **fields: Any) -> Round:
    """A round of 2023 whose deadline, a year later, is ahead."""
    then = NOW - timedelta(days=340)
    return factories.round_for(
        template,
        *departments,
        opens_at=then,
        deadline=then + timedelta(days=40),
        correction_deadline=then + timedelta(days=50),
        **fields,
    )


def test_last_years_round_is_copied_with_its_dates_a_year_later(
    bureau_client, administrator, reviewer, department, second_department, template, activation
) -> None:
    stages = (StagePlan("部门审核", by_head=True), StagePlan("复审", days=9, reviewers=[reviewer]))
    before = last_year(template, department, name="2023年第一批", stages=stages)
    Round.objects.filter(pk=before.pk).update(remind_before=[4])
    answer = bureau_client.get(address(activation))
    text = answer.content.decode()
    assert "已按“2023年第一批”填好" in text
    initial = answer.context["defaults"].initial
    assert initial["name"] == "2024年第一批"
    assert initial["remind_before"] == [4]
    local = timezone.localtime(before.deadline)
    assert initial["deadline"].date() == local.date().replace(year=local.year + 1)
    assert (initial["which"], initial["departments"]) == ("chosen", [department.pk])
    plans = answer.context["defaults"].stages
    assert [(p.name, p.by_head, p.days, list(p.reviewers)) for p in plans] == [
        ("部门审核", True, None, []),
        ("复审", False, 9, [reviewer]),
    ]


def test_of_last_year_only_what_is_still_in_use_is_copied(
    bureau_client, reviewer, department, second_department, template, activation
) -> None:
    stages = (StagePlan("复审", reviewers=[reviewer]),)
    last_year(template, department, second_department, stages=stages)
    Department.objects.filter(pk=second_department.pk).update(is_active=False)
    User.objects.filter(pk=reviewer.pk).update(is_active=False)
    answer = bureau_client.get(address(activation))
    text = answer.content.decode()
    assert "上年的填报部门中有 1 个已停用，没有带入" in text
    assert "审核人审核人甲已停用，没有带入" in text
    assert answer.context["defaults"].initial["departments"] == [department.pk]
    assert list(answer.context["defaults"].stages[0].reviewers) == []


def test_dates_that_are_over_a_year_later_are_not_copied(
    bureau_client, department, template, activation
) -> None:
    past = timezone.now() - timedelta(days=800)
    factories.round_for(
        template,
        department,
        opens_at=past,
        deadline=past + timedelta(days=10),
        correction_deadline=past + timedelta(days=20),
    )
    answer = bureau_client.get(address(activation))
    assert "按上年推算的截止时间已经过了" in answer.content.decode()
    assert answer.context["defaults"].initial["deadline"] > timezone.now()


# While it is being opened


@pytest.fixture
def opening(bureau_client, activation, department, second_department) -> Round:
    post(bureau_client, activation, filled_in())
    return Round.objects.get()


def test_progress_is_shown_and_asked_for_again(bureau_client, opening) -> None:
    text = page(bureau_client, "round-opening", opening.pk)
    assert "已完成 0 个，共 2 个" in text
    assert '<progress max="2" value="0"' in text
    assert 'hx-trigger="every 2s"' in text
    start_all_waiting(opening.pk)
    address = reverse("round-opening", args=[opening.pk])
    part = bureau_client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "已全部完成，2 个部门可以填报" in part
    assert "<html" not in part
    assert "hx-trigger" not in part


def test_without_a_worker_it_goes_on_in_the_page(bureau_client, opening) -> None:
    assert "后台任务似乎没有运行" in page(bureau_client, "round-opening", opening.pk)
    for _ in range(2):
        answer = bureau_client.post(reverse("round-opening", args=[opening.pk]))
        assert answer["Location"] == reverse("round-opening", args=[opening.pk])
    assert opening.declarations.count() == 2
    started = Event.objects.get(kind=EventKind.ROUND_STARTED)
    assert started.data["departments"] == 2


# The list, and where one is led


def test_the_list_counts_by_state(
    bureau_client, filer, department, second_department, template
) -> None:
    round_ = factories.round_for(template, department, second_department)
    factories.submitted(filer, round_.declarations.get(department=department))
    text = page(bureau_client, "rounds")
    assert "共 2 个部门：未开始 1，已提交 1。" in text
    for name in ("round", "round-settings", "template"):
        number = template.pk if name == "template" else round_.pk
        assert reverse(name, args=[number]) in text


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.PUBLISHER])
def test_those_who_follow_rounds_have_the_list_but_nothing_to_set_up(
    as_user, administrator, department, template, role
) -> None:
    round_ = factories.round_for(template, department)
    activate(administrator, template_id=template.pk, year=2024)
    follower = factories.UserFactory.create(bureau=template.bureau, department=None, role=role)
    text = page(as_user(follower), "rounds")
    assert reverse("round", args=[round_.pk]) in text
    for name in ("round-settings", "template"):
        number = template.pk if name == "template" else round_.pk
        assert reverse(name, args=[number]) not in text
    assert reverse("round-open") not in text


def test_the_list_is_the_bureaus_own(bureau_client) -> None:
    other = factories.declaration_for(factories.DepartmentFactory.create())
    text = page(bureau_client, "rounds")
    assert other.round.name not in text
    assert "还没有开启过批次" in text


def test_an_administrator_is_led_from_forms_to_rounds(
    bureau_client, administrator, department, template
) -> None:
    retire(administrator, template_id=template.pk)
    assert "还没有表样" in page(bureau_client, "home")
    FormTemplate.objects.update(retired_at=None)
    assert "还没有表样" not in page(bureau_client, "home")
    activation = activate(administrator, template_id=template.pk, year=2024)
    for name in ("home", "rounds"):
        assert address(activation) in page(bureau_client, name)
    post(bureau_client, activation, filled_in())
    assert address(activation) not in page(bureau_client, "home")


def test_a_reviewer_is_not_asked_to_set_up(as_user, reviewer) -> None:
    assert "还没有表样" not in page(as_user(reviewer), "home")
