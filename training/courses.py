"""Courses: planned, held or cancelled; who is sent, and who completed.

The unit in whose calendar a course stands plans and holds it and says who completed it. Whoever
keeps a unit's list of officers sends them to the courses held for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models.functions import Length
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from members.access import Permission
from members.actions import Refused
from members.models import HistoryEntry, HistoryKind, Unit, User
from members.models.history import Changes, changes_between, entry
from training.models import Attendance, Course, CourseStatus, Officer, Tenure
from training.terms import term_began_on
from unionplan.lib import clock
from unionplan.lib.dates import in_text

BATCH = 1000
Facts = Mapping[str, Any]  # fields of a course; unit, topic and audience as objects

PLAIN = ("title", "kind", "outside_organiser", "place", "status", "places", "other_turns")
DAYS = ("planned_on", "starts_on", "ends_on")
NAMED = 5  # people named in a sentence; the rest are a number
HELD = gettext_noop("held the course")
CANCELLED = gettext_noop("cancelled the course")


# --- the calendar --------------------------------------------------------------------------------


@transaction.atomic
def plan_course(course: Course, *, by: User) -> Course:
    """Put a course into the calendar of its unit."""
    by.require(Permission.TRAINING, course.unit)
    _refuse_ended(course.unit)
    course.status, course.planned_on = CourseStatus.PLANNED, course.starts_on
    return _put([course], gettext_noop("planned the course"), by=by)[0]


@transaction.atomic
def record_course(course: Course, *, by: User) -> Course:
    """A course that was held without having been planned here."""
    return record_courses([course], by=by)[0]


@transaction.atomic
def record_courses(courses: Sequence[Course], *, by: User) -> list[Course]:
    """The same of many; in a fixed number of statements."""
    for course in courses:
        by.require(Permission.TRAINING, course.unit)
        _refuse_future(course.starts_on)
        course.status, course.planned_on = CourseStatus.HELD, None
    return _put(courses, gettext_noop("recorded the course"), by=by)


def _put(courses: Sequence[Course], verb: str, *, by: User) -> list[Course]:
    for course in courses:
        _refuse_days(course)
        course.words_changed()
    put = Course.objects.bulk_create(courses, batch_size=BATCH)
    lines = [_line(course, verb, changes_between({}, told(course)), by=by) for course in put]
    HistoryEntry.objects.bulk_create(lines, batch_size=BATCH)
    return put


@transaction.atomic
def change_course(course: Course, facts: Facts, *, by: User) -> Course:
    """Change what is said of a course; whoever was sent still has to serve on its first day."""
    held = _locked(course, by=by)
    if held.status == CourseStatus.CANCELLED:
        raise Refused(_("The course was cancelled."))
    return _change(held, facts, gettext_noop("changed the course"), by=by)


@transaction.atomic
def hold(
    course: Course, *, starts_on: date, ends_on: date, other_turns: int | None, by: User
) -> Course:
    """The course took place, on these days."""
    held = _locked(course, by=by)
    if not held.is_planned:
        raise Refused(_("The course is not planned any more."))
    _refuse_future(starts_on)
    facts: Facts = {
        "starts_on": starts_on,
        "ends_on": ends_on,
        "other_turns": other_turns,
        "status": CourseStatus.HELD,
    }
    return _change(held, facts, HELD, by=by)


@transaction.atomic
def hold_as_planned(courses: Iterable[Course], *, by: User) -> list[Course]:
    """These took place on the days they were planned for; in a fixed number of statements."""
    held = _all_locked((course.pk for course in courses), by=by)
    for course in held:
        if not course.is_planned:
            raise Refused(_("The course is not planned any more."))
        _refuse_future(course.starts_on)
        course.status = CourseStatus.HELD
    Course.objects.bulk_update(held, ["status"], batch_size=BATCH)
    _follow_people(held)
    changes: Changes = {"status": [CourseStatus.PLANNED.value, CourseStatus.HELD.value]}
    lines = [_line(course, HELD, changes, by=by) for course in held]
    HistoryEntry.objects.bulk_create(lines, batch_size=BATCH)
    return held


@transaction.atomic
def cancel(course: Course, *, reason: str, by: User) -> Course:
    held = _locked(course, by=by)
    if not held.is_planned:
        raise Refused(_("The course is not planned any more."))
    held.status = CourseStatus.CANCELLED
    held.save(update_fields=["status"])
    changes: Changes = {"status": [CourseStatus.PLANNED.value, CourseStatus.CANCELLED.value]}
    _line(held, CANCELLED, changes, by=by, reason=reason).save()
    return held


def _change(held: Course, facts: Facts, verb: str, *, by: User) -> Course:
    before, first_day, unit, was_planned = told(held), held.starts_on, held.unit, held.is_planned
    for name, value in facts.items():
        setattr(held, name, value)
    by.require(Permission.TRAINING, held.unit)
    _refuse_days(held)
    if held.is_held:
        _refuse_future(held.starts_on)
    if held.starts_on != first_day:
        _follow_first_day(held, by=by)
    elif was_planned and held.is_held:
        _follow_people([held])
    held.words_changed()
    held.save()
    changes = changes_between(before, told(held))
    if held.unit != unit:  # either calendar reads of itself, and nothing of the other
        gone: Changes = {"unit": [unit.name, None]}
        left = _line(held, gettext_noop("handed the course over"), gone, by=by)
        left.unit = unit
        left.save()
        verb, changes = gettext_noop("took the course over"), changes_between({}, told(held))
    if changes:
        _line(held, verb, changes, by=by).save()
    return held


def _follow_people(courses: Sequence[Course]) -> None:
    """Whoever has moved since they were sent counts where they serve on the first day; whoever has
    left stays on the list, and completes nothing. In three statements."""
    days = {course.pk: course.starts_on for course in courses}
    sent = list(Attendance.objects.filter(course__in=days).order_by("pk"))
    held: dict[int, list[Tenure]] = defaultdict(list)
    served = Tenure.objects.filter(officer__in={at.officer_id for at in sent})
    for tenure in served.select_related("unit"):
        held[tenure.officer_id].append(tenure)
    moved = []
    for attendance in sent:
        day = days[attendance.course_id]
        now = next((one.unit for one in held[attendance.officer_id] if one.holds_on(day)), None)
        if now is not None and now.pk != attendance.unit_id:
            attendance.unit = now
            moved.append(attendance)
    Attendance.objects.bulk_update(moved, ["unit"], batch_size=BATCH)


def _follow_first_day(course: Course, *, by: User) -> None:
    """Everybody serves on the new first day, there where they are then, and completed nothing
    before it."""
    sent = list(course.attendances.select_related("officer", "unit").order_by("pk"))
    early = [at for at in sent if at.completed_on and at.completed_on < course.starts_on]
    if early:
        raise Refused(_("Somebody completed the course before that day; take that back first."))
    places = serving_on(course.starts_on, [at.officer_id for at in sent])
    gone = [at for at in sent if at.officer_id not in places]
    if gone:
        seen = [at.officer for at in gone if by.may(Permission.VIEW, at.unit)]
        raise Refused(_not_serving(seen, course.starts_on, hidden=len(gone) - len(seen)))
    for attendance in sent:
        attendance.unit = places[attendance.officer_id]
    Attendance.objects.bulk_update(sent, ["unit"])


# --- attendance ----------------------------------------------------------------------------------


@transaction.atomic
def send(course: Course, officers: Sequence[Officer], *, by: User) -> list[Attendance]:
    """Send people to a course; those who are on its list already stay there, once.

    Whoever keeps their list of officers does it while the course is planned; once it is held, the
    organiser alone says who was there.
    """
    held = _locked_to_send(course, by=by)
    there = set(held.attendances.values_list("officer_id", flat=True))
    new = list({o.pk: o for o in officers if o.pk not in there}.values())
    places = serving_on(held.starts_on, [officer.pk for officer in new])
    gone = [officer for officer in new if officer.pk not in places]
    if gone:
        raise Refused(_not_serving(gone, held.starts_on))
    is_organiser = by.may(Permission.TRAINING, held.unit)
    for unit in set(places.values()):
        if not (is_organiser and by.may(Permission.VIEW, unit)):
            by.require(Permission.OFFICERS, unit)
    sent = [Attendance(course=held, officer=o, unit=places[o.pk]) for o in new]
    Attendance.objects.bulk_create(sent)
    _tell(sent, gettext_noop("sent to the course"), by=by)
    return sent


@transaction.atomic
def take_back(attendance: Attendance, *, by: User) -> None:
    """Somebody is not sent after all."""
    course = _locked_to_send(attendance.course, by=by)
    found = course.attendances.select_related("officer", "unit").filter(pk=attendance.pk).first()
    if found is None:
        return
    if not by.may(Permission.TRAINING, course.unit):
        by.require(Permission.OFFICERS, found.unit)
    if found.completed_on is not None:
        raise Refused(_("%(person)s completed the course.") % {"person": found.officer})
    found.delete()
    found.course = course
    _tell([found], gettext_noop("took back from the course"), by=by)


@transaction.atomic
def complete(course: Course, completed: Mapping[int, date | None], *, by: User) -> list[Attendance]:
    """Who completed a held course, and on which day; ``None`` takes it back. By id of the
    attendance; those not named stay as they are."""
    held = _locked(course, by=by)
    if not held.is_held:
        raise Refused(_("The course is not held yet."))
    rows = held.attendances.filter(pk__in=completed).select_related("officer", "unit")
    changed = [at for at in rows.order_by("pk") if completed[at.pk] != at.completed_on]
    new = [at for at in changed if at.completed_on is None]
    places = serving_on(held.starts_on, [at.officer_id for at in new])
    gone = [at.officer for at in new if at.officer_id not in places]
    if gone:
        words = _("Not in office on %(day)s, so not to have completed the course: %(names)s.")
        raise Refused(words % {"day": in_text(held.starts_on), "names": _names(gone)})
    for attendance in new:
        attendance.unit = places[attendance.officer_id]
    before = {at.pk: at.completed_on for at in changed}
    for attendance in changed:
        day = completed[attendance.pk]
        if refusal := completion_refusal(held.starts_on, day):
            raise Refused(refusal)
        attendance.completed_on = day
        attendance.course = held
    Attendance.objects.bulk_update(changed, ["completed_on", "unit"])
    _tell_completed(changed, before, by=by)
    return changed


@transaction.atomic
def enter(attendances: Sequence[Attendance], *, by: User) -> None:
    """Many at once, of any courses of one's own, with the day each was completed: those who are
    not on the list of their course come onto it. In a fixed number of statements.

    ``unit`` is where the officer serves on the first day.
    """
    courses = {at.course_id for at in attendances}
    held = {course.pk: course for course in _all_locked(courses, by=by)}
    for attendance in attendances:
        course = held[attendance.course_id]
        if course.status == CourseStatus.CANCELLED:
            raise Refused(_("The course was cancelled."))
        if attendance.completed_on and not course.is_held:
            raise Refused(_("The course is not held yet."))
        if refusal := completion_refusal(course.starts_on, attendance.completed_on):
            raise Refused(refusal)
        by.require(Permission.VIEW, attendance.unit)
        attendance.course = course
    new = [at for at in attendances if at.pk is None]
    known = [at for at in attendances if at.pk is not None]
    stored = Attendance.objects.filter(pk__in=[at.pk for at in known])
    before = dict(stored.values_list("pk", "completed_on"))
    Attendance.objects.bulk_create(new, batch_size=BATCH)
    Attendance.objects.bulk_update(known, ["completed_on", "unit"], batch_size=BATCH)
    _tell([at for at in new if not at.completed_on], gettext_noop("sent to the course"), by=by)
    _tell_completed([at for at in attendances if at.completed_on or at.pk in before], before, by=by)


def completion_refusal(starts_on: date, completed_on: date | None) -> str:
    """Why a course cannot have been completed that day; empty where it can."""
    if completed_on is None:
        return ""
    if completed_on < starts_on:
        return _("Completed on %(day)s, before the course began on %(first)s.") % {
            "day": in_text(completed_on),
            "first": in_text(starts_on),
        }
    if completed_on > clock.today():
        return _("The day of completion lies in the future.")
    return ""


def learnt_before(
    course: Course, officers: Iterable[int], *, by: User
) -> dict[int, list[Attendance]]:
    """Who of these was sent to, or completed, another course of the same topic in the same term:
    so that nobody is sent twice to the same (CĐXDVN 2024, 0.12). By id of the officer."""
    began_on = term_began_on(course.starts_on)
    others = (
        Attendance.objects.told_to(by)
        .filter(
            officer__in=list(officers),
            course__topic=course.topic_id,
            course__kind=course.kind,
            course__starts_on__gte=began_on,
        )
        .exclude(course__status=CourseStatus.CANCELLED)
    )
    # held and not completed: there is every reason to go again
    others = others.exclude(course=course.pk).exclude(
        course__status=CourseStatus.HELD, completed_on=None
    )
    found: dict[int, list[Attendance]] = defaultdict(list)
    for attendance in others.select_related("course__topic").order_by("course__starts_on", "pk"):
        found[attendance.officer_id].append(attendance)
    return dict(found)


def serving_on(day: date, officers: Iterable[int]) -> dict[int, Unit]:
    """Where each of these serves that day; one statement."""
    tenures = Tenure.objects.at(day).filter(officer__in=list(officers)).select_related("unit")
    return {tenure.officer_id: tenure.unit for tenure in tenures}


def calendar_of(user: User) -> Unit | None:
    """Where somebody's courses stand unless they say otherwise: the highest unit they plan for."""
    units = Unit.objects.open_to(user, Permission.TRAINING).living()
    return units.order_by(Length("path"), "path").first()


# --- the parts -----------------------------------------------------------------------------------


def _locked(course: Course, *, by: User) -> Course:
    """For whoever holds it."""
    held = _row(course, by=by)
    by.require(Permission.TRAINING, held.unit)
    return held


def _locked_to_send(course: Course, *, by: User) -> Course:
    held = _row(course, by=by)
    if held.status == CourseStatus.CANCELLED:
        raise Refused(_("The course was cancelled."))
    if held.is_held:
        by.require(Permission.TRAINING, held.unit)
    return held


def _all_locked(ids: Iterable[int], *, by: User) -> list[Course]:
    """In one order, so that two who write many wait for each other."""
    wanted = set(ids)
    rows = Course.objects.select_related("unit", "topic", "audience").filter(pk__in=wanted)
    found = list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))
    if len(found) < len(wanted):
        raise Refused(_("The course is not in the calendar any more."))
    for course in found:
        by.require(Permission.TRAINING, course.unit)
    return found


def _row(course: Course, *, by: User) -> Course:
    rows = Course.objects.visible_to(by).select_related("unit", "topic", "audience")
    found = rows.select_for_update(of=("self",), no_key=True).filter(pk=course.pk).first()
    if found is None:
        raise Refused(_("The course is not in the calendar any more."))
    return found


def _refuse_days(course: Course) -> None:
    if course.ends_on < course.starts_on:
        raise Refused(_("The last day lies before the first."))


def _refuse_future(starts_on: date) -> None:
    if starts_on > clock.today():
        raise Refused(_("The course has not begun yet."))


def _refuse_ended(unit: Unit) -> None:
    if unit.ended_on is not None:
        raise Refused(_("The unit has ended."))


def _not_serving(officers: Sequence[Officer], day: date, *, hidden: int = 0) -> str:
    """``hidden`` are people of other branches, whose names are not told here."""
    return _("Not in office on %(day)s, so not to be sent: %(names)s.") % {
        "day": in_text(day),
        "names": _names(officers, hidden=hidden),
    }


def _names(officers: Sequence[Officer], *, hidden: int = 0) -> str:
    if not officers:
        words = ngettext(
            "%(count)s officer of another branch", "%(count)s officers of other branches", hidden
        )
        return words % {"count": hidden}
    names = ", ".join(officer.name for officer in officers[:NAMED])
    more = max(0, len(officers) - NAMED) + hidden
    return _("%(names)s and %(count)s more") % {"names": names, "count": more} if more else names


def told(course: Course) -> dict[str, Any]:
    """What the history keeps of it, in the words of the day."""
    return {
        **{name: getattr(course, name) for name in PLAIN},
        **{name: str(d) if (d := getattr(course, name)) else None for name in DAYS},
        "unit": course.unit.name,
        "topic": course.topic.name,
        "audience": course.audience.name if course.audience else None,
    }


def subject_of(course: Course) -> str:
    """Many bear the same title, so that their number tells them apart."""
    return f"{course.title} (#{course.pk})"


def _line(
    course: Course, verb: str, changes: Changes, *, by: User, reason: str = ""
) -> HistoryEntry:
    return entry(
        HistoryKind.COURSE,
        verb,
        by=by,
        unit=course.unit,
        subject=subject_of(course),
        changes=changes,
        reason=reason,
    )


def _tell_completed(
    attendances: Sequence[Attendance], before: Mapping[int, date | None], *, by: User
) -> None:
    """``before`` are the days that stood there, by id of the attendance."""
    done = [at for at in attendances if at.completed_on]
    _tell(done, gettext_noop("completed the course"), before, by=by)
    undone = [at for at in attendances if not at.completed_on]
    _tell(undone, gettext_noop("did not complete the course"), before, by=by)


def _tell(
    attendances: Sequence[Attendance],
    verb: str,
    before: Mapping[int, date | None] | None = None,
    *,
    by: User,
) -> None:
    """Of each person at the unit whose officer it is, where alone the name is to be seen."""
    days = before or {}
    HistoryEntry.objects.bulk_create(
        entry(
            HistoryKind.COURSE,
            verb,
            by=by,
            unit=attendance.unit,
            subject=f"{subject_of(attendance.course)} · {attendance.officer.name}",
            changes=changes_between(
                {"completed_on": _day(days.get(attendance.pk))},
                {"completed_on": _day(attendance.completed_on)},
            ),
        )
        for attendance in attendances
    )


def _day(day: date | None) -> str | None:
    return str(day) if day else None
