"""What the system knows by itself and rules rest on: handed in and published in time."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from scoring.rubric import NO, YES, Case, Facts, Input, InputKind, NotComputableError, RuleResult
from scoring.wording import certain, points

DATE, DUE, CONFIRMED = "date", "due", "in_time"
"""The inputs of what the system does not know: when it was done, by when, or just whether in time."""


class Fact(StrEnum):
    """What a statement can be decided by; the values are the words of the 评分 sheet."""

    HANDED_IN = "按时提交"
    PUBLISHED = "按时公开"
    QUANTIFIED = "有量化指标"


def judge(fact: Fact, facts: Facts) -> tuple[bool, str] | None:
    """Whether it is so, and why, in words; None where the system does not know."""
    match fact:
        case Fact.HANDED_IN:
            return _handed_in(facts)
        case Fact.PUBLISHED:
            if facts.published is None or facts.due is None:
                return None
            return _in_time(facts.published, facts.due, "公开")
        case Fact.QUANTIFIED:
            if facts.quantified is None:
                return None
            there = facts.quantified > 0
            return there, f"有{facts.quantified}项指标可量化" if there else "没有可量化的指标"


def _handed_in(facts: Facts) -> tuple[bool, str] | None:
    if facts.deadline is None:
        return None
    until = f"截止{_moment(facts.deadline)}"
    if facts.handed_in is not None:
        in_time = facts.handed_in <= facts.deadline
        verdict = "按时" if in_time else "逾期"
        return in_time, f"{_moment(facts.handed_in)}提交，{until}，{verdict}"
    if facts.now <= facts.deadline:
        return True, f"{until}，截止前提交即为按时"
    return False, f"{until}，尚未提交"


def _in_time(done: date, due: date, act: str) -> tuple[bool, str]:
    verdict = "按时" if done <= due else "逾期"
    return done <= due, f"{_day(done)}{act}，期限{_day(due)}，{verdict}"


@dataclass(frozen=True, slots=True)
class Timely:
    """Full points for what was done in time, `late` for what was not.

    fact: which of the system's dates say it; None where they say nothing. due: the day by which,
    where the rule names one.
    """

    fact: Fact | None = None
    due: date | None = None
    late: Decimal = Decimal(0)

    def inputs(self) -> tuple[Input, ...]:
        """What is asked for; the system's own dates win over it."""
        asked = [Input(DATE, "完成日期", InputKind.DATE)]
        if self.due is None:
            asked.append(Input(DUE, "规定期限", InputKind.DATE))
        confirmed = Input(CONFIRMED, "是否按时（没有日期的）", InputKind.CHOICE, choices=(YES, NO))
        return (*asked, confirmed)

    def score(self, case: Case) -> RuleResult:
        """By the system's dates, else by the date that was typed, else by what is confirmed."""
        in_time, why = self._judge(case)
        if in_time:
            return certain(case.points, f"{why}，得满分{points(case.points)}")
        return certain(self.late, f"{why}，按规则得{points(self.late)}")

    def _judge(self, case: Case) -> tuple[bool, str]:
        if self.fact and (known := judge(self.fact, case.facts)):
            return known
        done, due = _read_date(case, DATE), self.due or _read_date(case, DUE) or self._due(case)
        if done and due:
            return _in_time(done, due, "完成")
        confirmed = case.text(CONFIRMED)
        if confirmed in (YES, NO):
            return confirmed == YES, f"部门填写为{'' if confirmed == YES else '不'}按时"
        if done and not due:
            raise NotComputableError("未填写规定期限，也未填写是否按时")
        raise NotComputableError(f"未填写{case.label(DATE)}，也未填写是否按时")

    def _due(self, case: Case) -> date | None:
        """By when, as the system knows it, even where it does not know when it was done."""
        if self.fact is Fact.PUBLISHED:
            return case.facts.due
        deadline = case.facts.deadline
        return deadline.date() if self.fact is Fact.HANDED_IN and deadline else None


def _read_date(case: Case, name: str) -> date | None:
    try:
        return date.fromisoformat(case.text(name))
    except ValueError:
        return None


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _moment(moment: datetime) -> str:
    return f"{_day(moment)}{moment:%H:%M}"
