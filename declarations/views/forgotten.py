"""A forgotten password: a link by e-mail, and a new password by it."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from declarations.domain import accounts
from declarations.domain.errors import RefusedError
from declarations.views.account_forms import ChosenPasswordForm, ForgottenForm


@login_not_required
@require_http_methods(["GET", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Asks for the user name, and says the same whether there is such an account or not."""
    form = ForgottenForm(request.POST or None)
    asked = request.method == "POST" and form.is_valid()
    if asked:
        accounts.ask_for_link(form.cleaned_data["username"])
    context = {
        "form": form,
        "asked": asked,
        "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
        "by_email": bool(settings.EMAIL_HOST),
    }
    return render(request, "registration/forgotten.html", context)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def reset(request: HttpRequest, name: str, token: str) -> HttpResponse:
    """Takes the new password of who came by the link. It does not log in."""
    user = accounts.whose_link(name, token)
    if user is None:
        return render(request, "registration/link_over.html", status=404)
    form = ChosenPasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            accounts.reset_password(name, token, new=form.cleaned_data["new_password1"])
        except RefusedError:
            return render(request, "registration/link_over.html", status=404)
        except ValidationError as problem:
            form.add_error("new_password1", problem)
        else:
            messages.success(request, "新密码已设置，请用新密码登录。")
            return redirect("login")
    return render(request, "registration/reset.html", {"form": form, "account": user})
