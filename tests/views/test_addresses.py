"""Whom a request comes from: nobody can make it up."""

import pytest
from django.test import RequestFactory

from declarations.views.addresses import client_ip


def asked(*, proxies: int, settings, forwarded: str | None = None, remote: str = "10.0.0.1"):
    settings.PROXIES = proxies
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return client_ip(RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers))


def test_without_a_proxy_the_header_is_not_believed(settings) -> None:
    assert asked(proxies=0, settings=settings, forwarded="6.6.6.6") == "10.0.0.1"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (1, "10.1.1.1", "10.1.1.1"),
        (1, "6.6.6.6, 10.1.1.1", "10.1.1.1"),
        (2, "6.6.6.6, 10.1.1.1, 10.0.0.9", "10.1.1.1"),
        (2, "10.0.0.9", "10.0.0.1"),
        (1, None, "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "<script>", None),
        (1, "10.1.1.1:8080", None),
    ],
)
def test_behind_proxies_it_is_what_the_outermost_of_ours_was_asked_from(
    settings, proxies: int, forwarded: str | None, found: str | None
) -> None:
    assert asked(proxies=proxies, settings=settings, forwarded=forwarded) == found


def test_a_socket_has_no_address(settings) -> None:
    assert asked(proxies=0, settings=settings, remote="") is None
