"""Where the request that is being answered came from, for the record of what it does."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """ip: None for the shell and the queue. agent: the browser's own words."""

    ip: str | None = None
    agent: str = ""


_NOWHERE = Origin()
_CURRENT: ContextVar[Origin] = ContextVar("origin", default=_NOWHERE)


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """Whatever is recorded inside came from there."""
    token = _CURRENT.set(origin)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current() -> Origin:
    """Where what happens now comes from."""
    return _CURRENT.get()
