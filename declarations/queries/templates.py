"""A bureau's forms and rounds, as its administrator looks at them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, QuerySet

from declarations.models import Activation, Bureau, Declaration, FormTemplate, Round, State
from declarations.models.declarations import REVIEWER_LABELS
from declarations.queries.forms import form_of, workbook_of
from declarations.sheets.bind import bind
from declarations.sheets.fields import Field
from declarations.sheets.fillable import render_fillable
from declarations.sheets.form import Form
from declarations.sheets.form_diff import FormChanges, compare_forms, formula_of
from declarations.sheets.pdf import render_pdf
from declarations.sheets.records import Records
from declarations.sheets.samples import sample_records
from declarations.sheets.table import Table

TONES = {
    State.DRAFT: "",
    State.SUBMITTED: "todo",
    State.RETURNED: "",
    State.APPROVED: "done",
    State.ADJUSTING: "",
}


@dataclass(frozen=True, slots=True)
class StateCount:
    """How many declarations of a round are in a state."""

    label: str
    count: int
    tone: str


@dataclass(frozen=True, slots=True)
class RoundView:
    """A round and how far it is; states that nobody is in are left out."""

    round: Round
    total: int
    counts: list[StateCount]


@dataclass(slots=True)
class Version:
    """A version of a form, the years it was chosen for, and the rounds that use it."""

    form: "FormView" = field(repr=False, compare=False)
    template: FormTemplate
    activations: list[Activation] = field(default_factory=list)
    rounds: list[RoundView] = field(default_factory=list)

    @property
    def label(self) -> str:
        if self.template.retired_at:
            return "停用"
        return "启用" if self.activations else "未启用"

    @property
    def tone(self) -> str:
        return {"停用": "", "启用": "done", "未启用": "todo"}[self.label]

    @property
    def unsettled(self) -> list[Activation]:
        """The years it is chosen for that have no round yet."""
        settled = {view.round.year for view in self.rounds}
        return [a for a in self.activations if a.year not in settled]

    @property
    def startable(self) -> list[Activation]:
        """The years for which a round can be opened with it."""
        return [] if self.template.retired_at else self.unsettled


@dataclass(frozen=True, slots=True)
class YearView:
    """The version that a year uses. settled: a round holds it to that."""

    year: int
    template: FormTemplate
    settled: bool


@dataclass(slots=True)
class FormView:
    """A form by its code, its latest version first."""

    code: str
    versions: list[Version] = field(default_factory=list)

    @property
    def latest(self) -> Version:
        return self.versions[0]

    @property
    def years(self) -> list[YearView]:
        """Which version each year uses, the latest year first."""
        found = [
            YearView(a.year, version.template, settled=a not in version.unsettled)
            for version in self.versions
            for a in version.activations
        ]
        return sorted(found, key=lambda view: -view.year)


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field for a person to check. formula: of a computed one. repeats: with each row."""

    field: Field
    formula: str
    repeats: bool


@dataclass(slots=True)
class FieldGroup:
    """The fields of one section of the form, or outside of all ("")."""

    label: str
    fields: list[FieldView] = field(default_factory=list)


def forms_of(bureau: Bureau, code: str | None = None) -> list[FormView]:
    """The bureau's forms (or the one of this code), what is in use first; four queries."""
    only = {"bureau": bureau} | ({"code": code} if code else {})
    forms: dict[str, FormView] = {}
    versions: dict[int, Version] = {}
    for template in (
        FormTemplate.objects.filter(**only).defer("workbook").order_by("code", "-version")
    ):
        form = forms.setdefault(template.code, FormView(template.code))
        versions[template.pk] = Version(form, template)
        form.versions.append(versions[template.pk])
    for activation in Activation.objects.filter(**only).order_by("-year"):
        versions[activation.template_id].activations.append(activation)
    for view in rounds_of(bureau, code):
        versions[view.round.template_id].rounds.append(view)
    return sorted(forms.values(), key=lambda f: all(v.label == "停用" for v in f.versions))


def version_of(bureau: Bureau, template_id: int) -> Version | None:
    """One of the bureau's versions; None where it has no such."""
    template = FormTemplate.objects.filter(bureau=bureau, pk=template_id).values("code").first()
    if template is None:
        return None
    (of_code,) = forms_of(bureau, template["code"])
    return next(v for v in of_code.versions if v.template.pk == template_id)


def rounds_of(bureau: Bureau, code: str | None = None) -> list[RoundView]:
    """The bureau's rounds (of one form) with their declarations counted by state; two queries."""
    rounds = Round.objects.filter(bureau=bureau)
    if code:
        rounds = rounds.filter(template__code=code)
    counted: dict[int, dict[str, int]] = {}
    states = Declaration.objects.filter(round__in=rounds).values_list("round", "state")
    for round_id, state, count in states.annotate(count=Count("pk")).order_by():
        counted.setdefault(round_id, {})[state] = count
    found = rounds.select_related("template").defer("template__workbook")
    return [
        _round_view(round_, counted.get(round_.pk, {}))
        for round_ in found.order_by("-year", "-opens_at", "pk")
    ]


def _round_view(round_: Round, counts: dict[str, int]) -> RoundView:
    """Its states in their order."""
    shown = [StateCount(REVIEWER_LABELS[s], counts[s], TONES[s]) for s in State if s in counts]
    return RoundView(round_, sum(counts.values()), shown)


def startable(bureau: Bureau) -> QuerySet[Activation]:
    """The years and versions that the bureau can open rounds for."""
    return (
        Activation.objects.filter(bureau=bureau, template__retired_at__isnull=True)
        .select_related("template")
        .defer("template__workbook")
        .order_by("-year", "code")
    )


def not_started(bureau: Bureau) -> QuerySet[Activation]:
    """Of those, the ones for which no round is open yet."""
    rounds = Round.objects.filter(template=OuterRef("template"), year=OuterRef("year"))
    return startable(bureau).exclude(Exists(rounds))


def sample_table(form: Form, *, editing: bool) -> Table:
    """The form filled with sample data."""
    return bind(form, sample_records(form), editing=editing)


def sample_pdf(template: FormTemplate) -> bytes:
    """The form as it prints, filled with sample data."""
    table = sample_table(form_of(template), editing=False)
    return render_pdf(table, title=f"{template}示例")


def blank_workbook(template: FormTemplate) -> bytes:
    """The form as a workbook to fill in, with nothing filled in."""
    return render_fillable(
        form_of(template), Records(), workbook_of(template), title=f"{template}空白表"
    )


FILES: dict[str, tuple[str, str, Callable[[FormTemplate], bytes]]] = {
    "workbook": ("", "xlsx", workbook_of),
    "blank": ("空白表", "xlsx", blank_workbook),
    "sample": ("示例", "pdf", sample_pdf),
}
"""A version's files: what their names end with, their format, and what makes them."""


def changes_of(template: FormTemplate) -> tuple[FormTemplate, FormChanges] | None:
    """The version before, and what is different since; None for the first version."""
    before = (
        FormTemplate.objects.filter(
            bureau=template.bureau_id, code=template.code, version__lt=template.version
        )
        .defer("workbook")
        .order_by("-version")
        .first()
    )
    return (before, compare_forms(form_of(before), form_of(template))) if before else None


def field_groups(form: Form) -> list[FieldGroup]:
    """Every field by the section it stands in, from top to bottom."""
    groups: list[FieldGroup] = []
    for label, view in _fields_in_order(form):
        if not groups or groups[-1].label != label:
            groups.append(FieldGroup(label))
        groups[-1].fields.append(view)
    return groups


def _fields_in_order(form: Form) -> Iterator[tuple[str, FieldView]]:
    seen = set()
    for cell in form.cells:
        section = next((s for s in form.sections if s.first_row <= cell.row <= s.last_row), None)
        for tag in cell.tags:
            field_ = form.fields.get(tag.path)
            if field_ is not None and tag.path not in seen:
                seen.add(tag.path)
                yield (
                    section.label if section else "",
                    FieldView(field_, formula_of(form, field_), bool(cell.depth)),
                )
