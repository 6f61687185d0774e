"""What is measured on: the demo, and a second year of Panyu's form with 100 indicators."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle, islice

from django.test import Client
from django.utils import timezone

from declarations.domain.commenting import add_comment
from declarations.domain.explaining import explain
from declarations.domain.review import return_for_correction
from declarations.domain.rounds import open_round
from declarations.domain.submission import submit
from declarations.management.demo.filling import Content, fill, rows_of
from declarations.management.demo.loading import load_demo
from declarations.management.demo.panyu import FORM
from declarations.models import Declaration, FormTemplate, Indicator, Round, User
from declarations.queries.findings import findings_now
from declarations.queries.forms import form_of

INDICATORS = 100
YEAR = 2024
EXPLANATION = "情况属实，依据见部门预算批复。"
COMMENT = "请改为可考核的数值，并写明统计的口径。"


@dataclass(frozen=True, slots=True)
class Scene:
    """draft: being filled in, nearly complete. returned: with two comments on cells and one
    on the whole. Both hold Panyu's published content, with 100 indicators.
    """

    draft: Declaration
    returned: Declaration

    @classmethod
    def set_up(cls) -> "Scene":
        """Loads the demo and fills in the next year's round."""
        load_demo()
        declarations = _open_round().declarations.select_related("round__template")
        draft = declarations.get(department__code="panyu-education")
        returned = declarations.get(department__code="panyu-dpf")
        for declaration in (draft, returned):
            _fill(declaration)
        _return(returned)
        return cls(draft, returned)


def filer(declaration: Declaration) -> User:
    """The person of the demo who fills it in."""
    return User.objects.get(username=declaration.department.code)


def client_of(user: User) -> Client:
    """Logged in, and held to CSRF as a browser is."""
    client = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    client.force_login(user)
    return client


def _open_round() -> Round:
    now = timezone.now()
    template = FormTemplate.objects.get(code=FORM)
    return open_round(
        None,
        template=template,
        year=YEAR,
        opens_at=now - timedelta(days=1),
        deadline=now + timedelta(days=1),
        correction_deadline=now + timedelta(days=2),
        departments=template.bureau.departments.all(),
    )


def _fill(declaration: Declaration) -> None:
    """Panyu's published content, its indicators over and over until there are 100."""
    fill(filer(declaration), declaration, Content.read(FORM))
    there = list(declaration.indicators.all())
    more = islice(cycle(there), INDICATORS - len(there))
    Indicator.objects.bulk_create(
        Indicator(
            declaration=declaration,
            position=len(there) + number,
            level1=like.level1,
            level2=like.level2,
            level3=f"{like.level3}（第{number}项）",
            period_target=like.period_target,
            target=like.target,
        )
        for number, like in enumerate(more, start=1)
    )


def _return(declaration: Declaration) -> None:
    reviewer = User.objects.get(username="reviewer")
    for hint in findings_now(declaration, form_of(declaration.round.template)):
        explain(filer(declaration), declaration_id=declaration.pk, key=hint.key, text=EXPLANATION)
    submit(filer(declaration), declaration_id=declaration.pk)
    task, indicator = rows_of(declaration, "tasks")[0], rows_of(declaration, "indicators")[50]
    for anchor in (task.anchor("content"), indicator.anchor("target")):
        add_comment(reviewer, declaration_id=declaration.pk, anchor=anchor, text=COMMENT)
    return_for_correction(reviewer, declaration_id=declaration.pk, opinion=COMMENT)
