"""Open data of a bureau: the page, tables in every format, schemas, the log of changes."""

import csv
import json
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from declarations.domain.publishing import withdraw
from declarations.models import PublishedFile
from declarations.sheets.codes import shown_code
from declarations.sheets.open_data import unguarded
from declarations.sheets.open_datasets import DATASETS
from declarations.views.public_caching import DRAWN
from tests import factories
from tests.open_data import NAME, published_year
from tests.publishing import REASON, published, publisher_of
from tests.test_queries import assert_count, counted

WITHDRAWN = "含有应当隐去的内容"


@pytest.fixture
def reader() -> Client:
    """Of a browser that enforces what it may."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def year(filer, reviewer, department) -> Any:
    return published_year(filer, reviewer, department)


def file_of(bureau: Any, name: str, format_: str = "csv") -> str:
    return reverse("public-data-file", args=[bureau.code, 2023, name, format_])


def content_of(answer: Any) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def rows_of(reader: Client, address: str) -> list[dict[str, str]]:
    text = content_of(reader.get(address)).decode("utf-8-sig")
    return [
        {key: unguarded(cell) for key, cell in row.items()}
        for row in csv.DictReader(StringIO(text, newline=""))
    ]


def test_every_publication_is_a_row(reader, department, year) -> None:
    withdraw(year.publisher, publication_id=year.evaluation.pk, reason=WITHDRAWN)
    rows = rows_of(reader, file_of(department.bureau, "declarations"))
    found = {row["code"]: row for row in rows}
    assert set(found) == {shown_code(p.code) for p in (year.first, year.second, year.evaluation)}
    first = found[shown_code(year.first.code)]
    second = found[shown_code(year.second.code)]
    gone = found[shown_code(year.evaluation.code)]
    assert [r["state"] for r in (first, second, gone)] == ["superseded", "current", "withdrawn"]
    assert [r["id"] for r in (first, second)] == ["panyu-dpf/2023/panyu-target"] * 2
    assert second["department"] == department.name
    assert second["reason"] == REASON
    assert second["budget"] == "1000000"
    assert second["content_sha256"] == year.second.sha256
    pdf = PublishedFile.objects.get(publication=year.second, format="pdf")
    assert second["pdf_sha256"] == pdf.file.sha256
    assert first["superseded_at"][:19] == second["published_at"][:19]
    assert gone["withdrawal_reason"] == WITHDRAWN
    assert {gone[c] for c in ("budget", "executed", "self_score", "score", "grade")} == {""}


def test_addresses_lead_to_the_version_that_a_row_is_of(reader, department, year) -> None:
    for row in rows_of(reader, file_of(department.bureau, "declarations")):
        page = reader.get(row["address"].removeprefix(settings.ADDRESS))
        assert page.status_code == 200
        assert row["code"] in page.content.decode()


def test_scores_come_as_they_are_published(reader, department, year) -> None:
    rows = rows_of(reader, file_of(department.bureau, "declarations"))
    (row,) = [r for r in rows if r["kind"] == "self_evaluation"]
    assert (row["self_score"], row["grade"]) == ("94.5", year.evaluation.shown["total/grade"])


def test_only_what_is_in_force_has_indicators(reader, department, year) -> None:
    rows = rows_of(reader, file_of(department.bureau, "indicators"))
    assert {row["code"] for row in rows} == {
        shown_code(p.code) for p in (year.second, year.evaluation)
    }
    row, carried = (r for r in rows if r["level3"] == NAME)
    assert carried["target_indicator_id"] == row["indicator_id"]
    assert (row["target"], row["target_operator"]) == ("≥1.2万人次", "at_least")
    assert (row["target_value"], row["target_unit"], row["met"]) == ("12000", "人次", "")
    judged = {r["level3"]: (r["met"], r["ratio"]) for r in rows if r["kind"] == "self_evaluation"}
    assert judged["培训残疾人数量"] == ("met", "1.2")
    assert judged["帮扶困难家庭数量"] == ("partly", "0.5")


def test_amounts_are_called_as_in_the_form(reader, department, year) -> None:
    rows = rows_of(reader, file_of(department.bureau, "funding"))
    found = {(r["form_code"], r["line"], r["column"]): (r["label"], r["amount"]) for r in rows}
    assert found["panyu-target", "fiscal", "budget"] == ("财政拨款", "1000000")
    assert found["self-evaluation", "all", "executed"] == ("全年执行数", "950")


@pytest.mark.parametrize("name", ["declarations", "indicators", "funding"])
def test_every_format_says_the_same_under_its_schema(reader, department, year, name) -> None:
    bureau, columns = department.bureau, DATASETS[name].columns
    rows = rows_of(reader, file_of(bureau, name))
    data = json.loads(content_of(reader.get(file_of(bureau, name, "json"))))
    book = load_workbook(BytesIO(content_of(reader.get(file_of(bureau, name, "xlsx")))))
    schema = reader.get(data["schema"].removeprefix(settings.ADDRESS)).json()
    assert [f["name"] for f in schema["fields"]] == list(rows[0]) == list(data["rows"][0])
    heads, *lines = book.worksheets[0].iter_rows(values_only=True)
    assert list(heads) == [column.title_with_unit for column in columns]
    assert len(rows) == len(data["rows"]) == len(lines)
    for row, same, line in zip(rows, data["rows"], lines, strict=True):
        for column, cell in zip(columns, line, strict=True):
            text = row[column.name]
            assert (text == "") is (same[column.name] is None) is (cell is None)
            assert text or not column.required
            if column.type in ("integer", "number", "year") and text:
                assert float(text) == same[column.name] == cell
            elif column.choices and text:
                assert same[column.name] == text
                assert column.choices[text] == cell
            elif column.type == "string" and text:
                assert same[column.name] == text == cell


def test_every_act_is_in_the_log(reader, department, year) -> None:
    withdraw(year.publisher, publication_id=year.second.pk, reason=WITHDRAWN)
    address = reverse("public-changes-file", args=[department.bureau.code, "csv"])
    rows = rows_of(reader, address)
    assert [(r["change"], r["version"], r["reason"]) for r in rows] == [
        ("withdrawn", "2", WITHDRAWN),
        ("published", "1", ""),
        ("corrected", "2", REASON),
        ("published", "1", ""),
    ]
    assert [r["at"] for r in rows] == sorted((r["at"] for r in rows), reverse=True)
    page = reader.get(reverse("public-changes", args=[department.bureau.code])).content.decode()
    assert page.count(WITHDRAWN) == 1
    assert page.count(REASON) == 1
    as_json = reverse("public-changes-file", args=[department.bureau.code, "json"])
    assert len(json.loads(content_of(reader.get(as_json)))["rows"]) == 4


def test_the_page_counts_rows_and_leads_to_every_file(reader, department, year) -> None:
    bureau = department.bureau
    page = reader.get(reverse("public-data", args=[bureau.code])).content.decode()
    for name in ("declarations", "indicators", "funding"):
        rows = rows_of(reader, file_of(bureau, name))
        assert f'class="number">{len(rows)}</td>' in page
        for format_ in ("csv", "xlsx", "json"):
            assert f'href="{file_of(bureau, name, format_)}"' in page
    for dataset in DATASETS.values():
        assert all(f"<code>{column.name}</code>" in page for column in dataset.columns)


def test_a_data_package_names_every_table(reader, department, year) -> None:
    address = reverse("public-data-package", args=[department.bureau.code])
    package = reader.get(address).json()
    assert {r["name"] for r in package["resources"]} == {
        *("declarations-2023", "indicators-2023", "funding-2023", "changes")
    }
    for resource in package["resources"]:
        for link in (resource["path"], resource["schema"]):
            assert reader.get(link.removeprefix(settings.ADDRESS)).status_code == 200


def test_nobody_is_asked_and_answers_may_be_kept(reader, department, year) -> None:
    bureau = department.bureau
    addresses = [
        file_of(bureau, "declarations"),
        file_of(bureau, "indicators", "xlsx"),
        reverse("public-data", args=[bureau.code]),
        reverse("public-changes", args=[bureau.code]),
        reverse("public-changes-file", args=[bureau.code, "json"]),
        reverse("public-data-schema", args=["funding"]),
    ]
    for address in addresses:
        answer = reader.get(address)
        assert not answer.cookies
        assert "Cookie" not in answer["Vary"]
        assert "public" in answer["Cache-Control"]
        assert reader.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
        withheld = answer["ETag"]
        assert reader.head(address)["ETag"] == withheld
    answers = {address: reader.get(address)["ETag"] for address in addresses[:5]}
    withdraw(year.publisher, publication_id=year.second.pk, reason=WITHDRAWN)
    assert all(reader.get(address)["ETag"] != etag for address, etag in answers.items())


@pytest.mark.parametrize(
    "path",
    [
        "bureaus/nobody/data/",
        "bureaus/nobody/changes/",
        "bureaus/nobody/data/2023/declarations.csv",
        "bureaus/{}/data/2023/declarations.pdf",
        "bureaus/{}/data/2023/people.csv",
        "bureaus/{}/data/2022/declarations.csv",
        "bureaus/{}/data/99999999/declarations.csv",
        "bureaus/{}/changes.xml",
        "data/schemas/people.json",
    ],
)
def test_what_there_is_not(reader, filer, reviewer, declaration, path) -> None:
    bureau = declaration.round.bureau
    published(filer, reviewer, publisher_of(bureau), declaration)
    assert reader.get("/public/" + path.format(bureau.code)).status_code == 404


def test_a_bureau_that_published_nothing_has_no_data(reader, declaration) -> None:
    code = declaration.round.bureau.code
    page = reader.get(reverse("public-data", args=[code])).content.decode()
    assert "还没有公开" in page
    assert reader.get(file_of(declaration.round.bureau, "declarations")).status_code == 404


QUERIES = {"declarations": 4, "indicators": 3, "funding": 4}
"""The bureau, how much there is, the rows; and the forms, by which they are understood."""


@pytest.mark.parametrize("number", [1, 4])
def test_queries_do_not_grow_with_what_is_published(reader, reviewer, department, number) -> None:
    publisher, bureau = publisher_of(department.bureau), department.bureau
    departments = factories.DepartmentFactory.create_batch(number, bureau=bureau)
    template = factories.template_for(bureau, factories.PANYU_FORM.read_bytes())
    for declaration in factories.round_for(template, *departments).declarations.all():
        published(factories.filer_of(declaration.department), reviewer, publisher, declaration)
    files = {file_of(bureau, name): queries for name, queries in QUERIES.items()}
    pages = {
        reverse("public-data", args=[bureau.code]): 2,
        reverse("public-changes", args=[bureau.code]): 3,
        reverse("public-changes-file", args=[bureau.code, "csv"]): 3,
    }
    for address, queries in (files | pages).items():
        content_of(reader.get(address))
        DRAWN.clear()
        with counted() as made:
            content_of(reader.get(address))
        assert_count(made, queries)
