"""«Đào tạo»: what a branch and what a unit has before it, in a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.models import Unit, User
from training.models import Course, CourseStatus, Tenure
from training.needs import Share, Stated, branch_needs, needs_of, serving, stated
from unionplan.lib.numbers import points, whole_number

COURSES_SHOWN = 5


@dataclass(frozen=True)
class Classes:
    """The classes in the calendars of a branch in a year: planned against held."""

    planned: int  # planned for a day of the year, whatever became of them
    planned_held: int
    unplanned: int  # held without a plan
    cancelled: int

    @property
    def words(self) -> str:
        """«Đã tổ chức 9/15 lớp theo kế hoạch»"""
        numbers = {"held": self.planned_held, "planned": self.planned}
        return ngettext(
            "%(held)s of %(planned)s planned class held",
            "%(held)s of %(planned)s planned classes held",
            self.planned,
        ) % {name: whole_number(number) for name, number in numbers.items()}


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
    year: int
    classes: Classes
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


def branch_overview(branch: Unit, *, today: date) -> BranchOverview:
    return BranchOverview(
        branch=branch,
        year=today.year,
        classes=classes_of(branch, today.year),
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


def classes_of(branch: Unit, year: int) -> Classes:
    planned, held = Q(planned_on__year=year), Q(status=CourseStatus.HELD)
    courses = Course.objects.classes().filter(unit__in=Unit.objects.within(branch))
    return Classes(
        **courses.aggregate(
            planned=Count("pk", filter=planned),
            planned_held=Count("pk", filter=planned & held),
            unplanned=Count("pk", filter=held & Q(planned_on=None, starts_on__year=year)),
            cancelled=Count("pk", filter=planned & Q(status=CourseStatus.CANCELLED)),
        )
    )


def upcoming(unit: Unit, *, today: date) -> list[Course]:
    """The next planned courses that are held in the branch, or for it by the unions above."""
    courses = Course.objects.planned().filter(serving(unit), ends_on__gte=today)
    return list(courses.select_related("unit", "topic").by_time()[:COURSES_SHOWN])


def officers_of(branch: Unit, *, today: date) -> Officers:
    units = Unit.objects.within(branch)
    serving_now = Tenure.objects.at(today).filter(unit__in=units)
    chairs = Tenure.objects.at(today).chairs().filter(unit=OuterRef("pk"))
    named = serving_now.aggregate(
        listed=Count("pk"), full_time=Count("pk", filter=Q(is_full_time=True))
    )
    reporting = units.reporting().active(today)
    counted = reporting.aggregate(
        units=Count("pk"), without_chair=Count("pk", filter=~Exists(chairs))
    )
    return Officers(**named, **counted)


def units_of(user: User) -> list[Unit]:
    """The units that report where this person holds a role."""
    return [role.unit for role in user.roles if role.unit.is_reporting]
