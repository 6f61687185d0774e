"""Accounts: links for new passwords, and sessions that are over."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from declarations.domain.accounts import send_link
from declarations.domain.sessions import clear_out


@app.task(
    name="declarations.send_password_link", retry=RetryStrategy(max_attempts=3, linear_wait=10)
)
def send_password_link(user_id: int) -> None:
    """Sends a person the link by which they set a new password."""
    send_link(user_id)


@app.periodic(cron="*/10 * * * *")
@app.task(name="declarations.clear_sessions", queueing_lock="declarations.clear_sessions")
def clear_sessions(timestamp: int) -> None:
    """Deletes sessions that nobody can use any longer."""
    clear_out()
