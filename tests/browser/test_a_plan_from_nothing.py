"""A plan of the documents made by hand, asked for, shared out and read, by pages alone.

The lines are those of Tiền Giang's programme 05/CTr-LĐLĐ (`tiengiang-ctr05`), of a term that runs,
and one typed by hand. The federation has three branches; the figures of Quý II/2024 are accepted.
"""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from members import periods
from members.access import Role
from members.models import Kind
from targets.models import Plan, Target
from targets.shipped import shipped_plan
from targets.topics import Topics
from tests import factories
from tests.browser.pages import go, must_say, press, sideways, words

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FEDERATION = "Công đoàn ngành Xây dựng"
TRUONG_SON = "Công đoàn Tổng công ty Trường Sơn"
SONG_LAM = "Công đoàn Tổng công ty Sông Lam"
HA_LONG = "Công đoàn Tổng công ty Hạ Long"
PLAN = "/plans/ctr05/"
TITLE = "Chương trình phát triển đoàn viên, xây dựng CĐCS vững mạnh nhiệm kỳ 2024 - 2028"
WHOLE = "Được giao 16.000 · Đã phân bổ 16.000 · Còn lại 0"
INTRODUCED = "Đoàn viên ưu tú giới thiệu cho Đảng"
ADMISSIONS = "Kết nạp đoàn viên mới"

# workers and members of the latest quarter: not in the union yet are 9.000, 7.000 and 5.000
UNITS = {
    "TS-01": ("TS", "CĐCS Công ty CP Xây dựng Hương Giang", 14_000, 9_000),
    "TS-02": ("TS", "CĐCS Nhà máy Gạch Sông Lam", 10_000, 6_000),
    "SL-01": ("SL", "CĐCS Công ty CP Xi măng Hòn Đá", 16_000, 9_000),
    "HL-01": ("HL", "CĐCS Công ty TNHH Than Vàng Danh", 12_000, 7_000),
}
# What was admitted: in Quý IV/2023, before the plan, and in the two quarters since.
ADMITTED = {
    "TS-01": (40, 300, 200),
    "TS-02": (10, 100, 50),
    "SL-01": (0, 80, 0),
    "HL-01": (5, 0, 0),
}

# indicator, sector group, value, and what else is typed or ticked: as the document has it
LINES = (
    (
        ADMISSIONS,
        "Tất cả loại hình",
        "16.000",
        {"Căn cứ": "Dự báo của công đoàn cấp trên trực tiếp cơ sở"},
    ),
    ("Tỷ lệ đoàn viên", "Doanh nghiệp nhà nước", "95", {"Mức phấn đấu": "98"}),
    ("Tỷ lệ đoàn viên", "Doanh nghiệp ngoài khu vực nhà nước", "85", {}),
    (
        "Doanh nghiệp đã có tổ chức công đoàn",
        "Tất cả loại hình",
        "100",
        {"Doanh nghiệp có từ … lao động trở lên": "20"},
    ),
    (
        "Công đoàn cấp trên trực tiếp cơ sở xếp loại đạt",
        "Tất cả loại hình",
        "95",
        {"every year": True},
    ),
    ("CĐCS xếp loại đạt", "Khu vực nhà nước", "95", {"every year": True}),
    ("CĐCS xếp loại đạt", "Khu vực ngoài nhà nước", "65", {"every year": True}),
    ("Cán bộ chuyên trách có trình độ đại học trở lên", "Tất cả loại hình", "100", {}),
    ("Cán bộ chuyên trách có trình độ sau đại học", "Tất cả loại hình", "15", {}),
    (
        "Cán bộ lãnh đạo, quản lý có trình độ lý luận chính trị từ trung cấp trở lên",
        "Tất cả loại hình",
        "100",
        {},
    ),
    (
        "Cán bộ công đoàn được bồi dưỡng, tập huấn",
        "Tất cả loại hình",
        "95",
        {"ticked": "Nghiệp vụ"},
    ),
    (
        "Tỷ lệ kinh phí công đoàn dành cho đào tạo, bồi dưỡng, tập huấn",
        "Tất cả loại hình",
        "15",
        {"every year": True},
    ),
)


@pytest.fixture
def office(_transactional_reference, stand_at) -> SimpleNamespace:
    """Three branches, their people, and figures up to Quý II/2024; Quý III is open."""
    stand_at(4, 9, 0)
    units = _units()
    people = factories.people(
        {
            "bao": (units["CDN"], Role.ADMINISTRATOR, {"full_name": "Nguyễn Quốc Bảo"}),
            "huong": (units["CDN"], Role.REVIEWER, {"full_name": "Phạm Thu Hương"}),
            "hoa": (units["TS"], Role.REVIEWER, {"full_name": "Lê Văn Hoà"}),
            "lam": (units["SL"], Role.REVIEWER, {"full_name": "Đỗ Minh Lâm"}),
            "mai": (units["TS-01"], Role.CHAIR, {"full_name": "Trần Thị Mai"}),
        }
    )
    for place, code in enumerate(("2023Q4", "2024Q1", "2024Q2")):
        quarter = factories.open_quarter(code)
        factories.all_accepted(quarter, _reported(units, place))
        periods.close_quarter(quarter, by=people["bao"])
    factories.open_quarter("2024Q3")
    return SimpleNamespace(units=units, **people)


def _units():
    federation = factories.unit("CDN", kind=Kind.FEDERATION, name=FEDERATION)
    found = {"CDN": federation}
    for code, name in (("TS", TRUONG_SON), ("SL", SONG_LAM), ("HL", HA_LONG)):
        found[code] = factories.unit(code, kind=Kind.UPPER, parent=federation, name=name)
    for code, (parent, name, _workers, _members) in UNITS.items():
        found[code] = factories.unit(code, parent=found[parent], name=name)
    return found


def _reported(units, place):
    """By unit, what it reports of the quarter in this place."""
    return {
        units[code]: {
            "opening": members - sum(ADMITTED[code]),
            "admitted": ADMITTED[code][place],
            "workers": workers,
        }
        for code, (_parent, _name, workers, members) in UNITS.items()
    }


def test_a_plan_from_nothing(office, visit):
    administrator, hoa, lam = (visit("/", as_=who) for who in (office.bao, office.hoa, office.lam))
    _an_indicator_typed_by_hand(administrator)
    _an_empty_plan(administrator)
    _its_lines(administrator)
    _it_is_put_in_force(administrator)
    _the_branches_are_asked(administrator)
    _they_register(hoa, lam)
    _the_number_is_split(administrator)
    _nothing_is_assigned_in_part(administrator)
    _it_is_assigned(administrator)
    _a_branch_does_the_same(hoa)
    _the_branch_reads_its_progress(hoa)
    _the_chair_reads_her_targets(visit("/", as_=office.mai, width=360))
    _a_figure_is_typed_and_accepted(hoa, visit("/", as_=office.huong))


def _an_indicator_typed_by_hand(page):
    go(page, "Kế hoạch", where="header")
    must_say(page, "Chưa có kế hoạch nào.")
    go(page, "Chỉ tiêu nhập tay")
    go(page, "Thêm chỉ tiêu nhập tay")
    for kind in ("Số cộng dồn", "Số tại thời điểm", "Tỷ lệ"):
        assert page.get_by_label(kind, exact=True).is_visible(), kind
    page.get_by_label("Tên", exact=True).fill(INTRODUCED)
    page.get_by_label("Đơn vị tính", exact=True).fill("đoàn viên")
    page.get_by_label("Số cộng dồn", exact=True).check()
    page.get_by_label("Mỗi quý", exact=True).check()
    page.get_by_label("Mọi công đoàn cấp trên trực tiếp cơ sở", exact=True).check()
    page.get_by_label("Cách tính", exact=True).fill("Đoàn viên được giới thiệu trong kỳ.")
    press(page, "Lưu")
    must_say(page, f"Đã thêm chỉ tiêu “{INTRODUCED}”.", "Số cộng dồn, đoàn viên", "Mỗi quý")


def _an_empty_plan(page):
    go(page, "Kế hoạch", where="header")
    go(page, "Lập kế hoạch")
    page.get_by_label("Mã", exact=True).fill("ctr05")
    page.get_by_label("Tên kế hoạch", exact=True).fill(TITLE)
    page.get_by_label("Nhiệm kỳ").fill("2024-2028")
    page.get_by_label("Số văn bản").fill("05/CTr-CĐN")
    page.get_by_label("Ngày ban hành").fill("15/01/2024")
    page.get_by_label("Từ quý").select_option(label="Quý I/2024")
    page.get_by_label("Đến quý").select_option(label="Quý IV/2023")
    press(page, "Lưu")
    must_say(page, "Kế hoạch phải kết thúc sau ngày bắt đầu.")
    page.get_by_label("Đến quý").select_option(label="Quý IV/2028")
    press(page, "Lưu")
    must_say(page, "Đã lưu kế hoạch (đang soạn).", TITLE, "Đang soạn", "Chưa có chỉ tiêu nào.")


def _its_lines(page):
    first, *others = LINES
    _add(page, *first)
    _mistakes(page)
    for line in (*others, (INTRODUCED, "Tất cả loại hình", "1.500", {})):
        _add(page, *line)
    assert page.locator("tbody tr").count() == len(LINES) + 1
    by_hand = ("doan-vien-uu-tu-gioi-thieu-cho-dang", "all", False, None, "", "", 1_500, None)
    assert _stored() == {*_of_the_document(), by_hand}


def _of_the_document():
    """Its lines as the product ships them."""
    return {
        (
            *(line.indicator, line.sector_group, line.recurring, line.parameter),
            *(Topics().written(line.topics), line.rationale, line.minimum, line.desired),
        )
        for line in shipped_plan("tiengiang-ctr05").lines
    }


def _stored():
    return {
        (
            *(target.indicator, target.sector_group_id, target.is_recurring, target.parameter),
            *(target.topics, target.rationale, value.minimum, value.desired),
        )
        for target in Target.objects.with_values()
        for value in target.revisions.all()
    }


def _add(page, indicator, group, value, more):
    go(page, "Thêm chỉ tiêu")
    _fill(page, indicator, group, value, more)
    press(page, "Lưu")
    must_say(page, "Đã lưu chỉ tiêu.", indicator)


def _fill(page, indicator, group, value, more):
    page.get_by_label("Chỉ tiêu", exact=True).select_option(label=indicator)
    page.get_by_label("Nhóm loại hình", exact=True).select_option(label=group)
    page.get_by_label("Mức giao", exact=True).fill(value)
    for label, typed in more.items():
        if typed is True:
            page.get_by_label("Giao cho từng năm của kế hoạch (hằng năm)", exact=True).check()
        elif label == "ticked":
            page.get_by_label(typed, exact=True).check()
        else:
            page.get_by_label(label).fill(typed)


def _mistakes(page):
    """Each is told beside what was typed, and nothing is written."""
    go(page, "Thêm chỉ tiêu")
    _fill(page, "Tỷ lệ đoàn viên", "Doanh nghiệp nhà nước", "101", {})
    press(page, "Lưu")
    must_say(page, "Tỷ lệ không thể quá 100%.")
    _fill(page, "Tỷ lệ đoàn viên", "Doanh nghiệp nhà nước", "95", {"Mức phấn đấu": "90"})
    press(page, "Lưu")
    must_say(page, "Mức phấn đấu thấp hơn mức giao.")
    _fill(page, ADMISSIONS, "Tất cả loại hình", "17.000", {"Mức phấn đấu": ""})
    press(page, "Lưu")
    must_say(page, "Chỉ tiêu này đã có cho cùng đơn vị, nhóm loại hình và thời hạn.")
    go(page, "Quay lại")
    must_say(page, "16.000")
    assert page.locator("tbody tr").count() == 1


def _it_is_put_in_force(page):
    press(page, "Đưa vào thực hiện")
    must_say(page, "Đã đưa kế hoạch vào thực hiện.", "Đang thực hiện")
    assert Plan.objects.get(code="ctr05").is_in_force


def _the_branches_are_asked(page):
    go(page, "Mở đợt đăng ký chỉ tiêu")
    page.get_by_label("Hạn đăng ký", exact=True).fill("31/10/2024")
    press(page, "Mở đợt đăng ký chỉ tiêu")
    must_say(page, "Đợt đăng ký đang mở, hạn 31/10/2024.", "Kết nạp mới: 0/3 đơn vị đã đăng ký")


def _they_register(hoa, lam):
    """Two branches of three: each sees what it did last year and its own room, no number."""
    _register(hoa, "7.000", "Hai nhà máy mới mở năm 2025.")
    must_say(hoa, "Kết quả 2023 (Quý IV) 50", "9.000 (24.000 lao động, 15.000 đoàn viên)")
    assert "16.000" not in words(hoa)
    _register(lam, "5.000", "")


def _register(page, number, sentence):
    page.reload()
    go(page, "Đăng ký chỉ tiêu nhiệm kỳ 2024 - 2028 · hạn 31/10/2024")
    must_say(page, f"Đăng ký với {FEDERATION}", "Hạn đăng ký 31/10/2024.")
    of_admissions = page.get_by_role("group", name="Kết nạp mới")
    of_admissions.get_by_label("Số đăng ký", exact=True).fill(number)
    of_admissions.get_by_label("Ý kiến", exact=True).fill(sentence)
    press(page, "Đăng ký")
    must_say(page, f"Đã đăng ký với {FEDERATION}; sửa được đến hết ngày 31/10/2024.")


def _the_number_is_split(page):
    page.goto(PLAN)
    page.locator("tr", has_text=ADMISSIONS).get_by_role("link", name="Phân bổ").click()
    must_say(
        page,
        "Phân bổ chỉ tiêu: kết nạp mới 16.000",
        "Được giao 16.000 · Đã phân bổ 0 · Còn lại 16.000",
        "Lao động Đoàn viên Chưa vào công đoàn Kết quả 2023 (Quý IV) Đăng ký Mức giao Giữ nguyên",
        "TS 24.000 15.000 9.000 50 7.000",
        "SL 16.000 9.000 7.000 0 5.000",
        "HL 12.000 7.000 5.000 5 –",
    )
    for way in ("lao động chưa vào công đoàn", "tổng số lao động", "kết quả năm trước", "chia đều"):
        assert page.get_by_label(way, exact=True).is_visible(), way
    page.get_by_label("lao động chưa vào công đoàn", exact=True).check()
    press(page, "Chia")
    must_say(page, "Đã chia theo lao động chưa vào công đoàn", WHOLE)
    # 16.000 by 9 : 7 : 5; the one that is left goes to the largest remainder, 0,52
    assert _cells(page) == ["6.857", "5.333", "3.810"]

    _cell(page, SONG_LAM).fill("5.000")  # as it registered
    must_say(page, "Được giao 16.000 · Đã phân bổ 15.667 · Còn lại 333")
    page.locator("tr", has_text=SONG_LAM).get_by_label("Giữ nguyên").check()
    press(page, "Chia")
    must_say(page, "Đã chia theo lao động chưa vào công đoàn", WHOLE)
    assert _cells(page) == ["7.071", "5.000", "3.929"]  # 11.000 by 9 : 5 beside it


def _cell(page, branch):
    return page.locator("main tbody tr", has_text=branch).get_by_label("Mức giao")


def _cells(page):
    return [_cell(page, branch).input_value() for branch in (TRUONG_SON, SONG_LAM, HA_LONG)]


def _nothing_is_assigned_in_part(page):
    _cell(page, HA_LONG).fill("3.000")
    must_say(page, "Được giao 16.000 · Đã phân bổ 15.071 · Còn lại 929")
    press(page, "Giao chỉ tiêu")
    must_say(page, "Hãy nhập số quyết định.", "Hãy nhập ngày ban hành quyết định.")
    _decide(page, "12/QĐ-CĐN", "20/01/2024")
    must_say(
        page,
        "Còn lại 929, chưa giao được. Phân bổ hết, hoặc chọn “Giữ lại ở cấp ngành” và ghi lý do.",
    )
    assert not Target.objects.exclude(unit__code="CDN").exists()


def _decide(page, number, day):
    page.get_by_label("Quyết định số", exact=True).fill(number)
    page.get_by_label("Ngày ban hành", exact=True).fill(day)
    press(page, "Giao chỉ tiêu")


def _it_is_assigned(page):
    _cell(page, HA_LONG).fill("3.929")
    must_say(page, WHOLE)
    press(page, "Giao chỉ tiêu")
    must_say(
        page, "Đã giao chỉ tiêu cho 3 đơn vị theo Quyết định số 12/QĐ-CĐN ngày 20/01/2024.", WHOLE
    )
    assert _assigned("CDN") == {"TS": 7_071, "SL": 5_000, "HL": 3_929}


def _assigned(superior):
    """By unit directly below, what it was assigned."""
    below = Target.objects.filter(unit__parent__code=superior).with_values()
    return {target.unit.code: target.revisions.get().minimum for target in below}


def _a_branch_does_the_same(page):
    go(page, "Kế hoạch", where="header")
    go(page, TITLE)
    must_say(page, "7.071 12/QĐ-CĐN ngày 20/01/2024")
    page.locator("tr", has_text="7.071").get_by_role("link", name="Phân bổ").click()
    must_say(page, "Được giao 7.071 · Đã phân bổ 0 · Còn lại 7.071", "Giữ lại ở cấp này")
    page.get_by_label("tổng số lao động", exact=True).check()
    press(page, "Chia")
    must_say(page, "Được giao 7.071 · Đã phân bổ 7.071 · Còn lại 0")
    page.get_by_label("Có hiệu lực từ", exact=True).fill("05/02/2024")
    _decide(page, "15/QĐ-CĐTCT", "05/02/2024")
    must_say(page, "Đã giao chỉ tiêu cho 2 đơn vị theo Quyết định số 15/QĐ-CĐTCT ngày 05/02/2024.")
    assert _assigned("TS") == {"TS-01": 4_125, "TS-02": 2_946}  # by 14 : 10


def _the_branch_reads_its_progress(page):
    """650 were admitted in two quarters of twenty, and none yet in the third."""
    go(page, "Tiến độ", where="header")
    must_say(
        page,
        f"Tiến độ {TITLE}",
        "Kết nạp đoàn viên mới 650 / 7.071 còn thiếu 6.421 đoàn viên đạt 9,19%",
        "Còn 17 quý, bình quân mỗi quý cần 378 đoàn viên; đến nay bình quân mỗi quý 216 đoàn viên",
        "15.000/24.000 người 62,50% / 85% còn thiếu 5.400 đoàn viên",
        "Doanh nghiệp có từ 20 lao động trở lên",
        "CĐCS xếp loại đạt, khu vực ngoài nhà nước",
        "Hương Giang 14.000 9.000 64,29% 500 0 500 4.125 12,12 3.625",
        "Gạch Sông Lam 10.000 6.000 60,00% 150 0 150 2.946 5,09 2.796",
        "Tổng cộng (2 đơn vị) 24.000 15.000 62,50% 650 0 650 7.071 9,19 6.421",
    )
    go(page, "650", where=".plan-lines")
    must_say(page, "Nguồn và cách tính", "Quyết định số 12/QĐ-CĐN ngày 20/01/2024")


def _the_chair_reads_her_targets(page):
    must_say(
        page,
        "Chỉ tiêu nhiệm kỳ 2024 - 2028 của đơn vị",
        "Kết nạp mới 500/4.125 đoàn viên, đạt 12,12%",
        "Tỷ lệ đoàn viên 64,29%, mức giao 85%, còn thiếu 2.900 đoàn viên",
    )
    go(page, "Chỉ tiêu", where="main")
    must_say(
        page,
        "Còn thiếu: 3.625 đoàn viên",
        "Mức giao 4.125, Quyết định số 15/QĐ-CĐTCT ngày 05/02/2024, có hiệu lực từ ngày 05/02/2024",
        "Tỷ lệ đoàn viên 64,29% (9.000/14.000), còn thiếu 2.900 đoàn viên",
        f"Mức giao 85%, Văn bản số 05/CTr-CĐN ngày 15/01/2024, có hiệu lực từ ngày 01/01/2024 ·"
        f" giao cho {FEDERATION} và các đơn vị trực thuộc",
    )
    assert sideways(page) == 0


def _a_figure_is_typed_and_accepted(hoa, huong):
    must_say(huong, f"{INTRODUCED} – / 1.500")
    go(hoa, "Trang chủ", where="header")
    go(hoa, "Số liệu nhập tay Quý III/2024: còn 1 chỉ tiêu chưa gửi")
    hoa.get_by_label("Số liệu (đoàn viên)", exact=True).fill("25")
    press(hoa, "Gửi")
    must_say(hoa, "Đã gửi 1 số liệu.", "Đã gửi, chờ kiểm tra", "25 đoàn viên")

    huong.reload()
    go(huong, "1 số liệu nhập tay chờ kiểm tra")
    must_say(huong, "25 đoàn viên")
    huong.get_by_label(f"{TRUONG_SON}, {INTRODUCED}", exact=True).check()
    press(huong, "Duyệt 1 số liệu")
    must_say(huong, "Đã duyệt 1 số liệu.")
    go(huong, "Tiến độ", where="header")
    must_say(huong, f"{INTRODUCED} 1 đơn vị đã có số liệu 25 / 1.500 còn thiếu 1.475 đoàn viên")
