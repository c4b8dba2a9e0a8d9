"""Officers who are not listed by name come in from a file: all rows or none."""

import io
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from members.models import HistoryEntry, HistoryKind, Unit
from tests import factories
from training.counts import Others, state
from training.imports.officer_counts import bring_in_officer_counts
from training.models import OfficerCount
from unionplan.lib.spreadsheets import Invalid, xlsx_file

pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.usefixtures("today")]

HEADER = "unit,others,others_trained"
PAGE, TEMPLATE = reverse("officer-count-import"), reverse("officer-count-import-template")


@pytest.fixture
def first(cast):
    return factories.open_quarter("2024Q1")


def bring_in(rows, quarter, by, **options):
    return bring_in_officer_counts(f"{HEADER}\n{rows}\n".encode(), quarter, by=by, **options)


def stored():
    rows = OfficerCount.objects.order_by("unit__code", "quarter__code")
    return list(rows.values_list("unit__code", "quarter__code", "others", "others_trained"))


def test_two_numbers_a_unit(cast, first):
    done = bring_in("TS-01,12,5\nTS-02,0,0", first, cast.reviewer)

    assert stored() == [("TS-01", "2024Q1", 12, 5), ("TS-02", "2024Q1", 0, 0)]
    assert done.sentence() == (
        "Đã ghi số cán bộ ngoài danh sách Quý I/2024 của 2 đơn vị: 12 cán bộ, trong đó 5 người"
        " đã được đào tạo, bồi dưỡng; 0 đơn vị không thay đổi."
    )
    line = HistoryEntry.objects.filter(kind=HistoryKind.OFFICER).order_by("pk").first()
    assert line.changes == {"others": [None, 12], "others_trained": [None, 5]}


def test_the_same_file_again_changes_nothing(cast, first):
    bring_in("TS-01,12,5", first, cast.reviewer)
    again = bring_in("TS-01,12,5\nTS-02,3,3", first, cast.reviewer)

    assert (again.changed, again.unchanged) == (1, 1)
    assert HistoryEntry.objects.filter(kind=HistoryKind.OFFICER).count() == 2


def test_every_error_has_its_place_and_nothing_is_written(cast, tree, first):
    Unit.objects.filter(pk=tree.office.pk).update(ended_on=date(2024, 3, 31))
    Unit.objects.filter(pk=tree.masons.pk).update(founded_on=date(2024, 4, 1))
    rows = """TS-01,5,7
TS-02,,
TS-02,1,1
HD-01,năm,1
SO-01,1,1
nowhere,1,1
TS,1,1
TS-03,1,1
ND-01,1,1
,1,1
TS-01,"1,5",-1
TS-02,3,"""
    with pytest.raises(Invalid) as error:
        bring_in(rows, first, cast.administrator)

    assert str(error.value).splitlines() == [
        "dòng 2, cột others_trained: Số đã được đào tạo (7) nhiều hơn số cán bộ (5).",
        "dòng 3, cột others: cả hai số để trống: điền số hoặc xoá dòng này.",
        "dòng 4, cột unit: đơn vị này đã có ở dòng 3.",
        "dòng 5, cột others: Hãy nhập số nguyên, ví dụ 1.234.",
        "dòng 6, cột unit: không có đơn vị mã SO-01.",
        "dòng 7, cột unit: không có đơn vị mã nowhere.",
        "dòng 8, cột unit: Công đoàn Tổng công ty Trường Sơn đưa mọi cán bộ vào danh sách, không"
        " khai số ngoài danh sách.",
        "dòng 9, cột unit: CĐCS Cơ quan Tổng công ty đã kết thúc hoạt động ngày 31/3/2024.",
        "dòng 10, cột unit: Nghiệp đoàn Thợ xây thành lập ngày 01/4/2024, sau ngày chốt số liệu"
        " của quý.",
        "dòng 11, cột unit: ô này không được để trống.",
        "dòng 12, cột others: Số người không có phần lẻ (đã nhập 1,5).",
        "dòng 12, cột others_trained: Số này không thể âm.",
        "dòng 12, cột unit: đơn vị này đã có ở dòng 2.",
        "dòng 13, cột others_trained: ô này không được để trống.",
        "dòng 13, cột unit: đơn vị này đã có ở dòng 3.",
    ]
    assert stored() == []


@pytest.mark.parametrize("person", ["leader", "neighbour_reviewer", "other_chair"])
def test_whoever_does_not_keep_officers_states_nothing(cast, first, person):
    with pytest.raises(Invalid, match="không có đơn vị mã TS-01"):
        bring_in("TS-01,12,5", first, getattr(cast, person))


def test_it_costs_as_much_for_many(cast, tree, first):
    units = [factories.unit(f"XX-{number:02}", parent=tree.truong_son) for number in range(31)]
    assert cast.reviewer.roles  # read once a request

    def cost(some):
        rows = "\n".join(f"{unit.code},3,1" for unit in some)
        with CaptureQueriesContext(
            connection,
        ) as found:
            bring_in(rows, first, cast.reviewer)
        return len(found)

    assert [cost(units[:1]), cost(units[1:])] == [10, 10]


def test_the_command_reads_a_workbook_and_a_trial_writes_nothing(cast, first, tmp_path, capsys):
    file = tmp_path / "counts.xlsx"
    header = ["Mã đơn vị", "Cán bộ ngoài danh sách", "Trong đó đã được đào tạo, bồi dưỡng"]
    file.write_bytes(xlsx_file(header, [["TS-01", 12, 5]]))
    command = ["import_officer_counts", str(file), "--quarter", "2024Q1", "--as", "hoa"]

    call_command(*command, "--dry-run")
    assert "TS-01 CĐCS Công ty CP Xây dựng Hương Giang: 5/12" in capsys.readouterr().out
    assert stored() == []
    call_command(*command)
    assert "Đã ghi số cán bộ" in capsys.readouterr().out
    assert stored() == [("TS-01", "2024Q1", 12, 5)]

    for wrong in ("2024Q2", "2024"):
        with pytest.raises(CommandError):
            call_command(*command[:3], wrong)


# --- the page ------------------------------------------------------------------------------------


def upload(client, rows, query=""):
    file = SimpleUploadedFile("counts.csv", f"{HEADER}\n{rows}\n".encode())
    return client.post(PAGE + query, {"file": file})


def test_a_file_is_checked_seen_and_applied_to_the_quarter_chosen(as_, cast, first):
    factories.open_quarter("2024Q2")
    client, query = as_(cast.reviewer), "?quarter=2024Q1"
    text = upload(client, "TS-01,12,5", query).text
    assert "Tệp đúng: 12 cán bộ, trong đó 5 người đã được đào tạo, bồi dưỡng" in text
    assert "Ghi số cán bộ Quý I/2024" in text
    assert stored() == []

    seen = text.split('name="seen" value="')[1].split('"')[0]
    answer = client.post(PAGE + query, {"action": "apply", "seen": seen}, follow=True)
    assert "Đã ghi số cán bộ ngoài danh sách Quý I/2024 của 1 đơn vị" in answer.text
    assert stored() == [("TS-01", "2024Q1", 12, 5)]


def test_a_file_checked_for_one_quarter_is_not_applied_to_another(as_, cast, first):
    factories.open_quarter("2024Q2")
    client = as_(cast.reviewer)
    text = upload(client, "TS-01,12,5", "?quarter=2024Q1").text
    seen = text.split('name="seen" value="')[1].split('"')[0]
    answer = client.post(f"{PAGE}?quarter=2024Q2", {"action": "apply", "seen": seen}, follow=True)

    assert "không còn" in answer.text
    assert stored() == []


def test_the_latest_quarter_is_proposed(as_, cast, first):
    factories.open_quarter("2024Q2")
    client = as_(cast.reviewer)

    assert '<option value="2024Q2" selected>' in client.get(PAGE).text
    assert '<option value="2024Q1" selected>' in client.get(f"{PAGE}?quarter=2024Q1").text
    assert client.get(f"{PAGE}?quarter=2030Q9").status_code == 404


def test_without_a_quarter_there_is_a_sentence(as_, cast):
    assert "Chưa có kỳ báo cáo nào được mở." in as_(cast.reviewer).get(PAGE).text
    assert as_(cast.reviewer).get(TEMPLATE).status_code == 404


def test_the_template_has_what_units_stated_last(as_, cast, tree, first):
    second = factories.open_quarter("2024Q2")
    state({tree.huong_giang: Others(12, 5)}, first, by=cast.reviewer)
    state({tree.song_lam: Others(4, 4)}, second, by=cast.reviewer)
    state({tree.office: Others(9, 9)}, first, by=cast.reviewer, is_draft=True)
    client = as_(cast.reviewer)

    def rows(query):
        sheet = load_workbook(io.BytesIO(client.get(TEMPLATE + query).content)).active
        found = [tuple(row) for row in sheet.iter_rows(values_only=True)]
        return {row[0]: row[2:] for row in found[1:]}

    blank = (None, None)
    assert rows("") == {"TS-01": (12, 5), "TS-02": (4, 4), "TS-03": blank, "ND-01": blank}
    assert rows("?quarter=2024Q1")["TS-02"] == blank
    content = client.get(f"{TEMPLATE}?quarter=2024Q1").content
    with pytest.raises(Invalid, match="điền số hoặc xoá dòng này"):
        bring_in_officer_counts(content, first, by=cast.reviewer)
