"""What changed in a text, as somebody proof-reading Chinese would mark it.

First whole sentences are compared, then what differs between them, character by character;
a number with its sign of percent, or a Latin word, counts as one character. That is Myers'
algorithm (An O(ND) difference algorithm and its variations, 1986). Then what would be
confetti is put together: a few equal characters between two changes belong to the change.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from math import isqrt


class Edit(StrEnum):
    EQUAL = "equal"
    DELETE = "delete"
    INSERT = "insert"


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that follow each other and share a fate."""

    edit: Edit
    text: str


_SENTENCE = re.compile(r"[^。；！？\n]*[。；！？\n]+|[^。；！？\n]+")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*[%％‰]?|[A-Za-z]+|.", re.DOTALL)

_ENDS = re.compile(r"[。；！？，、：,;]")

_MOST_STEPS = 400_000
"""Steps of Myers' algorithm for one pair of texts; what would need more is replaced whole."""

_SHORT = 4
"""Equal characters between two changes that may belong to the change: not more."""

_KINDRED = 0.3
"""From this share of the shorter text in common on, it is the same text reworked."""


def text_diff(old: str, new: str) -> list[Run]:
    """Runs that lead from one text to the other, what is deleted before what is inserted.

    The equal and the deleted ones make up `old`, the equal and the inserted ones `new`; none
    is blank, and no two neighbours are of one kind. Takes a second at the very most for
    texts of 5,000 characters, whatever they are.
    """
    budget = _Budget(_MOST_STEPS)
    pieces: list[_Piece] = []
    for before, after in _blocks(_SENTENCE.findall(old), _SENTENCE.findall(new), budget):
        if before == after:
            pieces.append((before, after))
        else:
            pieces += _blocks(_TOKEN.findall(before), _TOKEN.findall(after), budget)
    pieces = _joined(_at_punctuation(_without_confetti(_joined(pieces))))
    common = sum(_length(before) for before, after in pieces if before == after)
    if common < _KINDRED * min(_length(old), _length(new)):
        return replaced(old, new)
    return [run for before, after in pieces for run in replaced(before, after)]


def replaced(old: str, new: str) -> list[Run]:
    """One value in place of another, as numbers and choices are compared."""
    if old == new:
        return [Run(Edit.EQUAL, old)] if old else []
    return [run for run in (Run(Edit.DELETE, old), Run(Edit.INSERT, new)) if run.text]


@dataclass(slots=True)
class _Budget:
    """The steps that are left."""

    steps: int


_Piece = tuple[str, str]
"""What was there, and what is there in its place: equal where nothing changed."""


def _blocks(old: Sequence[str], new: Sequence[str], budget: _Budget) -> list[_Piece]:
    """What stays, part by part, and between it what was put in place of what."""
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    old_end, new_end = len(old) - end, len(new) - end
    stays = [(i, i) for i in range(start)]
    found = _pairs(old[start:old_end], new[start:new_end], budget)
    stays += [(start + i, start + j) for i, j in found]
    stays += [(old_end + i, new_end + i) for i in range(end)]
    pieces: list[_Piece] = []
    x = y = 0
    for i, j in [*stays, (len(old), len(new))]:
        pieces.append(("".join(old[x:i]), "".join(new[y:j])))
        pieces += [(part, part) for part in old[i : i + 1]]
        x, y = i + 1, j + 1
    return pieces


def _length(text: str) -> int:
    """In characters, a number counting as one."""
    return len(_TOKEN.findall(text))


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many parts two sequences begin with together."""
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return length


def _pairs(old: Sequence[str], new: Sequence[str], budget: _Budget) -> list[tuple[int, int]]:
    """The places of what stays in a shortest edit script; none where it takes too long to find.

    Myers' greedy algorithm: `furthest` holds, by diagonal, the furthest place in `old` that d
    deletions and insertions lead to. It is kept for every d to find the way back.
    """
    if not old or not new:
        return []
    furthest = {1: 0}
    trail: list[dict[int, int]] = []
    for d in range(min(len(old) + len(new), isqrt(2 * max(budget.steps, 0))) + 1):
        trail.append(furthest.copy())
        for k in range(-d, d + 1, 2):
            down = k == -d or (k != d and furthest[k - 1] < furthest[k + 1])
            x = furthest[k + 1] if down else furthest[k - 1] + 1
            y = x - k
            while x < len(old) and y < len(new) and old[x] == new[y]:
                x, y = x + 1, y + 1
            furthest[k] = x
            if x >= len(old) and y >= len(new):
                budget.steps -= d * d // 2
                return _way_back(trail, len(old), len(new))
    budget.steps = 0
    return []


def _way_back(trail: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    """What stays, from the last step to the first, and then in order."""
    pairs: list[tuple[int, int]] = []
    for d in range(len(trail) - 1, -1, -1):
        furthest, k = trail[d], x - y
        down = k == -d or (k != d and furthest[k - 1] < furthest[k + 1])
        before = k + 1 if down else k - 1
        start_x = furthest[before] if d else 0
        start_y = start_x - before if d else 0
        while x > start_x and y > start_y:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        x, y = start_x, start_y
    return pairs[::-1]


def _joined(pieces: Iterable[_Piece]) -> list[_Piece]:
    """Neighbours that both stay, or both change, as one; nothing blank."""
    filled = (piece for piece in pieces if piece != ("", ""))
    groups = (list(group) for _, group in groupby(filled, key=lambda piece: piece[0] == piece[1]))
    return [("".join(p[0] for p in group), "".join(p[1] for p in group)) for group in groups]


def _without_confetti(pieces: Iterable[_Piece]) -> list[_Piece]:
    """A few characters between two changes, both at least as long, belong to the change."""
    kept: list[_Piece] = []
    for piece in pieces:
        kept.append(piece)
        while len(kept) > 2 and _is_confetti(*kept[-3:]):
            last = kept[-3:]
            kept[-3:] = [("".join(p[0] for p in last), "".join(p[1] for p in last))]
    return kept


def _at_punctuation(pieces: Sequence[_Piece]) -> list[_Piece]:
    """Moves what was only inserted or only deleted so that it ends like a sentence or a clause.

    Of ``甲。[乙。]`` and ``甲[。乙]。``, which say the same, the first is how it was written.
    """
    moved = list(pieces)
    for index in range(1, len(moved) - 1):
        before, change, after = moved[index - 1 : index + 2]
        text = change[0] or change[1]
        if "" not in change or before[0] != before[1] or after[0] != after[1]:
            continue
        shared = _common(text, after[0][: len(text)])
        by = next(
            (n for n in range(shared + 1) if _ENDS.match((text[n - 1] if n else text[-1]))), 0
        )
        turned = text[by:] + text[:by]
        moved[index - 1] = (before[0] + text[:by],) * 2
        moved[index] = (turned, "") if change[0] else ("", turned)
        moved[index + 1] = (after[0][by:],) * 2
    return moved


def _is_confetti(before: _Piece, equal: _Piece, after: _Piece) -> bool:
    if equal[0] != equal[1] or before[0] == before[1] or after[0] == after[1]:
        return False
    return len(equal[0]) <= min(_SHORT, max(map(len, before)), max(map(len, after)))
