"""What happens in Panyu: a department in each state."""

from declarations.domain.cells import Change
from declarations.management.demo import earlier
from declarations.management.demo.filling import Content, fill_lines, fill_list, rows_of, save
from declarations.management.demo.stage import Stage
from declarations.models import DeclarationKind, FormTemplate, Round
from scoring.review_sheet import STANDARD

FORM, EVALUATION = "panyu-target", "huadu-self-evaluation"
YEAR = 2023
NO_QUALITY = "服务质量体现在出勤率、完成率和满意度中，本年度不另设质量指标。"


def tell(stage: Stage) -> None:
    """Brings each department's declaration to where the demo shows it."""
    template = stage.install(FORM, DeclarationKind.TARGET)
    round_ = stage.open_round(template, YEAR, heads_first=True, sheet=STANDARD)
    _approved_after_correction(stage, round_)
    _submitted(stage, round_)
    _returned(stage, round_)
    _being_filled_in(stage, round_)
    earlier.tell(stage, template, _evaluated(stage))


def _approved_after_correction(stage: Stage, round_: Round) -> None:
    """Returned once for a vague sentence, corrected, and approved."""
    filer = stage.people["panyu-dpf"]
    declaration = stage.filled_in(round_, "panyu-dpf", Content.read(FORM))
    cell = rows_of(declaration, "tasks")[2]
    final_text = str(cell.values["content"])
    vague_text = "为全区工疗站的工疗人员提供活动场所，并发放出勤补贴。"
    anchor = cell.anchor("content")
    save(filer, declaration, [Change(anchor, vague_text, version=None)])
    stage.submit(declaration, indicator_kinds=NO_QUALITY)
    stage.pass_as_head(declaration)
    stage.comment(declaration, anchor, "请写明工疗站的数量和服务的人数，以便年终对照。")
    stage.send_back(declaration)
    save(filer, declaration, [Change(anchor, final_text, version=None)])
    stage.submit(declaration)
    stage.pass_as_head(declaration)
    opinion = "已按批注补正。目标明确，资金安排与任务相符，同意。"
    stage.approve(declaration, opinion, "clear", "scientific")
    stage.publish(declaration)


def _submitted(stage: Stage, round_: Round) -> None:
    """Passed by the department's head, and waiting at the bureau's first stage."""
    department = "panyu-civil-affairs"
    declaration = stage.filled_in(round_, department, Content.read(department))
    stage.submit(declaration)
    stage.pass_as_head(declaration)


def _returned(stage: Stage, round_: Round) -> None:
    """With two comments on cells and one on the whole."""
    declaration = stage.filled_in(round_, "panyu-health", Content.read("panyu-health"))
    stage.submit(
        declaration,
        indicator_kinds="诊疗质量由省、市统一考核，本表不再重复。",
        target_vague="按传染病报告管理的时限要求上报，不另定比例。",
    )
    stage.pass_as_head(declaration)
    task = rows_of(declaration, "tasks")[0]
    indicator = rows_of(declaration, "indicators")[2]
    stage.comment(declaration, task.anchor("content"), "请补充健康管理的人数规模。")
    stage.comment(
        declaration,
        indicator.anchor("target"),
        "“及时上报”无法衡量，请改为可考核的数值，例如及时率100%。",
    )
    stage.send_back(declaration, "内容基本完整，请按两处批注补充规模和指标值后重新提交。")


def _being_filled_in(stage: Stage, round_: Round) -> None:
    """Two colleagues at work; much is still blank."""
    declaration = stage.declaration(round_, "panyu-education")
    content = Content.read("panyu-education")
    first, second = stage.people["panyu-education"], stage.people["panyu-education-2"]
    fill_lines(first, declaration, content)
    fill_list(first, declaration, content, "tasks")
    fill_list(second, declaration, content, "indicators")


def _evaluated(stage: Stage) -> FormTemplate:
    """The approved target carried into a self-evaluation on Huadu's form; what was reached is made
    up. One claim is more than the rule gives, and the reviewer says so; the other department
    has no approved target, and has not begun."""
    template = stage.install(EVALUATION, DeclarationKind.SELF_EVALUATION)
    round_ = stage.open_round(template, YEAR, "panyu-dpf", "panyu-civil-affairs")
    declaration = stage.filled_in(round_, "panyu-dpf", Content.read("panyu-self-evaluation"))
    stage.submit(declaration, score_differs="两个项目已完成，只是验收推迟，按完成计分。")
    indicators = rows_of(declaration, "tasks")[-1].lists["indicators"]
    late = indicators[5].anchor()
    stage.approve(
        declaration,
        "自评与实际相符，一项指标已按完成程度复核。",
        scores={late: ("6.11", "验收未在年内完成，按完成程度计分。")},
    )
    stage.publish(declaration)
    return template
