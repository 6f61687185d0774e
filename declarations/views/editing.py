"""What the editor's script asks for: saving cells, pasting, rows, undo. JSON in, JSON out."""

import json
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from declarations import permissions
from declarations.domain import carrying, drafting, pasting, undoing
from declarations.domain import cells as cells_domain
from declarations.domain import rows as rows_domain
from declarations.domain.errors import RefusedError
from declarations.domain.explaining import explain_hints
from declarations.models import Declaration
from declarations.queries import comments, pages, scores
from declarations.queries.findings import explanation_anchor, progress_of
from declarations.queries.target_notes import mark_rows, target_note
from declarations.sheets.html import render_editor
from declarations.sheets.report import DRAFT_MARK
from declarations.sheets.strip_html import verdict_html
from declarations.views import evidence
from declarations.views.reaching import person, reach, require_reach

Payload = dict[str, Any]


class BadRequestError(Exception):
    """The script sent something that none of our pages would send."""


class TooMuchError(Exception):
    """More than one request may hold."""


def _json(view: Callable[[HttpRequest, int, Payload], Payload]) -> Callable[..., HttpResponse]:
    """Reads the JSON body, and turns refusals into 409 with a message.

    The domain function reads the declaration, locked, and checks who may write. Only what
    is not done is asked whether it was in reach at all: what is not must be a 404.
    """

    @require_POST
    @wraps(view)
    def answer(request: HttpRequest, pk: int) -> HttpResponse:
        try:
            return JsonResponse(view(request, pk, _payload(request)))
        except BadRequestError:
            message, status = "请求无法识别，请刷新页面后重试", 400
        except TooMuchError:
            message, status = "一次发送的内容过多，请分几次粘贴或保存", 413
        except RefusedError as refusal:
            message, status = str(refusal), 409
        except Declaration.DoesNotExist:
            raise Http404 from None
        require_reach(request, pk)
        return JsonResponse({"message": message}, status=status)

    return answer


def _payload(request: HttpRequest) -> Payload:
    try:
        payload = json.loads(request.body)
    except RequestDataTooBig:
        raise TooMuchError from None
    except (ValueError, RecursionError):
        raise BadRequestError from None
    if not isinstance(payload, dict):
        raise BadRequestError
    return payload


def _text(payload: Payload, key: str) -> str:
    value = payload.get(key, "")
    if not isinstance(value, str):
        raise BadRequestError
    return _storable(value)


def _storable(text: str) -> str:
    """Without what PostgreSQL cannot hold: NUL, and halves of characters (then “?”)."""
    return text.replace("\x00", "").encode(errors="replace").decode()


def _list(payload: Payload, key: str) -> list[Any]:
    value = payload.get(key)
    if not isinstance(value, list):
        raise BadRequestError
    return value


@_json
def cells(request: HttpRequest, pk: int, payload: Payload) -> Payload:
    """Saves cells and explanations: ``{changes: [{anchor, text, version}]}``."""
    changes = _list(payload, "changes")
    if len(changes) > cells_domain.MOST_CHANGES or not all(isinstance(c, dict) for c in changes):
        raise BadRequestError
    typed = [
        cells_domain.Change(_text(c, "anchor"), _text(c, "text"), _text(c, "version"))
        for c in changes
    ]
    told = [c for c in typed if c.anchor.startswith(explanation_anchor(""))]
    saved = cells_domain.save_cells(
        person(request), declaration_id=pk, changes=[c for c in typed if c not in told]
    )
    explained = explain_hints(person(request), declaration_id=pk, changes=told) if told else []
    return {
        "outcomes": [asdict(o) for o in (*saved.outcomes, *explained)],
        "computed": saved.computed,
        "scores": _scores(saved),
        "saved_at": timezone.localtime().strftime("%H:%M:%S"),
    }


def _scores(saved: cells_domain.Saved) -> Payload | None:
    """What is shown of the scores that changed with a save: the strips, by the anchors of their
    items, and the totals."""
    if saved.scored is None:
        return None
    return {
        "verdicts": {anchor: verdict_html(strip) for anchor, strip in saved.rescored.items()},
        "totals": render_to_string("scoring/totals.html", {"scored": saved.scored}),
    }


@_json
def paste(request: HttpRequest, pk: int, payload: Payload) -> Payload:
    """Pastes a block: ``{anchor, block: [[text]]}``."""
    block = _list(payload, "block")
    if not all(isinstance(r, list) and all(isinstance(t, str) for t in r) for r in block):
        raise BadRequestError
    pasted = pasting.paste(
        person(request),
        declaration_id=pk,
        anchor=_text(payload, "anchor"),
        block=[[_storable(text) for text in row] for row in block],
    )
    return {
        "outcomes": [asdict(o) for o in pasted.outcomes],
        "texts": pasted.texts,
        "added_rows": pasted.added_rows,
        "left_over": pasted.left_over,
        "event": pasted.event.pk if pasted.event else None,
        "saved_at": timezone.localtime().strftime("%H:%M:%S"),
    }


@_json
def rows(request: HttpRequest, pk: int, payload: Payload) -> Payload:
    """Acts on a row: ``{action: add | up | down | remove, list, anchor}``."""
    actor, anchor = person(request), _text(payload, "anchor")
    match payload.get("action"):
        case "add":
            added = rows_domain.add_row(
                actor, declaration_id=pk, list_anchor=_text(payload, "list"), after=anchor
            )
            return {"row": added}
        case "up" | "down" as direction:
            by = -1 if direction == "up" else 1
            rows_domain.move_row(actor, declaration_id=pk, anchor=anchor, by=by)
            return {"row": anchor}
        case "remove":
            event = rows_domain.remove_row(actor, declaration_id=pk, anchor=anchor)
            return {"row": "", "event": event.pk}
    raise BadRequestError


@_json
def carry_over(request: HttpRequest, pk: int, _payload: Payload) -> Payload:
    """Brings last year's content in: ``{}``."""
    done = carrying.carry_over(person(request), declaration_id=pk)
    return {"message": str(done), "event": done.event.pk}


@_json
def draft(request: HttpRequest, pk: int, payload: Payload) -> Payload:
    """Writes the first draft of a passage: ``{anchor, version, replace}``."""
    drafted = drafting.draft(
        person(request),
        declaration_id=pk,
        anchor=_text(payload, "anchor"),
        version=_text(payload, "version"),
        replace=payload.get("replace") is True,
    )
    message = f"已按{drafted.source}起草，请核对修改后删去“{DRAFT_MARK}”"
    return {"message": message, "event": drafted.event.pk}


@_json
def undo(request: HttpRequest, pk: int, payload: Payload) -> Payload:
    """Takes back a removal, a paste or what was carried over: ``{event}``."""
    event = payload.get("event")
    if not isinstance(event, int):
        raise BadRequestError
    return {"message": undoing.undo(person(request), declaration_id=pk, event_id=event)}


@require_GET
def table(request: HttpRequest, pk: int) -> HttpResponse:
    """The editor's table anew, after rows came or went."""
    declaration = _own_draft(request, pk)
    bound = pages.editor_table(declaration)
    threads = comments.situate(comments.threads_of(person(request), declaration), bound)
    scored = scores.scored_draft(declaration, bound.form, bound.records)
    strips = scores.strips_to_fill(declaration, bound, scored)
    strips = evidence.with_links(person(request), declaration, strips)
    marks = pages.marks(threads)
    mark_rows(marks, bound, target_note(person(request), declaration, bound, editable=True))
    return HttpResponse(render_editor(bound, marks, strips))


@require_GET
def outline(request: HttpRequest, pk: int) -> HttpResponse:
    """The sections with what is left to do, and what the checks find."""
    declaration = _own_draft(request, pk)
    bound = pages.editor_table(declaration)
    scored = scores.scored_draft(declaration, bound.form, bound.records)
    sections = progress_of(declaration, bound, scored.scoring if scored else None)
    context = {
        "declaration": declaration,
        "scored": scored,
        "sections": sections,
        "opened": pages.opened_names(declaration),
        "refreshing": True,
    }
    return render(request, "declarations/outline.html", context)


def _own_draft(request: HttpRequest, pk: int) -> Declaration:
    declaration = reach(request, pk)
    if not permissions.can_see_draft(person(request), declaration):
        raise Http404
    return declaration
