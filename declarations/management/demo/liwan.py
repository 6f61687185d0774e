"""What happens in Liwan: a self-evaluation, approved as it was published."""

from declarations.management.demo.filling import Content
from declarations.management.demo.stage import Stage
from declarations.models import DeclarationKind

FORM = "liwan-self-evaluation"
YEAR = 2021


def tell(stage: Stage) -> None:
    """Brings the department's declaration to where the demo shows it."""
    template = stage.install(FORM, DeclarationKind.SELF_EVALUATION)
    round_ = stage.open_round(template, YEAR)
    declaration = stage.filled_in(round_, "liwan-dpf", Content.read(FORM))
    stage.submit(declaration)
    stage.approve(declaration, "各项任务支出与决算一致，未完成的指标已说明原因，同意。")
