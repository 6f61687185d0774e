"""The people of a bureau, for those who keep them."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from declarations import permissions
from declarations.domain import people as domain
from declarations.domain.errors import RefusedError
from declarations.domain.first_passwords import issue_first_passwords
from declarations.domain.inviting import invite
from declarations.models import Department, User
from declarations.queries import people as queries
from declarations.views.people_forms import (
    INVITATION,
    SLIP,
    NewPersonForm,
    PersonFilters,
    PersonForm,
    done_or_said,
)
from declarations.views.reaching import only_for, person

keepers_only = only_for(permissions.can_manage_people)


@require_GET
@keepers_only
def index(request: HttpRequest) -> HttpResponse:
    """Those whom one keeps, to be found, and to be given first passwords and invitations."""
    user = person(request)
    filters = PersonFilters(user, request.GET)
    wanted = filters.wanted
    page = Paginator(_found(user, wanted), queries.PAGE).get_page(request.GET.get("page"))
    own = Department.objects.filter(bureau=user.bureau_id)
    context = {
        "page": page,
        "people": [queries.PersonView(someone) for someone in page],
        "filters": filters,
        "narrows": bool(wanted),
        "giving": wanted.get("state") in (queries.WITHOUT, queries.WAITING),
        "department": own.filter(pk=wanted["department"]).first()
        if "department" in wanted
        else None,
        "keepers": [k for k in queries.keepers_of(user.bureau) if k.role != user.role],
        "mail": bool(settings.EMAIL_HOST),
    }
    return render(request, "people/index.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@keepers_only
def add(request: HttpRequest) -> HttpResponse:
    """Adding one, with a first password that is shown once, or an invitation."""
    user = person(request)
    asked = {name: request.GET.get(name) for name in ("department", "role")}
    form = NewPersonForm(user, request.POST or None, initial=asked)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        give = data.pop("give")
        made = done_or_said(form, domain.add_person, user, bureau=user.bureau, **data)
        if made:
            messages.success(request, f"已增加“{made}”（{made.username}）。")
            if give == SLIP:
                return _slips(request, [made.pk])
            if give == INVITATION:
                _invite(request, [made.pk])
            return redirect("person", pk=made.pk)
    return render(request, "people/add.html", {"form": form})


@require_http_methods(["GET", "POST"])
@keepers_only
def someone(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: what is known of them, and how they log in."""
    user = person(request)
    found = _reach(request, pk)
    initial = {name: getattr(found, name) for name in ("name", "role", "department", "email")}
    form = PersonForm(user, request.POST or None, user=found, initial=initial)
    if request.method == "POST" and form.is_valid():
        missing = _missing_after(found, form.cleaned_data)
        if done_or_said(form, domain.change_person, user, user_id=pk, **form.cleaned_data):
            messages.success(request, "已保存。")
            for sentence in missing:
                messages.warning(request, sentence)
            return redirect("person", pk=pk)
    context = {
        "form": form,
        "view": queries.PersonView(found),
        "found": found,
        "mail": bool(settings.EMAIL_HOST),
    }
    return render(request, "people/person.html", context)


@require_http_methods(["GET", "POST"])
@keepers_only
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Says what stopping an account means, and stops it."""
    found = _reach(request, pk)
    if request.method == "POST":
        return _act(request, found, domain.stop_person, f"已停用“{found}”的账号。")
    return render(request, "people/stop.html", {"found": found, "missed": queries.missed(found)})


@require_POST
@keepers_only
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Lets a stopped person log in again."""
    found = _reach(request, pk)
    return _act(request, found, domain.resume_person, f"“{found}”的账号已恢复使用。")


@never_cache
@require_POST
@keepers_only
def slip(request: HttpRequest, pk: int) -> HttpResponse:
    """A new first password for one person, also who has forgotten their own."""
    return _slips(request, [_reach(request, pk).pk], also_settled=True)


@never_cache
@require_POST
@keepers_only
def slips(request: HttpRequest) -> HttpResponse:
    """First passwords for the chosen people, to be printed."""
    return _slips(request, _chosen(request))


@require_POST
@keepers_only
def invitations(request: HttpRequest) -> HttpResponse:
    """Invitations by e-mail for the chosen people."""
    _invite(request, _chosen(request))
    if one := request.POST.get("back", ""):
        return redirect("person", pk=int(one)) if one.isdecimal() else redirect("people")
    return redirect(_way_back(request))


def _found(user: User, wanted: dict[str, str]) -> Any:
    return queries.filtered(
        queries.people_of(user),
        search=wanted.get("q", ""),
        role=wanted.get("role", ""),
        state=wanted.get("state", ""),
        department=wanted.get("department", ""),
    )


def _reach(request: HttpRequest, pk: int) -> User:
    """Somebody whom the person keeps, or 404."""
    return get_object_or_404(queries.people_of(person(request)), pk=pk)


def _chosen(request: HttpRequest) -> list[int]:
    """The people whose boxes are ticked, or all who are found by the filters in the address."""
    user = person(request)
    if "all" in request.POST:
        return list(
            _found(user, PersonFilters(user, request.GET).wanted).values_list("pk", flat=True)
        )
    ids = [int(number) for number in request.POST.getlist("person") if number.isdecimal()]
    return list(queries.people_of(user).filter(pk__in=ids).values_list("pk", flat=True))


def _slips(request: HttpRequest, ids: list[int], *, also_settled: bool = False) -> HttpResponse:
    """The page with the slips: the only time that these passwords are shown."""
    user = person(request)
    try:
        made = issue_first_passwords(
            user, bureau=user.bureau, user_ids=ids, also_settled=also_settled
        )
    except RefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect(_way_back(request))
    context = {
        "slips": made,
        "passed_over": len(ids) - len(made),
        "address": f"{settings.ADDRESS}/",
        "back": _way_back(request),
    }
    return render(request, "people/slips.html", context)


def _invite(request: HttpRequest, ids: list[int]) -> None:
    user = person(request)
    try:
        invited = invite(user, bureau=user.bureau, user_ids=ids)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
        return
    if invited:
        messages.success(request, f"已向 {len(invited)} 人发送邀请邮件，链接 7 天内有效。")
    if left := len(ids) - len(invited):
        why = "没有电子邮箱、已停用，或已自行设置密码"
        messages.warning(request, f"有 {left} 人没有发送：{why}。")
    if not ids:
        messages.error(request, "请先选择人员")


def _act(request: HttpRequest, found: User, act: Any, done: str) -> HttpResponse:
    try:
        act(person(request), user_id=found.pk)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("person", pk=found.pk)


def _missing_after(found: User, data: dict[str, Any]) -> list[str]:
    """What nobody else does once the person has another role or department."""
    moved = (found.role, found.department) != (data.get("role"), data.get("department"))
    return queries.missed(found) if moved and found.is_active else []


def _way_back(request: HttpRequest) -> str:
    """The list, filtered as it was."""
    return reverse("people") + (f"?{request.GET.urlencode()}" if request.GET else "")
