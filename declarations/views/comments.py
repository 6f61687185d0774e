"""Comments: saying, answering, settling, and all that is open on one page."""

from collections.abc import Callable
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_GET, require_POST

from declarations import permissions
from declarations.domain import commenting
from declarations.domain.errors import RefusedError
from declarations.models import Comment, CommentState, Declaration, User
from declarations.queries import comments as threads
from declarations.queries import pages, revisions
from declarations.views.input_forms import AnswerForm, CommentForm, first_error
from declarations.views.lists import require_reader
from declarations.views.reaching import person, reach

AT_ONCE = 50
"""Comments on a page."""

_STATES = {
    "": threads.UNRESOLVED,
    CommentState.OPEN: (CommentState.OPEN,),
    CommentState.ANSWERED: (CommentState.ANSWERED,),
    CommentState.RESOLVED: (CommentState.RESOLVED,),
    "all": tuple(CommentState),
}
_STATE_LABELS = [("", "未解决"), *CommentState.choices, ("all", "全部")]


class CommentFilters(forms.Form):
    """What the page of comments is filtered by; what is not valid filters nothing."""

    state = forms.ChoiceField(label="状态", required=False, choices=_STATE_LABELS)
    round = forms.TypedChoiceField(label="批次", required=False, coerce=int)

    def __init__(self, user: User, data: Any) -> None:
        super().__init__(data, auto_id="filter-%s")
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        field = self.fields["round"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", "全部"), *threads.rounds_with_comments(user)]
        self.is_valid()

    @property
    def narrows(self) -> bool:
        """Whether anything is filtered."""
        return any(self.cleaned_data.values())


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What is open in all declarations that this person may see."""
    user = person(request)
    require_reader(user)
    filters = CommentFilters(user, request.GET)
    wanted = filters.cleaned_data
    found = threads.listed(
        user,
        states=_STATES[wanted.get("state") or ""],
        round_id=wanted.get("round") or None,
    )
    page = Paginator(found, AT_ONCE).get_page(request.GET.get("page", "1"))
    context = {
        "filters": filters,
        "page": page,
        "threads": threads.described(user, list(page)),
        "of_bureau": user.department_id is None,
    }
    return render(request, "comments/index.html", context)


@require_GET
def of_declaration(request: HttpRequest, pk: int) -> HttpResponse:
    """Every comment on a declaration, of all its revisions, to be read and printed."""
    found = reach(request, pk)
    user = person(request)
    said = threads.threads_of(user, found)
    current = revisions.shown_to(user, found)
    if said and current is not None:
        table = pages.revision_table(current, found, compared=True, user=user)
        said = threads.situate(said, table, threads.changes_since(said, table, current, {}))
    return render(request, "comments/of_declaration.html", {"declaration": found, "threads": said})


@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Comments on a cell, a row or a section, or on the whole."""
    found = reach(request, pk)
    if not permissions.can_review(person(request), found):
        raise Http404
    form = CommentForm(request.POST)
    return _said(
        request,
        found,
        form,
        lambda text: commenting.add_comment(
            person(request),
            declaration_id=pk,
            anchor=form.cleaned_data["anchor"],
            text=text,
        ),
    )


@require_POST
def answer(request: HttpRequest, pk: int, comment: int) -> HttpResponse:
    """Answers a comment."""
    found = _reach_thread(request, pk, comment, permissions.can_answer)
    return _said(
        request,
        found,
        AnswerForm(request.POST),
        lambda text: commenting.answer_comment(
            person(request), declaration_id=pk, comment_id=comment, text=text
        ),
    )


@require_POST
def settle(request: HttpRequest, pk: int, comment: int, act: str) -> HttpResponse:
    """标为已解决 (``resolve``), or 重新打开 (``reopen``)."""
    _reach_thread(request, pk, comment, permissions.can_resolve)
    acts = {"resolve": commenting.resolve_comment, "reopen": commenting.reopen_comment}
    return _done(
        request, pk, lambda: acts[act](person(request), declaration_id=pk, comment_id=comment)
    )


@require_POST
def delete(request: HttpRequest, pk: int, comment: int) -> HttpResponse:
    """Takes back one's own comment or answer."""
    if not permissions.can_review(person(request), reach(request, pk)):
        raise Http404
    return _done(
        request,
        pk,
        lambda: commenting.delete_comment(person(request), declaration_id=pk, comment_id=comment),
    )


def _reach_thread(
    request: HttpRequest, pk: int, comment: int, allowed: Callable[[User, Comment], bool]
) -> Declaration:
    """The declaration, or 404 where the comment is not this person's to act on."""
    found, user = reach(request, pk), person(request)
    thread = threads.visible_comments(user, found).filter(pk=comment).first()
    if thread is None:
        raise Http404
    thread.declaration = found
    if not allowed(user, thread):
        raise Http404
    return found


def _done(request: HttpRequest, pk: int, act: Callable[[], object]) -> HttpResponse:
    try:
        act()
    except RefusedError as refusal:
        messages.error(request, str(refusal))
    return _back(request, pk)


def _said(
    request: HttpRequest, found: Declaration, form: forms.Form, act: Callable[[str], object]
) -> HttpResponse:
    """Keeps what was typed; where that is refused, it is shown again with the reason."""
    try:
        if form.is_valid():
            act(form.cleaned_data["text"])
            return _back(request, found.pk)
        reason = first_error(form)
    except RefusedError as refusal:
        reason = str(refusal)
    text = request.POST.get("text", "")
    if not text.strip():
        messages.error(request, reason)
        return _back(request, found.pk)
    context = {
        "declaration": found,
        "reason": reason,
        "text": text,
        "anchor": request.POST.get("anchor", ""),
        "cell": request.POST.get("cell", ""),
        "back": _address(request, found.pk),
        "longest": commenting.LONGEST_COMMENT,
    }
    return render(request, "comments/refused.html", context, status=409)


def _back(request: HttpRequest, pk: int) -> HttpResponse:
    return redirect(_address(request, pk))


def _address(request: HttpRequest, pk: int) -> str:
    """Where the person came from: the page named in ``next``, or the cell that was chosen."""
    wanted = request.POST.get("next", "")
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    address = reverse("declaration", kwargs={"pk": pk})
    cell = request.POST.get("cell", "")
    return f"{address}?{urlencode({'cell': cell})}" if cell else address
