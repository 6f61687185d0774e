"""Importing departments and people: all that is wrong by cell, all of it or nothing."""

from typing import Any

import pytest

from declarations.domain.departments import add_department, stop_department
from declarations.domain.errors import NotPermittedError, RefusedError
from declarations.domain.importing import ChangedSinceError, NothingToImportError
from declarations.domain.people import add_person, change_person
from declarations.domain.roster_import import import_roster
from declarations.models import (
    Department,
    DepartmentGroup,
    Event,
    EventKind,
    Role,
    User,
)
from declarations.queries.roster_plan import RosterPlan, plan_roster
from declarations.sheets.roster import Roster
from tests import factories
from tests.keeping import keeper, told
from tests.races import at_once
from tests.rosters import roster


def bring(actor: User, found: Roster, base: str | None = None) -> RosterPlan:
    if base is None:
        base = plan_roster(actor, actor.bureau, found).base
    return import_roster(actor, bureau=actor.bureau, roster=found, base=base, file_name="名单.xlsx")


def problems(actor: User, found: Roster) -> dict[str, str]:
    plan = plan_roster(actor, actor.bureau, found)
    return {f"{p.sheet}{p.cell}": p.message for p in plan.problems}


def stored() -> list[Any]:
    return [list(m.objects.order_by("pk").values()) for m in (Department, DepartmentGroup, User)]


FULL = roster(
    [
        ["sports", "体育局", "culture", "文体组"],
        ["culture", "文化局", "", "文体组"],
        ["panyu-dpf", "残联"],
    ],
    [
        ["sports-1", "张三", "填报人", "sports", "zhang@example.com"],
        ["sports-2", "李四", "部门负责人", "sports"],
        ["filer", "填报人甲", "审核人"],
        ["reviewer-9", "王五", "审核人", "", ""],
    ],
)


def test_everything_is_added_and_changed(administrator: User, filer: User) -> None:
    plan = bring(administrator, FULL)
    assert plan.summary == "增加 2 个部门、3 人，修改 1 个部门、1 人"
    sports, culture = (Department.objects.get(code=c) for c in ("sports", "culture"))
    assert (sports.parent, sports.group) == (culture, culture.group)
    assert culture.group is not None
    assert culture.group.name == "文体组"
    filer.refresh_from_db()
    assert (filer.role, filer.department) == (Role.REVIEWER, None)
    first = User.objects.get(username="sports-1")
    assert (first.department, first.role, first.email) == (
        sports,
        Role.FILER,
        "zhang@example.com",
    )
    assert not first.has_usable_password()
    assert first.password_changed_at is None
    assert Department.objects.get(code="panyu-dpf").name == "残联"


def test_the_record_names_everybody(administrator: User, filer: User) -> None:
    bring(administrator, FULL)
    assert told(EventKind.PEOPLE_IMPORTED) == [
        {
            "file_name": "名单.xlsx",
            "summary": "增加 2 个部门、3 人，修改 1 个部门、1 人",
            "groups": ["文体组"],
        }
    ]
    assert {t["department"] for t in told(EventKind.DEPARTMENT_ADDED)} == {"sports", "culture"}
    assert {t["username"] for t in told(EventKind.USER_ADDED)} == {
        "sports-1",
        "sports-2",
        "reviewer-9",
    }
    assert told(EventKind.USER_CHANGED) == [
        {
            "username": "filer",
            "changes": {"role": ["填报人", "审核人"], "department": ["panyu-dpf", ""]},
        }
    ]
    assert set(Event.objects.values_list("actor", flat=True)) == {administrator.pk}


def test_twice_is_once(administrator: User, filer: User) -> None:
    bring(administrator, FULL)
    before, events = stored(), Event.objects.count()
    with pytest.raises(NothingToImportError):
        bring(administrator, FULL)
    assert plan_roster(administrator, administrator.bureau, FULL).unchanged == 7
    assert (stored(), Event.objects.count()) == (before, events)


def test_what_is_left_blank_stays(administrator: User, department: Department) -> None:
    group = DepartmentGroup.objects.create(bureau=department.bureau, name="民生组")
    department.group = group
    department.save()
    filer = factories.filer_of(department, username="f", name="旧名", email="f@example.com")
    bring(administrator, roster([["panyu-dpf", "新名"]], [["f", "新名", "填报人"]]))
    filer.refresh_from_db()
    department.refresh_from_db()
    assert (filer.name, filer.email, filer.department) == ("新名", "f@example.com", department)
    assert (department.name, department.group) == ("新名", group)


def test_every_error_is_said_at_once_with_its_cell(
    administrator: User, filer: User, outsider: User
) -> None:
    factories.DepartmentFactory.create(bureau=outsider.bureau, code="taken")
    keeper(filer.bureau, Role.AUDITOR, username="auditor")
    found = roster(
        [
            ["Bad Code", "甲"],
            ["", "乙"],
            ["no-name", ""],
            ["twice", "丙"],
            ["twice", "丁"],
            ["taken", "戊"],
            ["orphan", "己", "nowhere"],
            ["long", "长" * 101, "", "长" * 51],
        ],
        [
            ["", "甲", "填报人", "panyu-dpf"],
            ["a b", "甲", "填报人", "panyu-dpf"],
            ["u1", "", "填报人", "panyu-dpf"],
            ["u2", "甲", "科长", "panyu-dpf"],
            ["u3", "甲", "安全管理员"],
            ["u4", "甲", "填报人", ""],
            ["u5", "甲", "填报人", "nowhere"],
            ["u6", "甲", "审核人", "panyu-dpf"],
            ["u7", "甲", "填报人", "panyu-dpf", "a@"],
            ["u8", "甲", "填报人", "panyu-dpf"],
            ["U8", "乙", "", ""],
            ["outsider", "甲", "审核人"],
            ["auditor", "甲", "审核人"],
            ["FILER", "甲", "审核人"],
            ["u9", "甲", "填报人", "no-name"],
            ["ｕ10", "甲", "审核人"],
        ],
    )
    said = problems(administrator, found)
    expected = {
        "部门A2": "不能作编码",
        "部门A3": "请填写编码",
        "部门B4": "请填写名称",
        "部门A6": "与第 5 行重复",
        "部门A7": "已被其他财政局使用",
        "部门C8": "没有编码为“nowhere”的部门",
        "部门B9": "最多 100 字",
        "部门D9": "最多 50 字",
        "人员A2": "请填写用户名",
        "人员A3": "不能有空格",
        "人员B4": "请填写姓名",
        "人员C5": "没有“科长”这个角色",
        "人员C6": "不由您任命",
        "人员D7": "必须填写部门编码",
        "人员D8": "没有编码为“nowhere”的部门",
        "人员D9": "请清空部门编码",
        "人员E10": "不是电子邮箱",
        "人员A12": "与第 11 行重复",
        "人员C12": "请填写角色",
        "人员A13": "已被其他财政局使用",
        "人员A14": "不由您管理",
        "人员A15": "已有用户名“filer”",
        "人员A17": "全角",
    }
    assert said.keys() == expected.keys()
    assert [place for place, words in expected.items() if words not in said[place]] == []
    before = stored()
    with pytest.raises(RefusedError, match="23 处错误"):
        bring(administrator, found)
    assert stored() == before
    assert not Event.objects.exists()


def test_departments_in_a_circle_are_refused(administrator: User) -> None:
    found = roster([["a", "甲", "b"], ["b", "乙", "c"], ["c", "丙", "a"], ["d", "丁", "d"]])
    assert problems(administrator, found).keys() == {"部门C2", "部门C3", "部门C4", "部门C5"}


def test_a_circle_through_what_is_stored_is_refused(
    administrator: User, department: Department
) -> None:
    add_department(
        administrator, bureau=administrator.bureau, code="below", name="下", parent=department
    )
    found = roster([["panyu-dpf", "残联", "below"]])
    assert problems(administrator, found).keys() == {"部门C2"}


def test_nobody_is_put_into_a_department_out_of_use(
    administrator: User, department: Department
) -> None:
    stop_department(administrator, department_id=department.pk)
    found = roster(people=[["u", "甲", "填报人", "panyu-dpf"]])
    assert "已停用" in problems(administrator, found)["人员D2"]


def test_what_changed_since_the_preview_is_not_overwritten(
    administrator: User, filer: User
) -> None:
    base = plan_roster(administrator, administrator.bureau, FULL).base
    change_person(
        administrator,
        user_id=filer.pk,
        name="别名",
        role=Role.FILER,
        department=filer.department,
        email="",
    )
    before = stored()
    with pytest.raises(ChangedSinceError):
        bring(administrator, FULL, base)
    assert stored() == before


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SYSTEM])
def test_only_system_administrators_import(department: Department, role: Role) -> None:
    someone = keeper(
        department.bureau,
        role,
        department=department if role in (Role.FILER, Role.HEAD) else None,
    )
    with pytest.raises(NotPermittedError):
        bring(someone, FULL, base="")
    assert Department.objects.count() == 1


def test_an_import_into_another_bureau_is_refused(administrator: User, outsider: User) -> None:
    with pytest.raises(NotPermittedError):
        import_roster(
            administrator, bureau=outsider.bureau, roster=FULL, base="", file_name="x.xlsx"
        )


@pytest.mark.django_db(transaction=True)
def test_pressed_twice_at_the_same_moment_it_is_done_once(administrator: User, filer: User) -> None:
    base = plan_roster(administrator, administrator.bureau, FULL).base
    results = at_once(*[lambda: bring(administrator, FULL, base)] * 2)
    assert sorted(type(r).__name__ for r in results) == ["NothingToImportError", "RosterPlan"]
    assert User.objects.filter(username__startswith="sports").count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_bureaus_take_one_user_name_and_one_of_them_is_told(
    administrator: User, outsider: User
) -> None:
    other = keeper(outsider.bureau, Role.SYSTEM)
    found = roster(people=[["wanted", "甲", "审核人"]])
    results = at_once(lambda: bring(administrator, found), lambda: bring(other, found))
    refused = [r for r in results if isinstance(r, RefusedError)]
    assert len(refused) == 1, results
    assert User.objects.filter(username="wanted").count() == 1


@pytest.mark.parametrize("lines", [1, 200])
def test_as_many_queries_for_many_lines_as_for_one(
    administrator: User, django_assert_num_queries: Any, lines: int
) -> None:
    found = roster(
        [[f"d-{n}", f"第{n}局", "", "组"] for n in range(lines)],
        [[f"u-{n}", f"人{n}", "填报人", f"d-{n}"] for n in range(lines)],
    )
    with django_assert_num_queries(4):
        base = plan_roster(administrator, administrator.bureau, found).base
    with django_assert_num_queries(16):
        bring(administrator, found, base)


def test_a_person_added_meanwhile_is_not_added_again(administrator: User, filer: User) -> None:
    base = plan_roster(administrator, administrator.bureau, FULL).base
    add_person(
        administrator,
        bureau=administrator.bureau,
        username="reviewer-9",
        name="别人",
        role=Role.REVIEWER,
    )
    with pytest.raises(ChangedSinceError):
        bring(administrator, FULL, base)
