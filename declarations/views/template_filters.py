"""Filters of our templates; built in everywhere (settings)."""

from decimal import Decimal

from django import template
from django.utils.safestring import SafeString, mark_safe

from declarations.sheets.change_html import change_html
from declarations.sheets.evidence_file import SHOWN
from declarations.sheets.html import element_id
from scoring.wording import points

register = template.Library()


@register.filter
def cell_id(anchor: str) -> str:
    """The id of the element that shows a cell."""
    return element_id(anchor)


@register.filter
def megabytes(size: int) -> int:
    """A limit in bytes as whole megabytes."""
    return size // 2**20


@register.filter
def is_shown(media_type: str) -> bool:
    """Whether browsers show such a file by themselves, so that it opens beside the page."""
    return media_type in SHOWN


@register.filter
def thousands(number: int) -> str:
    """``1,234``."""
    return f"{number:,}"


@register.filter
def wan(amount: Decimal) -> str:
    """元 in 万元, ``1,234.56``."""
    return f"{amount / 10_000:,.2f}"


@register.filter
def percent(fraction: Decimal) -> str:
    """``98.5%``."""
    return f"{fraction:.1%}"


@register.filter
def in_points(score: Decimal | None) -> str:
    """``1.5分``; a dash where there is none."""
    return "—" if score is None else points(score)


@register.simple_tag
def difference(before: str, after: str, *, prose: bool = True) -> SafeString:
    """What a value was and what it is; of words what was deleted and inserted."""
    return mark_safe(change_html(before, after, prose=prose))
