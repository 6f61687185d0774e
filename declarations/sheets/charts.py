"""Bar charts as numbers: what an SVG draws, and what is said to who does not see it.

Units are those of the drawing, which is as wide as a telephone: it is never shown smaller than
its letters can be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH = 320
_LEFT = 52
_RIGHT = WIDTH - 86
_THICK = 16
_GAP = 12
_BASELINE = 12.5
"""From the top of a bar to the baseline of what is written beside it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A value of one series. series: which, from 0. text: the value as it is said."""

    series: int
    value: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A label, such as a year, and its values."""

    label: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A drawn value."""

    series: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Words:
    """Something written; at its left end, x, and on its baseline, y."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn. series: what each is called. description: all of it in a sentence."""

    title: str
    series: tuple[str, ...]
    height: float
    bars: tuple[Bar, ...]
    words: tuple[Words, ...]
    description: str
    width: int = WIDTH
    left: int = _LEFT


def beside(title: str, series: Sequence[str], lines: Sequence[Line]) -> Chart:
    """Of each line one bar below the other; what has no value has no bar."""
    most = max((part.value for line in lines for part in line.parts), default=Decimal(0))
    bars, words, top = [], [], 0.0
    for line in lines:
        words.append(Words(line.label, 0, top + _BASELINE))
        for part in line.parts:
            width = _share(part.value, most)
            bars.append(Bar(part.series, _LEFT, top, width, _THICK))
            words.append(Words(part.text, _LEFT + width + 5, top + _BASELINE))
            top += _THICK + 2
        top += _GAP
    return _chart(title, series, lines, bars, words, top)


def stacked(title: str, series: Sequence[str], lines: Sequence[Line]) -> Chart:
    """Of each line one bar, its parts one after the other, and their sum behind it."""
    sums = [sum((part.value for part in line.parts), Decimal(0)) for line in lines]
    most = max(sums, default=Decimal(0))
    bars, words, top = [], [], 0.0
    for line, total in zip(lines, sums, strict=True):
        words.append(Words(line.label, 0, top + _BASELINE))
        left = float(_LEFT)
        for part in line.parts:
            width = _share(part.value, most)
            bars.append(Bar(part.series, round(left, 2), top, width, _THICK))
            left += width
        words.append(Words(f"{total:f} 项", round(left + 5, 2), top + _BASELINE))
        top += _THICK + _GAP
    return _chart(title, series, lines, bars, words, top)


def _share(value: Decimal, most: Decimal) -> float:
    """How long a bar is; what is less than nothing has none."""
    return round(float(max(value, Decimal(0)) / most) * (_RIGHT - _LEFT), 2) if most > 0 else 0.0


def _chart(
    title: str,
    series: Sequence[str],
    lines: Sequence[Line],
    bars: list[Bar],
    words: list[Words],
    height: float,
) -> Chart:
    said = "；".join(
        f"{line.label}：" + "，".join(f"{series[part.series]} {part.text}" for part in line.parts)
        for line in lines
    )
    return Chart(title, tuple(series), max(height - _GAP, 0), tuple(bars), tuple(words), said)
