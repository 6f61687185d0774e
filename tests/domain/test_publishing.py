"""公开: checked, published as it was checked, corrected, withdrawn; each once, and consistent."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from declarations.domain import publishing
from declarations.domain.adjusting import begin_adjustment
from declarations.domain.cells import Change
from declarations.domain.commenting import add_comment
from declarations.domain.correcting import correct
from declarations.domain.errors import NotPermittedError, RefusedError, WrongStateError
from declarations.domain.publishing import check, exempt, publish, withdraw
from declarations.domain.review import pass_on
from declarations.domain.scoring import set_review_score
from declarations.models import (
    CatalogueEntry,
    CheckOutcome,
    Declaration,
    EventKind,
    Publication,
    PublicationCheck,
    Revision,
    Role,
    Round,
    StoredFile,
    User,
)
from declarations.queries.files import content_of
from declarations.queries.published import records_of
from declarations.queries.publishing import prepared
from declarations.sheets.masking import Masking
from declarations.sheets.records import content_hash
from tests import evidence, factories, scored
from tests.factories import reread, type_into
from tests.publishing import PRIVATE, REASON, checked, personal, published, publisher_of
from tests.races import at_once

WHY = "误将内部内容公开"


@pytest.fixture
def publisher(department) -> User:
    return publisher_of(department.bureau)


@pytest.fixture
def in_force(filer, reviewer, department) -> Declaration:
    """Approved, with names and telephones in it."""
    return factories.approved(filer, reviewer, personal(filer, department))


@pytest.fixture
def public(filer, reviewer, publisher, in_force) -> Publication:
    return published(filer, reviewer, publisher, in_force)


def corrected(reviewer: User, declaration: Declaration, text: str = "更正后的目标") -> Revision:
    base = reread(declaration).approved.number
    change = Change("text/overall_goal", text, None)
    return correct(
        reviewer, declaration_id=declaration.pk, changes=[change], reason=REASON, base=base
    )


def masked_otherwise(declaration: Declaration, **fields: Any) -> None:
    Round.objects.filter(pk=declaration.round_id).update(
        **fields or {"masking": Masking(public=("88881234",)).to_json()}
    )


def text_in(format_: str, content: bytes) -> str:
    """Everything that can be read in a published file."""
    if format_ == "pdf":
        return "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    if format_ == "xlsx":
        with ZipFile(BytesIO(content)) as parts:
            return "".join(parts.read(name).decode(errors="replace") for name in parts.namelist())
    return content.decode()


def one(kind: EventKind, declaration: Declaration) -> dict[str, Any]:
    return declaration.events.get(kind=kind).data


# The check


def test_a_check_keeps_what_was_looked_at_by_whom_and_when(publisher, in_force) -> None:
    ready = prepared(in_force)
    made = checked(publisher, in_force, note="已逐项核对")
    assert (made.outcome, made.revision, made.checked_by) == (
        CheckOutcome.CLEARED,
        in_force.approved,
        publisher,
    )
    assert all([made.confidentiality, made.personal_data, made.completeness])
    assert (made.sha256, made.masking) == (ready.sha256, ready.masking.to_json())
    assert made.note == "已逐项核对"
    event = in_force.events.get(kind=EventKind.PUBLICATION_CHECKED)
    assert (event.actor, event.revision) == (publisher, in_force.approved)
    assert event.data == {
        "check": made.pk,
        "sha256": ready.sha256,
        "masked": len(ready.changes),
        "note": "已逐项核对",
    }


def test_the_same_check_again_is_the_same(publisher, in_force) -> None:
    assert checked(publisher, in_force) == checked(publisher, in_force)
    assert in_force.events.filter(kind=EventKind.PUBLICATION_CHECKED).count() == 1
    colleague = factories.UserFactory.create(bureau=publisher.bureau, role=Role.PUBLISHER)
    assert checked(colleague, in_force).checked_by == colleague


def test_what_changed_since_it_was_looked_at_is_not_cleared(reviewer, publisher, in_force) -> None:
    seen = prepared(in_force).sha256
    masked_otherwise(in_force)
    with pytest.raises(WrongStateError, match="有了变化"):
        check(publisher, declaration_id=in_force.pk, looked_at=seen)
    seen = prepared(reread(in_force)).sha256
    corrected(reviewer, in_force)
    with pytest.raises(WrongStateError, match="有了变化"):
        check(publisher, declaration_id=in_force.pk, looked_at=seen)
    assert not PublicationCheck.objects.exists()


def test_only_what_is_in_force_in_a_disclosed_round_is_checked(
    filer, reviewer, publisher, declaration
) -> None:
    factories.submitted(filer, declaration)
    acts: list[Callable[[], object]] = [
        lambda: check(publisher, declaration_id=declaration.pk, looked_at=""),
        lambda: exempt(publisher, declaration_id=declaration.pk, note="涉及国家秘密"),
        lambda: publish(publisher, declaration_id=declaration.pk),
    ]
    for act in acts:
        with pytest.raises(WrongStateError, match="尚未审核通过"):
            act()
    factories.approved(filer, reviewer, factories.declaration_for(filer.department, year=2024))
    other = filer.department.declarations.get(round__year=2024)
    masked_otherwise(other, disclosed=False)
    for act in (
        lambda: checked(publisher, other),
        lambda: exempt(publisher, declaration_id=other.pk, note="涉及国家秘密"),
        lambda: publish(publisher, declaration_id=other.pk),
    ):
        with pytest.raises(WrongStateError, match="本批次不向社会公开"):
            act()


def test_only_publishers_of_the_bureau(
    filer, reviewer, administrator, keeper, outsider, publisher, in_force
) -> None:
    seen = prepared(in_force).sha256
    pk = in_force.pk
    elsewhere = publisher_of(outsider.bureau)
    nobody = (filer, reviewer, administrator, keeper, outsider, elsewhere)
    for person in nobody:
        for act in (
            lambda p=person: check(p, declaration_id=pk, looked_at=seen),
            lambda p=person: exempt(p, declaration_id=pk, note="涉及国家秘密"),
            lambda p=person: publish(p, declaration_id=pk),
        ):
            with pytest.raises(NotPermittedError, match="公开管理员"):
                act()
    checked(publisher, in_force)
    publication = publish(publisher, declaration_id=pk)
    files = StoredFile.objects.count()
    for person in nobody:
        with pytest.raises(NotPermittedError, match="公开管理员"):
            publish(person, declaration_id=pk)
        with pytest.raises(NotPermittedError, match="公开管理员"):
            withdraw(person, publication_id=publication.pk, reason=WHY)
    assert StoredFile.objects.count() == files


# Publishing


def test_what_is_in_force_is_published_as_it_was_checked(publisher, in_force) -> None:
    made = checked(publisher, in_force)
    publication = publish(publisher, declaration_id=in_force.pk)
    publication.refresh_from_db()
    assert (publication.revision, publication.publication_check) == (in_force.approved, made)
    assert (publication.number, publication.reason) == (1, "")
    assert publication.title == "广州市番禺区残疾人联合会2023年绩效目标申报表"
    assert publication.sha256 == made.sha256 == content_hash(publication.content)
    assert publication.masking == made.masking
    assert publication.content["texts"]["filer"] == "张**"
    assert records_of(publication).texts["phone"] == "020-8888****"
    entry = CatalogueEntry.objects.get(declaration=in_force)
    assert (entry.publication, entry.withdrawn) == (publication, False)


def test_it_says_where_it_can_be_verified(settings, public) -> None:
    address = reverse("public-verify-code", kwargs={"code": public.code})
    assert public.verify_url == settings.ADDRESS + address


def test_the_record_has_the_hash_of_every_file(publisher, in_force, public) -> None:
    event = in_force.events.get(kind=EventKind.PUBLISHED)
    assert (event.actor, event.revision) == (publisher, in_force.approved)
    files = public.files.select_related("file")
    assert event.data == {
        "publication": public.pk,
        "number": 1,
        "code": public.code,
        "sha256": public.sha256,
        "files": {f.format: f.file.sha256 for f in files},
        "reason": "",
    }
    assert {f.format for f in files} == {"pdf", "xlsx", "json"}
    assert {f.name for f in files} == {
        f"广州市番禺区残疾人联合会2023年绩效目标申报表.{format_}"
        for format_ in ("pdf", "xlsx", "json")
    }


def test_nothing_private_is_in_what_is_published(filer, reviewer, publisher, department) -> None:
    declaration = factories.submitted(filer, personal(filer, department))
    add_comment(
        reviewer, declaration_id=declaration.pk, anchor="text/overall_goal", text="秘密批注"
    )
    pass_on(reviewer, declaration_id=declaration.pk, opinion="秘密意见")
    public = published(filer, reviewer, publisher, declaration)
    stored = [text_in(f.format, content_of(f.file)) for f in public.files.all()]
    stored.append(json.dumps([public.content, public.shown, public.title], ensure_ascii=False))
    for text in stored:
        assert [p for p in (*PRIVATE, "秘密", filer.name, reviewer.name) if p in text] == []
        assert "13812345678" in text or "13,812,345,678" in text  # the amount


def test_of_scores_only_what_the_form_prints_is_published(
    filer, reviewer, publisher, department
) -> None:
    declaration = scored.scored_for(department)
    scored.handed_in(filer, declaration)
    set_review_score(
        reviewer,
        declaration_id=declaration.pk,
        anchor="score/rules",
        score="5",
        reason="秘密的复核理由",
    )
    public = published(filer, reviewer, publisher, declaration)
    assert set(public.shown) == {
        "score/execution/rule_score",
        "score/execution/review_score",
        "score/rules/rule_score",
        "score/rules/review_score",
        "total/rule",
        "total/review",
        "total/grade",
    }
    assert public.shown["score/rules/review_score"] == "5.00"
    text = json.dumps([public.content, public.shown], ensure_ascii=False)
    assert "秘密" not in text
    assert "input." not in text  # what was filled in beside the form


def test_evidence_never_leaves(filer, reviewer, publisher, department) -> None:
    declaration = evidence.scored_for(department)
    evidence.add(filer, declaration, "残疾人名单.pdf")
    public = published(filer, reviewer, publisher, declaration)
    texts = [text_in(kept.format, content_of(kept.file)) for kept in public.files.all()]
    assert len(texts) == 3
    assert all("部门整体支出绩效自评表" in text and "残疾人名单" not in text for text in texts)


def test_publishing_twice_is_publishing_once(publisher, public) -> None:
    again = publish(publisher, declaration_id=public.declaration_id)
    assert again == public
    again = publish(publisher, declaration_id=public.declaration_id, reason=REASON)
    assert again == public
    assert Publication.objects.count() == 1


def test_what_was_not_cleared_is_not_published(reviewer, publisher, in_force) -> None:
    pk = in_force.pk
    with pytest.raises(WrongStateError, match="还没有作公开审查"):
        publish(publisher, declaration_id=pk)
    checked(publisher, in_force)
    exempt(publisher, declaration_id=pk, note="涉及国家秘密")
    with pytest.raises(WrongStateError, match="确定不予公开"):
        publish(publisher, declaration_id=pk)
    checked(publisher, in_force, note="已经解密，可以公开")
    masked_otherwise(in_force)
    with pytest.raises(WrongStateError, match="隐去规则或表内的得分有了变化"):
        publish(publisher, declaration_id=pk)
    masked_otherwise(in_force, masking={})
    corrected(reviewer, in_force)
    with pytest.raises(WrongStateError, match="还没有作公开审查"):
        publish(publisher, declaration_id=pk)
    assert not Publication.objects.exists()
    assert not StoredFile.objects.exists()


def test_what_changes_while_the_files_are_made_is_not_published(
    monkeypatch, publisher, in_force
) -> None:
    make_files = publishing.make_files

    def slowly(publication: Publication) -> Any:
        files = make_files(publication)
        checked(
            factories.UserFactory.create(bureau=publisher.bureau, role=Role.PUBLISHER), in_force
        )
        return files

    checked(publisher, in_force)
    monkeypatch.setattr(publishing, "make_files", slowly)
    with pytest.raises(WrongStateError, match="公开过程中"):
        publish(publisher, declaration_id=in_force.pk)
    assert not Publication.objects.exists()


def test_what_is_in_force_is_published_also_while_it_is_adjusted(
    filer, publisher, in_force
) -> None:
    factories.reschedule(in_force, adjustments_until=5)
    begin_adjustment(filer, declaration_id=in_force.pk, reason="上级下达的任务有变化")
    type_into(filer, in_force, **{"text.overall_goal": "调整后的目标"})
    checked(publisher, in_force)
    public = publish(publisher, declaration_id=in_force.pk)
    assert public.revision == in_force.approved
    assert public.content["texts"]["overall_goal"] == "由张**负责，咨询138****5678。"


# Correcting what is published


def test_a_correction_takes_the_place_for_a_reason(reviewer, publisher, in_force, public) -> None:
    corrected(reviewer, in_force)
    checked(publisher, in_force)
    with pytest.raises(RefusedError, match="请写明更正理由"):
        publish(publisher, declaration_id=in_force.pk)
    with pytest.raises(RefusedError, match="13812345678"):
        publish(publisher, declaration_id=in_force.pk, reason="有误，请咨询13812345678")
    later = publish(publisher, declaration_id=in_force.pk, reason=REASON)
    public.refresh_from_db()
    assert (later.number, later.reason, later.superseded_at) == (2, REASON, None)
    assert public.superseded_at == later.published_at
    assert public.is_public
    assert public.code != later.code
    assert one(EventKind.REPUBLISHED, in_force)["number"] == 2
    assert CatalogueEntry.objects.get().publication == later
    assert {f.name for f in later.files.all() if f.format == "pdf"} == {
        "广州市番禺区残疾人联合会2023年绩效目标申报表（第2次公开）.pdf"
    }


def test_the_same_revision_is_published_again_with_more_masked(publisher, in_force, public) -> None:
    masked_otherwise(
        in_force,
        masking={"fields": {"text.overall_goal": "hide", "text.filer": "name"}, "public": []},
    )
    checked(publisher, in_force)
    later = publish(publisher, declaration_id=in_force.pk, reason=REASON)
    assert (later.revision, later.number) == (public.revision, 2)
    assert later.content["texts"]["overall_goal"] == "（不公开）"


# Withdrawing


def test_it_is_withdrawn_for_a_reason_once(publisher, in_force, public) -> None:
    with pytest.raises(RefusedError, match="请写明撤回理由"):
        withdraw(publisher, publication_id=public.pk, reason=" ")
    with pytest.raises(RefusedError, match="个人信息"):
        withdraw(publisher, publication_id=public.pk, reason="含有13812345678")
    with pytest.raises(RefusedError, match="“张三”这样的个人信息"):
        withdraw(publisher, publication_id=public.pk, reason="张三的电话未隐去")
    gone = withdraw(publisher, publication_id=public.pk, reason=WHY)
    assert (gone.withdrawal_reason, gone.withdrawn_by) == (WHY, publisher)
    assert not gone.is_public
    again = withdraw(publisher, publication_id=public.pk, reason="另一个理由也行")
    assert (again.withdrawn_at, again.withdrawal_reason) == (gone.withdrawn_at, WHY)
    assert one(EventKind.WITHDRAWN, in_force) == {
        "publications": [public.pk],
        "numbers": [1],
        "codes": [public.code],
        "reason": WHY,
    }
    assert CatalogueEntry.objects.get().withdrawn


def test_publishing_again_takes_a_new_check_and_a_reason(publisher, in_force, public) -> None:
    withdraw(publisher, publication_id=public.pk, reason=WHY)
    with pytest.raises(WrongStateError, match="再次公开前请重新审查"):
        publish(publisher, declaration_id=in_force.pk, reason=REASON)
    made = checked(publisher, in_force)
    assert made != public.publication_check
    assert checked(publisher, in_force) == made
    with pytest.raises(RefusedError, match="请写明更正理由"):
        publish(publisher, declaration_id=in_force.pk)
    again = publish(publisher, declaration_id=in_force.pk, reason=REASON)
    assert (again.number, again.is_public) == (2, True)
    assert not CatalogueEntry.objects.get().withdrawn


def test_a_check_from_before_the_withdrawal_does_not_count(
    reviewer, publisher, in_force, public
) -> None:
    """Also not of another revision: whatever was wrong may be in it, too."""
    corrected(reviewer, in_force)
    checked(publisher, in_force)
    withdraw(publisher, publication_id=public.pk, reason=WHY)
    with pytest.raises(WrongStateError, match="再次公开前请重新审查"):
        publish(publisher, declaration_id=in_force.pk, reason=REASON)


@pytest.mark.parametrize(("earlier", "left"), [(False, [1]), (True, [])])
def test_earlier_versions_are_withdrawn_with_it_or_stay(
    reviewer, publisher, in_force, public, *, earlier: bool, left: list[int]
) -> None:
    corrected(reviewer, in_force)
    checked(publisher, in_force)
    later = publish(publisher, declaration_id=in_force.pk, reason=REASON)
    withdraw(publisher, publication_id=later.pk, reason=WHY, earlier=earlier)
    public_now = Publication.objects.filter(withdrawn_at=None)
    assert [p.number for p in public_now] == left


def test_an_earlier_version_can_be_withdrawn_alone(reviewer, publisher, in_force, public) -> None:
    corrected(reviewer, in_force)
    checked(publisher, in_force)
    later = publish(publisher, declaration_id=in_force.pk, reason=REASON)
    withdraw(publisher, publication_id=public.pk, reason=WHY, earlier=True)
    later.refresh_from_db()
    assert later.is_public
    entry = CatalogueEntry.objects.get()
    assert (entry.publication, entry.withdrawn) == (later, False)


# Not publishing


def test_what_is_not_published_says_why(publisher, in_force) -> None:
    with pytest.raises(RefusedError, match="请写明不予公开的理由"):
        exempt(publisher, declaration_id=in_force.pk, note="涉密")
    made = exempt(publisher, declaration_id=in_force.pk, note="涉及国家秘密")
    assert (made.outcome, made.sha256, made.note) == (CheckOutcome.EXEMPT, "", "涉及国家秘密")
    assert exempt(publisher, declaration_id=in_force.pk, note="涉及国家秘密") == made
    assert one(EventKind.PUBLICATION_EXEMPTED, in_force)["note"] == "涉及国家秘密"
    checked(publisher, in_force, note="已经解密，可以公开")
    assert publish(publisher, declaration_id=in_force.pk).number == 1


def test_who_clears_what_was_exempt_says_why(reviewer, publisher, in_force) -> None:
    made = exempt(publisher, declaration_id=in_force.pk, note="涉及国家秘密")
    colleague = factories.UserFactory.create(bureau=publisher.bureau, role=Role.PUBLISHER)
    for note in ("", "可以", "  \n"):
        with pytest.raises(RefusedError, match="改为公开请写明说明") as refused:
            checked(colleague, in_force, note=note)
        assert f"此前 {publisher.name} 于 " in str(refused.value)
        assert "确定不予公开（理由：涉及国家秘密）" in str(refused.value)
    assert PublicationCheck.objects.get() == made
    cleared = checked(colleague, in_force, note="已经解密，可以公开")
    assert (cleared.outcome, cleared.checked_by) == (CheckOutcome.CLEARED, colleague)
    assert checked(publisher, in_force).note == ""  # it is cleared by now
    exempt(publisher, declaration_id=in_force.pk, note="涉及国家秘密")
    corrected(reviewer, in_force)
    assert checked(colleague, in_force).note == ""  # another revision was not exempt


def test_what_is_public_is_withdrawn_before_it_is_exempt(publisher, in_force, public) -> None:
    with pytest.raises(WrongStateError, match="请先撤回"):
        exempt(publisher, declaration_id=in_force.pk, note="涉及国家秘密")
    withdraw(publisher, publication_id=public.pk, reason=WHY)
    exempt(publisher, declaration_id=in_force.pk, note="涉及国家秘密")


# At the same moment


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_at_once_publish_once(filer, reviewer, department) -> None:
    publisher = publisher_of(department.bureau)
    declaration = factories.approved(filer, reviewer, personal(filer, department))
    checked(publisher, declaration)
    acts = [lambda: publish(publisher, declaration_id=declaration.pk)] * 3
    first, second, third = at_once(*acts)
    assert first == second == third == Publication.objects.get()
    assert first.files.count() == 3
    assert declaration.events.filter(kind=EventKind.PUBLISHED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_check_at_once_check_once(filer, reviewer, department) -> None:
    publisher = publisher_of(department.bureau)
    declaration = factories.approved(filer, reviewer, personal(filer, department))
    seen = prepared(declaration).sha256
    act = lambda: check(publisher, declaration_id=declaration.pk, looked_at=seen)  # noqa: E731
    first, second = at_once(act, act)
    assert first == second == PublicationCheck.objects.get()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_", range(3))
def test_what_is_corrected_while_it_is_published(filer, reviewer, department, _: int) -> None:
    """Either comes first: nothing is published that was not in force and checked."""
    publisher = publisher_of(department.bureau)
    declaration = factories.approved(filer, reviewer, personal(filer, department))
    checked(publisher, declaration)
    before = declaration.approved
    done, revision = at_once(
        lambda: publish(publisher, declaration_id=declaration.pk),
        lambda: corrected(reviewer, declaration),
    )
    assert isinstance(revision, Revision)
    if isinstance(done, Publication):
        assert done.revision == before
        assert done.published_at <= timezone.now()
    else:
        assert isinstance(done, WrongStateError)
        assert not Publication.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_withdrawing_while_a_correction_is_published(filer, reviewer, department) -> None:
    publisher = publisher_of(department.bureau)
    declaration = factories.approved(filer, reviewer, personal(filer, department))
    first = published(filer, reviewer, publisher, declaration)
    corrected(reviewer, declaration)
    checked(publisher, declaration)
    done, gone = at_once(
        lambda: publish(publisher, declaration_id=declaration.pk, reason=REASON),
        lambda: withdraw(publisher, publication_id=first.pk, reason=WHY),
    )
    assert not gone.is_public
    entry = CatalogueEntry.objects.get()
    if isinstance(done, Publication):
        assert (entry.publication, entry.withdrawn) == (done, False)
    else:
        assert "再次公开前请重新审查" in str(done)
        assert (entry.publication, entry.withdrawn) == (first, True)
