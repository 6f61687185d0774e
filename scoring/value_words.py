"""The words in which officials write values: units, bounds, zero, Chinese numerals.

Everything here works on a text as `spelled_alike` gives it and knows nothing of comparing.
"""

import re
from decimal import Decimal
from enum import StrEnum
from math import prod


class Comparison(StrEnum):
    """How a value bounds what is compared with it; the law's 以上、以下、以内 include the number,
    超过、不满 do not (民法典第一千二百五十九条).
    """

    NONE = "none"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    MORE = "more"
    LESS = "less"
    EQUAL = "equal"
    BETWEEN = "between"


_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SIGNS = str.maketrans(
    {"≧": "≥", "⩾": "≥", "≦": "≤", "⩽": "≤", "﹦": "=", "﹥": ">", "﹤": "<", "﹪": "%", "﹣": "-"}
    | {"﹐": ",", "﹑": "、", "﹔": ";", "﹕": ":", "﹙": "(", "﹚": ")", "￥": "¥", "\u3000": " "}
    | dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("～∼〜˜", "~")
)
_PAIRS = re.compile(r">=|=>|<=|=<|==")
_PAIR = {">=": "≥", "=>": "≥", "<=": "≤", "=<": "≤", "==": "="}
_SQUARE = re.compile(r"(?<=[0-9km])m([23])(?![0-9])")


def half_width(text: str) -> str:
    """A text in half-width signs; spaces are kept."""
    return text.translate(_FULL_WIDTH).translate(_SIGNS).strip()


def spelled_alike(text: str) -> str:
    """A half-width text without spaces, and with one spelling of ≥, ≤ and m²."""
    compact = "".join(text.split())
    compact = _PAIRS.sub(lambda match: _PAIR[match[0]], compact)
    return _SQUARE.sub(lambda match: "m²" if match[1] == "2" else "m³", compact)


# Units. Those on one line are one unit; with 百、千、万、亿 before them they only count higher.
_SAME = (
    "人 名 位 人数",
    "元 圆",
    "% 百分比",
    "百分点 个百分点",
    "天 日",
    "工作日 个工作日",
    "小时 个小时",
    "月 个月",
    "平方米 平米 ㎡ m²",
    "立方米 m³",
    "公里 千米 km",
    "公斤 千克 kg",
    "次 次数",
)
_OTHERS = (
    "人次 场次 批次 轮次 例次 件次 户次 车次 人月 人天 场 期 届 个 家 户 件 宗 起 例 项 枚 块 面 条 处 所 间 套 台 辆 张 份 "
    "本 册 篇 批 只 头 株 棵 亩 公顷 平方公里 米 吨 克 升 分钟 周 年 岁 分 倍 床 床位 个床位 站 村 镇 班 节 课时 学时 "
    "门 支 队 对 组 字 度 千瓦时 轮 笔 幅 部 座 片 人份 ‰ 成"
)
CANONICAL = {unit: line.split()[0] for line in _SAME for unit in line.split()} | {
    unit: unit for unit in _OTHERS.split()
}
IN_PERCENT = {"%": Decimal(1), "‰": Decimal("0.1"), "成": Decimal(10)}
"""What one of each is in hundredths."""

_unit = "|".join(sorted(map(re.escape, CANONICAL), key=len, reverse=True))
_UNIT = rf"(?:{_unit})(?:/(?:{_unit}))*"
SCALES = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}

# Bounds before a number. What only leads to it, like 达 or 预计, bounds nothing.
_BEFORE: dict[Comparison, str] = {
    Comparison.AT_LEAST: (
        r"≥|不(?:得|应|能)?(?:少|低|小|下)于|(?:大|高|多)于(?:或|或者)?等于|大于或=|至少|最少|最低|起码|未低于"
    ),
    Comparison.AT_MOST: (
        r"≤|(?:不|未)(?:得|应|能)?(?:超过?|高于|大于|多于|突破)|(?:小|低|少)于(?:或|或者)?等于|至多|最多|最高"
        r"|(?:控制|压缩|压减|限制)(?:在|到|至)|(?:下?降低?|减少?|压减?)(?:到|至)"
    ),
    Comparison.MORE: r">|(?:大|高|多)于|超过|突破",
    Comparison.LESS: r"<|(?:小|低|少)于|不足|不到|不满|未满|未达到?|未到",
    Comparison.EQUAL: r"=|等于|恰好",
}
APPROXIMATELY = "approximately"
_LEADING = (
    r"达到?|为|是|共计?|合计|总计|预计|预期|计划|拟|已|均|实际|完成|增至|(?:增加|提高|提升|上升|增长|扩大)(?:到|至)"
    r"|保持在?|维持在?|:|人民币|¥"
)
_before = "|".join(
    [
        *(f"(?P<{name}>{words})" for name, words in _BEFORE.items()),
        rf"(?P<{APPROXIMATELY}>大约|大概|约|将近|接近|近)",
        f"(?P<leading>{_LEADING})",
    ]
)
_BEFORE_ONE = re.compile(_before)
_BEFORE_ALL = re.compile(f"(?:{re.sub(r'[?]P<[a-z_]+>', '?:', _before)})+$")

_AFTER = (
    r"(?P<at_least>(?:及|或|含)?以上|起步)|(?P<at_most>(?:及|或|含)?以下|以内|之内|内)"
    rf"|(?P<{APPROXIMATELY}>左右|上下)"
)
_after = re.sub(r"[?]P<[a-z_]+>", "?:", _AFTER)
BOUNDS_AFTER = (Comparison.AT_LEAST, Comparison.AT_MOST, APPROXIMATELY)
BOUND_WORD = re.compile(r"以上|以下|以内|之内|以外|之外|左右|上下")
_END = r"(?=$|[,;、。])"
_AFTER_NUMBER = re.compile(
    rf"(?P<over>[余多])?(?P<scale>(?:[十万亿]|百(?!分[比点])|千(?![克米瓦])){{0,2}})(?P<over_too>[余多])?"
    rf"(?:(?P<unit>{_UNIT})(?:{_END}|(?={_after}|[-~至到][0-9]))"
    rf"|(?P<compound>(?:{_UNIT}){{2}})(?:{_END}|(?={_after}))"
    rf"|(?P<counted>{_UNIT})"
    rf"|(?!{_after})(?P<other>[A-Za-z\u4e00-\u9fff㎡²³℃]{{1,4}}?)(?:{_END}|(?={_after})))?"
    rf"(?P<bounds>(?:{_AFTER})?)(?P<excluded>\(不含\))?"
)


def scale_of(scale: str) -> int:
    """What 万, 百万 … count."""
    return prod(SCALES[c] for c in scale)


def bounds_before(lead: str) -> tuple[str, set[str]]:
    """Splits what stands before a number: what it is the number of, and how it is bounded."""
    match = _BEFORE_ALL.search(lead)
    if match is None:
        return lead, set()
    found = {one.lastgroup or "" for one in _BEFORE_ONE.finditer(match[0])}
    return lead[: match.start()], found - {"leading"}


def after_number(text: str, at: int) -> re.Match[str]:
    """The unit and the bounds behind a number that ends at `at`: groups over, over_too, scale,
    unit, compound or counted (one that a noun follows) or other (not known), and the bounds.
    """
    match = _AFTER_NUMBER.match(text, at)
    assert match is not None  # everything in it is optional
    return match


def one_comparison(bounds: set[str]) -> Comparison | None:
    """What several bounds come to; None where they contradict one another."""
    found = bounds - {APPROXIMATELY}
    for strict, loose in (
        (Comparison.MORE, Comparison.AT_LEAST),
        (Comparison.LESS, Comparison.AT_MOST),
    ):
        if found == {strict, loose}:
            return strict
    if len(found) > 1:
        return None
    return Comparison(found.pop()) if found else Comparison.NONE


# Words that are values, or none.
_HEADING = re.compile(
    r"(?!.*(?:完成|达|超|实现))[\u4e00-\u9fff]{0,8}指标值?|[一二三]级指标|(?:年度|预期|当年)?目标值|实现值"
)
_LABEL = re.compile(r"^[\u4e00-\u9fff]{1,12}:")
_ZERO = re.compile(
    r"(?:零|0|无|未|没有|不)(?:发生|出现|产生)(?:[\u4e00-\u9fff]{0,8}(?:事故|事件|投诉|上访|案件|问题|情况|现象))?"
    r"|(?:零|0|无|没有)(?:重大|较大|一般|任何|安全|生产|责任|质量|群体性|越级|非法|有效|有责|违规)*"
    r"(?:事故|事件|投诉|上访|信访|案件|差错|失误|违规|违纪|违法|举报|纠纷|通报|缺陷|伤亡|逾期|拖欠)"
    r"|零|无|没有"
)
NO_OR_NOTHING = ("无", "没有")
"""Zero where zero is asked for; otherwise it may also mean that there is no such thing."""
NEGATION = re.compile(
    r"未|没|不(?!断|含)|无(?!障碍|偿|线|人机)|非(?!遗|物质|公)|取消|暂停|停止|尚余|剩|还差|尚差|缺口|其中|逾期|延期|推迟"
)
PLANNED = re.compile(r"预计|力争|(?<!模)拟(?!定)|计划(?=[于在到至0-9]|完成|开展|投入|资助|发放)")
_NOTHING = re.compile(
    r"[-/\\_.…。·*×?]*|n/?a|null|none|暂无|待定|待填|未填写?|空|同上|(?:详?见|参见).*",
    re.IGNORECASE,
)
_SAID_OF_ALL = re.compile(r"^(?:均|都|全部|全都|皆|已全部|已)(?=.)")


def is_nothing(text: str) -> bool:
    return bool(_NOTHING.fullmatch(text))


def is_heading(text: str) -> bool:
    """Whether a text is only what a column or a kind of indicator is called."""
    return bool(_HEADING.fullmatch(text))


def is_zero(text: str) -> bool:
    return bool(_ZERO.fullmatch(text))


def without_label(text: str) -> str:
    """``标准:100%`` without ``标准:``."""
    return _LABEL.sub("", text)


def plain_words(text: str) -> str:
    """Words without that they are said of all: 均称职以上 is 称职以上."""
    return _SAID_OF_ALL.sub("", text)


# Numerals. 三百五 or 三五 have two readings, so they are none.
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2}
_D = "[一二两三四五六七八九]"
_TENS = f"{_D}?十{_D}?"
_HUNDREDS = f"{_D}百(?:零{_D}|{_D}十{_D}?)?"
_THOUSANDS = f"{_D}千(?:零(?:{_D}十{_D}?|{_D})|{_HUNDREDS})?"
_SECTION = f"(?:{_THOUSANDS}|{_HUNDREDS}|{_TENS}|{_D})"
_NUMERAL = f"{_SECTION}万(?:{_THOUSANDS}|零(?:{_HUNDREDS}|{_TENS}|{_D}))|{_THOUSANDS}|{_HUNDREDS}|{_TENS}|{_D}"
_PER = re.compile(rf"(百|千)分之(?:([0-9.]+)|({_NUMERAL})(?!百)|百)")
_DOING = r"开展|举办|召开|组织|新增|建成|建立|培训|服务"
_COUNTED = re.compile(
    rf"(?P<lead>(?:{re.sub(r'[?]P<[a-z_]+>', '?:', _before)}|{_DOING})*)"
    rf"(?P<number>{_NUMERAL})(?P<rest>[余多]?[万亿]?(?:{_UNIT})(?:{_after})?)"
)
_BARE = re.compile(rf"({_NUMERAL})([万亿]?)")
_VERY = "十分"


def with_digits(text: str) -> str:
    """A text with its unambiguous Chinese numerals as digits: 百分之九十, 两次, 一百."""
    if "分之" in text:
        text = _PER.sub(_per, text)
    if re.search("[0-9]", text) or text == _VERY:
        return text
    if counted := _COUNTED.fullmatch(text):
        return f"{counted['lead']}{_number(counted['number'])}{counted['rest']}"
    if len(text) > 1 and (bare := _BARE.fullmatch(text)):
        return f"{_number(bare[1])}{bare[2]}"
    return text


def _per(match: re.Match[str]) -> str:
    sign = "%" if match[1] == "百" else "‰"
    return f"{match[2] or (_number(match[3]) if match[3] else 100)}{sign}"


def _number(numeral: str) -> int:
    """What a numeral that matched is worth."""
    total = section = 0
    digit = None
    for c in numeral:
        if c == "万":
            total += (section + (digit or 0)) * SCALES[c]
            section, digit = 0, None
        elif c in SCALES:
            section += (1 if digit is None else digit) * SCALES[c]
            digit = None
        else:
            digit = _DIGITS[c] or None
    return total + section + (digit or 0)
