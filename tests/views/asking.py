"""How our own script asks the server."""

from typing import Any

from django.urls import reverse

from declarations.models import Declaration

FROM_SCRIPT = {"X-Requested-With": "fetch"}


def post_json(client: Any, name: str, declaration: Declaration, payload: Any) -> Any:
    """POSTs to the URL of this name as the editor does."""
    return client.post(
        reverse(name, args=[declaration.pk]),
        payload,
        content_type="application/json",
        headers=FROM_SCRIPT,
    )
