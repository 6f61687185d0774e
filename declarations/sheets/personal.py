"""What in a text is personal: numbers, addresses and names, found and masked. Pure strings.

Nothing is guessed that could as well be an amount, a year or a document's number: bare digits
are a telephone only where it says so, or where they are known from elsewhere in the form.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from declarations.sheets.surnames import COMPOUND, SURNAMES

HIDDEN = "（不公开）"
"""What stands in a field that is hidden as a whole."""
_STAR = "*"
_TAIL = 4
"""Digits of a telephone that are masked."""
_LEAST_KNOWN = 7
"""Digits from which on a number is looked for elsewhere: fewer could be anything."""


class Rule(StrEnum):
    """By what something is masked, or not: the first four can be set for a field, the others
    are found wherever they stand."""

    NAME = "name"
    PHONE = "phone"
    HIDE = "hide"
    KEEP = "keep"
    ID = "id"
    CARD = "card"
    EMAIL = "email"

    @property
    def label(self) -> str:
        """What it is called in the interface."""
        return _LABELS[self]


_LABELS = {
    Rule.NAME: "姓名（只留姓）",
    Rule.PHONE: "电话（隐去四位）",
    Rule.HIDE: "全部隐去",
    Rule.KEEP: "原样公开",
    Rule.ID: "身份证件号码",
    Rule.CARD: "银行账号",
    Rule.EMAIL: "电子邮箱",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A piece of a text that was masked, and by which rule."""

    before: str
    after: str
    rule: Rule


@dataclass(frozen=True, slots=True)
class Known:
    """What the form says itself. names, numbers: of its masked fields, to be masked wherever they
    stand; numbers by their digits. kept: names and digits that stay where they are only found."""

    names: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Text:
    """A text while it is masked; full-width digits and letters are read like others."""

    text: str
    hits: list[Hit] = field(default_factory=list)

    def mask(
        self, pattern: re.Pattern[str], after: Callable[[str], str | None], rule: Rule
    ) -> None:
        """Masks the group ``it`` of every match, unless `after` gives None for it."""
        done, end = [], 0
        for match in pattern.finditer(_narrow(self.text)):
            start, stop = match.span("it")
            before = self.text[start:stop]
            masked = after(before)
            if masked is None or masked == before:
                continue
            self.hits.append(Hit(before, masked, rule))
            done += [self.text[end:start], masked]
            end = stop
        self.text = "".join([*done, self.text[end:]])


_FREE = r"(?<![0-9A-Za-z])"
_ENDS = r"(?![0-9A-Za-z])(?!\.\d)"
_NO_AMOUNT = r"(?!\s*(?:[万亿]?元|[万亿](?![\u4e00-\u9fff])|[%‰]))"
_BETWEEN = r"[ \-—–－]?"

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9_.%+-])"  # a Chinese character may stand right before it
    r"(?P<it>[A-Za-z0-9][A-Za-z0-9_.%+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
)
_ID = re.compile(
    rf"{_FREE}(?P<it>[1-9]\d{{5}}{_BETWEEN}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    rf"{_BETWEEN}\d{{3}}[\dXx](?:[1-7][1-4](?:[Bb]\d{{1,2}})?)?)(?![0-9A-Za-z])"
)
"""18 places with a date of birth, also with what a disability certificate (残疾人证) adds."""
_OLD_ID = re.compile(rf"(?:身份证|证件)[^\d*\n]{{0,12}}(?P<it>\d{{15}}){_ENDS}")
_CARD = re.compile(rf"{_FREE}(?P<it>62\d\d(?:[ -]?\d{{4}}){{3}}(?:[ -]?\d{{1,3}})?){_ENDS}")
_ACCOUNT = re.compile(
    rf"(?:[账帐]号|[账帐]户|卡号|银行卡|存折)[^\d*\n]{{0,12}}(?P<it>\d(?:[ -]?\d){{9,24}}){_ENDS}"
)
_MOBILE = re.compile(
    rf"(?:{_FREE}|(?<=[Tt][Ee][Ll]))(?P<it>(?:(?:\+|00)86{_BETWEEN})?1[3-9]\d(?:{_BETWEEN}\d{{4}}){{2}})"
    rf"{_ENDS}{_NO_AMOUNT}"
)
_LANDLINE = re.compile(
    r"(?<![0-9A-Za-z.,])(?P<it>[(（]?0(?:10|2\d|[3-9]\d{2})[)）]?[ \-—–－]{0,2}[0-9]\d{3}[ -]?\d{3,4})"
    rf"{_ENDS}{_NO_AMOUNT}"
)
_SAID = re.compile(
    r"(?:电话|联系方式|热线|座机|传真|手机|[Tt][Ee][Ll])[^\d*\n。；;]{0,10}"
    r"(?P<it>\d{7,8}(?:[、，,/ 或]{1,2}\d{7,8})*)"
    rf"{_ENDS}(?!\s*[元万亿%‰个人次户件])"
)
"""Bare digits after a word for telephone."""
_RUN = re.compile(
    rf"(?<![0-9A-Za-z*])(?P<it>\d{{5,}}+|\d{{3,4}}[ \-—–－]\d{{4}}(?![0-9]))(?!{_BETWEEN}\*)"
)
"""Any five digits and more that are no part of what is masked, in a field for telephones."""

_HAN = r"\u3400-\u9fff\U00020000-\U0003ffff"
_HAN_NAME = re.compile(
    rf"(?P<it>(?<![{_HAN}·])[{_HAN}][ 　]+[{_HAN}](?![{_HAN}·*])|[{_HAN}][{_HAN}·]++(?!\*))"
)
"""A run of characters, also 张　三 as it is spaced to be as wide as three."""
_LATIN_NAME = re.compile(r"(?<![\w@.*-])(?P<it>[A-Za-z][A-Za-z.'’ -]*+(?<=[A-Za-z]))(?![\w@*])")

_TITLE = re.compile(
    "(?:副?(?:理事长|主任|局长|科长|处长|部长|股长|院长|所长|站长|会长|队长|校长|经理|书记|巡视员)|"
    "[一二三四]级(?:主任科员|调研员|科员)|科员|办事员|会计|出纳|干部|同志|先生|女士|小姐|老师|医生)$"
)
_WORDS = (
    "姓名 名字 联系人 填报人 填表人 制表人 经办人 负责人 审核人 复核人 承办人 责任人 签字 签名 签章 盖章 "
    "电话 手机 传真 座机 办公 分机 转 联系电话 联系方式 邮箱 电子邮箱 无 暂无 没有 男 女 详见附件 同上"
)
_NO_NAMES = frozenset(_WORDS.split())
_NO_LATIN = frozenset({"tel", "phone", "mobile", "fax", "email", "e-mail", "qq", "n/a", "name"})
_OFFICE = re.compile(r"(?:科|室|处|部|局|办|厅|委|会|院|所|站|组|股|队|中心|公司)$")
_AFTER_OFFICE = re.compile(r"^.+(?:科|室|处|部|局|办|中心|股|组)(?P<name>.{2,3})$")
_LONGEST_NAME = 4


def mask_free(text: str, known: Known) -> tuple[str, list[Hit]]:
    """A text of any kind: what is known, and what is found by its shape."""
    return _steady(text, lambda t: _free(t, known))


def mask_name_field(text: str) -> tuple[str, list[Hit]]:
    """What stands in a field for names: of each the surname is left; numbers, too."""

    def step(t: _Text) -> None:
        _always(t)
        _all_numbers(t)
        t.mask(_HAN_NAME, masked_name, Rule.NAME)
        t.mask(_LATIN_NAME, masked_name, Rule.NAME)

    return _steady(text, step)


def mask_phone_field(text: str) -> tuple[str, list[Hit]]:
    """What stands in a field for telephones: of any number four digits; names beside it, too."""

    def step(t: _Text) -> None:
        _always(t)
        _all_numbers(t)
        t.mask(_HAN_NAME, lambda run: masked_name(run) if has_surname(run) else None, Rule.NAME)

    return _steady(text, step)


def mask_always(text: str) -> tuple[str, list[Hit]]:
    """What is masked even where a field is kept: identity and bank card numbers, e-mail."""
    return _steady(text, _always)


def names_in(text: str) -> Iterator[str]:
    """The names in a field for names, without spaces."""
    for pattern in (_HAN_NAME, _LATIN_NAME):
        for match in pattern.finditer(text):
            if masked_name(match["it"]) is not None:
                yield _bare_name(match["it"])


def numbers_in(text: str) -> Iterator[str]:
    """The digits of the telephones in a field for them, with and without what comes before the
    subscriber's own."""
    plain = _narrow(text)
    for match in _RUN.finditer(plain):
        yield digits_of(match["it"])
    for match in _MOBILE.finditer(plain):
        yield digits_of(match["it"])[-11:]
    for match in _LANDLINE.finditer(plain):
        whole = digits_of(match["it"])
        yield whole
        area = 3 if whole[1] in "12" else 4
        yield whole[area:]


def masked_name(run: str) -> str | None:
    """``张**`` of 张三丰, ``欧阳**`` of 欧阳娜, ``J**`` of John; None where it is no name.

    A title behind it stays, an office before it, too.
    """
    name = _bare_name(run)
    if name in _NO_NAMES or name.lower() in _NO_LATIN or _TITLE.fullmatch(name):
        return None
    squeezed = _squeezed(run)
    before, _, after = squeezed.partition(name)
    if len(name) == 1 or (_OFFICE.search(name) and not has_surname(name)):
        return None
    kept = name[:2] if name[:2] in COMPOUND and len(name) > 2 else name[0]
    return f"{before}{kept}{_STAR * 2}{after}"


def has_surname(run: str) -> bool:
    """Whether a run of characters reads as a Chinese name."""
    name = _bare_name(run)
    if not 2 <= len(name) <= _LONGEST_NAME or name in _NO_NAMES:
        return False
    return name[0] in SURNAMES or name[:2] in COMPOUND


def digits_of(text: str) -> str:
    """The digits alone, full-width ones like others."""
    return "".join(c for c in _narrow(text) if c in "0123456789")


def _free(t: _Text, known: Known) -> None:
    _always(t)

    def unless_kept(number: str) -> str | None:
        digits = digits_of(number)
        kept = any(digits.endswith(k) for k in known.kept if len(k) >= _LEAST_KNOWN)
        return None if kept else _masked_number(number)

    for number in sorted(known.numbers, key=len, reverse=True):
        if len(number) >= _LEAST_KNOWN:
            t.mask(_number_pattern(number), _masked_number, Rule.PHONE)
    for pattern in (_MOBILE, _LANDLINE):
        t.mask(pattern, unless_kept, Rule.PHONE)
    t.mask(_SAID, lambda said: _each_number(said, unless_kept), Rule.PHONE)
    if known.names:
        t.mask(_names_pattern(known.names), masked_name, Rule.NAME)


def _all_numbers(t: _Text) -> None:
    for pattern in (_MOBILE, _LANDLINE, _RUN):
        t.mask(pattern, _masked_number, Rule.PHONE)


def _always(t: _Text) -> None:
    t.mask(_EMAIL, lambda m: f"{m[0]}{_STAR * 3}{m[m.index('@') :]}", Rule.EMAIL)
    t.mask(_ID, lambda m: _starred(m, 3, 4), Rule.ID)
    t.mask(_OLD_ID, lambda m: _starred(m, 3, 4), Rule.ID)
    t.mask(_ACCOUNT, lambda m: _starred(m, 0, 4), Rule.CARD)
    t.mask(_CARD, lambda m: _starred(m, 0, 4) if _is_card(m) else None, Rule.CARD)


def _steady(text: str, step: Callable[[_Text], None]) -> tuple[str, list[Hit]]:
    """Masks until nothing changes: so that masking what is masked changes nothing. It ends,
    because each step leaves fewer digits and letters."""
    t = _Text(text)
    while True:
        before = t.text
        step(t)
        if t.text == before:
            return t.text, t.hits


def _masked_number(number: str) -> str:
    """Four digits starred where they stand: in the middle of a mobile's, else at the end."""
    count = len(digits_of(number))
    mobile = digits_of(number)[-11:]
    if len(mobile) == 11 and mobile[0] == "1" and mobile[1] in "3456789":
        return _starred(number, count - 8, 4)
    return _starred(number, count - _TAIL, 0)


def _each_number(said: str, masked: Callable[[str], str | None]) -> str:
    return re.sub(r"\d{7,8}", lambda m: masked(m[0]) or m[0], said)


def _starred(text: str, first: int, last: int) -> str:
    """All letters and digits starred but so many at the beginning and the end."""
    places = [i for i, c in enumerate(text) if c.isalnum()]
    hidden = {*places[first : len(places) - last]}
    return "".join(_STAR if i in hidden else c for i, c in enumerate(text))


def _is_card(text: str) -> bool:
    """Whether the check digit fits (Luhn, ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits_of(text))):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _bare_name(run: str) -> str:
    """Without spaces, the title behind it and the office before it."""
    name = _squeezed(run)
    while (shorter := _TITLE.sub("", name)) not in ("", name):
        name = shorter
    if len(name) > _LONGEST_NAME and (office := _AFTER_OFFICE.match(name)):
        behind = office["name"]
        if behind[0] in SURNAMES or behind[:2] in COMPOUND:
            return behind
    return name


def _squeezed(run: str) -> str:
    """张　三 as 张三; between words of other scripts one space stays."""
    parts = run.split()
    return (" " if run.isascii() else "").join(parts)


@lru_cache(maxsize=256)
def _number_pattern(number: str) -> re.Pattern[str]:
    spaced = r"[ \-—–－()（）]{0,2}".join(number)
    return re.compile(rf"(?<![0-9])(?P<it>{spaced})(?![0-9])")


@lru_cache(maxsize=256)
def _names_pattern(names: Collection[str]) -> re.Pattern[str]:
    """Longer ones first; a name in Latin letters only as a whole word."""
    each = []
    for name in sorted(names, key=lambda n: (-len(n), n)):
        if name.isascii():
            each.append(rf"(?<![A-Za-z*]){re.escape(name)}(?![A-Za-z])")
        else:
            each.append("[ 　]*".join(map(re.escape, name)))
    return re.compile(f"(?P<it>{'|'.join(each)})")


_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def _narrow(text: str) -> str:
    """Of the same length, with full-width digits, letters and signs as ASCII."""
    return text.translate(_NARROW)
