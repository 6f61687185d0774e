"""Opening rounds."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from declarations.domain.rounds import start_all_waiting

AGAIN = RetryStrategy(max_attempts=5, linear_wait=5)


@app.task(name="declarations.start_round", retry=AGAIN)
def start_round(round_id: int) -> None:
    """Gives every department that waits its declaration, some at a time."""
    start_all_waiting(round_id)
