"""Form templates: tagged workbooks, kept as they were uploaded."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import UniqueConstraint

from declarations.models.guards import agree
from declarations.models.organisations import CODE, Bureau, User


class DeclarationKind(models.TextChoices):
    TARGET = "target", "绩效目标申报"
    SELF_EVALUATION = "self_evaluation", "绩效自评"
    REPORT = "report", "自评报告"


class FormTemplate(models.Model):
    """表样: one version of a bureau's form. A change is a new version; none is ever altered.

    The workbook is kept in the database, so that every web server and worker has
    it and a backup holds it; it is some ten kilobytes.
    """

    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="templates")
    code = models.SlugField("编码", validators=[CODE])
    version = models.PositiveIntegerField("版本")
    name = models.CharField("名称", max_length=100)
    kind = models.CharField("种类", max_length=20, choices=DeclarationKind.choices)
    workbook = models.BinaryField("工作簿")
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["bureau", "code", "version"],
                name="template_version_once",
                violation_error_message="这一版表样已经存在",
            )
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="template_is_frozen",
                fields=["bureau", "code", "version", "kind", "workbook", "sha256"],
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}（第{self.version}版）"


class Activation(models.Model):
    """启用: the version of a form that a bureau uses in a year; rounds are opened with it."""

    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="activations")
    code = models.SlugField("编码", validators=[CODE])
    year = models.PositiveSmallIntegerField("年度")
    template = models.ForeignKey(FormTemplate, models.PROTECT, related_name="activations")
    activated_at = models.DateTimeField(auto_now=True)
    activated_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["bureau", "code", "year"],
                name="activation_once_per_form_and_year",
                violation_error_message="这个年度已经启用了该表样的一个版本",
            )
        ]
        triggers: ClassVar = [
            agree(
                "activation_and_template",
                "bureau_id",
                "code",
                "template_id",
                one="NEW.bureau_id || '/' || NEW.code",
                other="SELECT bureau_id || '/' || code FROM declarations_formtemplate"
                " WHERE id = NEW.template_id",
            )
        ]

    def __str__(self) -> str:
        return f"{self.year}年 {self.template}"
