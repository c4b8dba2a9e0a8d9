"""The tables of courses: a quarter of the calendar, and the people of one course for a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models import Quarter
from training.calendar import Entry
from training.imports.attendance import ATTENDANCE_COLUMNS
from training.models import Attendance, Course
from unionplan.lib.numbers import whole_number
from unionplan.lib.spreadsheets import Value

NUMBER = {"cell": {"class": "number"}}
# What a file of people says, in the words by which it can be brought in again.
PEOPLE = ("course", "topic", "starts_on", "unit", "name", "number", "officer", "completed")


class CourseTable(tables.Table):  # type: ignore[misc]
    """Courses with what the reader may know of each."""

    # of these the page speaks within another cell or above the table, a file has columns
    number = tables.Column(verbose_name=_("Course number"), accessor="course__pk", visible=False)
    quarter = tables.Column(verbose_name=_("Quarter"), empty_values=(), visible=False)
    title = tables.TemplateColumn(
        template_name="training/_course_title.html",
        verbose_name=pgettext_lazy("column", "Course"),
        accessor="course__title",
    )
    kind = tables.Column(
        verbose_name=pgettext_lazy("course", "Kind"),
        accessor="course__get_kind_display",
        visible=False,
    )
    topic = tables.Column(
        verbose_name=pgettext_lazy("column", "Topic"), accessor="course__topic", visible=False
    )
    days = tables.TemplateColumn(
        template_name="training/_course_days.html",
        verbose_name=pgettext_lazy("column", "Days"),
        accessor="course__starts_on",
        exclude_from_export=True,
    )
    starts_on = tables.Column(
        verbose_name=pgettext_lazy("column", "First day"),
        accessor="course__starts_on",
        visible=False,
    )
    ends_on = tables.Column(
        verbose_name=pgettext_lazy("column", "Last day"), accessor="course__ends_on", visible=False
    )
    place = tables.Column(verbose_name=pgettext_lazy("column", "Place"), accessor="course__place")
    status = tables.TemplateColumn(
        template_name="training/_course_status.html",
        verbose_name=pgettext_lazy("column", "Status"),
        accessor="status",
    )
    audience = tables.Column(
        verbose_name=pgettext_lazy("column", "Audience"), accessor="course__audience"
    )
    organiser = tables.TemplateColumn(
        template_name="training/_course_organiser.html",
        verbose_name=pgettext_lazy("column", "Organiser"),
        accessor="course__unit",
    )
    outside = tables.Column(
        verbose_name=_("Outside organiser"), accessor="course__outside_organiser", visible=False
    )
    places = tables.Column(
        verbose_name=pgettext_lazy("column", "Places"), accessor="course__places", attrs=NUMBER
    )
    sent = tables.Column(
        verbose_name=pgettext_lazy("column", "Sent"), accessor="turnout__sent", attrs=NUMBER
    )
    completed = tables.Column(
        verbose_name=pgettext_lazy("column", "Completed"),
        accessor="turnout__completed",
        attrs=NUMBER,
    )
    other_turns = tables.Column(
        verbose_name=_("Turns of people not listed by name"), accessor="other_turns", visible=False
    )

    class Meta:
        attrs = {"class": "table-courses"}
        orderable = False
        default = "–"

    def __init__(
        self, rows: Iterable[Entry], *, caption: str, quarter_of: Callable[[date], Quarter]
    ) -> None:
        super().__init__(list(rows))
        self.caption, self.quarter_of = caption, quarter_of

    def render_places(self, value: int) -> str:
        return whole_number(value)

    def render_sent(self, value: int) -> str:
        return whole_number(value)

    def render_completed(self, value: int, record: Entry) -> str:
        """«18 + 10»: by name, and of those who are not listed."""
        if not record.course.is_held:
            return "–"
        others = f" + {whole_number(record.other_turns)}" if record.other_turns else ""
        return whole_number(value) + others

    # What a file says of a cell that is more than a text.

    def value_quarter(self, record: Entry) -> str:
        return str(self.quarter_of(record.course.starts_on))

    def value_title(self, record: Entry) -> str:
        return record.course.title

    def value_organiser(self, record: Entry) -> str:
        return record.course.unit.name

    def value_status(self, record: Entry) -> str:
        return record.status_words

    def value_starts_on(self, record: Entry) -> date:
        return record.course.starts_on

    def value_ends_on(self, record: Entry) -> date:
        return record.course.ends_on

    def value_places(self, record: Entry) -> int | None:
        return record.course.places

    def value_sent(self, record: Entry) -> int:
        return record.turnout.sent

    def value_completed(self, record: Entry) -> int | None:
        return record.turnout.completed if record.course.is_held else None

    def value_other_turns(self, record: Entry) -> int | None:
        return record.other_turns


def people_of(
    course: Course, seen: Iterable[Attendance]
) -> tuple[list[str], Iterator[list[Value]]]:
    """Header and rows of a file that can be brought in again."""
    labels = {column.name: str(column.label) for column in ATTENDANCE_COLUMNS}
    return [labels[name] for name in PEOPLE], (_row_of(course, one) for one in seen)


def _row_of(course: Course, attendance: Attendance) -> list[Value]:
    facts: dict[str, Any] = {
        "course": course.title,
        "topic": str(course.topic),
        "starts_on": course.starts_on,
        "unit": attendance.unit.code,
        "name": attendance.unit.name,
        "number": attendance.officer_id,
        "officer": attendance.officer.name,
        "completed": attendance.completed_on,
    }
    return [facts[name] for name in PEOPLE]
