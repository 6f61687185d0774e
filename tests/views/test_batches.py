"""The pages of bulk work: choosing, following, taking."""

import hashlib
import re
from typing import Any

import pytest
from django.urls import reverse

from declarations.domain import batches
from declarations.models import Batch, BatchState, Bureau, Declaration, Event, EventKind, Role, User
from declarations.queries.exports import Content, Wanted
from tests import factories, small_forms
from tests.batches import PATTERN, approved_in_bulk, exporter_of, finished
from tests.publishing import published
from tests.test_queries import assert_count, queries_of

pytestmark = pytest.mark.django_db
NEW = "/batches/new/"


@pytest.fixture
def bureau(db: None) -> Bureau:
    bureau = factories.BureauFactory.create()
    approved_in_bulk(bureau, 3, small_forms.NESTED)
    return bureau


@pytest.fixture
def publisher(bureau: Bureau) -> User:
    return exporter_of(bureau)


def asked(publisher: User, **wanted: Any) -> Batch:
    return batches.start_export(
        publisher,
        filters=Wanted(Content.IN_FORCE, **wanted),
        formats=["json"],
        pattern=PATTERN,
    )


def chosen(**fields: Any) -> dict[str, Any]:
    return {
        "content": "in_force",
        "which": "all",
        "formats": ["json"],
        "pattern": PATTERN,
        **fields,
    }


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode()))


# Choosing


def test_what_is_published_is_offered_first(as_user, publisher: User, bureau: Bureau) -> None:
    declaration = Declaration.objects.filter(round__bureau=bureau).first()
    assert declaration is not None
    published(publisher, publisher, publisher, declaration)
    text = text_of(as_user(publisher).get(NEW))
    assert "1 份申报，1 个文件" in text
    assert "第1街道办事处2023年任务和指标.pdf" in text
    assert "不得对外提供" not in text


def test_the_number_and_three_names_are_shown_before_it_begins(as_user, publisher: User) -> None:
    answer = as_user(publisher).get(NEW, chosen(formats=["pdf", "json"]))
    text = text_of(answer)
    assert "3 份申报，6 个文件" in text
    assert text.count("任务和指标（内部，未隐去）.pdf") == 3
    assert "只供内部使用，不得对外提供" in text


def test_only_the_summary_is_sent_to_a_script(as_user, publisher: User) -> None:
    answer = as_user(publisher).get(NEW, chosen(), headers={"HX-Request": "true"})
    assert answer.content.decode().startswith('<section id="summary"')


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"formats": []}, "格式：请至少选择一种格式"),
        ({"pattern": ""}, "文件名格式：请填写文件名格式"),
        ({"pattern": "{dept}/x/"}, "“/”前后都要有名称"),
        ({"which": "chosen"}, "指定部门：请至少选择一个部门"),
        ({"which": "chosen", "departments": ["999999"]}, "指定部门："),
        ({"content": "everything"}, "导出哪些文件："),
        ({"round": "x"}, "批次："),
    ],
)
def test_what_is_wrong_is_said_and_nothing_begins(
    as_user, publisher: User, fields: dict[str, Any], said: str
) -> None:
    client = as_user(publisher)
    assert said in text_of(client.get(NEW, chosen(**fields)))
    assert said in text_of(client.post(NEW, chosen(**fields, seen="3")))
    assert not Batch.objects.exists()


def test_another_bureaus_departments_and_rounds_cannot_be_chosen(
    as_user, publisher: User, declaration: Declaration
) -> None:
    client = as_user(publisher)
    foreign = {"which": "chosen", "departments": [declaration.department_id]}
    assert "指定部门：" in text_of(client.get(NEW, chosen(**foreign)))
    assert "批次：" in text_of(client.get(NEW, chosen(round=declaration.round_id)))


def test_groups_are_offered_where_there_are_some(as_user, publisher: User, bureau: Bureau) -> None:
    client = as_user(publisher)
    assert "按分组" not in text_of(client.get(NEW))
    group = bureau.groups.create(name="街道")
    bureau.departments.filter(name="第2街道办事处").update(group=group)
    text = text_of(client.get(NEW, chosen(which="groups", groups=[group.pk])))
    assert "1 份申报，1 个文件" in text


def test_it_begins_with_what_was_looked_at(as_user, publisher: User) -> None:
    client = as_user(publisher)
    answer = client.post(NEW, chosen(seen="2"))
    assert "文件数有了变化" in text_of(answer)
    assert not Batch.objects.exists()
    answer = client.post(NEW, chosen(seen="3", year="2023"))
    batch = Batch.objects.get()
    assert answer.url == reverse("batch", args=[batch.pk])
    assert batch.options["filters"]["year"] == 2023
    assert batch.items.count() == 3


def test_nothing_found_cannot_be_begun(as_user, publisher: User) -> None:
    answer = as_user(publisher).get(NEW, chosen(content="under_review"))
    assert "没有符合条件的文件" in text_of(answer)
    assert "开始导出" not in text_of(answer)


# Following


def test_how_far_it_is(as_user, publisher: User) -> None:
    batch, client = asked(publisher), as_user(publisher)
    address = reverse("batch", args=[batch.pk])
    assert "已排队，等待后台任务开始，共 3 个文件" in text_of(client.get(address))
    batches.run(batch.pk, seconds=0)
    text = text_of(client.get(address))
    assert "已完成 1 个文件，共 3 个文件，还有 2 个文件。" in text
    assert "后台任务似乎没有运行" in text  # there is no worker in this test
    assert "取消任务" in text
    part = client.get(address, headers={"HX-Request": "true"})
    assert part.content.decode().startswith('<div id="progress" hx-get=')
    assert "HX-Refresh" not in part
    finished(batch)
    assert client.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_what_came_of_it(as_user, publisher: User) -> None:
    batch, client = finished(asked(publisher)), as_user(publisher)
    text = text_of(client.get(reverse("batch", args=[batch.pk])))
    assert "已完成 3 个文件，共 3 个文件。" in text
    assert batch.sha256 in text
    assert batch.name in text
    assert "到期自动删除" in text
    assert "取消任务" not in text
    assert "重试" not in text


def test_what_failed_is_listed_and_tried_again(as_user, publisher: User) -> None:
    batch, client = asked(publisher), as_user(publisher)
    User.objects.filter(pk=publisher.pk).update(is_active=False)
    finished(batch)
    User.objects.filter(pk=publisher.pk).update(is_active=True)
    address = reverse("batch", args=[batch.pk])
    text = text_of(client.get(address))
    assert "没有一项成功" in text
    assert text.count("发起人的账号已停用") == 3
    client.post(reverse("batch-retry", args=[batch.pk]))
    batch.refresh_from_db()
    assert batch.state == BatchState.WAITING
    assert finished(batch).state == BatchState.DONE


def test_it_is_cancelled_and_gone_on_with(as_user, publisher: User) -> None:
    batch, client = asked(publisher), as_user(publisher)
    answer = client.post(reverse("batch-cancel", args=[batch.pk]), follow=True)
    assert "已取消。取消前完成 0 个文件" in text_of(answer)
    assert "继续" in text_of(answer)
    answer = client.post(reverse("batch-retry", args=[batch.pk]), follow=True)
    assert "已排队" in text_of(answer)
    finished(batch)
    answer = client.post(reverse("batch-cancel", args=[batch.pk]), follow=True)
    assert "任务已经结束，不能取消" in text_of(answer)


def test_the_list_says_who_asked_for_what(as_user, publisher: User) -> None:
    finished(asked(publisher))
    text = text_of(as_user(publisher).get("/batches/"))
    assert "全部批次：现行版本（内部，未隐去），3 份 批量导出 已完成 3 / 3 个文件" in text
    assert publisher.name in text


def test_a_system_administrator_follows_publishing_and_does_not_touch_it(
    as_user, publisher: User, bureau: Bureau
) -> None:
    declarations = Declaration.objects.filter(round__bureau=bureau).values_list("pk", flat=True)
    batch = batches.start_publishing(publisher, declarations=list(declarations))
    client = as_user(factories.UserFactory.create(bureau=bureau, role=Role.SYSTEM))
    address = reverse("batch", args=[batch.pk])
    assert "取消任务" not in text_of(client.get(address))
    answer = client.post(reverse("batch-cancel", args=[batch.pk]), follow=True)
    assert "您不能处理这个批量任务" in text_of(answer)
    assert "取消任务" in text_of(as_user(publisher).get(address))


# Taking


def test_the_archive_comes_as_it_is_and_that_is_recorded(as_user, publisher: User) -> None:
    batch = finished(asked(publisher))
    answer = as_user(publisher).post(reverse("batch-file", args=[batch.pk]))
    content = b"".join(answer.streaming_content)
    assert hashlib.sha256(content).hexdigest() == batch.sha256
    assert answer["Content-Length"] == str(batch.size)
    assert answer["Content-Type"] == "application/zip"
    assert "attachment" in answer["Content-Disposition"]
    taken = Event.objects.get(kind=EventKind.BATCH_TAKEN)
    assert (taken.actor, taken.data["sha256"]) == (publisher, batch.sha256)


def test_an_archive_that_is_not_there_is_said(as_user, publisher: User) -> None:
    batch, client = asked(publisher), as_user(publisher)
    answer = client.post(reverse("batch-file", args=[batch.pk]), follow=True)
    assert "打包文件还没有生成" in text_of(answer)
    finished(batch)
    Batch.objects.update(file="batches/gone.zip")
    answer = client.post(reverse("batch-file", args=[batch.pk]), follow=True)
    assert "已不在存储中" in text_of(answer)
    Batch.objects.update(file="")
    text = text_of(client.get(reverse("batch", args=[batch.pk])))
    assert "打包文件已到期删除" in text


def test_the_same_is_asked_for_again_with_one_click(
    as_user, publisher: User, bureau: Bureau
) -> None:
    department = bureau.departments.order_by("pk")[1]
    batch, client = finished(asked(publisher, departments=(department.pk,))), as_user(publisher)
    page = client.get(reverse("batch", args=[batch.pk])).content.decode()
    (address,) = re.findall(r'href="(/batches/new/\?[^"]+)"', page)
    text = text_of(client.get(address.replace("&amp;", "&")))
    assert "1 份申报，1 个文件" in text
    assert "第2街道办事处任务和指标（内部，未隐去）.json" in text


# Queries: the same for few and for many


@pytest.mark.parametrize("count", [1, 12])
def test_queries_of_the_list(as_user, publisher: User, count: int) -> None:
    for _ in range(count):
        finished(asked(publisher))
    assert_count(queries_of(as_user(publisher), "/batches/"), 6)


@pytest.mark.parametrize("count", [1, 40])
def test_queries_of_choosing(as_user, count: int) -> None:
    bureau = factories.BureauFactory.create()
    approved_in_bulk(bureau, count, small_forms.NESTED)
    client = as_user(exporter_of(bureau))
    address = f"{NEW}?content=in_force&which=all&formats=pdf&formats=json&pattern={PATTERN}"
    assert_count(queries_of(client, address), 9)


def test_queries_of_a_batch(as_user, publisher: User) -> None:
    batch = asked(publisher)
    assert_count(queries_of(as_user(publisher), reverse("batch", args=[batch.pk])), 6)
