"""Training figures against a naive count: every unit, every cut-off, every officer, one by one.

Random trees with moves and endings, tenures that begin, change and end, classes and contests, and
numbers of those who are not listed. :class:`Model` asks the stored rows again and again and knows
nothing of paths, buckets and bulk; the list of the untrained is held against the same figures.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from members.models import Kind, Placement, Quarter, SectorGroup, Unit
from targets.models import Target
from targets.reading import lines
from targets.untrained import Shown, untrained_of
from tests import factories
from tests.targets import made
from training.models import Attendance, Course, Officer, OfficerCount, Tenure

pytestmark = pytest.mark.django_db

SECTORS = ["HC", "NN", "NNN", "FDI"]
TOPICS = ["theory", "skills", "membership"]
OPENED = ["2023Q4", "2024Q1", "2024Q2", "2024Q3"]
FROM, UNTIL = date(2023, 3, 1), date(2024, 10, 20)
POSITIONS = ["vice-chair", "head", "executive-member", "staff", "team-leader"]
INDICATORS = {
    "full-time-trained": ("theory,skills", "skills"),
    "new-chairs-trained": ("theory,skills", ""),
    "officers-trained": ("skills", "nghiệp vụ; lý luận"),
    "full-time-degree": ("",),
    "full-time-postgraduate": ("",),
    "leaders-political-theory": ("",),
    "training-classes": ("",),
    "training-turns": ("",),
    "units-per-full-time-officer": ("",),
}
NAMES = {"nghiệp vụ; lý luận": "skills,theory"}


class Model:
    """What is stored, asked row by row."""

    def __init__(self, starts_on: date, units: list[Unit]) -> None:
        self.starts_on = starts_on
        self.units = {unit.pk: unit for unit in units}
        self.reporting = [unit for unit in units if unit.is_reporting]
        self.placements = list(Placement.objects.order_by("valid_from"))
        self.tenures = list(Tenure.objects.select_related("unit", "position", "officer"))
        self.attendances = list(Attendance.objects.select_related("course", "unit"))
        self.courses = list(Course.objects.select_related("unit"))
        self.stated = list(
            OfficerCount.objects.filter(is_draft=False).order_by("quarter__cut_off_on")
        )
        self.cut_offs = dict(Quarter.objects.values_list("pk", "cut_off_on"))

    def place(self, unit: Unit, on: date) -> tuple[int | None, str | None]:
        rows = [row for row in self.placements if row.unit_id == unit.pk]
        held = [row for row in rows if row.valid_from <= on] or rows[:1]
        return held[-1].parent_id, held[-1].sector_id

    def is_within(self, unit: Unit, top: Unit, on: date) -> bool:
        if unit == top:
            return True
        parent, _sector = self.place(unit, on)
        return parent is not None and self.is_within(self.units[parent], top, on)

    def is_living(self, unit: Unit, on: date) -> bool:
        return (unit.founded_on is None or unit.founded_on <= on) and (
            unit.ended_on is None or unit.ended_on > on
        )

    def counts(self, unit: Unit, top: Unit, on: date, sectors: set[str] | None) -> bool:
        """Of a sector group superiors count for nothing."""
        if not self.is_within(unit, top, on):
            return False
        if sectors is None:
            return True
        return unit.is_reporting and self.place(unit, on)[1] in sectors

    def serving(self, top: Unit, on: date, sectors: set[str] | None) -> list[Tenure]:
        return [
            one
            for one in self.tenures
            if one.valid_from <= on
            and (one.valid_to is None or one.valid_to > on)
            and (one.unit.ended_on is None or one.unit.ended_on > on)
            and self.counts(one.unit, top, on, sectors)
        ]

    def is_trained(self, officer: Officer, topics: set[str], on: date) -> bool:
        learnt = {
            attendance.course.topic_id
            for attendance in self.attendances
            if attendance.officer_id == officer.pk
            and attendance.completed_on
            and attendance.course.kind == "class"
            and self.starts_on <= attendance.course.starts_on <= on
        }
        return bool(learnt) if not topics else topics <= learnt

    def named(self, code: str, top: Unit, on: date, sectors: set[str] | None) -> list[Tenure]:
        serving = self.serving(top, on, sectors)
        if code == "full-time-trained":
            return [one for one in serving if one.is_full_time]
        if code == "new-chairs-trained":
            return [
                one
                for one in serving
                if one.unit.is_reporting
                and one.position_id == "chair"
                and (one.first_elected_on or one.elected_on) >= self.starts_on
            ]
        return serving

    def figures(
        self, code: str, topics: str, top: Unit, on: date, sectors: set[str] | None
    ) -> tuple[int | None, int | None]:
        if code.endswith("-trained"):
            asked = set(filter(None, NAMES.get(topics, topics).split(",")))
            people = self.named(code, top, on, sectors)
            part = sum(self.is_trained(one.officer, asked, on) for one in people)
            whole = len(people)
            if code == "officers-trained":
                others = self.others(top, on, sectors)
                part, whole = part + sum(b for _a, b in others), whole + sum(a for a, _b in others)
            return (part, whole) if whole else (None, None)
        if code in ("training-classes", "training-turns"):
            return (
                (None, None) if on < self.starts_on else (self.flow(code, top, on, sectors), None)
            )
        serving = self.serving(top, on, sectors)
        if code == "units-per-full-time-officer":
            officers = sum(one.is_full_time for one in serving)
            units = sum(
                self.is_living(unit, on) and self.counts(unit, top, on, sectors)
                for unit in self.reporting
            )
            return (units, officers) if officers and not top.is_reporting else (None, None)
        return self.facts(code, serving)

    def facts(self, code: str, serving: list[Tenure]) -> tuple[int | None, int | None]:
        if code == "leaders-political-theory":
            stated = [
                one.political_theory
                for one in serving
                if one.position.is_leading and one.unit.is_superior
            ]
            good = {"intermediate", "advanced"}
        else:
            stated = [one.education for one in serving if one.is_full_time]
            good = {"postgraduate"} | ({"degree"} if code == "full-time-degree" else set())
        if not any(stated):
            return None, None
        return sum(one in good for one in stated), len(stated)

    def others(self, top: Unit, on: date, sectors: set[str] | None) -> list[tuple[int, int]]:
        found = []
        for unit in self.reporting:
            if self.is_living(unit, on) and self.counts(unit, top, on, sectors):
                rows = [row for row in self.stated if row.unit_id == unit.pk]
                until = [row for row in rows if self.cut_offs[row.quarter_id] <= on]
                found += [(row.others, row.others_trained) for row in until[-1:]]
        return found

    def flow(self, code: str, top: Unit, on: date, sectors: set[str] | None) -> int:
        total = 0
        for course in self.courses:
            if course.kind != "class" or course.status != "held":
                continue
            if not self.starts_on <= course.starts_on <= on:
                continue
            day = self.cut_off_of(course.starts_on)
            is_here = self.counts(course.unit, top, day, sectors)
            if code == "training-classes":
                total += is_here
                continue
            total += (course.other_turns or 0) * is_here
            total += sum(
                self.counts(one.unit, top, day, sectors)
                for one in self.attendances
                if one.course_id == course.pk and one.completed_on
            )
        return total

    @staticmethod
    def cut_off_of(day: date) -> date:
        month = (day.month - 1) // 3 * 3 + 3
        following = date(day.year + (month == 12), month % 12 + 1, 1)
        return following - timedelta(days=1)


class World:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.top = factories.unit("F", kind=Kind.FEDERATION)
        other = factories.unit("X", kind=Kind.FEDERATION)
        self.uppers = [factories.unit(f"U{n}", kind=Kind.UPPER, parent=self.top) for n in range(3)]
        self.uppers.append(factories.unit("UX", kind=Kind.UPPER, parent=other))
        self.units = [self._unit(number) for number in range(10)]
        self.quarters = [factories.open_quarter(code) for code in OPENED]
        self._officers()
        self._courses()
        self._others()
        for unit in self.random.sample(self.units, 4):
            self._move(unit)
        self._move(self.random.choice(self.uppers[:3]), [self.top, other])
        everything = [self.top, other, *self.uppers, *self.units]
        self.fresh = list(Unit.objects.filter(pk__in=[unit.pk for unit in everything]))

    def day(self, first: date = FROM, last: date = UNTIL) -> date:
        return first + timedelta(days=self.random.randrange((last - first).days + 1))

    def _unit(self, number: int) -> Unit:
        facts: dict[str, Any] = {"sector": self.random.choice(SECTORS)}
        if self.random.random() < 0.3:
            facts["founded_on"] = self.day(last=date(2024, 5, 1))
        if self.random.random() < 0.2:
            facts["ended_on"] = self.day(date(2024, 5, 2))
        parent = self.random.choice([self.top, *self.uppers])
        return factories.unit(f"G{number}", parent=parent, **facts)

    def _move(self, unit: Unit, where: list[Unit] | None = None) -> None:
        since = self.day(date(2023, 12, 1))
        parent = self.random.choice(where or [self.top, *self.uppers])
        held = Placement.objects.get(unit=unit, valid_to=None)
        if since <= held.valid_from:
            return
        Placement.objects.filter(pk=held.pk).update(valid_to=since)
        Placement.objects.create(
            unit=unit,
            parent=parent,
            sector_id=self.random.choice(SECTORS) if unit.is_reporting else None,
            name=unit.name,
            valid_from=since,
        )

    def _officers(self) -> None:
        self.tenures: list[Tenure] = []
        everywhere = [self.top, *self.uppers, *self.units]
        chairs: dict[int, date] = {}
        for number in range(40):
            officer, since = None, self.day(date(2021, 1, 1))
            for _stretch in range(self.random.choice([1, 1, 2, 3])):
                until = self.day(since + timedelta(days=1), since + timedelta(days=500))
                is_last = self.random.random() < 0.5
                unit = self.random.choice(everywhere)
                is_chair = self.random.random() < 0.4 and chairs.get(unit.pk, date.min) <= since
                if is_chair:
                    chairs[unit.pk] = date.max if is_last else until
                first = since - timedelta(days=self.random.randrange(1, 1500))
                tenure = factories.officer(
                    unit,
                    f"Cán bộ {number}",
                    officer=officer,
                    position="chair" if is_chair else self.random.choice(POSITIONS),
                    elected_on=since,
                    first_elected_on=self.random.choice([None, None, first]),
                    begins_on=since,
                    left_on=None if is_last else until,
                    is_full_time=self.random.random() < 0.4,
                    education=self.random.choice(["", "below-degree", "degree", "postgraduate"]),
                    political_theory=self.random.choice(["", "none", "intermediate", "advanced"]),
                )
                officer = tenure.officer
                self.tenures.append(tenure)
                if is_last or until >= UNTIL:
                    break
                since = self.random.choice([until, until + timedelta(days=40)])

    def _courses(self) -> None:
        for _number in range(14):
            course = factories.course(
                self.random.choice([self.top, *self.uppers, *self.units[:2]]),
                self.random.choice(TOPICS),
                starts_on=self.day(),
                kind=self.random.choice(["class", "class", "class", "contest"]),
                status="held",
                other_turns=self.random.choice([None, 3]),
            )
            serving = Tenure.objects.at(course.starts_on).select_related("unit", "officer")
            for tenure in serving:
                if self.random.random() < 0.5:
                    factories.attended(course, tenure, completed=self.random.random() < 0.8)

    def _others(self) -> None:
        for unit in self.units:
            for quarter in self.quarters:
                if self.random.random() < 0.4:
                    others = self.random.randrange(12)
                    OfficerCount.objects.create(
                        unit=unit,
                        quarter=quarter,
                        others=others,
                        others_trained=self.random.randrange(others + 1),
                        is_draft=self.random.random() < 0.2,
                    )


def sectors_of(group: str) -> set[str] | None:
    if group == SectorGroup.ALL:
        return None
    found = SectorGroup.objects.get(code=group).sectors
    return set(found.values_list("code", flat=True))


@pytest.mark.parametrize("seed", range(6))
def test_every_figure_is_that_of_a_naive_count(seed):
    world = World(seed)
    starts_on = world.random.choice([date(2023, 7, 1), date(2024, 1, 1)])
    plan = made.plan(world.top, starts_on=starts_on, ends_on=date(2028, 12, 31))
    groups = ["all", world.random.choice(["agencies", "other-enterprises"])]
    for code, topics in INDICATORS.items():
        for group in groups:
            made.target(plan, world.top, code, 10, group=group)
        typed = world.random.choice(topics)
        Target.objects.filter(plan=plan, indicator=code).update(topics=typed)
    asked = {code: Target.objects.filter(indicator=code)[0].topics for code in INDICATORS}
    model = Model(starts_on, world.fresh)
    units = [unit for unit in world.fresh if unit.code in ("F", "U0", "U1", "UX", "G0", "G1")]
    for quarter in world.quarters[1:]:
        question = made.question(plan, quarter)
        for line in lines(question, units):
            code, on = line.indicator.code, quarter.cut_off_on
            sectors = sectors_of(line.group.code)
            expected = model.figures(code, asked[code], line.unit, on, sectors)
            found = (line.progress.numerator, line.progress.denominator)
            where = (seed, quarter.code, line.unit.code, code, line.group.code)
            assert found == expected, where


@pytest.mark.parametrize("seed", range(6, 9))
@pytest.mark.parametrize("structure", ["reported", "current"])
def test_as_many_names_as_the_figure_lacks(seed, structure):
    """Denominator − numerator of those kept by name is the number of the people listed, and what
    the units state of the others is the rest of it."""
    world = World(seed)
    plan = made.plan(world.top, starts_on=date(2023, 7, 1), ends_on=date(2028, 12, 31))
    for code in ("full-time-trained", "new-chairs-trained", "officers-trained"):
        for group in ("all", "other-enterprises"):
            made.target(plan, world.top, code, 10, group=group)
        typed = world.random.choice(INDICATORS[code])
        Target.objects.filter(plan=plan, indicator=code).update(topics=typed)
    root = factories.superuser()
    units = [unit for unit in world.fresh if unit.code in ("F", "U0", "U1", "G0", "G1", "G2")]
    for unit in units:
        for quarter in Quarter.objects.filter(code__in=["2024Q1", "2024Q3"]):
            question = made.question(plan, quarter, structure=structure)
            for line in lines(question, [unit]):
                found = untrained_of(
                    question, unit, indicator=line.indicator.code, group=line.group.code
                )
                assert found is not None
                assert found.line.key == line.key
                pieces, shown = line.figures.pieces, Shown(found, user=root)
                named = pieces["listed"] - pieces["listed_trained"]
                assert len(found.people) == shown.number == len(shown.rows()) == named
                others = pieces.get("others", 0) - pieces.get("others_trained", 0)
                assert found.untold == sum(row.stated.untrained for row in shown.units()) == others
                if line.progress.denominator is not None:
                    lacking = line.progress.denominator - (line.progress.numerator or 0)
                    assert lacking == named + others
