"""Two versions of a declaration side by side, or this year's and last year's."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from declarations import permissions, workflow
from declarations.models import Declaration, Revision, User
from declarations.queries.forms import form_of
from declarations.queries.prior_years import declared_last_year
from declarations.queries.records import load_records, revision_records
from declarations.queries.revisions import Known, revisions_for
from declarations.sheets.bind import bind
from declarations.sheets.counterpart import comparable_tags, counterpart
from declarations.sheets.diff import Changes, compare
from declarations.sheets.places import Spot, places_of
from declarations.sheets.table import Table

DRAFT, LAST_YEAR = "draft", "last"
"""What can be compared beside revisions, which go by their numbers."""


@dataclass(frozen=True, slots=True)
class Line:
    """One change in the list of all. cell: where it is in the table, "" where it is gone.

    what: 修改, 新增行, 删除行 or 移动的行. A changed cell has both its texts.
    """

    what: str
    place: str
    cell: str
    before: str = ""
    after: str = ""
    prose: bool = True


@dataclass(frozen=True, slots=True)
class Comparison:
    """The newer version's table, and what differs from the older one.

    other_form: what the form of last year's declaration is called, where it was another one.
    left_out: how many of this form's fields that one does not have.
    """

    table: Table
    changes: Changes
    lines: list[Line]
    other_form: str = ""
    left_out: int = 0


@dataclass(slots=True)
class Versions:
    """What this person can compare of a declaration: keys of an address and what they are called.

    olds may be compared with, news may be looked at; in both the latest comes first.
    """

    declaration: Declaration
    known: list[Known]
    last_year: Declaration | None = None
    with_draft: bool = False
    olds: list[tuple[str, str]] = field(default_factory=list)
    news: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, user: User, declaration: Declaration) -> "Versions":
        """The department may compare its draft; the bureau only what came to it."""
        found = cls(declaration, revisions_for(user, declaration), declared_last_year(declaration))
        found.with_draft = (
            permissions.can_see_draft(user, declaration) and declaration.state in workflow.EDITABLE
        )
        numbered = [(str(k.number), _name(k)) for k in found.known]
        last = found.last_year
        found.olds = numbered + (
            [(LAST_YEAR, f"上年（{last.round.year}年）现行版本")] if last else []
        )
        found.news = ([(DRAFT, "正在填写的内容")] if found.with_draft else []) + numbered
        return found

    def default(self) -> tuple[str, str]:
        """The keys of what one looks for first: the latest beside the one before it."""
        new = self.news[0][0] if self.news else ""
        if new == DRAFT:
            return (self.olds[0][0] if self.olds else ""), new
        number = next((k.previous for k in self.known if str(k.number) == new), None)
        following = [key for key, _ in self.olds if key != new]
        return (str(number) if number else next(iter(following), "")), new

    def compare(self, old: str, new: str) -> Comparison:
        """What differs between two of them; two queries for the contents."""
        form = form_of(self.declaration.round.template)
        numbers = {int(key) for key in (old, new) if key.isdecimal()}
        contents = {str(r.number): r for r in self.declaration.revisions.filter(number__in=numbers)}
        records = (
            load_records(self.declaration, form)
            if new == DRAFT
            else revision_records(contents[new])
        )
        table = bind(form, records, merging=False)
        if old != LAST_YEAR:
            return _comparison(table, compare(revision_records(contents[old]), table))
        assert self.last_year is not None
        assert self.last_year.approved_id is not None
        last = Revision.objects.get(pk=self.last_year.approved_id)
        template = self.last_year.round.template
        last_form = form_of(template)
        tags = comparable_tags(form, last_form)
        was = counterpart(form, records, last_form, revision_records(last))
        found = _comparison(table, compare(was, table, only=tags))
        other = template.sha256 != self.declaration.round.template.sha256
        return Comparison(
            found.table,
            found.changes,
            found.lines,
            other_form=template.name if other else "",
            left_out=len(form.fields.keys() - tags),
        )


def _name(known: Known) -> str:
    """``第2版（已退回）``."""
    said = "，".join(filter(None, [known.kind, known.fate]))
    return f"第{known.number}版（{said}）" if said else f"第{known.number}版"


def _comparison(table: Table, changes: Changes) -> Comparison:
    return Comparison(table, changes, lines_of(table, changes))


def lines_of(table: Table, changes: Changes) -> list[Line]:
    """Everything that changed: cells and rows in the order of the form, then what is gone."""
    return list(_lines(table, changes))


def _lines(table: Table, changes: Changes) -> Iterator[Line]:
    spots = places_of(table)
    changed, started = changes.changed, {cell: row for row, cell in changes.starts.items()}
    for entry in table.entries():
        if row := started.get(entry.anchor):
            what = "新增行" if row in set(changes.added) else "移动的行"
            yield Line(what, spots[row].name, entry.anchor)
        if entry.anchor in changed:
            yield Line(
                "修改",
                spots[entry.anchor].name,
                entry.anchor,
                changed[entry.anchor],
                entry.text,
                prose=entry.field.is_prose,
            )
    for gone in changes.removed:
        section = spots.get(f"section/{gone.section}", Spot("", ""))
        yield Line("删除行", f"{section.name} 原第{gone.number}行".strip(), "", before=gone.text)
