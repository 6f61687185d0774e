"""Exporting and publishing many: each once, whatever fails is said, and nothing is lost."""

import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from openpyxl import load_workbook

from declarations.domain import batches
from declarations.domain.batch_ends import pack
from declarations.domain.errors import NotPermittedError, RefusedError, WrongStateError
from declarations.domain.publishing import withdraw
from declarations.models import (
    Batch,
    BatchState,
    Bureau,
    Declaration,
    Event,
    EventKind,
    ItemState,
    Notice,
    NoticeKind,
    Publication,
    Role,
    StoredFile,
    User,
)
from declarations.queries.batches import KEPT_DAYS, Progress, with_progress
from declarations.queries.documents import document_of
from declarations.queries.exports import Content, Wanted, counted, planned
from declarations.queries.files import content_of
from declarations.sheets.codes import shown_code
from tests import evaluations, factories, small_forms
from tests.batches import (
    PATTERN,
    approved_in_bulk,
    check_sums,
    exporter_of,
    files_in,
    finished,
    opened,
)
from tests.factories import type_into
from tests.publishing import checked, published
from tests.races import at_once
from tests.working import empty_queue, eventually, jobs

IN_FORCE = Wanted(Content.IN_FORCE)
GOAL = "text/overall_goal"
pytestmark = pytest.mark.django_db


@pytest.fixture
def bureau(db: None) -> Bureau:
    """With three declarations in force."""
    bureau = factories.BureauFactory.create(name="番禺区财政局")
    approved_in_bulk(bureau, 3, small_forms.NESTED)
    return bureau


@pytest.fixture
def publisher(bureau: Bureau) -> User:
    return exporter_of(bureau)


def in_force(publisher: User, *formats: str, **wanted: Any) -> Batch:
    """What was asked for, of the versions in force."""
    return batches.start_export(
        publisher,
        filters=Wanted(Content.IN_FORCE, **wanted),
        formats=formats or ("json",),
        pattern=PATTERN,
    )


def declarations_of(bureau: Bureau) -> list[Declaration]:
    found = Declaration.objects.filter(round__bureau=bureau).order_by("pk")
    return [factories.reread(declaration) for declaration in found]


def publish_all(publisher: User, declarations: list[Declaration]) -> list[Publication]:
    return [published(publisher, publisher, publisher, d) for d in declarations]


def states(batch: Batch) -> list[str]:
    return list(batch.items.values_list("state", flat=True))


def rows_of_index(batch: Batch) -> list[dict[str, Any]]:
    sheet = load_workbook(BytesIO(opened(batch).read("目录.xlsx"))).active
    assert sheet is not None
    head, *rows = sheet.values
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


# What an export holds


def test_files_are_what_each_declaration_is_in_force(publisher: User, bureau: Bureau) -> None:
    batch = finished(in_force(publisher, "pdf", "xlsx", "json"))
    assert (batch.state, set(states(batch))) == (BatchState.DONE, {ItemState.DONE})
    archive = opened(batch)
    for declaration in declarations_of(bureau):
        for format_ in ("pdf", "xlsx", "json"):
            name = f"{declaration.department}任务和指标（内部，未隐去）.{format_}"
            assert archive.read(name) == document_of(declaration, format_)
    assert len(files_in(archive)) == 9


def test_sha256sum_accepts_the_archive(publisher: User, tmp_path: Path) -> None:
    said = check_sums(finished(in_force(publisher, "pdf", "json")), tmp_path)
    assert said.count(": OK\n") == 6 + 2
    assert "目录.xlsx: OK" in said
    assert "manifest.json: OK" in said


def test_the_index_and_the_manifest_say_what_is_in_it(publisher: User, bureau: Bureau) -> None:
    first = declarations_of(bureau)[0]
    publication = published(publisher, publisher, publisher, first)
    batch = finished(in_force(publisher))
    rows, manifest = rows_of_index(batch), json.loads(opened(batch).read("manifest.json"))
    assert [row["序号"] for row in rows] == [1, 2, 3]
    item = batch.items.select_related("stored").get(position=1)
    assert item.stored is not None
    assert rows[0] == {
        "序号": 1,
        "部门": first.department.name,
        "部门编码": first.department.code,
        "年度": 2023,
        "表样": "任务和指标",
        "状态": "现行",
        "版本": 1,
        "自评等级": None,
        "文件": item.name,
        "SHA-256": item.stored.sha256,
        "核验码": shown_code(publication.code),
        "未导出的原因": None,
    }
    assert (manifest["masked"], manifest["content"]) == (False, "in_force")
    assert manifest["missing"] == []
    assert [file["name"] for file in manifest["files"]] == files_in(opened(batch))
    assert manifest["files"][0] | {"code": publication.code} == manifest["files"][0]


def test_published_files_are_taken_as_they_are(publisher: User, bureau: Bureau) -> None:
    publications = publish_all(publisher, declarations_of(bureau)[:2])
    made = StoredFile.objects.count()
    batch = batches.start_export(
        publisher, filters=Wanted(), formats=["pdf"], pattern="{code}-{state}"
    )
    archive = opened(finished(batch))
    assert StoredFile.objects.count() == made
    for publication in publications:
        file = publication.files.select_related("file").get(format="pdf").file
        code = publication.declaration.department.code
        assert archive.read(f"{code}-已公开.pdf") == content_of(file)
    assert len(files_in(archive)) == 2
    assert json.loads(archive.read("manifest.json"))["masked"] is True
    assert "未隐去" not in batch.name


def test_what_is_under_review_is_exported_once_it_came_to_the_bureau(
    filer: User, reviewer: User, declaration: Declaration
) -> None:
    publisher = exporter_of(reviewer.bureau)
    wanted = Wanted(Content.UNDER_REVIEW)
    assert counted(publisher.bureau, wanted, ["json"]) == (0, 0)
    factories.submitted(filer, declaration)
    batch = batches.start_export(publisher, filters=wanted, formats=["json"], pattern="{state}")
    (name,) = files_in(opened(finished(batch)))
    assert name == "审核中（内部，未隐去）.json"


def test_it_is_chosen_by_year_round_group_and_department(bureau: Bureau) -> None:
    one, two, _three = declarations_of(bureau)
    later = approved_in_bulk(factories.BureauFactory.create(), 1, small_forms.NESTED)
    group = bureau.groups.create(name="街道")
    bureau.departments.filter(pk=two.department_id).update(group=group)

    def found(**wanted: Any) -> int:
        return counted(bureau, Wanted(Content.IN_FORCE, **wanted), ["json", "docx"])[0]

    assert found() == found(year=2023) == found(round=one.round_id) == 3
    assert found(groups=(group.pk,)) == found(departments=(one.department_id,)) == 1
    assert found(groups=(group.pk,), departments=(one.department_id,)) == 0
    assert found(year=2022) == found(round=later.pk) == 0


def test_a_count_is_of_what_comes(publisher: User, bureau: Bureau) -> None:
    publish_all(publisher, declarations_of(bureau)[:1])
    for content in Content:
        for formats in (["pdf"], ["pdf", "docx", "json"], ["docx"]):
            files = planned(bureau, Wanted(content), formats, PATTERN)
            of = {file.declaration for file in files}
            assert counted(bureau, Wanted(content), formats) == (len(of), len(files))


def test_the_same_archive_is_written_again(publisher: User) -> None:
    batch = finished(in_force(publisher, "xlsx"))
    before = batch.sha256
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.PACKING)
    pack(batch.pk)
    batch.refresh_from_db()
    assert batch.sha256 == before


def test_what_is_made_is_not_made_again(publisher: User) -> None:
    finished(in_force(publisher, "pdf"))
    made = StoredFile.objects.count()
    again = finished(in_force(publisher, "pdf"))
    assert len(files_in(opened(again))) == 3
    assert StoredFile.objects.count() == made


# Asking for it


def test_only_publishers_and_system_administrators_export(bureau: Bureau) -> None:
    for role in (Role.REVIEWER, Role.SECURITY, Role.AUDITOR):
        person = factories.UserFactory.create(bureau=bureau, role=role)
        with pytest.raises(NotPermittedError):
            in_force(person)
    system = factories.UserFactory.create(bureau=bureau, role=Role.SYSTEM)
    assert finished(in_force(system)).state == BatchState.DONE


def test_nothing_of_another_bureau_comes(bureau: Bureau) -> None:
    stranger = exporter_of(factories.BureauFactory.create())
    with pytest.raises(RefusedError, match="没有符合条件的文件"):
        in_force(stranger)
    with pytest.raises(RefusedError, match="没有符合条件的文件"):
        in_force(stranger, departments=tuple(bureau.departments.values_list("pk", flat=True)))


def test_a_bad_pattern_is_refused(publisher: User) -> None:
    with pytest.raises(RefusedError, match="文件名格式不能使用：没有"):
        batches.start_export(publisher, filters=IN_FORCE, formats=["json"], pattern="{dept}")
    assert not Batch.objects.exists()


def test_a_second_click_asks_for_the_same(publisher: User) -> None:
    first = in_force(publisher)
    assert in_force(publisher) == first
    assert in_force(publisher, "xlsx") != first
    finished(first)
    assert in_force(publisher) != first


def test_the_record_and_a_notice_say_what_came_of_it(publisher: User) -> None:
    batch = finished(in_force(publisher))
    batches.take(publisher, batch_id=batch.pk)
    kinds = [EventKind.BATCH_TAKEN, EventKind.BATCH_FINISHED, EventKind.BATCH_STARTED]
    taken, done, started = Event.objects.filter(data__batch=batch.pk)
    assert [taken.kind, done.kind, started.kind] == kinds
    assert started.data["filters"] == IN_FORCE.to_json()
    assert (done.actor, done.data["done"], done.data["failed"]) == (None, 3, 0)
    assert taken.data["sha256"] == done.data["sha256"] == batch.sha256
    notice = Notice.objects.get(kind=NoticeKind.BATCH)
    assert notice.recipient == publisher
    assert notice.title == "“全部批次：现行版本（内部，未隐去），3 份”已完成"
    assert "已导出 3 个文件。" in notice.text
    assert f"保留 {KEPT_DAYS} 天" in notice.text


# What fails


def test_what_was_withdrawn_meanwhile_is_left_out_and_said(publisher: User, bureau: Bureau) -> None:
    publications = publish_all(publisher, declarations_of(bureau))
    batch = batches.start_export(publisher, filters=Wanted(), formats=["json"], pattern=PATTERN)
    withdraw(publisher, publication_id=publications[1].pk, reason="内容有误，需要更正")
    finished(batch)
    assert states(batch) == ["done", "failed", "done"]
    assert len(files_in(opened(batch))) == 2
    row = rows_of_index(batch)[1]
    assert (row["文件"], row["SHA-256"]) == (None, None)
    assert row["未导出的原因"] == "已撤回公开，没有导出"
    (progress,) = with_progress([batch])
    assert (progress.label, progress.can_be_retried) == ("部分完成", True)
    assert Notice.objects.filter(kind=NoticeKind.BATCH).get().text.count("没有成功") == 1


def test_what_is_withdrawn_after_an_export_is_not_in_the_next_archive(
    publisher: User, bureau: Bureau
) -> None:
    publications = publish_all(publisher, declarations_of(bureau))
    batch = batches.start_export(publisher, filters=Wanted(), formats=["json"], pattern=PATTERN)
    withdraw(publisher, publication_id=publications[1].pk, reason="内容有误，需要更正")
    finished(batch)
    withdraw(publisher, publication_id=publications[0].pk, reason="内容有误，需要更正")
    batch = finished(batches.retry(publisher, batch_id=batch.pk))
    assert states(batch) == ["failed", "failed", "done"]
    assert len(files_in(opened(batch))) == 1


def test_another_version_in_force_is_not_exported_in_its_place(
    filer: User, reviewer: User, declaration: Declaration
) -> None:
    factories.approved(filer, reviewer, declaration)
    publisher = exporter_of(reviewer.bureau)
    batch = in_force(publisher)
    evaluations.adjusted(
        filer, reviewer, declaration, lambda: type_into(filer, declaration, **{GOAL: "改过的目标"})
    )
    finished(batch)
    assert (batch.state, batch.file) == (BatchState.FAILED, "")
    assert batch.items.get().error == "开始导出后版本有变化，请重新导出"
    assert "没有一项成功" in Notice.objects.filter(kind=NoticeKind.BATCH).get().text


def test_a_damaged_file_is_left_out_and_the_rest_goes_on(publisher: User) -> None:
    batch = in_force(publisher)
    batches.run(batch.pk, seconds=0)  # one item
    stored = batch.items.get(position=1).stored
    assert stored is not None
    default_storage.delete(stored.name)
    finished(batch)
    assert states(batch) == ["failed", "done", "done"]
    assert len(files_in(opened(batch))) == 2
    assert "从备份恢复" in rows_of_index(batch)[0]["未导出的原因"]


def test_an_error_of_the_system_is_noted_with_a_number_to_quote(
    publisher: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The storage gives way under the first file."""
    batch = in_force(publisher)
    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "save", _refuse, raising=False)
        batches.run(batch.pk, seconds=0)
    finished(batch)
    assert states(batch) == ["failed", "done", "done"]
    error = batch.items.get(position=1).error
    assert f"任务 {batch.pk}，第 1 项" in error
    assert "no space left" in caplog.text
    batch = finished(batches.retry(publisher, batch_id=batch.pk))
    assert states(batch) == ["done"] * 3
    assert (batch.state, len(files_in(opened(batch)))) == (BatchState.DONE, 3)


def test_an_archive_that_cannot_be_stored_is_said_and_packed_later(
    publisher: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = in_force(publisher)
    while any(state == "todo" for state in states(batch)):
        batches.run(batch.pk, seconds=0)
    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "save", _refuse, raising=False)
        finished(batch)
    assert batch.state == BatchState.FAILED
    assert "没有存下来" in batch.error
    assert states(batch) == ["done"] * 3
    batch = finished(batches.retry(publisher, batch_id=batch.pk))
    assert (batch.state, batch.error) == (BatchState.DONE, "")


def _refuse(*_args: Any, **_kwargs: Any) -> str:
    raise OSError("no space left")


def test_who_was_stopped_meanwhile_gets_nothing(publisher: User) -> None:
    batch = in_force(publisher)
    User.objects.filter(pk=publisher.pk).update(is_active=False)
    finished(batch)
    assert batch.state == BatchState.FAILED
    assert "账号已停用" in batch.items.first().error  # type: ignore[union-attr]


# Cancelling, and what is left


def test_after_cancelling_nothing_more_is_made(publisher: User) -> None:
    batch = in_force(publisher)
    batches.run(batch.pk, seconds=0)
    batches.cancel(publisher, batch_id=batch.pk)
    batch = finished(batches.cancel(publisher, batch_id=batch.pk))
    assert (batch.state, batch.file) == (BatchState.CANCELLED, "")
    assert states(batch) == ["done", "todo", "todo"]
    assert Event.objects.filter(kind=EventKind.BATCH_CANCELLED).count() == 1
    batch = finished(batches.retry(publisher, batch_id=batch.pk))
    assert (batch.state, states(batch)) == (BatchState.DONE, ["done"] * 3)


def test_what_is_over_is_not_cancelled_and_what_is_complete_not_retried(publisher: User) -> None:
    batch = finished(in_force(publisher))
    for act in (batches.cancel, batches.retry):
        with pytest.raises(WrongStateError):
            act(publisher, batch_id=batch.pk)
    stranger = exporter_of(factories.BureauFactory.create())
    for act in (batches.cancel, batches.retry, batches.take):
        with pytest.raises(NotPermittedError):
            act(stranger, batch_id=batch.pk)


def test_archives_are_deleted_after_thirty_days(
    publisher: User, django_capture_on_commit_callbacks: Any
) -> None:
    batch = finished(in_force(publisher))
    later = finished(in_force(publisher, "xlsx"))
    past = timezone.now() - timedelta(days=KEPT_DAYS, minutes=1)
    Batch.objects.filter(pk=batch.pk).update(finished_at=past)
    with django_capture_on_commit_callbacks(execute=True):
        batches.forget_old()
    assert not default_storage.exists(batch.file)
    assert default_storage.exists(later.file)
    sha256 = batch.sha256
    batch.refresh_from_db()
    assert (batch.file, batch.sha256, batch.state) == ("", sha256, BatchState.DONE)
    with pytest.raises(WrongStateError, match="已到期删除"):
        batches.take(publisher, batch_id=batch.pk)


def test_how_long_it_takes_is_said_only_when_it_can_be_known() -> None:
    now = timezone.now()
    batch = Batch(state=BatchState.RUNNING, started_at=now - timedelta(seconds=60))
    assert Progress(batch, 19, 0, 200).minutes_left(now) is None
    assert Progress(batch, 30, 10, 200).minutes_left(now) == 4
    batch.options["done_before"] = 20
    assert Progress(batch, 30, 10, 200).minutes_left(now) == 8
    batch.started_at = now - timedelta(seconds=14)
    assert Progress(batch, 40, 0, 200).minutes_left(now) is None
    batch.state = BatchState.PACKING
    assert Progress(batch, 200, 0, 200).minutes_left(now) is None


# Publishing


def test_each_is_published_as_it_was_checked(publisher: User, bureau: Bureau) -> None:
    one, two, three = declarations_of(bureau)
    for declaration in (one, two):
        checked(publisher, declaration)
    batch = finished(batches.start_publishing(publisher, declarations=[three.pk, two.pk, one.pk]))
    assert states(batch) == ["done", "done", "failed"]
    assert set(Publication.objects.values_list("declaration", flat=True)) == {one.pk, two.pk}
    assert "审查" in batch.items.get(position=3).error
    assert (batch.state, batch.file) == (BatchState.DONE, "")
    assert "已公开 2 份申报。" in Notice.objects.filter(kind=NoticeKind.BATCH).get().text
    checked(publisher, three)
    batch = finished(batches.retry(publisher, batch_id=batch.pk))
    assert Publication.objects.count() == 3


def test_what_is_published_already_is_done(publisher: User, bureau: Bureau) -> None:
    declarations = declarations_of(bureau)
    publish_all(publisher, declarations[:1])
    batch = finished(batches.start_publishing(publisher, declarations=[declarations[0].pk]))
    assert states(batch) == ["done"]
    assert Publication.objects.count() == 1


def test_only_publishers_publish_and_only_what_is_in_force(
    publisher: User, bureau: Bureau, declaration: Declaration
) -> None:
    one = declarations_of(bureau)[0]
    system = factories.UserFactory.create(bureau=bureau, role=Role.SYSTEM)
    with pytest.raises(NotPermittedError):
        batches.start_publishing(system, declarations=[one.pk])
    with pytest.raises(RefusedError, match="没有现行版本"):
        batches.start_publishing(publisher, declarations=[one.pk, declaration.pk])
    with pytest.raises(RefusedError, match="请先选择"):
        batches.start_publishing(publisher, declarations=[])


# Several at once


@pytest.mark.django_db(transaction=True)
def test_workers_share_a_batch_and_one_of_them_packs_it(publisher: User) -> None:
    batch = in_force(publisher, "json", "xlsx")
    at_once(*(lambda: finished(Batch.objects.get(pk=batch.pk)) for _ in range(4)))
    batch.refresh_from_db()
    while batch.state != BatchState.DONE:  # who came last may have left while others had the last
        finished(batch)
    assert set(states(batch)) == {"done"}
    assert len(files_in(opened(batch))) == 6
    assert Event.objects.filter(kind=EventKind.BATCH_FINISHED).count() == 1
    assert Notice.objects.filter(kind=NoticeKind.BATCH).count() == 1


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_of_what_was_cancelled_while_it_was_packed(publisher: User) -> None:
    """The packer has written all, and waits for the batch, which is being cancelled."""
    batch = in_force(publisher)
    while any(state == "todo" for state in states(batch)):
        batches.run(batch.pk, seconds=0)

    def cancelled() -> None:
        with transaction.atomic():
            Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
            _wait_for_a_file(batch)
            batches.cancel(publisher, batch_id=batch.pk)

    Batch.objects.filter(pk=batch.pk).update(state=BatchState.PACKING)
    results = at_once(cancelled, lambda: pack(batch.pk))
    assert results == [None, None]
    batch.refresh_from_db()
    assert (batch.state, batch.file) == (BatchState.CANCELLED, "")
    assert archives_of(batch) == []


def archives_of(batch: Batch) -> list[str]:
    try:
        return default_storage.listdir(f"batches/{batch.pk}")[1]
    except FileNotFoundError:
        return []


def _wait_for_a_file(batch: Batch) -> None:
    eventually(lambda: archives_of(batch))


@pytest.mark.usefixtures("queue")
@pytest.mark.django_db(transaction=True)
def test_what_nobody_works_at_any_longer_is_asked_for_again(publisher: User) -> None:
    batch = in_force(publisher)
    task = "declarations.work_on_batch"
    assert jobs(task_name=task) == ["todo"]
    batches.go_on()
    assert jobs(task_name=task) == ["todo"]
    empty_queue()
    batches.go_on()
    assert jobs(task_name=task) == ["todo"]
    finished(batch)
    empty_queue()
    batches.go_on()
    assert jobs(task_name=task) == []
