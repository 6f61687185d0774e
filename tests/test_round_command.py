"""``manage.py round open``."""

from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from declarations.domain.templates import activate, retire
from declarations.models import Department, DepartmentGroup, FormTemplate, Round
from tests import factories
from tests.sheets.workbooks import workbook

GOOD = {"A1": "绩效目标表", "A2": "总体目标", "B2": "{{text.goal}}"}


def run(*arguments: Any) -> str:
    out = StringIO()
    call_command(*map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.fixture
def active(db: None) -> FormTemplate:
    """A form of two departments' bureau, activated for 2023."""
    bureau = factories.BureauFactory.create(code="liwan", name="荔湾区财政局")
    for number in range(1, 3):
        factories.DepartmentFactory.create(bureau=bureau, code=f"liwan-{number}")
    template = factories.template_for(bureau, workbook(GOOD, lines=[1]), code="liwan-target")
    activate(None, template_id=template.pk, year=2023)
    return template


def open_round(*arguments: str, year: int = 2023) -> str:
    call = ("round", "open", "--bureau", "liwan", "--template", "liwan-target", "--year", year)
    return run(*call, *arguments)


def local(when: datetime) -> str:
    return timezone.localtime(when).strftime("%Y-%m-%d %H:%M")


def test_a_round_is_opened_for_all_departments_from_now(active: FormTemplate) -> None:
    before = timezone.now()
    said = open_round()
    round_ = Round.objects.get()
    assert said == (
        "已开启：荔湾区财政局 2023年绩效目标表，用绩效目标表（第1版），2 个部门，"
        f"{local(round_.deadline)} 截止\n"
    )
    assert before <= round_.opens_at <= timezone.now()
    evening = timezone.localtime(round_.opens_at).replace(hour=18, minute=0)
    assert local(round_.deadline) == local(evening + timedelta(days=30))
    assert local(round_.correction_deadline) == local(evening + timedelta(days=45))
    assert round_.declarations.count() == 2


def test_a_round_is_opened_as_it_is_said(active: FormTemplate) -> None:
    open_round(
        *("--opens", "2023-03-01T09:00", "--deadline", "2023-03-20"),
        *("--departments", "liwan-2,", "--name", "第二批"),
    )
    round_ = Round.objects.get()
    assert local(round_.opens_at) == "2023-03-01 09:00"
    assert local(round_.deadline) == "2023-03-20 18:00"
    assert local(round_.correction_deadline) == "2023-04-04 18:00"
    assert [d.department.code for d in round_.declarations.all()] == ["liwan-2"]
    assert str(round_) == "第二批"


def test_a_round_uses_the_years_version_or_else_the_latest_in_use(active: FormTemplate) -> None:
    for note in "二三":
        content = workbook(GOOD | {"A3": note, "B3": "{{text.note}}"}, lines=[1])
        newer = factories.template_for(active.bureau, content, code="liwan-target")
    retire(None, template_id=newer.pk)
    assert "（第1版）" in open_round(year=2023)
    assert "（第2版）" in open_round(year=2024)


def test_stages_are_said_one_by_one(active: FormTemplate) -> None:
    open_round(
        *("--stage", "部门负责人审核:head", "--stage", "业务科室初审：10"),
        *("--stage", "绩效科审定:sheet:5", "--adjustments-until", "2090-01-01"),
    )
    round_ = Round.objects.get()
    assert [(s.name, s.by_head, s.days, s.with_sheet) for s in round_.stages.all()] == [
        ("部门负责人审核", True, None, False),
        ("业务科室初审", False, 10, False),
        ("绩效科审定", False, 5, True),
    ]
    assert len(round_.review_sheet["criteria"]) == 8
    assert round_.adjustments_until is not None
    assert local(round_.adjustments_until) == "2090-01-01 18:00"


def test_departments_are_named_by_their_group_and_those_out_of_use_left_out(
    active: FormTemplate,
) -> None:
    group = DepartmentGroup.objects.create(bureau=active.bureau, name="社保口")
    Department.objects.filter(code="liwan-2").update(group=group)
    open_round("--group", "社保口")
    assert [d.department.code for d in Round.objects.get().declarations.all()] == ["liwan-2"]
    Department.objects.filter(code="liwan-2").update(is_active=False)
    assert "1 个部门" in open_round(year=2024)
    with pytest.raises(CommandError, match="已停用"):
        open_round("--departments", "liwan-2", year=2025)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--departments", "liwan-1,nobody,none"], "荔湾区财政局没有部门：nobody、none"),
        (["--departments", ","], "荔湾区财政局没有要填报的部门"),
        (["--group", "教科文"], "荔湾区财政局没有分组：教科文，现有：无"),
        (["--group", "甲", "--departments", "liwan-1"], "只能写一种"),
        (["--stage", ":head"], "审核环节“:head”无法识别"),
        (["--stage", "初审:5:6"], "审核环节“初审:5:6”无法识别"),
        (["--stage", "初审:boss"], "审核环节“初审:boss”无法识别"),
        (["--stage", "初审", "--stage", "本部门:head"], "部门负责人审核只能是第一个环节"),
        (["--stage", "一"] * 5, "审核环节为 1 至 4 个"),
        (["--template", "huadu"], "没有编码为“huadu”的表样，现有：liwan-target"),
        (["--bureau", "huadu"], "没有编码为“huadu”的财政局，现有：liwan"),
        (["--year", "24"], "年度应在 2000 至 2100 之间"),
        (["--opens", "明天"], "时间“明天”无法识别，请写成例如 2023-03-01"),
        (["--opens", "2023-02-30"], "时间“2023-02-30”无法识别"),
        (["--deadline", "2001-01-01"], "截止时间必须晚于开始时间"),
    ],
)
def test_what_is_wrong_with_a_round_is_said(
    active: FormTemplate, arguments: list[str], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        open_round(*arguments)
    assert not Round.objects.exists()


def test_a_round_that_is_there_or_a_form_out_of_use_is_said(active: FormTemplate) -> None:
    open_round()
    with pytest.raises(CommandError, match="这个年度已经有使用该表样的批次"):
        open_round()
    retire(None, template_id=active.pk)
    with pytest.raises(CommandError, match="已停用，请先恢复"):
        open_round(year=2024)
