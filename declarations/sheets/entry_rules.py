"""What Excel lets somebody type into a cell, and what it says about it: data validation.

All of it comes from the field's definition, so that the sheet, the browser and the import
say the same.
"""

from decimal import Decimal
from typing import TYPE_CHECKING

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from declarations.sheets.fields import Field
from declarations.sheets.kinds import DEFAULT_LENGTH, Kind
from declarations.sheets.linebreaks import printable
from declarations.sheets.table import Cell

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

Range = tuple[Decimal, Decimal]

CHOICES_SHEET = "选项"
"""Hidden: the choices that are too long to stand in the validation itself."""

_LONGEST_LIST = 255
_LONGEST_TITLE, _LONGEST_TEXT = 32, 255
_LARGEST = "99999999999999"
_MOST_IN_A_CELL = 32_767


class EntryRules:
    """Collects the cells of each field, and writes one validation for all of them."""

    def __init__(self, book: "Workbook") -> None:
        self.book = book
        self.rules: dict[str, DataValidation] = {}

    def add(self, coordinate: str, field: Field, between: Range | None = None) -> None:
        """A cell that one field has to itself. between: the least and most of its number."""
        if field.tag not in self.rules:
            self.rules[field.tag] = self._rule(field, between)
        self.rules[field.tag].add(coordinate)

    def add_shared(self, coordinate: str, cell: Cell) -> None:
        """A cell where values stand among words: only said, not enforced."""
        fields = [entry.field for entry in cell.entries]
        key = "+".join(field.tag for field in fields)
        if key not in self.rules:
            names = "、".join(f.label_with_unit for f in fields)
            helps = "".join(f"\n{f.label}：{f.help}" for f in fields if f.help)
            rule = DataValidation(allow_blank=True)
            _prompt(rule, names, f"请保留格中的文字，填写：{names}。{helps}")
            self.rules[key] = rule
        self.rules[key].add(coordinate)

    def write(self, sheet: "Worksheet") -> None:
        """Puts the validations on the sheet."""
        for rule in self.rules.values():
            sheet.add_data_validation(rule)

    def _rule(self, field: Field, between: Range | None) -> DataValidation:
        rule = DataValidation(allow_blank=True, showErrorMessage=True, errorStyle="stop")
        rule.errorTitle = printable(field.label)[:_LONGEST_TITLE]
        rule.error = self._limit(rule, field)[:_LONGEST_TEXT]
        if between:
            rule.formula1, rule.formula2 = (f"{bound:f}" for bound in between)
            rule.error = f"请填 {rule.formula1} 至 {rule.formula2} 的数字。"
        about = [
            "必填。" if field.required else "",
            f"单位：{field.unit}。" if field.unit else "",
            field.help,
        ]
        if text := "".join(about):
            _prompt(rule, field.label, text)
        return rule

    def _limit(self, rule: DataValidation, field: Field) -> str:
        """Sets what may be typed; returns what is said of anything else."""
        match field.kind:
            case Kind.CHOICE:
                rule.type = "list"
                rule.formula1 = self._list(field)
                return "请从下拉列表中选择。"
            case Kind.DATE:
                rule.type, rule.operator = "date", "between"
                rule.formula1, rule.formula2 = "DATE(1900,1,1)", "DATE(9999,12,31)"
                return "日期请按 2023-01-31 的格式填写。"
            case Kind.LINE | Kind.TEXT:
                length = min(field.length or DEFAULT_LENGTH[field.kind], _MOST_IN_A_CELL)
                rule.type, rule.operator = "textLength", "lessThanOrEqual"
                rule.formula1 = str(length)
                return f"最多 {length} 字，请删减。"
        rule.type, rule.operator = "decimal", "between"
        lowest = "0" if field.kind is Kind.MONEY and not field.negative_allowed else f"-{_LARGEST}"
        rule.formula1, rule.formula2 = lowest, _LARGEST
        if field.kind is Kind.PERCENT:
            return "请填百分比，例如 85%。"
        sign = "，不能为负数" if lowest == "0" else ""
        return f"请只填数字，例如 1234.56{sign}。"

    def _list(self, field: Field) -> str:
        """The choices, in the validation or else in a column of the hidden sheet."""
        inline = ",".join(field.choices)
        if len(inline) <= _LONGEST_LIST and not any(c in x for x in field.choices for c in ',"&<>'):
            return f'"{inline}"'
        if CHOICES_SHEET not in self.book.sheetnames:
            self.book.create_sheet(CHOICES_SHEET).sheet_state = "hidden"
        sheet = self.book[CHOICES_SHEET]
        column = sheet.max_column + 1 if sheet["A1"].value is not None else 1
        for row, choice in enumerate(field.choices, start=1):
            cell = sheet.cell(row, column)
            cell.value = printable(choice)
            cell.data_type = "s"
        letter = get_column_letter(column)
        return f"'{CHOICES_SHEET}'!${letter}$1:${letter}${len(field.choices)}"


def _prompt(rule: DataValidation, title: str, text: str) -> None:
    rule.showInputMessage = True
    rule.promptTitle = _cut(printable(title), _LONGEST_TITLE)
    rule.prompt = _cut(printable(text), _LONGEST_TEXT)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
