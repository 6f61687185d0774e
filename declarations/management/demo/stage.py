"""One district of the demo: its people act on its declarations, as they would in the pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from declarations.domain.commenting import add_comment
from declarations.domain.disclosure_settings import change_round_disclosure
from declarations.domain.explaining import explain
from declarations.domain.publishing import check, publish, withdraw
from declarations.domain.review import pass_on, return_for_correction
from declarations.domain.review_sheets import save_sheet
from declarations.domain.rounds import StagePlan, open_round
from declarations.domain.scoring import set_review_score
from declarations.domain.submission import submit
from declarations.domain.templates import install_template
from declarations.management.demo.accounts import District
from declarations.management.demo.filling import Content, fill
from declarations.models import (
    Bureau,
    Declaration,
    DeclarationKind,
    Department,
    FormTemplate,
    Publication,
    Role,
    Round,
    User,
)
from declarations.queries.declarations import with_context
from declarations.queries.disclosure_settings import digest_of, masking_of
from declarations.queries.findings import findings_now
from declarations.queries.forms import form_of
from declarations.queries.publishing import prepared
from scoring.review_sheet import Sheet, shown

FORMS = Path(__file__).parents[2] / "forms"
"""The workbooks of the official forms."""

OPENED_AGO = timedelta(days=30)
DEADLINE_IN = timedelta(days=300)
CORRECTION_DEADLINE_IN = timedelta(days=330)
ADJUSTMENTS_IN = timedelta(days=360)
"""Far away, so that a demo loaded long ago can still be worked with."""


@dataclass(slots=True)
class Stage:
    """The district with its people by user name."""

    now: datetime
    bureau: Bureau
    departments: list[Department]
    people: dict[str, User]

    @classmethod
    def of(cls, district: District, now: datetime) -> "Stage":
        """Stores the district."""
        bureau, departments, people = district.create()
        return cls(now, bureau, departments, {p.username: p for p in people})

    @property
    def reviewer(self) -> User:
        return self._first(Role.REVIEWER)

    @property
    def last_reviewer(self) -> User:
        return self._all(Role.REVIEWER)[-1]

    @property
    def publisher(self) -> User:
        return self._first(Role.PUBLISHER)

    @property
    def administrator(self) -> User:
        return self._first(Role.SYSTEM)

    def install(self, code: str, kind: DeclarationKind) -> FormTemplate:
        """Installs the form ``<code>.xlsx``."""
        workbook = (FORMS / f"{code}.xlsx").read_bytes()
        return install_template(
            self.administrator, bureau=self.bureau, code=code, kind=kind, workbook=workbook
        )

    def open_round(
        self,
        template: FormTemplate,
        year: int,
        *departments: str,
        heads_first: bool = False,
        sheet: Sheet | None = None,
    ) -> Round:
        """A round that is open now, for the departments with these codes, or for all.

        heads_first: the departments' heads review before the bureau. sheet: is filled in at
        the last stage.
        """
        reviewers = self._all(Role.REVIEWER)
        stages = [
            StagePlan("业务科室初审", days=10, reviewers=reviewers[:1]),
            StagePlan("绩效科审定", days=10, reviewers=reviewers[1:], with_sheet=sheet is not None),
        ]
        if heads_first:
            stages.insert(0, StagePlan("部门负责人审核", by_head=True))
        return open_round(
            self.administrator,
            template=template,
            year=year,
            opens_at=self.now - OPENED_AGO,
            deadline=self.now + DEADLINE_IN,
            correction_deadline=self.now + CORRECTION_DEADLINE_IN,
            departments=[d for d in self.departments if not departments or d.code in departments],
            stages=stages,
            settings={
                "adjustments_until": self.now + ADJUSTMENTS_IN,
                "review_sheet": sheet.to_json() if sheet else {},
            },
        )

    def declaration(self, round_: Round, department: str) -> Declaration:
        """The department's declaration in a round."""
        return with_context(round_.declarations.all()).get(department__code=department)

    def filled_in(self, round_: Round, department: str, content: Content) -> Declaration:
        """The department's declaration, with this content typed by its filer."""
        declaration = self.declaration(round_, department)
        fill(self.people[department], declaration, content)
        return declaration

    def submit(self, declaration: Declaration, **explanations: str) -> None:
        """The department's filer explains the hints, by the codes of the checks, and hands it in."""
        filer = self.people[declaration.department.code]
        for finding in findings_now(declaration, form_of(declaration.round.template)):
            if text := explanations.get(finding.code):
                explain(filer, declaration_id=declaration.pk, key=finding.key, text=text)
        submit(filer, declaration_id=declaration.pk)

    def comment(self, declaration: Declaration, anchor: str, text: str) -> None:
        add_comment(self.reviewer, declaration_id=declaration.pk, anchor=anchor, text=text)

    def send_back(self, declaration: Declaration, opinion: str = "") -> None:
        return_for_correction(self.reviewer, declaration_id=declaration.pk, opinion=opinion)

    def pass_as_head(self, declaration: Declaration) -> None:
        """The department's head passes what its filer handed in."""
        heads = self._all(Role.HEAD)
        head = next(h for h in heads if h.department_id == declaration.department_id)
        pass_on(head, declaration_id=declaration.pk)

    def approve(
        self,
        declaration: Declaration,
        opinion: str,
        *short_of: str,
        scores: Mapping[str, tuple[str, str]] = MappingProxyType({}),
    ) -> None:
        """The bureau's reviewers pass it, one stage each, the last with the review sheet, if any.

        short_of: keys of criteria that get a point less than the most. scores: by anchor of a
        scored item or indicator, what the first of them gives for it, and why.
        """
        first, last = self._all(Role.REVIEWER)
        for anchor, (score, reason) in scores.items():
            set_review_score(
                first, declaration_id=declaration.pk, anchor=anchor, score=score, reason=reason
            )
        pass_on(first, declaration_id=declaration.pk)
        sheet = Sheet.from_json(declaration.round.review_sheet)
        if sheet.criteria:
            points = {c.key: shown(c.points - (c.key in short_of)) for c in sheet.criteria}
            save_sheet(last, declaration_id=declaration.pk, points=points, opinion=opinion)
        pass_on(last, declaration_id=declaration.pk, opinion=opinion)

    def publish(self, declaration: Declaration, reason: str = "") -> Publication:
        """The publisher checks what is in force and publishes it; the reason, where it takes the
        place of what was published before."""
        declaration = with_context(Declaration.objects.all()).get(pk=declaration.pk)
        looked_at = prepared(declaration).sha256
        check(self.publisher, declaration_id=declaration.pk, looked_at=looked_at)
        return publish(self.publisher, declaration_id=declaration.pk, reason=reason)

    def publish_within(self, round_: Round, days: int) -> None:
        """The publisher gives a round so many days; what is published and masked stays as it is."""
        change_round_disclosure(
            self.publisher,
            round_id=round_.pk,
            seen=digest_of(round_),
            disclosed=True,
            publish_days=days,
            masking=masking_of(round_),
        )

    def withdraw(self, publication: Publication, reason: str) -> None:
        """The publisher takes back what was published."""
        withdraw(self.publisher, publication_id=publication.pk, reason=reason)

    def _first(self, role: Role) -> User:
        return self._all(role)[0]

    def _all(self, role: Role) -> list[User]:
        return [person for person in self.people.values() if person.role == role]
