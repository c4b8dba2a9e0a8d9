"""The heart of the product, played: a chair sends, the reviewer returns, the chair mends, the
reviewer accepts, and the federation's number changes at once."""

import pytest

from tests.browser.pages import go, must_say, press, type_in, values, words

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOME, QUEUE = "/", "/reports/"
REPORT = "/reports/TS-01/2024Q3/"
FEDERATION = "/progress/CDN/?quarter=2024Q3"
TYPED = {"workers": "231", "admitted": "12", "transferred_in": "1", "left_job": "5"}


def test_a_quarter_goes_round(story, visit, stand_at):
    """Walks 1.2-1.4, 1.6, 1.9, 1.10 and 2.1-2.4, the chair on a telephone without JavaScript."""
    chair = visit(HOME, as_=story.cast.chair, width=360, javascript=False)
    must_say(
        chair,
        "Công việc của đơn vị",
        "Báo cáo số liệu Quý III/2024",
        "Hạn gửi 05/10/2024, còn 1 ngày · Chưa nhập",
        "Chỉ tiêu năm 2024 của đơn vị",
        "Thực tăng 7/20 đoàn viên, đạt 35,00%",
        "Tỷ lệ đoàn viên 81,93%, mức giao 90%, còn thiếu 20 đoàn viên",
        "Người hướng dẫn: đồng chí Lê Văn Hoà, 0900 000 001",
    )
    assert chair.get_attribute("footer a", "href") == "tel:0900000001"
    federation = visit(FEDERATION, as_=story.cast.leader)
    must_say(federation, "7 / 40")

    _the_chair_types_and_sends(chair)
    assert "7 / 40" in words(visit(FEDERATION, as_=story.cast.leader))

    stand_at(5, 8, 40)
    reviewer = visit(HOME, as_=story.cast.reviewer)
    _the_reviewer_returns(reviewer)

    stand_at(5, 9, 15)
    _the_chair_mends(chair)

    stand_at(5, 10, 2)
    _the_reviewer_accepts(reviewer)

    _the_chair_is_told(chair)
    federation.reload()
    must_say(federation, "14 / 40")
    federation.click(".plan-line-value a")
    must_say(
        federation,
        "Nguồn và cách tính",
        "Kết nạp mới 19 + chuyển đến 1 − chuyển đi 0 − giảm 6 = 14",
        "Đầu năm 498 + thực tăng 14 = 512 đoàn viên",
        "Mức giao 40, Quyết định số 12/QĐ-CĐN",
        "Công đoàn Tổng công ty Trường Sơn",
        "tổng hợp từ báo cáo đã duyệt của 1/5 đơn vị",
    )


def _the_chair_types_and_sends(chair):
    go(chair, "Nhập báo cáo")
    must_say(
        chair,
        "Báo cáo số liệu Quý III/2024",
        "Số liệu tính đến ngày 30/9/2024",
        "1. Lao động",
        "Quý II: 238",
        "2. Biến động đoàn viên từ 01/7 đến 30/9/2024",
        "Đầu quý: 195 (lấy từ báo cáo Quý II)",
        "3. Cuối quý",
        "Trường hợp khác",
        "Khó khăn, kiến nghị (không bắt buộc)",
        "Quyết định, danh sách kết nạp (ảnh, PDF, Excel; tối đa 10 MB)",
        "Lưu nháp",
        "Không có biến động trong quý",
    )
    for label in (
        "Tổng số lao động (người)",
        "Kết nạp mới",
        "Chuyển sinh hoạt đến",
        "Chuyển sinh hoạt đi",
        "Giảm do thôi việc",
        "Giảm do nghỉ hưu",
        "Giảm khác",
        "Tổng số đoàn viên",
    ):
        assert chair.get_by_label(label, exact=True).is_visible()
    chair.click("summary:has-text('Trường hợp khác')")
    for label in ("Giảm do sắp xếp tổ chức", "Điều chỉnh sau rà soát (+/−)", "Lý do điều chỉnh"):
        assert chair.get_by_label(label, exact=True).is_visible()

    type_in(chair, **TYPED, members="205")
    press(chair, "Gửi báo cáo")
    must_say(chair, "Chưa gửi được: 1 lỗi phải sửa")
    assert (
        "195 đầu quý + 12 kết nạp + 1 chuyển đến − 0 chuyển đi − 5 giảm = 203. Đồng chí nhập 205,"
        " nhiều hơn 2. Kiểm tra lại số biến động hoặc số cuối quý."
    ) in words(chair, ".field:has([name=members])")
    assert values(chair, *TYPED, "members") == {**TYPED, "members": "205"}

    type_in(chair, members="203")
    press(chair, "Gửi báo cáo")
    must_say(
        chair,
        "Đã gửi báo cáo",
        "Đã gửi Công đoàn Tổng công ty Trường Sơn lúc 14:05 ngày 04/10/2024. Kết quả kiểm tra hiện"
        " ở trang Công việc của đơn vị.",
        "Tỷ lệ đoàn viên 87,88% (203/231), mức giao 90%, còn thiếu 5 đoàn viên",
        "Thực tăng 15/20 đoàn viên, đạt 75,00%",
        "Đúng tiến độ (chờ kiểm tra)",
        "Thu hồi để sửa",
        "Xem báo cáo",
        "Có kết nạp mới nhưng chưa đính kèm quyết định. Vẫn gửi được, bổ sung sau.",
    )
    go(chair, "Công việc của đơn vị")
    must_say(chair, "Đã gửi, chờ kiểm tra")


def _the_reviewer_returns(reviewer):
    must_say(reviewer, "Chờ kiểm tra")
    go(reviewer, "Báo cáo")
    must_say(reviewer, "Báo cáo chờ kiểm tra (1)")
    must_say(reviewer, "Khớp số liệu, biến động nhỏ (1)")
    reviewer.click("a:has-text('Hương Giang')")
    table = words(reviewer, "main table")
    for said in ("Quý II", "Quý III", "Chênh lệch", "238 231 −7 (−2,94%)", "195 203 +8 (+4,10%)"):
        assert said in table

    reviewer.click("summary:has-text('Trả lại')")
    press(reviewer, "Trả lại")
    must_say(reviewer, "Hãy ghi lý do để đơn vị biết cần sửa gì.")
    options = reviewer.locator("[name=reason_kind] option").all_inner_texts()
    assert options[1:] == [
        "Sai phép tính",
        "Thiếu giải trình",
        "Chưa khớp quyết định kết nạp",
        "Khác",
    ]
    reviewer.get_by_label("Giảm do thôi việc", exact=True).check()
    reviewer.select_option("[name=reason_kind]", label="Khác")
    type_in(reviewer, reason="Danh sách đoàn phí tháng 9 giảm 6 người, đề nghị kiểm tra.")
    press(reviewer, "Trả lại")
    must_say(reviewer, "Đã trả lại.")
    must_say(reviewer, "Không còn báo cáo nào chờ kiểm tra.")


RETURNED = (
    "đồng chí Lê Văn Hoà, 08:40 ngày 05/10: Danh sách đoàn phí tháng 9 giảm 6 người, đề nghị"
    " kiểm tra."
)


def _the_chair_mends(chair):
    chair.goto(HOME)
    card = words(chair, ".task-returned")
    assert "Trả lại, chờ sửa" in card
    assert "Danh sách đoàn phí tháng 9 giảm 6 người, đề nghị kiểm tra." in card
    go(chair, "Sửa báo cáo")
    must_say(chair, f"Giảm do thôi việc — {RETURNED}")
    assert RETURNED in words(chair, ".field:has([name=left_job])")
    assert chair.get_by_label("Trả lời (không bắt buộc)").is_visible()
    type_in(chair, left_job="6", members="202")
    press(chair, "Gửi lại báo cáo")
    must_say(chair, "Đã gửi lại, lần 2, lúc 09:15 ngày 05/10/2024.")


def _the_reviewer_accepts(reviewer):
    reviewer.goto(REPORT)
    press(reviewer, "Duyệt")
    must_say(reviewer, "Đã duyệt.")


def _the_chair_is_told(chair):
    chair.goto(HOME)
    must_say(chair, "Đã duyệt · đồng chí Lê Văn Hoà, 10:02 ngày 05/10/2024")
    go(chair, "Chỉ tiêu")
    for said in ("87,45%", "202/231", "còn thiếu 6 đoàn viên", "14 / 20", "đạt 70,00%"):
        assert said in words(chair)
    must_say(chair, "Có nguy cơ không đạt")
    assert "chờ kiểm tra)" not in words(chair)
    for fold in chair.locator("main details summary").all():
        fold.click()
    must_say(chair, "Quyết định số 15/QĐ-CĐTCT")
    must_say(chair, "05/02/2024")
