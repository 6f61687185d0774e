"""GET /rounds/…/results/: a round's results across its departments; as a workbook."""

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from declarations.models import DepartmentGroup, Event, EventKind, Met, Result, Round, User
from declarations.queries import results
from tests import factories
from tests.results import indicator_line, item_line, result_of, scored_round

FAR = Decimal("1.3")


@pytest.fixture
def round_(reviewer: User) -> Round:
    """Two decided departments of equal total, one below, one not decided."""
    round_ = scored_round(reviewer.bureau)
    for name, own, total, grade in (
        ("甲局", "98.50", "92.00", "优"),
        ("乙局", "92.00", "92.00", "优"),
        ("丙局", "90.00", "72.50", "中"),
        ("丁局", "99.00", None, ""),
    ):
        result_of(
            round_,
            name,
            reviewer,
            self_score=Decimal(own),
            rule_score=Decimal(90),
            total=Decimal(total) if total else None,
            grade=grade,
        )
    return round_


@pytest.fixture
def reader(client: Any, reviewer: User) -> Any:
    client.force_login(reviewer)
    return client


def result_called(name: str) -> Result:
    return Result.objects.get(revision__declaration__department__name=name)


def page(client: Any, round_: Round, name: str = "round-results", *args: str, **query: str) -> str:
    answer = client.get(reverse(name, args=[round_.pk, *args]), query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def order(html: str) -> list[str]:
    found = [(html.find(f">{n}</a>"), n) for n in ("甲局", "乙局", "丙局", "丁局")]
    return [name for place, name in sorted(found) if place >= 0]


def test_the_best_come_first_and_equals_share_a_rank(round_: Round, reader: Any) -> None:
    placed = {
        result.revision.declaration.department.name: results.ranks(round_).get(result.pk)
        for result in results.ranking(round_, {})
    }
    assert placed == {"甲局": 1, "乙局": 1, "丙局": 3, "丁局": None}
    assert order(page(reader, round_)) == ["甲局", "乙局", "丙局", "丁局"]


def test_the_summary_counts_what_is_decided(round_: Round, reader: Any) -> None:
    html = page(reader, round_)
    assert "5 个部门中，4 个已报送，3 个已确定得分和等级" in html
    assert "平均 85.50 分，中位数 92.00 分" in html
    found = results.summary(round_)
    assert [(g.name, g.count) for g in found.grades] == [("优", 2), ("良", 0), ("中", 1), ("差", 0)]
    assert {c.label: c.count for c in found.columns if c.count} == {"70至75": 1, "90至95": 2}
    assert found.words == "已确定 3 个部门：优 2 个，良 0 个，中 1 个，差 0 个"
    assert found.words in html


def test_what_the_department_has_back_does_not_count(round_: Round, reader: Any) -> None:
    declaration = result_called("甲局").revision.declaration
    type(declaration).objects.filter(pk=declaration.pk).update(handed_in=None)
    assert "甲局" not in page(reader, round_)


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("self", ["丁局", "甲局", "乙局", "丙局"]),
        ("cut", ["丙局", "甲局", "乙局", "丁局"]),
        ("nonsense", ["甲局", "乙局", "丙局", "丁局"]),
    ],
)
def test_it_is_sorted_by_other_columns(
    round_: Round, reader: Any, sort: str, names: list[str]
) -> None:
    assert order(page(reader, round_, sort=sort)) == names


def test_filters_narrow_the_list_and_not_the_ranks(round_: Round, reader: Any) -> None:
    html = page(reader, round_, grade="中")
    assert order(html) == ["丙局"]
    assert 'data-label="名次">3<' in html
    group = DepartmentGroup.objects.create(bureau=round_.bureau, name="社会事业")
    department = result_called("乙局").revision.declaration.department
    type(department).objects.filter(pk=department.pk).update(group=group)
    assert order(page(reader, round_, group=str(group.pk))) == ["乙局"]
    assert order(page(reader, round_, department="丁")) == ["丁局"]
    assert "没有符合条件的部门" in page(reader, round_, department="戊")


def test_items_are_compared(round_: Round, reader: Any) -> None:
    for name, own, rule, reviewed in (("甲局", 4, 2, 3), ("乙局", 3, 3, None)):
        scores = {"self_score": own, "rule_score": rule, "review_score": reviewed}
        item_line(result_called(name), "budget_execution", **scores)
    (item,) = results.items(round_)
    assert (item.self_score, item.rule_score, item.total) == (Decimal("3.5"), Decimal("2.5"), 3)
    assert (item.share, item.claimed, item.count) == (75.0, 1, 2)
    assert "75.0%" in page(reader, round_, "round-results-items")


def test_an_item_shows_who_lost_most_first(round_: Round, reader: Any) -> None:
    for name, own in (("甲局", 4), ("丙局", 1)):
        item_line(
            result_called(name),
            "budget_execution",
            self_score=own,
            rule_score=own,
            explanation="低于90%",
        )
    html = page(reader, round_, "round-results-item", "budget_execution")
    assert order(html) == ["丙局", "甲局"]
    assert "低于90%" in html
    missing = reverse("round-results-item", args=[round_.pk, "no_such_item"])
    assert reader.get(missing).status_code == 404


def test_indicators_are_told_apart(round_: Round, reader: Any) -> None:
    first, second = result_called("甲局"), result_called("乙局")
    indicator_line(first, "住院出车", Met.PARTLY, "0.1143", rule_score=Decimal("0.11"))
    indicator_line(second, "住院出车", Met.NOT_MET, "0", rule_score=Decimal(0))
    indicator_line(first, "辅具适配", Met.MET, "2.24", rule_score=Decimal(1))
    indicator_line(first, "培训人数", Met.MET, "1.29", rule_score=Decimal(1))
    indicator_line(first, "满意程度", Met.UNKNOWN, None)
    counts = results.counts(round_, FAR)
    assert {k: counts[k] for k in ("all", "missed", "low", "unknown")} == {
        "all": 5,
        "missed": 2,
        "low": 1,
        "unknown": 1,
    }
    missed = results.indicators(round_, "missed", FAR)
    assert [line.ratio for line in missed] == [0, Decimal("0.1143")]
    assert [n.name for n in results.indicators(round_, "low", FAR)] == ["辅具适配"]
    (shared,) = results.shared(round_, FAR)
    assert (shared.name, shared.count, shared.missed) == ("住院出车", 2, 2)
    html = page(reader, round_, "round-results-indicators", kind="low")
    assert "224.0%" in html
    assert "达到目标值 130% 以上的" in html
    assert "满意程度" in page(reader, round_, "round-results-indicators", kind="unknown")


def test_all_of_it_as_a_workbook(round_: Round, reader: Any) -> None:
    result = result_called("甲局")
    item_line(result, "budget_execution", self_score=4, rule_score=2, name="预算完成率")
    indicator_line(result, "=辅具适配", Met.MET, "2.24", rule_score=Decimal(1))
    answer = reader.post(reverse("round-results-export", args=[round_.pk]))
    book = load_workbook(BytesIO(answer.content))
    assert book.sheetnames == ["排名", "分项", "指标"]
    ranked = list(book["排名"].iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in ranked] == [1, 1, 3, None]
    assert [row[6] for row in ranked] == [92, 92, 72.5, None]
    assert [row[9] for row in ranked] == ["已确定", "已确定", "已确定", "未确定"]
    assert book["分项"]["C2"].value == "预算完成率"
    indicator = book["指标"]
    assert (indicator["D2"].value, indicator["D2"].data_type) == ("=辅具适配", "s")
    assert (indicator["H2"].value, indicator["M2"].value) == (224, "是")
    event = Event.objects.get(kind=EventKind.EXPORTED)
    assert (event.data["name"], event.data["rows"]) == (round_.name, 4)


def test_nothing_yet_is_said(reviewer: User, reader: Any) -> None:
    round_ = scored_round(reviewer.bureau)
    assert "还没有部门报送" in page(reader, round_)
    assert "还没有部门报送" in page(reader, round_, "round-results-items")
    assert "还没有部门报送" in page(reader, round_, "round-results-indicators")


def test_a_form_without_a_rubric_has_no_results(reviewer: User, reader: Any) -> None:
    template = factories.template_for(reviewer.bureau, factories.PANYU_FORM.read_bytes())
    round_ = factories.round_for(
        template, factories.DepartmentFactory.create(bureau=reviewer.bureau)
    )
    assert reader.get(reverse("round-results", args=[round_.pk])).status_code == 404
    assert "评价结果" not in page(reader, round_, "round")


def test_the_progress_page_leads_there(round_: Round, reader: Any) -> None:
    address = reverse("round-results", args=[round_.pk])
    assert f'href="{address}"' in page(reader, round_, "round")


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize(
    ("name", "queries"),
    [("round-results", 10), ("round-results-items", 5), ("round-results-indicators", 7)],
)
def test_pages_take_as_many_queries_for_few_as_for_many(
    reviewer: User, reader: Any, count: int, name: str, queries: int
) -> None:
    round_ = scored_round(reviewer.bureau)
    for n in range(count):
        result = result_of(round_, f"第{n}局", reviewer, self_score=90, total=80, grade="良")
        item_line(result, "budget_execution", self_score=4, rule_score=2)
        indicator_line(result, f"指标{n}", Met.PARTLY, "0.5", rule_score=Decimal("0.5"))
    page(reader, round_, name)
    with CaptureQueriesContext(connection) as captured:
        page(reader, round_, name)
    assert len(captured) == queries
