"""An uploaded workbook to Grids, or a refusal that says what the file is and what to do.

The parts are read as streams with bounds on everything, not through openpyxl: that
builds every formatted cell and every place of a merged range, fails on style sheets that
other programs write, and does not tell a formula without its result from a blank.
"""

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field

from declarations.sheets.incoming.archive import Archive, too_large
from declarations.sheets.incoming.grid import Grid
from declarations.sheets.incoming.markup import Attributes, read_markup, refuse_hidden
from declarations.sheets.incoming.refusals import SAVE_AS, why_no_workbook
from declarations.sheets.incoming.report import UnreadableWorkbookError
from declarations.sheets.incoming.sheet import Shared, read_sheet
from declarations.sheets.incoming.strings import read_formats, read_strings
from declarations.sheets.row_map import LONGEST_MAP, PREFIX
from declarations.sheets.workbook import FILLED, TO_FILL_IN

MOST_SHEETS = 50

_MACROS = "工作簿含有宏，系统不予读取。请另存为不含宏的“Excel 工作簿（*.xlsx）”再上传"
_LINKS = (
    "工作簿引用了外部文件或数据（{what}），系统不予读取。"
    "请用“数据”→“编辑链接”→“断开链接”，或把内容以“值”粘贴到新工作簿，再上传"
)
_EMBEDDED = "工作簿中嵌有其他文件或控件，系统不予读取。请删除这些对象，另存后再上传"
_REFUSED_PARTS = (
    ("xl/vbaproject", _MACROS),
    ("xl/macrosheets/", _MACROS),
    ("xl/dialogsheets/", _MACROS),
    ("xl/vbadata", _MACROS),
    ("xl/externallinks/", _LINKS.format(what="外部链接")),
    ("xl/connections.xml", _LINKS.format(what="数据连接")),
    ("xl/querytables/", _LINKS.format(what="数据查询")),
    ("xl/embeddings/", _EMBEDDED),
    ("xl/activex/", _EMBEDDED),
    ("xl/ctrlprops/", _EMBEDDED),
)
_REFUSED_TYPES = (
    ("macroenabled", _MACROS),
    ("vbaproject", _MACROS),
    ("macrosheet", _MACROS),
    ("oleobject", _EMBEDDED),
    ("activex", _EMBEDDED),
)
_MARKUP = (".xml", ".rels", ".vml")


@dataclass(frozen=True, slots=True)
class _Relation:
    id: str
    type: str  # its last word: worksheet, sharedStrings, styles …
    target: str


@dataclass(frozen=True, slots=True)
class _Sheet:
    name: str
    relation: str
    hidden: bool


@dataclass
class _Book:
    """A workbook's sheets in order; whether its days count from 1904; `Grid.origin`; what its
    hidden names say of its rows, by name."""

    sheets: list[_Sheet] = field(default_factory=list)
    from_1904: bool = False
    origin: str = ""
    pieces: dict[str, str] = field(default_factory=dict)
    _name: str = ""
    _size: int = 0

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            relation = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")
            hidden = attributes.get("state", "visible") != "visible"
            self.sheets.append(_Sheet(attributes.get("name", ""), relation, hidden))
            if len(self.sheets) > MOST_SHEETS:
                raise too_large()
        elif name == "workbookPr":
            self.from_1904 = attributes.get("date1904", "").lower() in ("1", "true", "on")
        elif name == "definedName" and attributes.get("name") in (FILLED, TO_FILL_IN):
            self.origin = attributes["name"]
        elif name == "definedName" and attributes.get("name", "").startswith(PREFIX):
            self._name = attributes["name"]
        elif name == "ddeLink":
            raise UnreadableWorkbookError(_LINKS.format(what="DDE"))

    def text(self, data: str) -> None:
        if self._name and self._size <= LONGEST_MAP:
            self._size += len(data)
            self.pieces[self._name] = self.pieces.get(self._name, "") + data

    def end(self, _: str) -> None:
        self._name = ""

    @property
    def row_map(self) -> str:
        """The pieces put together."""
        return "".join(self.pieces[name].strip('"') for name in sorted(self.pieces))


def open_upload(workbook: bytes) -> list[Grid]:
    """The worksheets of a workbook, in its order. Raises UnreadableWorkbookError."""
    archive = Archive.of(workbook)
    main = _main_part(archive)
    _refuse_dangerous(archive)
    book = _read_book(archive, main)
    relations = _relations(archive, main)
    targets = {r.id: r for r in relations}
    by_type = {r.type: r.target for r in relations}
    strings, styles = by_type.get("sharedStrings", ""), by_type.get("styles", "")
    shared = Shared(
        read_strings(archive.chunks(strings)) if strings in archive.entries else [],
        read_formats(archive.chunks(styles)) if styles in archive.entries else [],
        book.from_1904,
    )
    grids = []
    read = {main, strings, styles}
    for sheet in book.sheets:
        relation = targets.get(sheet.relation)
        if relation is None or relation.target not in archive.entries or relation.target in read:
            continue
        if relation.type == "worksheet":
            grid = read_sheet(sheet.name, archive.chunks(relation.target), shared)
            grid.hidden, grid.origin = sheet.hidden, book.origin
            grid.row_map = book.row_map
            grids.append(grid)
            read.add(relation.target)
    _refuse_hidden_entities(archive, read)
    return grids


def _main_part(archive: Archive) -> str:
    """The name of the workbook's own part."""
    for relation in _relations(archive, ""):
        if relation.type == "officeDocument" and relation.target.endswith(".xml"):
            if relation.target in archive.entries and not relation.target.startswith(
                ("word/", "ppt/")
            ):
                return relation.target
            break
    if "xl/workbook.xml" in archive.entries:
        return "xl/workbook.xml"
    raise why_no_workbook(set(archive.entries))


def _refuse_dangerous(archive: Archive) -> None:
    """Macros, links to elsewhere and embedded files; links that one clicks are let be."""
    for name in sorted(archive.entries):
        for start, message in _REFUSED_PARTS:
            if name.startswith(start):
                raise UnreadableWorkbookError(message)
        if name.endswith(".rels"):
            _refuse_external(archive, name)
    if "[content_types].xml" in archive.entries:
        read_markup(archive.chunks("[content_types].xml"), _refuse_type)


def _refuse_type(_: str, attributes: Attributes) -> None:
    type_ = attributes.get("ContentType", "").lower()
    for word, message in _REFUSED_TYPES:
        if word in type_:
            raise UnreadableWorkbookError(message)


def _refuse_external(archive: Archive, name: str) -> None:
    def start(_: str, attributes: Attributes) -> None:
        if attributes.get("TargetMode", "").lower() != "external":
            return
        if attributes.get("Type", "").rpartition("/")[2].lower() != "hyperlink":
            raise UnreadableWorkbookError(_LINKS.format(what="外部关系"))

    read_markup(archive.chunks(name), start)


def _relations(archive: Archive, part: str) -> list[_Relation]:
    """What a part refers to within the workbook; "" for the workbook as a whole."""
    folder, name = posixpath.split(part)
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    found: list[_Relation] = []

    def start(element: str, attributes: Attributes) -> None:
        if element == "Relationship" and attributes.get("TargetMode", "") != "External":
            target = attributes.get("Target", "").replace("\\", "/").lower()
            full = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            type_ = attributes.get("Type", "").rpartition("/")[2]
            found.append(_Relation(attributes.get("Id", ""), type_, full))

    if path in archive.entries:
        read_markup(archive.chunks(path), start)
    return found


def _read_book(archive: Archive, main: str) -> "_Book":
    """What the workbook's own part says."""
    book = _Book()
    read_markup(archive.chunks(main), book.start, book.end, book.text)
    if not book.sheets:
        raise UnreadableWorkbookError(f"工作簿中没有工作表。{SAVE_AS}")
    return book


def _refuse_hidden_entities(archive: Archive, read: Iterable[str]) -> None:
    """Goes through the markup that was not read: nothing may declare entities there either."""
    for name in archive.entries.keys() - set(read):
        if name.endswith(_MARKUP):
            refuse_hidden(archive.chunks(name))
