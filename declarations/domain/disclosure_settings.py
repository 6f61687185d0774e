"""What a bureau publishes, within which time and with what masked; how its files are named."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction

from declarations import permissions
from declarations.domain.acting import record
from declarations.domain.errors import NotPermittedError, RefusedError
from declarations.models import Bureau, EventKind, Round, User
from declarations.queries.disclosure_settings import digest_of, masking_of
from declarations.queries.forms import form_for
from declarations.sheets.file_pattern import PatternError, check_pattern
from declarations.sheets.form import Form
from declarations.sheets.masking import Masking, default_masking, maskable

SETTINGS = {"file_pattern": "导出文件名", "public_contact": "公开联系方式"}
"""The columns of `Bureau` that say how its exported files are named, and whom citizens ask."""
MOST_DAYS = 365
"""The longest time for publishing that can be set: whatever is longer was mistyped."""


class ChangedMeanwhileError(RefusedError):
    """Somebody else has changed what is published since it was looked at."""


def change_bureau_disclosure(actor: User, *, bureau_id: int, settings: Mapping[str, str]) -> Bureau:
    """Changes how files are named and whom citizens can ask; the record says from what to what.

    settings: by name, those of SETTINGS. Raises NotPermittedError, ValidationError.
    """
    with transaction.atomic():
        bureau = Bureau.objects.select_for_update(of=("self",), no_key=True).get(pk=bureau_id)
        if not permissions.can_publish(actor, bureau):
            raise NotPermittedError("只有本财政局的公开管理员可以修改公开设置")
        changes = {
            label: [getattr(bureau, name), settings[name]]
            for name, label in SETTINGS.items()
            if name in settings and getattr(bureau, name) != settings[name]
        }
        if changes:
            for name in SETTINGS.keys() & settings.keys():
                setattr(bureau, name, settings[name])
            _require_pattern(bureau.file_pattern)
            bureau.full_clean()
            bureau.save(update_fields=[*SETTINGS])
            record(EventKind.DISCLOSURE_CHANGED, actor=actor, bureau_id=bureau.pk, changes=changes)
        return bureau


def change_round_disclosure(
    actor: User, *, round_id: int, seen: str, disclosed: bool, publish_days: int, masking: Masking
) -> dict[str, list[str]]:
    """Sets whether a round's declarations are published, within how many days, what is masked.

    What is published already stays as it is. seen: `digest_of` the settings that were looked
    at. Returns what is different now, by what it is called, from what, to what. Raises
    ChangedMeanwhileError where the settings are others now, ValidationError, NotPermittedError.
    What is there already is nothing, whatever was seen: a second click.
    """
    with transaction.atomic():
        locked = Round.objects.select_for_update(of=("self",), no_key=True)
        round_ = locked.select_related("bureau").get(pk=round_id)
        if not permissions.can_publish(actor, round_.bureau):
            raise NotPermittedError("只有本财政局的公开管理员可以修改公开设置")
        if not 1 <= publish_days <= MOST_DAYS:
            raise ValidationError({"publish_days": f"公开期限为 1 至 {MOST_DAYS} 天"})
        changes = _told(round_, disclosed=disclosed, publish_days=publish_days, masking=masking)
        if not changes:
            return {}
        if digest_of(round_) != seen:
            raise ChangedMeanwhileError("您打开页面后，公开设置已被他人修改")
        round_.disclosed, round_.publish_days = disclosed, publish_days
        suggested = default_masking(form_for(round_))
        same = masking.to_json() == suggested.to_json()
        round_.masking = {} if same else masking.to_json()
        round_.full_clean()
        round_.save(update_fields=["disclosed", "publish_days", "masking"])
        record(
            EventKind.DISCLOSURE_CHANGED,
            actor=actor,
            bureau_id=round_.bureau_id,
            round=round_.pk,
            name=round_.name,
            changes=changes,
        )
        return changes


def _told(
    round_: Round, *, disclosed: bool, publish_days: int, masking: Masking
) -> dict[str, list[str]]:
    """What would be different, in words; {} where nothing would."""
    form = form_for(round_)
    unknown = masking.fields.keys() - {field.tag for field in maskable(form)}
    if unknown:
        raise ValidationError({"masking": f"表样中没有这些字段：{'、'.join(sorted(unknown))}"})
    found = {
        "向社会公开": [_yes(said) for said in (round_.disclosed, disclosed)],
        "公开期限": [f"{days} 天" for days in (round_.publish_days, publish_days)],
        "隐去规则": [_words(form, rules) for rules in (masking_of(round_), masking)],
    }
    return {label: said for label, said in found.items() if said[0] != said[1]}


def _yes(said: bool) -> str:  # noqa: FBT001
    return "是" if said else "否"


def _words(form: Form, masking: Masking) -> str:
    """Which field is masked how, and what stays: in the order of the form."""
    rules = [
        f"{field.label} {rule.label}"
        for field in maskable(form)
        if (rule := masking.rule(field.tag))
    ]
    kept = [f"保留 {said}" for said in sorted({*masking.public})]
    return "、".join([*rules, *kept])


def _require_pattern(pattern: str) -> None:
    try:
        check_pattern(pattern)
    except PatternError as wrong:
        raise ValidationError({"file_pattern": wrong.problems}) from wrong
