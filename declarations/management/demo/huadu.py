"""What happens in Huadu: a scored self-evaluation, full of what the checks must find."""

from declarations.management.demo.filling import Content
from declarations.management.demo.stage import Stage
from declarations.models import DeclarationKind

FORM = "huadu-self-evaluation"
YEAR = 2021


def tell(stage: Stage) -> None:
    """Brings the department's declaration to where the demo shows it."""
    template = stage.install(FORM, DeclarationKind.SELF_EVALUATION)
    round_ = stage.open_round(template, YEAR)
    stage.filled_in(round_, "huadu-dpf", Content.read(FORM))  # as it was published
