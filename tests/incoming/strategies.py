"""Records that a form can hold, for hypothesis: every value is one that its field would take."""

from collections.abc import Callable
from decimal import Decimal

from hypothesis import strategies as st

from declarations.sheets.catalogue import (
    FUNDING_COLUMNS,
    INDICATORS,
    SCORE_COLUMNS,
    SCORES,
    columns_of,
)
from declarations.sheets.fields import Field
from declarations.sheets.form import Block, Form
from declarations.sheets.kinds import DEFAULT_LENGTH, NUMERIC_KINDS, InvalidValueError, Kind
from declarations.sheets.records import Item, Records, Value
from tests.sheets.workbooks import indicator, task

CONTEXT = {
    "department.name": "某区残疾人联合会",
    "department.code": "dpf",
    "bureau.name": "某区财政局",
    "round.name": "2023年申报",
    "year": "2023",
}

_ODD = (
    *("=1+1", "+86", "-5", "@SUM(A1)", "'引号", '"', "#N/A", "#REF!", "TRUE", "007", "1e5"),
    *(
        "2023-01-05",
        "85%",
        "  空格  ",
        "\t=1+1",
        "一\n二\n\n三",
        "\r\n换行",
        "_x000D_",
        "_x005F_x0041_",
    ),
    *(
        "😀👩‍👩‍👧",
        "𠮷野家",
        "\u200b零宽",
        "ａｂｃ１２３",
        "<b>&amp;",
        "]]>",
        "\x0b控制\x1f",
        "{{year}}",
    ),
    *(
        "合计",
        "小计",
        "/",
        "无",
        "……",
        "产出指标",
        "部门名称",
        "单位：元",
        "任务1：",
        "（万元）",
        "，",
        "\u3000",
    ),
)
_TEXT = st.one_of(
    st.sampled_from(_ODD),
    st.text(max_size=60),
    st.text(
        st.characters(categories=("Lo", "Nd", "P", "Zs", "So"), max_codepoint=0x9FFF), max_size=20
    ),
    st.builds(
        lambda t, n: t * n, st.sampled_from(["长", "一段文字，", "a b\n"]), st.integers(1, 300)
    ),
)
_CENTS = st.integers(0, 10**15 - 1)
"""As much of 元 and 分 as Excel's fifteen digits hold."""


def records_for(form: Form) -> st.SearchStrategy[Records]:
    """Records of the shape in which a declaration's are read from the database.

    To be kept for several draws: making the strategies of a large form takes longer than a draw.
    """
    lines = [c for c in FUNDING_COLUMNS if c in form.columns]
    texts = _texts(form)
    values = {
        tag: values_of(field, texts, _fitting(of_text=_is_of_text(tag)))
        for tag, field in form.fields.items()
        if tag.partition(".")[0] in ("funding", "text", SCORES)
    }
    rows = {
        block.name: st.lists(_items(form, block, texts), max_size=5) for block in form.root.children
    }

    @st.composite
    def build(draw: st.DrawFn) -> Records:
        records = Records(context=dict(CONTEXT))
        for tag, strategy in values.items():
            head, _, rest = tag.partition(".")
            if head == "funding":
                key, _, column = rest.partition(".")
                line = records.funding.setdefault(key, dict.fromkeys(lines))
                line[column] = draw(strategy)
            elif head == "text":
                records.texts[rest] = str(draw(strategy))
            else:
                records.set_cell(tag, draw(strategy))
        for name, strategy in rows.items():
            records.lists[name] = draw(strategy)
        return records

    return build()


def _is_of_text(tag: str) -> bool:
    """Whether its column holds text, also where its field takes numbers."""
    head, _, rest = tag.partition(".")
    if head == SCORES:
        return SCORE_COLUMNS.get(rest.partition(".")[2]) not in NUMERIC_KINDS
    return head == "text"


def _texts(form: Form) -> st.SearchStrategy[str]:
    """Any text, and more than anybody would write those that the form itself has: its labels,
    the words around its values, and its lines with some value in them."""
    labels = sorted({"".join(p for p in c.parts if isinstance(p, str)) for c in form.cells} - {""})
    pieces = sorted({p for c in form.cells for p in c.parts if isinstance(p, str) and c.tags})
    lines = sorted(
        {"".join(p if isinstance(p, str) else "5" for p in c.parts) for c in form.cells if c.tags}
    )
    own = st.sampled_from([*labels, *pieces, *lines, *(f"{n}、{t}" for n, t in enumerate(labels))])
    return st.one_of(own, own, _TEXT, st.lists(st.one_of(own, _TEXT), max_size=4).map("".join))


def values_of(
    field: Field,
    texts: st.SearchStrategy[str],
    fitting: Callable[[Value], Value] = lambda v: v,
) -> st.SearchStrategy[Value]:
    """What a field stores, blank included; in a column of text numbers are text."""
    return st.one_of(st.just(field.read("")), _filled(field, texts)).map(fitting)


def FITTING_TEXT(value: Value) -> Value:  # noqa: N802
    """A value as columns of text hold it."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value or ""


def _fitting(*, of_text: bool) -> Callable[[Value], Value]:
    return FITTING_TEXT if of_text else lambda value: value


def _filled(field: Field, texts: st.SearchStrategy[str]) -> st.SearchStrategy[Value]:
    match field.kind:
        case Kind.MONEY:
            lowest = -(10**15) + 1 if field.negative_allowed else 0
            return st.integers(lowest, 10**15 - 1).map(lambda n: Decimal(n).scaleb(-2))
        case Kind.NUMBER | Kind.PERCENT:
            whole = st.decimals(-(10**8), 10**8, places=6)
            few = st.integers(-1000, 1000).map(lambda n: Decimal(n) / 4)
            return st.one_of(whole, few).map(lambda n: n.quantize(Decimal("0.000001")))
        case Kind.CHOICE:
            return st.sampled_from(field.choices)
        case Kind.DATE:
            return st.dates().filter(lambda d: d.year >= 1900).map(str)
    return texts.filter(lambda text: _takes(field, text)).map(field.read)


def _takes(field: Field, text: str) -> bool:
    try:
        return len(text) <= (field.length or DEFAULT_LENGTH[field.kind]) and field.read(text) != ""
    except InvalidValueError:
        return False


def _items(form: Form, block: Block, texts: st.SearchStrategy[str]) -> st.SearchStrategy[Item]:
    known = columns_of(block.name)
    blank: dict[str, Value] = {
        c: None if kind in NUMERIC_KINDS else "" for c, kind in known.items() if c in form.columns
    }
    columns = {
        field.column: values_of(
            field, texts, _fitting(of_text=known.get(field.column) not in NUMERIC_KINDS)
        )
        for field in form.fields_of(block.list_path)
    }
    inside = [st.lists(_items(form, child, texts), max_size=4) for child in block.children]

    @st.composite
    def build(draw: st.DrawFn) -> Item:
        values = blank | {column: draw(strategy) for column, strategy in columns.items()}
        number = draw(st.integers(1, 10**9))
        if block.name == INDICATORS:
            return indicator(number, **values)
        inner = [draw(rows) for rows in inside]
        return task(number, *(inner[0] if inner else []), **values)

    return build()
