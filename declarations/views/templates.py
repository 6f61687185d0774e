"""An administrator's forms: bringing one, looking at it, choosing it for a year, retiring it."""

from functools import cache
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from declarations.domain import templates as domain
from declarations.domain.errors import RefusedError
from declarations.models import DeclarationKind
from declarations.queries import templates as queries
from declarations.queries.documents import CONTENT_TYPES
from declarations.queries.forms import form_of, trial_of
from declarations.sheets.html import render_editor
from declarations.sheets.parse import FormError, parse_form
from declarations.views.bureau_forms import ActivationForm, TemplateForm
from declarations.views.guide import guide_html
from declarations.views.marking import marked_address
from declarations.views.reaching import administrators_only, person, reach_version

EXAMPLES = Path(__file__).parents[1] / "forms"
"""Workbooks of official forms, for makers of forms to begin from."""


@require_GET
@administrators_only
def index(request: HttpRequest) -> HttpResponse:
    """The bureau's forms with their versions."""
    context = {"forms": queries.forms_of(person(request).bureau), "examples": _examples()}
    return render(request, "forms/index.html", context)


@require_http_methods(["GET", "POST"])
@administrators_only
def install(request: HttpRequest) -> HttpResponse:
    """Brings a workbook. Everything wrong with it is shown at once, by cell, and nothing kept."""
    existing = queries.forms_of(person(request).bureau)
    asked = {"of": request.GET.get("of", "")}
    form = TemplateForm(existing, request.POST or None, request.FILES or None, initial=asked)
    context: dict[str, Any] = {"form": form, "examples": _examples(), "problems": [], "marked": ""}
    if request.method == "POST" and form.is_valid():
        try:
            return _install(request, form)
        except FormError as error:
            context["problems"] = error.problems
            context["marked"] = marked_address(form.cleaned_data["workbook"], error.problems)
        except RefusedError as refusal:
            form.add_error(None, str(refusal))
    return render(request, "forms/install.html", context)


def _install(request: HttpRequest, form: TemplateForm) -> HttpResponse:
    data, actor = form.cleaned_data, person(request)
    read = domain.read_template(data["workbook"])
    kind = DeclarationKind(data["kind"]) if data["kind"] else domain.kind_by_title(read.title)
    template = domain.install_template(
        actor, bureau=actor.bureau, code=data["code"], kind=kind, workbook=data["workbook"]
    )
    if form.is_known(template.pk):
        messages.info(request, f"这个工作簿与第{template.version}版完全相同，没有另存新版。")
    else:
        messages.success(request, f"已安装为第{template.version}版。请预览核对，无误后启用。")
    return redirect("template", pk=template.pk)


@require_GET
@administrators_only
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """A version as departments will meet it, with all that is known of it."""
    found = reach_version(request, pk)
    form = form_of(found.template)
    table = queries.sample_table(form, editing=True)
    context = {
        "version": found,
        "template": found.template,
        "table": mark_safe(render_editor(table, {})),
        "groups": queries.field_groups(form),
        "form": form,
        "changes": queries.changes_of(found.template),
    }
    return render(request, "forms/version.html", context)


@require_GET
@administrators_only
def trial(request: HttpRequest, pk: int) -> HttpResponse:
    """What went wrong when the form was tried out: a part of its page that takes a moment."""
    problems = trial_of(reach_version(request, pk).template)
    return render(request, "forms/trial.html", {"problems": problems})


@require_http_methods(["GET", "POST"])
@administrators_only
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks for the year, says what it means, and chooses the version for it."""
    found = reach_version(request, pk)
    form = ActivationForm(request.POST or None, initial={"year": timezone.localdate().year})
    if request.method == "POST" and form.is_valid():
        year = form.cleaned_data["year"]
        try:
            domain.activate(person(request), template_id=pk, year=year)
        except RefusedError as refusal:
            form.add_error("year", str(refusal))
        else:
            messages.success(request, f"已为 {year}年启用第{found.template.version}版。")
            return redirect("template", pk=pk)
    context = {"form": form, "template": found.template, "years": found.form.years}
    return render(request, "forms/activate.html", context)


@require_POST
@administrators_only
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes back the choice for a year."""
    reach_version(request, pk)
    form = ActivationForm(request.POST)
    if not form.is_valid():
        raise Http404
    year = form.cleaned_data["year"]
    return _act(request, pk, f"{year}年已取消启用。", domain.deactivate, year=year)


@require_POST
@administrators_only
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes the version out of use."""
    reach_version(request, pk)
    return _act(request, pk, "已停用。正在进行的批次不受影响。", domain.retire)


@require_POST
@administrators_only
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Brings a retired version back."""
    reach_version(request, pk)
    return _act(request, pk, "已恢复，可以再用来开启批次。", domain.restore)


def _act(request: HttpRequest, pk: int, done: str, act: Any, **arguments: int) -> HttpResponse:
    """Does it, says that it is done or why not, and shows the version again."""
    try:
        act(person(request), template_id=pk, **arguments)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("template", pk=pk)


@require_GET
@administrators_only
def download(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """A version's files: its workbook as it was uploaded, a blank one to fill in, a sample PDF."""
    template = reach_version(request, pk).template
    if name not in queries.FILES:
        raise Http404
    title, ending, write = queries.FILES[name]
    return _file(write(template), f"{template}{title}", ending, shown=ending == "pdf")


@require_GET
@administrators_only
def guide(request: HttpRequest) -> HttpResponse:
    """How to make a form."""
    return render(request, "forms/guide.html", {"guide": mark_safe(guide_html())})


@require_GET
@administrators_only
def example(request: HttpRequest, name: str) -> HttpResponse:
    """The workbook of an official form."""
    path = next((p for p in EXAMPLES.glob("*.xlsx") if p.stem == name), None)
    if path is None:
        raise Http404
    return _file(path.read_bytes(), name, "xlsx")


def _file(content: bytes, title: str, ending: str, *, shown: bool = False) -> HttpResponse:
    disposition = content_disposition_header(as_attachment=not shown, filename=f"{title}.{ending}")
    return HttpResponse(
        content,
        content_type=CONTENT_TYPES[ending],
        headers={"Content-Disposition": disposition or ""},
    )


@cache
def _examples() -> list[tuple[str, str]]:
    """The examples there are: name, and title of the form."""
    found = ((p.stem, parse_form(p.read_bytes()).title) for p in EXAMPLES.glob("*.xlsx"))
    return sorted(found)
