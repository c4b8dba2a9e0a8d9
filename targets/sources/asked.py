"""What is asked of a source, and how what it counts is added up the tree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.db.models import Q

from members.models import Basis, Quarter, Structure, Unit
from members.places import SuperiorPlaces
from targets.indicators import Indicator
from unionplan.lib.paths import ids_on

Sectors = Collection[str]
LAST_QUARTER = 4


@dataclass(frozen=True)
class Asked:
    """For which units, at which cut-offs, counted since which day, read in which way."""

    units: Sequence[Unit]
    at: Collection[Quarter]
    since: date
    basis: str = Basis.ACCEPTED
    structure: str = Structure.REPORTED
    parameters: frozenset[int | None] = field(default_factory=frozenset)

    @property
    def is_current(self) -> bool:
        return self.structure == Structure.CURRENT

    @cached_property
    def reporting(self) -> list[int]:
        """Ids of those that report themselves; all others are answered by what is below them."""
        return [unit.pk for unit in self.units if unit.is_reporting]

    @cached_property
    def chains(self) -> Chains:
        return Chains(self.structure)

    def superiors(self, *days: date) -> frozenset[int] | None:
        """The superior units in the branches asked as they hung on these days, so that nothing is
        read of other branches; ``None`` is all there are."""
        asked = [unit.pk for unit in self.units if unit.is_superior]
        found: frozenset[int] = frozenset()
        for day in days:
            within = self.chains.within(asked, day)
            if within is None:
                return None
            found |= within
        return found


@dataclass(frozen=True)
class Wanted:
    """One figure: what is counted, for whom, in which sectors, at which cut-off, since when."""

    indicator: Indicator
    unit: Unit
    sectors: Sectors
    quarter: Quarter
    since: date
    parameter: int | None = None
    topics: tuple[str, ...] = ()  # codes; none: of any topic
    is_of_all: bool = True  # of every sector, and so of superiors, which have none


class Chains:
    """Each superior unit with all above it, as they hung on a day or hang today; one statement."""

    def __init__(self, structure: str) -> None:
        self._places = SuperiorPlaces() if structure == Structure.REPORTED else None
        self._today: dict[int, str] = {}
        if self._places is None:
            self._today = dict(Unit.objects.superiors().values_list("pk", "path"))
        self._known: dict[date, dict[int, tuple[int, ...]]] = {}

    def above(self, superior: int | None, on: date) -> tuple[int, ...]:
        """The unit itself and all above it."""
        return () if superior is None else self._of(on).get(superior, (superior,))

    def within(self, units: Collection[int], on: date) -> frozenset[int] | None:
        """The superiors in the branches of these units; ``None`` where that is all of them."""
        tops, chains = set(units), self._of(on)
        found = frozenset(unit for unit, chain in chains.items() if not tops.isdisjoint(chain))
        return None if len(found) == len(chains) else found

    def _of(self, on: date) -> Mapping[int, tuple[int, ...]]:
        if on not in self._known:
            paths = self._places.paths(on) if self._places else self._today
            self._known[on] = {unit: tuple(ids_on(path)) for unit, path in paths.items()}
        return self._known[on]


def below(superiors: frozenset[int] | None, field: str) -> Q:
    """Of what hangs directly below these superiors by that column."""
    return Q() if superiors is None else Q(**{f"{field}__in": superiors})


class Counts:
    """Named counts by unit, moment and sector."""

    def __init__(self) -> None:
        self._counted: dict[tuple[int, Hashable], dict[str, Counter[str]]] = defaultdict(dict)

    def add(
        self, units: Iterable[int], moment: Hashable, sector: str | None, counts: Mapping[str, int]
    ) -> None:
        """Count for each of these units, which is how a branch adds up."""
        for unit in units:
            of_unit = self._counted[unit, moment]
            of_unit.setdefault(sector or "", Counter()).update(counts)

    def of(self, unit: Unit, moment: Hashable, sectors: Sectors) -> Counter[str]:
        found: Counter[str] = Counter()
        for sector, counts in self._counted.get((unit.pk, moment), {}).items():
            if not sector or sector in sectors:
                found.update(counts)
        return found


def year_read_in(quarter: Quarter) -> int:
    """What comes once a year is of its fourth quarter; the others read the year before."""
    return quarter.year if quarter.number == LAST_QUARTER else quarter.year - 1
