"""Logging in and out, one's own password, and what one's account looks like."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from declarations.domain import accounts, second_factor
from declarations.domain.errors import RefusedError
from declarations.domain.sessions import end_others, end_session
from declarations.models import User
from declarations.permissions.accounts import (
    must_change_password,
    needs_second_factor,
    password_expires_at,
)
from declarations.queries.sessions import key_of, sessions_of
from declarations.views.account_forms import LoginForm, NewPasswordForm
from declarations.views.input_forms import first_error
from declarations.views.middleware import is_from_script
from declarations.views.reaching import person
from declarations.views.signing_in import ask_for_code, sign_in


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
        user = form.get_user()
        assert isinstance(user, User)
        script = is_from_script(self.request)
        if second_factor.is_set_up(user):
            ask_for_code(self.request, user, self.get_success_url())
            return JsonResponse({"code": True}) if script else redirect("login-code")
        try:
            sign_in(self.request, user)
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        return JsonResponse({"user": user.pk}) if script else redirect(self.get_success_url())

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

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        accounts.log_out(person(request))
        return super().post(request, *args, **kwargs)


@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Changing one's own password; other sessions of the person end with it."""
    user = person(request)
    form = NewPasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            changed = accounts.change_password(
                user,
                old=form.cleaned_data["old_password"],
                new=form.cleaned_data["new_password1"],
                session_key=request.session.session_key,
            )
        except (RefusedError, ValidationError) as refusal:
            form.add_error(None, refusal if isinstance(refusal, ValidationError) else str(refusal))
        else:
            update_session_auth_hash(request, changed)
            messages.success(request, "密码已修改。")
            return redirect("home")
    now = timezone.now()
    context = {
        "form": form,
        "first": user.password_changed_at is None,
        "expired": user.password_changed_at is not None and must_change_password(user, now),
    }
    return render(request, "registration/password_change_form.html", context)


@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """One's account: password, second factor, and where one is logged in."""
    user = person(request)
    context = {
        "expires_at": password_expires_at(user),
        "has_factor": second_factor.is_set_up(user),
        "needs_factor": needs_second_factor(user),
        "codes_left": second_factor.recovery_codes_left(user),
        "sessions": sessions_of(user, request.session.session_key),
    }
    return render(request, "account/account.html", context)


@require_POST
def session_end(request: HttpRequest) -> HttpResponse:
    """Ends one of one's sessions, by the name it has in the page."""
    user = person(request)
    key = key_of(user, request.POST.get("session", ""))
    if key is not None and key == request.session.session_key:
        messages.error(request, "这是您正在使用的登录，请用右上角的“退出”。")
    elif key is not None and end_session(user, of=user, key=key):
        messages.success(request, "已结束这个登录。")
    else:
        messages.info(request, "这个登录已经结束了。")
    return redirect("account")


@require_POST
def sessions_end_others(request: HttpRequest) -> HttpResponse:
    """Ends all of one's sessions but this one."""
    ended = end_others(person(request), key=request.session.session_key)
    messages.success(request, f"已结束其他 {ended} 个登录。" if ended else "没有其他登录。")
    return redirect("account")


@require_POST
def session_alive(request: HttpRequest) -> HttpResponse:
    """Somebody is at the page, though nothing was sent: the middleware has noted it."""
    return HttpResponse(status=HTTPStatus.NO_CONTENT)
