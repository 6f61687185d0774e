"""departments/…: a system administrator's departments and groups."""

from typing import Any

import pytest
from django.urls import reverse

from declarations.domain.departments import add_group, stop_department
from declarations.models import Department, DepartmentGroup, User
from tests import factories


@pytest.fixture
def keeper_client(as_user: Any, administrator: User) -> Any:
    return as_user(administrator)


def page(client: Any, name: str, *arguments: Any, query: str = "") -> str:
    answer = client.get(reverse(name, args=arguments) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def said(answer: Any) -> str:
    return answer.content.decode()


def test_an_empty_list_says_how_to_begin(as_user: Any, db: None) -> None:
    someone = factories.UserFactory.create(role="system")
    text = page(as_user(someone), "departments")
    assert "还没有部门" in text
    assert reverse("people-import") in text
    assert reverse("department-add") in text


def test_the_list_is_the_bureaus_own(keeper_client: Any, department: Department) -> None:
    foreign = factories.DepartmentFactory.create()
    text = page(keeper_client, "departments")
    assert department.name in text
    assert foreign.name not in text
    assert keeper_client.get(reverse("department", args=[foreign.pk])).status_code == 404


def test_it_is_searched_and_filtered(
    keeper_client: Any, administrator: User, department: Department
) -> None:
    group = add_group(administrator, bureau=administrator.bureau, name="民生组")
    other = factories.DepartmentFactory.create(
        bureau=department.bureau, name="体育局", code="panyu-sports", group=group
    )
    for query, found in (
        ("?q=体育", {other}),
        ("?q=PANYU-DPF", {department}),
        (f"?group={group.pk}", {other}),
        ("?group=none", {department}),
        ("?group=999999", {department, other}),  # no filter of ours
        ("?q=nothing", set()),
    ):
        text = page(keeper_client, "departments", query=query)
        assert {d for d in (department, other) if f">{d.name}</a>" in text} == found, query
    assert "没有符合条件的部门" in page(keeper_client, "departments", query="?q=nothing")


def test_it_is_paged(keeper_client: Any, department: Department) -> None:
    factories.DepartmentFactory.create_batch(60, bureau=department.bureau)
    first, second = (page(keeper_client, "departments", query=f"?page={n}") for n in (1, 2))
    assert (first.count('name="department"'), second.count('name="department"')) == (50, 11)
    assert "共 2 页" in first
    assert "共 2 页" in page(keeper_client, "departments", query="?page=99")


def test_people_are_counted_who_are_not_stopped(keeper_client: Any, filer: User) -> None:
    assert "1 人" in page(keeper_client, "departments")
    User.objects.filter(pk=filer.pk).update(is_active=False)
    assert "没有人员" in page(keeper_client, "departments")


def test_one_is_added_and_the_next(keeper_client: Any, department: Department) -> None:
    fields = {"code": "sports", "name": "体育局", "parent": department.pk, "group": ""}
    answer = keeper_client.post(reverse("department-add"), {**fields, "again": "1"})
    assert answer.url == reverse("department-add")
    fields |= {"code": "culture", "name": "文化局"}
    assert keeper_client.post(reverse("department-add"), fields).url == reverse("departments")
    assert Department.objects.get(code="sports").parent == department


@pytest.mark.parametrize(
    ("fields", "beside"),
    [
        ({"code": "panyu-dpf"}, "code"),
        ({"code": "Bad Code"}, "code"),
        ({"code": ""}, "code"),
        ({"name": " "}, "name"),
        ({"parent": "999999"}, "parent"),
        ({"group": "x"}, "group"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    keeper_client: Any, department: Department, fields: dict[str, Any], beside: str
) -> None:
    right = {"code": "sports", "name": "体育局", "parent": "", "group": ""}
    answer = keeper_client.post(reverse("department-add"), {**right, **fields})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [beside]
    assert f'id="error_1_id_{beside}"' in said(answer)
    assert Department.objects.count() == 1


def test_another_bureaus_departments_are_no_parents(
    keeper_client: Any, department: Department
) -> None:
    foreign = factories.DepartmentFactory.create()
    fields = {"code": "sports", "name": "体育局", "parent": foreign.pk, "group": ""}
    answer = keeper_client.post(reverse("department-add"), fields)
    assert list(answer.context["form"].errors) == ["parent"]


def test_one_is_changed(keeper_client: Any, department: Department) -> None:
    address = reverse("department", args=[department.pk])
    fields = {"code": "dpf", "name": "残联", "parent": "", "group": ""}
    assert keeper_client.post(address, fields).url == address
    department.refresh_from_db()
    assert (department.code, department.name) == ("dpf", "残联")


def test_the_code_of_one_with_declarations_is_locked(
    keeper_client: Any, declaration: Any, department: Department
) -> None:
    address = reverse("department", args=[department.pk])
    assert page(keeper_client, "department", department.pk).count("disabled") == 1
    fields = {"code": "dpf", "name": "残联", "parent": "", "group": ""}
    assert keeper_client.post(address, fields).url == address
    department.refresh_from_db()
    assert (department.code, department.name) == ("panyu-dpf", "残联")


def test_a_circle_is_refused_in_words(keeper_client: Any, department: Department) -> None:
    below = factories.DepartmentFactory.create(bureau=department.bureau, parent=department)
    fields = {"code": "panyu-dpf", "name": "残联", "parent": below.pk, "group": ""}
    answer = keeper_client.post(reverse("department", args=[department.pk]), fields)
    assert "不能作它的上级部门" in said(answer)


def test_one_is_stopped_and_resumed(keeper_client: Any, department: Department) -> None:
    answer = keeper_client.post(reverse("department-stop", args=[department.pk]), follow=True)
    assert "新的批次不再列入" in said(answer)
    assert "恢复使用" in said(answer)
    department.refresh_from_db()
    assert not department.is_active
    keeper_client.post(reverse("department-resume", args=[department.pk]))
    department.refresh_from_db()
    assert department.is_active


# Groups


@pytest.fixture
def group(administrator: User) -> DepartmentGroup:
    return add_group(administrator, bureau=administrator.bureau, name="民生组")


def test_a_group_is_added_renamed_and_deleted(keeper_client: Any) -> None:
    keeper_client.post(reverse("groups"), {"name": "民生组"})
    found = DepartmentGroup.objects.get()
    assert "已经有同名的分组" in said(keeper_client.post(reverse("groups"), {"name": "民生组"}))
    keeper_client.post(reverse("group", args=[found.pk]), {"name": "社保组"})
    assert "社保组" in page(keeper_client, "groups")
    for _ in range(2):
        answer = keeper_client.post(reverse("group-delete", args=[found.pk]))
        assert answer.url == reverse("groups")
    assert not DepartmentGroup.objects.exists()


def test_many_are_put_into_a_group_and_the_list_stays_filtered(
    keeper_client: Any, department: Department, group: DepartmentGroup
) -> None:
    others = factories.DepartmentFactory.create_batch(2, bureau=department.bureau)
    ids = [d.pk for d in (department, *others)]
    address = reverse("departments-assign") + "?group=none&page=2"
    answer = keeper_client.post(address, {"department": ids, "group": group.pk}, follow=True)
    assert answer.redirect_chain[0][0] == reverse("departments") + "?group=none&page=2"
    assert "已将 3 个部门归入“民生组”" in said(answer)
    assert group.departments.count() == 3
    keeper_client.post(address, {"department": ids[:1], "group": "none"})
    assert group.departments.count() == 2


def test_nothing_chosen_is_said(keeper_client: Any, group: DepartmentGroup) -> None:
    answer = keeper_client.post(reverse("departments-assign"), {"group": group.pk}, follow=True)
    assert "请先选择部门" in said(answer)


def test_another_bureaus_groups_and_departments_are_none(
    keeper_client: Any, department: Department, group: DepartmentGroup
) -> None:
    foreign = DepartmentGroup.objects.create(bureau=factories.BureauFactory.create(), name="别人的")
    theirs = factories.DepartmentFactory.create(bureau=foreign.bureau)
    fields = {"department": [department.pk], "group": foreign.pk}
    assert keeper_client.post(reverse("departments-assign"), fields).status_code == 404
    keeper_client.post(
        reverse("departments-assign"), {"department": [theirs.pk], "group": group.pk}
    )
    theirs.refresh_from_db()
    assert theirs.group is None
    assert keeper_client.get(reverse("group", args=[foreign.pk])).status_code == 404
    keeper_client.post(reverse("group-delete", args=[foreign.pk]))
    assert DepartmentGroup.objects.filter(pk=foreign.pk).exists()


def test_a_stopped_department_is_said_to_be(
    keeper_client: Any, administrator: User, department: Department
) -> None:
    stop_department(administrator, department_id=department.pk)
    assert "已停用" in page(keeper_client, "departments")
