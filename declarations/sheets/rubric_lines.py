"""The lines of 参数 in the 评分 sheet, and the figures and choices in them."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from declarations.sheets.kinds import DEFAULT_LENGTH, Kind
from scoring.numbers import NotANumberError, read_number
from scoring.rubric import NO, YES
from scoring.wording import plain, points

Choice = TypeVar("Choice", bound=StrEnum)

_SIGNS = {"≦": "≤", "≧": "≥", "<=": "≤", ">=": "≥", "=<": "≤", "=>": "≥"}
_HUNDRED = Decimal(100)


class ParameterError(ValueError):
    """The parameters cannot be used; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one item's 参数, with what the method knows of the item."""

    name: str
    points: Decimal
    lines: tuple[str, ...]

    def settings(self, *known: str) -> tuple[dict[str, str], list[str]]:
        """The lines ``键：值`` with these keys, and the other lines in order."""
        found: dict[str, str] = {}
        others: list[str] = []
        for line in self.lines:
            key, colon, value = line.replace(":", "：", 1).replace("％", "%").partition("：")
            key = "".join(key.split())
            if colon and key in known:
                if key in found:
                    raise ParameterError(f"参数“{key}”写了两次")
                found[key] = value.strip()
            else:
                others.append(line)
        return found, others

    def only(self, *known: str) -> dict[str, str]:
        """The settings, where there may be nothing else."""
        found, others = self.settings(*known)
        if others:
            unknown = shortened(others[0])
            if not known:
                raise ParameterError(f"没有参数“{unknown}”，这种方法不用参数")
            raise ParameterError(f"没有参数“{unknown}”，可用：{'、'.join(known)}")
        return found

    def worth(self, text: str) -> Decimal:
        """``0.5分``, ``0.5`` or, of the item's points, ``30%``."""
        value, unit = number(text)
        worth = value * self.points / _HUNDRED if unit == "%" else value
        if unit not in ("", "分", "%") or not 0 <= worth <= self.points:
            raise ParameterError(f"“{text}”应是 0 至 {points(self.points)}，或分值的百分比")
        return worth


def number(text: str) -> tuple[Decimal, str]:
    """A number and its unit. Like all that follows, raises ParameterError for what is none."""
    try:
        found = read_number(text)
    except NotANumberError as error:
        raise ParameterError(str(error)) from None
    return found.value, found.unit


def mark(text: str, *, signed: bool = False) -> tuple[Decimal, bool]:
    """A bound, and whether it is a plain number. signed: whether it may be below zero."""
    value, unit = number(text)
    if value < 0 and not signed:
        raise ParameterError(f"“{text.strip()}”不能是负数")
    return (value / _HUNDRED, False) if unit == "%" else (value, True)


def percentage(text: str) -> Decimal:
    """``90%`` as 0.9."""
    value, unit = number(text)
    if unit != "%" or value < 0:
        raise ParameterError(f"“{text.strip()}”应是百分比，例如 90%")
    return value / _HUNDRED


def amount(text: str) -> Decimal:
    """``2.5分``, or without its unit."""
    value, unit = number(text)
    if unit not in ("", "分"):
        raise ParameterError(f"“{text.strip()}”应是分数，例如 2.5分")
    return value


def needed(settings: dict[str, str], name: str) -> str:
    """A setting that must be there."""
    if not settings.get(name):
        raise ParameterError(f"请写明参数“{name}”")
    return settings[name]


def one_of(choices: type[Choice], text: str) -> Choice:
    """The member of an enumeration, by its Chinese word."""
    try:
        return choices("".join(text.split()))
    except ValueError:
        raise ParameterError(f"“{text.strip()}”应是 {'、'.join(choices)} 之一") from None


def is_yes(text: str) -> bool:
    """Whether discretion is allowed."""
    if text not in (YES, NO):
        raise ParameterError(f"“酌情”应是 是、否 之一，现为“{text}”")
    return text == YES


def require_sum(worths: Iterable[Decimal], whole: Decimal, what: str) -> None:
    """That the parts come to the item's points. what: how the message begins."""
    total = sum(worths, Decimal(0))
    if total != whole:
        raise ParameterError(f"{what} {plain(total)}分，与分值 {plain(whole)}分 不符")


def choice_text(text: str) -> str:
    """A statement or an option, which somebody chooses by its words."""
    text = text.strip(" ；;。")
    if len(text) > DEFAULT_LENGTH[Kind.CHOICE]:
        raise ParameterError(
            f"“{shortened(text)}”过长，最多 {DEFAULT_LENGTH[Kind.CHOICE]} 字；全文写在“评分标准”中"
        )
    return text


def plain_signs(line: str) -> str:
    """A condition in half-width signs, one spelling of each."""
    plain_line = unicodedata.normalize("NFKC", line)
    for sign, usual in _SIGNS.items():
        plain_line = plain_line.replace(sign, usual)
    return plain_line.strip()


def shortened(text: str, length: int = 20) -> str:
    """The beginning, to be quoted."""
    return text if len(text) <= length else text[:length] + "…"
