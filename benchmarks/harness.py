"""Measures two ways of doing one thing in turns, and prints what the one takes of the other."""

import gc
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Self

WARM_UP = 3
"""Rounds that are not counted."""
DEPTHS = 20
"""Calls begin this many different numbers of frames deep. CPython keeps frames in chunks,
and where a chunk's edge falls into a busy loop makes some per cent of difference."""


@dataclass(frozen=True, slots=True)
class Aim:
    """How ours should compare. `most`: its largest share of the baseline's time."""

    most: float
    text: str

    @classmethod
    def within(cls, times: float) -> Self:
        """Ours takes at most so many times as long as the baseline."""
        return cls(times, f"at most {times:g}")

    @classmethod
    def faster(cls, times: float) -> Self:
        """The baseline takes at least so many times as long as ours."""
        return cls(1 / times, f"{times:g} times faster")


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Ours and the baseline: each does the whole thing once and checks that it was done."""

    name: str
    ours: Callable[[], object]
    against: str = ""
    baseline: Callable[[], object] | None = None
    aim: Aim | None = None
    rounds: int = 50
    calls: int = 1  # in a row, in each turn


@dataclass(frozen=True, slots=True)
class Result:
    """Medians in milliseconds."""

    benchmark: Benchmark
    ours: float
    baseline: float | None

    @property
    def ratio(self) -> float | None:
        """Ours as a share of the baseline."""
        return self.ours / self.baseline if self.baseline else None


def measure(benchmark: Benchmark) -> Result:
    """Runs both sides in turns, each round beginning with the other one.

    The collector's work is kept out of the timings: what was set up is exempted
    from it, and it runs between them.
    """
    sides = [s for s in (benchmark.ours, benchmark.baseline) if s]
    times: dict[Callable[[], object], list[float]] = {side: [] for side in sides}
    for _ in range(WARM_UP):
        for side in sides:
            side()
    gc.collect()
    gc.freeze()
    for number in range(benchmark.rounds):
        for side in sides if number % 2 else reversed(sides):
            times[side].append(_milliseconds(side, benchmark.calls, number % DEPTHS))
    gc.unfreeze()
    ours, baseline = median(times[benchmark.ours]), None
    if benchmark.baseline:
        baseline = median(times[benchmark.baseline])
    return Result(benchmark, ours, baseline)


def table(results: Sequence[Result]) -> str:
    """One line for each benchmark, in aligned columns."""
    rows: list[tuple[str, ...]] = [
        ("benchmark", "ours ms", "against", "ms", "ratio", "aim", "holds")
    ]
    rows += [_row(result) for result in results]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(t + " " * (w - _width(t)) for t, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "  ".join("-" * w for w in widths), *lines[1:]])


def _row(result: Result) -> tuple[str, ...]:
    benchmark, ratio = result.benchmark, result.ratio
    name, ours = benchmark.name, f"{result.ours:.2f}"
    if ratio is None or result.baseline is None:
        return name, ours, "", "", "", "", ""
    aim = benchmark.aim
    shown = f"{ratio:.2f}" if ratio > 0.5 else f"1/{1 / ratio:.1f}"
    holds = "" if aim is None else "yes" if ratio <= aim.most else "NO"
    baseline = f"{result.baseline:.2f}"
    return name, ours, benchmark.against, baseline, shown, aim.text if aim else "", holds


def _milliseconds(side: Callable[[], object], calls: int, depth: int) -> float:
    if depth:
        return _milliseconds(side, calls, depth - 1)
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        for _ in range(calls):
            side()
        return (time.perf_counter() - start) * 1000 / calls
    finally:
        gc.enable()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
