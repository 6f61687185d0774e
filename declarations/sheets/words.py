"""Words of Chinese text, which has no gaps between them: how texts are made searchable.

A text is normalised (NFKC, small letters) and cut into units: every Chinese character, and every
run of Latin letters or of digits. What is searched for are bigrams, two neighbouring characters,
and runs. They are kept as a tsvector of PostgreSQL, each with the positions of its units, so that
“残疾人” is ``'残疾' <-> '疾人'``. Lexemes beside those, which nobody can type:

``_残``   a character that occurs somewhere, without positions: searched for alone
``^残疾`` a bigram, run or character (``^_残``) of the head: title, department, year
``@b12``  a mark of the whole, given by the caller: what it is filtered by
``@long`` of texts so long that positions do not hold: PostgreSQL keeps 16,383 of them
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from declarations.sheets.records import Records, Value

MOST_UNITS = 60
"""Of a query; what is longer is left out."""
MOST_WORDS = 10
LONGEST_RUN = 60
"""Letters of a run that count."""

LONG = "@long"
_MOST_POSITIONS = 16_383  # PostgreSQL: of a tsvector
_MOST_OF_ONE = 255  # PostgreSQL: of a lexeme
_MOST_INDEXED = 50_000  # units: a tsvector may have a megabyte
_GAP = 10  # between texts, so that no phrase goes over their edges
_CHINESE_FROM = "\u2e80"

_RUN = re.compile(r"[a-z]+|[0-9]+|[^\W_]")
_QUOTES = dict.fromkeys(map(ord, "\"'“”‘’「」『』《》〈〉\0"), " ")


@dataclass(frozen=True, slots=True)
class Unit:
    """A Chinese character or a run of letters or digits. at: its position, in units and signs
    between them; start, end: where it stands in the text as it was written."""

    text: str
    at: int
    start: int
    end: int

    @property
    def is_chinese(self) -> bool:
        return self.text[0] >= _CHINESE_FROM


@dataclass(frozen=True, slots=True)
class Word:
    """What is searched for together: written without a space between."""

    text: str
    units: tuple[Unit, ...]

    @property
    def lexemes(self) -> tuple[str, ...]:
        """Those that a text with the word has all of."""
        return tuple(
            dict.fromkeys(f"_{text}" if alone else text for _, text, alone in _asked(self.units))
        )

    @property
    def is_one(self) -> bool:
        """Whether a text with its lexeme has the word, so that no phrase must be looked for."""
        return len(self.lexemes) == 1

    @property
    def phrase(self) -> str:
        """The tsquery that asks for its units side by side."""
        if self.is_one:
            return _quoted(self.lexemes[0])
        parts: list[str] = []
        last = 0
        for at, text, alone in _asked(self.units):
            lexeme = _quoted(text) + (":*" if alone else "")
            parts.append(f"<{at - last}> {lexeme}" if parts else lexeme)
            last = at
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody searches for. words: all of them; cut: whether some was left out."""

    words: tuple[Word, ...]
    cut: bool = False

    def lexemes(self, prefix: str = "") -> list[str]:
        """What a text with all words has, of its whole or (``^``) of its head."""
        return [prefix + lexeme for word in self.words for lexeme in word.lexemes]

    @property
    def is_exact(self) -> bool:
        """Whether every text with the lexemes has the words."""
        return all(word.is_one for word in self.words)

    @property
    def phrases(self) -> str:
        """The tsquery of all words; of what is too long for positions, lexemes are enough."""
        return " & ".join(
            _quoted(word.lexemes[0]) if word.is_one else f"({word.phrase} | {_quoted(LONG)})"
            for word in self.words
        )


def wanted(text: str) -> Wanted:
    """What a query asks for: its words are set apart by spaces, and all of them are wanted.

    Signs around words do not count, nor does what is no letter at all.
    """
    words: list[Word] = []
    left, cut = MOST_UNITS, False
    for written in text[: 10 * MOST_UNITS].translate(_QUOTES).split():
        units = tuple(_units(written))[: max(left, 0)]
        if len(words) == MOST_WORDS or not left:
            cut = True
            break
        if units:
            cut = cut or len(units) == left
            left -= len(units)
            word = Word(written[units[0].start : units[-1].end], units)
            if word.phrase not in [other.phrase for other in words]:
                words.append(word)
    return Wanted(tuple(words), cut or len(text) > 10 * MOST_UNITS)


def all_of(lexemes: Iterable[str]) -> str:
    """The tsquery for what has all of these lexemes."""
    return " & ".join(map(_quoted, lexemes))


def vector(head: Sequence[str], body: Iterable[str], marks: Iterable[str]) -> str:
    """The tsvector, as text, of what can be searched for. marks: without their ``@``."""
    positions: dict[str, list[int]] = {"@" + mark: [] for mark in marks}
    top = 0
    for number, text in enumerate(dict.fromkeys([*head, *body])):
        units = list(_units(text))
        if top > _MOST_INDEXED or not units:
            continue
        for prefix in ("", "^") if number < len(head) else ("",):
            for at, lexeme in _kept(units):
                found = positions.setdefault(prefix + lexeme, [])
                if at is not None and not prefix:
                    found.append(top + at + 1)
        top += units[-1].at + _GAP
    if top > _MOST_POSITIONS or any(len(found) > _MOST_OF_ONE for found in positions.values()):
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


AROUND = 24
"""Characters shown before and after."""


def excerpts(texts: Iterable[str], asked: Wanted, most: int = 2) -> list[Excerpt]:
    """The first places where words stand, each word once while there are others to be shown."""
    found: list[Excerpt] = []
    missing = list(asked.words)
    for text in texts:
        if len(found) == most or not missing:
            break
        units = list(_units(text))
        spans = {word: span for word in missing if (span := _place(units, word))}
        if spans:
            first = min(spans.values())
            found.append(_excerpt(text, units, asked.words, first))
            shown = {word for word, span in spans.items() if span[1] <= first[1] + AROUND}
            missing = [word for word in missing if word not in shown]
    return found


def marked(text: str, asked: Wanted) -> Excerpt:
    """A whole text with every word in it marked: a title."""
    units = list(_units(text))
    return Excerpt(tuple(_parts(text, 0, len(text), _places(units, asked.words))))


def _excerpt(
    text: str, units: list[Unit], words: Sequence[Word], first: tuple[int, int]
) -> Excerpt:
    start, end = max(first[0] - AROUND, 0), min(first[1] + 2 * AROUND, len(text))
    parts = _parts(text, start, end, _places(units, words))
    before, after = "…" if start else "", "…" if end < len(text) else ""
    return Excerpt(tuple(part for part in ((before, False), *parts, (after, False)) if part[0]))


def _parts(
    text: str, start: int, end: int, places: Sequence[tuple[int, int]]
) -> Iterator[tuple[str, bool]]:
    at = start
    for left, right in places:
        if left < at or right > end:
            continue
        if left > at:
            yield _one_line(text[at:left]), False
        yield _one_line(text[left:right]), True
        at = right
    if at < end:
        yield _one_line(text[at:end]), False


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _places(units: list[Unit], words: Sequence[Word]) -> list[tuple[int, int]]:
    return sorted(span for word in words for span in _spans(units, word))


def _place(units: list[Unit], word: Word) -> tuple[int, int] | None:
    return next(_spans(units, word), None)


def _spans(units: list[Unit], word: Word) -> Iterator[tuple[int, int]]:
    """Where a word stands in the text of these units, from where to where."""
    asked = [(unit.text, unit.at - word.units[0].at) for unit in word.units]
    texts = [unit.text for unit in units]
    for index, text in enumerate(texts[: len(texts) - len(asked) + 1]):
        if text == asked[0][0]:
            here = units[index : index + len(asked)]
            if all(
                (unit.text, unit.at - here[0].at) == pair
                for unit, pair in zip(here, asked, strict=True)
            ):
                yield here[0].start, here[-1].end


def _units(text: str) -> Iterator[Unit]:
    """The units of a text, each with its place; signs in between take a position, too."""
    folded, origin = _folded(text)
    at, last = -1, 0
    for match in _RUN.finditer(folded):
        at += 1 + (match.start() > last and at >= 0)
        yield Unit(match[0][:LONGEST_RUN], at, origin[match.start()], origin[match.end() - 1] + 1)
        last = match.end()


def _folded(text: str) -> tuple[str, list[int]]:
    """The text normalised, and which character of it each one came from."""
    parts = [_fold(character) for character in text]
    origin = [index for index, part in enumerate(parts) for _ in part]
    return "".join(parts), origin


@lru_cache(maxsize=20_000)
def _fold(character: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", character).casefold())


def _kept(units: Sequence[Unit]) -> Iterator[tuple[int | None, str]]:
    """The lexemes of a text with their positions, None of those without."""
    for unit, after in zip(units, [*units[1:], None], strict=True):
        if not unit.is_chinese:
            yield unit.at, unit.text
            continue
        yield None, f"_{unit.text}"
        joined = after is not None and after.is_chinese and after.at == unit.at + 1
        yield unit.at, unit.text + after.text if joined and after else unit.text


def _asked(units: Sequence[Unit]) -> Iterator[tuple[int, str, bool]]:
    """Positions and lexemes that are searched for. True of a character between others than
    Chinese: it is the first of whatever bigram begins there."""
    covered = -1
    for unit, after in zip(units, [*units[1:], None], strict=True):
        if not unit.is_chinese:
            yield unit.at, unit.text, False
        elif after is not None and after.is_chinese and after.at == unit.at + 1:
            covered = after.at
            yield unit.at, unit.text + after.text, False
        elif covered != unit.at:
            yield unit.at, unit.text, True


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def _written(lexeme: str, positions: Sequence[int]) -> str:
    where = ",".join(str(min(at, _MOST_POSITIONS)) for at in positions[:_MOST_OF_ONE])
    return f"{_quoted(lexeme)}:{where}" if where else _quoted(lexeme)


def _texts(values: dict[str, Value]) -> Iterator[str]:
    yield from (value for value in values.values() if isinstance(value, str))
