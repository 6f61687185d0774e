"""The registry of checks: one check, one function, one code.

A check looks at a bound table and yields findings. What must be corrected
blocks submission; a hint asks for an explanation.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from declarations.sheets.table import Table


class Level(Enum):
    MUST = "must"
    HINT = "hint"

    @property
    def label(self) -> str:
        return {"must": "必须修正", "hint": "提示"}[self.value]


@dataclass(frozen=True, slots=True)
class Finding:
    """校验结果: what a check found, and the anchors of the cells it is about, most telling first."""

    level: Level
    code: str
    message: str
    anchors: tuple[str, ...]

    @property
    def key(self) -> str:
        """Names what it is about, whatever the figures say now: an explanation is kept by it."""
        about = "\n".join((self.code, *self.anchors))
        return hashlib.blake2b(about.encode(), digest_size=16).hexdigest()


CheckFunction = Callable[[Table], Iterator[tuple[str, tuple[str, ...]]]]
"""Yields (message, anchors) for each thing found."""


@dataclass(frozen=True, slots=True)
class Check:
    """A check with what is said about it: its level, and the source of its rule."""

    code: str
    level: Level
    source: str
    function: CheckFunction


CHECKS: dict[str, Check] = {}
"""Every check by its code."""


def check(code: str, level: Level, source: str) -> Callable[[CheckFunction], CheckFunction]:
    """Registers a check function."""

    def register(function: CheckFunction) -> CheckFunction:
        if code in CHECKS:
            raise ValueError(f"two checks are called {code}")
        CHECKS[code] = Check(code, level, source, function)
        return function

    return register


def run_checks(table: Table) -> list[Finding]:
    """All findings, what must be corrected first, otherwise in the order of the form."""
    order = {entry.anchor: i for i, entry in enumerate(table.entries())}
    findings = [
        Finding(c.level, c.code, message, anchors)
        for c in CHECKS.values()
        for message, anchors in c.function(table)
    ]
    return sorted(
        findings,
        key=lambda f: (f.level is Level.HINT, order.get(f.anchors[0], -1) if f.anchors else -1),
    )
