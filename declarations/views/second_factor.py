"""The second factor: entering a code at login, and setting up, replacing and removing a phone."""

from base64 import b32encode
from http import HTTPStatus
from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from declarations.domain import second_factor
from declarations.domain.errors import RefusedError
from declarations.permissions.accounts import needs_second_factor
from declarations.views.account_forms import CodeForm, PasswordForm, SetUpForm
from declarations.views.input_forms import first_error
from declarations.views.middleware import is_from_script
from declarations.views.reaching import person
from declarations.views.signing_in import mark_verified, sign_in, waiting_for_code

_NEW_KEY = "second_factor_key"
"""In the session: the key that is shown, until a code made with it comes back."""


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def login_code(request: HttpRequest) -> HttpResponse:
    """Asks for the code after the password, and logs in."""
    waiting = waiting_for_code(request)
    if waiting is None:
        return _from_the_start(request)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            device = second_factor.verify(waiting.user, form.cleaned_data["code"])
            sign_in(request, waiting.user, device=device)
        except RefusedError as refusal:
            form.add_error("code", str(refusal))
        else:
            if is_from_script(request):
                return JsonResponse({"user": waiting.user.pk})
            _tell_of_codes_left(request, device, waiting.user)
            return redirect(waiting.next)
    if is_from_script(request):
        return JsonResponse({"message": first_error(form)}, status=400)
    return render(request, "registration/login_code.html", {"form": form})


@never_cache
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Shows a key as a QR code, takes the first code from the phone, and shows recovery codes."""
    user = person(request)
    replaces = second_factor.is_set_up(user)
    form = SetUpForm(request.POST or None, replaces=replaces)
    key = request.session.get(_NEW_KEY)
    if key is None:
        key = request.session[_NEW_KEY] = second_factor.new_key()
    elif request.method == "POST" and form.is_valid():
        try:
            device, codes = second_factor.set_up(
                user,
                key=key,
                code=form.cleaned_data["code"],
                password=form.cleaned_data.get("password", ""),
                session_key=request.session.session_key,
            )
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            del request.session[_NEW_KEY]
            mark_verified(request, device)
            return _show(request, codes, "动态口令已启用")
    context = {
        "form": form,
        "replaces": replaces,
        "needed": needs_second_factor(user) and not replaces,
        "qr": _qr(second_factor.unsaved_device(user, key).config_url),
        "key": _in_groups(b32encode(bytes.fromhex(key)).decode()),
    }
    return render(request, "account/second_factor.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes in place of the old ones, for the password."""
    user = person(request)
    form = PasswordForm(request.POST or None, submit="生成新的恢复码")
    if request.method == "POST" and form.is_valid():
        try:
            codes = second_factor.renew_recovery_codes(user, password=form.cleaned_data["password"])
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            return _show(request, codes, "新的恢复码")
    return _confirm(request, form, "生成新的恢复码", "原来的恢复码将全部作废。")


@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest) -> HttpResponse:
    """Does without codes again, for the password."""
    form = PasswordForm(request.POST or None, submit="停用动态口令")
    if request.method == "POST" and form.is_valid():
        try:
            second_factor.remove(person(request), password=form.cleaned_data["password"])
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "动态口令已停用，今后登录只需要密码。")
            return redirect("account")
    return _confirm(request, form, "停用动态口令", "停用后，知道密码的人就能登录您的账号。")


def _confirm(request: HttpRequest, form: forms.Form, title: str, warning: str) -> HttpResponse:
    context = {"form": form, "title": title, "warning": warning}
    return render(request, "account/confirm.html", context)


def _show(request: HttpRequest, codes: list[str], title: str) -> HttpResponse:
    """The recovery codes, this once: they are in no session and no address."""
    return render(request, "account/recovery_codes.html", {"codes": codes, "title": title})


def _from_the_start(request: HttpRequest) -> HttpResponse:
    if is_from_script(request):
        message = "等待时间过长，请重新输入密码"
        return JsonResponse({"message": message, "code": "password"}, status=HTTPStatus.BAD_REQUEST)
    if not request.user.is_authenticated:
        messages.info(request, "请先输入用户名和密码。")
    return redirect("login")


def _tell_of_codes_left(request: HttpRequest, device: Any, user: Any) -> None:
    if second_factor.is_recovery(device):
        left = second_factor.recovery_codes_left(user)
        messages.warning(
            request, f"您用了一个恢复码，还剩 {left} 个。换了手机请到“我的账号”更换动态口令。"
        )


def _qr(address: str) -> str:
    """A QR code as the address of an image; the page's policy allows no inline styles."""
    return str(segno.make(address, error="m").svg_data_uri(scale=5, border=4, dark="#000"))


def _in_groups(key: str) -> str:
    return " ".join(key[i : i + 4] for i in range(0, len(key), 4))
