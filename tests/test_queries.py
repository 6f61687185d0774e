"""How many queries the frequent requests take: literal numbers, the same for few rows and many.

Session and user are counted; BEGIN, COMMIT and savepoints are not.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from declarations.domain.commenting import add_comment
from declarations.domain.review import return_for_correction
from declarations.domain.submission import submit
from declarations.domain.templates import activate
from declarations.models import Declaration, DepartmentGroup, Indicator, User
from declarations.queries.forms import form_for
from tests import factories
from tests.factories import fill_in, type_into, version
from tests.sheets.workbooks import workbook
from tests.uploads import brought, read_already
from tests.views.asking import post_json

FRAMING = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
GOAL = "text/overall_goal"
BUDGET = "funding/basic/budget"


@contextmanager
def counted() -> Iterator[list[str]]:
    """The queries made inside, once it is left."""
    queries: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield queries
    texts = (q["sql"] for q in captured.captured_queries)
    queries += [t for t in texts if not t.startswith(FRAMING)]


def queries_of(client: Any, address: str) -> list[str]:
    client.get(address)  # parses the form, once per process
    with counted() as queries:
        assert client.get(address).status_code == 200
    return queries


def save(client: Any, declaration: Declaration, anchor: str, text: str) -> list[str]:
    form_for(declaration.round)  # known to the process from the first request on
    seen = version(declaration, anchor)
    changes = [{"anchor": anchor, "text": text, "version": seen}]
    with counted() as queries:
        answer = post_json(client, "cells", declaration, {"changes": changes})
    assert answer.json()["outcomes"][0]["status"] == "saved"
    return queries


def assert_count(queries: list[str], expected: int) -> None:
    found = [re.sub(r"SELECT .* FROM", "SELECT … FROM", q)[:120] for q in queries]
    assert len(found) == expected, "\n".join(found)


def with_indicators(declaration: Declaration, count: int) -> None:
    Indicator.objects.bulk_create(
        Indicator(declaration=declaration, position=n, level3=f"第{n}街道服务")
        for n in range(1, count)
    )


def further_declarations(declaration: Declaration, count: int) -> None:
    """So many declarations of the department's bureau, all under review."""
    for number in range(1, count):
        department = factories.DepartmentFactory.create(bureau=declaration.department.bureau)
        round_ = factories.round_for(
            declaration.round.template, department, year=declaration.round.year + number
        )
        factories.submitted(factories.filer_of(department), round_.declarations.get())


# Saving


def test_saving_a_text(as_user, filer, declaration) -> None:
    assert_count(save(as_user(filer), declaration, GOAL, "目标"), 6)


def test_saving_an_amount_with_the_totals_it_changes(as_user, filer, declaration) -> None:
    queries = save(as_user(filer), declaration, BUDGET, "483.09")
    assert len(queries) <= 10
    assert_count(queries, 6)


@pytest.mark.parametrize("rows", [1, 100])
def test_saving_an_amount_of_a_list_takes_the_same_for_one_row_and_a_hundred(
    as_user, filer, declaration, rows: int
) -> None:
    from declarations.domain.pasting import paste

    (name,) = factories.anchors(declaration, "tasks.name")
    paste(filer, declaration_id=declaration.pk, anchor=name, block=[["任务"]] * rows)
    amount = factories.anchors(declaration, "tasks.amount")[-1]
    assert_count(save(as_user(filer), declaration, amount, "5"), 7)


def test_saving_fifty_cells_takes_as_many_as_two(as_user, filer, declaration) -> None:
    with_indicators(declaration, 50)
    client = as_user(filer)
    form_for(declaration.round)
    counts = []
    for size, text in ((2, "一"), (50, "二")):
        changes = [
            {"anchor": a, "text": text, "version": version(declaration, a)}
            for a in factories.anchors(declaration, "indicators.target")[:size]
        ]
        with counted() as queries:
            post_json(client, "cells", declaration, {"changes": changes})
        counts.append(len(queries))
    assert counts == [6, 6]


# Pages


@pytest.mark.parametrize("indicators", [1, 100])
def test_opening_the_editor(as_user, filer, declaration, indicators: int) -> None:
    with_indicators(declaration, indicators)
    address = reverse("declaration", args=[declaration.pk])
    assert_count(queries_of(as_user(filer), address), 11)


@pytest.mark.parametrize("comments", [1, 20])
def test_opening_the_editor_of_a_returned_one(
    as_user, filer, reviewer, declaration, comments: int
) -> None:
    comment_on(filer, reviewer, declaration, comments)
    return_for_correction(reviewer, declaration_id=declaration.pk)
    address = reverse("declaration", args=[declaration.pk])
    assert_count(queries_of(as_user(filer), address), 13)


@pytest.mark.parametrize("declarations", [1, 20])
@pytest.mark.parametrize(("who", "queries"), [("reviewer", 4), ("administrator", 6)])
def test_the_home_page_of_the_bureau(
    as_user, request, filer, declaration, *, who: str, queries: int, declarations: int
) -> None:
    factories.submitted(filer, declaration)
    further_declarations(declaration, declarations)
    client = as_user(request.getfixturevalue(who))
    assert_count(queries_of(client, reverse("home")), queries)


@pytest.mark.parametrize("rounds", [1, 20])
@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("templates", 6),
        ("template", 8),
        ("template-activate", 7),
        ("template-install", 6),
        ("rounds", 5),
        ("round-open", 8),
    ],
)
def test_the_pages_of_forms_and_rounds(
    as_user, administrator, declaration, *, name: str, queries: int, rounds: int
) -> None:
    template = declaration.round.template
    for number in range(1, rounds + 1):
        further = factories.template_for(
            template.bureau, workbook({"A1": f"第{number}张", "B1": "{{text.a}}"})
        )
        activate(administrator, template_id=further.pk, year=2100 - number)
        department = factories.DepartmentFactory.create(bureau=template.bureau)
        factories.round_for(template, department, year=2023 + number)
    arguments = [template.pk] if name in ("template", "template-activate") else []
    assert_count(queries_of(as_user(administrator), reverse(name, args=arguments)), queries)


@pytest.mark.parametrize("declarations", [1, 20])
def test_the_home_page_of_a_department(as_user, filer, declaration, declarations: int) -> None:
    for number in range(1, declarations):
        template = declaration.round.template
        factories.round_for(template, filer.department, year=2023 + number)
    assert_count(queries_of(as_user(filer), reverse("home")), 5)


@pytest.mark.parametrize("indicators", [1, 100])
def test_a_workbook_to_fill_in(as_user, filer, declaration, indicators: int) -> None:
    with_indicators(declaration, indicators)
    address = reverse("fillable", args=[declaration.pk, "filled"])
    assert_count(queries_of(as_user(filer), address), 7)


def comment_on(filer: User, reviewer: User, declaration: Declaration, count: int) -> None:
    fill_in(filer, declaration)
    submit(filer, declaration_id=declaration.pk)
    for number in range(count):
        add_comment(reviewer, declaration_id=declaration.pk, anchor=BUDGET, text=f"批注{number}")


@pytest.mark.parametrize(("indicators", "comments"), [(1, 1), (100, 20)])
def test_the_review_page(
    as_user, filer, reviewer, declaration, *, indicators: int, comments: int
) -> None:
    with_indicators(declaration, indicators)
    comment_on(filer, reviewer, declaration, comments)
    # Two for what the stages made of the revisions, one each for who decides at this stage,
    # for the stage after it, for notices not read yet; the revision's large columns are one.
    address = reverse("declaration", args=[declaration.pk])
    assert_count(queries_of(as_user(reviewer), address), 10)


@pytest.mark.parametrize("comments", [1, 20])
def test_the_review_page_of_a_resubmission(
    as_user, filer, reviewer, declaration, comments: int
) -> None:
    comment_on(filer, reviewer, declaration, comments)
    return_for_correction(reviewer, declaration_id=declaration.pk)
    type_into(filer, declaration, **{GOAL: "改过的目标"})
    submit(filer, declaration_id=declaration.pk)
    address = reverse("declaration", args=[declaration.pk])
    assert_count(queries_of(as_user(reviewer), address), 11)


def test_the_panel_of_a_cell(as_user, filer, declaration) -> None:
    for text in "一二三":
        type_into(filer, declaration, **{GOAL: text})
    address = reverse("panel", args=[declaration.pk]) + "?cell=" + GOAL
    assert_count(queries_of(as_user(filer), address), 11)


# Uploads


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_of_uploads(as_user, filer, declaration, count: int) -> None:
    for _ in range(count):
        read_already(declaration, brought(declaration))
    assert_count(queries_of(as_user(filer), reverse("uploads", args=[declaration.pk])), 6)


@pytest.mark.parametrize("indicators", [1, 100])
def test_what_an_upload_would_change(as_user, filer, declaration, indicators: int) -> None:
    with_indicators(declaration, indicators)
    records = brought(declaration)
    for item in records.lists["indicators"]:
        item.values["target"] = "改过"
    upload = read_already(declaration, records)
    address = reverse("upload", args=[declaration.pk, upload.pk])
    assert_count(queries_of(as_user(filer), address), 10)


# After approval


@pytest.mark.parametrize("rows", [1, 100])
@pytest.mark.parametrize(("who", "name"), [("filer", "adjustment"), ("reviewer", "correction")])
def test_the_pages_after_approval(
    as_user, request, filer, reviewer, declaration, *, who: str, name: str, rows: int
) -> None:
    with_indicators(declaration, rows)
    factories.approved(filer, reviewer, declaration)
    factories.reschedule(declaration, adjustments_until=5)
    client = as_user(request.getfixturevalue(who))
    address = reverse(name, args=[declaration.pk])
    assert_count(queries_of(client, address), {"adjustment": 5, "correction": 12}[name])


# Departments and people


@pytest.mark.parametrize("people", [1, 40])
@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("departments", 6),
        ("department", 8),
        ("groups", 4),
        ("people", 6),
        ("person", 5),
        ("person-stop", 7),
        ("person-add", 4),
        ("people-template", 3),
    ],
)
def test_the_pages_of_departments_and_people(
    as_user, administrator, filer, *, name: str, queries: int, people: int
) -> None:
    for number in range(1, people):
        department = factories.DepartmentFactory.create(
            bureau=filer.bureau,
            parent=filer.department,
            group=DepartmentGroup.objects.create(bureau=filer.bureau, name=f"第{number}组"),
        )
        factories.filer_of(department)
    about = {"department": filer.department_id, "person": filer.pk, "person-stop": filer.pk}
    arguments = [about[name]] if name in about else []
    assert_count(queries_of(as_user(administrator), reverse(name, args=arguments)), queries)


@pytest.mark.parametrize("people", [1, 40])
def test_first_passwords_for_many(as_user, administrator, people: int) -> None:
    created = [
        factories.UserFactory.create(bureau=administrator.bureau, password_changed_at=None)
        for _ in range(people)
    ]
    client = as_user(administrator)
    client.get(reverse("home"))
    with counted() as queries:
        client.post(reverse("people-slips"), {"person": [user.pk for user in created]})
    assert_count(queries, 9)
