"""Reminding on time."""

from procrastinate.contrib.django import app

from declarations.domain.reminding import remind_due as send_what_is_due


@app.periodic(cron="5 * * * *")
@app.task(name="declarations.remind_due", queueing_lock="declarations.remind_due")
def remind_due(timestamp: int) -> None:
    """Every hour; what an hour missed is found by the next."""
    send_what_is_due()
