"""What was looked at covers all that can be read: also scores that the form prints."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from declarations.domain.errors import WrongStateError
from declarations.domain.publishing import check, exempt, publish
from declarations.models import (
    Declaration,
    DeclarationKind,
    Publication,
    PublishedFile,
    Round,
    StoredFile,
    User,
)
from declarations.queries.files import content_of
from declarations.queries.published import records_of, table_of
from declarations.queries.publishing import prepared
from declarations.sheets.records import content_hash
from tests import factories
from tests.factories import reread
from tests.publishing import checked, publisher_of
from tests.sheets.workbooks import workbook

TIMELY = workbook(
    {
        "A1:F1": "自评表",
        "A2": "总体目标",
        "B2:F2": "{{text.overall_goal}}",
        "A3": "{{score.timely.name}}",
        "B3": "{{score.timely.points}}",
        "C3": "{{score.timely.self_score}}",
        "D3": "{{score.timely.rule_score}}",
        "E3": "{{score.timely.review_score}}",
        "F3": "{{total.rule}}",
    },
    lines=[1],
    rubric=[
        ["编码", "一级指标", "二级指标", "名称", "分值", "方法", "数据", "参数"],
        ["timely", "管理效率", "报送", "按时报送", 2, "按时得分", "", "事实：按时提交"],
    ],
)
"""A form that prints what a rule gives, which rests on what the system knows."""


@pytest.fixture
def publisher(department) -> User:
    return publisher_of(department.bureau)


@pytest.fixture
def evaluation(filer, reviewer, department) -> Declaration:
    kind = DeclarationKind.SELF_EVALUATION
    template = factories.template_for(department.bureau, TIMELY, "timely", kind)
    declaration = factories.round_for(template, department).declarations.get()
    said = {"text.overall_goal": "做好服务", "score.timely.self_score": "2"}
    factories.type_into(filer, declaration, **said)
    return factories.approved(filer, reviewer, reread(declaration))


def late(declaration: Declaration) -> None:
    """The deadline is moved before the day on which it was handed in."""
    before = timezone.now() - timedelta(days=3)
    Round.objects.filter(pk=declaration.round_id).update(deadline=before)


def test_the_hash_covers_what_the_form_prints_of_the_scores(publisher, evaluation) -> None:
    before = prepared(evaluation)
    assert before.shown["score/timely/rule_score"] == "2.00"
    assert before.content["shown"] == before.shown
    late(evaluation)
    after = prepared(reread(evaluation))
    assert after.shown["score/timely/rule_score"] == "0.00"
    assert after.records.to_json() == before.records.to_json()
    assert after.sha256 != before.sha256


def test_a_score_that_is_another_since_it_was_looked_at_is_not_cleared(
    publisher, evaluation
) -> None:
    seen = prepared(evaluation).sha256
    late(evaluation)
    with pytest.raises(WrongStateError, match="表内的得分或隐去规则有了变化"):
        check(publisher, declaration_id=evaluation.pk, looked_at=seen)


def test_a_score_that_would_print_otherwise_than_checked_is_not_published(
    publisher, evaluation
) -> None:
    checked(publisher, evaluation)
    late(evaluation)
    with pytest.raises(WrongStateError, match="得分有了变化，请重新审查后再公开"):
        publish(publisher, declaration_id=evaluation.pk)
    assert not Publication.objects.exists()
    checked(publisher, evaluation)
    public = publish(publisher, declaration_id=evaluation.pk)
    assert public.shown["score/timely/rule_score"] == "0.00"


def test_what_is_published_is_all_in_the_content_and_its_hash(publisher, evaluation) -> None:
    made = checked(publisher, evaluation)
    public = publish(publisher, declaration_id=evaluation.pk)
    public.refresh_from_db()
    assert public.content["shown"] == public.shown != {}
    assert public.sha256 == made.sha256 == content_hash(public.content)
    assert records_of(public).to_json() == {
        name: part for name, part in public.content.items() if name != "shown"
    }
    document = json.loads(content_of(public.files.get(format="json").file))
    assert document["content"] == public.content
    assert document["sha256"] == content_hash(document["content"]) == public.sha256
    assert "shown" not in document  # it is said once
    printed = {entry.anchor: entry.text for entry in table_of(public).entries()}
    assert printed["score/timely/rule_score"].startswith("2")


def verify() -> str:
    out = StringIO()
    call_command("verify", stdout=out)
    return out.getvalue()


@pytest.mark.django_db(transaction=True)
def test_printed_scores_that_were_tampered_with_are_found(publisher, evaluation) -> None:
    checked(publisher, evaluation)
    publish(publisher, declaration_id=evaluation.pk)
    assert "没有发现问题" in verify()
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("ALTER TABLE declarations_publication DISABLE TRIGGER USER")
        cursor.execute(
            """UPDATE declarations_publication
            SET shown = jsonb_set(shown, '{score/timely/rule_score}', '"1"')"""
        )
        cursor.execute("ALTER TABLE declarations_publication ENABLE TRIGGER USER")
    with pytest.raises(CommandError, match="内容与哈希值不符"):
        verify()


def test_files_of_a_publication_that_came_to_nothing_do_no_harm(
    publisher, evaluation, monkeypatch
) -> None:
    """Files are made before the lock, under which it is found that somebody was sooner."""
    from declarations.domain import publishing

    checked(publisher, evaluation)
    make_files = publishing.make_files

    def meanwhile(publication: Publication) -> dict[str, StoredFile]:
        made = make_files(publication)
        exempt(publisher, declaration_id=evaluation.pk, note="涉及国家秘密")
        return made

    monkeypatch.setattr(publishing, "make_files", meanwhile)
    with pytest.raises(WrongStateError):
        publish(publisher, declaration_id=evaluation.pk)
    assert StoredFile.objects.count() == 3
    assert not PublishedFile.objects.exists()
    assert "存储文件：已核对 3 项" in verify()
