"""What a department is told of the disclosure of its declaration; docs/notices.md lists it.

Each function is called in the transaction of its act, with the declaration locked.
"""

from collections.abc import Sequence

from declarations.domain.notifying import notify
from declarations.models import OF_DEPARTMENTS, NoticeKind, Publication, User
from declarations.sheets.codes import shown_code
from declarations.workflow import moment


def tell_published(actor: User, publication: Publication) -> None:
    """Filers and heads: what was published, or took the place of what was, and where it can be
    verified."""
    again = publication.number > 1
    by = "更正公开" if again else "公开"
    lines = [
        f"{actor} 于 {moment(publication.published_at)} 向社会{by}了{publication.revision}。",
        *([f"更正理由：{publication.reason}"] if again else []),
        f"核验码：{shown_code(publication.code)}",
        f"核验地址：{publication.verify_url}",
        "公开内容已按规定隐去个人信息，佐证材料和审核批注不公开。发现内容有误的，请及时联系财政局。",
    ]
    _tell_of_publication(publication, f"已向社会{by}", lines)


def tell_withdrawn(actor: User, publication: Publication, withdrawn: Sequence[Publication]) -> None:
    """The same people: it is not public any longer, and why."""
    assert publication.withdrawn_at is not None
    numbers = "、".join(f"第{each.number}次" for each in sorted(withdrawn, key=lambda p: p.number))
    lines = [
        f"{actor} 于 {moment(publication.withdrawn_at)} 撤回了{numbers}公开的内容。",
        f"撤回理由：{publication.withdrawal_reason}",
        "公开页面的地址不变，页面上只说明已撤回及其理由。",
    ]
    _tell_of_publication(publication, "的公开内容已撤回", lines)


def _tell_of_publication(publication: Publication, what: str, lines: Sequence[str]) -> None:
    declaration = publication.declaration
    people = User.objects.filter(department=declaration.department_id, role__in=OF_DEPARTMENTS)
    notify(
        people,
        kind=NoticeKind.PUBLISHED,
        title=f"“{declaration.round}”{what}",
        text="\n".join(lines),
        declaration=declaration,
    )
