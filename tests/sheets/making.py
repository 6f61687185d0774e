"""Every form with samples, published, as each of its files: to compare them between processes.

Run as a script it prints their hashes as JSON; with ``backwards`` it makes them in the reverse
order, so that each comes after others than before.
"""

import hashlib
import json
import sys
from datetime import UTC, datetime

from declarations.sheets.bind import bind
from declarations.sheets.imprint import Imprint
from declarations.sheets.pdf import render_pdf
from declarations.sheets.report_docx import render_docx
from declarations.sheets.samples import sample_records
from declarations.sheets.table import Table
from declarations.sheets.workbook import render_workbook
from tests.contract.forms import FORMS, WORKBOOKS

CODE = "7Q2M0FZK93XB"
IMPRINT = Imprint(
    CODE,
    f"https://jixiao.panyu.example.gov.cn/public/verify/{CODE}/",
    datetime(2024, 3, 4, 23, 59, 58, tzinfo=UTC),
)
TITLE = "某区残疾人联合会2023年申报表"


def sample_table(name: str) -> Table:
    return bind(FORMS[name], sample_records(FORMS[name]))


def files_of(name: str) -> dict[str, bytes]:
    table = sample_table(name)
    files = {
        "pdf": render_pdf(table, title=TITLE, imprint=IMPRINT),
        "xlsx": render_workbook(table, WORKBOOKS[name], title=TITLE, imprint=IMPRINT),
    }
    if table.form.report:
        files["docx"] = render_docx(table, title=TITLE, imprint=IMPRINT)
    return files


def hashes(names: list[str]) -> dict[str, str]:
    return {
        f"{name}.{format_}": hashlib.sha256(content).hexdigest()
        for name in names
        for format_, content in files_of(name).items()
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(hashes(sorted(FORMS, reverse="backwards" in sys.argv))))
