"""Who is told what, for every act: what docs/notices.md says is what happens."""

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from declarations.domain.adjusting import begin_adjustment, give_up_adjustment
from declarations.domain.assigning import assign
from declarations.domain.batches import run, start_publishing
from declarations.domain.cells import Change
from declarations.domain.commenting import add_comment, answer_comment, resolve_comment
from declarations.domain.correcting import correct
from declarations.domain.extending import extend
from declarations.domain.inviting import invite
from declarations.domain.publishing import publish, withdraw
from declarations.domain.recalling import recall
from declarations.domain.reminding import remind_due
from declarations.domain.review import claim, pass_on, return_for_correction
from declarations.domain.rounds import StagePlan
from declarations.models import (
    Comment,
    Declaration,
    Department,
    Notice,
    NoticeKind,
    Role,
    User,
)
from declarations.workflow import moment
from tests import factories
from tests.publishing import REASON, checked

TABLE = Path(__file__).parents[2] / "docs" / "notices.md"
GOAL = "text/overall_goal"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _with_a_mail_server(settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.com"


class World:
    """A department and its bureau, with everybody in it, and people who were stopped."""

    def __init__(self) -> None:
        self.department = factories.DepartmentFactory.create(name="残联")
        self.filer, self.colleague = self._people(Role.FILER, Role.FILER)
        (self.head,) = self._people(Role.HEAD)
        self._people(Role.FILER, Role.HEAD, is_active=False)
        self.reviewers = self._people(Role.REVIEWER, Role.REVIEWER, Role.REVIEWER)
        (self.administrator, *_) = self._people(Role.SYSTEM, Role.SECURITY, Role.AUDITOR)
        self.publishers = self._people(Role.PUBLISHER, Role.PUBLISHER)
        self._people(Role.PUBLISHER, is_active=False)
        neighbours = factories.DepartmentFactory.create(bureau=self.department.bureau)
        factories.filer_of(neighbours, email="neighbour@example.com")

    def _people(self, *roles: Role, **fields: object) -> list[User]:
        def of(role: Role) -> Department | None:
            return self.department if role in (Role.FILER, Role.HEAD) else None

        people = [
            factories.UserFactory.create(
                bureau=self.department.bureau, department=of(role), role=role, **fields
            )
            for role in roles
        ]
        for person in people:
            person.email = f"{person.username}@example.com"
            person.save()
        return people

    def called(self, who: str) -> set[User]:
        """The people whom the table calls so."""
        first, second, third = self.reviewers
        people = {
            "filers": [self.filer, self.colleague],
            "heads": [self.head],
            "system administrators": [self.administrator],
            "reviewers of the stage": [first, second],
            "reviewers of the next stage": [third],
            "reviewers of the last stage": [third],
            "all reviewers": self.reviewers,
            "publishers": self.publishers,
            "the reviewer it was with": [first],
            "the reviewer it is with": [second],
            "its author": [first],
            "the person": [self.colleague],
            "who asked for it": [self.publishers[0]],
        }
        return {person for name in who.split(", ") for person in people[name]}

    def declaration(self, *, by_head: bool = False, named: bool = True) -> Declaration:
        """Filled in, with two stages of the bureau, and perhaps the head's before them."""
        first, second, third = self.reviewers
        stages = [StagePlan("负责人审核", by_head=True)] if by_head else []
        stages += [
            StagePlan("初审", reviewers=[first, second] if named else ()),
            StagePlan("复审", reviewers=[third] if named else ()),
        ]
        later = timezone.now() + timedelta(days=30)
        return factories.declaration_for(
            self.department, stages=stages, settings={"adjustments_until": later}
        )

    def submitted(self, **how: bool) -> Declaration:
        return factories.submitted(self.filer, self.declaration(**how))

    def approved(self) -> Declaration:
        declaration = self.submitted()
        pass_on(self.reviewers[0], declaration_id=declaration.pk)
        pass_on(self.reviewers[2], declaration_id=declaration.pk)
        return factories.reread(declaration)

    def comment(self) -> Comment:
        """Of the first reviewer, on what was then returned."""
        declaration = self.submitted()
        said = add_comment(
            self.reviewers[0], declaration_id=declaration.pk, anchor=GOAL, text="请写明数量。"
        )
        return_for_correction(self.reviewers[0], declaration_id=declaration.pk)
        return said


Act = Callable[[], Any]


def submitting(world: World, **how: bool) -> Act:
    declaration = world.declaration(**how)
    return lambda: factories.submitted(world.filer, declaration)


def submitting_without_a_head(world: World) -> Act:
    User.objects.filter(pk=world.head.pk).update(is_active=False)
    return submitting(world, by_head=True)


def assigning(world: World, declaration: Declaration) -> Act:
    stage = declaration.round.stages.get(position=1)
    return lambda: assign(
        world.administrator,
        stage_id=stage.pk,
        declaration_ids=[declaration.pk],
        reviewer_ids=[world.reviewers[1].pk],
    )


def submitting_what_is_assigned(world: World) -> Act:
    declaration = world.declaration()
    assigning(world, declaration)()
    return lambda: factories.submitted(world.filer, declaration)


def passing(world: World) -> Act:
    pk = world.submitted().pk
    return lambda: pass_on(world.reviewers[0], declaration_id=pk)


def returning(world: World) -> Act:
    pk = world.submitted().pk
    return lambda: return_for_correction(world.reviewers[0], declaration_id=pk, opinion="请补充")


def returning_by_head(world: World) -> Act:
    pk = world.submitted(by_head=True).pk
    return lambda: return_for_correction(world.head, declaration_id=pk, opinion="请补充")


def approving(world: World) -> Act:
    pk = world.submitted().pk
    pass_on(world.reviewers[0], declaration_id=pk)
    return lambda: pass_on(world.reviewers[2], declaration_id=pk)


def recalling(world: World) -> Act:
    pk = world.submitted().pk
    return lambda: recall(world.filer, declaration_id=pk)


def taking_over(world: World) -> Act:
    pk = world.submitted().pk
    claim(world.reviewers[0], declaration_id=pk)
    return lambda: claim(world.reviewers[1], declaration_id=pk, take_over=True)


def adjusting(world: World) -> Act:
    pk = world.approved().pk
    return lambda: begin_adjustment(world.filer, declaration_id=pk, reason="预算有了调整")


def giving_up(world: World) -> Act:
    begin = adjusting(world)
    begin()
    pk = Declaration.objects.get(department=world.department).pk
    return lambda: give_up_adjustment(world.filer, declaration_id=pk)


def correcting(world: World) -> Act:
    pk = world.approved().pk
    change = Change(GOAL, "更正后的目标", None)
    return lambda: correct(
        world.reviewers[2], declaration_id=pk, changes=[change], reason="打字时有误", base=1
    )


def answering(world: World, actor: User) -> Act:
    said = world.comment()
    return lambda: answer_comment(
        actor, declaration_id=said.declaration_id, comment_id=said.pk, text="已经补充"
    )


def resolving(world: World) -> Act:
    said = world.comment()
    return lambda: resolve_comment(
        world.reviewers[0], declaration_id=said.declaration_id, comment_id=said.pk
    )


def extending(world: World) -> Act:
    pk = world.declaration().pk
    until = timezone.now() + timedelta(days=60)
    return lambda: extend(
        world.administrator, declaration_id=pk, until=until, reason="人员变动，资料不全"
    )


def coming_to(days: int, world: World) -> Act:
    """So many days after the deadline, or before it."""
    deadline = timezone.localtime(world.declaration().round.deadline)
    return lambda: remind_due(deadline.replace(hour=10) + timedelta(days=days))


def waiting_for_review(world: World) -> Act:
    declaration = world.submitted()
    declaration.round.stages.update(days=3)
    return lambda: remind_due(timezone.now() + timedelta(days=5))


def publishing(world: World) -> Act:
    declaration = world.approved()
    checked(world.publishers[0], declaration)
    return lambda: publish(world.publishers[0], declaration_id=declaration.pk, reason=REASON)


def publishing_again(world: World) -> Act:
    correct_it = correcting(world)
    declaration = Declaration.objects.get(department=world.department)
    checked(world.publishers[0], declaration)
    publish(world.publishers[0], declaration_id=declaration.pk)
    correct_it()
    checked(world.publishers[1], declaration)
    return lambda: publish(world.publishers[1], declaration_id=declaration.pk, reason=REASON)


def withdrawing(world: World) -> Act:
    pk = publishing(world)().pk
    return lambda: withdraw(world.publishers[1], publication_id=pk, reason="误将内部内容公开")


def ending_a_batch(world: World) -> Act:
    """In which nothing could be published: it was not checked."""
    pk = world.approved().pk
    batch = start_publishing(world.publishers[0], declarations=[pk])
    return lambda: run(batch.pk)


def having_to_publish(days: int, world: World) -> Act:
    """So many days after the last on which it should be published, or before it."""
    declaration = world.approved()
    due = declaration.approved_at + timedelta(days=declaration.round.publish_days + days)
    due = timezone.localtime(due).replace(hour=10)
    return lambda: remind_due(due)


def inviting(world: World) -> Act:
    User.objects.filter(pk=world.colleague.pk).update(password_changed_at=None)
    return lambda: invite(
        world.administrator, bureau=world.department.bureau, user_ids=[world.colleague.pk]
    )


ACTS: dict[str, Callable[[World], Act]] = {
    "a round opens": lambda world: world.declaration,
    "submitted, the head reviews first": lambda world: submitting(world, by_head=True),
    "submitted, the department has no head": submitting_without_a_head,
    "submitted, the stage has reviewers of its own": submitting,
    "submitted, assigned to a reviewer": submitting_what_is_assigned,
    "submitted, anybody may review": lambda world: submitting(world, named=False),
    "passed to the next stage": passing,
    "returned by the bureau": returning,
    "returned by the head": returning_by_head,
    "approved": approving,
    "recalled": recalling,
    "assigned": lambda world: assigning(world, world.submitted()),
    "taken over by a colleague": taking_over,
    "an adjustment begins": adjusting,
    "an adjustment is given up": giving_up,
    "corrected by the bureau": correcting,
    "the department answers a comment": lambda world: answering(world, world.filer),
    "a reviewer answers a comment": lambda world: answering(world, world.reviewers[0]),
    "a comment is resolved": resolving,
    "the deadline is extended": extending,
    "a deadline comes near": lambda world: coming_to(-3, world),
    "a deadline has passed": lambda world: coming_to(1, world),
    "a stage takes longer than it should": waiting_for_review,
    "published": publishing,
    "published again, corrected": publishing_again,
    "what was published is withdrawn": withdrawing,
    "the day by which it should be published comes near": lambda w: having_to_publish(-5, w),
    "the day by which it should be published has passed": lambda w: having_to_publish(1, w),
    "a batch has come to its end": ending_a_batch,
    "somebody is invited": inviting,
}


def table() -> dict[str, dict[str, tuple[str, bool]]]:
    """By act, of each kind of notice who is told, and whether by e-mail."""
    found: dict[str, dict[str, tuple[str, bool]]] = defaultdict(dict)
    lines = [x for x in TABLE.read_text().splitlines() if x.startswith("|")]
    for line in lines[2:]:
        act, kind, who, by_email = (cell.strip() for cell in line.strip("|").split("|"))
        found[act][kind] = (who, by_email == "yes")
    return found


def test_the_table_tells_of_every_act_and_kind() -> None:
    assert table().keys() == ACTS.keys()
    assert {kind for told in table().values() for kind in told} == set(NoticeKind.labels)


@pytest.mark.parametrize("what", ACTS)
def test_those_are_told_whom_the_table_names(what: str) -> None:
    world = World()
    act = ACTS[what](world)
    Notice.objects.all().delete()
    act()
    told: dict[str, set[tuple[User, bool]]] = defaultdict(set)
    for notice in Notice.objects.all():
        told[notice.get_kind_display()].add((notice.recipient, bool(notice.email)))
    assert told == {
        kind: {(person, by_email) for person in world.called(who)}
        for kind, (who, by_email) in table()[what].items()
    }


def test_the_notice_of_a_return_quotes_every_comment() -> None:
    world = World()
    declaration = world.submitted()
    reviewer = world.reviewers[0]
    for anchor, text in ((GOAL, "请写明服务人数。"), ("funding/basic/budget", "与批复不一致。")):
        add_comment(reviewer, declaration_id=declaration.pk, anchor=anchor, text=text)
    return_for_correction(
        reviewer, declaration_id=declaration.pk, opinion="整体需要细化。", only_commented=True
    )
    notice = world.filer.notices.get(kind=NoticeKind.RETURNED)
    assert notice.title == f"“{declaration.round}”已退回，请修改"
    assert (
        notice.text
        == f"""\
{reviewer} 在“初审”环节将第1版退回修改。
请在 {moment(declaration.round.correction_deadline)} 前修改并重新提交。
只开放以下部分修改：“预算整体情况”、“总体绩效目标”。

审核意见和批注（共 3 条）：
1. 整份申报：整体需要细化。
2. 预算整体情况 基本支出（万元）：与批复不一致。
3. 总体绩效目标：请写明服务人数。"""
    )


def test_what_the_head_says_is_no_business_of_the_bureaus() -> None:
    world = World()
    declaration = world.submitted(by_head=True)
    return_for_correction(world.head, declaration_id=declaration.pk, opinion="内部先统一口径。")
    assert "内部先统一口径。" in world.filer.notices.get(kind=NoticeKind.RETURNED).text
    factories.submitted(world.filer, factories.reread(declaration))
    pass_on(world.head, declaration_id=declaration.pk, opinion="可以报送。")
    assert not [n for n in Notice.objects.filter(recipient__department=None) if "口径" in n.text]
    assert not [n for n in Notice.objects.filter(recipient__department=None) if "报送" in n.text]


@pytest.mark.parametrize("act", [passing, returning, recalling])
def test_what_asked_for_a_review_is_not_new_once_it_was_made(act: Callable[[World], Act]) -> None:
    world = World()
    doing = act(world)
    asked = Notice.objects.filter(kind=NoticeKind.SUBMITTED)
    assert asked.filter(read_at=None).count() == 2
    asked = Notice.objects.filter(pk__in=[notice.pk for notice in asked])
    doing()
    assert not asked.filter(read_at=None).exists()


def test_a_refused_act_tells_nobody() -> None:
    world = World()
    declaration = world.submitted()
    Notice.objects.all().delete()
    with pytest.raises(Exception, match="退回前请写明原因"):
        return_for_correction(world.reviewers[0], declaration_id=declaration.pk)
    assert not Notice.objects.exists()


def test_several_assigned_at_once_are_one_notice() -> None:
    world = World()
    other = factories.DepartmentFactory.create(bureau=world.department.bureau, name="民政局")
    declaration = world.declaration()
    round_ = declaration.round
    second = Declaration.objects.create(round=round_, department=other)
    stage = round_.stages.get(position=1)
    assign(
        world.administrator,
        stage_id=stage.pk,
        declaration_ids=[declaration.pk, second.pk],
        reviewer_ids=[world.reviewers[0].pk],
    )
    notice = world.reviewers[0].notices.get()
    assert notice.title == f"请审核“{round_}”的 2 份申报"
    assert "残联、民政局" in notice.text
    assert (notice.declaration, notice.round) == (None, round_)
