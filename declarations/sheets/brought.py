"""Workbooks that somebody brings as a form: what could harm us is refused before it is opened."""

from io import BytesIO
from zipfile import ZipFile

from declarations.sheets.form import Form
from declarations.sheets.incoming.opening import open_upload
from declarations.sheets.incoming.report import UnreadableWorkbookError
from declarations.sheets.parse import FormError, parse_form
from declarations.sheets.problems import CellProblem

MOST_EXPANDED = 8 * 2**20
"""Bytes of all markup together; an official form has some hundred kilobytes."""


def parse_brought(workbook: bytes) -> Form:
    """Parses a tagged workbook from outside. Raises FormError with every problem found.

    Archives that expand without end, macros, links to elsewhere, entities, encryption and
    files of other kinds are told from forms without openpyxl, which trusts what it reads.
    """
    try:
        open_upload(workbook)
    except UnreadableWorkbookError as error:
        raise FormError([CellProblem("工作簿", "", str(error))]) from None
    with ZipFile(BytesIO(workbook)) as archive:
        expanded = sum(p.file_size for p in archive.infolist() if p.filename.endswith(".xml"))
    if expanded > MOST_EXPANDED:
        message = "工作簿的内容过多，多半是设了格式的空行空列。请删除表以外的行、列和工作表后再上传"
        raise FormError([CellProblem("工作簿", "", message)])
    return parse_form(workbook)
