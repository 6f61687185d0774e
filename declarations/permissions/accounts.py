"""What is asked of an account before one may work with it."""

from datetime import datetime, timedelta

from declarations.models import OF_DEPARTMENTS, Role, SecondFactor, User

POSTS_WITH_POWER = (Role.SYSTEM, Role.SECURITY, Role.AUDITOR, Role.PUBLISHER)
"""Whom `SecondFactor.ADMINISTRATORS` names."""


def needs_second_factor(user: User) -> bool:
    """Whether the bureau wants a one-time code of this person besides the password."""
    match SecondFactor(user.bureau.second_factor):
        case SecondFactor.OPTIONAL:
            return False
        case SecondFactor.ADMINISTRATORS:
            return user.role in POSTS_WITH_POWER
        case SecondFactor.BUREAU:
            return user.role not in OF_DEPARTMENTS
        case SecondFactor.EVERYBODY:
            return True


def must_change_password(user: User, now: datetime) -> bool:
    """Whether the password is the first one, given by somebody else, or too old."""
    if user.password_changed_at is None:
        return True
    expires = password_expires_at(user)
    return expires is not None and expires <= now


def password_expires_at(user: User) -> datetime | None:
    """When the password must be changed; None where the bureau sets no limit, or it must now."""
    if not user.bureau.password_days or user.password_changed_at is None:
        return None
    return user.password_changed_at + timedelta(days=user.bureau.password_days)
