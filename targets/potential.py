"""What is known of units before they are given a number: workers, members, last year's result.

Figures are those of the latest quarter there is and, of last year, those of the twelve months
before the plan starts, as far as they were reported. Units are read as they hang today, for it is
today's units that will have to answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from members.models import Quarter, SectorGroup, Structure, Unit
from members.models.quarters import quarters_of_span
from targets import sources
from targets.allocation import head_room
from targets.indicators import Indicator
from targets.measures import Asked, Figures, measure
from targets.models import Plan, Target
from targets.spans import years_later


@dataclass(frozen=True)
class Potential:
    """``None`` is not known, and is not 0."""

    workers: int | None
    members: int | None
    last_result: int | None

    @property
    def head_room(self) -> int | None:
        """«Chưa vào công đoàn»."""
        return head_room(self.workers, self.members)


class Sectors:
    """Which units a target concerns; two statements."""

    def __init__(self) -> None:
        groups = SectorGroup.objects.prefetch_related("sectors")
        self._sectors = {g.code: frozenset(s.code for s in g.sectors.all()) for g in groups}

    def of(self, target: Target, indicator: Indicator) -> frozenset[str]:
        return self._sectors[target.sector_group.code] - indicator.without_sectors

    def concern(self, target: Target, indicator: Indicator, unit: Unit) -> bool:
        """A superior is concerned by every target, a unit that reports by those of its sector."""
        return unit.is_superior or unit.sector_id in self.of(target, indicator)


class Potentials:
    """Of some units for some targets of a plan: five statements, and those of other sources."""

    def __init__(
        self,
        plan: Plan,
        lines: Collection[tuple[Target, Indicator]],
        units: Sequence[Unit],
        sectors: Sectors,
    ) -> None:
        self._sectors = sectors
        self.since = years_later(plan.starts_on, -1)
        quarters = list(Quarter.objects.by_time())
        year = quarters_of_span(self.since, plan.starts_on - timedelta(days=1))
        self._latest = quarters[-1] if quarters else None
        self._last = next((quarter for quarter in reversed(year) if quarter.pk), None)
        self.result_name = _result_name(year)
        at = {quarter for quarter in (self._latest, self._last) if quarter is not None}
        self._measures = measure(
            Asked(
                units=units,
                quarters=quarters,
                at=at,
                since=self.since,
                structure=Structure.CURRENT,
            )
        )
        self._read = sources.read(
            sources.Asked(
                units=units,
                at={self._last} if self._last else set(),
                since=self.since,
                structure=Structure.CURRENT,
                parameters=frozenset(target.parameter for target, _known in lines),
            ),
            [known for _target, known in lines],
        )

    def of(self, target: Target, indicator: Indicator, unit: Unit) -> Potential:
        sectors = self._sectors.of(target, indicator)
        latest = self._measures.of(unit, sectors, self._latest, since=self.since)
        return Potential(
            workers=latest.stock("workers"),
            members=latest.stock("members"),
            last_result=self._result(target, indicator, unit, sectors).numerator,
        )

    def _result(
        self, target: Target, indicator: Indicator, unit: Unit, sectors: frozenset[str]
    ) -> Figures:
        if self._last is None:
            return Figures(None)
        if indicator.figures is not None:
            sums = self._measures.of(unit, sectors, self._last, since=self.since)
            return indicator.figures(sums)
        wanted = sources.Wanted(
            indicator,
            unit,
            sectors,
            self._last,
            since=self.since,
            parameter=target.parameter,
            is_of_all=target.sector_group.code == SectorGroup.ALL,
        )
        return self._read[indicator.read_from].figures(wanted)


def _result_name(year: Sequence[Quarter]) -> str:
    """«Kết quả 2023»; where not all of the year was reported «Kết quả 2024 (Quý I – Quý III)»."""
    if len({quarter.year for quarter in year}) != 1:
        return _("Result of the year before")
    reported = [quarter.short_name for quarter in year if quarter.pk]
    words = {"year": year[0].year}
    if len(reported) in (0, len(year)):
        return _("Result of %(year)s") % words
    quarters = " – ".join(dict.fromkeys((reported[0], reported[-1])))
    return _("Result of %(year)s (%(quarters)s)") % {**words, "quarters": quarters}


def concerned(
    units: Iterable[Unit], target: Target, indicator: Indicator, sectors: Sectors
) -> list[Unit]:
    return [unit for unit in units if sectors.concern(target, indicator, unit)]
