"""Who may what, in one table: every address, every method, every role."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from declarations.domain.importing import apply_upload
from declarations.domain.review import add_comment
from declarations.domain.rows import remove_row
from declarations.models import Declaration, UploadState, User
from declarations.sheets.table import version_of
from tests import factories
from tests.factories import anchors
from tests.pages import inline_code
from tests.uploads import base, brought, read_already

ROLES = ("anonymous", "filer", "stranger", "reviewer", "administrator", "outsider")
"""Nobody yet; the department's own filer; another department's; the bureau's two; and a
reviewer of another bureau."""

LOGIN = 302
"""For who is not logged in: on to the login."""

NOT_ALLOWED = (LOGIN, 405, 405, 405, 405, 405)
"""A method that the address does not know."""

ADMINISTRATOR = (LOGIN, 404, 404, 404, 200, 404)
"""A page of those who manage the bureau's forms and rounds."""

DRAFT, COMPLETE, SUBMITTED, RETURNED, APPROVED, SECOND_YEAR = (
    "draft",
    "complete",
    "submitted",
    "returned",
    "approved",
    "second year",
)
IMPORTED, REJECTED = "imported", "rejected"
"""Drafts into which a workbook was imported, and for which one was brought that could not be."""

# address, method, state                 anonymous filer stranger reviewer administrator outsider
TABLE: list[tuple[str, str, str, tuple[int, ...]]] = [
    ("home", "GET", DRAFT, (LOGIN, 200, 200, 200, 200, 200)),
    ("home", "POST", DRAFT, NOT_ALLOWED),
    ("login", "GET", DRAFT, (200, 302, 302, 302, 302, 302)),
    ("login", "POST", DRAFT, (200, 302, 302, 302, 302, 302)),
    ("logout", "GET", DRAFT, NOT_ALLOWED),
    ("logout", "POST", DRAFT, (LOGIN, 302, 302, 302, 302, 302)),
    ("password", "GET", DRAFT, (LOGIN, 200, 200, 200, 200, 200)),
    ("password", "POST", DRAFT, (LOGIN, 200, 200, 200, 200, 200)),
    ("declaration", "GET", DRAFT, (LOGIN, 200, 404, 200, 200, 404)),
    ("declaration", "GET", SUBMITTED, (LOGIN, 200, 404, 200, 200, 404)),
    ("declaration", "GET", RETURNED, (LOGIN, 200, 404, 200, 200, 404)),
    ("declaration", "GET", APPROVED, (LOGIN, 200, 404, 200, 200, 404)),
    ("declaration", "POST", DRAFT, NOT_ALLOWED),
    ("panel", "GET", DRAFT, (LOGIN, 200, 404, 404, 404, 404)),
    ("panel", "GET", SUBMITTED, (LOGIN, 200, 404, 200, 200, 404)),
    ("panel", "GET", RETURNED, (LOGIN, 200, 404, 200, 200, 404)),
    ("panel", "POST", DRAFT, NOT_ALLOWED),
    ("revision", "GET", DRAFT, (LOGIN, 404, 404, 404, 404, 404)),
    ("revision", "GET", SUBMITTED, (LOGIN, 200, 404, 200, 200, 404)),
    ("revision", "GET", RETURNED, (LOGIN, 200, 404, 200, 200, 404)),
    ("revision", "POST", SUBMITTED, NOT_ALLOWED),
    ("table", "GET", DRAFT, (LOGIN, 200, 404, 404, 404, 404)),
    ("table", "GET", RETURNED, (LOGIN, 200, 404, 404, 404, 404)),
    ("table", "POST", DRAFT, NOT_ALLOWED),
    ("outline", "GET", DRAFT, (LOGIN, 200, 404, 404, 404, 404)),
    ("outline", "GET", RETURNED, (LOGIN, 200, 404, 404, 404, 404)),
    ("outline", "POST", DRAFT, NOT_ALLOWED),
    ("cells", "GET", DRAFT, NOT_ALLOWED),
    ("cells", "POST", DRAFT, (LOGIN, 200, 404, 409, 409, 404)),
    ("cells", "POST", SUBMITTED, (LOGIN, 409, 404, 409, 409, 404)),
    ("cells", "POST", RETURNED, (LOGIN, 200, 404, 409, 409, 404)),
    ("cells", "POST", APPROVED, (LOGIN, 409, 404, 409, 409, 404)),
    ("paste", "GET", DRAFT, NOT_ALLOWED),
    ("paste", "POST", DRAFT, (LOGIN, 200, 404, 409, 409, 404)),
    ("paste", "POST", SUBMITTED, (LOGIN, 409, 404, 409, 409, 404)),
    ("rows", "GET", DRAFT, NOT_ALLOWED),
    ("rows", "POST", DRAFT, (LOGIN, 200, 404, 409, 409, 404)),
    ("rows", "POST", SUBMITTED, (LOGIN, 409, 404, 409, 409, 404)),
    ("undo", "GET", DRAFT, NOT_ALLOWED),
    ("undo", "POST", DRAFT, (LOGIN, 200, 404, 409, 409, 404)),
    ("undo", "POST", SUBMITTED, (LOGIN, 409, 404, 409, 409, 404)),
    ("carry-over", "GET", SECOND_YEAR, NOT_ALLOWED),
    ("carry-over", "POST", DRAFT, (LOGIN, 409, 404, 409, 409, 404)),
    ("carry-over", "POST", SECOND_YEAR, (LOGIN, 200, 404, 409, 409, 404)),
    ("submit", "GET", DRAFT, (LOGIN, 200, 404, 404, 404, 404)),
    ("submit", "GET", COMPLETE, (LOGIN, 200, 404, 404, 404, 404)),
    ("submit", "GET", SUBMITTED, (LOGIN, 302, 404, 404, 404, 404)),
    ("submit", "POST", DRAFT, (LOGIN, 200, 404, 404, 404, 404)),
    ("submit", "POST", COMPLETE, (LOGIN, 302, 404, 404, 404, 404)),
    ("comments", "GET", SUBMITTED, NOT_ALLOWED),
    ("comments", "POST", DRAFT, (LOGIN, 404, 404, 302, 404, 404)),
    ("comments", "POST", SUBMITTED, (LOGIN, 404, 404, 302, 404, 404)),
    ("comment-delete", "GET", SUBMITTED, NOT_ALLOWED),
    ("comment-delete", "POST", SUBMITTED, (LOGIN, 404, 404, 302, 404, 404)),
    ("decision", "GET", SUBMITTED, NOT_ALLOWED),
    ("decision", "POST", DRAFT, (LOGIN, 404, 404, 302, 404, 404)),
    ("decision", "POST", SUBMITTED, (LOGIN, 404, 404, 302, 404, 404)),
    ("download", "GET", DRAFT, (LOGIN, 200, 404, 404, 404, 404)),
    ("download", "GET", SUBMITTED, (LOGIN, 200, 404, 200, 200, 404)),
    ("download", "GET", RETURNED, (LOGIN, 200, 404, 404, 404, 404)),
    ("download", "GET", APPROVED, (LOGIN, 200, 404, 200, 200, 404)),
    ("download", "POST", APPROVED, NOT_ALLOWED),
    ("fillable", "GET", DRAFT, (LOGIN, 200, 404, 404, 404, 404)),
    ("fillable", "GET", SUBMITTED, (LOGIN, 404, 404, 404, 404, 404)),
    ("fillable", "GET", RETURNED, (LOGIN, 200, 404, 404, 404, 404)),
    ("fillable", "GET", APPROVED, (LOGIN, 404, 404, 404, 404, 404)),
    ("fillable", "POST", DRAFT, NOT_ALLOWED),
    ("uploads", "GET", DRAFT, (LOGIN, 200, 404, 404, 200, 404)),
    ("uploads", "GET", SUBMITTED, (LOGIN, 200, 404, 404, 200, 404)),
    ("uploads", "POST", DRAFT, (LOGIN, 302, 404, 404, 404, 404)),
    ("uploads", "POST", SUBMITTED, (LOGIN, 302, 404, 404, 404, 404)),
    ("upload", "GET", DRAFT, (LOGIN, 200, 404, 404, 404, 404)),
    ("upload", "GET", REJECTED, (LOGIN, 200, 404, 404, 200, 404)),
    ("upload", "POST", DRAFT, NOT_ALLOWED),
    ("upload-apply", "GET", DRAFT, NOT_ALLOWED),
    ("upload-apply", "POST", DRAFT, (LOGIN, 302, 404, 404, 404, 404)),
    ("upload-apply", "POST", SUBMITTED, (LOGIN, 302, 404, 404, 404, 404)),
    ("upload-set-aside", "GET", DRAFT, NOT_ALLOWED),
    ("upload-set-aside", "POST", DRAFT, (LOGIN, 302, 404, 404, 404, 404)),
    ("upload-undo", "GET", DRAFT, NOT_ALLOWED),
    ("upload-undo", "POST", DRAFT, (LOGIN, 302, 404, 404, 404, 404)),
    ("upload-undo", "POST", IMPORTED, (LOGIN, 302, 404, 404, 404, 404)),
    ("upload-file", "GET", DRAFT, (LOGIN, 200, 404, 404, 404, 404)),
    ("upload-file", "GET", REJECTED, (LOGIN, 200, 404, 404, 200, 404)),
    ("upload-file", "POST", DRAFT, NOT_ALLOWED),
    ("form-css", "GET", DRAFT, (LOGIN, 200, 200, 200, 200, 404)),
    ("form-css", "POST", DRAFT, NOT_ALLOWED),
    ("templates", "GET", DRAFT, ADMINISTRATOR),
    ("templates", "POST", DRAFT, NOT_ALLOWED),
    ("template-install", "GET", DRAFT, ADMINISTRATOR),
    ("template-install", "POST", DRAFT, ADMINISTRATOR),
    ("template-guide", "GET", DRAFT, ADMINISTRATOR),
    ("template-guide", "POST", DRAFT, NOT_ALLOWED),
    ("template-example", "GET", DRAFT, ADMINISTRATOR),
    ("template-example", "POST", DRAFT, NOT_ALLOWED),
    ("template", "GET", DRAFT, ADMINISTRATOR),
    ("template", "POST", DRAFT, NOT_ALLOWED),
    ("template-trial", "GET", DRAFT, ADMINISTRATOR),
    ("template-trial", "POST", DRAFT, NOT_ALLOWED),
    ("template-activate", "GET", DRAFT, ADMINISTRATOR),
    ("template-activate", "POST", DRAFT, (LOGIN, 404, 404, 404, 302, 404)),
    ("template-deactivate", "GET", DRAFT, NOT_ALLOWED),
    ("template-deactivate", "POST", DRAFT, (LOGIN, 404, 404, 404, 302, 404)),
    ("template-retire", "GET", DRAFT, NOT_ALLOWED),
    ("template-retire", "POST", DRAFT, (LOGIN, 404, 404, 404, 302, 404)),
    ("template-restore", "GET", DRAFT, NOT_ALLOWED),
    ("template-restore", "POST", DRAFT, (LOGIN, 404, 404, 404, 302, 404)),
    ("template-file", "GET", DRAFT, ADMINISTRATOR),
    ("template-file", "POST", DRAFT, NOT_ALLOWED),
    ("rounds", "GET", DRAFT, ADMINISTRATOR),
    ("rounds", "POST", DRAFT, NOT_ALLOWED),
    ("round-open", "GET", DRAFT, ADMINISTRATOR),
    ("round-open", "POST", DRAFT, ADMINISTRATOR),
]

PUBLIC = {"login"}
"""What works without a login."""

WRITES = {
    ("cells", DRAFT, "filer"),
    ("paste", DRAFT, "filer"),
    ("rows", DRAFT, "filer"),
    ("undo", DRAFT, "filer"),
    ("carry-over", SECOND_YEAR, "filer"),
    ("submit", COMPLETE, "filer"),
    ("upload-apply", DRAFT, "filer"),
    ("upload-undo", IMPORTED, "filer"),
    ("comments", SUBMITTED, "reviewer"),
    ("comment-delete", SUBMITTED, "reviewer"),
    ("decision", SUBMITTED, "reviewer"),
}
"""By which address, in which state, who changes a declaration; nothing else in the table does."""

BODIES: dict[str, Any] = {
    "cells": {
        "changes": [{"anchor": "text/overall_goal", "text": "改过", "version": version_of("")}]
    },
    "paste": {"anchor": "text/overall_goal", "block": [["粘贴的"]]},
    "rows": {"action": "add", "list": "tasks"},
    "carry-over": {},
}
FIELDS = {
    "comments": {"anchor": "funding/basic/budget", "text": "请核对。"},
    "decision": {"decision": "approve", "opinion": "同意。"},
    "template-activate": {"year": "2031"},
    "template-deactivate": {"year": "2031"},
}


OF_THE_UPLOAD = ("upload", "upload-apply", "upload-set-aside", "upload-undo")
OF_THE_VERSION = (
    "template",
    "template-trial",
    "template-activate",
    "template-deactivate",
    "template-retire",
    "template-restore",
)
OF_NOTHING = (
    *("home", "login", "logout", "password"),
    *("templates", "template-install", "template-guide", "rounds", "round-open"),
)
"""Addresses that name no declaration."""


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    """Every URL pattern of the project."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern)
        else:
            yield pattern


def test_every_address_and_method_is_in_the_table() -> None:
    names = [pattern.name for pattern in patterns(get_resolver())]
    assert None not in names
    missing = {(n, m) for n in names for m in ("GET", "POST")} - {r[:2] for r in TABLE}
    assert missing == set(), "say in TABLE who may"
    assert {r[0] for r in TABLE} == set(names)


def test_only_what_is_listed_is_public() -> None:
    open_ = {name for name, _, _, expected in TABLE if expected[0] != LOGIN}
    assert open_ == PUBLIC


class World:
    """A declaration in some state with everybody who may or may not come to it."""

    def __init__(self, declaration: Declaration, people: dict[str, User | None]) -> None:
        self.declaration = declaration
        self.people = people
        self.comment = self.event = self.upload = 0
        self.base = ""

    def bring_a_workbook(self, state: str) -> None:
        """One that waits to be imported, was imported, or could not be."""
        kept = UploadState.REJECTED if state == REJECTED else UploadState.WAITING
        records = brought(self.declaration)
        records.texts["overall_goal"] = "导入的目标"
        upload = read_already(self.declaration, records, kept)
        self.upload, self.base = upload.pk, base(self.declaration)
        if state == IMPORTED:
            apply_upload(
                self.people["filer"],
                declaration_id=self.declaration.pk,
                upload_id=upload.pk,
                base=self.base,
            )

    def bring_to(self, state: str) -> None:
        filer, reviewer = self.people["filer"], self.people["reviewer"]
        assert filer is not None
        assert reviewer is not None
        row = anchors(self.declaration, "other_tasks.name")[0].removesuffix("/name")
        self.event = remove_row(filer, declaration_id=self.declaration.pk, anchor=row).pk
        match state:
            case "complete":
                factories.fill_in(filer, self.declaration)
            case "submitted":
                factories.submitted(filer, self.declaration)
                self.comment = add_comment(
                    reviewer, declaration_id=self.declaration.pk, anchor="", text="批注"
                ).pk
            case "returned":
                factories.returned(filer, reviewer, self.declaration)
            case "approved":
                factories.approved(filer, reviewer, self.declaration)
            case "second year":
                round_ = self.declaration.round
                department = self.declaration.department
                last = factories.round_for(round_.template, department, year=round_.year - 1)
                factories.approved(filer, reviewer, last.declarations.get())
        self.bring_a_workbook(state)

    def address(self, name: str) -> str:
        declaration = self.declaration
        template = declaration.round.template
        special = {
            "revision": [declaration.pk, 1],
            "comment-delete": [declaration.pk, self.comment],
            "download": [declaration.pk, "html"],
            "fillable": [declaration.pk, "filled"],
            "form-css": [template.pk, template.sha256],
            "template-example": ["panyu-target"],
            "template-file": [template.pk, "workbook"],
            "upload-file": [declaration.pk, self.upload, "original"],
            **{about: [declaration.pk, self.upload] for about in OF_THE_UPLOAD},
            **{about: [template.pk] for about in OF_THE_VERSION},
        }
        plain = [] if name in OF_NOTHING else [declaration.pk]
        return reverse(name, args=special.get(name, plain))

    def ask(self, role: str, method: str, name: str) -> Any:
        client = Client()
        if user := self.people[role]:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        if method == "GET":
            return client.get(self.address(name))
        body = {"event": self.event} if name == "undo" else BODIES.get(name)
        if body is not None:
            return client.post(self.address(name), body, content_type="application/json")
        fields = {"base": self.base} if name == "upload-apply" else FIELDS.get(name, {})
        return client.post(self.address(name), fields)

    def stored(self) -> list[Any]:
        """All of the declaration that an act could change."""
        d = factories.reread(self.declaration)
        rows = (d.tasks, d.indicators, d.passages, d.funding_lines, d.comments, d.events)
        return [d.state, d.revision_id, *(list(r.order_by("pk").values()) for r in rows)]


@pytest.fixture
def world(declaration: Declaration, request: pytest.FixtureRequest) -> World:
    people = {r: None if r == "anonymous" else request.getfixturevalue(r) for r in ROLES}
    return World(declaration, people)


@pytest.mark.parametrize(
    ("name", "method", "state", "expected"), TABLE, ids=lambda v: v if isinstance(v, str) else ""
)
def test_who_may(
    world: World, *, name: str, method: str, state: str, expected: tuple[int, ...]
) -> None:
    world.bring_to(state)
    before = world.stored()
    found = []
    for role in ROLES:
        with transaction.atomic():
            answer = world.ask(role, method, name)
            changed = world.stored() != before
            transaction.set_rollback(True)
        found.append(answer.status_code)
        assert changed == (method == "POST" and (name, state, role) in WRITES), role
        check_answer(answer)
    assert dict(zip(ROLES, found, strict=True)) == dict(zip(ROLES, expected, strict=True))


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
