"""«In để ký, lưu»: one sheet with the head, the figures and the place for the signature."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from members import actions
from members.models import QuarterlyReport
from members.printing import sheet_of
from tests import factories
from unionplan.lib import clock
from unionplan.lib.paths import WIDTH

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _afternoon():
    with clock.standing_at(datetime(2024, 10, 4, 14, 6, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))):
        yield


@pytest.fixture(scope="module")
def place(world):
    world.quarter = factories.open_quarter("2024Q3")
    return world


@pytest.fixture
def report(place, db):
    return lambda: factories.report(place.tree.huong_giang, place.quarter)


URL = "/reports/TS-01/2024Q3/print/"


def test_a_sheet_says_what_was_sent(as_, place, report):
    figures = {"admitted": 12, "transferred_in": 1, "left_job": 5, "workers": 1231}
    sent = {
        **factories.figures(195, **figures),
        "note": "Kết thúc\ncông trình.",
        "women_members": 82,
    }
    actions.submit(report(), sent, by=place.cast.chair)

    page = " ".join(as_(place.cast.chair).get(URL).text.split())

    for words in (
        "Công đoàn Tổng công ty Trường Sơn",
        "Số: /BC-CĐCS",
        "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "BÁO CÁO SỐ LIỆU ĐOÀN VIÊN, LAO ĐỘNG QUÝ III NĂM 2024",
        "Số liệu tính đến ngày 30/9/2024",
        "TM. BAN CHẤP HÀNH",
        "CHỦ TỊCH",
        "Trần Thị Mai",
        "<b>Giải trình:</b> Kết thúc công trình.",
        "In từ phần mềm lúc 14:06 ngày 04/10/2024, bản gửi lần 1",
    ):
        assert words in page
    figures = {row.label: row.figure for row in sheet_of(report()).rows if not row.is_heading}
    assert figures == {
        "Tổng số lao động": "1.231",
        "Đoàn viên đầu quý": "195",
        "Kết nạp mới": "12",
        "Chuyển sinh hoạt đến": "1",
        "Chuyển sinh hoạt đi": "–",
        "Giảm do thôi việc": "5",
        "Giảm do nghỉ hưu": "–",
        "Giảm khác": "–",
        "Giảm do sắp xếp tổ chức": "–",
        "Điều chỉnh sau rà soát (+/−)": "–",
        "Tổng số đoàn viên": "203",
        "– Trong đó: nữ": "82",
        "Tỷ lệ đoàn viên": "16,49%",
    }


def test_what_is_not_sent_is_printed_as_a_draft(as_, place, report):
    page = as_(place.cast.chair).get(URL).text

    assert "In từ phần mềm lúc 14:06 ngày 04/10/2024, bản nháp, chưa gửi" in page
    assert "Nhập thay" not in page


@pytest.mark.parametrize(
    ("letters", "density"),
    [(0, ""), (100, "paper-small"), (500, "paper-dense"), (3000, "paper-tiny")],
)
def test_the_more_words_the_smaller_the_print(report, letters, density):
    QuarterlyReport.objects.filter(pk=report().pk).update(note="a" * letters)

    assert sheet_of(report()).density == density


def test_a_sheet_keeps_the_superior_of_its_quarter(place, report):
    """Whoever the unit belongs to today, the report went to this one."""
    QuarterlyReport.objects.filter(pk=report().pk).update(
        parent=place.tree.building, received_on=date(2024, 10, 3)
    )
    sheet = sheet_of(report())

    assert sheet.superior == "Công đoàn ngành Xây dựng"
    assert sheet.banner.endswith("theo bản giấy nhận ngày 03/10/2024")


def test_the_branch_a_unit_left_does_not_read_who_its_chair_is(as_, place, report):
    path = place.tree.truong_son.path + place.tree.weavers.path[-WIDTH:]
    found = QuarterlyReport.objects.filter(unit=place.tree.weavers)
    found.update(parent=place.tree.truong_son, path=path)
    url = URL.replace("TS-01", "SO-01")
    chair = str(place.cast.neighbour_chair)

    assert chair not in as_(place.cast.reviewer).get(url).context["sheet"].signatory
    assert as_(place.cast.neighbour_reviewer).get(url).context["sheet"].signatory == chair


def test_a_sheet_costs_the_same_for_every_report(as_, place, report, django_assert_num_queries):
    client = as_(place.cast.chair)
    client.get(URL)
    with django_assert_num_queries(7):
        client.get(URL)
