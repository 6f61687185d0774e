"""rounds/<pk>/masking/ and publishing/settings/; what a declaration says of its disclosure."""

from typing import Any

from django.urls import reverse

from declarations.domain.publishing import exempt, withdraw
from declarations.models import (
    Declaration,
    Round,
)
from declarations.queries.disclosure_settings import digest_of, masking_of
from declarations.sheets.codes import shown_code
from declarations.sheets.personal import Rule
from tests import factories
from tests.publishing import published
from tests.publishing_pages import WHY, adjusted

# What is masked, and the settings


def masking(client: Any, declaration: Declaration, **fields: Any) -> Any:
    round_ = Round.objects.get(pk=declaration.round_id)
    sent = {
        "step": "save",
        "seen": digest_of(round_),
        "disclosed": "on",
        "publish_days": "20",
        "public": "",
        "rule:text.filer": "name",
        "rule:text.phone": "phone",
        "rule:text.overall_goal": "",
        "declaration": declaration.pk,
    }
    return client.post(reverse("round-masking", args=[round_.pk]), sent | fields)


def test_the_rules_of_a_round_are_shown_with_a_preview(as_user, publisher, approved) -> None:
    address = reverse("round-masking", args=[approved.round_id])
    text = as_user(publisher).get(address).content.decode()
    assert "按名称建议：姓名（只留姓）" in text
    assert "张小明</del>" in text
    assert f"预览：{approved.department.name}" in text
    sample = as_user(publisher).get(address, {"declaration": "sample"}).content.decode()
    assert "预览：示例数据" in sample
    assert "张小明</del>" in sample  # a name, so that there is something to mask
    assert approved.department.name not in sample.split("预览：")[1]


def test_rules_are_looked_at_before_they_are_saved(as_user, publisher, approved) -> None:
    answer = masking(as_user(publisher), approved, step="preview", **{"rule:text.filer": "hide"})
    assert "（不公开）" in answer.content.decode()
    assert "还没有保存的设置" in answer.content.decode()
    approved.round.refresh_from_db()
    assert approved.round.masking == {}


def test_rules_are_saved(as_user, publisher, filer, reviewer, approved) -> None:
    published(filer, reviewer, publisher, approved)
    fields = {"rule:text.filer": "keep", "public": "李四\n\n李四 ", "publish_days": "15"}
    client = as_user(publisher)
    assert masking(client, approved, **fields).status_code == 302
    approved.round.refresh_from_db()
    rules = masking_of(approved.round)
    assert (rules.fields["text.filer"], rules.public) == (Rule.KEEP, ("李四",))
    assert approved.round.publish_days == 15
    address = reverse("round-masking", args=[approved.round_id])
    assert "有 1 份已按别的规则公开" in client.get(address).content.decode()


def test_bad_settings_are_said_and_nothing_is_lost(as_user, publisher, approved) -> None:
    answer = masking(as_user(publisher), approved, publish_days="0", public="李四")
    text = answer.content.decode()
    assert "公开期限（天）：请填写 1 至 365 的整数" in text
    assert "李四" in text


def test_who_saves_later_sees_that_somebody_was_before(as_user, publisher, approved) -> None:
    answer = masking(as_user(publisher), approved, seen="before", publish_days="15")
    text = answer.content.decode()
    assert "已被他人修改，您的修改还没有保存" in text
    assert 'value="15"' in text
    again = answer.context["seen"]
    assert masking(as_user(publisher), approved, seen=again, publish_days="15").status_code == 302


def test_the_bureaus_settings(as_user, publisher, approved) -> None:
    client, address = as_user(publisher), reverse("disclosure-settings")
    assert approved.round.name in client.get(address).content.decode()
    wrong = client.post(address, {"file_pattern": "{who}", "public_contact": "预算科"})
    assert "没有“{who}”这一项" in wrong.content.decode()
    client.post(address, {"file_pattern": "{year}/{department}", "public_contact": "预算科"})
    publisher.bureau.refresh_from_db()
    assert publisher.bureau.public_contact == "预算科"


# What others see


def line(client: Any, declaration: Declaration) -> str:
    text = client.get(reverse("declaration", args=[declaration.pk])).content.decode()
    return text.split("向社会公开</strong>")[1].split("</p>")[0] if "向社会公开</" in text else ""


def test_a_declarations_page_says_where_its_disclosure_stands(
    as_user, publisher, filer, reviewer, approved
) -> None:
    for person in (filer, reviewer):
        said = line(as_user(person), approved)
        assert "尚未公开" in said
        assert "还有 20 天" in said
        assert "公开审查" not in said
    assert reverse("publishing-check", args=[approved.pk]) in line(as_user(publisher), approved)
    publication = published(filer, reviewer, publisher, approved)
    said = line(as_user(filer), approved)
    assert "已公开" in said
    assert shown_code(publication.code) in said
    slug = approved.catalogued.slug
    arguments = [publisher.bureau.code, 2023, approved.department.code, slug]
    assert reverse("public-form", args=arguments) in said
    adjusted(filer, reviewer, approved, **{"text.overall_goal": "更好地服务"})
    assert "现行版本尚未更正公开" in line(as_user(filer), approved)
    withdraw(publisher, publication_id=publication.pk, reason=WHY)
    assert f"撤回，理由：{WHY}" in line(as_user(filer), approved)


def test_why_something_is_not_published_stays_in_the_bureau(
    as_user, publisher, filer, approved
) -> None:
    exempt(publisher, declaration_id=approved.pk, note=WHY)
    assert "不予公开" in line(as_user(filer), approved)
    assert WHY not in line(as_user(filer), approved)


def test_of_a_draft_and_an_undisclosed_round_there_is_little_to_say(
    as_user, filer, approved, department
) -> None:
    draft = factories.declaration_for(department, year=2024)
    assert line(as_user(filer), draft) == ""
    Round.objects.filter(pk=approved.round_id).update(disclosed=False)
    assert "本批次不公开" in line(as_user(filer), approved)
