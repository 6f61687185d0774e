"""What may be set in a round, and changed in one that is there: its dates, stages and sheet."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from declarations.models import Revision, Round
from declarations.workflow import moment
from declarations.workflow.reminders import MOST_DAYS
from scoring.review_sheet import STEP, Sheet, shown

DATES = ("opens_at", "deadline", "correction_deadline", "adjustments_until")
MOST_REMINDERS = 6
"""Before the deadline, and after it."""


def has_submissions(round_: Round) -> bool:
    """Whether something was handed in: from then on stages and review sheet stay as they are."""
    return Revision.objects.filter(declaration__round=round_).exists()


def why_not_in_order(dates: Mapping[str, datetime | None]) -> dict[str, str]:
    """What is wrong with the dates of a round, by the name of the column; {} where nothing is.

    dates: by column; those that are missing could not be read.
    """
    opens_at, deadline = dates.get("opens_at"), dates.get("deadline")
    correction, adjustments = dates.get("correction_deadline"), dates.get("adjustments_until")
    wrong = {}
    if opens_at and deadline and deadline <= opens_at:
        wrong["deadline"] = "截止时间必须晚于开始时间"
    if deadline and correction and correction < deadline:
        wrong["correction_deadline"] = "补正截止时间不能早于填报截止时间"
    if deadline and adjustments and adjustments <= deadline:
        wrong["adjustments_until"] = "调整截止时间必须晚于填报截止时间"
    return wrong


def why_not_changeable(
    round_: Round, dates: Mapping[str, datetime | None], now: datetime
) -> dict[str, str]:
    """As `why_not_in_order`, for the dates of a round that is there."""
    wrong = {}
    for column, new in dates.items():
        if new == getattr(round_, column):
            continue
        if column == "opens_at":
            if now >= round_.opens_at:
                wrong[column] = f"已于 {moment(round_.opens_at)} 开始填报，开始时间不能再改"
        elif new is not None and new <= now:
            wrong[column] = "改后的时间已经过了，请填写晚于现在的时间"
    return wrong | why_not_in_order(dates)


def why_not_reminders(days: Sequence[int]) -> str:
    """What is wrong with the days on which to remind, "" where nothing is."""
    if len(days) > MOST_REMINDERS:
        return f"最多提醒 {MOST_REMINDERS} 次"
    if any(not 1 <= day <= MOST_DAYS for day in days):
        return f"提醒的天数应在 1 至 {MOST_DAYS} 之间"
    return "天数重复" if len(set(days)) < len(days) else ""


def why_not_sheet(kept: Mapping[str, Any]) -> str:
    """What is wrong with a review sheet as a round keeps it, "" where nothing is; {} is none."""
    if not kept:
        return ""
    sheet = Sheet.from_json(kept)
    if not sheet.criteria:
        return "审核评分表至少要有一个评分项"
    for criterion in sheet.criteria:
        if criterion.points <= 0 or criterion.points % STEP:
            return f"“{criterion.name}”的分值应大于 0，可以有半分"
    thresholds = [grade.at_least for grade in sheet.grades]
    if not thresholds or thresholds[-1] != 0:
        return "等级至少要有一个，最低的一个从 0 分起"
    if len(set(thresholds)) < len(thresholds):
        return "两个等级的起始分相同"
    if thresholds[0] > sheet.most:
        return f"等级“{sheet.grades[0].name}”的起始分高于总分 {shown(sheet.most)}"
    return ""
