"""What a printed form has in its blanks, and what only looks like it."""

import pytest

from declarations.checks import Level
from tests.checks.looking import found, look, one
from tests.sheets.caidian import FORM as CAIDIAN
from tests.sheets.workbooks import form, indicator, task

FORM = form(
    {
        "A1": "总体目标",
        "B1:D1": "{{text.goal}}",
        "A2": "任务",
        "B2": "{{tasks.name}}",
        "C2": "{{tasks.content}}",
        "D2": "{{tasks.amount}}元",
    },
    fields=[["标签", "名称", "说明"], ["tasks.name", "任务名称", "用一句话概括。"]],
)


@pytest.mark.parametrize(
    "text",
    [
        "……",
        "…",
        "...",
        "。。。",
        "…… ",
        "1.……",
        "（一）……\n（二）……",
        "XX",
        "xxx",
        "ＸＸ",
        "××",
        "＊＊＊",
        "***",
        "____",
        "＿＿",
        "〔　〕",
        "（ ）",
        "【】",
        "指标2",
        "指标 2：",
        "目标1",
        "任务三",
        "项目10",
        "绩效指标1",
        "三级指标2",
        "指标名称",
        "项目名称",
        "请填写",
        "请填写总体目标",
        "（请填写具体内容）",
        "填写指标名称",
        "此处填写目标",
        "未填写",
        "待补充",
        "总体目标",
        "为XX名残疾人提供服务",
        "完成××项改造",
        "20XX年完成改造",
        "穗残联〔 〕号文件要求的事项",
        "新建____个站点",
        "发放补贴（  ）人次",
        "联系电话020-XXXXXXXX",
        "由＊＊＊负责实施",
    ],
)
def test_it_is_no_content(text: str) -> None:
    finding = one("placeholder", FORM, texts={"goal": text})
    assert finding.level is Level.MUST
    assert finding.anchors == ("text/goal",)
    assert "总体目标" in finding.message


@pytest.mark.parametrize(
    "text",
    [
        "开展康复、就业、维权等工作……",
        "康复、就业……各项工作全面完成。",
        "采购50XX型辅具",
        "型号为AX-50XX的设备",
        "购买XXL码工作服",
        "3×5米展板",
        "138****1234",
        "无",
        "/",
        "-",
        "——",
        "0",
        "建设指标体系2项",
        "完成目标任务10项",
        "项目1个",
        "指标完成情况良好",
        "请残疾人代表参加座谈",
        "填写残疾人证申请表的指导服务",
        "穗残联〔2020〕90号",
        "满意率（%）",
        "调用sum()函数",
        "待遇保障到位",
        "按单位名称逐一核对",
        "A_B两组",
        "",
    ],
)
def test_it_is_content(text: str) -> None:
    assert found("placeholder", FORM, texts={"goal": text}) == []


def test_a_row_of_nothing_else_is_one_finding() -> None:
    row = task(3, name="……", content="……")
    finding = one("placeholder", FORM, lists={"tasks": [row]})
    assert finding.message == "任务第1行只有“……”，没有填写内容，请填写或删除这一行"
    assert finding.anchors == ("task/3/name", "task/3/content")


def test_a_row_with_something_in_it_is_named_by_the_cell() -> None:
    rows = [task(3, name="……", amount=5), task(4, name="康复", content="请填写")]
    first, second = found("placeholder", FORM, lists={"tasks": rows})
    assert first.message == "任务第1行：“任务名称”填的是“……”，请改为实际内容"
    assert second.anchors == ("task/4/content",)


def test_a_blank_inside_a_sentence_is_quoted() -> None:
    finding = one("placeholder", FORM, texts={"goal": "全年为不少于XX名残疾人提供康复服务"})
    assert finding.message == ("“总体目标”中的“XX”还没有填写：“全年为不少于XX名残疾人提供康复”")


def test_a_long_text_is_not_quoted_at_length() -> None:
    finding = one("placeholder", FORM, texts={"goal": "请填写" + "很长的说明\n" * 50})
    assert len(finding.message) < 80
    assert "…”，请改为实际内容" in finding.message


def test_a_copied_help_text_is_none() -> None:
    rows = [task(3, name="用一句话概括。", amount=1)]
    assert one("placeholder", FORM, lists={"tasks": rows}).anchors == ("task/3/name",)


def test_what_is_printed_in_advance_does_not_make_a_row_written() -> None:
    levels = {"level1": "产出指标", "level2": "数量指标", "basis": "历史数据"}
    goal = task(1, indicator(2, level3="指标1", **levels), name="甲目标")
    findings = [f for f in look(CAIDIAN, lists={"goals": [goal]}) if "indicator/2" in f.anchors[0]]
    assert [f.message for f in findings] == [
        "年度目标第1项第1行只有“指标1”，没有填写内容，请填写或删除这一行"
    ]


def test_a_goal_left_as_printed_is_said_once_with_all_in_it() -> None:
    goals = [task(1, indicator(2, level3="……"), indicator(3), name="……")]
    findings = look(CAIDIAN, lists={"goals": goals})
    findings = [f for f in findings if f.anchors[0].startswith(("task/", "indicator/"))]
    assert [(f.code, f.anchors) for f in findings] == [("placeholder", ("task/1/name",))]


def test_a_placeholder_as_name_of_a_goal_with_real_indicators_is_that_cell() -> None:
    goals = [task(1, indicator(2, level3="培训人数"), name="目标1")]
    finding = one("placeholder", CAIDIAN, lists={"goals": goals})
    assert finding.message == "年度目标第1项：“年度目标”填的是“目标1”，请改为实际内容"
