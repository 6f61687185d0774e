"""Departments and groups: who may, what may be, and what is written down."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from declarations.domain import departments as domain
from declarations.domain.errors import NotPermittedError, RefusedError
from declarations.models import (
    Declaration,
    Department,
    DepartmentGroup,
    Event,
    EventKind,
    Role,
    Round,
    User,
)
from declarations.queries.record import Wanted, page_of, record_of
from tests import factories
from tests.keeping import keeper, told


def written(department: Department, **changed: Any) -> dict[str, Any]:
    """What `change_department` is given: what the department is, but for what is said."""
    names = ("code", "name", "parent", "group")
    return {name: getattr(department, name) for name in names} | changed


@pytest.fixture
def group(administrator: User) -> DepartmentGroup:
    return domain.add_group(administrator, bureau=administrator.bureau, name="民生组")


def test_adding_a_department(administrator: User, department: Department, group: Any) -> None:
    made = domain.add_department(
        administrator,
        bureau=administrator.bureau,
        code="panyu-sports",
        name="体育局",
        parent=department,
        group=group,
    )
    made.refresh_from_db()
    assert (made.bureau, made.parent, made.group) == (administrator.bureau, department, group)
    assert made.is_active
    assert told(EventKind.DEPARTMENT_ADDED) == [{"department": "panyu-sports", "name": "体育局"}]
    assert Event.objects.filter(kind=EventKind.DEPARTMENT_ADDED).get().actor == administrator


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("panyu-dpf", "编码"),
        ("Panyu", "小写字母"),
        ("pan yu", "小写字母"),
        ("", ""),
        ("x" * 51, "50"),
    ],
)
def test_a_code_that_cannot_be(administrator: User, code: str, said: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        domain.add_department(administrator, bureau=administrator.bureau, code=code, name="局")
    assert list(refusal.value.message_dict) == ["code"]
    assert said in "".join(refusal.value.messages)
    assert Department.objects.count() == 1
    assert not Event.objects.exists()


def test_a_code_of_another_bureau_is_taken(administrator: User, outsider: User) -> None:
    factories.DepartmentFactory.create(bureau=outsider.bureau, code="sports")
    with pytest.raises(ValidationError):
        domain.add_department(administrator, bureau=administrator.bureau, code="sports", name="局")


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SYSTEM])
def test_only_system_administrators_keep_departments(department: Department, role: Role) -> None:
    at_home = department if role in (Role.FILER, Role.HEAD) else None
    someone = keeper(department.bureau, role, department=at_home)
    acts: list[Any] = [
        lambda: domain.add_department(someone, bureau=department.bureau, code="x", name="局"),
        lambda: domain.change_department(
            someone, department_id=department.pk, **written(department, name="局")
        ),
        lambda: domain.stop_department(someone, department_id=department.pk),
        lambda: domain.resume_department(someone, department_id=department.pk),
        lambda: domain.add_group(someone, bureau=department.bureau, name="组"),
        lambda: domain.assign_group(
            someone, bureau=department.bureau, department_ids=[department.pk], group=None
        ),
    ]
    for act in acts:
        with pytest.raises(NotPermittedError):
            act()
    assert not Event.objects.exists()


def test_another_bureaus_departments_are_none_of_ones_business(
    department: Department, group: DepartmentGroup, outsider: User
) -> None:
    stranger = keeper(outsider.bureau, Role.SYSTEM)
    before = Event.objects.count()
    for act in (
        lambda: domain.stop_department(stranger, department_id=department.pk),
        lambda: domain.change_department(
            stranger, department_id=department.pk, **written(department, name="局")
        ),
        lambda: domain.rename_group(stranger, group_id=group.pk, name="组"),
        lambda: domain.delete_group(stranger, group_id=group.pk),
    ):
        with pytest.raises(NotPermittedError):
            act()
    foreign = factories.DepartmentFactory.create(bureau=outsider.bureau)
    with pytest.raises(RefusedError, match="请先选择部门"):
        domain.assign_group(
            stranger, bureau=outsider.bureau, department_ids=[department.pk], group=None
        )
    with pytest.raises(RefusedError, match="没有这个分组"):
        domain.assign_group(
            stranger, bureau=outsider.bureau, department_ids=[foreign.pk], group=group
        )
    for wrong in ({"parent": department}, {"group": group}):
        with pytest.raises(RefusedError, match="本财政局"):
            domain.add_department(stranger, bureau=outsider.bureau, code="new", name="局", **wrong)
    assert Event.objects.count() == before


def test_changing_says_from_what_to_what(
    administrator: User, department: Department, group: DepartmentGroup
) -> None:
    changed = written(department, name="残联", group=group)
    domain.change_department(administrator, department_id=department.pk, **changed)
    domain.change_department(administrator, department_id=department.pk, **changed)
    assert told(EventKind.DEPARTMENT_CHANGED) == [
        {
            "department": "panyu-dpf",
            "changes": {"name": ["广州市番禺区残疾人联合会", "残联"], "group": ["", "民生组"]},
        }
    ]


def test_the_code_stays_once_it_is_in_a_reference(
    administrator: User, declaration: Declaration
) -> None:
    department = declaration.department
    with pytest.raises(RefusedError, match="不能再改"):
        domain.change_department(
            administrator, department_id=department.pk, **written(department, code="other")
        )
    other = factories.DepartmentFactory.create(bureau=department.bureau)
    Round.objects.update(waiting=[other.pk])
    with pytest.raises(RefusedError, match="不能再改"):
        domain.change_department(
            administrator, department_id=other.pk, **written(other, code="other")
        )
    Round.objects.update(waiting=[])
    domain.change_department(administrator, department_id=other.pk, **written(other, code="other"))
    assert Department.objects.filter(code="other", pk=other.pk).exists()


def test_no_department_is_above_itself(administrator: User, department: Department) -> None:
    def below(parent: Department, code: str) -> Department:
        return domain.add_department(
            administrator, bureau=administrator.bureau, code=code, name=code, parent=parent
        )

    lowest = below(below(department, "middle"), "lowest")
    for parent in (lowest, lowest.parent, department):
        with pytest.raises(RefusedError, match="下级"):
            domain.change_department(
                administrator, department_id=department.pk, **written(department, parent=parent)
            )
    department.refresh_from_db()
    assert department.parent is None


def test_stopping_and_resuming_count_once(administrator: User, department: Department) -> None:
    for _ in range(2):
        domain.stop_department(administrator, department_id=department.pk)
    department.refresh_from_db()
    assert not department.is_active
    for _ in range(2):
        domain.resume_department(administrator, department_id=department.pk)
    assert told(EventKind.DEPARTMENT_CHANGED) == [
        {"department": "panyu-dpf", "changes": {"is_active": ["停用", "使用中"]}},
        {"department": "panyu-dpf", "changes": {"is_active": ["使用中", "停用"]}},
    ]


def test_groups_are_added_renamed_and_deleted(
    administrator: User, department: Department, group: DepartmentGroup
) -> None:
    with pytest.raises(ValidationError, match="同名"):
        domain.add_group(administrator, bureau=administrator.bureau, name="民生组")
    other = domain.add_group(administrator, bureau=administrator.bureau, name="教卫组")
    with pytest.raises(ValidationError, match="同名"):
        domain.rename_group(administrator, group_id=other.pk, name="民生组")
    domain.rename_group(administrator, group_id=group.pk, name="社保组")
    domain.assign_group(
        administrator,
        bureau=administrator.bureau,
        department_ids=[department.pk],
        group=group,
    )
    domain.delete_group(administrator, group_id=group.pk)
    department.refresh_from_db()
    assert department.group is None
    assert told(EventKind.GROUP_CHANGED) == [
        {"group": "社保组", "deleted": True, "departments": ["panyu-dpf"]},
        {"group": "民生组", "departments": ["panyu-dpf"]},
        {"group": "社保组", "changes": {"name": ["民生组", "社保组"]}},
        {"group": "教卫组", "added": True},
        {"group": "民生组", "added": True},
    ]


def test_many_are_put_into_a_group_at_once(
    administrator: User, department: Department, group: DepartmentGroup
) -> None:
    others = factories.DepartmentFactory.create_batch(3, bureau=administrator.bureau)
    ids = [d.pk for d in (department, *others)]

    def assign(target: DepartmentGroup | None) -> int:
        return domain.assign_group(
            administrator, bureau=administrator.bureau, department_ids=ids, group=target
        )

    assert (assign(group), assign(group), assign(None)) == (4, 0, 4)
    assert group.departments.count() == 0
    assert len([t for t in told(EventKind.GROUP_CHANGED) if "departments" in t]) == 2


def test_an_auditor_reads_what_was_changed_in_words(
    administrator: User, department: Department, group: DepartmentGroup
) -> None:
    domain.change_department(
        administrator, department_id=department.pk, **written(department, group=group)
    )
    domain.stop_department(administrator, department_id=department.pk)
    wanted = Wanted(kind=EventKind.DEPARTMENT_CHANGED)
    lines, _ = page_of(record_of(department.bureau, wanted), None)
    assert [line.details for line in lines] == [
        "部门：panyu-dpf；状态：使用中 → 停用",
        "部门：panyu-dpf；分组：（空） → 民生组",
    ]
