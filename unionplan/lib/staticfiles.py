"""Static files under names that change with their content."""

from whitenoise.storage import (  # type: ignore[import-untyped]
    CompressedManifestStaticFilesStorage,
)


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Plain names until ``collectstatic`` has run, lest a server without it shows no page."""

    def stored_name(self, name: str) -> str:
        return str(super().stored_name(name)) if self.hashed_files else name
