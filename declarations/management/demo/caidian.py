"""What happens in Caidian: a declaration full of gaps, one with a hint explained, and
a department in its second year."""

from declarations.management.demo.filling import Content
from declarations.management.demo.stage import Stage
from declarations.models import DeclarationKind, Round

FORM = "caidian-target"
YEAR = 2023


def tell(stage: Stage) -> None:
    """Brings each department's declaration to where the demo shows it."""
    template = stage.install(FORM, DeclarationKind.TARGET)
    _approved_last_year(stage, stage.open_round(template, YEAR - 1, "caidian-civil-affairs"))
    this_year = stage.open_round(template, YEAR)
    stage.filled_in(this_year, "caidian-dpf", Content.read(FORM))  # as it was published
    _submitted(stage, this_year)


def _approved_last_year(stage: Stage, round_: Round) -> None:
    """This year's declaration of the department begins with it, and is still to be filled in.
    It was published, and withdrawn again."""
    department = "caidian-civil-affairs"
    declaration = stage.filled_in(round_, department, Content.read(department))
    stage.submit(declaration)
    stage.approve(declaration, "目标与职能相符，指标值有依据，同意。")
    publication = stage.publish(declaration)
    stage.withdraw(publication, "误将未定稿的版本公开，核对后重新公开。")


def _submitted(stage: Stage, round_: Round) -> None:
    """With a hint, and what the department says to it."""
    declaration = stage.filled_in(round_, "caidian-health", Content.read("caidian-health"))
    stage.submit(declaration, indicator_kinds="诊疗质量由市级质控中心统一考核，本表不再重复。")
