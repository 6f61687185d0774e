"""Panyu's years before: what a department planned and reached then, published and corrected; and
what another has approved and the publisher still has to look at. All of it is made up."""

from dataclasses import replace
from decimal import Decimal

from declarations.domain.cells import Change
from declarations.domain.correcting import correct
from declarations.management.demo.filling import Content
from declarations.management.demo.stage import Stage
from declarations.models import Declaration, FormTemplate, Round

YEARS = {
    2021: (Decimal("0.9"), ("4622户", "38.1万人次", "100%", "100%", "90.2%", "92.7%")),
    2022: (Decimal(1), ("4633户", "39.2万人次", "100%", "100%", "91%", "94.6%")),
}
"""The part of this year's money that each had, and what it reached."""
LAST = max(YEARS)
DEPARTMENT, STILL_TO_BE_PUBLISHED = "panyu-civil-affairs", "panyu-health"
DAYS_TO_PUBLISH = 5
NO_QUALITY = "诊疗质量由省、市统一考核，本表不再重复。"

FUNDING = {
    "fiscal": {"executed": "110,048,210.00"},
    "other_income": {"executed": "1,000,000.00"},
    "basic": {"executed": "11,150,000.00"},
    "project": {"budget": "102,050,500.00", "executed": "99,898,210.00"},
    "district": {"budget": "108,714,500.00", "executed": "106,448,210.00"},
    "transfer": {"budget": "4,600,000.00", "executed": "4,600,000.00"},
}
"""In 元: 98% of the budget, as the scores say that were copied."""
WEIGHTS = ("8", "8", "8", "8", "9", "9")
RESULT = "困难群众的基本生活得到保障，六项指标全部达到目标值。"
MORE = "长者饭堂全年配餐39.2万人次，比计划多1.2万人次。"


def tell(stage: Stage, targets: FormTemplate, evaluations: FormTemplate) -> None:
    """Everything of the years before, on the forms of this year."""
    for year in YEARS:
        departments = (DEPARTMENT, STILL_TO_BE_PUBLISHED) if year == LAST else (DEPARTMENT,)
        round_ = stage.open_round(targets, year, *departments)
        planned = stage.filled_in(round_, DEPARTMENT, _planned(year))
        stage.submit(planned)
        stage.approve(planned, "目标明确，资金安排与任务相符，同意。")
        stage.publish(planned)
        if year == LAST:
            _waiting(stage, round_)
        round_ = stage.open_round(evaluations, year, DEPARTMENT)
        reached = stage.filled_in(round_, DEPARTMENT, _reached(year))
        stage.submit(reached)
        stage.approve(reached, "自评与实际相符，同意。")
        stage.publish(reached)
    _corrected(stage, reached)


def _waiting(stage: Stage, round_: Round) -> None:
    """Approved, and soon due."""
    waiting = stage.filled_in(round_, STILL_TO_BE_PUBLISHED, Content.read(STILL_TO_BE_PUBLISHED))
    stage.submit(
        waiting, indicator_kinds=NO_QUALITY, target_vague="按传染病报告管理的时限要求上报。"
    )
    stage.approve(waiting, "目标可以考核，同意。")
    stage.publish_within(round_, DAYS_TO_PUBLISH)


def _planned(year: int) -> Content:
    """As for this year, with the money of that."""
    like = Content.read(DEPARTMENT)
    part, _ = YEARS[year]
    lists = {
        name: [
            row | {"amount": _of(part, row["amount"])} if "amount" in row else row for row in rows
        ]
        for name, rows in like.lists.items()
    }
    return replace(like, funding=_money(like.funding, part), lists=lists)


def _reached(year: int) -> Content:
    """As another department scored itself in the end, with figures of its own."""
    like = Content.read("panyu-self-evaluation")
    part, reached = YEARS[year]
    rows = [
        {"weight": weight, "actual": actual, "self_score": weight}
        for weight, actual in zip(WEIGHTS, reached, strict=True)
    ]
    tasks = [{"weight": "0"} for _ in range(5)]
    return replace(
        like,
        funding=_money(FUNDING, part),
        texts={"overall_result": RESULT, "overall_reason": "各项指标均已完成。"},
        lists={"tasks": [*tasks, {"weight": "50", "indicators": rows}]},
        scores={
            key: {
                column: text.replace("2023", str(year)).replace("残联", "民政局")
                for column, text in score.items()
            }
            for key, score in like.scores.items()
        },
    )


def _money(funding: dict[str, dict[str, str]], part: Decimal) -> dict[str, dict[str, str]]:
    return {
        line: {column: _of(part, text) for column, text in amounts.items()}
        for line, amounts in funding.items()
    }


def _of(part: Decimal, amount: str) -> str:
    return f"{Decimal(amount.replace(',', '')) * part:,.6f}".rstrip("0").rstrip(".")


def _corrected(stage: Stage, declaration: Declaration) -> None:
    """The bureau adds a figure to a sentence, and the publisher publishes that instead."""
    change = Change("text/overall_result", RESULT + MORE, version=None)
    correct(
        stage.last_reviewer,
        declaration_id=declaration.pk,
        changes=[change],
        reason="补充长者饭堂的全年数据。",
        base=1,
    )
    stage.publish(declaration, "补充长者饭堂的全年数据。")
