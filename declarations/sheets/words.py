"""Words of Chinese text, which has no gaps between them: how texts are made searchable.

A text is normalised (NFKC, small letters) and cut into units: every Chinese character, and every
run of Latin letters or of digits. What is searched for are pairs of neighbours: “残疾人” is the
pairs 残疾 and 疾人 side by side. They are kept as a tsvector of PostgreSQL, each with its positions,
so that the tsquery is ``'残疾' <-> '疾人'``. Its lexemes:

``残疾``   a pair of Chinese characters
``第.3``   any other pair, of units side by side
``94..02`` a pair with signs between, whichever
``_残``    a unit that occurs somewhere, without positions: searched for alone
``^残疾``  one of these in the head (title, department, year), without positions
``@b12``   a mark of the whole, given by the caller: what it is filtered by
``@long``  of texts so long that positions do not hold: PostgreSQL keeps 16,383 of them

Nobody can type a lexeme that is none of his words: signs are not part of any.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from declarations.sheets.records import Records, Value

MOST_UNITS = 60
"""Of a query; what is longer is left out."""
MOST_WORDS = 10
LONGEST_RUN = 60
"""Letters of a run that count."""
AROUND = 24
"""Characters shown before what was found; after it twice as many."""

LONG = "@long"
_MOST_POSITIONS = 16_383  # PostgreSQL: of a tsvector
_MOST_OF_ONE = 255  # PostgreSQL: of a lexeme
_MOST_INDEXED = 50_000  # units: a tsvector may have a megabyte
_DOTS = (("…", False),)
_CHINESE_FROM = "\u2e80"

_RUN = re.compile(r"[a-z]+|[0-9]+|[^\W_]")
_SPACES = re.compile(r"\s+")
_QUOTES = dict.fromkeys(map(ord, "\"'“”‘’「」『』\0"), " ")


@dataclass(frozen=True, slots=True)
class Unit:
    """A Chinese character or a run of letters or digits. apart: whether signs stand before it;
    start, end: where it stands in the text as it was written."""

    text: str
    apart: bool
    start: int
    end: int


@dataclass(frozen=True)
class Word:
    """What is searched for together: written without a space between."""

    text: str
    units: tuple[Unit, ...]

    @cached_property
    def lexemes(self) -> tuple[str, ...]:
        """Those that a text with the word has all of, in the word's order."""
        if len(self.units) == 1:
            return (_alone(self.units[0]),)
        return tuple(_pair(*units) for units in pairwise(self.units))

    @property
    def is_one(self) -> bool:
        """Whether a text with its lexeme has the word, so that no phrase must be looked for."""
        return len(self.lexemes) == 1


@dataclass(frozen=True)
class Wanted:
    """What somebody searches for. words: all of them; cut: whether some was left out."""

    words: tuple[Word, ...]
    cut: bool = False

    @property
    def lexemes(self) -> tuple[str, ...]:
        """What a text with all words has."""
        return tuple(dict.fromkeys(lexeme for word in self.words for lexeme in word.lexemes))

    @property
    def is_exact(self) -> bool:
        """Whether every text with the lexemes has the words."""
        return all(word.is_one for word in self.words)

    @property
    def phrases(self) -> str:
        """The tsquery of all words; of what is too long for positions, lexemes are enough."""
        return " & ".join(
            _quoted(word.lexemes[0])
            if word.is_one
            else f"({' <-> '.join(map(_quoted, word.lexemes))} | {_quoted(LONG)})"
            for word in self.words
        )


def wanted(text: str) -> Wanted:
    """What a query asks for: its words are set apart by spaces, and all of them are wanted.

    Signs around words do not count, nor does what is no letter at all.
    """
    words: dict[tuple[str, ...], Word] = {}
    left, cut = MOST_UNITS, len(text) > 10 * MOST_UNITS
    for written in text[: 10 * MOST_UNITS].translate(_QUOTES).split():
        units = tuple(_units(written))
        if not units:
            continue
        if not left or len(words) == MOST_WORDS:
            cut = True
            break
        cut = cut or len(units) > left
        units = units[:left]
        left -= len(units)
        word = Word(written[units[0].start : units[-1].end], units)
        words.setdefault(word.lexemes, word)
    return Wanted(tuple(words.values()), cut)


def all_of(lexemes: Iterable[str]) -> str:
    """The tsquery for what has all of these lexemes."""
    return " & ".join(map(_quoted, lexemes))


def vector(head: Sequence[str], body: Iterable[str], marks: Iterable[str]) -> str:
    """The tsvector, as text, of what can be searched for. marks: without their ``@``."""
    positions: dict[str, list[int]] = {"@" + mark: [] for mark in marks}
    at = 0
    for number, text in enumerate(dict.fromkeys([*head, *body])):
        units = list(_units(text))[: max(0, _MOST_INDEXED - at)]
        pairs = [_pair(*two) for two in pairwise(units)]
        singles = [_alone(unit) for unit in units]
        for lexeme in singles:
            positions.setdefault(lexeme, [])
        for place, lexeme in enumerate(pairs, at + 1):
            positions.setdefault(lexeme, []).append(place)
        if number < len(head):
            positions |= {"^" + lexeme: [] for lexeme in (*pairs, *singles)}
        at += len(pairs) + 1  # no phrase goes over the edges of a text
    if at > _MOST_POSITIONS or any(len(found) > _MOST_OF_ONE for found in positions.values()):
        positions[LONG] = []
    return " ".join(_written(lexeme, found) for lexeme, found in positions.items())


def texts_of(records: Records) -> Iterator[str]:
    """What stands in the records in words: names and texts of rows, texts, bases of scores."""
    yield from records.texts.values()
    for item in records.items():
        yield from _texts(item.values)
    for row in records.scores.values():
        yield from _texts(row)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Where words stand, with what is around them: parts of text, and whether each is a word."""

    parts: tuple[tuple[str, bool], ...]


def excerpts(texts: Iterable[str], asked: Wanted, most: int = 2) -> list[Excerpt]:
    """The first places where words stand, each word once while there are others to be shown."""
    found: list[Excerpt] = []
    missing = list(asked.words)
    for text in texts:
        if len(found) == most or not missing:
            break
        places = {word: spans[0] for word in missing if (spans := _spans(text, word))}
        if not places:
            continue
        first = min(places.values())
        start, end = max(first[0] - AROUND, 0), min(first[1] + 2 * AROUND, len(text))
        parts = [*_parts(text, start, end, asked)]
        before, after = _DOTS[: start > 0], _DOTS[: end < len(text)]
        found.append(Excerpt((*before, *parts, *after)))
        shown = {word for word, place in places.items() if place[1] <= end}
        missing = [word for word in missing if word not in shown]
    return found


def marked(text: str, asked: Wanted) -> Excerpt:
    """A whole text with every word in it marked: a title."""
    return Excerpt(tuple(_parts(text, 0, len(text), asked)))


def _parts(text: str, start: int, end: int, asked: Wanted) -> Iterator[tuple[str, bool]]:
    """What stands from start to end, in one line, cut at the words in it."""
    at = start
    for left, right in sorted(span for word in asked.words for span in _spans(text, word)):
        if left < at or right > end:
            continue
        if left > at:
            yield _SPACES.sub(" ", text[at:left]), False
        yield _SPACES.sub(" ", text[left:right]), True
        at = right
    if at < end:
        yield _SPACES.sub(" ", text[at:end]), False


def _spans(text: str, word: Word) -> list[tuple[int, int]]:
    """Where a word stands in a text, from where to where."""
    folded = unicodedata.normalize("NFKC", text).casefold()  # in C: most texts have not got it
    if any(unit.text not in folded for unit in word.units):
        return []
    units, count = _units_of(text), len(word.units)
    first = word.units[0].text
    return [
        (unit.start, units[index + count - 1].end)
        for index, unit in enumerate(units[: len(units) - count + 1])
        if unit.text == first
        and all(
            (here.text, here.apart) == (there.text, there.apart)
            for here, there in zip(units[index + 1 : index + count], word.units[1:], strict=True)
        )
    ]


@lru_cache(maxsize=256)
def _units_of(text: str) -> tuple[Unit, ...]:
    """Of a text that several words are looked for in."""
    return tuple(_units(text))


def _units(text: str) -> Iterator[Unit]:
    """The units of a text, each with its place."""
    parts = [_fold(character) for character in text]
    origin = [index for index, part in enumerate(parts) for _ in part]
    last = 0
    for match in _RUN.finditer("".join(parts)):
        start, end = origin[match.start()], origin[match.end() - 1] + 1
        yield Unit(match[0][:LONGEST_RUN], match.start() > last, start, end)
        last = match.end()


@lru_cache(maxsize=20_000)
def _fold(character: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold())


def _alone(unit: Unit) -> str:
    return f"_{unit.text}"


def _pair(one: Unit, other: Unit) -> str:
    if other.apart:
        return f"{one.text}..{other.text}"
    chinese = one.text[0] >= _CHINESE_FROM and other.text[0] >= _CHINESE_FROM
    return one.text + other.text if chinese else f"{one.text}.{other.text}"


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def _written(lexeme: str, positions: Sequence[int]) -> str:
    where = ",".join(str(min(at, _MOST_POSITIONS)) for at in positions[:_MOST_OF_ONE])
    return f"{_quoted(lexeme)}:{where}" if where else _quoted(lexeme)


def _texts(values: dict[str, Value]) -> Iterator[str]:
    yield from (value for value in values.values() if isinstance(value, str))
