"""«Ai chưa được đào tạo, bồi dưỡng»: the people behind a share of people trained, by the very rule
of the figure: as many names as the named of the denominator less those of the numerator.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from members.access import Permission
from members.models import Unit, User
from targets.indicators import SHIPPED
from targets.reading import Reader
from targets.results import Line, Question
from targets.sources.training import NotListed, Person
from targets.topics import Topics
from training.models import Attendance, Course, CourseStatus, Tenure
from unionplan.lib.dates import in_text

SHARES = frozenset(code for code, known in SHIPPED.items() if known.has_topics)


@dataclass(frozen=True)
class Untrained:
    """Of one line of a plan, at its cut-off, in one branch."""

    choices: tuple[Line, ...]  # the lines of the plan that may be asked
    line: Line
    topics: tuple[str, ...]  # codes; none: any topic would do
    people: tuple[Person, ...]
    not_listed: tuple[NotListed, ...]

    @property
    def untold(self) -> int:
        """Those who are not kept by name."""
        return sum(unit.untrained for unit in self.not_listed)

    def of(self, *, below: int | None = None, topic: str = "") -> Untrained:
        """Of a unit further down alone, of those who miss a topic alone."""
        people = (one for one in self.people if not topic or topic in one.missing)
        units = self.not_listed
        if below is not None:
            people = (one for one in people if below in one.above)
            units = tuple(one for one in units if below in one.above)
        return replace(self, people=tuple(people), not_listed=units)


def untrained_of(
    question: Question, unit: Unit, *, indicator: str = "", group: str = "", due_on: str = ""
) -> Untrained | None:
    """Of that line, else of the first that counts anybody; ``None`` of a plan without such a
    line."""
    reader = Reader(question, [unit], only=SHARES)
    keys = [key for key in reader.targets.keys if reader.concerns(key, unit)]
    if not keys:
        return None
    choices = tuple(reader.line(unit, key) for key in keys)
    line = _chosen(choices, indicator, group, due_on)
    key = line.key
    quarter = line.stretch.shown(key.due_on)
    people: list[Person] = []
    not_listed: list[NotListed] = []
    topics: tuple[str, ...] = ()
    if quarter is not None and reader.training is not None:
        wanted = reader.wanted(unit, key, quarter)
        topics = wanted.topics
        people = [one for one in reader.training.people(wanted) if not one.is_trained]
        if key.indicator == "officers-trained":
            stated = reader.training.not_listed(wanted)
            not_listed = sorted((one for one in stated if one.untrained), key=_most_first)
    return Untrained(choices, line, topics, tuple(people), tuple(not_listed))


def _chosen(lines: Sequence[Line], indicator: str, group: str, due_on: str) -> Line:
    fitting = [line for line in lines if line.key.indicator == indicator]
    of_group = [line for line in fitting if line.key.group == group]
    of_day = [line for line in of_group if str(line.due_on or "") == due_on]
    counting = [line for line in lines if line.progress.denominator]
    return [*of_day, *of_group, *fitting, *counting, *lines][0]


def _most_first(one: NotListed) -> tuple[int, int]:
    return -one.untrained, one.unit


# --- for whom it is shown ------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """Somebody to be trained still, with what the page says of them."""

    tenure: Tenure
    missing: list[str]
    sent_to: list[str]  # «Nghiệp vụ 12/11/2024», of courses that are planned


@dataclass(frozen=True)
class UnitRow:
    unit: Unit
    stated: NotListed


class Shown:
    """What of it somebody may read: units that have moved out of their branch since the cut-off
    keep their numbers in the figure, and their names to themselves."""

    def __init__(self, found: Untrained, *, user: User) -> None:
        self.found, self.user, self.topics = found, user, Topics()
        self._by_tenure = {one.served.tenure: one for one in found.people}

    @cached_property
    def _seen(self) -> list[int]:
        """Ids of the tenures at units within sight; one statement."""
        units = {one.served.unit for one in self.found.people}
        seen = Unit.objects.open_to(self.user, Permission.VIEW).filter(pk__in=units)
        within = set(seen.values_list("pk", flat=True))
        return [tenure for tenure, one in self._by_tenure.items() if one.served.unit in within]

    @property
    def number(self) -> int:
        return len(self._seen)

    @property
    def hidden(self) -> int:
        return len(self._by_tenure) - self.number

    def rows(self, first: int = 0, last: int | None = None) -> list[Row]:
        """Two statements."""
        tenures = Tenure.objects.filter(pk__in=self._seen).by_place()
        shown = list(tenures.select_related("officer", "unit", "position")[first:last])
        officers = [tenure.officer_id for tenure in shown]
        sent = _sent_to(officers, self.found.topics, user=self.user)
        return [
            Row(
                tenure,
                missing=[
                    self.topics.name(code)
                    for code in self.found.topics
                    if code in self._by_tenure[tenure.pk].missing
                ],
                sent_to=[_words(attendance.course) for attendance in sent[tenure.officer_id]],
            )
            for tenure in shown
        ]

    def units(self, most: int | None = None) -> list[UnitRow]:
        """Where most are to be trained still who are not listed by name."""
        stated = self.found.not_listed[:most]
        seen = Unit.objects.open_to(self.user, Permission.VIEW)
        known = seen.in_bulk([one.unit for one in stated])
        return [UnitRow(known[one.unit], one) for one in stated if one.unit in known]


def _sent_to(
    officers: Iterable[int], topics: Collection[str], *, user: User
) -> dict[int, list[Attendance]]:
    """The planned classes to which these are sent already; nothing of whoever is sent by another
    branch since."""
    sent = Attendance.objects.visible_to(user).filter(
        officer__in=list(officers), course__in=Course.objects.planned().classes()
    )
    if topics:
        sent = sent.filter(course__topic__in=topics)
    found: dict[int, list[Attendance]] = defaultdict(list)
    for attendance in sent.select_related("course__topic").order_by("course__starts_on", "pk"):
        found[attendance.officer_id].append(attendance)
    return found


def _words(course: Course) -> str:
    """Without the title: it may be a course of another branch."""
    return f"{course.topic} {in_text(course.starts_on)}"


def may_send_from(user: User, unit: Unit) -> bool:
    """Whoever keeps the officers of the branch, or holds courses for it."""
    return user.may(Permission.OFFICERS, unit) or user.may(Permission.TRAINING, unit)


def courses_for(user: User, topics: Collection[str], *, on: Any) -> QuerySet[Course]:
    """The planned classes of these topics that are not over, to which this person may send."""
    courses = Course.objects.visible_to(user).classes()
    courses = courses.filter(status=CourseStatus.PLANNED, ends_on__gte=on)
    if topics:
        courses = courses.filter(topic__in=topics)
    return courses.select_related("topic", "unit").by_time()
