"""How a view reaches a declaration: only through a query scoped to the user."""

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest

from declarations.models import Declaration, User
from declarations.queries.declarations import visible_to


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
    declaration = visible_to(person(request)).filter(pk=pk).first()
    if declaration is None:
        raise Http404
    return declaration
