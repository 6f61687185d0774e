"""Reads what the 参数 of the 评分 sheet set for each method, one line per setting.

Every reader takes the item's name, points and lines, and raises ParameterError with what to write.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from declarations.sheets.kinds import InvalidValueError, read_date
from declarations.sheets.rubric_lines import (
    Lines,
    ParameterError,
    amount,
    choice_text,
    is_yes,
    mark,
    needed,
    one_of,
    percentage,
    plain_signs,
    require_sum,
    shortened,
)
from scoring import methods_counts, methods_facts, methods_rates
from scoring.methods_choices import (
    Discretion,
    Group,
    Level,
    Levels,
    Option,
    Options,
    Statement,
    Statements,
)
from scoring.methods_counts import Bonus, Each
from scoring.methods_facts import Fact, Timely
from scoring.methods_indicators import Lower, Proportion, Unmet
from scoring.methods_rates import (
    Above,
    Band,
    Condition,
    Deduction,
    How,
    Measure,
    Ratio,
    Threshold,
    Tier,
    Tiers,
)
from scoring.rubric import NO, Input, InputKind, Parameters
from scoring.wording import points

_ORDINAL = re.compile(r"^(?:[（(]\d+[)）]|\d+[)）、]|\d+[.．](?!\d))\s*")
_WORTH = re.compile(
    r"(?P<text>.+?)\s*[=＝]\s*(?P<worth>-?[\d.]+\s*(?:分|[%％])?)"
    r"(?:\s*[，,；;]\s*(?P<fact>[^，,；;]+))?"
)
_GROUP = re.compile(r"【(?P<group>[^】]+)】\s*(?P<text>.+)")
_TIER = re.compile(r"(?P<sign>[≤≥<>])\s*(?P<bound>[^：:]+)[：:]\s*(?P<gives>.+)")
_CONDITION = re.compile(r"(?P<sign>[≤≥<>])\s*(?P<bound>.+)")


def _statements(item: Lines) -> Parameters:
    settings, lines = item.settings("酌情")
    if not lines:
        raise ParameterError("请写明各项要点，每行一项，例如：指标可量化 = 0.5分")
    statements = tuple(_statement(item, line) for line in lines)
    given = [s.worth for s in statements if s.worth is not None]
    if given and len(given) < len(statements):
        bare = next(s.text for s in statements if s.worth is None)
        raise ParameterError(f"要点“{shortened(bare)}”没有写分值，各项要点要么都写，要么都不写")
    if given:
        require_sum(given, item.points, "各项要点的分值合计")
    return Statements(statements, is_yes(settings.get("酌情", NO)))


def _statement(item: Lines, line: str) -> Statement:
    text = _ORDINAL.sub("", line)
    match = _WORTH.fullmatch(text)
    if match is None:
        return Statement(choice_text(text))
    fact = one_of(Fact, match["fact"]) if match["fact"] else None
    return Statement(choice_text(match["text"]), item.worth(match["worth"]), fact)


def _all_or_nothing(item: Lines) -> Parameters:
    settings = item.only("要点", "事实")
    fact = one_of(Fact, settings["事实"]) if "事实" in settings else None
    return Statements((Statement(choice_text(settings.get("要点", item.name)), item.points, fact),))


def _options(item: Lines) -> Parameters:
    groups: dict[str, list[Option]] = {}
    for line in item.lines:
        match = _WORTH.fullmatch(_ORDINAL.sub("", line))
        if match is None or match["fact"]:
            raise ParameterError(f"选项“{shortened(line)}”应写成：情况 = 分值")
        grouped = _GROUP.fullmatch(match["text"])
        name, text = (grouped["group"], grouped["text"]) if grouped else ("", match["text"])
        options = groups.setdefault(name.strip(), [])
        option = Option(choice_text(text), item.worth(match["worth"]))
        if any(other.text == option.text for other in options):
            raise ParameterError(f"选项“{shortened(option.text)}”写了两次")
        options.append(option)
    if not groups:
        raise ParameterError("请写明各种情况，每行一种，例如：按时公开 = 1分")
    if "" in groups and len(groups) > 1:
        raise ParameterError("分组的选项，每一行都要以【组名】开头")
    require_sum(
        [max(option.worth for option in options) for options in groups.values()],
        item.points,
        "各组最高的分值合计",
    )
    return Options(tuple(Group(name, tuple(options)) for name, options in groups.items()))


def _ratio(item: Lines) -> Parameters:
    settings = item.only("算法", "超过100%")
    above = one_of(Above, settings.get("超过100%", Above.FULL))
    return Ratio(above, _rate(settings))


def _band(item: Lines) -> Parameters:
    settings = item.only("算法", "下限", "上限", "超过上限")
    lower, upper = (percentage(needed(settings, name)) for name in ("下限", "上限"))
    if lower >= upper:
        raise ParameterError("下限要小于上限")
    above = one_of(Above, settings.get("超过上限", Above.FULL))
    return Band(lower, upper, above, _rate(settings))


def _deduction(item: Lines) -> Parameters:
    settings = item.only("算法", "每满", "扣")
    step, is_count = mark(needed(settings, "每满"))
    takes = item.worth(needed(settings, "扣"))
    if not step or not takes:
        raise ParameterError("“每满”和“扣”应大于 0")
    return Deduction(step, takes, _rate(settings, is_count=is_count, signed=True))


def _tiers(item: Lines) -> Parameters:
    settings, lines = item.settings("算法", "其余")
    tiers: list[Tier] = []
    kinds: set[bool] = set()
    for line in lines:
        match = _TIER.fullmatch(plain_signs(line))
        if match is None:
            raise ParameterError(f"“{shortened(line)}”应写成：≤10%：2分")
        value, is_count = mark(match["bound"], signed=_is_change(settings))
        kinds.add(is_count)
        tiers.append(Tier(Condition(match["sign"], value), item.worth(match["gives"])))
    if not tiers:
        raise ParameterError("请写明各档，每行一档，例如：≤10%：2分")
    if len(kinds) > 1:
        raise ParameterError("各档要么都写百分比，要么都写数")
    _in_order(tiers)
    otherwise = item.worth(settings.get("其余", "0"))
    if max(otherwise, *(tier.gives for tier in tiers)) != item.points:
        raise ParameterError(f"没有一档得满分 {points(item.points)}")
    return Tiers(tuple(tiers), otherwise, _rate(settings, is_count=kinds.pop(), signed=True))


def _in_order(tiers: Sequence[Tier]) -> None:
    """Each tier must leave something to the next, or that can never be reached."""
    for one, other in pairwise(t.condition for t in tiers):
        if (one.sign in "≤<") != (other.sign in "≤<"):
            raise ParameterError("各档的符号方向要一致，都用 ≤ 或都用 ≥")
        widens = one.bound < other.bound if one.sign in "≤<" else one.bound > other.bound
        if not widens:
            raise ParameterError("各档要从最严的写起：≤10%、≤20%，或 ≥90%、≥75%")


def _threshold(item: Lines) -> Parameters:
    settings, lines = item.settings("算法")
    match = _CONDITION.fullmatch(plain_signs(lines[0])) if len(lines) == 1 else None
    if match is None:
        raise ParameterError("请写一行要求，例如：≤100%")
    value, is_count = mark(match["bound"], signed=_is_change(settings))
    return Threshold(
        Condition(match["sign"], value), _rate(settings, is_count=is_count, signed=True)
    )


def _timely(item: Lines) -> Parameters:
    settings = item.only("事实", "期限", "逾期")
    fact = one_of(Fact, settings["事实"]) if "事实" in settings else None
    if fact is Fact.QUANTIFIED:
        raise ParameterError(f"“事实”应是 {Fact.HANDED_IN}、{Fact.PUBLISHED} 之一")
    return Timely(fact, _due(settings.get("期限", "")), item.worth(settings.get("逾期", "0")))


def _due(text: str) -> date | None:
    try:
        return date.fromisoformat(read_date(text)) if text else None
    except InvalidValueError as error:
        raise ParameterError(f"期限：{error}") from None


def _levels(item: Lines) -> Parameters:
    return _read_levels(item.lines)


def _read_levels(lines: Iterable[str]) -> Levels:
    levels: list[Level] = []
    for line in lines:
        name, colon, text = line.replace(":", "：", 1).partition("：")
        low, dash, high = re.sub("[~∼-]", "～", text).partition("～")
        if not (colon and dash and name.strip()):
            raise ParameterError(f"“{shortened(line)}”应写成：达成：80%～100%")
        level = Level(name.strip(), percentage(low), percentage(high))
        if not 0 <= level.low <= level.high <= 1 or any(one.name == level.name for one in levels):
            raise ParameterError(f"“{shortened(line)}”重复，或不在 0%～100% 之内")
        levels.append(level)
    if not levels:
        raise ParameterError("请写明各等次，每行一个，例如：达成：80%～100%")
    return Levels(tuple(levels))


def _bonus(item: Lines) -> Parameters:
    settings = item.only("每项加", "最多加", "每项扣", "最多扣")
    adds, takes = (_each(settings, f"每项{verb}", f"最多{verb}") for verb in "加扣")
    if not adds and not takes:
        raise ParameterError("请写明“每项加”和“最多加”，或“每项扣”和“最多扣”")
    if adds and adds.most > item.points:
        raise ParameterError(f"“最多加”不能超过分值 {points(item.points)}")
    return Bonus(adds, takes)


def _each(settings: dict[str, str], each: str, most: str) -> Each | None:
    if each not in settings and most not in settings:
        return None
    amounts = Each(*(amount(needed(settings, name)) for name in (each, most)))
    if not 0 < amounts.each <= amounts.most:
        raise ParameterError(f"“{each}”应大于 0，不超过“{most}”")
    return amounts


def _discretion(item: Lines) -> Parameters:
    item.only()
    return Discretion()


def _proportion(item: Lines) -> Parameters:
    settings, lines = item.settings("越低越好", "未达标")
    return Proportion(
        one_of(Lower, settings.get("越低越好", Lower.INVERSE)),
        one_of(Unmet, settings.get("未达标", Unmet.IN_PROPORTION)),
        _read_levels(lines) if lines else None,
    )


@dataclass(frozen=True, slots=True)
class Method:
    """A kind of rule as the sheet calls it. data: the names that 数据 may define."""

    name: str
    read: Callable[[Lines], Parameters]
    data: tuple[str, ...] = ()
    for_rows: bool = False


_RATES = (methods_rates.NUMERATOR, methods_rates.DENOMINATOR, methods_rates.RATE)
_MEASURES = (*_RATES, methods_rates.COUNT)
_DATES = (methods_facts.DATE, methods_facts.DUE, methods_facts.CONFIRMED)
_COUNTS = (methods_counts.ADDED, methods_counts.TAKEN)

METHODS = {
    method.name: method
    for method in (
        Method("要点得分", _statements),
        Method("是否得分", _all_or_nothing),
        Method("选项得分", _options),
        Method("比率得分", _ratio, _RATES),
        Method("区间得分", _band, _RATES),
        Method("递减扣分", _deduction, _MEASURES),
        Method("分档得分", _tiers, _MEASURES),
        Method("达标得分", _threshold, _MEASURES),
        Method("按时得分", _timely, _DATES),
        Method("定性分档", _levels),
        Method("加减分", _bonus, _COUNTS),
        Method("综合评定", _discretion),
        Method("指标完成", _proportion, for_rows=True),
    )
}
"""By the name that stands in the column 方法."""


def own_inputs(parameters: Parameters) -> tuple[Input, ...]:
    """What a rule asks for by itself, without a line of 数据."""
    match parameters:
        case Statements() | Options() | Levels() | Timely():
            return parameters.inputs()
        case Bonus():
            return tuple(
                Input(name, label, InputKind.NUMBER, unit="项")
                for name, label, each in (
                    (methods_counts.ADDED, "加分事项", parameters.adds),
                    (methods_counts.TAKEN, "扣分事项", parameters.takes),
                )
                if each
            )
        case _:
            return ()


def needed_inputs(parameters: Parameters) -> tuple[tuple[str, ...], ...]:
    """The sets of data, one of which 数据 must define."""
    match parameters:
        case Ratio() | Band() | Deduction() | Tiers() | Threshold():
            return parameters.measure.names()
        case _:
            return ()


def _is_change(settings: dict[str, str]) -> bool:
    return settings.get("算法") == How.CHANGE


def _rate(settings: dict[str, str], *, is_count: bool = False, signed: bool = False) -> Measure:
    """What the rule looks at. signed: whether it makes sense of what is below zero."""
    allowed = tuple(How) if signed else (How.RATIO, How.DIFFERENCE)
    said = settings.get("算法", How.RATIO)
    if said not in allowed:
        raise ParameterError(f"“算法”应是 {'、'.join(allowed)} 之一，现为“{said}”")
    return Measure(is_count=is_count, how=How(said))
