"""«Lớp đào tạo, bồi dưỡng»: the calendar of a year, one course with its list, sending officers."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from members.access import Role
from members.models import Calendar
from targets.reading import lines
from tests import factories
from tests.targets import made
from training.calendar import YearOfCourses, quarters_of, year_of
from training.models import Attendance, Course, CourseStatus

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world", "today")]

LIST = reverse("course-list")
NEW = reverse("course-new")
DAY = date(2024, 5, 6)
SOON = date(2024, 11, 12)


def page(name, course):
    return reverse(f"course-{name}", args=[course.pk])


def text(response) -> str:
    assert response.status_code == 200
    return " ".join(unescape(strip_tags(response.text.replace("<", " <"))).split())


def told(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def titles(response):
    shown = response.context["page"].object_list
    return [entry.course.title for entry in shown]


@pytest.fixture
def year(tree):
    """A class of the federation and one of Trường Sơn, a contest, and one of the neighbours."""
    above = factories.course(
        tree.building,
        title="Lớp lý luận",
        topic="theory",
        starts_on=date(2024, 2, 6),
        places=40,
        other_turns=25,
        planned_on=date(2024, 2, 6),
        place="Hà Nội",
    )
    own = factories.course(
        tree.truong_son,
        title="Lớp nghiệp vụ",
        starts_on=DAY,
        places=20,
        planned_on=date(2024, 2, 20),
        other_turns=10,
    )
    factories.course(
        tree.truong_son, title="Hội thi", kind="contest", starts_on=date(2024, 7, 1), places=80
    )
    factories.course(tree.truong_son, title="Lớp sắp mở", starts_on=SOON, status="planned")
    factories.course(
        tree.truong_son,
        title="Lớp đã huỷ",
        starts_on=date(2024, 3, 1),
        status="cancelled",
        planned_on=date(2024, 3, 1),
    )
    factories.course(tree.spinning, title="Lớp Đông Đô", starts_on=DAY)
    mine = factories.officer(tree.huong_giang, "Trần Thị Mai")
    beside = factories.officer(tree.song_lam, "Nguyễn Văn Nam")
    away = factories.officer(tree.hon_da, "Phạm Hòn Đá")
    factories.attended(above, mine, beside, away)
    factories.attended(own, mine, beside)
    return above, own


def tallies(response):
    return {
        tally.label: (tally.planned, tally.places, tally.held, tally.turns, tally.contests)
        for tally in response.context["tallies"]
    }


# --- the calendar --------------------------------------------------------------------------------


def test_the_calendar_of_a_year_by_quarter(as_, cast, year):
    answer = as_(cast.reviewer).get(LIST)
    assert [str(quarter) for quarter, _table in answer.context["quarters"]] == [
        "Quý I/2024",
        "Quý II/2024",
        "Quý III/2024",
        "Quý IV/2024",
    ]
    assert titles(answer) == ["Lớp lý luận", "Lớp đã huỷ", "Lớp nghiệp vụ", "Hội thi", "Lớp sắp mở"]
    shown = text(answer)
    assert "Quý I/2024 2 lớp" in shown
    assert "✓ Đã tổ chức" in shown
    assert "○ Dự kiến" in shown
    assert "– Đã huỷ" in shown
    assert "2 + 10" in shown
    assert "Lớp Đông Đô" not in shown


def test_the_plan_stands_against_what_was_held(as_, cast, year):
    """What was planned for February and held in May is planned in I and held in II."""
    expected = {
        "Quý I": (2, 20, 0, 0, "–"),
        "Quý II": (0, 0, 1, 12, "–"),
        "Quý III": (0, 0, 0, 0, "1/0"),
        "Quý IV": (1, 0, 0, 0, "–"),
        "Cả năm": (3, 20, 1, 12, "1/0"),
        "Ngoài ra, của công đoàn cấp trên": (1, 40, 1, 2, "–"),
    }
    assert tallies(as_(cast.reviewer).get(LIST)) == expected
    federation = tallies(as_(cast.federation_reviewer).get(LIST))
    assert federation["Cả năm"] == (4, 60, 2, 3 + 25 + 2 + 10, "1/0")
    assert "Ngoài ra, của công đoàn cấp trên" not in federation


def test_the_calendar_and_the_indicators_agree(as_, cast, tree, year):
    """Classes of the own calendars; turns wherever the officers of the branch completed them."""
    plan = made.plan(tree.building, code="dao-tao", title="Kế hoạch đào tạo")
    quarter = factories.open_quarter("2024Q3")
    for unit, person in (
        (tree.truong_son, cast.reviewer),
        (tree.building, cast.federation_reviewer),
    ):
        for code in ("training-classes", "training-turns"):
            made.target(plan, unit, code, 1)
        found = {
            line.indicator.code: line.progress.numerator
            for line in lines(made.question(plan, quarter), [unit])
        }
        shown = tallies(as_(person).get(LIST))
        _planned, _places, held, turns, _contests = shown["Cả năm"]
        above = shown.get("Ngoài ra, của công đoàn cấp trên", (0, 0, 0, 0, ""))
        assert found == {"training-classes": held, "training-turns": turns + above[3]}


def test_a_chair_reads_the_calendars_above_and_the_turns_of_the_own_officers(as_, cast, year):
    answer = as_(cast.chair).get(LIST)
    assert tallies(answer)["Cả năm"] == (4, 60, 2, 2, "1/0")
    assert {(e.turnout.sent, e.turnout.completed) for e in answer.context["page"].object_list} == {
        (0, 0),
        (1, 1),
    }
    shown = text(answer)
    assert "+ 25" not in shown
    assert "+ 10" not in shown
    assert titles(as_(cast.neighbour_chair).get(LIST)) == ["Lớp Đông Đô"]


def test_the_filter_and_the_years(as_, cast, tree, year):
    client = as_(cast.reviewer)
    factories.course(tree.truong_son, title="Lớp cũ", starts_on=date(2022, 12, 31))
    assert titles(client.get(LIST, {"q": "ha noi"})) == ["Lớp lý luận"]
    assert titles(client.get(LIST, {"topic": "theory"})) == ["Lớp lý luận"]
    assert titles(client.get(LIST, {"unit": "CDN", "topic": "skills"})) == [
        "Lớp đã huỷ",
        "Lớp nghiệp vụ",
        "Hội thi",
        "Lớp sắp mở",
    ]
    assert titles(client.get(LIST, {"unit": "TS-01"})) == []  # organises nothing
    assert titles(client.get(LIST, {"unit": "SO"})) == []
    assert "Công đoàn Sợi" not in text(client.get(LIST, {"unit": "SO"}))
    answer = client.get(LIST, {"year": 2022, "q": "lop"})
    assert titles(answer) == ["Lớp cũ"]
    years = answer.context["years"]
    assert [(y["label"], y["is_current"]) for y in years] == [
        ("2024", False),
        ("2023", False),
        ("2022", True),
    ]
    assert years[0]["url"] == "?year=2024&q=lop"


@pytest.mark.parametrize("asked", ["x", "-1", "9" * 5000, "\0", "0", "12024", "१"])
@pytest.mark.parametrize("name", ["year", "q", "topic", "unit", "page", "format"])
def test_odd_questions_are_answered(as_, cast, year, name, asked):
    answer = as_(cast.reviewer).get(LIST, {name: asked})
    assert answer.status_code in (200, 400)


def test_a_year_of_the_union_ends_when_its_calendar_says(as_, cast, tree):
    Calendar.objects.create(kind="union_year")
    factories.course(tree.truong_son, title="Tháng 12", starts_on=date(2023, 12, 5))
    assert titles(as_(cast.reviewer).get(LIST)) == ["Tháng 12"]
    first_day, quarters = quarters_of(2024)
    assert (first_day, quarters[-1].cut_off_on) == (date(2023, 12, 1), date(2024, 11, 30))
    assert year_of(date(2023, 12, 1), Calendar.current()) == 2024
    known = YearOfCourses(Course.objects.all(), cast.reviewer, 2024, DAY)
    assert str(known.quarter_of(date(2024, 3, 1))) == "Quý II/2024"


def test_a_course_that_is_over_and_not_confirmed_is_told(as_, cast, tree):
    course = factories.course(tree.truong_son, starts_on=DAY, status="planned")
    assert "▲ Quá ngày, chưa xác nhận" in text(as_(cast.reviewer).get(LIST))
    shown = text(as_(cast.reviewer).get(course.get_absolute_url()))
    assert "Xác nhận lớp đã tổ chức hoặc huỷ lớp" in shown


def test_the_file_is_what_is_shown(as_, cast, year):
    client = as_(cast.reviewer)
    content = client.get(LIST, {"format": "xlsx", "topic": "skills"}).content
    rows = list(openpyxl.load_workbook(BytesIO(content)).active.iter_rows(values_only=True))
    header, row = rows[0], rows[2]
    facts = dict(zip(header, row, strict=True))
    assert len(rows) == 5
    assert facts["Lớp"] == "Lớp nghiệp vụ"
    assert facts["Quý"] == "Quý II/2024"
    assert facts["Ngày khai mạc"].date() == DAY
    assert (facts["Số chỗ"], facts["Đã cử"], facts["Hoàn thành"]) == (20, 2, 2)
    assert facts["Lượt người ngoài danh sách"] == 10
    text_file = client.get(LIST, {"format": "csv"}).content.decode("utf-8-sig")
    assert "Lớp lý luận" in text_file
    assert "Đông Đô" not in text_file
    chair = as_(cast.chair).get(LIST, {"format": "csv"}).content.decode("utf-8-sig")
    assert ",25" not in chair


@pytest.mark.parametrize("count", [1, 30])
def test_the_calendar_costs_the_same(as_, cast, tree, count, django_assert_num_queries):
    who = factories.officer(tree.huong_giang)
    for number in range(count):
        course = factories.course(
            tree.truong_son if number % 2 else tree.building,
            title=f"Lớp {number}",
            starts_on=date(2024, 1 + number % 9, 1 + number),
            audience_id="chairs",
        )
        factories.attended(course, who)
    client = as_(cast.reviewer)
    with django_assert_num_queries(11):
        client.get(LIST)


# --- planning and holding ------------------------------------------------------------------------


def facts(**typed):
    return {
        "title": "Lớp nghiệp vụ",
        "kind": "class",
        "topic": "skills",
        "unit": "TS",
        "starts_on": "12/11/2024",
        "places": "1.040",
    } | typed


def test_a_course_is_planned(as_, cast, tree):
    client = as_(cast.administrator)
    asked = client.get(NEW, {"topic": "theory"})
    assert 'value="CDN" selected' in asked.text  # the own top unit
    assert 'value="theory" selected' in asked.text
    assert 'value="TLD"' not in asked.text
    answer = client.post(NEW, facts(title="  Lớp   nghiệp vụ ", audience="chairs"), follow=True)

    course = Course.objects.get()
    assert (course.title, course.unit, course.places) == ("Lớp nghiệp vụ", tree.truong_son, 1040)
    assert (course.starts_on, course.ends_on, course.status) == (SOON, SOON, CourseStatus.PLANNED)
    assert told(answer) == ["Đã đưa lớp vào lịch."]
    again = client.post(NEW, facts(title="lớp NGHIỆP VỤ"))
    assert "Lịch đã có lớp cùng tên" in text(again)


def test_one_that_was_held_is_recorded(as_, cast, tree):
    held = facts(starts_on="06/5/2024", ends_on="08/5/2024", is_held="on", other_turns="85")
    answer = as_(cast.reviewer).post(
        NEW, held | {"outside_organiser": "Trường Đại học"}, follow=True
    )
    course = Course.objects.get()
    assert (course.is_held, course.planned_on, course.other_turns) == (True, None, 85)
    assert "Đơn vị tổ chức bên ngoài: Trường Đại học" in text(answer)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"title": ""}, "Mục này phải điền."),
        ({"topic": "x"}, "không"),
        ({"unit": "CDN"}, "Chọn công đoàn thuộc phạm vi"),
        ({"unit": "SO"}, "Chọn công đoàn thuộc phạm vi"),
        ({"ends_on": "11/11/2024"}, "trước"),
        ({"starts_on": "31/02/2024"}, "không có trong lịch"),
        ({"is_held": "on"}, "Lớp chưa khai mạc."),
        ({"other_turns": "5"}, "Chỉ ghi lượt người khi lớp đã tổ chức"),
        ({"places": "0"}, "Để trống nếu chưa rõ"),
        ({"places": "nhiều"}, "số"),
        ({"title": "x" * 300}, "200"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(as_, cast, tree, typed, words):
    answer = as_(cast.reviewer).post(NEW, facts(**typed))
    assert words in text(answer)
    assert not Course.objects.exists()


def test_a_course_is_changed_by_its_organiser(as_, cast, tree):
    course = factories.course(tree.truong_son, starts_on=SOON, status="planned", places=20)
    client = as_(cast.reviewer)
    assert 'name="other_turns"' not in client.get(page("edit", course)).text
    client.post(page("edit", course), facts(title="Lớp mới", places=""))
    course.refresh_from_db()
    assert (course.title, course.places, course.planned_on) == ("Lớp mới", None, SOON)
    assert as_(cast.chair).get(page("edit", course)).status_code == 403
    held = factories.course(tree.truong_son, title="Đã mở", other_turns=3)
    typed = facts(title="Đã mở", starts_on="06/05/2024", other_turns="9", places="")
    as_(cast.reviewer).post(page("edit", held), typed)
    held.refresh_from_db()
    assert held.other_turns == 9


def test_a_course_is_held_on_its_real_days(as_, cast, tree):
    course = factories.course(tree.truong_son, starts_on=DAY, status="planned")
    client = as_(cast.reviewer)
    early = client.post(page("hold", course), {"starts_on": "05/10/2024"})
    assert "Lớp chưa khai mạc." in text(early)
    wrong = client.post(page("hold", course), {"starts_on": "08/5/2024", "ends_on": "07/5/2024"})
    assert "trước" in text(wrong)
    answer = client.post(
        page("hold", course),
        {"starts_on": "08/5/2024", "ends_on": "09/5/2024", "other_turns": "12"},
        follow=True,
    )
    assert told(answer) == ["Đã ghi lớp đã tổ chức. Tiếp theo, chọn những người hoàn thành."]
    course.refresh_from_db()
    assert (course.starts_on, course.is_held) == (date(2024, 5, 8), True)
    for name in ("hold", "cancel"):
        stale = client.post(page(name, course), {"starts_on": "08/5/2024"}, follow=True)
        assert told(stale) == ["Lớp không còn ở tình trạng dự kiến."]


def test_who_was_sent_and_left_before_the_real_day_is_named(as_, cast, tree):
    course = factories.course(tree.truong_son, starts_on=DAY, status="planned")
    gone = factories.officer(tree.song_lam, "Lê Văn Đi", left_on=date(2024, 5, 7))
    factories.attended(course, gone, completed=False)
    answer = as_(cast.reviewer).post(page("hold", course), {"starts_on": "08/5/2024"})
    assert "Lê Văn Đi" in text(answer)
    course.refresh_from_db()
    assert course.is_planned


def test_a_course_is_cancelled_with_a_reason_that_everybody_reads(as_, cast, tree):
    course = factories.course(tree.truong_son, starts_on=SOON, status="planned")
    client = as_(cast.reviewer)
    assert "Ghi lý do" in text(client.post(page("cancel", course), {"reason": " "}))
    client.post(page("cancel", course), {"reason": "Hoãn vì bão."})
    assert "Lý do huỷ: Hoãn vì bão." in text(as_(cast.chair).get(course.get_absolute_url()))
    stale = as_(cast.reviewer).get(page("edit", course), follow=True)
    assert told(stale) == ["Lớp đã huỷ."]


# --- the list of a course ------------------------------------------------------------------------


def test_every_branch_reads_its_own_people(as_, cast, year):
    above, _own = year

    def seen(person, course):
        shown = text(as_(person).get(course.get_absolute_url()))
        return [name for name in ("Trần Thị Mai", "Nguyễn Văn Nam", "Phạm Hòn Đá") if name in shown]

    assert seen(cast.other_chair, above) == ["Nguyễn Văn Nam"]
    assert seen(cast.reviewer, above) == ["Trần Thị Mai", "Nguyễn Văn Nam"]
    assert len(seen(cast.federation_reviewer, above)) == 3
    assert "Lượt người ngoài danh sách" not in text(
        as_(cast.reviewer).get(above.get_absolute_url())
    )
    assert as_(cast.neighbour_reviewer).get(above.get_absolute_url()).status_code == 404
    file = as_(cast.other_chair).get(above.get_absolute_url(), {"format": "csv"})
    assert file.content.decode("utf-8-sig").count("Nguyễn Văn Nam") == 1
    assert "Mai" not in file.content.decode()


def test_ticks_say_who_completed_it(as_, cast, tree):
    course = factories.course(tree.truong_son, starts_on=DAY, ends_on=date(2024, 5, 8))
    people = [
        factories.officer(tree.huong_giang, "A Một"),
        factories.officer(tree.song_lam, "B Hai"),
    ]
    factories.attended(course, *people, completed=False)
    one, two = Attendance.objects.order_by("pk")
    client, address = as_(cast.reviewer), course.get_absolute_url()
    assert 'value="08/05/2024"' in client.get(address).text

    def save(*ticked, day="08/5/2024"):
        shown = [one.pk, two.pk]
        typed = {"action": "complete", "shown": shown, "attendances": ticked, "completed_on": day}
        return client.post(address, typed, follow=True)

    def days():
        return [at.completed_on for at in Attendance.objects.order_by("pk")]

    assert "trước ngày khai mạc" in text(save(one.pk, day="05/5/2024"))
    assert "chưa đến" in text(save(one.pk, day="05/11/2024"))
    assert "Ngày hoàn thành" in text(save(one.pk, day="hôm qua"))
    assert days() == [None, None]
    assert told(save(one.pk)) == ["Đã lưu kết quả của 1 người."]
    assert told(save(one.pk, two.pk, day="09/5/2024")) == ["Đã lưu kết quả của 1 người."]
    assert days() == [date(2024, 5, 8), date(2024, 5, 9)]  # who has a day keeps it
    save(two.pk)
    assert days() == [None, date(2024, 5, 9)]
    assert told(save(two.pk)) == ["Không có gì thay đổi."]
    assert as_(cast.chair).post(address, {"action": "complete"}).status_code == 403


def test_ticks_of_others_are_not_heard(as_, cast, tree):
    course, other = factories.course(tree.truong_son), factories.course(tree.building)
    factories.attended(other, factories.officer(tree.hon_da), completed=False)
    hidden = Attendance.objects.get()
    for pk in (hidden.pk, "9" * 30, "\0", "x"):
        typed = {"action": "complete", "attendances": [pk], "completed_on": "06/5/2024"}
        assert as_(cast.reviewer).post(course.get_absolute_url(), typed).status_code in (302, 400)
    taken = as_(cast.reviewer).post(
        course.get_absolute_url(), {"take_back": hidden.pk}, follow=True
    )
    assert told(taken)[-1] == "Người này không còn trong danh sách."
    assert Attendance.objects.get().completed_on is None


def test_somebody_is_taken_back_while_the_course_is_planned(as_, cast, tree):
    course = factories.course(tree.building, starts_on=SOON, status="planned")
    mine, beside = factories.officer(tree.huong_giang), factories.officer(tree.song_lam)
    factories.attended(course, mine, beside, completed=False)
    sent = Attendance.objects.get(unit=tree.huong_giang)
    client, address = as_(cast.chair), course.get_absolute_url()
    assert client.get(address).text.count('name="take_back"') == 1

    answer = client.post(address, {"take_back": sent.pk}, follow=True)
    assert told(answer) == ["Đã thôi cử đồng chí Trần Văn Bình."]
    assert [at.unit for at in Attendance.objects.all()] == [tree.song_lam]
    Course.objects.update(status=CourseStatus.CANCELLED)
    left = Attendance.objects.get()
    stale = as_(cast.other_chair).post(address, {"take_back": left.pk}, follow=True)
    assert told(stale) == ["Lớp đã huỷ."]


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_of_a_course_costs_the_same(as_, cast, tree, count, django_assert_num_queries):
    course = factories.course(tree.truong_son)
    for number in range(count):
        who = factories.officer(tree.huong_giang, f"Người {number}", position="staff")
        factories.attended(course, who)
    client = as_(cast.reviewer)
    with django_assert_num_queries(8):
        assert client.get(course.get_absolute_url()).text.count('name="attendances"') == count


# --- sending -------------------------------------------------------------------------------------


@pytest.fixture
def course(tree):
    return factories.course(
        tree.building, title="Lớp nghiệp vụ", starts_on=SOON, status="planned", places=1
    )


def found(response):
    return [one.officer.name for one in response.context["rows"]]


def test_officers_are_found_by_name_unit_and_position(as_, cast, tree, course):
    factories.officer(tree.huong_giang, "Trần Thị Mai")
    factories.officer(tree.song_lam, "Nguyễn Văn Nam", position="vice-chair")
    factories.officer(tree.office, "Đỗ Đã Đi", left_on=SOON)
    factories.officer(tree.weavers, "Mai Láng Giềng")
    client, address = as_(cast.reviewer), page("send", course)
    assert sorted(found(client.get(address))) == ["Nguyễn Văn Nam", "Trần Thị Mai"]
    assert found(client.get(address, {"q": "thi MAI"})) == ["Trần Thị Mai"]
    assert found(client.get(address, {"unit": "gach song lam"})) == ["Nguyễn Văn Nam"]
    assert found(client.post(address, {"unit": "TS-01"})) == ["Trần Thị Mai"]
    assert found(client.get(address, {"position": "vice-chair"})) == ["Nguyễn Văn Nam"]
    assert found(client.get(address, {"position": "x"})) == []
    assert found(as_(cast.chair).get(address)) == ["Trần Thị Mai"]
    assert as_(cast.leader).get(address).status_code == 403
    assert as_(cast.neighbour_chair).get(address).status_code == 404


def test_ticks_come_along_and_stay_while_one_searches(as_, cast, tree, course):
    one, two = (
        factories.officer(tree.huong_giang, "A Một"),
        factories.officer(tree.song_lam, "B Hai"),
    )
    far = factories.officer(tree.weavers, "C Xa")
    client, address = as_(cast.reviewer), page("send", course)
    ids = f"{one.officer_id},{far.officer_id},{'9' * 30},x,"
    answer = client.get(f"{address}?officers={ids}&officers={two.officer_id}")
    chosen = [(c.officer.name, c.is_ticked) for c in answer.context["chosen"]]
    assert chosen == [("A Một", True), ("B Hai", True)]
    assert "C Xa" not in text(answer)
    searched = client.post(address, {"officers": [one.officer_id], "q": "hai"})
    assert (len(searched.context["chosen"]), found(searched)) == (1, ["B Hai"])
    assert not Attendance.objects.exists()


def test_those_ticked_are_sent(as_, cast, tree, course):
    one, two = (
        factories.officer(tree.huong_giang, "A Một"),
        factories.officer(tree.song_lam, "B Hai"),
    )
    client, address = as_(cast.reviewer), page("send", course)
    nobody = client.post(address, {"action": "send"})
    assert told(nobody) == ["Chưa chọn ai ngoài những người đã có trong danh sách."]
    answer = client.post(
        address, {"action": "send", "officers": [one.officer_id, two.officer_id]}, follow=True
    )
    assert told(answer) == ["Đã cử 2 người."]
    assert Attendance.objects.count() == 2
    again = client.get(address, {"officers": one.officer_id})
    assert [c.is_sent for c in again.context["chosen"]] == [True]
    assert "đã có trong danh sách" in text(again)
    federation = text(as_(cast.federation_reviewer).get(course.get_absolute_url()))
    assert "Đã cử 2 người, lớp dự kiến 1 chỗ." in federation


def test_whoever_learnt_the_topic_is_asked_for_once_more(as_, cast, tree, course):
    learnt, new = (
        factories.officer(tree.huong_giang, "A Một"),
        factories.officer(tree.office, "B Hai"),
    )
    hidden = factories.course(tree.spinning, title="Lớp riêng của Sợi", starts_on=DAY)
    factories.attended(hidden, learnt)
    client, address = as_(cast.reviewer), page("send", course)
    ticked = {"officers": [learnt.officer_id, new.officer_id]}

    asked = client.post(address, ticked | {"action": "send"})
    shown = text(asked)
    assert "A Một: đã học Nghiệp vụ ngày 06/5/2024" in shown
    assert "Vẫn cử" in shown
    assert "Lớp riêng của Sợi" not in shown  # a course of another branch
    assert not course.attendances.exists()
    others = client.post(address, ticked | {"action": "others"}, follow=True)
    assert told(others) == ["Đã cử 1 người."]
    anyway = client.post(address, ticked | {"action": "anyway"}, follow=True)
    assert told(anyway) == ["Đã cử 1 người."]
    sent = Attendance.objects.filter(course=course).values_list("officer__name", flat=True)
    assert sorted(sent) == ["A Một", "B Hai"]


def test_a_stale_page_gets_a_sentence(as_, cast, tree, course):
    one = factories.officer(tree.huong_giang, "A Một")
    client, address = as_(cast.chair), page("send", course)
    send = {"action": "send", "officers": [one.officer_id]}
    type(one).objects.update(valid_to=date(2024, 11, 1))
    gone = text(client.post(address, send))
    assert "không giữ chức trong phạm vi quản lý của đồng chí nên không cử được: A Một." in gone
    assert "Chưa cử ai." in gone
    Course.objects.update(status=CourseStatus.HELD, starts_on=DAY, ends_on=DAY)
    held = client.post(address, send, follow=True)
    assert told(held) == ["Lớp đã tổ chức: danh sách do đơn vị tổ chức ghi."]
    Course.objects.update(status=CourseStatus.CANCELLED)
    assert told(client.post(address, send, follow=True)) == ["Lớp đã huỷ."]
    assert not Attendance.objects.exists()


def test_nobody_sends_the_officers_of_others(as_, cast, tree, course):
    beside = factories.officer(tree.song_lam, "B Hai")
    far = factories.officer(tree.weavers, "C Xa")
    for one in (beside, far):
        answer = as_(cast.chair).post(
            page("send", course), {"action": "send", "officers": [one.officer_id]}
        )
        assert one.officer.name not in text(answer)
    assert not Attendance.objects.exists()


@pytest.mark.parametrize("count", [1, 30])
def test_sending_costs_the_same(as_, cast, tree, course, count, django_assert_num_queries):
    people = [
        factories.officer(tree.huong_giang, f"Người {number}", position="staff")
        for number in range(2 * count)
    ]
    factories.attended(factories.course(tree.truong_son), *people)
    client, address = as_(cast.reviewer), page("send", course)
    ids = ",".join(str(one.officer_id) for one in people[:count])
    with django_assert_num_queries(14):
        client.get(address, {"officers": ids, "unit": "TS-01"})
    send = {"action": "anyway", "officers": ids}
    with CaptureQueriesContext(connection) as queries:
        client.post(address, send)
    assert Attendance.objects.filter(course=course).count() == count
    assert len(queries) == 15


# --- from below ----------------------------------------------------------------------------------


def test_somebody_with_two_roles_plans_there_alone(as_, cast, tree):
    both = cast.chair
    both.assignments.create(unit=tree.spinning, role=Role.REVIEWER, valid_from=date(2020, 1, 1))
    assert 'value="SO" selected' in as_(both).get(NEW).text
    course = factories.course(tree.building, starts_on=SOON, status="planned")
    mine, theirs = (
        factories.officer(tree.huong_giang, "A Một"),
        factories.officer(tree.weavers, "C"),
    )
    names = found(as_(both).get(page("send", course)))
    assert set(names) == {mine.officer.name, theirs.officer.name}


def test_the_menu_is_at_training(as_, cast, year):
    assert re.search(r'href="/training/"[^>]*aria-current', as_(cast.reviewer).get(LIST).text)
