"""Static files with hashed names, imports between JavaScript modules included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Whitenoise's storage with module imports rewritten to the hashed names."""

    support_js_module_import_aggregation = True
