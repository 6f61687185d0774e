"""What changed in a text: nothing is lost, it reads well, and it is never slow."""

import itertools
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarations.sheets.text_diff import Edit, Run, _length, replaced, text_diff

WORDS = st.text(alphabet="残疾人服务的，。；123.5%\nab", max_size=60)


def said(old: str, new: str) -> str:
    """``资助[-1920-]{+1980+}例``."""
    signs = {Edit.EQUAL: "{}", Edit.DELETE: "[-{}-]", Edit.INSERT: "{{+{}+}}"}
    return "".join(signs[run.edit].format(run.text) for run in text_diff(old, new))


@given(WORDS | st.text(), WORDS | st.text())
def test_the_runs_make_up_both_texts(old: str, new: str) -> None:
    for runs in (text_diff(old, new), replaced(old, new)):
        assert "".join(r.text for r in runs if r.edit is not Edit.INSERT) == old
        assert "".join(r.text for r in runs if r.edit is not Edit.DELETE) == new
        assert all(r.text for r in runs)
        assert all(a.edit is not b.edit for a, b in itertools.pairwise(runs))


@given(WORDS, WORDS, WORDS)
def test_what_stands_around_a_change_stays(before: str, changed: str, after: str) -> None:
    old = f"前{before}甲{after}后"
    new = f"前{before}{changed}{after}后"
    deleted = sum(_length(r.text) for r in text_diff(old, new) if r.edit is Edit.DELETE)
    assert deleted <= 1 or text_diff(old, new) == replaced(old, new) or deleted <= len(changed) + 5


@given(WORDS)
def test_a_text_is_equal_to_itself(text: str) -> None:
    assert text_diff(text, text) == ([Run(Edit.EQUAL, text)] if text else [])


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "预计资助1920例。",
            "预计资助1920例（上年1890例）。",
            "预计资助1920例{+（上年1890例）+}。",
        ),
        ("资助1,920.50元", "资助1,980.50元", "资助[-1,920.50-]{+1,980.50+}元"),
        ("完成率95%以上", "完成率98%以上", "完成率[-95%-]{+98%+}以上"),
        ("残疾人康复服务", "残疾儿童康复服务", "残疾[-人-]{+儿童+}康复服务"),
        (
            "一月完成。二月完成。三月完成。",
            "一月完成。三月完成。",
            "一月完成。[-二月完成。-]三月完成。",
        ),
        ("先调查。", "先调查。再评估。", "先调查。{+再评估。+}"),
        ("轮椅、助听器", "轮椅、拐杖、助听器", "轮椅、{+拐杖、+}助听器"),
        ("轮椅、拐杖、助听器", "轮椅、助听器", "轮椅、[-拐杖、-]助听器"),
        ("", "新写的", "{+新写的+}"),
        ("删去的", "", "[-删去的-]"),
        # nothing in common worth speaking of: one in place of the other
        ("按合同约定验收", "由第三方机构评估", "[-按合同约定验收-]{+由第三方机构评估+}"),
        # a single character between two changes is no news
        ("全年开展培训的班次", "全年举办讲座的场次", "全年[-开展培训的班-]{+举办讲座的场+}次"),
    ],
)
def test_it_reads_as_a_proof_reader_would_mark_it(old: str, new: str, expected: str) -> None:
    assert said(old, new) == expected


def _texts() -> list[tuple[str, str]]:
    chance = random.Random(5)  # noqa: S311  (texts, no secrets)
    letters = (
        "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会。，"
    )
    many = "".join(chance.choices(letters, k=5_000))
    other = "".join(chance.choices(letters, k=5_000))
    edited = list(many)
    for place in chance.sample(range(5_000), 500):
        edited[place] = chance.choice(letters)
    return [
        (many, other),
        (many, "".join(edited)),
        ("啊" * 5_000, "啊吧" * 2_500),
        ("。" * 5_000, "；" * 2_500 + "。" * 2_500),
        ("啊。" * 2_500, "吧。" * 2_500),
        (many, many[2_500:] + many[:2_500]),
    ]


@pytest.mark.parametrize(("old", "new"), _texts(), ids=range(6))
def test_five_thousand_characters_take_no_longer_than_a_second(old: str, new: str) -> None:
    begun = time.process_time()
    text_diff(old, new)
    assert time.process_time() - begun < 1
