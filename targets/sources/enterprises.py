"""Enterprises with a union, out of those where one is to be (SEMANTICS 6).

The register is read as it stands today: an enterprise's workers, whether it operates and is
eligible have no history. Its day of founding and those of its union are held against the cut-off.
Unions of enterprise sectors that no registered enterprise is linked to count as one enterprise
each, with the workers that count for them at the cut-off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, When

from members.models import Basis, Enterprise, Quarter, QuarterlyReport
from members.models.totals import STATUSES_OF_BASIS
from members.models.units import OCCUPATIONAL_SECTOR
from targets.indicators import Indicator
from targets.measures import Figures
from targets.sources.asked import Asked, Counts, Wanted, below

NOT_ENTERPRISES = ("HC", "SN1", "SN2", OCCUPATIONAL_SECTOR)


class EnterpriseSource:
    """Three statements, and two more where units that report are asked for."""

    def __init__(self, asked: Asked, indicators: Iterable[Indicator]) -> None:
        self._asked, self._counts = asked, Counts()
        self._quarters = sorted(asked.at, key=lambda quarter: quarter.cut_off_on)
        self._own = set(asked.reporting)
        self._sizes = sorted(asked.parameters or {None}, key=lambda size: size or 0)
        if self._quarters:
            branch = asked.superiors(*(quarter.cut_off_on for quarter in self._quarters))
            within = Enterprise.objects.filter(below(branch, "responsible_unit"))
            self._count_register(within, "responsible_unit_id")
            reports = QuarterlyReport.objects.filter(below(branch, self._superior))
            self._count_unlinked(reports, owner=self._superior)
            if self._own:
                self._count_register(Enterprise.objects.filter(unit__in=self._own), "unit_id")
                reports = QuarterlyReport.objects.filter(unit__in=self._own)
                self._count_unlinked(reports, owner="unit_id")

    def figures(self, wanted: Wanted) -> Figures:
        counts = self._counts.of(wanted.unit, (wanted.quarter.pk, wanted.parameter), wanted.sectors)
        if not counts["all"]:
            return Figures(None)
        return Figures(counts["with"], counts["all"], pieces=dict(counts))

    def _count_register(self, enterprises: QuerySet[Enterprise], owner: str) -> None:
        """Each enterprise belongs to its responsible union, as one row of it does to its union."""
        columns: dict[str, Count] = {}
        for quarter, size in self._columns():
            on = quarter.cut_off_on
            counted = Q(founded_on=None) | Q(founded_on__lte=on)
            if size is not None:
                counted &= Q(workers__gte=size)
            name = f"{quarter.pk}_{size}"
            columns[f"all_{name}"] = Count("pk", filter=counted)
            columns[f"with_{name}"] = Count("pk", filter=counted & _has_union(on))
        there = enterprises.confirmed().filter(is_operating=True, is_eligible=True)  # type: ignore[attr-defined]
        rows = there.order_by().values(of_sector=F("sector_id"), owner=F(owner)).annotate(**columns)
        for row in rows:
            for quarter, size in self._columns():
                self._add(row, quarter, size, f"{quarter.pk}_{size}")

    def _count_unlinked(self, reports: QuerySet[QuarterlyReport], *, owner: str) -> None:
        inside = [status.value for status in STATUSES_OF_BASIS[Basis(self._asked.basis)]]
        workers = Case(When(status__in=inside, then=F("workers")), default=F("carried_workers"))
        sector = "unit__sector_id" if self._asked.is_current else "sector_id"
        linked = Exists(Enterprise.objects.filter(unit=OuterRef("unit")))
        reports = reports.filter(~linked, quarter__in=self._quarters)
        reports = reports.exclude(**{f"{sector.removesuffix('_id')}__in": NOT_ENTERPRISES})
        living = Q(unit__ended_on=None) | Q(unit__ended_on__gt=F("quarter__cut_off_on"))
        columns = {
            f"all_{size}": Count(
                "pk", filter=living if size is None else living & Q(counted_workers__gte=size)
            )
            for size in self._sizes
        }
        rows = (
            reports.order_by()
            .annotate(counted_workers=workers)
            .values("quarter_id", of_sector=F(sector), owner=F(owner))
            .annotate(**columns)
        )
        quarters = {quarter.pk: quarter for quarter in self._quarters}
        for row in rows:
            for size in self._sizes:
                self._add(row, quarters[row["quarter_id"]], size, f"{size}", with_union=True)

    def _add(
        self,
        row: Mapping[str, Any],
        quarter: Quarter,
        size: int | None,
        name: str,
        *,
        with_union: bool = False,
    ) -> None:
        found = row[f"all_{name}"]
        if not found:
            return
        counts = {"all": found, "with": found if with_union else row[f"with_{name}"]}
        if with_union:
            counts["unlinked"] = found
        owner = row["owner"]
        is_own = owner in self._own
        units = (owner,) if is_own else self._asked.chains.above(owner, quarter.cut_off_on)
        self._counts.add(units, (quarter.pk, size), row["of_sector"], counts)

    @property
    def _superior(self) -> str:
        return "unit__parent_id" if self._asked.is_current else "parent_id"

    def _columns(self) -> list[tuple[Quarter, int | None]]:
        return [(quarter, size) for quarter in self._quarters for size in self._sizes]


def _has_union(on: date) -> Q:
    """A union that lived at the cut-off."""
    founded = Q(unit__founded_on=None) | Q(unit__founded_on__lte=on)
    return Q(unit__isnull=False) & founded & (Q(unit__ended_on=None) | Q(unit__ended_on__gt=on))
