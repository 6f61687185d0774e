"""GET and POST declarations/<pk>/correction/."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from declarations.domain.adjusting import begin_adjustment
from declarations.domain.cells import Change
from declarations.domain.correcting import correct
from declarations.models import Declaration, Revision, RevisionKind, User
from tests import factories
from tests.factories import anchors, reread, type_into, value_of
from tests.small_forms import EVERY_KIND

GOAL = "text/overall_goal"
BUDGET = "funding/basic/budget"
REASON = "与部门预算批复不一致"


@pytest.fixture
def approved(filer: User, reviewer: User, declaration: Declaration) -> Declaration:
    factories.fill_in(filer, declaration)
    type_into(filer, declaration, **factories.balanced("10"))
    return factories.approved(filer, reviewer, declaration)


def url(declaration: Declaration, *cells: str) -> str:
    address = reverse("correction", args=[declaration.pk])
    return address + ("?" + "&".join(f"cell={c}" for c in cells) if cells else "")


def typed(act: str, reason: str = REASON, base: int = 1, **cells: str) -> dict[str, Any]:
    values = {f"value/{anchor}": text for anchor, text in cells.items()}
    return {"act": act, "reason": reason, "base": base, "cell": list(cells), **values}


def post(client: Any, declaration: Declaration, data: dict[str, Any]) -> Any:
    return client.post(url(declaration), data)


def corrections(declaration: Declaration) -> int:
    return Revision.objects.filter(declaration=declaration, kind=RevisionKind.CORRECTION).count()


def said(answer: Any) -> str:
    return " ".join(str(m) for m in get_messages(answer.wsgi_request))


def test_the_page_leads_there(as_user, filer, reviewer, approved) -> None:
    client = as_user(reviewer)
    page = reverse("declaration", args=[approved.pk])
    assert f'href="{url(approved)}"' in client.get(page).content.decode()
    panel = reverse("panel", args=[approved.pk]) + f"?cell={BUDGET}"
    assert f"{url(approved)}?cell=funding/basic/budget" in client.get(panel).content.decode()
    assert url(approved) not in as_user(filer).get(page).content.decode()


def test_a_chosen_cell_stands_with_what_is_in_force(as_user, reviewer, approved) -> None:
    text = as_user(reviewer).get(url(approved, BUDGET, GOAL, "nonsense")).content.decode()
    assert text.count("<fieldset") == 2
    assert f'name="value/{BUDGET}" value="10.00"' in text
    assert "基本支出" in text


def test_nothing_is_chosen_yet(as_user, reviewer, approved) -> None:
    text = as_user(reviewer).get(url(approved)).content.decode()
    assert "还没有选择" in text
    assert "下一步：核对" not in text


def test_cells_are_found_by_name_and_content_and_added(as_user, reviewer, approved) -> None:
    client = as_user(reviewer)
    data = typed("search", **{GOAL: "写了一半的更正"}) | {"search": "基本 支出"}
    text = post(client, approved, data).content.decode()
    assert f'value="add:{BUDGET}"' in text
    assert "写了一半的更正" in text
    assert REASON in text
    text = post(client, approved, data | {"act": f"add:{BUDGET}"}).content.decode()
    assert text.count("<fieldset") == 2
    assert "写了一半的更正" in text
    text = post(client, approved, data | {"act": f"leave-out:{GOAL}"}).content.decode()
    assert "<fieldset" not in text
    nothing = post(client, approved, data | {"search": "没有的东西"}).content.decode()
    assert "没有找到" in nothing
    assert corrections(approved) == 0


def test_enter_searches_where_a_search_was_typed_and_goes_on_otherwise(
    as_user, reviewer, approved
) -> None:
    client = as_user(reviewer)
    data = typed("", **{GOAL: "更正后的目标"})
    answer = post(client, approved, data | {"search": "基本支出", "searched": ""})
    assert f'value="add:{BUDGET}"' in answer.content.decode()
    answer = post(client, approved, data | {"search": "基本支出", "searched": "基本支出"})
    assert "现在还没有写入" in answer.content.decode()


def test_looked_at_then_done(as_user, filer, reviewer, approved) -> None:
    client = as_user(reviewer)
    before = value_of(approved, GOAL)
    text = post(client, approved, typed("preview", **{GOAL: "更正后的目标"})).content.decode()
    assert "将更正 1 格" in text
    assert before in text
    assert corrections(approved) == 0
    answer = post(client, approved, typed("apply", **{GOAL: "更正后的目标"}))
    assert (answer.status_code, answer.url) == (302, reverse("declaration", args=[approved.pk]))
    assert "部门会收到通知" in said(answer)
    assert corrections(approved) == 1
    for user in (filer, reviewer):
        text = as_user(user).get(answer.url).content.decode()
        assert "财政局更正过现行版本" in text
        assert f"更正理由：{REASON}" in text
        assert before in text


def test_back_from_the_preview_everything_is_there(as_user, reviewer, approved) -> None:
    answer = post(as_user(reviewer), approved, typed("edit", **{GOAL: "更正后的目标"}))
    text = answer.content.decode()
    assert "更正后的目标" in text
    assert REASON in text
    assert "invalid-feedback" not in text


def test_what_cannot_be_read_is_said_at_its_field(as_user, filer, reviewer, department) -> None:
    declaration = factories.declaration_for(department, EVERY_KIND)
    factories.approved(filer, reviewer, declaration)
    wrong = {"text/day": "昨天", "funding/general/budget": "很多"}
    answer = post(as_user(reviewer), declaration, typed("preview", **wrong))
    text = answer.content.decode()
    assert text.count('aria-invalid="true"') == 2
    assert "昨天" in text
    assert "很多" in text
    assert "有 2 格填写的内容有误" in text


def test_each_kind_has_its_field(as_user, filer, reviewer, department) -> None:
    declaration = factories.declaration_for(department, EVERY_KIND)
    type_into(filer, declaration, **{"text/choice": "乙"})
    factories.approved(filer, reviewer, declaration)
    (people,) = anchors(declaration, "tasks.extra.people")
    cells = ["text/choice", "text/long", "text/day", people]
    text = as_user(reviewer).get(url(declaration, *cells)).content.decode()
    assert "<option selected>乙</option>" in text
    assert 'name="value/text/long"' in text
    assert text.count("<fieldset") == 4


def test_what_would_have_to_be_corrected_cannot_be_confirmed(as_user, reviewer, approved) -> None:
    client = as_user(reviewer)
    text = post(client, approved, typed("preview", **{GOAL: ""})).content.decode()
    assert "不能更正，请返回修改" in text
    assert 'value="apply"' not in text
    text = post(client, approved, typed("apply", **{GOAL: ""})).content.decode()
    assert "更正后会出现必须修正的问题" in text
    assert corrections(approved) == 0


@pytest.mark.parametrize("act", ["preview", "apply"])
@pytest.mark.parametrize("reason", ["", "改了", "字" * 1001])
def test_a_reason_is_asked_for(as_user, reviewer, approved, act: str, reason: str) -> None:
    data = typed(act, reason=reason, **{GOAL: "更正后的目标"})
    text = post(as_user(reviewer), approved, data).content.decode()
    assert "更正理由" in text
    assert "invalid-feedback" in text
    assert "更正后的目标" in text
    assert corrections(approved) == 0


def test_a_double_click_is_one_correction(as_user, reviewer, approved) -> None:
    client = as_user(reviewer)
    for _ in range(2):
        assert post(client, approved, typed("apply", **{GOAL: "新的目标"})).status_code == 302
    assert corrections(approved) == 1


def test_what_was_corrected_meanwhile_is_looked_at_anew(as_user, reviewer, approved) -> None:
    colleague = factories.UserFactory.create(bureau=reviewer.bureau)
    change = Change(GOAL, "同事更正的", None)
    correct(colleague, declaration_id=approved.pk, changes=[change], reason=REASON, base=1)
    text = post(as_user(reviewer), approved, typed("apply", **{GOAL: "我更正的"})).content.decode()
    assert "又被更正或调整过" in text
    assert "我更正的" in text
    assert value_of(approved, GOAL) == "同事更正的"


@pytest.mark.parametrize("base", ["", "x", "-1", "9" * 40])
def test_a_forged_base_is_no_error(as_user, reviewer, approved, base: str) -> None:
    data = typed("preview", **{GOAL: "新的目标"}) | {"base": base}
    assert post(as_user(reviewer), approved, data).status_code == 200


@pytest.mark.parametrize("who", ["filer", "stranger", "administrator", "outsider"])
def test_for_everybody_else_it_is_404(as_user, request, approved, who: str) -> None:
    client = as_user(request.getfixturevalue(who))
    assert client.get(url(approved)).status_code == 404
    data = typed("apply", **{GOAL: "新的目标"})
    assert post(client, approved, data).status_code == 404
    assert corrections(approved) == 0


def test_while_it_is_adjusted_the_page_says_why_not(as_user, filer, reviewer, approved) -> None:
    factories.reschedule(approved, adjustments_until=5)
    begin_adjustment(filer, declaration_id=approved.pk, reason="预算追加需要调整")
    client = as_user(reviewer)
    for answer in (client.get(url(approved)), post(client, approved, typed("apply"))):
        assert answer.status_code == 302
        assert "部门正在调整这份申报，不能同时更正" in said(answer)
    assert reread(approved).approved.number == 1
