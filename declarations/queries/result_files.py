"""A round's results as a workbook: ranking, items and indicators, each on its sheet."""

from collections.abc import Iterator
from decimal import Decimal

from declarations.models import Met, Result, ResultLine, Round
from declarations.queries import results
from declarations.sheets.list_workbook import Heading, Listed, Value, lists_workbook

_RANKING = (
    Heading("名次", 8),
    Heading("部门编码", 18),
    Heading("部门", 32),
    Heading("部门分组", 14),
    Heading("自评得分", 10),
    Heading("规则得分", 10),
    Heading("得分", 10),
    Heading("核减", 8),
    Heading("等级", 8),
    Heading("是否确定", 10),
)
_ITEMS = (
    Heading("一级指标", 14),
    Heading("二级指标", 14),
    Heading("评分项", 28),
    Heading("分值", 8),
    Heading("部门数", 8),
    Heading("平均自评", 10),
    Heading("平均规则得分", 12),
    Heading("平均得分", 10),
    Heading("得分率（%）", 10),
    Heading("自评高于规则的部门", 12),
)
_INDICATORS = (
    Heading("部门编码", 18),
    Heading("部门", 32),
    Heading("任务", 28),
    Heading("指标", 28),
    Heading("目标值", 16),
    Heading("实际完成值", 16),
    Heading("是否完成", 10),
    Heading("完成比例（%）", 10),
    Heading("分值", 8),
    Heading("自评得分", 10),
    Heading("规则得分", 10),
    Heading("复核得分", 10),
    Heading("目标值偏低", 10),
    Heading("说明", 50),
)
_CENT = Decimal("0.01")


def workbook_of(title: str, round_: Round, far_above: Decimal) -> tuple[bytes, int]:
    """The XLSX, and how many departments are in it. far_above: see `results.indicators`."""
    ranks = results.ranks(round_)
    ranking = list(results.ranking(round_, {}))
    lists = (
        Listed("排名", _RANKING, ([*_ranked(ranks.get(r.pk), r)] for r in ranking)),
        Listed("分项", _ITEMS, ([*_item(item)] for item in results.items(round_))),
        Listed(
            "指标",
            _INDICATORS,
            ([*_indicator(n, far_above)] for n in results.all_indicators(round_)),
        ),
    )
    return lists_workbook(title, lists), len(ranking)


def _ranked(rank: int | None, result: Result) -> Iterator[Value]:
    department = result.revision.declaration.department
    yield from (rank, department.code, department.name)
    yield department.group.name if department.group else None
    yield from (result.self_score, result.rule_score, result.total)
    yield result.cut if result.total is not None else None  # type: ignore[attr-defined]
    yield from (result.grade, "已确定" if result.decided_at else "未确定")


def _item(item: results.ItemResult) -> Iterator[Value]:
    yield from (item.level1, item.level2, item.name, item.points, item.count)
    for mean in (item.self_score, item.rule_score, item.total):
        yield mean.quantize(_CENT) if mean is not None else None
    yield Decimal(f"{item.share:.2f}") if item.share is not None else None
    yield item.claimed


def _indicator(line: ResultLine, far_above: Decimal) -> Iterator[Value]:
    department = line.result.revision.declaration.department
    yield from (department.code, department.name, line.level2, line.name)
    yield from (line.target, line.actual, Met(line.met).label)
    yield (line.ratio * 100).quantize(_CENT) if line.ratio is not None else None
    yield from (line.points, line.self_score, line.rule_score, line.review_score)
    too_low = line.met == Met.MET and line.ratio is not None and line.ratio >= far_above
    yield from ("是" if too_low else None, line.explanation)
