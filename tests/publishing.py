"""Publishing in tests, by the functions that publish."""

from typing import Any

from declarations import workflow
from declarations.domain.publishing import check, publish
from declarations.domain.review import pass_on
from declarations.models import (
    Bureau,
    Declaration,
    Department,
    Publication,
    PublicationCheck,
    Role,
    User,
)
from declarations.queries.publishing import prepared
from tests import factories
from tests.sheets.workbooks import workbook

PERSONAL = workbook(
    {
        "A1:D1": "绩效目标申报表",
        "A2": "总体目标",
        "B2:D2": "{{text.overall_goal}}",
        "A3": "任务",
        "B3": "内容",
        "C3:D3": "金额（元）",
        "A4": "{{tasks.name}}",
        "B4": "{{tasks.content}}",
        "C4:D4": "{{tasks.amount}}",
        "A5": "填报人",
        "B5": "{{text.filer}}",
        "C5": "联系电话",
        "D5": "{{text.phone}}",
    },
    lines=[1],
)
"""A form that says who filled it in."""
SAID = {
    "text.overall_goal": "由张三负责，咨询13812345678。",
    "text.filer": "张三",
    "text.phone": "020-88881234",
    "tasks.name": "康复服务",
    "tasks.content": "联系张三88881234报名",
    "tasks.amount": "13812345678",
}
PRIVATE = ("张三", "13812345678。", "88881234")
"""What of that must not be published."""
REASON = "部门更正了有误的数据"


def publisher_of(bureau: Bureau) -> User:
    """The publisher of a bureau; the one there is, or a new one."""
    found = User.objects.filter(bureau=bureau, role=Role.PUBLISHER, is_active=True).first()
    return found or factories.UserFactory.create(
        bureau=bureau, role=Role.PUBLISHER, name="公开管理员甲"
    )


def personal(filer: User, department: Department, **fields: Any) -> Declaration:
    """A declaration with names and telephones in it, not handed in yet."""
    template = factories.template_for(department.bureau, PERSONAL, "personal")
    declaration = factories.round_for(template, department, **fields).declarations.get()
    factories.type_into(filer, declaration, **SAID)
    return factories.reread(declaration)


def checked(publisher: User, declaration: Declaration, note: str = "") -> PublicationCheck:
    """What is in force, looked at and cleared."""
    looked_at = prepared(factories.reread(declaration)).sha256
    return check(publisher, declaration_id=declaration.pk, looked_at=looked_at, note=note)


def published(
    filer: User, reviewer: User, publisher: User, declaration: Declaration
) -> Publication:
    """The declaration, submitted and approved as far as it is not yet, checked and published;
    what was published before is corrected by it."""
    declaration = factories.reread(declaration)
    if declaration.state in workflow.EDITABLE and declaration.approved_id is None:
        declaration = factories.submitted(filer, declaration)
    if declaration.approved_id is None:
        pass_on(reviewer, declaration_id=declaration.pk)
    checked(publisher, declaration)
    again = declaration.publications.exists()
    return publish(publisher, declaration_id=declaration.pk, reason=REASON if again else "")
