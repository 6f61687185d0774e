"""A security administrator's pages: settings, locked accounts, second factors, sessions."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from declarations import permissions
from declarations.domain import second_factor
from declarations.domain import security as domain
from declarations.domain.errors import RefusedError
from declarations.domain.sessions import end_session
from declarations.models import User
from declarations.queries.security import accounts_in, locks_in
from declarations.queries.sessions import key_of, sessions_in, views_of
from declarations.views.account_forms import SecurityForm
from declarations.views.reaching import person

ON_A_PAGE = 50


def security_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """404 for whoever does not keep the security of their bureau."""

    @wraps(view)
    def answer(request: HttpRequest, **arguments: Any) -> HttpResponse:
        user = person(request)
        if not permissions.can_manage_security(user, user.bureau):
            raise Http404
        return view(request, **arguments)

    return answer


@require_http_methods(["GET", "POST"])
@security_only
def settings(request: HttpRequest) -> HttpResponse:
    """What protects the bureau's accounts, and who is locked out now."""
    user = person(request)
    now = {name: getattr(user.bureau, name) for name in domain.SETTINGS}
    form = SecurityForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        try:
            domain.change_settings(user, bureau_id=user.bureau_id, settings=form.cleaned_data)
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            messages.success(request, "安全设置已保存。")
            return redirect("security")
    context = {"form": form, "locks": locks_in(user.bureau)}
    return render(request, "security/settings.html", context)


@require_GET
@security_only
def accounts(request: HttpRequest) -> HttpResponse:
    """Everybody's second factor, to take away one that was lost."""
    words = request.GET.get("q", "")
    page = _page(request, accounts_in(person(request).bureau, words))
    return render(request, "security/accounts.html", {"page": page, "words": words})


@require_GET
@security_only
def sessions(request: HttpRequest) -> HttpResponse:
    """Who of the bureau is logged in, from where."""
    words = request.GET.get("q", "")
    page = _page(request, sessions_in(person(request).bureau, words))
    context = {
        "page": page,
        "views": views_of(page.object_list, request.session.session_key),
        "words": words,
    }
    return render(request, "security/sessions.html", context)


@require_POST
@security_only
def unlock(request: HttpRequest, pk: int) -> HttpResponse:
    """Lets a locked account try again."""
    user = domain.unlock(person(request), user_id=_somebody(request, pk).pk)
    messages.success(request, f"{user.name}的账号已解除锁定。")
    return redirect("security")


@require_POST
@security_only
def reset_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes away a second factor that was lost; the person sets up another."""
    somebody = _somebody(request, pk)
    try:
        second_factor.reset(person(request), user_id=somebody.pk)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{somebody.name}的动态口令已重置，原有登录已全部结束。")
    return redirect("security-accounts")


@require_POST
@security_only
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends one session of somebody."""
    somebody = _somebody(request, pk)
    key = key_of(somebody, request.POST.get("session", ""))
    if key is not None and end_session(person(request), of=somebody, key=key):
        messages.success(request, f"已结束{somebody.name}的这个登录。")
    else:
        messages.info(request, "这个登录已经结束了。")
    return redirect("security-sessions")


def _somebody(request: HttpRequest, pk: int) -> User:
    """A person of the same bureau, or 404."""
    people = User.objects.select_related("bureau").filter(bureau=person(request).bureau_id)
    return get_object_or_404(people, pk=pk)


def _page(request: HttpRequest, found: Any) -> Any:
    return Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
