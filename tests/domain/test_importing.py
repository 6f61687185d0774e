"""Applying an upload: one transaction, against what was previewed, and taken back by undo.

What reading a workbook gives is tested in tests/sheets/incoming; here what it gave is put
down as `upload` keeps it, except where the reading itself matters.
"""

import hashlib
import random
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from declarations.domain import importing
from declarations.domain.commenting import add_comment
from declarations.domain.errors import (
    NotPermittedError,
    RefusedError,
    WindowClosedError,
    WrongStateError,
)
from declarations.domain.importing import (
    ChangedSinceError,
    NothingToImportError,
    apply_upload,
    safe_file_name,
    set_aside,
)
from declarations.domain.review import return_for_correction
from declarations.domain.rows import add_row, move_row, remove_row
from declarations.domain.submission import submit
from declarations.domain.undoing import undo
from declarations.models import Declaration, Event, EventKind, Upload, UploadState, User
from declarations.queries.forms import form_of
from declarations.queries.history import cell_history
from declarations.sheets.problems import CellProblem
from declarations.sheets.records import Item, Records
from tests import factories
from tests.factories import anchors, reread, text_of, type_into
from tests.races import at_once
from tests.sheets.workbooks import indicator, task
from tests.small_forms import EVERY_KIND, NESTED
from tests.uploads import (
    base,
    bring,
    brought,
    content,
    read_already,
    stored,
    with_goal,
    workbook_saying,
)


def apply(actor: User | None, upload: Upload, **kwargs: Any) -> Event:
    declaration = upload.declaration
    known = {"base": base(declaration), **kwargs}
    return apply_upload(actor, declaration_id=declaration.pk, upload_id=upload.pk, **known)


def take_back(actor: User, declaration: Declaration, event: Event) -> str:
    return undo(actor, declaration_id=declaration.pk, event_id=event.pk)


def state_of(upload: Upload) -> str:
    return Upload.objects.values_list("state", flat=True).get(pk=upload.pk)


def names(declaration: Declaration) -> list[Any]:
    return [item.values["name"] for item in stored(declaration).lists["tasks"]]


def item_anchors(declaration: Declaration, name: str = "tasks") -> list[str]:
    return [item.anchor() for item in stored(declaration).lists[name]]


@pytest.fixture
def nested(department) -> Declaration:
    return factories.declaration_for(department, NESTED)


@pytest.fixture
def three(filer, declaration) -> Declaration:
    """Three tasks with names and amounts."""
    for _ in range(2):
        add_row(filer, declaration_id=declaration.pk, list_anchor="tasks")
    cells = anchors(declaration, "tasks.name")
    type_into(filer, declaration, **dict(zip(cells, ["一", "二", "三"], strict=True)))
    cells = anchors(declaration, "tasks.amount")
    type_into(filer, declaration, **dict(zip(cells, ["1", "2", "3"], strict=True)))
    return declaration


def task_rows(records: Records) -> list[Item]:
    return records.lists["tasks"]


# What is written


def test_into_a_blank_declaration(filer, declaration) -> None:
    records = brought(declaration)
    records.texts["overall_goal"] = "目标"
    records.funding["basic"]["budget"] = Decimal("4830900.00")
    records.lists["tasks"] = [
        task(1, name="一", content="内容", amount=Decimal("8330800.00")),
        task(2, name="二"),
    ]
    records.lists["indicators"] = [indicator(3, level3="人次", target="1920例")]
    event = apply(filer, read_already(declaration, records))
    assert text_of(declaration, "text/overall_goal") == "目标"
    assert text_of(declaration, "funding/basic/budget") == "483.09"
    assert names(declaration) == ["一", "二"]
    assert [i.values["target"] for i in stored(declaration).lists["indicators"]] == ["1920例"]
    assert event.data["summary"] == "修改 2 格，新增 3 行"


def test_rows_that_are_there_keep_their_anchors(filer, three) -> None:
    first, second, third = item_anchors(three)
    records = brought(three)
    one, two, three_ = task_rows(records)
    two.values["amount"] = Decimal("50000.00")
    records.lists["tasks"] = [three_, task(99, name="新来的"), two]
    apply(filer, read_already(three, records))
    now = item_anchors(three)
    assert (now[0], now[2]) == (third, second)
    assert names(three) == ["三", "新来的", "二"]
    assert text_of(three, f"{second}/amount") == "5.00"
    assert first not in now
    assert one.values["name"] not in names(three)


def test_nested_rows(filer, nested) -> None:
    records = brought(nested)
    records.lists["tasks"] = [
        task(1, indicator(1, level3="甲", target="1"), indicator(2, level3="乙"), name="一"),
        task(2, name="二"),
    ]
    apply(filer, read_already(nested, records))
    one, two = task_rows(stored(nested))
    assert [i.values["level3"] for i in one.lists["indicators"]] == ["甲", "乙"]
    assert [i.values["level3"] for i in two.lists["indicators"]] == [""]  # one blank, to fill in
    again = brought(nested)
    task_rows(again)[0].lists["indicators"].insert(1, indicator(77, level3="丙"))
    task_rows(again)[1].lists["indicators"] = [indicator(78, level3="丁")]
    event = apply(filer, read_already(nested, again))
    after_one, after_two = task_rows(stored(nested))
    assert [i.values["level3"] for i in after_one.lists["indicators"]] == ["甲", "丙", "乙"]
    assert [i.values["level3"] for i in after_two.lists["indicators"]] == ["丁"]
    assert (after_one.id, after_two.id) == (one.id, two.id)
    assert event.data["summary"] == "新增 2 行"


def test_every_kind_of_value(filer, department) -> None:
    declaration = factories.declaration_for(department, EVERY_KIND)
    records = brought(declaration)
    records.texts |= {"line": "一行", "long": "两\n行", "day": "2023-01-05", "choice": "丙 类"}
    records.funding["general"] |= {"budget": Decimal("0.01"), "adjustment": Decimal("-12345.67")}
    records.lists["tasks"] = [
        task(
            1,
            name="=1+1",
            weight=Decimal("12.500000"),
            actual=Decimal("5.000000"),
            **{
                "extra.office": "-科室",
                "extra.people": Decimal("1200.000000"),
                "extra.rate": Decimal("0.853200"),
                "extra.subsidy": Decimal("0.10"),
            },
        )
    ]
    apply(filer, read_already(declaration, records))
    found = stored(declaration)
    assert found.texts == records.texts
    assert found.funding == records.funding
    (row,) = task_rows(found)
    assert row.values["name"] == "=1+1"
    assert row.values["weight"] == Decimal("12.5")
    assert row.values["actual"] == "5"
    assert row.values["extra.people"] == "1200"
    assert row.values["extra.rate"] == "0.8532"
    assert row.values["extra.subsidy"] == "0.1"
    with pytest.raises(NothingToImportError):
        apply(filer, read_already(declaration, records))


def test_what_the_workbook_has_no_place_for_stays(filer, three) -> None:
    records = brought(three)
    for item in task_rows(records):
        item.values["amount"] = None
    task_rows(records)[0].values["content"] = "新内容"
    apply(filer, read_already(three, records, absent=frozenset({"tasks.amount"})))
    (one, two, _) = task_rows(stored(three))
    assert (one.values["content"], one.values["amount"]) == ("新内容", Decimal("10000.00"))
    assert two.values["amount"] == Decimal("20000.00")


def test_history_names_the_person_and_comments_fit(filer, colleague, reviewer, three) -> None:
    first = item_anchors(three)[0]
    factories.fill_in(filer, three)
    lines = ("funding.project.budget", "funding.fiscal.budget", "funding.district.budget")
    factories.type_into(filer, three, **dict.fromkeys(lines, "6"))
    submit(filer, declaration_id=three.pk)
    add_comment(reviewer, declaration_id=three.pk, anchor=f"{first}/amount", text="请核对。")
    return_for_correction(reviewer, declaration_id=three.pk)
    records = brought(three)
    task_rows(records)[0].values["amount"] = Decimal("70000.00")
    apply(colleague, read_already(three, records))
    field = form_of(three.round.template).fields["tasks.amount"]
    change = cell_history(reread(three), f"{first}/amount", field)[0]
    assert (change.person, change.before, change.after) == ("填报人乙", "1.00", "7.00")
    (comment,) = three.comments.all()
    assert text_of(three, comment.anchor) == "7.00"
    assert reread(three).edited_by == colleague


def test_the_command_line_is_nobody(declaration) -> None:
    records = brought(declaration)
    records.texts["overall_goal"] = "目标"
    event = apply(None, read_already(declaration, records))
    assert event.actor is None
    field = form_of(declaration.round.template).fields["text.overall_goal"]
    assert cell_history(reread(declaration), "text/overall_goal", field)[0].person == "系统"


# Once, against what was seen


def goal(declaration: Declaration, text: str = "目标", **report: Any) -> Upload:
    records = brought(declaration)
    records.texts["overall_goal"] = text
    return read_already(declaration, records, **report)


def test_applying_twice_is_once(filer, declaration) -> None:
    upload = goal(declaration)
    seen = base(declaration)
    event = apply(filer, upload, base=seen)
    assert apply(filer, upload, base=seen) == event
    assert declaration.events.filter(kind=EventKind.IMPORTED).count() == 1
    assert state_of(upload) == UploadState.APPLIED


def test_what_changed_after_the_preview_is_not_written_over(filer, colleague, declaration) -> None:
    upload = goal(declaration)
    seen = base(declaration)
    type_into(colleague, declaration, **{"text.overall_goal": "同事刚写的"})
    with pytest.raises(ChangedSinceError, match="内容在预览后又被修改过，请重新核对"):
        apply(filer, upload, base=seen)
    assert text_of(declaration, "text/overall_goal") == "同事刚写的"
    assert state_of(upload) == UploadState.WAITING
    apply(filer, upload)  # after another look
    assert text_of(declaration, "text/overall_goal") == "目标"


def test_a_row_that_came_or_moved_counts_as_a_change(filer, colleague, three) -> None:
    upload = goal(three)
    seen = base(three)
    move_row(colleague, declaration_id=three.pk, anchor=item_anchors(three)[0], by=1)
    with pytest.raises(ChangedSinceError):
        apply(filer, upload, base=seen)


def test_warnings_are_to_be_confirmed(filer, declaration) -> None:
    upload = goal(declaration, warnings=[CellProblem("表", "B3", "合计与系统计算的不一致")])
    with pytest.raises(RefusedError, match="请先核对列出的提示"):
        apply(filer, upload)
    assert text_of(declaration, "text/overall_goal") == ""
    apply(filer, upload, confirmed=True)
    assert text_of(declaration, "text/overall_goal") == "目标"


def test_nothing_to_import_is_said_so(filer, declaration) -> None:
    upload = read_already(declaration, brought(declaration))
    with pytest.raises(NothingToImportError, match="没有变化"):
        apply(filer, upload)
    assert state_of(upload) == UploadState.WAITING


@pytest.mark.parametrize("who", ["stranger", "reviewer", "administrator", "outsider"])
def test_nobody_else_applies_or_gives_up(request, declaration, who: str) -> None:
    upload, actor = goal(declaration), request.getfixturevalue(who)
    with pytest.raises(NotPermittedError):
        apply(actor, upload)
    with pytest.raises(NotPermittedError):
        set_aside(actor, declaration_id=declaration.pk, upload_id=upload.pk)
    assert text_of(declaration, "text/overall_goal") == ""
    assert state_of(upload) == UploadState.WAITING


@pytest.mark.parametrize("actor", ["filer", None])
def test_the_deadline_passes_between_preview_and_apply(request, declaration, actor) -> None:
    upload = goal(declaration)
    factories.reschedule(declaration, deadline=-1)
    with pytest.raises(WindowClosedError):
        apply(actor and request.getfixturevalue(actor), upload)
    assert text_of(declaration, "text/overall_goal") == ""


@pytest.mark.parametrize("actor", ["filer", None])
def test_it_is_submitted_between_preview_and_apply(request, filer, declaration, actor) -> None:
    upload = goal(declaration)
    factories.submitted(filer, declaration)
    with pytest.raises(WrongStateError):
        apply(actor and request.getfixturevalue(actor), upload)


def test_an_upload_of_another_declaration_is_not_found(filer, declaration) -> None:
    department = factories.DepartmentFactory.create()
    foreign = factories.declaration_for(department)
    upload = goal(foreign)
    with pytest.raises(WrongStateError, match="没有这次上传"):
        apply_upload(
            filer, declaration_id=declaration.pk, upload_id=upload.pk, base=base(declaration)
        )


def test_giving_up_is_final_and_twice_is_once(filer, declaration) -> None:
    upload = goal(declaration)
    for _ in range(2):
        set_aside(filer, declaration_id=declaration.pk, upload_id=upload.pk)
    assert state_of(upload) == UploadState.SET_ASIDE
    with pytest.raises(WrongStateError, match="已不能导入"):
        apply(filer, upload)


def test_what_is_applied_cannot_be_given_up(filer, declaration) -> None:
    upload = goal(declaration)
    apply(filer, upload)
    with pytest.raises(WrongStateError, match="请撤销导入"):
        set_aside(filer, declaration_id=declaration.pk, upload_id=upload.pk)


def test_a_failure_writes_nothing(filer, three, monkeypatch) -> None:
    records = brought(three)
    records.lists["tasks"] = [task(1, name="新")]
    records.texts["overall_goal"] = "目标"
    upload = read_already(three, records)
    before = content(three)

    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(importing, "touch", fail)
    with pytest.raises(RuntimeError):
        apply(filer, upload)
    assert content(three) == before
    assert state_of(upload) == UploadState.WAITING


# Undo


def rearranged(declaration: Declaration) -> Records:
    """Cells changed, a row gone, one new, and another order."""
    records = brought(declaration)
    one, _, three_ = task_rows(records)
    one.values["amount"] = Decimal("90000.00")
    records.lists["tasks"] = [three_, task(99, name="新来的", amount=Decimal("1.00")), one]
    records.texts["overall_goal"] = "目标"
    return records


def test_an_import_is_taken_back_to_the_last_anchor(filer, three) -> None:
    before = content(three)
    event = apply(filer, read_already(three, rearranged(three)))
    assert content(three) != before
    assert take_back(filer, three, event) == "已撤销导入"
    assert content(three) == before
    assert take_back(filer, three, event) == "已经撤销过了"


def test_an_import_into_nested_lists_is_taken_back(filer, nested) -> None:
    records = brought(nested)
    records.lists["tasks"] = [
        task(1, indicator(1, level3="甲"), indicator(2, level3="乙"), name="一"),
        task(2, indicator(3, level3="丙"), name="二"),
    ]
    apply(filer, read_already(nested, records))
    before = content(nested)
    again = brought(nested)
    one, two = task_rows(again)
    one.lists["indicators"] = [one.lists["indicators"][1], indicator(88, level3="新")]
    again.lists["tasks"] = [task(99, indicator(98, level3="新的"), name="新项目"), one]
    event = apply(filer, read_already(nested, again))
    assert two.values["name"] not in names(nested)
    take_back(filer, nested, event)
    assert content(nested) == before


def test_amounts_come_back_to_the_last_digit(filer, department) -> None:
    declaration = factories.declaration_for(department, EVERY_KIND)
    type_into(filer, declaration, **{"funding.general.budget": "12345.67元"})
    before = content(declaration)
    records = brought(declaration)
    records.funding["general"]["budget"] = Decimal("9.00")
    event = apply(filer, read_already(declaration, records))
    take_back(filer, declaration, event)
    assert content(declaration) == before


def test_what_was_changed_since_stays(filer, colleague, three) -> None:
    first = item_anchors(three)[0]
    event = apply(filer, read_already(three, rearranged(three)))
    new = item_anchors(three)[1]
    type_into(colleague, three, **{f"{first}/amount": "8", f"{new}/content": "同事补充的"})
    message = take_back(filer, three, event)
    assert message == "已撤销导入，其中 2 格后来又改过，予以保留"
    assert sorted(names(three)) == sorted(["一", "二", "三", "新来的"])
    assert text_of(three, f"{first}/amount") == "8.00"
    assert text_of(three, f"{new}/content") == "同事补充的"


def test_a_list_that_was_rearranged_since_keeps_its_order(filer, colleague, three) -> None:
    event = apply(filer, read_already(three, rearranged(three)))
    move_row(colleague, declaration_id=three.pk, anchor=item_anchors(three)[0], by=2)
    order = names(three)
    take_back(filer, three, event)
    kept = [name for name in names(three) if name in order]
    assert kept == [name for name in order if name != "新来的"]
    assert sorted(names(three)) == sorted(["一", "二", "三"])


def test_a_removed_row_whose_task_is_gone_waits_for_it(filer, nested) -> None:
    records = brought(nested)
    records.lists["tasks"] = [
        task(1, indicator(1, level3="甲"), indicator(2, level3="乙"), name="一")
    ]
    apply(filer, read_already(nested, records))
    again = brought(nested)
    task_rows(again)[0].lists["indicators"].pop()
    event = apply(filer, read_already(nested, again))
    (anchor,) = item_anchors(nested)
    removal = remove_row(filer, declaration_id=nested.pk, anchor=anchor)
    with pytest.raises(RefusedError, match="请先恢复该任务"):
        take_back(filer, nested, event)
    take_back(filer, nested, removal)
    take_back(filer, nested, event)
    (row,) = task_rows(stored(nested))
    assert [i.values["level3"] for i in row.lists["indicators"]] == ["甲", "乙"]


def test_the_import_after_an_undo_can_be_brought_again(filer, three) -> None:
    records = rearranged(three)
    take_back(filer, three, apply(filer, read_already(three, records)))
    apply(filer, read_already(three, records))
    assert names(three) == ["三", "新来的", "一"]


# Queries and time


@pytest.mark.parametrize("rows", [3, 90])
def test_applying_takes_as_many_queries_for_few_rows_as_for_many(filer, nested, rows: int) -> None:
    first = brought(nested)
    first.lists["tasks"] = [
        task(n, *(indicator(1_000 * n + i, level3=f"指标{i}") for i in range(2)), name=f"任务{n}")
        for n in range(rows)
    ]
    apply(filer, read_already(nested, first))
    second = brought(nested)
    for item in task_rows(second)[1:]:
        item.values["amount"] = Decimal("5.00")
        item.lists["indicators"][0].values["target"] = "9"
        item.lists["indicators"][1] = indicator(item.id + 500_000, level3="另一条")
    second.lists["tasks"] = [*reversed(task_rows(second)[1:]), task(900_000, name="新来的")]
    upload, seen = read_already(nested, second), base(nested)
    with CaptureQueriesContext(connection) as applying:
        event = apply(filer, upload, base=seen)
    with CaptureQueriesContext(connection) as undoing:
        take_back(filer, nested, event)
    assert (len(applying), len(undoing)) == (30, 31)


# At the same moment


@pytest.mark.django_db(transaction=True)
def test_two_people_apply_at_once(filer, colleague, declaration) -> None:
    upload, seen = goal(declaration), base(declaration)
    first, second = at_once(
        lambda: apply(filer, upload, base=seen), lambda: apply(colleague, upload, base=seen)
    )
    assert isinstance(first, Event)
    assert first == second
    assert declaration.events.filter(kind=EventKind.IMPORTED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_uploads_are_applied_at_once(filer, colleague, declaration) -> None:
    one, other, seen = goal(declaration, "甲"), goal(declaration, "乙"), base(declaration)
    results = at_once(
        lambda: apply(filer, one, base=seen), lambda: apply(colleague, other, base=seen)
    )
    assert sorted(type(r).__name__ for r in results) == ["ChangedSinceError", "Event"]
    written = "甲" if isinstance(results[0], Event) else "乙"
    assert text_of(declaration, "text/overall_goal") == written


@pytest.mark.django_db(transaction=True)
def test_applying_against_a_save_loses_neither_silently(filer, colleague, declaration) -> None:
    upload, seen = goal(declaration), base(declaration)

    def save() -> Any:
        return type_into(colleague, declaration, **{"funding.basic.budget": "5"})

    applied, _ = at_once(lambda: apply(filer, upload, base=seen), save)
    assert text_of(declaration, "funding/basic/budget") == "5.00"
    done = isinstance(applied, Event)
    assert done or isinstance(applied, ChangedSinceError)
    assert (text_of(declaration, "text/overall_goal") == "目标") == done


@pytest.mark.django_db(transaction=True)
def test_applying_against_a_submission(filer, colleague, declaration) -> None:
    factories.fill_in(filer, declaration)
    upload, seen = goal(declaration, "另一个目标"), base(declaration)
    applied, revision = at_once(
        lambda: apply(filer, upload, base=seen),
        lambda: submit(colleague, declaration_id=declaration.pk),
    )
    assert revision.content["texts"]["overall_goal"] == (
        "另一个目标" if isinstance(applied, Event) else "文字"
    )
    assert isinstance(applied, Event | WrongStateError)


# Uploading


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("申报表.xlsx", "申报表.xlsx"),
        ("C:\\Users\\张\\申报表.xlsx", "申报表.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("a\x00b\u202ec\n.xlsx", "abc.xlsx"),
        ("", "工作簿.xlsx"),
        ("/", "工作簿.xlsx"),
        ("长" * 400 + ".xlsx", "长" * 250 + ".xlsx"),
    ],
)
def test_a_file_name_is_kept_without_its_path(given: str, kept: str) -> None:
    assert safe_file_name(given) == kept


def test_too_many_uploads_within_an_hour_are_refused(filer, declaration) -> None:
    for _ in range(30):
        goal(declaration)
    bring = {"declaration_id": declaration.pk, "file_name": "表.xlsx", "workbook": b"no workbook"}
    with pytest.raises(RefusedError, match="一小时内上传的工作簿过多"):
        importing.upload(filer, **bring)
    assert declaration.uploads.count() == 30


def test_a_file_too_large_is_refused_and_not_kept(filer, declaration, settings) -> None:
    settings.LARGEST_WORKBOOK = 10
    with pytest.raises(RefusedError, match="文件超过"):
        importing.upload(
            filer, declaration_id=declaration.pk, file_name="表.xlsx", workbook=b"x" * 11
        )
    assert not declaration.uploads.exists()


def test_no_damaged_workbook_writes_anything_or_breaks_anything(filer, three) -> None:
    good = with_goal(three, "从工作簿来的目标")
    before = content(three)
    chance = random.Random(3)  # noqa: S311  (the same damage every time)
    states = []
    for number in range(25):
        damaged = bytearray(good)
        for _ in range(chance.choice((1, 20, 400))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        workbook = bytes(damaged[: chance.randrange(len(damaged))]) if number % 5 == 0 else damaged
        states.append(bring(filer, three, bytes(workbook)).state)
        assert content(three) == before
    assert UploadState.REJECTED in states
    assert not three.events.filter(kind=EventKind.IMPORTED).exists()


def test_too_many_rows_are_a_problem_of_the_workbook(filer, declaration, monkeypatch) -> None:
    monkeypatch.setattr(importing, "MOST_ROWS", 2)
    records = brought(declaration)
    records.lists["tasks"] = [task(n, name=f"任务{n}") for n in range(3)]
    upload = bring(filer, declaration, workbook_saying(declaration, records))
    assert upload.state == UploadState.REJECTED
    (problem,) = upload.report["problems"]
    assert "共 3 行，每个清单最多 2 行" in problem["message"]


def test_what_is_kept_is_the_file_as_it_came(filer, declaration) -> None:
    workbook = with_goal(declaration)
    upload = Upload.objects.get(pk=bring(filer, declaration, workbook).pk)
    assert bytes(upload.workbook) == workbook
    assert upload.sha256 == hashlib.sha256(workbook).hexdigest()
    event = declaration.events.get(kind=EventKind.UPLOADED)
    assert event.data == {
        "upload": upload.pk,
        "file_name": "申报表.xlsx",
        "state": "waiting",
        "problems": 0,
    }


def test_one_that_waits_is_set_aside_by_a_good_one_only(filer, declaration) -> None:
    waiting = bring(filer, declaration, with_goal(declaration, "甲"))
    bring(filer, declaration, b"no workbook")
    assert state_of(waiting) == UploadState.WAITING
    bring(filer, declaration, with_goal(declaration, "乙"))
    assert state_of(waiting) == UploadState.SET_ASIDE


@pytest.mark.parametrize("who", ["stranger", "reviewer", "administrator", "outsider"])
def test_nobody_else_uploads(request, declaration, who: str) -> None:
    workbook = with_goal(declaration)
    with pytest.raises(NotPermittedError):
        bring(request.getfixturevalue(who), declaration, workbook)
    assert not declaration.uploads.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workbooks_are_brought_at_once(filer, colleague, declaration) -> None:
    one, other = with_goal(declaration, "甲"), with_goal(declaration, "乙")
    at_once(lambda: bring(filer, declaration, one), lambda: bring(colleague, declaration, other))
    states = sorted(declaration.uploads.values_list("state", flat=True))
    assert states == [UploadState.SET_ASIDE, UploadState.WAITING]


@pytest.mark.django_db(transaction=True)
def test_one_workbook_is_brought_twice_at_once(filer, declaration) -> None:
    workbook = with_goal(declaration)
    first, second = at_once(*[lambda: bring(filer, declaration, workbook)] * 2)
    assert first.pk == second.pk
    assert declaration.uploads.count() == 1
