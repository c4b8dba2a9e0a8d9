"""Attendance from a file: who was sent to which course, and who completed it; all or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from members.access import Permission
from members.imports.units import no_such_unit, units_by_code
from members.models import Unit, User
from training.courses import calendar_of, completion_refusal, enter, hold_as_planned, record_courses
from training.models import Attendance, Course, CourseStatus, Officer, Tenure, Topic
from training.trained import plain, topics_by_name
from unionplan.lib import clock
from unionplan.lib.dates import in_text
from unionplan.lib.numbers import whole_number
from unionplan.lib.spreadsheets import Choices, Column, Row, Sheet, read
from unionplan.lib.vietnamese import one_line, same_name

ATTENDANCE_COLUMNS = [
    Column(
        "course",
        pgettext_lazy("column", "Course"),
        is_required=True,
        also=("Tên lớp", "Lớp đào tạo, bồi dưỡng", "Mã lớp"),
    ),
    Column("topic", pgettext_lazy("column", "Topic"), is_required=True),
    Column(
        "starts_on",
        pgettext_lazy("column", "First day"),
        is_required=True,
        also=("Ngày khai giảng", "Ngày bắt đầu", "Từ ngày", "Khai mạc"),
    ),
    Column("unit", pgettext_lazy("column", "Unit code"), is_required=True, also=("Mã",)),
    Column(
        "officer",
        pgettext_lazy("column", "Full name"),
        is_required=True,
        also=("Cán bộ", "Họ tên", "Tên cán bộ"),
    ),
    Column(
        "completed",
        pgettext_lazy("column", "Completed"),
        is_required=True,
        also=("Hoàn thành ngày", "Ngày hoàn thành", "Kết quả"),
    ),
    # of a list that was downloaded here: for the eyes, and to tell people of one name apart
    Column("name", pgettext_lazy("column", "Unit name"), also=("Tên đơn vị", "Đơn vị")),
    Column("number", pgettext_lazy("column", "Officer number")),
]
# As people write yes and no; anything else is the day of completion.
COMPLETED = Choices(
    {
        **dict.fromkeys(("có", "yes", "y", "true", "1", "x", "c", "đạt", "rồi"), "yes"),
        **dict.fromkeys(("hoàn thành", "đã hoàn thành", "completed", "done"), "yes"),
        **dict.fromkeys(("không", "no", "n", "false", "0", "k", "chưa", "không đạt"), "no"),
        **dict.fromkeys(("chưa hoàn thành", "không hoàn thành", "chưa đạt"), "no"),
        **dict.fromkeys(("vắng", "vắng mặt", "không tham dự", "không tham gia"), "no"),
    }
)
DIGITS = 18

Titled = tuple[str, date]  # how files call a course


@dataclass(frozen=True)
class Said:
    """What a row says of completion: yes or no, on which day; or nothing."""

    is_completed: bool | None = None
    day: date | None = None


@dataclass
class Listed:
    """A course and what the file says of the people on its list."""

    course: Course
    stored: Mapping[int, Attendance] = field(default_factory=dict)  # by officer
    said: dict[int, Said] = field(default_factory=dict)
    rows: dict[int, int] = field(default_factory=dict)  # officer → where it is said
    places: dict[int, tuple[Officer, Unit]] = field(default_factory=dict)
    first_row: int = 0

    @property
    def has_completed(self) -> bool:
        return any(said.is_completed for said in self.said.values())

    def attendances(self) -> Iterator[Attendance]:
        """Those that are new or differ from what is stored."""
        for officer, said in self.said.items():
            stored = self.stored.get(officer)
            day = said.day or self.course.ends_on
            person, unit = self.places[officer]
            if stored is None:
                completed_on = day if said.is_completed else None
                yield Attendance(
                    course=self.course, officer=person, unit=unit, completed_on=completed_on
                )
            elif differs(said, stored.completed_on):
                stored.completed_on = day if said.is_completed else None
                stored.unit = unit
                yield stored


def differs(said: Said, stored: date | None) -> bool:
    """«Có» is said of any day; a blank says nothing of somebody who is on the list."""
    if said.is_completed is None:
        return False
    if not said.is_completed:
        return stored is not None
    return stored is None or (said.day is not None and said.day != stored)


@dataclass(frozen=True)
class AttendanceBroughtIn:
    recorded: list[Course]  # were not in the calendar
    held: list[Course]  # were planned, and have taken place
    sent: list[Attendance]  # were not on the list of the course
    changed: list[Attendance]
    unchanged: int

    @property
    def is_empty(self) -> bool:
        return not (self.recorded or self.held or self.sent or self.changed)

    @property
    def completed(self) -> int:
        return sum(at.completed_on is not None for at in (*self.sent, *self.changed))

    def lines(self) -> Iterator[str]:
        for course in self.recorded:
            yield f"+ {course.title}, {in_text(course.starts_on)}"
        for course in self.held:
            words = _("held")
            yield f"~ {course.title}, {in_text(course.starts_on)}: {words}"
        for sign, attendances in (("+", self.sent), ("~", self.changed)):
            for at in attendances:
                words = _("not completed")
                if at.completed_on:
                    words = _("completed on %(day)s") % {"day": in_text(at.completed_on)}
                yield f"{sign} {at.unit.code} {at.officer} · {at.course.title}: {words}"

    def summary(self) -> str:
        return _(
            "Put on a list: %(sent)s. Completed: %(completed)s. Changed: %(changed)s."
            " Unchanged: %(unchanged)s. Courses recorded: %(recorded)s, held as planned: %(held)s."
        ) % {
            "sent": whole_number(len(self.sent)),
            "completed": whole_number(self.completed),
            "changed": whole_number(len(self.changed)),
            "unchanged": whole_number(self.unchanged),
            "recorded": whole_number(len(self.recorded)),
            "held": whole_number(len(self.held)),
        }

    def sentence(self) -> str:
        people = len(self.sent) + len(self.changed)
        words = ngettext(
            "Brought in the attendance of %(count)s officer.",
            "Brought in the attendance of %(count)s officers.",
            people,
        )
        return words % {"count": whole_number(people)}


@transaction.atomic
def bring_in_attendance(content: bytes, *, by: User, dry_run: bool = False) -> AttendanceBroughtIn:
    """Bring the lists of courses in; :class:`spreadsheets.Invalid` says all errors.

    A course is known by its number or by its title and first day, among those whose organiser the
    acting user may speak for; one that is not known is recorded as held, in the calendar of the
    highest unit they plan for, and ends on the last day on which somebody completed it. A planned
    course that has begun was held once somebody completed it: an office that sends the list of a
    course has held it, and need not say so twice. Its days are those planned.

    Whoever is in the file comes onto the list. «Có» is completed on the last day, «không» takes a
    completion back; a blank cell is not completed, yet says nothing of somebody who is on the list
    already, so that the list of those sent may come in again.
    """
    sheet = read(content, ATTENDANCE_COLUMNS)
    if not by.may_somewhere(Permission.TRAINING):
        raise PermissionDenied
    found = _AttendanceFile(sheet, by)
    sheet.stop_if_wrong()
    recorded = record_courses(found.new_courses(), by=by)
    held = hold_as_planned(found.courses_to_hold(), by=by)
    attendances = [at for listed in found.listed for at in listed.attendances()]
    sent = [at for at in attendances if at.pk is None]
    changed = [at for at in attendances if at.pk is not None]
    enter(attendances, by=by)
    if dry_run:
        transaction.set_rollback(True)
    unchanged = sum(len(listed.said) for listed in found.listed) - len(attendances)
    return AttendanceBroughtIn(recorded, held, sent, changed, unchanged)


class _AttendanceFile:
    """The rows of the file against the calendar, the officers and what is stored."""

    def __init__(self, sheet: Sheet, by: User) -> None:
        self.by, self.today = by, clock.today()
        self.topics = topics_by_name()
        self.units = units_by_code({row.text("unit") for row in sheet.rows})
        self.calendar = _Calendar(sheet, by)
        seen = [unit.pk for unit in self.units.values() if by.may(Permission.VIEW, unit)]
        self.people = _People(seen)
        self._new: dict[Titled, Listed] = {}
        self._known: dict[int, Listed] = {}
        for row in sheet.rows:
            self._read(row)

    @property
    def listed(self) -> list[Listed]:
        return [*self._new.values(), *self._known.values()]

    def new_courses(self) -> list[Course]:
        for listed in self._new.values():
            days = [said.day for said in listed.said.values() if said.day is not None]
            listed.course.ends_on = max([listed.course.starts_on, *days])
        return [listed.course for listed in self._new.values()]

    def courses_to_hold(self) -> list[Course]:
        return [
            listed.course
            for listed in self._known.values()
            if listed.course.is_planned and listed.has_completed
        ]

    def _read(self, row: Row) -> None:
        before = len(row.sheet.problems)
        title, day = self._title(row), row.date("starts_on", is_required=True)
        topic, said = self._topic(row), self._said(row)
        listed = self._course(row, title, day, topic) if title and day else None
        unit = self._unit(row)
        if day is None:
            return
        if listed is not None:
            self._refuse_day(row, listed, said)
        found = self._officer(row, unit, day) if unit is not None else None
        if found is None or listed is None or len(row.sheet.problems) > before:
            return
        officer, place = found
        first = listed.rows.setdefault(officer.pk, row.number)
        if first == row.number:
            listed.said[officer.pk] = said
            listed.places[officer.pk] = (officer, place)
        elif listed.said.get(officer.pk) != said:
            words = _("this person stands in row %(row)s already, and otherwise.")
            row.error("officer", words % {"row": first})

    # --- the course ------------------------------------------------------------------------------

    def _title(self, row: Row) -> str:
        return one_line(row.text("course", is_required=True, max_length=200))

    def _topic(self, row: Row) -> Topic | None:
        text = row.text("topic")
        topic = self.topics.get(plain(text)) if text else None
        if text and topic is None:
            row.error("topic", _("“%(text)s” is not known here.") % {"text": text})
        return topic

    def _course(self, row: Row, title: str, day: date, topic: Topic | None) -> Listed | None:
        numbered = self.calendar.numbered(title)
        if numbered is not None and numbered.starts_on != day:
            words = _("course %(number)s begins on %(day)s.")
            facts = {"number": title, "day": in_text(numbered.starts_on)}
            row.error("starts_on", words % facts)
            return None
        titled = [numbered] if numbered is not None else self.calendar.titled(title, day)
        open_ = [course for course in titled if course.status != CourseStatus.CANCELLED]
        if len(open_) > 1:
            numbers = ", ".join(str(course.pk) for course in open_)
            words = _("several courses have this title and day; write the number: %(numbers)s.")
            row.error("course", words % {"numbers": numbers})
            return None
        if titled and not open_:
            row.error("course", _("the course was cancelled."))
            return None
        if open_:
            return self._known_course(row, open_[0], topic)
        return self._new_course(row, title, day, topic)

    def _known_course(self, row: Row, course: Course, topic: Topic | None) -> Listed | None:
        if topic is not None and topic.pk != course.topic_id:
            row.error(
                "topic", _("the topic of this course is %(topic)s.") % {"topic": course.topic}
            )
            return None
        stored = self.calendar.stored.get(course.pk, {})
        return self._known.setdefault(course.pk, Listed(course, stored, first_row=row.number))

    def _new_course(self, row: Row, title: str, day: date, topic: Topic | None) -> Listed | None:
        listed = self._new.get((title_key(title), day))
        if listed is not None:
            if topic is not None and topic.pk != listed.course.topic_id:
                words = _("in row %(row)s the topic of this course is %(topic)s.")
                facts = {"row": listed.first_row, "topic": listed.course.topic}
                row.error("topic", words % facts)
                return None
            return listed
        if above := self.calendar.held_above(title, day):
            words = _("this is a course of %(unit)s, which says who attended.")
            row.error("course", words % {"unit": above.unit})
        elif is_number(title):
            row.error("course", _("there is no course with number %(number)s.") % {"number": title})
        elif day > self.today:
            words = _("there is no such course in the calendar, and the day lies in the future.")
            row.error("starts_on", words)
        elif self.calendar.unit is None:
            raise PermissionDenied
        elif topic is None:
            if not row.text("topic"):
                row.error("topic", _("this must be filled in."))
        else:
            course = Course(
                title=title, topic=topic, unit=self.calendar.unit, starts_on=day, ends_on=day
            )
            listed = Listed(course, first_row=row.number)
            self._new[title_key(title), day] = listed
            return listed
        return None

    # --- who, and whether they completed it ------------------------------------------------------

    def _unit(self, row: Row) -> Unit | None:
        code = row.text("unit", is_required=True)
        unit = self.units.get(code)
        if not code:
            return None
        if unit is None or not self.by.may(Permission.VIEW, unit):
            row.error("unit", no_such_unit(code))
            return None
        return unit

    def _officer(self, row: Row, unit: Unit, day: date) -> tuple[Officer, Unit] | None:
        """Who, and where they serve on the day."""
        candidates = self._candidates(row, unit)
        if candidates is None:
            return None
        serving = [
            (officer, place)
            for officer in candidates
            if (place := self.people.place_of(officer, day)) is not None
            and self.by.may(Permission.VIEW, place)
        ]
        if len(serving) == 1:
            return serving[0]
        if serving:
            numbers = ", ".join(str(officer.pk) for officer, _place in serving)
            words = _("%(unit)s has several officers of this name; write the number: %(numbers)s.")
            row.error("officer", words % {"unit": unit.code, "numbers": numbers})
        else:
            row.error("officer", self._absence(candidates[0], day))
        return None

    def _candidates(self, row: Row, unit: Unit) -> list[Officer] | None:
        name, number = row.text("officer"), row.text("number")
        if is_number(name):
            name, number = "", name
        if not name and not number:
            row.text("officer", is_required=True)
            return None
        facts = {"name": name, "number": number, "unit": unit.code}
        if number:
            known = self.people.numbered(unit, number)
            if known is None:
                words = _("there is no officer with number %(number)s at %(unit)s.")
                row.error(
                    "number" if row.sheet.has("number") and name else "officer", words % facts
                )
                return None
            if name and same_name(known.name) != same_name(name):
                words = _("number %(number)s is %(person)s.")
                row.error("officer", words % {"number": number, "person": known.name})
                return None
            return [known]
        named = self.people.named(unit, name)
        if not named:
            row.error("officer", _("there is no officer “%(name)s” at %(unit)s.") % facts)
            return None
        return named

    def _absence(self, officer: Officer, day: date) -> str:
        facts = {"person": officer.name, "day": in_text(day)}
        if self.people.came_after(officer, day):
            return _("%(person)s was not in office yet on %(day)s.") % facts
        return _("%(person)s was no longer in office on %(day)s.") % facts

    def _said(self, row: Row) -> Said:
        text = row.text("completed")
        if not text:
            return Said()
        word = COMPLETED.called(text)
        if word is not None:
            return Said(is_completed=word == "yes")
        if not any(sign.isdigit() for sign in text):
            row.error("completed", _("write yes, no, or the day of completion."))
            return Said()
        day = row.date("completed")
        return Said(is_completed=True, day=day) if day is not None else Said()

    def _refuse_day(self, row: Row, listed: Listed, said: Said) -> None:
        course = listed.course
        if not said.is_completed:
            return
        if course.starts_on > self.today:
            row.error("completed", _("The course has not begun yet."))
        elif said.day is None and course.ends_on > self.today:
            words = _("the course ends on %(day)s; write the day of completion.")
            row.error("completed", words % {"day": in_text(course.ends_on)})
        elif refusal := completion_refusal(course.starts_on, said.day):
            row.error("completed", refusal)


class _Calendar:
    """The courses the acting user may write, as far as the file may mean them, with their lists;
    three statements, and one for where new ones stand."""

    def __init__(self, sheet: Sheet, by: User) -> None:
        self.unit = calendar_of(by)
        days, numbers = set(), set()
        for row in sheet.rows:
            if (day := _quietly(row)) is not None:
                days.add(day)
            if is_number(text := row.text("course")):
                numbers.add(number_of(text))
        own = Course.objects.filter(unit__in=Unit.objects.open_to(by, Permission.TRAINING))
        asked = own.filter(Q(starts_on__in=days) | Q(pk__in=numbers))
        locked = asked.select_related("unit", "topic", "audience").order_by("pk")
        courses = list(locked.select_for_update(of=("self",), no_key=True))
        self._by_number = {course.pk: course for course in courses}
        self._by_title: dict[Titled, list[Course]] = defaultdict(list)
        for course in courses:
            self._by_title[title_key(course.title), course.starts_on].append(course)
        above = Course.objects.visible_to(by).filter(starts_on__in=days).select_related("unit")
        above = above.exclude(status=CourseStatus.CANCELLED).exclude(pk__in=self._by_number)
        self._above = {
            (title_key(course.title), course.starts_on): course for course in above.order_by("-pk")
        }
        self.stored: dict[int, dict[int, Attendance]] = defaultdict(dict)
        lists = Attendance.objects.filter(course__in=self._by_number)
        for attendance in lists.select_related("officer", "unit"):
            self.stored[attendance.course_id][attendance.officer_id] = attendance

    def numbered(self, text: str) -> Course | None:
        return self._by_number.get(number_of(text)) if is_number(text) else None

    def held_above(self, title: str, day: date) -> Course | None:
        """A course one sees and does not write: another of the same would count it twice."""
        return self._above.get((title_key(title), day))

    def titled(self, title: str, day: date) -> list[Course]:
        return self._by_title.get((title_key(title), day), [])


class _People:
    """Everybody who serves or ever served at these units, and where else; one statement."""

    def __init__(self, units: Iterable[int]) -> None:
        ever = Tenure.objects.filter(unit__in=list(units)).values("officer")
        tenures = Tenure.objects.filter(officer__in=ever).select_related("officer", "unit")
        self._tenures: dict[int, list[Tenure]] = defaultdict(list)
        self._at: dict[int, dict[int, Officer]] = defaultdict(dict)
        for tenure in tenures.by_time():
            self._tenures[tenure.officer_id].append(tenure)
            self._at[tenure.unit_id][tenure.officer_id] = tenure.officer

    def named(self, unit: Unit, name: str) -> list[Officer]:
        wanted = same_name(name)
        return [known for known in self._at[unit.pk].values() if same_name(known.name) == wanted]

    def numbered(self, unit: Unit, number: str) -> Officer | None:
        return self._at[unit.pk].get(number_of(number)) if is_number(number) else None

    def place_of(self, officer: Officer, day: date) -> Unit | None:
        held = (tenure for tenure in self._tenures[officer.pk] if tenure.holds_on(day))
        return next((tenure.unit for tenure in held), None)

    def came_after(self, officer: Officer, day: date) -> bool:
        return all(tenure.valid_from > day for tenure in self._tenures[officer.pk])


def title_key(title: str) -> str:
    return one_line(title).casefold()


def is_number(text: str) -> bool:
    """As our pages and files number courses and officers."""
    return text.isascii() and text.isdecimal()


def number_of(text: str) -> int:
    """0, which nothing is, of more digits than any number of ours has."""
    return int(text) if len(text) <= DIGITS else 0


def _quietly(row: Row) -> date | None:
    """The day of a row; what is wrong with it is said when the row is read."""
    problems = len(row.sheet.problems)
    day = row.date("starts_on")
    del row.sheet.problems[problems:]
    return day
