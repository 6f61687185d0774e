"""Target and actual values: the pairs of published forms, and what holds of all values."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from scoring.values import Comparison, Met, ValueKind, compare_values, read_value

Lower = bool | None

# 花都区2021年度部门整体支出绩效自评表, 履职效能: target, actual, ratio in hundredths.
HUADU = [
    ("1人", "1人", "100"),
    ("≥99%", "99%", "100"),
    ("≥100%", "100%", "100"),
    ("≥250人", "280人", "112"),
    ("≥70人", "8人", "11.43"),
    ("≥95%", "100%", "105.26"),
    ("≥100%", "100%", "100"),
    ("≥100%", "100%", "100"),
    ("≥300人次", "310人次", "103.33"),
    ("≥95%", "98%", "103.16"),
    ("≥99%", "99%", "100"),
    ("≥1000", "2369", "236.9"),
    ("≥400人", "405人", "101.25"),
    ("≥1000人", "1000人", "100"),
    ("≥400人次、≥480人次、≥420人次", "450人次、698人次、556人次", "112.5"),
    ("≥800人次", "898人次", "112.25"),
    ("≥748人次", "754人次", "100.8"),
    ("≥80%", "92%", "115"),
    ("≥80%", "96%", "120"),
    ("≥80%", "100%", "125"),
    ("85%或以上", "100%", "117.65"),
    ("显著", "显著", ""),
    ("是", "是", ""),
    ("≥100%", "100%", "100"),
    ("≥12人", "16人", "133.33"),
    ("≥50人", "51人", "102"),
    ("≥550人", "643人", "116.91"),
    ("≥95%", "98%", "103.16"),
    ("≥35人", "48", "137.14"),
    ("显著提高", "显著提高", ""),
    ("85%或以上", "100%", "117.65"),
    ("≥35人", "43人", "122.86"),
    ("80%及以上", "100%", "125"),
    ("80%及以上", "100%", "125"),
    ("2人", "10人", "500"),
    ("100%", "100%", "100"),
    ("130人", "239人", "183.85"),
    ("200例", "448例", "224"),
    ("5人", "217人", "4340"),
    ("120人", "203人", "169.17"),
    ("460人", "808人", "175.65"),
    ("130人", "283人", "217.69"),
]
# 荔湾区2021年度部门整体支出绩效自评表, as its cells break the lines.
LIWAN = [
    ("100%", "100.00%", "100"),
    ("称职以上", "均称职以\n上", ""),
    ("90%以上", "100.00%", "111.11"),
    ("400人", "400人", "100"),
    ("85%以上", "91.76%", "107.95"),
    ("85%以上", "91.76%（全年170人）", "107.95"),
    ("80分以上", "中期88.27\n分末期\n90.10分", "110.34"),
    ("90%以上", "96.74%", "107.49"),
    ("90%以上", "100.00%", "111.11"),
    ("80%以上", "100.00%", "125"),
]
# 番禺区2023年部门整体预算绩效目标申报表: targets, which nothing has been compared with yet.
PANYU = [
    ("预计资助1920例。", "1920", "例"),
    ("预计资助93人", "93", "人"),
    ("出勤率达90%", "90", "%"),
    ("精综扩招服务对象预计增至430人", "430", "人"),
    ("使用率92%", "92", "%"),
    ("完成率达90%以上", "90", "%"),
    ("审批及时率100%", "100", "%"),
    ("满意度达98%", "98", "%"),
    ("标准：100%", "100", "%"),
]
# 蔡甸区部门整体支出绩效目标申报表: the year before against the year's target.
CAIDIAN = [
    ("480 万元", "461 万元", Met.PARTLY),
    ("480 万元", "480万元", Met.MET),
    ("1100 人\n次", "1100 人次", Met.MET),
    ("100 人", "100 人", Met.MET),
    ("140 人", "140 人", Met.MET),
    ("5000 人", "5000 人", Met.MET),
    ("4次", "4 次", Met.MET),
    ("100%", "100%", Met.MET),
    ("时效指标", "100%", Met.UNKNOWN),
    ("95.00%", "95.00%", Met.MET),
    ("0", "0", Met.MET),
    ("90%", "90%", Met.MET),
]


def test_every_indicator_of_huadu_is_here() -> None:
    assert len(HUADU) == 42


@pytest.mark.parametrize(("target", "actual", "ratio"), [*HUADU, *LIWAN])
def test_pairs_as_published(target: str, actual: str, ratio: str) -> None:
    outcome = compare_values(target, actual)
    if (target, actual) == ("≥70人", "8人"):
        assert outcome.met is Met.PARTLY
        assert outcome.explanation == "目标≥70人，实际8人，完成11.43%"
    else:
        assert (outcome.met, outcome.share) == (Met.MET, 1)
    if ratio:
        assert outcome.ratio is not None
        assert round(outcome.ratio * 100, 2) == Decimal(ratio)
    else:
        assert outcome.ratio is None


def test_cancelled_competitions_have_no_number() -> None:
    outcome = compare_values("6枚或以上", "因疫情取消所有比赛活动")
    assert (outcome.met, outcome.share) == (Met.UNKNOWN, None)
    assert outcome.explanation == (
        "目标6枚或以上，实际“因疫情取消所有比赛活动”，实际是文字描述，没有写明数，请人工判断"
    )


@pytest.mark.parametrize(("target", "number", "unit"), PANYU)
def test_targets_of_panyu(target: str, number: str, unit: str) -> None:
    value = read_value(target)
    assert (value.kind, value.numbers, value.unit) == (ValueKind.NUMBER, (Decimal(number),), unit)
    assert compare_values(target, f"{number}{unit}").met is Met.MET


@pytest.mark.parametrize("text", ["标准: 控制数", "控制数", "", "时效指标", "……", "/"])
def test_what_is_no_target(text: str) -> None:
    outcome = compare_values(text, "100%")
    assert outcome.met is Met.UNKNOWN
    assert "目标值" in outcome.explanation
    assert compare_values(text, text).met is Met.UNKNOWN


@pytest.mark.parametrize(("target", "before", "met"), CAIDIAN)
def test_values_of_caidian(target: str, before: str, met: Met) -> None:
    assert compare_values(target, before).met is met


@pytest.mark.parametrize(
    ("target", "actual", "explanation"),
    [
        ("≥250人", "280人", "目标≥250人，实际280人，完成112%"),
        ("≥35人", "48", "目标≥35人，实际48，完成137.14%（实际值没有写单位，按“人”读）"),
        ("预计资助1920例。", "1968例", "目标预计资助1920例，实际1968例，完成102.5%"),
        ("85%", "0.85", "目标85%，实际0.85，完成100%（实际值是小数，按85%读）"),
        ("不超过120万元", "118万元", "目标不超过120万元，实际118万元，没有超过目标"),
        (
            "不超过120万元",
            "150万元",
            "目标不超过120万元，实际150万元，超过目标，是目标的125%，按目标除以实际计80%",
        ),
        ("零发生", "2起", "目标“零发生”，实际2起，目标为零，实际不为零"),
        (
            "≥400人次、≥480人次",
            "450人次、240人次",
            "目标≥400人次、≥480人次，实际450人次、240人次，2项中有1项未达到：“≥480人次”完成50%",
        ),
        (
            "显著",
            "较好",
            "目标“显著”，实际“较好”，都是定性描述而写法不同，无法比较，请人工判断",
        ),
        ("400人", "400人次", "目标400人，实际400人次，单位不同（人、人次），不能比较，请人工判断"),
        ("400人", "", "目标400人，实际（空），实际值没有填写，请人工判断"),
        ("100%", "99.999%", "目标100%，实际99.999%，完成99.99%"),
        ("1人", "100000人", "目标1人，实际100000人，完成1000倍以上"),
    ],
)
def test_explanations(target: str, actual: str, explanation: str) -> None:
    assert compare_values(target, actual).explanation == explanation


@pytest.mark.parametrize(
    ("target", "actual", "lower", "met", "share"),
    [
        ("10起", "8起", True, Met.MET, "1"),
        ("10起", "8起", False, Met.PARTLY, "0.8"),
        ("10起", "16起", True, Met.PARTLY, "0.625"),
        ("10起", "0起", True, Met.MET, "1"),
        ("≥10起", "8起", True, Met.PARTLY, "0.8"),
        ("≤10起", "8起", False, Met.MET, "1"),
        ("0起", "3起", True, Met.NOT_MET, "0"),
        ("0起", "3起", False, Met.NOT_MET, "0"),
        ("≤0起", "3起", None, Met.NOT_MET, "0"),
        ("小于5起", "10起", None, Met.PARTLY, "0.5"),
        ("5-8天", "4天", True, Met.MET, "1"),
        ("5-8天", "10天", True, Met.PARTLY, "0.8"),
        ("5-8次", "10次", False, Met.MET, "1"),
        ("等于5次", "6次", False, Met.MET, "1"),
        ("-5%", "-4%", False, Met.MET, "1"),
        ("-5%", "-6%", True, Met.MET, "1"),
        ("-5%", "-6%", False, Met.NOT_MET, "0"),
        ("≥5%", "-6%", None, Met.NOT_MET, "0"),
    ],
)
def test_which_way_is_better(target: str, actual: str, lower: Lower, met: Met, share: str) -> None:
    outcome = compare_values(target, actual, lower_is_better=lower)
    assert (outcome.met, outcome.share) == (met, Decimal(share)), outcome.explanation


@pytest.mark.parametrize(
    ("target", "actual", "why"),
    [
        ("≤500人", "一月300人、二月300人", "分别比较还是合计比较"),
        ("满意度≥95%", "知晓率98%", "是不是一回事"),
        ("≥90%、≥80%", "85、90、95", "不能逐项比较"),
        ("3场培训", "4场讲座", "是不是一回事"),
        ("90%", "2期、100人", "单位不同"),
        ("≥100%", "超额完成10%", "口径不同"),
        ("12月底前", "2024年11月", "只有一方写了年份"),
        ("零投诉", "100%", "与百分比不能比较"),
        ("≥5‰", "0.004", "百分比、千分比还是成数"),
        ("入户400次、电话480次", "上门450次、电话698次", "名称不同"),
        ("≥90%", "拟完成95%", "不是完成情况"),
        ("3月", "400人", "一个是日期"),
        ("-5%", "-3%", "目标是负数"),
        ("0", "-3", "实际是负数"),
    ],
)
def test_what_cannot_be_told(target: str, actual: str, why: str) -> None:
    outcome = compare_values(target, actual)
    assert (outcome.met, outcome.share, outcome.ratio) == (Met.UNKNOWN, None, None)
    assert why in outcome.explanation
    assert outcome.explanation.endswith("，请人工判断")


def test_several_are_compared_by_name() -> None:
    outcome = compare_values("入户400次、电话480次", "电话500次、入户410次")
    assert outcome.met is Met.MET


def test_labels_for_people() -> None:
    assert [met.label for met in Met] == ["达到", "部分达到", "未达到", "无法判断"]


# What holds of all values.

UNHURRIED = settings(deadline=None)
"""A loaded machine is no failure."""

UNITS = ["", "人", "人次", "%", "元", "万元", "亿元", "分", "枚", "个百分点", "万名", "元/人"]
AT_LEAST = [
    "≥{}",
    "{}以上",
    "{}或以上",
    "{}及以上",
    "不少于{}",
    "不低于{}",
    "至少{}",
    ">={}",
    "大于等于{}",
]
AT_MOST = ["≤{}", "{}以下", "{}以内", "不超过{}", "不高于{}", "<={}", "小于等于{}", "控制在{}"]
PLAIN = ["{}", "达{}", "完成{}", "预计{}", "共{}。", "服务对象{}", "{}（含去年结转）", "（二）{}"]
NUMBERS = st.decimals(0, 1_000_000, places=2)
FIGURES = st.builds("{}{}".format, NUMBERS, st.sampled_from(UNITS))
FORMS = st.sampled_from([*AT_LEAST, *AT_MOST, *PLAIN])
WRITTEN = st.builds(str.format, FORMS, FIGURES) | st.sampled_from(
    [
        "5-8次",
        "≥400人次、≥480人次",
        "中期88.27分 末期90.10分",
        "2024年12月底前",
        "零发生",
        "显著",
        "300余家",
        "约90%",
        "超过5次",
        "不足5次",
        "第3名",
        "-5%",
    ]
)
TEXTS = st.text(max_size=40) | st.text(
    "0123456789.,，、；:-—~至到%％‰≥≤<>=﹦万亿百人次场分年月日前底末内以上下及或含约余多不未超过低于少无零一二两三完成率达提高增 （）()/每第均",
    max_size=14,
)


def wide(text: str) -> str:
    """The same in full-width signs."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text).replace(
        " ", "\u3000"
    )


@UNHURRIED
@given(TEXTS, TEXTS, st.sampled_from([None, True, False]))
@example("9" * 200 + "%", "0." + "9" * 190 + "%", None)
@example("≥1亿亿元", "." * 3, None)
@example("((1)2)", "2000年2月30日", None)
def test_nothing_makes_it_fail(target: str, actual: str, lower: Lower) -> None:
    outcome = compare_values(target, actual, lower_is_better=lower)
    assert (outcome.target, outcome.actual) == (read_value(target), read_value(actual))
    share = outcome.share
    expected = {
        Met.MET: share == 1,
        Met.PARTLY: share is not None and 0 < share < 1,
        Met.NOT_MET: share == 0,
        Met.UNKNOWN: share is None and outcome.ratio is None,
    }
    assert expected[outcome.met]
    assert outcome.explanation.startswith("目标")
    assert "\n" not in outcome.explanation
    for value in (outcome.target, outcome.actual):
        assert all(number.is_finite() for number in value.numbers)
        assert not (value.problem and value.numbers)


@pytest.mark.parametrize(
    ("forms", "comparison"),
    [(AT_LEAST, Comparison.AT_LEAST), (AT_MOST, Comparison.AT_MOST), (PLAIN, Comparison.NONE)],
)
@UNHURRIED
@given(st.data(), NUMBERS)
def test_what_is_written_is_read(
    forms: list[str], comparison: Comparison, data: st.DataObject, number: Decimal
) -> None:
    form = data.draw(st.sampled_from(forms))
    unit, scale, read = data.draw(
        st.sampled_from(
            [
                ("人次", 1, "人次"),
                ("万元", 10_000, "元"),
                ("亿元", 100_000_000, "元"),
                ("%", 1, "%"),
                ("万名", 10_000, "人"),
                ("", 1, ""),
            ]
        )
    )
    shown = data.draw(st.sampled_from(["{}", "{:,}", "{:f}"])).format(number)
    value = read_value(form.format(shown + unit))
    assert value.problem == ""
    assert (value.comparison, value.numbers, value.unit) == (comparison, (number * scale,), read)


@UNHURRIED
@given(WRITTEN)
def test_full_width_is_half_width(text: str) -> None:
    assert read_value(wide(text)) == replace(read_value(text), text=wide(text))


@UNHURRIED
@given(TEXTS, TEXTS)
def test_any_text_in_full_width_means_the_same(target: str, actual: str) -> None:
    one, other = compare_values(target, actual), compare_values(wide(target), wide(actual))
    assert (one.met, one.share, one.ratio) == (other.met, other.share, other.ratio)


@UNHURRIED
@given(WRITTEN, st.sampled_from([" ", "\n", "\u3000", "\t"]))
def test_spaces_do_not_count_except_between_digits(text: str, space: str) -> None:
    spaced = space
    for c, after in zip(text, text[1:] + " ", strict=True):
        spaced += c if c in "0123456789.," and after in "0123456789.," else c + space
    assert read_value(spaced) == replace(read_value(text), text=spaced)


@UNHURRIED
@given(WRITTEN)
def test_a_value_meets_itself(text: str) -> None:
    assume(not read_value(text).problem and not text.startswith("预计"))
    for lower in (None, True, False):
        assert compare_values(text, text, lower_is_better=lower).met is Met.MET


@UNHURRIED
@given(NUMBERS, NUMBERS, NUMBERS, st.sampled_from(["人", "%", "万元"]), FORMS)
def test_more_is_never_less(
    target: Decimal, one: Decimal, other: Decimal, unit: str, form: str
) -> None:
    low, high = (
        compare_values(form.format(f"{target}{unit}"), f"{number}{unit}").share
        for number in sorted((one, other))
    )
    assert low is not None
    assert high is not None
    if target == 0 and form in PLAIN:
        assert high == (1 if max(one, other) == 0 else 0)
    elif form in AT_MOST:
        assert low >= high
    else:
        assert low <= high


@UNHURRIED
@given(
    NUMBERS, NUMBERS, FORMS, st.sampled_from([("万元", "元", 4), ("万人", "人", 4), ("%", "‰", 1)])
)
def test_the_same_in_other_units(
    target: Decimal, actual: Decimal, form: str, units: tuple[str, str, int]
) -> None:
    large, small, places = units
    in_small = actual.scaleb(places)
    one = compare_values(form.format(f"{target}{large}"), f"{actual}{large}")
    other = compare_values(form.format(f"{target}{large}"), f"{in_small:f}{small}")
    assert (one.met, one.share, one.ratio) == (other.met, other.share, other.ratio)
    turned = compare_values(form.format(f"{target.scaleb(places):f}{small}"), f"{actual}{large}")
    assert (one.met, one.share, one.ratio) == (turned.met, turned.share, turned.ratio)


@UNHURRIED
@given(st.integers(1, 99_999))
def test_chinese_numerals(number: int) -> None:
    assert read_value(f"{numeral(number)}次").numbers == (Decimal(number),)


def numeral(number: int) -> str:
    """1 to 99999 as it is written in full."""
    said, zero = "", False
    for scale, name in ((10_000, "万"), (1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, scale)
        if digit:
            said += ("零" if zero and said else "") + "零一二三四五六七八九"[digit] + name
        zero = not digit
    return said.removeprefix("一") if said.startswith("一十") else said


@pytest.mark.parametrize(
    "text", ["三百五", "三五次", "十几次", "两万三", "数十人", "百人", "一次性", "十分"]
)
def test_numerals_with_two_readings_are_words(text: str) -> None:
    assert read_value(text).kind is ValueKind.WORDS
