"""«Đào tạo»: what a branch and what a unit has before it, in a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.models import Calendar, Unit, User
from training.calendar import Tally, YearOfCourses, year_of
from training.models import Course, Tenure
from training.needs import Share, Stated, branch_needs, needs_of, serving, stated
from training.officers import without_chair
from unionplan.lib.numbers import points, whole_number

COURSES_SHOWN = 5


@dataclass(frozen=True)
class Officers:
    """Who serves in a branch today."""

    listed: int
    full_time: int
    units: int  # that report
    without_chair: int

    @property
    def load(self) -> str:
        """«133,33 CĐCS/cán bộ chuyên trách», as the indicator is written."""
        if not self.full_time:
            return ""
        words = _("%(count)s grassroots unions per full-time officer")
        return words % {"count": points(Fraction(self.units, self.full_time))}

    @property
    def load_words(self) -> str:
        """«400 CĐCS, 3 cán bộ chuyên trách»"""
        units = ngettext("%(count)s union that reports", "%(count)s unions that report", self.units)
        officers = ngettext(
            "%(count)s full-time officer", "%(count)s full-time officers", self.full_time
        )
        parts = {
            "units": units % {"count": whole_number(self.units)},
            "officers": officers % {"count": whole_number(self.full_time)},
        }
        return _("%(units)s, %(officers)s") % parts


@dataclass(frozen=True)
class BranchOverview:
    branch: Unit
    year: str
    classes: Tally
    upcoming: list[Course]
    officers: Officers
    needs: Share  # of the coming year


@dataclass(frozen=True)
class UnitOverview:
    unit: Unit
    officers: list[Tenure]
    stated: Stated  # of the coming year
    upcoming: list[Course]

    @property
    def has_chair(self) -> bool:
        return any(tenure.is_chair for tenure in self.officers)


def branch_overview(branch: Unit, user: User, *, today: date) -> BranchOverview:
    year = year_of(today, Calendar.current())
    return BranchOverview(
        branch=branch,
        year=str(year),
        classes=classes_of(branch, year, user, today=today),
        upcoming=upcoming(branch, today=today),
        officers=officers_of(branch, today=today),
        needs=branch_needs(branch, today.year + 1, today=today).whole,
    )


def unit_overview(unit: Unit, *, today: date) -> UnitOverview:
    serving_now = Tenure.objects.at(today).filter(unit=unit)
    return UnitOverview(
        unit=unit,
        officers=list(serving_now.select_related("officer", "position", "unit").by_place()),
        stated=stated(needs_of(unit, today.year + 1)),
        upcoming=upcoming(unit, today=today),
    )


def classes_of(branch: Unit, year: int, user: User, *, today: date) -> Tally:
    """In the calendars of the branch, as the page of courses counts them."""
    courses = Course.objects.visible_to(user).filter(unit__in=Unit.objects.within(branch))
    known = YearOfCourses(courses, user, year, today)
    return known.tallies[len(known.quarters)]


def upcoming(unit: Unit, *, today: date) -> list[Course]:
    """The next planned courses that are held in the branch, or for it by the unions above."""
    courses = Course.objects.planned().filter(serving(unit), ends_on__gte=today)
    return list(courses.select_related("unit", "topic").by_time()[:COURSES_SHOWN])


def officers_of(branch: Unit, *, today: date) -> Officers:
    units = Unit.objects.within(branch)
    named = Tenure.objects.at(today).filter(unit__in=units)
    return Officers(
        **named.aggregate(listed=Count("pk"), full_time=Count("pk", filter=Q(is_full_time=True))),
        units=units.reporting().active(today).count(),
        without_chair=without_chair(units, today).count(),
    )


def units_of(user: User) -> list[Unit]:
    """The units that report where this person holds a role."""
    return list({role.unit_id: role.unit for role in user.roles if role.unit.is_reporting}.values())
