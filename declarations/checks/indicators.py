"""Whether the indicators of a list go together: none twice, no kind forgotten, weights of 100."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import groupby

from declarations.checks.content import Content, ListRow
from declarations.checks.registry import Found, Level, check
from declarations.checks.wording import figure
from declarations.sheets.kinds import Kind

_LEVELS = ("level1", "level2", "level3")
_DESCRIBING = ("definition", "period_target", "basis")
_KINDS = {
    "数量": ("数量",),
    "质量": ("质量", "合格率", "达标率", "优良率", "准确率", "通过率"),
    "时效": ("时效", "及时", "按时", "按期", "准时"),
    "满意度": ("满意",),
}
"""What a form's indicators should cover, and the words by which each is known."""


@check(
    "indicator_contradicted",
    Level.MUST,
    "同一指标有两个值",
    about="同一清单中两行的一、二、三级指标（和解释、依据等）都相同，指标值却不同。",
    source="同一指标只应有一个目标值",
)
def check_indicator_contradicted(content: Content) -> Iterator[Found]:
    """The same indicator in two rows, with different targets."""
    for first, row in content.shared(_repeated):
        if _contradict(first, row):
            yield _twice(first, row, "同一指标有两个不同的值，请核对或合并")


@check(
    "indicator_repeated",
    Level.HINT,
    "指标重复",
    about="同一清单中两行的三级指标同名，而指标值相同，或者类别、解释不同。",
    source="指标之间不重复、不交叉",
)
def check_indicator_repeated(content: Content) -> Iterator[Found]:
    """An indicator's name in a second row of the same list."""
    for first, row in content.shared(_repeated):
        if not _contradict(first, row):
            yield _twice(first, row, "三级指标重名，请核对是否重复")


@check(
    "indicator_kinds",
    Level.HINT,
    "缺少某类指标",
    about="整张表没有数量、质量、时效或满意度指标中的一类或几类，看一、二、三级指标的名称。"
    "只查有“二级指标”一栏的目标申报表；“二级指标”只能从选项中选、选项中又没有的，不查。",
    source="产出指标分数量、质量、时效、成本，并设满意度指标（预算绩效目标管理的通行分类）",
)
def check_indicator_kinds(content: Content) -> Iterator[Found]:
    """Kinds that no indicator of the form belongs to; self-evaluations take theirs over."""
    rows = [r for r in content.indicators if "level2" in r.fields and r.filled]
    if not rows or "actual" in rows[0].fields:
        return
    offered = "".join(c for level in ("level1", "level2") for c in _choices(rows[0], level))
    names = "".join(row.text(level) for row in rows for level in _LEVELS)
    missing = [
        kind
        for kind, words in _KINDS.items()
        if not any(word in names for word in words)
        and (kind in offered or not _choices(rows[0], "level2"))
    ]
    if missing:
        there = [kind for kind in _KINDS if kind not in missing]
        have = f"现有{'、'.join(there)}指标" if there else f"现有 {len(rows)} 条指标都不是"
        yield Found(
            f"没有{'、'.join(missing)}指标（{have}），请补充，或说明为什么不设",
            (rows[0].list_path[0],),
        )


@check(
    "weights_total",
    Level.HINT,
    "权重合计不是 100",
    about="一个清单的分值、权重加起来不是 100（按小数填的是 1）。任务下面的指标，全表合计 100、每项任务各自"
    "合计 100，或各自等于任务的分值，都可以。还有必填的权重没填、合计又不到 100 的，不判断。"
    "表样“校验”工作表规定了权重合计的，以那里为准。",
    source="分值、权重以 100 为满分",
)
def check_weights_total(content: Content) -> Iterator[Found]:
    """The weights of a list that do not add up to a hundred."""
    ruled = {name for rule in content.form.rules for name in rule.left.lists | rule.right.lists}
    by_list: dict[tuple[str, ...], list[ListRow]] = {}
    for row in content.rows:
        if "weight" in row.fields:
            by_list.setdefault(row.list_path, []).append(row)
    for list_path, rows in by_list.items():
        if ".".join((*list_path, "weight")) in ruled:
            continue
        groups = [
            list(group) for _, group in groupby(rows, key=lambda r: r.item.id and id(r.outer))
        ]
        if _adds_up(rows) or (len(list_path) > 1 and all(map(_group_adds_up, groups))):
            continue
        label = rows[0].label("weight")
        yield Found(
            f"{content.section_of_list[list_path[0]]}：{len(rows)} 行“{label}”合计 "
            f"{figure(_total(rows), decimals=0)}，应为 100",
            tuple(row.anchor("weight") for row in rows),
        )


def _repeated(content: Content) -> Iterator[tuple[ListRow, ListRow]]:
    """The first row with each name, and each later one, within one list."""
    first: dict[tuple[int, str], ListRow] = {}
    for row in content.indicators:
        name = row.text("level3").strip("。.;；,")
        if name and "level3" not in row.left_over:
            earlier = first.setdefault((id(row.outer), name), row)
            if earlier is not row:
                yield earlier, row


def _contradict(first: ListRow, row: ListRow) -> bool:
    targets = {first.text("target"), row.text("target")} - {""}
    return len(targets) > 1 and _description(first) == _description(row)


def _description(row: ListRow) -> tuple[str, ...]:
    """Everything that tells one indicator from another of the same name."""
    own = [column for column in row.fields if column.startswith("extra.")]
    return tuple(row.text(column) for column in (*_LEVELS[:2], *_DESCRIBING, *own))


def _twice(first: ListRow, row: ListRow, why: str) -> Found:
    name = row.shown("level3")
    values = [
        f"第{r.number}行“{r.label('target')}”{r.shown('target') or '未填'}"
        for r in (first, row)
        if "target" in r.fields
    ]
    said = "，".join(values) or f"第{first.number}行和第{row.number}行"
    anchors = (*row.anchors("target", "level3"), *first.anchors("target", "level3"))
    return Found(f"{row.where}与第{first.number}行都是“{name}”：{said}；{why}", anchors)


def _choices(row: ListRow, level: str) -> tuple[str, ...]:
    return row.fields[level].choices if level in row.fields else ()


def _total(rows: Iterable[ListRow]) -> Decimal:
    """In hundredths."""
    values = [
        (v, r.fields["weight"].kind) for r in rows if isinstance(v := r.value("weight"), Decimal)
    ]
    return sum((v * 100 if kind is Kind.PERCENT else v for v, kind in values), Decimal(0))


def _adds_up(rows: list[ListRow]) -> bool:
    """Whether the weights are blank, make a hundred, or are not all filled in yet."""
    filled = [row for row in rows if row.value("weight") is not None]
    total = _total(rows)
    unfinished = rows[0].fields["weight"].required and len(filled) < len(rows) and total < 100
    return not filled or unfinished or total in (1, 100)


def _group_adds_up(rows: list[ListRow]) -> bool:
    """The same of the rows nested in one; they may also make what that one weighs."""
    own = rows[0].outer.value("weight") if rows[0].outer else None
    return _adds_up(rows) or (isinstance(own, Decimal) and _total(rows) == own)
