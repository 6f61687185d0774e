"""Saving a cell, against a view that locks one row and updates it."""

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
    goal = "保障全区残疾人的基本生活，做好康复、教育、就业和托养服务"
    texts = [f"{goal}，惠及{n}人。" for n in (1920, 2016)]
    amounts = ["512.36", "483.09"]
    for name, anchor, values in (
        ("save a text cell", "text/overall_goal", texts),
        ("save an amount with its totals", "funding/basic/budget", amounts),
    ):
        yield Benchmark(
            name,
            _ours(scene.draft, anchor, values),
            AGAINST,
            _bare(scene.draft, texts),
            AIM,
            rounds=400,
        )


def _ours(declaration: Declaration, anchor: str, texts: list[str]) -> Callable[[], object]:
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
        assert outcome["version"] != version, "nothing was written"
        version = outcome["version"]

    return save


def _bare(declaration: Declaration, texts: list[str]) -> Callable[[], object]:
    post = _poster(client_of(filer(declaration)))
    url = reverse("bare-save", args=[declaration.department_id])
    next_text = cycle(texts)

    def save() -> None:
        text = next(next_text)
        assert post(url, {"text": text}) == {"text": text}

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
