"""更正: choosing cells of what is in force, typing what is right, looking at it, doing it.

Everything is in one form, so that what was typed is there whichever of its buttons is pressed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from declarations import permissions, workflow
from declarations.domain.cells import Change
from declarations.domain.correcting import (
    MOST_CELLS,
    InvalidCellsError,
    correct,
    preview_correction,
)
from declarations.domain.errors import RefusedError
from declarations.models import Declaration
from declarations.queries.findings import cell_names
from declarations.queries.pages import editor_table
from declarations.sheets.kinds import Kind
from declarations.sheets.table import Access, Entry, Table
from declarations.views.adjusting_forms import CorrectForm
from declarations.views.pages import context_of
from declarations.views.reaching import person, reach

MOST_FOUND = 20
"""Cells that a search lists; who does not find theirs types more of its name."""


@dataclass(frozen=True, slots=True)
class ChosenCell:
    """A cell to be corrected: its name, what is in force, what is typed, and what is wrong with it."""

    entry: Entry
    name: str
    text: str
    problem: str = ""

    @property
    def is_choice(self) -> bool:
        return self.entry.field.kind is Kind.CHOICE

    @property
    def is_line(self) -> bool:
        """Whether it is one line, as numbers and dates are."""
        return self.entry.field.numeric or self.entry.field.kind is Kind.DATE


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form holds. act: the button, "" where Enter was pressed in a field."""

    act: str
    typed: Mapping[str, str]
    search: str
    base: int

    @classmethod
    def read(cls, data: QueryDict, in_force: int) -> "Asked":
        typed = {anchor: data.get(f"value/{anchor}", "") for anchor in data.getlist("cell")}
        base = data.get("base", "")
        act, search = data.get("act", ""), data.get("search", "").strip()
        if not act:
            act = "search" if search and search != data.get("searched") else "preview"
        return cls(act, typed, search, int(base) if base.isdecimal() else in_force)

    @property
    def changes(self) -> list[Change]:
        return [Change(anchor, text, None) for anchor, text in self.typed.items()]


@require_http_methods(["GET", "POST"])
def correction(request: HttpRequest, pk: int) -> HttpResponse:
    """The form (``?cell=`` chooses cells), its preview, and the correction itself."""
    found = reach(request, pk)
    if not permissions.can_correct(person(request), found):
        raise Http404
    if refusal := workflow.why_not_correctable(found):
        messages.error(request, refusal)
        return redirect("declaration", pk=pk)
    assert found.approved is not None
    table = editor_table(found)
    if request.method == "GET":
        texts = {e.anchor: e.full_text for e in _fillable(table)}
        typed = {a: texts[a] for a in request.GET.getlist("cell") if a in texts}
        asked = Asked("", typed, "", found.approved.number)
        return _form_page(request, found, table, asked, CorrectForm())
    asked = _pressed(Asked.read(request.POST, found.approved.number), table)
    form = CorrectForm(request.POST)
    if asked.act not in ("preview", "apply") or not asked.typed:
        return _form_page(request, found, table, asked, CorrectForm(initial=request.POST.dict()))
    return _preview_or_apply(request, found, table, asked, form)


def _preview_or_apply(
    request: HttpRequest, found: Declaration, table: Table, asked: Asked, form: CorrectForm
) -> HttpResponse:
    where: dict[str, Any] = {
        "declaration_id": found.pk,
        "changes": asked.changes,
        "base": asked.base,
    }
    problems: Mapping[str, str] = {}
    try:
        made = preview_correction(person(request), **where) if asked.act == "preview" else None
        if form.is_valid() and made is None:
            correct(person(request), **where, reason=form.cleaned_data["reason"])
            messages.success(request, "已更正，部门会收到通知，其中列出每一格更正前后的内容。")
            return redirect("declaration", pk=found.pk)
    except InvalidCellsError as error:
        problems = error.problems
        form.add_error(None, str(error))
    except RefusedError as refusal:
        form.add_error(None, str(refusal))
    if not form.is_valid() or made is None:
        return _form_page(request, found, table, asked, form, problems)
    context = {"made": made, "asked": asked, "form": form}
    return render(request, "correcting/preview.html", context_of(request, found) | context)


def _form_page(
    request: HttpRequest,
    found: Declaration,
    table: Table,
    asked: Asked,
    form: CorrectForm,
    problems: Mapping[str, str] | None = None,
) -> HttpResponse:
    names = cell_names(table)
    entries = {e.anchor: e for e in _fillable(table)}
    chosen = [
        ChosenCell(entries[anchor], names[anchor], text, (problems or {}).get(anchor, ""))
        for anchor, text in asked.typed.items()
        if anchor in entries
    ]
    matching = _matching(entries, names, asked)
    context = {
        "chosen": chosen,
        "asked": asked,
        "form": form,
        "results": [(names[e.anchor], e) for e in matching[:MOST_FOUND]],
        "left_out": len(matching[MOST_FOUND:]),
        "most_cells": MOST_CELLS,
    }
    return render(request, "correcting/form.html", context_of(request, found) | context)


def _pressed(asked: Asked, table: Table) -> Asked:
    """Carries out the buttons that add a cell and leave one out."""
    act, _, anchor = asked.act.partition(":")
    typed = dict(asked.typed)
    if act == "add":
        texts = {e.anchor: e.full_text for e in _fillable(table)}
        if anchor in texts and len(typed) < MOST_CELLS:
            typed.setdefault(anchor, texts[anchor])
    elif act == "leave-out":
        typed.pop(anchor, None)
    return Asked(act, typed, asked.search, asked.base)


def _fillable(table: Table) -> list[Entry]:
    return [e for e in table.entries() if e.access is Access.FILLABLE]


def _matching(
    entries: Mapping[str, Entry], names: Mapping[str, str], asked: Asked
) -> Sequence[Entry]:
    """The cells whose name or content holds every word searched for, not yet chosen."""
    words = asked.search.split()
    if not words:
        return []
    return [
        e
        for anchor, e in entries.items()
        if anchor not in asked.typed
        and all(word in f"{names[anchor]} {e.full_text}" for word in words)
    ]
