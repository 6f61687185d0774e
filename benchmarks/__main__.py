"""Runs every benchmark and prints one table; the ratios are shown and not asserted."""

import os

import django


def main() -> None:
    """Sets Django up first: the benchmarks import models."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from benchmarks.run import run  # noqa: PLC0415

    run()


if __name__ == "__main__":
    main()
