"""Many declarations in tests: approved ones in bulk, and what came out of an export."""

import hashlib
import io
import subprocess
import zipfile
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import F
from django.utils import timezone

from declarations.domain.batches import run
from declarations.models import (
    Batch,
    Bureau,
    Declaration,
    Department,
    Revision,
    Role,
    Round,
    State,
    User,
)
from declarations.queries.exports import INDEX, MANIFEST, SUMS
from declarations.queries.forms import form_for
from declarations.queries.records import load_records
from declarations.sheets.records import content_hash
from tests import factories

PATTERN = "{department}{form}"


def approved_in_bulk(bureau: Bureau, count: int, workbook: bytes | None = None) -> Round:
    """A round of the bureau in which so many departments' declarations are in force, each with
    content of its own; by the statements that the database lets through."""
    departments = Department.objects.bulk_create(
        Department(bureau=bureau, code=f"bulk-{bureau.pk}-{n:03}", name=f"第{n}街道办事处")
        for n in range(1, count + 1)
    )
    template = factories.template_for(bureau, workbook or factories.PANYU_FORM.read_bytes())
    round_ = factories.round_for(template, *departments)
    filer = factories.filer_of(departments[0])
    declarations = round_.declarations.select_related("department", "round__bureau").order_by("pk")
    form, now = form_for(round_), timezone.now()
    contents = []
    for declaration in declarations:
        records = load_records(declaration, form)
        for key in records.texts:
            records.texts[key] = f"{declaration.department.name}全年完成各项服务。"
        contents.append(records.to_json())
    Revision.objects.bulk_create(
        Revision(
            declaration=declaration,
            number=1,
            content=content,
            sha256=content_hash(content),
            submitted_at=now,
            submitted_by=filer,
        )
        for declaration, content in zip(declarations, contents, strict=True)
    )
    for declaration, revision in zip(
        declarations,
        Revision.objects.filter(declaration__round=round_).order_by("declaration"),
        strict=True,
    ):
        declaration.state, declaration.revision = State.SUBMITTED, revision
        declaration.stage = round_.stages.get()
    Declaration.objects.bulk_update(declarations, ["state", "revision", "stage"])
    round_.declarations.update(handed_in=F("revision"))
    round_.declarations.update(
        state=State.APPROVED, approved=F("revision"), approved_at=now, stage=None
    )
    return round_


def exporter_of(bureau: Bureau) -> User:
    """A publisher, who may export and publish."""
    return factories.UserFactory.create(bureau=bureau, role=Role.PUBLISHER)


def finished(batch: Batch) -> Batch:
    """The batch, worked at here until nothing is left."""
    while run(batch.pk):
        pass
    batch.refresh_from_db()
    return batch


def opened(batch: Batch) -> zipfile.ZipFile:
    """The archive of an export, of which the hash is right."""
    with default_storage.open(batch.file) as file:
        content: bytes = file.read()
    assert hashlib.sha256(content).hexdigest() == batch.sha256
    assert len(content) == batch.size
    return zipfile.ZipFile(io.BytesIO(content))


def files_in(archive: zipfile.ZipFile) -> list[str]:
    """The names of the exported files, without what is beside them."""
    return [name for name in archive.namelist() if name not in (INDEX, MANIFEST, SUMS)]


def check_sums(batch: Batch, folder: Path) -> str:
    """Unpacks the archive, and has `sha256sum` look at all of it; what that said."""
    opened(batch).extractall(folder)
    checked: Any = subprocess.run(
        ["sha256sum", "--strict", "-c", SUMS],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )
    return str(checked.stdout)
