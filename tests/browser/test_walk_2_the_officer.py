"""An officer of an upper-level union of 400 units, from the day before the due day to the
sign-off."""

from __future__ import annotations

import re
from fractions import Fraction
from math import ceil
from types import SimpleNamespace

import pytest
from django.core import mail

from members import actions
from members.models import QuarterlyReport, Reminder, SectorGroup, SignOff, Status
from tests import factories
from tests.browser import branch_of_400
from tests.browser.pages import go, must_say, press, type_in, words
from unionplan.lib.numbers import whole_number

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOME, QUEUE = "/", "/reports/"
NOTE = "Kế toán nghỉ, hẹn gửi 07/10"
SENTENCE = "Lao động giảm 98 nhưng đoàn viên không giảm. Đề nghị rà soát đoàn viên đã thôi việc."
A_PHOTO = (  # one pixel
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f"
    b"\x15\xc4\x89\x00\x00\x00\nIDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-\xb4\x00\x00\x00\x00"
    b"IEND\xaeB`\x82"
)


@pytest.fixture
def branch(tree, cast, stand_at, settings) -> SimpleNamespace:
    settings.EMAIL_CONFIGURED = True
    return branch_of_400.built(tree, cast)


def test_walk_2(branch, visit, stand_at):
    officer = visit(HOME, as_=branch.cast.reviewer)
    _1_home(officer)
    _2_the_queue(officer)
    _3_one_odd_report(officer)
    _4_it_is_returned(officer, branch)
    _5_the_rest(officer, branch)
    stand_at(4, 16, 0)
    _6_who_has_not_sent(officer)
    _7_a_call_is_noted(officer, branch, visit)
    _8_a_password_and_a_new_chair(officer)
    stand_at(5, 9, 0)
    _9_a_paper_form(officer, branch)
    _10_whom_to_visit_first(officer, branch)
    stand_at(9, 16, 20)
    _11_the_sign_off(officer, branch, visit)


def _boxes(page) -> dict[str, str]:
    """«Chờ kiểm tra 268» …"""
    said = [" ".join(box.split()) for box in page.locator(".boxes a").all_inner_texts()]
    return dict(
        text.rsplit(" ", 1) if text[-1].isdigit() else text.split(" ", 1)[::-1] for text in said
    )


def _1_home(officer):
    must_say(
        officer,
        "Quý III/2024 · 400 đơn vị · còn 1 ngày đến hạn",
        "Đơn vị tôi phụ trách (134)",
        "Tất cả (400)",
        "Tiến độ 2024",
        "Việc cần làm",
        "4 đơn vị chưa có chủ tịch",
        "9 đường dẫn tài khoản chưa dùng",
    )
    assert _boxes(officer) == {
        "Chờ kiểm tra": "268",
        "Trả lại": "6",
        "Đã duyệt": "38",
        "Đang nhập": "12",
        "Chưa nhập": "76",
    }
    assert officer.locator(".plan-line").count() == 3


def _2_the_queue(officer):
    go(officer, "Báo cáo")
    must_say(
        officer,
        "Báo cáo chờ kiểm tra (268)",
        "Khớp số liệu, biến động nhỏ (231)",
        "Cần kiểm tra kỹ (37)",
        "đoàn viên nhiều hơn lao động",
        "lao động giảm 29,79%",
        "báo cáo đầu tiên",
        "có điều chỉnh",
        "nhập thay",
        "chưa gửi Quý II",
    )
    press(officer, "Duyệt 231 báo cáo")
    must_say(
        officer,
        "Duyệt 231 báo cáo?",
        "Lao động 28.412 · đoàn viên 26.108 · kết nạp mới 402 · giảm 289.",
    )
    press(officer, "Duyệt 231 báo cáo")
    must_say(officer, "Đã duyệt 231 báo cáo. Còn 37 báo cáo cần kiểm tra kỹ.")


def _3_one_odd_report(officer):
    officer.click("a:has-text('CĐCS Nhà máy Gạch Sông Lam')")
    must_say(
        officer,
        "CĐCS Nhà máy Gạch Sông Lam",
        "329 231 −98 (−29,79%)",
        "310 310 0",
        "Cần giải trình: đoàn viên nhiều hơn lao động 79",
        "Kết thúc công trình.",
        "Báo cáo tiếp theo",
    )
    header = words(officer, "main table thead")
    assert "Quý II Quý III Chênh lệch" in header
    assert officer.get_by_role("button", name="Duyệt", exact=True).is_visible()


def _4_it_is_returned(officer, branch):
    officer.click("summary:has-text('Trả lại')")
    reasons = officer.locator("[name=reason_kind] option").all_inner_texts()
    assert reasons[1:] == [
        "Sai phép tính",
        "Thiếu giải trình",
        "Chưa khớp quyết định kết nạp",
        "Khác",
    ]
    press(officer, "Trả lại")
    must_say(officer, "Hãy ghi lý do để đơn vị biết cần sửa gì.")
    officer.get_by_label("Tổng số đoàn viên", exact=True).check()
    type_in(officer, reason=SENTENCE)
    press(officer, "Trả lại")
    must_say(officer, "Đã trả lại. Còn 36 báo cáo cần kiểm tra kỹ.", "CĐCS Công ty Xây lắp số")
    odd = factories.report(branch.tree.song_lam, branch.quarter)
    assert (odd.status, odd.return_reason, odd.returned_figures) == (
        Status.RETURNED,
        SENTENCE,
        ["members"],
    )


def _5_the_rest(officer, branch):
    """Thirty more accepted and six more returned, by the same verbs as the buttons."""
    waiting = list(branch_of_400.waiting(branch.quarter))
    actions.accept(waiting[:30], by=branch.cast.reviewer)
    for report in waiting[30:]:
        actions.return_report(report, by=branch.cast.reviewer, reason="Thiếu giải trình.")
    officer.goto(HOME)
    must_say(officer, "Chưa gửi (88)")
    boxes = _boxes(officer)
    assert [boxes[name] for name in ("Chờ kiểm tra", "Trả lại", "Đã duyệt")] == ["0", "13", "299"]
    assert int(boxes["Đang nhập"]) + int(boxes["Chưa nhập"]) == 88
    officer.goto(QUEUE)
    must_say(officer, "Không còn báo cáo nào chờ kiểm tra.")


def _6_who_has_not_sent(officer):
    officer.goto(HOME)
    go(officer, "Chưa gửi (88)")
    must_say(officer, "Chưa gửi (88)", "Gửi email nhắc (61 đơn vị có email)")
    columns = officer.locator("main table thead th").all_inner_texts()
    assert [" ".join(column.split()) for column in columns if column.strip()] == [
        "Đơn vị",
        "Chủ tịch",
        "Điện thoại",
        "Lao động",
        "Quý trước gửi",
        "Đôn đốc gần nhất",
    ]
    officer.locator("[data-select-all]").check()
    officer.context.grant_permissions(["clipboard-read", "clipboard-write"])
    press(officer, "Sao chép để gửi Zalo")
    must_say(officer, "Đã sao chép danh sách 88 đơn vị.")
    copied = " ".join(officer.evaluate("navigator.clipboard.readText()").split())
    assert copied.startswith(
        "Kính gửi các CĐCS: đến 16:00 ngày 04/10/2024 các đơn vị sau chưa gửi báo cáo số liệu Quý"
        " III/2024 (hạn 05/10):"
    )
    assert copied.count("CĐCS Công ty Xây lắp số") == 86
    assert re.search(r"Đề nghị gửi tại http\S+$", copied)

    press(officer, "Gửi email nhắc (61 đơn vị có email)")
    must_say(officer, "61 đơn vị")
    assert len(mail.outbox) == 61


def _7_a_call_is_noted(officer, branch, visit):
    name = branch.groups.due[0].name
    row = officer.locator("main tbody tr", has_text=name)
    row.get_by_role("link", name="Ghi nhận đôn đốc").click()
    must_say(officer, "Ghi nhận đôn đốc", "Gọi điện", "Nhắn tin", "Đến cơ sở")
    officer.get_by_label("Gọi điện", exact=True).check()
    type_in(officer, note=NOTE)
    press(officer, "Ghi nhận đôn đốc")
    must_say(officer, NOTE)
    noted = Reminder.objects.get(unit=branch.groups.due[0], kind="call")
    assert (noted.by, noted.note) == (branch.cast.reviewer, NOTE)

    colleague = visit(officer.url, as_=branch.thu)
    must_say(colleague, NOTE)


def _8_a_password_and_a_new_chair(officer):
    go(officer, "Đơn vị", where="header")
    type_in(officer, q="Huong Giang")
    officer.press("[name=q]", "Enter")
    officer.click("main a:has-text('CĐCS Công ty CP Xây dựng Hương Giang')")
    press(officer, "Cấp lại đường dẫn đăng nhập")
    must_say(officer, "Đường dẫn dùng một lần, hết hạn sau 7 ngày", "Sao chép để gửi Zalo")

    officer.goto("/units/TS-01/")
    go(officer, "Đổi chủ tịch")
    officer.get_by_label("Họ tên chủ tịch mới", exact=True).fill("Phạm Thị Lan")
    officer.get_by_label("Điện thoại", exact=True).fill("0900000126")
    officer.get_by_label("Từ ngày", exact=True).fill("15/10/2024")
    press(officer, "Đổi chủ tịch")
    must_say(
        officer,
        "Quyền của đồng chí Trần Thị Mai dừng từ ngày 15/10/2024; lịch sử của đơn vị giữ nguyên.",
    )


def _9_a_paper_form(officer, branch):
    officer.goto(HOME)
    go(officer, "Nhập nhiều đơn vị")
    must_say(officer, "Nhập nhiều đơn vị", "Tải tệp Excel mẫu của 88 đơn vị")
    unit = branch.groups.due[1]
    officer.goto(f"/reports/{unit.code}/2024Q3/")
    go(officer, "Nhập thay đơn vị")
    officer.get_by_label("Nhận ngày", exact=True).fill("05/10/2024")
    type_in(officer, workers="120", members="100")
    press(officer, "Gửi báo cáo")
    must_say(officer, "Chưa gửi được", "Ảnh hoặc bản giấy")  # without the paper nothing is sent
    officer.get_by_label("Ảnh hoặc bản giấy", exact=True).set_input_files(
        {"name": "ban-giay.png", "mimeType": "image/png", "buffer": A_PHOTO}
    )
    press(officer, "Gửi báo cáo")
    must_say(officer, f"Nhập thay {unit.name} theo bản giấy nhận ngày 05/10/2024")
    report = factories.report(unit, branch.quarter)
    assert (report.status, report.attachments.count()) == (Status.SUBMITTED, 1)

    officer.goto(f"/reports/{unit.code}/2024Q3/")
    must_say(officer, "Báo cáo do chính đồng chí nhập thay; nhật ký sẽ ghi rõ.")
    press(officer, "Duyệt")
    must_say(officer, "Đã duyệt.")


def _10_whom_to_visit_first(officer, branch):
    """The report counts once it is accepted; until then the last accepted one does."""
    go(officer, "Tiến độ", where="header nav")
    go(officer, "Đơn vị cần tập trung")
    others = list(_workers_and_members(branch.quarter, "other-enterprises"))
    state = list(_workers_and_members(branch.quarter, "state-enterprises"))
    together = _gap(90, *map(sum, zip(*others, strict=True)))
    of_others = [_gap(90, *of_unit) for of_unit in others]
    lacking = [gap for gap in (*of_others, *(_gap(95, *unit) for unit in state)) if gap > 0]
    apart = sum(gap for gap in of_others if gap > 0)
    assert 0 < together < apart  # some have more members than their target
    must_say(
        officer,
        "Đơn vị Lao động chưa vào công đoàn Còn thiếu Tình trạng báo cáo",
        f"{len(lacking)} đơn vị chưa đạt mức giao, còn thiếu {whole_number(sum(lacking))} đoàn",
        f"Thiếu chung của nhóm doanh nghiệp khác: {whole_number(together)} đoàn viên; cộng riêng"
        f" từng đơn vị chưa đạt: {whole_number(apart)} đoàn viên",
    )
    shown = officer.locator("main tbody tr td:nth-child(3)").all_inner_texts()
    assert [int(gap) for gap in shown] == sorted(lacking, reverse=True)[: len(shown)]
    assert officer.locator("summary", has_text="Vì sao khác nhau?").is_visible()

    go(officer, "Doanh nghiệp", where="header nav")
    must_say(officer, "Chưa có doanh nghiệp nào trong danh sách. Nhập từ kết quả khảo sát (Excel).")


def _workers_and_members(quarter, group):
    sectors = SectorGroup.objects.get(code=group).sectors.all()
    reports = QuarterlyReport.objects.of(quarter).filter(parent__code="TS", sector__in=sectors)
    for report in reports:
        inside = report.status == Status.ACCEPTED
        workers = report.workers if inside else report.carried_workers
        if workers is not None:
            yield workers, report.members if inside else report.carried_members


def _gap(threshold, workers, members):
    """How many members are missing; less than none where there are more."""
    return ceil(Fraction(threshold * workers, 100)) - members


def _11_the_sign_off(officer, branch, visit):
    """All but fifteen have come in; three of these wait."""
    *sent, first, second, third = branch_of_400.sent_late(branch.quarter, 400 - 300 - 12)
    actions.accept(sent, by=branch.cast.reviewer)
    officer.goto("/sign-off/TS/2024Q3/")
    must_say(
        officer,
        "Chốt số liệu Quý III/2024",
        "Còn 3 báo cáo chờ kiểm tra. Duyệt hoặc trả lại trước khi chốt.",
    )
    actions.accept([first, second, third], by=branch.cast.reviewer)
    officer.reload()
    must_say(
        officer,
        "Đã duyệt 388/400. 12 đơn vị chưa có báo cáo, tạm lấy số Quý II:",
        "Nhận xét gửi cấp trên",
        "Người ký",
    )
    officer.get_by_label("Nhận xét gửi cấp trên").fill("12 đơn vị đang sắp xếp lại.")
    officer.get_by_label("Người ký").fill("Phạm Văn Sơn, Chủ tịch")
    officer.locator("button", has_text="Chốt và gửi Công đoàn ngành").click()
    must_say(
        officer,
        "Đã chốt và gửi lúc 16:20 ngày 09/10/2024 (hạn 10/10).",
        "đồng chí Phạm Văn Sơn, Chủ tịch",
    )
    assert SignOff.objects.get(unit=branch.tree.truong_son).accepted == 388

    officer.goto("/reports/TS-01/2024Q3/")
    officer.click("summary:has-text('Mở lại để sửa')")
    type_in(officer, reason="Đơn vị xin đính chính số nữ.")
    press(officer, "Mở lại để sửa")
    must_say(officer, "Trả lại, chờ sửa")
    federation = visit("/sign-off/2024Q3/", as_=branch.cast.federation_reviewer)
    must_say(federation, "Đã sửa sau khi chốt")
