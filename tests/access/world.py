"""Everybody there is, around one declaration that can be brought into any state."""

from copy import copy
from datetime import timedelta
from functools import cache
from http.cookies import SimpleCookie
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone
from openpyxl import load_workbook

from declarations.domain.commenting import add_comment
from declarations.domain.importing import apply_upload
from declarations.domain.review import pass_on, return_for_correction
from declarations.domain.review_sheets import save_sheet
from declarations.domain.rounds import StagePlan, set_stages
from declarations.domain.rows import remove_row
from declarations.models import (
    OF_DEPARTMENTS,
    Batch,
    BatchKind,
    BatchState,
    Bureau,
    Declaration,
    Department,
    DepartmentGroup,
    Notice,
    NoticeKind,
    Role,
    State,
    UploadState,
    User,
)
from declarations.queries.exports import Wanted
from declarations.queries.people import NO_GROUP
from declarations.sheets.table import version_of
from tests import evidence, factories
from tests.factories import anchors
from tests.results import scored_round
from tests.sheets.workbooks import saved
from tests.uploads import base, brought, read_already

SHEET = {
    "criteria": [{"key": "measurable", "aspect": "相关性", "name": "可衡量", "points": "10"}],
    "grades": [{"name": "优", "from": "9"}, {"name": "差", "from": "0"}],
}
NOBODY = "nobody"
OWN = "own"
"""Of the bureau, and for filers and heads of the department, of the declaration."""
NEIGHBOUR = "neighbour"
"""Of another department of the bureau."""
FOREIGN = "foreign"
"""Of another bureau."""

PEOPLE = (
    NOBODY,
    *(f"{OWN} {role}" for role in OF_DEPARTMENTS),
    *(f"{NEIGHBOUR} {role}" for role in OF_DEPARTMENTS),
    *(f"{OWN} {role}" for role in Role if role not in OF_DEPARTMENTS),
    *(f"{FOREIGN} {role}" for role in Role),
)
"""In the order of the table's columns."""

STATES = ("draft", "with-head", "submitted", "returned", "approved", "adjusting")
"""Every state of a declaration; submitted twice over: with the department's head, and after."""
SPECIAL = ("complete", "imported", "rejected", "second-year")
"""Drafts: that could be submitted; into which a workbook was imported; for which one was
brought that could not be; of a department that was approved the year before."""

BODIES: dict[str, Any] = {
    "cells": {
        "changes": [{"anchor": "text/overall_goal", "text": "改过", "version": version_of("")}]
    },
    "paste": {"anchor": "text/overall_goal", "block": [["粘贴的"]]},
    "rows": {"action": "add", "list": "tasks"},
    "carry-over": {},
    "draft": {"anchor": "text/overall_goal", "version": version_of("")},
}
"""What a script sends to an address, as JSON."""

FIELDS: dict[str, dict[str, str]] = {
    "comments": {"anchor": "funding/basic/budget", "text": "请核对。"},
    "decision": {"decision": "approve", "opinion": "同意。"},
    "publishing-check": {"act": "exempt", "note": "涉及国家秘密，依法不予公开"},
    "template-activate": {"year": "2031"},
    "template-deactivate": {"year": "2031"},
    "departments-assign": {"group": NO_GROUP},
    "notices-read": {"until": "1"},
}
"""What a form sends to an address; nothing, unless it is here."""

QUERIES = {"history": {"cell": "funding/basic/budget"}}
"""What an address is asked for after its ``?``."""


STORED = """
    SELECT state, stage_id, revision_id, approved_id, reviewer_id,
        (SELECT array_agg(r ORDER BY id)::text FROM declarations_task r WHERE declaration_id = d.id),
        (SELECT array_agg(r ORDER BY id)::text FROM declarations_indicator r WHERE declaration_id = d.id),
        (SELECT array_agg(r ORDER BY id)::text FROM declarations_passage r WHERE declaration_id = d.id),
        (SELECT array_agg(r ORDER BY id)::text FROM declarations_fundingline r WHERE declaration_id = d.id),
        (SELECT array_agg(r ORDER BY id)::text FROM declarations_comment r WHERE declaration_id = d.id),
        (SELECT array_agg(r ORDER BY id)::text FROM declarations_event r WHERE declaration_id = d.id)
    FROM declarations_declaration d WHERE id = %s
"""
"""A declaration with its rows, the rows as text."""


ITEM = "score/rules"


@cache
def with_a_scored_item() -> bytes:
    """Panyu's form with an item that is scored, so that there is evidence."""
    book = load_workbook(factories.PANYU_FORM)
    sheet = book["表样"]
    row = sheet.max_row + 1
    sheet.cell(row, 1, "制度健全")
    sheet.cell(row, 2, "{{score.rules.self_score}}")
    rubric = book.create_sheet("评分")
    rubric.append(["编码", "名称", "分值", "方法", "数据"])
    rubric.append(["rules", "制度健全", 5, "比率得分", "rate：健全率（%）"])
    return saved(book)


class World:
    """A declaration in some state with everybody who may or may not come to it."""

    def __init__(self, state: str) -> None:
        self.bureau = factories.BureauFactory.create()
        self.department = self._department(self.bureau)
        others = {NEIGHBOUR: self._department(self.bureau)}
        others[FOREIGN] = self._department(factories.BureauFactory.create())
        places = {OWN: self.department, **others}
        self.people: dict[str, User | None] = {NOBODY: None}
        for name in PEOPLE[1:]:
            place, role = name.split()
            self.people[name] = self._person(places[place], Role(role))
        self.group = DepartmentGroup.objects.create(bureau=self.bureau, name="一组")
        self.declaration = factories.declaration_for(self.department, with_a_scored_item())
        round_ = self.declaration.round
        round_.review_sheet = SHEET
        round_.adjustments_until = timezone.now() + timedelta(days=30)
        round_.save()
        plans = (
            StagePlan("部门负责人审核", by_head=True),
            StagePlan("财政局审核", with_sheet=True),
        )
        set_stages(round_, plans)
        self.scored = scored_round(self.bureau)
        self.batch = Batch.objects.create(
            bureau=self.bureau,
            kind=BatchKind.EXPORT,
            state=BatchState.DONE,
            title="批量导出",
            options={"filters": Wanted().to_json(), "formats": ["pdf"], "pattern": "{department}"},
            requested_by=self.of(OWN, Role.PUBLISHER),
        )
        self.comment = self.event = self.upload = self.evidence = 0
        self.base = ""
        self.notice = Notice.objects.create(
            recipient=self.of(OWN, Role.FILER),
            kind=NoticeKind.REMINDER,
            title="提醒",
            text="请填报",
            email="x@example.com",
        )
        self._bring_to(state)
        self.declaration = factories.reread(self.declaration)
        self.cookies = {name: self._cookies(person) for name, person in self.people.items()}

    def of(self, place: str, role: Role) -> User:
        """One of the people."""
        person = self.people[f"{place} {role}"]
        assert person is not None
        return person

    def ask(self, name: str, method: str, pattern: URLPattern) -> Any:
        """The answer to one of PEOPLE."""
        address = self.address(pattern)
        client, about = Client(), str(pattern.name)
        client.cookies = copy(self.cookies[name])  # whatever was done before, as logging out
        if method == "GET":
            return client.get(address, QUERIES.get(about, {}))
        body = {"event": self.event} if about == "undo" else BODIES.get(about)
        if body is not None:
            return client.post(address, body, content_type="application/json")
        return client.post(address, self._fields(about))

    def _fields(self, about: str) -> dict[str, Any]:
        if about == "evidence":
            return {"at": ITEM, "files": evidence.sent("新.pdf", evidence.pdf("新"))}
        return {"base": self.base} if about == "upload-apply" else FIELDS.get(about, {})

    def address(self, pattern: URLPattern) -> str:
        """Where it is, for what is in this world."""
        route = str(pattern.pattern)
        known = {
            "pk": self._main(str(pattern.name), route.split("/", maxsplit=1)[0]),
            **self._arguments(str(pattern.name)),
        }
        wanted = pattern.pattern.converters
        return reverse(str(pattern.name), kwargs={name: known[name] for name in wanted})

    def stored(self) -> tuple[Any, ...]:
        """All of the declaration that an act could change; one query, asked for at every POST."""
        with connection.cursor() as cursor:
            cursor.execute(STORED, [self.declaration.pk])
            row = cursor.fetchone()
        assert row is not None
        return row

    def _main(self, name: str, prefix: str) -> int:
        """What the pk of an address is of, by its name or how it begins."""
        if name.startswith("round-results"):
            return self.scored.pk
        rows = {
            "templates": self.declaration.round.template,
            "rounds": self.declaration.round,
            "departments": self.department,
            "groups": self.group,
            "people": self.of(OWN, Role.FILER),
            "security": self.of(OWN, Role.FILER),
            "notices": self.notice,
            "outbox": self.notice,
            "batches": self.batch,
        }
        return rows.get(prefix, self.declaration).pk

    def _arguments(self, name: str) -> dict[str, Any]:
        template = self.declaration.round.template
        return {
            "bureau": self.bureau.code,
            "department": self.department.code,
            "year": self.declaration.round.year,
            "slug": template.code,
            "part": 1,
            "number": self._number(name),
            "code": "7Q2M0FZK93XB",
            "comment": self.comment,
            "content": "filled",
            "copy": "original",
            "form": template.code,
            "format": "html",
            "key": "budget_execution",
            "name": "panyu-target" if name == "template-example" else "workbook",
            "rest": "people/",
            "sha256": template.sha256,
            "template": template.pk,
            "token": "nonsense",
        }

    def _number(self, name: str) -> int:
        """Of an upload, of an evidence file, or of a revision."""
        if name.startswith("evidence"):
            return self.evidence
        return self.upload if name.startswith("upload") else 1

    def _department(self, bureau: Bureau) -> Department:
        return factories.DepartmentFactory.create(bureau=bureau)

    def _person(self, department: Department, role: Role) -> User:
        of_department = department if role in OF_DEPARTMENTS else None
        return factories.UserFactory.create(
            bureau=department.bureau, department=of_department, role=role
        )

    def _cookies(self, person: User | None) -> SimpleCookie:
        client = Client()
        if person:
            client.force_login(person)
        return client.cookies

    def _bring_to(self, state: str) -> None:
        filer, head = self.of(OWN, Role.FILER), self.of(OWN, Role.HEAD)
        reviewer, pk = self.of(OWN, Role.REVIEWER), self.declaration.pk
        row = anchors(self.declaration, "other_tasks.name")[0].removesuffix("/name")
        self.event = remove_row(filer, declaration_id=pk, anchor=row).pk
        self.evidence = evidence.add(filer, self.declaration, at=ITEM).pk
        if state == "complete":
            factories.fill_in(filer, self.declaration)
        elif state == "second-year":
            self._approve_the_year_before()
        elif state in STATES[1:]:
            factories.submitted(filer, self.declaration)
        if state in STATES[2:]:
            pass_on(head, declaration_id=pk)
            save_sheet(reviewer, declaration_id=pk, points={"measurable": "10"})
            self.comment = add_comment(reviewer, declaration_id=pk, anchor="", text="批注").pk
        if state == "returned":
            return_for_correction(reviewer, declaration_id=pk)
        elif state in ("approved", "adjusting"):
            pass_on(reviewer, declaration_id=pk)
        if state == "adjusting":
            rows = Declaration.objects.filter(pk=pk)
            rows.update(state=State.ADJUSTING, adjustment_reason="情况变化")
        self._bring_a_workbook(state)

    def _approve_the_year_before(self) -> None:
        round_ = self.declaration.round
        last = factories.round_for(round_.template, self.department, year=round_.year - 1)
        filer, reviewer = self.of(OWN, Role.FILER), self.of(OWN, Role.REVIEWER)
        factories.approved(filer, reviewer, last.declarations.get())

    def _bring_a_workbook(self, state: str) -> None:
        """One that waits to be imported, was imported, or could not be."""
        kept = UploadState.REJECTED if state == "rejected" else UploadState.WAITING
        records = brought(self.declaration)
        records.texts["overall_goal"] = "导入的目标"
        upload = read_already(self.declaration, records, kept)
        self.upload, self.base = upload.pk, base(self.declaration)
        if state == "imported":
            apply_upload(
                self.of(OWN, Role.FILER),
                declaration_id=self.declaration.pk,
                upload_id=upload.pk,
                base=self.base,
            )
