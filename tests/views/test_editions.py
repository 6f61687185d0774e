"""GET declarations/<pk>/files/<format>/?revision=: what is in force, and what is to replace it."""

import json
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from declarations.domain.adjusting import begin_adjustment
from declarations.domain.cells import Change
from declarations.domain.correcting import correct
from declarations.domain.review import pass_on, return_for_correction
from declarations.domain.rounds import StagePlan
from declarations.domain.submission import submit
from declarations.models import Declaration, Role, User
from declarations.queries.declarations import reference_of
from declarations.queries.documents import counting, document_of, editions_for, file_name
from tests import factories
from tests.factories import reread, type_into, value_of

GOAL = "text/overall_goal"
TITLE = "广州市番禺区残疾人联合会2023年部门整体预算绩效目标申报表"


def fetch(client: Any, declaration: Declaration, name: str = "") -> tuple[str, str, bool, int]:
    """The goal in the JSON, its file's name, whether it is in force, and its number."""
    answer = client.get(reverse("download", args=[declaration.pk, "json"]) + f"?revision={name}")
    assert answer.status_code == 200
    document = json.loads(answer.content)
    _, _, named = answer["Content-Disposition"].partition("; filename*=utf-8''")
    return (
        document["content"]["texts"]["overall_goal"],
        unquote(named).removeprefix(TITLE),
        document["in_force"],
        document["revision"],
    )


def names(user: User, declaration: Declaration) -> list[tuple[str, str]]:
    return [(e.name, e.label) for e in editions_for(user, reread(declaration))]


@pytest.fixture
def adjusting(filer: User, reviewer: User, declaration: Declaration) -> Declaration:
    type_into(filer, declaration, **{GOAL: "原来的"})
    factories.approved(filer, reviewer, declaration)
    factories.reschedule(declaration, adjustments_until=30)
    begin_adjustment(filer, declaration_id=declaration.pk, reason="预算追加需要调整")
    type_into(filer, declaration, **{GOAL: "调整的"})
    return declaration


def test_the_department_has_both_while_it_adjusts(as_user, filer, adjusting) -> None:
    assert names(filer, adjusting) == [("1", "现行版本（第1版）"), ("draft", "调整草稿（未生效）")]
    client = as_user(filer)
    in_force = ("原来的", "（现行版，第1版）.json", True, 1)
    assert fetch(client, adjusting) == fetch(client, adjusting, "1") == in_force
    draft = ("调整的", "（调整草稿，未生效）.json", False, None)
    assert fetch(client, adjusting, "draft") == draft
    page = client.get(reverse("declaration", args=[adjusting.pk])).content.decode()
    assert "?revision=draft" in page
    assert "?revision=1" in page


def test_the_bureau_has_what_is_in_force(as_user, reviewer, administrator, adjusting) -> None:
    for user in (reviewer, administrator):
        assert names(user, adjusting) == [("1", "现行版本（第1版）")]
        client = as_user(user)
        assert fetch(client, adjusting)[0] == "原来的"
        address = reverse("download", args=[adjusting.pk, "json"])
        assert client.get(f"{address}?revision=draft").status_code == 404


def test_both_have_both_while_it_is_reviewed(as_user, filer, reviewer, adjusting) -> None:
    submit(filer, declaration_id=adjusting.pk)
    for user in (filer, reviewer):
        assert names(user, adjusting) == [
            ("1", "现行版本（第1版）"),
            ("2", "调整审核中，未生效（第2版）"),
        ]
        client = as_user(user)
        assert fetch(client, adjusting)[0] == "原来的"
        assert fetch(client, adjusting, "2") == ("调整的", "（调整，第2版，未生效）.json", False, 2)
    pass_on(reviewer, declaration_id=adjusting.pk)
    assert fetch(as_user(reviewer), adjusting) == ("调整的", "（现行版，第2版）.json", True, 2)
    old = ("原来的", "（第1版）.json", False, 1)
    assert fetch(as_user(filer), adjusting, "1") == fetch(as_user(reviewer), adjusting, "1") == old


def test_after_a_return_what_is_in_force_stays(as_user, filer, reviewer, adjusting) -> None:
    submit(filer, declaration_id=adjusting.pk)
    return_for_correction(reviewer, declaration_id=adjusting.pk, opinion="理由不足。")
    assert [name for name, _ in names(filer, adjusting)] == ["1", "draft"]
    assert names(reviewer, adjusting) == [("1", "现行版本（第1版）")]
    assert fetch(as_user(reviewer), adjusting, "2")[1:] == ("（第2版）.json", False, 2)


def test_a_correction_is_in_force_at_once(as_user, filer, reviewer, declaration) -> None:
    type_into(filer, declaration, **{GOAL: "原来的"})
    factories.approved(filer, reviewer, declaration)
    correct(
        reviewer,
        declaration_id=declaration.pk,
        changes=[Change(GOAL, "更正的", None)],
        reason="与批复不一致",
        base=1,
    )
    assert fetch(as_user(filer), declaration) == ("更正的", "（现行版，第2版）.json", True, 2)
    document = json.loads(document_of(reread(declaration), "json"))
    assert (document["kind"], document["state"]) == ("correction", "approved")


def test_what_the_head_has_before_them_the_bureau_cannot_fetch(
    as_user, filer, reviewer, department
) -> None:
    stages = (StagePlan("部门审核", by_head=True), StagePlan("财政局审核"))
    declaration = factories.declaration_for(department, stages=stages)
    factories.submitted(filer, declaration)
    head = factories.UserFactory.create(
        bureau=department.bureau, department=department, role=Role.HEAD
    )
    assert names(reviewer, declaration) == []
    address = reverse("download", args=[declaration.pk, "json"])
    for query in ("", "?revision=1", "?revision=draft"):
        assert as_user(reviewer).get(address + query).status_code == 404
    assert as_user(head).get(address).status_code == 200
    pass_on(head, declaration_id=declaration.pk)
    assert as_user(reviewer).get(address).status_code == 200


@pytest.mark.parametrize(
    ("name", "mark"), [("1", "非现行版本"), ("2", ""), ("3", "未生效"), ("draft", None)]
)
def test_every_page_and_title_says_which_it_is(
    as_user, filer, reviewer, adjusting, *, name: str, mark: str | None
) -> None:
    """1: replaced, 2: in force, 3: an adjustment under review; none is a draft."""
    submit(filer, declaration_id=adjusting.pk)
    pass_on(reviewer, declaration_id=adjusting.pk)
    begin_adjustment(filer, declaration_id=adjusting.pk, reason="再次追加预算")
    type_into(filer, adjusting, **{GOAL: "再次调整的"})
    submit(filer, declaration_id=adjusting.pk)
    client = as_user(filer)

    def file(format_: str) -> Any:
        return client.get(reverse("download", args=[adjusting.pk, format_]), {"revision": name})

    if mark is None:
        assert file("pdf").status_code == 404
        return
    pdf = PdfReader(BytesIO(file("pdf").content))
    assert pdf.metadata.title.startswith(TITLE)
    assert f"第{name}版" in pdf.metadata.title
    html = file("html").content.decode()
    sheet = load_workbook(BytesIO(file("xlsx").content)).worksheets[0]
    for marked in ("非现行版本", "未生效", "草稿"):
        assert (f'<p class="draft">{marked}</p>' in html) is (marked == mark)
        assert all((marked in page.extract_text()) is (marked == mark) for page in pdf.pages)
    assert (sheet.oddHeader.center.text or "") == mark


@pytest.mark.parametrize("name", ["0", "9", "-1", "x", "1x", "²", "9" * 40])
def test_what_there_is_not_is_404(as_user, filer, adjusting, name: str) -> None:
    address = reverse("download", args=[adjusting.pk, "json"])
    assert as_user(filer).get(address, {"revision": name}).status_code == 404


def test_what_the_shell_exports_is_what_counts(tmp_path, filer, reviewer, adjusting) -> None:
    from django.core.management import call_command

    def export() -> Any:
        target = tmp_path / "out.json"
        reference = reference_of(reread(adjusting))
        call_command(
            "declaration", "export", reference, "--format", "json", "--output", str(target)
        )
        return json.loads(target.read_text())

    assert (export()["revision"], export()["in_force"]) == (1, True)
    submit(filer, declaration_id=adjusting.pk)
    assert export()["content"]["texts"]["overall_goal"] == "原来的"
    pass_on(reviewer, declaration_id=adjusting.pk)
    assert export()["content"]["texts"]["overall_goal"] == "调整的"
    assert file_name(reread(adjusting), "pdf") == f"{TITLE}（现行版，第2版）.pdf"
    assert counting(reread(adjusting)).in_force


def test_the_shell_checks_what_is_worked_on(capsys, filer, adjusting) -> None:
    from django.core.management import call_command

    type_into(filer, adjusting, **{GOAL: ""})
    call_command("declaration", "findings", reference_of(reread(adjusting)))
    assert next(f["code"] for f in json.loads(capsys.readouterr().out)) == "required"


def test_next_year_takes_what_is_in_force(filer, adjusting) -> None:
    from declarations.queries.prior_years import declared_last_year, prior_amounts

    type_into(filer, adjusting, **factories.balanced("99"))
    later = factories.round_for(adjusting.round.template, filer.department, year=2024)
    found = declared_last_year(later.declarations.get())
    assert found == adjusting
    known = prior_amounts([filer.department], 2024)[filer.department_id]
    assert known["basic"]["prior1"] == 0
    assert value_of(adjusting, "funding/basic/budget") == 990_000
