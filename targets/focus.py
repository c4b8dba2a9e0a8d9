"""«Đơn vị cần tập trung»: the units whose density lies below the threshold that binds them, those
that lack most people first, so that the few officers there are know whom to visit.

Thresholds are inherited as :mod:`targets.assigned` says, along the chain of the structure asked.
There are few different ones in a branch, so the database is told which holds below which superiors
and for which sectors, works out what every unit lacks, sorts and pages: nothing here grows with
the size of the branch but its own work. Percent times 10.000 is a whole number, for a target has
four decimals; so are all sums, and nothing is rounded before ⌈T·W⌉.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Greatest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from members.charges import people_in_charge
from members.models import (
    Basis,
    Placement,
    Quarter,
    QuarterlyReport,
    SectorGroup,
    Status,
    Structure,
    Unit,
    User,
)
from members.models.reports import SENT
from members.models.totals import STATUSES_OF_BASIS
from members.models.units import OCCUPATIONAL_SECTOR
from members.places import superior_paths
from members.scopes import UNSENT
from members.stale import OLD, age
from targets.assigned import Assigned, AssignedTargets, Key
from targets.reading import lines
from targets.results import Line, Question
from unionplan.lib.numbers import points, whole_number
from unionplan.lib.paths import ids_on

if TYPE_CHECKING:
    from datetime import date

    from members.models.reports import QuarterlyReportQuerySet

T = TypeVar("T")

DENSITY = "density"
SPOKEN_OF = (DENSITY, "net-increase")  # by the page and its sentence; nothing else is read
DECIMALS = 10**4  # of a threshold
WHOLE = 100 * DECIMALS
BATCH = 1000
# From which fall on the last accepted report on a unit is looked at twice: a change of a quarter is
# asked about when the report is sent (members.checks); what is greater is worth a visit.
SUDDEN = Fraction(30, 100)


@dataclass(frozen=True)
class Columns:
    """Where a unit hangs, and its kind of employer: as stamped on the report, or today."""

    path: str
    parent: str
    sector: str


STAMPED = Columns("path", "parent", "sector")
TODAY = Columns("unit__path", "unit__parent", "unit__sector")


class Branch:
    """A superior unit with all that hung below it at a cut-off, or hangs there today."""

    def __init__(self, unit: Unit, quarter: Quarter, structure: str) -> None:
        self.unit, self.quarter = unit, quarter
        self.columns = STAMPED if structure == Structure.REPORTED else TODAY

    @cached_property
    def path(self) -> str:
        """Where the unit itself hung or hangs; hardly any superior ever moves."""
        chain, day = ids_on(self.unit.path), self.quarter.cut_off_on
        is_as_today = self.columns == TODAY or not (
            Placement.objects.filter(unit__in=chain, valid_from__gt=day).exists()
        )
        return self.unit.path if is_as_today else self._superiors[self.unit.pk]

    @cached_property
    def superiors(self) -> dict[int, str]:
        """The paths of the unit itself and of the superiors below it."""
        return {pk: path for pk, path in self._superiors.items() if path.startswith(self.path)}

    @cached_property
    def _superiors(self) -> dict[int, str]:
        if self.columns == STAMPED:
            return superior_paths(self.quarter.cut_off_on)
        return dict(Unit.objects.superiors().within(self.unit).values_list("pk", "path"))

    def path_of(self, report: QuarterlyReport) -> str:
        place: QuarterlyReport | Unit = report if self.columns == STAMPED else report.unit
        return str(place.path)

    @staticmethod
    def placed(unit: Unit, path: str) -> Unit:
        """The unit with the superiors it has on this path."""
        found = copy(unit)
        found.path = path
        return found

    @cached_property
    def reports(self) -> QuarterlyReportQuerySet:
        reports = QuarterlyReport.objects.of(self.quarter)
        return reports.filter(**{f"{self.columns.path}__subtree": self.path})


# --- thresholds ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Binding:
    """The threshold that binds a sector, and the group it was given for."""

    minimum: Decimal
    group: str


Bindings = Mapping[str, Binding]  # by sector


def next_due(found: Sequence[T], on: date, ends_on: Callable[[T], date]) -> T:
    """Of several due dates the next one counts; when all are over, the last."""
    ahead = [one for one in found if ends_on(one) >= on]
    return min(ahead, key=ends_on) if ahead else max(found, key=ends_on)


def bindings_at(assigned: AssignedTargets, unit: Unit, question: Question) -> Bindings:
    """What binds each sector below this unit; where two groups hold a sector, the nearer target."""
    by_group = defaultdict(list)
    for key in assigned.keys:
        target = assigned.of(unit, key) if key.indicator == DENSITY else None
        if target is not None:
            by_group[key.group].append((key, target))

    def ends_on(pair: tuple[Key, Assigned]) -> date:
        return pair[0].due_on or question.plan.ends_on

    chosen = [next_due(held, question.quarter.cut_off_on, ends_on) for held in by_group.values()]
    found: dict[str, Binding] = {}
    for key, target in sorted(chosen, key=lambda pair: len(pair[1].unit.path)):
        binding = Binding(target.minimum, key.group)
        found.update(dict.fromkeys(assigned.sectors(unit, key), binding))
    return found


class Thresholds:
    """Which threshold binds which report of a branch; eight statements, and one more where a
    superior elsewhere in the plan has a threshold of its own."""

    def __init__(self, question: Question, branch: Branch) -> None:
        self._columns = branch.columns
        unit, holders = branch.placed(branch.unit, branch.path), _holders(question, branch)
        assigned = AssignedTargets(question.plan, [unit, *holders], as_of=question.plan_as_of)
        self.sectors = assigned.sectors
        held = {holder.pk: bindings_at(assigned, holder, question) for holder in holders}
        self.at_unit = bindings_at(assigned, unit, question)
        self._of_unit = {holder.pk: held[holder.pk] for holder in holders if holder.is_reporting}
        self._of_superior = {}
        if held.keys() - self._of_unit.keys():
            self._of_superior = dict(self._bound_otherwise(branch, held))

    def _bound_otherwise(
        self, branch: Branch, held: Mapping[int, Bindings]
    ) -> Iterator[tuple[int, Bindings]]:
        """The superiors whose units are not bound as those of the branch itself."""
        for superior, path in branch.superiors.items():
            holder = next((pk for pk in reversed(ids_on(path)) if pk in held), None)
            if holder is not None and held[holder] != self.at_unit:
                yield superior, held[holder]

    def of(self, report: QuarterlyReport) -> Binding | None:
        place = report if self._columns == STAMPED else report.unit
        bindings = self._of_unit.get(report.unit_id)
        if bindings is None:
            bindings = self._of_superior.get(place.parent_id or 0, self.at_unit)
        return bindings.get(place.sector_id or "")

    def as_sql(self) -> Case:
        """Percent times 10.000; nothing where no target binds."""
        return Case(*self._whens(), output_field=BigIntegerField())

    def _whens(self) -> Iterator[When]:
        by_place = (("unit", self._of_unit), (self._columns.parent, self._of_superior))
        for column, places in by_place:
            for bindings, ids in _grouped(places):
                yield from self._at(Q(**{f"{column}__in": ids}), bindings)
        yield from self._at(Q(), self.at_unit)

    def _at(self, place: Q, bindings: Bindings) -> Iterator[When]:
        sectors = defaultdict(list)
        for sector, binding in sorted(bindings.items()):
            sectors[binding.minimum].append(sector)
        for minimum, codes in sectors.items():
            here = place & Q(**{f"{self._columns.sector}__in": codes})
            yield When(here, then=Value(int(minimum * DECIMALS), BigIntegerField()))


def _holders(question: Question, branch: Branch) -> list[Unit]:
    """The units below with a threshold of their own, where they hang in the structure asked."""
    held = question.plan.targets.filter(indicator=DENSITY).values("unit")
    superiors = Unit.objects.superiors().filter(pk__in=held).exclude(pk__in=ids_on(branch.path))
    reports = branch.reports.filter(unit__in=held).select_related("unit")
    paths = {holder: branch.superiors.get(holder.pk) for holder in superiors}
    paths |= {report.unit: branch.path_of(report) for report in reports}
    return [branch.placed(holder, path) for holder, path in paths.items() if path]


def _grouped(places: Mapping[int, Bindings]) -> Iterator[tuple[Bindings, list[int]]]:
    """Units bound alike, together."""
    alike: dict[frozenset[Any], list[int]] = defaultdict(list)
    for pk, bindings in places.items():
        alike[frozenset(bindings.items())].append(pk)
    for items, ids in alike.items():
        yield dict(items), ids


# --- what the units lack -------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """The units of one sector and one threshold, together."""

    sector: str
    threshold: int | None  # percent times 10.000
    units: int
    known: int  # whose workers and members are
    below: int
    gap: int  # of those below, each for itself
    workers: int
    members: int


class Standing:
    """What some units of a branch lack together and each for itself; one statement."""

    def __init__(self, reports: QuarterlyReportQuerySet, columns: Columns) -> None:
        rows = reports.order_by().values_list(columns.sector, "threshold")
        # Whoever stated workers has stated members too: each condition less is a tenth of the time.
        counted = rows.annotate(
            units=Count("pk"),
            known=Count("gap"),
            below=Count("pk", filter=Q(gap__gt=0)),
            lacking=Sum(Greatest("gap", 0), default=0),
            all_workers=Sum("counted_workers", default=0),
            all_members=Sum("counted_members", filter=Q(counted_workers__isnull=False), default=0),
        )
        self._parts = [Part(*row) for row in counted]

    @property
    def units(self) -> int:
        return sum(part.units for part in self._parts)

    @property
    def bound(self) -> list[Part]:
        """Those with a threshold."""
        return [part for part in self._parts if part.threshold is not None]

    @property
    def sectors(self) -> set[str]:
        return {part.sector for part in self.bound}

    @property
    def below(self) -> int:
        return sum(part.below for part in self.bound)

    @property
    def unknown(self) -> int:
        return sum(part.units - part.known for part in self.bound)

    @property
    def is_unknown(self) -> bool:
        """Nobody has figures."""
        return all(part.known == 0 for part in self.bound)

    def apart(self, sectors: Collection[str]) -> int:
        """«Cộng riêng từng đơn vị chưa đạt»."""
        return sum(part.gap for part in self.bound if part.sector in sectors)

    @property
    def gap(self) -> int:
        return self.apart(self.sectors)

    def together(self, group_of: Mapping[str, str]) -> int:
        """«Thiếu chung»: within a group and a threshold one unit makes up for another."""
        sums: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
        for part in self.bound:
            of_group = sums[part.threshold, group_of.get(part.sector, part.sector)]
            of_group[0] += part.workers
            of_group[1] += part.members
        return sum(
            max(0, ceil(Fraction(threshold * workers, WHOLE)) - members)
            for (threshold, _group), (workers, members) in sums.items()
        )

    @property
    def density(self) -> Fraction | None:
        """Of those that have workers: occupational unions count nowhere in it."""
        parts = [part for part in self._parts if part.sector != OCCUPATIONAL_SECTOR]
        workers, members = (sum(getattr(p, name) for p in parts) for name in ("workers", "members"))
        return Fraction(members * 100, workers) if workers else None


def with_gap(
    reports: QuarterlyReportQuerySet, threshold: Case, basis: str
) -> QuarterlyReportQuerySet:
    """Workers and members as density counts them (QuarterlyReportQuerySet.as_totals), the
    threshold, and how many people are missing to it; ``None`` where any of this is not known."""
    needed = (F("threshold") * F("counted_workers") + (WHOLE - 1)) / WHOLE  # ⌈T·W⌉
    return reports.annotate(
        threshold=threshold,
        counted_workers=_counted("workers", basis),
        counted_members=_counted("members", basis),
        gap=ExpressionWrapper(needed - F("counted_members"), BigIntegerField()),
    )


def _counted(name: str, basis: str) -> Cast:
    """As stated in the basis, else as carried. A real cast: T·W does not fit into the four bytes
    of the columns."""
    inside = When(status__in=STATUSES_OF_BASIS[Basis(basis)], then=F(name))
    return Cast(Case(inside, default=F(f"carried_{name}")), BigIntegerField())


def fallen() -> Q:
    """Members or workers fell suddenly against the last accepted report before."""
    left = (1 - SUDDEN).as_integer_ratio()
    fell = Q(pk__in=[])
    for name in ("workers", "members"):
        before = Cast(f"carried_{name}", BigIntegerField())
        at_most = before * left[0] / left[1]
        fell |= Q(**{f"carried_{name}__gt": 0, f"{name}__lte": at_most})
    return Q(status__in=SENT) & fell


def unsent() -> Q:
    return Q(status__in=UNSENT, is_suspended=False)


# --- rows ----------------------------------------------------------------------------------------


FELL = {
    "workers": gettext_lazy("workers fell by %(percent)s"),
    "members": gettext_lazy("members fell by %(percent)s"),
}


@dataclass(frozen=True)
class Fall:
    """How far a figure fell, in percent of what it was."""

    figure: str
    percent: Fraction


@dataclass(frozen=True)
class FocusRow:
    """A unit below its threshold; ``so_far`` is what it lacks with all before it."""

    report: QuarterlyReport
    workers: int
    members: int
    gap: int
    binding: Binding
    so_far: int
    of_branch: int
    is_stated: bool  # by its report, which is within the basis; else an earlier one stands in
    in_charge: tuple[User, ...] = ()

    @property
    def unit(self) -> Unit:
        return self.report.unit

    @property
    def outside(self) -> int:
        """«Lao động chưa vào công đoàn»."""
        return self.workers - self.members

    @property
    def density(self) -> Fraction:
        return Fraction(self.members * 100, self.workers)

    @property
    def share(self) -> Fraction:
        """Of what the whole branch lacks, in percent, with all before it."""
        return Fraction(self.so_far * 100, self.of_branch)

    @property
    def stands_with(self) -> Quarter | None:
        """Whose figures stand in for those that do not count."""
        return None if self.is_stated else self.report.carried_from

    @property
    def falls(self) -> list[Fall]:
        return [fall for fall in map(self._fall, ("workers", "members")) if fall]

    def _fall(self, name: str) -> Fall | None:
        now, before = getattr(self.report, name), getattr(self.report, f"carried_{name}")
        if not self.report.is_sent or now is None or not before:
            return None
        fallen = Fraction(before - now, before)
        return Fall(name, fallen * 100) if fallen >= SUDDEN else None

    @property
    def stale_quarters(self) -> int | None:
        """How many quarters old its figures are, where that is long ago (members.stale)."""
        report = self.report
        if report.status == Status.ACCEPTED or report.is_suspended or not report.carried_from:
            return None
        quarters = age(report.quarter, report.carried_from)
        return quarters if quarters >= OLD else None

    @property
    def flags(self) -> list[str]:
        """What is odd about its figures, each in a few words."""
        words = [FELL[fall.figure] % {"percent": points(fall.percent) + "%"} for fall in self.falls]
        if self.stands_with is not None:
            words.append(_("stands with %(quarter)s for now") % {"quarter": self.stands_with})
        if self.stale_quarters is not None:
            old = ngettext(
                "old figures, of %(count)s quarter ago",
                "old figures, of %(count)s quarters ago",
                self.stale_quarters,
            )
            words.append(old % {"count": whole_number(self.stale_quarters)})
        return words

    @property
    def report_url(self) -> str:
        """The report that states its figures."""
        quarter = self.stands_with or self.report.quarter
        return reverse("report-detail", args=[self.unit.code, quarter.code])


# --- the list ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GroupGap:
    """«Thiếu chung của nhóm …: 212 đoàn viên; cộng riêng từng đơn vị chưa đạt: 318 đoàn viên»."""

    line: Line
    apart: int

    @property
    def is_of_all(self) -> bool:
        return self.line.group.code == SectorGroup.ALL

    @property
    def together(self) -> int | None:
        """As on the pages of progress: surplus of one unit makes up for what another lacks."""
        return self.line.progress.gap_people


class Focus:
    """The list of one branch, with what its density lines say of it."""

    def __init__(
        self, question: Question, unit: Unit, own: Sequence[Line], quarter: Quarter
    ) -> None:
        self.question, self.unit, self.own, self.quarter = question, unit, own, quarter
        self.lines = [line for line in own if line.indicator.code == DENSITY]
        self.branch = Branch(unit, quarter, question.structure)
        self.thresholds = Thresholds(question, self.branch)
        self.reports = with_gap(self.branch.reports, self.thresholds.as_sql(), question.basis)
        self.standing = self.standing_of(self.reports)

    def standing_of(self, reports: QuarterlyReportQuerySet) -> Standing:
        return Standing(reports, self.branch.columns)

    @cached_property
    def groups(self) -> dict[str, frozenset[str]]:
        """Groups of the plan's density lines, each with the sectors it counts in this branch."""
        return {
            line.group.code: self.thresholds.sectors(self.unit, line.key) for line in self.lines
        }

    @property
    def names(self) -> dict[str, str]:
        """Of these groups, by their codes."""
        return {line.group.code: str(line.group) for line in self.lines}

    @cached_property
    def gaps(self) -> list[GroupGap]:
        """By group, where the branch has a threshold for it."""
        by_group = defaultdict(list)
        for line in self.lines:
            if line.target is not None:
                by_group[line.group.code].append(line)
        chosen = (
            next_due(
                found, self.question.quarter.cut_off_on, lambda line: line.progress.span.ends_on
            )
            for found in by_group.values()
        )
        return [
            GroupGap(line, self.standing.apart(self.groups[line.group.code])) for line in chosen
        ]

    @cached_property
    def group_of(self) -> dict[str, str]:
        """By sector, the group whose threshold binds it in this branch."""
        bindings = self.thresholds.at_unit
        return {sector: binding.group for sector, binding in bindings.items()}

    def rows(
        self, reports: QuerySet[Any], *, first: int = 0, last: int, on: date
    ) -> Iterator[FocusRow]:
        """Those below, from one place to another: four statements, on a later page five; of a
        file, three more for every thousand.

        There must be so many below: to sort all costs half of choosing those below first. Equals
        stand in order of their superiors, for names are kept in another table; the last key keeps
        them apart from page to page.
        """
        keys = (F("gap").desc(nulls_last=True), self.branch.columns.path, "pk")
        ranked = reports.order_by(*keys)
        so_far = ranked[:first].aggregate(lacking=Sum("gap"))["lacking"] if first else 0
        order = list(ranked.values_list("pk", flat=True)[first:last])
        for start in range(0, len(order), BATCH):
            for report, people in self._read(order[start : start + BATCH], on):
                so_far += report.gap
                yield self._row(report, so_far, people)

    def _read(self, order: list[int], on: date) -> Iterator[tuple[Any, list[User]]]:
        """These reports with the people in charge of their units; of one that has moved away since
        these are no longer people of this branch."""
        reports: QuerySet[Any] = self.reports.filter(pk__in=order)
        known = reports.select_related("unit", "quarter", "carried_from").in_bulk()
        units = [report.unit for report in known.values()]
        here = [unit for unit in units if unit.path.startswith(self.unit.path)]
        people = people_in_charge(here, on=on)
        for pk in order:
            yield known[pk], people.get(known[pk].unit_id, [])

    def _row(self, report: Any, so_far: int, in_charge: Iterable[User]) -> FocusRow:
        binding = self.thresholds.of(report)
        assert binding is not None  # noqa: S101 — without a threshold nothing is missing
        return FocusRow(
            report=report,
            workers=report.counted_workers,
            members=report.counted_members,
            gap=report.gap,
            binding=binding,
            so_far=so_far,
            of_branch=self.standing.gap,
            is_stated=report.status in STATUSES_OF_BASIS[Basis(self.question.basis)],
            in_charge=tuple(in_charge),
        )


def focus_on(question: Question, unit: Unit) -> Focus | None:
    """``None`` where the plan has no threshold, or no quarter of it is there yet."""
    own = lines(question, [unit], only=SPOKEN_OF)
    density = next((line for line in own if line.indicator.code == DENSITY), None)
    quarter = density.stretch.shown() if density else None
    return Focus(question, unit, own, quarter) if quarter else None
