"""Where superior units hung on a day of the past."""

from __future__ import annotations

from datetime import date

from members.models import Placement, Unit
from members.models.units import EARLIEST
from unionplan.lib.paths import segment


class SuperiorPlaces:
    """The places of every superior unit over time, read in one statement."""

    def __init__(self) -> None:
        superiors = Placement.objects.filter(unit__in=Unit.objects.superiors())
        self._places = list(superiors.order_by("valid_from"))

    def paths(self, on: date) -> dict[int, str]:
        """The path of every superior unit as it hung that day: its placement then, else its
        first."""
        places: dict[int, Placement] = {}
        for place in self._places:
            if place.unit_id not in places or place.valid_from <= max(on, EARLIEST):
                places[place.unit_id] = place
        paths: dict[int, str] = {}

        def path(unit: int) -> str:
            if unit not in paths:
                above = places[unit].parent_id
                paths[unit] = (path(above) if above is not None else "") + segment(unit)
            return paths[unit]

        return {unit: path(unit) for unit in places}


def superior_paths(on: date) -> dict[int, str]:
    return SuperiorPlaces().paths(on)
