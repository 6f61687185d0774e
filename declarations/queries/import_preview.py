"""What applying an upload would do, section by section, as an official reads it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from declarations.models import Declaration
from declarations.queries.forms import form_for
from declarations.queries.uploads import Report, base_of, plan_of, summary_of
from declarations.sheets.alignment import KEYS, is_blank_row
from declarations.sheets.catalogue import SCORES
from declarations.sheets.form import Form
from declarations.sheets.inputs_sheet import inputs_beside
from declarations.sheets.reconcile import ChangedCell, Plan, RowOfList, plan
from declarations.sheets.records import Item, Records
from declarations.sheets.scored import SELF_SCORE

OUTSIDE = "表格以外"
_LONGEST_NAME = 24


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell and its other content. cell: where that stands in the workbook, like ``B12``."""

    place: str
    before: str
    after: str
    cell: str


@dataclass(frozen=True, slots=True)
class RowTable:
    """Rows of one list that come or go: each its label and its texts under the heads."""

    heads: list[str]
    rows: list[tuple[str, list[str]]] = field(default_factory=list)


@dataclass(slots=True)
class SectionPreview:
    """What would change in one section of the form. index: -1 outside all."""

    index: int
    label: str
    changed: list[Difference] = field(default_factory=list)
    added: dict[tuple[str, ...], RowTable] = field(default_factory=dict)
    removed: dict[tuple[str, ...], RowTable] = field(default_factory=dict)
    moved: list[str] = field(default_factory=list)

    @property
    def counts(self) -> str:
        """``修改 3 格，新增 1 行``."""
        added, removed = (
            sum(len(t.rows) for t in tables.values()) for tables in (self.added, self.removed)
        )
        counts = (
            (len(self.changed), "修改 {} 格"),
            (added, "新增 {} 行"),
            (removed, "删除 {} 行"),
            (len(self.moved), "调整次序 {} 行"),
        )
        return "，".join(text.format(count) for count, text in counts if count)


@dataclass(frozen=True, slots=True)
class Preview:
    """What an upload would do now.

    base: names the content that this holds for. left_out: sections in which the workbook says
    something else, but which a limited return did not open. approved: cells of the approved
    target of which it says something else. kept: rows of the target that it does not have.
    """

    base: str
    summary: str
    sections: list[SectionPreview]
    rounded: list[Difference]
    left_out: list[str]
    approved: list[Difference]
    kept: list[str]

    @property
    def entries(self) -> int:
        """How many lines there are to look through."""
        return sum(
            len(s.changed)
            + len(s.moved)
            + sum(len(t.rows) for t in [*s.added.values(), *s.removed.values()])
            for s in self.sections
        )


def preview_of(declaration: Declaration, brought: Records, report: Report) -> Preview:
    """Compares what was read from a workbook with what is stored now."""
    form = form_for(declaration.round)
    found, current = plan_of(declaration, brought, report)
    described = _Describer(form, current, report).describe(found)
    opened = declaration.opened_sections
    left_out = []
    if opened is not None:
        everywhere = plan(form, current, brought, report.absent)
        sections = _Describer(form, current, report).describe(everywhere).sections
        left_out = [s.label for s in sections if s.index not in (-1, *opened)]
    return Preview(
        base_of(current, opened),
        summary_of(found),
        described.sections,
        described.rounded,
        left_out,
        described.approved,
        described.kept,
    )


def sections_of(form: Form, current: Records, found: Plan) -> list[SectionPreview]:
    """What a plan that comes from no workbook would change, section by section."""
    return _Describer(form, current, Report()).describe(found).sections


def labels_of(records: Records) -> dict[str, str]:
    """What to call each row, by anchor: ``第3行“康复资助”``."""
    return dict(_labels(records))


class _Described(NamedTuple):
    sections: list[SectionPreview]
    rounded: list[Difference]
    approved: list[Difference]
    kept: list[str]


class _Describer:
    def __init__(self, form: Form, current: Records, report: Report) -> None:
        self.form = form
        self.current = current
        self.report = report
        self.labels = labels_of(current)
        self.sections: dict[int, SectionPreview] = {}
        self.section_of_tag = {
            tag.path: form.section_at(cell.row) for cell in form.cells for tag in cell.tags
        }
        self.items: dict[str, str] = {}  # the scored item's name by the tag of an input
        for given in inputs_beside(form):
            score = f"{SCORES}.{given.item.key}.{SELF_SCORE}"
            self.section_of_tag[given.field.tag] = self.section_of_tag.get(score, -1)
            self.items[given.field.tag] = given.item.name

    def describe(self, found: Plan) -> "_Described":
        for change in found.changed:
            self._section(self.section_of_tag[change.field.tag]).changed.append(
                self._difference(change)
            )
        for row in found.added:
            self._note(row, added=True)
        for row in found.removed:
            self._note(row, added=False)
        by_anchor = {item.anchor(): path for path, item in _paths(self.current)}
        for anchor in found.moved:
            index = _section_of_list(self.form, by_anchor[anchor])
            self._section(index).moved.append(self.labels[anchor])
        return _Described(
            [self.sections[i] for i in sorted(self.sections, key=lambda i: (i < 0, i))],
            [self._difference(change) for change in found.rounded],
            [self._difference(change) for change in found.approved],
            [self.labels[row.item.anchor()] for row in found.kept],
        )

    def _section(self, index: int) -> SectionPreview:
        label = self.form.sections[index].label if index >= 0 else OUTSIDE
        return self.sections.setdefault(index, SectionPreview(index, label))

    def _difference(self, change: ChangedCell) -> Difference:
        row = self.labels.get(change.anchor.rpartition("/")[0], "")
        row = row or self.items.get(change.field.tag, "")
        label = change.field.label_with_unit
        return Difference(
            f"{row} · {label}" if row else label,
            change.field.edit_text(change.before),
            change.field.edit_text(change.after),
            self.report.places.get(change.source, ""),
        )

    def _note(self, row: RowOfList, *, added: bool) -> None:
        section = self._section(_section_of_list(self.form, row.list_path))
        tables = section.added if added else section.removed
        owner = self.labels.get(row.list_anchor.rpartition("/")[0], "")
        own = f"{owner} 第{row.number}行".strip()
        for path, label, item in _with_nested(row.list_path, own, row.item):
            fields = self.form.fields_of(path)
            table = tables.setdefault(path, RowTable([f.label_with_unit for f in fields]))
            texts = [f.edit_text(item.values.get(f.column)) for f in fields]
            table.rows.append((label, texts))


def _with_nested(
    path: tuple[str, ...], label: str, item: Item
) -> Iterator[tuple[tuple[str, ...], str, Item]]:
    """A row and the rows nested in it, each with its list and label."""
    yield path, label, item
    for name, rows in item.lists.items():
        for number, inner in enumerate((r for r in rows if not is_blank_row(r)), start=1):
            yield (*path, name), f"{label}{named(item)} 第{number}行", inner


def _labels(records: Records) -> Iterator[tuple[str, str]]:
    for rows in records.lists.values():
        for number, item in enumerate(rows, start=1):
            label = f"第{number}行{named(item)}"
            yield item.anchor(), label
            for nested in item.lists.values():
                for inner_number, inner in enumerate(nested, start=1):
                    yield inner.anchor(), f"{label} 第{inner_number}行{named(inner)}"


def named(item: Item) -> str:
    """What a row is called, ``“康复资助”``; "" where it has no name."""
    for key in KEYS:
        if name := str(item.values.get(key) or "").strip():
            short = name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…"
            return f"“{short}”"
    return ""


def _paths(records: Records) -> Iterator[tuple[tuple[str, ...], Item]]:
    """Every row with the list it is in."""
    for name, rows in records.lists.items():
        for item in rows:
            yield (name,), item
            for inner_name, nested in item.lists.items():
                yield from (((name, inner_name), inner) for inner in nested)


def _section_of_list(form: Form, path: tuple[str, ...]) -> int:
    return form.section_at(form.block(path).first_row)
