"""What a person fills in about their own account, and a security administrator about others'."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm

from declarations.models import Bureau, SecondFactor

LONGEST_IDLE = 8 * 60


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


class ChosenPasswordForm(SetPasswordForm):
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


class SecurityForm(forms.ModelForm):
    """What protects a bureau's accounts."""

    class Meta:
        model = Bureau
        fields = ("password_days", "idle_minutes", "second_factor")
        help_texts = {  # noqa: RUF012  (Django's own attribute)
            "password_days": "超过这个天数，登录后必须先修改密码。0 表示不限。等级保护一般要求 90 天。",
            "idle_minutes": "超过这个时间没有操作即自动退出，退出前 2 分钟会提醒。5 至 480 分钟。",
            "second_factor": "除密码外，登录时还要输入手机上的动态口令。必须启用而尚未启用的人员，"
            "下次打开页面时先设置。等级保护三级要求启用。",
        }
        widgets = {"second_factor": forms.RadioSelect}  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days, minutes = self.fields["password_days"], self.fields["idle_minutes"]
        assert isinstance(days, forms.IntegerField)
        assert isinstance(minutes, forms.IntegerField)
        self.fields["password_days"] = _number(days.label, days.help_text, 0, 365)
        self.fields["idle_minutes"] = _number(minutes.label, minutes.help_text, 5, LONGEST_IDLE)
        choice = self.fields["second_factor"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = SecondFactor.choices
        self.helper = helper("保存")


def helper(submit: str) -> FormHelper:
    """A form with its tag and one button."""
    made = FormHelper()
    made.add_input(Submit("submit", submit))
    return made


def _number(label: Any, help_text: Any, least: int, most: int) -> forms.IntegerField:
    wrong = f"请填写 {least} 至 {most} 的整数"
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        min_value=least,
        max_value=most,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong),
    )
