"""A system administrator's departments and their groups."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from declarations import permissions
from declarations.domain import departments as domain
from declarations.domain.errors import RefusedError
from declarations.models import Department, DepartmentGroup
from declarations.queries import people as queries
from declarations.views.people_forms import (
    DepartmentFilters,
    DepartmentForm,
    GroupForm,
    done_or_said,
)
from declarations.views.reaching import only_for, person

keepers_only = only_for(permissions.can_manage_departments)


@require_GET
@keepers_only
def index(request: HttpRequest) -> HttpResponse:
    """The bureau's departments, to be found by name and group, and put into groups."""
    bureau = person(request).bureau
    groups = list(queries.groups_of(bureau))
    filters = DepartmentFilters(groups, request.GET)
    wanted = filters.wanted
    found = queries.departments_of(
        bureau, search=wanted.get("q", ""), group=wanted.get("group", "")
    )
    page = Paginator(found, queries.PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "filters": filters, "narrows": bool(wanted), "groups": groups}
    return render(request, "departments/index.html", context)


@require_http_methods(["GET", "POST"])
@keepers_only
def add(request: HttpRequest) -> HttpResponse:
    """Adding one; a further one can follow at once."""
    user = person(request)
    form = DepartmentForm(user.bureau, request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = done_or_said(
            form, domain.add_department, user, bureau=user.bureau, **form.cleaned_data
        )
        if made:
            messages.success(request, f"已增加“{made}”。")
            return redirect("department-add" if "again" in request.POST else "departments")
    return render(request, "departments/add.html", {"form": form})


@require_http_methods(["GET", "POST"])
@keepers_only
def department(request: HttpRequest, pk: int) -> HttpResponse:
    """One department: what it is called, where it belongs, and whether it is in use."""
    user = person(request)
    found = get_object_or_404(queries.departments_of(user.bureau), pk=pk)
    initial = {name: getattr(found, name) for name in ("code", "name", "parent", "group")}
    form = DepartmentForm(user.bureau, request.POST or None, department=found, initial=initial)
    form.fields["code"].disabled = domain.code_is_used(found)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        saved = done_or_said(form, domain.change_department, user, department_id=pk, **data)
        if saved:
            messages.success(request, "已保存。")
            return redirect("department", pk=pk)
    return render(request, "departments/department.html", {"form": form, "department": found})


@require_POST
@keepers_only
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """New rounds no longer call on it."""
    found = get_object_or_404(Department, bureau=person(request).bureau_id, pk=pk)
    domain.stop_department(person(request), department_id=pk)
    messages.success(request, f"“{found}”已停用，新的批次不再列入。")
    return redirect("department", pk=pk)


@require_POST
@keepers_only
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """New rounds call on it again."""
    found = get_object_or_404(Department, bureau=person(request).bureau_id, pk=pk)
    domain.resume_department(person(request), department_id=pk)
    messages.success(request, f"“{found}”已恢复使用。")
    return redirect("department", pk=pk)


@require_POST
@keepers_only
def assign(request: HttpRequest) -> HttpResponse:
    """Puts the chosen departments into a group; back to the list as it was filtered."""
    user = person(request)
    group = None
    if (chosen := request.POST.get("group", "")) != queries.NO_GROUP:
        own = DepartmentGroup.objects.filter(bureau=user.bureau_id)
        group = get_object_or_404(own, pk=int(chosen) if chosen.isdecimal() else 0)
    ids = [int(number) for number in request.POST.getlist("department") if number.isdecimal()]
    try:
        moved = domain.assign_group(user, bureau=user.bureau, department_ids=ids, group=group)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        where = f"归入“{group}”" if group else "移出分组"
        messages.success(request, f"已将 {moved} 个部门{where}。" if moved else "没有变化。")
    return redirect(_way_back(request))


@require_http_methods(["GET", "POST"])
@keepers_only
def groups(request: HttpRequest) -> HttpResponse:
    """The groups, and adding one."""
    user = person(request)
    form = GroupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = done_or_said(form, domain.add_group, user, bureau=user.bureau, **form.cleaned_data)
        if made:
            messages.success(request, f"已增加分组“{made}”。")
            return redirect("groups")
    context = {"groups": queries.groups_of(user.bureau), "form": form}
    return render(request, "departments/groups.html", context)


@require_http_methods(["GET", "POST"])
@keepers_only
def group(request: HttpRequest, pk: int) -> HttpResponse:
    """Renaming a group, or on to deleting it."""
    user = person(request)
    found = get_object_or_404(queries.groups_of(user.bureau), pk=pk)
    form = GroupForm(request.POST or None, initial={"name": found.name})
    if request.method == "POST" and form.is_valid():
        saved = done_or_said(form, domain.rename_group, user, group_id=pk, **form.cleaned_data)
        if saved:
            messages.success(request, "已保存。")
            return redirect("groups")
    return render(request, "departments/group.html", {"group": found, "form": form})


@require_POST
@keepers_only
def delete_group(request: HttpRequest, pk: int) -> HttpResponse:
    """Deletes a group; its departments stay."""
    user = person(request)
    found = DepartmentGroup.objects.filter(pk=pk).first()
    if found is not None and found.bureau_id != user.bureau_id:
        raise Http404
    if found is not None:  # else somebody has deleted it already
        domain.delete_group(user, group_id=pk)
    messages.success(request, "分组已删除，其中的部门仍然保留。")
    return redirect("groups")


def _way_back(request: HttpRequest) -> str:
    """The list, filtered as it was."""
    return reverse("departments") + (f"?{request.GET.urlencode()}" if request.GET else "")
