"""Papers of many units typed into one grid, or brought in as one file (walk 2, step 9)."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from members import suspending
from members.access import Role
from members.forms.entry import COLUMNS
from members.imports import REPORT_COLUMNS
from members.models import QuarterlyReport, Status
from members.periods import close_quarter
from tests import factories
from unionplan.lib import clock
from unionplan.lib.spreadsheets import csv_text, read, xlsx_file

pytestmark = pytest.mark.django_db

URL = "/reports/entry/2024Q3/"
TEMPLATE = f"{URL}template/"


@pytest.fixture(autouse=True)
def _morning():
    with clock.standing_at(datetime(2024, 10, 8, 9, 0, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))):
        yield


@pytest.fixture(scope="module")
def place(world):
    """Quý III/2024 after Quý II, in which two units of Trường Sơn reported."""
    t = world.tree
    second = factories.open_quarter("2024Q2")
    factories.all_accepted(
        second,
        {
            t.huong_giang: {"opening": 195, "workers": 238},
            t.song_lam: {"opening": 310, "workers": 329},
        },
    )
    world.quarter = factories.open_quarter("2024Q3")
    return world


@pytest.fixture
def reports(place, db):
    """The reports of the quarter by code of the unit, as they stand now."""
    return lambda: {
        report.unit.code: report
        for report in QuarterlyReport.objects.of(place.quarter).select_related("unit")
    }


def rows(reports, typed, **more):
    """What the grid posts: every row of the page, and what is typed in some."""
    post = {"action": "submit", "received_on": "05/10/2024", "report": [], **more}
    for code, cells in typed.items():
        report = reports()[code]
        post["report"].append(str(report.pk))
        post[f"r{report.pk}-version"] = str(report.version)
        for name, value in cells.items():
            post[f"r{report.pk}-{name}"] = value
    return post


GOOD = {"workers": "231", "admitted": "12", "left_job": "4", "members": "203"}


def test_the_grid_holds_the_units_of_the_branch_that_have_not_sent(as_, place, reports):
    factories.submitted(place.tree.office, place.quarter, opening=40)
    suspending.suspend(place.tree.masons, on=date(2024, 9, 1), by=place.cast.root)

    page = as_(place.cast.reviewer).get(URL)

    units = [row.report.unit.code for row in page.context["rows"]]
    assert units == ["TS-01", "TS-02"]
    text = " ".join(page.text.split())
    assert "Nhập nhiều đơn vị" in text
    assert "2 đơn vị chưa gửi" in text
    assert "Tải tệp Excel mẫu của 2 đơn vị" in text
    # last quarter's workers and members stand beside; members are where the unit starts from
    assert re.findall(r'<td class="number">(\d+)</td>', text) == ["238", "195", "329", "310"]
    cells = re.findall(r'data-cell="(\d)"', text)
    assert cells == [str(place) for place in range(1, len(COLUMNS) + 1)] * 2


def test_right_rows_are_sent_and_wrong_ones_come_back(as_, place, reports):
    """«Đã gửi 1 báo cáo; 2 dòng phải sửa.»: one sum is wrong, one change is not explained."""
    typed = {
        "TS-01": GOOD,
        "TS-02": {"workers": "231", "members": "310"},
        "TS-03": {"workers": "50", "opening_members": "40", "members": "42"},
        "ND-01": {},
    }
    client = as_(place.cast.reviewer)
    page = client.post(URL, rows(reports, typed))

    assert "Đã gửi 1 báo cáo; 2 dòng phải sửa." in page.text
    left = {row.report.unit.code: row.sentences for row in page.context["rows"]}
    assert sorted(left) == ["ND-01", "TS-02", "TS-03"]
    assert left["ND-01"] == []
    assert left["TS-03"] == [
        "Tổng số đoàn viên: 40 đầu quý + 0 kết nạp + 0 chuyển đến − 0 chuyển đi − 0 giảm = 40."
        " Đồng chí nhập 42, nhiều hơn 2. Kiểm tra lại số biến động hoặc số cuối quý."
    ]
    assert len(left["TS-02"]) == 2
    assert all("Cần giải trình" in sentence for sentence in left["TS-02"])
    found = reports()
    sent = found["TS-01"]
    assert (sent.status, sent.received_on, sent.members) == (
        Status.SUBMITTED,
        date(2024, 10, 5),
        203,
    )
    assert {found[code].status for code in left} == {Status.DUE}

    typed = {
        "TS-02": {"workers": "231", "members": "310", "note": "Kết thúc công trình."},
        "TS-03": {"workers": "50", "opening_members": "42", "members": "42"},
    }
    page = client.post(URL, rows(reports, typed), follow=True)
    assert "Đã gửi 2 báo cáo." in page.text
    assert reports()["TS-02"].queries == ["more_members_than_workers", "workers_changed"]
    assert [row.report.unit.code for row in page.context["rows"]] == ["ND-01"]


def test_the_day_of_the_papers_is_asked_for(as_, place, reports):
    typed = rows(reports, {"TS-01": GOOD}, received_on="09/10/2024")
    page = as_(place.cast.reviewer).post(URL, typed)

    assert page.context["day"].errors == {"received_on": ["Ngày này chưa đến."]}
    assert page.context["rows"][0]["members"].value() == "203"
    assert reports()["TS-01"].status == Status.DUE


def test_nothing_typed_sends_nothing(as_, place, reports):
    page = as_(place.cast.reviewer).post(URL, rows(reports, {"TS-01": {}}), follow=True)

    assert "Chưa có dòng nào được nhập." in page.text


def test_a_report_somebody_changed_meanwhile_is_looked_at_first(as_, place, reports):
    post = rows(reports, {"TS-01": GOOD})
    as_(place.cast.chair).post("/reports/TS-01/2024Q3/", {"action": "draft", "workers": "240"})

    page = as_(place.cast.reviewer).post(URL, post)
    (row,) = page.context["rows"]
    assert "Báo cáo đã được sửa sau khi trang này được mở" in row.sentences[0]
    assert (reports()["TS-01"].status, reports()["TS-01"].workers) == (Status.DRAFT, 240)


@pytest.mark.parametrize("who", ["far", "hoa"])
def test_a_row_of_another_branch_is_no_row(as_, place, reports, who):
    cast = place.cast
    person, other = {
        "hoa": (cast.reviewer, "SO-01"),
        "far": (cast.neighbour_reviewer, "TS-01"),
    }[who]
    before = reports()[other].version
    as_(person).post(URL, rows(reports, {other: {**GOOD, "opening_members": "195"}}))

    assert reports()[other].version == before


@pytest.mark.parametrize("value", ["-1", "9" * 30, "²", "x", ""])
def test_a_forged_row_is_no_row(as_, place, value):
    post = {"action": "submit", "report": value, "received_on": "05/10/2024"}

    assert as_(place.cast.reviewer).post(URL, post).status_code == 302


def test_a_closed_quarter_is_not_entered(as_, place, reports):
    close_quarter(place.quarter, by=place.cast.root)
    page = as_(place.cast.reviewer).post(URL, rows(reports, {"TS-01": GOOD}))

    assert "Quý III/2024 đã khoá ngày 08/10/2024." in page.text
    assert reports()["TS-01"].status == Status.DUE


# --- a file --------------------------------------------------------------------------------------


def bring(client, content):
    file = SimpleUploadedFile("bao cao.xlsx", content)
    return client.post(
        URL,
        {
            "action": "upload",
            "upload-file": file,
            "received_on": "05/10/2024",
            "upload-received_on": "05/10/2024",
        },
    )


def filled(template, typed):
    """The file handed out, with figures in the rows of some units."""
    sheet = read(template, REPORT_COLUMNS)
    header = list(sheet.labels.values())
    table = []
    for row in sheet.rows:
        figures = typed.get(row.text("unit"), {})
        table.append([figures.get(name, row.text(name)) for name in sheet.places])
    return xlsx_file(header, table)


def test_the_file_handed_out_comes_back_filled(as_, place, reports):
    client = as_(place.cast.reviewer)
    template = client.get(TEMPLATE).content
    known = [
        [row.text(name) for name in ("unit", "name", "last_workers", "last_members", "members")]
        for row in read(template, REPORT_COLUMNS).rows
    ]
    assert ["TS-02", "CĐCS Nhà máy Gạch Sông Lam", "329", "310", ""] in known
    assert len(known) == 4

    answer = bring(client, filled(template, {"TS-01": GOOD}))

    assert answer.headers["location"] == URL
    assert "Đã gửi 1 báo cáo." in client.get(URL).text
    sent = reports()["TS-01"]
    assert (sent.status, sent.received_on) == (Status.SUBMITTED, date(2024, 10, 5))
    assert reports()["TS-02"].status == Status.DUE


def test_every_error_of_a_file_is_told_and_nothing_is_brought_in(as_, place, reports):
    wrong = csv_text(
        ["unit", "workers", "members"], [["TS-01", 231, 200], ["SO-01", 9, 9], ["TS-02", 2, 310]]
    )
    page = bring(as_(place.cast.reviewer), wrong.encode())

    assert "Chưa nhập gì; sửa 2 lỗi rồi gửi lại tệp." in page.text
    places = [(problem.row, problem.column) for problem in page.context["problems"]]
    assert places == [(2, "members"), (3, "unit")]
    assert {report.status for report in reports().values()} == {Status.DUE}


def test_the_grid_costs_the_same_for_one_unit_and_for_many(
    as_, place, reports, django_assert_num_queries
):
    client = as_(place.cast.reviewer)
    client.get(URL)
    with django_assert_num_queries(11):
        client.get(URL)
    QuarterlyReport.objects.filter(unit__code__in=["TS-02", "TS-03", "ND-01"]).update(
        is_suspended=True
    )
    with django_assert_num_queries(11):
        client.get(URL)


def test_a_keeper_of_the_federation_enters_for_every_branch_of_it(as_, place):
    keeper = factories.person("keeper", place.tree.building, Role.ADMINISTRATOR)
    page = as_(keeper).get(URL)

    assert "HD-01" in [row.report.unit.code for row in page.context["rows"]]
    assert "SO-01" not in [row.report.unit.code for row in page.context["rows"]]
