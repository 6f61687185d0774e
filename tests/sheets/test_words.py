"""Words of Chinese text: how queries are understood, and where words are found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarations.sheets.words import (
    LONG,
    MOST_UNITS,
    MOST_WORDS,
    Excerpt,
    excerpts,
    marked,
    vector,
    wanted,
)


def lexemes(text: str) -> list[str]:
    return list(wanted(text).lexemes)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("残疾", ["残疾"]),
        ("残疾人", ["残疾", "疾人"]),
        ("残", ["_残"]),
        ("残疾人 就业", ["残疾", "疾人", "就业"]),
        ("2023年", ["2023.年"]),
        ("2023", ["_2023"]),
        ("PDF 文件", ["_pdf", "文件"]),
        ("第3季度", ["第.3", "3.季", "季度"]),
        ("94.02", ["94..02"]),
        ("１２３ＡＢｃ", ["123.abc"]),
        ("“残疾人”、", ["残疾", "疾人"]),
        ("残疾 残疾", ["残疾"]),
        ("残疾\u3000就业\t康复", ["残疾", "就业", "康复"]),
    ],
)
def test_a_query_is_cut_into_words_and_words_into_pairs(typed: str, expected: list[str]) -> None:
    assert lexemes(typed) == expected


@pytest.mark.parametrize("typed", ["", " ", "！？", "😀", "\0", "' | & ! <->", "%_", "()"])
def test_what_is_no_letter_asks_for_nothing(typed: str) -> None:
    assert not wanted(typed).words


def test_only_words_of_three_and_more_need_their_positions() -> None:
    assert wanted("残疾 就业 年 2023年").is_exact
    assert not wanted("残疾人").is_exact
    assert wanted("残疾人 就业").phrases == f"('残疾' <-> '疾人' | '{LONG}') & '就业'"


def test_a_long_query_is_cut_and_says_so() -> None:
    assert not wanted("字" * MOST_UNITS).cut
    long = wanted("字" * (MOST_UNITS + 1))
    assert long.cut
    assert len(long.words[0].units) == MOST_UNITS
    many = wanted(" ".join(f"a{chr(0x4E00 + n)}" for n in range(MOST_WORDS + 1)))
    assert many.cut
    assert len(many.words) == MOST_WORDS
    assert wanted(" " * 10_000_000 + "残").cut


def test_a_vector_has_positions_that_no_phrase_crosses_from_text_to_text() -> None:
    made = vector([], ["残疾人", "就业", "残疾人"], ["b1"])
    assert made == "'@b1' '_残' '_疾' '_人' '残疾':1 '疾人':2 '_就' '_业' '就业':4"


def test_the_head_is_searched_for_by_itself_too() -> None:
    made = vector(["残联"], ["残联", "就业"], [])
    assert "'^残联'" in made
    assert "'^_残'" in made
    assert "'^就业'" not in made


def test_what_is_too_long_for_positions_says_so() -> None:
    assert LONG not in vector([], ["残疾人就业"], [])
    assert f"'{LONG}'" in vector([], ["".join(map(chr, range(0x4E00, 0x4E00 + 17_000)))], [])
    assert f"'{LONG}'" in vector([], ["残" * 300], [])


@given(st.text())
def test_whatever_is_typed_finds_itself(text: str) -> None:
    """All that is asked for is in the vector of the same text, and the places are the text's."""
    made = vector([], [text], [])
    asked = wanted(text)
    kept = {part.partition(":")[0].strip("'") for part in made.split(" ")}
    assert kept >= {x for word in asked.words[:1] for x in word.lexemes if not asked.cut}
    assert "".join(part for part, _ in marked(text, asked).parts).split() == text.split()


def shown(*texts: str, words: str) -> list[str]:
    return [
        "".join(f"[{part}]" if is_word else part for part, is_word in excerpt.parts)
        for excerpt in excerpts(texts, wanted(words))
    ]


def test_an_excerpt_shows_where_a_word_stands() -> None:
    before, after = "前" * 40, "后" * 80
    assert shown("没有", f"{before}残疾人就业{after}", words="残疾人") == [
        f"…{before[:24]}[残疾人]就业{after[:46]}…"
    ]
    assert shown("残疾人", words="就业") == []
    assert shown("残疾  人\n残疾人", words="残疾人") == ["残疾 人 [残疾人]"]


def test_excerpts_show_other_words_before_the_same_again() -> None:
    assert shown("就业甲", "就业乙", "康复丙", words="就业 康复") == ["[就业]甲", "[康复]丙"]
    assert shown("就业与康复", "康复丙", words="就业 康复") == ["[就业]与[康复]"]


def test_what_is_marked_is_what_was_meant() -> None:
    assert marked("ＰＤＦ文件第3季度", wanted("pdf 3季")) == Excerpt(
        (("ＰＤＦ", True), ("文件第", False), ("3季", True), ("度", False))
    )
    assert marked("残-疾", wanted("残疾")).parts == (("残-疾", False),)
    assert marked("残/疾", wanted("残-疾")).parts == (("残/疾", True),)
    assert marked("123", wanted("12")).parts == (("123", False),)
