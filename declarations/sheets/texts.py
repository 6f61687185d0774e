"""What a form's cells show, by anchor, without the table around them."""

from collections.abc import Callable, Collection, Iterator

from declarations.sheets.form import Form
from declarations.sheets.records import Records
from declarations.sheets.tags import Tag
from declarations.sheets.values import Values, anchor_of


def all_texts(form: Form, records: Records, only: Collection[str] | None = None) -> dict[str, str]:
    """Every value, or those of some tags. As in the editor: those that print as one are all there."""
    shown = form.fields if only is None else {*only} & form.fields.keys()
    return dict(_texts(form, records, lambda tag: tag.path in shown))


def computed_texts(form: Form, records: Records, using: set[str]) -> dict[str, str]:
    """The computed cells whose formulas use one of these tags."""
    return dict(
        _texts(form, records, lambda tag: bool(tag.expression and tag.expression.uses & using))
    )


def _texts(form: Form, records: Records, shown: Callable[[Tag], bool]) -> Iterator[tuple[str, str]]:
    values = Values(form, records)
    for tag, list_path in form.tags:
        if shown(tag):
            field = form.fields[tag.path]
            for chain in values.chains(list_path):
                yield anchor_of(tag, chain), field.show(values.value(tag, chain))
