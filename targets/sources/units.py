"""Grassroots and occupational unions founded and ended, by the days in the list of units.

A day counts in the quarter in whose time it lies, at the place the union had at that quarter's
cut-off, or if it ended before in its last place (SEMANTICS 1 and 3).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q

from members.models import Placement
from members.models.quarters import quarters_of_span
from members.models.units import REPORTING_KINDS
from targets.indicators import Indicator
from targets.measures import Figures
from targets.sources.asked import Asked, Wanted


@dataclass(frozen=True)
class _Event:
    day: date
    sector: str
    name: str  # «founded», «ended»


@dataclass(frozen=True)
class _Place:
    parent: int
    sector: str
    valid_from: date


class UnitSource:
    """Three statements."""

    def __init__(self, asked: Asked, indicators: Iterable[Indicator]) -> None:
        self._events: dict[int, list[_Event]] = defaultdict(list)
        self._asked = asked
        if not asked.at:
            return
        until = max(quarter.cut_off_on for quarter in asked.at)
        self._cut_offs = [q.cut_off_on for q in quarters_of_span(asked.since, until)]
        reporting = set(asked.reporting)
        for unit, name, day, place in self._happened(until):
            event = _Event(day, place.sector, name)
            for above in asked.chains.above(place.parent, self._counted_on(day)):
                self._events[above].append(event)
            if unit in reporting:
                self._events[unit].append(event)

    def figures(self, wanted: Wanted) -> Figures:
        """Nothing founded is 0, for the list of units is known; before the plan nothing is."""
        since, until = wanted.since, wanted.quarter.cut_off_on
        if until < since:
            return Figures(None)
        pieces = {"founded": 0, "ended": 0}
        for event in self._events.get(wanted.unit.pk, ()):
            if since <= event.day <= until and event.sector in wanted.sectors:
                pieces[event.name] += 1
        net = pieces["founded"] - pieces["ended"]
        counted = net if wanted.indicator.code == "units-net" else pieces["founded"]
        return Figures(counted, pieces=pieces)

    def _happened(self, until: date) -> Iterator[tuple[int, str, date, _Place]]:
        since = self._asked.since
        for unit, founded_on, ended_on, places in self._units(until):
            for name, day in (("founded", founded_on), ("ended", ended_on)):
                if day is not None and since <= day <= until:
                    yield unit, name, day, self._at(places, self._counted_on(day))

    def _units(self, until: date) -> Iterator[tuple[int, date | None, date | None, list[_Place]]]:
        span = (self._asked.since, until)
        happened = Q(unit__founded_on__range=span) | Q(unit__ended_on__range=span)
        branch = self._asked.superiors(*self._cut_offs, until)
        if branch is not None:
            ever = Placement.objects.filter(parent__in=branch).values("unit")
            happened &= Q(unit__in=ever) | Q(unit__in=self._asked.reporting)
        places = Placement.objects.filter(happened, unit__kind__in=REPORTING_KINDS)
        parent, sector = (
            ("unit__parent_id", "unit__sector_id")
            if self._asked.is_current
            else ("parent_id", "sector_id")
        )
        rows = places.order_by("unit_id", "valid_from").values_list(
            "unit_id", "unit__founded_on", "unit__ended_on", F(parent), F(sector), "valid_from"
        )
        found: dict[int, tuple[date | None, date | None, list[_Place]]] = {}
        for unit, founded_on, ended_on, *place in rows:
            found.setdefault(unit, (founded_on, ended_on, []))[2].append(_Place(*place))
        for unit, facts in found.items():
            yield unit, *facts

    def _counted_on(self, day: date) -> date:
        """The cut-off of the quarter in which the day lies."""
        at = bisect_left(self._cut_offs, day)
        return self._cut_offs[at] if at < len(self._cut_offs) else day

    @staticmethod
    def _at(places: list[_Place], on: date) -> _Place:
        """The place that holds on that day, or the last one before."""
        held = [place for place in places if place.valid_from <= on]
        return held[-1] if held else places[0]
