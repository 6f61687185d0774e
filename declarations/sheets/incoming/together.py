"""Takes apart a cell in which values stand among words: ``填报人：甲　联系电话：020``.

Each text is gone through a few times and never back and forth: a cell may hold
tens of thousands of characters.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from declarations.sheets.form import Form
from declarations.sheets.kinds import Kind
from declarations.sheets.tags import Tag
from scoring.numbers import MONEY_UNITS

Parts = Sequence[str | Tag]
Words = re.Pattern[str]
"""What stands around values, as it may be written."""

_ANY_UNIT = "|".join(sorted(MONEY_UNITS, key=len, reverse=True))
_UNIT = re.compile(_ANY_UNIT)
_UNIT_OR_CHARACTER = re.compile(f"{_ANY_UNIT}|.", re.DOTALL)
_UNIT_AFTER = re.compile(rf"\s{{0,9}}[（(]?\s{{0,9}}({_ANY_UNIT})")
_UNIT_BEFORE = re.compile(rf"[（(](?:单位[:：])?({_ANY_UNIT})[）)]\s?[:：]?\s?$")
_FURTHEST = 20
"""Characters before a value in which its unit is looked for."""
_SAME = {"：": ":", "（": "(", "）": ")", "，": ",", "；": ";", "．": "."}
_SAME |= {half: full for full, half in _SAME.items()}
_DIGITS = re.compile(r"\d*")
_YEAR = re.compile(r"\d{4}")


def take_apart(form: Form, parts: Parts, text: str) -> dict[str, str] | None:
    """The text of each tag by its path; None where the words around them are not there. Money
    comes with the unit that stands beside it, where the form says one there.

    First to the letter, so that what the form printed is read back as it was; else with
    another unit; else with other spaces and punctuation; else by those words that are there.
    """
    for written in (_exactly, _in_any_unit, _freely):
        found = _Cutter(form, parts, text, written).cut()
        if found is not None:
            return found
    return _by_words_present(form, parts, text)


def cut_at(form: Form, parts: Parts, lengths: Sequence[int], text: str) -> dict[str, str] | None:
    """The text of each tag by its path where they have these lengths; None where they cannot."""
    if len(lengths) != sum(isinstance(p, Tag) for p in parts):
        return None
    found: dict[str, str] = {}
    left, start = iter(lengths), 0
    for index, part in enumerate(parts):
        end = start + (next(left) if isinstance(part, Tag) else len(part))
        if isinstance(part, Tag):
            found[part.path] = _with_unit(form, parts, index, text, (start, end))
        elif text[start:end] != part:
            return None
        start = end
    return found if start == len(text) else None


def _with_unit(form: Form, parts: Parts, index: int, text: str, at: tuple[int, int]) -> str:
    """What stands at a place for a tag; a number of money with its unit."""
    start, end = at
    value, tag = text[start:end], parts[index]
    field = form.fields.get(tag.path) if isinstance(tag, Tag) else None
    if field is None or field.kind is not Kind.MONEY or not value.rstrip()[-1:].isdigit():
        return value
    before, after = parts[index - 1] if index else "", "".join(map(str, parts[index + 1 :][:1]))
    unit = _UNIT_AFTER.match(after) and _UNIT_AFTER.match(text, end)
    if not unit and isinstance(before, str) and _UNIT_BEFORE.search(before):
        unit = _UNIT_BEFORE.search(text[max(start - _FURTHEST, 0) : start])
    return f"{value.rstrip()}{unit[1]}" if unit else value


def _exactly(words: str) -> Words:
    return re.compile(re.escape(words))


def _in_any_unit(words: str) -> Words:
    return re.compile(f"(?:{_ANY_UNIT})".join(map(re.escape, _UNIT.split(words))))


def _freely(words: str) -> Words:
    """Words with any spaces between their characters, full or half width punctuation, and any
    unit of money."""
    if not words.strip():
        return re.compile(r"[^\S\n]{0,40}\n\s{0,40}" if "\n" in words else r"\s{1,40}")
    pieces = [
        f"[{re.escape(c + _SAME[c])}]"
        if c in _SAME
        else f"(?:{_ANY_UNIT})"
        if c in MONEY_UNITS
        else re.escape(c)
        for c in _UNIT_OR_CHARACTER.findall(words)
        if not c.isspace()
    ]
    return re.compile(r"\s{0,40}" + r"\s{0,9}".join(pieces) + r"\s{0,40}")


class _Cutter:
    """Cuts a text at the words around its values: from the left up to a text of several lines,
    then from the right, so that such a text may hold the same words."""

    def __init__(
        self, form: Form, parts: Parts, text: str, written: Callable[[str], Words]
    ) -> None:
        self.form, self.as_given = form, parts
        self.parts = [written(p) if isinstance(p, str) else p for p in parts]
        self.text = text
        self.first, self.last = 0, len(self.parts)  # the parts that are left
        self.start, self.end = 0, len(text)  # the text that is left
        self.found: dict[str, str] = {}

    def cut(self) -> dict[str, str] | None:
        if not (self._from_left() and self._from_right()):
            return None
        rest = [p for p in self.parts[self.first : self.last] if isinstance(p, Tag)]
        left = self.text[self.start : self.end]
        if not rest:
            return self.found if not left.strip() else None
        if not all(map(self._may_hold_lines, rest)) and "\n" in left.strip():
            return None
        index = next(i for i in range(self.first, self.last) if self.parts[i] is rest[0])
        self._take(index, self.start, self.end)
        self.found |= {tag.path: "" for tag in rest[1:]}
        return self.found

    def _take(self, index: int, start: int, end: int) -> None:
        tag = self.parts[index]
        assert isinstance(tag, Tag)
        self.found[tag.path] = _with_unit(self.form, self.as_given, index, self.text, (start, end))

    def _may_hold_lines(self, tag: Tag) -> bool:
        field = self.form.fields.get(tag.path)
        return field is not None and field.kind is Kind.TEXT

    def _from_left(self) -> bool:
        while self.first < self.last:
            part = self.parts[self.first]
            if isinstance(part, re.Pattern):
                match = part.match(self.text, self.start)
                if not match:
                    return False
                self.start = match.end()
            elif shape := _shape(part):
                match = shape.match(self.text, self.start)
                if not match:
                    return True  # from the right, then
                self.found[part.path], self.start = match[0], match.end()
            else:
                following = self.parts[self.first + 1] if self.first + 1 < self.last else None
                if self._may_hold_lines(part) or not isinstance(following, re.Pattern):
                    return True
                match = following.search(self.text, self.start)
                if not match or "\n" in self.text[self.start : match.start()]:
                    return False
                self._take(self.first, self.start, match.start())
                self.start = match.start()
            self.first += 1
        return True

    def _from_right(self) -> bool:
        while self.first < self.last:
            part = self.parts[self.last - 1]
            if isinstance(part, re.Pattern):
                match = self._last_match(part)
                if not match or self.text[match.end() : self.end].strip():
                    return False
                self.end = match.start()
            elif shape := _shape(part):
                digits = self.text[self.start : self.end]
                count = len(digits) - len(digits.rstrip("0123456789"))
                count = min(count, 4) if shape is _YEAR else count
                self.found[part.path] = self.text[self.end - count : self.end]
                self.end -= count
            else:
                before = self.parts[self.last - 2] if self.last - 2 >= self.first else None
                if not isinstance(before, re.Pattern):
                    return True
                match = self._last_match(before)
                if not match:
                    return False
                self._take(self.last - 1, match.end(), self.end)
                self.end = match.end()
            self.last -= 1
        return True

    def _last_match(self, words: Words) -> re.Match[str] | None:
        match = None
        for found in words.finditer(self.text, self.start, self.end):
            match = found
        return match


def _shape(tag: Tag) -> re.Pattern[str] | None:
    """What the system writes in a fixed shape: numbers of rows, and years."""
    if tag.is_number:
        return _DIGITS
    return _YEAR if tag.path == "year" else None


def _by_words_present(form: Form, parts: Parts, text: str) -> dict[str, str] | None:
    """Cuts the text at those of the words that are found in it, in order."""
    cuts = [(0, 0, -1), *_cuts(parts, text), (len(text), len(text), len(parts))]
    fields = [p for p in parts if isinstance(p, Tag) and p.path in form.fields]
    if len(cuts) == 2 and len(fields) > 1:
        return None
    found: dict[str, str] = {p.path: "" for p in parts if isinstance(p, Tag)}
    for (_, start, above), (end, _, below) in pairwise(cuts):
        between = parts[above + 1 : below]
        tags = [p for p in between if isinstance(p, Tag) and not p.is_number]
        if tags:
            lines = text[start:end].strip("\n").split("\n", len(tags) - 1)
            found |= {t.path: line for t, line in zip(tags, lines, strict=False)}
    return found


def _cuts(parts: Parts, text: str) -> Iterator[tuple[int, int, int]]:
    """Where words were found: start, end, and which part they are."""
    end = 0
    for index, part in enumerate(parts):
        words = _UNIT.sub("", part).strip("（）() \n") if isinstance(part, str) else ""
        match = _freely(words).search(text, end) if words else None
        if match:
            end = match.end()
            yield match.start(), end, index
