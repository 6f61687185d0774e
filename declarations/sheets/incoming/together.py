"""Takes apart a cell in which values stand among words: ``填报人：甲　联系电话：020``."""

import re
from collections.abc import Sequence

from declarations.sheets.form import Form
from declarations.sheets.kinds import Kind
from declarations.sheets.tags import Tag
from scoring.numbers import MONEY_UNITS

Parts = Sequence[str | Tag]

_UNIT = re.compile("|".join(sorted(MONEY_UNITS, key=len, reverse=True)))
_SAME = {"：": ":", "（": "(", "）": ")", "，": ",", "；": ";", "．": ".", "、": "、"}
_SAME |= {half: full for full, half in _SAME.items() if half != full}


def take_apart(form: Form, parts: Parts, text: str) -> dict[str, str] | None:
    """The text of each tag by its path; None where the words around them are not there.

    First to the letter, so that what the form printed is read back as it was; else
    with other spaces and punctuation; else by those words that are there.
    """
    for literal in (_exactly, _freely):
        match = _regex(form, parts, literal).fullmatch(text)
        if match:
            return _groups(parts, match)
    return _by_words_present(form, parts, text)


def _regex(form: Form, parts: Parts, literal: object) -> re.Pattern[str]:
    assert callable(literal)
    source = "".join(
        literal(part) if isinstance(part, str) else f"({_values_of(form, part)})" for part in parts
    )
    return re.compile(source)


def _values_of(form: Form, tag: Tag) -> str:
    """What a tag's value may look like. Only texts of several lines hold line breaks."""
    field = form.fields.get(tag.path)
    if tag.is_number:
        return r"\d*"
    if tag.path == "year":
        return r"\d{4}"
    if field is None:
        return r"[^\n]*?"
    if field.numeric:
        return r"[^\n\w]*[\d.,，]*[^\n\w]*"
    return r"[\s\S]*" if field.kind is Kind.TEXT else r"[^\n]*"


def _exactly(words: str) -> str:
    return re.escape(words)


def _freely(words: str) -> str:
    """Words with any spaces between their characters, and full or half width punctuation."""
    characters = [c for c in words if not c.isspace()]
    pieces = [f"[{re.escape(c + _SAME[c])}]" if c in _SAME else re.escape(c) for c in characters]
    return r"\s*" + r"\s{0,9}".join(pieces) + r"\s*" if pieces else r"\s*"


def _groups(parts: Parts, match: re.Match[str]) -> dict[str, str]:
    tags = [p for p in parts if isinstance(p, Tag)]
    return {tag.path: match[i] for i, tag in enumerate(tags, start=1)}


def _by_words_present(form: Form, parts: Parts, text: str) -> dict[str, str] | None:
    """Cuts the text at the words that are found in it, in order."""
    found: dict[str, str] = {}
    start, open_tags = 0, list[Tag]()
    any_words = False

    def close(end: int) -> None:
        piece = text[start:end]
        wanted = [t for t in open_tags if not t.is_number]
        if wanted:
            lines = piece.strip("\n").split("\n", len(wanted) - 1) if len(wanted) > 1 else [piece]
            found.update({t.path: line for t, line in zip(wanted, lines, strict=False)})

    for part in parts:
        if isinstance(part, Tag):
            open_tags.append(part)
            continue
        if not part.strip():
            continue
        match = re.compile(_freely(_UNIT.sub("", part).strip("（）() "))).search(text, start)
        if match and match.end() > match.start() and match[0].strip():
            any_words = True
            close(match.start())
            start, open_tags = match.end(), []
    close(len(text))
    tags = [p.path for p in parts if isinstance(p, Tag)]
    if not any_words and sum(1 for p in parts if isinstance(p, Tag) and p.path in form.fields) > 1:
        return None
    return {path: found.get(path, "") for path in tags}
