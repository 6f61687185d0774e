"""Saving a cell, against a view that locks the cell's row and updates it."""

from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

from django.test import Client
from django.urls import reverse

from benchmarks.content import Scene, client_of, filer
from benchmarks.harness import Aim, Benchmark
from declarations.models import Declaration
from declarations.queries.pages import editor_table
from declarations.sheets.table import version_of

AGAINST = "bare view: lock, update"
AIM = Aim.within(2)


def benchmarks(scene: Scene) -> Iterator[Benchmark]:
    """A text, and an amount on which two totals depend."""
    draft = scene.draft
    goal = "保障全区残疾人的基本生活，做好康复、教育、就业和托养服务"
    texts = [f"{goal}，惠及{n}人。" for n in (1920, 2016)]
    passage = scene.returned.passages.get(key="overall_goal")
    yield Benchmark(
        "save a text cell",
        typing(draft, "text/overall_goal", texts),
        AGAINST,
        _bare(scene.returned, reverse("bare-passage", args=[passage.pk]), texts),
        AIM,
        rounds=60,
        calls=10,
    )
    line = scene.returned.funding_lines.get(key="basic")
    yield Benchmark(
        "save an amount with its totals",
        typing(draft, "funding/basic/budget", ["512.36", "483.09"]),
        AGAINST,
        _bare(scene.returned, reverse("bare-budget", args=[line.pk]), ["5123600.00", "4830900.00"]),
        AIM,
        rounds=60,
        calls=10,
    )


def typing(declaration: Declaration, anchor: str, texts: list[str]) -> Callable[[], object]:
    """Types the texts by turns into a cell, as the editor's script does."""
    post = _poster(client_of(filer(declaration)))
    url = reverse("cells", args=[declaration.pk])
    version = version_of(editor_table(declaration).entry(anchor).value)
    next_text = cycle(texts)

    def save() -> None:
        nonlocal version
        change = {"anchor": anchor, "text": next(next_text), "version": version}
        outcome = post(url, {"changes": [change]})["outcomes"][0]
        assert outcome["status"] == "saved", outcome
        version = outcome["version"]

    return save


def _bare(declaration: Declaration, url: str, values: list[str]) -> Callable[[], object]:
    post = _poster(client_of(filer(declaration)))
    next_value = cycle(values)

    def save() -> None:
        value = next(next_value)
        assert post(url, {"value": value}) == {"value": value}

    return save


def _poster(client: Client) -> Callable[[str, Any], Any]:
    """Posts JSON with the token of a page that was opened before."""
    client.get(reverse("home"))
    token = client.cookies["csrftoken"].value

    def post(url: str, payload: Any) -> Any:
        response = client.post(
            url,
            payload,
            content_type="application/json",
            headers={"X-CSRFToken": token, "X-Requested-With": "fetch"},
        )
        assert response.status_code == 200, response.content
        return response.json()

    return post
