"""Handing work to the queue, in the transaction of the write that asks for it."""

from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

BEHIND = -1
"""The priority of long work: whatever else waits goes first."""


def enqueue(task: str, *, once: str = "", priority: int = 0, **arguments: Any) -> None:
    """Defers a task of `declarations.tasks` by its name; it runs after this transaction commits.

    once: where given, no second job of that name waits beside the first. priority: 0, or BEHIND.
    """
    deferrer = app.configure_task(task, queueing_lock=once or None, priority=priority)
    try:
        with transaction.atomic():  # the refusal is an error in the database
            deferrer.defer(**arguments)
    except AlreadyEnqueued:
        return
