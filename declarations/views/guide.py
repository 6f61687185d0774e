"""The manual for makers of forms, from docs/form-templates.md to a page of ours."""

import re
from functools import cache
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

GUIDE = Path(__file__).parents[2] / "docs" / "form-templates.md"


@cache
def guide_html() -> str:
    """The manual as HTML: headings can be linked to, tables scroll by themselves."""
    markdown = MarkdownIt("js-default")
    tokens = markdown.parse(GUIDE.read_text(encoding="utf-8"))
    for token, following in pairwise(tokens):
        if token.type == "heading_open":
            token.attrSet("id", slug(following.content))
        elif token.type == "th_open" and not following.content:
            token.tag = "td"  # the corner of a picture of a worksheet is no heading
        elif token.type == "inline" and not token.content and following.type == "th_close":
            following.tag = "td"
    markdown.add_render_rule("table_open", _table_open)
    markdown.add_render_rule("table_close", lambda *_: "</table></div>")
    markdown.add_render_rule("fence", _code)
    return str(markdown.renderer.render(_within_the_page(tokens), markdown.options, {}))


def slug(heading: str) -> str:
    """What links to a heading are written with: its letters, digits and hyphens."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _table_open(_self: RendererHTML, *_: Any) -> str:
    return '<div class="scroll" tabindex="0"><table class="plain listing">'


def _code(_self: RendererHTML, tokens: list[Token], index: int, *_: Any) -> str:
    return f'<pre tabindex="0"><code>{escape(tokens[index].content)}</code></pre>'


def _within_the_page(tokens: list[Token]) -> list[Token]:
    """Links to other files lead nowhere from a page: their words stay."""
    for token in tokens:
        kept, dropping = [], False
        for child in token.children or []:
            if child.type == "link_open" and not str(child.attrGet("href")).startswith("#"):
                dropping = True
            elif child.type == "link_close" and dropping:
                dropping = False
            else:
                kept.append(child)
        if token.children:
            token.children = kept
    return tokens
