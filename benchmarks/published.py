"""Many published declarations, planted by COPY and INSERT … SELECT with the triggers off.

Some hundred different texts are made of what the demo's departments wrote, each with words that
few others have; every declaration has one of them, and a title and department of its own.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from declarations.management import demo
from declarations.models import (
    Bureau,
    CatalogueEntry,
    Declaration,
    DeclarationKind,
    Department,
    FormTemplate,
    Publication,
    PublicationCheck,
    Revision,
    Role,
    Round,
    User,
)
from declarations.queries.catalogue import marks_of
from declarations.sheets.records import Records
from declarations.sheets.words import texts_of, vector

TEXTS = 300
BUREAUS = 10
LAST_YEAR = 2024
COMMON, RARE, MANY_HAVE = "残疾人", "鹮鸮", "灌溉渠"
"""A word in all of them, one in the first `RARELY`, and one in a tenth."""
RARELY = 8
WORDS = ("name", "content", "expected", "actual")
"""Columns of tasks."""
_DRAWN = random.Random(20231121)  # noqa: S311  (the same every time)


@dataclass(frozen=True, slots=True)
class Planted:
    """Where the catalogue was filled. bureau: one of ten. count: of entries."""

    bureau: Bureau
    count: int


def plant(template: FormTemplate, *, departments: int, years: int) -> Planted:
    """Ten bureaus with so many departments, each with a published declaration in every year."""
    bureaus = [_bureau(number, template) for number in range(BUREAUS)]
    texts = [_content(number) for number in range(TEXTS)]
    named = {bureau.pk: _departments(bureau, departments) for bureau in bureaus}
    rounds = [
        _round(bureau.templates.get(), year)
        for bureau in bureaus
        for year in range(LAST_YEAR - years + 1, LAST_YEAR + 1)
    ]
    tables = [model._meta.db_table for model in _PLANTED]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        with cursor.copy(
            "COPY declarations_declaration (round_id, department_id, state, adjustment_reason)"
            " FROM STDIN"
        ) as copy:
            for round_ in rounds:
                for department in named[round_.bureau_id]:
                    copy.write_row((round_.pk, department.pk, "draft", ""))
        cursor.execute(_TABLES)
        with cursor.copy("COPY body FROM STDIN") as copy:
            for number, content in enumerate(texts):
                body = vector([], texts_of(Records.from_json(content)), [])
                copy.write_row((number, json.dumps(content, ensure_ascii=False), body))
        lines = list(_lines(rounds))
        with cursor.copy("COPY line FROM STDIN") as copy:
            for line in lines:
                copy.write_row(line)
        cursor.execute("DROP INDEX catalogue_words")
        for statement in _STATEMENTS:
            cursor.execute(statement)
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
        cursor.execute("DROP TABLE body, line")
        cursor.execute("VACUUM ANALYZE")  # as autovacuum would have
    return Planted(bureaus[0], len(lines))


_PLANTED = (Declaration, Revision, PublicationCheck, Publication, CatalogueEntry)
_TABLES = """
    CREATE TEMP TABLE body (n int, content jsonb, words tsvector);
    CREATE TEMP TABLE line (declaration_id bigint, by_id bigint, body int, title text,
        department text, at timestamptz, head tsvector);
    SET maintenance_work_mem = '1GB'
"""
_STATEMENTS = (
    """INSERT INTO declarations_revision
       (declaration_id, number, content, sha256, kind, reason, findings, submitted_at,
        submitted_by_id)
       SELECT declaration_id, 1, '{}', '', 'submission', '', '[]', at, by_id FROM line""",
    """UPDATE declarations_declaration d SET state = 'approved', revision_id = r.id,
       handed_in_id = r.id, approved_id = r.id, approved_at = r.submitted_at
       FROM declarations_revision r JOIN line USING (declaration_id)
       WHERE r.declaration_id = d.id""",
    """INSERT INTO declarations_publicationcheck
       (revision_id, outcome, confidentiality, personal_data, completeness, masking, sha256, note,
        checked_at, checked_by_id)
       SELECT r.id, 'cleared', true, true, true, '{}', 'x', '', at, by_id
       FROM line JOIN declarations_revision r USING (declaration_id)""",
    """INSERT INTO declarations_publication
       (declaration_id, revision_id, publication_check_id, number, code, verify_url, title,
        masking, content, shown, sha256, reason, published_at, published_by_id, withdrawal_reason)
       SELECT declaration_id, r.id, c.id, 1, to_char(declaration_id, 'FM000000000000'), '', title,
           '{}', b.content, '{}', 'x', '', at, by_id, ''
       FROM line JOIN declarations_revision r USING (declaration_id)
       JOIN declarations_publicationcheck c ON c.revision_id = r.id
       JOIN body b ON b.n = line.body""",
    """INSERT INTO declarations_catalogueentry
       (declaration_id, publication_id, bureau_id, department_id, year, kind, slug, title,
        department_name, published_at, changed_at, withdrawn, words)
       SELECT d.id, p.id, r.bureau_id, d.department_id, r.year, f.kind, f.code, line.title,
           department, at, at, false, head || b.words
       FROM line JOIN declarations_declaration d ON d.id = declaration_id
       JOIN declarations_publication p USING (declaration_id)
       JOIN declarations_round r ON r.id = d.round_id
       JOIN declarations_formtemplate f ON f.id = r.template_id
       JOIN body b ON b.n = line.body ORDER BY at""",
    "CREATE INDEX catalogue_words ON declarations_catalogueentry USING gin (words)",
)


def _bureau(number: int, template: FormTemplate) -> Bureau:
    bureau = Bureau.objects.create(code=f"published-{number}", name=f"第{number}区财政局")
    User.objects.create(
        bureau=bureau, username=f"published-{number}", name="公开员", role=Role.PUBLISHER
    )
    FormTemplate.objects.create(
        bureau=bureau,
        code=template.code,
        version=1,
        name=template.name,
        kind=template.kind,
        workbook=template.workbook,
        sha256=template.sha256,
    )
    return bureau


def _lines(rounds: Sequence[Round]) -> Iterator[tuple[Any, ...]]:
    """One for each declaration. Each year is published within its May."""
    publishers = dict(
        User.objects.filter(role=Role.PUBLISHER, username__startswith="published-").values_list(
            "bureau", "pk"
        )
    )
    found = Declaration.objects.filter(round__in=rounds).select_related("round", "department")
    for number, declaration in enumerate(found.order_by("pk").iterator()):
        round_, name = declaration.round, declaration.department.name
        title = f"{name}{round_.year}年部门整体支出绩效目标申报表"
        seconds = _DRAWN.randrange(30 * 86_400)
        entry = CatalogueEntry(
            declaration=declaration,
            bureau_id=round_.bureau_id,
            year=round_.year,
            kind=DeclarationKind.TARGET,
            department=declaration.department,
        )
        yield (
            declaration.pk,
            publishers[round_.bureau_id],
            0 if number < RARELY else _DRAWN.randrange(1, TEXTS),
            title,
            name,
            datetime(round_.year, 5, 1, tzinfo=UTC) + timedelta(seconds=seconds),
            vector([title, name, f"{round_.year}年"], [], marks_of(entry)),
        )


def _departments(bureau: Bureau, count: int) -> list[Department]:
    return Department.objects.bulk_create(
        Department(
            bureau=bureau,
            code=f"{bureau.code}-{number:04}",
            name=f"{bureau.name[:3]}第{number}街道办事处",
        )
        for number in range(count)
    )


def _round(template: FormTemplate, year: int) -> Round:
    start = datetime(year, 1, 1, tzinfo=UTC)
    return Round.objects.create(
        bureau=template.bureau,
        template=template,
        year=year,
        name=f"{year}年{template.name}",
        opens_at=start,
        deadline=start + timedelta(days=30),
        correction_deadline=start + timedelta(days=40),
    )


def _content(number: int) -> dict[str, Any]:
    """Records of an ordinary length, with the tasks of some of the demo's departments."""
    pool = _demo_rows()
    tasks = [dict(row) for row in _DRAWN.sample(pool, 12)]
    texts = {
        "overall_goal": f"围绕{COMMON}事业发展，{_invented(40)}。",
        "note": f"{_invented(200)}，{_invented(200)}。",
    }
    if number == 0:
        texts["note"] += f"保护{RARE}栖息地。"
    if number % 10 == 1:
        texts["note"] += f"整治{MANY_HAVE}。"
    return {
        "format": 1,
        "context": {},
        "funding": {},
        "texts": texts,
        "lists": {
            "tasks": [
                {"kind": "task", "id": n, "values": values, "lists": {}}
                for n, values in enumerate(tasks, 1)
            ]
        },
    }


def _invented(length: int) -> str:
    """Characters as in any text: few of them often, most of them seldom."""
    return "".join(
        chr(0x4E00 + min(int(_DRAWN.paretovariate(0.9)) * 37 % 8_000, 8_000)) for _ in range(length)
    )


def _demo_rows() -> list[dict[str, str]]:
    rows = []
    for file in sorted(Path(demo.__file__).parent.glob("*.json")):
        for items in json.loads(file.read_text()).get("lists", {}).values():
            rows += [
                {k: v for k, v in row.items() if isinstance(v, str) and k in WORDS} for row in items
            ]
    return [row for row in rows if sum(map(len, row.values())) > 60]
