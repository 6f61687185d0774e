"""What the page of a declaration shows to those who decide on it, and of review sheets."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from declarations.models import Comment, Declaration, Revision, User
from declarations.queries.deciding import deciding
from declarations.queries.review_sheets import sheet_view, sheets_on
from declarations.sheets.table import Table
from declarations.views.review_forms import DecisionForm


def review_context(
    user: User, found: Declaration, shown: Revision, table: Table, said: Iterable[Comment]
) -> dict[str, Any]:
    """The decision, where it is this person's, and the review sheets that they may see.

    said: the comments on what is shown that are not resolved.
    """
    decision = deciding(user, found, shown, table, said, timezone.now())
    sheets = sheets_on(user, found, shown)
    own = None
    if decision is not None and decision.stage.with_sheet and decision.held_by is None:
        kept = next((s.kept for s in sheets if s.stage == decision.stage), None)
        own = sheet_view(found, decision.stage, kept)
        sheets = [s for s in sheets if s.stage != decision.stage]
    return {
        "deciding": decision,
        "decision_form": DecisionForm(deciding=decision) if decision else None,
        "own_sheet": own,
        "sheets": sheets,
    }
