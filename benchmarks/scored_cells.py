"""Scored items in the editor, against ordinary cells of the same declaration."""

from collections.abc import Callable, Iterator
from urllib.parse import urlencode

from django.urls import reverse

from benchmarks.content import Scene, client_of, filer
from benchmarks.harness import Aim, Benchmark
from benchmarks.saving import typing
from declarations.models import Declaration

ITEM, TEXT = "score/budget_execution", "text/overall_goal"
AIM_SAVING, AIM_OPENING, AIM_EDITOR = Aim.within(3), Aim.within(1.5), Aim.within(2)


def benchmarks(scene: Scene) -> Iterator[Benchmark]:
    """Huadu's self-evaluation: 21 items and 42 indicators, all scored anew with a save."""
    huadu = Declaration.objects.select_related("department").get(department__code="huadu-dpf")
    goals = ["落实各项残疾人保障政策。", "落实各项残疾人保障政策，按期完成。"]
    yield Benchmark(
        "save a self score, all scored anew",
        typing(huadu, f"{ITEM}/self_score", ["3.58", "0"]),
        "save a text of the same form",
        typing(huadu, TEXT, goals),
        AIM_SAVING,
        rounds=60,
        calls=5,
    )
    yield Benchmark(
        "open a scored item beside the table",
        _panel(huadu, f"{ITEM}/self_score"),
        "open a text of the same form",
        _panel(huadu, TEXT),
        AIM_OPENING,
        rounds=30,
        calls=3,
    )
    yield Benchmark(
        "open the editor with 63 scored items",
        _opening(huadu, "data-verdict="),
        "open one with 100 indicators, none scored",
        _opening(scene.draft, 'name="indicator/'),
        AIM_EDITOR,
        rounds=20,
        calls=3,
    )


def _panel(declaration: Declaration, anchor: str) -> Callable[[], object]:
    address = reverse("panel", args=[declaration.pk]) + "?" + urlencode({"cell": anchor})
    return _get(declaration, address, 'id="panel-cell"')


def _opening(declaration: Declaration, mark: str) -> Callable[[], object]:
    return _get(declaration, reverse("declaration", args=[declaration.pk]), mark)


def _get(declaration: Declaration, address: str, mark: str) -> Callable[[], object]:
    client = client_of(filer(declaration))

    def ask() -> None:
        answer = client.get(address)
        assert answer.status_code == 200
        assert mark.encode() in answer.content

    return ask
