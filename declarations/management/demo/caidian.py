"""What happens in Caidian: a declaration full of gaps, and a department in its second year."""

from declarations.management.demo.filling import Content
from declarations.management.demo.stage import Stage
from declarations.models import DeclarationKind

FORM = "caidian-target"
YEAR = 2023


def tell(stage: Stage) -> None:
    """The disability federation's draft as it was published, with what is wrong in it; and
    another department's new declaration, which last year's approved one leads on to."""
    template = stage.install(FORM, DeclarationKind.TARGET)
    last_year = stage.open_round(template, YEAR - 1, "caidian-civil-affairs")
    approved = stage.filled_in(
        last_year, "caidian-civil-affairs", Content.read("caidian-civil-affairs")
    )
    stage.submit(approved)
    stage.approve(approved, "目标与职能相符，指标值有依据，同意。")
    this_year = stage.open_round(template, YEAR)
    stage.filled_in(this_year, "caidian-dpf", Content.read(FORM))
