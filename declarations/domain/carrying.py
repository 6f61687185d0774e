"""带入上年: bringing last year's approved content into this year's declaration."""

from dataclasses import dataclass
from itertools import chain

from django.db import transaction

from declarations.domain.acting import acting, lock, record, require_editable, touch
from declarations.domain.errors import RefusedError
from declarations.domain.opening import PartClosedError
from declarations.domain.reconciling import carry_out
from declarations.domain.rows import MOST_ROWS, TooManyRowsError
from declarations.models import Event, EventKind, User
from declarations.queries.forms import form_for, form_of
from declarations.queries.prior_years import declared_last_year
from declarations.queries.records import load_records, revision_records
from declarations.sheets.carrying import carried_over
from declarations.sheets.reconcile import plan
from declarations.workflow.opened import closed_tags, why_closed


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """What was brought; the event can be given to `undo`."""

    year: int
    rows: int  # added, those nested in a new one not counted
    cells: int  # filled in, of rows and passages that were there
    event: Event

    def __str__(self) -> str:
        """``已带入2022年的内容：新增 3 行，填入 12 格``."""
        parts = [(self.rows, "新增 {} 行"), (self.cells, "填入 {} 格")]
        said = "，".join(text.format(number) for number, text in parts if number)
        return f"已带入{self.year}年的内容：{said}"


def carry_over(actor: User, *, declaration_id: int) -> CarriedOver:
    """Adds last year's approved rows and passages to what is filled in; see `carried_over`.

    Nothing that is filled in is changed. Raises RefusedError where the declaration cannot
    be edited, nothing was approved last year, or all of it is there.
    """
    with transaction.atomic(), acting(actor, EventKind.CARRIED_OVER):
        declaration = lock(declaration_id)
        require_editable(actor, declaration)
        last = declared_last_year(declaration)
        if last is None or last.approved is None:
            raise RefusedError("本部门上年没有审核通过的申报，没有可带入的内容")
        form = form_for(declaration.round)
        current = load_records(declaration, form)
        last_form = form_of(last.round.template)
        merged = carried_over(form, current, last_form, revision_records(last.approved))
        nested = (rows for item in merged.items() for rows in item.lists.values())
        if any(len(rows) > MOST_ROWS for rows in chain(merged.lists.values(), nested)):
            raise TooManyRowsError(f"带入后清单超过 {MOST_ROWS} 行，请先删除不需要的行")
        closed = closed_tags(form, declaration.opened_sections)
        todo = plan(form, current, merged, absent=closed)
        if not todo and plan(form, current, merged, absent=frozenset()):
            raise PartClosedError(why_closed(form, declaration.opened_sections))
        if not todo:
            raise RefusedError(f"{last.round.year}年的内容都已经在表中，没有可带入的")
        done = carry_out(declaration, todo)
        touch(actor, declaration)
        event = record(
            EventKind.CARRIED_OVER,
            actor=actor,
            declaration=declaration,
            source=last.approved.pk,
            **done,
        )
        return CarriedOver(last.round.year, len(todo.added), len(todo.changed), event)
