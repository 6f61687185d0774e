"""Publishing in tests, by the functions that publish."""

from declarations.domain.publishing import check, publish
from declarations.models import Bureau, Declaration, Publication, PublicationCheck, Role, User
from declarations.queries.publishing import prepared
from tests import factories

REASON = "部门更正了有误的数据"


def publisher_of(bureau: Bureau) -> User:
    """The publisher of a bureau; the one there is, or a new one."""
    found = User.objects.filter(bureau=bureau, role=Role.PUBLISHER, is_active=True).first()
    return found or factories.UserFactory.create(
        bureau=bureau, role=Role.PUBLISHER, name="公开管理员甲"
    )


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
    if declaration.approved_id is None:
        declaration = factories.approved(filer, reviewer, declaration)
    checked(publisher, declaration)
    again = declaration.publications.exists()
    return publish(publisher, declaration_id=declaration.pk, reason=REASON if again else "")
