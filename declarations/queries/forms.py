"""Parsed form templates; each workbook is parsed once per process."""

from functools import lru_cache

from declarations.models import DeclarationKind, FormTemplate, Round
from declarations.sheets.form import Form
from declarations.sheets.parse import parse_form
from declarations.sheets.problems import CellProblem
from declarations.sheets.trial import try_out


def form_of(template: FormTemplate) -> Form:
    """The parsed form. Its workbook is only read from the database at the first call."""
    return _form(template.sha256)


def form_for(round_: Round) -> Form:
    """The form that a round calls for; its template need not be read with it."""
    return _form(_known(round_.template_id)[0])


def kind_for(round_: Round) -> DeclarationKind:
    """What a round calls for; its template need not be read with it."""
    return _known(round_.template_id)[1]


def workbook_of(template: FormTemplate) -> bytes:
    """The workbook as it was uploaded."""
    return _workbook(template.sha256)


def trial_of(template: FormTemplate) -> tuple[CellProblem, ...]:
    """What goes wrong when the form is used with sample data; takes a second the first time."""
    return _trial(template.sha256)


@lru_cache(maxsize=256)
def _known(template_id: int) -> tuple[str, DeclarationKind]:
    """A template's hash and kind; kept, because they can never change."""
    found = FormTemplate.objects.values_list("sha256", "kind").get(pk=template_id)
    return found[0], DeclarationKind(found[1])


@lru_cache(maxsize=64)
def _form(sha256: str) -> Form:
    return parse_form(_workbook(sha256))


@lru_cache(maxsize=16)
def _workbook(sha256: str) -> bytes:
    """By the hash alone: templates with the same workbook are the same form."""
    found = FormTemplate.objects.filter(sha256=sha256).values_list("workbook", flat=True)
    return bytes(found[0])


@lru_cache(maxsize=64)
def _trial(sha256: str) -> tuple[CellProblem, ...]:
    return tuple(try_out(_form(sha256), _workbook(sha256)))
