"""Figures that do not come from quarterly reports: units founded and ended, enterprises, ratings,
and what units type by hand.

A source is read once for all the units asked, in a fixed number of statements a cut-off, and
rolled up the tree: what is counted at a unit counts for every superior above it. Where rows may be
many, the database groups them by direct superior, so cost follows the superiors and not the units.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, Protocol

from django.db.models import Case, Count, F, Q, When

from members.models import (
    Basis,
    Enterprise,
    Kind,
    Placement,
    Quarter,
    QuarterlyReport,
    Rating,
    Structure,
    Unit,
)
from members.models.totals import STATUSES_OF_BASIS
from members.models.units import REPORTING_KINDS
from members.periods import superior_paths
from targets.measures import Asked, Figures
from targets.models import ManualFigure, ManualStatus
from unionplan.lib.paths import ids_on

Chain = Sequence[int]  # ids from the root down to the unit itself

# Employers that are enterprises (DOMAIN 2.1): agencies, public-service units and unions of an
# occupation have none to cover.
ENTERPRISE_SECTORS = frozenset({"NN", "SN3", "NNN", "FDI", "HTX", "KH"})
DEFAULT_SIZE = 25  # workers, where a plan names no size of its own (20, 25 or 30; DOMAIN 8)


class Wanted(NamedTuple):
    """What one line wants of a source."""

    indicator: str
    parameter: int | None = None


class Source(Protocol):
    def __init__(self, asked: Asked, wanted: Collection[Wanted]) -> None: ...

    def figures(
        self, wanted: Wanted, unit: Unit, sectors: Collection[str], quarter: Quarter, since: date
    ) -> Figures:
        """The line's figures at the cut-off of a quarter; flows since a day."""
        ...


class Tree:
    """Where units hang in the structure asked: today, or at the cut-off of a quarter."""

    def __init__(self, structure: str) -> None:
        self.is_current = structure == Structure.CURRENT
        self._superiors: dict[int, Mapping[int, str]] = {}

    def superiors(self, quarter: Quarter) -> Mapping[int, str]:
        """The path of every superior unit, by its id."""
        key = 0 if self.is_current else quarter.pk
        if key not in self._superiors:
            self._superiors[key] = (
                dict(Unit.objects.superiors().values_list("pk", "path"))
                if self.is_current
                else superior_paths(quarter.cut_off_on)
            )
        return self._superiors[key]

    def down_to(self, superior: int | None, quarter: Quarter) -> Chain:
        """A superior and all above it."""
        return ids_on(self.superiors(quarter).get(superior or 0, ""))


class Tally:
    """Numbers by unit, key and sector, for the units asked and rolled up to them."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._asked = {unit.pk for unit in units}
        self._sums: dict[tuple[int, Any], dict[str, int]] = {}

    def add(self, chain: Chain, key: Any, sector: str | None, number: int = 1) -> None:
        for pk in chain:
            if pk in self._asked:
                sums = self._sums.setdefault((pk, key), defaultdict(int))
                sums[sector or ""] += number

    def of(self, unit: Unit, key: Any, sectors: Collection[str] | None = None) -> int | None:
        """The sum over some sectors, or over all; ``None`` where nothing was added."""
        sums = self._sums.get((unit.pk, key))
        if sums is None:
            return None
        return sum(n for sector, n in sums.items() if sectors is None or sector in sectors)


# --- units founded and ended ---------------------------------------------------------------------


class UnitsSource:
    """``units-founded`` by day of founding, ``units-net`` less those that ended, by effective day
    (SEMANTICS section 3). A unit counts at the place it had at the next cut-off."""

    def __init__(self, asked: Asked, wanted: Collection[Wanted]) -> None:
        self._asked, self._tree = asked, Tree(asked.structure)
        self._days: dict[int, list[tuple[date, str, int]]] = defaultdict(list)
        units = {unit.pk for unit in asked.units}
        for day, sector, chain, number in self._changes():
            for pk in units.intersection(chain):
                self._days[pk].append((day, sector, number))

    def figures(
        self, wanted: Wanted, unit: Unit, sectors: Collection[str], quarter: Quarter, since: date
    ) -> Figures:
        numbers = [
            number
            for day, sector, number in self._days[unit.pk]
            if since <= day <= quarter.cut_off_on and sector in sectors
        ]
        if wanted.indicator == "units-founded":
            numbers = [number for number in numbers if number > 0]
        return Figures(sum(numbers))

    def _changes(self) -> Iterator[tuple[date, str, Chain, int]]:
        """+1 for every unit founded, −1 for every one that ended, with its day and place."""
        quarters = sorted(self._asked.quarters, key=lambda quarter: quarter.cut_off_on)
        rows = list(self._rows())
        places = self._places([unit.pk for unit in rows])
        for unit in rows:
            for day, number in ((unit.founded_on, 1), (unit.ended_on, -1)):
                quarter = next((q for q in quarters if day and q.cut_off_on >= day), None)
                if day is not None and day >= self._asked.since and quarter is not None:
                    sector, chain = self._place(unit, places[unit.pk], quarter)
                    yield day, sector, chain, number

    def _rows(self) -> Iterator[Unit]:
        since = self._asked.since
        recent = Q(founded_on__gte=since) | Q(ended_on__gte=since)
        # Whoever moved or ended may have counted elsewhere; of the rest today's branch decides.
        near = Q(pk__in=Placement.objects.filter(valid_to__isnull=False).values("unit"))
        for unit in self._asked.units:
            near |= Q(path__subtree=unit.path)
        return Unit.objects.reporting().filter(recent, near).iterator()

    def _places(self, units: Collection[int]) -> Mapping[int, list[Placement]]:
        dated: dict[int, list[Placement]] = defaultdict(list)
        if not self._tree.is_current:
            for place in Placement.objects.filter(unit__in=units).order_by("valid_from"):
                dated[place.unit_id].append(place)
        return dated

    def _place(self, unit: Unit, dated: Sequence[Placement], quarter: Quarter) -> tuple[str, Chain]:
        if not dated:
            return unit.sector_id or "", ids_on(unit.path)
        held = [place for place in dated if place.valid_from <= quarter.cut_off_on]
        last = held[-1] if held else dated[0]
        chain = [*self._tree.down_to(last.parent_id, quarter), unit.pk]
        return last.sector_id or "", chain


# --- enterprises ---------------------------------------------------------------------------------


class EnterprisesSource:
    """``enterprise-coverage`` counts enterprises (SEMANTICS section 6).

    Out of: eligible, operating enterprises of the size or larger, and living units of enterprise
    sectors of the size that no enterprise in the register is linked to (each is one, with a union).
    Of these: those with a living union. Unions and enterprises count by their days; what the
    register says of an enterprise is what it says today.
    """

    def __init__(self, asked: Asked, wanted: Collection[Wanted]) -> None:
        self._asked, self._tree = asked, Tree(asked.structure)
        self._whole, self._part = Tally(asked.units), Tally(asked.units)
        for quarter in asked.at:
            for size in {self._size(line) for line in wanted}:
                self._count(quarter, size)

    def figures(
        self, wanted: Wanted, unit: Unit, sectors: Collection[str], quarter: Quarter, since: date
    ) -> Figures:
        key = (quarter.pk, self._size(wanted))
        whole = self._whole.of(unit, key, sectors)
        part = self._part.of(unit, key, sectors)
        return Figures(None) if whole is None else Figures(part or 0, whole)

    @staticmethod
    def _size(wanted: Wanted) -> int:
        return wanted.parameter or DEFAULT_SIZE

    def _count(self, quarter: Quarter, size: int) -> None:
        key, day = (quarter.pk, size), quarter.cut_off_on
        for enterprise in self._registered(day, size):
            union = enterprise.unit
            has_union = union is not None and _lives(union, day)
            chain = (
                [*self._tree.down_to(union.parent_id, quarter), union.pk]
                if union is not None and has_union
                else self._tree.down_to(enterprise.responsible_unit_id, quarter)
            )
            self._whole.add(chain, key, enterprise.sector_id)
            if has_union:
                self._part.add(chain, key, enterprise.sector_id)
        for superior, sector, number in self._unions_alone(quarter, size):
            chain = self._tree.down_to(superior, quarter)
            self._whole.add(chain, key, sector, number)
            self._part.add(chain, key, sector, number)

    def _registered(self, day: date, size: int) -> Iterator[Enterprise]:
        near = Q()
        for unit in self._asked.units:
            near |= Q(responsible_unit__path__subtree=unit.path) | Q(unit__path__subtree=unit.path)
        known = Enterprise.objects.confirmed().filter(near, workers__gte=size)
        known = known.filter(is_operating=True, is_eligible=True)
        known = known.filter(Q(founded_on=None) | Q(founded_on__lte=day))
        return known.select_related("unit").iterator()

    def _unions_alone(self, quarter: Quarter, size: int) -> Iterator[tuple[int, str, int]]:
        """Unions of the size without an entry in the register, by superior and sector."""
        inside = STATUSES_OF_BASIS[Basis(self._asked.basis)]
        workers = Case(When(status__in=inside, then=F("workers")), default=F("carried_workers"))
        superior, sector = (
            ("unit__parent", "unit__sector") if self._tree.is_current else ("parent", "sector")
        )
        reports = QuarterlyReport.objects.of(quarter).exclude(
            unit__in=Enterprise.objects.exclude(unit=None).values("unit")
        )
        alone = reports.annotate(size=workers).filter(
            **{"size__gte": size, f"{sector}__in": ENTERPRISE_SECTORS}
        )
        yield from alone.order_by().values_list(superior, sector).annotate(Count("pk"))


def _lives(unit: Unit, day: date) -> bool:
    begun = unit.founded_on is None or unit.founded_on <= day
    return begun and (unit.ended_on is None or unit.ended_on > day)


# --- ratings -------------------------------------------------------------------------------------


class RatingsSource:
    """``units-rated-well`` and ``superiors-rated-well`` (SEMANTICS section 6): the first three
    quarters read last year's ratings, the fourth this year's. Out of all eligible units that
    existed at that year's last cut-off, rated or not; only the decided level counts."""

    def __init__(self, asked: Asked, wanted: Collection[Wanted]) -> None:
        self._asked, self._tree = asked, Tree(asked.structure)
        self._whole, self._part = Tally(asked.units), Tally(asked.units)
        names = {line.indicator for line in wanted}
        self._last = {q.year: q for q in asked.quarters if q.number == 4}
        for quarter in {rated_year(quarter): quarter for quarter in asked.at}.values():
            if "units-rated-well" in names:
                self._count_units(quarter)
            if "superiors-rated-well" in names:
                self._count_superiors(quarter)

    def figures(
        self, wanted: Wanted, unit: Unit, sectors: Collection[str], quarter: Quarter, since: date
    ) -> Figures:
        key = (wanted.indicator, rated_year(quarter))
        among = sectors if wanted.indicator == "units-rated-well" else None
        whole = self._whole.of(unit, key, among)
        part = self._part.of(unit, key, among)
        return Figures(None) if not whole or part is None else Figures(part, whole)

    def _count_units(self, quarter: Quarter) -> None:
        year = rated_year(quarter)
        key = ("units-rated-well", year)
        then = self._last.get(year, quarter)
        superior, sector = "unit__parent", "unit__sector"
        ratings = Rating.objects.filter(year=year, unit__kind__in=REPORTING_KINDS)
        good = ratings.filter(level__is_good=True)
        if not ratings.exists():
            return  # nobody has rated that year: not known, and not none
        existed = Unit.objects.reporting().active(then.cut_off_on)
        counted = existed.order_by().values_list("parent", "sector").annotate(Count("pk"))
        self._add(self._whole, key, then, counted)
        unfit = ratings.filter(is_eligible=False, unit__in=existed)
        grouped = unfit.order_by().values_list(superior, sector).annotate(Count("pk"))
        self._add(self._whole, key, then, grouped, sign=-1)
        reached = good.filter(unit__in=existed).order_by()
        self._add(
            self._part, key, then, reached.values_list(superior, sector).annotate(Count("pk"))
        )
        self._add(self._part, key, then, [(row[0], row[1], 0) for row in counted])

    def _count_superiors(self, quarter: Quarter) -> None:
        year = rated_year(quarter)
        key = ("superiors-rated-well", year)
        then = self._last.get(year, quarter)
        ratings = {
            r.unit_id: r
            for r in Rating.objects.filter(year=year, unit__kind=Kind.UPPER).select_related("level")
        }
        if not ratings:
            return
        for unit in Unit.objects.filter(kind=Kind.UPPER).active(then.cut_off_on):
            rating = ratings.get(unit.pk)
            if rating is not None and not rating.is_eligible:
                continue
            chain = self._tree.down_to(unit.pk, then)
            is_good = rating is not None and rating.level is not None and rating.level.is_good
            self._whole.add(chain, key, None)
            self._part.add(chain, key, None, int(is_good))

    def _add(
        self,
        tally: Tally,
        key: tuple[str, int],
        quarter: Quarter,
        rows: Iterable[tuple[Any, ...]],
        *,
        sign: int = 1,
    ) -> None:
        for superior, sector, number in rows:
            tally.add(self._tree.down_to(superior, quarter), key, sector, sign * number)


def rated_year(quarter: Quarter) -> int:
    """Which year's ratings a quarter reads."""
    return quarter.year if quarter.number == 4 else quarter.year - 1


# --- typed by hand -------------------------------------------------------------------------------


class ManualSource:
    """What units type (chỉ tiêu nhập tay). A flow is summed since the start; of a stock each unit
    counts with its last figure so far; a ratio is the sum of its parts over the sum of its wholes.
    Figures count at today's place of whoever typed them."""

    KINDS = {"flow", "stock", "ratio"}

    def __init__(self, asked: Asked, wanted: Collection[Wanted]) -> None:
        self._rows: dict[tuple[int, str], list[Any]] = defaultdict(list)
        statuses = [ManualStatus.ACCEPTED]
        if asked.basis == Basis.SUBMITTED:
            statuses.append(ManualStatus.SUBMITTED)
        near = Q()
        for unit in asked.units:
            near |= Q(unit__path__subtree=unit.path)
        typed = ManualFigure.objects.filter(
            near, status__in=statuses, indicator__code__in={line.indicator for line in wanted}
        ).select_related("indicator", "unit", "quarter")
        units = {unit.pk for unit in asked.units}
        for figure in typed.order_by("quarter__cut_off_on"):
            for pk in units.intersection(ids_on(figure.unit.path)):
                self._rows[pk, figure.indicator.code].append(figure)

    def figures(
        self, wanted: Wanted, unit: Unit, sectors: Collection[str], quarter: Quarter, since: date
    ) -> Figures:
        rows = [
            row
            for row in self._rows[unit.pk, wanted.indicator]
            if row.quarter.cut_off_on <= quarter.cut_off_on
            and (row.unit.is_superior or row.unit.sector_id in sectors)
        ]
        if not rows:
            return Figures(None)
        if rows[0].indicator.kind == "stock":
            rows = list({row.unit_id: row for row in rows}.values())
        else:
            rows = [row for row in rows if row.quarter.cut_off_on >= since]
        if not rows:
            return Figures(None)
        if rows[0].indicator.kind != "ratio":
            return Figures(sum(row.numerator for row in rows))
        return Figures(
            sum(row.numerator for row in rows), sum(row.denominator or 0 for row in rows)
        )


SOURCES: Mapping[str, type[Source]] = {
    "units": UnitsSource,
    "enterprises": EnterprisesSource,
    "ratings": RatingsSource,
    "manual": ManualSource,
}
