"""Installing form templates."""

import hashlib

from django.db import transaction
from django.db.models import Max

from declarations.models import (
    Bureau,
    DeclarationKind,
    Event,
    EventKind,
    FormTemplate,
    User,
)
from declarations.sheets.parse import parse_form


def install_template(
    actor: User | None, *, bureau: Bureau, code: str, kind: DeclarationKind, workbook: bytes
) -> FormTemplate:
    """Installs a tagged workbook as the next version of a bureau's form.

    The same workbook again gives the version that is there. Raises
    sheets.parse.FormError with every problem of the workbook.
    """
    form = parse_form(workbook)
    sha256 = hashlib.sha256(workbook).hexdigest()
    with transaction.atomic():
        Bureau.objects.select_for_update(of=("self",)).get(pk=bureau.pk)  # one at a time
        versions = FormTemplate.objects.filter(bureau=bureau, code=code)
        if same := versions.filter(sha256=sha256).defer("workbook").first():
            return same
        latest = versions.aggregate(n=Max("version"))
        template = FormTemplate(
            bureau=bureau,
            code=code,
            version=(latest["n"] or 0) + 1,
            name=form.title,
            kind=kind,
            workbook=workbook,
            sha256=sha256,
        )
        template.full_clean(exclude=["workbook"])
        template.save()
        Event.objects.create(
            bureau=bureau,
            actor=actor,
            kind=EventKind.TEMPLATE_INSTALLED,
            data={"template": code, "version": template.version, "sha256": sha256},
        )
        return template
