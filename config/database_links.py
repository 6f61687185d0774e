"""How connections to PostgreSQL are made, so that both ends notice when the other is gone.

A host that loses its network, or its power, closes no connection: whoever waits for it would wait
for hours, and PostgreSQL would hold for it what it had locked. So both ends ask each other when
nothing was heard for a while, and give up where nobody answers.
"""

from typing import Any

import dj_database_url

SILENT = 10
"""Seconds without a word after which the other end is asked, every `AGAIN` seconds."""
AGAIN = 5
NOTICED = 25
"""Seconds after which an end that does not answer is given up: SILENT and three times AGAIN."""

_OURS = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": SILENT,
    "keepalives_interval": AGAIN,
    "keepalives_count": (NOTICED - SILENT) // AGAIN,
    "tcp_user_timeout": NOTICED * 1000,
}
_SERVERS = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "tcp_keepalives_idle": SILENT,
        "tcp_keepalives_interval": AGAIN,
        "tcp_keepalives_count": (NOTICED - SILENT) // AGAIN,
        "tcp_user_timeout": NOTICED * 1000,
    }.items()
)
"""For the server's end of each connection: it needs no settings of its own."""


def link(url: str, **settings: Any) -> dict[str, Any]:
    """Django's settings for the database at a URL; what its query says goes before ours."""
    parsed: dict[str, Any] = {**dj_database_url.parse(url, **settings)}
    return parsed | {"OPTIONS": {**_OURS, "options": _SERVERS, **parsed.get("OPTIONS", {})}}
