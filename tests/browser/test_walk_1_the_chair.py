"""The chair of a grassroots union, from the invitation to the hand-over: on a telephone of 360 px
and without JavaScript."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from members import actions, periods
from members.access import Role
from members.models import HandOver, Status
from tests import factories
from tests.browser.pages import go, must_say, press, sideways, type_in, values, words

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOME = "/"
PASSWORD = "hoa-sua-thang-muoi"
TYPED = {"workers": "231", "admitted": "12", "transferred_in": "1", "left_job": "5"}
REASON = "Danh sách đoàn phí tháng 9 giảm 6 người, đề nghị kiểm tra."
INVITATION = (
    r"Công đoàn Tổng công ty Trường Sơn mời đồng chí Trần Thị Mai nhận tài khoản báo cáo của"
    r" CĐCS Công ty CP Xây dựng Hương Giang\. Mở đường dẫn này trước ngày 11/10/2024:"
    r" (?P<link>http\S+) Cần hướng dẫn, gọi đồng chí Lê Văn Hoà, ĐT 0900 000 001\."
)
FIGURES = (
    "Tổng số lao động (người)",
    "Kết nạp mới",
    "Chuyển sinh hoạt đến",
    "Chuyển sinh hoạt đi",
    "Giảm do thôi việc",
    "Giảm do nghỉ hưu",
    "Giảm khác",
    "Tổng số đoàn viên",
)
RARE = ("Giảm do sắp xếp tổ chức", "Điều chỉnh sau rà soát (+/−)", "Lý do điều chỉnh")


@pytest.fixture
def invited(story) -> SimpleNamespace:
    """Comrade Mai is named as chair and has no password yet."""
    mai = story.cast.chair
    mai.username = mai.phone = "0900000123"
    mai.set_unusable_password()
    mai.save()
    return story


@pytest.fixture
def telephone(visit, complaints):
    """``telephone("/", as_=user)``: 360 px, no JavaScript."""
    yield lambda address, **who: visit(address, width=360, javascript=False, **who)
    complaints[:] = [said for said in complaints if "410 (Gone)" not in said]  # links used up


def must_read(page, *sentences, where="body"):
    """The page says so, and nothing of it lies beside the screen."""
    must_say(page, *sentences, where=where)
    assert sideways(page) <= 0, page.url


def test_walk_1(invited, visit, telephone, stand_at):
    federation = visit("/progress/CDN/?quarter=2024Q3", as_=invited.cast.leader)
    must_say(federation, "7 / 40")
    chair = telephone(_the_link_of_the_invitation(invited, visit))
    _1_she_takes_the_account(chair)
    _2_home(chair)
    _3_the_form(chair)
    _4_she_errs(chair)
    _6_she_sends(chair)
    stand_at(4, 14, 6)
    _7_the_print(chair)
    stand_at(4, 14, 20)
    _8_a_slip(chair)
    federation.reload()
    must_say(federation, "7 / 40")
    stand_at(5, 8, 40)
    actions.return_report(
        _report(invited), by=invited.cast.reviewer, reason=REASON, figures=["left_job"]
    )
    stand_at(5, 9, 15)
    _9_returned(chair)
    stand_at(5, 10, 2)
    actions.accept([_report(invited)], by=invited.cast.reviewer)
    _10_accepted(chair)
    _the_federation_knows_at_once(federation)
    _11_a_second_person(chair, invited)
    _11_she_leaves_office(chair, invited)


def _report(story):
    return factories.report(story.tree.huong_giang, story.quarter)


def _the_link_of_the_invitation(story, visit) -> str:
    """The reviewer makes it; its text is ready to be sent."""
    reviewer = visit("/units/TS-01/", as_=story.cast.reviewer)
    press(reviewer, "Cấp lại đường dẫn đăng nhập")
    must_say(reviewer, "Sao chép để gửi Zalo")
    text = reviewer.locator("textarea").input_value()
    found = re.fullmatch(INVITATION, " ".join(text.split()))
    assert found, text
    return found["link"]


def _1_she_takes_the_account(chair):
    link = chair.url
    must_read(
        chair,
        "Nhận tài khoản",
        "CĐCS Công ty CP Xây dựng Hương Giang",
        "Tên đăng nhập: 0900000123",
    )
    chair.get_by_label("Mật khẩu mới", exact=True).fill(PASSWORD)
    chair.get_by_label("Nhập lại mật khẩu", exact=True).fill(PASSWORD)
    press(chair, "Nhận tài khoản")
    must_read(chair, "Công việc của đơn vị")

    chair.goto(link)
    must_read(chair, "Đường dẫn này đã được dùng. Hãy đăng nhập.")
    chair.goto(HOME)


def _2_home(chair):
    must_read(
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


def _3_the_form(chair):
    go(chair, "Nhập báo cáo")
    must_read(
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
        "Người hướng dẫn: đồng chí Lê Văn Hoà, 0900 000 001",
    )
    for label in FIGURES:
        assert chair.get_by_label(label, exact=True).is_visible(), label
    assert chair.get_by_label("Trong đó: nữ", exact=True).count() == 2
    for button in ("Gửi báo cáo", "Lưu nháp", "Không có biến động trong quý"):
        assert chair.get_by_role("button", name=button, exact=True).is_visible(), button
    assert not any(chair.get_by_label(label, exact=True).is_visible() for label in RARE)
    chair.click("summary:has-text('Trường hợp khác')")
    assert all(chair.get_by_label(label, exact=True).is_visible() for label in RARE)


def _4_she_errs(chair):
    type_in(chair, **TYPED, members="205")
    press(chair, "Gửi báo cáo")
    must_read(chair, "Chưa gửi được: 1 lỗi phải sửa")
    must_read(
        chair,
        "195 đầu quý + 12 kết nạp + 1 chuyển đến − 0 chuyển đi − 5 giảm = 203. Đồng chí nhập 205,"
        " nhiều hơn 2. Kiểm tra lại số biến động hoặc số cuối quý.",
        where=".field:has([name=members])",
    )
    assert values(chair, *TYPED, "members") == {**TYPED, "members": "205"}


def _6_she_sends(chair):
    behind = chair.context.new_page()  # the same form, left open elsewhere
    behind.goto(chair.url)
    must_say(behind, "3. Cuối quý")
    type_in(chair, members="203")
    press(chair, "Gửi báo cáo")
    must_read(
        chair,
        "Đã gửi báo cáo",
        "Đã gửi Công đoàn Tổng công ty Trường Sơn lúc 14:05 ngày 04/10/2024. Kết quả kiểm tra hiện"
        " ở trang Công việc của đơn vị.",
        "Tỷ lệ đoàn viên 87,88% (203/231), mức giao 90%, còn thiếu 5 đoàn viên",
        "Thực tăng 15/20 đoàn viên, đạt 75,00% · Đúng tiến độ (chờ kiểm tra)",
        "Có kết nạp mới nhưng chưa đính kèm quyết định. Vẫn gửi được, bổ sung sau.",
        "Xem báo cáo",
    )
    sentences = chair.locator("main li", has_text="(chờ kiểm tra)").all_inner_texts()
    assert len(sentences) == 2, sentences

    type_in(behind, **TYPED, members="203")
    press(behind, "Gửi báo cáo")
    must_read(behind, "Báo cáo đã gửi lúc 14:05, không gửi lần hai.")
    behind.close()


def _7_the_print(chair):
    sent = chair.url
    go(chair, "In để ký, lưu")
    must_say(
        chair,
        "CÔNG ĐOÀN TỔNG CÔNG TY TRƯỜNG SƠN",
        "CĐCS CÔNG TY CP XÂY DỰNG HƯƠNG GIANG",
        "BÁO CÁO SỐ LIỆU ĐOÀN VIÊN, LAO ĐỘNG QUÝ III NĂM 2024",
        "TM. BAN CHẤP HÀNH CHỦ TỊCH",
        "In từ phần mềm lúc 14:06 ngày 04/10/2024, bản gửi lần 1",
    )
    for figure in ("231", "195", "12", "203"):
        assert re.search(rf"\b{figure}\b", words(chair, "table")), figure
    paper = chair.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    chair.goto(sent)


def _8_a_slip(chair):
    press(chair, "Thu hồi để sửa")
    must_read(chair, "Đã thu hồi. Báo cáo trở về Đang nhập; gửi lại chậm nhất ngày 05/10/2024.")
    type_in(chair, women_members="80")
    press(chair, "Gửi lại báo cáo")
    must_read(chair, "Đã gửi lại, lần 2, lúc 14:20.")


def _9_returned(chair):
    chair.goto(HOME)
    must_read(chair, "Trả lại, chờ sửa", "Báo cáo số liệu Quý III/2024", where=".task-returned")
    go(chair, "Sửa báo cáo")
    said = f"đồng chí Lê Văn Hoà, 08:40 ngày 05/10: {REASON}"
    must_read(chair, f"Giảm do thôi việc — {said}")
    must_read(chair, said, where=".field:has([name=left_job])")
    assert chair.get_by_label("Trả lời (không bắt buộc)", exact=True).is_visible()
    type_in(chair, left_job="6", members="202")
    press(chair, "Gửi lại báo cáo")
    must_read(chair, "Đã gửi lại, lần 3, lúc 09:15 ngày 05/10/2024.")


def _10_accepted(chair):
    chair.goto(HOME)
    must_read(chair, "Đã duyệt · đồng chí Lê Văn Hoà, 10:02 ngày 05/10/2024")
    go(chair, "Chỉ tiêu")
    must_read(
        chair,
        "Tỷ lệ đoàn viên 87,45% (202/231), còn thiếu 6 đoàn viên",
        "Thực tăng 14/20 đoàn viên, đạt 70,00% · Có nguy cơ không đạt",
    )
    assert "chờ kiểm tra)" not in words(chair)
    lines = chair.locator(".plan-line")
    for line in lines.all():
        assert "Còn thiếu" in line.inner_text()
        for fold in line.locator("summary").all():
            fold.click()
        assert "Cách tính" in line.inner_text()
    must_read(chair, "Quyết định số 15/QĐ-CĐTCT ngày 05/02/2024")


def _the_federation_knows_at_once(federation):
    """What one chair sent, and not before it was accepted."""
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


def _11_a_second_person(chair, story):
    chair.goto("/units/TS-01/")
    go(chair, "Thêm người nhập số liệu")
    must_read(chair, "Thêm người nhập số liệu")
    chair.get_by_label("Họ tên", exact=True).fill("Vũ Thị Hà")
    chair.get_by_label("Điện thoại", exact=True).fill("0900000125")
    chair.locator("main form button[type=submit], main form button:not([type])").last.click()
    must_read(chair, "Vũ Thị Hà")
    second = story.tree.huong_giang.assignments.get(role=Role.TYPIST)
    assert (second.user.phone, second.may_send) == ("0900000125", False)


def _11_she_leaves_office(chair, story):
    chair.goto("/units/TS-01/")
    go(chair, "Bàn giao tài khoản")
    must_read(chair, "Bàn giao tài khoản")
    chair.get_by_label("Họ tên chủ tịch mới", exact=True).fill("Phạm Thị Lan")
    chair.get_by_label("Điện thoại", exact=True).fill("0900000126")
    chair.get_by_label("Từ ngày", exact=True).fill("15/10/2024")
    press(chair, "Đề nghị bàn giao")
    must_read(
        chair,
        "Đã báo công đoàn cấp trên. Tài khoản của đồng chí dùng được đến khi người mới nhận.",
    )
    assert HandOver.objects.get(unit=story.tree.huong_giang).full_name == "Phạm Thị Lan"


# --- what the walk says of other cases -----------------------------------------------------------


def test_a_link_too_old_says_whom_to_call(invited, visit, telephone, stand_at):
    """Step 1."""
    link = _the_link_of_the_invitation(invited, visit)
    stand_at(11, 0, 0)
    must_read(
        telephone(link),
        "Đường dẫn đã hết hạn. Gọi đồng chí Lê Văn Hoà, ĐT 0900 000 001 để nhận đường dẫn mới.",
    )


def test_nothing_is_due_and_nothing_is_assigned(story, telephone):
    """Step 2."""
    of_masons = factories.person("thợ", story.tree.masons, Role.CHAIR)
    chair = telephone(HOME, as_=of_masons)
    must_read(chair, "Đơn vị chưa được giao chỉ tiêu năm 2024.")
    for quarter in story.quarters.values():
        periods.close_quarter(quarter, by=factories.superuser())
    chair.reload()
    must_read(chair, "Hiện không có báo cáo nào phải gửi. Kỳ sau: Quý IV/2024.")


def test_what_the_form_says_of_the_quarter_before(story, telephone):
    """Step 3: never sent, and sent but not checked."""
    tree, quarters = story.tree, story.quarters
    for code in ("2023Q4", "2024Q1"):
        factories.accepted(tree.office, quarters[code], opening=30, workers=30)
        factories.accepted(tree.masons, quarters[code], opening=195)
    factories.submitted(tree.masons, quarters["2024Q2"])

    chairs = factories.people(
        {"an": (tree.office, Role.CHAIR, {}), "binh": (tree.masons, Role.CHAIR, {})}
    )
    must_read(
        telephone("/reports/TS-03/2024Q3/", as_=chairs["an"]),
        "Biến động từ 01/4 đến 30/9/2024 (Quý II chưa có báo cáo)",
    )
    must_read(
        telephone("/reports/ND-01/2024Q3/", as_=chairs["binh"]),
        "Đầu quý: 195 (Quý II, chờ kiểm tra)",
    )


def test_a_question_and_a_withdrawal_too_late(story, telephone, stand_at):
    """Step 5, then the end of step 8: the reviewer was quicker."""
    chair = telephone("/reports/TS-02/2024Q3/", as_=story.cast.other_chair)
    type_in(chair, workers="231", members="310")
    press(chair, "Gửi báo cáo")
    must_read(
        chair,
        "Cần giải trình: tổng số lao động giảm 98 người (29,79%) so với Quý II. Nếu đúng, ghi một"
        " câu, ví dụ: “Kết thúc công trình, 98 lao động thời vụ thôi việc.”",
        where=".field:has([name=workers])",
    )
    chair.get_by_label("Giải trình", exact=True).fill("Kết thúc công trình.")
    press(chair, "Gửi báo cáo")
    must_read(chair, "Đã gửi báo cáo")

    stand_at(4, 15, 10)
    report = factories.report(story.tree.song_lam, story.quarter)
    actions.accept([report], by=story.cast.reviewer)
    stand_at(4, 15, 12)
    press(chair, "Thu hồi để sửa")
    must_read(
        chair,
        "Báo cáo đã được duyệt lúc 15:10. Muốn sửa, gọi đồng chí Lê Văn Hoà, 0900 000 001.",
    )
    report.refresh_from_db()
    assert report.status == Status.ACCEPTED
