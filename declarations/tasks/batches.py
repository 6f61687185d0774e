"""Exporting and publishing many, and what is left of it."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from declarations.domain import batches
from declarations.domain.queueing import BEHIND, enqueue
from declarations.queries.batches import WORK

AGAIN = RetryStrategy(max_attempts=20, linear_wait=3)
"""The database may be away for a minute or two."""


@app.task(name=WORK, retry=AGAIN)
def work_on_batch(batch_id: int) -> None:
    """Works at a batch for some seconds, and asks for its next turn where there is more to do."""
    if batches.run(batch_id):
        enqueue(WORK, batch_id=batch_id, priority=BEHIND)


@app.periodic(cron="* * * * *")
@app.task(name="declarations.go_on_with_batches", queueing_lock="declarations.go_on_with_batches")
def go_on_with_batches(timestamp: int) -> None:
    """What lost its workers and their jobs is taken up again."""
    batches.go_on()


@app.periodic(cron="45 2 * * *")
@app.task(name="declarations.forget_old_batches", queueing_lock="declarations.forget_old_batches")
def forget_old_batches(timestamp: int) -> None:
    """Archives of exports are kept for thirty days."""
    batches.forget_old()
