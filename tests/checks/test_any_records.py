"""Whatever is filled in, checks answer; and they answer the same every time."""

from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declarations.checks import run_checks
from declarations.checks.measures import kind_of, measure, percentages
from declarations.checks.reading import is_placeholder, plain
from declarations.sheets.bind import bind
from declarations.sheets.fields import Field
from declarations.sheets.form import Form
from declarations.sheets.parse import parse_form
from declarations.sheets.records import Item, Records, Value
from tests.checks.looking import LABELS, indicator_form
from tests.sheets.caidian import FORM as CAIDIAN
from tests.sheets.panyu import FORM as PANYU
from tests.small_forms import EVERY_KIND, HINTED, NESTED

FORMS = {
    "panyu": PANYU,
    "caidian": CAIDIAN,
    "every kind": parse_form(EVERY_KIND),
    "nested": parse_form(NESTED),
    "hinted": parse_form(HINTED),
    "all columns": indicator_form(*LABELS),
    "in tasks": indicator_form(*list(LABELS)[:8], nested="tasks"),
}
PIECES = [
    "……", "XX", "__", "〔〕", "（ ）", "指标2", "请填写", "时效指标", "数量指标", "满意度", "覆盖率",
    "增长率", "完成率", "28.8万元", "%", "120", "-5", "1,9", ",", ".", "1938.80万元", "及时", "完成", "零",
    "项目支出", "财政拨款", "基本支出", "和", "、", "2022年", "上年", "合计", "\n", " ", "①", "⅓", "٣", "½",
    "𠮷", "\u200b", "\u202e", "é", "元", "人次", "≥", "以上", "\\", "(", ")", "[", "*", "=SUM(A1)",
]  # fmt: skip
TEXTS = st.one_of(
    st.just(""),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join),
    st.text(max_size=12),
)
AMOUNTS = st.one_of(
    st.none(),
    st.sampled_from([Decimal(0), Decimal("0.01"), Decimal(-1), Decimal("9999999999999999.99")]),
    st.decimals(-(10**9), 10**9, places=2),
)


def values_of(field: Field, draw: st.DrawFn) -> Value:
    if not field.numeric:
        return draw(TEXTS)
    amount = draw(AMOUNTS)
    kept_as_text = field.tag.startswith("text.") or ".extra." in field.tag
    return ("" if amount is None else str(amount)) if kept_as_text else amount


@st.composite
def records_of(draw: st.DrawFn, form: Form) -> Records:
    numbers = count(1)

    def items(path: tuple[str, ...]) -> list[Item]:
        kind = "indicator" if path[-1] == "indicators" else "task"
        made = []
        for _ in range(draw(st.integers(0, 3))):
            values = {f.column: values_of(f, draw) for f in form.fields_of(path)}
            inner = {b.name: items(b.list_path) for b in form.block(path).children}
            made.append(Item(kind, next(numbers), values, inner))
        return made

    records = Records(context={"year": "2023", "department.name": "某部门"})
    for tag, field in form.fields.items():
        head, _, rest = tag.partition(".")
        if head == "funding":
            key, column = rest.split(".")
            records.funding.setdefault(key, {})[column] = values_of(field, draw)
        elif head == "text":
            records.texts[rest] = str(values_of(field, draw) or "")
    records.lists = {b.name: items(b.list_path) for b in form.root.children}
    return records


@pytest.mark.parametrize("name", FORMS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_checks_never_fail(name: str, data: st.DataObject) -> None:
    form = FORMS[name]
    records = data.draw(records_of(form))
    table = bind(form, records, editing=True)
    findings = run_checks(table)
    anchors = {e.anchor for e in table.entries()} | {row.add_to for row in table.rows}
    for finding in findings:
        assert finding.message
        assert finding.anchors[0] in anchors
        assert set(finding.anchors) <= anchors
    keys = [f.key for f in findings]
    assert len(set(keys)) == len(keys)
    assert run_checks(table) == findings


@given(TEXTS)
def test_reading_a_text_never_fails(text: str) -> None:
    said = plain(text)
    assert is_placeholder(said) in (True, False)
    found = measure(said)
    assert found is None or found.numbers[0].is_finite()
    assert all(p.is_finite() for p in percentages(said))


@given(st.decimals(-1000, 10_000, places=2), st.sampled_from(["", "人", "万元", "%", "人次", "项"]))
def test_a_plain_value_is_read_as_it_is_written(number: Decimal, unit: str) -> None:
    found = measure(f"{number}{unit}")
    assert found is not None
    assert found.numbers == (number * (10_000 if unit == "万元" else 1),)
    assert kind_of(found.unit) == kind_of(unit)
