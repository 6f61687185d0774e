"""What is different between two versions of a form, in the words of its makers."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from declarations.sheets.fields import Field
from declarations.sheets.form import Form
from scoring.rubric import NO, YES, Rubric, RubricItem
from scoring.wording import bound, plain


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of both versions that is not the same; `details` say how, one by one."""

    field: Field
    details: tuple[str, ...]


@dataclass(slots=True)
class FormChanges:
    """title: before and after, None where it is the same. texts: of the labels and notes.
    rules: of the 校验 sheet; one that was changed is removed and added. scoring: what is otherwise
    in the 评分 sheet, a sentence for each item."""

    title: tuple[str, str] | None = None
    added: list[Field] = field(default_factory=list)
    removed: list[Field] = field(default_factory=list)
    changed: list[FieldChange] = field(default_factory=list)
    added_texts: list[str] = field(default_factory=list)
    removed_texts: list[str] = field(default_factory=list)
    added_rules: list[str] = field(default_factory=list)
    removed_rules: list[str] = field(default_factory=list)
    scoring: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return self != FormChanges()


def compare_forms(before: Form, after: Form) -> FormChanges:
    """What the later version adds, leaves out and changes.

    Computed cells have no tag of their own: they are the same where they are called the same.
    """
    old, new = _by_key(before), _by_key(after)
    labels_before, labels_after = _labels(before), _labels(after)
    rules_before, rules_after = _rules(before), _rules(after)
    changed = (
        (new[key], tuple(_details(old[key], new[key], before, after))) for key in new if key in old
    )
    return FormChanges(
        title=(before.title, after.title) if before.title != after.title else None,
        added=[new[key] for key in new if key not in old],
        removed=[old[key] for key in old if key not in new],
        changed=[FieldChange(f, details) for f, details in changed if details],
        added_texts=list((labels_after - labels_before).elements()),
        removed_texts=list((labels_before - labels_after).elements()),
        added_rules=[rule for rule in rules_after if rule not in rules_before],
        removed_rules=[rule for rule in rules_before if rule not in rules_after],
        scoring=list(_scoring(before.rubric, after.rubric)),
    )


def formula_of(form: Form, field_: Field) -> str:
    """What a computed field computes, as it stands in the form; "" for what is filled in."""
    for tag, _ in form.tags:
        if tag.path == field_.tag and tag.expression:
            return tag.expression.source.strip()
    return ""


def _by_key(form: Form) -> dict[tuple[str, int], Field]:
    """Fields by their tag; computed ones by their label, counted where several have it."""
    seen: Counter[str] = Counter()
    found = {}
    for field_ in form.fields.values():
        name = f"={field_.label}" if field_.tag.startswith("computed.") else field_.tag
        found[name, seen[name]] = field_
        seen[name] += 1
    return found


def _labels(form: Form) -> Counter[str]:
    return Counter(cell.text for cell in form.cells if cell.is_label and cell.text)


def _rules(form: Form) -> list[str]:
    return [
        f"{rule.level}：{rule.condition}" + (f"（{rule.message}）" if rule.message else "")
        for rule in form.rules
    ]


def _scoring(before: Rubric, after: Rubric) -> Iterator[str]:
    """The items that came, went, or are scored otherwise, and the line of what is far above."""
    if before.far_above != after.far_above:
        was, now = bound(before.far_above), bound(after.far_above)
        yield f"超额说明线由“{was}”改为“{now}”"
    for item in after.items:
        old = before.item(item.key)
        if old is None:
            yield f"新增评分项“{item.name or item.key}”"
        elif details := "；".join(_scored_otherwise(old, item)):
            yield f"{item.name or item.key}：{details}"
    for item in before.items:
        if after.item(item.key) is None:
            yield f"删除评分项“{item.name or item.key}”"


def _scored_otherwise(old: RubricItem, new: RubricItem) -> Iterator[str]:
    for name, was, now in (
        ("分值", plain(old.points), plain(new.points)),
        ("方法", old.method, new.method),
        ("参数", "、".join(old.settings), "、".join(new.settings)),
        ("数据", _data(old), _data(new)),
        ("可不适用", _yes(old.may_be_inapplicable), _yes(new.may_be_inapplicable)),
    ):
        if was != now:
            yield f"{name}由{_quoted(was)}改为{_quoted(now)}"


def _data(item: RubricItem) -> str:
    """What the rule needs, in the words of the sheet."""
    return "、".join(
        f"{given.label} = {given.expression}" if given.expression else given.label
        for given in item.inputs
        if not given.choices
    )


def _yes(is_so: bool) -> str:  # noqa: FBT001  (a column of the sheet as its word)
    return YES if is_so else NO


def _details(old: Field, new: Field, before: Form, after: Form) -> Iterator[str]:
    for name, was, now in (
        ("名称", old.label, new.label),
        ("说明", old.help, new.help),
        ("类型", str(old.kind), str(new.kind)),
        ("单位", old.unit, new.unit),
        ("选项", "、".join(old.choices), "、".join(new.choices)),
        ("字数", str(old.length or ""), str(new.length or "")),
        ("算式", formula_of(before, old), formula_of(after, new)),
    ):
        if was != now:
            yield f"{name}由{_quoted(was)}改为{_quoted(now)}"
    if old.required != new.required:
        yield "改为必填" if new.required else "不再必填"
    if old.negative_allowed != new.negative_allowed:
        yield "可以填负数" if new.negative_allowed else "不再可以填负数"


def _quoted(text: str) -> str:
    return f"“{text}”" if text else "（无）"
