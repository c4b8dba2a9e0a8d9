"""Units rated well, out of the eligible ones (SEMANTICS 6).

A rating is of a year: the fourth quarter reads its own, the others the year before. Counted are
the units there were at that year's last cut-off, rated or not, where they hung then; only the
decided level counts, and who is not eligible is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Count, F, FilteredRelation, Q, QuerySet, Value

from members.models import Calendar, Placement, Quarter
from members.models.units import REPORTING_KINDS, Kind
from targets.indicators import Indicator
from targets.measures import Figures
from targets.sources.asked import LAST_QUARTER, Asked, Counts, Wanted, below, year_read_in

COUNTED = ("eligible", "unfit", "decided", "good")


class RatingSource:
    """Four statements for the branches of superiors, one more for units that report."""

    def __init__(self, asked: Asked, indicators: Iterable[Indicator]) -> None:
        self._asked, self._counts = asked, Counts()
        self._days = _last_cut_offs({year_read_in(quarter) for quarter in asked.at})
        kinds = {indicator.of_superiors for indicator in indicators}
        if not self._days:
            return
        if False in kinds:
            owner = "unit__parent_id" if asked.is_current else "parent_id"
            self._count(Q(unit__kind__in=REPORTING_KINDS), owner)
            if asked.reporting:
                self._count(Q(unit__in=asked.reporting), "unit_id", is_own=True)
        if True in kinds:
            self._count(Q(unit__kind=Kind.UPPER), "unit_id")

    def figures(self, wanted: Wanted) -> Figures:
        year = year_read_in(wanted.quarter)
        counts = self._counts.of(wanted.unit, (wanted.indicator.of_superiors, year), wanted.sectors)
        pieces = {"year": year, "unrated": counts["eligible"] - counts["decided"]}
        pieces["unfit"] = counts["unfit"]
        if not counts["decided"]:  # nobody has decided anything yet: not known, and not 0
            return Figures(None, pieces=pieces)
        return Figures(counts["good"], counts["eligible"], pieces=pieces)

    def _count(self, which: Q, owner: str, *, is_own: bool = False) -> None:
        of_superiors = owner == "unit_id" and not is_own
        days = self._days.items()
        years = [self._of_year(year, day, which, owner, is_own=is_own) for year, day in days]
        for row in years[0].union(*years[1:], all=True):
            year = row["of_year"]
            chain = self._asked.chains.above(row["owner"], self._days[year])
            counts = {name: row[name] for name in COUNTED}
            units = (row["owner"],) if is_own else chain
            self._counts.add(units, (of_superiors, year), row["of_sector"], counts)

    def _of_year(
        self, year: int, day: date, which: Q, owner: str, *, is_own: bool
    ) -> QuerySet[Any, Any]:
        """How many units there were by owner and sector, and how they were rated."""
        sector = "unit__sector_id" if self._asked.is_current else "sector_id"
        branch = Q() if is_own else below(self._asked.superiors(day), owner)
        there = Placement.objects.at(day).filter(
            which,
            branch,
            Q(unit__founded_on=None) | Q(unit__founded_on__lte=day),
            Q(unit__ended_on=None) | Q(unit__ended_on__gt=day),
        )
        rated = FilteredRelation("unit__ratings", condition=Q(unit__ratings__year=year))
        is_unfit = Q(rated__is_eligible=False)
        return (
            there.order_by()
            .annotate(rated=rated)
            .values(of_year=Value(year), owner=F(owner), of_sector=F(sector))
            .annotate(
                eligible=Count("pk", filter=~is_unfit | Q(rated=None)),
                unfit=Count("pk", filter=is_unfit),
                decided=Count("pk", filter=Q(rated__level__isnull=False)),
                good=Count("pk", filter=Q(rated__level__is_good=True)),
            )
        )


def _last_cut_offs(years: set[int]) -> dict[int, date]:
    """The last cut-off of each year: as it was opened, or as the calendar has it."""
    calendar = Calendar.current()
    opened = Quarter.objects.filter(year__in=years, number=LAST_QUARTER)
    known = dict(opened.values_list("year", "cut_off_on"))
    return {year: known.get(year) or calendar.cut_off(year, LAST_QUARTER) for year in sorted(years)}
