"""Looking at everything that has a hash, with the progress told."""

from collections.abc import Callable

from declarations.queries.integrity import looked_at

_TOLD_EVERY = 1_000


def verify(tell: Callable[[str], object]) -> list[str]:
    """What is not any longer what was stored, a line each."""
    found: list[str] = []
    for label, count, rows in looked_at():
        for number, row in enumerate(rows, start=1):
            if row.problem:
                found.append(f"{label} {row.what}：{row.problem}")
            if number % _TOLD_EVERY == 0:
                tell(f"{label} {number} / {count}")
        tell(f"{label}：已核对 {count} 项")
    return found
