"""E-mails, and how long notices are kept."""

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from declarations.domain import mailing

WAITS = (60, 300, 900, 3_600, 14_400, 43_200)
"""Seconds before the next try: after a minute, and at last half a day later."""


class Later(BaseRetryStrategy):
    """Tries again for as long as the notices say, each time after a longer wait; what is not the
    mail server's fault only some times."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if not isinstance(exception, mailing.NotSentError) and job.attempts >= len(WAITS):
            return None
        return RetryDecision(retry_in={"seconds": WAITS[min(job.attempts, len(WAITS) - 1)]})


@app.task(name="declarations.send_notices", retry=Later())
def send_notices(notices: list[int]) -> None:
    """Sends what of these notices is also to be sent by e-mail."""
    mailing.send_notices(notices)


@app.periodic(cron="15 2 * * *")
@app.task(name="declarations.forget_old_notices", queueing_lock="declarations.forget_old_notices")
def forget_old_notices(timestamp: int) -> None:
    """Notices are kept for two years."""
    mailing.forget_old()
