"""Django's own applications, where this project sets them up otherwise."""

from django.contrib.staticfiles.apps import StaticFilesConfig

_LEFT_OUT = [*StaticFilesConfig.ignore_patterns, "ext"]


class StaticFiles(StaticFilesConfig):
    """Leaves out htmx's extensions: none is used, and one names a module that is not there, at
    which `ModuleStaticFilesStorage` stops."""

    ignore_patterns = _LEFT_OUT
