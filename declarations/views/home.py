"""The home page: what this person has to do, and where the rest stands."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from declarations.models import Role, User
from declarations.queries import bureau_home
from declarations.queries.home import groups_for
from declarations.queries.progress import running
from declarations.queries.publishing_list import to_publish
from declarations.views.reaching import person

ROUNDS = 5
"""Rounds whose progress is shown."""


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Each role its own."""
    user = person(request)
    template, content = _PAGES[Role(user.role)]
    return render(request, f"home/{template}.html", content(user, timezone.now()))


def _department(user: User, now: datetime) -> dict[str, Any]:
    return {"groups": groups_for(user, now)}


def _reviewer(user: User, now: datetime) -> dict[str, Any]:
    return {"queue": bureau_home.to_review(user, now), **_rounds(user, now)}


def _publisher(user: User, now: datetime) -> dict[str, Any]:
    return {"publishing": to_publish(user, timezone.localdate(now)), **_rounds(user, now)}


def _system(user: User, now: datetime) -> dict[str, Any]:
    return {"setting_up": bureau_home.setting_up(user.bureau), **_rounds(user, now)}


def _security(user: User, now: datetime) -> dict[str, Any]:
    return {"safety": bureau_home.safety(user.bureau)}


def _auditor(user: User, now: datetime) -> dict[str, Any]:
    return {"lines": bureau_home.last_acts(user.bureau)}


def _rounds(user: User, now: datetime) -> dict[str, Any]:
    return {"rounds": running(user.bureau, now, ROUNDS)}


_PAGES: dict[Role, tuple[str, Callable[[User, datetime], dict[str, Any]]]] = {
    Role.FILER: ("department", _department),
    Role.HEAD: ("department", _department),
    Role.REVIEWER: ("reviewer", _reviewer),
    Role.PUBLISHER: ("publisher", _publisher),
    Role.SYSTEM: ("system", _system),
    Role.SECURITY: ("security", _security),
    Role.AUDITOR: ("auditor", _auditor),
}
