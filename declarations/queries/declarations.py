"""Which declarations a person may reach; every view goes through here."""

from django.db.models import QuerySet

from declarations.models import OF_DEPARTMENTS, Declaration, Revision, State, User
from declarations.permissions import SEE_HANDED_IN

_FROZEN = ("revision", "handed_in", "approved")
_LARGE_COLUMNS = ("content", "findings")
"""Of revisions; read only where they are shown."""


def visible_to(user: User) -> QuerySet[Declaration]:
    """Filers and heads: their own department's. Of the bureau, those who read declarations: all
    of it. Nobody else any."""
    return with_context(_of(user))


def one_visible(user: User, pk: int) -> Declaration | None:
    """One of `visible_to` with the same around it, and the stage's reviewers, for its own page.

    PostgreSQL takes longer to plan all those joins than to look the rows up, and of a draft
    most are empty. So what the person's account came with is not read again, and revisions are
    read by themselves: all at once where one is under review or in force, else not before
    somebody asks for one.
    """
    own = user.role in OF_DEPARTMENTS
    found = (
        _of(user)
        .select_related("round__template", "stage", "reviewer", *([] if own else ["department"]))
        .defer("round__template__workbook")
        .prefetch_related("stage__reviewers")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        return None
    if own and user.department is not None:
        found.department = user.department
    if found.round.bureau_id == user.bureau_id:
        found.round.bureau = user.bureau
    if found.edited_by_id == user.pk:
        found.edited_by = user
    if found.state == State.SUBMITTED or found.approved_id is not None:
        _read_frozen(found)
    return found


def _read_frozen(declaration: Declaration) -> None:
    ids = {name: getattr(declaration, f"{name}_id") for name in _FROZEN}
    revisions = Revision.objects.defer(*_LARGE_COLUMNS).in_bulk({*ids.values()} - {None})
    for name, pk in ids.items():
        setattr(declaration, name, revisions.get(pk))


def _of(user: User) -> QuerySet[Declaration]:
    declarations = Declaration.objects.all()
    if user.role in OF_DEPARTMENTS:
        return declarations.filter(department=user.department_id)
    if user.role in SEE_HANDED_IN:
        return declarations.filter(round__bureau=user.bureau_id)
    return declarations.none()


def with_context(declarations: QuerySet[Declaration]) -> QuerySet[Declaration]:
    """Joined with what every page needs to know of them, in one query."""
    return declarations.select_related(
        "department", "round__bureau", "round__template", "stage", "reviewer", *_FROZEN
    ).defer(
        "round__template__workbook", *(f"{name}__{c}" for name in _FROZEN for c in _LARGE_COLUMNS)
    )


def by_reference(reference: str) -> Declaration:
    """The declaration of a REF, ``department-code/year/template-code``.

    Raises ValueError for another shape, Declaration.DoesNotExist where there is none.
    """
    parts = reference.split("/")
    if len(parts) != 3 or not parts[1].isdigit():
        raise ValueError(f"REF is department-code/year/template-code, not {reference!r}")
    department, year, template = parts
    return (
        with_context(Declaration.objects.all())
        .filter(department__code=department, round__year=int(year), round__template__code=template)
        .latest("round__template__version")
    )


def reference_of(declaration: Declaration) -> str:
    """The REF of a declaration; also the name of its files, with ``/`` as ``-``."""
    round_ = declaration.round
    return f"{declaration.department.code}/{round_.year}/{round_.template.code}"
