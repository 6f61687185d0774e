"""The queue: work handed over is done, once, also when a worker is killed on the way."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from declarations.domain.queueing import enqueue
from declarations.domain.rounds import AT_ONCE, open_round
from declarations.models import Declaration, Department, Notice, Round
from tests import factories
from tests.working import eventually, half_a_minute_passes, jobs, start_worker, work

pytestmark = pytest.mark.django_db(transaction=True)
START = "declarations.start_round"


def prepared(count: int) -> Round:
    """A round that many departments wait for."""
    bureau = factories.BureauFactory.create()
    departments = factories.DepartmentFactory.create_batch(count, bureau=bureau)
    now = timezone.now()
    return open_round(
        None,
        template=factories.template_for(bureau, factories.PANYU_FORM.read_bytes()),
        year=2023,
        opens_at=now,
        deadline=now + timedelta(days=10),
        correction_deadline=now + timedelta(days=20),
        departments=departments,
        in_queue=True,
    )


def have_started(round_: Round) -> int:
    return round_.declarations.count()


@pytest.mark.usefixtures("queue")
def test_what_is_handed_over_is_done(monkeypatch) -> None:
    round_ = prepared(3)
    work(monkeypatch)
    assert have_started(round_) == 3
    assert jobs(task_name=START) == ["succeeded"]


@pytest.mark.usefixtures("queue")
def test_what_is_rolled_back_is_never_handed_over() -> None:
    with transaction.atomic():
        enqueue(START, round_id=1)
        transaction.set_rollback(True)
    assert jobs(task_name=START) == []


@pytest.mark.usefixtures("queue")
def test_asking_twice_is_asking_once() -> None:
    for number in (1, 1, 2):
        enqueue(START, once=f"round/{number}", round_id=number)
    assert jobs(task_name=START) == ["todo", "todo"]


@pytest.mark.usefixtures("queue")
def test_a_killed_workers_job_is_done_by_another(monkeypatch) -> None:
    """The first worker has done a part, is held up in the next, and is killed there."""
    round_ = prepared(AT_ONCE + 5)
    last = Department.objects.filter(bureau=round_.bureau).latest("pk")
    with transaction.atomic():
        Declaration.objects.create(round=round_, department=last)
        worker = start_worker()
        try:
            eventually(lambda: have_started(round_) == AT_ONCE + 1 and somebody_waits_for_us())
        finally:
            worker.kill()
            worker.wait()
        transaction.set_rollback(True)
    assert have_started(round_) == AT_ONCE
    assert jobs(task_name=START) == ["doing"]
    half_a_minute_passes()
    enqueue("declarations.retry_stalled", timestamp=0)
    work(monkeypatch)
    assert have_started(round_) == AT_ONCE + 5
    assert jobs(task_name=START) == ["succeeded"]


@pytest.mark.usefixtures("queue")
def test_what_was_asked_for_again_meanwhile_is_not_put_back_beside_it(monkeypatch) -> None:
    task = "declarations.forget_old_jobs"
    enqueue(task, once="forget", timestamp=0)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")  # by nobody who lives
    enqueue("declarations.retry_stalled", timestamp=0)
    enqueue(task, once="forget", timestamp=0)
    work(monkeypatch)
    assert jobs(task_name=task) == ["aborted", "succeeded"]


@pytest.mark.usefixtures("queue")
def test_what_is_due_every_hour_is_found_and_sent(monkeypatch) -> None:
    """The real task, on a round whose department is to be reminded today."""
    names = {name for name, _ in app.periodic_registry.periodic_tasks}
    assert {"declarations.remind_due", "declarations.retry_stalled"} <= names
    filer = factories.filer_of(factories.DepartmentFactory.create())
    declaration = factories.declaration_for(filer.department)
    factories.reschedule(declaration, opens_at=-30, deadline=2, correction_deadline=2)
    Round.objects.update(remind_before=[4])  # two days ago, so that the hour does not matter
    Notice.objects.all().delete()
    enqueue("declarations.remind_due", timestamp=0)
    work(monkeypatch)
    assert Notice.objects.get().recipient == filer


def somebody_waits_for_us() -> bool:
    """For a lock that our transaction holds: any other may be another test's, or pass by itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity"
            " WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])
