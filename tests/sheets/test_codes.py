"""Short codes: made, shown, and read however they are typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarations.sheets.codes import ALPHABET, LENGTH, new_code, parse_code, shown_code


def test_codes_are_of_the_alphabet_and_differ() -> None:
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(len(c) == LENGTH and set(c) <= {*ALPHABET} for c in codes)
    assert set("".join(codes)) == {*ALPHABET}


def test_letters_that_look_like_digits_are_not_in_it() -> None:
    assert not {*"ILOU"} & {*ALPHABET}
    assert len(ALPHABET) == 32


@given(st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH))
def test_what_is_shown_is_read_back(code: str) -> None:
    assert parse_code(shown_code(code)) == parse_code(shown_code(code).lower()) == code


@pytest.mark.parametrize(
    "typed",
    [
        "7Q2M-0FZK-913X",
        "7q2m0fzk913x",
        " 7Q2M 0FZK 913X\n",
        "7Q2M-OFZK-9I3X",
        "7q2m－ofzk－9l3x",
        "７Ｑ２Ｍ－０ＦＺＫ－９１３Ｘ",  # noqa: RUF100
        "7Q2M—0FZK—913X",
        "7Q2M　0FZK　913X",
    ],
)
def test_it_is_read_as_people_type_it(typed: str) -> None:
    assert parse_code(typed) == "7Q2M0FZK913X"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "7Q2M",
        "7Q2M-0FZK-913X-7",
        "7Q2M-0FZK-913U",
        "7Q2M-0FZK-91３?",
        "核验码核验码核验码核验码",
        "7" * 10**6,
    ],
)
def test_what_is_no_code_is_none(typed: str) -> None:
    assert parse_code(typed) is None


@given(st.text())
def test_anything_typed_is_a_code_or_none(typed: str) -> None:
    code = parse_code(typed)
    assert code is None or (len(code) == LENGTH and set(code) <= {*ALPHABET})
