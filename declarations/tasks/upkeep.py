"""The queue takes care of itself."""

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

KEPT_HOURS = 30 * 24
"""How long it can be looked up what was done."""


@app.periodic(cron="* * * * *")
@app.task(
    name="declarations.retry_stalled", queueing_lock="declarations.retry_stalled", pass_context=True
)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Puts back what a worker had in hand when it was killed: one that gave no sign of life for
    half a minute. Every task can be run again."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        try:
            await manager.retry_job(job)
        except UniqueViolation:  # what was asked for once waits again already
            await manager.finish_job(job, Status.ABORTED, delete_job=False)


@app.periodic(cron="30 2 * * *")
@app.task(
    name="declarations.forget_old_jobs",
    queueing_lock="declarations.forget_old_jobs",
    pass_context=True,
)
async def forget_old_jobs(context: JobContext, timestamp: int) -> None:
    """Deletes jobs that were done long ago, so that the queue stays quick. What they did is in
    the record."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEPT_HOURS, include_failed=True)
