"""What a printed form has in its blanks, left there: ……, XX, 指标2, 请填写."""

from collections.abc import Iterator

from declarations.checks.content import Content
from declarations.checks.reading import BLANK_IN_TEXT, is_left_over, plain
from declarations.checks.registry import Found, Level, check

_EXCERPT = 8
"""Characters shown on each side of what was found in a text."""


@check(
    "placeholder",
    Level.MUST,
    "空白没有填",
    about="表上预印的占位内容还在：……、XX、××、___、〔 〕、指标2、目标1、指标名称、请填写……，"
    "或者只抄了一遍栏目名称、填表说明。一行中只有占位内容的，整行报一次。"
    "句子末尾的省略号、产品型号中的 XX、隐去几位的电话号码不算。",
    source="绩效目标应当完整、明确（预算绩效目标审核的通行要求）",
)
def check_placeholders(content: Content) -> Iterator[Found]:
    """Left-over placeholders; a row with nothing else is one finding."""
    for row in content.rows:
        if row.item.anchor() in content.unwritten and not (
            row.outer and content.is_unwritten(row.outer)
        ):
            columns = [c for c, f in row.fields.items() if is_left_over(row.text(c), f)]
            yield Found(
                f"{row.where}只有“{row.shown(columns[0])}”，没有填写内容，请填写或删除这一{row.where[-1]}",
                tuple(row.anchor(c) for c in columns),
            )
    for anchor, field, where, text in content.texts():
        owner = content.row_of.get(anchor.rpartition("/")[0])
        if owner and content.is_unwritten(owner):
            continue
        compact = owner.text(field.column) if owner else plain(text)
        place = f"{where}：" if where else ""
        if is_left_over(compact, field):
            yield Found(f"{place}“{field.label}”填的是“{text}”，请改为实际内容", (anchor,))
        elif found := BLANK_IN_TEXT.search(compact):
            start, end = max(found.start() - _EXCERPT, 0), found.end() + _EXCERPT
            yield Found(
                f"{place}“{field.label}”中的“{found[0]}”还没有填写：“{compact[start:end]}”",
                (anchor,),
            )
