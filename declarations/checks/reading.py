"""What a text says: for comparing, and whether it says anything at all."""

import re
import unicodedata

from declarations.sheets.fields import Field
from declarations.sheets.kinds import Kind

_ORDINAL = r"[0-9一二三四五六七八九十]+"
_SYMBOLS = rf"(?:\(?{_ORDINAL}[).、:,]|[.。·⋯*_×xX\-—?()\[\]〔〕【】/、,;:!])+"
_NAME = (
    rf"(?:[一二三]级|绩效|年度|考核)?(?:指标|目标|任务|项目){_ORDINAL}:?"
    r"|(?:[一二三]级)?指标(?:名称|值|内容)?|(?:项目|任务|目标|单位)名称"
)
_INVITATION = (
    r"[(\[【<]?(?:请|此处|在此|在这里)(?:填写|填报|填入|输入|写明|选择|补充|注明|概述|简述).*"
    r"|填写(?:指标|内容|名称|目标|数值|具体|说明|单位).*|(?:未|待)(?:填写|填报|填|补充|完善|定)"
)
_PLACEHOLDER = re.compile(rf"(?P<symbols>{_SYMBOLS})|{_NAME}|{_INVITATION}", re.DOTALL)
_TELLING = re.compile(r"\.{3}|⋯|。{2}|·{3}|\*{2}|_{2}|×{2}|[xX]{2}|\?{2}|\(\)|\[\]|〔〕|【】")
MAY_BE_BLANK = re.compile(r"[Xx×*_〔【(]")
"""Whether it is worth looking for a BLANK."""
BLANK = re.compile(
    r"(?<![0-9A-Za-z])[Xx×]{2,}(?![0-9A-Za-z])|20[Xx×]{2}(?=年)|(?<![0-9*])\*{3,}(?![0-9*])"
    r"|(?<![0-9A-Za-z])_{2,}(?![0-9A-Za-z])|〔〕|【】|(?<![0-9A-Za-z_])\(\)"
)
"""In a sentence, as `plain` gives it: what was left for others to fill in."""
ASKED_FOR = re.compile(r"【请[^【】]{1,60}】")
"""In a sentence as it was written: what a draft asks its reader for."""
_LONGEST_QUOTE = 40


def plain(text: str) -> str:
    """A text for comparing: half-width, without spaces. ``……`` becomes six points."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def shortened(text: str) -> str:
    """A text on one line, cut where it is too long to be quoted."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_QUOTE else f"{line[:_LONGEST_QUOTE]}…"


def is_placeholder(text: str) -> bool:
    """Whether a text, as `plain` gives it, is nothing but what stands in a blank."""
    match = _PLACEHOLDER.fullmatch(text)
    if match is None:
        return False
    return match["symbols"] is None or bool(_TELLING.search(text))


def printed(field: Field) -> tuple[str, ...] | None:
    """What a blank form says of a cell: its heading and its help. None where it offers choices."""
    if field.kind in (Kind.CHOICE, Kind.DATE):
        return None
    return tuple(plain(text) for text in (field.label, field.help) if text)


def is_left_over(text: str, printed_there: tuple[str, ...] | None) -> bool:
    """Whether a text that is filled in is a placeholder, or what was `printed` there."""
    return printed_there is not None and (text in printed_there or is_placeholder(text))
