"""改按现行目标: bringing a self-evaluation up to the target that is in force now."""

from itertools import chain

from django.db import transaction

from declarations.domain.acting import acting, lock, record, require_editable, touch
from declarations.domain.errors import RefusedError
from declarations.domain.importing import ChangedSinceError
from declarations.domain.reconciling import carry_out
from declarations.domain.rows import MOST_ROWS, TooManyRowsError, anchor_of, rows_of
from declarations.models import Declaration, Event, EventKind, Indicator, Revision, Task, User
from declarations.queries.targets import following, target_of
from declarations.queries.uploads import summary_of
from declarations.sheets.reconcile import Plan
from declarations.sheets.target_update import Source


def follow_target(actor: User, *, declaration_id: int, base: str) -> Event | None:
    """Brings an evaluation up to its department's target in force; see `bring_up`.

    What was filled in stays, also in rows that the target has no longer. base: what was looked
    at (`Following.base`). Returns the event, None where it is based on the target in force
    already: twice is once. Raises RefusedError where the person, the state or the window
    forbid it or there is no approved target, PartClosedError where a return left the lists
    closed, and ChangedSinceError where the evaluation or the target is another since.
    """
    with transaction.atomic(), acting(actor, EventKind.TARGET_UPDATED):
        declaration = lock(declaration_id)
        require_editable(actor, declaration)
        target = target_of(declaration)
        if target is None:
            raise RefusedError("系统中没有本部门本年度已批准的绩效目标，不能按目标填列")
        if target.approved_id == declaration.based_on_id:
            return None
        found = following(declaration, target)
        if found.base != base:
            raise ChangedSinceError("自评或目标在您核对后又有变化，请重新核对")
        _require_room(found.update.plan)
        done = carry_out(declaration, found.update.plan, by_target=True)
        _set_sources(declaration, found.update.sources)
        _base_on(declaration, found.revision)
        touch(actor, declaration)
        return record(
            EventKind.TARGET_UPDATED,
            actor=actor,
            declaration=declaration,
            target=found.revision.pk,
            summary=summary_of(found.update.plan),
            orphans=found.update.orphans,
            **done,
        )


def _require_room(plan: Plan) -> None:
    sizes = [len(rows) for rows in plan.orders.values()]
    sizes += [len(rows) for added in plan.added for rows in added.item.lists.values()]
    if any(size > MOST_ROWS for size in sizes):
        raise TooManyRowsError(f"按目标填列后清单超过 {MOST_ROWS} 行，请先删除不需要的行")


def _set_sources(declaration: Declaration, sources: dict[str, Source]) -> None:
    """Notes what rows have from the target now; one query per kind of row that differs."""
    changed = []
    for row in chain.from_iterable(rows_of(declaration).values()):
        source, carried = sources.get(anchor_of(row), (row.approved_from, tuple(row.carried)))
        if (row.approved_from, tuple(row.carried)) != (source, carried):
            row.approved_from, row.carried = source, list(carried)
            changed.append(row)
    for model in (Task, Indicator):
        if own := [row for row in changed if isinstance(row, model)]:
            model._default_manager.bulk_update(own, ["approved_from", "carried"])  # type: ignore[arg-type]


def _base_on(declaration: Declaration, revision: Revision) -> None:
    declaration.based_on = revision
    declaration.save(update_fields=["based_on"])
