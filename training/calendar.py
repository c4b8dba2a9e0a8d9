"""The calendar of courses of a year, by the quarters of the union, and the plan beside what was
held.

A quarter is that in which a course begins. The plan of a quarter are the courses first planned for
a day of it, cancelled or not, so that what was put off or given up is seen; what was held stands
where it took place. Whoever looks after a branch reads the figures of its own calendars, as the
indicators count them; courses of the unions above it are told apart.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from django.db.models import Count, Max, Min, Q
from django.utils.translation import gettext as _

from members.access import Permission
from members.models import Calendar, Quarter, User
from members.models.quarters import quarters_of_span
from training.models import Attendance, Course, CourseStatus
from training.models.courses import CourseQuerySet
from unionplan.lib.numbers import whole_number

YEARS = range(2000, 2101)
# The look of a course is that of the report or target which stands likewise.
STATUSES = {
    CourseStatus.PLANNED: "not_due",
    CourseStatus.HELD: "met",
    CourseStatus.CANCELLED: "no_data",
}


class Turnout(NamedTuple):
    """Of the people in sight: how many are sent, and how many completed."""

    sent: int = 0
    completed: int = 0


@dataclass(frozen=True)
class Entry:
    """A course as somebody may see it."""

    course: Course
    turnout: Turnout
    is_of_branch: bool  # else it is of a union above: its own numbers are not ours to read
    today: date

    @property
    def other_turns(self) -> int | None:
        return self.course.other_turns if self.is_of_branch else None

    @property
    def turns(self) -> int:
        """Completed by people in sight, and by those who are not kept by name."""
        return self.turnout.completed + (self.other_turns or 0)

    @property
    def is_overdue(self) -> bool:
        """Planned, over, and nobody has said whether it took place."""
        return self.course.is_planned and self.course.is_over(self.today)

    @property
    def status(self) -> str:
        if self.is_overdue:
            return "at_risk"
        return STATUSES[CourseStatus(self.course.status)]

    @property
    def status_words(self) -> str:
        if self.is_overdue:
            return _("Over, not confirmed as held")
        return str(self.course.get_status_display())


@dataclass
class Tally:
    """Planned against held."""

    label: str
    planned: int = 0
    places: int = 0
    cancelled: int = 0
    held: int = 0
    turns: int = 0
    contests_planned: int = 0
    contests_held: int = 0

    def plan(self, course: Course) -> None:
        if not course.is_class:
            self.contests_planned += 1
            return
        self.planned += 1
        self.places += course.places or 0
        self.cancelled += course.status == CourseStatus.CANCELLED

    def hold(self, entry: Entry) -> None:
        if not entry.course.is_class:
            self.contests_held += 1
            return
        self.held += 1
        self.turns += entry.turns

    @property
    def has_contests(self) -> bool:
        return bool(self.contests_planned or self.contests_held)

    @property
    def is_empty(self) -> bool:
        return not (self.planned or self.held or self.has_contests)

    @property
    def contests(self) -> str:
        """«1/2»: held of planned."""
        if not self.has_contests:
            return "–"
        return f"{whole_number(self.contests_held)}/{whole_number(self.contests_planned)}"


@dataclass
class YearOfCourses:
    """The courses of a year that fit what is asked, and their plan against what was held."""

    courses: CourseQuerySet  # in sight and as asked, of all years
    user: User
    year: int
    today: date
    quarters: list[Quarter] = field(init=False)
    starts_on: date = field(init=False)

    def __post_init__(self) -> None:
        self.starts_on, self.quarters = quarters_of(self.year)

    @property
    def _span(self) -> tuple[date, date]:
        return self.starts_on, self.quarters[-1].cut_off_on

    @cached_property
    def known(self) -> list[Entry]:
        """Also what was planned for this year and held in another; two statements."""
        of_year = Q(starts_on__range=self._span) | Q(planned_on__range=self._span)
        found = self.courses.filter(of_year).select_related("unit", "topic", "audience")
        return entries(found.by_time(), self.user, self.today)

    @property
    def shown(self) -> list[Entry]:
        """By time."""
        first, last = self._span
        return [entry for entry in self.known if first <= entry.course.starts_on <= last]

    def quarter_of(self, day: date) -> Quarter:
        cut_offs = [quarter.cut_off_on for quarter in self.quarters]
        return self.quarters[min(bisect_left(cut_offs, day), len(self.quarters) - 1)]

    def by_quarter(self, shown: Sequence[Entry]) -> list[tuple[Quarter, list[Entry]]]:
        found: dict[int, list[Entry]] = {}
        for entry in shown:
            found.setdefault(self.quarter_of(entry.course.starts_on).number, []).append(entry)
        return [(q, found[q.number]) for q in self.quarters if q.number in found]

    @cached_property
    def tallies(self) -> list[Tally]:
        """Of each quarter, then of the year; last of the unions above, if they hold any."""
        by_quarter = {q.number: Tally(q.short_name) for q in self.quarters}
        year, above = Tally(_("The year")), Tally(_("Besides, of the unions above"))
        for entry in self.known:
            course = entry.course
            is_of_above = self.user.has_branch and not entry.is_of_branch
            for day, is_planned in ((course.planned_on, True), (course.starts_on, False)):
                if day is None or not self._span[0] <= day <= self._span[1]:
                    continue
                if not is_planned and not course.is_held:
                    continue
                tallies = (
                    [above] if is_of_above else [by_quarter[self.quarter_of(day).number], year]
                )
                for tally in tallies:
                    if is_planned:
                        tally.plan(course)
                    else:
                        tally.hold(entry)
        return [*by_quarter.values(), year, *([] if above.is_empty else [above])]


def entries(courses: Iterable[Course], user: User, today: date) -> list[Entry]:
    """One statement, beside that for the courses."""
    shown = list(courses)
    turnouts = turnouts_of((course.pk for course in shown), user)
    return [
        Entry(
            course,
            turnouts.get(course.pk, Turnout()),
            is_of_branch=user.may(Permission.VIEW, course.unit),
            today=today,
        )
        for course in shown
    ]


def turnouts_of(courses: Iterable[int], user: User) -> dict[int, Turnout]:
    seen = Attendance.objects.visible_to(user).filter(course__in=list(courses)).order_by()
    counted = seen.values("course").annotate(
        sent=Count("pk"), completed=Count("pk", filter=Q(completed_on__isnull=False))
    )
    rows = counted.values_list("course", "sent", "completed")
    return {course: Turnout(sent, completed) for course, sent, completed in rows}


# --- years ---------------------------------------------------------------------------------------


def quarters_of(year: int) -> tuple[date, list[Quarter]]:
    """The first day of a year of the union and its quarters, opened or as the calendar proposes
    them."""
    found = quarters_of_span(date(year - 1, 1, 1), date(year + 1, 6, 30))
    before = next(q for q in found if (q.year, q.number) == (year - 1, 4))
    return before.cut_off_on + timedelta(days=1), [q for q in found if q.year == year]


def year_of(day: date, calendar: Calendar) -> int:
    """A year of the union may end before the last of December."""
    return day.year + (day > calendar.cut_off(day.year, 4))


def years_of(courses: CourseQuerySet, calendar: Calendar, *years: int) -> list[int]:
    """Those with courses and those named, the latest first."""
    days = courses.order_by().aggregate(first=Min("starts_on"), last=Max("starts_on"))
    known = {year_of(day, calendar) for day in days.values() if day is not None} | set(years)
    return list(range(max(known), min(known) - 1, -1))
