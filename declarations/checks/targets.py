"""Whether an indicator's target can be measured."""

import re
from collections.abc import Iterator

from declarations.checks.content import Content, ListRow
from declarations.checks.measures import has_figure
from declarations.checks.registry import Found, Level, check
from scoring.value_words import is_heading

SOURCE = "绩效目标应当可以衡量，定性的分级描述（预算绩效目标管理的通行要求）"

_NUMERAL = re.compile(
    r"百分之|[零一二两三四五六七八九十百千万半]+[个名人位次场项件户家份期年月日天周套批]"
)
_GRADED = re.compile(
    r"控制数|完成|达标|合格|称职|优秀|优良|良好|全覆盖|全部|零|不发生|未发生|无|按时|按期|如期|通过"
    r"|达到|验收|年底|月底|季度|每[年月周日季天]|当[年月日天]|不低于|不高于|不超|不少于|高于|低于|应.尽.|是|否|有"
)
_VAGUE = re.compile(
    r"及时|显著|明显|较[好高大快强]|提高|提升|增强|加强|改善|促进|推动|推进|有效|进一步|逐步|持续|稳步"
    r"|基本|适当|大幅|不断|有所|充分|力争|尽量|尽快|尽可能|良好的"
)


@check(
    "target_missing",
    Level.MUST,
    "指标值不是值",
    about="指标值一栏只抄了指标的名称或类别，例如“时效指标”，没有数，也没有可以对照的结果。",
    source=SOURCE,
)
def check_target_missing(content: Content) -> Iterator[Found]:
    """A target that only repeats a heading or a name of its own row."""
    for row, target in content.shared(_targets):
        if _says_nothing(row, target):
            yield Found(
                f"{row.where}：“{_name(row)}”的“{row.label('target')}”填的是"
                f"“{row.shown('target')}”，不是指标值，请填写可以考核的数量、比例或时间",
                row.anchors("target", "level3"),
            )


@check(
    "target_vague",
    Level.HINT,
    "指标值难以考核",
    about="产出、成本和满意度指标的值没有数，也不是“完成”“合格”“零发生”“控制数”“称职以上”这样有标准的"
    "结果，例如“及时上报”“较好”。效益指标可以定性，不提示；自评表的目标值已经批复，也不提示。",
    source=SOURCE,
)
def check_target_vague(content: Content) -> Iterator[Found]:
    """A target without a figure, a date or a graded result, where one is to be expected."""
    for row, target in content.shared(_targets):
        if (
            "actual" in row.fields
            or _is_effect(row)
            or has_figure(target)
            or _says_nothing(row, target)
        ):
            continue
        if _NUMERAL.search(target) or (_GRADED.search(target) and not _VAGUE.search(target)):
            continue
        yield Found(
            f"{row.where}：“{_name(row)}”的“{row.label('target')}”是“{row.shown('target')}”，"
            "看不出怎样考核，请写明数量、比例或时间",
            row.anchors("target", "level3"),
        )


def _targets(content: Content) -> Iterator[tuple[ListRow, str]]:
    """The rows whose target is a text that somebody wrote."""
    for row in content.indicators:
        target = row.text("target")
        if target and "target" not in row.left_over and not row.fields["target"].choices:
            yield row, target


def _says_nothing(row: ListRow, target: str) -> bool:
    if has_figure(target) or _NUMERAL.search(target):
        return False
    if is_heading(target):
        return True
    repeated = target in (row.text("level1"), row.text("level2"), row.text("level3"))
    return repeated and not _is_effect(row) and not _GRADED.search(target)


def _is_effect(row: ListRow) -> bool:
    """Whether the row is about effects, which may be described; satisfaction is counted."""
    levels = row.text("level2") or row.text("level1")
    return bool(re.search("效益|效果|影响", levels)) and "满意" not in levels


def _name(row: ListRow) -> str:
    return row.text("level3") or "指标"
