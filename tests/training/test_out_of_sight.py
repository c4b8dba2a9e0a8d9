"""What people of another branch do, and have learnt, is told nowhere: not in a sentence, not in a
choice, and not of somebody who went there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from html import unescape

import pytest
from django.urls import reverse

from tests import factories
from training import courses, officers
from training.models import Attendance, Audience, TrainingNeed
from training.officers import Service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world", "today")]

DAY = date(2024, 5, 6)
SOON = date(2024, 12, 3)


@pytest.fixture
def moved(tree, cast):
    """Of Huong Giang until the first of June, and of the weavers since."""
    held = factories.officer(tree.huong_giang, "Trần Văn Bình", position="staff")
    there = replace(Service.of(held), unit=tree.weavers)
    officers.change(held, there, since=date(2024, 6, 1), by=cast.root)
    return held


def typed(course, **facts):
    said = {"title": course.title, "kind": "class", "topic": "skills", "unit": course.unit.code}
    return said | {"starts_on": f"{course.starts_on:%d/%m/%Y}"} | facts


def test_a_sentence_names_nobody_of_another_branch(as_, cast, tree):
    course = factories.course(tree.truong_son, starts_on=SOON, status="planned")
    far = factories.officer(tree.hon_da, "Bùi Tiến Dũng", elected_on=date(2024, 6, 1))
    near = factories.officer(tree.song_lam, "Vũ Văn Cam", elected_on=date(2024, 6, 1))
    courses.send(course, [far.officer], by=cast.federation_reviewer)
    page = reverse("course-edit", args=[course.pk])

    answer = unescape(as_(cast.reviewer).post(page, typed(course, starts_on="6/5/2024")).text)
    assert "không cử đi học được: 1 cán bộ của đơn vị khác." in answer
    assert "Bùi Tiến Dũng" not in answer

    courses.send(course, [near.officer], by=cast.reviewer)
    answer = unescape(as_(cast.reviewer).post(page, typed(course, starts_on="6/5/2024")).text)
    assert "không cử đi học được: Vũ Văn Cam và 1 người khác." in answer
    assert "Bùi Tiến Dũng" not in answer

    answer = as_(cast.federation_reviewer).post(page, typed(course, starts_on="6/5/2024")).text
    assert "Bùi Tiến Dũng" in answer


def test_years_in_which_another_branch_needs_something_are_no_choice(as_, cast, tree):
    facts = {"topic_id": "skills", "audience_id": Audience.objects.all()[0].pk, "people": 5}
    TrainingNeed.objects.create(unit=tree.weavers, year=2017, **facts)
    address = "/training/needs/2017/"
    assert address not in as_(cast.reviewer).get("/training/needs/2025/").text
    assert address in as_(cast.neighbour_reviewer).get("/training/needs/2025/").text


def test_the_old_branch_is_not_told_what_is_learnt_at_the_new_one(as_, cast, tree, moved):
    course = factories.course(tree.truong_son, starts_on=DAY)
    there = factories.course(tree.spinning, starts_on=date(2024, 7, 7))
    before = factories.course(tree.spinning, starts_on=date(2023, 7, 7))
    for one, unit in ((there, tree.weavers), (before, tree.huong_giang)):
        Attendance.objects.create(
            course=one, officer=moved.officer, unit=unit, completed_on=one.starts_on
        )

    for address in (
        reverse("course-send", args=[course.pk]),
        reverse("officer-detail", args=[moved.officer_id]),
    ):
        page = as_(cast.reviewer).get(address).text
        assert "07/7/2023" in page
        assert "07/7/2024" not in page


def test_what_was_learnt_before_comes_along_to_the_new_branch(as_, cast, tree, moved):
    """It counts with the person there; what the course was called does not matter."""
    course = factories.course(tree.truong_son, title="Lớp của Trường Sơn", starts_on=DAY)
    factories.attended(course, moved)
    for address in (
        reverse("training-unit", args=["SO-01"]),
        reverse("officer-detail", args=[moved.officer_id]),
    ):
        page = as_(cast.neighbour_chair).get(address).text
        assert "Nghiệp vụ" in page
        assert "06/5/2024" in page
        assert "Trường Sơn" not in page


def test_whoever_moved_before_a_course_is_on_the_list_of_the_new_branch(as_, cast, tree):
    course = factories.course(
        tree.confederation, title="Lớp chung", starts_on=DAY, status="planned"
    )
    held = factories.officer(tree.huong_giang, "Trần Văn Bình", position="staff")
    courses.send(course, [held.officer], by=cast.chair)
    there = replace(Service.of(held), unit=tree.weavers)
    officers.change(held, there, since=date(2024, 5, 2), by=cast.root)
    courses.hold(course, starts_on=DAY, ends_on=DAY, other_turns=None, by=cast.root)

    page = reverse("course-detail", args=[course.pk])
    assert "Trần Văn Bình" not in as_(cast.reviewer).get(page).text
    assert "Trần Văn Bình" in as_(cast.neighbour_reviewer).get(page).text


@pytest.mark.parametrize("left_on", ["", "31/12/2024"])
def test_the_old_branch_does_not_move_whoever_serves_elsewhere(as_, cast, tree, moved, left_on):
    """It sees the service of the past alone, and cannot know of the other."""
    stretches = list(moved.officer.tenures.by_time().values_list())
    said = {"mode": "change", "since": "1/3/2024", "unit": "TS-02", "name": "Trần Văn Bình"}
    said |= {"position": "staff", "elected_on": "1/6/2023", "left_on": left_on}

    page = as_(cast.reviewer).post(reverse("officer-edit", args=[moved.officer_id]), said)

    assert "chỉ giữ chức ở một đơn vị" in page.text
    assert str(tree.weavers) not in page.text
    assert list(moved.officer.tenures.by_time().values_list()) == stretches
