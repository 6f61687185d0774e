"""Compact Font Format: its two structures, INDEX and DICT, read and written.

The format is Adobe's Technical Note 5176, "The Compact Font Format Specification", whose sections
and tables are named here.
"""

from itertools import accumulate
from typing import NamedTuple

LONGEST = 5
"""Bytes of an integer as `long_integer` writes it."""

_ESCAPE, _LAST_OPERATOR = 12, 21
_SHORT, _LONG, _REAL = 28, 29, 30
_ONE_BYTE, _TWO_BYTES, _NEGATIVE = range(32, 247), range(247, 255), range(251, 255)


class BrokenFontError(ValueError):
    """The font is not what its format asks for."""


class Content:
    """Bytes of which only those that are there can be read: slices beyond the end would be empty,
    and numbers nought."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def between(self, start: int, end: int) -> bytes:
        if not 0 <= start <= end <= len(self._content):
            raise BrokenFontError("it ends too early")
        return self._content[start:end]

    def number(self, at: int, size: int) -> int:
        return int.from_bytes(self.between(at, at + size))


class Index(NamedTuple):
    """Section 5. An INDEX of `length` items from `start` to `end`, whose offsets take `size` bytes."""

    content: Content
    start: int
    length: int
    size: int
    end: int

    def item(self, number: int) -> bytes:
        if not 0 <= number < self.length:
            raise BrokenFontError("no such item")
        before = self.start + 2 + (self.length + 1) * self.size
        return self.content.between(before + self.offset(number), before + self.offset(number + 1))

    def offset(self, number: int) -> int:
        """From the byte before the first item's."""
        return self.content.number(self.start + 3 + number * self.size, self.size)

    @property
    def written(self) -> bytes:
        return self.content.between(self.start, self.end)


def read_index(content: Content, start: int) -> Index:
    count = content.number(start, 2)
    if not count:
        return Index(content, start, 0, 0, start + 2)
    size = content.number(start + 2, 1)
    found = Index(content, start, count, size, start)
    return found._replace(end=start + 2 + (count + 1) * size + found.offset(count))


def write_index(items: list[bytes]) -> bytes:
    """An INDEX of one item or more."""
    offsets = list(accumulate(map(len, items), initial=1))
    size = (offsets[-1].bit_length() + 7) // 8
    places = b"".join(offset.to_bytes(size) for offset in offsets)
    return len(items).to_bytes(2) + bytes([size]) + places + b"".join(items)


Dictionary = dict[int, list[bytes]]
"""Section 4. Each operator in its order, with its operands as they are written. Operators of two
bytes are one number of both."""


def read_dictionary(written: bytes) -> Dictionary:
    content, at = Content(written), 0
    found: Dictionary = {}
    operands: list[bytes] = []
    while at < len(written):
        end = _end(content, at)
        token = content.between(at, end)
        at = end
        if token[0] > _LAST_OPERATOR:
            operands.append(token)
            continue
        operator = int.from_bytes(token)
        if operator in found:
            raise BrokenFontError("an operator twice")
        found[operator] = operands
        operands = []
    return found


def write_dictionary(dictionary: Dictionary) -> bytes:
    return b"".join(
        b"".join(operands) + operator.to_bytes(2 if operator > _LAST_OPERATOR else 1)
        for operator, operands in dictionary.items()
    )


def _end(content: Content, at: int) -> int:
    """Where the operator or operand ends (Tables 3 and 5)."""
    first = content.number(at, 1)
    if first <= _LAST_OPERATOR:
        return at + (2 if first == _ESCAPE else 1)
    if first == _REAL:
        at += 1
        while 0xF not in divmod(content.number(at, 1), 16):
            at += 1
        return at + 1
    if first in {_SHORT, _LONG}:
        return at + (3 if first == _SHORT else LONGEST)
    if first in _ONE_BYTE:
        return at + 1
    if first in _TWO_BYTES:
        return at + 2
    raise BrokenFontError("a reserved operand")


def read_integers(operands: list[bytes]) -> list[int]:
    """The operands, which must be integers and not below nought, as lengths and offsets are."""
    found = []
    for first, *others in operands:
        rest = int.from_bytes(bytes(others))
        if first in {_SHORT, _LONG} and others[0] < 0x80:
            found.append(rest)
        elif first in _ONE_BYTE and first >= 139:
            found.append(first - 139)
        elif first in _TWO_BYTES and first not in _NEGATIVE:
            found.append((first - 247) * 256 + rest + 108)
        else:
            raise BrokenFontError("neither a length nor an offset")
    return found


def long_integer(number: int) -> bytes:
    """An operand whose length does not depend on the number."""
    return bytes([_LONG]) + number.to_bytes(4)
