"""A year of one department: from the opening of the round to the approved adjustment, with what
each of the people was told on the way."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from declarations.domain.reminding import remind_due
from declarations.domain.templates import choose
from declarations.models import (
    Declaration,
    Department,
    Notice,
    NoticeKind,
    Role,
    Round,
    State,
    User,
)
from tests import factories, working
from tests.browser.conftest import check_accessible
from tests.factories import PANYU_FORM, reread

YEAR = 2031
GOAL = "text/overall_goal"

pytestmark = pytest.mark.django_db(transaction=True)


class Year:
    """The people, and their round once it is open."""

    def __init__(self, department: Department, person: Any) -> None:
        self.department, self.person = department, person
        self.people: dict[str, User] = {}
        for name, role in (
            ("filer", Role.FILER),
            ("head", Role.HEAD),
            ("first", Role.REVIEWER),
            ("second", Role.REVIEWER),
            ("admin", Role.SYSTEM),
        ):
            of = department if role in (Role.FILER, Role.HEAD) else None
            self.people[name] = factories.UserFactory.create(
                bureau=department.bureau,
                department=of,
                role=role,
                username=f"year-{name}",
                name={"first": "初审员", "second": "审定员"}.get(name, role.label),
                email=f"{name}@example.com",
            )
        self.seen: dict[str, int] = dict.fromkeys(self.people, 0)

    def at(self, name: str) -> Page:
        """The person's browser, at the home page."""
        page: Page = self.person(self.people[name]).page
        return page

    @property
    def declaration(self) -> Declaration:
        return reread(Declaration.objects.get(round__year=YEAR))

    def told(self, name: str) -> list[tuple[str, str]]:
        """What the person was told since this was asked last: the kinds and titles, oldest first."""
        notices = Notice.objects.filter(recipient=self.people[name]).order_by("pk")
        new = list(notices)[self.seen[name] :]
        self.seen[name] += len(new)
        return [(str(n.kind), n.title) for n in new]

    def kinds_told(self, name: str) -> list[str]:
        return [kind for kind, _ in self.told(name)]


@pytest.fixture
def year(department: Department, person: Any, queue: None) -> Iterator[Year]:
    """With a worker beside it, as in an office."""
    worker = working.start_worker()
    yield Year(department, person)
    worker.terminate()
    worker.wait(timeout=60)


def test_a_year(year: Year) -> None:
    open_the_round(year)
    remind(year)
    file(year)
    pass_by_the_head(year)
    return_by_the_first_reviewer(year)
    correct(year)
    approve(year)
    adjust(year)
    approve_the_adjustment(year)
    every_act_is_in_the_record(year)


def open_the_round(year: Year) -> None:
    """With the head's stage before the bureau's two, each with its reviewer."""
    template = factories.template_for(year.department.bureau, PANYU_FORM.read_bytes())
    choose(None, template, YEAR)
    page = year.at("admin")
    page.get_by_role("link", name="开启批次").first.click()
    expect(page.get_by_label("调整截止")).to_be_visible()
    check_accessible(page)
    until = timezone.localtime() + timedelta(days=200)
    page.get_by_label("调整截止").fill(until.strftime("%Y-%m-%dT%H:%M"))
    stages = page.locator("fieldset.stage")
    stages.nth(0).get_by_label("名称").fill("部门负责人审核")
    stages.nth(0).get_by_label("由部门负责人审核").check()
    for number, (name, who) in enumerate((("初审", "初审员"), ("审定", "审定员")), start=1):
        stage = stages.nth(number)
        stage.get_by_label("名称").fill(name)
        if not stage.get_by_label(who).is_visible():
            stage.locator("summary").click()
        stage.get_by_label(who).check()
    page.get_by_role("button", name="下一步：核对").click()
    expect(page.locator("ol.steps li")).to_have_text(
        ["部门负责人审核：部门负责人", "初审：初审员", "审定：审定员"]
    )
    check_accessible(page)
    page.get_by_role("button", name="确认开启").click()
    expect(page.locator("#opening")).to_contain_text("已全部完成", timeout=60_000)
    assert year.kinds_told("filer") == [NoticeKind.ROUND_OPENED]
    assert year.kinds_told("head") == [NoticeKind.ROUND_OPENED]
    assert year.told("first") == []


def remind(year: Year) -> None:
    """As the clock does: three days before the deadline, and not again in the next hour."""
    deadline = Round.objects.get(year=YEAR).deadline
    now = deadline - timedelta(days=3) + timedelta(hours=1)
    remind_due(now)
    remind_due(now + timedelta(hours=1))
    (told,) = year.told("filer")
    assert told[0] == NoticeKind.REMINDER
    assert year.told("head") == []


def file(year: Year) -> None:
    declaration = year.declaration
    filer = year.people["filer"]
    factories.fill_in(filer, declaration)
    factories.explain_hints(filer, declaration)
    page = year.at("filer")
    page.get_by_role("link", name="通知").click()
    expect(page.locator("main")).to_contain_text("截止")
    check_accessible(page)
    page.goto(f"{page.url.split('/notices')[0]}/declarations/{declaration.pk}/")
    page.locator(f'[name="{GOAL}"]').fill("全年服务残疾人1200人次")
    page.keyboard.press("Tab")
    expect(page.locator("#save-status")).to_contain_text("已保存")
    page.get_by_role("link", name="提交", exact=True).click()
    page.get_by_role("button", name="确认提交").click()
    expect(page.locator(".standing")).to_contain_text("已提交")
    assert year.kinds_told("head") == [NoticeKind.SUBMITTED]
    assert year.told("first") == []  # the head decides first


def pass_by_the_head(year: Year) -> None:
    page = year.at("head")
    page.get_by_role("link", name="审核", exact=True).click()
    expect(page.get_by_role("heading", name="审核", exact=True)).to_be_visible()
    check_accessible(page)
    decide(page, year, "通过")
    assert year.declaration.stage.name == "初审"
    assert year.kinds_told("first") == [NoticeKind.SUBMITTED]
    assert year.kinds_told("filer") == [NoticeKind.PASSED]
    assert year.told("second") == []


def return_by_the_first_reviewer(year: Year) -> None:
    page = year.at("first")
    page.goto(f"{page.url}declarations/{year.declaration.pk}/?cell={GOAL}")
    page.get_by_role("textbox", name="批注").first.fill("请写明1200人次的依据。")
    page.get_by_role("button", name="添加批注").click()
    expect(page.locator("#sheet .badge")).to_have_text("批注 1")
    page.get_by_role("button", name="退回部门修改").click()
    page.get_by_role("button", name="确定").click()
    expect(page.locator(".messages")).to_contain_text("已退回")
    assert year.declaration.state == State.RETURNED
    assert year.kinds_told("filer") == [NoticeKind.RETURNED]
    assert year.kinds_told("head") == [NoticeKind.RETURNED]
    quoted = Notice.objects.filter(recipient=year.people["filer"]).latest("pk").text
    assert "请写明1200人次的依据。" in quoted


def correct(year: Year) -> None:
    page = year.at("filer")
    page.get_by_role("link", name="继续修改").click()
    page.locator(f'[name="{GOAL}"]').fill("全年服务残疾人1200人次（上年1150人次）")
    page.keyboard.press("Tab")
    expect(page.locator("#save-status")).to_contain_text("已保存")
    page.get_by_role("link", name="重新提交").click()
    page.get_by_role("button", name="确认提交").click()
    expect(page.locator(".standing")).to_contain_text("已提交")
    assert year.kinds_told("head") == [NoticeKind.SUBMITTED]


def approve(year: Year) -> None:
    """Through all stages again: what was returned is new content."""
    decide(year.at("head"), year, "通过")
    page = year.at("first")
    page.goto(f"{page.url}declarations/{year.declaration.pk}/")
    expect(page.locator("a.cell.changed ins")).to_contain_text("（上年1150人次）")
    decide(page, year, "通过")
    assert year.declaration.stage.name == "审定"
    decide(year.at("second"), year, "审核通过")
    declaration = year.declaration
    assert (declaration.state, declaration.approved.number) == (State.APPROVED, 2)
    assert year.kinds_told("filer") == [NoticeKind.PASSED, NoticeKind.PASSED, NoticeKind.APPROVED]
    assert year.kinds_told("head")[-1] == NoticeKind.APPROVED
    assert year.kinds_told("second") == [NoticeKind.SUBMITTED]


def adjust(year: Year) -> None:
    page = year.at("filer")
    page.goto(f"{page.url}declarations/{year.declaration.pk}/adjustment/")
    check_accessible(page)
    page.get_by_label("调整理由").fill("上级追加任务，服务人次相应增加。")
    page.get_by_role("button", name="开始调整").click()
    expect(page.get_by_text("现行版本是第2版")).to_be_visible()
    page.locator(f'[name="{GOAL}"]').fill("全年服务残疾人1500人次（上年1150人次）")
    page.keyboard.press("Tab")
    expect(page.locator("#save-status")).to_contain_text("已保存")
    page.get_by_role("link", name="提交").last.click()
    page.get_by_role("button", name="确认提交").click()
    expect(page.locator(".standing")).to_contain_text("已提交")
    declaration = year.declaration
    assert (declaration.state, declaration.approved.number) == (State.SUBMITTED, 2)


def approve_the_adjustment(year: Year) -> None:
    decide(year.at("head"), year, "通过")
    page = year.at("first")
    page.goto(f"{page.url}declarations/{year.declaration.pk}/")
    expect(page.get_by_text("上级追加任务，服务人次相应增加。").first).to_be_visible()
    decide(page, year, "通过")
    decide(year.at("second"), year, "审核通过")
    declaration = year.declaration
    assert (declaration.state, declaration.approved.number) == (State.APPROVED, 3)
    assert declaration.approved.reason == "上级追加任务，服务人次相应增加。"
    assert year.kinds_told("filer")[-1] == NoticeKind.APPROVED
    page = year.at("filer")
    page.goto(f"{page.url}declarations/{declaration.pk}/revisions/2/")  # the old one stays
    expect(page.locator("#sheet")).to_contain_text("全年服务残疾人1200人次（上年1150人次）")
    emailed = Notice.objects.filter(recipient=year.people["filer"]).exclude(email="")
    assert NoticeKind.RETURNED in set(emailed.values_list("kind", flat=True))


def every_act_is_in_the_record(year: Year) -> None:
    """In the order in which it happened, each by whom."""
    acts = ("submitted", "passed", "returned", "adjustment_begun", "approved")
    events = year.declaration.events.filter(kind__in=acts).order_by("pk")
    head, first, second = (year.people[n].name for n in ("head", "first", "second"))
    filer = year.people["filer"].name
    assert [(e.kind, e.actor.name) for e in events] == [
        ("submitted", filer),
        ("passed", head),
        ("returned", first),
        ("submitted", filer),
        ("passed", head),
        ("passed", first),
        ("approved", second),
        ("adjustment_begun", filer),
        ("submitted", filer),
        ("passed", head),
        ("passed", first),
        ("approved", second),
    ]


def decide(page: Page, year: Year, button: str) -> None:
    """Opens the declaration unless it is open, and passes it."""
    address = f"/declarations/{year.declaration.pk}/"
    if address not in page.url:
        page.goto("/".join(page.url.split("/")[:3]) + address)
    page.get_by_role("button", name=button).first.click()
    page.get_by_role("button", name="确定").click()
    expect(page.locator(".messages")).to_contain_text("通过")
