"""people/import/…: from a workbook to people, with what it would change in between."""

import re
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from declarations.domain.departments import add_group
from declarations.models import Department, Event, Role, User
from declarations.sheets.roster import DEPARTMENTS
from tests.keeping import keeper
from tests.rosters import roster_workbook

PEOPLE = [["zhang-san", "张三", "填报人", "sports"], ["li-si", "李四", "审核人"]]
GOOD = roster_workbook([["sports", "体育局", "", "文体组"]], PEOPLE)


@pytest.fixture
def keeper_client(as_user: Any, administrator: User) -> Any:
    return as_user(administrator)


def bring(client: Any, workbook: bytes, name: str = "名单.xlsx") -> Any:
    return client.post(reverse("people-import"), {"workbook": SimpleUploadedFile(name, workbook)})


def hidden(answer: Any) -> dict[str, str]:
    """What the preview sends along."""
    text = answer.content.decode()
    return {
        name: unescape(re.search(rf'name="{name}" value="([^"]*)"', text)[1])  # type: ignore[index]
        for name in ("roster", "base")
    }


def apply(client: Any, fields: dict[str, str]) -> Any:
    return client.post(reverse("people-import-apply"), fields, follow=True)


def said(answer: Any) -> str:
    return answer.content.decode()


def test_the_template_lists_the_departments(keeper_client: Any, administrator: User) -> None:
    group = add_group(administrator, bureau=administrator.bureau, name="民生组")
    Department.objects.update(group=group)
    answer = keeper_client.get(reverse("people-template"))
    book = load_workbook(BytesIO(answer.content))
    rows = [[cell.value for cell in row] for row in book[DEPARTMENTS].iter_rows(min_row=2)]
    assert rows == [["panyu-dpf", "广州市番禺区残疾人联合会", None, "民生组"]]
    assert bring(keeper_client, answer.content).context["plan"].unchanged == 1


def test_from_preview_to_people(keeper_client: Any) -> None:
    answer = bring(keeper_client, GOOD)
    assert "导入后将增加 1 个部门、2 人" in said(answer)
    for words in ("体育局", "文体组", "张三", "审核人"):
        assert words in said(answer)
    assert not Department.objects.filter(code="sports").exists()
    done = apply(keeper_client, hidden(answer))
    assert "已导入：增加 1 个部门、2 人" in said(done)
    assert "请在本页为他们发放首次密码" in said(done)
    assert done.redirect_chain == [(reverse("people") + "?state=without", 302)]
    assert {p.username for p in done.context["page"]} == {"zhang-san", "li-si"}


def test_every_error_is_listed_and_marked(keeper_client: Any) -> None:
    wrong = roster_workbook([["Bad Code", "甲"]], [["a b", "", "科长", "nowhere"]])
    answer = bring(keeper_client, wrong)
    places = [(p.sheet, p.cell) for p in answer.context["problems"]]
    assert places == [("部门", "A2"), ("人员", "A2"), ("人员", "B2"), ("人员", "C2")]
    assert "有 4 处错误，没有导入" in said(answer)
    assert "（已标注）名单.xlsx" in said(answer)
    assert not Event.objects.exists()


@pytest.mark.parametrize("workbook", [b"no workbook", b"PK\x03\x04broken"])
def test_what_is_no_workbook_is_refused_in_words(keeper_client: Any, workbook: bytes) -> None:
    answer = bring(keeper_client, workbook)
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["workbook"]


def test_no_file_is_said(keeper_client: Any) -> None:
    answer = keeper_client.post(reverse("people-import"))
    assert answer.context["form"].errors["workbook"] == ["请选择文件"]


def test_nothing_to_change_is_said(keeper_client: Any) -> None:
    apply(keeper_client, hidden(bring(keeper_client, GOOD)))
    answer = bring(keeper_client, GOOD)
    assert "没有要导入的" in said(answer)
    assert "roster" not in re.findall(r'name="(\w+)"', said(answer))


def test_pressing_twice_is_once(keeper_client: Any) -> None:
    fields = hidden(bring(keeper_client, GOOD))
    apply(keeper_client, fields)
    events = Event.objects.count()
    answer = apply(keeper_client, fields)
    assert answer.status_code == 200
    assert "没有要导入的" in said(answer)
    assert Event.objects.count() == events


def test_what_changed_meanwhile_is_shown_again(keeper_client: Any, administrator: User) -> None:
    fields = hidden(bring(keeper_client, GOOD))
    Department.objects.create(bureau=administrator.bureau, code="sports", name="旧体育局")
    answer = apply(keeper_client, fields)
    assert "请重新核对" in said(answer)
    assert "<del>旧体育局</del>" in said(answer)
    assert "已导入" in said(apply(keeper_client, hidden(answer)))
    assert Department.objects.get(code="sports").name == "体育局"


def test_a_preview_is_ones_own_and_not_for_ever(
    as_user: Any, keeper_client: Any, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = hidden(bring(keeper_client, GOOD))
    tampered = fields | {"roster": fields["roster"][:-2] + "xx"}
    assert "预览已过期" in said(apply(keeper_client, tampered))
    assert "预览已过期" in said(apply(keeper_client, {}))
    colleague = keeper(administrator.bureau, Role.SYSTEM)
    assert "预览已过期" in said(apply(as_user(colleague), fields))
    assert not User.objects.filter(username="zhang-san").exists()


def test_only_departments_lead_back_to_departments(keeper_client: Any) -> None:
    fields = hidden(bring(keeper_client, roster_workbook([["sports", "体育局"]])))
    assert apply(keeper_client, fields).redirect_chain[-1][0] == reverse("departments")
