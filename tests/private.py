"""Everything private, and forms with a place for each: what `tests.disclosed` publishes.

`SECRETS` must be nowhere where the public reads.
"""

from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.packaging.custom import StringProperty
from openpyxl.workbook.defined_name import DefinedName

from declarations.models import Role
from tests import reports
from tests.sheets.workbooks import saved, workbook

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
WORK = {
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
PEOPLE = {
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
RATE = "87.6543"
_TOLD = {"what a rule was told": RATE, "the same, as it is stored": "0.876543"}
SECRETS = {**_PERSONAL, **WORK, **PEOPLE, **_TOLD}
"""What nobody of the public may read, by what it is."""

PROSE = (
    f"{GOAL}。在{HEAD}主持下由{FILER}（手机 139-2645-0871）牵头，座机020－84783317，"
    f"身份证号{ID_NUMBER}，账号{ACCOUNT}，邮箱{EMAIL}；{FILER}另有电话{BARE_LANDLINE}。"
)
"""A text with all of it, as people write."""


def _form(cells: dict[str, str], **kwargs: Any) -> bytes:
    """A form as somebody leaves it who does not know what a workbook tells of its author."""
    book = load_workbook(BytesIO(workbook(cells, lines=[1], **kwargs)))
    book.properties.creator = WORK["author of the form"]
    book.properties.lastModifiedBy = WORK["author of the form"]
    book.properties.keywords = WORK["keywords of the form"]
    book.properties.description = WORK["keywords of the form"]
    book.custom_doc_props.append(StringProperty("备注", WORK["property of the form"]))
    sheet = book["表样"]
    sheet.oddHeader.center.text = WORK["head of the form"]
    sheet["A1"].comment = Comment(WORK["comment in the form"], WORK["author of the form"])
    hidden = book.create_sheet("内部")
    hidden["A1"] = WORK["hidden sheet of the form"]
    hidden.sheet_state = "veryHidden"
    name = DefinedName("内部名称", attr_text=f'"{WORK["a name in the form"]}"')
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
