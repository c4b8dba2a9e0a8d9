"""The ratings of a year come in by a page: the template, the check, the preview, then the whole."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from members import ratings
from members.models import KeptFile, Rating, RatingLevel
from members.ratings import State
from members.scales import SCALES
from tests import factories
from unionplan.lib.spreadsheets import xlsx_file

pytestmark = pytest.mark.usefixtures("world")

PAGE = reverse("rating-import", args=[2024])
TEMPLATE = reverse("rating-import-template", args=[2024])
HEADER = ["Mã đơn vị", "Tự xếp loại", "Mức được xếp", "Đủ điều kiện", "Lý do"]
NEEDS_REASON = "Mức xếp khác mức đơn vị tự xếp: ghi lý do."


@pytest.fixture
def scale(cast, today):
    ratings.keep_scale(2024, SCALES[0].levels, by=cast.root)


def text(response) -> str:
    assert response.status_code == 200
    return " ".join(unescape(strip_tags(response.text.replace("<", " <"))).split())


def upload(*rows, header=HEADER):
    file = SimpleUploadedFile("xep-loai.xlsx", xlsx_file(header, rows))
    return {"file": file, "action": "check"}


def seen(response):
    return re.search(r'name="seen" value="([^"]+)"', response.text)[1]


def sheets(response):
    book = openpyxl.load_workbook(BytesIO(response.content))
    return [[list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book]


def state_of(unit):
    return ratings.state_of(ratings.rating_of(unit, 2024))


def test_a_file_is_checked_shown_and_then_brought_in(as_, cast, tree, scale):
    client = as_(cast.reviewer)
    checked = client.post(
        PAGE, upload(["TS-01", "Vững mạnh", "Khá", "Có", "Còn nợ."], ["TS-02", "", "", "", ""])
    )

    shown = text(checked)
    assert "Tệp đúng: cập nhật xếp loại của 1 đơn vị." in shown
    assert f"TS-01 {tree.huong_giang}: Vững mạnh → Khá" in shown
    assert "1 đơn vị giữ nguyên." in shown
    assert not Rating.objects.exists()

    done = client.post(PAGE, {"action": "apply", "seen": seen(checked)}, follow=True)
    assert done.redirect_chain == [(reverse("rating-list", args=[2024]), 302)]
    assert "Đã nhập xếp loại năm 2024 của 1 đơn vị; 1 đơn vị không thay đổi." in text(done)
    rating = Rating.objects.get()
    assert (rating.unit, rating.decided_by, rating.reason) == (
        tree.huong_giang,
        cast.reviewer,
        "Còn nợ.",
    )
    assert not KeptFile.objects.exists()


def test_all_errors_stand_in_a_table_and_nothing_is_kept(as_, cast, scale):
    rows = [
        ["TS-01", "Vững mạnh", "Khá", "", ""],
        ["TS-02", "Tốt nhất", "", "", ""],
        ["SO-01", "", "Khá", "", ""],
    ]
    shown = text(as_(cast.reviewer).post(PAGE, upload(*rows)))

    for words in (
        "Chưa nhập gì; sửa 3 lỗi rồi kiểm tra lại.",
        f"Dòng 2, cột Lý do: {NEEDS_REASON}",
        "Dòng 3, cột Tự xếp loại: không có giá trị “Tốt nhất”.",
        "Dòng 4, cột Mã đơn vị: không có đơn vị mã SO-01.",
    ):
        assert words in shown, (words, shown)
    assert not Rating.objects.exists()
    assert not KeptFile.objects.exists()


def test_the_files_of_two_years_are_two(as_, cast, scale):
    ratings.keep_scale(2023, SCALES[0].levels, by=cast.root)
    client = as_(cast.reviewer)
    client.post(PAGE, upload(["TS-01", "", "Khá", "", ""]))

    other = reverse("rating-import", args=[2023])
    assert "Tệp đúng" not in text(client.get(other))
    assert "Tệp đúng" in text(client.get(PAGE))
    stale = client.post(other, {"action": "apply", "seen": "2024"}, follow=True)
    assert "Tệp đã kiểm tra không còn" in text(stale)
    assert not Rating.objects.exists()


def test_a_year_without_a_scale_takes_one_or_says_why_not(as_, cast, today):
    row = ["TS-01", "", "Khá", "", ""]
    refused = text(as_(cast.reviewer).post(PAGE, upload(row)))
    assert "Năm 2024 chưa có thang xếp loại" in refused

    shown = text(as_(cast.root).post(PAGE, upload(row)))
    assert f"Năm 2024 chưa có thang xếp loại; sẽ lấy: {SCALES[0].label}." in shown
    assert not RatingLevel.objects.exists()


def test_the_template_holds_the_units_to_rate_and_comes_in_again_unchanged(as_, cast, tree, scale):
    strong, fair, *_rest = ratings.levels_of(2024)
    ratings.rate_itself(tree.huong_giang, strong, by=cast.chair)
    ratings.decide(tree.huong_giang, 2024, fair, by=cast.reviewer, reason="Còn nợ.")
    ratings.decide(tree.masons, 2024, None, by=cast.reviewer, reason="Mới thành lập.")
    client = as_(cast.reviewer)

    response = client.get(TEMPLATE)
    assert response.headers["content-disposition"] == 'attachment; filename="xep-loai-2024.xlsx"'
    (header, *rows), allowed = sheets(response)
    assert rows == [
        ["TS-01", str(tree.huong_giang), str(strong), str(fair), "có", "Còn nợ."],
        ["TS-02", str(tree.song_lam), None, None, "có", None],
        ["TS-03", str(tree.office), None, None, "có", None],
        ["ND-01", str(tree.masons), None, None, "không", "Mới thành lập."],
    ]
    assert ["Tự xếp loại", str(strong), None] in allowed

    again = text(client.post(PAGE, upload(*rows, header=header)))
    assert "Tệp không có lỗi; mọi nội dung trong tệp đã có sẵn." in again
    assert [state_of(unit) for unit in (tree.huong_giang, tree.masons)] == [
        State.MISSED if not fair.is_good else State.REACHED,
        State.UNFIT,
    ]


def test_the_template_names_no_unit_of_another_branch(as_, cast, tree, scale):
    def codes(person):
        return {row[0] for row in sheets(as_(person).get(TEMPLATE))[0][1:]}

    assert codes(cast.neighbour_reviewer) == {"SO-01"}
    assert codes(cast.administrator) == {"TS", "TS-01", "TS-02", "TS-03", "ND-01", "HD-01"}
    assert "TS-01" not in codes(cast.federation_reviewer)


def test_the_list_leads_there_whoever_may(as_, cast, scale):
    listed = reverse("rating-list", args=[2024])
    assert PAGE in as_(cast.reviewer).get(listed).text
    assert PAGE not in as_(cast.leader).get(listed).text
    assert as_(cast.leader).get(PAGE).status_code == 403
    assert as_(cast.reviewer).get(reverse("rating-import", args=[1800])).status_code == 404


def test_the_template_costs_the_same_for_many_units(as_, cast, tree, scale):
    client = as_(cast.reviewer)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get(TEMPLATE)
        return len(queries)

    few = cost()
    factories._found([factories._unit(f"I-{n}", parent=tree.truong_son) for n in range(40)])
    assert cost() == few
