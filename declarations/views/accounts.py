"""Login, logout and one's own password."""

from http import HTTPStatus
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator

from declarations.views.input_forms import first_error
from declarations.views.middleware import is_from_script


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
        self.helper = _helper("登录")


class NewPasswordForm(PasswordChangeForm):
    """The old password, and the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = _helper("修改密码")


class LoginView(auth_views.LoginView):
    """The login page; asked by a script (a session that ended in mid-edit) it answers JSON."""

    authentication_form = LoginForm
    redirect_authenticated_user = True

    @method_decorator(login_not_required)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_from_script(request):
            self.redirect_authenticated_user = False
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        if is_from_script(self.request):
            return JsonResponse({"user": self.request.user.pk})
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        if is_from_script(self.request):
            return JsonResponse({"message": first_error(form)}, status=400)
        return super().form_invalid(form)


def locked_out(request: HttpRequest, response: HttpResponse, credentials: Any) -> HttpResponse:
    """After too many wrong passwords; also for a script that logs in again in place."""
    if is_from_script(request):
        message = "连续输错密码 5 次，账号已锁定 15 分钟，请稍后再试"
        return JsonResponse({"message": message}, status=HTTPStatus.TOO_MANY_REQUESTS)
    return render(request, "registration/locked_out.html", status=HTTPStatus.TOO_MANY_REQUESTS)


class LogoutView(auth_views.LogoutView):
    """Ends the session; by POST only."""


class PasswordChangeView(auth_views.PasswordChangeView):
    """Changing one's own password; other sessions of the person end with it."""

    form_class = NewPasswordForm
    success_url = reverse_lazy("home")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        messages.success(self.request, "密码已修改。")
        return super().form_valid(form)


def _helper(submit: str) -> FormHelper:
    helper = FormHelper()
    helper.add_input(Submit("submit", submit))
    return helper
