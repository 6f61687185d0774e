"""Who works with the system: finance bureaus, their departments, and people."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import CheckConstraint, Q

from declarations.models.guards import agree, bureau_of

CODE = RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*$", "编码只能用小写字母、数字和连字符")


class Bureau(models.Model):
    """财政局（区划）: owns departments, forms and rounds; nobody sees another's."""

    code = models.SlugField("编码", unique=True, validators=[CODE])
    name = models.CharField("名称", max_length=100)

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """部门（单位）: files declarations. Its code is unique in the whole system, it is in REFs."""

    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="departments")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    code = models.SlugField("编码", unique=True, validators=[CODE])
    name = models.CharField("名称", max_length=100)

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
            )
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    FILER = "filer", "填报人"
    REVIEWER = "reviewer", "审核人"
    ADMINISTRATOR = "administrator", "管理员"


class UserManager(BaseUserManager["User"]):
    """Creates people with a hashed password."""

    def create_user(self, username: str, password: str, **fields: Any) -> "User":
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.full_clean()
        user.save()
        return user


class User(AbstractBaseUser):
    """A person with one role in one bureau; a filer also has a department."""

    username = models.CharField("用户名", max_length=50, unique=True)
    name = models.CharField("姓名", max_length=50)
    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="users")
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="users"
    )
    role = models.CharField("角色", max_length=20, choices=Role.choices)
    is_active = models.BooleanField("启用", default=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints: ClassVar = [
            CheckConstraint(
                condition=(Q(role=Role.FILER) & Q(department__isnull=False))
                | (~Q(role=Role.FILER) & Q(department__isnull=True)),
                name="user_department_only_of_filers",
                violation_error_message="填报人必须属于一个部门，其他角色不属于部门",
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
