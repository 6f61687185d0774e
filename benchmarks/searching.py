"""Searching what is published: 100,000 declarations against 1,000, in two copies of the database.

Whole pages of the public site are opened, each word as a citizen would look for it.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import urlencode

from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.urls import reverse

from benchmarks.content import Scene
from benchmarks.database import copy_of_database, using
from benchmarks.harness import Aim, Benchmark
from benchmarks.published import COMMON, LAST_YEAR, MANY_HAVE, RARE, plant

FEW, MANY = (10, 10), (500, 20)
"""Departments of each of the ten bureaus, and years: 1,000 and 100,000 declarations."""
AIM = Aim.within(2)
PASTED = "残疾人家庭无障碍改造和辅助器具适配服务，按申请人的实际需要逐户评估后组织实施"

SEARCHES = {
    "a word in all of them": {"q": COMMON},
    "two characters in all": {"q": COMMON[:2]},
    "one character": {"q": COMMON[0]},
    "a word in a tenth": {"q": MANY_HAVE},
    "a rare word": {"q": RARE},
    "a word in none": {"q": "鸮鹮"},
    "three words": {"q": f"{COMMON} 就业 康复"},
    "a department by its name": {"q": "第3街道办事处"},
    "a word and a year": {"q": f"{COMMON} {LAST_YEAR}年"},
    "in a bureau and a year": {"q": COMMON, "bureau": "published-0", "year": str(LAST_YEAR)},
    "the last page of all": {"q": COMMON, "page": "50"},
    "the last page of a tenth": {"q": MANY_HAVE, "page": "50"},
    "a long text, pasted": {"q": PASTED},
    "signs and nothing else": {"q": "' | & ! <-> 😀"},
}


def benchmarks(scene: Scene) -> Iterator[Benchmark]:
    """One for each search; both databases are there until the last one was measured."""
    with ExitStack() as stack:
        copies = [stack.enter_context(copy_of_database(f"found_{n}")) for n in ("few", "many")]
        template = scene.draft.round.template
        planted = []
        for copy, (departments, years) in zip(copies, (FEW, MANY), strict=True):
            with using(copy):
                planted.append(plant(template, departments=departments, years=years))
        for name, query in SEARCHES.items():
            baseline, ours = (_searching(copy, query) for copy in copies)
            few, many = (found.count for found in planted)
            yield Benchmark(
                f"search {many:,}: {name}", ours, f"{few:,} declarations", baseline, AIM, rounds=15
            )


def _searching(copy: BaseDatabaseWrapper, query: dict[str, str]) -> Callable[[], object]:
    client, url = Client(SERVER_NAME="localhost"), f"{reverse('public-search')}?{urlencode(query)}"

    def open_page() -> None:
        with using(copy):
            assert client.get(url).status_code == 200

    return open_page
