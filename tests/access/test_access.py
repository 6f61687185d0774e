"""Who may what: every address, every method, every role, in every state, against one table."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver

from tests.access.table import OF_NONE, UNKNOWN_METHOD, Line, grouped, read_table
from tests.access.world import FOREIGN, PEOPLE, SPECIAL, STATES, World
from tests.pages import inline_code

TABLE = read_table()
LETTERS = {200: "o", 204: "o", 302: ">", 404: ".", 405: UNKNOWN_METHOD, 409: "!"}
PUBLIC = {
    *("login", "password-forgotten", "password-reset", "invitation"),
    *("health-live", "health-ready", "metrics"),
}
"""What works without a login."""


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    """Every URL pattern of the project."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern)
        else:
            yield pattern


PATTERNS = {str(pattern.name): pattern for pattern in patterns(get_resolver())}


def is_of_a_declaration(pattern: URLPattern) -> bool:
    return str(pattern.pattern).startswith("declarations/<int:pk>/")


def test_every_address_has_a_name_of_its_own() -> None:
    names = [pattern.name for pattern in patterns(get_resolver())]
    assert None not in names
    assert len(names) == len(set(names))


def test_every_address_and_method_is_in_the_table() -> None:
    told = {(line.address, line.method) for line in TABLE}
    assert {(n, m) for n in PATTERNS for m in ("GET", "POST")} - told == set(), "say who may"
    assert {line.address for line in TABLE} - set(PATTERNS) == set(), "not an address any more"


def test_every_state_of_a_declaration_is_in_the_table() -> None:
    told: dict[tuple[str, str], list[str]] = {}
    for line in TABLE:
        told.setdefault((line.address, line.method), []).extend(line.states)
    for (address, method), states in told.items():
        assert len(states) == len(set(states)), f"{address} {method} is told twice"
        if is_of_a_declaration(PATTERNS[address]):
            missing = set(STATES) - set(states) if states != [OF_NONE] else set()
            assert missing == set(), f"{address} {method}: say who may"
        else:
            assert states == [OF_NONE], f"{address} {method} is of no declaration"


def is_for_citizens(pattern: URLPattern) -> bool:
    return str(pattern.pattern).startswith("public/") or pattern.name == "robots"


def test_only_what_is_listed_is_public() -> None:
    citizens = {name for name, pattern in PATTERNS.items() if is_for_citizens(pattern)}
    assert {line.address for line in TABLE if line.letters[0] != "L"} == PUBLIC | citizens


def test_nothing_of_a_bureau_is_reached_from_another() -> None:
    """What depends on a declaration, a round, a person: all of another bureau find nothing."""
    foreign = [index for index, name in enumerate(PEOPLE) if name.startswith(FOREIGN)]
    for line in TABLE:
        names_something = bool(PATTERNS[line.address].pattern.converters)
        letters = {line.letters[index] for index in foreign}
        if is_for_citizens(PATTERNS[line.address]):
            continue  # they show what was published: tests/views/test_public.py
        if names_something and line.address != "template-example":
            assert letters <= {".", UNKNOWN_METHOD}, line


@pytest.mark.parametrize("state", [OF_NONE, *STATES, *SPECIAL])
def test_who_may(db: None, state: str) -> None:
    lines = [line for line in TABLE if state in line.states]
    world = World(STATES[0] if state == OF_NONE else state)
    found = [observed(world, line) for line in lines]
    assert "\n".join(map(str, found)) == "\n".join(map(str, lines))


def observed(world: World, line: Line) -> Line:
    """The line as it is in truth; each act is taken back."""
    before = world.stored()
    letters = []
    for person in PEOPLE:
        with transaction.atomic():
            answer = world.ask(person, line.method, PATTERNS[line.address])
            changed = line.method == "POST" and world.stored() != before
            transaction.set_rollback(True)
        letters.append(letter(answer, changed=changed))
        check_answer(answer)
    return Line(line.address, line.method, line.states, "".join(letters))


def letter(answer: Any, *, changed: bool) -> str:
    """What the table has for an answer."""
    if changed:
        return "w" if answer.status_code in (200, 302) else "?"
    if answer.status_code == 302 and answer["Location"].startswith("/login/"):
        return "L"
    return LETTERS.get(answer.status_code, "?")


def check_answer(answer: Any) -> None:
    """What holds of every answer: protected by headers, nothing inline, nothing undefined."""
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "'self'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    is_page = answer.get("Content-Type", "").startswith("text/html")
    if is_page and "Content-Disposition" not in answer:
        page = answer.content.decode()
        assert inline_code(page) == []
        assert not re.search(r"\{%|\{\{ ", page)  # what is said about tags has no blank there


def test_the_table_is_written_as_it_is_read() -> None:
    assert grouped(TABLE[0].letters) in TABLE[0].__str__()
