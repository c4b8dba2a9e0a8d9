"""Officers, courses and training needs of the demo, in the same story as its figures: a congress in
2023 brings new chairs, classes follow, and by the third quarter of 2024 the plan is behind."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import date, timedelta

from members.models import Quarter, Unit, User
from members.models.quarters import Dates
from members.roles import replace_chair
from targets.actions import create_from_shipped, put_in_force, set_targets
from targets.demo import story
from targets.lines import Line
from targets.models import Plan, Term
from targets.shipped import shipped_plan
from training import counts, courses, needs, officers
from training.models import (
    Audience,
    Course,
    CourseKind,
    Education,
    Gender,
    Officer,
    PoliticalTheory,
    Position,
    Tenure,
    Topic,
)
from training.officers import Newcomer, Service

PLAN = "cdxd-training-2023-2028"
ISSUED_ON = date(2023, 1, 16)
SUPERIORS_LISTED_ON, UNIONS_LISTED_ON = date(2023, 2, 20), date(2023, 10, 5)
CONGRESS = (date(2023, 4, 3), date(2023, 9, 20))
ELECTED_LATER = (("CD09-002", date(2024, 3, 20)), ("CD10-004", date(2024, 4, 2)))
MAI = "CD01-001"  # newly elected: has learnt her skills, and theory not yet
NEEDED_FOR = (2024, 2025)
# full-time officers of a superior union, beside its chair and vice-chair
STAFF_OF_FEDERATION = ("head", "head", "head", "deputy-head", "deputy-head", *["staff"] * 5)
STAFF_OF_UPPER = (("staff",), ("head", "staff"), ("head", "staff", "staff"), ("head",))
THREE_OFFICERS = "CD01"  # chair, vice-chair and one more for forty unions

OUTSIDE = "Trung tâm Tư vấn Quan hệ lao động Phương Đông (minh hoạ)"
TITLES = {
    ("theory", "full-time"): "Bồi dưỡng lý luận cho cán bộ chuyên trách",
    ("skills", "full-time"): "Bồi dưỡng nghiệp vụ cho cán bộ chuyên trách",
    ("theory", "new-chairs"): "Bồi dưỡng lý luận cho chủ tịch CĐCS bầu mới",
    ("skills", "new-chairs"): "Bồi dưỡng nghiệp vụ cho chủ tịch CĐCS bầu mới",
    ("skills", "committees"): "Tập huấn nghiệp vụ cho uỷ viên BCH, UBKT",
    ("skills", "chairs"): "Tập huấn nghiệp vụ cho chủ tịch, phó chủ tịch CĐCS",
    ("skills", "team-leaders"): "Tập huấn nghiệp vụ cho tổ trưởng, tổ phó công đoàn",
    ("dialogue-wages", "chairs"): "Tập huấn đối thoại, thương lượng tiền lương",
    ("membership", "chairs"): "Tập huấn phát triển đoàn viên",
}
# unit, topic, audience, first day, places
CLASSES: tuple[tuple[str, str, str, date, int], ...] = (
    ("CDN", "theory", "full-time", date(2023, 5, 16), 60),
    ("CDN", "skills", "full-time", date(2023, 6, 13), 60),
    ("CDN", "skills", "new-chairs", date(2023, 11, 7), 60),
    ("CDN", "theory", "new-chairs", date(2023, 12, 5), 55),
    ("CDN", "dialogue-wages", "chairs", date(2023, 11, 28), 50),
    ("CDN", "theory", "full-time", date(2024, 3, 12), 45),
    ("CDN", "skills", "full-time", date(2024, 4, 9), 45),
    ("CDN", "skills", "new-chairs", date(2024, 5, 14), 55),
    ("CDN", "theory", "new-chairs", date(2024, 6, 11), 45),
    ("CDN", "membership", "chairs", date(2024, 8, 13), 60),
    ("CDN", "dialogue-wages", "chairs", date(2024, 9, 10), 50),
    ("CDN", "theory", "new-chairs", date(2024, 11, 12), 60),
    ("CDN", "skills", "full-time", date(2024, 12, 10), 40),
    ("CD01", "skills", "committees", date(2023, 11, 14), 40),
    ("CD01", "skills", "chairs", date(2024, 4, 23), 35),
    ("CD01", "skills", "committees", date(2024, 12, 3), 40),
    *((f"CD{n:02d}", "skills", "chairs", date(2023, 10, 10 + n), 25) for n in range(2, 8)),
    *((f"CD{n:02d}", "skills", "committees", date(2024, 7, n), 25) for n in range(8, 15)),
    ("CDN", "theory", "new-chairs", date(2025, 2, 18), 60),
    ("CDN", "theory", "full-time", date(2025, 3, 11), 30),
    ("CDN", "skills", "team-leaders", date(2025, 4, 8), 120),
    ("CDN", "skills", "team-leaders", date(2025, 5, 13), 120),
    ("CDN", "dialogue-wages", "chairs", date(2025, 6, 10), 90),
    *((f"CD{n:02d}", "skills", "committees", date(2025, 3, n), 25) for n in range(1, 9)),
)
CONTESTS = (
    ("CDN", "Hội thi cán bộ công đoàn cơ sở giỏi năm 2023", date(2023, 7, 25)),
    ("CDN", "Hội thi cán bộ công đoàn cơ sở giỏi năm 2024", date(2024, 10, 22)),
)
CANCELLED = ("CD07", "membership", "chairs", date(2024, 7, 16), 30)
CANCELLED_FOR = "Trùng lịch hội nghị người lao động"

POSTGRADUATE_TO_BELOW: dict[str, int] = {
    Education.POSTGRADUATE: 28,
    Education.DEGREE: 64,
    Education.BELOW: 5,
    "": 3,
}
ADVANCED_TO_ELEMENTARY: dict[str, int] = {
    PoliticalTheory.ADVANCED: 30,
    PoliticalTheory.INTERMEDIATE: 55,
    PoliticalTheory.ELEMENTARY: 10,
    "": 5,
}
At = Callable[[date], AbstractContextManager[None]]


def plan_of_training(*, by: User) -> Plan:
    """The plan of the term, with its numbers for every upper-level union."""
    federation, shipped = Unit.objects.roots().get(), shipped_plan(PLAN)
    assert shipped is not None  # noqa: S101 (it comes with the code)
    plan = create_from_shipped(
        shipped,
        Plan(
            code=PLAN,
            title=shipped.title,
            unit=federation,
            term=Term.objects.get(code=shipped.term),
            number="03/KH-CĐN",
            issued_on=ISSUED_ON,
            starts_on=shipped.starts_on,
            ends_on=shipped.ends_on,
        ),
        by=by,
    )
    put_in_force(plan, by=by)
    lines = [
        Line(
            unit=upper,
            indicator=line.indicator,
            minimum=line.minimum,
            topics=line.topics,
            in_force_on=plan.starts_on,
            decision_no=plan.number,
            decision_on=ISSUED_ON,
        )
        for upper in Unit.objects.superiors().exclude(pk=federation.pk).by_name()
        for line in shipped.lines
    ]
    set_targets(plan, lines, by=by)
    return plan


# --- officers ------------------------------------------------------------------------------------


def list_superiors(*, by: User) -> None:
    """The full-time officers of the federation and of the upper-level unions."""
    dice = random.Random(story.SEED + 11)
    positions = {position.code: position for position in Position.objects.all()}
    newcomers = [
        _newcomer(
            story.person(dice),
            Service(
                unit=unit,
                position=positions[position],
                elected_on=_day(dice, date(2018, 3, 1), date(2022, 11, 1)),
                is_full_time=True,
                education=_one_of(dice, POSTGRADUATE_TO_BELOW),
                political_theory=_one_of(dice, ADVANCED_TO_ELEMENTARY),
            ),
        )
        for unit in Unit.objects.superiors().by_name()
        for position in ("chair", "vice-chair", *_staff(unit, dice))
    ]
    officers.add_officers(newcomers, by=by)


def _staff(unit: Unit, dice: random.Random) -> Sequence[str]:
    if unit.parent_id is None:
        return STAFF_OF_FEDERATION
    return ("staff",) if unit.code == THREE_OFFICERS else dice.choice(STAFF_OF_UPPER)


def list_unions(units: Iterable[story.UnitStory], vacant: Collection[str], *, by: User) -> None:
    """After the congress: chairs, new or elected again, and who sits beside them."""
    dice = random.Random(story.SEED + 12)
    place = {unit.code: unit for unit in Unit.objects.reporting()}
    positions = {position.code: position for position in Position.objects.all()}
    newcomers = []
    for unit in units:
        elected = _day(dice, *CONGRESS)
        is_new = unit.code == MAI or dice.random() < 0.42
        first = None if is_new else _day(dice, date(2013, 3, 1), date(2019, 12, 1))
        beside = ["vice-chair"] * (dice.random() < 0.95)
        beside += ["executive-member"] * (dice.random() < 0.5)
        if unit.code not in vacant:
            service = Service(place[unit.code], positions["chair"], elected, first)
            newcomers.append(_newcomer(unit.contact, service))
        newcomers += [
            _newcomer(story.person(dice), Service(place[unit.code], positions[name], elected))
            for name in beside
        ]
    officers.add_officers(newcomers, by=by)


def elect_later(password: str, *, at: At, by: User) -> None:
    """Chairs who came after the congress: account and officer in one step."""
    dice = random.Random(story.SEED + 13)
    for code, day in ELECTED_LATER:
        with at(day):
            user = User(username=f"chair.{code.lower()}.2", full_name=story.person(dice))
            user.password = password
            user.save()
            unit = Unit.objects.get(code=code)
            replace_chair(user, unit=unit, valid_from=day, by=by)


def _newcomer(name: str, service: Service) -> Newcomer:
    gender = Gender.FEMALE if " Thị " in name else Gender.MALE
    return Newcomer(name, service, gender=gender)


def _day(dice: random.Random, first: date, last: date) -> date:
    return first + timedelta(days=dice.randrange((last - first).days))


def _one_of(dice: random.Random, weighted: dict[str, int]) -> str:
    return dice.choices(list(weighted), list(weighted.values()))[0]


def count_others(quarter: Quarter, units: Sequence[story.UnitStory], *, by: User) -> None:
    """Those who are not kept by name; from the first list on, more of them trained each quarter."""
    dice = random.Random(story.SEED + 14)
    place = {unit.code: unit for unit in Unit.objects.reporting()}
    passed = (quarter.year - 2023) * 4 + quarter.number
    stated = {}
    for unit in units:
        others, begins, pace = dice.randrange(3, 16), dice.randrange(0, 9), dice.uniform(0.6, 1.1)
        if passed > begins:
            trained = min(others, round(others * pace * min(passed, 7) / 8))
            stated[place[unit.code]] = counts.Others(others, trained)
    counts.state(stated, quarter, by=by)


# --- courses -------------------------------------------------------------------------------------


def hold_courses(
    quarter: Quarter | Dates, reviewers: dict[str, User], *, at: At, today: date
) -> None:
    """The classes and contests of a quarter: planned at its beginning, held on their day."""
    topics = {topic.code: topic for topic in Topic.objects.all()}
    audiences = {audience.code: audience for audience in Audience.objects.all()}
    for unit, topic, audience, day, places in (*CLASSES, CANCELLED):
        if not quarter.starts_on <= day <= quarter.cut_off_on:
            continue
        course = Course(
            title=TITLES[topic, audience],
            unit=Unit.objects.get(code=unit),
            topic=topics[topic],
            audience=audiences[audience],
            starts_on=day,
            ends_on=day + timedelta(days=2),
            places=places,
            place="Hà Nội" if unit == "CDN" else "",
            outside_organiser=OUTSIDE if topic == "dialogue-wages" else "",
        )
        _run(course, reviewers[unit], at=at, today=today)
    for unit, title, day in CONTESTS:
        if quarter.starts_on <= day <= quarter.cut_off_on:
            contest = Course(
                title=title,
                kind=CourseKind.CONTEST,
                unit=Unit.objects.get(code=unit),
                topic=topics["skills"],
                audience=audiences["chairs"],
                starts_on=day,
                ends_on=day + timedelta(days=1),
                places=80,
                place="Hà Nội",
            )
            _run(contest, reviewers[unit], at=at, today=today)


def _run(course: Course, by: User, *, at: At, today: date) -> None:
    dice = random.Random(f"{story.SEED} {course.unit.code} {course.starts_on}")
    with at(min(course.starts_on - timedelta(days=40), today)):
        courses.plan_course(course, by=by)
        if (course.unit.code, course.starts_on) == (CANCELLED[0], CANCELLED[3]):
            courses.cancel(course, reason=CANCELLED_FOR, by=by)
            return
    after = course.ends_on + timedelta(days=1)
    if after > today:
        return
    with at(after):
        courses.hold(
            course,
            starts_on=course.starts_on,
            ends_on=course.ends_on,
            other_turns=dice.randrange(5, 30) if course.audience_id == "committees" else None,
            by=by,
        )
        if course.is_class:
            sent = courses.send(course, _chosen(course, dice, by), by=by)
            done = {at_.pk: course.ends_on for at_ in sent if dice.random() < 0.96}
            courses.complete(course, dict(done), by=by)


def _chosen(course: Course, dice: random.Random, by: User) -> list[Officer]:
    """Of the audience those who have not learnt the topic, as far as there are places."""
    serving = Tenure.objects.at(course.starts_on).filter(unit__path__startswith=course.unit.path)
    if course.audience_id == "full-time":
        serving = serving.filter(is_full_time=True)
    elif course.audience_id == "new-chairs":
        serving = serving.chairs().filter(
            is_full_time=False, first_elected_on=None, elected_on__gte=date(2023, 1, 1)
        )
    elif course.audience_id == "chairs":
        serving = serving.filter(position__in=("chair", "vice-chair"), is_full_time=False)
    else:
        serving = serving.filter(position__in=("vice-chair", "executive-member"))
    known = serving.select_related("officer", "unit").order_by("pk")
    learnt = courses.learnt_before(course, [held.officer_id for held in known], by=by)
    pool = [held for held in known if held.officer_id not in learnt]
    dice.shuffle(pool)
    if course.topic_id == "theory":
        pool = [held for held in pool if held.unit.code != MAI]
    elif course.audience_id == "new-chairs":
        pool.sort(key=lambda held: held.unit.code != MAI)
    return [held.officer for held in pool[: course.places or 0]]


# --- needs ---------------------------------------------------------------------------------------


def state_needs(units: Sequence[story.UnitStory], year: int, *, by: User) -> None:
    """What unions and their superiors ask for in the next year; some have not said it."""
    dice = random.Random(story.SEED + year)
    place = {unit.code: unit for unit in Unit.objects.all()}
    topics = {topic.code: topic for topic in Topic.objects.all()}
    audiences = {audience.code: audience for audience in Audience.objects.all()}
    for unit in units:
        if dice.random() < (0.25 if unit.code != MAI else 1):
            continue
        asked = {
            ("theory", "new-chairs"): dice.choice((0, 0, 1)),
            ("skills", "committees"): dice.randrange(0, 4),
            ("skills", "team-leaders"): dice.randrange(0, 7),
            ("dialogue-wages", "chairs"): dice.choice((0, 1, 2)),
            ("membership", "chairs"): dice.choice((0, 1)),
        }
        stated = {(topics[t], audiences[a]): people for (t, a), people in asked.items()}
        needs.state_needs(place[unit.code], year, stated, by=by)
    for upper in Unit.objects.superiors():
        asked = {("theory", "full-time"): dice.randrange(0, 3), ("skills", "full-time"): 1}
        stated = {(topics[t], audiences[a]): people for (t, a), people in asked.items()}
        needs.state_needs(upper, year, stated, by=by)
