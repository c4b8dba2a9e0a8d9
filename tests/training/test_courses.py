"""Courses: planned, held or cancelled; who is sent, who completes, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from members.actions import Refused
from members.models import HistoryEntry, HistoryKind, Kind
from tests import factories
from training import courses, officers
from training.models import Attendance, Course, CourseStatus
from training.officers import Service
from training.sending import may_send, to_send
from training.terms import term_began_on

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world", "today")]

DAY = date(2024, 5, 6)
SOON = date(2024, 11, 12)


def made(unit, **facts):
    facts = {"title": "Lớp nghiệp vụ", "topic_id": "skills", "starts_on": DAY} | facts
    return Course(unit=unit, **{"ends_on": facts["starts_on"]} | facts)


def hold_as_planned(course, *, by):
    facts = {"starts_on": course.starts_on, "ends_on": course.ends_on, "other_turns": None}
    return courses.hold(course, **facts, by=by)


def told():
    entries = HistoryEntry.objects.filter(kind=HistoryKind.COURSE).order_by("pk")
    return [(line.verb, line.unit.code, line.subject) for line in entries]


# --- the calendar --------------------------------------------------------------------------------


def test_a_course_is_planned_held_and_told(cast, tree):
    course = courses.plan_course(made(tree.truong_son), by=cast.reviewer)
    assert (course.status, course.planned_on) == (CourseStatus.PLANNED, DAY)

    courses.hold(
        course,
        starts_on=date(2024, 5, 8),
        ends_on=date(2024, 5, 9),
        other_turns=12,
        by=cast.reviewer,
    )
    course.refresh_from_db()
    assert (course.is_held, course.planned_on, course.other_turns) == (True, DAY, 12)
    assert (course.starts_on, course.ends_on) == (date(2024, 5, 8), date(2024, 5, 9))
    subject = f"Lớp nghiệp vụ (#{course.pk})"
    assert told() == [
        ("planned the course", "TS", subject),
        ("held the course", "TS", subject),
    ]


def test_many_are_recorded_or_held_at_once(cast, tree, django_assert_num_queries):
    recorded = courses.record_courses(
        [made(tree.truong_son, title=f"Lớp {n}") for n in range(3)], by=cast.reviewer
    )
    assert {(c.status, c.planned_on) for c in recorded} == {(CourseStatus.HELD, None)}

    planned = [factories.course(tree.truong_son, status="planned") for _n in range(3)]
    assert cast.reviewer.roles
    with django_assert_num_queries(6):
        held = courses.hold_as_planned(planned, by=cast.reviewer)
    assert all(course.is_held for course in held)
    assert Course.objects.held().count() == 6
    with pytest.raises(Refused, match="không còn ở tình trạng"):
        courses.hold_as_planned(planned, by=cast.reviewer)


def test_nobody_records_what_has_not_begun_or_ends_before_it_begins(cast, tree):
    with pytest.raises(Refused, match="chưa khai mạc"):
        courses.record_course(made(tree.truong_son, starts_on=SOON), by=cast.reviewer)
    with pytest.raises(Refused, match="trước"):
        courses.plan_course(made(tree.truong_son, ends_on=date(2024, 5, 1)), by=cast.reviewer)
    planned = factories.course(tree.truong_son, starts_on=SOON, status="planned")
    with pytest.raises(Refused, match="chưa khai mạc"):
        courses.hold(planned, starts_on=SOON, ends_on=SOON, other_turns=None, by=cast.reviewer)
    with pytest.raises(Refused, match="chưa khai mạc"):
        courses.hold_as_planned([planned], by=cast.reviewer)
    assert not Course.objects.held().exists()


def test_a_course_is_cancelled_once_and_then_stays_so(cast, tree):
    course = factories.course(tree.truong_son, starts_on=SOON, status="planned")
    courses.cancel(course, reason="Hoãn sang năm sau.", by=cast.reviewer)

    with pytest.raises(Refused):
        courses.cancel(course, reason="Lại.", by=cast.reviewer)
    with pytest.raises(Refused):
        courses.hold(course, starts_on=DAY, ends_on=DAY, other_turns=None, by=cast.reviewer)
    with pytest.raises(Refused, match="Lớp đã huỷ"):
        courses.change_course(course, {"title": "Khác"}, by=cast.reviewer)
    with pytest.raises(Refused, match="Lớp đã huỷ"):
        courses.send(course, [factories.officer(tree.huong_giang).officer], by=cast.reviewer)
    assert HistoryEntry.objects.get(verb=courses.CANCELLED).reason == "Hoãn sang năm sau."


def test_only_the_organisers_plan_and_hold(cast, tree):
    course = factories.course(tree.building, starts_on=SOON, status="planned")
    for person in (cast.chair, cast.leader, cast.reviewer):
        with pytest.raises(PermissionDenied):
            courses.plan_course(made(tree.building), by=person)
        with pytest.raises(PermissionDenied):
            courses.cancel(course, reason="Thử", by=person)
    with pytest.raises(Refused, match="không còn trong lịch"):  # out of sight
        courses.cancel(course, reason="Thử", by=cast.neighbour_reviewer)
    courses.change_course(course, {"place": "Hà Nội"}, by=cast.federation_reviewer)
    assert Course.objects.search("ha noi").get() == course


def test_a_course_that_is_put_off_takes_its_people_along(cast, tree):
    course = factories.course(tree.truong_son, starts_on=SOON, status="planned")
    staying = factories.officer(tree.huong_giang, "Trần Văn Ở")
    leaving = factories.officer(tree.song_lam, "Lê Thị Đi", left_on=date(2024, 12, 1))
    courses.send(course, [staying.officer, leaving.officer], by=cast.reviewer)

    with pytest.raises(Refused, match="Lê Thị Đi"):
        courses.change_course(
            course,
            {"starts_on": date(2024, 12, 3), "ends_on": date(2024, 12, 4)},
            by=cast.reviewer,
        )
    courses.change_course(course, {"ends_on": date(2024, 11, 20)}, by=cast.reviewer)
    assert Course.objects.get().ends_on == date(2024, 11, 20)


# --- attendance ----------------------------------------------------------------------------------


def test_whoever_keeps_officers_sends_their_own_to_a_planned_course_above(cast, tree):
    course = factories.course(tree.building, starts_on=SOON, status="planned")
    own, beside = factories.officer(tree.huong_giang), factories.officer(tree.song_lam)

    (sent,) = courses.send(course, [own.officer], by=cast.chair)
    assert (sent.unit, sent.completed_on) == (tree.huong_giang, None)
    with pytest.raises(PermissionDenied):
        courses.send(course, [beside.officer], by=cast.chair)
    assert courses.send(course, [own.officer], by=cast.chair) == []  # is there already

    line = HistoryEntry.objects.get(verb="sent to the course")
    assert line.unit == tree.huong_giang  # the name stands where it may be read
    courses.take_back(sent, by=cast.chair)
    courses.take_back(sent, by=cast.chair)  # twice is once
    assert not Attendance.objects.exists()


def test_once_held_the_organiser_alone_keeps_the_list(cast, tree):
    course = factories.course(tree.building)
    who = factories.officer(tree.huong_giang)
    with pytest.raises(PermissionDenied):
        courses.send(course, [who.officer], by=cast.chair)
    (sent,) = courses.send(course, [who.officer], by=cast.federation_reviewer)
    with pytest.raises(PermissionDenied):
        courses.take_back(sent, by=cast.chair)
    with pytest.raises(PermissionDenied):
        courses.complete(course, {sent.pk: DAY}, by=cast.chair)
    courses.complete(course, {sent.pk: DAY}, by=cast.federation_reviewer)
    with pytest.raises(Refused, match="đã hoàn thành"):
        courses.take_back(sent, by=cast.federation_reviewer)


def test_nobody_is_sent_who_is_not_in_office_on_the_first_day(cast, tree):
    course = factories.course(tree.truong_son, starts_on=DAY, status="planned")
    gone = factories.officer(tree.huong_giang, "Lê Văn Cũ", left_on=date(2024, 5, 6))
    to_come = factories.officer(tree.song_lam, "Đỗ Thị Mới", elected_on=date(2024, 5, 7))
    for one in (gone, to_come):
        with pytest.raises(Refused, match=one.officer.name):
            courses.send(course, [one.officer], by=cast.reviewer)
    many = [
        factories.officer(tree.office, f"Người {n}", position="staff", left_on=DAY).officer
        for n in range(7)
    ]
    with pytest.raises(Refused, match="2 "):
        courses.send(course, many, by=cast.reviewer)


def test_completion_lies_between_the_first_day_and_today(cast, tree):
    course = factories.course(tree.truong_son, starts_on=DAY, ends_on=date(2024, 5, 8))
    who = factories.officer(tree.huong_giang)
    factories.attended(course, who, completed=False)
    attendance = Attendance.objects.get()

    with pytest.raises(Refused, match="trước ngày khai mạc"):
        courses.complete(course, {attendance.pk: date(2024, 5, 5)}, by=cast.reviewer)
    with pytest.raises(Refused, match="Ngày hoàn thành chưa đến"):
        courses.complete(course, {attendance.pk: date(2024, 10, 5)}, by=cast.reviewer)
    planned = factories.course(tree.truong_son, status="planned")
    with pytest.raises(Refused, match="chưa tổ chức"):
        courses.complete(planned, {}, by=cast.reviewer)

    assert len(courses.complete(course, {attendance.pk: DAY}, by=cast.reviewer)) == 1
    assert courses.complete(course, {attendance.pk: DAY}, by=cast.reviewer) == []
    with pytest.raises(Refused, match="Có người đã ghi hoàn thành"):
        courses.change_course(course, {"starts_on": date(2024, 5, 7)}, by=cast.reviewer)
    courses.complete(course, {attendance.pk: date(2024, 5, 8)}, by=cast.reviewer)
    courses.complete(course, {attendance.pk: None}, by=cast.reviewer)
    assert Attendance.objects.get().completed_on is None
    lines = HistoryEntry.objects.filter(kind=HistoryKind.COURSE).order_by("pk")
    assert [(line.verb, line.changes["completed_on"]) for line in lines] == [
        ("completed the course", [None, "2024-05-06"]),
        ("completed the course", ["2024-05-06", "2024-05-08"]),
        ("did not complete the course", ["2024-05-08", None]),
    ]


def test_nobody_completes_a_course_that_began_after_they_had_left(cast, tree):
    course = factories.course(tree.truong_son, starts_on=DAY, status="planned")
    leaving = factories.officer(tree.huong_giang, "Lê Thị Đi")
    (sent,) = courses.send(course, [leaving.officer], by=cast.reviewer)
    officers.leave(leaving, on=date(2024, 5, 2), by=cast.reviewer)
    hold_as_planned(course, by=cast.reviewer)

    with pytest.raises(Refused, match=r"06/5/2024 nên không thể hoàn thành lớp: Lê Thị Đi"):
        courses.complete(course, {sent.pk: DAY}, by=cast.reviewer)
    sent.refresh_from_db()
    assert sent.completed_on is None


@pytest.mark.parametrize("way", ["on the page", "from a file", "once it is completed"])
def test_whoever_has_moved_since_counts_where_they_serve_on_the_first_day(cast, tree, way):
    course = factories.course(tree.truong_son, starts_on=DAY, status="planned")
    moving = factories.officer(tree.huong_giang, position="staff")
    (sent,) = courses.send(course, [moving.officer], by=cast.reviewer)

    def move():
        there = replace(Service.of(moving), unit=tree.song_lam)
        officers.change(moving, there, since=date(2024, 5, 2), by=cast.reviewer)

    if way != "once it is completed":
        move()
    if way == "from a file":
        courses.hold_as_planned([course], by=cast.reviewer)
    else:
        hold_as_planned(course, by=cast.reviewer)
    if way == "once it is completed":
        move()
    courses.complete(course, {sent.pk: DAY}, by=cast.reviewer)

    sent.refresh_from_db()
    assert (sent.unit, sent.completed_on) == (tree.song_lam, DAY)
    assert HistoryEntry.objects.get(verb="completed the course").unit == tree.song_lam


def test_a_course_that_stands_in_another_calendar_is_told_in_both(cast, tree):
    beside = factories.unit("TS2", parent=tree.building, kind=Kind.UPPER, name="Công đoàn Bên Cạnh")
    course = factories.course(tree.truong_son, title="Lớp A")
    courses.change_course(course, {"unit": beside}, by=cast.federation_reviewer)

    lines = HistoryEntry.objects.filter(kind=HistoryKind.COURSE).order_by("pk")
    assert [(line.unit, line.verb) for line in lines] == [
        (tree.truong_son, "handed the course over"),
        (beside, "took the course over"),
    ]
    assert lines[0].changes == {"unit": ["Công đoàn Tổng công ty Trường Sơn", None]}
    assert lines[1].changes["unit"] == [None, "Công đoàn Bên Cạnh"]
    assert "Trường Sơn" not in str(lines[1].changes)


def test_entering_many_asks_the_same_and_writes_all(cast, tree):
    course = factories.course(tree.truong_son)
    planned = factories.course(tree.truong_son, status="planned")
    above = factories.course(tree.building)
    who = factories.officer(tree.huong_giang)

    def said(course, day, unit=tree.huong_giang):
        return [Attendance(course=course, officer=who.officer, unit=unit, completed_on=day)]

    with pytest.raises(Refused, match="chưa tổ chức"):
        courses.enter(said(planned, DAY), by=cast.reviewer)
    with pytest.raises(Refused, match="trước ngày khai mạc"):
        courses.enter(said(course, date(2024, 5, 1)), by=cast.reviewer)
    with pytest.raises(PermissionDenied):
        courses.enter(said(above, DAY), by=cast.reviewer)
    with pytest.raises(PermissionDenied):
        courses.enter(said(course, DAY, tree.weavers), by=cast.reviewer)
    assert not Attendance.objects.exists()

    courses.enter([*said(course, DAY), *said(planned, None)], by=cast.reviewer)
    verbs = [verb for verb, _unit, _subject in told()]
    assert sorted(verbs) == ["completed the course", "sent to the course"]


# --- who learnt it before ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "is_asked"),
    [
        ({"topic": "skills"}, True),
        ({"topic": "theory"}, False),
        ({"starts_on": date(2019, 5, 6)}, False),  # more than a term ago
        ({"status": "planned", "starts_on": date(2024, 12, 1), "completed": False}, True),
        ({"status": "cancelled", "completed": False}, False),
        ({"completed": False}, False),  # was there and did not complete it
        ({"kind": "contest"}, False),  # teaches nothing
    ],
)
def test_who_learnt_the_topic_in_the_term_is_asked_for_once_more(cast, tree, before, is_asked):
    course = factories.course(tree.truong_son, starts_on=SOON, status="planned")
    who = factories.officer(tree.huong_giang, elected_on=date(2015, 1, 1))
    completed, topic = before.pop("completed", True), before.pop("topic", "skills")
    other = factories.course(tree.building, topic, **before)
    factories.attended(other, who, completed=completed)

    found = courses.learnt_before(course, [who.officer_id], by=cast.reviewer)
    assert list(found) == ([who.officer_id] if is_asked else [])


def test_without_a_plan_a_term_is_five_years():
    assert term_began_on(date(2024, 2, 29)) == date(2019, 2, 28)


# --- whom one may send ---------------------------------------------------------------------------


def test_whom_somebody_may_send(cast, tree):
    for number, unit in enumerate((tree.huong_giang, tree.song_lam, tree.hon_da, tree.weavers)):
        factories.officer(unit, f"Người {number}")
    course = factories.course(tree.building, starts_on=SOON, status="planned")

    def units(person):
        found = to_send(person, course, on=SOON)
        return sorted(tenure.unit.code for tenure in found) if may_send(person, course) else None

    assert units(cast.chair) == ["TS-01"]
    assert units(cast.reviewer) == ["TS-01", "TS-02"]
    assert units(cast.federation_reviewer) == ["HD-01", "TS-01", "TS-02"]
    assert units(cast.leader) is None
    course.status = CourseStatus.HELD
    assert (units(cast.chair), units(cast.reviewer)) == (None, None)
    assert units(cast.federation_reviewer) == ["HD-01", "TS-01", "TS-02"]
    course.status = CourseStatus.CANCELLED
    assert units(cast.federation_reviewer) is None


def test_a_new_course_stands_in_the_calendar_of_the_highest_unit_one_plans_for(cast, tree):
    assert courses.calendar_of(cast.reviewer) == tree.truong_son
    assert courses.calendar_of(cast.administrator) == tree.building
    assert courses.calendar_of(cast.root) == tree.confederation
    assert courses.calendar_of(cast.chair) is None
