"""The records a form is filled with: shared by every form, so that forms can be compared.

Money in 元. Columns that only one district has are in `extra`. Every change of
every cell is kept by triggers (django-pghistory) with the person who made it.

In a self-evaluation, what comes from the approved target (`Declaration.based_on`) says so:
approved_from is the row's id in that revision, carried the columns that came along and
cannot be changed.
"""

from decimal import Decimal
from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import UniqueConstraint

from declarations.models.declarations import Declaration


def _money() -> "models.DecimalField[Decimal | None, Decimal | None]":
    return models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)


def _number() -> "models.DecimalField[Decimal | None, Decimal | None]":
    return models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)


def _text() -> "models.TextField[str, str]":
    return models.TextField(blank=True, default="")


class FundingLine(models.Model):
    """收支行: one line of income or expenditure, by its key in the form."""

    declaration = models.ForeignKey(Declaration, models.CASCADE, related_name="funding_lines")
    key = models.CharField(max_length=50)
    budget = _money()
    adjustment = _money()
    received = _money()
    executed = _money()
    prior1 = _money()
    prior2 = _money()

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["declaration", "key"],
                name="funding_line_once",
                violation_error_message="这一收支行已经存在",
            )
        ]

    def __str__(self) -> str:
        return self.key


class Task(models.Model):
    """任务 (or project, or goal): a row of one of the form's blocks."""

    declaration = models.ForeignKey(Declaration, models.CASCADE, related_name="tasks")
    block = models.CharField(max_length=50)
    position = models.PositiveIntegerField()
    name = _text()
    content = _text()
    expected = _text()
    actual = _text()
    amount = _money()
    total_amount = _money()
    weight = _number()
    extra = models.JSONField(default=dict, blank=True)
    approved_from = models.BigIntegerField(null=True, blank=True)
    carried = models.JSONField(default=list, blank=True)

    class Meta:
        ordering: ClassVar = ["position", "id"]
        indexes: ClassVar = [models.Index(fields=["declaration", "block", "position"])]

    def __str__(self) -> str:
        return self.name


class Indicator(models.Model):
    """指标: a row of the indicator table, of a task where the form nests them."""

    declaration = models.ForeignKey(Declaration, models.CASCADE, related_name="indicators")
    task = models.ForeignKey(Task, models.CASCADE, null=True, blank=True, related_name="indicators")
    position = models.PositiveIntegerField()
    level1 = _text()
    level2 = _text()
    level3 = _text()
    definition = _text()
    period_target = _text()
    target = _text()
    actual = _text()
    prior1 = _text()
    prior2 = _text()
    basis = _text()
    weight = _number()
    self_score = _number()
    reason = _text()
    evidence = _text()
    extra = models.JSONField(default=dict, blank=True)
    approved_from = models.BigIntegerField(null=True, blank=True)
    carried = models.JSONField(default=list, blank=True)

    class Meta:
        ordering: ClassVar = ["position", "id"]
        indexes: ClassVar = [models.Index(fields=["declaration", "task", "position"])]

    def __str__(self) -> str:
        return self.level3


class Passage(models.Model):
    """文字: a text of the form, by its key."""

    declaration = models.ForeignKey(Declaration, models.CASCADE, related_name="passages")
    key = models.CharField(max_length=50)
    text = _text()

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["declaration", "key"],
                name="passage_once",
                violation_error_message="这一段文字已经存在",
            )
        ]

    def __str__(self) -> str:
        return self.key


class ScoreItem(models.Model):
    """评分项: what the department says to one item of the form's rubric, by its key.

    inputs: the data that the rule of the item needs and the form does not have elsewhere, by
    name, as `Field.read` gives them (numbers as text). self_score in points.
    """

    declaration = models.ForeignKey(Declaration, models.CASCADE, related_name="score_items")
    key = models.CharField(max_length=50)
    inputs = models.JSONField(default=dict, blank=True)
    self_score = _number()
    basis = _text()
    evidence = _text()
    extra = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints: ClassVar = [
            UniqueConstraint(
                fields=["declaration", "key"],
                name="score_item_once",
                violation_error_message="这一评分项已经存在",
            )
        ]

    def __str__(self) -> str:
        return self.key


for _model in (FundingLine, Task, Indicator, Passage, ScoreItem):
    pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())(
        _model
    )
