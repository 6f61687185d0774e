"""What every page we write must not hold."""

import re

INLINE = re.compile(
    r"""<style\b                                          # a style element
      | <script\b(?![^>]*\bsrc=)                          # a script that is not a file
      | <[a-z][^>]*?\s(?:style|on[a-z]+)\s*=              # a style or an on… attribute
      | <[a-z][^>]*?\s(?:href|src|action)\s*=\s*["']?\s*javascript:
    """,
    re.IGNORECASE | re.VERBOSE,
)


def inline_code(html: str) -> list[str]:
    """The inline scripts and styles in a page or template; our policy would not run them."""
    return [match[0] for match in INLINE.finditer(html)]
