"""The links at the top of every page: which places there are, and for whom."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import reverse

from declarations.models import OF_DEPARTMENTS, Role
from declarations.permissions import SEE_HANDED_IN
from declarations.queries.notices import MANY, unread_count

register = template.Library()


@dataclass(frozen=True, slots=True)
class Place:
    """A page that people come back to. name: of its address; pages beneath that belong to it,
    as do those of ``others``, and the pages named in ``pages``, wherever they are."""

    title: str
    name: str
    roles: tuple[Role, ...] = tuple(Role)
    others: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()


PLACES = (
    Place("首页", "home"),
    Place("申报清单", "declarations", (*OF_DEPARTMENTS, *SEE_HANDED_IN)),
    Place("批注", "comment-index", (*OF_DEPARTMENTS, Role.REVIEWER)),
    Place("审核", "review", (Role.REVIEWER, Role.HEAD)),
    Place("公开", "publishing", (Role.PUBLISHER,), pages=("publishing-check", "round-masking")),
    Place("批次", "rounds", SEE_HANDED_IN, ("grades",)),
    Place("批量任务", "batches", (Role.PUBLISHER, Role.SYSTEM)),
    Place("表样", "templates", (Role.SYSTEM,)),
    Place("部门", "departments", (Role.SYSTEM,), ("groups",)),
    Place("人员", "people", (Role.SYSTEM, Role.SECURITY)),
    Place("账号安全", "security", (Role.SECURITY,)),
    Place("发件箱", "outbox", (Role.SYSTEM,)),
    Place("审计记录", "record", (Role.AUDITOR,)),
)
"""In the order in which they are shown."""
_ELSEWHERE = frozenset(name for place in PLACES for name in place.pages)


@dataclass(frozen=True, slots=True)
class Link:
    """A place as it is drawn. current: the value of aria-current, "" where one is elsewhere."""

    title: str
    address: str
    current: str


@register.simple_tag(takes_context=True)
def places(context: dict[str, Any]) -> list[Link]:
    """The links of the person who is logged in; none where there is only the home page."""
    request = context["request"]
    found = request.resolver_match
    page = found.url_name if found and found.url_name in _ELSEWHERE else ""
    links = [
        Link(place.title, address, _current(place, request.path, page))
        for place in PLACES
        if request.user.role in place.roles
        for address in [reverse(place.name)]
    ]
    return links if len(links) > 1 else []


@register.simple_tag(takes_context=True)
def unread(context: dict[str, Any]) -> str:
    """How many notices wait to be read, "" where none do."""
    count = unread_count(context["request"].user)
    return f"{count - 1}+" if count == MANY else str(count or "")


def _current(place: Place, path: str, page: str) -> str:
    """page: the name of a page that belongs to a place whatever its address; "" for others."""
    if page:
        return "true" if page in place.pages else ""
    address = reverse(place.name)
    if path == address:
        return "page"
    beneath = [reverse(name) for name in (place.name, *place.others)]
    return "true" if address != "/" and path.startswith(tuple(beneath)) else ""
