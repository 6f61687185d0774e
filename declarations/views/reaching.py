"""How a view reaches a declaration: only through a query scoped to the user."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse

from declarations import permissions
from declarations.models import Bureau, Declaration, User
from declarations.queries.declarations import one_visible, visible_to
from declarations.queries.templates import Version, version_of

View = Callable[..., HttpResponse]


def person(request: HttpRequest) -> User:
    """The user who is logged in; the middleware lets nobody else through."""
    user = request.user
    assert not isinstance(user, AnonymousUser)
    return user


def require_reach(request: HttpRequest, pk: int) -> None:
    """404 like `reach`, for views whose domain function reads the declaration itself, locked."""
    if not visible_to(person(request)).filter(pk=pk).exists():
        raise Http404


def reach(request: HttpRequest, pk: int) -> Declaration:
    """The declaration, or 404: also for one that exists but is none of this person's business."""
    declaration = one_visible(person(request), pk)
    if declaration is None:
        raise Http404
    return declaration


def only_for(may: Callable[[User, Bureau], bool]) -> Callable[[View], View]:
    """Makes a view 404 for whoever may not, by a predicate of `permissions`, in their own bureau."""

    def guarded(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, **arguments: Any) -> HttpResponse:
            user = person(request)
            if not may(user, user.bureau):
                raise Http404
            return view(request, **arguments)

        return answer

    return guarded


administrators_only = only_for(permissions.can_manage_templates)
"""404 for whoever does not manage the forms and rounds of their bureau."""


def reach_version(request: HttpRequest, pk: int) -> Version:
    """A version of one of the bureau's own forms, or 404."""
    version = version_of(person(request).bureau, pk)
    if version is None:
        raise Http404
    return version
