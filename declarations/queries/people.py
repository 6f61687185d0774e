"""A bureau's departments and people, as those look at them who keep them."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from declarations import permissions
from declarations.models import (
    OF_DEPARTMENTS,
    Bureau,
    Department,
    DepartmentGroup,
    Role,
    Stage,
    State,
    User,
)

USERNAME = r"[\w.@+-]+"
NO_USERNAME = "用户名只能用文字、字母、数字和 . _ - @ +，中间不能有空格"

PAGE = 50
"""Lines of a list on one page."""

NO_GROUP = "none"
"""In place of a group's number: departments that are in none."""

ACTIVE, STOPPED, WITHOUT, WAITING = "active", "stopped", "without", "waiting"
PERSON_STATES = {
    ACTIVE: "使用中",
    WITHOUT: "未发放密码",
    WAITING: "尚未首次登录",
    STOPPED: "已停用",
}
"""What people can be filtered by. WITHOUT: nobody gave them a password; WAITING: they have not
chosen one of their own, and may or may not have been given one."""

_UNUSABLE = "!"
"""What a stored password begins with that nobody can have (django.contrib.auth.hashers)."""


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person with where their account stands, in words and a tone."""

    user: User

    @property
    def label(self) -> str:
        user = self.user
        if not user.is_active:
            return "已停用"
        if user.password_changed_at is not None:
            return "使用中"
        if not user.has_usable_password():
            return "已发邀请" if user.invited_at else "未发放密码"
        return "尚未首次登录"

    @property
    def tone(self) -> str:
        return {"使用中": "done", "未发放密码": "todo"}.get(self.label, "")


def departments_of(bureau: Bureau, *, search: str = "", group: str = "") -> QuerySet[Department]:
    """The bureau's departments with their people counted. group: a number, NO_GROUP or ""."""
    found = Department.objects.filter(bureau=bureau).select_related("parent", "group")
    if search:
        found = found.filter(Q(name__icontains=search) | Q(code__icontains=search))
    if group == NO_GROUP:
        found = found.filter(group=None)
    elif group.isdecimal():
        found = found.filter(group=int(group))
    people = Count("users", filter=Q(users__is_active=True))
    return found.annotate(people=people).order_by("-is_active", "code")


def groups_of(bureau: Bureau) -> QuerySet[DepartmentGroup]:
    """The bureau's groups with their departments counted."""
    return DepartmentGroup.objects.filter(bureau=bureau).annotate(number=Count("departments"))


def people_of(user: User) -> QuerySet[User]:
    """Whom a person manages; everything about people goes through here."""
    return User.objects.filter(
        bureau=user.bureau_id, role__in=permissions.roles_given_by(user)
    ).select_related("department")


def filtered(
    people: QuerySet[User],
    *,
    search: str = "",
    role: str = "",
    state: str = "",
    department: str = "",
) -> QuerySet[User]:
    """Those of the people who are looked for, in the order of the list. What is no filter is
    none."""
    if search:
        people = people.filter(
            Q(username__icontains=search)
            | Q(name__icontains=search)
            | Q(department__name__icontains=search)
        )
    if role in Role:
        people = people.filter(role=role)
    if department.isdecimal():
        people = people.filter(department=int(department))
    if state in PERSON_STATES:
        people = people.filter(is_active=state != STOPPED)
    if state in (WITHOUT, WAITING):
        people = people.filter(password_changed_at=None)
    if state == WITHOUT:
        people = people.filter(password__startswith=_UNUSABLE)
    return people.order_by("-is_active", "department__code", "role", "username")


def keepers_of(bureau: Bureau) -> list[User]:
    """Who keeps the bureau's people, to be asked."""
    posts = (Role.SYSTEM, Role.SECURITY)
    keepers = User.objects.filter(bureau=bureau, role__in=posts, is_active=True)
    return list(keepers.order_by("role", "name"))


def missed(user: User) -> list[str]:
    """What nobody else would do if this person were not there: sentences, none where nothing."""
    return [*_missed_in_department(user), *_missed_in_review(user)]


def _missed_in_department(user: User) -> list[str]:
    if user.role not in OF_DEPARTMENTS:
        return []
    same = User.objects.filter(department=user.department_id, role=user.role, is_active=True)
    role = Role(user.role).label
    if same.exclude(pk=user.pk).exists():
        return []
    return [f"{user.department}没有其他在用的{role}。"]


def _missed_in_review(user: User) -> list[str]:
    said = []
    if number := user.reviewing.filter(state=State.SUBMITTED).count():
        said.append(f"有 {number} 份申报正由其审核，其他审核人可以接手。")
    others = User.objects.filter(bureau=user.bureau_id, role=Role.REVIEWER, is_active=True)
    alone = (
        Stage.objects.filter(reviewers=user)
        .exclude(reviewers__in=others.exclude(pk=user.pk))
        .filter(round__declarations__state__in=[s for s in State if s != State.APPROVED])
    )
    said += [
        f"“{stage.round}”的“{stage}”环节只指定了这一位审核人，请在批次中另行指定。"
        for stage in alone.select_related("round").distinct()
    ]
    return said
