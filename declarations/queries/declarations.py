"""Which declarations a person may reach; every view goes through here."""

from django.db.models import QuerySet

from declarations.models import OF_DEPARTMENTS, Declaration, User
from declarations.permissions import SEE_HANDED_IN

_LARGE_COLUMNS = ("content", "findings")
"""Of revisions; read only where they are shown."""


def visible_to(user: User) -> QuerySet[Declaration]:
    """Filers and heads: their own department's. Of the bureau, those who read declarations: all
    of it. Nobody else any."""
    declarations = with_context(Declaration.objects.all())
    if user.role in OF_DEPARTMENTS:
        return declarations.filter(department=user.department_id)
    if user.role in SEE_HANDED_IN:
        return declarations.filter(round__bureau=user.bureau_id)
    return declarations.none()


def with_context(declarations: QuerySet[Declaration]) -> QuerySet[Declaration]:
    """Joined with what every page needs to know of them, in one query."""
    frozen = ("revision", "handed_in", "approved")
    return declarations.select_related(
        "department", "round__bureau", "round__template", "stage", "reviewer", *frozen
    ).defer(
        "round__template__workbook", *(f"{name}__{c}" for name in frozen for c in _LARGE_COLUMNS)
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
