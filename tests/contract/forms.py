"""Every form that the contract is held to. A workbook put into one of the folders is in it."""

from pathlib import Path

from declarations.sheets.form import Form
from declarations.sheets.parse import parse_form
from tests import odd_forms, small_forms

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "declarations" / "forms", ROOT / "tests" / "forms")

WORKBOOKS: dict[str, bytes] = {
    **{
        path.stem: path.read_bytes() for folder in FOLDERS for path in sorted(folder.glob("*.xlsx"))
    },
    "nested": small_forms.NESTED,
    "every-kind": small_forms.EVERY_KIND,
    "scored": small_forms.SCORED,
    **odd_forms.ODD_FORMS,
}
"""By name: the forms that the project ships, the other districts' of the tests, and small ones."""

FORMS: dict[str, Form] = {name: parse_form(content) for name, content in WORKBOOKS.items()}
