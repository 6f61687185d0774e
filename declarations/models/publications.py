"""What is published: the check before, the frozen publication, its files, and the catalogue."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from declarations.models.declarations import Declaration
from declarations.models.guards import agree, declaration_of
from declarations.models.organisations import Bureau, Department, User
from declarations.models.reviews import Revision
from declarations.models.templates import DeclarationKind


class CheckOutcome(models.TextChoices):
    CLEARED = "cleared", "可以公开"
    EXEMPT = "exempt", "不予公开"


class PublicationCheck(models.Model):
    """公开审查: the documented check before publication (政府信息公开条例 §17, 保密法 §35).

    The latest of a revision counts. confidentiality, personal_data, completeness: what was
    confirmed. masking: `sheets.masking.Masking.to_json()`; sha256: of the canonical JSON of the
    masked content that was looked at, "" where it is exempt. note: why it is exempt, or a remark.
    """

    revision = models.ForeignKey(Revision, models.PROTECT, related_name="publication_checks")
    outcome = models.CharField("结论", max_length=10, choices=CheckOutcome.choices)
    confidentiality = models.BooleanField("已作保密审查，不涉及国家秘密", default=False)
    personal_data = models.BooleanField("个人信息已按规定隐去", default=False)
    completeness = models.BooleanField("内容完整，与审核通过的版本一致", default=False)
    masking = models.JSONField(default=dict, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    note = models.TextField("说明", blank=True, default="")
    checked_at = models.DateTimeField("审查时间")
    checked_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-checked_at", "-id"]
        constraints: ClassVar = [
            CheckConstraint(
                condition=Q(
                    outcome=CheckOutcome.CLEARED,
                    confidentiality=True,
                    personal_data=True,
                    completeness=True,
                )
                & ~Q(sha256="")
                | Q(outcome=CheckOutcome.EXEMPT, sha256="") & ~Q(note=""),
                name="publication_check_confirms_everything",
                violation_error_message="可以公开的，三项审查都要确认；不予公开的，要写明理由",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["revision", "-checked_at", "-id"])]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="publication_check_is_frozen", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return self.get_outcome_display()


_IN_FORCE_AND_CLEARED = """
    IF NOT EXISTS (SELECT FROM declarations_declaration d
        WHERE d.id = NEW.declaration_id AND d.approved_id = NEW.revision_id) THEN
        RAISE EXCEPTION 'publication: only what is in force is published';
    END IF;
    IF NOT EXISTS (SELECT FROM declarations_publicationcheck c
        WHERE c.id = NEW.publication_check_id AND c.revision_id = NEW.revision_id
            AND c.outcome = 'cleared' AND c.sha256 = NEW.sha256
            AND NOT EXISTS (SELECT FROM declarations_publicationcheck later
                WHERE later.revision_id = c.revision_id
                    AND (later.checked_at, later.id) > (c.checked_at, c.id))) THEN
        RAISE EXCEPTION 'publication: only what was checked is published, as it was checked';
    END IF;
    RETURN NEW;
"""

_ONCE = """
    IF OLD.superseded_at IS NOT NULL AND NEW.superseded_at IS DISTINCT FROM OLD.superseded_at
        OR OLD.withdrawn_at IS NOT NULL AND (
            NEW.withdrawn_at IS DISTINCT FROM OLD.withdrawn_at
            OR NEW.withdrawn_by_id IS DISTINCT FROM OLD.withdrawn_by_id
            OR NEW.withdrawal_reason IS DISTINCT FROM OLD.withdrawal_reason) THEN
        RAISE EXCEPTION 'publication: superseded or withdrawn is for ever';
    END IF;
    RETURN NEW;
"""


class Publication(models.Model):
    """公开: a published revision with its masking, its files and their hashes. Never changed.

    number: counts the publications of a declaration, from 1. code: the short code (核验码) by
    which it is verified. verify_url: where, as its files say. content: the masked
    `Records.to_json()`, with what the form shows beside it (scores of the review) under
    ``shown``, if anything; sha256: of its canonical JSON, and so of all that was looked at.
    shown: the same as in the content, for queries. reason: why it takes the place of the one
    before, "" for the first. superseded_at: since when there is a later one.
    """

    declaration = models.ForeignKey(Declaration, models.PROTECT, related_name="publications")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="publications")
    publication_check = models.OneToOneField(
        PublicationCheck, models.PROTECT, related_name="publication"
    )
    number = models.PositiveIntegerField("公开序号")
    code = models.CharField("核验码", max_length=12, unique=True)
    verify_url = models.CharField(max_length=300)
    title = models.CharField("标题", max_length=300)
    masking = models.JSONField(default=dict, blank=True)
    content = models.JSONField()
    shown = models.JSONField(default=dict, blank=True)
    sha256 = models.CharField(max_length=64)
    reason = models.TextField("更正理由", blank=True, default="")
    published_at = models.DateTimeField("公开时间")
    published_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    superseded_at = models.DateTimeField("被更正时间", null=True, blank=True)
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawal_reason = models.TextField("撤回理由", blank=True, default="")

    class Meta:
        ordering: ClassVar = ["-published_at", "-id"]
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["declaration", "number"],
                name="publication_number_once",
                violation_error_message="这个公开序号已经用过",
            ),
            UniqueConstraint(
                fields=["declaration"],
                condition=Q(superseded_at__isnull=True),
                name="publication_one_current",
                violation_error_message="已有现行的公开版本",
            ),
            CheckConstraint(
                condition=Q(number=1) | ~Q(reason=""),
                name="publication_replaces_for_a_reason",
                violation_error_message="更正公开内容必须写明理由",
            ),
            CheckConstraint(
                condition=Q(
                    withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawal_reason=""
                )
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                & ~Q(withdrawal_reason=""),
                name="publication_withdrawn_for_a_reason",
                violation_error_message="撤回公开内容必须写明理由",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["-published_at", "-id"])]
        triggers: ClassVar = [
            agree(
                "publication_of_its_own_revision",
                "revision_id",
                "declaration_id",
                one="NEW.declaration_id",
                other=declaration_of("revision_id"),
            ),
            pgtrigger.Trigger(
                name="publication_in_force_and_cleared",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=_IN_FORCE_AND_CLEARED,
            ),
            pgtrigger.Trigger(
                name="publication_ends_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=_ONCE,
            ),
            pgtrigger.ReadOnly(
                name="publication_is_frozen",
                exclude=["superseded_at", "withdrawn_at", "withdrawn_by", "withdrawal_reason"],
            ),
            pgtrigger.Protect(name="publication_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_public(self) -> bool:
        """Whether its content can be read: also where it is superseded, not where withdrawn."""
        return self.withdrawn_at is None


class StoredFile(models.Model):
    """成文: a file made once from frozen content, kept in the storage under its hash.

    key: a digest of everything it is made of (content, form, format, title, mark, code, the
    renderer's version), so that what is made already is taken. name: its path in the storage.
    """

    key = models.CharField(max_length=64, unique=True)
    format = models.CharField(max_length=10)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.PositiveIntegerField("字节数")
    name = models.CharField(max_length=200)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="stored_file_is_frozen", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return self.name


class PublishedFile(models.Model):
    """公开文件: one format of a publication. name: what it is saved under."""

    publication = models.ForeignKey(Publication, models.PROTECT, related_name="files")
    format = models.CharField(max_length=10)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="published")
    name = models.CharField(max_length=300)

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["publication", "format"],
                name="published_file_once",
                violation_error_message="这种格式的公开文件已有",
            )
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="published_file_is_frozen", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return self.name


class CatalogueEntry(models.Model):
    """公开目录: one line of the public site for each declaration that was ever published.

    It repeats what the site lists, filters, sorts and searches by, and can be made anew from
    the publications. slug: the last part of its address, the template's code, with a number
    where a department has two forms of that code in a year. publication: the current one.
    changed_at: when it was published, corrected or withdrawn last, or readers came to see
    something else of this line. words: what can be searched
    for, empty where it is withdrawn.
    """

    declaration = models.OneToOneField(Declaration, models.PROTECT, related_name="catalogued")
    publication = models.OneToOneField(Publication, models.PROTECT, related_name="catalogued")
    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="catalogue")
    department = models.ForeignKey(Department, models.PROTECT, related_name="catalogue")
    year = models.PositiveSmallIntegerField("年度")
    kind = models.CharField("种类", max_length=20, choices=DeclarationKind.choices)
    slug = models.SlugField(max_length=80)
    title = models.CharField("标题", max_length=300)
    department_name = models.CharField("部门", max_length=100)
    published_at = models.DateTimeField("公开时间")
    changed_at = models.DateTimeField("最近变动时间")
    withdrawn = models.BooleanField("已撤回", default=False)
    words = SearchVectorField(null=True)

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["department", "year", "slug"],
                name="catalogue_entry_address_once",
                violation_error_message="这个公开地址已经用过",
            )
        ]
        indexes: ClassVar = [
            GinIndex(fields=["words"], name="catalogue_words"),
            models.Index(fields=["bureau", "-published_at", "-id"]),
            models.Index(fields=["bureau", "year", "kind"]),
            models.Index(fields=["-published_at", "-id"]),
            models.Index(fields=["bureau", "-changed_at"]),
        ]

    def __str__(self) -> str:
        return self.title
