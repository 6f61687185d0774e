"""What a scored item gets, as HTML: in the strip below it, for who fills in and who reviews."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from html import escape

from declarations.sheets.scored import SELF_SCORE
from declarations.sheets.scores import Line
from declarations.sheets.table import Cell, Entry
from scoring.wording import plain, points


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A reviewer's score of an item and why; on: what it was given on, ``第1版``."""

    score: Decimal
    reason: str
    by: str = ""
    on: str = ""


@dataclass(frozen=True, slots=True)
class Strip:
    """What the strip of an item shows. line: None where an indicator has no points.

    taking: whether one fills in here, and may take the rule's score over. extra: further HTML,
    as the form in which a reviewer scores; below: what does not change with the score.
    """

    line: Line | None
    review: Reviewed | None = None
    taking: bool = False
    extra: str = ""
    below: str = ""


Strips = Mapping[str, Strip]
"""By the anchors of items and indicators."""


def strip_html(cell: Cell, strip: Strip | None, draw: Callable[[Entry], str]) -> str:
    """The whole strip: what is filled in, and what comes of it."""
    inputs = "".join(_input(entry, draw(entry)) for entry in cell.entries)
    body = f'<div class="inputs">{inputs}</div>' if inputs else ""
    if strip is None:
        return f'<div class="strip-box">{body}</div>' if body else ""
    thin = " thin" if cell.strip.startswith("indicator/") else ""
    return (
        f'<div class="strip-box{thin}">{body}'
        f'<div class="verdict" data-verdict="{escape(cell.strip)}">{verdict_html(strip)}</div>'
        f"{strip.below}</div>"
    )


def verdict_html(strip: Strip) -> str:
    """Self, rule and review score side by side, with why, and where they differ."""
    line = strip.line
    if line is None:
        return '<p class="muted">没有填写分值，不计分。</p>'
    if line.is_inapplicable:
        return f'<p class="muted">{escape(line.rule.explanation)}</p>{strip.extra}'
    scores = [("规则", line.rule.score)]
    if not strip.taking:
        scores.insert(0, ("自评", line.self_score))
    if strip.review:
        scores.append(("复核", strip.review.score))
    figures = "".join(
        f'<span class="score"><span class="unseen">{escape(line.name)}</span>{label} '
        f"<strong>{points(score) if score is not None else '—'}</strong></span> "
        for label, score in scores
    )
    return (
        f'<p class="scores">{figures}'
        f'<span class="because">{escape(line.rule.explanation)}</span></p>'
        f"{_difference(line)}{_taking(line) if strip.taking else ''}"
        f"{_review(strip.review)}{strip.extra}"
    )


def _input(entry: Entry, drawn: str) -> str:
    """What is asked for, and where it is filled in; a screen reader hears the name of the field."""
    return (
        '<div class="input"><span class="label" aria-hidden="true">'
        f"{escape(entry.field.label_with_unit)}</span>{drawn}</div>"
    )


def difference(line: Line) -> str:
    """In words: ``自评比规则多3.58分``; "" where they agree, or one is missing."""
    claimed, given = line.self_score, line.rule.score
    if claimed is None or given is None or claimed == given:
        return ""
    return f"自评比规则{'多' if claimed > given else '少'}{points(abs(claimed - given))}"


def _difference(line: Line) -> str:
    if told := difference(line):
        return f'<p class="differs"><span class="sign" aria-hidden="true">!</span>{told}</p>'
    if line.self_score is None:
        return '<p class="differs"><span class="sign" aria-hidden="true">○</span>尚未自评</p>'
    if line.rule.score is None:
        return ""
    return '<p class="agrees"><span class="sign" aria-hidden="true">✓</span>与规则一致</p>'


def _taking(line: Line) -> str:
    """The button that takes the rule's score over, where it would change something."""
    score = line.rule.score
    if score is None or score == line.self_score:
        return ""
    return (
        f'<button type="button" class="link" data-take="{escape(line.anchor)}/{SELF_SCORE}"'
        f' data-score="{plain(score)}">采用规则得分<span class="unseen">：{escape(line.name)}，'
        f"{points(score)}</span></button>"
    )


def _review(review: Reviewed | None) -> str:
    if review is None:
        return ""
    who = "，".join(part for part in (review.by, review.on) if part)
    return (
        f'<p class="review"><span class="muted">复核理由{f"（{escape(who)}）" if who else ""}：</span>'
        f"{escape(review.reason)}</p>"
    )
