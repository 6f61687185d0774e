"""What happens in Liwan: a self-evaluation and a report, approved as they were published, and a
report beside the self-evaluation that is still to be written."""

from declarations.management.demo.filling import Content
from declarations.management.demo.stage import Stage
from declarations.models import DeclarationKind

FORM, REPORT = "liwan-self-evaluation", "liwan-report"
YEAR, YEAR_OF_REPORT = 2021, 2024
DEPARTMENT = "liwan-dpf"
NO_MATCHES = "2021年因疫情防控要求，比赛全部取消，没有产生奖牌。"


def tell(stage: Stage) -> None:
    """Brings the department's declaration to where the demo shows it."""
    template = stage.install(FORM, DeclarationKind.SELF_EVALUATION)
    round_ = stage.open_round(template, YEAR)
    declaration = stage.filled_in(round_, DEPARTMENT, Content.read(FORM))
    stage.submit(declaration, target_unclear=NO_MATCHES)
    stage.approve(declaration, "各项任务支出与决算一致，未完成的指标已说明原因，同意。")
    stage.publish(declaration)
    _report(stage)


def _report(stage: Stage) -> None:
    """For 2024 as it was published; for 2021 blank, to be begun with drafts."""
    template = stage.install(REPORT, DeclarationKind.REPORT)
    stage.open_round(template, YEAR)
    round_ = stage.open_round(template, YEAR_OF_REPORT)
    declaration = stage.filled_in(round_, DEPARTMENT, Content.read(REPORT))
    stage.submit(declaration)
    stage.approve(declaration, "内容完整，数据与平时掌握的情况一致，同意。")
    stage.publish(declaration)
