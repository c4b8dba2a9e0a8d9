"""Units state what training they need; a branch sums it up, beside the plan of courses."""

import csv
import io
from datetime import date
from fractions import Fraction

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from openpyxl import load_workbook

from members.actions import Refused
from members.models import HistoryEntry, HistoryKind, Unit
from tests import factories
from training import needs
from training.models import Audience, Topic, TrainingNeed
from training.needs import against_plan, branch_needs, plan_of, state_needs, total

pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.usefixtures("today")]

YEAR = 2025


def pair(topic, audience):
    return Topic.objects.get(pk=topic), Audience.objects.get(pk=audience)


def state(unit, by, year=YEAR, **people):
    """``state(unit, by, skills__chairs=3)``"""
    asked = {
        pair(*(part.replace("_", "-") for part in name.split("__"))): number
        for name, number in people.items()
    }
    return state_needs(unit, year, asked, by=by)


def stored(unit, year=YEAR):
    return needs.needs_of(unit, year)


# --- stating -------------------------------------------------------------------------------------


def test_a_unit_states_changes_and_takes_back(cast, tree):
    first = state(tree.huong_giang, cast.chair, skills__chairs=2, theory__new_chairs=1)
    assert (first.people, first.topics, first.words) == (3, 2, "3 người, 2 chuyên đề")

    after = state(tree.huong_giang, cast.chair, skills__chairs=0, theory__new_chairs=None)
    assert stored(tree.huong_giang) == {("skills", "chairs"): 0}  # 0 is a statement
    assert (after.is_stated, after.words) == (True, "không có nhu cầu")

    lines = HistoryEntry.objects.filter(kind=HistoryKind.NEED).order_by("pk")
    assert [line.changes for line in lines] == [
        {
            "Nghiệp vụ · Chủ tịch, phó chủ tịch CĐCS": [None, 2],
            "Lý luận · Chủ tịch CĐCS bầu mới": [None, 1],
        },
        {
            "Nghiệp vụ · Chủ tịch, phó chủ tịch CĐCS": [2, 0],
            "Lý luận · Chủ tịch CĐCS bầu mới": [1, None],
        },
    ]
    assert lines[0].subject == "CĐCS Công ty CP Xây dựng Hương Giang · 2025"


def test_the_same_again_leaves_no_line(cast, tree):
    state(tree.huong_giang, cast.chair, skills__chairs=2)
    state(tree.huong_giang, cast.chair, skills__chairs=2)

    assert HistoryEntry.objects.filter(kind=HistoryKind.NEED).count() == 1


def test_what_is_not_named_stays(cast, tree):
    state(tree.huong_giang, cast.chair, skills__chairs=2)
    state(tree.huong_giang, cast.chair, theory__chairs=1)

    assert stored(tree.huong_giang) == {("skills", "chairs"): 2, ("theory", "chairs"): 1}


@pytest.mark.parametrize("person", ["other_chair", "leader", "neighbour_reviewer"])
def test_others_state_nothing_for_a_unit(cast, tree, person):
    with pytest.raises(PermissionDenied):
        state(tree.huong_giang, getattr(cast, person), skills__chairs=2)


def test_whoever_is_above_states_for_a_unit(cast, tree):
    state(tree.huong_giang, cast.reviewer, skills__chairs=2)

    assert stored(tree.huong_giang) == {("skills", "chairs"): 2}


def test_a_unit_that_ended_or_was_not_there_states_nothing(cast, tree):
    ended = Unit.objects.get(pk=tree.huong_giang.pk)
    ended.ended_on = date(2024, 9, 1)
    with pytest.raises(Refused, match="đã kết thúc hoạt động"):
        state(ended, cast.chair, skills__chairs=2)

    new = Unit.objects.get(pk=tree.song_lam.pk)
    new.founded_on = date(2024, 3, 1)
    with pytest.raises(Refused, match="2023"):
        state(new, cast.other_chair, year=2023, skills__chairs=2)


# --- the need against the plan -------------------------------------------------------------------

CASES = [
    # needs, planned, [(audience, need, planned, covered, missing)], (need, covered, missing, share)
    ({"chairs": 10}, {"chairs": 4}, [("chairs", 10, 4, 4, 6)], (10, 4, 6, 40)),
    ({"chairs": 10}, {"chairs": 30}, [("chairs", 10, 30, 10, 0)], (10, 10, 0, 100)),
    (  # too much for one audience does not make up for another
        {"chairs": 10, "committees": 10},
        {"chairs": 30},
        [("chairs", 10, 30, 10, 0), ("committees", 10, 0, 0, 10)],
        (20, 10, 10, 50),
    ),
    (  # places for everybody fill what is left
        {"chairs": 10, "committees": 5},
        {"chairs": 8, None: 4},
        [("chairs", 10, 8, 8, 2), ("committees", 5, 0, 0, 5), (None, None, 4, 4, None)],
        (15, 12, 3, 80),
    ),
    (  # … and no more than that
        {"chairs": 10},
        {"chairs": 8, None: 40},
        [("chairs", 10, 8, 8, 2), (None, None, 40, 2, None)],
        (10, 10, 0, 100),
    ),
    ({"chairs": 0}, {}, [("chairs", 0, 0, 0, 0)], (0, 0, 0, None)),
    ({}, {"chairs": 8}, [("chairs", None, 8, 0, None)], (None, 0, None, None)),
    ({}, {None: 8}, [(None, None, 8, 0, None)], (None, 0, None, None)),
]


@pytest.mark.parametrize(("stated", "planned", "rows", "whole"), CASES)
def test_the_need_against_the_plan(db, stated, planned, rows, whole):
    topics = list(Topic.objects.filter(pk="skills"))
    (line,) = against_plan(
        {("skills", to): number for to, number in stated.items()},
        {("skills", to): number for to, number in planned.items()},
        topics,
        list(Audience.objects.order_by("rank")),
    )

    assert [
        (
            row.audience.pk if row.audience else None,
            row.need,
            row.planned,
            row.covered,
            row.missing,
        )
        for row in line.audiences
    ] == rows
    need, covered, missing, share = whole
    assert (line.need, line.covered, line.missing) == (need, covered, missing)
    assert line.share == (None if share is None else Fraction(share))


def test_the_total_is_a_ratio_of_sums_and_empty_topics_are_left_out(db):
    topics, audiences = list(Topic.objects.order_by("rank")), list(Audience.objects.all())
    lines = against_plan(
        {("skills", "chairs"): 30, ("theory", "chairs"): 10},
        {("skills", "chairs"): 10, ("theory", "chairs"): 50},
        topics,
        audiences,
    )

    assert [line.topic.pk for line in lines] == ["theory", "skills"]
    whole = total(lines)
    assert (whole.need, whole.planned, whole.covered, whole.missing) == (40, 60, 20, 20)
    assert whole.share == 50


def test_the_plan_is_of_the_branch_and_of_the_unions_above(tree):
    day = date(2025, 3, 10)
    planned = {"status": "planned", "starts_on": day, "audience_id": "chairs"}
    factories.course(tree.truong_son, places=20, **planned)
    factories.course(tree.huong_giang, places=5, **planned)  # below
    factories.course(tree.building, places=100, **planned)  # above
    factories.course(tree.spinning, places=70, **planned)  # of another branch
    factories.course(tree.truong_son, places=7, status="held", starts_on=day)  # for everybody
    factories.course(tree.truong_son, places=50, **planned | {"status": "cancelled"})
    factories.course(tree.truong_son, places=50, kind="contest", **planned)
    factories.course(tree.truong_son, places=50, **planned | {"starts_on": date(2026, 1, 1)})
    factories.course(tree.truong_son, **planned)  # nobody has said for how many

    plan = plan_of(tree.truong_son, 2025)
    assert plan.places == {("skills", "chairs"): 125, ("skills", None): 7}
    assert (plan.classes, plan.without_places) == (5, 1)


# --- a branch ------------------------------------------------------------------------------------


def test_a_branch_sums_up_by_child_and_sector(cast, tree, today):
    state(tree.huong_giang, cast.root, skills__chairs=2, theory__chairs=1)
    state(tree.song_lam, cast.root, skills__chairs=3)
    state(tree.hon_da, cast.root, skills__chairs=0)
    state(tree.truong_son, cast.root, skills__full_time=4)
    state(tree.building, cast.root, skills__full_time=1)
    state(tree.weavers, cast.root, skills__chairs=50)
    state(tree.huong_giang, cast.root, year=2024, skills__chairs=9)

    found = branch_needs(tree.building, YEAR, today=today)
    assert found.cells == {
        ("skills", "chairs"): 5,
        ("theory", "chairs"): 1,
        ("skills", "full-time"): 5,
    }
    assert found.whole.words == "Đã có nhu cầu của 3/5 đơn vị"
    shares = {
        unit.code: found.by_child[unit.path]
        for unit in (tree.building, tree.truong_son, tree.hon_da)
    }
    assert {code: (s.stated, s.units, s.total) for code, s in shares.items()} == {
        "CDN": (0, 0, 1),
        "TS": (2, 4, 10),
        "HD-01": (1, 1, 0),
    }
    assert {code: (s.stated, s.units, s.total) for code, s in found.by_sector.items()} == {
        "NNN": (2, 2, 3),
        "NN": (1, 1, 3),
        "HC": (0, 1, None),
        "ND": (0, 1, None),
        None: (0, 0, 5),
    }


def test_a_sector_alone_and_a_unit_that_has_ended(cast, tree, today):
    state(tree.huong_giang, cast.root, skills__chairs=2)
    state(tree.song_lam, cast.root, skills__chairs=3)
    state(tree.truong_son, cast.root, skills__full_time=4)
    state(tree.office, cast.root, skills__chairs=9)
    Unit.objects.filter(pk=tree.office.pk).update(ended_on=date(2024, 9, 1))

    whole = branch_needs(tree.truong_son, YEAR, today=today)
    of_state = branch_needs(tree.truong_son, YEAR, today=today, sector=tree.song_lam.sector)
    assert (whole.whole.stated, whole.whole.units, whole.whole.total) == (2, 3, 9)
    assert (of_state.whole.stated, of_state.whole.units, of_state.whole.total) == (1, 1, 3)


def test_the_year_before_counts_the_units_of_its_last_day(cast, tree):
    state(tree.office, cast.root, year=2023, skills__chairs=9)
    Unit.objects.filter(pk=tree.office.pk).update(ended_on=date(2024, 2, 1))

    found = branch_needs(tree.truong_son, 2023, today=date(2024, 10, 4))
    assert (found.whole.stated, found.whole.units, found.whole.total) == (1, 4, 9)


# --- the page of a unit --------------------------------------------------------------------------


def page_of(unit, year=YEAR):
    return reverse("need-unit", args=[year, unit.code])


def test_a_chair_states_on_the_page(as_, cast, tree):
    state(tree.huong_giang, cast.chair, year=2024, skills__chairs=3)
    client, page = as_(cast.chair), page_of(tree.huong_giang)
    assert "Năm 2024: 3" in client.get(page).text

    answer = client.post(page, {"skills.chairs": "4", "theory.new-chairs": "3"}, follow=True)
    assert "Đã lưu nhu cầu năm 2025: 7 người, 2 chuyên đề." in answer.text
    assert stored(tree.huong_giang) == {("skills", "chairs"): 4, ("theory", "new-chairs"): 3}

    cleared = {"initial-skills.chairs": "4", "skills.chairs": ""}
    cleared |= {"initial-theory.new-chairs": "3", "theory.new-chairs": ""}
    answer = client.post(page, cleared, follow=True)
    assert "Đã xoá nhu cầu năm 2025 của đơn vị." in answer.text
    assert not TrainingNeed.objects.filter(year=YEAR).exists()


def test_what_somebody_else_stated_meanwhile_stays(as_, cast, tree):
    client, page = as_(cast.chair), page_of(tree.huong_giang)
    seen = client.get(page).text
    assert 'name="initial-skills.chairs"' in seen
    state(tree.huong_giang, cast.reviewer, theory__chairs=5)

    blank = {"initial-theory.chairs": "", "theory.chairs": "", "initial-skills.chairs": ""}
    client.post(page, blank | {"skills.chairs": "2"})
    assert stored(tree.huong_giang) == {("theory", "chairs"): 5, ("skills", "chairs"): 2}


def test_what_a_careless_person_types(as_, cast, tree):
    client, page = as_(cast.chair), page_of(tree.huong_giang)

    assert "Chưa nhập số nào" in client.post(page, {"action": "save"}).text
    wrong = client.post(page, {"skills.chairs": "hai", "theory.chairs": "-1"}).text
    assert "Hãy nhập số nguyên" in wrong
    assert "Nghiệp vụ · Chủ tịch, phó chủ tịch CĐCS" in wrong
    assert 'value="hai"' in wrong
    assert "Số này quá lớn" in client.post(page, {"skills.chairs": "100000"}).text
    assert not TrainingNeed.objects.exists()


def test_a_unit_says_that_it_needs_nothing(as_, cast, tree):
    client, page = as_(cast.chair), page_of(tree.huong_giang)
    kept = client.post(page, {"action": "none", "skills.chairs": "2"}).text
    assert "Đồng chí đã nhập số bên dưới" in kept
    assert not TrainingNeed.objects.exists()

    answer = client.post(page, {"action": "none"}, follow=True)
    assert "Đã ghi: năm 2025 đơn vị không có nhu cầu." in answer.text
    assert set(stored(tree.huong_giang).values()) == {0}


def test_only_the_years_around_can_be_stated(as_, cast, tree):
    client = as_(cast.chair)
    answers = {y: client.get(page_of(tree.huong_giang, y)).status_code for y in range(2022, 2027)}

    assert answers == {2022: 404, 2023: 200, 2024: 200, 2025: 200, 2026: 404}


def test_a_leader_reads_what_is_stated(as_, cast, tree):
    client, page = as_(cast.leader), page_of(tree.huong_giang)
    assert "Đơn vị chưa nêu nhu cầu năm 2025." in client.get(page).text

    state(tree.huong_giang, cast.chair, skills__chairs=4)
    text = client.get(page).text
    assert "4 người, 1 chuyên đề" in text
    assert "<input" not in text.split("<main")[1].split("</main>")[0]
    assert client.post(page, {"skills.chairs": "5"}).status_code == 403


def test_a_unit_that_has_ended_is_read(as_, cast, tree):
    Unit.objects.filter(pk=tree.huong_giang.pk).update(ended_on=date(2024, 9, 1))
    client, page = as_(cast.reviewer), page_of(tree.huong_giang)

    assert "Đơn vị đã kết thúc hoạt động." in client.get(page).text
    assert client.post(page, {"skills.chairs": "5"}).status_code == 200
    assert not TrainingNeed.objects.exists()


# --- the page of a branch ------------------------------------------------------------------------


def list_of(year=YEAR, query=""):
    return reverse("need-list", args=[year]) + query


@pytest.fixture
def stated(cast, tree):
    state(tree.huong_giang, cast.root, skills__chairs=12)
    state(tree.song_lam, cast.root, skills__chairs=3)
    state(tree.truong_son, cast.root, skills__full_time=4)
    state(tree.weavers, cast.root, skills__chairs=5000)
    factories.course(
        tree.truong_son,
        places=6,
        status="planned",
        starts_on=date(2025, 3, 10),
        audience_id="chairs",
    )


def rows_of(response):
    lines = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    return list(lines)


def test_the_list_says_what_is_needed_planned_and_missing(as_, cast, stated):
    text = as_(cast.reviewer).get(list_of()).text

    assert "Đã có nhu cầu của 2/4 đơn vị" in text
    assert "31,58%" in text  # 6 of 19
    assert "5.000" not in text
    assert "CĐCS Nhà máy Dệt Đông Đô" not in text


def test_the_files_hold_what_is_shown(as_, cast, stated):
    client = as_(cast.reviewer)

    assert rows_of(client.get(list_of(query="?format=csv&table=topics"))) == [
        [
            "Chuyên đề",
            "Đối tượng",
            "Nhu cầu",
            "Đã có trong kế hoạch",
            "Đáp ứng",
            "Đáp ứng (%)",
            "Còn thiếu",
        ],
        ["Nghiệp vụ", "Cán bộ chuyên trách", "4", "0", "0", "0.0", "4"],
        ["Nghiệp vụ", "Chủ tịch, phó chủ tịch CĐCS", "15", "6", "6", "40.0", "9"],
        ["Nghiệp vụ", "Tổng cộng", "19", "6", "6", str(600 / 19), "13"],
        ["Tổng cộng", "", "19", "6", "6", str(600 / 19), "13"],
    ]
    header, *units = rows_of(client.get(list_of(query="?format=csv&table=units")))
    assert header[:4] == ["Đơn vị", "Mã", "Nêu nhu cầu", "Lý luận"]
    assert [(row[1], row[2], row[4], row[8]) for row in units] == [
        ("TS", "Đã nêu", "4", "4"),
        ("TS-01", "Đã nêu", "12", "12"),
        ("TS-03", "Chưa nêu", "", ""),
        ("TS-02", "Đã nêu", "3", "3"),
        ("ND-01", "Chưa nêu", "", ""),
    ]
    assert [row[:3] for row in rows_of(client.get(list_of(query="?format=csv&table=sectors")))] == [
        ["Loại hình", "Đơn vị", "Đã nêu"],
        ["Cơ quan hành chính, Đảng, đoàn thể", "1", "0"],
        ["Doanh nghiệp nhà nước", "1", "1"],
        ["Doanh nghiệp ngoài nhà nước", "1", "1"],
        ["Nghiệp đoàn", "1", "0"],
        ["Cơ quan công đoàn cấp trên", "0", "0"],
    ]


def test_a_workbook_has_numbers(as_, cast, stated):
    answer = as_(cast.reviewer).get(list_of(query="?format=xlsx&table=units"))

    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert [row[4] for row in sheet.iter_rows(values_only=True)][1:3] == [4, 12]


def test_who_has_not_stated(as_, cast, stated):
    client = as_(cast.reviewer)
    rows = rows_of(client.get(list_of(query="?state=missing&format=csv&table=units")))
    assert [row[1] for row in rows[1:]] == ["TS-03", "ND-01"]

    above = as_(cast.leader)
    rows = rows_of(above.get(list_of(query="?state=missing&format=csv&table=units")))
    assert [(row[1], row[2]) for row in rows[1:]] == [
        ("CDN", "Chưa nêu"),
        ("TS", "2/4 đơn vị"),
        ("HD-01", "Chưa nêu"),
    ]


def test_a_branch_and_a_sector_are_chosen(as_, cast, stated):
    client = as_(cast.leader)
    assert "31,58%" in client.get(list_of(query="?branch=TS")).text

    text = client.get(list_of(query="?branch=TS&sector=NN")).text
    assert "Đã có nhu cầu của 1/1 đơn vị" in text
    assert "bỏ lọc loại hình để so nhu cầu với kế hoạch" in text
    assert [row[:3] for row in rows_of(client.get(list_of(query="?sector=NN&format=csv")))] == [
        ["Chuyên đề", "Đối tượng", "Nhu cầu"],
        ["Nghiệp vụ", "Chủ tịch, phó chủ tịch CĐCS", "3"],
        ["Nghiệp vụ", "Tổng cộng", "3"],
        ["Tổng cộng", "", "3"],
    ]


@pytest.mark.parametrize("query", ["?branch=SO", "?branch=nowhere", "?branch=TS-01"])
def test_another_branch_is_not_there(as_, cast, stated, query):
    assert as_(cast.reviewer).get(list_of(query=query)).status_code == 404


@pytest.mark.parametrize("year", [1999, 2101, 0])
def test_a_year_beyond_reason_is_not_there(as_, cast, year):
    assert as_(cast.reviewer).get(list_of(year)).status_code == 404


def test_a_year_nobody_spoke_of_is_empty(as_, cast):
    text = as_(cast.reviewer).get(list_of(2010)).text

    assert "Chưa có đơn vị nào nêu nhu cầu năm 2010" in text


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_costs_as_much_for_many_units(as_, cast, tree, django_assert_num_queries, count):
    for number in range(count):
        unit = factories.unit(f"XX-{number:02}", parent=tree.truong_son)
        state(unit, cast.root, skills__chairs=number)
    client = as_(cast.leader)

    with django_assert_num_queries(19):
        assert "XX-00" in client.get(list_of(query="?branch=TS")).text
    with django_assert_num_queries(15):
        client.get(list_of(query="?branch=TS&format=xlsx&table=units"))
