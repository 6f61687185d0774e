"""Runs every benchmark and prints one table; the ratios are shown and not asserted."""

import argparse
import os

import django


def main() -> None:
    """Sets Django up first: the benchmarks import models."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from benchmarks.run import NAMES, run  # noqa: PLC0415

    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"only some of: {', '.join(NAMES)}")
    names = parser.parse_args().names
    if unknown := [name for name in names if name not in NAMES]:
        parser.error(f"no benchmark is called {unknown[0]}: {', '.join(NAMES)}")
    run(names)


if __name__ == "__main__":
    main()
