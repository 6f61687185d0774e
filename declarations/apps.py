"""The application: declarations of departments, their review and publication."""

from django.apps import AppConfig


class DeclarationsConfig(AppConfig):
    name = "declarations"
    verbose_name = "绩效申报"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from declarations import system_checks  # noqa: F401, PLC0415  (registers itself)
        from declarations.views import login_events  # noqa: F401, PLC0415  (listens to logins)
