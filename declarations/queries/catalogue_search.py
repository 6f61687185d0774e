"""Finding entries of the catalogue: by what they are filtered by, and by words.

Two ways lead to the newest entries with a word. What few have is found by the words' own index,
and sorted; what many have is come upon soon by going through the newest entries. The wrong way
takes a hundred times as long, and PostgreSQL, which does not know how words depend on one another,
often takes it. So how many there are is found out first, from a sixteenth of all entries, drawn by
their keys and marked in the index (`sample_mark`), and the way is prescribed to PostgreSQL.

That takes the index alone. Whether the units of a word stand side by side (`Wanted.phrases`) takes
reading an entry's words, some 15 µs; it is asked of as few entries as possible.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from declarations.sheets.words import Wanted, all_of

MOST_COUNTED = 1_000
"""More are not counted, nor can they be paged to."""
MOST_READ = 5_000
"""Entries in which units of words were looked for side by side; older ones are left out."""

MOST_LEXEMES = 15
"""That the index is asked for at once."""

SAMPLE = "@s"
_ONE_IN = 16
_Value = str | int | bool | None
_MANY = 96
"""Of a sample: with so many, there are more than MOST_COUNTED (1,536 expected, with a deviation
of some 150)."""
_READING, _FETCHING = 16, 1
"""Microseconds that an entry takes, with its words and without."""

# Constants that the queries are told are folded by PostgreSQL before it plans: Django binds them
# on this side.
_COUNTED = "SELECT count(*) FROM declarations_catalogueentry WHERE words @@ %s::tsquery"
_CONFIRMED = """
    SELECT count(*) FROM (SELECT FROM declarations_catalogueentry
        WHERE words @@ %s::tsquery AND words @@ %s::tsquery LIMIT %s) AS found
"""
_LISTED = """
    SELECT id FROM (
        SELECT id, words, published_at,
            id IN (SELECT id FROM declarations_catalogueentry WHERE words @@ %s::tsquery) AS first
        FROM declarations_catalogueentry WHERE words @@ %s::tsquery
        ORDER BY published_at DESC, id DESC LIMIT %s
    ) AS found
    WHERE %s OR words @@ %s::tsquery ORDER BY first DESC, published_at DESC, id DESC
"""
_LAST = "SELECT coalesce(max(id), 0) FROM declarations_catalogueentry"
_SORTED = """
    SELECT id FROM (
        SELECT id, words FROM declarations_catalogueentry WHERE words @@ %s::tsquery
        ORDER BY published_at DESC, id DESC LIMIT %s
    ) AS found
    WHERE %s OR words @@ %s::tsquery LIMIT %s OFFSET %s
"""
_GONE_THROUGH = """
    SELECT id FROM declarations_catalogueentry
    WHERE (%s::bigint IS NULL OR bureau_id = %s) AND words @@ %s::tsquery
    ORDER BY published_at DESC, id DESC LIMIT %s OFFSET %s
"""
_BY_WORDS = {"enable_seqscan": "off", "enable_indexscan": "off", "enable_indexonlyscan": "off"}
_IN_ORDER = {"enable_seqscan": "off", "enable_bitmapscan": "off", "enable_sort": "off"}


@dataclass(frozen=True, slots=True)
class Found:
    """keys: of the entries of a page, in order. count: of all, at most MOST_COUNTED; more:
    whether there are more."""

    keys: tuple[int, ...]
    count: int
    more: bool


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for. lexemes: a tsquery that the index answers. phrases: one for which words
    must be read; exact: there is no need. bureau: where all are of one."""

    lexemes: str
    phrases: str
    exact: bool
    bureau: int | None

    def which(self, lexemes: str) -> "_Asked":
        """Those of it for which another tsquery holds, too."""
        return replace(self, lexemes=f"({self.lexemes}) & {lexemes}")

    @property
    def everything(self) -> str:
        return self.lexemes if self.exact else f"({self.lexemes}) & {self.phrases}"


def sample_mark(key: int) -> tuple[str, ...]:
    """The mark of the entries of a declaration that are drawn, by its key; of others nothing."""
    drawn = (key * 2_654_435_761 % 2**32) >> 28  # Knuth's multiplicative hash: 0 to 15
    return (SAMPLE[1:],) if drawn == 0 else ()


def search(
    marks: Sequence[str], wanted: Wanted, *, bureau: int | None, offset: int, size: int
) -> Found:
    """A page of what has all marks (without their ``@``) and words, in an order for readers.

    What has the words in its head comes first, then the newest. bureau: the key, where the marks
    say that all are of one. Of what lies beyond MOST_COUNTED nothing is found.
    """
    chosen, all_chosen = _some(wanted.lexemes)
    lexemes = all_of([*("@" + mark for mark in marks), *chosen])
    exact = all_chosen and wanted.is_exact
    asked = _Asked(lexemes, wanted.phrases or lexemes, exact, bureau)
    head = all_of("^" + lexeme for lexeme in chosen)
    with transaction.atomic():
        sampled, confirmed = _sampled(asked)
        if confirmed < _MANY:
            return _few(asked, head or lexemes, offset, size)
        size = max(0, min(size, MOST_COUNTED - offset))
        keys = _newest_first(asked, head, sampled, offset, size)
        return Found(tuple(keys), MOST_COUNTED, more=True)


def _some(lexemes: Sequence[str]) -> tuple[Sequence[str], bool]:
    """A few of them, from everywhere; whether that is all. More take the index longer, and hardly
    narrow down what is read then."""
    step = -(-len(lexemes) // MOST_LEXEMES) or 1
    return lexemes[::step], step == 1


def _sampled(asked: _Asked) -> tuple[int, int]:
    """How many of the sample have the lexemes, and the phrases: no more than matters of these."""
    drawn = asked.which(all_of([SAMPLE])).lexemes
    with _prescribed(_BY_WORDS):
        sampled = _number(_COUNTED, drawn)
        if sampled < _MANY or asked.exact:
            return sampled, sampled
        return sampled, _number(_CONFIRMED, drawn, asked.phrases, _MANY)


def _few(asked: _Asked, head: str, offset: int, size: int) -> Found:
    """Of few there is a list, so that all can be counted. Few have the phrases; should many have
    the lexemes all the same, only the newest of them are read."""
    values = (asked.which(f"({head})").lexemes, asked.lexemes, MOST_READ)
    with _prescribed(_BY_WORDS):
        keys = _keys(_LISTED, *values, asked.exact, asked.phrases)
    listed = keys[:MOST_COUNTED]
    return Found(tuple(listed[offset : offset + size]), len(listed), len(keys) > MOST_COUNTED)


def _newest_first(asked: _Asked, head: str, sampled: int, offset: int, size: int) -> list[int]:
    """A page of many: those with the words in their head, then the others."""
    if not head:
        return _newest(asked, sampled, offset, size)
    with_head, without = asked.which(f"({head})"), asked.which(f"!({head})")
    in_head, confirmed = _sampled(with_head)
    if confirmed >= _MANY:
        return _newest(with_head, in_head, offset, size)
    first = _few(with_head, head, 0, MOST_COUNTED).keys
    keys = list(first[offset : offset + size])
    if len(keys) < size:
        beyond = max(0, offset - len(first))
        keys += _newest(without, sampled - in_head, beyond, size - len(keys))
    return keys


def _newest(asked: _Asked, sampled: int, offset: int, size: int) -> list[int]:
    """Some of the newest of many, by whichever way is the shorter one."""
    if not size:
        return []
    matching = max(_ONE_IN * sampled, 1)
    passed = (offset + size) * _number(_LAST) / matching
    if passed * _READING < matching * _FETCHING:
        with _prescribed(_IN_ORDER):
            return _keys(_GONE_THROUGH, asked.bureau, asked.bureau, asked.everything, size, offset)
    with _prescribed(_BY_WORDS):
        return _keys(_SORTED, asked.lexemes, MOST_READ, asked.exact, asked.phrases, size, offset)


@contextmanager
def _prescribed(way: dict[str, str]) -> Iterator[None]:
    """Queries inside take this way to the entries. Nor are they compiled first: that takes
    longer, and PostgreSQL thinks ways very dear that it was told not to take."""
    settings = way | {"jit": "off"}
    with connection.cursor() as cursor:
        _set(cursor, settings)
        yield
        _set(cursor, dict.fromkeys(way, "on"))


def _set(cursor: CursorWrapper, settings: dict[str, str]) -> None:
    calls = ", ".join(["set_config(%s, %s, true)"] * len(settings))
    cursor.execute(f"SELECT {calls}", [text for pair in settings.items() for text in pair])


def _keys(query: str, *values: _Value) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [key for (key,) in cursor.fetchall()]


def _number(query: str, *values: _Value) -> int:
    (number,) = _keys(query, *values)
    return number
