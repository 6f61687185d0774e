"""Loads the demo, as different people, through the same functions that the pages call."""

from django.db import transaction
from django.utils import timezone

from declarations.management.demo import caidian, huadu, liwan, panyu
from declarations.management.demo.accounts import CAIDIAN, DISTRICTS, HUADU, LIWAN, PANYU
from declarations.management.demo.stage import Stage
from declarations.models import Bureau

STORIES = (
    (PANYU, panyu.tell),
    (CAIDIAN, caidian.tell),
    (LIWAN, liwan.tell),
    (HUADU, huadu.tell),
)
"""Each district with what happens there."""


def load_demo() -> bool:
    """Loads the demo in one transaction; whether it did: a demo that is there is left alone."""
    if Bureau.objects.filter(code__in=[d.code for d in DISTRICTS]).exists():
        return False
    with transaction.atomic():
        for district, tell in STORIES:
            tell(Stage.of(district, timezone.now()))
    return True
