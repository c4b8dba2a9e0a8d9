"""Who serves at a unit, and what one officer has done: what their pages show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from members.access import Permission
from members.history import Line, lines
from members.models import HistoryEntry, HistoryKind, Unit, User
from training.models import Attendance, Course, Officer, OfficerCount, Tenure
from training.models.officers import TenureQuerySet
from training.terms import term_began_on

HISTORY_SHOWN = 30
LEFT_SHOWN = 30


@dataclass(frozen=True)
class Listed:
    """An officer in office, and the topics completed, the latest last."""

    tenure: Tenure
    learnt: list[Attendance]
    is_new: bool  # a chair in office for the first time in this term


@dataclass(frozen=True)
class Roster:
    """The officers of one unit on a day."""

    unit: Unit
    officers: list[Listed]
    others: OfficerCount | None  # as last stated

    @property
    def lacks_chair(self) -> bool:
        """Of a unit that reports."""
        has_chair = any(one.tenure.is_chair for one in self.officers)
        return self.unit.is_reporting and self.unit.ended_on is None and not has_chair


def roster_of(unit: Unit, user: User, on: date) -> Roster:
    serving = Tenure.objects.filter(unit=unit).at(on).by_place().select_related(*AROUND)
    tenures = sorted(serving, key=lambda held: not held.is_chair)
    learnt = learnt_by(user, (held.officer_id for held in tenures))
    since = term_began_on(on)
    counts = OfficerCount.objects.filter(unit=unit, is_draft=False, quarter__cut_off_on__lte=on)
    return Roster(
        unit,
        [Listed(held, learnt.get(held.officer_id, []), is_new(held, since)) for held in tenures],
        counts.select_related("quarter").order_by("-quarter__cut_off_on").first(),
    )


def left_from(unit: Unit, on: date) -> list[Tenure]:
    """Those who served there and do no longer, the latest first."""
    left = Tenure.objects.filter(unit=unit).left(on).select_related(*AROUND)
    return list(left.order_by("-valid_to", "officer__sort_key", "pk")[:LEFT_SHOWN])


AROUND = ("officer", "unit", "position")


def is_new(tenure: Tenure, since: date) -> bool:
    """A chair of a union that reports, in office for the first time since that day."""
    return tenure.is_chair and tenure.unit.is_reporting and tenure.newly_elected_on >= since


def learnt_by(user: User, officers: Iterable[int]) -> dict[int, list[Attendance]]:
    """The classes they completed, as far as this user is told; by id of the officer."""
    seen = Attendance.objects.told_to(user).of_training().filter(officer__in=list(officers))
    found: dict[int, list[Attendance]] = defaultdict(list)
    for attendance in seen.select_related("course__topic").order_by("completed_on", "pk"):
        found[attendance.officer_id].append(attendance)
    return dict(found)


def attended_by(user: User, officer: Officer) -> list[tuple[Attendance, bool]]:
    """The courses this person was sent to, the latest first, and whether one may open each."""
    seen = Attendance.objects.told_to(user).filter(officer=officer)
    found = list(seen.select_related("course__topic").order_by("-course__starts_on", "-pk"))
    courses = Course.objects.visible_to(user).filter(pk__in=[at.course_id for at in found])
    opened = set(courses.values_list("pk", flat=True))
    return [(attendance, attendance.course_id in opened) for attendance in found]


def service_of(officer: Officer, user: User) -> TenureQuerySet:
    """The stretches that this user sees, the latest first."""
    seen = Tenure.objects.visible_to(user).filter(officer=officer)
    return seen.select_related(*AROUND).order_by("-valid_from", "-pk")


def may_rename(user: User, officer: Officer) -> bool:
    """Names are corrected by those who keep the list where the person serves last."""
    last = officer.tenures.select_related("unit").order_by("-valid_from").first()
    return last is not None and user.may(Permission.OFFICERS, last.unit)


def history_of(officer: Officer, stretches: Iterable[Tenure], user: User) -> list[Line]:
    """What was written of this person at these units, under earlier names too."""
    entries = HistoryEntry.objects.visible_to(user).filter(
        kind=HistoryKind.OFFICER, unit__in={held.unit_id for held in stretches}
    )
    renamed = entries.filter(changes__has_key="name").values_list("changes__name", flat=True)
    names = _names_of(officer, ((before, after) for before, after in renamed if before))
    return lines(entries.filter(subject__in=names).newest_first()[:HISTORY_SHOWN])


def _names_of(officer: Officer, renamed: Iterable[tuple[str, str]]) -> set[str]:
    names, before = {officer.name}, {after: old for old, after in renamed}
    name = officer.name
    while (name := before.get(name, name)) not in names:
        names.add(name)
    return names


def unit_history(unit: Unit, user: User) -> list[Line]:
    entries = HistoryEntry.objects.visible_to(user).filter(unit=unit, kind=HistoryKind.OFFICER)
    return lines(entries.newest_first()[:HISTORY_SHOWN])
