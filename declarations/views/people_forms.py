"""What is filled in about departments and people."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from crispy_forms.helper import FormHelper
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from declarations import permissions
from declarations.domain.errors import RefusedError
from declarations.models import OF_DEPARTMENTS, Bureau, Department, DepartmentGroup, Role, User
from declarations.queries.people import NO_GROUP, PERSON_STATES

Made = TypeVar("Made")

_ALL = [("", "全部")]
SLIP, INVITATION, LATER = "slip", "invitation", "later"


class _DepartmentField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """By name, with the code: names of different districts are alike."""

    def label_from_instance(self, obj: Department) -> str:
        return f"{obj.name}（{obj.code}）"


class _Filters(forms.Form):
    """Filters in the address. What is not valid there filters nothing."""

    q = forms.CharField(label="查找", required=False, max_length=50)

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="filter-%s")
        self.helper = _helper()
        self.helper.disable_csrf = True

    def _choose(self, name: str, choices: Sequence[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*_ALL, *choices]

    @property
    def wanted(self) -> dict[str, str]:
        """Those that are valid and set."""
        self.is_valid()
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


class DepartmentFilters(_Filters):
    """By name or code, and by group."""

    group = forms.ChoiceField(label="分组", required=False)

    def __init__(self, groups: Sequence[DepartmentGroup], data: Any) -> None:
        super().__init__(data)
        self.fields["q"].widget = _search("名称或编码")
        self._choose("group", [*((g.pk, g.name) for g in groups), (NO_GROUP, "未分组")])


class PersonFilters(_Filters):
    """By name, user name or department, by role, and by the state of the account."""

    role = forms.ChoiceField(label="角色", required=False)
    state = forms.ChoiceField(label="账号", required=False)
    department = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, user: User, data: Any) -> None:
        super().__init__(data)
        self.fields["q"].widget = _search("姓名、用户名或部门")
        self._choose("role", [(r.value, r.label) for r in permissions.roles_given_by(user)])
        self._choose("state", list(PERSON_STATES.items()))


class DepartmentForm(forms.Form):
    """A department. Its code can be written until it has declarations."""

    code = forms.CharField(
        label="编码",
        max_length=50,
        help_text="小写字母、数字和连字符，例如 panyu-dpf。写在申报的编号里，有申报以后不能改。",
        error_messages={"required": "请填写编码"},
    )
    name = forms.CharField(label="名称", max_length=100, error_messages={"required": "请填写名称"})
    parent = _DepartmentField(
        label="上级部门", required=False, queryset=Department.objects.none(), empty_label="没有"
    )
    group = forms.ModelChoiceField(
        label="分组",
        required=False,
        queryset=DepartmentGroup.objects.none(),
        empty_label="不分组",
        help_text="同一分组的部门可以一起选进批次、一起分派审核。",
    )

    def __init__(
        self, bureau: Bureau, *args: Any, department: Department | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        others = Department.objects.filter(bureau=bureau).order_by("code")
        if department is not None:
            others = others.exclude(pk=department.pk)
        _choose_from(self.fields["parent"], others)
        _choose_from(self.fields["group"], DepartmentGroup.objects.filter(bureau=bureau))
        self.helper = _helper()


class GroupForm(forms.Form):
    """What a group is called."""

    name = forms.CharField(
        label="分组名称", max_length=50, error_messages={"required": "请填写分组名称"}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = _helper()


class PersonForm(forms.Form):
    """A person, as somebody who keeps people of certain roles writes them."""

    name = forms.CharField(label="姓名", max_length=50, error_messages={"required": "请填写姓名"})
    role = forms.ChoiceField(label="角色", error_messages={"required": "请选择角色"})
    department = _DepartmentField(
        label="部门",
        required=False,
        queryset=Department.objects.none(),
        empty_label="不属于部门",
        help_text="填报人和部门负责人必须选择部门，其他角色不选。",
    )
    email = forms.EmailField(
        label="电子邮箱",
        required=False,
        help_text="用来接收通知、邀请和找回密码。",
        error_messages={"invalid": "这不是电子邮箱地址"},
    )

    def __init__(self, keeper: User, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = permissions.roles_given_by(keeper)
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)
        role.choices = [(r.value, r.label) for r in roles]
        if user is None:
            role.choices = [("", "请选择"), *role.choices]
        if set(roles) & set(OF_DEPARTMENTS):
            departments = Department.objects.filter(bureau=keeper.bureau_id, is_active=True)
            if user is not None and user.department_id:
                departments |= Department.objects.filter(pk=user.department_id)
            _choose_from(self.fields["department"], departments.order_by("code"))
        else:
            del self.fields["department"]
        if user is not None and user.pk == keeper.pk:
            role.disabled = True
            role.help_text = "不能修改自己的角色。"
        self.helper = _helper()

    def clean(self) -> dict[str, Any]:
        """A department where the role needs one, and none where it does not."""
        data: dict[str, Any] = self.cleaned_data
        role, department = data.get("role"), data.setdefault("department", None)
        if role in OF_DEPARTMENTS and department is None and "department" not in self.errors:
            self.add_error("department", f"{Role(role).label}必须选择部门")
        elif role and role not in OF_DEPARTMENTS and department is not None:
            self.add_error("department", f"{Role(role).label}不属于部门，请选“不属于部门”")
        if role:
            data["role"] = Role(role)
        return data


class NewPersonForm(PersonForm):
    """The same with a user name, which stays, and how the person comes to a password."""

    username = forms.CharField(
        label="用户名",
        max_length=50,
        help_text="登录用，以后不能改。全系统不能重复，建议用“单位-姓名拼音”。",
        error_messages={"required": "请填写用户名"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    give = forms.ChoiceField(label="首次登录", widget=forms.RadioSelect, initial=SLIP)
    field_order = ("username", "name", "role", "department", "email", "give")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        give = self.fields["give"]
        assert isinstance(give, forms.ChoiceField)
        give.choices = [(SLIP, "现在显示首次密码，打印后交给本人")]
        if settings.EMAIL_HOST:
            give.choices += [(INVITATION, "发送邀请邮件，由本人设置密码（须填写电子邮箱）")]
        give.choices += [(LATER, "以后再发放")]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("give") == INVITATION and not data.get("email") and "email" not in self.errors:
            self.add_error("email", "发送邀请邮件须填写电子邮箱")
        return data


class RosterForm(forms.Form):
    """A workbook of departments and people."""

    workbook = forms.FileField(
        label="工作簿",
        help_text="按模板填好的 .xlsx 文件，不超过 10 MB。",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": "请选择文件", "empty": "这个文件是空的"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = _helper()


def done_or_said(
    form: forms.Form, act: Callable[..., Made], *arguments: Any, **named: Any
) -> Made | None:
    """What a domain function gives; None where it refused, which is then said in the form."""
    try:
        return act(*arguments, **named)
    except RefusedError as refusal:
        form.add_error(None, str(refusal))
    except ValidationError as error:
        form.add_error(None, error)
    return None


def _search(placeholder: str) -> forms.TextInput:
    return forms.TextInput(attrs={"type": "search", "placeholder": placeholder})


def _choose_from(field: forms.Field, choices: Any) -> None:
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = choices


def _helper() -> FormHelper:
    """The fields alone: the page has the form's tag and its buttons."""
    helper = FormHelper()
    helper.form_tag = False
    return helper
