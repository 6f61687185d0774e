"""Comments in the pages: saying, answering, settling, taking back, and all of them listed."""

from typing import Any

import pytest
from django.urls import reverse

from declarations.domain.commenting import add_comment, answer_comment, resolve_comment
from declarations.domain.review import claim, pass_on, return_for_correction
from declarations.domain.submission import submit
from declarations.models import Comment, CommentState, Declaration, Role, State, User
from tests import factories
from tests.factories import reread
from tests.test_queries import assert_count, queries_of

CELL = "funding/basic/budget"
GOAL = "text/overall_goal"
NOT_REVIEWERS = ["filer", "colleague", "administrator", "stranger", "outsider"]


@pytest.fixture
def submitted(filer: User, declaration: Declaration) -> Declaration:
    return factories.submitted(filer, declaration)


@pytest.fixture
def comment(reviewer: User, submitted: Declaration) -> Comment:
    return add_comment(reviewer, declaration_id=submitted.pk, anchor=CELL, text="请核对。")


@pytest.fixture
def told(reviewer: User, comment: Comment) -> Comment:
    """The comment, after the return that it was for."""
    return_for_correction(reviewer, declaration_id=comment.declaration_id)
    return comment


@pytest.fixture
def second_reviewer(department: Any) -> User:
    return factories.UserFactory.create(
        bureau=department.bureau, name="审核人乙", role=Role.REVIEWER
    )


def send(client: Any, name: str, *args: int, **fields: str) -> Any:
    return client.post(reverse(name, args=args), fields)


def act(client: Any, name: str, comment: Comment, **fields: str) -> Any:
    return send(client, name, comment.declaration_id, comment.pk, **fields)


def messages(answer: Any) -> list[str]:
    return [str(m) for m in answer.wsgi_request._messages]


def page(client: Any, declaration: Declaration, cell: str = "") -> str:
    address = reverse("declaration", args=[declaration.pk])
    return client.get(address, {"cell": cell} if cell else {}).content.decode()


# Saying


def test_a_reviewer_comments_on_a_cell_and_is_back_at_it(as_user, reviewer, submitted) -> None:
    client = as_user(reviewer)
    answer = send(client, "comments", submitted.pk, anchor=CELL, cell=CELL, text="请核对。")
    address = reverse("declaration", args=[submitted.pk])
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"{address}?cell=funding%2Fbasic%2Fbudget",
    )
    assert "请核对。" in client.get(answer["Location"]).content.decode()


def test_a_row_a_section_and_the_whole(as_user, reviewer, submitted) -> None:
    name = factories.anchors(submitted, "indicators.level3")[0]
    row = name.rpartition("/")[0]
    client = as_user(reviewer)
    for anchor in (row, "section/0", ""):
        answer = send(client, "comments", submitted.pk, anchor=anchor, text=f"在{anchor}")
        assert answer.status_code == 302
    assert [c.anchor for c in Comment.objects.all()] == [row, "section/0", ""]
    text = page(client, submitted, name)
    assert f"在{row}" in text
    assert f'value="{row}"' in text
    assert "在section/0" not in text
    assert "整份申报" in page(client, submitted)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"text": "字" * 2_001}, "2000"),
        ({"text": "空\x00字"}, "不允许"),
        ({"text": "这里？", "anchor": "nonsense"}, "表中没有这个单元格，请刷新页面"),
        ({"text": "这里？", "anchor": "section/99"}, "表中没有这个单元格，请刷新页面"),
        ({"text": "这里？", "anchor": "task/0"}, "表中没有这个单元格，请刷新页面"),
        ({"text": "这里？", "anchor": "x" * 101}, "100"),
    ],
    ids=range(6),
)
def test_what_cannot_be_said_is_shown_again_with_the_reason(
    as_user, reviewer, submitted, fields: dict[str, str], message: str
) -> None:
    answer = send(as_user(reviewer), "comments", submitted.pk, **fields)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert message in text
    assert fields["text"].replace("\x00", "") in text.replace("\x00", "")
    assert not Comment.objects.exists()


@pytest.mark.parametrize("text", ["", "   "])
def test_nothing_is_no_comment(as_user, reviewer, submitted, text: str) -> None:
    answer = send(as_user(reviewer), "comments", submitted.pk, text=text)
    assert messages(answer) == ["请填写批注内容"]
    assert not Comment.objects.exists()


def test_script_tags_in_a_comment_are_text(as_user, reviewer, submitted) -> None:
    client = as_user(reviewer)
    send(client, "comments", submitted.pk, anchor=CELL, text="<script>alert(1)</script>")
    text = page(client, submitted)
    assert "<script>alert(1)</script>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_a_comment_that_comes_too_late_is_told_who_decided_and_is_not_lost(
    as_user, reviewer, second_reviewer, submitted
) -> None:
    pass_on(reviewer, declaration_id=submitted.pk)
    answer = send(as_user(second_reviewer), "comments", submitted.pk, anchor=CELL, text="等等")
    assert "审核人甲 已于 " in answer.content.decode()
    assert "等等</textarea>" in answer.content.decode()


@pytest.mark.parametrize("who", NOT_REVIEWERS)
def test_comments_are_404_for_everybody_else(as_user, request, submitted, who: str) -> None:
    client = as_user(request.getfixturevalue(who))
    assert send(client, "comments", submitted.pk, anchor=CELL, text="我").status_code == 404
    assert not Comment.objects.exists()


# Taking one back


def test_a_reviewer_takes_a_comment_back(as_user, reviewer, comment) -> None:
    assert act(as_user(reviewer), "comment-delete", comment, cell=CELL).status_code == 302
    assert not Comment.objects.exists()


def test_somebody_elses_comment_stays(as_user, second_reviewer, comment) -> None:
    claim(second_reviewer, declaration_id=comment.declaration_id, take_over=True)
    answer = act(as_user(second_reviewer), "comment-delete", comment)
    assert messages(answer) == ["只能删除自己写的批注"]
    assert Comment.objects.exists()


@pytest.mark.parametrize("who", NOT_REVIEWERS)
def test_deleting_is_404_for_everybody_else(as_user, request, comment, who: str) -> None:
    assert act(as_user(request.getfixturevalue(who)), "comment-delete", comment).status_code == 404
    assert Comment.objects.exists()


def test_the_comment_of_another_declaration_stays(as_user, reviewer, comment, department) -> None:
    template = factories.template_for(department.bureau, factories.PANYU_FORM.read_bytes())
    other = factories.round_for(template, department, year=2024).declarations.get()
    factories.submitted(factories.filer_of(department), other)
    send(as_user(reviewer), "comment-delete", other.pk, comment.pk)
    assert send(as_user(reviewer), "comment-resolve", other.pk, comment.pk).status_code == 404
    assert Comment.objects.get().state == CommentState.OPEN


# Answering and settling


def test_the_department_answers_and_the_reviewer_settles(as_user, filer, reviewer, told) -> None:
    client = as_user(filer)
    assert "请核对。" in page(client, told.declaration, CELL)
    answer = act(client, "comment-answer", told, text="已按决算数核对。", cell=CELL)
    assert answer.status_code == 302
    text = page(as_user(reviewer), told.declaration)
    assert "已按决算数核对。" in text
    assert "部门已回复" in text
    act(as_user(reviewer), "comment-resolve", told)
    told.refresh_from_db()
    assert told.state == CommentState.RESOLVED
    text = page(as_user(filer), told.declaration, CELL)
    assert "标为已解决" in text
    assert 'name="text"' not in text
    act(as_user(reviewer), "comment-reopen", told)
    told.refresh_from_db()
    assert told.state == CommentState.ANSWERED


def test_an_answer_that_comes_too_late_is_not_lost(as_user, filer, reviewer, told) -> None:
    resolve_comment(reviewer, declaration_id=told.declaration_id, comment_id=told.pk)
    answer = act(as_user(filer), "comment-answer", told, text="还有一点")
    assert answer.status_code == 409
    assert "还有一点</textarea>" in answer.content.decode()


@pytest.mark.parametrize("who", ["administrator", "stranger", "outsider"])
@pytest.mark.parametrize("name", ["comment-answer", "comment-resolve", "comment-reopen"])
def test_who_has_no_say_gets_404(as_user, request, told, who: str, name: str) -> None:
    client = as_user(request.getfixturevalue(who))
    assert act(client, name, told, text="我").status_code == 404


@pytest.mark.parametrize("name", ["comment-resolve", "comment-reopen"])
def test_the_department_does_not_settle(as_user, filer, told, name: str) -> None:
    assert act(as_user(filer), name, told).status_code == 404


def test_what_is_not_told_yet_is_404_to_the_department(as_user, filer, comment) -> None:
    assert act(as_user(filer), "comment-answer", comment, text="我看到了").status_code == 404


@pytest.mark.parametrize(
    "to", ["https://elsewhere.example/", "//elsewhere.example", "javascript:1"]
)
def test_one_is_led_nowhere_else(as_user, reviewer, told, to: str) -> None:
    answer = act(as_user(reviewer), "comment-resolve", told, next=to)
    assert answer["Location"] == reverse("declaration", args=[told.declaration_id])


@pytest.mark.parametrize(
    "name", ["comment-delete", "comment-answer", "comment-resolve", "comment-reopen"]
)
def test_a_get_changes_nothing(as_user, reviewer, told, name: str) -> None:
    address = reverse(name, args=[told.declaration_id, told.pk])
    assert as_user(reviewer).get(address).status_code == 405


# What is seen where


def test_beside_each_comment_what_changed(as_user, filer, reviewer, submitted) -> None:
    row = factories.anchors(submitted, "indicators.level3")[0].rpartition("/")[0]
    for anchor in (CELL, row, GOAL, ""):
        add_comment(reviewer, declaration_id=submitted.pk, anchor=anchor, text=f"看{anchor}")
    return_for_correction(reviewer, declaration_id=submitted.pk)
    factories.type_into(filer, submitted, **{f"{row}/target": "不少于200人", GOAL: "文字很多"})
    submit(filer, declaration_id=submitted.pk)
    answer = as_user(reviewer).get(reverse("declaration", args=[submitted.pk]))
    views = {v.comment.anchor: v for v in answer.context["earlier_comments"]}
    assert {a: v.changed for a, v in views.items()} == {
        CELL: False,
        row: True,
        GOAL: True,
        "": None,
    }
    assert [(d.before, d.after) for d in views[row].differences] == [("100%", "不少于200人")]
    text = answer.content.decode()
    assert "部门已修改 1 格" in text
    assert "尚未修改" in text


def test_what_is_settled_stays_readable_on_later_revisions(as_user, filer, reviewer, told) -> None:
    resolve_comment(reviewer, declaration_id=told.declaration_id, comment_id=told.pk)
    submit(filer, declaration_id=told.declaration_id)
    answer = as_user(reviewer).get(reverse("declaration", args=[told.declaration_id]))
    assert answer.context["earlier_comments"] == []
    assert [v.comment for v in answer.context["settled"]] == [told]
    assert "批注 1" not in answer.content.decode()


def test_an_earlier_revision_shows_no_comments_of_later_ones(
    as_user, filer, reviewer, told
) -> None:
    submit(filer, declaration_id=told.declaration_id)
    add_comment(reviewer, declaration_id=told.declaration_id, anchor=GOAL, text="第二轮的话")
    address = reverse("revision", args=[told.declaration_id, 1])
    assert "第二轮的话" not in as_user(reviewer).get(address).content.decode()


def test_before_submitting_again_one_sees_what_is_left(as_user, filer, reviewer, told) -> None:
    client = as_user(filer)
    address = reverse("submit", args=[told.declaration_id])
    text = client.get(address).content.decode()
    assert "其中 1 条既没有修改，也没有回复" in text
    assert "请核对。" in text
    answer_comment(filer, declaration_id=told.declaration_id, comment_id=told.pk, text="无误。")
    assert "都已修改或回复" in client.get(address).content.decode()
    assert client.post(address).status_code == 302
    assert reread(told.declaration).state == State.SUBMITTED


# Lists


def test_the_list_says_what_is_open(as_user, filer, reviewer, told) -> None:
    for user in (filer, reviewer):
        text = as_user(user).get(reverse("comment-index")).content.decode()
        assert "请核对。" in text
        assert "待回复" in text
    answer_comment(filer, declaration_id=told.declaration_id, comment_id=told.pk, text="已核对")
    client = as_user(reviewer)
    address = reverse("comment-index")
    assert "请核对。" not in client.get(address, {"state": "open"}).content.decode()
    assert "已核对" in client.get(address, {"state": "answered"}).content.decode()
    resolve_comment(reviewer, declaration_id=told.declaration_id, comment_id=told.pk)
    assert "请核对。" not in client.get(address).content.decode()
    assert "请核对。" in client.get(address, {"state": "resolved"}).content.decode()
    assert "请核对。" in client.get(address, {"state": "all"}).content.decode()
    assert client.get(address, {"state": "nonsense", "round": "x"}).status_code == 200
    other = told.declaration.round_id
    assert "请核对。" in client.get(address, {"state": "all", "round": other}).content.decode()


@pytest.mark.parametrize("who", ["stranger", "outsider"])
def test_the_list_shows_nothing_of_others(as_user, request, told, who: str) -> None:
    client = as_user(request.getfixturevalue(who))
    assert "请核对。" not in client.get(reverse("comment-index")).content.decode()
    address = reverse("comments-all", args=[told.declaration_id])
    assert client.get(address).status_code == 404


def test_the_list_of_one_declaration(as_user, filer, reviewer, told) -> None:
    submit(filer, declaration_id=told.declaration_id)
    add_comment(reviewer, declaration_id=told.declaration_id, anchor="", text="第二轮的话")
    address = reverse("comments-all", args=[told.declaration_id])
    text = as_user(reviewer).get(address).content.decode()
    assert text.index("第1版 ") < text.index("请核对。") < text.index("第2版 ")
    assert "第二轮的话" in text
    assert "第二轮的话" not in as_user(filer).get(address).content.decode()


# The department among itself


@pytest.fixture
def head(department: Any) -> User:
    return factories.UserFactory.create(
        bureau=department.bureau, department=department, name="负责人甲", role=Role.HEAD
    )


@pytest.fixture
def with_head(filer: User, head: User, declaration: Declaration) -> Declaration:
    """Submitted in a round whose first stage is the department's own head's."""
    stage = declaration.round.stages.get()
    stage.position = 2
    stage.save()
    declaration.round.stages.create(position=1, name="部门审核", by_head=True)
    return factories.submitted(filer, declaration)


def test_what_the_head_says_the_bureau_never_sees(
    as_user, filer, head, reviewer, administrator, with_head
) -> None:
    pk = with_head.pk
    said = add_comment(head, declaration_id=pk, anchor=CELL, text="内部的话")
    assert said.internal
    return_for_correction(head, declaration_id=pk)
    answer_comment(filer, declaration_id=pk, comment_id=said.pk, text="内部的回复")
    submit(filer, declaration_id=pk)
    pass_on(head, declaration_id=pk)
    for user in (reviewer, administrator):
        client = as_user(user)
        for address in (
            reverse("declaration", args=[pk]),
            reverse("panel", args=[pk]) + f"?cell={CELL}",
            reverse("comments-all", args=[pk]),
            reverse("comment-index") + "?state=all",
            reverse("compare", args=[pk]),
        ):
            answer = client.get(address)
            text = answer.content.decode()
            assert answer.status_code == 200
            assert "内部的" not in text
            assert "批注 1" not in text
        for name in ("comment-answer", "comment-resolve"):
            assert act(client, name, said, text="我").status_code == 404
    assert not any("内部的" in str(e.data) for e in with_head.events.all())
    for user in (filer, head):
        assert "内部的回复" in page(as_user(user), reread(with_head), CELL)


# How many queries


def with_comments(reviewer: User, declaration: Declaration, count: int) -> None:
    comments = [
        Comment(
            declaration=declaration,
            revision=declaration.revision,
            author=reviewer,
            anchor=CELL,
            text=f"批注{number}",
        )
        for number in range(count)
    ]
    for root in Comment.objects.bulk_create(comments):
        Comment.objects.create(
            declaration=declaration,
            revision=declaration.revision,
            author=reviewer,
            anchor=CELL,
            text="还有",
            parent=root,
        )


@pytest.mark.parametrize(("declarations", "comments"), [(1, 1), (4, 10)])
def test_the_list_of_all(as_user, reviewer, submitted, declarations: int, comments: int) -> None:
    for number in range(1, declarations):
        department = factories.DepartmentFactory.create(bureau=submitted.department.bureau)
        template = submitted.round.template
        round_ = factories.round_for(template, department, year=submitted.round.year + number)
        factories.submitted(factories.filer_of(department), round_.declarations.get())
    for one in Declaration.objects.select_related("revision"):
        with_comments(reviewer, one, comments)
    assert_count(queries_of(as_user(reviewer), reverse("comment-index")), 8)


@pytest.mark.parametrize("comments", [1, 20])
def test_the_list_of_a_declaration(as_user, reviewer, submitted, comments: int) -> None:
    with_comments(reviewer, submitted, comments)
    assert_count(queries_of(as_user(reviewer), reverse("comments-all", args=[submitted.pk])), 8)


def test_the_list_is_paged(as_user, reviewer, submitted) -> None:
    with_comments(reviewer, submitted, 51)
    client = as_user(reviewer)
    first = client.get(reverse("comment-index"))
    assert len(first.context["threads"]) == 50
    assert "第 1 页，共 2 页" in first.content.decode()
    assert len(client.get(reverse("comment-index"), {"page": "2"}).context["threads"]) == 1
