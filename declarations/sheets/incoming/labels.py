"""Compares the words of a form with those of an upload, however they are spaced or punctuated."""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from declarations.sheets.written_units import states_unit
from scoring.numbers import NotANumberError, read_number

_BRACKETED = re.compile(r"[（(【\[〔][^（）()【】\[\]〔〕]*[)）】\]〕]")
_NUMBERED = re.compile(
    r"^\s*[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})(?:[)）、]|[.．](?!\d))\s*"
)
_NUMERALS = frozenset("0123456789一二三四五六七八九十前上本去今后")
"""What tells two headings apart, never a slip of the pen: 一级指标 and 二级指标."""
_UNITS = re.compile("(?:人民币)?(?:亿元|万元|千元)")
LONGEST_LABEL = 120
"""Of headings: what is longer is prose, or the words of a rule."""
_LONGEST_FIGURE = 30
_SHORTEST_FUZZY = 4
_FUZZY_SHARE = 5
"""One character in five may be another one."""


@lru_cache(maxsize=4000)
def key_of(text: str) -> str:
    """A text's letters and digits alone: full width as half width, no spaces, no punctuation."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum())


def in_any_unit(key: str) -> str:
    """A key in which every unit of money is the same: 预算金额万元 as 预算金额元."""
    return _UNITS.sub("元", key)


@lru_cache(maxsize=4000)
def keys_of(text: str) -> frozenset[str]:
    """What a label is compared by: its key, and that without what stands in brackets before it
    or in it (units, 可选填) and without a number before it. One that is longer than headings are,
    such as the words of a rule, is compared as a whole."""
    if len(text) > LONGEST_LABEL:
        return frozenset({key_of(text)} - {""})
    bare = _NUMBERED.sub("", _BRACKETED.sub("", text))
    key = key_of(text)
    without = in_any_unit(key) if states_unit("".join(text.split())) else ""
    return frozenset(k for k in (key, key_of(bare), without) if k)


def figure_of(text: str) -> Decimal | None:
    """A number however it is written: 2, 2.00 and 2分 are the same."""
    try:
        number = read_number(text) if len(text) <= _LONGEST_FIGURE else None
    except NotANumberError:
        return None
    return number.value if number and number.unit in ("", "分") else None


def alike(one: str, other: str) -> bool:
    """Whether two keys differ by no more than slips: one character in five, and no numeral."""
    longer = max(len(one), len(other))
    most = longer // _FUZZY_SHARE or 1
    if min(len(one), len(other)) < _SHORTEST_FUZZY or abs(len(one) - len(other)) > most:
        return False
    if (set(one) ^ set(other)) & _NUMERALS or len(set(one) - set(other)) > most:
        return False
    return _distance(one, other) <= most


def closest(key: str, keys: Iterable[str]) -> str | None:
    """The only one of the keys that is alike; None where there is none or more than one."""
    found = [k for k in keys if alike(key, k)]
    return found[0] if len(found) == 1 else None


def _distance(one: str, other: str) -> int:
    """How many characters to add, drop or change."""
    previous = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        current = [i]
        for j, b in enumerate(other, start=1):
            current.append(min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (a != b)))
        previous = current
    return previous[-1]
