"""A bureau that publishes, in which everything private stands in every place there is.

`SECRETS` must be nowhere where the public reads; `PUBLIC` must be there.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any

from django.utils import timezone
from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.packaging.custom import StringProperty
from openpyxl.workbook.defined_name import DefinedName

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
from tests import evidence, factories, reports
from tests.factories import anchors, type_into
from tests.publishing import checked
from tests.sheets.workbooks import saved, workbook
from tests.uploads import stored, workbook_saying

# Of staff, as forms have fields for them, and wherever else they are written.
FILER, HANDLER = "钟晓岚", "欧阳建国"
MOBILE, OTHER_MOBILE, HANDLER_MOBILE = "13926450871", "13722881905", "13660012345"
LANDLINE, BARE_LANDLINE = "020-84783317", "84995526"
ID_NUMBER, ACCOUNT = "440113198502147716", "6228480080123456789"
EMAIL = "zhongxl@panyu-dpf.example.cn"
# What may stay, by the rules of the round.
HEAD, OFFICE_PHONE, CONTACT = "梁伟明", "020-84781234", "020-84630000"
GOAL, CORRECTED = "惠残助残应救尽救", "惠残助残应助尽助"
REASON, WITHDRAWAL = "部门核对后更正了表述", "部门申请撤回后重新核对"

ITEM = "score/rules"

_PERSONAL = {
    "the filer": FILER,
    "who handled it": HANDLER,
    "a mobile": MOBILE,
    "another mobile": OTHER_MOBILE,
    "the handler's mobile": HANDLER_MOBILE,
    "a landline": LANDLINE,
    "a landline without its area": BARE_LANDLINE,
    "an identity number": ID_NUMBER,
    "a bank account": ACCOUNT,
    "an e-mail address": EMAIL,
}
_WORK = {
    name: f"密{text}"
    for name, text in {
        "explanation": "甲一说明理由",
        "head's comment": "甲二内部意见",
        "head's opinion": "甲三负责人同意",
        "comment": "甲四批注口径",
        "answer": "甲五回复批注",
        "opinion of a return": "甲六退回意见",
        "opinion of an approval": "甲七通过意见",
        "review sheet": "甲八评分表意见",
        "reason of a review score": "甲九复核理由",
        "reason of a correction": "乙一财政更正",
        "reason of an adjustment": "乙二调整理由",
        "note of a check": "乙三审查备注",
        "reason of an exemption": "乙四涉密理由",
        "adjustment on its way": "乙五调整中目标",
        "withdrawn": "乙六撤回内容",
        "exempt": "乙七不予公开内容",
        "draft": "乙八草稿内容",
        "returned": "乙九退回内容",
        "under review": "丙一待审内容",
        "not disclosed": "丙二不公开批次内容",
        "approved, not published": "丙三待公开内容",
        "evidence, inside": "丙四名册内容",
        "evidence, its name": "丙五残疾人名册",
        "upload, its name": "丙六导入底稿",
        "earlier wording": "丙七退回前表述",
        "author of the form": "丁一表样作者",
        "comment in the form": "丁二表样批注",
        "hidden sheet of the form": "丁三隐藏工作表",
        "a name in the form": "丁四定义名称",
        "keywords of the form": "丁六关键词",
        "property of the form": "丁七属性",
        "head of the form": "丁八页眉",
    }.items()
}
_PEOPLE = {
    f"{column} of the {role}": text
    for role, name in {
        Role.FILER: "duanyuming",
        Role.HEAD: "yuchigongjin",
        Role.REVIEWER: "simazhaoming",
        Role.PUBLISHER: "murongxueqin",
    }.items()
    for column, text in {
        "username": f"{name}-77",
        "name": f"密戊{Role(role).label}",
        "e-mail": f"{name}@private.example",
    }.items()
}
_RATE = "87.6543"
_TOLD = {"what a rule was told": _RATE, "the same, as it is stored": "0.876543"}
SECRETS = {**_PERSONAL, **_WORK, **_PEOPLE, **_TOLD}
"""What nobody of the public may read, by what it is."""

PROSE = (
    f"{GOAL}。在{HEAD}主持下由{FILER}（手机 139-2645-0871）牵头，座机020－84783317，"
    f"身份证号{ID_NUMBER}，账号{ACCOUNT}，邮箱{EMAIL}；{FILER}另有电话{BARE_LANDLINE}。"
)
"""A text with all of it, as people write."""


def _form(cells: dict[str, str], **kwargs: Any) -> bytes:
    """A form as somebody leaves it who does not know what a workbook tells of its author."""
    book = load_workbook(BytesIO(workbook(cells, lines=[1], **kwargs)))
    book.properties.creator = _WORK["author of the form"]
    book.properties.lastModifiedBy = _WORK["author of the form"]
    book.properties.keywords = _WORK["keywords of the form"]
    book.properties.description = _WORK["keywords of the form"]
    book.custom_doc_props.append(StringProperty("备注", _WORK["property of the form"]))
    sheet = book["表样"]
    sheet.oddHeader.center.text = _WORK["head of the form"]
    sheet["A1"].comment = Comment(_WORK["comment in the form"], _WORK["author of the form"])
    hidden = book.create_sheet("内部")
    hidden["A1"] = _WORK["hidden sheet of the form"]
    hidden.sheet_state = "veryHidden"
    name = DefinedName("内部名称", attr_text=f'"{_WORK["a name in the form"]}"')
    book.defined_names["内部名称"] = name
    return saved(book)


TARGET = _form(
    {
        "A1:D1": "部门整体支出绩效目标申报表",
        "A2": "填报人",
        "B2": "{{text.filer}}",
        "C2": "联系电话",
        "D2": "{{text.phone}}",
        "A3": "部门负责人",
        "B3": "{{text.head}}",
        "C3": "单位电话",
        "D3": "{{text.office_phone}}",
        "A4": "银行账号",
        "B4": "{{text.account}}",
        "C4": "预算（元）",
        "D4": "{{funding.fiscal.budget}}",
        "A5": "总体目标",
        "B5:D5": "{{text.overall_goal}}",
        "A6": "任务",
        "B6": "内容",
        "C6": "科室",
        "D6": "金额（元）",
        "A7": "{{tasks.name}}",
        "B7": "{{tasks.content}}",
        "C7": "{{tasks.extra.office}}",
        "D7": "{{tasks.amount}}",
        "A8": "二级指标",
        "B8": "指标",
        "C8": "目标值",
        "D8": "依据",
        "A9": "{{indicators.level2}}",
        "B9": "{{indicators.level3}}",
        "C9": "{{indicators.target}}",
        "D9": "{{indicators.basis}}",
    }
)
"""Fields for people, a long text, and two lists."""

EVALUATION = _form(
    {
        "A1:F1": "部门整体支出绩效自评表",
        "A2": "经办人",
        "B2": "{{text.handler}}",
        "C2": "经办人电话",
        "D2:F2": "{{text.handler_phone}}",
        "A3": "预算数（元）",
        "B3": "{{funding.fiscal.budget}}",
        "C3": "执行数（元）",
        "D3:F3": "{{funding.fiscal.executed}}",
        "A4": "管理",
        "B4": "{{score.rules.name}}",
        "C4": "{{score.rules.points}}",
        "D4": "{{score.rules.self_score}}",
        "E4": "{{score.rules.basis}}",
        "F4": "{{score.rules.evidence}}",
        "A5": "指标",
        "B5": "分值",
        "C5": "目标值",
        "D5": "完成值",
        "E5": "得分",
        "F5": "未完成原因",
        "A6": "{{indicators.level3}}",
        "B6": "{{indicators.weight}}",
        "C6": "{{indicators.target}}",
        "D6": "{{indicators.actual}}",
        "E6": "{{indicators.self_score}}",
        "F6": "{{indicators.reason}}",
        "A7": "合计",
        "B7:C7": "{{total.self}}",
        "D7:E7": "{{total.review}}",
        "F7": "{{total.grade}}",
    },
    rubric=[
        ["编码", "一级指标", "名称", "分值", "方法", "数据"],
        ["rules", "管理效率", "制度健全", 5, "比率得分", "rate：健全率（%）"],
        ["indicators", "产出", "", "", "指标完成", ""],
    ],
)
"""Scored, with what a score rests on in words, and with evidence."""

REPORT = reports.workbook(
    [
        (0, "{{year}}年度{{department.name}}自评报告"),
        (1, "一、基本情况"),
        (2, "（一）填报人", "{{text.filer}}"),
        (2, "（二）自评结论", "{{text.conclusion}}"),
        (1, "二、主要工作"),
        (3, "{{tasks.number}}. {{tasks.name}}", "{{tasks.content}}"),
    ],
    fields=[("标签", "名称"), ("text.filer", "填报人"), ("tasks.name", "小标题")],
)
"""Narrative, so that it is published as a Word document, too."""

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
    told = {c: _PEOPLE[f"{c} of the {role}"] for c in ("username", "name", "e-mail")}
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
    type_into(filer, declaration, **{"text.overall_goal": _WORK["earlier wording"]})
    upload(
        filer,
        declaration_id=pk,
        file_name=f"{_WORK['upload, its name']}.xlsx",
        workbook=workbook_saying(declaration, stored(declaration)),
    )
    _explain(filer, declaration)
    submit(filer, declaration_id=pk)
    add_comment(head, declaration_id=pk, anchor="", text=_WORK["head's comment"])
    pass_on(head, declaration_id=pk, opinion=_WORK["head's opinion"])
    said = add_comment(reviewer, declaration_id=pk, anchor="text/phone", text=_WORK["comment"])
    return_for_correction(reviewer, declaration_id=pk, opinion=_WORK["opinion of a return"])
    answer_comment(filer, declaration_id=pk, comment_id=said.pk, text=_WORK["answer"])
    type_into(filer, declaration, **{"text.overall_goal": PROSE})
    _explain(filer, declaration)
    submit(filer, declaration_id=pk)
    pass_on(head, declaration_id=pk)
    points = {"measurable": "10"}
    save_sheet(reviewer, declaration_id=pk, points=points, opinion=_WORK["review sheet"])
    pass_on(reviewer, declaration_id=pk, opinion=_WORK["opinion of an approval"])
    world.publications["superseded"] = _publish(world, declaration)
    change = Change("text/overall_goal", PROSE.replace(GOAL, CORRECTED), None)
    number = factories.reread(declaration).approved.number  # type: ignore[union-attr]
    why = _WORK["reason of a correction"]
    correct(reviewer, declaration_id=pk, changes=[change], reason=why, base=number)
    world.publications["current"] = _publish(world, declaration, REASON)
    begin_adjustment(filer, declaration_id=pk, reason=_WORK["reason of an adjustment"])
    type_into(filer, declaration, **{"text.overall_goal": _WORK["adjustment on its way"]})


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
        f"{ITEM}/input.rate": _RATE,
        f"{row}/weight": "95",
        f"{row}/actual": f"80人次（{HANDLER}统计）",
        f"{row}/self_score": "70",
        f"{row}/reason": f"部分对象外出，{who}",
    }
    type_into(filer, declaration, **texts)
    name, inside = (_WORK[f"evidence, {part}"] for part in ("its name", "inside"))
    evidence.add(filer, declaration, f"{name}.pdf", evidence.pdf(inside), at=ITEM)
    evidence.add(filer, declaration, f"{name}.docx", evidence.docx(inside), at=ITEM)
    _explain(filer, declaration)
    submit(filer, declaration_id=pk)
    why = _WORK["reason of a review score"]
    set_review_score(reviewer, declaration_id=pk, anchor=ITEM, score="3", reason=why)
    pass_on(reviewer, declaration_id=pk)
    world.publications["evaluation"] = _publish(world, declaration)


def _publish_reports(world: Disclosed) -> None:
    """One that can be read, and one of another department that was withdrawn."""
    filer = world.people[Role.FILER]
    other = factories.filer_of(factories.DepartmentFactory.create(bureau=world.bureau))
    for name, author, text in (
        ("report", filer, PROSE),
        ("withdrawn", other, _WORK["withdrawn"]),
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
        type_into(filer, declaration, **{"text.overall_goal": _WORK[state]})
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
            note = _WORK["reason of an exemption"]
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
            text = _WORK["explanation"]
            explain(filer, declaration_id=declaration.pk, key=finding.key, text=text)


def _approve(world: Disclosed, filer: User, declaration: Declaration) -> None:
    _explain(filer, declaration)
    submit(filer, declaration_id=declaration.pk)
    pass_on(world.people[Role.REVIEWER], declaration_id=declaration.pk)


def _publish(world: Disclosed, declaration: Declaration, reason: str = "") -> Publication:
    publisher = world.people[Role.PUBLISHER]
    checked(publisher, declaration, _WORK["note of a check"])
    return publish(publisher, declaration_id=declaration.pk, reason=reason)
