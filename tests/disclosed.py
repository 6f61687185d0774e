"""A bureau that publishes, in which everything private stands in every place there is.

`tests.private.SECRETS` must be nowhere where the public reads.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from declarations.checks import Level
from declarations.domain.adjusting import begin_adjustment
from declarations.domain.cells import Change
from declarations.domain.commenting import add_comment, answer_comment
from declarations.domain.correcting import correct
from declarations.domain.disclosure_settings import change_round_disclosure
from declarations.domain.explaining import explain
from declarations.domain.importing import upload
from declarations.domain.publishing import exempt, publish, withdraw
from declarations.domain.review import pass_on, return_for_correction
from declarations.domain.review_sheets import save_sheet
from declarations.domain.rounds import StagePlan, set_stages
from declarations.domain.scoring import set_review_score
from declarations.domain.starting import start_declarations
from declarations.domain.submission import submit
from declarations.models import (
    Bureau,
    Declaration,
    DeclarationKind,
    Department,
    Publication,
    Role,
    Round,
    User,
)
from declarations.queries.disclosure_settings import digest_of
from declarations.queries.findings import findings_now
from declarations.queries.forms import form_for
from declarations.sheets.masking import Masking, default_masking
from declarations.sheets.personal import Rule
from tests import evidence, factories
from tests.factories import anchors, type_into
from tests.private import (
    ACCOUNT,
    CONTACT,
    CORRECTED,
    EMAIL,
    EVALUATION,
    FILER,
    GOAL,
    HANDLER,
    HANDLER_MOBILE,
    HEAD,
    ITEM,
    MOBILE,
    OFFICE_PHONE,
    OTHER_MOBILE,
    PEOPLE,
    PROSE,
    RATE,
    REASON,
    REPORT,
    TARGET,
    WITHDRAWAL,
    WORK,
)
from tests.publishing import checked
from tests.uploads import stored, workbook_saying

SHEET = {
    "criteria": [{"key": "measurable", "aspect": "相关性", "name": "可衡量", "points": "10"}],
    "grades": [{"name": "优", "from": "9"}, {"name": "差", "from": "0"}],
}


@dataclass
class Disclosed:
    """What was built. publications: all of them, by what they are here for."""

    bureau: Bureau
    people: dict[Role, User]
    publications: dict[str, Publication] = field(default_factory=dict)


def disclosed() -> Disclosed:
    """Builds it, by the functions that people use."""
    bureau = factories.BureauFactory.create(
        code="panyu", name="广州市番禺区财政局", public_contact=f"绩效科 {CONTACT}"
    )
    department = factories.DepartmentFactory.create(
        bureau=bureau, code="panyu-dpf", name="广州市番禺区残疾人联合会"
    )
    people = {role: _person(bureau, department, role) for role in _ROLES}
    world = Disclosed(bureau, people)
    _publish_target(world)
    _publish_evaluation(world)
    _publish_reports(world)
    _leave_unpublished(world)
    return world


_ROLES = (Role.FILER, Role.HEAD, Role.REVIEWER, Role.PUBLISHER)


def _person(bureau: Bureau, department: Department, role: Role) -> User:
    of_department = department if role in (Role.FILER, Role.HEAD) else None
    told = {c: PEOPLE[f"{c} of the {role}"] for c in ("username", "name", "e-mail")}
    return factories.UserFactory.create(
        bureau=bureau,
        department=of_department,
        role=role,
        username=told["username"],
        name=told["name"],
        email=told["e-mail"],
    )


def _publish_target(world: Disclosed) -> None:
    """Returned once, approved in two stages, published, corrected, and now being adjusted."""
    filer, head, reviewer, publisher = (world.people[role] for role in _ROLES)
    declaration = _declaration(filer.department, TARGET, "target", DeclarationKind.TARGET)
    pk, round_ = declaration.pk, declaration.round
    plans = (StagePlan("部门审核", by_head=True), StagePlan("财政审核", with_sheet=True))
    round_.review_sheet, round_.adjustments_until = SHEET, timezone.now() + timedelta(days=9)
    round_.save()
    set_stages(round_, plans)
    _keep(publisher, round_, "text.head", "text.office_phone")
    _fill_in_target(filer, declaration)
    type_into(filer, declaration, **{"text.overall_goal": WORK["earlier wording"]})
    upload(
        filer,
        declaration_id=pk,
        file_name=f"{WORK['upload, its name']}.xlsx",
        workbook=workbook_saying(declaration, stored(declaration)),
    )
    _explain(filer, declaration)
    submit(filer, declaration_id=pk)
    add_comment(head, declaration_id=pk, anchor="", text=WORK["head's comment"])
    pass_on(head, declaration_id=pk, opinion=WORK["head's opinion"])
    said = add_comment(reviewer, declaration_id=pk, anchor="text/phone", text=WORK["comment"])
    return_for_correction(reviewer, declaration_id=pk, opinion=WORK["opinion of a return"])
    answer_comment(filer, declaration_id=pk, comment_id=said.pk, text=WORK["answer"])
    type_into(filer, declaration, **{"text.overall_goal": PROSE})
    _explain(filer, declaration)
    submit(filer, declaration_id=pk)
    pass_on(head, declaration_id=pk)
    points = {"measurable": "10"}
    save_sheet(reviewer, declaration_id=pk, points=points, opinion=WORK["review sheet"])
    pass_on(reviewer, declaration_id=pk, opinion=WORK["opinion of an approval"])
    world.publications["superseded"] = _publish(world, declaration)
    change = Change("text/overall_goal", PROSE.replace(GOAL, CORRECTED), None)
    number = factories.reread(declaration).approved.number  # type: ignore[union-attr]
    why = WORK["reason of a correction"]
    correct(reviewer, declaration_id=pk, changes=[change], reason=why, base=number)
    world.publications["current"] = _publish(world, declaration, REASON)
    begin_adjustment(filer, declaration_id=pk, reason=WORK["reason of an adjustment"])
    type_into(filer, declaration, **{"text.overall_goal": WORK["adjustment on its way"]})


def _fill_in_target(filer: User, declaration: Declaration) -> None:
    task = anchors(declaration, "tasks.name")[0].removesuffix("/name")
    row = anchors(declaration, "indicators.level3")[0].removesuffix("/level3")
    texts = {
        "text.filer": FILER,
        "text.phone": MOBILE,
        "text.head": HEAD,
        "text.office_phone": OFFICE_PHONE,
        "text.account": ACCOUNT,
        "text.overall_goal": PROSE,
        "funding.fiscal.budget": "1000",
        f"{task}/name": "康复救助",
        f"{task}/content": f"经办{FILER}，电话{OTHER_MOBILE}",
        f"{task}/extra.office": f"康复科 {FILER}",
        f"{task}/amount": "1000",
        f"{row}/level2": "数量指标",
        f"{row}/level3": f"康复服务人次（咨询{OTHER_MOBILE}）",
        f"{row}/target": "≥100人次",
        f"{row}/basis": f"见{FILER}的台账，{MOBILE}，{EMAIL}",
    }
    type_into(filer, declaration, **texts)


def _publish_evaluation(world: Disclosed) -> None:
    """With scores, what they rest on, evidence, and a reviewer's score beside the own."""
    filer, _, reviewer, _ = (world.people[role] for role in _ROLES)
    kind = DeclarationKind.SELF_EVALUATION
    declaration = _declaration(filer.department, EVALUATION, "evaluation", kind)
    pk = declaration.pk
    row = anchors(declaration, "indicators.actual")[0].removesuffix("/actual")
    who = f"{HANDLER}（{HANDLER_MOBILE}）"
    texts = {
        "text.handler": HANDLER,
        "text.handler_phone": HANDLER_MOBILE,
        "funding.fiscal.budget": "1000",
        "funding.fiscal.executed": "950",
        f"{ITEM}/self_score": "4",
        f"{ITEM}/basis": f"制度健全，由{who}核定",
        f"{ITEM}/evidence": f"原件由{who}保管",
        f"{ITEM}/input.rate": RATE,
        f"{row}/weight": "95",
        f"{row}/actual": f"80人次（{HANDLER}统计）",
        f"{row}/self_score": "70",
        f"{row}/reason": f"部分对象外出，{who}",
    }
    type_into(filer, declaration, **texts)
    name, inside = (WORK[f"evidence, {part}"] for part in ("its name", "inside"))
    evidence.add(filer, declaration, f"{name}.pdf", evidence.pdf(inside), at=ITEM)
    evidence.add(filer, declaration, f"{name}.docx", evidence.docx(inside), at=ITEM)
    _explain(filer, declaration)
    submit(filer, declaration_id=pk)
    why = WORK["reason of a review score"]
    set_review_score(reviewer, declaration_id=pk, anchor=ITEM, score="3", reason=why)
    pass_on(reviewer, declaration_id=pk)
    world.publications["evaluation"] = _publish(world, declaration)


def _publish_reports(world: Disclosed) -> None:
    """One that can be read, and one of another department that was withdrawn."""
    filer = world.people[Role.FILER]
    other = factories.filer_of(factories.DepartmentFactory.create(bureau=world.bureau))
    for name, author, text in (
        ("report", filer, PROSE),
        ("withdrawn", other, WORK["withdrawn"]),
    ):
        declaration = _declaration(author.department, REPORT, "report", DeclarationKind.REPORT)
        type_into(
            author,
            declaration,
            **{
                "text.filer": FILER,
                "text.conclusion": text,
                "tasks.name": "康复救助",
                "tasks.content": f"由{FILER}负责，电话{OTHER_MOBILE}，{EMAIL}",
            },
        )
        _approve(world, author, declaration)
        world.publications[name] = _publish(world, declaration)
    gone = world.publications["withdrawn"]
    withdraw(world.people[Role.PUBLISHER], publication_id=gone.pk, reason=WITHDRAWAL)
    gone.refresh_from_db()


def _leave_unpublished(world: Disclosed) -> None:
    """Departments whose targets are on their way, and one whose target is exempt."""
    reviewer, publisher = world.people[Role.REVIEWER], world.people[Role.PUBLISHER]
    states = ("draft", "under review", "returned", "approved, not published", "exempt")
    for state in (*states, "not disclosed"):
        department = factories.DepartmentFactory.create(bureau=world.bureau)
        filer = factories.filer_of(department)
        code = "internal" if state == "not disclosed" else "target-of-others"
        declaration = _declaration(department, TARGET, code, DeclarationKind.TARGET)
        _fill_in_target(filer, declaration)
        type_into(filer, declaration, **{"text.overall_goal": WORK[state]})
        if state == "not disclosed":
            Round.objects.filter(pk=declaration.round_id).update(disclosed=False)
        if state == "draft":
            continue
        _explain(filer, declaration)
        submit(filer, declaration_id=declaration.pk)
        if state == "returned":
            return_for_correction(reviewer, declaration_id=declaration.pk, opinion="请补充")
        elif state != "under review":
            pass_on(reviewer, declaration_id=declaration.pk)
        if state == "exempt":
            note = WORK["reason of an exemption"]
            exempt(publisher, declaration_id=declaration.pk, note=note)


def _declaration(
    department: Department | None, form: bytes, code: str, kind: DeclarationKind
) -> Declaration:
    """A blank one; departments on the same form are in the same round."""
    assert department is not None
    template = factories.template_for(department.bureau, form, code, kind)
    round_ = Round.objects.filter(template=template).first()
    if round_ is None:
        return factories.round_for(template, department).declarations.get()
    start_declarations(form_for(round_), round_, [department])
    return round_.declarations.get(department=department)


def _keep(publisher: User, round_: Round, *tags: str) -> None:
    """The rules that the headings suggest, but that these fields stay as they are."""
    suggested = default_masking(form_for(round_))
    masking = Masking({**suggested.fields, **dict.fromkeys(tags, Rule.KEEP)})
    change_round_disclosure(
        publisher,
        round_id=round_.pk,
        seen=digest_of(round_),
        disclosed=True,
        publish_days=20,
        masking=masking,
    )


def _explain(filer: User, declaration: Declaration) -> None:
    """Says something to every hint there is."""
    declaration = factories.reread(declaration)
    for finding in findings_now(declaration, form_for(declaration.round)):
        if finding.level is Level.HINT:
            text = WORK["explanation"]
            explain(filer, declaration_id=declaration.pk, key=finding.key, text=text)


def _approve(world: Disclosed, filer: User, declaration: Declaration) -> None:
    _explain(filer, declaration)
    submit(filer, declaration_id=declaration.pk)
    pass_on(world.people[Role.REVIEWER], declaration_id=declaration.pk)


def _publish(world: Disclosed, declaration: Declaration, reason: str = "") -> Publication:
    publisher = world.people[Role.PUBLISHER]
    checked(publisher, declaration, WORK["note of a check"])
    return publish(publisher, declaration_id=declaration.pk, reason=reason)
