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
        rows = superiors.order_by("valid_from").values_list("unit_id", "parent_id", "valid_from")
        self._places = list(rows)

    def paths(self, on: date) -> dict[int, str]:
        """The path of every superior unit as it hung that day: its placement then, else its
        first."""
        parents: dict[int, int | None] = {}
        for unit, parent, valid_from in self._places:
            if unit not in parents or valid_from <= max(on, EARLIEST):
                parents[unit] = parent
        paths: dict[int, str] = {}

        def path(unit: int) -> str:
            if unit not in paths:
                above = parents[unit]
                paths[unit] = (path(above) if above is not None else "") + segment(unit)
            return paths[unit]

        return {unit: path(unit) for unit in parents}


def superior_paths(on: date) -> dict[int, str]:
    return SuperiorPlaces().paths(on)
