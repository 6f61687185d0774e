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

from benchmarks.many import Many, plant
from declarations.domain.commenting import add_comment
from declarations.domain.review import return_for_correction
from declarations.domain.rounds import StagePlan
from declarations.domain.submission import submit
from declarations.domain.templates import activate
from declarations.models import Declaration, DepartmentGroup, Indicator, Role, Round, User
from declarations.queries.forms import form_for
from tests import evaluations, factories, scored
from tests.evidence import ITEM, add, pdf, scored_for
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
    assert_count(queries_of(as_user(filer), address), 10)


@pytest.mark.parametrize("comments", [1, 20])
def test_opening_the_editor_of_a_returned_one(
    as_user, filer, reviewer, declaration, comments: int
) -> None:
    comment_on(filer, reviewer, declaration, comments)
    return_for_correction(reviewer, declaration_id=declaration.pk)
    address = reverse("declaration", args=[declaration.pk])
    assert_count(queries_of(as_user(filer), address), 12)


# Scored self-evaluations


@pytest.mark.parametrize("more", [0, 60])
def test_scoring_takes_the_same_for_few_indicators_and_many(
    as_user, filer, reviewer, department, more: int
) -> None:
    declaration = scored.scored_for(department)
    scored.filled_in(filer, declaration)
    rows = range(3, 3 + more)
    Indicator.objects.bulk_create(
        Indicator(
            declaration=declaration,
            position=n,
            level3=f"第{n}街道服务人数",
            target="≥100人",
            actual="100人",
            weight=1,
            self_score=1,
        )
        for n in rows
    )
    client = as_user(filer)
    anchor = "score/execution/self_score"
    assert_count(save(client, declaration, anchor, "12"), 11)
    address = reverse("declaration", args=[declaration.pk])
    assert_count(queries_of(client, address), 12)
    factories.submitted(filer, declaration)
    client = as_user(reviewer)
    assert_count(queries_of(client, address), 18)
    fields = {"anchor": "score/execution", "score": "10", "reason": "按区间计算"}
    with counted() as queries:
        client.post(reverse("review-score", args=[declaration.pk]), fields, HTTP_HX_REQUEST="true")
    assert_count(queries, 24)


# Self-evaluations


@pytest.mark.parametrize("more", [0, 60])
@pytest.mark.parametrize(
    ("name", "before", "queries"),
    [("declaration", True, 13), ("declaration", False, 14), ("target-update", True, 12)],
)
def test_an_evaluation_whose_target_was_adjusted(
    as_user, filer, reviewer, department, *, name: str, before: bool, queries: int, more: int
) -> None:
    """It starts before or after that."""
    target = evaluations.approved_target(filer, reviewer, department, indicators=more)
    if before:
        evaluations.evaluation_for(department)
        evaluations.adjusted(filer, reviewer, target)
    else:
        evaluations.adjusted(filer, reviewer, target)
        evaluations.evaluation_for(department)
    evaluation = Declaration.objects.get(based_on__isnull=False)
    address = reverse(name, args=[evaluation.pk])
    assert_count(queries_of(as_user(filer), address), queries)


# Lists and home pages


@pytest.fixture
def content(filer: User, declaration: Declaration) -> dict[str, Any]:
    """What is in a revision."""
    revision = factories.submitted(filer, declaration).revision
    assert revision is not None
    return revision.content


LISTS = {
    ("home", "", Role.REVIEWER): 10,
    ("home", "", Role.PUBLISHER): 8,
    ("publishing", "", Role.PUBLISHER): 9,
    ("publishing", "?sort=-due&department=街道", Role.PUBLISHER): 9,
    ("home", "", Role.SYSTEM): 11,
    ("home", "", Role.SECURITY): 7,
    ("home", "", Role.AUDITOR): 4,
    ("declarations", "", Role.REVIEWER): 10,
    ("declarations", "?sort=-closing&department=街道&state=late", Role.SYSTEM): 10,
    ("round", "", Role.SYSTEM): 12,
    ("round", "?sort=reviewer&state=submitted", Role.PUBLISHER): 12,
    ("review", "", Role.REVIEWER): 9,
    ("comment-index", "", Role.REVIEWER): 8,
    ("outbox", "", Role.SYSTEM): 4,
    ("record", "", Role.AUDITOR): 4,
    ("departments", "", Role.SYSTEM): 6,
    ("people", "", Role.SYSTEM): 6,
}
"""The lists and home pages of a bureau, what is asked, and who opens them, with their queries."""


def queries_of_lists(as_user: Any, many: Many) -> dict[tuple[str, str, Role], int]:
    """How many queries each of `LISTS` takes."""
    found = {}
    for name, asked, role in LISTS:
        address = reverse(name, args=[many.latest.pk] if name == "round" else []) + asked
        found[name, asked, role] = len(queries_of(as_user(many.people[role]), address))
    return found


@pytest.mark.parametrize("departments", [20, 200])
def test_lists_and_home_pages_take_the_same_for_twenty_declarations_and_two_hundred(
    as_user, declaration, content, departments: int
) -> None:
    many = plant(declaration.round.template, content, rounds=1, departments=departments)
    assert queries_of_lists(as_user, many) == LISTS


def test_for_one_declaration_they_take_no_more(as_user, declaration, content) -> None:
    """And fewer where a list is empty: there is nothing then that would be read with its rows."""
    many = plant(declaration.round.template, content, rounds=1, departments=1)
    found = queries_of_lists(as_user, many)
    assert {page: n for page, n in found.items() if n > LISTS[page]} == {}


@pytest.mark.parametrize("declarations", [1, 20, 200])
@pytest.mark.parametrize(
    ("name", "role", "queries"),
    [
        ("home", Role.FILER, 7),
        ("home", Role.HEAD, 7),
        ("declarations", Role.FILER, 7),
        ("declarations", Role.HEAD, 7),
        ("comment-index", Role.FILER, 5),
        ("notices", Role.FILER, 5),
    ],
)
def test_the_lists_of_a_department(
    as_user, reviewer, declaration, content, *, name: str, role: Role, queries: int, declarations
) -> None:
    """One is under review, the others are to be filled in."""
    add_comment(reviewer, declaration_id=declaration.pk, anchor=GOAL, text="批注")
    department = declaration.department
    person = factories.UserFactory.create(
        bureau=department.bureau, department=department, role=role
    )
    like = {f.name: getattr(declaration.round, f.name) for f in Round._meta.fields} | {"id": None}
    rounds = Round.objects.bulk_create(
        Round(**like | {"year": 2023 + number}) for number in range(1, declarations)
    )
    Declaration.objects.bulk_create(Declaration(round=r, department=department) for r in rounds)
    assert_count(queries_of(as_user(person), reverse(name)), queries)


@pytest.mark.parametrize("rounds", [1, 20])
@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("templates", 7),
        ("template", 9),
        ("template-activate", 8),
        ("template-install", 7),
        ("rounds", 7),
        ("round-open", 14),
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
    asked = {"activation": further.activations.get().pk} if name == "round-open" else {}
    address = reverse(name, args=arguments, query=asked)
    assert_count(queries_of(as_user(administrator), address), queries)


@pytest.mark.parametrize("count", [2, 20])
@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("round-opening", 5),
        ("round-settings", 14),
        ("round-departments", 8),
        ("round-extension", 5),
    ],
)
def test_the_pages_of_a_round_that_runs(
    as_user, administrator, department, *, name: str, queries: int, count: int
) -> None:
    bureau = department.bureau
    factories.UserFactory.create_batch(count, bureau=bureau, role=Role.REVIEWER)
    others = factories.DepartmentFactory.create_batch(count, bureau=bureau)
    factories.DepartmentFactory.create_batch(count, bureau=bureau)
    template = factories.template_for(bureau, factories.PANYU_FORM.read_bytes())
    stages = [StagePlan("初审", reviewers=bureau.users.filter(role=Role.REVIEWER))] * 4
    round_ = factories.round_for(template, *others, stages=stages)
    asked = {"declaration": [d.pk for d in round_.declarations.all()]}
    address = reverse(name, args=[round_.pk], query=asked)
    assert_count(queries_of(as_user(administrator), address), queries)


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
    assert_count(queries_of(as_user(reviewer), address), 11)


@pytest.mark.parametrize("comments", [1, 20])
def test_the_review_page_of_a_resubmission(
    as_user, filer, reviewer, declaration, comments: int
) -> None:
    comment_on(filer, reviewer, declaration, comments)
    return_for_correction(reviewer, declaration_id=declaration.pk)
    type_into(filer, declaration, **{GOAL: "改过的目标"})
    submit(filer, declaration_id=declaration.pk)
    address = reverse("declaration", args=[declaration.pk])
    assert_count(queries_of(as_user(reviewer), address), 12)


def test_the_panel_of_a_cell(as_user, filer, declaration) -> None:
    for text in "一二三":
        type_into(filer, declaration, **{GOAL: text})
    address = reverse("panel", args=[declaration.pk]) + "?cell=" + GOAL
    assert_count(queries_of(as_user(filer), address), 10)


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
    assert_count(queries_of(client, address), {"adjustment": 7, "correction": 14}[name])


# Departments and people


@pytest.mark.parametrize("files", [1, 12])
def test_evidence(as_user, filer, reviewer, department, files: int) -> None:
    declaration = scored_for(department)
    for number in range(files):
        add(filer, declaration, content=pdf(str(number)))
    address = reverse("evidence", args=[declaration.pk])
    assert_count(queries_of(as_user(filer), address), 8)
    assert_count(queries_of(as_user(filer), f"{address}?at={ITEM}"), 8)
    factories.submitted(filer, declaration)
    assert_count(queries_of(as_user(reviewer), address), 10)


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
