"""Rules about what somebody judges: statements, graded choices, levels, and free discretion."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from scoring.methods_facts import Fact, judge
from scoring.rubric import Case, Input, InputKind, NotComputableError, RuleResult
from scoring.wording import bound, certain, numbered, points, within

MET, PARTLY, UNMET = "符合", "部分符合", "不符合"

LEVEL = "level"
"""The input of a rule by levels."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What should be so. worth: its points, None where only all together are worth some.
    fact: what the system decides it by, where it knows.
    """

    text: str
    worth: Decimal | None = None
    fact: Fact | None = None


@dataclass(frozen=True, slots=True)
class Statements:
    """Points for each statement that holds, or for all of them together.

    discretion: whether what holds in part may be given a part of its points.
    """

    statements: tuple[Statement, ...]
    discretion: bool = False

    def inputs(self) -> tuple[Input, ...]:
        """One for each statement: ``s1``, ``s2`` …"""
        choices = (MET, PARTLY, UNMET) if self.discretion else (MET, UNMET)
        return tuple(
            Input(f"s{number}", statement.text, InputKind.CHOICE, choices=choices)
            for number, statement in enumerate(self.statements, start=1)
        )

    def score(self, case: Case) -> RuleResult:
        """The points of what is met; with discretion, up to those of what is partly met."""
        judged: list[str] = []
        reasons: list[str] = []
        for number, statement in enumerate(self.statements, start=1):
            known = judge(statement.fact, case.facts) if statement.fact else None
            judged.append(_word(known[0]) if known else case.text(f"s{number}"))
            if known:
                reasons.append(f"{self._called([number])}：{known[1]}")
        if blank := [
            n for n, word in enumerate(judged, start=1) if word not in (MET, PARTLY, UNMET)
        ]:
            raise NotComputableError(f"未选择{self._called(blank)}是否符合")
        because = "，".join([*reasons, *self._found(judged)])
        low, high = self._range(case, judged)
        return within(case, low, high, because)

    def _range(self, case: Case, judged: list[str]) -> tuple[Decimal, Decimal]:
        """What the judgements allow. Without points of their own it is all or, with discretion,
        as many as one likes, unless none is met at all."""
        if any(s.worth is None for s in self.statements):
            low = case.points if all(word == MET for word in judged) else Decimal(0)
            partly = self.discretion and any(word != UNMET for word in judged)
            return low, case.points if partly else low
        worth = list(zip(judged, [s.worth or Decimal(0) for s in self.statements], strict=True))
        low = _total(w for word, w in worth if word == MET)
        partial = _total(w for word, w in worth if word == PARTLY and self.discretion)
        return low, low + partial

    def _called(self, numbers: list[int]) -> str:
        """Statements by their numbers; the only one by its words."""
        if len(self.statements) == 1:
            return f"“{self.statements[0].text}”"
        return numbered(numbers)

    def _found(self, judged: list[str]) -> Iterable[str]:
        """``第1、2项符合``, ``第3项不符合``."""
        if len(judged) > 1 and len(set(judged)) == 1:
            yield f"各项要点均{judged[0]}"
            return
        for word in (MET, PARTLY, UNMET):
            if numbers := [n for n, judgement in enumerate(judged, start=1) if judgement == word]:
                yield f"{self._called(numbers)}{word}"


@dataclass(frozen=True, slots=True)
class Option:
    """A choice and what it gives."""

    text: str
    worth: Decimal


@dataclass(frozen=True, slots=True)
class Group:
    """One question with graded choices. name: "" where it is the only one."""

    name: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Options:
    """The points of what was chosen in each group, added up."""

    groups: tuple[Group, ...]

    def inputs(self) -> tuple[Input, ...]:
        """One for each group: ``g1``, ``g2`` …"""
        return tuple(
            Input(
                f"g{number}",
                group.name or "符合哪一种情况",
                InputKind.CHOICE,
                choices=tuple(option.text for option in group.options),
            )
            for number, group in enumerate(self.groups, start=1)
        )

    def score(self, case: Case) -> RuleResult:
        """The sum of the choices."""
        chosen: list[tuple[Group, Option]] = []
        blank: list[str] = []
        for number, group in enumerate(self.groups, start=1):
            text = case.text(f"g{number}")
            option = next((o for o in group.options if o.text == text), None)
            if option is None:
                blank.append(f"“{group.name or case.name}”")
            else:
                chosen.append((group, option))
        if blank:
            raise NotComputableError(f"未选择{'、'.join(blank)}的情况")
        total = _total(option.worth for _, option in chosen)
        said = "；".join(
            f"{group.name}{'：' if group.name else ''}{option.text}，得{points(option.worth)}"
            for group, option in chosen
        )
        return certain(total, f"{said}；共得{points(total)}" if len(chosen) > 1 else said)


@dataclass(frozen=True, slots=True)
class Level:
    """A judgement and the range of shares of the points that it allows."""

    name: str
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Levels:
    """What is qualitative: 达成, 部分达成, 未达成, each with a range that is within discretion."""

    levels: tuple[Level, ...]

    def inputs(self) -> tuple[Input, ...]:
        """The level."""
        choices = tuple(level.name for level in self.levels)
        return (Input(LEVEL, "达成情况", InputKind.CHOICE, choices=choices),)

    def score(self, case: Case) -> RuleResult:
        """The claimed score within the range of the level."""
        level = self.named(case.text(LEVEL))
        if level is None:
            raise NotComputableError(f"未选择{case.label(LEVEL)}")
        return self.at(level, case)

    def named(self, name: str) -> Level | None:
        """The level of this name."""
        return next((level for level in self.levels if level.name == name), None)

    @staticmethod
    def at(level: Level, case: Case) -> RuleResult:
        """The claimed score within the range of a level."""
        shares = f"{bound(level.low)}～{bound(level.high)}"
        because = f"{level.name}，按分值的{shares}计分"
        return within(case, level.low * case.points, level.high * case.points, because)


@dataclass(frozen=True, slots=True)
class Discretion:
    """Nothing is computed: whoever scores it judges, up to the points."""

    def score(self, case: Case) -> RuleResult:
        """The claimed score within the points."""
        return within(case, Decimal(0), case.points, "由评分人综合评定")


def _word(is_so: bool) -> str:  # noqa: FBT001  (a judgement as its word)
    return MET if is_so else UNMET


def _total(worths: Iterable[Decimal]) -> Decimal:
    return sum(worths, Decimal(0))
