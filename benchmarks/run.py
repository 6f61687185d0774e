"""All benchmarks, in the order in which they are printed."""

import os
import sys
from collections.abc import Sequence

from django.test import override_settings

from benchmarks import (
    binding,
    checking,
    exporting,
    importing,
    lists,
    opening,
    printing,
    results,
    rounds,
    saving,
    scored_cells,
    scoring,
    searching,
)
from benchmarks.content import Scene
from benchmarks.database import own_database
from benchmarks.harness import measure, table

MODULES = (
    saving,
    scored_cells,
    opening,
    printing,
    importing,
    checking,
    scoring,
    binding,
    rounds,
    lists,
    results,
    exporting,
    searching,
)
NAMES = {module.__name__.rpartition(".")[2]: module for module in MODULES}


def run(names: Sequence[str] = ()) -> None:
    """Measures in a database of its own and prints the table: all, or those of some modules.

    Raises KeyError for a name that is not in NAMES.
    """
    modules = [NAMES[name] for name in names or NAMES]
    with own_database(), override_settings(ROOT_URLCONF="benchmarks.urls"):
        scene = Scene.set_up()
        results = []
        for module in modules:
            for benchmark in module.benchmarks(scene):
                print(f"… {benchmark.name}", file=sys.stderr, flush=True)
                results.append(measure(benchmark))
    print(table(results))
    print(f"\nPython {sys.version.split()[0]}, {os.cpu_count()} CPUs")
