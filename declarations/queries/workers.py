"""Whether anybody works at the queue."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateWorker

NO_SIGN_FOR = timedelta(seconds=30)
"""Workers say every ten seconds that they live."""
LONG_WAIT = timedelta(minutes=1)
"""After this one may wonder, though a worker lives: it may have much else to do."""


def a_worker_lives() -> bool:
    """Whether one has lately given a sign of life."""
    alive = ProcrastinateWorker.objects.filter(last_heartbeat__gt=timezone.now() - NO_SIGN_FOR)
    return alive.exists()
