"""What a text says: for comparing, and whether it says anything at all."""

import re
import unicodedata
from functools import lru_cache

from declarations.sheets.fields import Field
from declarations.sheets.kinds import Kind

_ORDINAL = r"[0-9一二三四五六七八九十]+"
_NUMBERING = re.compile(rf"[(（]?{_ORDINAL}[)）.、:：,]")
_SYMBOLS = re.compile(r"[.。·⋯*_×xX\-—?()\[\]〔〕【】/、,;:!]+")
_TELLING = re.compile(r"\.{3}|⋯|。{2}|·{3}|\*{2}|_{2}|×{2}|[xX]{2}|\?{2}|\(\)|\[\]|〔〕|【】")
_NAME = re.compile(
    rf"(?:[一二三]级|绩效|年度|考核)?(?:指标|目标|任务|项目)(?:{_ORDINAL})[:：]?"
    r"|(?:[一二三]级)?指标(?:名称|值|内容)?|(?:项目|任务|目标|单位)名称"
)
_INVITATION = re.compile(
    r"[(（\[【<]?(?:请|此处|在此|在这里)(?:填写|填报|填入|输入|写明|选择|补充|注明|概述|简述).*"
    r"|填写(?:指标|内容|名称|目标|数值|具体|说明|单位).*|(?:未|待)(?:填写|填报|填|补充|完善|定)",
    re.DOTALL,
)
BLANK_IN_TEXT = re.compile(
    r"(?<![0-9A-Za-z])[Xx×]{2,}(?![0-9A-Za-z])|20[Xx×]{2}(?=年)|(?<![0-9*])\*{3,}(?![0-9*])"
    r"|(?<![0-9A-Za-z])_{2,}(?![0-9A-Za-z])|〔〕|【】|(?<![0-9A-Za-z_])\(\)"
)


def plain(text: str) -> str:
    """A text for comparing: half-width, without spaces. ``……`` becomes six points."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def is_placeholder(text: str) -> bool:
    """Whether a text, as `plain` gives it, is nothing but what stands in a blank."""
    if not text:
        return False
    symbols = _NUMBERING.sub("", text)
    if _SYMBOLS.fullmatch(symbols) and _TELLING.search(symbols):
        return True
    return bool(_NAME.fullmatch(text) or _INVITATION.fullmatch(text))


def is_left_over(text: str, field: Field) -> bool:
    """Whether a cell holds a placeholder, or what its own heading or help says."""
    if not text or field.numeric or field.kind in (Kind.CHOICE, Kind.DATE):
        return False
    if is_placeholder(text):
        return True
    return text in (_printed(field.label), _printed(field.help))


@lru_cache(maxsize=1024)
def _printed(text: str) -> str:
    return plain(text)
