"""``manage.py round open``."""

from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from declarations.domain.templates import activate, retire
from declarations.models import FormTemplate, Round
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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--departments", "liwan-1,nobody,none"], "荔湾区财政局没有部门：nobody、none"),
        (["--departments", ","], "荔湾区财政局没有要填报的部门"),
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
