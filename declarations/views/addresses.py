"""The address a request comes from."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str | None:
    """The browser's address, None where it cannot be told.

    Behind proxies (PROXIES says how many) each appends the address it was asked from to
    X-Forwarded-For. So the outermost of ours wrote the entry that many from the right; what
    stands before it the browser may have made up.
    """
    forwarded = [a.strip() for a in request.headers.get("X-Forwarded-For", "").split(",")]
    told = request.META.get("REMOTE_ADDR", "")
    if 0 < settings.PROXIES <= len(forwarded):
        told = forwarded[-settings.PROXIES] or told
    try:
        return str(ip_address(told))
    except ValueError:
        return None
