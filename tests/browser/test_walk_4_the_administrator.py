"""The administrator's first day: from an empty database to the first quarter and its history, by
the pages alone. Reports of 1.280 units are sent in bulk, by the verbs that an import uses."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from types import SimpleNamespace
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook

from members import actions, roles
from members.access import Role
from members.models import Assignment, HistoryKind, Kind, Quarter, QuarterlyReport, Status, Unit
from targets.models import Target
from tests import factories
from tests.browser.pages import go, must_say, press, type_in, words

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SETUP = "/setup/"
UPPERS, GRASSROOTS, SUSPENDED, OCCUPATIONAL, DIRECT = 24, 1_284, 6, 2, 16
REPORTING = 1_280
PATIENCE = 60_000  # milliseconds, for the pages that write much
STEPS = (
    "1. Đơn vị",
    "2. Kỳ báo cáo",
    "3. Số liệu ban đầu",
    "4. Kế hoạch, chỉ tiêu",
    "5. Tài khoản",
    "6. Mở kỳ báo cáo đầu tiên",
)
TEMPLATES = (
    "Thực tăng và tỷ lệ 100% / 95% / 90%",
    "Kết nạp trong nhiệm kỳ, xếp loại, trình độ cán bộ",
    "Đào tạo, bồi dưỡng nhiệm kỳ",
)
PLAN = "/plans/ke-hoach-2024/"
BY_HAND = "Thoả ước lao động tập thể"
HEADER = (
    "Mã",
    "Tên",
    "Loại đơn vị",
    "Công đoàn cấp trên",
    "Loại hình",
    "Khối",
    "Địa bàn",
    "Chủ tịch",
    "Điện thoại",
    "Email",
)
ZALO = (
    r"Công đoàn Tổng công ty Trường Sơn mời đồng chí .+ nhận tài khoản báo cáo của CĐCS .+\. Mở"
    r" đường dẫn này trước ngày 18/10/2024: http\S+ Cần hướng dẫn, gọi .+"
)

Rows = list[dict[str, str]]


@pytest.fixture
def office(_transactional_reference, stand_at) -> SimpleNamespace:
    """Nothing but the account that the installation made."""
    stand_at(11, 9, 0)
    administrator = factories.superuser("bao")
    administrator.full_name = "Nguyễn Quốc Bảo"
    administrator.save()
    return SimpleNamespace(administrator=administrator)


def test_walk_4(office, visit, stand_at):
    page = visit(SETUP, as_=office.administrator)
    page.set_default_timeout(PATIENCE)
    _1_six_steps(page)
    _2_units(page)
    _3_the_calendar(page)
    _4_starting_figures(page)
    _5_a_plan(page)
    _7_accounts(page)
    _8_the_first_quarters(page, office)
    _6_the_number_is_split(page)
    stand_at(16, 8, 0)
    _10_the_quarter_is_closed(page, office)
    _11_a_target_changes(page)
    stand_at(16, 10, 2)
    _12_the_history(page, office)


# --- the steps -----------------------------------------------------------------------------------


def _1_six_steps(page):
    must_say(page, "Thiết lập ban đầu", *STEPS, "Chưa làm")
    assert _states(page) == ["Chưa làm"] * 6
    page.goto("/history/")
    must_say(page, "Nhật ký", "Chưa có thay đổi nào.")


def _states(page) -> list[str]:
    page.goto(SETUP)
    must_say(page, "Thiết lập ban đầu")
    return [words(page, f".step:nth-child({number}) .step-state") for number in range(1, 7)]


def _2_units(page):
    page.goto(SETUP)
    _add_the_unit_at_the_top(page)
    go(page, "Đơn vị")
    must_say(page, "Công đoàn ngành Xây dựng")
    go(page, "Nhập từ Excel")
    must_say(page, "Chọn tệp")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Tải tệp mẫu", exact=True).click()
    columns = _header_of(downloading.value.path())
    assert {*HEADER, *(column for row in _rows() for column in row)} <= set(columns)

    _check(page, "/setup/units/", _workbook(columns, _rows_with_five_errors()))
    must_say(
        page,
        "Dòng 17, cột Công đoàn cấp trên: không có đơn vị mã TS-09.",
        "Chưa nhập gì; sửa 5 lỗi rồi kiểm tra lại.",
    )
    assert page.locator("main tbody tr").count() == 5

    _check(page, "/setup/units/", _workbook(columns, _rows()))
    must_say(page, "Nhập 1.310 đơn vị", "Công đoàn Tổng công ty Trường Sơn")
    seconds = _seconds_of(
        page,
        "Nhập 1.310 đơn vị",
        "Đã nhập 24 công đoàn cấp trên trực tiếp cơ sở, 1.284 CĐCS (6 tạm ngừng), 2 nghiệp đoàn.",
    )
    assert seconds <= 10
    assert Unit.objects.count() == UPPERS + GRASSROOTS + OCCUPATIONAL + 1


def _add_the_unit_at_the_top(page):
    go(page, "Nhập từ Excel (1. Đơn vị)")
    must_say(page, "Thêm đơn vị")
    type_in(page, code="CDN", name="Công đoàn ngành Xây dựng")
    page.select_option("[name=kind]", Kind.FEDERATION)
    press(page, "Thêm đơn vị")
    must_say(page, "Đã thêm Công đoàn ngành Xây dựng.")


def _check(page, address, content):
    page.goto(address)
    must_say(page, "Chọn tệp")
    page.get_by_label("Chọn tệp").set_input_files(
        {"name": "tep.xlsx", "mimeType": XLSX, "buffer": content}
    )
    press(page, "Kiểm tra tệp")
    page.wait_for_load_state()


def _seconds_of(page, button, answer) -> float:
    """How long this takes us; what else the machine does meanwhile is not counted."""
    started = time.process_time()
    press(page, button)
    must_say(page, answer)
    return time.process_time() - started


def _3_the_calendar(page):
    assert _states(page)[:2] == ["Xong", "Chưa làm"]
    page.click(".step:nth-child(2) .step-actions a")
    must_say(page, "Hạn CĐCS", "Hạn công đoàn cấp trên", "Hạn ngành")
    for kind in (
        "Theo năm dương lịch (31/3, 30/6, 30/9, 31/12)",
        "Theo năm công tác (28/02, 31/5, 31/8, 30/11)",
        "Tự đặt",
    ):
        assert page.get_by_label(kind, exact=True).is_visible(), kind
    page.get_by_label("Theo năm dương lịch (31/3, 30/6, 30/9, 31/12)", exact=True).check()
    press(page, "Lưu")
    must_say(page, "Theo năm dương lịch")
    assert _states(page)[1] == "Xong"

    page.goto("/quarters/open/")
    for label in ("Chốt số liệu ngày", "Hạn CĐCS", "Hạn công đoàn cấp trên", "Hạn ngành"):
        assert page.get_by_label(label, exact=True).is_visible(), label
    page.get_by_label("Hạn CĐCS", exact=True).fill("20/9/2024")
    press(page, "Tính lại")
    must_say(page, "Hạn gửi trước ngày chốt: đơn vị gửi số ước đến ngày chốt.")


def _4_starting_figures(page):
    page.goto(SETUP)
    press(page, "Bỏ qua")
    must_say(page, "Chưa có số liệu ban đầu: luỹ kế nhiệm kỳ chỉ tính từ Quý III/2024.")
    with page.expect_download() as downloading:
        page.goto("/setup/opening-members/")
        page.get_by_role("link", name="Tải tệp mẫu", exact=True).click()
    sheet = _book(downloading.value.path()).worksheets[0]
    assert sheet.max_row == 1 + GRASSROOTS + OCCUPATIONAL
    for row in sheet.iter_rows(min_row=2):
        row[2].value = 50
    content = io.BytesIO()
    sheet.parent.save(content)
    _check(page, "/setup/opening-members/", content.getvalue())
    page.locator("button[value=apply]").click()
    must_say(page, "Thiết lập ban đầu")
    assert set(Unit.objects.reporting().values_list("opening_members", flat=True)) == {50}
    assert _states(page)[2] == "Xong"


def _5_a_plan(page):
    page.goto("/progress/CDN/")
    must_say(page, "Chưa có kế hoạch nào đang thực hiện. Người quản trị lập tại Kế hoạch.")
    page.goto("/plans/")
    must_say(page, "Lập từ mẫu", *TEMPLATES)
    go(page, "Thực tăng và tỷ lệ 100% / 95% / 90%")
    for label in ("Số văn bản", "Ngày ban hành", "Từ quý", "đến quý"):
        assert page.get_by_label(label).is_visible(), label
    page.get_by_label("Số văn bản", exact=True).fill("12/QĐ-CĐN")
    page.get_by_label("Ngày ban hành", exact=True).fill("20/01/2024")
    type_in(page, code="ke-hoach-2024", unit="CDN")
    press(page, "Lưu")
    must_say(page, "Đưa vào thực hiện")
    _a_line_typed_by_hand(page)
    press(page, "Đưa vào thực hiện")
    must_say(page, "Đang thực hiện")
    assert _states(page)[3] == "Xong"
    go(page, "Kết quả trước khi dùng phần mềm (3. Số liệu ban đầu)")
    must_say(page, "Kết quả trước khi dùng phần mềm")


def _a_line_typed_by_hand(page):
    go(page, "Thêm chỉ tiêu")
    go(page, "Thêm chỉ tiêu nhập tay")
    for label in ("Số cộng dồn", "Số tại thời điểm", "Tỷ lệ"):
        assert page.get_by_label(label, exact=True).is_visible(), label
    page.get_by_label("Tên", exact=True).fill(BY_HAND)
    page.get_by_label("Đơn vị tính", exact=True).fill("bản thoả ước")
    page.get_by_label("Số tại thời điểm", exact=True).check()
    type_in(page, unit="CDN")
    press(page, "Lưu")
    must_say(page, BY_HAND, "Số tại thời điểm, bản thoả ước")

    page.goto(PLAN)
    go(page, "Thêm chỉ tiêu")
    page.get_by_label("Chỉ tiêu", exact=True).select_option(label="Tỷ lệ đoàn viên")
    page.get_by_label("Nhóm loại hình", exact=True).select_option(label="Doanh nghiệp nhà nước")
    type_in(page, minimum="96")
    press(page, "Lưu")
    must_say(page, "Chỉ tiêu này đã có cho cùng đơn vị, nhóm loại hình và thời hạn.")
    page.get_by_label("Chỉ tiêu", exact=True).select_option(label="CĐCS xếp loại đạt")
    type_in(page, minimum="101")
    press(page, "Lưu")
    must_say(page, "Tỷ lệ không thể quá 100%.")
    page.get_by_label("Chỉ tiêu", exact=True).select_option(label=BY_HAND)
    page.get_by_label("Nhóm loại hình", exact=True).select_option(label="Tất cả loại hình")
    type_in(page, minimum="300")
    press(page, "Lưu")
    must_say(page, "Đã lưu chỉ tiêu.", BY_HAND)


def _6_the_number_is_split(page):
    """Ten workers of each unit are outside the union, so a branch of 53 gets 53 of 1.280 parts."""
    page.goto(PLAN)
    page.locator("tr", has_text="5.493").get_by_role("link", name="Phân bổ").click()
    must_say(
        page,
        "Phân bổ chỉ tiêu: thực tăng 5.493",
        "Lao động Đoàn viên Chưa vào công đoàn Kết quả 2023 Đăng ký Mức giao Giữ nguyên",
        "lao động chưa vào công đoàn tổng số lao động kết quả năm trước chia đều",
        "Giữ lại ở cấp ngành",
    )
    assert page.locator("main tbody tr").count() == UPPERS + DIRECT
    press(page, "Chia")
    must_say(page, "Được giao 5.493 · Đã phân bổ 5.493 · Còn lại 0")
    cell = page.locator("main tbody tr", has_text="Trường Sơn").get_by_label("Mức giao")
    whole = int(cell.input_value())
    cell.fill(str(whole - 120))
    must_say(page, "Được giao 5.493 · Đã phân bổ 5.373 · Còn lại 120")
    page.get_by_role("button", name="Lưu nháp", exact=True).first.click()
    must_say(page, "Đã lưu nháp.", "Còn lại 120")
    page.get_by_label("Quyết định số", exact=True).fill("12/QĐ-CĐN")
    page.get_by_label("Ngày ban hành", exact=True).fill("20/01/2024")
    press(page, "Giao chỉ tiêu")
    must_say(
        page,
        "Còn lại 120, chưa giao được. Phân bổ hết, hoặc chọn “Giữ lại ở cấp ngành” và ghi lý do.",
    )
    cell.fill(str(whole))
    press(page, "Giao chỉ tiêu")
    must_say(page, "Đã giao chỉ tiêu cho 40 đơn vị theo Quyết định số 12/QĐ-CĐN ngày 20/01/2024.")
    given = Target.objects.filter(indicator="net-increase", unit__parent__code="CDN")
    numbers = {target.unit: int(target.revisions.get().minimum) for target in given}
    assert (len(numbers), sum(numbers.values())) == (UPPERS + DIRECT, 5_493)
    reports = QuarterlyReport.objects.filter(quarter__code="2024Q2")
    for unit, number in numbers.items():
        share = Fraction(5_493 * reports.owed().filter(path__subtree=unit.path).count(), REPORTING)
        assert abs(number - share) < 1, unit


def _7_accounts(page):
    page.goto("/accounts/")
    must_say(page, "Chưa có 1.280 · Đã gửi đường dẫn 0 · Đã nhận 0")
    started = time.process_time()
    with page.expect_download() as downloading:
        press(page, "Tạo đường dẫn cho các đơn vị chưa có tài khoản")
    files = downloading.value.path()
    assert time.process_time() - started <= 10
    page.goto("/accounts/")
    must_say(page, "Đã tạo 1.280 đường dẫn, hết hạn ngày 18/10/2024.")
    must_say(page, "Chưa có 0 · Đã gửi đường dẫn 1.280 · Đã nhận 0")
    texts = _zalo_texts(files)
    assert len(texts) == len(set(texts)) == REPORTING
    assert any(re.fullmatch(ZALO, text) for text in texts)
    assert _states(page)[4] == "Xong"


def _zalo_texts(path) -> list[str]:
    """Of every file of the archive, one for each upper-level union and one for the federation."""
    with ZipFile(path) as archive:
        books = [load_workbook(archive.open(name)) for name in archive.namelist()]
    assert len(books) == UPPERS + 1
    cells = (cell for book in books for row in book.worksheets[0].values for cell in row)
    return [" ".join(cell.split()) for cell in cells if "mời" in str(cell)]


def _8_the_first_quarters(page, office):
    """Quý II first, which Quý III will compare with; fourteen chairs leave in between."""
    page.goto("/quarters/open/")
    must_say(page, "1.280 đơn vị phải báo cáo; 6 đơn vị tạm ngừng, không phải báo cáo;")
    page.select_option("[name=number]", "2")
    type_in(
        page,
        starts_on="01/4/2024",
        cut_off_on="30/6/2024",
        due_on="05/7/2024",
        upper_due_on="10/7/2024",
        federation_due_on="15/7/2024",
    )
    press(page, "Mở kỳ báo cáo")
    must_say(page, "Đã mở.")
    _report(Quarter.objects.get(), office, workers=60)
    assert _states(page)[5] == "Xong"
    _close(page, "2024Q2")

    chairs = Assignment.objects.filter(role=Role.CHAIR).order_by("pk")[:14]
    for chair in chairs:
        roles.end_role(chair, on=date(2024, 10, 11), by=office.administrator)
    page.goto("/quarters/open/")
    must_say(
        page,
        "Mở kỳ báo cáo Quý III/2024",
        "1.280 đơn vị phải báo cáo; 6 đơn vị tạm ngừng, không phải báo cáo; 14 đơn vị chưa có tài"
        " khoản.",
    )
    press(page, "Mở kỳ báo cáo")
    must_say(page, "Đã mở. Nội dung thông báo để gửi Zalo:", "Quý III/2024")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    press(page, "Sao chép")
    must_say(page, "Đã sao chép.")
    assert "Quý III/2024" in page.evaluate("navigator.clipboard.readText()")


def _report(quarter, office, *, workers, leave_out=0):
    """All but so many units send, and their reports are accepted."""
    reports = QuarterlyReport.objects.of(quarter).owed().select_related("unit", "quarter")
    due = list(reports.order_by("-pk"))[leave_out:]
    same = {"workers": workers, "members": 50, "opening_members": 50}
    actions.submit_all([(report, same) for report in due], by=office.administrator, accept=True)


def _close(page, code):
    page.goto(f"/quarters/{code}/close/")
    page.locator("main form button").click()
    must_say(page, "Đã khoá Quý")


def _10_the_quarter_is_closed(page, office):
    quarter = Quarter.objects.get(code="2024Q3")
    _report(quarter, office, workers=61, leave_out=44)
    page.goto("/quarters/2024Q3/close/")
    must_say(page, "Còn 44 đơn vị chưa gửi; số liệu tạm lấy Quý II. Khoá?")
    press(page, "Khoá kỳ báo cáo")
    must_say(page, "Đã khoá Quý III/2024.")

    straggler = QuarterlyReport.objects.of(quarter).owed().exclude(status=Status.ACCEPTED).first()
    page.goto(straggler.get_absolute_url())
    go(page, "Cho phép gửi muộn")
    type_in(page, until="20/10/2024", reason="Kế toán ốm.")
    press(page, "Cho phép gửi muộn")
    must_say(page, "20/10/2024")
    straggler.refresh_from_db()
    assert straggler.late_until == date(2024, 10, 20)
    assert not Quarter.objects.open().exists()

    page.goto("/quarters/2024Q3/reopen/")
    must_say(page, "Mở lại kỳ báo cáo")
    type_in(page, reason="Ba đơn vị nộp nhầm bản giấy.")
    press(page, "Mở lại kỳ báo cáo")
    must_say(page, "Quý III/2024")
    assert Quarter.objects.open().get() == quarter


def _11_a_target_changes(page):
    page.goto(PLAN)
    page.locator("tr", has_text="5.493").get_by_role("link", name="Điều chỉnh").click()
    must_say(page, "Điều chỉnh chỉ tiêu", "5.493")
    for label, typed in (
        ("Mức mới", "5.600"),
        ("Quyết định số", "95/QĐ-CĐN"),
        ("Có hiệu lực từ", "01/10/2024"),
    ):
        page.get_by_label(label, exact=True).fill(typed)
    press(page, "Lưu")
    must_say(page, "Hãy ghi lý do điều chỉnh.")
    page.get_by_label("Lý do", exact=True).fill("Ba doanh nghiệp lớn mới hoạt động.")
    press(page, "Lưu")
    must_say(page, "Đã lưu chỉ tiêu.", "5.600 95/QĐ-CĐN")
    page.goto("/progress/CDN/")
    must_say(page, "/ 5.600", "Theo mức giao hiện nay")
    go(page, "Theo mức giao tại thời điểm")
    must_say(page, "/ 5.493")
    go(page, "Theo mức giao hiện nay")
    must_say(page, "/ 5.600")


def _12_the_history(page, office):
    hoa = factories.person(
        "hoa", Unit.objects.get(code="TS"), Role.REVIEWER, full_name="Lê Văn Hoà"
    )
    quarter = Quarter.objects.get(code="2024Q3")
    report = QuarterlyReport.objects.of(quarter).owed().filter(unit__parent__code="TS")
    late = report.exclude(status=Status.ACCEPTED).select_related("unit", "quarter").first()
    same = {"workers": 61, "members": 50, "opening_members": 50}
    actions.accept([actions.submit(late, same, by=office.administrator)], by=hoa)
    page.goto("/history/")
    must_say(
        page,
        "Nhật ký",
        f"10:02 16/10/2024 · Lê Văn Hoà · duyệt báo cáo Quý III/2024 của {late.name}",
    )
    type_in(page, unit=late.unit.code, person="hoa", first="16/10/2024", last="16/10/2024")
    page.select_option("[name=kind]", HistoryKind.REPORT)
    press(page, "Tìm")
    must_say(page, "Lê Văn Hoà · duyệt báo cáo Quý III/2024", "Bỏ lọc")
    assert page.locator(".history > li").count() == 1
    type_in(page, person="không ai")
    press(page, "Tìm")
    must_say(page, "Bỏ lọc")
    assert page.locator(".history > li").count() == 0


# --- the files -----------------------------------------------------------------------------------


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _book(path):
    return load_workbook(io.BytesIO(path.read_bytes()))  # a download has no name


def _header_of(path) -> list[str]:
    sheet = _book(path).worksheets[0]
    return [cell.value for cell in next(sheet.iter_rows(max_row=1))]


def _workbook(columns: Sequence[str], rows: Iterable[dict[str, str]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(columns)
    for row in rows:
        sheet.append([row.get(column, "") for column in columns])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _rows() -> Rows:
    """24 upper-level unions, 1.284 grassroots unions (16 of them directly below the federation, 6
    of them resting) and 2 occupational unions."""
    uppers = [f"CT{number:02d}" for number in range(1, UPPERS)]
    parents = ["TS", *uppers]
    rows = [
        _row(code, f"Công đoàn Tổng công ty số {code[-2:]}", "Công đoàn cấp trên", "CDN")
        for code in uppers
    ]
    rows.insert(0, _row("TS", "Công đoàn Tổng công ty Trường Sơn", "Công đoàn cấp trên", "CDN"))
    for number in range(GRASSROOTS):
        parent = "CDN" if number < DIRECT else parents[number % UPPERS]
        row = _row(f"CS-{number:04d}", f"CĐCS Công ty số {number}", "CĐCS", parent)
        row |= {"Loại hình": "NNN", "Khối": "Xây lắp", "Địa bàn": "Hà Nội"}
        if number >= GRASSROOTS - SUSPENDED:
            row |= {"Tạm ngừng từ": "01/01/2024"}
        rows.append(row | _contact(number))
    for number in range(OCCUPATIONAL):
        row = _row(f"ND-{number}", f"Nghiệp đoàn số {number}", "Nghiệp đoàn", "TS")
        rows.append(row | {"Loại hình": "ND"} | _contact(GRASSROOTS + number))
    return rows


def _row(code: str, name: str, kind: str, parent: str) -> dict[str, str]:
    return {"Mã": code, "Tên": name, "Loại đơn vị": kind, "Công đoàn cấp trên": parent}


def _contact(number: int) -> dict[str, str]:
    return {"Chủ tịch": f"Nguyễn Văn {number}", "Điện thoại": f"0912{number:06d}"}


def _rows_with_five_errors() -> Rows:
    """As an office sends it first: row 1 is the header."""
    rows = [row for row in _rows() if row["Công đoàn cấp trên"] in ("CDN", "TS")][:40]
    rows[17 - 2]["Công đoàn cấp trên"] = "TS-09"
    rows[3]["Tên"] = ""
    rows[4]["Loại đơn vị"] = "Câu lạc bộ"
    rows[5]["Mã"] = rows[6]["Mã"]
    rows[30]["Loại hình"] = "XYZ"
    return rows
