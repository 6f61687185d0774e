"""Every list and home page with 10,000 declarations in the database, against the same with 100.

Two copies of the database, measured in turns: what a page takes with many must hardly be more
than with few.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from math import prod

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.urls import reverse

from benchmarks.content import Scene, client_of
from benchmarks.database import copy_of_database, using
from benchmarks.harness import Aim, Benchmark
from benchmarks.many import Many, plant
from declarations.models import Declaration, Role

FEW, MANY = (2, 50), (10, 1_000)
"""Rounds with declarations, and departments in each. Few as they are, they fill the first page
of a list: pages of one length are compared."""
AIM = Aim.within(1.5)

PAGES = (
    *(("home", role, "") for role in Role),
    ("declarations", Role.REVIEWER, ""),
    ("declarations", Role.REVIEWER, "?sort=-closing"),
    ("declarations", Role.REVIEWER, "?sort=handed_in"),
    ("declarations", Role.REVIEWER, "?state=submitted&sort=department"),
    ("declarations", Role.SYSTEM, "?department=街道 办事"),
    ("declarations", Role.PUBLISHER, "?year=2024"),
    ("declarations", Role.FILER, ""),
    ("round", Role.SYSTEM, ""),
    ("round", Role.REVIEWER, "?state=submitted&sort=reviewer"),
    ("rounds", Role.SYSTEM, ""),
    ("review", Role.REVIEWER, ""),
    ("review", Role.REVIEWER, "?tab=overdue"),
    ("review", Role.HEAD, ""),
    ("comment-index", Role.REVIEWER, ""),
    ("comment-index", Role.FILER, ""),
    ("notices", Role.FILER, ""),
    ("outbox", Role.SYSTEM, ""),
    ("record", Role.AUDITOR, ""),
    ("departments", Role.SYSTEM, ""),
    ("people", Role.SYSTEM, ""),
    ("security-accounts", Role.SECURITY, ""),
)
"""Name of the address, who opens it, and what is asked for."""


def benchmarks(scene: Scene) -> Iterator[Benchmark]:
    """One for each page; both databases are there until the last one was measured."""
    with ExitStack() as stack:
        copies = [stack.enter_context(copy_of_database(name)) for name in ("few", "many")]
        planted = []
        for copy, size in zip(copies, (FEW, MANY), strict=True):
            with using(copy):
                planted.append(_plant(scene, *size))
        for name, role, asked in PAGES:
            baseline, ours = (
                _opening(copy, many, name, role, asked)
                for copy, many in zip(copies, planted, strict=True)
            )
            yield Benchmark(
                f"{name}{asked}, {role.value}",
                ours,
                f"{prod(FEW)} declarations",
                baseline,
                AIM,
                rounds=20,
            )


def _plant(scene: Scene, rounds: int, departments: int) -> Many:
    many = plant(
        scene.returned.round.template,
        approved_content(scene),
        rounds=rounds,
        departments=departments,
        empty=MANY[0] - rounds,
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as autovacuum would have by the time of such numbers
    return many


def approved_content(scene: Scene) -> dict[str, object]:
    """What the same department had approved on this form the year before: of an ordinary length."""
    now = scene.returned
    approved = Declaration.objects.exclude(approved=None).select_related("approved")
    before = approved.get(department=now.department, round__template=now.round.template)
    assert before.approved is not None
    return dict(before.approved.content)


def _opening(
    copy: BaseDatabaseWrapper, many: Many, name: str, role: Role, asked: str
) -> Callable[[], object]:
    with using(copy):
        client = client_of(get_user_model().objects.get(pk=many.people[role].pk))
    arguments = [many.latest.pk] if name == "round" else []
    url = reverse(name, args=arguments) + asked

    def open_page() -> None:
        with using(copy):
            assert client.get(url).status_code == 200

    return open_page
