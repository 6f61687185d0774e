"""Filters of our templates; built in everywhere (settings)."""

from django import template

from declarations.sheets.html import element_id

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
def thousands(number: int) -> str:
    """``1,234``."""
    return f"{number:,}"
