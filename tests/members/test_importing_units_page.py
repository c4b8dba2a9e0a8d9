"""Units and their members at the start come in by a page: checked, shown, then applied."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils.html import strip_tags

from members import actions, totals
from members.access import Role
from members.models import (
    HistoryEntry,
    KeptFile,
    Quarter,
    QuarterlyReport,
    Status,
    Suspension,
    Unit,
)
from tests import factories
from unionplan.lib.spreadsheets import xlsx_file

pytestmark = pytest.mark.usefixtures("world")

# As the walk of the administrator lists them.
HEADER = (
    "mã",
    "tên",
    "loại đơn vị",
    "công đoàn cấp trên",
    "loại hình",
    "khối",
    "địa bàn",
    "chủ tịch",
    "điện thoại",
    "email",
)


def text(response) -> str:
    assert response.status_code == 200
    return " ".join(unescape(strip_tags(response.text.replace("<", " <"))).split())


def upload(rows, header=HEADER):
    file = SimpleUploadedFile("don-vi.xlsx", xlsx_file(header, rows))
    return {"file": file, "action": "check"}


def row(code, kind="CĐCS", parent="TS", sector="NNN", *rest):
    return [code, f"Công đoàn {code}", kind, parent, sector, *rest]


def seen(response):
    return re.search(r'name="seen" value="([^"]+)"', response.text)[1]


def brought_in(client, page, rows, header=HEADER):
    """What is answered when the file is checked and then applied."""
    checked = client.post(page, upload(rows, header))
    return client.post(page, {"action": "apply", "seen": seen(checked)}, follow=True)


THREE = [
    row("TM", "Công đoàn cấp trên trực tiếp cơ sở", "CDN", ""),
    row("TM-01", "CĐCS", "TM", "Doanh nghiệp nhà nước", "Khối I", "Hà Nội", "Lê Lan", "0912345678"),
    row("TM-02", "nghiệp đoàn", "TM", "ND"),
]


def test_all_errors_stand_in_a_table_and_nothing_is_kept(as_, cast, tree):
    rows = [row("TS-08", parent="TS-09"), row("TS-08"), row("TS-10", "hội"), row("TS-11", "CĐCS")]
    response = as_(cast.administrator).post(reverse("unit-import"), upload(rows))

    shown = text(response)
    assert "Chưa nhập gì; sửa 3 lỗi rồi kiểm tra lại." in shown
    for words in (
        "Dòng 2, cột công đoàn cấp trên: không có đơn vị mã TS-09.",
        "Dòng 3, cột mã: mã này đã có ở dòng 2.",
        "Dòng 4, cột loại đơn vị: không có giá trị “hội”.",
    ):
        assert words in shown
    assert not KeptFile.objects.exists()
    assert not Unit.objects.filter(code="TS-11").exists()


def test_a_parent_of_another_branch_is_unknown_here(as_, cast, tree):
    response = as_(cast.administrator).post(reverse("unit-import"), upload([row("X", parent="SO")]))

    assert "Dòng 2, cột công đoàn cấp trên: không có đơn vị mã SO." in text(response)
    assert "Sợi Đông Đô" not in response.text


def test_a_checked_file_is_shown_as_a_tree_and_brought_in_when_confirmed(as_, cast, tree):
    client, page = as_(cast.administrator), reverse("unit-import")
    checked = client.post(page, upload(THREE))

    shown = text(checked)
    assert "Nhập 3 đơn vị" in shown
    assert "Công đoàn ngành Xây dựng CDN · 1 công đoàn cấp trên trực tiếp cơ sở, 1 CĐCS" in shown
    assert "Công đoàn TM TM · thêm mới · 1 CĐCS, 1 nghiệp đoàn Công đoàn TM-01" in shown
    assert not Unit.objects.filter(code="TM").exists()

    later = client.get(page)  # left, and taken up again
    done = client.post(page, {"action": "apply", "seen": seen(later)}, follow=True)
    assert done.redirect_chain == [(reverse("setup"), 302)]
    said = "Đã nhập 1 công đoàn cấp trên trực tiếp cơ sở, 1 CĐCS, 1 nghiệp đoàn."
    assert said in text(done)
    unit = Unit.objects.get(code="TM-01")
    assert (unit.contact_name, unit.phone, unit.area) == ("Lê Lan", "0912345678", "Hà Nội")
    assert not KeptFile.objects.exists()
    assert "Tệp đã kiểm tra không còn nữa." in text(
        client.post(page, {"action": "apply"}, follow=True)
    )


def test_the_same_file_again_has_nothing_new(as_, cast, tree):
    client, page = as_(cast.administrator), reverse("unit-import")
    brought_in(client, page, THREE)

    assert "mọi nội dung trong tệp đã có sẵn" in text(client.post(page, upload(THREE)))


def test_only_the_file_that_was_seen_is_brought_in(as_, cast, tree):
    """Another window has put a second file in its place meanwhile."""
    client, page = as_(cast.administrator), reverse("unit-import")
    first = seen(client.post(page, upload(THREE)))
    client.post(page, upload([row("TS-09")]))

    client.post(page, {"action": "apply", "seen": first})
    assert not Unit.objects.filter(code__in=["TM", "TS-09"]).exists()


def test_nobody_sees_the_file_of_another(as_, cast, tree):
    page = reverse("unit-import")
    as_(cast.administrator).post(page, upload(THREE))

    other = factories.person("other", tree.building, Role.ADMINISTRATOR)
    assert "don-vi.xlsx" in as_(cast.administrator).get(page).text
    assert "don-vi.xlsx" not in as_(other).get(page).text


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"action": "check"}, "Hãy chọn tệp trước."),
        (
            {"file": SimpleUploadedFile("a.xlsx", b"PK not a workbook")},
            "Tệp bị hỏng hoặc không phải tệp Excel.",
        ),
        ({"file": SimpleUploadedFile("a.xlsx", b"")}, "Tệp rỗng."),
    ],
)
def test_what_is_no_file_is_said(as_, cast, tree, sent, said):
    assert said in text(as_(cast.administrator).post(reverse("unit-import"), sent))


def test_a_unit_comes_in_suspended_and_owes_no_report(as_, cast, tree):
    quarter = factories.open_quarter("2024Q3")
    header = [*HEADER[:5], "ngày thành lập", "Tạm ngừng từ"]
    rows = [
        row("TS-08", "CĐCS", "TS", "NNN", "", "01/07/2024"),
        row("TS-09", "CĐCS", "TS", "NNN", "", "01/10/2024"),
    ]
    done = brought_in(as_(cast.administrator), reverse("unit-import"), rows, header)

    assert "Đã nhập 2 CĐCS (2 tạm ngừng)." in text(done)
    owes = QuarterlyReport.objects.of(quarter).owed().filter(unit__code__in=["TS-08", "TS-09"])
    assert [report.unit.code for report in owes] == ["TS-09"]
    assert Suspension.objects.count() == 2
    line = HistoryEntry.objects.get(unit__code="TS-08", verb="suspended the unit")
    assert line.changes == {"starts_on": [None, "2024-07-01"]}
    assert list(totals.differences()) == []


def test_a_suspension_that_cannot_be_is_an_error_of_its_row(as_, cast, tree):
    header = [*HEADER[:5], "ngày thành lập", "Tạm ngừng từ"]
    rows = [
        row("TS-08", "CĐCS", "TS", "NNN", "01/07/2024", "30/06/2024"),
        row("TM", "Công đoàn cấp trên", "CDN", "", "", "30/06/2024"),
        ["TS-01", tree.huong_giang.name, "CĐCS", "TS", "NNN", "", "30/06/2024"],
    ]
    shown = text(as_(cast.administrator).post(reverse("unit-import"), upload(rows, header)))

    for words in (
        "Dòng 2, cột Tạm ngừng từ: đơn vị thành lập sau ngày này.",
        "Dòng 3, cột Tạm ngừng từ: chỉ đơn vị phải báo cáo mới ghi tạm ngừng.",
        "Dòng 4, cột Tạm ngừng từ: đơn vị này đã có;",
    ):
        assert words in shown


def test_the_template_is_a_file_that_can_be_filled_in_and_brought_in(as_, cast, tree):
    client = as_(cast.administrator)
    content = client.get(reverse("unit-import-template")).content
    book = openpyxl.load_workbook(BytesIO(content))
    header = [cell.value for cell in book.worksheets[0][1]]

    assert [name.lower() for name in header[:10]] == list(HEADER)
    assert header[10:] == ["Ngày thành lập", "Tạm ngừng từ"]
    assert ("Loại hình", "NN", "Doanh nghiệp nhà nước") in list(book.worksheets[1].values)
    kinds = [value for column, value, *_ in book.worksheets[1].values if column == "Loại đơn vị"]
    rows = [row(f"K{n}", kind, "", "") for n, kind in enumerate(kinds)]
    shown = text(client.post(reverse("unit-import"), upload(rows, header)))
    assert "không có giá trị" not in shown


@pytest.mark.parametrize("units", [1, 3])
def test_a_preview_costs_the_same_for_any_number_of_units(
    as_, cast, tree, django_assert_num_queries, units
):
    client = as_(cast.administrator)
    rows = [row(f"TS-1{n}") for n in range(units)]

    ids = connection.vendor == "postgresql"  # one statement reserves the ids there
    with django_assert_num_queries(30 if ids else 29):
        client.post(reverse("unit-import"), upload(rows))


# --- members at the start ------------------------------------------------------------------------

OPENINGS = ("Mã đơn vị", "Tên", "Đoàn viên ban đầu")


def state(client, rows):
    return brought_in(client, reverse("opening-members"), rows, OPENINGS)


def test_the_first_report_starts_from_what_is_stated(as_, cast, tree):
    quarter = factories.open_quarter("2024Q3")
    rows = [["TS-01", "", 195], ["TS-02", "", "1.310"], ["HD-01", "", None]]
    done = state(as_(cast.administrator), rows)

    assert "Đã ghi đoàn viên ban đầu của 2 đơn vị: 1.505 đoàn viên." in text(done)
    report = factories.report(tree.huong_giang, quarter)
    assert (report.status, report.opening_members, report.version) == (Status.DUE, 195, 1)
    assert report.unit.opening_members == 195
    line = HistoryEntry.objects.get(unit=tree.huong_giang, kind="unit")
    assert (line.changes, line.by) == ({"opening_members": [None, 195]}, cast.administrator)
    assert factories.report(tree.hon_da, quarter).opening_members is None

    state(as_(cast.administrator), [["TS-01", "", 196]])  # mended before anybody typed
    assert factories.report(tree.huong_giang, quarter).opening_members == 196
    assert list(totals.differences()) == []


def test_what_a_chair_has_typed_stays(as_, cast, tree):
    quarter = factories.open_quarter("2024Q3")
    report = factories.report(tree.huong_giang, quarter)
    actions.save_draft(report, {"opening_members": 200}, by=cast.chair)
    state(as_(cast.administrator), [["TS-01", "", 195]])

    assert factories.report(tree.huong_giang, quarter).opening_members == 200


def test_a_quarter_opened_later_starts_from_it_too(as_, cast, tree):
    state(as_(cast.administrator), [["TS-01", "", 195]])

    quarter = factories.open_quarter("2024Q3")
    assert factories.report(tree.huong_giang, quarter).opening_members == 195


def test_errors_of_openings_come_at_once(as_, cast, tree):
    quarter = factories.open_quarter("2024Q3")
    factories.submitted(tree.song_lam, quarter, opening=100)
    rows = [
        ["TS-01", "", "12,5"],
        ["TS-01", "", 5],
        ["SO-01", "", 5],
        ["TS", "", 5],
        ["TS-02", "", 101],
    ]
    page = reverse("opening-members")
    shown = text(as_(cast.administrator).post(page, upload(rows, OPENINGS)))

    assert "Chưa nhập gì; sửa 5 lỗi rồi kiểm tra lại." in shown
    for words in (
        "Dòng 2, cột Đoàn viên ban đầu: Số người không có phần lẻ (đã nhập 12,5).",
        "Dòng 3, cột Mã đơn vị: đơn vị này đã có ở dòng 2.",
        "Dòng 4, cột Mã đơn vị: không có đơn vị mã SO-01.",
        "Dòng 5, cột Mã đơn vị: chỉ đơn vị phải báo cáo mới ghi đoàn viên ban đầu.",
        "Dòng 6, cột Đoàn viên ban đầu: đơn vị đã gửi báo cáo đầu tiên; sửa ở báo cáo đó.",
    ):
        assert words in shown
    assert Unit.objects.exclude(opening_members=None).count() == 0


def test_the_template_of_openings_lists_the_units_of_the_branch(as_, cast, tree):
    Unit.objects.filter(code="TS-01").update(opening_members=195)
    content = as_(cast.administrator).get(reverse("opening-members-template")).content
    header, *rows = openpyxl.load_workbook(BytesIO(content)).active.values

    assert header == OPENINGS
    assert rows[0] == ("TS-01", tree.huong_giang.name, 195)
    assert {code for code, *_rest in rows} == {"TS-01", "TS-02", "TS-03", "HD-01", "ND-01"}
    assert Quarter.objects.count() == 0
