"""Where published files and batches are kept: a folder, or an S3-compatible object storage.

JIXIAO_STORAGE is a folder's absolute path, or ``s3://bucket/prefix?endpoint=https://…&region=…``
(the prefix, the endpoint and the region may be left out). Nothing in it is served by itself:
files are reached through views only.
"""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ImproperlyConfigured

_PARAMETERS = {"endpoint", "region", "addressing"}


def storage(place: str, *, folder: Path, key: str = "", secret: str = "") -> dict[str, Any]:
    """Django's ``STORAGES["default"]`` for what JIXIAO_STORAGE says; the folder where it is empty.

    Raises ImproperlyConfigured where it makes no sense.
    """
    if place.startswith("s3://"):
        return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": _bucket(place, key, secret)}
    if "://" in place or (place and not Path(place).is_absolute()):
        raise ImproperlyConfigured(
            f"JIXIAO_STORAGE must be a folder's absolute path or s3://bucket…, not {place!r}"
        )
    return {
        "BACKEND": "config.storage.WholeFiles",
        "OPTIONS": {
            "location": place or str(folder),
            "file_permissions_mode": 0o640,
            "directory_permissions_mode": 0o750,
        },
    }


def _bucket(place: str, key: str, secret: str) -> dict[str, Any]:
    """Options of django-storages. Without a key boto3 looks for credentials in its own places."""
    url = urlsplit(place)
    said = {name: values[-1] for name, values in parse_qs(url.query).items()}
    if unknown := sorted(said.keys() - _PARAMETERS):
        raise ImproperlyConfigured(f"JIXIAO_STORAGE: there is no parameter {', '.join(unknown)}")
    if not url.netloc:
        raise ImproperlyConfigured("JIXIAO_STORAGE names no bucket")
    from botocore.config import Config  # noqa: PLC0415  (a folder does without it)

    return {
        "bucket_name": url.netloc,
        "location": url.path.strip("/"),
        "endpoint_url": said.get("endpoint") or None,
        "region_name": said.get("region") or None,
        "access_key": key or None,
        "secret_key": secret or None,
        "client_config": Config(
            signature_version="s3v4",
            s3={"addressing_style": said.get("addressing") or "path"},
            connect_timeout=5,  # seconds; left to itself, a page would wait for minutes
            read_timeout=30,
            retries={"mode": "standard", "total_max_attempts": 3},
        ),
        "default_acl": None,  # the bucket's own: private
        "file_overwrite": False,
    }
