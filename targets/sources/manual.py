"""What units typed by hand, added up the tree.

A flow is the sum of what was typed since the day asked; a stock is each unit's last figure up to
the cut-off, as long as the unit lives; a ratio likewise, its parts and wholes summed apart. Draft
and returned figures count nowhere, those waiting for a check in the basis that says so. Of what is
typed once a year the fourth quarter reads its own and the others the year before, like ratings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, F, When

from members.models import Basis
from members.models.totals import STATUSES_OF_BASIS
from members.models.units import SUPERIOR_KINDS
from targets.indicators import Indicator
from targets.measures import Figures, total
from targets.models import ManualFigure
from targets.sources.asked import Asked, Wanted, year_read_in
from unionplan.lib.paths import ids_on


@dataclass(frozen=True)
class _Typed:
    unit: int
    sector: str
    year: int
    cut_off_on: date
    numerator: int
    denominator: int | None
    ended_on: date | None  # the unit's


class ManualSource:
    """One statement."""

    def __init__(self, asked: Asked, indicators: Iterable[Indicator]) -> None:
        self._typed: dict[tuple[str, int], list[_Typed]] = defaultdict(list)
        if asked.at:
            until = max(quarter.cut_off_on for quarter in asked.at)
            for code, path, typed in _read(asked, {i.code for i in indicators}, until):
                for unit in {*ids_on(path), typed.unit}:
                    self._typed[code, unit].append(typed)

    def figures(self, wanted: Wanted) -> Figures:
        """Of superiors, which have no sector, whatever the sectors asked."""
        cut_off_on = wanted.quarter.cut_off_on
        typed = [
            figure
            for figure in self._typed.get((wanted.indicator.code, wanted.unit.pk), ())
            if figure.cut_off_on <= cut_off_on
            and (not figure.sector or figure.sector in wanted.sectors)
        ]
        if wanted.indicator.is_flow:
            typed = [figure for figure in typed if figure.cut_off_on >= wanted.since]
        else:
            living = (f for f in typed if f.ended_on is None or f.ended_on > cut_off_on)
            typed = list({figure.unit: figure for figure in living}.values())  # the last of each
            if wanted.indicator.is_yearly:
                year = year_read_in(wanted.quarter)
                typed = [figure for figure in typed if figure.year == year]
        return Figures(
            total(figure.numerator for figure in typed),
            total(figure.denominator for figure in typed) if wanted.indicator.is_ratio else None,
            pieces={"units": len({figure.unit for figure in typed})},
        )


def _read(asked: Asked, codes: Collection[str], until: date) -> Iterator[tuple[str, str, _Typed]]:
    """Each figure with the path up which it counts, by time."""
    inside = [status.value for status in STATUSES_OF_BASIS[Basis(asked.basis)]]
    figures = ManualFigure.objects.filter(
        indicator__code__in=codes, status__in=inside, quarter__cut_off_on__lte=until
    )
    place: tuple[Any, Any] = (F("path"), F("sector_id"))
    if asked.is_current:
        own = When(unit__kind__in=SUPERIOR_KINDS, then=F("unit__path"))
        place = (Case(own, default=F("unit__parent__path")), F("unit__sector_id"))
    rows = figures.order_by("quarter__cut_off_on", "unit_id").values_list(
        "indicator__code",
        place[0],
        "unit_id",
        place[1],
        "quarter__year",
        "quarter__cut_off_on",
        "numerator",
        "denominator",
        "unit__ended_on",
    )
    for code, path, unit, sector, *figure in rows:
        yield code, path, _Typed(unit, sector or "", *figure)
