"""Whether self scores are what the rules give, and whether what was missed or far exceeded is
explained."""

import re
from collections.abc import Iterator
from decimal import Decimal

from declarations.checks.content import Content, ListRow
from declarations.checks.reading import plain
from declarations.checks.registry import Found, Level, check
from declarations.sheets.scores import Line, is_far_above
from scoring.values import Met, Outcome, compare_values
from scoring.wording import points as in_points

RULES = "表样“评分”工作表的评分标准"
REASONS = (
    "未完成的指标要说明原因和改进措施；实际完成值超过目标值较多（130%以上，表样另有规定的从其规定）"
    "也要说明（广西等地的绩效自评办法）"
)
_NO_REASON = re.compile(r"(?:无|没有|暂无|不适用|否|空|略|同上|正常|[-—–/\\.。·]+)?[。.]?")
"""What stands where a reason is asked for, and gives none; as `plain` gives it."""


@check(
    "score_out_of_range",
    Level.MUST,
    "自评得分超出分值",
    about="自评得分高于这一项的分值，或是负数。加减分项可以是负数，减分不超过评分标准的“最多扣”。",
    source=RULES,
)
def check_score_out_of_range(content: Content) -> Iterator[Found]:
    """More points claimed than there are, or less than none."""
    for line in content.scoring.lines:
        if line.self_score is not None and not line.least <= line.self_score <= line.points:
            yield Found(
                f"{_place(content, line)}自评{in_points(line.self_score)}，"
                f"应在{in_points(line.least)}至{in_points(line.points)}之间",
                (_self_score(line),),
            )


@check(
    "score_differs",
    Level.HINT,
    "自评得分与按规则计算的不同",
    about="自评得分与评分标准按所填数据算出的分不同，多报少报都提示，并写明怎样算出。评分标准可以酌情的，"
    "在酌情范围以内的不提示。",
    source=RULES,
)
def check_score_differs(content: Content) -> Iterator[Found]:
    """A claimed score that the rule does not give."""
    for line in content.scoring.lines:
        claimed, given = line.self_score, line.rule.score
        if claimed is None or given is None or not line.differs:
            continue
        more = "多" if claimed > given else "少"
        yield Found(
            f"{_place(content, line)}自评{in_points(claimed)}，按规则得{in_points(given)}，"
            f"{more}{in_points(abs(claimed - given))}：{line.rule.explanation}",
            (_self_score(line),),
        )


@check(
    "score_not_computed",
    Level.HINT,
    "自评得分无法按规则核对",
    about="填了自评得分，但评分标准要用的数据没有填，或前后矛盾，算不出分。",
    source=RULES,
)
def check_score_not_computed(content: Content) -> Iterator[Found]:
    """A claimed score of an item whose rule lacks its data; of indicators see `target_unclear`."""
    for line in content.scoring.lines:
        if line.outcome or line.is_inapplicable or line.rule.score is not None:
            continue
        if line.self_score is not None:
            yield Found(
                f"{_place(content, line)}自评{in_points(line.self_score)}，{line.rule.explanation}",
                (_self_score(line),),
            )


@check(
    "inapplicable_unexplained",
    Level.HINT,
    "不适用的评分项没有说明理由",
    about="评分项标为“不适用”，不计分，其余各项按比例换算；“评分依据”一栏没有写理由的提示。",
    source=RULES,
)
def check_inapplicable_unexplained(content: Content) -> Iterator[Found]:
    """An item said not to apply, without a word why."""
    for line in content.scoring.lines:
        basis = content.records.scores.get(line.key, {}).get("basis")
        if line.is_inapplicable and _says_nothing(str(basis or "")):
            yield Found(
                f"{_place(content, line)}标为不适用，{in_points(line.points)}由其余各项换算，请说明理由",
                (_self_score(line),),
            )


@check(
    "bonus_without_evidence",
    Level.HINT,
    "加分没有佐证材料",
    about="加减分项自评加了分，但没有上传佐证材料。",
    source=RULES,
)
def check_bonus_without_evidence(content: Content) -> Iterator[Found]:
    """A bonus that is claimed, with no file to prove it."""
    counted = content.around.evidence
    if counted is None:
        return
    for line in content.scoring.lines:
        claimed = line.self_score or Decimal(0)
        if line.is_bonus and claimed > 0 and not counted.get(line.anchor):
            yield Found(
                f"{_place(content, line)}自评加{in_points(claimed)}，没有上传佐证材料",
                (_self_score(line),),
            )


@check(
    "target_missed_unexplained",
    Level.MUST,
    "没有完成的指标没有说明原因",
    about="实际完成值没有达到目标值，“未达标原因、改进措施”一栏空着或只写“无”的，必须修正；表上没有这一栏的，"
    "作为提示，要求填写说明。",
    source=REASONS,
)
def check_target_missed(content: Content) -> Iterator[Found]:
    """A target that was missed, in part or wholly, with no reason given."""
    for row, outcome in content.shared(_compared):
        if outcome.met in (Met.PARTLY, Met.NOT_MET) and _says_nothing(row.text("reason")):
            label = "部分完成" if outcome.met is Met.PARTLY else "没有完成"
            yield _unexplained(row, f"{label}：{outcome.explanation}")


@check(
    "target_far_exceeded_unexplained",
    Level.MUST,
    "远超目标值没有说明原因",
    about="实际完成值达到目标值的 130%（表样“超额说明线”另有规定的从其规定）以上，可能是目标值定得偏低，"
    "“未达标原因、改进措施”一栏空着或只写“无”的，必须修正；表上没有这一栏的，作为提示，要求填写说明。",
    source=REASONS,
)
def check_target_far_exceeded(content: Content) -> Iterator[Found]:
    """Much more than was aimed at, with no reason given."""
    far_above = content.form.rubric.far_above
    for row, outcome in content.shared(_compared):
        if is_far_above(outcome, far_above) and _says_nothing(row.text("reason")):
            exceeded = f"在{far_above * 100:.0f}%以上"
            yield _unexplained(row, f"远超目标：{outcome.explanation}，{exceeded}")


@check(
    "target_unclear",
    Level.HINT,
    "无法判断指标是否完成",
    about="目标值或实际完成值读不出可以比较的内容，例如一个写数量、一个写“已完成”。"
    "“未达标原因、改进措施”一栏写了情况的，不提示。",
    source=REASONS,
)
def check_target_unclear(content: Content) -> Iterator[Found]:
    """A target and an actual value that cannot be compared."""
    for row, outcome in content.shared(_compared):
        if outcome.met is Met.UNKNOWN and _says_nothing(row.text("reason")):
            yield Found(
                f"{row.where}：“{_name(row)}”无法判断是否完成：{outcome.explanation}",
                row.anchors("actual", "target"),
            )


def _compared(content: Content) -> Iterator[tuple[ListRow, Outcome]]:
    """Every row with a target and what was reached, compared as the rubric says, if it does."""
    scored = {line.anchor: line.outcome for line in content.scoring.lines}
    for row in content.indicators:
        if row.text("target") and row.text("actual"):
            outcome = scored.get(row.item.anchor())
            target, actual = (str(row.value(column)) for column in ("target", "actual"))
            yield row, outcome or compare_values(target, actual)


def _unexplained(row: ListRow, what: str) -> Found:
    """That a reason is missing: in the form's own column, or as an explanation of the hint."""
    where = f"{row.where}：“{_name(row)}”{what}"
    if "reason" not in row.fields:
        return Found(f"{where}，请说明原因", row.anchors("actual", "target"), Level.HINT)
    asked = f"请在“{row.label('reason')}”中说明原因和改进措施"
    return Found(f"{where}，{asked}", row.anchors("reason", "actual", "target"))


def _says_nothing(reason: str) -> bool:
    return _NO_REASON.fullmatch(plain(reason)) is not None


def _name(row: ListRow) -> str:
    return row.text("level3") or "指标"


def _place(content: Content, line: Line) -> str:
    """What a message begins with: ``预算完成率：``, or the row of an indicator and its name."""
    row = content.row_of.get(line.anchor)
    return f"{row.where}：“{line.name}”" if row else f"{line.name}："


def _self_score(line: Line) -> str:
    return f"{line.anchor}/self_score"
