"""Reads table.txt, in which a person can read who may what."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.access.world import PEOPLE, SPECIAL, STATES

FILE = Path(__file__).parent / "table.txt"
GROUPS = (1, 2, 2, 5, 7)
"""How many of PEOPLE each group of letters is for."""
UNKNOWN_METHOD = "x"
OF_NONE = "-"
EVERY = "*"


@dataclass(frozen=True, slots=True)
class Line:
    """What each of PEOPLE is answered, a letter each; states: of a declaration, or OF_NONE."""

    address: str
    method: str
    states: tuple[str, ...]
    letters: str

    def __str__(self) -> str:
        states = ",".join(self.states)
        return f"{self.address:<24} {self.method:<4} {states:<28} {grouped(self.letters)}"


def read_table() -> list[Line]:
    """The lines of the table, ``*`` written out. Raises ValueError for one that is none."""
    lines = [
        _parse(text) for text in FILE.read_text().splitlines() if text and not text.startswith("#")
    ]
    named: dict[tuple[str, str], set[str]] = {}
    for line in lines:
        named.setdefault((line.address, line.method), set()).update(line.states)
    return [
        Line(
            line.address,
            line.method,
            tuple(s for s in STATES if s not in named[line.address, line.method]),
            line.letters,
        )
        if line.states == (EVERY,)
        else line
        for line in lines
    ]


def grouped(letters: Iterable[str]) -> str:
    """As in the file: ``L oo oo ooooo ooooooo``."""
    letters, found, start = "".join(letters), [], 0
    if set(letters[1:]) == {UNKNOWN_METHOD}:
        return UNKNOWN_METHOD
    for size in GROUPS:
        found.append(letters[start : start + size])
        start += size
    return " ".join(found)


def _parse(text: str) -> Line:
    address, method, states, *groups = text.split()
    if groups == [UNKNOWN_METHOD]:
        letters = "L" + UNKNOWN_METHOD * (len(PEOPLE) - 1)
    else:
        letters = "".join(groups)
    known = {*STATES, *SPECIAL, EVERY, OF_NONE}
    if method not in ("GET", "POST") or len(letters) != len(PEOPLE):
        raise ValueError(f"not a line of the table: {text}")
    if unknown := set(states.split(",")) - known:
        raise ValueError(f"no such state: {unknown} in {text}")
    return Line(address, method, tuple(states.split(",")), letters)
