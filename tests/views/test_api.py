"""The API for everybody: what it answers is what its OpenAPI document says."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver, reverse
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate

from declarations.domain.publishing import withdraw
from declarations.sheets.codes import shown_code
from declarations.sheets.records import content_hash
from declarations.views.api_definition import ENDPOINTS, PROBLEM
from declarations.views.public_caching import DRAWN
from tests import factories
from tests.open_data import published_year
from tests.publishing import REASON, published, publisher_of
from tests.test_queries import assert_count, counted

API = "/public/api/v1/"
WITHDRAWN = "含有应当隐去的内容"


@pytest.fixture
def reader() -> Client:
    """Of a browser that enforces what it may."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def year(filer, reviewer, department) -> Any:
    return published_year(filer, reviewer, department)


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    """The OpenAPI document."""
    document: dict[str, Any] = Client().get(f"{API}openapi.json").json()
    return document


@pytest.fixture
def ask(reader: Client, described: dict[str, Any]) -> Any:
    """Asks for an address below the API's, and holds the answer against its description."""

    def answer(path: str, status: int = 200, **asked: object) -> Any:
        address = path.removeprefix(settings.ADDRESS)
        address = address if address.startswith(API) else API + address
        response = reader.get(address + ("?" + urlencode(asked) if asked else ""))
        assert response.status_code == status, response.content.decode()
        assert response["Access-Control-Allow-Origin"] == "*"
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
        name = response.resolver_match.url_name
        operations = [path["get"] for path in described["paths"].values()]
        (operation,) = (o for o in operations if o["operationId"] == name)
        (media_type, content), *_ = operation["responses"][str(status)]["content"].items()
        assert response["Content-Type"] == media_type
        schema = {**content["schema"], "components": described["components"]}
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(response.json())
        return response.json()

    return answer


def test_the_document_is_valid_and_names_every_address(described, db: None) -> None:
    validate(described)
    patterns = {str(p.name): str(p.pattern) for p in get_resolver().url_patterns if p.name}
    of_api = {n: p for n, p in patterns.items() if n.startswith("public-api")}
    assert set(of_api) - {"public-api-openapi", "public-api-unknown"} == {e.name for e in ENDPOINTS}
    for endpoint in ENDPOINTS:
        names = {p.name for p in endpoint.parameters if p.within == "path"}
        assert all(
            f"{{{name}}}" in endpoint.path and f":{name}>" in of_api[endpoint.name]
            for name in names
        )
    assert described["servers"] == [{"url": settings.ADDRESS + API.rstrip("/")}]


def test_the_addresses_lead_on(ask, year) -> None:
    for address in ask("")["addresses"].values():
        assert ask(address)["items"]


def test_bureaus_and_departments(ask, department, year) -> None:
    (bureau,) = ask("bureaus/")["items"]
    assert (bureau["bureau_code"], bureau["declarations"]) == (department.bureau.code, 2)
    (found,) = ask("departments/", bureau=department.bureau.code)["items"]
    assert (found["department_code"], found["declarations"]) == ("panyu-dpf", 2)
    assert len(ask(found["api"])["items"]) == 2


def test_departments_come_in_pages(ask, reviewer, department) -> None:
    publisher, bureau = publisher_of(department.bureau), department.bureau
    other = factories.DepartmentFactory.create(bureau=bureau)
    template = factories.template_for(bureau, factories.PANYU_FORM.read_bytes())
    for declaration in factories.round_for(template, department, other).declarations.all():
        published(factories.filer_of(declaration.department), reviewer, publisher, declaration)
    first = ask("departments/", limit=1)
    second = ask(first["next"])
    assert [*first["items"], *second["items"]] == ask("departments/")["items"]
    assert second["next"] is None


def test_every_declaration_is_listed_as_it_was_published_last(ask, year) -> None:
    withdraw(year.publisher, publication_id=year.evaluation.pk, reason=WITHDRAWN)
    target, evaluation = ask("declarations/")["items"]
    assert (target["code"], target["state"]) == (shown_code(year.second.code), "current")
    assert (target["version"], target["budget"], target["reason"]) == (2, 1_000_000, REASON)
    assert (evaluation["state"], evaluation["self_score"]) == ("withdrawn", None)


NARROWED: list[tuple[dict[str, object], list[str]]] = [
    ({"kind": "target"}, ["panyu-target"]),
    ({"kind": "report"}, []),
    ({"year": 2023}, ["panyu-target", "self-evaluation"]),
    ({"year": 2022}, []),
    ({"department": "panyu-dpf", "kind": "self_evaluation"}, ["self-evaluation"]),
    ({"q": "应助"}, ["panyu-target"]),
    ({"q": "康复", "kind": "self_evaluation"}, ["self-evaluation"]),
    ({"q": "没有的"}, []),
]
"""What is asked for, and the forms that are found."""


def test_lists_are_narrowed(ask, year) -> None:
    for asked, found in NARROWED:
        assert [item["form_code"] for item in ask("declarations/", **asked)["items"]] == found


def test_whoever_asks_again_is_told_what_changed(ask, year) -> None:
    everything = ask("declarations/")["items"]
    moment = everything[-1]["changed_at"]
    later = (datetime.fromisoformat(moment) + timedelta(seconds=1)).isoformat()
    assert ask("declarations/", changed_since=later)["items"] == []
    assert ask("changes/", changed_since=later)["items"] == []
    assert len(ask("declarations/", changed_since=moment[:10])["items"]) == 2


def test_a_plus_that_was_not_escaped_is_understood(reader, year) -> None:
    asked = "2023-05-01T08:00:00+08:00"
    answer = reader.get(f"{API}declarations/?changed_since={asked}")
    assert len(answer.json()["items"]) == 2


@pytest.mark.parametrize(
    ("path", "asked", "count"),
    [
        ("declarations/", {}, 2),
        ("declarations/", {"q": "残疾人"}, 2),
        ("changes/", {}, 3),
        ("changes/", {"changed_since": "2023-05-01T08:00:00+08:00"}, 3),
    ],
)
def test_pages_follow_one_another_and_leave_nothing_out(
    ask, department, year, path, asked, count
) -> None:
    asked = {"bureau": department.bureau.code} | asked
    everything = ask(path, **asked)["items"]
    page = ask(path, limit=1, **asked)
    one_by_one = page["items"]
    while page["next"]:
        page = ask(page["next"])
        assert len(page["items"]) == 1
        one_by_one += page["items"]
    assert one_by_one == everything
    assert len(everything) == count


def test_a_declaration_has_content_files_and_versions(ask, reader, year) -> None:
    (listed,) = ask("declarations/", kind="target")["items"]
    found = ask(listed["api"])
    assert {k: v for k, v in found.items() if k in listed} == listed
    assert found["content"]["texts"]["overall_goal"] == "惠残助残，应助尽助"
    assert content_hash(found["content"]) == found["content_sha256"]
    assert found["labels"]["funding.fiscal.budget"] == "财政拨款"
    assert {f["format"] for f in found["files"]} == {"pdf", "xlsx", "json"}
    stored = {f.format: f.file for f in year.second.files.select_related("file")}
    for file in found["files"]:
        assert (file["sha256"], file["bytes"]) == (
            stored[file["format"]].sha256,
            stored[file["format"]].size,
        )
    second, first = found["versions"]
    assert (second["version"], first["version"]) == (2, 1)
    assert (first["state"], second["state"]) == ("superseded", "current")
    earlier = ask(first["api"])
    assert earlier["content"]["texts"]["overall_goal"] == "惠残助残"
    assert earlier["code"] == shown_code(year.first.code)
    assert len(earlier["files"]) == 3


def test_of_what_is_withdrawn_there_is_no_content(ask, year) -> None:
    withdraw(year.publisher, publication_id=year.second.pk, reason=WITHDRAWN)
    found = ask("declarations/panyu-dpf/2023/panyu-target/")
    assert (found["state"], found["withdrawal_reason"]) == ("withdrawn", WITHDRAWN)
    assert (found["content"], found["files"], found["labels"]) == (None, [], {})
    assert [v["state"] for v in found["versions"]] == ["withdrawn", "superseded"]


def test_changes_say_why(ask, year) -> None:
    found = [(c["change"], c["id"], c["reason"]) for c in ask("changes/")["items"]]
    target, evaluation = "panyu-dpf/2023/panyu-target", "panyu-dpf/2023/self-evaluation"
    assert found == [
        ("published", evaluation, None),
        ("corrected", target, REASON),
        ("published", target, None),
    ]


@pytest.mark.parametrize(
    ("path", "asked", "parameter"),
    [
        ("declarations/", {"year": "二三"}, "year"),
        ("declarations/", {"year": "99999999999"}, "year"),
        ("declarations/", {"kind": "secret"}, "kind"),
        ("declarations/", {"bureau": "nobody"}, "bureau"),
        ("declarations/", {"bureau": "X'; --"}, "bureau"),
        ("declarations/", {"department": "nobody"}, "department"),
        ("declarations/", {"changed_since": "昨天"}, "changed_since"),
        ("declarations/", {"changed_since": "2023-02-30"}, "changed_since"),
        ("declarations/", {"q": "康复", "changed_since": "2023-05-01"}, "changed_since"),
        ("declarations/", {"q": " "}, "q"),
        ("declarations/", {"q": "康复", "cursor": "x"}, "cursor"),
        ("declarations/", {"cursor": "x"}, "cursor"),
        ("declarations/", {"cursor": "2023-05-01_1"}, "cursor"),
        ("changes/", {"cursor": "2023-05-01T00:00:00+08:00_-1"}, "cursor"),
        ("changes/", {"cursor": "x_1"}, "cursor"),
        ("declarations/", {"limit": "101"}, "limit"),
        ("declarations/", {"limit": "0"}, "limit"),
        ("declarations/", {"departmnet": "panyu-dpf"}, "departmnet"),
        ("bureaus/", {"year": "2023"}, "year"),
    ],
)
def test_what_cannot_be_read_is_said(reader, described, declaration, path, asked, parameter):
    answer = reader.get(API + path, asked)
    assert answer.status_code == 400
    assert_problem(answer, described)
    assert answer.json()["parameter"] == parameter
    assert answer.json()["detail"].startswith(f"{parameter} ")


def assert_problem(answer: Any, described: dict[str, Any]) -> None:
    assert answer["Content-Type"] == PROBLEM
    assert answer["Access-Control-Allow-Origin"] == "*"
    problem = answer.json()
    Draft202012Validator(described["components"]["schemas"]["Problem"]).validate(problem)
    assert problem["status"] == answer.status_code


MISSING = [
    "declarations/panyu-dpf/2022/panyu-target/",
    "declarations/panyu-dpf/2023/huadu-target/",
    "declarations/nobody/2023/panyu-target/",
    "declarations/panyu-dpf/99999999999/panyu-target/",
    "declarations/panyu-dpf/2023/panyu-target/versions/2/",
    "declarations/panyu-dpf/2023/panyu-target/versions/0/",
    "declarations/panyu-dpf/2023/panyu-target/versions/99999999999/",
    "people/",
]


def test_what_there_is_not(reader, described, filer, reviewer, declaration) -> None:
    published(filer, reviewer, publisher_of(declaration.round.bureau), declaration)
    for path in MISSING:
        answer = reader.get(API + path)
        assert answer.status_code == 404, path
        assert_problem(answer, described)


def test_what_is_not_published_is_not_there(ask, reader, filer, reviewer, declaration) -> None:
    factories.approved(filer, reviewer, declaration)
    assert ask("declarations/")["items"] == ask("bureaus/")["items"] == []
    assert reader.get(f"{API}declarations/panyu-dpf/2023/panyu-target/").status_code == 404


def test_a_last_slash_may_be_left_out(reader, db: None) -> None:
    answer = reader.get(f"{API}declarations?year=2023")
    assert answer["Location"] == f"{API}declarations/?year=2023"


def test_it_is_read_only(reader, described, db: None) -> None:
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(reader, method)(f"{API}declarations/")
        assert answer.status_code == 405
        assert answer["Allow"] == "GET, HEAD, OPTIONS"
        assert_problem(answer, described)
    answer = reader.options(f"{API}declarations/")
    assert answer.status_code == 204
    assert "If-None-Match" in answer["Access-Control-Allow-Headers"]
    assert reader.head(f"{API}declarations/").content == b""


def test_answers_may_be_kept_until_something_changes(reader, year) -> None:
    one = f"{API}declarations/panyu-dpf/2023/panyu-target/"
    addresses = [API, f"{API}declarations/", f"{API}changes/", f"{API}openapi.json", one]
    etags = {}
    for address in addresses:
        answer = reader.get(address)
        assert "public" in answer["Cache-Control"]
        etags[address] = answer["ETag"]
        again = reader.get(address, headers={"If-None-Match": answer["ETag"]})
        assert again.status_code == 304
        assert again["Access-Control-Allow-Origin"] == "*"
    withdraw(year.publisher, publication_id=year.second.pk, reason=WITHDRAWN)
    for address in (addresses[1], addresses[2], one):
        assert reader.get(address)["ETag"] != etags[address]


QUERIES = {
    "bureaus/": 2,
    "departments/": 2,
    "declarations/": 4,
    "changes/": 2,
    "declarations/panyu-dpf/2023/panyu-target/": 8,
}


@pytest.mark.parametrize("number", [0, 3])
def test_queries_do_not_grow_with_what_is_published(reader, filer, reviewer, department, number):
    publisher, bureau = publisher_of(department.bureau), department.bureau
    others = factories.DepartmentFactory.create_batch(number, bureau=bureau)
    template = factories.template_for(bureau, factories.PANYU_FORM.read_bytes())
    for declaration in factories.round_for(template, department, *others).declarations.all():
        published(factories.filer_of(declaration.department), reviewer, publisher, declaration)
    for path, queries in QUERIES.items():
        reader.get(API + path)
        DRAWN.clear()
        with counted() as made:
            assert reader.get(API + path).status_code == 200
        assert_count(made, queries)


def test_the_page_of_open_data_tells_of_it(reader, department, year) -> None:
    page = reader.get(reverse("public-data", args=[department.bureau.code])).content.decode()
    assert f'href="{API}openapi.json"' in page
    assert f"{settings.ADDRESS}{API}declarations/?bureau={department.bureau.code}" in page
