"""The demo: what Panyu and Caidian published, and every state with something to show."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader

from declarations.checks import Level, run_checks
from declarations.domain.cells import Change
from declarations.management.demo import serving
from declarations.management.demo.accounts import DISTRICTS, PASSWORD
from declarations.management.demo.filling import Content, save
from declarations.management.demo.loading import load_demo
from declarations.models import Bureau, Declaration, Event, EventKind, Role, State, User
from declarations.queries.declarations import by_reference
from declarations.queries.documents import document_of
from declarations.queries.pages import editor_table
from declarations.sheets.table import Table, version_of
from declarations.workflow import why_window_closed
from tests import factories
from tests.working import eventually

OTHERS = ("panyu-civil-affairs", "panyu-health", "panyu-education")

FUNDING = ["483.09", "2,453.62", "0.00", "2,258.41", "5,195.12"]
TASKS = ["833.08", "371.52", "279.36", "373.80", "123.50", "322.87", "16.00", "13.19"]
OTHER_TASKS = ["157.00", "1,348.00", "873.71"]
TOTALS = ["5,195.12", "4,712.03"]
INDICATOR_VALUES = [
    "预计资助1920例。",
    "预计资助93人",
    "出勤率达90%",
    "精综扩招服务对象预计增至430人",
    "使用率92%",
    "完成率达90%以上",
    "审批及时率100%",
    "满意度达98%",
]
IN_THE_TEXT = [
    "“十四五”",
    "20个工疗站",
    "567名",
    "95%",
    "第三代残疾人证",
    "〔2020〕90号",
    "三个层面",
    "标准:控制数",
    "标准：100%",
]
NAMES = [
    "任务1：开展残疾人康复资助、上门评残工作",
    "任务2：开展精神康复综合服务中心运营项目",
    "任务3：开展康园工疗机构项目",
    "任务4：开展残疾人托养服务、民办残疾人服务机构运营补助项目",
    "任务5：扎实开展残疾人教育工作",
    "任务6：开展残疾人春节慰问工作",
    "任务7：完善网上年审相关工作，动员用人单位大力招收残疾人",
    "任务8：加强管理残疾人机动轮椅车工作",
    "任务1：开展残疾人儿童康复服务",
    "任务2：做好残疾人工作者待遇保障工作",
    "任务3：开展残联、就业日常工作运营",
    "康复资助年服务量人（次）",
    "托养人数",
    "工疗人员出勤率",
    "社区精神综合服务量人（次）",
    "预算资金执行率",
    "社区专职人员协助来访社区居委会办事群众完成办事率",
    "残疾人福利补贴申请审批及时率",
    "受益群众满意率（%）",
]
PUBLISHED = FUNDING + TASKS + OTHER_TASKS + TOTALS + INDICATOR_VALUES + IN_THE_TEXT + NAMES


def declaration_of(department: str) -> Declaration:
    return by_reference(f"{department}/2023/panyu-target")


def live(declaration: Declaration) -> Table:
    return editor_table(declaration)


def squeezed(text: str) -> str:
    """Without spaces and line breaks: where a line ends in print is not the content."""
    return re.sub(r"\s", "", text)


# Panyu's published declaration


@pytest.mark.usefixtures("demo")
def test_every_published_figure_is_in_the_pdf() -> None:
    pdf = document_of(declaration_of("panyu-dpf"), "pdf")
    text = squeezed("".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))
    assert [p for p in PUBLISHED if p not in text] == []


@pytest.mark.usefixtures("demo")
def test_every_published_figure_is_in_the_workbook() -> None:
    workbook = load_workbook(BytesIO(document_of(declaration_of("panyu-dpf"), "xlsx")))
    cells = [c for row in workbook.worksheets[0].iter_rows() for c in row if c.value is not None]
    texts = squeezed("\n".join(str(c.value) for c in cells))
    numbers = {Decimal(str(c.value)) for c in cells if isinstance(c.value, int | float)}
    assert [
        p
        for p in PUBLISHED
        if p not in texts
        and not (re.fullmatch(r"[\d,.]+", p) and Decimal(p.replace(",", "")) in numbers)
    ] == []


@pytest.mark.usefixtures("demo")
def test_every_published_figure_is_in_the_html() -> None:
    html = document_of(declaration_of("panyu-dpf"), "html").decode()
    text = squeezed(re.sub("<[^>]+>", "", html))
    assert [p for p in PUBLISHED if p not in text] == []


def amounts(texts: list[str]) -> Decimal:
    return sum((Decimal(t.replace(",", "")) for t in texts), Decimal(0))


def test_panyus_figures_add_up_as_published() -> None:
    content = Content.read("panyu-target")
    funding = {key: amounts([line["budget"]]) for key, line in content.funding.items()}
    spent = funding["basic"] + funding["project"] + funding["special"] + funding["development"]
    assert spent == Decimal("5195.12")
    assert spent == funding["fiscal"] + funding["other_income"]
    assert spent == funding["district"] + funding["transfer"]
    tasks = amounts([row["amount"] for row in content.lists["tasks"]])
    others = amounts([row["amount"] for row in content.lists["other_tasks"]])
    assert (tasks, others) == (Decimal("2333.32"), Decimal("2378.71"))
    assert tasks + others == spent - funding["basic"]


@pytest.mark.parametrize("name", ["panyu-civil-affairs", "panyu-health"])
def test_the_other_departments_figures_add_up_too(name: str) -> None:
    content = Content.read(name)
    funding = {key: amounts([line["budget"]]) for key, line in content.funding.items()}
    spent = funding["basic"] + funding["project"] + funding["special"] + funding["development"]
    assert spent == funding["fiscal"] + funding["other_income"]
    assert spent == funding["district"] + funding["transfer"]
    rows = content.lists["tasks"] + content.lists["other_tasks"]
    assert amounts([row["amount"] for row in rows]) == spent - funding["basic"]


@pytest.mark.usefixtures("demo")
def test_panyus_declaration_was_returned_once_corrected_and_approved() -> None:
    declaration = declaration_of("panyu-dpf")
    assert declaration.state == State.APPROVED
    assert declaration.revision is not None
    assert declaration.revision.number == 2
    kinds = list(
        declaration.events.exclude(kind__in=[EventKind.ROW_ADDED, EventKind.EXPLAINED])
        .order_by("pk")
        .values_list("kind", flat=True)
    )
    assert kinds == [
        *("submitted", "passed", "commented", "returned"),
        *("submitted", "passed", "passed", "sheet_filled_in", "commented", "approved"),
        *("publication_checked", "published"),
    ]
    assert [s.grade for s in declaration.revision.review_sheets.all()] == ["优"]
    comment = declaration.comments.get(revision__number=1)
    first = declaration.revisions.get(number=1).content["lists"]["tasks"][2]["values"]
    assert comment.anchor.endswith("/content")
    assert "567" not in first["content"]


# Caidian's draft, and a department in its second year

CAIDIAN_FUNDING = ["1485.73", "2699.00", "1506.76", "100.00%"]
CAIDIAN_PROJECTS = [
    "基层残疾人文化活动经费120120",
    "残疾人就业工作经费8080",
    "残疾人服务中心运行管理经费73.773.7",
    "康复经费662.8662.8",
    "其他助残项目经费352.3352.3",
    "残疾人托底保障专项经费650650",
]
CAIDIAN_INDICATORS = [
    "项目资金使用完毕461万元480万元480万元历史数据",
    "残疾人康复救助补贴人次1100人次1100人次1100人次历史数据",
    "残疾儿童康复服务人数100人100人100人历史数据",
    "残疾人农村实用技术培训人数140人140人140人历史数据",
    "残疾人乘车持卡人数5000人5000人5000人历史数据",
    "开展残疾人志愿服务活动4次4次4次历史数据",
    "质量指标补贴到位率100%100%100%历史数据",
    "时效指标项目完成及时率100%100%时效指标历史数据",
    "社会效益指标残疾人精准康复服务率95.00%95.00%95.00%历史数据",
    "非法赴市、赴省、赴京上访事件000历史数据",
    "服务对象满意度指标补贴对象满意度90%90%90%历史数据",
]
CAIDIAN_IN_THE_TEXT = [
    *("“十四五”", "党组会11次", "4次", "第七届", "5万元", "6场", "2021年", "21名", "2场"),
    *("0-14岁", "162人", "13人", "2人", "14人", "49人", "84人", "0-6岁", "129人", "1162人"),
    *("44万元", "60人", "15600元", "4人", "4000元", "47件", "100%", "95%", "4件"),
    *("14525人次", "217.79万元", "24件", "6、7月份", "3场", "510户", "20万元", "2千元"),
    *("17户", "71.6%", "蔡甸区残疾人联合会", "027-00000000"),
]
CAIDIAN = "caidian-dpf/2023/caidian-target"
SECOND_YEAR = "caidian-civil-affairs/2023/caidian-target"


@pytest.mark.usefixtures("demo")
def test_every_figure_of_caidians_draft_is_in_the_html() -> None:
    html = document_of(by_reference(CAIDIAN), "html").decode()
    text = squeezed(re.sub("<[^>]+>", "", html))
    wanted = CAIDIAN_FUNDING + CAIDIAN_PROJECTS + CAIDIAN_INDICATORS + CAIDIAN_IN_THE_TEXT
    assert [p for p in wanted if p not in text] == []


@pytest.mark.usefixtures("demo")
def test_every_figure_of_caidians_draft_is_in_the_pdf() -> None:
    pdf = document_of(by_reference(CAIDIAN), "pdf")
    text = squeezed("".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))
    wanted = CAIDIAN_FUNDING + CAIDIAN_IN_THE_TEXT
    assert [p for p in wanted if p not in text] == []


@pytest.mark.usefixtures("demo")
def test_caidians_draft_has_the_gaps_it_was_published_with() -> None:
    declaration = by_reference(CAIDIAN)
    assert declaration.state == State.DRAFT
    table = live(declaration)
    lines = {
        (key, column)
        for key, line in table.records.funding.items()
        for column, amount in line.items()
        if amount is not None
    }
    assert lines == {("fiscal", "budget"), ("fiscal", "prior1"), ("fiscal", "prior2")}
    blank = {key for key, text in table.records.texts.items() if not text}
    assert blank == {"fill_date"}
    assert [g.values["name"] for g in table.records.lists["goals"][1:]] == ["……", "……"]
    assert len(re.findall(r"^\d+\.", table.records.texts["functions"], re.MULTILINE)) == 8
    assert len(re.findall(r"^\d+\.", table.records.texts["annual_tasks"], re.MULTILINE)) == 19
    assert len(re.findall(r"^（.）", table.records.texts["annual_tasks"], re.MULTILINE)) == 6


@pytest.mark.usefixtures("demo")
def test_what_is_wrong_in_caidians_draft_is_found() -> None:
    findings = run_checks(live(by_reference(CAIDIAN)))
    assert {f.level for f in findings} == {Level.MUST}
    assert sorted(f.code for f in findings) == [
        *["placeholder"] * 2,
        *["required"] * 3,
        "rule.projects_and_income",
        "target_missing",
    ]


@pytest.mark.usefixtures("demo")
def test_nothing_is_found_wrong_in_panyus_figures() -> None:
    declaration = declaration_of("panyu-dpf")
    found = {f.code for f in run_checks(live(declaration))}
    assert found == {"indicator_kinds"}  # it has no indicator of quality, and says why
    assert declaration.revision is not None
    assert [(h["code"], bool(h["explanation"])) for h in declaration.revision.findings] == [
        ("indicator_kinds", True)
    ]


@pytest.mark.usefixtures("demo")
def test_a_second_year_begins_with_the_figures_of_the_first() -> None:
    table = live(by_reference(SECOND_YEAR))
    assert table.entry("funding/fiscal/prior1").text == "3860.40"
    assert table.entry("funding/fiscal/prior2").text == "3652.75"
    assert table.entry("funding/fiscal/budget").is_blank


# The other states


@pytest.mark.usefixtures("demo")
def test_every_state_has_something_to_show() -> None:
    assert [declaration_of(d).state for d in OTHERS] == [
        State.SUBMITTED,
        State.RETURNED,
        State.DRAFT,
    ]


@pytest.mark.usefixtures("demo")
def test_the_returned_one_has_two_comments_on_cells_and_one_on_the_whole() -> None:
    declaration = declaration_of("panyu-health")
    anchors = [c.anchor for c in declaration.comments.all()]
    assert sum(bool(a) for a in anchors) == 2
    assert anchors.count("") == 1
    assert all(live(declaration).entry(a) for a in anchors if a)


@pytest.mark.usefixtures("demo")
def test_the_draft_is_partly_filled_in_by_two_people() -> None:
    declaration = declaration_of("panyu-education")
    table = live(declaration)
    fillable = [e for e in table.entries() if e.field.required]
    assert 10 < sum(e.is_blank for e in fillable) < len(fillable) - 10
    assert any(f.level is Level.MUST for f in run_checks(table))
    assert User.objects.filter(department=declaration.department, role=Role.FILER).count() == 2


@pytest.mark.usefixtures("demo")
def test_what_is_open_can_be_worked_on_now() -> None:
    declaration = declaration_of("panyu-education")
    entry = live(declaration).entry("text/overall_goal")
    filer = User.objects.get(username="panyu-education-2")
    factories.type_into(filer, declaration, **{entry.anchor: "新的目标"})
    changed = live(declaration_of("panyu-education")).entry("text/overall_goal")
    assert changed.value == "新的目标"
    assert version_of(changed.value) != version_of(entry.value)
    for department in OTHERS:
        assert why_window_closed(declaration_of(department), timezone.now()) == ""


@pytest.mark.usefixtures("demo")
def test_a_demo_loaded_months_ago_can_still_be_worked_with() -> None:
    later = timezone.now() + timedelta(days=290)
    for declaration in Declaration.objects.select_related("round"):
        assert why_window_closed(declaration, later) == ""


# Accounts, loading, serving


@pytest.mark.usefixtures("demo")
def test_everybody_can_log_in_with_the_demo_password(rf) -> None:
    for account in (a for district in DISTRICTS for a in district.accounts):
        user = authenticate(rf.post("/login/"), username=account.username, password=PASSWORD)
        assert user is not None, account.username
        assert user.name == account.name


@pytest.mark.usefixtures("demo")
def test_each_district_has_every_role_and_groups() -> None:
    for bureau in Bureau.objects.all():
        assert set(bureau.users.values_list("role", flat=True)) == set(Role)
        assert bureau.users.filter(role=Role.REVIEWER).count() == 2
        assert not bureau.departments.filter(group=None).exists()
        for user in bureau.users.all():
            assert user.email == f"{user.username}@example.com"
            assert user.password_changed_at is not None


@pytest.mark.usefixtures("demo")
def test_loading_it_again_changes_nothing() -> None:
    before = (Event.objects.count(), User.objects.count(), Declaration.objects.count())
    assert not load_demo()
    assert before == (Event.objects.count(), User.objects.count(), Declaration.objects.count())


def test_a_demo_that_cannot_be_loaded_leaves_nothing_behind(db: None, monkeypatch) -> None:
    """Content that the form refuses is our own mistake, and said so."""
    refused = Content({"basic": {"budget": "一些"}}, {}, {})
    monkeypatch.setattr(Content, "read", classmethod(lambda _cls, _name: refused))
    with pytest.raises(ValueError, match="demo content refused"):
        load_demo()
    assert not Bureau.objects.exists()


@pytest.mark.django_db(databases=["default", "owner"])
def test_the_command_prints_who_can_log_in(capsys) -> None:
    call_command("demo")
    first = capsys.readouterr().out
    call_command("demo")
    second = capsys.readouterr().out
    assert "演示数据已装入。" in first
    assert "演示数据已经在库中，未作改动。" in second
    for out in (first, second):
        lines = [line.split() for line in out.splitlines()]
        assert [
            "panyu-health",
            "填报人丙",
            "填报人",
            "广州市番禺区卫生健康局",
            "已退回，请修改",
        ] in lines
        assert ["reviewer", "审核人甲", "审核人", "广州市番禺区财政局"] in lines
        assert ["caidian-admin", "管理员乙", "系统管理员", "武汉市蔡甸区财政局"] in lines
        assert PASSWORD in out


def test_the_demo_is_refused_in_production(db: None, settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="不能装入正式环境"):
        call_command("demo")
    assert not Bureau.objects.exists()


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", "80 80"])
def test_a_port_must_be_one(monkeypatch, text: str) -> None:
    monkeypatch.setenv("PORT", text)
    with pytest.raises(CommandError, match="PORT 应为 1 到 65535 之间的整数"):
        serving.port()


def test_a_port_that_is_taken_is_said_before_anything_is_loaded(db: None, monkeypatch) -> None:
    with socket.create_server((serving.HOST, 0)) as taken:
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        with pytest.raises(CommandError, match="可能已被占用"):
            call_command("demo", serve=True)
    assert not Bureau.objects.exists()


def test_saving_refuses_what_the_form_refuses(db: None) -> None:
    department = factories.DepartmentFactory.create()
    declaration = factories.declaration_for(department)
    filer = factories.filer_of(department)
    with pytest.raises(ValueError, match="demo content refused"):
        save(filer, declaration, [Change("funding/basic/budget", "很多", version=None)])


def test_serving_stops_cleanly_on_ctrl_c(tmp_path: Path) -> None:
    """The whole process group gets the signal, as from a terminal; the worker ends with it."""
    server, address = serving_demo(tmp_path)
    try:
        assert status_of(f"{address}login/", seconds=120) == 200
        assert (tmp_path / "postgres" / "postmaster.pid").exists()
        worker = worker_of(server)
    finally:
        os.killpg(server.pid, signal.SIGINT)
        out, _ = server.communicate(timeout=60)
    assert f"请用浏览器打开 {address}" in out
    assert "Traceback" not in out
    assert server.returncode == 0
    assert not runs(worker)
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


def test_the_worker_of_a_demo_that_was_killed_ends_too(tmp_path: Path) -> None:
    server, address = serving_demo(tmp_path)
    try:
        assert status_of(f"{address}login/", seconds=120) == 200
        worker = worker_of(server)
    finally:
        server.kill()
        server.communicate(timeout=60)
        eventually(lambda: not runs(worker))
        stop_postgres(tmp_path / "postgres")  # whose keeper was killed


def serving_demo(data: Path) -> tuple[subprocess.Popen[str], str]:
    """``manage.py demo --serve`` with a database of its own, and its address."""
    with socket.create_server((serving.HOST, 0)) as free:
        port = free.getsockname()[1]
    environment = {
        k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "XDG_RUNTIME_DIR")
    }
    server = subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--serve"],
        cwd=settings.BASE_DIR,
        env=environment | {"PORT": str(port), "JIXIAO_DATA": str(data)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    return server, f"http://{serving.HOST}:{port}/"


def stop_postgres(folder: Path) -> None:
    pid_file = folder / "postmaster.pid"
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGINT)
    eventually(lambda: not pid_file.exists())


def worker_of(server: subprocess.Popen[str]) -> int:
    """The process of the queue's worker that the server has started."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    (worker,) = (int(pid) for pid in children if "procrastinate" in command_of(int(pid)))
    return worker


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except FileNotFoundError:
        return ""


def runs(worker: int) -> bool:
    return "procrastinate" in command_of(worker)


def status_of(address: str, *, seconds: int) -> int:
    """The status of a page, as soon as anybody answers."""
    for _ in range(seconds * 5):
        try:
            with urlopen(address) as response:  # noqa: S310  (our own server)
                return int(response.status)
        except URLError:
            time.sleep(0.2)
    raise AssertionError(f"nobody answers at {address}")
