"""Checks: what must be corrected before submission, and what wants an explanation."""

from declarations.checks import completeness  # noqa: F401  (registers its checks)
from declarations.checks.registry import CHECKS, Finding, Level, run_checks

__all__ = ["CHECKS", "Finding", "Level", "run_checks"]
