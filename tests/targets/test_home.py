"""The first page by role, and what a chair reads when a report is sent (walks 1 and 2)."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from members import actions, periods
from members.access import Role
from members.models import Assignment, Charge, HandOver, Quarter, SignOff
from tests import factories
from tests.factories import accepted, submitted
from tests.targets import made
from unionplan.lib import clock


def text(response) -> str:
    """What a person reads, in one line; the signs of a status are decoration."""
    assert response.status_code == 200
    html = re.sub(r'<span aria-hidden="true">.*?</span>', "", response.content.decode())
    return " ".join(unescape(strip_tags(html.replace("<", " <"))).split())


@pytest.fixture
def huong_giang(tree, cast):
    """Walk 1: 188 members at the end of 2023, 195 of 238 workers in Quý II; Quý III is due."""
    unit = tree.huong_giang
    for code, workers, admitted, left in (
        ("2023Q4", 232, 0, 0),
        ("2024Q1", 235, 3, 1),
        ("2024Q2", 238, 6, 1),
    ):
        quarter = factories.open_quarter(code)
        accepted(unit, quarter, opening=188, admitted=admitted, left_job=left, workers=workers)
        periods.close_quarter(quarter, by=cast.root)
    factories.open_quarter("2024Q3")
    return unit


@pytest.fixture
def plan(tree):
    found = made.plan(tree.building)
    made.target(found, tree.building, "density", 90, group="other-enterprises")
    made.target(found, tree.huong_giang, "net-increase", 20, decision_no="15/QĐ-CĐTCT")
    return found


@pytest.fixture
def send(huong_giang, cast):
    """What she types in the walk: 195 + 12 + 1 − 0 − 5 = 203 of 231."""

    def sent():
        return submitted(
            huong_giang,
            Quarter.objects.get(code="2024Q3"),
            by=cast.chair,
            workers=231,
            admitted=12,
            transferred_in=1,
            left_job=5,
        )

    return sent


# --- the chair -----------------------------------------------------------------------------------


def test_a_chair_reads_what_is_due_and_how_far_the_unit_is(huong_giang, plan, cast, as_, today):
    shown = text(as_(cast.chair).get("/"))
    for words in (
        "Công việc của đơn vị CĐCS Công ty CP Xây dựng Hương Giang",
        "Báo cáo số liệu Quý III/2024 Hạn gửi 05/10/2024, còn 1 ngày · Chưa nhập Nhập báo cáo",
        "Chỉ tiêu năm 2024 của đơn vị",
        "Thực tăng 7/20 đoàn viên, đạt 35,00%",
        "Tỷ lệ đoàn viên 81,93%, mức giao 90%, còn thiếu 20 đoàn viên",
        "Người hướng dẫn: đồng chí Lê Văn Hoà, 0900 000 001",
    ):
        assert words in shown, (words, shown)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2024, 10, 5), "đến hạn hôm nay"),
        (date(2024, 10, 8), "quá hạn 3 ngày"),
    ],
)
def test_days_are_counted_to_the_due_day_and_from_it(huong_giang, cast, as_, settings, day, words):
    settings.DEMO_TODAY = day
    assert f"Hạn gửi 05/10/2024, {words} · Chưa nhập" in text(as_(cast.chair).get("/"))


def test_the_card_follows_the_report(huong_giang, plan, cast, as_, today, send):
    report = factories.report(huong_giang, Quarter.objects.get(code="2024Q3"))
    actions.save_draft(report, {"workers": 231}, by=cast.chair)
    assert "Đang nhập Nhập tiếp báo cáo" in text(as_(cast.chair).get("/"))
    report = send()
    assert "Đã gửi, chờ kiểm tra Xem báo cáo" in text(as_(cast.chair).get("/"))
    report = actions.return_report(report, by=cast.reviewer, reason="Danh sách giảm 6 người.")
    shown = text(as_(cast.chair).get("/"))
    assert "Trả lại, chờ sửa đồng chí Lê Văn Hoà, " in shown
    assert ": Danh sách giảm 6 người. Sửa báo cáo" in shown
    report = send()
    actions.accept([report], by=cast.reviewer)
    shown = text(as_(cast.chair).get("/"))
    assert "Đã duyệt · đồng chí Lê Văn Hoà, " in shown
    assert "Thực tăng 15/20 đoàn viên, đạt 75,00% Đúng tiến độ" in shown


def test_nothing_is_due(tree, cast, as_, today):
    assert "Hiện không có báo cáo nào phải gửi." in text(as_(cast.chair).get("/"))
    quarter = factories.open_quarter("2024Q3")
    periods.close_quarter(quarter, by=cast.root)
    shown = text(as_(cast.chair).get("/"))
    assert "Hiện không có báo cáo nào phải gửi. Kỳ sau: Quý IV/2024." in shown


def test_after_the_fourth_quarter_comes_the_first(tree, cast, as_, today):
    quarter = factories.open_quarter("2023Q4")
    periods.close_quarter(quarter, by=cast.root)
    assert "Kỳ sau: Quý I/2024." in text(as_(cast.chair).get("/"))


def test_a_unit_without_targets_says_so(huong_giang, tree, cast, as_, today):
    assert "Đơn vị chưa được giao chỉ tiêu." in text(as_(cast.chair).get("/"))
    made.target(made.plan(tree.building), tree.building, "net-increase", 100)
    assert "Đơn vị chưa được giao chỉ tiêu năm 2024." in text(as_(cast.chair).get("/"))


def test_a_chair_of_two_units_has_a_card_for_each(huong_giang, tree, cast, as_, today):
    Assignment.objects.create(
        user=cast.chair, unit=tree.hon_da, role=Role.CHAIR, valid_from=date(2024, 1, 1)
    )
    shown = text(as_(cast.chair).get("/"))
    assert shown.count("Báo cáo số liệu Quý III/2024") == 2
    assert "CĐCS Công ty CP Xi măng Hòn Đá" in shown


def test_who_only_reads_a_unit_is_not_asked_to_type(huong_giang, as_, today):
    reader = factories.person("reads", huong_giang, Role.VIEWER)
    assert "Nhập báo cáo" not in text(as_(reader).get("/"))


# --- after sending -------------------------------------------------------------------------------


def test_sending_shows_what_it_means_for_the_targets(huong_giang, plan, cast, as_, today, send):
    send()
    shown = text(as_(cast.chair).get("/reports/TS-01/2024Q3/sent/"))
    for words in (
        "Đã gửi báo cáo",
        "Đã gửi Công đoàn Tổng công ty Trường Sơn lúc ",
        "Kết quả kiểm tra hiện ở trang Công việc của đơn vị.",
        "Tỷ lệ đoàn viên 87,88% (203/231), mức giao 90%, còn thiếu 5 đoàn viên",
        "Thực tăng 15/20 đoàn viên, đạt 75,00% · Đúng tiến độ (chờ kiểm tra)",
        "Thu hồi để sửa",
        "Xem báo cáo",
    ):
        assert words in shown, (words, shown)
    assert shown.count("(chờ kiểm tra)") == 2


def test_sending_again_says_which_time_it_is(huong_giang, plan, cast, as_, today, send):
    actions.withdraw(send(), by=cast.chair)
    send()
    assert "Đã gửi lại, lần 2, lúc " in text(as_(cast.chair).get("/reports/TS-01/2024Q3/sent/"))


def test_an_accepted_report_waits_for_nothing(huong_giang, plan, cast, as_, today, send):
    actions.accept([send()], by=cast.reviewer)
    shown = text(as_(cast.chair).get("/reports/TS-01/2024Q3/sent/"))
    assert "(chờ kiểm tra)" not in shown
    assert "Thu hồi để sửa" not in shown


def test_a_report_that_is_not_sent_leads_to_its_form(huong_giang, cast, as_, today):
    answer = as_(cast.chair).get("/reports/TS-01/2024Q3/sent/")
    assert answer.headers["Location"] == "/reports/TS-01/2024Q3/"


def test_a_neighbour_does_not_find_it(huong_giang, cast, as_, today, send):
    send()
    for person in (cast.other_chair, cast.neighbour_chair, cast.neighbour_reviewer):
        assert as_(person).get("/reports/TS-01/2024Q3/sent/").status_code == 404


# --- everybody above -----------------------------------------------------------------------------


def test_a_reviewer_opens_with_the_reports_by_status(huong_giang, plan, cast, as_, today, send):
    send()
    response = as_(cast.reviewer).get("/")
    shown = text(response)
    for words in (
        "Quý III/2024 · 4 đơn vị · còn 1 ngày đến hạn",
        "1 Chờ kiểm tra 0 Trả lại 0 Đã duyệt 0 Đang nhập 3 Chưa nhập",
        "Chưa gửi (3)",
        "Tiến độ 2024",
        "195/238 người 81,93% / 90% còn thiếu 20 đoàn viên",
        "Số liệu tổng hợp từ báo cáo đã duyệt của 0/4 đơn vị; 1 đơn vị tạm lấy số Quý II/2024",
    ):
        assert words in shown, (words, shown)
    waiting = response.context["boxes"][0].url
    assert waiting == "/reports/?quarter=2024Q3&status=submitted"
    assert as_(cast.reviewer).get(waiting).status_code == 200


def test_a_reviewer_reads_that_no_quarter_is_open(tree, cast, as_, today):
    words = "Chưa có kỳ báo cáo nào đang mở. Kỳ sau do Công đoàn ngành mở."
    assert words in text(as_(cast.reviewer).get("/"))


def test_the_federation_opens_with_its_progress(huong_giang, plan, cast, as_, today):
    for person in (cast.leader, cast.federation_reviewer, cast.administrator):
        shown = text(as_(person).get("/"))
        assert "Tiến độ Kế hoạch phát triển đoàn viên năm 2024" in shown
        assert "Theo đơn vị" in shown
    neighbour = text(as_(cast.neighbour_reviewer).get("/"))
    assert "Hương Giang" not in neighbour


def test_above_the_owner_of_a_plan_it_is_found_by_a_link(plan, cast, as_, today):
    response = as_(cast.root).get("/")
    assert "Chưa có kế hoạch nào đang thực hiện." in text(response)
    assert 'href="/progress/CDN/?plan=ke-hoach-2024"' in response.content.decode()
    assert "/progress/CDN/" not in as_(cast.neighbour_reviewer).get("/").content.decode()


def test_somebody_without_a_role_is_told_whom_to_ask(db, as_):
    assert "Tài khoản chưa được phân quyền." in text(as_(factories.person("nobody")).get("/"))


def test_a_reviewer_with_a_unit_of_her_own_sees_both(huong_giang, tree, cast, as_, today):
    Assignment.objects.create(
        user=cast.chair, unit=tree.truong_son, role=Role.REVIEWER, valid_from=date(2024, 1, 1)
    )
    shown = text(as_(cast.chair).get("/"))
    assert "Báo cáo số liệu Quý III/2024" in shown
    assert "Tiến độ của Công đoàn Tổng công ty Trường Sơn" in shown


@pytest.mark.parametrize(("who", "statements"), [("chair", 22), ("reviewer", 42)])
def test_a_home_costs_the_same_in_a_large_branch(
    huong_giang, plan, tree, cast, as_, today, who, statements
):
    client, counted = as_(getattr(cast, who)), []
    client.get("/")
    for round_ in range(2):
        for number in range(15 * round_):
            unit = factories.unit(f"X-{number:02d}", parent=tree.truong_son)
            periods.add_reports_to_open_quarters([unit], by=cast.root)
        with CaptureQueriesContext(connection) as queries:
            client.get("/")
        counted.append(len(queries))
    assert counted == [statements, statements]


# --- units in one's charge -----------------------------------------------------------------------


def test_a_reviewer_chooses_the_units_in_his_charge(huong_giang, tree, cast, as_, today, send):
    send()
    for unit in (huong_giang, tree.office):
        Charge.objects.create(unit=unit, user=cast.reviewer)
    client = as_(cast.reviewer)
    shown = text(client.get("/"))
    assert "Quý III/2024 · 4 đơn vị · còn 1 ngày đến hạn" in shown
    assert "Đơn vị tôi phụ trách (2) Tất cả (4)" in shown
    mine = client.get("/?scope=mine")
    assert "Quý III/2024 · 2 đơn vị" in text(mine)
    assert "1 Chờ kiểm tra 0 Trả lại 0 Đã duyệt 0 Đang nhập 1 Chưa nhập" in text(mine)
    assert "Chưa gửi (1)" in text(client.get(mine.context["unsent"].url))


def test_what_else_waits_leads_to_its_list(huong_giang, tree, cast, as_, today):
    client = as_(cast.reviewer)
    nobody = client.get("/").context["todo"]
    assert [(item.words, item.url) for item in nobody] == [
        ("2 đơn vị chưa có chủ tịch", "/accounts/units/?state=none")
    ]
    HandOver.objects.create(
        unit=huong_giang,
        full_name="Đỗ Văn Nam",
        phone="0900000777",
        valid_from=today,
        asked_by=cast.chair,
        asked_at=clock.now(),
    )
    report = factories.report(huong_giang, Quarter.objects.get(code="2024Q3"))
    actions.submit(report, factories.figures(195), by=cast.chair)
    actions.accept([factories.report(huong_giang, report.quarter)], by=cast.reviewer)
    huong_giang.reports.filter(quarter=report.quarter).update(expected_opening=190)
    SignOff.objects.create(
        unit=tree.truong_son,
        quarter=Quarter.objects.get(code="2024Q2"),
        at=clock.now(),
        by=cast.reviewer,
        signatory="Lê Văn Hoà",
        due=4,
        accepted=1,
        returned_at=clock.now(),
        returned_by=cast.federation_reviewer,
        return_reason="Đề nghị kiểm tra số giảm.",
    )
    assert [(item.words, item.url) for item in client.get("/").context["todo"]] == [
        ("Bản chốt Quý II/2024 bị trả lại: Đề nghị kiểm tra số giảm.", "/sign-off/TS/2024Q2/"),
        ("1 đính chính Quý III/2024", "/reports/?quarter=2024Q3&scope=all"),
        (
            "Đề nghị bàn giao: CĐCS Công ty CP Xây dựng Hương Giang, người mới:"
            " đồng chí Đỗ Văn Nam",
            "/units/TS-01/hand-over/",
        ),
        ("2 đơn vị chưa có chủ tịch", "/accounts/units/?state=none"),
    ]
    for item in client.get("/").context["todo"]:
        assert client.get(item.url).status_code == 200, item


def test_a_member_of_the_committee_opens_with_the_units_in_their_charge(
    huong_giang, plan, tree, cast, as_, today
):
    progress = text(as_(cast.leader).get("/"))
    assert "Chưa gửi" not in progress
    for unit in (huong_giang, tree.hon_da):
        Charge.objects.create(unit=unit, user=cast.leader)
    shown = text(as_(cast.leader).get("/"))
    for words in (
        "Quý III/2024 · 2 đơn vị · còn 1 ngày đến hạn",
        "Đơn vị tôi phụ trách (2) Tất cả (5)",
        "Chưa gửi (2)",
        "Đơn vị Chủ tịch Điện thoại Lao động Quý trước gửi Đôn đốc gần nhất",
        "Trần Thị Mai",
        "Ghi nhận đôn đốc",
        "Tiến độ 2024",
    ):
        assert words in shown, (words, shown)
    assert "Việc cần làm" not in shown
    for quarter in Quarter.objects.open():
        periods.close_quarter(quarter, by=cast.root)
    assert "Chưa gửi" not in text(as_(cast.leader).get("/"))
