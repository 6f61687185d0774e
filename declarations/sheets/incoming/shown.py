"""Numbers and dates as Excel shows them, and what it really holds of a number."""

import re
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from declarations.sheets.kinds import NumberFormat

_SHORTENED = re.compile(r"\[(?!\$)[^\]]*\]|\[\$[^\]]*\]|\\.|_.|\*.")
_QUOTED = re.compile(r'"([^"]*)"')
_DIGITS = 15
_LARGEST = 1e300
_LONGEST = 100
_LAST_DAY = 2_958_465  # 9999-12-31
_FIRST = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001  (Excel's days have no zone)


def as_decimal(raw: str) -> Decimal | None:
    """The number that a file holds, without what binary fractions add: 1485.7300000000002 is 1485.73.

    None where it is no finite number.
    """
    try:
        number = float(raw) if len(raw) <= _LONGEST else float("nan")
        return Decimal(f"{number:.{_DIGITS}g}") if abs(number) < _LARGEST else None
    except (ValueError, InvalidOperation):
        return None


@lru_cache(maxsize=500)
def is_date_format(code: str) -> bool:
    """Whether an Excel number format shows a day or a time."""
    section = _QUOTED.sub("", _SHORTENED.sub("", code.split(";", maxsplit=1)[0])).lower()
    return "general" not in section and bool(re.search(r"[ymdhs年月日时分秒]", section))


def as_shown(number: Decimal, code: str, *, from_1904: bool = False) -> str:
    """A number in an Excel number format, with the words that the format adds (``0"人"``)."""
    if is_date_format(code):
        moment = as_moment(number, from_1904=from_1904)
        if moment is not None:
            return _show_moment(moment, code)
    section = code.split(";", maxsplit=1)[0]
    format_ = NumberFormat.from_excel(section)
    shown = format_.show(number) + ("%" if format_.percent else "")
    if format_ == NumberFormat() and number == number.to_integral_value():
        shown = f"{number:f}"
    before, after = _words(section)
    return f"{before}{shown}{after}"


def as_moment(number: Decimal, *, from_1904: bool) -> datetime | None:
    """The day and time of a serial number; None where Excel has none."""
    if not 0 <= number <= _LAST_DAY:
        return None
    serial = float(number)
    if serial < 60 and not from_1904:
        serial += 1  # Excel counts a 29 February 1900, as Lotus did
    try:
        return _FIRST[from_1904] + timedelta(days=serial)
    except OverflowError:
        return None


def _show_moment(moment: datetime, code: str) -> str:
    """The parts of a moment that its format names, written as Chinese forms write dates."""
    letters = _QUOTED.sub("", _SHORTENED.sub("", code.split(";", maxsplit=1)[0])).lower()
    has_time = "h" in letters
    day = ""
    if "y" in letters or "年" in letters:
        day = f"{moment.year}年"
    if re.search(r"m(?!m?:)", letters.replace("h:mm", "").replace("mm:ss", "")) or "月" in letters:
        day += f"{moment.month}月"
    if "d" in letters or "日" in letters:
        day += f"{moment.day}日"
    time = (
        f"{moment.hour}:{moment.minute:02}" if has_time and (moment.hour or moment.minute) else ""
    )
    return f"{day} {time}".strip() or f"{moment.hour}:{moment.minute:02}"


def _words(section: str) -> tuple[str, str]:
    """The quoted words before and after the digits of a format."""
    plain = _SHORTENED.sub("", section)
    digits = re.search(r"[0#?]", _QUOTED.sub(lambda m: " " * len(m[0]), plain))
    if not digits:
        return "", ""
    before = _QUOTED.findall(plain[: digits.start()])
    return "".join(before), "".join(_QUOTED.findall(plain[digits.start() :]))
