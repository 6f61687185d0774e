"""Short codes by which a published document is found again: made, shown, and read as typed.

Crockford's base 32 (https://www.crockford.com/base32.html): no letter can be taken for a digit.
"""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
"""60 bits: a guess meets one of a million codes once in a million million tries."""
_GROUP = 4
_TAKEN_FOR = str.maketrans({"O": "0", "I": "1", "L": "1"})
_SEPARATORS = "-‐‑‒–—―－_·. \t\r\n　"
_LONGEST = 64


def new_code() -> str:
    """A code that nobody can guess, as it is stored."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def shown_code(code: str) -> str:
    """As people read it: ``7Q2M-0FZK-93XB``."""
    return "-".join(code[i : i + _GROUP] for i in range(0, len(code), _GROUP))


def parse_code(text: str) -> str | None:
    """The code that somebody typed: in small letters, full-width, with or without hyphens and
    spaces, O for 0, I or L for 1. None where it can be none."""
    if len(text) > _LONGEST:
        return None
    narrow = "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in text)
    plain = "".join(c for c in narrow if c not in _SEPARATORS).upper().translate(_TAKEN_FOR)
    return plain if len(plain) == LENGTH and set(plain) <= {*ALPHABET} else None
