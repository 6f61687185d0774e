"""What checks find in a declaration, with what the department says to it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from declarations.checks import Around, Finding, Level, run_checks
from declarations.models import Declaration, Explanation, Revision
from declarations.queries.around import around_of
from declarations.queries.records import load_records
from declarations.sheets.bind import bind
from declarations.sheets.form import Form
from declarations.sheets.scores import Scoring
from declarations.sheets.table import Access, Entry, Table, version_of
from declarations.workflow.opened import Opened


class _Name(NamedTuple):
    """The parts of what a cell is called, "" where it has none."""

    section: str
    row: str = ""
    label: str = ""


OUTSIDE = -1
"""In place of a section's index: for what stands in none."""

MOST_PLACES = 8
"""Cells named of one finding; its message tells of the rest."""


@dataclass(frozen=True, slots=True)
class Place:
    """A cell that a finding is about, and what to call it."""

    anchor: str
    name: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding as pages show it.

    places: its cells that the table has, most telling first; left_out: how many more.
    text, author, written_at: the explanation, "" where there is none. stale: that the
    hint read otherwise when it was written, so that it does not count. Beside an earlier
    revision, is_new: that the hint was not there; before: what was said then, "" if the same.
    """

    finding: Finding
    places: list[Place]
    left_out: int = 0
    text: str = ""
    author: str = ""
    written_at: Any = None
    stale: bool = False
    is_new: bool = False
    before: str = ""

    @property
    def is_hint(self) -> bool:
        return self.finding.level is Level.HINT

    @property
    def is_explained(self) -> bool:
        """Whether it no longer stands in the way of submitting."""
        return self.is_hint and bool(self.text) and not self.stale

    @property
    def anchor(self) -> str:
        """Of its explanation, as saves name it."""
        return explanation_anchor(self.finding.key)

    @property
    def version(self) -> str:
        """Of its explanation, as saves name what they were looking at."""
        return version_of(self.text)


@dataclass(frozen=True, slots=True)
class SectionProgress:
    """How many of a section's required cells are filled in, and what was found there.

    closed: a limited return opened other sections only.
    """

    index: int
    label: str
    required: int
    filled: int
    findings: list[FindingView] = field(default_factory=list)
    closed: bool = False

    @property
    def musts(self) -> list[FindingView]:
        return [f for f in self.findings if not f.is_hint]

    @property
    def hints(self) -> list[FindingView]:
        return [f for f in self.findings if f.is_hint]

    @property
    def open_hints(self) -> list[FindingView]:
        return [f for f in self.hints if not f.is_explained]

    @property
    def done(self) -> bool:
        return self.filled == self.required and all(f.is_explained for f in self.findings)


def findings_now(declaration: Declaration, form: Form) -> list[Finding]:
    """What the checks find in what is stored now."""
    table = bind(form, load_records(declaration, form), editing=True)
    return run_checks(table, around_of(declaration, form))


def explanation_anchor(key: str) -> str:
    """How a save names the explanation of a finding, beside the anchors of cells."""
    return f"explanation/{key}"


def covers(explanation: Explanation | None, finding: Finding) -> bool:
    """Whether a hint is explained: it still reads as it did when the explanation was written."""
    return explanation is not None and explanation.message == finding.message


def in_the_way(
    findings: Iterable[Finding], explanations: Mapping[str, Explanation]
) -> list[Finding]:
    """What keeps a declaration from being submitted: what must be corrected, hints unexplained."""
    return [f for f in findings if f.level is Level.MUST or not covers(explanations.get(f.key), f)]


def explanations_of(declaration: Declaration) -> dict[str, Explanation]:
    """What the department has written, by the keys of findings; some may be about hints no more."""
    return {e.key: e for e in declaration.explanations.select_related("author")}


def progress_of(
    declaration: Declaration, table: Table, scoring: Scoring | None = None
) -> list[SectionProgress]:
    """`progress` of what is being filled in, with what else is known of the declaration.

    scoring: of the table, where it is known already.
    """
    around = around_of(declaration, table.form, scoring)
    return progress(table, explanations_of(declaration), declaration.opened_sections, around)


def progress(
    table: Table,
    explanations: Mapping[str, Explanation],
    opened: Opened = None,
    around: Around | None = None,
) -> list[SectionProgress]:
    """Each section's count of required cells, and the findings in it, also where it is closed.

    What stands in no section, the lines above and below the table first of all, comes
    last, if anything there is required or found.
    """
    if opened is not None:
        table = bind(table.form, table.records, editing=True)
    section_of = _sections(table)
    required: Counter[int] = Counter()
    filled: Counter[int] = Counter()
    for entry in table.entries():
        if entry.field.required and entry.access is Access.FILLABLE:
            section = section_of.get(entry.anchor, OUTSIDE)
            required[section] += 1
            filled[section] += not entry.is_blank
    names = _names(table)
    findings: dict[int, list[FindingView]] = {}
    for finding in run_checks(table, around):
        anchor = finding.anchors[0] if finding.anchors else ""
        views = findings.setdefault(section_of.get(anchor, OUTSIDE), [])
        views.append(_view(finding, _places(names, finding.anchors), explanations.get(finding.key)))
    labels = [(i, section.label) for i, section in enumerate(table.form.sections)]
    if required[OUTSIDE] or OUTSIDE in findings:
        labels.append((OUTSIDE, "表格以外"))
    return [
        SectionProgress(
            index,
            label,
            required[index],
            filled[index],
            findings.get(index, []),
            closed=opened is not None and index not in (OUTSIDE, *opened),
        )
        for index, label in labels
    ]


def closed_in_the_way(table: Table, findings: Iterable[Finding], opened: Opened) -> list[int]:
    """The closed sections with cells of findings that must be corrected, in order."""
    if opened is None:
        return []
    section_of = _sections(bind(table.form, table.records, editing=True))
    musts = (f.anchors for f in findings if f.level is Level.MUST)
    concerned = {section_of.get(anchor, OUTSIDE) for anchors in musts for anchor in anchors}
    return sorted(concerned - {OUTSIDE, *opened})


def _sections(table: Table) -> dict[str, int]:
    """The section of each cell, and of each list that rows can be added to, by anchor."""
    found = {row.add_to: row.section for row in table.rows if row.add_to}
    return found | {e.anchor: row.section for row in table.rows for e in row.entries()}


def revision_findings(
    revision: Revision, table: Table, previous: Revision | None
) -> list[FindingView]:
    """The hints that stood at a submission, as they were explained then.

    Beside the revision before, each also tells whether it is new or what was said then.
    """
    names, first = _names(table), _first_cells(table)
    was = {key: text for key, _, text, _ in _frozen(previous)} if previous else {}
    views = []
    for key, finding, text, author in _frozen(revision):
        places, left_out = _places(names, [first.get(a, a) for a in finding.anchors])
        views.append(
            FindingView(
                finding,
                places,
                left_out,
                text=text,
                author=author,
                is_new=previous is not None and key not in was,
                before=was[key] if was.get(key, text) != text else "",
            )
        )
    return views


def frozen_hint(finding: Finding, explanation: Explanation) -> dict[str, Any]:
    """A hint as a revision keeps it; `revision_findings` reads it."""
    return {
        "level": finding.level.value,
        "code": finding.code,
        "message": finding.message,
        "anchors": list(finding.anchors),
        "explanation": explanation.text,
        "explained_by": explanation.author.name,
    }


def cell_names(table: Table) -> dict[str, str]:
    """What to call each cell, and each list that rows can be added to, in the order of the form."""
    return {anchor: " ".join(filter(None, name)) for anchor, name in _names(table).items()}


def _frozen(revision: Revision) -> Iterator[tuple[str, Finding, str, str]]:
    for kept in revision.findings:
        finding = Finding(
            Level(kept["level"]), kept["code"], kept["message"], tuple(kept["anchors"])
        )
        yield finding.key, finding, kept["explanation"], kept["explained_by"]


def _view(
    finding: Finding, places: tuple[list[Place], int], explanation: Explanation | None
) -> FindingView:
    if explanation is None:
        return FindingView(finding, *places)
    return FindingView(
        finding,
        *places,
        text=explanation.text,
        author=explanation.author.name,
        written_at=explanation.written_at,
        stale=not covers(explanation, finding),
    )


def _names(table: Table) -> dict[str, _Name]:
    names: dict[str, _Name] = {}
    for row in table.rows:
        section = table.form.sections[row.section].label if row.section >= 0 else ""
        if row.add_to:
            names[row.add_to] = _Name(section)
        names |= {e.anchor: _name(section, e) for e in row.entries() if e.anchor}
    for cell in (*table.head, *table.foot):
        names |= {e.anchor: _name("", e) for e in cell.entries if e.anchor}
    return names


def _name(section: str, entry: Entry) -> _Name:
    row = f"第{entry.row_number}行" if entry.row_number else ""
    label = entry.field.label_with_unit
    return _Name("" if section == label else section, row, label)


def _first_cells(table: Table) -> dict[str, str]:
    """Of each list the first cell: in place of the button that only the editor has."""
    found: dict[str, str] = {}
    for row in table.rows:
        for handle in row.handles:
            own = (e.anchor for e in row.entries() if e.anchor.startswith(f"{handle.anchor}/"))
            found.setdefault("/".join(handle.list_path), next(own, ""))
    return found


def _places(names: Mapping[str, _Name], anchors: Iterable[str]) -> tuple[list[Place], int]:
    """Of a column's cells only the first is named in full."""
    anchors = [a for a in anchors if a in names]
    places: list[Place] = []
    before = _Name("")
    for anchor in anchors[:MOST_PLACES]:
        name = names[anchor]
        same_column = name.row and (name.section, name.label) == (before.section, before.label)
        places.append(
            Place(anchor, name.row if same_column else f"{name.row}{name.label}" or name.section)
        )
        before = name
    return places, len(anchors[MOST_PLACES:])
