"""GET publishing/ and declarations/<pk>/publishing/: the list, and one declaration."""

import re
from io import BytesIO

from django.urls import reverse
from openpyxl import load_workbook

from declarations.domain.adjusting import begin_adjustment
from declarations.domain.publishing import exempt, publish, withdraw
from declarations.models import (
    CheckOutcome,
    DepartmentGroup,
    Event,
    EventKind,
    Publication,
    PublicationCheck,
    Round,
)
from declarations.sheets.codes import shown_code
from declarations.workflow import moment
from tests import factories
from tests.publishing import REASON, checked, published
from tests.publishing_pages import (
    CONFIRMED,
    WHY,
    act,
    adjusted,
    another,
    check_by_page,
    days_ago,
    listed,
    listing,
    looked_at,
    page,
)

# The list


def test_an_empty_list_says_what_will_be_there(as_user, publisher) -> None:
    assert "审核通过后会列在这里" in listing(as_user(publisher)).content.decode()


def test_what_is_overdue_comes_first_and_is_said_in_words(
    as_user, publisher, filer, reviewer, approved
) -> None:
    late = another(filer, reviewer, approved)
    soon = another(filer, reviewer, approved)
    days_ago(late, 23)
    days_ago(soon, 18)
    answer = listing(as_user(publisher))
    assert listed(answer) == [late.pk, soon.pk, approved.pk]
    text = answer.content.decode()
    for said in ("逾期 3 天", "还有 2 天", "还有 20 天"):
        assert said in text
    assert listed(listing(as_user(publisher), state="overdue")) == [late.pk]
    assert listed(listing(as_user(publisher), state="soon")) == [soon.pk]
    home = as_user(publisher).get(reverse("home"))
    counted = {name: count for name, _, count, _ in home.context["publishing"].tiles}
    assert counted == {"overdue": 1, "soon": 1, "to_check": 3, "cleared": 0, "outdated": 0}


def test_the_tabs_count_what_they_show(as_user, publisher, filer, reviewer, approved) -> None:
    exempted, cleared, done, again = (another(filer, reviewer, approved) for _ in range(4))
    exempt(publisher, declaration_id=exempted.pk, note=WHY)
    checked(publisher, cleared)
    for each in (done, again):
        checked(publisher, each)
        publish(publisher, declaration_id=each.pk)
    withdraw(publisher, publication_id=again.publications.get().pk, reason=WHY)
    expected = {
        "to_check": approved,
        "cleared": cleared,
        "exempt": exempted,
        "published": done,
        "withdrawn": again,
    }
    client = as_user(publisher)
    counts = {name: count for name, _, count in listing(client).context["tabs"]}
    assert counts == {"": 5, "overdue": 0, "soon": 0, "outdated": 0, **dict.fromkeys(expected, 1)}
    for state, declaration in expected.items():
        assert listed(listing(client, state=state)) == [declaration.pk]
    assert "“有更新未公开”中没有申报。" in listing(client, state="outdated").content.decode()


def test_filters_narrow_it(as_user, publisher, filer, reviewer, approved) -> None:
    other = another(filer, reviewer, approved)
    group = DepartmentGroup.objects.create(bureau=publisher.bureau, name="民生组")
    type(other.department).objects.filter(pk=other.department_id).update(group=group)
    client = as_user(publisher)
    assert listed(listing(client, group=group.pk)) == [other.pk]
    assert listed(listing(client, department=approved.department.name)) == [approved.pk]
    assert set(listed(listing(client, round=approved.round_id))) == {approved.pk, other.pk}
    assert "没有符合条件的申报" in listing(client, department="没有").content.decode()
    by_name = sorted([approved, other], key=lambda d: d.department.code)
    assert listed(listing(client, sort="-department")) == [d.pk for d in reversed(by_name)]


def test_only_what_can_be_done_with_others_can_be_chosen(as_user, publisher, approved) -> None:
    box = f'name="declaration" value="{approved.pk}"'
    text = listing(as_user(publisher)).content.decode()
    assert box in text
    assert "批量审查、公开选中的" in text
    checked(publisher, approved)
    publish(publisher, declaration_id=approved.pk)
    text = listing(as_user(publisher)).content.decode()
    assert box not in text
    assert "批量审查、公开选中的" not in text


def test_the_list_as_a_workbook_leaves_a_record(as_user, publisher, approved) -> None:
    address = reverse("publishing-export", query={"state": "to_check"})
    answer = as_user(publisher).post(address)
    rows = list(load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert approved.department.name in rows[-1]
    event = Event.objects.get(kind=EventKind.EXPORTED)
    assert (event.data["rows"], event.data["filters"]) == (1, {"state": "to_check"})
    none = as_user(publisher).post(reverse("publishing-export", query={"state": "exempt"}))
    assert approved.department.name not in str(
        list(load_workbook(BytesIO(none.content)).active.values)
    )


# One declaration


def test_the_page_shows_what_the_public_will_see_and_what_was_masked(
    as_user, publisher, approved
) -> None:
    text = page(as_user(publisher), approved).content.decode()
    assert "张小明</del> → <ins><span" in text
    assert text.count("张小明") == 1  # among what was masked, not in the form
    assert 'href="#cell-text-phone"' in text
    assert 'id="cell-text-phone"' in text
    assert '<span class="badge masked">已隐去</span>' in text
    assert 'class="cell masked' in text
    assert 'class="cell suspected' not in text
    assert "还有 20 天" in text


def test_what_looks_personal_is_shown_in_words(
    as_user, publisher, filer, reviewer, approved
) -> None:
    other = another(filer, reviewer, approved, **{"text.overall_goal": "感谢李大同志的帮助"})
    text = page(as_user(publisher), other).content.decode()
    assert "可能是个人信息，没有隐去" in text
    assert '<span class="badge suspected">请核对</span>感谢' in text
    assert 'class="cell suspected' in text


def test_a_cell_of_which_a_part_is_masked_is_to_be_looked_at_where_more_may_be(
    as_user, publisher, filer, reviewer, approved
) -> None:
    said = "感谢李大同志的帮助，电话13812345678"
    other = another(filer, reviewer, approved, **{"text.overall_goal": said})
    text = page(as_user(publisher), other).content.decode()
    assert '<span class="badge suspected">已隐去，请核对</span>感谢' in text


def test_the_page_belongs_to_publishing(as_user, publisher, approved) -> None:
    client = as_user(publisher)
    for name, key in (("publishing-check", approved.pk), ("round-masking", approved.round_id)):
        text = client.get(reverse(name, args=[key])).content.decode()
        navigation = text[: text.index("</nav>")]
        (current,) = re.findall(r'<a href="([^"]+)"[^>]* aria-current="true"', navigation)
        assert current == reverse("publishing")


def test_checking_takes_all_three_confirmations(as_user, publisher, approved) -> None:
    client = as_user(publisher)
    sent = {"looked_at": looked_at(approved), "note": "我的说明", "confidentiality": "on"}
    answer = act(client, approved, "check", **sent)
    assert answer.status_code == 200
    assert answer.content.decode().count("请确认后勾选") == 2
    assert "我的说明" in answer.content.decode()
    assert not PublicationCheck.objects.exists()


def test_check_then_publish(as_user, publisher, approved) -> None:
    client = as_user(publisher)
    assert 'value="publish"' not in page(client, approved).content.decode()
    answer = check_by_page(client, approved)
    assert answer["Location"] == reverse("publishing-check", args=[approved.pk])
    check = PublicationCheck.objects.get()
    assert (check.checked_by, check.note, check.outcome) == (publisher, "已核对", "cleared")
    text = page(client, approved).content.decode()
    assert 'value="publish"' in text
    assert 'value="check"' not in text
    act(client, approved, "publish")
    publication = Publication.objects.get()
    text = page(client, approved).content.decode()
    entry = approved.catalogued
    arguments = [publisher.bureau.code, 2023, approved.department.code, entry.slug]
    for address in (
        reverse("public-form", args=arguments),
        reverse("public-form-version", args=[*arguments, 1]),
        reverse("public-verify-code", args=[publication.code]),
        *(reverse("public-file", args=[publication.code, f]) for f in ("pdf", "xlsx", "json")),
    ):
        assert f'href="{address}"' in text
    assert shown_code(publication.code) in text
    assert 'value="publish"' not in text
    assert 'value="check"' not in text


def test_a_second_click_publishes_nothing_more(as_user, publisher, approved) -> None:
    client = as_user(publisher)
    check_by_page(client, approved)
    for _ in range(2):
        act(client, approved, "publish")
    assert Publication.objects.count() == 1


def test_what_changed_meanwhile_is_to_be_looked_at_again(as_user, publisher, approved) -> None:
    seen = looked_at(approved)
    Round.objects.filter(pk=approved.round_id).update(masking={"fields": {}, "public": []})
    answer = act(as_user(publisher), approved, "check", looked_at=seen, note="说明", **CONFIRMED)
    assert answer.status_code == 409
    assert "有了变化，请重新打开核对后再审查" in answer.content.decode()
    form = answer.context["forms"].check
    assert form["looked_at"].value() == looked_at(approved) != seen
    assert form["note"].value() == "说明"
    assert not form["completeness"].value()


def test_a_masking_changed_after_the_check_asks_for_another(as_user, publisher, approved) -> None:
    checked(publisher, approved)
    Round.objects.filter(pk=approved.round_id).update(masking={"fields": {}, "public": []})
    client = as_user(publisher)
    text = page(client, approved).content.decode()
    assert "审查通过之后，隐去规则或表内的得分有了变化，请重新审查" in text
    assert 'value="publish"' not in text
    answer = act(client, approved, "publish")
    assert answer.status_code == 409
    assert "请重新审查后再公开" in answer.content.decode()


def test_what_is_public_can_be_published_with_other_masking(
    as_user, publisher, filer, reviewer, approved
) -> None:
    published(filer, reviewer, publisher, approved)
    rules = {"fields": {"text.filer": "hide", "text.phone": "phone"}, "public": []}
    Round.objects.filter(pk=approved.round_id).update(masking=rules)
    client = as_user(publisher)
    text = page(client, approved).content.decode()
    assert "公开之后隐去规则或表内的得分有了变化" in text
    assert "与已公开的内容相比：修改 1 格" in text
    check_by_page(client, approved)
    act(client, approved, "publish", reason=REASON)
    assert approved.publications.get(superseded_at=None).content["texts"]["filer"] == "（不公开）"


def test_what_a_colleague_did_before_is_said(as_user, publisher, approved) -> None:
    colleague = factories.UserFactory.create(bureau=publisher.bureau, role=publisher.role)
    exempt(colleague, declaration_id=approved.pk, note=WHY)
    answer = act(as_user(publisher), approved, "publish")
    assert answer.status_code == 409
    assert "确定不予公开；需要公开的，请重新审查" in answer.content.decode()


def test_not_publishing_wants_a_reason(as_user, publisher, approved) -> None:
    client = as_user(publisher)
    answer = act(client, approved, "exempt", note="秘密")
    assert "至少 5 个字" in answer.content.decode()
    assert "<details open>" in answer.content.decode()
    act(client, approved, "exempt", note=WHY)
    assert PublicationCheck.objects.get().outcome == CheckOutcome.EXEMPT
    text = page(client, approved).content.decode()
    assert f"不予公开的理由：{WHY}" in text
    check_by_page(client, approved, note="原来的理由已不成立")
    act(client, approved, "publish")
    assert Publication.objects.count() == 1


def test_what_a_colleague_exempted_is_said_before_it_is_cleared(
    as_user, publisher, approved
) -> None:
    colleague = factories.UserFactory.create(
        bureau=publisher.bureau, role=publisher.role, name="李公开"
    )
    made = exempt(colleague, declaration_id=approved.pk, note=WHY)
    client = as_user(publisher)
    text = page(client, approved).content.decode()
    assert f"李公开 于 {moment(made.checked_at)} 确定不予公开" in text
    assert f"不予公开的理由：{WHY}" in text
    assert "改为公开的说明" in text
    answer = check_by_page(client, approved, note="")
    assert "请写明改为公开的说明" in answer.content.decode()
    assert PublicationCheck.objects.get() == made
    check_by_page(client, approved, note="原来的理由已不成立")
    assert PublicationCheck.objects.count() == 2
    assert "改为公开的说明" not in page(client, approved).content.decode()


def test_a_correction_shows_what_changed_and_says_why(
    as_user, publisher, filer, reviewer, approved
) -> None:
    published(filer, reviewer, publisher, approved)
    adjusted(filer, reviewer, approved, **{"text.overall_goal": "更好地服务"})
    client = as_user(publisher)
    text = page(client, approved).content.decode()
    assert "与已公开的内容相比：修改 1 格" in text
    assert "现行版本已是第2版，请审查后更正公开" in text
    check_by_page(client, approved)
    assert "请写明更正理由" in act(client, approved, "publish").content.decode()
    act(client, approved, "publish", reason=REASON)
    assert [p.number for p in approved.publications.order_by("number")] == [1, 2]
    text = page(client, approved).content.decode()
    assert "已被更正" in text
    assert REASON in text
    assert "与已公开的内容相比" not in text


def test_a_reason_that_everybody_reads_holds_no_telephone(
    as_user, publisher, filer, reviewer, approved
) -> None:
    published(filer, reviewer, publisher, approved)
    reason = "误写了电话13812345678"
    answer = act(as_user(publisher), approved, "withdraw", reason=reason, sure="on")
    assert answer.status_code == 409
    assert "会向社会公开，不能含有" in answer.content.decode()
    assert reason in answer.content.decode()  # what was typed is still there


def test_withdrawing_wants_a_reason_and_a_confirmation(
    as_user, publisher, filer, reviewer, approved
) -> None:
    published(filer, reviewer, publisher, approved)
    adjusted(filer, reviewer, approved, **{"text.overall_goal": "更好地服务"})
    published(filer, reviewer, publisher, approved)
    client = as_user(publisher)
    assert "请确认后勾选" in act(client, approved, "withdraw", reason=WHY).content.decode()
    act(client, approved, "withdraw", reason=WHY, sure="on", earlier="on")
    assert not approved.publications.filter(withdrawn_at=None).exists()
    text = page(client, approved).content.decode()
    assert text.count(f"撤回：{WHY}") == 2
    assert 'value="withdraw"' not in text
    assert 'value="check"' in text  # it takes a new check


def test_earlier_versions_stay_unless_they_are_meant(
    as_user, publisher, filer, reviewer, approved
) -> None:
    published(filer, reviewer, publisher, approved)
    assert "一并撤回" not in page(as_user(publisher), approved).content.decode()
    for goal in ("更好地服务", "更好更快地服务"):
        adjusted(filer, reviewer, approved, **{"text.overall_goal": goal})
        published(filer, reviewer, publisher, approved)
    client = as_user(publisher)
    text = page(client, approved).content.decode()
    assert "撤回的是第3次公开。以前还有 2 个版本，公众仍可看到" in text
    assert "以前的 2 个公开版本一并撤回" in text
    where = (publisher.bureau.code, 2023, approved.department.code, approved.catalogued.slug)
    said = text[text.index("以前还有 2 个版本") :]
    for number in (1, 2):
        assert reverse("public-form-version", args=[*where, number]) in said.split("</ul>")[0]
    act(client, approved, "withdraw", reason=WHY, sure="on")
    assert {p.number for p in approved.publications.filter(withdrawn_at=None)} == {1, 2}


def test_what_stayed_readable_can_be_withdrawn_later(
    as_user, publisher, filer, reviewer, approved
) -> None:
    published(filer, reviewer, publisher, approved)
    adjusted(filer, reviewer, approved, **{"text.overall_goal": "更好地服务"})
    published(filer, reviewer, publisher, approved)
    client = as_user(publisher)
    act(client, approved, "withdraw", reason=WHY, sure="on")
    text = page(client, approved).content.decode()
    assert "最近一次公开已经撤回，以前的 1 个版本公众仍可看到" in text
    assert "撤回以前的 1 个公开版本" in text
    act(client, approved, "withdraw", reason=WHY, sure="on")
    assert approved.publications.filter(withdrawn_at=None).count() == 1
    act(client, approved, "withdraw", reason=WHY, sure="on", earlier="on")
    assert not approved.publications.filter(withdrawn_at=None).exists()
    assert 'value="withdraw"' not in page(client, approved).content.decode()


def test_what_is_in_force_is_published_while_it_is_being_adjusted(
    as_user, publisher, filer, approved
) -> None:
    begin_adjustment(filer, declaration_id=approved.pk, reason="年中追加了预算")
    text = page(as_user(publisher), approved).content.decode()
    assert "部门正在调整，通过前公开的仍是第1版" in text
    assert 'value="check"' in text


def test_a_draft_and_a_round_that_is_not_disclosed_say_why_not(
    as_user, publisher, approved, department
) -> None:
    client = as_user(publisher)
    draft = factories.declaration_for(department, year=2024)
    assert "申报尚未审核通过，不能公开" in page(client, draft).content.decode()
    Round.objects.filter(pk=approved.round_id).update(disclosed=False)
    assert "本批次不向社会公开" in page(client, approved).content.decode()
    assert listed(listing(client)) == []


def test_an_unknown_act_is_no_address(as_user, publisher, approved) -> None:
    assert act(as_user(publisher), approved, "delete").status_code == 404


def test_the_next_one_is_offered(as_user, publisher, filer, reviewer, approved) -> None:
    other = another(filer, reviewer, approved)
    days_ago(other, 30)
    assert page(as_user(publisher), approved).context["next"] == other
    checked(publisher, other)
    publish(publisher, declaration_id=other.pk)
    assert page(as_user(publisher), approved).context["next"] is None
