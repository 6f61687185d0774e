"""Opening the editor of a form with 100 indicators, against a formset of the same cells."""

from collections.abc import Callable, Iterator

from django.urls import reverse

from benchmarks.bare import COLUMNS
from benchmarks.content import INDICATORS, Scene, client_of, filer
from benchmarks.harness import Aim, Benchmark
from declarations.models import Declaration

AIM = Aim.faster(10)


def benchmarks(scene: Scene) -> Iterator[Benchmark]:
    """The whole page of ours: every other section too, progress, checks and comments."""
    for name, declaration in (
        ("open the editor of a draft", scene.draft),
        ("open the editor of a returned form", scene.returned),
    ):
        yield Benchmark(
            name,
            _opening("declaration", declaration, 'name="indicator/'),
            "inline formset of its indicators",
            _opening("bare-formset", declaration, 'name="indicators-'),
            AIM,
            rounds=20,
            calls=4,
        )


def _opening(url_name: str, declaration: Declaration, cell: str) -> Callable[[], object]:
    client = client_of(filer(declaration))
    url = reverse(url_name, args=[declaration.pk])

    def open_page() -> None:
        response = client.get(url)
        assert response.status_code == 200
        assert response.content.count(cell.encode()) >= INDICATORS * len(COLUMNS)

    return open_page
