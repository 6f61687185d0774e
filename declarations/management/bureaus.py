"""The bureau that a command line names."""

from django.core.management import CommandError

from declarations.models import Bureau


def bureau_by_code(code: str) -> Bureau:
    """Raises CommandError with the codes that there are."""
    try:
        return Bureau.objects.get(code=code)
    except Bureau.DoesNotExist:
        known = "、".join(Bureau.objects.order_by("code").values_list("code", flat=True))
        raise CommandError(f"没有编码为“{code}”的财政局，现有：{known or '无'}") from None
