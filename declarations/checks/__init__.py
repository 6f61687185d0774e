"""Checks: what must be corrected before submission, and what wants an explanation."""

from declarations.checks import (  # noqa: F401  (each registers its checks)
    amounts,
    completeness,
    form_rules,
    indicators,
    percentages,
    placeholders,
    quotes,
    scores,
    targets,
    units,
)
from declarations.checks.content import Around, Beside
from declarations.checks.registry import CHECKS, Finding, Level, run_checks

__all__ = ["CHECKS", "Around", "Beside", "Finding", "Level", "run_checks"]
