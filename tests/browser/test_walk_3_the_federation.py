"""Staff of the federation, on the illustrative data: how the year stands, where to go first, who is
ranked how, what the congress is told and what next year is to bring.

The numbers of the year are those of the walk; the others are worked out here from the reports.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from openpyxl import load_workbook

from members import actions
from members.models import (
    Enterprise,
    QuarterlyReport,
    SectorGroup,
    SignOff,
    Status,
    Tag,
    Unit,
    User,
)
from members.models.reports import DECREASES, INCREASES
from targets.models import Target
from tests.browser.pages import go, must_say, press, type_in, words
from unionplan.lib.numbers import percent_text, whole_number

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FEDERATION = "Công đoàn ngành Xây dựng (minh hoạ)"
PROGRESS = "/progress/CDN/"
MENU = "header nav"
TRUONG_SON = "Công đoàn Tổng công ty Trường Sơn"
BUILDERS = "Khối xây lắp"
YEAR_PLAN = "Kế hoạch phát triển đoàn viên năm 2024"
TERM_PLAN = "Chương trình công tác nhiệm kỳ 2023 - 2028"
THRESHOLDS = {"agencies": 100, "state-enterprises": 95, "other-enterprises": 90}
COLUMNS = [
    *("Đơn vị", "Lao động", "Đoàn viên", "Tỷ lệ", "Kết nạp mới", "Giảm", "Thực tăng", "Mức giao"),
    *("Đạt (%)", "Còn thiếu", "Tình trạng", "Báo cáo", "Chốt số liệu"),
]


@pytest.fixture
def office(_transactional_reference, request) -> SimpleNamespace:
    """The demo, told by its own clock; then it is 09:00 on 11/10/2024."""
    call_command("demo", stdout=io.StringIO())
    request.getfixturevalue("stand_at")(11, 9, 0)
    people = User.objects.filter(username__startswith="demo.")
    return SimpleNamespace(**{user.username.removeprefix("demo."): user for user in people})


def test_walk_3(office, visit):
    known = list(_known_units())
    huong = visit("/", as_=office.huong)
    huong.context.grant_permissions(["clipboard-read", "clipboard-write"])
    _1_home(huong)
    _2_source_and_calculation(huong, known)
    _3_by_unit(huong)
    _6_how_are_the_builders(huong, known)
    _7_whom_to_visit_first(huong, known)
    hoa = visit("/", as_=office.hoa)
    _8_emulation(huong, hoa, office)
    bao = visit("/plans/", as_=office.bao)
    _11_for_the_congress(huong, bao)
    _12_next_year(bao, hoa)


# --- what the reports say ------------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """A unit at the end of Quý III/2024: as reported and accepted, else as accepted last."""

    unit: Unit
    threshold: int | None  # none of occupational unions
    workers: int | None
    members: int | None
    before: Fraction | None  # density on 31/12/2023
    net_increase: int
    target: int | None
    tags: frozenset[str]

    @property
    def gap(self) -> int:
        assert None not in (self.threshold, self.workers, self.members)
        return ceil(Fraction(self.threshold * self.workers, 100)) - self.members

    @property
    def is_behind(self) -> bool:
        """After three quarters of four, with either line."""
        density = Fraction(self.members * 100, self.workers)
        start = Fraction(0) if self.target else None
        return _is_behind(Fraction(self.net_increase), self.target, start) or _is_behind(
            density, self.threshold, self.before, tolerance=Fraction(1)
        )


def _is_behind(actual, target, start, tolerance=None):
    """Short of the path from the start to the target, by more than a tenth of it or one point."""
    if target is None or actual >= target:
        return False
    path = (
        Fraction(target) if start is None or start >= target else start + (target - start) / 4 * 3
    )
    return actual < path - (tolerance or Fraction(target, 10))


def _known_units() -> Iterator[Known]:
    group_of = {
        sector.code: group.code
        for group in SectorGroup.objects.filter(code__in=THRESHOLDS).prefetch_related("sectors")
        for sector in group.sectors.all()
    }
    accepted = QuarterlyReport.objects.filter(status=Status.ACCEPTED)
    net = _net_increases()
    before = {report.unit_id: report for report in accepted.filter(quarter__code="2023Q4")}
    held = Target.objects.filter(plan__code="cdxd-2024", indicator="net-increase").with_values()
    targets = {target.unit_id: int(target.revisions.get().minimum) for target in held}
    reports = QuarterlyReport.objects.filter(quarter__code="2024Q3")
    for report in reports.select_related("unit").prefetch_related("unit__tags"):
        inside, start = report.status == Status.ACCEPTED, before.get(report.unit_id)
        yield Known(
            unit=report.unit,
            threshold=THRESHOLDS.get(group_of.get(report.unit.sector_id, "")),
            workers=report.workers if inside else report.carried_workers,
            members=report.members if inside else report.carried_members,
            before=Fraction(start.members * 100, start.workers) if start else None,
            net_increase=net[report.unit_id],
            target=targets.get(report.unit_id),
            tags=frozenset(tag.name for tag in report.unit.tags.all()),
        )


def _net_increases() -> Counter[int]:
    """By unit, of the accepted reports of 2024."""
    found: Counter[int] = Counter()
    reports = QuarterlyReport.objects.filter(status=Status.ACCEPTED, quarter__year=2024)
    for report in reports:
        found[report.unit_id] += sum(getattr(report, name) or 0 for name in INCREASES)
        found[report.unit_id] -= sum(getattr(report, name) or 0 for name in DECREASES)
    return found


# --- the steps -----------------------------------------------------------------------------------


def _1_home(page):
    must_say(page, f"Tiến độ {YEAR_PLAN}", "Quý III/2024", "Đã duyệt", "Cả báo cáo chờ kiểm tra")
    lines = {
        "Thực tăng đoàn viên": (
            "3.877 / 5.493 còn thiếu 1.616 đoàn viên đạt 70,58% Ước cả năm 5.169",
            "Có nguy cơ không đạt",
        ),
        "Tỷ lệ đoàn viên, cơ quan và đơn vị sự nghiệp": (
            "99,62% / 100% còn thiếu 41 đoàn viên thiếu 0,38 điểm % Lộ trình 99,88%",
            "Có nguy cơ không đạt",
        ),
        "Tỷ lệ đoàn viên, doanh nghiệp nhà nước": (
            "94,96% / 95% còn thiếu 8 đoàn viên thiếu 0,04 điểm % Lộ trình 94,80%",
            "Đúng tiến độ",
        ),
        "Tỷ lệ đoàn viên, các loại hình doanh nghiệp khác": (
            "87,43% / 90% còn thiếu 1.060 đoàn viên thiếu 2,57 điểm % Lộ trình 89,00%",
            "Chậm tiến độ",
        ),
    }
    for name, said in lines.items():
        must_say(page, *said, where=f".plan-line:has-text('{name}')")
    due = QuarterlyReport.objects.filter(quarter__code="2024Q3", is_suspended=False)
    accepted = due.filter(status=Status.ACCEPTED).count()
    must_say(
        page,
        "số liệu tính đến ngày 30/9/2024",
        f"Số liệu tổng hợp từ báo cáo đã duyệt của {accepted}/{due.count()} đơn vị;",
    )


def _2_source_and_calculation(page, known):
    """The walk counts 65.805 members: those of occupational unions are members too."""
    in_density = sum(one.members for one in known if one.threshold and one.members)
    assert in_density == 65_805
    closing = sum(one.members or 0 for one in known)
    go(page, "3.877", where=".plan-lines")
    must_say(
        page,
        "Nguồn và cách tính",
        "Kết nạp mới 5.912 + chuyển đến 0 − chuyển đi 0 − giảm 2.035 = 3.877",
        "Chuyển sinh hoạt trong ngành: đi 64, đến 64, khớp",
        f"Đầu năm {whole_number(closing - 3_877 - 112)} + thực tăng 3.877 + điều chỉnh sau rà soát"
        f" 112 = {whole_number(closing)} đoàn viên",
        "Giảm do sắp xếp tổ chức: 0",
        "Ước cả năm: Bình quân 3 quý × 4",
        "Mức giao 5.493, Văn bản số 12/KH-CĐN ngày 20/01/2024",
        f"Tổng cộng (40 đơn vị) {whole_number(closing - 3_877 - 112)} 5.912 64 64 2.035 3.877 112",
    )


def _3_by_unit(page):
    page.goto(PROGRESS)
    uppers = SignOff.objects.filter(quarter__code="2024Q3", returned_at=None).count()
    must_say(
        page,
        "Theo đơn vị",
        f"Chốt số liệu: {uppers}/24 công đoàn cấp trên · CĐCS trực thuộc đã duyệt:",
    )
    table = page.locator("main table", has_text="Tổng cộng (40 đơn vị)").first
    header = [" ".join(cell.split()) for cell in table.locator("thead th").all_inner_texts()]
    assert [cell.removesuffix(" ▼") for cell in header] == COLUMNS
    place = 1 + COLUMNS.index("Còn thiếu")
    gaps = table.locator(f"tbody tr :nth-child({place})").all_inner_texts()
    missing = [int(gap.replace(".", "")) for gap in map(str.strip, gaps) if gap != "–"]
    assert len(gaps) == 40
    assert missing == sorted(missing, reverse=True)
    must_say(page, "5.493 70,58 1.616", where="main table tfoot:has-text('Tổng cộng (40 đơn vị)')")
    must_say(page, "không giao", where="main tr:has-text('Nhà máy Xi măng Minh Hải')")

    with page.expect_download() as downloading:
        page.get_by_role("link", name="Tải bảng này (Excel)", exact=True).click()
    sheet = load_workbook(io.BytesIO(downloading.value.path().read_bytes())).worksheets[0]
    assert sheet.max_row == 1 + 40

    type_in(page, q="không có đơn vị nào tên như thế")
    press(page, "Lọc")
    must_say(page, "Không có đơn vị nào phù hợp.")
    page.get_by_role("link", name="Bỏ lọc", exact=True).first.click()
    must_say(page, "Tổng cộng (40 đơn vị)")


def _6_how_are_the_builders(page, known):
    go(page, "Đơn vị cần tập trung")
    must_say(page, "Sao chép câu tóm tắt")
    builders = [one for one in known if BUILDERS in one.tags]
    page.get_by_label("Khối", exact=True).select_option(label=BUILDERS)
    press(page, "Lọc")
    assert _copied(page) == f"{BUILDERS}: {_briefing(builders)}."

    large = [one for one in builders if one.workers and one.workers >= 300]
    page.get_by_label("Quy mô: từ … lao động", exact=True).fill("300")
    press(page, "Lọc")
    assert _copied(page) == f"{BUILDERS}, từ 300 lao động: {_briefing(large)}."

    page.get_by_label("Cán bộ phụ trách", exact=True).select_option(label="Lê Văn Hoà")
    press(page, "Lọc")
    assert _copied(page).startswith(
        f"{BUILDERS}, từ 300 lao động, đồng chí Lê Văn Hoà phụ trách: thực tăng "
    )
    page.get_by_role("link", name="Bỏ lọc", exact=True).first.click()
    must_say(page, "Đơn vị cần tập trung")


def _copied(page):
    page.wait_for_load_state()
    press(page, "Sao chép câu tóm tắt")
    must_say(page, "Đã sao chép.")
    return page.evaluate("navigator.clipboard.readText()")


def _briefing(units):
    """«thực tăng 1.204/1.900 đoàn viên, đạt 63,37%; tỷ lệ đoàn viên 86,10%, …»"""
    net, target = sum(one.net_increase for one in units), sum(one.target for one in units)
    counted = [one for one in units if one.workers is not None]
    density = Fraction(sum(u.members for u in counted) * 100, sum(u.workers for u in counted))
    gap = sum(max(0, sum_) for sum_ in _gaps_together(counted))
    said = [
        f"thực tăng {whole_number(net)}/{whole_number(target)} đoàn viên, đạt"
        f" {percent_text(Fraction(net * 100, target))}",
        f"tỷ lệ đoàn viên {percent_text(density)}"
        + (f", còn thiếu {whole_number(gap)} đoàn viên" if gap else ""),
        f"{sum(one.is_behind for one in counted)} đơn vị chậm tiến độ",
    ]
    return "; ".join(said)


def _gaps_together(units):
    for threshold in THRESHOLDS.values():
        of_group = [one for one in units if one.threshold == threshold]
        workers, members = (sum(getattr(u, n) for u in of_group) for n in ("workers", "members"))
        yield ceil(Fraction(threshold * workers, 100)) - members


def _7_whom_to_visit_first(page, known):
    counted = [one for one in known if one.threshold and one.workers is not None]
    below = sorted((one for one in counted if one.gap > 0), key=lambda one: -one.gap)
    apart = {t: sum(one.gap for one in below if one.threshold == t) for t in (100, 95, 90)}
    must_say(
        page,
        f"{len(below)} đơn vị chưa đạt mức giao, còn thiếu"
        f" {whole_number(sum(apart.values()))} đoàn viên",
        f"Thiếu chung của nhóm cơ quan và đơn vị sự nghiệp: 41 đoàn viên; cộng riêng từng đơn vị"
        f" chưa đạt: {whole_number(apart[100])} đoàn viên",
        f"Thiếu chung của nhóm doanh nghiệp nhà nước: 8 đoàn viên; cộng riêng từng đơn vị chưa"
        f" đạt: {whole_number(apart[95])} đoàn viên",
        f"Thiếu chung của nhóm doanh nghiệp khác: 1.060 đoàn viên; cộng riêng từng đơn vị chưa"
        f" đạt: {whole_number(apart[90])} đoàn viên",
        "Vì sao khác nhau?",
        "Đơn vị Lao động chưa vào công đoàn Còn thiếu Tình trạng báo cáo",
    )
    first = below[0]
    must_say(
        page,
        f"{first.unit} {first.workers - first.members} {first.gap}",
        where="main tbody tr:first-child",
    )
    go(page, "Tiến độ", where=MENU)
    go(page, "Doanh nghiệp chưa có công đoàn")
    must_say(page, "Doanh nghiệp chưa có công đoàn", "Cán bộ phụ trách")
    statuses = page.get_by_label("Tình trạng", exact=True).locator("option").all_inner_texts()
    assert statuses[1:] == [
        *("Chưa tiếp cận", "Đã tuyên truyền", "Còn khó khăn", "Đề nghị hỗ trợ", "Đã thành lập")
    ]
    without = Enterprise.objects.without_union()
    must_say(page, f"{without.count()} doanh nghiệp")
    largest = without.order_by("-workers", "sort_key")[:50]
    assert page.locator("main tbody th").all_inner_texts() == [one.name for one in largest]


def _8_emulation(huong, hoa, office):
    go(huong, "Tiến độ", where=MENU)
    go(huong, "Thi đua")
    must_say(
        huong,
        "Bảng xếp hạng thi đua luỹ kế đến Quý III/2024",
        "39 đơn vị được xếp hạng · 1 đơn vị không xếp hạng",
        "Trong quý",
        "Luỹ kế từ đầu kế hoạch",
        "Khối, cụm thi đua",
    )
    _the_small_are_not_ranked(huong)
    _who_is_over_the_target(huong)
    go(huong, "Trong quý")
    must_say(huong, "Bảng xếp hạng thi đua Quý III/2024")
    press(huong, "Công bố cho các đơn vị")
    must_say(huong, "Đã công bố cho 40 đơn vị.", "công bố lúc 09:00 ngày 11/10/2024")
    frozen, place = words(huong, "main table"), _place_of(huong, TRUONG_SON)

    waiting = QuarterlyReport.objects.filter(unit__code__startswith="CD01-", quarter__code="2024Q3")
    actions.accept(list(waiting.filter(status=Status.SUBMITTED)), by=office.hoa)
    hoa.goto("/progress/CD01/")
    go(hoa, "Thi đua")
    go(hoa, f"Bảng xếp hạng thi đua Quý III/2024: hạng {place}")
    must_say(hoa, f"{TRUONG_SON}: hạng {place}", "công bố lúc 09:00 ngày 11/10/2024")
    assert words(hoa, "main table") == frozen


def _place_of(page, unit):
    """«37/39»"""
    ranks = page.locator("main tbody tr td:first-child").all_inner_texts()
    own = page.locator("main tbody tr", has_text=unit).locator("td").first.inner_text()
    return f"{own}/{sum(rank != '–' for rank in ranks)}"


def _the_small_are_not_ranked(page):
    tagged = Tag.objects.get(name=BUILDERS)
    small = QuarterlyReport.objects.filter(quarter__code="2024Q3", unit__tags=tagged)
    page.get_by_label("Khối, cụm thi đua", exact=True).select_option(label=BUILDERS)
    page.get_by_label("Không xếp hạng đơn vị dưới … lao động", exact=True).fill("60")
    press(page, "Xếp hạng")
    must_say(page, f"Thực tăng đoàn viên · {BUILDERS} · ", "Dưới 60 lao động, không xếp hạng")
    names = page.locator("main tbody tr", has_text="Dưới 60 lao động").locator("th a")
    accepted = small.filter(status=Status.ACCEPTED, workers__lt=60)
    carried = small.exclude(status=Status.ACCEPTED).filter(carried_workers__lt=60)
    assert set(names.all_inner_texts()) == {str(one.unit) for one in (*accepted, *carried)}
    page.get_by_label("Khối, cụm thi đua", exact=True).select_option(index=0)
    page.get_by_label("Không xếp hạng đơn vị dưới … lao động", exact=True).fill("20")
    press(page, "Xếp hạng")
    must_say(page, "39 đơn vị được xếp hạng")


def _who_is_over_the_target(page):
    page.get_by_label("Vượt chỉ tiêu", exact=True).check()
    press(page, "Xếp hạng")
    must_say(page, "Danh sách đề nghị khen thưởng (Excel)")
    over = page.locator("main tbody th a").all_inner_texts()
    assert page.locator("main tbody tr", has_text="Vượt chỉ tiêu").count() == len(over) > 0
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Danh sách đề nghị khen thưởng (Excel)").click()
    sheet = load_workbook(io.BytesIO(downloading.value.path().read_bytes())).worksheets[0]
    assert {cell for row in sheet.iter_rows(values_only=True) for cell in row} >= set(over)
    page.get_by_label("Vượt chỉ tiêu", exact=True).uncheck()
    press(page, "Xếp hạng")
    must_say(page, "39 đơn vị được xếp hạng")


def _11_for_the_congress(huong, bao):
    """The term stands beside the year; what was before the software is a line of its own."""
    huong.goto(PROGRESS)
    must_say(huong, f"Thực hiện cùng thời gian: {TERM_PLAN}")
    accepted = QuarterlyReport.objects.filter(status=Status.ACCEPTED)
    of_term = accepted.filter(quarter__cut_off_on__gt=date(2023, 1, 1))
    admitted = sum(report.admitted or 0 for report in of_term)
    must_say(
        huong,
        f"Kết nạp đoàn viên mới chủ trì: Ban Tổ chức {whole_number(admitted)} / 36.000",
        "thời hạn 31/12/2025",
        "thời hạn 31/12/2028",
    )
    _a_term_that_began_before(bao)
    admitted = sum(report.admitted or 0 for report in accepted)
    go(huong, "Tiến độ", where=MENU)
    go(huong, "Chương trình công tác nhiệm kỳ 2022 - 2026", where=".toolbar")
    must_say(
        huong,
        f"{whole_number(2_140 + admitted)} / 20.000",
        "Trước khi dùng phần mềm: 2.140 đoàn viên kết nạp (theo Báo cáo số 95/BC-CĐN)",
        f"Thực hiện cùng thời gian: {YEAR_PLAN}",
        f"{whole_number(_net_increases().total())} / 5.493",  # more is accepted by now
        "Quý III/2022 Quý IV/2022 Quý I/2023",
    )
    huong.locator("figure.chart").first.hover()
    with huong.expect_download() as downloading:
        huong.locator(".modebar-btn[data-title='Tải ảnh']").first.click()
    assert downloading.value.suggested_filename.endswith(".png")


def _a_term_that_began_before(page):
    go(page, "Lập kế hoạch")
    title = "Chương trình công tác nhiệm kỳ 2022 - 2026"
    page.get_by_label("Mã", exact=True).fill("nhiem-ky-2022-2026")
    page.get_by_label("Tên kế hoạch", exact=True).fill(title)
    page.get_by_label("Từ quý", exact=True).select_option(label="Quý I/2022")
    page.get_by_label("Đến quý", exact=True).select_option(label="Quý IV/2026")
    press(page, "Lưu")
    must_say(page, "Đã lưu kế hoạch (đang soạn).")
    go(page, "Thêm chỉ tiêu")
    page.get_by_label("Chỉ tiêu", exact=True).select_option(label="Kết nạp đoàn viên mới")
    page.get_by_label("Mức giao", exact=True).fill("20.000")
    press(page, "Lưu")
    must_say(page, "Đã lưu chỉ tiêu.")
    press(page, "Đưa vào thực hiện")
    must_say(page, "Đã đưa kế hoạch vào thực hiện.")
    go(page, "Kết quả trước khi dùng phần mềm")
    page.get_by_label("Chỉ tiêu", exact=True).select_option(label="Kết nạp đoàn viên mới")
    page.get_by_label("Kết quả", exact=True).fill("2.140")
    page.get_by_label("Số văn bản", exact=True).fill("95/BC-CĐN")
    press(page, "Lưu")
    must_say(page, "Đã lưu kết quả.", "2.140", "95/BC-CĐN")


def _12_next_year(bao, hoa):
    _the_round_that_runs_is_ended(bao)
    bao.goto("/plans/cdxd-2024/")
    go(bao, "Lập kế hoạch 2025 từ kế hoạch 2024")
    bao.get_by_label("Mã", exact=True).fill("ke-hoach-2025")
    press(bao, "Lưu")
    must_say(bao, "Kế hoạch phát triển đoàn viên năm 2025", "Đang soạn", "5.493")
    go(bao, "Mở đợt đăng ký chỉ tiêu")
    bao.get_by_label("Hạn đăng ký", exact=True).fill("20/11/2024")
    press(bao, "Mở đợt đăng ký chỉ tiêu")
    must_say(bao, "Đợt đăng ký đang mở, hạn 20/11/2024.", "Thực tăng: 0/40 đơn vị đã đăng ký")

    hoa.goto("/")
    go(hoa, "Đăng ký chỉ tiêu năm 2025 · hạn 20/11/2024")
    must_say(
        hoa, "Đăng ký chỉ tiêu năm 2025", "Kết quả 2024 (Quý I – Quý III)", "Chưa vào công đoàn"
    )
    hoa.get_by_label("Số đăng ký", exact=True).fill("225")
    hoa.get_by_label("Ý kiến", exact=True).fill("Theo khảo sát quý III.")
    press(hoa, "Đăng ký")
    must_say(hoa, f"Đã đăng ký với {FEDERATION}; sửa được đến hết ngày 20/11/2024.")

    bao.reload()
    must_say(
        bao,
        "Thực tăng: 1/40 đơn vị đã đăng ký, tổng đăng ký 225",
        "225 Theo khảo sát quý III.",
    )
    go(bao, "Phân bổ")
    press(bao, "Chia")
    must_say(bao, "Được giao 5.493 · Đã phân bổ 5.493 · Còn lại 0", "Đã chia theo")
    press(bao, "Giao chỉ tiêu")
    must_say(bao, "Hãy nhập số quyết định.", "Hãy nhập ngày ban hành quyết định.")
    bao.get_by_label("Quyết định số", exact=True).fill("31/QĐ-CĐN")
    bao.get_by_label("Ngày ban hành", exact=True).fill("10/10/2024")
    press(bao, "Giao chỉ tiêu")
    must_say(bao, "Đã giao chỉ tiêu cho 40 đơn vị theo Quyết định số 31/QĐ-CĐN ngày 10/10/2024.")
    given = Target.objects.filter(plan__code="ke-hoach-2025", unit__parent__code="CDN")
    assert sum(target.revisions.latest("pk").minimum for target in given) == 5_493


def _the_round_that_runs_is_ended(page):
    page.goto("/plans/cdxd-2025/registration/CDN/")
    must_say(
        page,
        "Đợt đăng ký đang mở, hạn 20/11/2024.",
        "9/40 đơn vị đã đăng ký",
        "Đăng ký Ý kiến Đề xuất của ngành Mức giao",
    )
    press(page, "Kết thúc đợt đăng ký")
    must_say(page, "Đã kết thúc đợt đăng ký.")
