"""What lists of declarations are filtered by; all of it stands in the address."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from declarations.models import OF_DEPARTMENTS, DepartmentGroup, Role, Round, Stage, User
from declarations.queries.lists import NOBODY
from declarations.queries.phases import LATE, LATE_LABEL, Phase

_ALL = [("", "全部")]
_STATES = [*_ALL, (LATE, LATE_LABEL), *Phase.choices]


class Filters(forms.Form):
    """What a list is filtered by.

    What is not valid in an address filters nothing, and is said at its field.
    """

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="filter-%s")
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def _choose(self, name: str, choices: list[Any]) -> None:
        """Gives a field its choices; one without any is not shown."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*_ALL, *choices]
        if not choices:
            self._drop(name)

    def _drop(self, *names: str) -> None:
        for name in names:
            del self.fields[name]

    @property
    def wanted(self) -> dict[str, Any]:
        """The filters that are valid and set."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def narrows(self) -> bool:
        """Whether anything is filtered: sorting is not."""
        return bool(self.wanted.keys() - {"sort"})


class ListFilters(Filters):
    """Those that this person can use. within: the round that the list is of, if of one."""

    department = forms.CharField(
        label="部门",
        required=False,
        max_length=50,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "名称或编码"}),
    )
    year = forms.TypedChoiceField(label="年度", required=False, coerce=int)
    round = forms.TypedChoiceField(label="批次", required=False, coerce=int)
    state = forms.ChoiceField(label="状态", required=False, choices=_STATES)
    stage = forms.ChoiceField(label="审核环节", required=False)
    group = forms.TypedChoiceField(label="部门分组", required=False, coerce=int)
    reviewer = forms.ChoiceField(label="审核人", required=False)
    sort = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, user: User, data: Any, within: Round | None = None) -> None:
        super().__init__(data)
        rounds = [within] if within else _rounds(user)
        if within or user.role in OF_DEPARTMENTS:
            self._drop("round", "year")
        else:
            self._choose("round", [(r.pk, r.name) for r in rounds])
            self._choose("year", [(y, f"{y}年") for y in dict.fromkeys(r.year for r in rounds)])
        if user.role in OF_DEPARTMENTS:
            self._drop("department", "stage", "group", "reviewer")
            return
        names = Stage.objects.filter(round__in=rounds).order_by("position", "name")
        self._choose("stage", [(name, name) for name in dict.fromkeys(s.name for s in names)])
        groups = DepartmentGroup.objects.filter(bureau=user.bureau_id)
        self._choose("group", [(g.pk, g.name) for g in groups])
        reviewers = User.objects.filter(bureau=user.bureau_id, role=Role.REVIEWER)
        people = [(r.pk, r.name) for r in reviewers.order_by("name", "pk")]
        self._choose("reviewer", [(NOBODY, "无人认领"), *people])


def _rounds(user: User) -> list[Round]:
    rounds = Round.objects.filter(bureau=user.bureau_id).only("name", "year")
    return list(rounds.order_by("-year", "deadline", "pk"))
