"""Whether this server lives, whether it can answer, and what it has counted."""

import os
import shutil
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from secrets import compare_digest

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import FileSystemStorage, default_storage
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from declarations.queries import health

OF_WEB = {"database", "migrations", "storage"}
"""Without these no page can be answered. Without workers pages are, only nothing else is done: so
a load balancer must not take the servers away for it, but whoever watches must hear of it."""


@login_not_required
@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers. It asks nothing of anybody, the database neither."""
    return JsonResponse({"ok": True})


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """503 where pages cannot be answered; with ``?queue``, also where the queue's work is not done."""
    parts = health.parts()
    asked = parts.keys() if "queue" in request.GET else OF_WEB
    ok = all(parts[name].ok for name in asked)
    told = {name: {"ok": part.ok, **part.figures} for name, part in parts.items()}
    status = HTTPStatus.OK if ok else HTTPStatus.SERVICE_UNAVAILABLE
    return JsonResponse({"ok": ok, "parts": told}, status=status)


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus, which must know the token; without one set there is no such page."""
    if not settings.METRICS_TOKEN:
        raise Http404
    told = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not compare_digest(told.encode(), settings.METRICS_TOKEN.encode()):
        return HttpResponse(status=HTTPStatus.UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"})
    content = generate_latest(_counted_here()) + generate_latest(_Now())
    return HttpResponse(content, content_type=CONTENT_TYPE_LATEST)


def _counted_here() -> CollectorRegistry:
    """What all processes of this server have counted, where gunicorn gave them a folder for it."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


class _Now(Collector):
    """What is counted when it is asked for. Every server counts the same: it is one database."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        families: dict[str, GaugeMetricFamily] = {}
        for m in health.measures(timezone.now()):
            if m.name not in families:
                families[m.name] = GaugeMetricFamily(
                    f"jixiao_{m.name}", m.help, labels=list(m.labels)
                )
            families[m.name].add_metric(list(m.labels.values()), m.value)
        yield from families.values()
        if isinstance(default_storage, FileSystemStorage):
            free = shutil.disk_usage(default_storage.location).free
            yield GaugeMetricFamily("jixiao_storage_free_bytes", "Room for files.", value=free)
        if (last := _last_backup()) is not None:
            help_ = "When the latest backup was finished, seconds since 1970."
            yield GaugeMetricFamily("jixiao_last_backup_timestamp_seconds", help_, value=last)


def _last_backup() -> float | None:
    """None where there is none, or where backups are kept on another host."""
    if not settings.BACKUPS:
        return None
    finished = [path.stat().st_mtime for path in Path(settings.BACKUPS).glob("*/SHA256SUMS")]
    return max(finished, default=None)
