"""Checks: what must be corrected before submission, and what wants an explanation."""

from declarations.checks import (  # noqa: F401  (each registers its checks, described in this order)
    completeness,
    form_rules,
    placeholders,
)
from declarations.checks.registry import CHECKS, Finding, Level, run_checks

__all__ = ["CHECKS", "Finding", "Level", "run_checks"]
