"""Officers trained, their degrees, the classes and turns of training, and the units an officer
looks after (SEMANTICS 6).

Everybody is counted where they serve on the day of the cut-off; classes count for the union in
whose calendar they stand, turns where whoever attended serves. Counts of officers who are not kept
by name stand beside the named, as units stated them last.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from django.db.models import Count, Q

from members.models import Placement
from members.models.quarters import quarters_of_span
from members.models.units import REPORTING_KINDS
from targets.indicators import Indicator
from targets.measures import Figures
from targets.sources.asked import Asked, Counts, Wanted
from training.counts import Others, Stated
from training.models import Attendance, Course
from training.trained import Completions, Population, Served, served

POPULATIONS = {
    "full-time-trained": Population.FULL_TIME,
    "new-chairs-trained": Population.NEW_CHAIRS,
    "officers-trained": Population.LISTED,
}
FLOWS = ("training-classes", "training-turns")
NO_SECTOR = "-"  # of a superior, which counts where every sector does


class Place(NamedTuple):
    """Where a unit that reports hung, and in which sector."""

    parent: int | None
    sector: str | None


Bucket = tuple[Place | None, int]  # where, and which unit where it counts by itself
Kinds = tuple[tuple[str, date], ...]


@dataclass(frozen=True)
class _Event:
    day: date
    sector: str  # empty of a superior
    classes: int = 0
    turns: int = 0


@dataclass(frozen=True)
class Person:
    """Somebody whom a share counts; ``above`` are the unit and all that were above it."""

    served: Served
    above: tuple[int, ...]
    is_trained: bool
    missing: frozenset[str] = frozenset()  # topics by code; none where any topic would do


@dataclass(frozen=True)
class NotListed:
    """The officers of a unit who are not kept by name."""

    unit: int
    above: tuple[int, ...]
    stated: Others

    @property
    def untrained(self) -> int:
        return self.stated.others - self.stated.trained


class TrainingSource:
    """Seven statements at most, each only where an indicator needs it."""

    def __init__(self, asked: Asked, indicators: Iterable[Indicator]) -> None:
        self._asked = asked
        self._codes = {indicator.code for indicator in indicators}
        self._counts: dict[tuple[str, tuple[str, ...], date], Counts] = {}
        self._since = asked.since

    def figures(self, wanted: Wanted) -> Figures:
        code, day = wanted.indicator.code, wanted.quarter.cut_off_on
        if code in FLOWS:
            return self._flow(wanted)
        if code == "units-per-full-time-officer":
            return self._load(wanted)
        topics = wanted.topics if code in POPULATIONS else ()
        key = (code, topics, wanted.since)
        if key not in self._counts:
            self._counts[key] = self._counted(*key)
        sectors = _sectors(wanted)
        counts = self._counts[key].of(wanted.unit, day, sectors)
        return _FIGURES[code](counts)

    # --- who serves ------------------------------------------------------------------------------

    def _counted(self, code: str, topics: tuple[str, ...], since: date) -> Counts:
        """Of every unit at every cut-off. Those of one place are counted together, and only then
        added to all that are above it."""
        tally = _Tally(self._days)
        for who, names in self._kinds(code, topics, since):
            for bucket, begins_on, ends_on in self._stretches(who.unit, who.is_reporting):
                first, end = max(begins_on, who.valid_from), min(ends_on, who.valid_to or date.max)
                for name, counts_from in names:
                    tally.add(bucket, name, max(first, counts_from), end)
        if code == "officers-trained":
            self._count_others(tally)
        return self._added_up(tally)

    def _kinds(self, code: str, topics: tuple[str, ...], since: date) -> list[tuple[Served, Kinds]]:
        """As what somebody counts, and from which day on."""
        if code not in POPULATIONS:
            facts = ((who, _facts(who, code)) for who in self._served)
            return [
                (who, tuple((name, date.min) for name in names)) for who, names in facts if names
            ]
        population = POPULATIONS[code]
        trained_on = self._completions.trained_on(topics, since=since)
        return [
            (who, (("listed", date.min), ("trained", trained_on.get(who.officer, date.max))))
            for who in self._served
            if who.is_among(population, since)
        ]

    def _stretches(self, unit: int, is_reporting: bool) -> list[tuple[Bucket, date, date]]:
        """Where what is of a unit counts, and from when until when: a superior by itself, a unit
        that reports with all of its place and sector, unless it is asked for by itself."""
        if not is_reporting:
            return [((None, unit), date.min, date.max)]
        own = unit if unit in self._own else 0
        return [((place, own), since, until) for place, since, until in self._places.of(unit)]

    def _added_up(self, tally: _Tally) -> Counts:
        counts, asked = Counts(), {unit.pk for unit in self._asked.units}
        for (place, unit), day, numbers in tally.by_day():
            above, sector = self._above(place, unit, day)
            counts.add(asked.intersection(above), day, sector, numbers)
        return counts

    def _above(self, place: Place | None, unit: int, day: date) -> tuple[tuple[int, ...], str]:
        """All for whom something at this unit counts: superiors, and itself where it is asked."""
        if place is None:
            return self._asked.chains.above(unit, day), NO_SECTOR
        chain = self._asked.chains.above(place.parent, day)
        return (*chain, unit) if unit else chain, place.sector or NO_SECTOR

    def _count_others(self, tally: _Tally) -> None:
        """Those who are not kept by name, and how many units have said so."""
        self._count_units(tally)
        for unit, steps in self._stated.steps():
            if unit not in self._places.units:  # a superior: only units that report are asked
                continue
            founded_on, ended_on = self._places.life(unit)
            for bucket, begins_on, ends_on in self._stretches(unit, True):
                for stated, since, until in steps:
                    first = max(begins_on, founded_on, since)
                    end = min(ends_on, ended_on, until)
                    tally.add(bucket, "stated", first, end)
                    tally.add(bucket, "others", first, end, stated.others)
                    tally.add(bucket, "others_trained", first, end, stated.trained)

    def _count_units(self, tally: _Tally) -> None:
        for unit in self._places.units:
            founded_on, ended_on = self._places.life(unit)
            for bucket, begins_on, ends_on in self._stretches(unit, True):
                tally.add(bucket, "units", max(begins_on, founded_on), min(ends_on, ended_on))

    def _load(self, wanted: Wanted) -> Figures:
        """How many unions that report one full-time officer looks after; of a branch."""
        key = ("full-time-degree", (), self._since)
        if key not in self._counts:
            self._counts[key] = self._counted(*key)
        sectors, day = _sectors(wanted), wanted.quarter.cut_off_on
        officers = self._counts[key].of(wanted.unit, day, sectors)["listed"]
        if wanted.unit.is_reporting:
            return Figures(None, pieces={"full_time": officers})
        units = self._units.of(wanted.unit, day, sectors)["units"]
        pieces = {"units": units, "full_time": officers}
        return Figures(units if officers else None, officers or None, pieces=pieces)

    @cached_property
    def _units(self) -> Counts:
        tally = _Tally(self._days)
        self._count_units(tally)
        return self._added_up(tally)

    # --- who is trained, one by one --------------------------------------------------------------

    def people(self, wanted: Wanted) -> Iterator[Person]:
        """Everybody whom a share of people trained counts by name."""
        day, sectors = wanted.quarter.cut_off_on, _sectors(wanted)
        population = POPULATIONS[wanted.indicator.code]
        trained_on = self._completions.trained_on(wanted.topics, since=wanted.since)
        for who in self._served:
            if not (who.on(day) and who.is_among(population, wanted.since)):
                continue
            place = self._places.at(who.unit, day) if who.is_reporting else None
            above, sector = self._above(place, who.unit, day)
            if wanted.unit.pk in above and sector in sectors:
                if trained_on.get(who.officer, date.max) <= day:
                    yield Person(who, above, is_trained=True)
                    continue
                missing = self._completions.missing(
                    who.officer, wanted.topics, since=wanted.since, until=day
                )
                yield Person(who, above, is_trained=False, missing=frozenset(missing))

    def not_listed(self, wanted: Wanted) -> Iterator[NotListed]:
        """What the units state of those who are not kept by name."""
        day, sectors = wanted.quarter.cut_off_on, _sectors(wanted)
        for unit in self._places.living(day):
            stated = self._stated.of(unit, day)
            if stated is None:
                continue
            above, sector = self._above(self._places.at(unit, day), unit, day)
            if wanted.unit.pk in above and sector in sectors:
                yield NotListed(unit, above, stated)

    # --- what was held ---------------------------------------------------------------------------

    def _flow(self, wanted: Wanted) -> Figures:
        """Nothing held is 0, for the calendar is known; before the plan nothing is."""
        since, until = wanted.since, wanted.quarter.cut_off_on
        if until < since:
            return Figures(None)
        sectors = _sectors(wanted)
        events = [
            event
            for event in self._events.get(wanted.unit.pk, ())
            if since <= event.day <= until and event.sector in sectors
        ]
        pieces = {
            "classes": sum(event.classes for event in events),
            "turns": sum(event.turns for event in events),
        }
        name = "classes" if wanted.indicator.code == "training-classes" else "turns"
        return Figures(pieces[name], pieces=pieces)

    @cached_property
    def _events(self) -> dict[int, list[_Event]]:
        found: dict[int, list[_Event]] = defaultdict(list)
        for unit, is_reporting, day, classes, turns in self._happened():
            counted_on = self._counted_on(day)
            place = self._places.at(unit, counted_on) if is_reporting else None
            own = unit if not is_reporting or unit in self._own else 0
            above, sector = self._above(place, own, counted_on)
            for holder in above:
                found[holder].append(_Event(day, sector, classes, turns))
        return found

    def _happened(self) -> Iterator[tuple[int, bool, date, int, int]]:
        span = (self._since, self._until)
        courses = Course.objects.held().classes().filter(self._which, starts_on__range=span)
        for unit, kind, day, turns in courses.values_list(
            "unit_id", "unit__kind", "starts_on", "other_turns"
        ):
            yield unit, kind in REPORTING_KINDS, day, 1, turns or 0
        attended = Attendance.objects.of_training().filter(
            self._which, course__starts_on__range=span
        )
        rows = attended.order_by().values_list("unit_id", "unit__kind", "course__starts_on")
        for unit, kind, day, turns in rows.annotate(turns=Count("pk")):
            yield unit, kind in REPORTING_KINDS, day, 0, turns

    def _counted_on(self, day: date) -> date:
        """The cut-off of the quarter in which the day lies."""
        at = bisect_left(self._cut_offs, day)
        return self._cut_offs[at] if at < len(self._cut_offs) else day

    @cached_property
    def _cut_offs(self) -> list[date]:
        return [q.cut_off_on for q in quarters_of_span(self._since, self._until)]

    # --- what is read ----------------------------------------------------------------------------

    @cached_property
    def _days(self) -> list[date]:
        return sorted({quarter.cut_off_on for quarter in self._asked.at})

    @property
    def _until(self) -> date:
        return max(self._days, default=self._since)

    @cached_property
    def _own(self) -> frozenset[int]:
        return frozenset(self._asked.reporting)

    @cached_property
    def _branch(self) -> frozenset[int] | None:
        """Flows count where units hung when something was held, though they moved since."""
        days = {*self._days, *(self._cut_offs if self._codes.intersection(FLOWS) else ())}
        return self._asked.superiors(*days)

    @cached_property
    def _which(self) -> Q:
        """Rows of the units asked, as far as they ever hung in their branches: found in one list,
        for a choice of lists is a look at every row there is."""
        if self._branch is None:
            return Q()
        asked = Q(parent__in=self._branch) | Q(unit__in=self._branch | self._own)
        return Q(unit__in=Placement.objects.filter(asked).values("unit"))

    @cached_property
    def _served(self) -> list[Served]:
        return served(self._which, until=self._until)

    @cached_property
    def _completions(self) -> Completions:
        return Completions(self._which, since=self._since, until=self._until)

    @cached_property
    def _stated(self) -> Stated:
        return Stated(self._which, until=self._until)

    @cached_property
    def _places(self) -> _Places:
        return _Places(self._which, is_current=self._asked.is_current)


class _Tally:
    """How many there are in each place on each of some days, where each counts from a day until
    another (exclusive): only the days on which a number changes are written down."""

    def __init__(self, days: Sequence[date]) -> None:
        self._days = days
        self._changes: dict[Bucket, dict[str, list[int]]] = {}

    def add(self, bucket: Bucket, name: str, since: date, until: date, number: int = 1) -> None:
        begins, ends = bisect_left(self._days, since), bisect_left(self._days, until)
        if begins >= ends:
            return
        of_bucket = self._changes.setdefault(bucket, {})
        changes = of_bucket.get(name)
        if changes is None:
            changes = of_bucket[name] = [0] * (len(self._days) + 1)
        changes[begins] += number
        changes[ends] -= number

    def by_day(self) -> Iterator[tuple[Bucket, date, dict[str, int]]]:
        for bucket, of_bucket in self._changes.items():
            numbers = {name: list(accumulate(changes)) for name, changes in of_bucket.items()}
            for at, day in enumerate(self._days):
                there = {name: counted[at] for name, counted in numbers.items() if counted[at]}
                if there:
                    yield bucket, day, there


class _Places:
    """Where units that report hung over time, and when they lived; one statement."""

    def __init__(self, which: Q, *, is_current: bool) -> None:
        rows = Placement.objects.filter(which, unit__kind__in=REPORTING_KINDS)
        names = ("unit__parent_id", "unit__sector_id") if is_current else ("parent_id", "sector_id")
        self._starts: dict[int, list[date]] = defaultdict(list)
        self._places: dict[int, list[Place]] = defaultdict(list)
        self._lives: dict[int, tuple[date, date]] = {}
        for unit, parent, sector, since, founded, ended in rows.order_by("valid_from").values_list(
            "unit_id", *names, "valid_from", "unit__founded_on", "unit__ended_on"
        ):
            self._starts[unit].append(since)
            self._places[unit].append(Place(parent, sector))
            self._lives[unit] = (founded or date.min, ended or date.max)

    @property
    def units(self) -> Collection[int]:
        return self._lives

    def at(self, unit: int, on: date) -> Place:
        """The place that holds that day, or the first there was."""
        held = bisect_right(self._starts[unit], on)
        return self._places[unit][max(0, held - 1)]

    def of(self, unit: int) -> Iterator[tuple[Place, date, date]]:
        """Each place with the days from which and until which it holds; the first always held."""
        starts = self._starts[unit]
        begins, ends = [date.min, *starts[1:]], [*starts[1:], date.max]
        return zip(self._places[unit], begins, ends, strict=True)

    def life(self, unit: int) -> tuple[date, date]:
        """Founded and ended, as far as these days are known."""
        return self._lives[unit]

    def living(self, on: date) -> Iterator[int]:
        for unit, (founded_on, ended_on) in self._lives.items():
            if founded_on <= on < ended_on:
                yield unit


def _facts(who: Served, code: str) -> list[str]:
    """What somebody's education, or political theory, makes of them."""
    if code == "leaders-political-theory":
        is_counted, has_reached, is_known = who.leads_superior, who.has_theory, who.political_theory
    else:
        reached = who.has_degree if code == "full-time-degree" else who.is_postgraduate
        is_counted, has_reached, is_known = who.is_full_time, reached, who.education
    if not is_counted:
        return []
    names = ["listed", "reached" if has_reached else "", "" if is_known else "unknown"]
    return [name for name in names if name]


def _sectors(wanted: Wanted) -> frozenset[str]:
    return frozenset(wanted.sectors) | ({NO_SECTOR} if wanted.is_of_all else frozenset())


def _of_trained(counts: Counter[str]) -> Figures:
    pieces = {"listed": counts["listed"], "listed_trained": counts["trained"]}
    if not counts["listed"]:
        return Figures(None, pieces=pieces)
    return Figures(counts["trained"], counts["listed"], pieces=pieces)


def _of_officers(counts: Counter[str]) -> Figures:
    """The named and the counted, who are no less officers for not being named."""
    names = ("listed", "others", "others_trained", "stated", "units")
    pieces = {name: counts[name] for name in names} | {"listed_trained": counts["trained"]}
    whole = counts["listed"] + counts["others"]
    if not whole:
        return Figures(None, pieces=pieces)
    return Figures(counts["trained"] + counts["others_trained"], whole, pieces=pieces)


def _of_facts(counts: Counter[str]) -> Figures:
    """Of whom nothing is known does not have it, and is told apart; where nothing is known of
    anybody there is no figure."""
    pieces = {"listed": counts["listed"], "unknown": counts["unknown"]}
    if counts["listed"] == counts["unknown"]:
        return Figures(None, pieces=pieces)
    return Figures(counts["reached"], counts["listed"], pieces=pieces)


_FIGURES: Mapping[str, Callable[[Counter[str]], Figures]] = {
    "full-time-trained": _of_trained,
    "new-chairs-trained": _of_trained,
    "officers-trained": _of_officers,
    "full-time-degree": _of_facts,
    "full-time-postgraduate": _of_facts,
    "leaders-political-theory": _of_facts,
}
