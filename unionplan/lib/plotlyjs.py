"""Serves the chart library out of the installed plotly package, and nothing else of it."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

NAME = "plotly.min.js"


class PlotlyFinder(BaseFinder):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        spec = find_spec("plotly")  # no import: the package takes 30 ms and 30 MB
        if spec is None or spec.origin is None:
            raise ImportError("plotly is not installed")
        self.storage = FileSystemStorage(Path(spec.origin).parent / "package_data")

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path != NAME:
            return []  # as Django's finders say it: None would be taken for a match
        return [self.storage.path(NAME)] if find_all else self.storage.path(NAME)

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        yield NAME, self.storage
