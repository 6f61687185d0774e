"""Form templates: installing a version, choosing the one for a year, retiring and restoring."""

import hashlib
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from declarations import permissions
from declarations.domain.acting import record
from declarations.domain.errors import (
    NotPermittedError,
    RefusedError,
    TemplateInUseError,
    TemplateRetiredError,
)
from declarations.models import (
    Activation,
    Bureau,
    DeclarationKind,
    EventKind,
    FormTemplate,
    Round,
    User,
)
from declarations.sheets.brought import parse_brought
from declarations.sheets.form import Form
from declarations.sheets.parse import FormError
from declarations.sheets.problems import CellProblem

LONGEST_NAME = 90
"""Characters in a form's title; its rounds are named after it, with the year before it."""


YEARS = (2000, 2100)
"""The first and the last year that a form can be used in: anything else is a slip of the hand."""


def read_template(workbook: bytes) -> Form:
    """The form in a workbook that somebody brings.

    Raises sheets.parse.FormError with every problem of the workbook.
    """
    form = parse_brought(workbook)
    if len(form.title) > LONGEST_NAME:
        message = f"标题最多 {LONGEST_NAME} 字，现有 {len(form.title)} 字：{form.title[:20]}……"
        raise FormError([CellProblem("表样", "", message)])
    return form


def kind_by_title(title: str) -> DeclarationKind:
    """The kind of form that its title speaks of."""
    if "自评" in title:
        return DeclarationKind.SELF_EVALUATION
    if "说明" in title or "报告" in title:
        return DeclarationKind.REPORT
    return DeclarationKind.TARGET


def install_template(
    actor: User | None, *, bureau: Bureau, code: str, kind: DeclarationKind, workbook: bytes
) -> FormTemplate:
    """Installs a tagged workbook as the next version of a bureau's form.

    actor: None where the shell does it. The same workbook again gives the version that is
    there. Raises sheets.parse.FormError with every problem of the workbook, RefusedError
    where the person may not, or where the same workbook is there as another kind.
    """
    _require_administrator(actor, bureau)
    form = read_template(workbook)
    sha256 = hashlib.sha256(workbook).hexdigest()
    with transaction.atomic():
        one_at_a_time(bureau.pk)
        versions = FormTemplate.objects.filter(bureau=bureau, code=code)
        if same := versions.filter(sha256=sha256).defer("workbook").first():
            return _of_kind(same, kind)
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
        _record(EventKind.TEMPLATE_INSTALLED, actor, template, sha256=sha256)
        return template


def activate(actor: User | None, *, template_id: int, year: int) -> Activation:
    """Makes a version the one that the bureau's rounds of a year are opened with.

    It takes the place of another version of the same form. Activating twice is once.
    Raises RefusedError where the person may not, the version is retired, or departments
    already fill in another version that year.
    """
    _require_year(year)
    with transaction.atomic():
        template = _locked(actor, template_id)
        require_in_use(template)
        other = _rounds_of(template, year).exclude(template=template).first()
        if other is not None:
            raise TemplateInUseError(
                f"{year}年的批次“{other}”正在使用第{other.template.version}版，"
                f"这一年不能改用第{template.version}版"
            )
        return choose(actor, template, year)


def choose(actor: User | None, template: FormTemplate, year: int) -> Activation:
    """Writes down which version a year uses; for callers that have locked and checked."""
    _require_year(year)
    wanted = {"bureau_id": template.bureau_id, "code": template.code, "year": year}
    found = Activation.objects.filter(**wanted).select_related("template").first()
    if found is not None and found.template_id == template.pk:
        return found
    before = found.template.version if found else None
    chosen = found or Activation(**wanted)
    chosen.template, chosen.activated_by = template, actor
    chosen.full_clean()
    chosen.save()
    _record(EventKind.TEMPLATE_ACTIVATED, actor, template, year=year, instead_of=before)
    return chosen


def deactivate(actor: User | None, *, template_id: int, year: int) -> None:
    """Takes back the choice of a version for a year, as long as no round uses it. Twice is once.

    The event is that of a retirement, with the year for which it holds.
    """
    _require_year(year)
    with transaction.atomic():
        template = _locked(actor, template_id)
        if round_ := _rounds_of(template, year).filter(template=template).first():
            raise TemplateInUseError(f"{year}年的批次“{round_}”正在使用这一版，不能取消启用")
        gone, _ = Activation.objects.filter(template=template, year=year).delete()
        if gone:
            _record(EventKind.TEMPLATE_DEACTIVATED, actor, template, year=year)


def retire(actor: User | None, *, template_id: int) -> None:
    """No further round is opened with this version; those that run go on. Twice is once."""
    with transaction.atomic():
        template = _locked(actor, template_id)
        if template.retired_at is None:
            template.retired_at = timezone.now()
            template.save(update_fields=["retired_at"])
            _record(EventKind.TEMPLATE_RETIRED, actor, template)


def restore(actor: User | None, *, template_id: int) -> None:
    """Makes a retired version usable again. Twice is once."""
    with transaction.atomic():
        template = _locked(actor, template_id)
        if template.retired_at is not None:
            template.retired_at = None
            template.save(update_fields=["retired_at"])
            _record(EventKind.TEMPLATE_RESTORED, actor, template)


def require_in_use(template: FormTemplate) -> None:
    """Raises TemplateRetiredError for a version that no round may be opened with."""
    if template.retired_at is not None:
        raise TemplateRetiredError(f"“{template}”已停用，请先恢复，或改用其他版本")


def one_at_a_time(bureau_id: int) -> None:
    """Locks what decides over a bureau's forms and rounds until the transaction ends.

    Not against what refers to the bureau: departments go on filing meanwhile.
    """
    Bureau.objects.select_for_update(of=("self",), no_key=True).get(pk=bureau_id)


def _locked(actor: User | None, template_id: int) -> FormTemplate:
    """The version as it stands now. Raises FormTemplate.DoesNotExist, NotPermittedError."""
    templates = FormTemplate.objects.select_related("bureau").defer("workbook")
    template = templates.get(pk=template_id)
    _require_administrator(actor, template.bureau)
    one_at_a_time(template.bureau_id)
    template.refresh_from_db(fields=["retired_at"])
    return template


def _require_administrator(actor: User | None, bureau: Bureau) -> None:
    if actor is not None and not permissions.can_manage_templates(actor, bureau):
        raise NotPermittedError("只有本财政局的管理员可以管理表样")


def _require_year(year: int) -> None:
    if not YEARS[0] <= year <= YEARS[1]:
        raise RefusedError(f"年度应在 {YEARS[0]} 至 {YEARS[1]} 之间")


def _of_kind(template: FormTemplate, kind: DeclarationKind) -> FormTemplate:
    if template.kind != kind:
        raise RefusedError(
            f"这个工作簿已经安装为“{template}”，种类是“{template.get_kind_display()}”，"
            "不能再作为另一种类安装；需要两种的，请另用一个编码"
        )
    return template


def _rounds_of(template: FormTemplate, year: int) -> QuerySet[Round]:
    """The rounds of the year that use any version of the form."""
    rounds = Round.objects.filter(
        bureau=template.bureau_id, template__code=template.code, year=year
    )
    return rounds.select_related("template").defer("template__workbook")


def _record(kind: EventKind, actor: User | None, template: FormTemplate, **data: Any) -> None:
    record(
        kind,
        actor=actor,
        bureau_id=template.bureau_id,
        template=template.code,
        version=template.version,
        **data,
    )
