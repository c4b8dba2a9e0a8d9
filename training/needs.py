"""Training needs: units state them, a branch sums them up, and the plan of courses stands beside.

Sums follow today's tree; units that ended before the year was over are left out. What is planned
are the places of the year's classes in the calendars of the branch and of the unions above it,
which hold for all below them: a class may serve more units than those that are shown. Places for
one audience never make up for another; places for everybody fill what is left of their topic.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.db.models.functions import Substr
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from members.access import Permission
from members.actions import Refused
from members.models import HistoryKind, Sector, Unit, User
from members.models.history import Changes, record
from members.models.units import REPORTING_KINDS
from members.ratings import existed
from training.calendar import quarters_of
from training.models import Audience, Course, CourseStatus, Topic, TrainingNeed
from unionplan.lib.numbers import whole_number
from unionplan.lib.paths import WIDTH

YEARS = range(2000, 2101)

Pair = tuple[str, str]  # codes of a topic and of an audience
Places = Mapping[tuple[str, str | None], int]  # planned; of no audience: for everybody


def years_to_state(today: date) -> list[int]:
    """The coming one, this one and the last."""
    return [today.year + 1, today.year, today.year - 1]


# --- what a unit states --------------------------------------------------------------------------


@dataclass(frozen=True)
class Stated:
    """What a unit has stated of a year, summed up."""

    people: int
    topics: int  # in which it needs anything
    is_stated: bool

    @property
    def words(self) -> str:
        """«7 người, 3 chuyên đề»"""
        if not self.people:
            return _("no need") if self.is_stated else _("not stated yet")
        return ngettext(
            "%(people)s people in %(topics)s topic",
            "%(people)s people in %(topics)s topics",
            self.topics,
        ) % {"people": whole_number(self.people), "topics": whole_number(self.topics)}


def needs_of(unit: Unit, year: int) -> dict[Pair, int]:
    rows = TrainingNeed.objects.filter(unit=unit, year=year)
    return {(topic, to): number for topic, to, number in rows.values_list(*CELL, "people")}


CELL = ("topic_id", "audience_id")


def stated(needs: Mapping[Pair, int]) -> Stated:
    topics = {topic for (topic, _to), people in needs.items() if people}
    return Stated(sum(needs.values()), len(topics), bool(needs))


def refusal_of(unit: Unit, year: int) -> str:
    """Why a unit states nothing of that year; empty where it may."""
    if unit.ended_on is not None:
        return _("The unit has ended.")
    if not existed(unit, year):
        return _("%(unit)s did not exist in %(year)s.") % {"unit": unit, "year": year}
    return ""


@transaction.atomic
def state_needs(
    unit: Unit, year: int, people: Mapping[tuple[Topic, Audience], int | None], *, by: User
) -> Stated:
    """Keep what a unit needs; what is blank is not stated, and takes back what was. Pairs that are
    not named stay as they are."""
    by.require(Permission.OFFICERS, unit)
    if refusal := refusal_of(unit, year):
        raise Refused(refusal)
    list(Unit.objects.filter(pk=unit.pk).select_for_update(no_key=True).values_list("pk"))
    rows = TrainingNeed.objects.filter(unit=unit, year=year)
    known = {(row.topic_id, row.audience_id): row for row in rows}
    made, changed, gone = [], [], []
    changes: Changes = {}
    for (topic, audience), number in people.items():
        row = known.get((topic.pk, audience.pk))
        before = row.people if row else None
        if before == number:
            continue
        changes[f"{topic.name} · {audience.name}"] = [before, number]
        if row is None and number is not None:
            facts = {"unit": unit, "year": year, "topic": topic, "audience": audience}
            made.append(TrainingNeed(**facts, people=number))
        elif row is not None and number is not None:
            row.people = number
            changed.append(row)
        elif row is not None:
            gone.append(row.pk)
    if changes:
        TrainingNeed.objects.bulk_create(made)
        TrainingNeed.objects.bulk_update(changed, ["people"])
        TrainingNeed.objects.filter(pk__in=gone).delete()
        record(
            HistoryKind.NEED,
            gettext_noop("stated the training needs"),
            by=by,
            unit=unit,
            subject=f"{unit.name} · {year}",
            changes=changes,
        )
    return stated(needs_of(unit, year))


# --- the need against the plan -------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """How many people are to be trained, and for how many of them the plan has a place."""

    need: int | None  # nobody has stated any
    planned: int
    covered: int

    @property
    def missing(self) -> int | None:
        return None if self.need is None else self.need - self.covered

    @property
    def share(self) -> Fraction | None:
        """In percent; what the plan has too much of does not count."""
        return Fraction(100 * self.covered, self.need) if self.need else None


@dataclass(frozen=True)
class AudienceLine(Line):
    """Of one audience of a topic, or the places that are for everybody."""

    audience: Audience | None

    @property
    def missing(self) -> int | None:
        return None if self.audience is None else super().missing


@dataclass(frozen=True)
class TopicLine(Line):
    topic: Topic
    audiences: list[AudienceLine]


def against_plan(
    needs: Mapping[Pair, int],
    planned: Places,
    topics: Iterable[Topic],
    audiences: Sequence[Audience],
) -> list[TopicLine]:
    """Topics of which anything is needed or planned, each with its audiences."""
    lines = []
    for topic in topics:
        rows: list[AudienceLine] = []
        for audience in audiences:
            need, places = needs.get((topic.pk, audience.pk)), planned.get((topic.pk, audience.pk))
            if need is None and places is None:
                continue
            covered = min(need or 0, places or 0)
            rows.append(AudienceLine(need, places or 0, covered, audience))
        if (topic.pk, None) in planned:
            places = planned[topic.pk, None]
            left = sum(row.missing or 0 for row in rows)
            rows.append(AudienceLine(None, places, min(left, places), None))
        if rows:
            lines.append(TopicLine(*_sums(rows), topic, rows))
    return lines


def total(lines: Iterable[Line]) -> Line:
    return Line(*_sums(list(lines)))


def _sums(lines: Sequence[Line]) -> tuple[int | None, int, int]:
    needs = [line.need for line in lines if line.need is not None]
    return (
        sum(needs) if needs else None,
        sum(line.planned for line in lines),
        sum(line.covered for line in lines),
    )


@dataclass(frozen=True)
class Plan:
    """The classes of a year that serve a branch."""

    places: Places
    classes: int
    without_places: int  # classes of which nobody has said how many they are for


def serving(unit: Unit) -> Q:
    """Courses in the calendars of a unit's branch and of the unions above it."""
    above = Unit.objects.ancestors_of(unit)
    return Q(unit__in=Unit.objects.within(unit)) | Q(unit__in=above)


def plan_of(branch: Unit, year: int) -> Plan:
    """By the years of the calendar of courses; a cancelled class serves nobody, and one that was
    held has served."""
    first_day, quarters = quarters_of(year)
    courses = Course.objects.classes().filter(
        serving(branch), starts_on__range=(first_day, quarters[-1].cut_off_on)
    )
    rows = courses.exclude(status=CourseStatus.CANCELLED).order_by().values_list(*CELL)
    places: Counter[tuple[str, str | None]] = Counter()
    classes = without = 0
    for topic, audience, count, stated_of, number in rows.annotate(
        Count("pk"), Count("places"), Sum("places")
    ):
        classes += count
        without += count - stated_of
        if stated_of:
            places[topic, audience] += number
    return Plan(places, classes, without)


# --- a branch ------------------------------------------------------------------------------------


@dataclass
class Share:
    """What a part of a branch needs: by topic, and how many of its units have stated it."""

    units: int = 0
    stated: int = 0
    people: Counter[str] = field(default_factory=Counter)  # by code of the topic
    known: set[str] = field(default_factory=set)  # of which topics anything is stated

    @property
    def is_stated(self) -> bool:
        return bool(self.known)

    @property
    def total(self) -> int | None:
        return self.people.total() if self.is_stated else None

    @property
    def missing(self) -> int:
        """Units that have not stated anything."""
        return self.units - self.stated

    def of(self, topic: str) -> int | None:
        return self.people[topic] if topic in self.known else None

    @property
    def words(self) -> str:
        """«Đã có nhu cầu của 210/400 đơn vị»"""
        return ngettext(
            "Needs are stated of %(stated)s/%(units)s unit",
            "Needs are stated of %(stated)s/%(units)s units",
            self.units,
        ) % {"stated": whole_number(self.stated), "units": whole_number(self.units)}


@dataclass(frozen=True)
class BranchNeeds:
    branch: Unit
    whole: Share
    cells: Mapping[Pair, int]
    by_child: Mapping[str, Share]  # by path; the branch's own officers by its own
    by_sector: Mapping[str | None, Share]  # of no sector: superior unions


def counted_on(year: int, today: date) -> date:
    """Units that existed on this day are asked for the needs of a year."""
    return min(today, date(year, 12, 31))


def branch_needs(
    branch: Unit, year: int, *, today: date, sector: Sector | None = None
) -> BranchNeeds:
    """In three statements, whatever the size of the branch. Superior unions state what their own
    officers need; how many have stated is asked of the units that report."""
    units = Unit.objects.within(branch).active(counted_on(year, today))
    if sector is not None:
        units = units.filter(sector=sector)
    length = len(branch.path) + WIDTH
    whole, cells = Share(), Counter[Pair]()
    by_child: dict[str, Share] = defaultdict(Share)
    by_sector: dict[str | None, Share] = defaultdict(Share)
    asked = units.reporting().annotate(child=Substr("path", 1, length))
    for child, of_sector, number in (
        asked.order_by().values_list("child", "sector").annotate(Count("pk"))
    ):
        for share in (whole, by_child[child], by_sector[of_sector]):
            share.units += number
    needs = TrainingNeed.objects.filter(year=year, unit__in=units).order_by()
    needs = needs.annotate(child=Substr("unit__path", 1, length))
    places = ("child", "unit__sector")
    for child, of_sector, topic, audience, number in needs.values_list(*places, *CELL).annotate(
        Sum("people")
    ):
        cells[topic, audience] += number
        for share in (whole, by_child[child], by_sector[of_sector]):
            share.people[topic] += number
            share.known.add(topic)
    stating = needs.filter(unit__kind__in=REPORTING_KINDS).values_list(*places)
    for child, of_sector, number in stating.annotate(Count("unit", distinct=True)):
        for share in (whole, by_child[child], by_sector[of_sector]):
            share.stated += number
    return BranchNeeds(branch, whole, cells, dict(by_child), dict(by_sector))
