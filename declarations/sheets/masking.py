"""隐去: what of a form's content is not published (政府信息公开条例 §15, §20). Pure functions.

A field is masked by a rule of its own; what stands there is masked wherever else it stands, too.
Beyond that telephones, identity and bank card numbers and e-mail addresses are found by their
shape. What the form has no cell for is left out: nobody has looked at it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from declarations.sheets.catalogue import SCORES
from declarations.sheets.fields import Field
from declarations.sheets.form import Form
from declarations.sheets.personal import (
    HIDDEN,
    Hit,
    Known,
    Rule,
    digits_of,
    has_surname,
    mask_always,
    mask_free,
    mask_name_field,
    mask_phone_field,
    names_in,
    numbers_in,
)
from declarations.sheets.records import Item, Records, Value
from declarations.sheets.suspicions import looks_personal

FIELD_RULES = (Rule.NAME, Rule.PHONE, Rule.HIDE, Rule.KEEP)
"""What can be set for a field; a field without a rule is text, in which things are found."""

_WHO = "填报人|填表人|制表人|编制人|经办人|联系人|负责人|审核人|复核人|承办人|责任人|主管领导|分管领导|签字|签名|姓名"
_PERSON = re.compile(rf"(?:{_WHO})(?:姓名|签字|签名|签章|[（(][^）)]*[）)]|及.*|和.*|、.*|/.*)?$")
_PHONE = re.compile(r"电话|手机|联系方式|座机|传真|分机|短号")
_PRIVATE = re.compile(r"住址|户籍地|身份证|残疾证|残疾人证|证件号|银行[账帐]号|[账帐]号|卡号|出生")
_INTERNAL = ("year", "bureau.name", "department.name", "department.code", "round.name")
"""What of the context is published: what forms print, and no ids."""


@dataclass(frozen=True, slots=True)
class Masking:
    """What is masked in a round. fields: the rule of fields, by tag (``text.phone``). public:
    names and numbers that stay where they are only found, such as a department's own telephone."""

    fields: Mapping[str, Rule] = field(default_factory=dict)
    public: tuple[str, ...] = ()

    def rule(self, tag: str) -> Rule | None:
        """The rule of a field; None where it has none of its own."""
        return self.fields.get(tag)

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready copy, the same for the same rules."""
        return {
            "fields": {tag: self.fields[tag].value for tag in sorted(self.fields)},
            "public": sorted({*self.public}),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Masking":
        """What `to_json` wrote. Raises ValueError for a rule that is none of FIELD_RULES."""
        fields = {tag: Rule(rule) for tag, rule in stored.get("fields", {}).items()}
        if unknown := {*fields.values()} - {*FIELD_RULES}:
            raise ValueError(f"no rule for fields: {sorted(unknown)}")
        return cls(fields, tuple(stored.get("public", ())))


@dataclass(frozen=True, slots=True)
class Change:
    """A piece of a cell that was masked. label: what the cell is called; rule: by which."""

    anchor: str
    label: str
    before: str
    after: str
    rule: Rule


@dataclass(frozen=True, slots=True)
class Outcome:
    """Masked records, and what was done to them in the order of the content."""

    records: Records
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What looks personal and stays. text: the piece; why: what it looks like."""

    anchor: str
    label: str
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class _Cell:
    """A text of the records: where it stands, and how to write it."""

    anchor: str
    tag: str
    label: str
    text: str
    write: Callable[[str], None]


def maskable(form: Form) -> list[Field]:
    """The fields that a rule can be set for, in the order of the form: those of words."""
    return [f for tag, f in form.fields.items() if f.is_prose and tag not in form.beside]


def default_masking(form: Form) -> Masking:
    """What the headings suggest: names of people, their telephones, addresses and numbers."""
    suggested = {f.tag: rule for f in maskable(form) if (rule := _suggested(f.label))}
    return Masking(suggested)


def masked(records: Records, form: Form, masking: Masking) -> Outcome:
    """A copy of the records without what is personal. Masking that again changes nothing."""
    copy = _published_part(records, form)
    cells = list(_cells(copy, form))
    known = _known(cells, masking)
    changes = []
    for cell in cells:
        text, hits = _mask(cell.text, masking.rule(cell.tag), known)
        if hits:
            cell.write(text)
            changes += [Change(cell.anchor, cell.label, h.before, h.after, h.rule) for h in hits]
    return Outcome(copy, tuple(changes))


def personal_in(text: str, changes: Iterable[Change] = ()) -> list[str]:
    """Telephones, identity and card numbers and e-mail addresses in a text of any kind; and what
    was masked elsewhere: a reason for a correction must not tell what the form does not."""
    found = [hit.before for hit in mask_free(text, Known())[1]]
    return found + [c.before for c in changes if c.rule is not Rule.HIDE and c.before in text]


def suspected(records: Records, form: Form) -> list[Suspicion]:
    """What looks personal in masked records and stays: a person has to look."""
    return [
        Suspicion(cell.anchor, cell.label, text, why)
        for cell in _cells(records, form)
        for text, why in looks_personal(cell.text)
    ]


def _suggested(label: str) -> Rule | None:
    if _PRIVATE.search(label):
        return Rule.HIDE
    if _PERSON.search(label):
        return Rule.NAME
    return Rule.PHONE if _PHONE.search(label) else None


def _mask(text: str, rule: Rule | None, known: Known) -> tuple[str, list[Hit]]:
    match rule:
        case Rule.NAME:
            return mask_name_field(text)
        case Rule.PHONE:
            return mask_phone_field(text)
        case Rule.KEEP:
            return mask_always(text)
        case Rule.HIDE:
            return HIDDEN, [Hit(text, HIDDEN, Rule.HIDE)] if text != HIDDEN else []
    return mask_free(text, known)


def _known(cells: list[_Cell], masking: Masking) -> Known:
    """What masked fields say, but what is said to be public; what kept fields say stays."""
    public = {*masking.public, *map(digits_of, masking.public)} - {""}
    names: set[str] = set()
    numbers: set[str] = set()
    kept: set[str] = set()
    for cell in cells:
        match masking.rule(cell.tag):
            case Rule.NAME:
                names.update(names_in(cell.text))
                numbers.update(numbers_in(cell.text))
            case Rule.PHONE:
                names.update(filter(has_surname, names_in(cell.text)))
                numbers.update(numbers_in(cell.text))
            case Rule.KEEP:
                kept.update(numbers_in(mask_always(cell.text)[0]))
    numbers -= {n for n in numbers if any(p.endswith(n) for p in public)}
    return Known(
        frozenset(names - public), frozenset(numbers), frozenset((kept | public) - numbers)
    )


def _cells(records: Records, form: Form) -> Iterator[_Cell]:
    """Every text that is not blank, in the order in which the content holds it."""
    for key in sorted(records.texts):
        yield from _cell(records.texts, key, f"text/{key}", f"text.{key}", form)
    for name in sorted(records.lists):
        for number, item in enumerate(records.lists[name], start=1):
            yield from _row(item, name, number, form)
    for key in sorted(records.scores):
        row = records.scores[key]
        for column in sorted(row):
            anchor, tag = f"{SCORES}/{key}/{column}", f"{SCORES}.{key}.{column}"
            yield from _cell(row, column, anchor, tag, form)


def _row(item: Item, path: str, number: int, form: Form) -> Iterator[_Cell]:
    for column in sorted(item.values):
        tag = f"{path}.{column}"
        yield from _cell(item.values, column, item.anchor(column), tag, form, f"第{number}行 ")
    for name in sorted(item.lists):
        for nested, row in enumerate(item.lists[name], start=1):
            yield from _row(row, f"{path}.{name}", nested, form)


def _cell(
    row: Any, key: str, anchor: str, tag: str, form: Form, before: str = ""
) -> Iterator[_Cell]:
    text, known = row[key], form.fields.get(tag)
    if isinstance(text, str) and text.strip() and known is not None and known.is_prose:

        def write(masked: str) -> None:
            row[key] = masked

        yield _Cell(anchor, tag, before + known.label, text, write)


def _published_part(records: Records, form: Form) -> Records:
    """A copy of what the form prints, or computes what it prints from."""
    formulas = (tag.expression.uses for tag, _ in form.tags if tag.expression)
    tags = (form.fields.keys() - form.beside).union(*formulas)

    def row(values: Mapping[str, Value], path: str) -> dict[str, Value]:
        return {column: v for column, v in values.items() if f"{path}.{column}" in tags}

    def items(rows: list[Item], path: str) -> list[Item]:
        return [
            Item(
                item.kind,
                item.id,
                row(item.values, path),
                {name: items(nested, f"{path}.{name}") for name, nested in item.lists.items()},
                item.source,
                tuple(c for c in item.carried if f"{path}.{c}" in tags),
            )
            for item in rows
        ]

    def lines(kept: Mapping[str, Mapping[str, Value]], head: str) -> dict[str, dict[str, Value]]:
        found = {key: row(values, f"{head}.{key}") for key, values in kept.items()}
        return {key: values for key, values in found.items() if values}

    return Records(
        context={tag: v for tag, v in records.context.items() if tag in _INTERNAL},
        funding=lines(records.funding, "funding"),
        texts={key: text for key, text in records.texts.items() if f"text.{key}" in tags},
        lists={name: items(rows, name) for name, rows in records.lists.items()},
        scores=lines(records.scores, SCORES),
        shown=dict(records.shown),
    )
