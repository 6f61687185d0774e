"""Acts at the same moment, each in a thread with a connection of its own."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

PATIENCE = 60
"""Seconds; fifty threads start slowly on a machine that has other work."""


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Runs the acts at once; what each returned, or the error it raised.

    For tests marked ``django_db(transaction=True)``: the others' writes are seen by
    no other connection.
    """
    results: list[Any] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(index: int, act: Callable[[], Any]) -> None:
        try:
            start.wait(timeout=PATIENCE)
            results[index] = act()
        except Exception as error:  # noqa: BLE001  (it is the result)
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "some have not come to an end"
    return results
