"""First drafts of a report's passages, made of the figures of the self-evaluation.

Only what is in the figures is said; what they do not say is asked for in 【】, which a check
finds as long as it stands there, like the mark with which each draft begins.
"""

from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal

from declarations.sheets.evaluation import Evaluation, Judged, Work
from declarations.sheets.report import CONCLUSION, DRAFT_MARK, MANAGEMENT, PERFORMANCE
from declarations.sheets.scores import Line
from scoring.numbers import MONEY_UNITS
from scoring.values import Met

_MOST_NAMED = 5
"""Indicators and items that a draft names; of the others it says how many there are."""
_HUNDREDTH = Decimal("0.01")
_ORDINALS = "一二三四五六七八九十"


def write_draft(kind: str, evaluation: Evaluation, most: int) -> str:
    """The draft of a kind (one of report.DRAFTS), of at most so many characters: what does not fit
    is left out, paragraph by paragraph. Raises KeyError for any other kind.
    """
    text = DRAFT_MARK
    for number, paragraph in enumerate(filter(None, _WRITERS[kind](evaluation))):
        longer = f"{text}\n{paragraph}" if number else text + paragraph
        if len(longer) <= most:
            text = longer
    return text


def _conclusion(e: Evaluation) -> Iterable[str]:
    """Score and grade, money, indicators, and where points were lost."""
    yield "".join((_scored(e), _spent(e), _indicators(e)))
    yield _shortfalls("未达到目标值的主要指标：", e.with_outcome(Met.NOT_MET, Met.PARTLY))
    yield _groups("各部分得分：", e.scoring.lines, lambda line: line.level1)
    yield _lost(e.scoring.lines)
    yield "【请补充：本年度的主要成效】"


def _management(e: Evaluation) -> Iterable[str]:
    """The money as far as amounts tell, then what was scored beside the indicators."""
    yield _budgeted(e) + _spent(e)
    managed = [n for n in e.scoring.lines if n.outcome is None and not n.is_bonus]
    yield _groups("自评得分：", managed, lambda line: line.level2 or line.level1)
    yield _lost(managed)
    asked = "信息公开、绩效管理、采购管理、资产管理、运行成本"
    yield f"【请补充：{asked}的做法和依据】"


def _performance(e: Evaluation) -> Iterable[str]:
    """One paragraph for each task, or all indicators where there are none."""
    for number, work in enumerate(e.works):
        yield f"{_ordinal(number)}是{_work(number, work)}"
    if not e.works:
        yield _indicators(e)
    yield _shortfalls("未达到目标值的指标：", e.with_outcome(Met.NOT_MET, Met.PARTLY))
    yield "【请补充：各项工作的做法和效果】"


def _scored(e: Evaluation) -> str:
    head = f"{e.year}年度{e.department}部门整体支出"
    if e.self_score is None:
        return head
    return f"{head}，绩效自评得分{_plain(e.self_score)}分，自评等级为“{e.grade}”。"


def _budgeted(e: Evaluation) -> str:
    """Of budgets that are given with what was adjusted; else there is only the year's."""
    if e.budget is None or e.adjustment is None:
        return ""
    said = f"年初预算{_money(e.budget)}，年中调整{_money(e.adjustment)}"
    if e.adjustment_rate is not None:
        said += f"，预算调整率{_percent(e.adjustment_rate)}"
    return said + "。"


def _spent(e: Evaluation) -> str:
    if e.executed is None:
        return ""
    rate = e.execution_rate
    said = f"全年预算{_money(e.whole_budget)}，" if e.whole_budget is not None else ""
    said += f"实际支出{_money(e.executed)}"
    return said + (f"，预算完成率{_percent(rate)}。" if rate is not None else "。")


def _indicators(e: Evaluation) -> str:
    if not e.indicators:
        return ""
    counted = [(met, len(e.with_outcome(met))) for met in Met]
    said = "，".join(f"{_TURNED_OUT[met]}{count}个" for met, count in counted if count)
    return f"共设绩效指标{len(e.indicators)}个，其中{said}。"


_TURNED_OUT = {
    Met.MET: "达到目标值",
    Met.PARTLY: "部分达到",
    Met.NOT_MET: "未达到",
    Met.UNKNOWN: "无法直接与目标值比较",
}


def _shortfalls(head: str, indicators: list[Judged]) -> str:
    """The furthest from their targets first."""
    worst = sorted(indicators, key=lambda i: i.outcome.share or Decimal(0))
    named = [
        f"{i.name}（目标{i.target or '未填'}，实际{i.actual or '未填'}"
        + (f"，原因：{i.reason.rstrip('。')}）" if i.reason else "）")
        for i in worst[:_MOST_NAMED]
    ]
    return _listed(head, named, len(worst))


def _groups(head: str, lines: Iterable[Line], group_of: Callable[[Line], str]) -> str:
    """What each group of items got of its points."""
    groups: dict[str, list[Line]] = {}
    for line in lines:
        if line.self_score is not None and not line.is_inapplicable:
            groups.setdefault(group_of(line), []).append(line)
    said = [
        f"{name}{_plain(_own(of_group))}分（满分{_plain(sum(n.points for n in of_group))}分）"
        for name, of_group in groups.items()
        if name
    ]
    return f"{head}{'，'.join(said)}。" if said else ""


def _lost(lines: Iterable[Line]) -> str:
    """The items that lost most points by the department's own score."""
    lost = [
        n for n in lines if n.self_score is not None and n.self_score < n.points and not n.is_bonus
    ]
    lost.sort(key=lambda n: (n.self_score or Decimal(0)) - n.points)
    named = [
        f"{n.name}得{_plain(n.self_score)}分（满分{_plain(n.points)}分）"
        for n in lost[:_MOST_NAMED]
    ]
    return _listed("扣分较多的是：", named, len(lost))


def _work(number: int, work: Work) -> str:
    name = work.name or f"第{number + 1}项任务"
    said = f"{name}。" if work.amount is None else f"{name}，投入资金{_money(work.amount)}。"
    if work.actual:
        said += work.actual.rstrip("。；; \n").replace("\n", "") + "。"
    met = sum(i.outcome.met is Met.MET for i in work.indicators)
    if work.indicators:
        said += f"设绩效指标{len(work.indicators)}个，达到目标值{met}个。"
    return said


def _listed(head: str, named: list[str], count: int) -> str:
    if not named:
        return ""
    more = f"，另有{count - len(named)}项" if count > len(named) else ""
    return f"{head}{'；'.join(named)}{more}。"


def _own(lines: Iterable[Line]) -> Decimal:
    return sum((n.self_score or Decimal(0) for n in lines), Decimal(0))


def _ordinal(number: int) -> str:
    return _ORDINALS[number] if number < len(_ORDINALS) else str(number + 1)


def _money(amount: Decimal | None) -> str:
    """In 万元, to the digits that self-evaluations have."""
    return f"{_rounded((amount or Decimal(0)) / MONEY_UNITS['万元'])}万元"


def _percent(fraction: Decimal) -> str:
    return f"{_rounded(fraction * 100)}%"


def _plain(points: Decimal | int | None) -> str:
    """Points without zeros that say nothing: 15, 3.58."""
    return f"{Decimal(points or 0).normalize():f}"


def _rounded(number: Decimal) -> Decimal:
    return number.quantize(_HUNDREDTH, ROUND_HALF_UP)


_WRITERS: dict[str, Callable[[Evaluation], Iterable[str]]] = {
    CONCLUSION: _conclusion,
    MANAGEMENT: _management,
    PERFORMANCE: _performance,
}
