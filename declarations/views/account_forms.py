"""What a person fills in about their own account, and a security administrator about others'."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm

from declarations.models import SecondFactor


def _whole_number(least: int, most: int) -> dict[str, str]:
    wrong = f"请填写 {least} 至 {most} 的整数"
    return dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong)


class LoginForm(AuthenticationForm):
    """User name and password."""

    error_messages = {  # noqa: RUF012  (Django's own attribute)
        "invalid_login": "用户名或密码不正确，请重新输入。连续输错 5 次将锁定 15 分钟。",
        "inactive": "这个账号已停用，请联系管理员。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "用户名"
        self.fields["password"].label = "密码"
        self.helper = helper("登录")


class CodeForm(forms.Form):
    """The one-time code from the phone, or a recovery code."""

    code = forms.CharField(
        label="动态口令",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
        help_text="手机上显示的 6 位数字，每 30 秒更换一次。手机不在身边时，填一个恢复码。",
        error_messages={"required": "请填写动态口令"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper("登录")


class NewPasswordForm(PasswordChangeForm):
    """The old password, and the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper("修改密码")


class ChosenPasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    """A new password twice, for who came by a link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper("设置新密码")


class ForgottenForm(forms.Form):
    """The user name of an account whose password is forgotten."""

    username = forms.CharField(
        label="用户名",
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
        error_messages={"required": "请填写用户名"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper("发送链接")


class SetUpForm(forms.Form):
    """A code from the phone that is to be used from now on; the password where one was before."""

    password = forms.CharField(
        label="登录密码",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "请填写登录密码"},
    )
    code = forms.CharField(
        label="手机上显示的 6 位数字",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": "请填写动态口令"},
    )

    def __init__(self, *args: Any, replaces: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not replaces:
            del self.fields["password"]
        self.helper = helper("更换" if replaces else "启用")


class PasswordForm(forms.Form):
    """One's password again, before what weakens the account."""

    password = SetUpForm.base_fields["password"]

    def __init__(self, *args: Any, submit: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper(submit)


class SecurityForm(forms.Form):
    """What protects a bureau's accounts; the columns of `Bureau`."""

    password_days = forms.IntegerField(
        label="密码有效期（天）",
        min_value=0,
        max_value=365,
        help_text="超过这个天数，登录后必须先修改密码。0 表示不限。等级保护测评一般要求不超过 90 天。",
        error_messages=_whole_number(0, 365),
    )
    idle_minutes = forms.IntegerField(
        label="无操作自动退出（分钟）",
        min_value=5,
        max_value=480,
        help_text="超过这个时间没有操作即自动退出，退出前 2 分钟会提醒。",
        error_messages=_whole_number(5, 480),
    )
    second_factor = forms.ChoiceField(
        label="动态口令",
        choices=SecondFactor.choices,
        widget=forms.RadioSelect,
        help_text="除密码外，登录时还要输入手机上的动态口令。必须启用而尚未启用的人员，"
        "下次打开页面时先设置。等级保护三级要求启用。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = helper("保存")


def helper(submit: str) -> FormHelper:
    """A form with its tag and one button."""
    made = FormHelper()
    made.add_input(Submit("submit", submit))
    return made
