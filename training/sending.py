"""Whom somebody may send to a course, and of whom to ask once more."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from members.access import Permission
from members.models import Unit, User
from training.courses import learnt_before
from training.models import Attendance, Course, Officer, Tenure
from training.models.officers import TenureQuerySet
from unionplan.lib.dates import in_text


@dataclass(frozen=True)
class Candidate:
    """Somebody who serves on the first day of the course."""

    tenure: Tenure
    is_ticked: bool = False
    is_sent: bool = False
    before: list[str] = field(default_factory=list)  # «đã học Nghiệp vụ ngày 06/5/2024»

    @property
    def officer(self) -> Officer:
        return self.tenure.officer


def is_organiser(user: User, course: Course) -> bool:
    return user.may(Permission.TRAINING, course.unit)


def may_send(user: User, course: Course) -> bool:
    """To a planned course whoever keeps officers; once it is held the organiser alone."""
    if is_organiser(user, course):
        return course.is_planned or course.is_held
    return course.is_planned and user.may_somewhere(Permission.OFFICERS)


def may_take_back(user: User, course: Course, attendance: Attendance) -> bool:
    if attendance.completed_on is not None or not may_send(user, course):
        return False
    return is_organiser(user, course) or user.may(Permission.OFFICERS, attendance.unit)


def to_send(user: User, course: Course, *, on: date) -> TenureQuerySet:
    """Those who serve that day where this person keeps the officers; of the organiser, everybody
    of the branch."""
    permission = Permission.VIEW if is_organiser(user, course) else Permission.OFFICERS
    units = Unit.objects.open_to(user, permission)
    found = Tenure.objects.at(on).filter(unit__in=units)
    return found.select_related("officer", "unit", "position")


def candidates(
    course: Course, tenures: Iterable[Tenure], *, by: User, ticked: Collection[int] = ()
) -> list[Candidate]:
    """With what each has learnt before; in three statements."""
    found = list(tenures)
    officers = [tenure.officer_id for tenure in found]
    there = set(course.attendances.filter(officer__in=officers).values_list("officer", flat=True))
    new = [officer for officer in officers if officer not in there]
    learnt = learnt_before(course, new, by=by)
    return [
        Candidate(
            tenure,
            is_ticked=tenure.officer_id in ticked,
            is_sent=tenure.officer_id in there,
            before=[_before(attendance) for attendance in learnt.get(tenure.officer_id, [])],
        )
        for tenure in found
    ]


def _before(attendance: Attendance) -> str:
    """Without the title: it may be a course of another branch."""
    course = attendance.course
    facts = {"topic": course.topic, "day": in_text(course.starts_on)}
    if attendance.completed_on is not None:
        return _("learnt %(topic)s on %(day)s") % facts
    return _("is sent to %(topic)s on %(day)s") % facts
