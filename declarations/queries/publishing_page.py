"""What a publisher looks at of one declaration, and what to turn to next."""

from dataclasses import dataclass, field
from functools import cached_property

from declarations.models import CatalogueEntry, Declaration, Publication, PublishedFile, User
from declarations.queries import publishing
from declarations.queries.findings import FindingView, cell_names, revision_findings
from declarations.queries.forms import form_for
from declarations.queries.pages import change_marks
from declarations.queries.published import PUBLIC_FORMATS, records_of
from declarations.queries.publishing import DisclosureOf, Prepared, prepared
from declarations.queries.publishing_list import still_open
from declarations.sheets.bind import bind
from declarations.sheets.diff import Changes, compare
from declarations.sheets.html import Mark
from declarations.sheets.table import Table


@dataclass(frozen=True)
class Looked:
    """What would be published of a declaration, beside what is public of it.

    table: the form; where it is compared, equal neighbours stay apart. hints: those that stood
    at submission. changes: what is different from what is public, as far as anything is.
    """

    ready: Prepared
    table: Table
    hints: list[FindingView]
    changes: Changes = field(default_factory=Changes)

    @cached_property
    def anchors(self) -> set[str]:
        """The cells that the table shows, to be jumped to."""
        return {entry.anchor for entry in self.table.entries() if entry.anchor}

    @property
    def marks(self) -> dict[str, Mark]:
        """What is to be drawn of the changes."""
        return change_marks(self.changes) if self.changes else {}

    @property
    def changed_cells(self) -> list[tuple[str, str, str, str]]:
        """Of every changed cell its anchor, its name, what is public, and what would be."""
        names, texts = cell_names(self.table), {e.anchor: e.text for e in self.table.entries()}
        before = self.changes.before.items()
        return [(a, names.get(a, ""), old, texts.get(a, "")) for a, old in before]


@dataclass(frozen=True, slots=True)
class Offers:
    """What can be done now. stale: that the latest check cleared something else, as where the
    round's masking, or a score that the form prints, was changed since."""

    check: bool = False
    publish: bool = False
    exempt: bool = False
    withdraw: bool = False
    stale: bool = False


def look(declaration: Declaration, stands: DisclosureOf) -> Looked | None:
    """What is in force as the public would see it; None where nothing is, or it is not to be
    published and never was."""
    revision = declaration.approved
    if revision is None or stands.state is None:
        return None
    if deferred := revision.get_deferred_fields():
        revision.refresh_from_db(fields=deferred)
    ready = prepared(declaration)
    public = public_of(stands)
    if public is None or public.sha256 == ready.sha256:
        return Looked(ready, ready.table, revision_findings(revision, ready.table, None))
    if deferred := public.get_deferred_fields():
        public.refresh_from_db(fields=deferred)
    table = bind(form_for(declaration.round), ready.records, merging=False)
    hints = revision_findings(revision, table, None)
    return Looked(ready, table, hints, compare(records_of(public), table))


def offers(stands: DisclosureOf, looked: Looked | None) -> Offers:
    """What the publisher can do where it stands so."""
    check, public = stands.check, public_of(stands)
    if looked is None:
        return Offers(withdraw=_can_be_read(stands))
    as_checked = check is not None and check.sha256 == looked.ready.sha256
    publishable = not stands.why_not_publishable and not stands.is_published_as_checked
    is_public = public is not None and public.sha256 == looked.ready.sha256
    return Offers(
        check=not stands.why_not_checkable and not (is_public or (publishable and as_checked)),
        publish=publishable and as_checked and not is_public,
        exempt=not stands.why_not_exempt,
        withdraw=_can_be_read(stands),
        stale=publishable and not as_checked,
    )


def _can_be_read(stands: DisclosureOf) -> bool:
    """Whether anything of it can be withdrawn, also where the latest already is."""
    return any(publication.is_public for publication in stands.publications)


def public_of(stands: DisclosureOf) -> Publication | None:
    """The latest publication, where everybody can read it."""
    current = stands.current
    return current if current is not None and current.is_public else None


def files_of(publication: Publication) -> list[tuple[PublishedFile, str]]:
    """The files of a publication with what their formats are called; one query."""
    order = [*PUBLIC_FORMATS]
    files = publication.files.select_related("file")
    return [
        (f, PUBLIC_FORMATS[f.format]) for f in sorted(files, key=lambda f: order.index(f.format))
    ]


def entry_of(declaration: Declaration) -> CatalogueEntry | None:
    """Its line in the public catalogue, None where it was never published; one query."""
    return CatalogueEntry.objects.filter(declaration=declaration).first()


def next_to_do(user: User, after: Declaration) -> Declaration | None:
    """What else wants to be checked or published, the most urgent first; one query."""
    found = still_open(publishing.disclosable(user)).exclude(pk=after.pk)
    return publishing.in_order(found).select_related("department", "round").first()
