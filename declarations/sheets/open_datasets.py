"""The tables of open data, and what their rows say of a publication's masked records."""

from collections.abc import Iterator
from decimal import Decimal

from declarations.sheets.catalogue import FUNDING_COLUMNS, INDICATORS
from declarations.sheets.form import Form
from declarations.sheets.list_workbook import Value
from declarations.sheets.open_data import Column, Dataset, Row
from declarations.sheets.records import Item, Records
from scoring.values import Comparison, Met, ValueKind, compare_values, read_value
from scoring.values import Value as Reading

LICENCE = (
    "本数据由财政局依照《中华人民共和国预算法》第十四条和《中华人民共和国政府信息公开条例》主动公开，"
    "任何人可以免费下载、复制、分析和转载，无需申请。使用时请注明来源和下载日期；"
    "作了改动的，请说明改动之处，不得仍称原始数据。数据与公开的表格不一致的，以公开的表格为准。"
)
"""Who may use it, and how; the same on the page, in the files and in the API."""

CURRENT, SUPERSEDED, WITHDRAWN = "current", "superseded", "withdrawn"
STATES = {CURRENT: "现行", SUPERSEDED: "已被更正", WITHDRAWN: "已撤回"}
"""What has become of a publication."""

PUBLISHED, CORRECTED = "published", "corrected"
CHANGES = {PUBLISHED: "公开", CORRECTED: "更正", WITHDRAWN: "撤回"}
"""What is done with a publication."""

KINDS = {"target": "绩效目标申报", "self_evaluation": "绩效自评", "report": "自评报告"}
"""The kinds of declarations (`DeclarationKind`, which a test compares with it)."""

_OPERATORS = {
    Comparison.AT_LEAST: "不低于",
    Comparison.AT_MOST: "不高于",
    Comparison.MORE: "高于",
    Comparison.LESS: "低于",
    Comparison.EQUAL: "等于",
    Comparison.BETWEEN: "在两数之间",
}
_KINDS_OF_VALUES = {
    ValueKind.NUMBER: "一个数",
    ValueKind.RANGE: "一段数",
    ValueKind.SEVERAL: "几个数",
    ValueKind.DATE: "日期",
    ValueKind.ZERO: "零或“无”",
    ValueKind.WORDS: "文字描述",
    ValueKind.NOTHING: "没有写明",
}
_MONEY = {
    "budget": "年初预算或本年预算",
    "adjustment": "年中调整",
    "received": "收到",
    "executed": "实际支出",
    "prior1": "上年",
    "prior2": "前年",
}

ID = Column(
    "id",
    "编号",
    "部门编码/年度/表单编码，一份申报一个，更正后不变",
    required=True,
    width=34,
)
BUREAU = Column("bureau_code", "财政局编码", required=True, width=16)
DEPARTMENT_CODE = Column("department_code", "部门编码", required=True, width=18)
DEPARTMENT = Column("department", "部门", "公开时的名称", required=True, width=32)
YEAR = Column("year", "年度", type="year", required=True, width=8)
KIND = Column("kind", "种类", choices=KINDS, required=True)
FORM_CODE = Column("form_code", "表单编码", required=True, width=22)
FORM = Column("form", "表单", required=True, width=32)
NUMBER = Column("version", "公开次序", "从 1 起，每更正一次加 1", "integer", required=True, width=8)
CODE = Column("code", "核验码", "用于核验文件真伪", required=True, width=18)
TITLE = Column("title", "标题", required=True, width=50)
ADDRESS = Column("address", "网址", required=True, width=60)

DECLARATIONS = Dataset(
    "declarations",
    "公开目录",
    "每次公开一行，已被更正和已撤回的也在内。撤回的只留目录，不再有内容",
    (
        ID,
        BUREAU,
        DEPARTMENT_CODE,
        DEPARTMENT,
        YEAR,
        KIND,
        FORM_CODE,
        FORM,
        Column("form_version", "表单版本", type="integer", required=True, width=8),
        NUMBER,
        CODE,
        TITLE,
        Column("state", "状态", choices=STATES, required=True, width=10),
        Column("published_at", "公开时间", type="datetime", required=True, width=18),
        Column("superseded_at", "被更正时间", type="datetime", width=18),
        Column("withdrawn_at", "撤回时间", type="datetime", width=18),
        Column("reason", "更正理由", width=30),
        Column("withdrawal_reason", "撤回理由", width=30),
        Column("budget", "预算金额", "各来源资金合计", "number", unit="元", width=18),
        Column(
            "adjustment",
            "预算调整",
            "表单有这一栏的，各来源资金合计",
            "number",
            unit="元",
            width=18,
        ),
        Column("executed", "实际支出", "各来源资金合计", "number", unit="元", width=18),
        Column("self_score", "自评得分", type="number", unit="分"),
        Column("score", "得分", "财政局复核后的得分", "number", unit="分"),
        Column("grade", "等级", width=8),
        Column(
            "content_sha256",
            "内容哈希值",
            "公开内容（JSON，键排序，无空格，UTF-8）的 SHA-256",
            required=True,
            width=66,
        ),
        Column("pdf_sha256", "PDF 哈希值", "PDF 文件的 SHA-256", width=66),
        ADDRESS,
    ),
    ("code",),
)


def _read_columns(name: str, title: str) -> tuple[Column, ...]:
    """What a target or an actual value is read as."""
    return (
        Column(
            f"{name}_type",
            f"{title}类型",
            "由系统按公开的规则读出",
            choices={kind.value: label for kind, label in _KINDS_OF_VALUES.items()},
        ),
        Column(
            f"{name}_operator",
            f"{title}比较",
            choices={c.value: label for c, label in _OPERATORS.items()},
            width=10,
        ),
        Column(
            f"{name}_value",
            f"{title}数值",
            "85% 为 85，单位为 %；八成五也是；1.2万人次为 12000；金额以元为单位；一段数为下限；几个数、日期和文字不填",
            "number",
        ),
        Column(f"{name}_value_to", f"{title}数值上限", "一段数的上限", "number"),
        Column(f"{name}_unit", f"{title}单位", width=10),
    )


INDICATORS_TABLE = Dataset(
    "indicators",
    "绩效指标",
    "每个指标一行，只含现行的公开内容",
    (
        Column("indicator_id", "指标编号", type="integer", required=True, width=10),
        Column(
            "target_indicator_id",
            "目标中的指标编号",
            "自评的指标来自已批准的绩效目标的，为其在目标申报中的指标编号",
            "integer",
            width=10,
        ),
        ID,
        DEPARTMENT_CODE,
        DEPARTMENT,
        YEAR,
        KIND,
        FORM_CODE,
        FORM,
        CODE,
        Column("position", "序号", "在表单中的次序", "integer", required=True, width=8),
        Column("task", "任务", "指标所属的任务、项目或目标", width=32),
        Column("level1", "一级指标"),
        Column("level2", "二级指标"),
        Column("level3", "三级指标", width=28),
        Column("definition", "指标解释", width=30),
        Column("period_target", "实施周期目标值"),
        Column("target", "目标值", "填报的原文", width=18),
        *_read_columns("target", "目标"),
        Column("actual", "实际完成值", "填报的原文", width=18),
        *_read_columns("actual", "实际"),
        Column("weight", "权重或分值", type="number", width=10),
        Column("self_score", "自评得分", type="number", unit="分", width=10),
        Column(
            "met",
            "是否达到",
            "由系统比较目标值和实际完成值",
            choices={met.value: met.label for met in Met},
            width=10,
        ),
        Column("ratio", "完成比例", "实际 ÷ 目标，1 为 100%", "number", width=10),
    ),
    ("code", "indicator_id"),
)

FUNDING = Dataset(
    "funding",
    "资金",
    "每个金额一行，只含现行的公开内容。各行之间有包含关系，不能直接相加",
    (
        ID,
        DEPARTMENT_CODE,
        DEPARTMENT,
        YEAR,
        KIND,
        FORM_CODE,
        FORM,
        CODE,
        Column("line", "资金项目编码", "各表单通用", required=True, width=16),
        Column("column", "栏目", choices=_MONEY, required=True, width=18),
        Column("label", "表单中的名称", width=32),
        Column("amount", "金额", type="number", unit="元", required=True, width=18),
    ),
    ("code", "line", "column"),
)

CHANGE_LOG = Dataset(
    "changes",
    "变更记录",
    "每次公开、更正和撤回一行，最近的在前",
    (
        Column("at", "时间", type="datetime", required=True, width=18),
        Column("change", "变更", choices=CHANGES, required=True, width=8),
        ID,
        BUREAU,
        DEPARTMENT_CODE,
        DEPARTMENT,
        YEAR,
        KIND,
        TITLE,
        NUMBER,
        CODE,
        Column("reason", "理由", "更正或撤回的理由", width=40),
        ADDRESS,
    ),
    ("code", "change"),
)

BY_YEAR = {d.name: d for d in (DECLARATIONS, INDICATORS_TABLE, FUNDING)}
"""The tables there are of each bureau and year, by their names."""
DATASETS = {**BY_YEAR, CHANGE_LOG.name: CHANGE_LOG}
"""All tables, by their names."""

_PLACES = Decimal("0.0001")
_TEXTS = ("level1", "level2", "level3", "definition", "period_target", "target", "actual")
_NUMBERS = ("weight", "self_score")


def indicator_rows(about: Row, records: Records) -> Iterator[Row]:
    """A row for each indicator. about: the columns that all of them share."""
    position = 0
    for name, rows in records.lists.items():
        for outer in rows:
            task = "" if name == INDICATORS else outer.values.get("name")
            for item in (outer, *(i for nested in outer.lists.values() for i in nested)):
                if item.kind == "indicator":
                    position += 1
                    yield {**about, "position": position, "task": task, **_indicator(item)}


def funding_rows(about: Row, records: Records, form: Form) -> Iterator[Row]:
    """A row for each amount that is filled in."""
    for line, amounts in records.funding.items():
        for column in FUNDING_COLUMNS:
            amount = amounts.get(column)
            if isinstance(amount, Decimal):
                field = form.fields.get(f"funding.{line}.{column}")
                label = field.label if field else ""
                yield {**about, "line": line, "column": column, "label": label, "amount": amount}


def _indicator(item: Item) -> Row:
    target, actual = (str(item.values.get(c) or "").strip() for c in ("target", "actual"))
    judged = "actual" in item.values
    outcome = compare_values(target, actual)
    return {
        "indicator_id": item.id,
        "target_indicator_id": item.source or None,
        **{column: item.values.get(column) or "" for column in _TEXTS},
        **{column: item.values.get(column) for column in _NUMBERS},
        **_read("target", read_value(target)),
        **_read("actual", read_value(actual) if judged else None),
        "met": outcome.met.value if judged else "",
        "ratio": outcome.ratio.quantize(_PLACES) if judged and outcome.ratio is not None else None,
    }


def _read(name: str, value: Reading | None) -> dict[str, Value]:
    """A value as it is read; what cannot be read for sure has no numbers."""
    row: dict[str, Value] = {
        f"{name}_type": value.kind.value if value else "",
        f"{name}_operator": "",
        f"{name}_value": None,
        f"{name}_value_to": None,
        f"{name}_unit": "",
    }
    if value is None or value.problem:
        return row
    if value.kind in (ValueKind.NUMBER, ValueKind.RANGE, ValueKind.ZERO):
        first, *rest = value.numbers
        if value.comparison is not Comparison.NONE:
            row[f"{name}_operator"] = value.comparison.value
        row[f"{name}_value"] = first
        row[f"{name}_value_to"] = rest[0] if rest else None
        row[f"{name}_unit"] = value.unit
    return row
