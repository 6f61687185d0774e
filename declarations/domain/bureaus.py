"""Bureaus: a new one begins with its administrators, an old one may lack some."""

from collections.abc import Mapping

from django.db import transaction

from declarations.domain.first_passwords import Slip, issue_first_passwords
from declarations.domain.people import add_person
from declarations.models import Bureau, Role


def add_bureau(*, code: str, name: str, administrators: Mapping[Role, str]) -> list[Slip]:
    """Adds a bureau from the shell: nobody in the system is above bureaus.

    administrators: user names by post; each is called after their post until the security
    administrator writes their names. Returns their first passwords. Raises ValidationError for
    a code or a user name that is taken or cannot be one.
    """
    with transaction.atomic():
        bureau = Bureau(code=code, name=name)
        bureau.full_clean()
        bureau.save()
        return appoint(bureau, administrators=administrators)


def appoint(bureau: Bureau, *, administrators: Mapping[Role, str]) -> list[Slip]:
    """Gives a bureau further administrators from the shell, as where it has nobody to do it.

    administrators: as for `add_bureau`, for one post or more. Returns their first passwords.
    Raises ValidationError for a user name that is taken or cannot be one.
    """
    with transaction.atomic():
        people = [
            add_person(None, bureau=bureau, username=username, name=role.label, role=role)
            for role, username in administrators.items()
        ]
        return issue_first_passwords(None, bureau=bureau, user_ids=[user.pk for user in people])
