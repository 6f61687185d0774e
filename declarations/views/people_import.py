"""Importing departments and people: a workbook, what it would change, and doing it.

Nothing is kept between the preview and the import: what was read goes along in the page,
signed, so that it is that and nothing else that is carried out.
"""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from declarations import permissions
from declarations.domain.errors import RefusedError
from declarations.domain.importing import safe_file_name
from declarations.domain.roster_import import import_roster
from declarations.models import User
from declarations.queries.documents import CONTENT_TYPES
from declarations.queries.people import WITHOUT, departments_of
from declarations.queries.roster_plan import plan_roster
from declarations.sheets.incoming.report import UnreadableWorkbookError
from declarations.sheets.problems import CellProblem
from declarations.sheets.roster import COLUMNS, Roster, read_roster, roster_template
from declarations.views.documents import attachment
from declarations.views.marking import marked_address
from declarations.views.people_forms import RosterForm
from declarations.views.reaching import only_for, person

keepers_only = only_for(permissions.can_manage_departments)

_SALT = "roster"


@never_cache
@require_http_methods(["GET", "POST"])
@keepers_only
def bring(request: HttpRequest) -> HttpResponse:
    """Where a workbook is brought; then either all that is wrong with it, or what it would do."""
    form = RosterForm(request.POST, request.FILES) if request.method == "POST" else RosterForm()
    if form.is_valid():
        file = form.cleaned_data["workbook"]
        workbook, name = file.read(), safe_file_name(file.name)
        try:
            return _preview(request, read_roster(workbook), name, workbook)
        except UnreadableWorkbookError as error:
            form.add_error("workbook", str(error))
    return render(request, "people/import.html", {"form": form})


@require_GET
@keepers_only
def template(request: HttpRequest) -> HttpResponse:
    """The workbook to fill in, with the departments that there are."""
    user = person(request)
    rows = [
        (d.code, d.name, d.parent.code if d.parent else "", d.group.name if d.group else "")
        for d in departments_of(user.bureau).order_by("code")
    ]
    roles = [role.label for role in permissions.roles_given_by(user)]
    return attachment(roster_template(rows, roles), CONTENT_TYPES["xlsx"], "部门和人员.xlsx")


@never_cache
@require_POST
@keepers_only
def apply(request: HttpRequest) -> HttpResponse:
    """Does what the preview showed; where that is another by now, shows it again."""
    user = person(request)
    try:
        content, name = signing.loads(
            request.POST.get("roster", ""), salt=_salt(user), max_age=settings.SESSION_COOKIE_AGE
        )
    except signing.BadSignature:
        messages.error(request, "预览已过期，请重新上传工作簿。")
        return redirect("people-import")
    roster = Roster.from_json(content)
    try:
        done = import_roster(
            user,
            bureau=user.bureau,
            roster=roster,
            base=request.POST.get("base", ""),
            file_name=name,
        )
    except RefusedError as refusal:
        messages.error(request, f"{refusal}。")
        return _preview(request, roster, name)
    messages.success(request, f"已导入：{done.summary}。")
    if not done.new_people:
        return redirect("departments")
    messages.info(request, "新增的人员还不能登录，请在本页为他们发放首次密码。")
    return redirect(f"{reverse('people')}?state={WITHOUT}")


def _preview(
    request: HttpRequest, roster: Roster, name: str, workbook: bytes = b""
) -> HttpResponse:
    user = person(request)
    plan = plan_roster(user, user.bureau, roster)
    context: dict[str, Any] = {"plan": plan, "file_name": name, "form": RosterForm(), "marked": ""}
    if plan.problems:
        context["problems"] = sorted(plan.problems, key=_place)
        context["marked"] = marked_address(workbook, plan.problems) if workbook else ""
        return render(request, "people/import.html", context)
    context["roster"] = signing.dumps([roster.to_json(), name], salt=_salt(user), compress=True)
    return render(request, "people/import_preview.html", context)


def _place(problem: CellProblem) -> tuple[int, int, str]:
    """In the order of the workbook: sheet, row, column."""
    row = "".join(c for c in problem.cell if c.isdigit())
    return list(COLUMNS).index(problem.sheet), int(row or 0), problem.cell


def _salt(user: User) -> str:
    """So that a preview is the person's own."""
    return f"{_SALT}/{user.pk}"
