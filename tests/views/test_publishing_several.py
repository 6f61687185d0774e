"""publishing/several/: one check for several, and the batch that publishes them."""

from typing import Any

import pytest
from django.urls import reverse

from declarations.models import (
    Batch,
    CheckOutcome,
    Declaration,
    PublicationCheck,
)
from declarations.queries.publishing_several import MOST
from tests import factories
from tests.publishing import checked, published, publisher_of
from tests.publishing_pages import CONFIRMED, another, looked_at
from tests.test_queries import assert_count, queries_of

# Several at once


def several(client: Any, *declarations: Declaration) -> Any:
    chosen = {"declaration": [d.pk for d in declarations]}
    return client.get(reverse("publishing-several"), chosen)


def publish_several(client: Any, *declarations: Declaration, **fields: Any) -> Any:
    ticked = [f"{d.pk}/{looked_at(d)}" for d in declarations]
    shown = [d.pk for d in declarations]
    sent = {"publishing": ticked, "declaration": shown, **CONFIRMED} | fields
    return client.post(reverse("publishing-several"), sent)


def test_nothing_chosen_is_said(as_user, publisher) -> None:
    answer = as_user(publisher).get(reverse("publishing-several"), follow=True)
    assert "请先在列表中选择" in answer.content.decode()


def test_what_looks_personal_is_checked_alone(
    as_user, publisher, filer, reviewer, approved
) -> None:
    strange = another(filer, reviewer, approved, **{"text.overall_goal": "感谢李大同志的帮助"})
    done = another(filer, reviewer, approved)
    published(filer, reviewer, publisher, done)
    answer = several(as_user(publisher), approved, strange, done)
    assert [s.declaration for s in answer.context["publishable"]] == [approved]
    alone = {s.declaration: s.alone for s in answer.context["alone"]}
    assert "可能是个人信息" in alone[strange]
    assert alone[done] == "已经公开"
    text = answer.content.decode()
    assert "2 处" in text
    assert "李大同志" in text


def test_one_confirmation_checks_all_that_are_ticked_and_the_queue_publishes(
    as_user, publisher, filer, reviewer, approved
) -> None:
    other, left_out = (another(filer, reviewer, approved) for _ in range(2))
    answer = publish_several(as_user(publisher), approved, other)
    batch = Batch.objects.get()
    assert answer["Location"] == reverse("batch", args=[batch.pk])
    assert {item.declaration_id for item in batch.items.all()} == {approved.pk, other.pk}
    checks = PublicationCheck.objects.filter(outcome=CheckOutcome.CLEARED)
    assert {c.revision.declaration_id for c in checks} == {approved.pk, other.pk}
    assert left_out.pk not in {c.revision.declaration_id for c in checks}


def test_without_the_confirmations_nothing_is_checked(as_user, publisher, approved) -> None:
    answer = publish_several(as_user(publisher), approved, completeness="")
    assert "请确认后勾选" in answer.content.decode()
    none = publish_several(as_user(publisher), declaration=[approved.pk], publishing=[])
    assert "请至少勾选一份" in none.content.decode()
    assert not PublicationCheck.objects.exists()


def test_one_that_changed_meanwhile_keeps_nobody_else(
    as_user, publisher, filer, reviewer, approved
) -> None:
    other = another(filer, reviewer, approved)
    ticked = [f"{approved.pk}/{looked_at(approved)}", f"{other.pk}/{'0' * 64}", "x/y"]
    sent = {"publishing": ticked, "declaration": [approved.pk, other.pk], **CONFIRMED}
    client = as_user(publisher)
    client.post(reverse("publishing-several"), sent)
    assert [i.declaration_id for i in Batch.objects.get().items.all()] == [approved.pk]
    sent["publishing"] = [f"{other.pk}/{'0' * 64}"]
    answer = client.post(reverse("publishing-several"), sent)
    assert "有了变化，请重新核对" in answer.content.decode()
    assert Batch.objects.count() == 1


def test_what_was_checked_already_is_only_published(as_user, publisher, approved) -> None:
    checked(publisher, approved)
    assert "已审查" in several(as_user(publisher), approved).content.decode()
    publish_several(as_user(publisher), approved)
    assert PublicationCheck.objects.count() == 1
    assert Batch.objects.exists()


def test_all_of_a_filtered_list_at_once(as_user, publisher, filer, reviewer, approved) -> None:
    others = [another(filer, reviewer, approved) for _ in range(2)]
    published(filer, reviewer, publisher, others[1])
    client = as_user(publisher)
    answer = client.get(reverse("publishing-several"), {"all": "1", "round": approved.round_id})
    assert {s.declaration for s in answer.context["publishable"]} == {approved, others[0]}
    assert not answer.context["over"]
    too_many = {"declaration": [approved.pk, *range(10**6, 10**6 + MOST)]}
    assert client.get(reverse("publishing-several"), too_many).context["over"]


def test_another_bureaus_are_not_there(as_user, approved) -> None:
    foreign = publisher_of(factories.BureauFactory.create())
    answer = several(as_user(foreign), approved)
    assert answer.context["publishable"] == []
    assert publish_several(as_user(foreign), approved).status_code == 200
    assert not PublicationCheck.objects.exists()


# Queries


@pytest.mark.parametrize("more", [1, 6])
@pytest.mark.parametrize(
    ("name", "count"), [("publishing", 9), ("publishing-several", 4), ("disclosure-settings", 5)]
)
def test_lists_take_the_same_for_few_and_many(
    as_user, publisher, filer, reviewer, approved, *, name: str, count: int, more: int
) -> None:
    others = [another(filer, reviewer, approved) for _ in range(more)]
    query = {"declaration": [d.pk for d in others]} if name == "publishing-several" else {}
    assert_count(queries_of(as_user(publisher), reverse(name, query=query)), count)


def test_the_page_of_one(as_user, publisher, filer, reviewer, approved) -> None:
    client = as_user(publisher)
    address = reverse("publishing-check", args=[approved.pk])
    assert_count(queries_of(client, address), 9)
    published(filer, reviewer, publisher, approved)
    assert_count(queries_of(client, address), 11)
