"""Loads the demo, as different people, through the same functions that the pages call."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from declarations.domain.cells import Change
from declarations.domain.review import add_comment, approve, return_for_correction
from declarations.domain.rounds import open_round
from declarations.domain.submission import submit
from declarations.domain.templates import install_template
from declarations.management.demo.accounts import BUREAU, create_accounts, create_departments
from declarations.management.demo.filling import Content, fill_lines, fill_list, rows_of, save
from declarations.models import (
    Bureau,
    Declaration,
    DeclarationKind,
    Department,
    FormTemplate,
    Round,
    User,
)

FORMS = Path(__file__).parents[2] / "forms"
"""The workbooks of the official forms."""

TEMPLATE = "panyu-target"
YEAR = 2023
OPENED_AGO = timedelta(days=30)
DEADLINE_IN = timedelta(days=30)
CORRECTION_DEADLINE_IN = timedelta(days=45)
LISTS = ("tasks", "other_tasks", "indicators")


def load_demo() -> bool:
    """Loads the demo in one transaction; whether it did: a demo that is there is left alone."""
    if Bureau.objects.filter(code=BUREAU[0]).exists():
        return False
    with transaction.atomic():
        _Demo.begin(timezone.now()).tell()
    return True


@dataclass(slots=True)
class _Demo:
    """What happens in the demo's district, department by department."""

    round: Round
    people: dict[str, User] = field(default_factory=dict)

    @classmethod
    def begin(cls, now: datetime) -> "_Demo":
        """The district, its form, its people and an open round."""
        bureau = Bureau.objects.create(code=BUREAU[0], name=BUREAU[1])
        departments = create_departments(bureau)
        people = create_accounts(bureau, departments)
        template = _install(people["admin"], bureau)
        round_ = _open(people["admin"], template, list(departments.values()), now)
        return cls(round_, people)

    def tell(self) -> None:
        """Brings each department's declaration to where the demo shows it."""
        self._approved_after_correction()
        self._submitted()
        self._returned()
        self._being_filled_in()

    def _approved_after_correction(self) -> None:
        """Returned once for a vague sentence, corrected, and approved."""
        filer, reviewer = self.people["panyu-dpf"], self.people["reviewer"]
        declaration = self._declaration("panyu-dpf")
        self._fill(filer, declaration, Content.read(TEMPLATE))
        cell = rows_of(declaration, "tasks")[2]
        final_text = str(cell.values["content"])
        vague_text = "为全区工疗站的工疗人员提供活动场所，并发放出勤补贴。"
        anchor = cell.anchor("content")
        save(filer, declaration, [Change(anchor, vague_text, version=None)])
        submit(filer, declaration_id=declaration.pk)
        self._comment(declaration, anchor, "请写明工疗站的数量和服务的人数，以便年终对照。")
        return_for_correction(reviewer, declaration_id=declaration.pk)
        save(filer, declaration, [Change(anchor, final_text, version=None)])
        submit(filer, declaration_id=declaration.pk)
        opinion = "已按批注补正。目标明确，资金安排与任务相符，同意。"
        approve(reviewer, declaration_id=declaration.pk, opinion=opinion)

    def _submitted(self) -> None:
        filer, declaration = self._filled_in("panyu-civil-affairs")
        submit(filer, declaration_id=declaration.pk)

    def _returned(self) -> None:
        """With two comments on cells and one on the whole."""
        filer, declaration = self._filled_in("panyu-health")
        submit(filer, declaration_id=declaration.pk)
        task = rows_of(declaration, "tasks")[0]
        indicator = rows_of(declaration, "indicators")[2]
        self._comment(declaration, task.anchor("content"), "请补充健康管理的人数规模。")
        self._comment(
            declaration,
            indicator.anchor("target"),
            "“及时上报”无法衡量，请改为可考核的数值，例如及时率100%。",
        )
        return_for_correction(
            self.people["reviewer"],
            declaration_id=declaration.pk,
            opinion="内容基本完整，请按两处批注补充规模和指标值后重新提交。",
        )

    def _being_filled_in(self) -> None:
        """Two colleagues at work; much is still blank."""
        declaration = self._declaration("panyu-education")
        content = Content.read("panyu-education")
        first, second = self.people["panyu-education"], self.people["panyu-education-2"]
        fill_lines(first, declaration, content)
        fill_list(first, declaration, content, "tasks")
        fill_list(second, declaration, content, "indicators")

    def _filled_in(self, department: str) -> tuple[User, Declaration]:
        filer, declaration = self.people[department], self._declaration(department)
        self._fill(filer, declaration, Content.read(department))
        return filer, declaration

    def _fill(self, filer: User, declaration: Declaration, content: Content) -> None:
        fill_lines(filer, declaration, content)
        for name in LISTS:
            fill_list(filer, declaration, content, name)

    def _declaration(self, department: str) -> Declaration:
        return Declaration.objects.select_related("round__template").get(
            round=self.round, department__code=department
        )

    def _comment(self, declaration: Declaration, anchor: str, text: str) -> None:
        add_comment(
            self.people["reviewer"], declaration_id=declaration.pk, anchor=anchor, text=text
        )


def _install(administrator: User, bureau: Bureau) -> FormTemplate:
    workbook = FORMS / f"{TEMPLATE}.xlsx"
    return install_template(
        administrator,
        bureau=bureau,
        code=TEMPLATE,
        kind=DeclarationKind.TARGET,
        workbook=workbook.read_bytes(),
    )


def _open(
    administrator: User, template: FormTemplate, departments: list[Department], now: datetime
) -> Round:
    """A round that is open now, so that the demo can be worked with."""
    return open_round(
        administrator,
        template=template,
        year=YEAR,
        opens_at=now - OPENED_AGO,
        deadline=now + DEADLINE_IN,
        correction_deadline=now + CORRECTION_DEADLINE_IN,
        departments=departments,
    )
