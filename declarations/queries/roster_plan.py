"""What a workbook of departments and people would add and change, and all that is wrong with it."""

import hashlib
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.db.models.functions import Lower

from declarations import permissions
from declarations.models import (
    OF_DEPARTMENTS,
    Bureau,
    Department,
    DepartmentGroup,
    Role,
    User,
)
from declarations.models.organisations import CODE
from declarations.queries.people import NO_USERNAME, USERNAME
from declarations.sheets.listing import Line
from declarations.sheets.problems import CellProblem
from declarations.sheets.roster import DEPARTMENTS, PEOPLE, Roster

_LENGTHS = {
    DEPARTMENTS: {"编码": 50, "名称": 100, "分组": 50},
    PEOPLE: {"用户名": 50, "姓名": 50, "电子邮箱": 254},
}
_LABELS = {
    "name": "名称",
    "parent": "上级部门",
    "group": "分组",
    "role": "角色",
    "department": "部门",
    "email": "电子邮箱",
}
_ROLES = {role.label: role for role in Role}


@dataclass(slots=True)
class Planned:
    """One line, carried out. existing: whom or what it is about, None: it is new.

    values: what will be written, by column of the model; references as codes and names.
    changes: of what exists, from what to what, as shown.
    """

    key: str
    values: dict[str, str]
    existing: Any = None
    changes: dict[str, list[str]] = field(default_factory=dict)

    @property
    def changes_shown(self) -> list[dict[str, str]]:
        """The changes with what their columns are called."""
        return [
            {"label": _LABELS[name], "before": before, "after": after}
            for name, (before, after) in self.changes.items()
        ]


@dataclass(slots=True)
class RosterPlan:
    """What to do, by sheet. With any problem, nothing is done."""

    departments: list[Planned] = field(default_factory=list)
    people: list[Planned] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)

    @property
    def new_departments(self) -> list[Planned]:
        return [p for p in self.departments if p.existing is None]

    @property
    def changed_departments(self) -> list[Planned]:
        return [p for p in self.departments if p.changes]

    @property
    def new_people(self) -> list[Planned]:
        return [p for p in self.people if p.existing is None]

    @property
    def changed_people(self) -> list[Planned]:
        return [p for p in self.people if p.changes]

    @property
    def unchanged(self) -> int:
        """How many lines say what is stored already."""
        lines = [*self.departments, *self.people]
        return sum(p.existing is not None and not p.changes for p in lines)

    def __bool__(self) -> bool:
        """Whether anything would change."""
        return len(self.departments) + len(self.people) > self.unchanged

    @property
    def summary(self) -> str:
        """``增加 3 个部门、12 人，修改 1 人``."""
        parts = [
            f"{verb} {'、'.join(f'{number} {unit}' for number, unit in counts if number)}"
            for verb, counts in (
                ("增加", ((len(self.new_departments), "个部门"), (len(self.new_people), "人"))),
                (
                    "修改",
                    ((len(self.changed_departments), "个部门"), (len(self.changed_people), "人")),
                ),
            )
            if any(number for number, _ in counts)
        ]
        return "，".join(parts)

    @property
    def base(self) -> str:
        """A digest of all that it would do: another, where something was changed meanwhile."""
        lines = [*self.departments, *self.people]
        done = [[p.key, p.values, p.changes, p.existing is None] for p in lines]
        text = json.dumps([done, self.groups], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def plan_roster(actor: User, bureau: Bureau, roster: Roster) -> RosterPlan:
    """Compares a roster with what is stored; a constant number of queries."""
    plan = RosterPlan(problems=list(roster.problems))
    departments = _Departments(bureau, roster.lines.get(DEPARTMENTS, []), plan)
    departments.plan_all()
    _People(actor, bureau, roster.lines.get(PEOPLE, []), plan, departments.known()).plan_all()
    return plan


class _Sheet(ABC):
    """The lines of one sheet, checked one by one."""

    name = ""
    key = ""

    def __init__(self, lines: list[Line], plan: RosterPlan) -> None:
        self.lines = lines
        self.plan = plan
        self.seen: dict[str, int] = {}

    def complain(self, line: Line, heading: str, message: str) -> None:
        self.plan.problems.append(CellProblem(self.name, line.cell(heading), message))

    def plan_all(self) -> None:
        """Plans every line that nothing is wrong with, and says of the others all that is."""
        for line in self.lines:
            before = len(self.plan.problems)
            self.check_key(line)
            self.check(line)
            for heading, longest in _LENGTHS[self.name].items():
                if len(line.text(heading)) > longest:
                    self.complain(line, heading, f"{heading}最多 {longest} 字，请缩短")
            if len(self.plan.problems) == before:
                self.plan_line(line)

    def check_key(self, line: Line) -> None:
        """It is there, once."""
        text = line.text(self.key)
        if not text:
            self.complain(line, self.key, f"请填写{self.key}")
        elif earlier := self.seen.get(text.casefold()):
            message = f"{self.key}“{text}”与第 {earlier} 行重复，请删去其中一行"
            self.complain(line, self.key, message)
        else:
            self.seen[text.casefold()] = line.row

    @abstractmethod
    def check(self, line: Line) -> None:
        """Everything else."""

    @abstractmethod
    def plan_line(self, line: Line) -> None:
        """A line that nothing is wrong with."""


class _Departments(_Sheet):
    name, key = DEPARTMENTS, "编码"

    def __init__(self, bureau: Bureau, lines: list[Line], plan: RosterPlan) -> None:
        super().__init__(lines, plan)
        own = Department.objects.filter(bureau=bureau).select_related("parent", "group")
        self.stored = {department.code: department for department in own}
        codes = [line.text("编码") for line in lines]
        others = Department.objects.filter(code__in=codes).exclude(bureau=bureau)
        self.foreign = set(others.values_list("code", flat=True)) if lines else set()
        self.groups = set(
            DepartmentGroup.objects.filter(bureau=bureau).values_list("name", flat=True)
        )
        self.in_file = set(codes) - {""}

    def known(self) -> dict[str, bool]:
        """The codes that people can be given, and whether each is in use."""
        in_file = dict.fromkeys(self.in_file, True)  # also what is wrong, which is said once
        return in_file | {code: d.is_active for code, d in self.stored.items()}

    def plan_all(self) -> None:
        super().plan_all()
        self._refuse_circles()
        wanted = {p.values["group"] for p in self.plan.departments} - {""}
        self.plan.groups = sorted(wanted - self.groups)

    def check(self, line: Line) -> None:
        code, parent = line.text("编码"), line.text("上级部门编码")
        if code and not re.fullmatch(CODE.regex, code):
            self.complain(line, "编码", f"“{code}”不能作编码：只能用小写字母、数字和连字符")
        elif code in self.foreign:
            self.complain(line, "编码", f"编码“{code}”已被其他财政局使用，请换一个，例如加上区划")
        if not line.text("名称"):
            self.complain(line, "名称", "请填写名称")
        if parent and parent not in self.in_file and parent not in self.stored:
            self.complain(
                line,
                "上级部门编码",
                f"没有编码为“{parent}”的部门，请先在本表中加上，或改为已有的编码",
            )

    def plan_line(self, line: Line) -> None:
        code = line.text("编码")
        existing = self.stored.get(code)
        now = {
            "name": existing.name if existing else "",
            "parent": existing.parent.code if existing and existing.parent else "",
            "group": existing.group.name if existing and existing.group else "",
        }
        typed = {"name": "名称", "parent": "上级部门编码", "group": "分组"}
        texts = {name: line.text(heading) for name, heading in typed.items()}
        self.plan.departments.append(_planned(code, existing, now, texts))

    def _refuse_circles(self) -> None:
        above = {code: d.parent.code if d.parent else "" for code, d in self.stored.items()}
        above |= {p.key: p.values["parent"] for p in self.plan.departments}
        for line in self.lines:
            code, path = line.text("编码"), []
            step = above.get(code, "")
            while step and step not in path:
                path.append(step)
                step = above.get(step, "")
            if code in path:
                self.complain(line, "上级部门编码", "上级部门不能是自己，也不能是自己的下级")


class _People(_Sheet):
    name, key = PEOPLE, "用户名"

    def __init__(
        self,
        actor: User,
        bureau: Bureau,
        lines: list[Line],
        plan: RosterPlan,
        departments: Mapping[str, bool],
    ) -> None:
        super().__init__(lines, plan)
        self.actor = actor
        self.bureau = bureau
        self.departments = departments
        names = [line.text("用户名").lower() for line in lines]
        self.stored = {u.username.lower(): u for u in _by_lower_name(names)} if lines else {}

    def check(self, line: Line) -> None:
        self._check_username(line)
        if not line.text("姓名"):
            self.complain(line, "姓名", "请填写姓名")
        self._check_role(line)
        if email := line.text("电子邮箱"):
            try:
                validate_email(email)
            except ValidationError:
                self.complain(line, "电子邮箱", f"“{email}”不是电子邮箱地址，请改正或清空")

    def _check_username(self, line: Line) -> None:
        username = line.text("用户名")
        existing = self.stored.get(username.lower())
        if username and not re.fullmatch(USERNAME, username):
            self.complain(line, "用户名", NO_USERNAME)
        elif username != User.normalize_username(username):
            self.complain(line, "用户名", f"用户名“{username}”含有全角字符，请改用半角")
        elif existing is None:
            return
        elif existing.bureau_id != self.bureau.pk:
            self.complain(line, "用户名", f"用户名“{username}”已被其他财政局使用，请换一个")
        elif existing.username != username:
            self.complain(line, "用户名", f"已有用户名“{existing.username}”，请照此写，或换一个")
        elif not permissions.can_manage_person(self.actor, existing):
            role = Role(existing.role).label
            self.complain(line, "用户名", f"“{username}”是{role}，不由您管理，请删去这一行")

    def _check_role(self, line: Line) -> None:
        given = permissions.roles_given_by(self.actor)
        names = "、".join(role.label for role in given)
        label, code = line.text("角色"), line.text("部门编码")
        role = _ROLES.get(label)
        if role is None:
            message = f"没有“{label}”这个角色" if label else "请填写角色"
            self.complain(line, "角色", f"{message}，可以填：{names}")
        elif role not in given:
            self.complain(line, "角色", f"{label}不由您任命，可以填：{names}")
        elif role not in OF_DEPARTMENTS:
            if code:
                self.complain(line, "部门编码", f"{label}不属于部门，请清空部门编码")
        elif code not in self.departments:
            existing = self.stored.get(line.text("用户名").lower())
            if code:
                self.complain(
                    line,
                    "部门编码",
                    f"没有编码为“{code}”的部门，请先在“{DEPARTMENTS}”表中加上，或改为已有的编码",
                )
            elif existing is None or existing.department_id is None:
                self.complain(line, "部门编码", f"{label}必须填写部门编码")
        elif not self.departments[code]:
            self.complain(line, "部门编码", f"部门“{code}”已停用，请先恢复，或改为其他部门")

    def plan_line(self, line: Line) -> None:
        username, role = line.text("用户名"), _ROLES[line.text("角色")]
        existing = self.stored.get(username.lower())
        department = existing.department if existing else None
        now = {
            "name": existing.name if existing else "",
            "role": Role(existing.role).label if existing else "",
            "department": department.code if department else "",
            "email": existing.email if existing else "",
        }
        typed = {"name": "姓名", "role": "角色", "department": "部门编码", "email": "电子邮箱"}
        texts = {name: line.text(heading) for name, heading in typed.items()}
        planned = _planned(username, existing, now, texts)
        if role not in OF_DEPARTMENTS and planned.values["department"]:
            planned.changes["department"] = [planned.values["department"], ""]
            planned.values["department"] = ""
        self.plan.people.append(planned)


def _planned(key: str, existing: Any, now: Mapping[str, str], typed: Mapping[str, str]) -> Planned:
    """What a line comes to: what it leaves blank stays as it is."""
    values = {name: text or now[name] for name, text in typed.items()}
    changes = {name: [now[name], text] for name, text in values.items() if text != now[name]}
    return Planned(key, values, existing, changes if existing else {})


def _by_lower_name(names: list[str]) -> QuerySet[User]:
    """People of all bureaus, by their user names in lower case."""
    return (
        User.objects.annotate(lower=Lower("username"))
        .filter(lower__in=names)
        .select_related("department")
    )
