"""rounds/…/settings, departments and extension: changing a round that is there."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from declarations.domain.rounds import StagePlan, set_stages
from declarations.models import Declaration, Department, Event, EventKind, Round, User
from declarations.queries.rounds import digest_of
from tests import factories

FORMAT = "%Y-%m-%dT%H:%M"


@pytest.fixture
def bureau_client(as_user: Any, administrator: User) -> Any:
    return as_user(administrator)


@pytest.fixture
def round_(declaration: Declaration) -> Round:
    return declaration.round


def local(moment: Any) -> str:
    return timezone.localtime(moment).strftime(FORMAT)


def typed(round_: Round, **fields: Any) -> dict[str, Any]:
    """The form as it stands, with changes."""
    round_ = Round.objects.get(pk=round_.pk)
    as_shown = {
        "seen": digest_of(round_),
        "name": round_.name,
        "opens_at": local(round_.opens_at),
        "deadline": local(round_.deadline),
        "correction_deadline": local(round_.correction_deadline),
        "remind_before": "、".join(map(str, round_.remind_before)),
        "remind_after": "、".join(map(str, round_.remind_after)),
        "step": "save",
    }
    for number, stage in enumerate(round_.stages.all(), start=1):
        as_shown[f"stages-{number}-name"] = stage.name
        as_shown[f"stages-{number}-reviewers"] = [r.pk for r in stage.reviewers.all()]
        if stage.days:
            as_shown[f"stages-{number}-days"] = str(stage.days)
    return as_shown | fields


def save(client: Any, round_: Round, **fields: Any) -> Any:
    return client.post(reverse("round-settings", args=[round_.pk]), typed(round_, **fields))


def followed(client: Any, answer: Any) -> str:
    assert answer.status_code == 302, answer.context.get("problems") or answer.context["refused"]
    return client.get(answer["Location"]).content.decode()


# Settings


def test_saving_the_form_as_it_is_changes_nothing(bureau_client, round_) -> None:
    """Also the seconds of moments, which the fields do not show."""
    before = Round.objects.values().get()
    assert "没有改动。" in followed(bureau_client, save(bureau_client, round_))
    assert Round.objects.values().get() == before
    assert not Event.objects.filter(kind=EventKind.ROUND_CHANGED).exists()


def test_what_is_changed_is_saved(bureau_client, round_, reviewer) -> None:
    later = timezone.localtime() + timedelta(days=15)
    fields = {
        "name": "第一批",
        "deadline": later.strftime(FORMAT),
        "adjustments_until": (later + timedelta(days=9)).strftime(FORMAT),
        "remind_after": "",
        "stages-1-name": "初审",
        "stages-2-name": "审定",
        "stages-2-days": "4",
        "stages-2-reviewers": [reviewer.pk],
    }
    said = followed(bureau_client, save(bureau_client, round_, **fields))
    assert "已修改：名称、填报截止、调整截止、逾期后提醒、审核环节。" in said
    round_ = Round.objects.get()
    assert local(round_.deadline) == fields["deadline"]
    assert round_.remind_after == []
    first, second = round_.stages.all()
    assert (first.name, second.name, second.days) == ("初审", "审定", 4)
    assert list(second.reviewers.all()) == [reviewer]


def test_a_review_sheet_is_added(bureau_client, round_) -> None:
    fields = {
        "stages-1-with_sheet": "on",
        "criteria-lines": "2",
        "criteria-0-name": "完整",
        "criteria-0-points": "60",
        "criteria-1-name": "可行",
        "criteria-1-points": "40",
        "grades-lines": "2",
        "grades-0-name": "不合格",
        "grades-0-at_least": "0",
        "grades-1-name": "合格",
        "grades-1-at_least": "60",
    }
    followed(bureau_client, save(bureau_client, round_, **fields))
    sheet = Round.objects.get().review_sheet
    assert [(c["key"], c["name"], c["points"]) for c in sheet["criteria"]] == [
        ("1", "完整", "60"),
        ("2", "可行", "40"),
    ]
    assert [g["name"] for g in sheet["grades"]] == ["合格", "不合格"]
    again = {f"criteria-{i}-key": str(i + 1) for i in range(2)}
    said = followed(bureau_client, save(bureau_client, round_, **fields, **again))
    assert "没有改动。" in said


def test_what_may_not_be_set_is_said_beside_its_field(bureau_client, round_) -> None:
    past = local(timezone.now() - timedelta(hours=1))
    answer = save(bureau_client, round_, deadline=past, name="")
    said = dict(answer.context["problems"])
    assert "已经过了" in said["id_deadline"]
    assert "必填" in said["id_name"]
    assert past in answer.content.decode()
    assert Round.objects.get().name == round_.name


def test_the_beginning_of_what_has_begun_is_not_asked(bureau_client, round_) -> None:
    answer = save(bureau_client, round_, opens_at="2030-01-01T00:00", name="改名")
    followed(bureau_client, answer)
    assert Round.objects.get().opens_at == round_.opens_at


def test_once_something_was_submitted_stages_keep_their_shape(
    bureau_client, round_, filer, declaration, reviewer
) -> None:
    factories.submitted(filer, declaration)
    text = bureau_client.get(reverse("round-settings", args=[round_.pk])).content.decode()
    assert "已有部门提交，环节的名称、次序和办法不能再改" in text
    fields = {"stages-1-name": "改名", "stages-2-name": "又一个", "stages-1-days": "6"}
    fields |= {"stages-1-reviewers": [reviewer.pk]}
    followed(bureau_client, save(bureau_client, round_, **fields))
    (stage,) = round_.stages.all()
    assert (stage.name, stage.days) == ("财政局审核", 6)
    assert list(stage.reviewers.all()) == [reviewer]


def test_what_was_taken_from_removed_reviewers_is_said(
    bureau_client, round_, filer, declaration, reviewer
) -> None:
    set_stages(round_, [StagePlan("审定", reviewers=[reviewer])])
    factories.submitted(filer, declaration)
    Declaration.objects.update(reviewer=reviewer)
    colleague = factories.UserFactory.create(bureau=reviewer.bureau)
    answer = save(bureau_client, round_, **{"stages-1-reviewers": [colleague.pk]})
    assert "移除的审核人手上的 1 份申报已放回队列" in followed(bureau_client, answer)


def test_of_two_who_change_at_once_the_later_sees_it_and_loses_nothing(
    bureau_client, administrator, round_
) -> None:
    seen = digest_of(round_)
    followed(bureau_client, save(bureau_client, round_, remind_before="5"))
    mine = {"name": "我的名称", "seen": seen, "remind_before": "7、3、1"}
    answer = save(bureau_client, round_, **mine)
    text = answer.content.decode()
    assert "批次设置已被他人修改" in text
    assert f"{administrator.name} 于" in text
    assert "截止前提醒：由“7 天、3 天、1 天”改为“5 天”" in text
    assert 'value="我的名称"' in text
    assert Round.objects.get().name == round_.name
    mine["seen"] = answer.context["seen"]
    followed(bureau_client, save(bureau_client, round_, **mine))
    assert (Round.objects.get().name, Round.objects.get().remind_before) == ("我的名称", [7, 3, 1])


# Departments


@pytest.fixture
def another(department: Department) -> Department:
    return factories.DepartmentFactory.create(bureau=department.bureau)


def test_a_department_is_added(bureau_client, round_, another) -> None:
    address = reverse("round-departments", args=[round_.pk])
    assert another.name in bureau_client.get(address).content.decode()
    answer = bureau_client.post(address, {"departments": [another.pk]})
    assert answer["Location"] == reverse("round-opening", args=[round_.pk])
    assert Round.objects.get().waiting == [another.pk]
    assert "使用中的部门都已在本批次中" in bureau_client.get(address).content.decode()


def test_adding_nobody_or_after_the_deadline_is_refused(bureau_client, round_, another) -> None:
    address = reverse("round-departments", args=[round_.pk])
    assert "请至少选择一个部门" in bureau_client.post(address, {}).content.decode()
    Round.objects.update(deadline=timezone.now())
    text = bureau_client.post(address, {"departments": [another.pk]}).content.decode()
    assert "请先延长截止时间" in text


def test_a_department_is_taken_out_once(bureau_client, round_, declaration) -> None:
    address = reverse("round-departments", args=[round_.pk])
    answer = bureau_client.post(address, {"declaration": declaration.pk})
    assert f"已将{declaration.department}移出批次" in followed(bureau_client, answer)
    text = bureau_client.post(address, {"declaration": declaration.pk}).content.decode()
    assert "这个部门已不在批次中" in text


def test_who_has_begun_is_not_offered_and_not_taken_out(
    bureau_client, round_, filer, declaration
) -> None:
    factories.type_into(filer, declaration, **{"text/overall_goal": "目标"})
    address = reverse("round-departments", args=[round_.pk])
    assert "没有可以移出的部门" in bureau_client.get(address).content.decode()
    text = bureau_client.post(address, {"declaration": declaration.pk}).content.decode()
    assert "不能移出批次" in text
    assert Declaration.objects.exists()


# More time


def extend(client: Any, round_: Round, **fields: Any) -> Any:
    return client.post(reverse("round-extension", args=[round_.pk]), fields)


def test_a_department_gets_more_time(bureau_client, round_, declaration) -> None:
    until = (timezone.localtime() + timedelta(days=30)).strftime(FORMAT)
    chosen = extend(bureau_client, round_, declaration=declaration.pk, step="choose")
    assert declaration.department.name in chosen.content.decode()
    answer = extend(
        bureau_client, round_, declaration=declaration.pk, until=until, reason="机构改革"
    )
    assert answer["Location"] == reverse("round", args=[round_.pk])
    assert local(factories.reread(declaration).extended_until) == until


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"until": "2030-01-01T00:00", "reason": " "}, "请写明延期的理由"),
        ({"until": "2020-01-01T00:00", "reason": "机构改革"}, "延期至的时间已经过了"),
        ({"until": "明年", "reason": "机构改革"}, "日期和时间无法识别"),
    ],
)
def test_what_is_wrong_with_it_is_said(
    bureau_client, round_, declaration, fields: dict[str, str], said: str
) -> None:
    answer = extend(bureau_client, round_, declaration=declaration.pk, **fields)
    assert said in answer.content.decode()
    assert fields["reason"].strip() in answer.content.decode()
    assert factories.reread(declaration).extended_until is None


def test_who_cannot_have_it_is_named(bureau_client, round_, filer, declaration) -> None:
    factories.submitted(filer, declaration)
    answer = extend(
        bureau_client,
        round_,
        declaration=declaration.pk,
        until="2035-01-01T00:00",
        reason="机构改革",
    )
    assert "没有延期：已提交，正在审核，不需要延期" in followed(bureau_client, answer)


def test_one_of_another_round_is_not_named(bureau_client, round_) -> None:
    other = factories.declaration_for(factories.DepartmentFactory.create())
    address = reverse("round-extension", args=[round_.pk])
    text = bureau_client.get(f"{address}?declaration={other.pk}").content.decode()
    assert "还没有选择部门" in text
    bureau_client.get(f"{address}?declaration=²&declaration=99999999999999999999")


@pytest.mark.parametrize(
    "name", ["round-opening", "round-settings", "round-departments", "round-extension"]
)
@pytest.mark.parametrize("who", ["filer", "reviewer", "outsider"])
def test_nobody_else_finds_these_pages(request, as_user, round_, *, name: str, who: str) -> None:
    client = as_user(request.getfixturevalue(who))
    for method in (client.get, client.post):
        assert method(reverse(name, args=[round_.pk])).status_code == 404
