"""Where figures that no quarterly report states come from: units, enterprises, ratings,
officers and courses, and what is typed by hand. Each source reads in bulk, in a fixed number of
statements, what the lines of a plan ask of it, and then answers for one unit at one cut-off without
asking the database again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from targets.indicators import Indicator, ReadFrom
from targets.measures import Figures
from targets.sources.asked import Asked, Wanted
from targets.sources.enterprises import EnterpriseSource
from targets.sources.manual import ManualSource
from targets.sources.ratings import RatingSource
from targets.sources.training import TrainingSource
from targets.sources.units import UnitSource


class Reading(Protocol):
    def __init__(self, asked: Asked, indicators: Iterable[Indicator]) -> None: ...

    def figures(self, wanted: Wanted) -> Figures: ...


SOURCES: Mapping[ReadFrom, type[Reading]] = {
    ReadFrom.UNITS: UnitSource,
    ReadFrom.ENTERPRISES: EnterpriseSource,
    ReadFrom.RATINGS: RatingSource,
    ReadFrom.TRAINING: TrainingSource,
    ReadFrom.MANUAL: ManualSource,
}


def read(asked: Asked, indicators: Iterable[Indicator]) -> dict[ReadFrom, Reading]:
    """The sources that these indicators need, read."""
    wanted: dict[ReadFrom, list[Indicator]] = {}
    for indicator in indicators:
        if not indicator.is_read_from_reports:
            wanted.setdefault(indicator.read_from, []).append(indicator)
    return {name: SOURCES[name](asked, known) for name, known in wanted.items()}


__all__ = ["Asked", "Reading", "TrainingSource", "Wanted", "read"]
