"""What a publisher sets: whether and how a round is published, and the bureau's own settings."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from declarations.domain.disclosure_settings import (
    ChangedMeanwhileError,
    change_bureau_disclosure,
    change_round_disclosure,
)
from declarations.domain.errors import NotPermittedError
from declarations.models import Declaration, Event, EventKind, Role, Round, User
from declarations.queries.disclosure_settings import digest_of, masking_of, published_otherwise
from declarations.sheets.masking import Masking
from declarations.sheets.personal import Rule
from tests import factories
from tests.publishing import published, publisher_of
from tests.sheets.workbooks import workbook

FORM = workbook(
    {"A1": "表", "A2": "填报人", "B2": "{{text.filer}}", "A3": "说明", "B3": "{{text.notes}}"}
)


@pytest.fixture
def round_(department: Any) -> Round:
    return factories.declaration_for(department, FORM).round


@pytest.fixture
def publisher(round_: Round) -> User:
    return publisher_of(round_.bureau)


def change(actor: User, round_: Round, **settings: Any) -> dict[str, list[str]]:
    round_.refresh_from_db()
    wanted: dict[str, Any] = {
        "seen": digest_of(round_),
        "disclosed": round_.disclosed,
        "publish_days": round_.publish_days,
        "masking": masking_of(round_),
    }
    return change_round_disclosure(actor, round_id=round_.pk, **wanted | settings)


def test_a_round_is_masked_as_its_headings_suggest(round_: Round) -> None:
    assert masking_of(round_).fields == {"text.filer": Rule.NAME}


def test_what_is_changed_is_on_record_in_words(publisher, round_) -> None:
    rules = Masking({"text.filer": Rule.HIDE}, ("020-81234567",))
    told = change(publisher, round_, disclosed=False, publish_days=10, masking=rules)
    round_.refresh_from_db()
    assert (round_.disclosed, round_.publish_days, masking_of(round_)) == (False, 10, rules)
    assert told == {
        "向社会公开": ["是", "否"],
        "公开期限": ["20 天", "10 天"],
        "隐去规则": ["填报人 姓名（只留姓）", "填报人 全部隐去、保留 020-81234567"],
    }
    event = Event.objects.get(kind=EventKind.DISCLOSURE_CHANGED)
    assert (event.actor, event.data["changes"], event.data["name"]) == (
        publisher,
        told,
        round_.name,
    )


def test_what_is_suggested_is_not_stored(publisher, round_) -> None:
    suggested = masking_of(round_)
    change(publisher, round_, masking=Masking())
    round_.refresh_from_db()
    assert round_.masking == {"fields": {}, "public": []}
    change(publisher, round_, masking=suggested)
    round_.refresh_from_db()
    assert round_.masking == {}


def test_the_same_again_is_nothing_whatever_was_seen(publisher, round_) -> None:
    assert change(publisher, round_, publish_days=10)
    assert change(publisher, round_, publish_days=10, seen="before") == {}
    assert Event.objects.filter(kind=EventKind.DISCLOSURE_CHANGED).count() == 1


def test_who_saves_later_is_told_that_somebody_was_before(publisher, round_) -> None:
    seen = digest_of(round_)
    change(publisher, round_, publish_days=10)
    with pytest.raises(ChangedMeanwhileError, match="已被他人修改"):
        change(publisher, round_, publish_days=15, seen=seen)


@pytest.mark.parametrize("days", [0, 366])
def test_days_are_within_a_year(publisher, round_, days: int) -> None:
    with pytest.raises(ValidationError, match="1 至 365"):
        change(publisher, round_, publish_days=days)


def test_only_fields_of_the_form_have_rules(publisher, round_) -> None:
    with pytest.raises(ValidationError, match="没有这些字段"):
        change(publisher, round_, masking=Masking({"text.nothing": Rule.HIDE}))


@pytest.mark.parametrize("role", [role for role in Role if role != Role.PUBLISHER])
def test_only_its_own_publishers_may(round_, department, role: Role) -> None:
    of = department if role in (Role.FILER, Role.HEAD) else None
    person = factories.UserFactory.create(bureau=round_.bureau, department=of, role=role)
    with pytest.raises(NotPermittedError):
        change(person, round_, publish_days=3)
    with pytest.raises(NotPermittedError):
        change_bureau_disclosure(person, bureau_id=round_.bureau_id, settings={})
    foreign = publisher_of(factories.BureauFactory.create())
    with pytest.raises(NotPermittedError):
        change(foreign, round_, publish_days=3)


def test_what_is_published_with_other_rules_is_counted(
    filer, reviewer, declaration: Declaration
) -> None:
    publisher = publisher_of(declaration.round.bureau)
    published(filer, reviewer, publisher, declaration)
    now = masking_of(declaration.round)
    assert published_otherwise(declaration.round, now) == 0
    other = Masking({"text.overall_goal": Rule.HIDE})
    assert published_otherwise(declaration.round, other) == 1


def test_how_files_are_named_and_whom_citizens_ask(publisher) -> None:
    wanted = {"file_pattern": "{year}/{department}", "public_contact": "预算科"}
    bureau = change_bureau_disclosure(publisher, bureau_id=publisher.bureau_id, settings=wanted)
    bureau.refresh_from_db()
    assert (bureau.file_pattern, bureau.public_contact) == ("{year}/{department}", "预算科")
    event = Event.objects.get(kind=EventKind.DISCLOSURE_CHANGED)
    assert event.data["changes"] == {
        "导出文件名": ["{department}{year}年{form}", "{year}/{department}"],
        "公开联系方式": ["", "预算科"],
    }
    change_bureau_disclosure(publisher, bureau_id=publisher.bureau_id, settings=wanted)
    assert Event.objects.filter(kind=EventKind.DISCLOSURE_CHANGED).count() == 1


def test_a_pattern_has_to_give_names(publisher) -> None:
    with pytest.raises(ValidationError, match=r"没有“\{who\}”"):
        change_bureau_disclosure(
            publisher, bureau_id=publisher.bureau_id, settings={"file_pattern": "{who}"}
        )
