"""GET /rounds/…/: how far a round is; reminding from there; its list as a workbook."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from declarations.domain.adjusting import begin_adjustment
from declarations.domain.review import pass_on
from declarations.domain.rounds import StagePlan
from declarations.models import (
    Declaration,
    Department,
    DepartmentGroup,
    Event,
    EventKind,
    Notice,
    NoticeKind,
    Role,
    Round,
    User,
)
from declarations.queries.phases import Phase
from declarations.queries.progress import NO_GROUP, progress_of, running
from tests import factories

STAGES = (StagePlan("部门负责人审核", by_head=True), StagePlan("业务科室初审"), StagePlan("复审"))


@pytest.fixture
def round_(department: Department, reviewer: User) -> Round:
    """Six departments in two groups: one not begun, one filling in, two waiting at different
    stages, one approved, one adjusting what was approved."""
    near, far = (
        DepartmentGroup.objects.create(bureau=department.bureau, name=name) for name in "近远"
    )
    others = [
        factories.DepartmentFactory.create(
            bureau=department.bureau, code=f"d-{n}", name=f"第{n}局", group=far if n % 2 else near
        )
        for n in range(1, 6)
    ]
    template = factories.template_for(department.bureau, factories.PANYU_FORM.read_bytes())
    round_ = factories.round_for(
        template,
        department,
        *others,
        stages=STAGES,
        settings={"adjustments_until": timezone.now() + timedelta(days=90)},
    )
    found = [round_.declarations.get(department=other) for other in others]
    filers = [factories.filer_of(other) for other in others]
    heads = [
        factories.UserFactory.create(bureau=other.bureau, department=other, role=Role.HEAD)
        for other in others
    ]
    factories.type_into(filers[0], found[0], **{"text.overall_goal": "目标"})
    for n in range(1, 5):
        factories.submitted(filers[n], found[n])
    for n in range(2, 5):
        pass_on(heads[n], declaration_id=found[n].pk)
    for n in (3, 4):
        pass_on(reviewer, declaration_id=found[n].pk)
        pass_on(reviewer, declaration_id=found[n].pk)
    begin_adjustment(filers[4], declaration_id=found[4].pk, reason="追加预算。")
    return round_


def page(client: Any, round_: Round, **filters: Any) -> Any:
    answer = client.get(reverse("round", args=[round_.pk]), filters)
    assert answer.status_code == 200
    return answer


# Counting


def test_every_declaration_is_counted_once_by_phase_stage_and_group(round_) -> None:
    whole, groups = progress_of(round_, timezone.now())
    assert whole.phases == {
        Phase.NOT_STARTED: 1,
        Phase.FILLING: 1,
        Phase.SUBMITTED: 2,
        Phase.APPROVED: 1,
        Phase.ADJUSTING: 1,
    }
    assert list(whole.stages.items()) == [("部门负责人审核", 1), ("业务科室初审", 1)]
    assert (whole.total, whole.late, whole.approved) == (6, 0, 1)
    assert [(g.name, g.progress.total) for g in groups] == [("近", 2), ("远", 3), (NO_GROUP, 1)]
    assert whole.words == "共 6 个部门：未开始 1，填报中 1，已提交 2，已通过 1，调整中 1"


def test_what_is_late_stands_first_and_is_not_counted_twice_in_the_bar(round_) -> None:
    whole, _ = progress_of(round_, timezone.now() + timedelta(days=11))
    assert whole.late == 2
    assert [(part.name, part.count) for part in whole.parts] == [
        ("late", 2),
        ("submitted", 2),
        ("approved", 1),
        ("adjusting", 1),
    ]
    assert sum(part.width for part in whole.parts) == pytest.approx(100, abs=0.01)
    ends = [part.x + part.width for part in whole.parts[:-1]]
    assert ends == pytest.approx([part.x for part in whole.parts[1:]], abs=0.01)
    assert (whole.lines[0].label, whole.lines[0].count) == ("逾期", 2)


def test_running_rounds_agree_with_each_one_and_those_to_come_are_left_out(
    round_, department
) -> None:
    now = timezone.now()
    factories.round_for(
        round_.template,
        department,
        year=2024,
        opens_at=now + timedelta(days=1),
        deadline=now + timedelta(days=9),
        correction_deadline=now + timedelta(days=9),
    )
    (view,) = running(department.bureau, now, 5)
    assert view.round == round_
    assert view.progress.phases == progress_of(round_, now)[0].phases


# The page


def test_figures_in_words_and_a_bar_that_says_the_same(as_user, reviewer, round_) -> None:
    text = page(as_user(reviewer), round_).content.decode()
    assert 'role="img" aria-label="共 6 个部门：未开始 1，填报中 1，已提交 2，' in text
    assert '<a href="?state=approved#departments">已通过</a>' in text
    assert "业务科室初审</a>" in text
    assert "批次设置" not in text  # a reviewer changes nothing


def test_late_departments_come_first(as_user, reviewer, round_) -> None:
    Round.objects.update(deadline=timezone.now() - timedelta(hours=1))
    rows = page(as_user(reviewer), round_).context["rows"]
    assert [row.late for row in rows] == [True, True, False, False, False, False]
    assert len(page(as_user(reviewer), round_, state="late").context["rows"]) == 2


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.PUBLISHER, Role.SYSTEM])
def test_the_bureau_follows_its_rounds(as_user, round_, role: Role) -> None:
    page(as_user(factories.UserFactory.create(bureau=round_.bureau, role=role)), round_)


@pytest.mark.parametrize("role", [Role.SECURITY, Role.AUDITOR])
@pytest.mark.parametrize("name", ["round", "round-export", "round-remind"])
def test_nobody_else_does(as_user, filer, outsider, round_, *, role: Role, name: str) -> None:
    post = factories.UserFactory.create(bureau=round_.bureau, role=role)
    for user in (post, filer, outsider):
        client = as_user(user)
        ask = client.get if name == "round" else client.post
        assert ask(reverse(name, args=[round_.pk])).status_code == 404


def test_the_workbook_has_the_filtered_departments(as_user, reviewer, round_) -> None:
    address = reverse("round-export", args=[round_.pk], query={"state": "submitted"})
    answer = as_user(reviewer).post(address)
    head, *rows = load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True)
    told = [dict(zip(head, row, strict=True)) for row in rows]
    assert {row["部门"]: row["审核环节"] for row in told} == {
        "第2局": "部门负责人审核",
        "第3局": "业务科室初审",
    }
    (event,) = Event.objects.filter(kind=EventKind.EXPORTED)
    assert event.data["round"] == round_.pk


# Reminding


def reminders(declaration: Declaration) -> int:
    return Notice.objects.filter(declaration=declaration, kind=NoticeKind.REMINDER).count()


def remind(client: Any, round_: Round, **data: Any) -> Any:
    return client.post(reverse("round-remind", args=[round_.pk]), data)


def of(round_: Round, code: str) -> Declaration:
    return round_.declarations.get(department__code=code)


def test_reminding_one_asks_first(as_user, reviewer, round_) -> None:
    filling = of(round_, "d-1")
    client = as_user(reviewer)
    answer = remind(client, round_, only=filling.pk)
    assert "<h1>催办 1 个部门</h1>" in answer.content.decode()
    assert reminders(filling) == 0
    answer = remind(client, round_, declaration=filling.pk, confirmed=1)
    assert answer.status_code == 302
    assert reminders(filling) == 1
    answer = page(client, round_)
    assert "已催办 1 个部门。" in answer.content.decode()
    (row,) = [r for r in answer.context["rows"] if r.declaration == filling]
    assert row.reminded_at is not None


def test_reminding_twice_tells_them_once_and_says_why(as_user, reviewer, round_) -> None:
    filling, client = of(round_, "d-1"), as_user(reviewer)
    remind(client, round_, declaration=filling.pk, confirmed=1)
    remind(client, round_, declaration=filling.pk, confirmed=1)
    assert reminders(filling) == 1
    assert "1 个部门没有催办：第1局（" in page(client, round_).content.decode()


def test_reminding_all_late_ones_leaves_the_others_alone(as_user, reviewer, round_, filer) -> None:
    client = as_user(reviewer)
    remind(client, round_, late=1)
    assert "没有逾期的部门" in page(client, round_).content.decode()
    Round.objects.update(deadline=timezone.now() - timedelta(hours=1))
    assert "<h1>催办 2 个部门</h1>" in remind(client, round_, late=1).content.decode()
    remind(client, round_, late=1, confirmed=1)
    reminded = Notice.objects.filter(kind=NoticeKind.REMINDER).values_list("declaration", flat=True)
    assert set(reminded) == {of(round_, "d-1").pk, of(round_, "panyu-dpf").pk}


def test_nobody_chosen_is_said(as_user, reviewer, round_) -> None:
    client = as_user(reviewer)
    for wrong in ({}, {"declaration": "x"}, {"declaration": "9" * 40}, {"declaration": "0"}):
        assert remind(client, round_, **wrong).status_code == 302
        assert "请先选择部门" in page(client, round_).content.decode()


def test_one_comes_back_to_the_filtered_list_and_nowhere_else(as_user, reviewer, round_) -> None:
    client, filling = as_user(reviewer), of(round_, "d-1")
    here = reverse("round", args=[round_.pk])
    filtered = f"{here}?state=filling"
    said = {"declaration": filling.pk, "confirmed": 1}
    assert remind(client, round_, back=filtered, **said)["Location"] == filtered
    for elsewhere in ("https://example.org/", "//example.org", f"{here}../../logout/"):
        assert remind(client, round_, back=elsewhere, **said)["Location"] == here


def test_a_declaration_of_another_round_is_not_reminded_from_here(
    as_user, reviewer, round_, department
) -> None:
    other = factories.round_for(round_.template, department, year=2024).declarations.get()
    remind(as_user(reviewer), round_, declaration=other.pk, confirmed=1)
    assert reminders(other) == 0


# More time, and while it is opened


def test_those_chosen_are_given_more_time_by_the_administrator_alone(
    as_user, reviewer, administrator, round_
) -> None:
    address = reverse("round-extension", args=[round_.pk])
    assert f'formaction="{address}"' not in page(as_user(reviewer), round_).content.decode()
    client = as_user(administrator)
    assert f'formaction="{address}"' in page(client, round_).content.decode()
    chosen = [of(round_, code) for code in ("d-1", "d-2")]
    sent = {"declaration": [d.pk for d in chosen], "back": "", "step": "choose"}
    assert client.post(address, sent).context["declarations"] == chosen


def test_while_a_round_is_being_opened_its_page_says_so(
    as_user, reviewer, administrator, round_, department
) -> None:
    Round.objects.update(waiting=[department.pk])
    assert "还有 1 个部门。" in page(as_user(reviewer), round_).content.decode()
    text = page(as_user(administrator), round_).content.decode()
    assert "正在为各部门生成申报：已完成 6 个，共 7 个。" in text
