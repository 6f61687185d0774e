"""What a printed form has in its blanks, left there: ……, XX, 指标2, 请填写."""

from collections.abc import Iterator

from declarations.checks.content import Content
from declarations.checks.reading import ASKED_FOR, BLANK, MAY_BE_BLANK, plain, shortened
from declarations.checks.registry import Found, Level, check
from declarations.sheets.report import DRAFT_MARK

_DRAFT = plain(DRAFT_MARK)
_EXCERPT = 8
"""Characters shown on each side of what was found in a text."""


@check(
    "placeholder",
    Level.MUST,
    "空白没有填",
    about="表上预印的占位内容还在：……、XX、××、___、〔 〕、指标2、目标1、指标名称、请填写……，"
    "或者只抄了一遍栏目名称、填表说明。一行中只有占位内容的，整行报一次。"
    "系统起草的初稿，开头的“【草稿，请核对修改】”和文中的“【请补充：……】”没有删去的。"
    "句子末尾的省略号、产品型号中的 XX、隐去几位的电话号码不算。",
    source="绩效目标应当完整、明确（预算绩效目标审核的通行要求）",
)
def check_placeholders(content: Content) -> Iterator[Found]:
    """Left-over placeholders; a row with nothing else is one finding."""
    for row in content.rows:
        if content.is_unwritten(row) and not (row.outer and content.is_unwritten(row.outer)):
            columns = row.left_over
            yield Found(
                f"{row.where}只有“{row.shown(columns[0])}”，没有填写内容，请填写或删除这一{row.where[-1]}",
                tuple(row.anchor(c) for c in columns),
            )
    for text in content.left_over():
        if not (text.row and content.is_unwritten(text.row)):
            written = shortened(text.written)
            yield Found(
                f"{text.place}“{text.field.label}”填的是“{written}”，请改为实际内容", (text.anchor,)
            )
    for text in content.texts_with(MAY_BE_BLANK):
        if _DRAFT in text.plain:
            yield Found(
                f"{text.place}“{text.field.label}”是系统起草的初稿，请核对修改，"
                f"改好后删去“{DRAFT_MARK}”",
                (text.anchor,),
            )
        if asked := ASKED_FOR.search(text.written):
            said = f"{text.place}“{text.field.label}”中的“{asked[0]}”还没有补充，请补充或删去"
            yield Found(said, (text.anchor,))
        blank = BLANK.search(text.plain)
        if blank and not text.left_over:
            start, end = max(blank.start() - _EXCERPT, 0), blank.end() + _EXCERPT
            excerpt = text.plain[start:end]
            yield Found(
                f"{text.place}“{text.field.label}”中的“{blank[0]}”还没有填写：“{excerpt}”",
                (text.anchor,),
            )
