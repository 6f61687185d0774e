"""The second factor of the tests: a phone, computed."""

from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from declarations.domain import second_factor
from declarations.models import User

KEY = "3132333435363738393031323334353637383930"
"""That of RFC 6238's examples."""


def code(key: str = KEY, *, steps: int = 0) -> str:
    """What a phone shows now, or so many half minutes later."""
    return f"{totp(bytes.fromhex(key), drift=steps):06d}"


def equip(user: User) -> list[str]:
    """Sets up a phone for the person, as if a while ago; the recovery codes."""
    _, codes = second_factor.set_up(user, key=KEY, code=code(), password="", session_key=None)
    TOTPDevice.objects.filter(user=user).update(last_t=-1)
    return codes
