"""What the queue runs: each task parses its arguments and calls one domain function.

The queue is procrastinate's, in our own PostgreSQL; any number of workers on any number of
hosts take jobs from it (``manage.py procrastinate worker``). A task can be run again after
its worker was killed, so each does its work once however often it is called.
"""

from declarations.tasks import accounts, batches, mail, reminders, rounds, upkeep

__all__ = ["accounts", "batches", "mail", "reminders", "rounds", "upkeep"]
