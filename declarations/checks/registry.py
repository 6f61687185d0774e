"""The registry of checks: one check, one function, one code.

A check looks at the content of a form and yields what it found. What must be corrected
blocks submission; a hint asks for an explanation.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import NamedTuple

from declarations.checks.content import Around, Content
from declarations.sheets import rules
from declarations.sheets.table import Table


class Level(Enum):
    MUST = "must"
    HINT = "hint"

    @property
    def label(self) -> str:
        return {"must": rules.MUST, "hint": rules.HINT}[self.value]


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


class Found(NamedTuple):
    """One thing that a check found. level and code: only where it is not the check's own."""

    message: str
    anchors: tuple[str, ...]
    level: Level | None = None
    code: str = ""


CheckFunction = Callable[[Content], Iterator[Found]]


@dataclass(frozen=True, slots=True)
class Check:
    """A check with what is said of it, in Chinese, wherever checks are described.

    level: None where each finding has its own. about: what it finds, and what it lets pass.
    source: where its rule comes from.
    """

    code: str
    level: Level | None
    title: str
    about: str
    source: str
    function: CheckFunction


CHECKS: dict[str, Check] = {}
"""Every check by its code, in the order in which they are described."""


def check(
    code: str, level: Level | None, title: str, *, about: str, source: str
) -> Callable[[CheckFunction], CheckFunction]:
    """Registers a check function."""

    def register(function: CheckFunction) -> CheckFunction:
        if code in CHECKS:
            raise ValueError(f"two checks are called {code}")
        CHECKS[code] = Check(code, level, title, about, source, function)
        return function

    return register


def run_checks(table: Table, around: Around | None = None) -> list[Finding]:
    """All findings, what must be corrected first, otherwise in the order of the form.

    around: what is known besides the form; without it nothing is.
    What one check says twice of the same cells is one finding: there is one explanation to it.
    """
    content = Content(table, around or Around())
    findings: dict[str, Finding] = {}
    for check in CHECKS.values():
        for found in check.function(content):
            level = found.level or check.level
            assert level is not None
            if found.anchors and content.carried.issuperset(found.anchors):
                level = Level.HINT  # what was approved can be explained here, not corrected
            finding = Finding(level, found.code or check.code, found.message, found.anchors)
            if same := findings.get(finding.key):
                finding = replace(finding, message=f"{same.message}；{finding.message}")
            findings[finding.key] = finding
    order = content.order
    return sorted(
        findings.values(),
        key=lambda f: (f.level is Level.HINT, order.get(f.anchors[0], -1) if f.anchors else -1),
    )
