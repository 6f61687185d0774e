"""The registry: each check is described, tested and found in the documentation."""

import re
from pathlib import Path

import pytest

from declarations.checks import CHECKS, Level
from declarations.checks.registry import check
from declarations.sheets import rules

HERE = Path(__file__).parent


def test_each_check_says_what_it_is() -> None:
    for code, entry in CHECKS.items():
        assert re.fullmatch("[a-z_]+", code)
        assert code == entry.code
        for text in (entry.title, entry.about, entry.source):
            assert re.search("[\u4e00-\u9fff]", text), code
        assert len(entry.title) <= 20


def test_each_check_has_a_function_and_tests_of_its_own() -> None:
    functions = [entry.function for entry in CHECKS.values()]
    assert len(set(functions)) == len(functions)
    tests = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    for code in CHECKS:
        assert f'"{code}"' in tests, code


def test_a_code_is_given_once() -> None:
    with pytest.raises(ValueError, match="two checks are called required"):
        check("required", Level.MUST, "又一个", about="重复", source="无")(lambda _: iter(()))


def test_levels_are_called_as_in_the_sheet() -> None:
    assert tuple(level.label for level in Level) == rules.LEVELS
