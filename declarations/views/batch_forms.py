"""What a bulk export is to be of; all of it stands in the address until it is begun."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from declarations.models import Batch, Bureau, Department, DepartmentGroup, Round
from declarations.queries.exports import Content, Wanted, counted, planned
from declarations.queries.published import PUBLIC_FORMATS
from declarations.sheets.file_pattern import PatternError, check_pattern

SHOWN = 3
"""Names of files that are shown before an export begins."""
_CONTENTS = [
    (Content.PUBLISHED, "已公开的文件（个人信息已隐去）"),
    (Content.IN_FORCE, "现行版本（不隐去，仅供内部使用）"),
    (Content.UNDER_REVIEW, "审核中的版本（不隐去，仅供内部使用）"),
]


@dataclass(frozen=True, slots=True)
class Summary:
    """What an export would hold. names: of some of its files."""

    declarations: int
    files: int
    names: Sequence[str]


class ExportForm(forms.Form):
    """Which declarations, in which formats, under which names."""

    ALL, GROUPS, CHOSEN = "all", "groups", "chosen"

    content = forms.ChoiceField(label="导出哪些文件", choices=_CONTENTS, widget=forms.RadioSelect)
    year = forms.TypedChoiceField(label="年度", required=False, coerce=int, empty_value=None)
    round = forms.TypedChoiceField(label="批次", required=False, coerce=int, empty_value=None)
    which = forms.ChoiceField(label="哪些部门", widget=forms.RadioSelect)
    groups = forms.ModelMultipleChoiceField(
        label="分组",
        required=False,
        queryset=DepartmentGroup.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    departments = forms.ModelMultipleChoiceField(
        label="指定部门",
        required=False,
        queryset=Department.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    formats = forms.MultipleChoiceField(
        label="格式",
        choices=[*PUBLIC_FORMATS.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选择一种格式"},
    )
    pattern = forms.CharField(
        label="文件名格式",
        max_length=200,
        error_messages={"required": "请填写文件名格式"},
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
    )

    def __init__(self, bureau: Bureau, data: QueryDict | None) -> None:
        self.bureau = bureau
        begins = QueryDict(mutable=True)
        begins.update(
            {
                "content": Content.PUBLISHED,
                "which": self.ALL,
                "formats": "pdf",
                "pattern": bureau.file_pattern,
            }
        )
        super().__init__(begins if data is None else data)
        rounds = list(Round.objects.filter(bureau=bureau).only("name", "year"))
        rounds.sort(key=lambda r: (-r.year, r.name, r.pk))
        years = dict.fromkeys(r.year for r in rounds)
        self._choose("year", [("", "全部年度"), *((y, f"{y}年") for y in years)])
        self._choose("round", [("", "全部批次"), *((r.pk, r.name) for r in rounds)])
        groups, departments = self.fields["groups"], self.fields["departments"]
        assert isinstance(groups, forms.ModelMultipleChoiceField)
        assert isinstance(departments, forms.ModelMultipleChoiceField)
        groups.queryset = bureau.groups.filter(departments__declarations__isnull=False).distinct()
        departments.queryset = (
            bureau.departments.filter(declarations__isnull=False).distinct().order_by("code")
        )
        self._choose(
            "which",
            [
                (self.ALL, "全部部门"),
                *([(self.GROUPS, "按分组")] if groups.queryset else []),
                (self.CHOSEN, "指定部门"),
            ],
        )

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean_pattern(self) -> str:
        """Said with all that is wrong with it."""
        pattern: str = self.cleaned_data["pattern"]
        try:
            check_pattern(pattern)
        except PatternError as error:
            raise forms.ValidationError(error.problems) from error
        return pattern

    def clean(self) -> dict[str, Any]:
        """Whoever chooses by groups, or one by one, chooses some."""
        data: dict[str, Any] = self.cleaned_data
        if data.get("which") == self.GROUPS and not data.get("groups"):
            self.add_error("groups", "请至少选择一个分组")
        if data.get("which") == self.CHOSEN and not data.get("departments"):
            self.add_error("departments", "请至少选择一个部门")
        return data

    def wanted(self) -> Wanted:
        """What a valid form asks for."""
        data = self.cleaned_data
        by_group, by_name = data["which"] == self.GROUPS, data["which"] == self.CHOSEN
        return Wanted(
            Content(data["content"]),
            data["year"],
            data["round"],
            tuple(group.pk for group in data["groups"]) if by_group else (),
            tuple(department.pk for department in data["departments"]) if by_name else (),
        )

    def summary(self) -> Summary:
        """What a valid form would export."""
        wanted, formats = self.wanted(), self.cleaned_data["formats"]
        declarations, files = counted(self.bureau, wanted, formats)
        pattern = self.cleaned_data["pattern"]
        some = planned(self.bureau, wanted, formats, pattern, most=SHOWN) if files else []
        names = {file.declaration: file.name for file in reversed(some)}
        return Summary(declarations, files, list(reversed(names.values())))

    def typed(self) -> list[tuple[str, str]]:
        """Every value as it was typed, to be sent again."""
        assert isinstance(self.data, QueryDict)
        return [(k, v) for k, values in self.data.lists() if k in self.fields for v in values]


def asked_for(batch: Batch) -> str:
    """What an export was asked for, as the address of the form has it."""
    wanted = Wanted.from_json(batch.options["filters"])
    which = ExportForm.GROUPS if wanted.groups else ExportForm.ALL
    fields = QueryDict(mutable=True)
    fields.update(
        {
            "content": wanted.content.value,
            "year": str(wanted.year or ""),
            "round": str(wanted.round or ""),
            "which": ExportForm.CHOSEN if wanted.departments else which,
            "pattern": batch.options["pattern"],
        }
    )
    fields.setlist("groups", [str(pk) for pk in wanted.groups])
    fields.setlist("departments", [str(pk) for pk in wanted.departments])
    fields.setlist("formats", batch.options["formats"])
    return fields.urlencode()
