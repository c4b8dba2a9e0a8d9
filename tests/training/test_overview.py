"""«Đào tạo»: what a branch and what a chair finds there first."""

from datetime import date

import pytest
from django.urls import reverse

from members.access import Role
from tests import factories
from training.models import Audience, Topic
from training.needs import state_needs
from training.overview import branch_overview, officers_of, unit_overview

pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.usefixtures("today")]

PAGE = reverse("training")


def needs_one(unit, by, year=2025):
    asked = (Topic.objects.get(pk="skills"), Audience.objects.get(pk="chairs"))
    state_needs(unit, year, {asked: 2}, by=by)


def test_a_branch_reads_its_numbers(cast, tree, today):
    factories.officer(tree.truong_son, "Đỗ Thị An", position="chair", is_full_time=True)
    factories.officer(tree.truong_son, "Lê Ba", position="staff", is_full_time=True)
    chair = factories.officer(tree.huong_giang, "Trần Thị Mai")
    factories.officer(tree.song_lam, "Vũ Cam", left_on=date(2024, 9, 1))  # no longer
    factories.officer(tree.spinning, "Ngô Văn Xa", is_full_time=True)  # of another branch
    held = factories.course(tree.truong_son, starts_on=date(2024, 5, 6), other_turns=10)
    factories.attended(held, chair)
    factories.course(
        tree.truong_son, status="planned", starts_on=date(2024, 11, 4), title="Lớp tháng 11"
    )
    factories.course(tree.building, status="planned", starts_on=date(2025, 1, 6), title="Của ngành")
    factories.course(tree.spinning, status="planned", starts_on=date(2024, 11, 5), title="Của Sợi")
    needs_one(tree.huong_giang, cast.chair)

    board = branch_overview(tree.truong_son, cast.reviewer, today=today)
    classes, officers = board.classes, board.officers
    assert (classes.planned, classes.held, classes.turns) == (1, 1, 11)
    assert [course.title for course in board.upcoming] == ["Lớp tháng 11", "Của ngành"]
    assert (officers.listed, officers.full_time) == (3, 2)
    assert (officers.units, officers.without_chair) == (4, 3)
    assert officers.load == "2,00 CĐCS/cán bộ chuyên trách"
    assert officers.load_words == "4 CĐCS, 2 cán bộ chuyên trách"
    assert board.needs.words == "Đã có nhu cầu của 1/4 đơn vị"


def test_four_hundred_unions_for_three_officers(tree, today):
    for number in range(396):
        factories.unit(f"XX-{number:03}", parent=tree.truong_son)
    for name in ("Đỗ Thị An", "Lê Ba", "Vũ Cam"):
        factories.officer(tree.truong_son, name, position="staff", is_full_time=True)

    assert officers_of(tree.truong_son, today=today).load == "133,33 CĐCS/cán bộ chuyên trách"


def test_without_full_time_officers_there_is_no_load(as_, cast):
    assert "Danh sách chưa có cán bộ chuyên trách." in as_(cast.reviewer).get(PAGE).text


def test_a_chair_reads_of_the_own_unit(as_, cast, tree):
    factories.officer(tree.huong_giang, "Bùi Đức Yến", position="vice-chair")
    factories.officer(tree.song_lam, "Vũ Văn Cam")
    factories.course(
        tree.building, status="planned", starts_on=date(2024, 11, 4), title="Lớp của ngành"
    )
    factories.course(tree.song_lam, status="planned", starts_on=date(2024, 11, 4), title="Lớp bên")
    client = as_(cast.chair)

    text = client.get(PAGE).text
    assert "Bùi Đức Yến" in text
    assert "Danh sách chưa có chủ tịch." in text
    assert "Lớp của ngành" in text
    assert reverse("need-unit", args=[2025, "TS-01"]) in text
    assert "Nêu nhu cầu" in text
    assert "Vũ Văn Cam" not in text
    assert "Lớp bên" not in text
    needs_one(tree.huong_giang, cast.chair)
    assert "2 người, 1 chuyên đề" in client.get(PAGE).text


def test_a_second_person_who_types_only_reads(as_, cast, tree):
    typist = factories.person("typist", tree.huong_giang, Role.TYPIST)

    text = as_(typist).get(PAGE).text
    assert "Xem nhu cầu" in text
    assert "Nêu nhu cầu" not in text


def test_two_roles_see_both(as_, cast, tree):
    both = factories.person("both", tree.office, Role.CHAIR)
    both.assignments.create(unit=tree.truong_son, role=Role.VIEWER, valid_from="2020-01-01")

    text = as_(both).get(PAGE).text
    assert "Nêu nhu cầu" in text
    assert "Đã có nhu cầu của 0/4 đơn vị" in text


def test_two_roles_at_one_unit_see_it_once(as_, cast, tree):
    cast.chair.assignments.create(unit=tree.huong_giang, role=Role.TYPIST, valid_from="2020-01-01")

    cards = as_(cast.chair).get(PAGE).context["cards"]
    assert [card.unit for card in cards] == [tree.huong_giang]


def test_somebody_without_a_role_reads_a_sentence(as_, cast):
    text = as_(factories.person("nobody")).get(PAGE).text

    assert "Tài khoản chưa được giao vai trò ở đơn vị nào." in text


def test_a_unit_below_and_none_of_another_branch(as_, cast):
    client = as_(cast.reviewer)

    assert "Nêu nhu cầu" in client.get(f"{PAGE}?unit=TS-01").text
    for code in ("SO", "SO-01", "CDN", "nowhere"):
        assert client.get(f"{PAGE}?unit={code}").status_code == 404


def test_links_are_those_one_may_follow(as_, cast):
    urls = [
        reverse(name) for name in ("officer-import", "officer-count-import", "attendance-import")
    ]
    lists = reverse("training-lists")

    def offered(person):
        text = as_(person).get(PAGE).text
        return [url in text for url in (*urls, lists)]

    assert offered(cast.reviewer) == [True, True, True, False]
    assert offered(cast.leader) == [False, False, False, False]
    assert offered(cast.root) == [True, True, True, True]


def test_the_page_of_a_unit_leads_here(as_, cast):
    assert f"{PAGE}?unit=TS-01" in as_(cast.chair).get("/units/TS-01/").text
    assert f"{PAGE}?unit=TS-01" in as_(cast.chair).get("/").text


@pytest.mark.parametrize("count", [1, 30])
def test_it_costs_as_much_for_many(as_, cast, tree, today, django_assert_num_queries, count):
    for number in range(count):
        unit = factories.unit(f"XX-{number:02}", parent=tree.truong_son)
        chair = factories.officer(unit, f"Chủ tịch {number}")
        needs_one(unit, cast.root)
        course = factories.course(tree.truong_son, starts_on=date(2024, 5, 6))
        factories.attended(course, chair)
        factories.course(tree.building, status="planned", starts_on=date(2024, 11, 4))

    client = as_(cast.reviewer)

    with django_assert_num_queries(16):
        client.get(PAGE)
    with django_assert_num_queries(3):
        unit_overview(tree.huong_giang, today=today)
