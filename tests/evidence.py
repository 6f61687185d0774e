"""Evidence files of every kind that is taken, and a small scored form to add them to."""

from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.files.uploadedfile import SimpleUploadedFile
from docx import Document
from openpyxl import Workbook
from PIL import Image

from declarations.domain.evidence import Brought, add_evidence
from declarations.models import Declaration, DeclarationKind, Department, Evidence, User
from declarations.queries.forms import form_for
from declarations.queries.records import load_records
from tests import factories
from tests.factories import reread
from tests.sheets.workbooks import saved, workbook

ITEM = "score/rate"
OTHER = "score/rules"
SCORED = workbook(
    {
        "A1:D1": "部门整体支出绩效自评表",
        "A2": "预算数（元）",
        "B2": "{{funding.fiscal.budget}}",
        "C2": "执行数（元）",
        "D2": "{{funding.fiscal.executed}}",
        "A3": "一、管理",
        "B3": "{{score.rate.name}}",
        "C3": "{{score.rate.points}}",
        "D3": "{{score.rate.self_score}}",
        "B4": "{{score.rules.name}}",
        "C4": "{{score.rules.points}}",
        "D4": "{{score.rules.self_score}}",
        "A5": "二、产出",
        "B5": "分值",
        "C5": "指标值",
        "D5": "完成值",
        "A6": "{{indicators.level3}}",
        "B6": "{{indicators.weight}}",
        "C6": "{{indicators.target}}",
        "D6": "{{indicators.actual}}",
    },
    lines=[1],
    rubric=[
        ["编码", "一级指标", "二级指标", "名称", "分值", "方法", "数据", "参数"],
        [
            *("rate", "管理效率", "资金管理", "预算完成率", 5, "比率得分"),
            *("rate：完成率（%）= funding.fiscal.executed / funding.fiscal.budget", ""),
        ],
        ["rules", "管理效率", "制度管理", "制度健全", 5, "比率得分", "rate：健全率（%）", ""],
        ["indicators", "产出", "", "", "", "指标完成", "", ""],
    ],
)
"""Two scored items, and indicators with points of their own."""


def scored_for(department: Department, **fields: Any) -> Declaration:
    """A blank self-evaluation on that form."""
    kind = DeclarationKind.SELF_EVALUATION
    template = factories.template_for(department.bureau, SCORED, "scored", kind)
    round_ = factories.round_for(template, department, **fields)
    return reread(round_.declarations.get())


def row_of(declaration: Declaration) -> str:
    """The anchor of its first indicator."""
    records = load_records(declaration, form_for(declaration.round))
    return records.lists["indicators"][0].anchor()


def add(
    actor: User,
    declaration: Declaration,
    name: str = "材料.pdf",
    content: bytes = b"",
    at: str = ITEM,
) -> Evidence:
    """One file at an item; it must be taken."""
    [outcome] = add_evidence(
        actor,
        declaration_id=declaration.pk,
        anchor=at,
        files=[Brought(name, content or pdf(name))],
    )
    assert outcome.evidence is not None, outcome.problem
    return outcome.evidence


def sent(name: str, content: bytes) -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content)


def pdf(text: str = "") -> bytes:
    """The smallest PDF, with a text in a comment."""
    body = f"%PDF-1.4\n%{text}\n".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
    ]
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    return body + b"xref\n0 4\n0000000000 65535 f \n" + table + trailer


def picture(format_: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    """A picture with something in it."""
    out = BytesIO()
    image = Image.effect_noise(size, 50).convert("RGB")
    image.save(out, format_)
    return out.getvalue()


def docx(text: str = "说明") -> bytes:
    """A Word document."""
    out = BytesIO()
    document = Document()
    document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


def xlsx() -> bytes:
    """An Excel workbook."""
    book = Workbook()
    book.worksheets[0]["A1"] = "明细"
    return saved(book)


def ofd(**parts: bytes) -> bytes:
    """A file of the national format for fixed layouts. parts: others in place of its own."""
    root = (
        '<?xml version="1.0" encoding="UTF-8"?><ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" '
        'DocType="OFD" Version="1.0"><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>'
        "</ofd:DocBody></ofd:OFD>"
    )
    document = b"<ofd:Document xmlns:ofd='http://www.ofdspec.org/2016'/>"
    return zipped({"OFD.xml": root.encode(), "Doc_0/Document.xml": document} | parts)


def zipped(parts: dict[str, bytes]) -> bytes:
    """A zip archive."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return out.getvalue()


def with_parts(package: bytes, parts: dict[str, bytes]) -> bytes:
    """An Office file or OFD with other or further parts."""
    with ZipFile(BytesIO(package)) as file:
        found = {name: file.read(name) for name in file.namelist()}
    return zipped(found | parts)
