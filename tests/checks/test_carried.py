"""What comes from the approved target can be explained in a self-evaluation, not corrected."""

from declarations.checks import Level, run_checks
from declarations.sheets.bind import bind
from declarations.sheets.form import Form
from declarations.sheets.records import Item, Records
from tests.sheets.workbooks import form, indicator, task

FORM = form(
    {
        "A1": "任务",
        "B1": "指标",
        "C1": "指标值",
        "D1": "完成值",
        "A2": "{{tasks.name}}",
        "B2": "{{tasks.indicators.level3}}",
        "C2": "{{tasks.indicators.target}}",
        "D2": "{{tasks.indicators.actual}}",
    },
    fields=[["标签", "必填"], ["tasks.indicators.level3", "是"], ["tasks.indicators.actual", "是"]],
)


def levels(*rows: Item, of: Form = FORM) -> dict[str, Level]:
    table = bind(of, Records(lists={"tasks": list(rows)}), editing=True)
    return {finding.code: finding.level for finding in run_checks(table)}


def no_value(**own: object) -> Item:
    """An indicator whose target repeats its name."""
    item = indicator(5, level3="时效指标", target="时效指标", actual="100%")
    for name, value in own.items():
        setattr(item, name, value)
    return item


def test_what_is_wrong_with_carried_cells_alone_is_a_hint() -> None:
    carried = no_value(source=7, carried=("level3", "target"))
    assert levels(task(1, carried, name="康复"))["target_missing"] is Level.HINT


def test_what_can_be_corrected_must_be() -> None:
    assert levels(task(1, no_value(), name="康复"))["target_missing"] is Level.MUST
    partly = no_value(source=7, carried=("level3",))
    assert levels(task(1, partly, name="康复"))["target_missing"] is Level.MUST


def test_a_task_of_the_target_has_the_indicators_that_it_has_there() -> None:
    own, approved = task(1, name="康复"), task(2, name="康复")
    approved.source = 9
    assert levels(own)["list_empty"] is Level.MUST
    assert "list_empty" not in levels(approved)


def test_what_is_to_be_filled_in_beside_it_still_is() -> None:
    carried = indicator(5, level3="救助人数", target="120人")
    carried.source, carried.carried = 7, ("level3", "target")
    assert levels(task(1, carried, name="康复"))["required"] is Level.MUST
