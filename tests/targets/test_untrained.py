"""«Ai chưa được đào tạo, bồi dưỡng»: who is named to whom, and one step onto a planned course."""

from __future__ import annotations

import io
import re
from datetime import date
from html import unescape
from types import SimpleNamespace

import openpyxl
import pytest
from django.utils.html import strip_tags

from members.models import HistoryEntry, Placement, Unit
from targets.models import Target
from tests import factories
from tests.targets import made
from training.models import Attendance, OfficerCount

pytestmark = pytest.mark.usefixtures("world")

DEMAND = {
    "full-time-trained": "theory,skills",
    "new-chairs-trained": "theory,skills",
    "officers-trained": "skills",
}


@pytest.fixture
def plan(tree, today):
    found = made.plan(
        tree.building,
        code="dao-tao",
        title="Kế hoạch đào tạo",
        starts_on=date(2023, 1, 1),
        ends_on=date(2028, 12, 31),
    )
    for indicator, topics in DEMAND.items():
        made.target(found, tree.building, indicator, 100)
        Target.objects.filter(plan=found, indicator=indicator).update(topics=topics)
    return found


@pytest.fixture
def people(tree, plan):
    """Of four officers An alone is trained; Bình misses theory, Cam and Dũng both topics."""
    factories.open_quarter("2024Q1")
    t = SimpleNamespace(quarter=factories.open_quarter("2024Q3"))
    t.an = factories.officer(tree.truong_son, "Đỗ Thị An", is_full_time=True)
    t.binh = factories.officer(tree.truong_son, "Lê Văn Bình", position="staff", is_full_time=True)
    t.cam = factories.officer(tree.song_lam, "Vũ Văn Cam")
    t.dung = factories.officer(tree.hon_da, "Bùi Tiến Dũng", is_full_time=True)
    factories.officer(tree.weavers, "Người Nơi Khác", is_full_time=True)
    skills = factories.course(tree.building, "skills", starts_on=date(2024, 2, 5))
    theory = factories.course(tree.building, "theory", starts_on=date(2024, 4, 4))
    factories.attended(skills, t.an, t.binh)
    factories.attended(theory, t.an)
    t.planned = factories.course(
        tree.building,
        "theory",
        starts_on=date(2024, 11, 12),
        status="planned",
        title="Lớp lý luận tháng 11",
    )
    OfficerCount.objects.create(
        unit=tree.huong_giang, quarter=t.quarter, others=10, others_trained=4
    )
    return t


def text(response) -> str:
    html = re.sub(r'<span aria-hidden="true">.*?</span>', "", response.content.decode())
    return " ".join(unescape(strip_tags(html.replace("<", " <"))).split())


def names(response) -> list[str]:
    return [row.tenure.officer.name for row in response.context["rows"]]


@pytest.fixture
def page(as_, cast):
    def of(code, query="", *, person=cast.federation_reviewer, status=200):
        answer = as_(person).get(f"/progress/{code}/untrained/?plan=dao-tao&{query}")
        assert answer.status_code == status
        return answer

    return of


# --- the list ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "query", "found"),
    [
        ("CDN", "", ["Lê Văn Bình", "Bùi Tiến Dũng"]),
        ("CDN", "indicator=new-chairs-trained", ["Vũ Văn Cam", "Bùi Tiến Dũng"]),
        ("CDN", "indicator=officers-trained", ["Vũ Văn Cam", "Bùi Tiến Dũng"]),
        ("CDN", "indicator=nonsense", ["Lê Văn Bình", "Bùi Tiến Dũng"]),
        ("CDN", "below=TS", ["Lê Văn Bình"]),
        ("CDN", "below=SO", ["Lê Văn Bình", "Bùi Tiến Dũng"]),
        ("CDN", "topic=skills", ["Bùi Tiến Dũng"]),
        ("CDN", "topic=theory&below=HD-01", ["Bùi Tiến Dũng"]),
        ("CDN", "topic=nonsense", ["Lê Văn Bình", "Bùi Tiến Dũng"]),
        ("TS", "", ["Lê Văn Bình"]),
        ("TS", "indicator=officers-trained", ["Vũ Văn Cam"]),
        ("TS-02", "", ["Vũ Văn Cam"]),  # the first line that counts somebody there
        ("TS-01", "", []),
    ],
)
def test_those_are_named_whom_the_figure_lacks(people, page, code, query, found):
    assert sorted(names(page(code, query))) == sorted(found)


def test_what_each_lacks_stands_beside_the_name(people, page):
    shown = text(page("CDN"))
    for words in (
        "2 cán bộ trong danh sách chưa được đào tạo, bồi dưỡng",
        "Lê Văn Bình Chuyên viên · chuyên trách Công đoàn Tổng công ty Trường Sơn 01/6/2023 "
        "Lý luận –",
        "Bùi Tiến Dũng Chủ tịch · chuyên trách CĐCS Công ty CP Xi măng Hòn Đá 01/6/2023 "
        "Lý luận, Nghiệp vụ –",
        "33,33% (1/3), còn thiếu 2 cán bộ",
        "Lý luận · 12/11/2024 · Lớp lý luận tháng 11",
    ):
        assert words in shown, (words, shown)


def test_units_say_how_many_they_do_not_name(people, page):
    shown = text(page("CDN", "indicator=officers-trained"))
    assert "6 cán bộ ngoài danh sách chưa được đào tạo, bồi dưỡng" in shown
    assert "CĐCS Công ty CP Xây dựng Hương Giang 10 4 6" in shown
    narrowed = text(page("CDN", "indicator=officers-trained&below=HD-01"))
    assert "ngoài danh sách chưa được" not in narrowed


def test_an_earlier_quarter_names_those_of_its_cut_off(people, page):
    """Before An learnt theory in April."""
    shown = names(page("CDN", "quarter=2024Q1"))
    assert set(shown) == {"Đỗ Thị An", "Lê Văn Bình", "Bùi Tiến Dũng"}


def test_a_plan_without_such_a_line_says_so(tree, people, page):
    other = made.plan(tree.building)
    made.target(other, tree.building, "net-increase", 40)
    shown = text(page("CDN", "plan=ke-hoach-2024"))
    assert "không có chỉ tiêu về tỷ lệ cán bộ được đào tạo" in shown


def test_long_lists_have_pages_and_a_file_has_all(tree, people, page):
    for number in range(120):
        factories.officer(tree.truong_son, f"Cán bộ {number}", position="staff", is_full_time=True)
    assert [len(names(page("TS", f"page={number}"))) for number in (1, 2, 99)] == [100, 21, 21]
    answer = page("TS", "export=xlsx&indicator=officers-trained")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["Chưa được đào tạo, bồi dưỡng", "Cán bộ ngoài danh sách"]
    rows = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    assert len(rows) == 1 + 121
    assert ["TS-02", "CĐCS Nhà máy Gạch Sông Lam", "Vũ Văn Cam", "Chủ tịch"] in [
        row[:4] for row in rows
    ]
    others = [list(row) for row in book.worksheets[1].iter_rows(values_only=True)]
    assert others[1] == ["TS-01", "CĐCS Công ty CP Xây dựng Hương Giang", 10, 4, 6]


# --- whose names ---------------------------------------------------------------------------------


def test_another_branch_is_not_found_and_its_names_are_nowhere(people, page, cast):
    for person in (cast.reviewer, cast.chair, cast.leader):
        page("SO", person=person, status=404)
        page("SO-01", "export=xlsx", person=person, status=404)
    for query in ("", "indicator=officers-trained", "below=SO-01"):
        assert "Người Nơi Khác" not in text(page("CDN", query))
    page("CDN", person=cast.reviewer, status=404)
    page("TS-02", person=cast.chair, status=404)


def test_a_unit_that_has_left_keeps_its_names_to_itself(tree, people, page):
    """It counts at the cut-off, when it hung here; today it is another federation's."""
    day = date(2024, 10, 1)
    Placement.objects.filter(unit=tree.hon_da).update(valid_to=day)
    Placement.objects.create(
        unit=tree.hon_da, parent=tree.textiles, sector_id="NNN", name="HD", valid_from=day
    )
    path = tree.textiles.path + tree.hon_da.path[len(tree.building.path) :]
    Unit.objects.filter(pk=tree.hon_da.pk).update(parent=tree.textiles, path=path)
    answer = page("CDN")
    assert names(answer) == ["Lê Văn Bình"]
    assert "1 người nữa được tính trong số liệu: đơn vị đã chuyển đi" in text(answer)
    rows = openpyxl.load_workbook(io.BytesIO(page("CDN", "export=xlsx").content)).active
    assert "Bùi Tiến Dũng" not in [cell for row in rows.iter_rows(values_only=True) for cell in row]


def test_whoever_is_sent_by_another_branch_since_is_not_told(tree, people, page):
    """Dũng counts here at the cut-off, and serves with the weavers now."""
    factories.attended(people.planned, people.binh, completed=False)
    there = factories.course(tree.textiles, "theory", starts_on=date(2024, 12, 9), status="planned")
    day = date(2024, 10, 2)
    people.dung.valid_to = day
    people.dung.save()
    moved = factories.officer(
        tree.weavers, officer=people.dung.officer, position="staff", begins_on=day
    )
    factories.attended(there, moved, completed=False)

    sent = {row.tenure.officer.name: row.sent_to for row in page("CDN").context["rows"]}
    assert sent == {"Lê Văn Bình": ["Lý luận 12/11/2024"], "Bùi Tiến Dũng": []}


# --- onto a course -------------------------------------------------------------------------------


def send(client, course, *tenures, code="CDN", query=""):
    typed = {"course": course.pk, "officers": [tenure.officer_id for tenure in tenures]}
    return client.post(f"/progress/{code}/untrained/?plan=dao-tao&{query}", typed, follow=True)


def sent_to(course) -> set[str]:
    return set(course.attendances.values_list("officer__name", flat=True))


def test_those_ticked_are_sent_in_one_step(people, as_, cast):
    answer = send(as_(cast.federation_reviewer), people.planned, people.binh, people.dung)
    assert sent_to(people.planned) == {"Lê Văn Bình", "Bùi Tiến Dũng"}
    shown = text(answer)
    assert "Đã cử 2 cán bộ vào lớp “Lớp lý luận tháng 11”." in shown
    assert shown.count("Lý luận 12/11/2024") == 2
    assert HistoryEntry.objects.filter(subject__contains="Lê Văn Bình").exists()


def test_whoever_is_sent_already_is_asked_about_once_more(people, tree, as_, cast):
    earlier = factories.course(
        tree.truong_son, "theory", starts_on=date(2024, 10, 20), status="planned"
    )
    factories.attended(earlier, people.binh, completed=False)
    answer = send(as_(cast.federation_reviewer), people.planned, people.binh, people.dung)
    address, _status = answer.redirect_chain[-1]
    ids = f"{people.binh.officer_id},{people.dung.officer_id}"
    assert address == f"/training/courses/{people.planned.pk}/send/?officers={ids}"
    assert sent_to(people.planned) == set()
    assert "Lê Văn Bình" in text(answer)


def test_whoever_left_since_is_named_and_nobody_is_sent(people, as_, cast):
    people.dung.valid_to = date(2024, 10, 2)
    people.dung.save()
    answer = send(as_(cast.federation_reviewer), people.planned, people.binh, people.dung)
    assert "Bùi Tiến Dũng" in text(answer)
    assert sent_to(people.planned) == set()


@pytest.mark.parametrize(
    ("tick", "course", "words"),
    [
        (False, True, "Chưa chọn ai."),
        (True, False, "Hãy chọn lớp để cử đi học."),
    ],
)
def test_a_slip_is_told_and_keeps_the_ticks(people, as_, cast, tick, course, words):
    typed = {"course": people.planned.pk if course else ""}
    typed |= {"officers": [people.binh.officer_id]} if tick else {}
    answer = as_(cast.federation_reviewer).post("/progress/CDN/untrained/?plan=dao-tao", typed)
    assert words in text(answer)
    assert answer.content.decode().count(" checked>") == int(tick)
    assert not people.planned.attendances.exists()


def test_only_courses_of_the_missing_topics_in_sight_are_offered(people, tree, page, cast):
    for unit, topic, facts in (
        (tree.building, "membership", {}),
        (tree.textiles, "theory", {}),
        (tree.building, "theory", {"kind": "contest"}),
        (tree.building, "theory", {"starts_on": date(2024, 9, 1)}),  # over, and never held
    ):
        day = facts.pop("starts_on", date(2024, 12, 3))
        factories.course(unit, topic, starts_on=day, status="planned", **facts)
    offered = page("CDN").context["to_course"].courses
    assert list(offered) == [people.planned]
    assert not page("CDN", "topic=skills").context["has_courses"]
    assert page("TS", person=cast.reviewer).context["has_courses"]


def test_a_course_of_another_branch_is_no_choice(people, tree, as_, cast):
    foreign = factories.course(
        tree.textiles, "theory", starts_on=date(2024, 12, 3), status="planned"
    )
    answer = send(as_(cast.federation_reviewer), foreign, people.binh)
    assert "Lớp này không còn ở tình trạng dự kiến" in text(answer)
    assert not foreign.attendances.exists()


def test_a_foreign_officer_is_not_sent_whoever_asks(people, as_, cast):
    foreign = Attendance.objects.count()
    stranger = people.an.__class__.objects.get(officer__name="Người Nơi Khác")
    answer = send(as_(cast.reviewer), people.planned, stranger, code="TS")
    assert "Người Nơi Khác" not in text(answer)
    assert Attendance.objects.count() == foreign


def test_whoever_only_reads_has_no_button_and_sends_nobody(people, as_, cast, page):
    answer = page("CDN", person=cast.leader)
    assert "Cử những người đã chọn" not in text(answer)
    assert 'name="officers"' not in answer.content.decode()
    refused = as_(cast.leader).post(
        "/progress/CDN/untrained/?plan=dao-tao",
        {"course": people.planned.pk, "officers": [people.binh.officer_id]},
    )
    assert refused.status_code == 403
    assert not people.planned.attendances.exists()


def test_a_chair_sends_those_of_the_own_unit(people, as_, cast):
    answer = send(
        as_(cast.other_chair),
        people.planned,
        people.cam,
        code="TS-02",
        query="indicator=new-chairs-trained",
    )
    assert sent_to(people.planned) == {"Vũ Văn Cam"}
    assert "Đã cử 1 cán bộ" in text(answer)
