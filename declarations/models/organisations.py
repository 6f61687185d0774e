"""Who works with the system: finance bureaus, their departments, and people."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from declarations.models.guards import agree, bureau_of
from scoring.grades import Thresholds

CODE = RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*$", "编码只能用小写字母、数字和连字符")


class SecondFactor(models.TextChoices):
    """Who must log in with a one-time code besides the password."""

    OPTIONAL = "optional", "自愿启用"
    ADMINISTRATORS = "administrators", "系统管理员、安全管理员、审计员、公开管理员必须启用"
    BUREAU = "bureau", "财政局所有人员必须启用"
    EVERYBODY = "everybody", "所有人员必须启用"


class Bureau(models.Model):
    """财政局（区划）: owns departments, forms and rounds; nobody sees another's.

    password_days: after so many a password must be changed, 0: never. idle_minutes: after so
    many without a request one is logged out. grade_excellent, grade_good, grade_fair: of a
    self-evaluation, in points of 100, the least for 优, 良 and 中 (thresholds differ by place).
    file_pattern: how files of a bulk export are named. public_contact: whom citizens can turn to,
    as the public site says.
    """

    code = models.SlugField("编码", unique=True, validators=[CODE])
    name = models.CharField("名称", max_length=100)
    password_days = models.PositiveSmallIntegerField("密码有效期（天）", default=90)
    idle_minutes = models.PositiveSmallIntegerField("无操作自动退出（分钟）", default=30)
    second_factor = models.CharField(
        "动态口令", max_length=20, choices=SecondFactor.choices, default=SecondFactor.OPTIONAL
    )
    grade_excellent = models.DecimalField(
        "“优”的最低分", max_digits=5, decimal_places=2, default=90
    )
    grade_good = models.DecimalField("“良”的最低分", max_digits=5, decimal_places=2, default=80)
    grade_fair = models.DecimalField("“中”的最低分", max_digits=5, decimal_places=2, default=60)
    file_pattern = models.CharField(
        "导出文件名", max_length=200, default="{department}{year}年{form}"
    )
    public_contact = models.CharField("公开联系方式", max_length=200, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(idle_minutes__gte=5),
                name="bureau_leaves_time_to_think",
                violation_error_message="无操作自动退出的时间不能少于 5 分钟",
            ),
            CheckConstraint(
                condition=Q(grade_excellent__lte=100)
                & Q(grade_excellent__gt=models.F("grade_good"))
                & Q(grade_good__gt=models.F("grade_fair"))
                & Q(grade_fair__gt=0),
                name="bureau_grades_in_order",
                violation_error_message="“优”“良”“中”的最低分应依次降低，在 0 至 100 分之间",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def thresholds(self) -> Thresholds:
        """From which totals on it gives its grades."""
        return Thresholds(self.grade_excellent, self.grade_good, self.grade_fair)


class DepartmentGroup(models.Model):
    """部门分组: departments that are called on, or reviewed, together."""

    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="groups")
    name = models.CharField("名称", max_length=50)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["bureau", "name"],
                name="department_group_once",
                violation_error_message="已经有同名的分组",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """部门（单位）: files declarations. Its code is unique in the whole system, it is in REFs.

    is_active: whether new rounds can call on it.
    """

    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="departments")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    group = models.ForeignKey(
        DepartmentGroup,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="departments",
        verbose_name="分组",
    )
    code = models.SlugField("编码", unique=True, validators=[CODE])
    name = models.CharField("名称", max_length=100)
    is_active = models.BooleanField("使用中", default=True)

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(
                condition=~Q(parent=models.F("id")),
                name="department_is_not_its_own_parent",
                violation_error_message="部门不能是自己的上级部门",
            )
        ]
        triggers: ClassVar = [
            agree(
                "department_and_its_parent",
                "bureau_id",
                "parent_id",
                one="NEW.bureau_id",
                other=bureau_of("department", "parent_id"),
            ),
            agree(
                "department_and_its_group",
                "bureau_id",
                "group_id",
                one="NEW.bureau_id",
                other=bureau_of("departmentgroup", "group_id"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a person is here for. The three administrator posts (三员) are kept apart, as
    GB/T 22239 asks: system, security, audit."""

    FILER = "filer", "填报人"
    HEAD = "head", "部门负责人"
    REVIEWER = "reviewer", "审核人"
    PUBLISHER = "publisher", "公开管理员"
    SYSTEM = "system", "系统管理员"
    SECURITY = "security", "安全管理员"
    AUDITOR = "auditor", "审计员"


OF_DEPARTMENTS = (Role.FILER, Role.HEAD)
"""The roles of people who belong to a department; the others are the bureau's."""

ADMINISTRATOR_POSTS = (Role.SYSTEM, Role.SECURITY, Role.AUDITOR)
"""三员."""


class UserManager(BaseUserManager["User"]):
    """Creates people with a hashed password."""

    def create_user(self, username: str, password: str, **fields: Any) -> "User":
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.full_clean()
        user.save()
        return user


class User(AbstractBaseUser):
    """A person with one role in one bureau; filers and heads also have a department.

    password_changed_at: None where the password is the first one, given by somebody else,
    and must be changed. old_passwords: hashes of the last ones, which may not be used again.
    """

    username = models.CharField("用户名", max_length=50, unique=True)
    name = models.CharField("姓名", max_length=50)
    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="users")
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="users"
    )
    role = models.CharField("角色", max_length=20, choices=Role.choices)
    email = models.EmailField("电子邮箱", blank=True, default="")
    is_active = models.BooleanField("启用", default=True)
    invited_at = models.DateTimeField("邀请时间", null=True, blank=True)
    password_changed_at = models.DateTimeField("密码修改时间", null=True, blank=True)
    old_passwords = models.JSONField(default=list, blank=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(role__in=OF_DEPARTMENTS, department__isnull=False)
                | (~Q(role__in=OF_DEPARTMENTS) & Q(department__isnull=True)),
                name="user_of_department_has_one",
                violation_error_message="填报人和部门负责人必须属于一个部门，其他角色不属于部门",
            )
        ]
        triggers: ClassVar = [
            agree(
                "user_and_department",
                "bureau_id",
                "department_id",
                one="NEW.bureau_id",
                other=bureau_of("department", "department_id"),
            )
        ]

    def __str__(self) -> str:
        return self.name
