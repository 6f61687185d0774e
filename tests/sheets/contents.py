"""The demo's contents as records in memory, the way the editor holds them."""

from itertools import count

from declarations.management.demo.filling import Content, Typed
from declarations.sheets.form import Form
from declarations.sheets.records import Item, Records


def records_of(form: Form, content: Content, *, department: str, year: int) -> Records:
    """What is typed, in the form; where nothing is typed into a nested list, one blank row."""
    records = Records(
        context={"department.name": department, "year": str(year)},
        lists=_Lists(form).of((), dict(content.lists)),
    )
    outside = {"funding": content.funding, "score": content.scores}
    for tag, field in form.fields.items():
        head, _, rest = tag.partition(".")
        key, _, column = rest.partition(".")
        if head == "text":
            records.set_cell(tag, field.read(content.texts.get(key, "")))
        elif head in outside:
            records.set_cell(tag, field.read(outside[head].get(key, {}).get(column, "")))
    return records


class _Lists:
    def __init__(self, form: Form) -> None:
        self.form = form
        self.numbers = count(1)

    def of(self, owner: tuple[str, ...], typed: Typed) -> dict[str, list[Item]]:
        """The lists inside a row (or, for (), the form's own), by name."""
        return {
            block.name: [self._item(block.list_path, row) for row in typed.get(block.name, [{}])]
            for block in self.form.blocks()
            if block.list_path[:-1] == owner
        }

    def _item(self, path: tuple[str, ...], typed: Typed) -> Item:
        item = Item("indicator" if path[-1] == "indicators" else "task", next(self.numbers))
        for field in self.form.fields_of(path):
            item.values[field.column] = field.read(str(typed.get(field.column, "")))
        item.lists = self.of(path, typed)
        return item
