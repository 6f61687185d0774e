"""One fillable or shown value of a form, with everything that is said about it anywhere.

Label, help, heading, limits and errors come from here and nowhere else.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from declarations.sheets import kinds
from declarations.sheets.catalogue import JSON_COLUMNS
from declarations.sheets.kinds import InvalidValueError, Kind, NumberFormat
from declarations.sheets.records import Value
from scoring.numbers import MONEY_UNITS

_SHORTEST_BEGINNING = 2
"""Characters by which a choice may be meant without writing it out."""


@dataclass(frozen=True, slots=True)
class Field:
    """A tag's meaning. `tag` is its path without the instance: ``tasks.amount``."""

    tag: str
    kind: Kind
    label: str
    help: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    unit: str = ""  # of money: what a bare number means; of others: shown behind the value
    length: int = 0  # most characters; 0: the kind's own
    negative_allowed: bool = False
    format: NumberFormat = field(default_factory=NumberFormat)

    @property
    def numeric(self) -> bool:
        return self.kind in kinds.NUMERIC_KINDS

    @property
    def is_prose(self) -> bool:
        """Whether it is words, of which single ones change; else a value that changes whole."""
        return self.kind in (Kind.LINE, Kind.TEXT)

    @property
    def column(self) -> str:
        """The last part: ``amount`` of ``tasks.amount``; ``extra.operator`` for a district's own,
        ``input.rate`` for what the rule of a scored item needs."""
        head, _, last = self.tag.rpartition(".")
        before = head.rpartition(".")[2]
        return f"{before}.{last}" if before in JSON_COLUMNS else last

    @property
    def label_with_unit(self) -> str:
        return f"{self.label}（{self.unit}）" if self.unit else self.label

    def read(self, text: str) -> Value:
        """What was typed, as stored. Blank is None for numbers and "" for text.

        Raises InvalidValueError with a message that says what to do.
        """
        if not text.strip():
            return None if self.numeric else ""
        match self.kind:
            case Kind.MONEY:
                return kinds.read_money(text, self.unit, negative_allowed=self.negative_allowed)
            case Kind.NUMBER:
                return kinds.read_plain_number(text)
            case Kind.PERCENT:
                return kinds.read_percent(text)
            case Kind.DATE:
                return kinds.read_date(text)
            case Kind.CHOICE:
                return self._read_choice(text)
            case Kind.LINE | Kind.TEXT:
                return kinds.read_text(
                    text,
                    length=self.length or kinds.DEFAULT_LENGTH[self.kind],
                    multiline=self.kind is Kind.TEXT,
                )

    def show(self, value: Value) -> str:
        """A stored value as the form prints it."""
        if value is None or value == "":
            return ""
        if not self.numeric:
            return str(value)
        return self.format.show(self.in_display_unit(Decimal(value))) + (
            "%" if self.format.percent else ""
        )

    def edit_text(self, value: Value) -> str:
        """A stored value as one edits it: like `show`, but no digit is hidden by rounding."""
        shown = self.show(value)
        if self.numeric and value is not None and shown and self.read(shown) != Decimal(value):
            number = self.in_display_unit(Decimal(value))
            if self.kind is Kind.PERCENT:
                return f"{(number * 100).normalize():f}%"
            return f"{number.normalize():f}"
        return shown

    def in_display_unit(self, number: Decimal) -> Decimal:
        """元 to the form's unit; other numbers unchanged."""
        return number / MONEY_UNITS[self.unit] if self.kind is Kind.MONEY else number

    def _read_choice(self, text: str) -> str:
        """The choice that is meant: itself, or the only one that begins so (数量 for 数量指标)."""
        wanted = "".join(text.split())
        squeezed = {"".join(choice.split()): choice for choice in self.choices}
        meant = [squeezed[wanted]] if wanted in squeezed else []
        if not meant and len(wanted) >= _SHORTEST_BEGINNING:
            meant = [choice for key, choice in squeezed.items() if key.startswith(wanted)]
        if len(meant) == 1:
            return meant[0]
        raise InvalidValueError(f"请从下列选项中选择：{'、'.join(self.choices)}")
