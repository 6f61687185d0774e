"""Makes Django stricter while testing."""

import re
from contextlib import nullcontext
from typing import Any

from django.db import connection
from django.db.models import QuerySet

WRITE = re.compile(r"^\s*(INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)
MAY_BE_WRITTEN_BY_ANY_REQUEST = re.compile(r"declarations_session$|axes_")


def refuse_writes(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
    """Fails when a GET writes anything but the session."""
    match = WRITE.match(str(sql))
    if match and not MAY_BE_WRITTEN_BY_ANY_REQUEST.match(match[2]):
        raise AssertionError(f"a GET must not write: {sql}")
    return execute(sql, params, many, context)


class ReadOnlyGets:
    """Middleware of the tests: GET and HEAD only read."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        reading = request.method in ("GET", "HEAD")
        with connection.execute_wrapper(refuse_writes) if reading else nullcontext():
            return self.get_response(request)


def require_of_in_select_for_update() -> None:
    """`select_for_update` without `of` locks every joined row; we always say which."""
    original = QuerySet.select_for_update

    def strict(self: Any, *args: Any, of: tuple[str, ...] = (), **kwargs: Any) -> Any:
        ours = self.model._meta.app_label == "declarations"
        assert of or not ours, "select_for_update needs of=…"
        return original(self, *args, of=of, **kwargs)

    QuerySet.select_for_update = strict  # type: ignore[method-assign]


class UndefinedVariable:
    """In place of an undefined template variable: fails, but not inside crispy's own templates,
    which ask for many that nobody set."""

    def __init__(self, strict: Any) -> None:
        self.strict = strict

    def __contains__(self, key: str) -> bool:
        return key == "%s"

    def __mod__(self, name: str) -> str:
        origin = str(self.strict._get_origin())
        return "" if "/crispy_" in origin else str(self.strict % name)
