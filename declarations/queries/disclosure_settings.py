"""What is masked in a round, what that looks like, and what was published with other rules."""

import json
from dataclasses import dataclass
from hashlib import sha256

from declarations.models import Declaration, Publication, Round
from declarations.queries.forms import form_for
from declarations.queries.records import revision_records
from declarations.sheets.bind import bind
from declarations.sheets.form import Form
from declarations.sheets.masking import (
    Change,
    Masking,
    Suspicion,
    default_masking,
    masked,
    suspected,
)
from declarations.sheets.personal import Rule
from declarations.sheets.records import Records
from declarations.sheets.samples import sample_records
from declarations.sheets.table import Table

MOST_CHOICES = 300
"""Declarations of a round that one can choose from for a preview."""
_SAMPLES = {Rule.NAME: "张小明", Rule.PHONE: "020-81234567 转 13812345678"}
"""What stands in a sample's masked fields: something that there is to mask."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A form as the public would see it. declaration: whose, None for sample data."""

    declaration: Declaration | None
    table: Table
    changes: tuple[Change, ...]
    suspected: list[Suspicion]

    @property
    def anchors(self) -> set[str]:
        """The cells that the table shows, to be jumped to."""
        return {entry.anchor for entry in self.table.entries() if entry.anchor}


def masking_of(round_: Round) -> Masking:
    """What is masked in a round: what was set, else what the form's headings suggest."""
    if round_.masking:
        return Masking.from_json(round_.masking)
    return default_masking(form_for(round_))


def digest_of(round_: Round) -> str:
    """Names the state of a round's disclosure, to see that somebody changed it meanwhile."""
    settings = [round_.disclosed, round_.publish_days, masking_of(round_).to_json()]
    return sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]


def published_otherwise(round_: Round, masking: Masking) -> int:
    """How many of a round can be read by the public, masked by other rules; one query."""
    current = Publication.objects.filter(
        declaration__round=round_, superseded_at__isnull=True, withdrawn_at__isnull=True
    )
    return current.exclude(masking=masking.to_json()).count()


def previewable(round_: Round) -> list[tuple[int, str]]:
    """The declarations in force whose masking can be looked at: ids and departments; one query."""
    approved = round_.declarations.filter(approved__isnull=False).order_by("department__code", "pk")
    return list(approved.values_list("pk", "department__name")[:MOST_CHOICES])


def preview(round_: Round, masking: Masking, declaration_id: int | None) -> Preview:
    """What a round's rules would publish of one of its declarations in force, else of samples."""
    form = form_for(round_)
    approved = round_.declarations.filter(pk=declaration_id or 0, approved__isnull=False)
    found = approved.select_related("approved", "department").first()
    if found is not None and found.approved is not None:
        records = revision_records(found.approved)
    else:
        records = _sample(form, masking)
    outcome = masked(records, form, masking)
    table = bind(form, outcome.records, merging=False)
    return Preview(found, table, outcome.changes, suspected(outcome.records, form))


def _sample(form: Form, masking: Masking) -> Records:
    """Sample records with a name or a telephone where the rules expect one."""
    records = sample_records(form)
    for tag, rule in masking.fields.items():
        head, _, column = tag.partition(".")
        text = _SAMPLES.get(rule)
        if text is None:
            continue
        if head == "text" and column in records.texts:
            records.texts[column] = text
        for item in records.lists.get(head, ()):
            if column in item.values:
                item.values[column] = text
    return records
