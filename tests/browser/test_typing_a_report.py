"""Nothing that a chair has typed is lost, and nothing is sent twice."""

import re

import pytest

from members.models import HistoryEntry, Status
from tests import factories
from tests.browser.pages import must_say, press, type_in, values, words

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

REPORT = "/reports/TS-01/2024Q3/"
TYPED = {"workers": "231", "admitted": "12", "transferred_in": "1", "left_job": "5"}
EXPIRED = "Phiên làm việc đã hết. Đăng nhập lại để tiếp tục; số liệu vừa nhập được giữ nguyên."


def sign_in(page, user):
    type_in(page, username=user.username, password="secret")
    press(page, "Đăng nhập")


@pytest.fixture
def form(story, visit):
    """The form on the chair's telephone."""
    return visit(REPORT, as_=story.cast.chair, width=360)


def test_a_second_tap_sends_nothing(story, form):
    type_in(form, **TYPED, members="203")
    form.dblclick("button[value=submit]")

    must_say(form, "Đã gửi báo cáo")
    sent = factories.report(story.tree.huong_giang, story.quarter)
    assert (sent.status, sent.times_sent) == (Status.SUBMITTED, 1)
    assert HistoryEntry.objects.filter(by=story.cast.chair).count() == 1


def test_a_page_sent_again_from_the_past_says_when_it_was_sent(story, visit):
    first, second = (
        visit(REPORT, as_=story.cast.chair, width=360, javascript=False) for _tap in range(2)
    )
    for page in (first, second):
        type_in(page, **TYPED, members="203")
        press(page, "Gửi báo cáo")

    must_say(second, "Báo cáo đã gửi lúc 14:05, không gửi lần hai.")
    assert factories.report(story.tree.huong_giang, story.quarter).times_sent == 1


def test_a_session_that_ends_costs_nothing_without_javascript(story, visit):
    page = visit(REPORT, as_=story.cast.chair, width=360, javascript=False)
    type_in(page, **TYPED, members="203")
    page.context.clear_cookies(name="sessionid")
    press(page, "Gửi báo cáo")

    must_say(page, EXPIRED)
    sign_in(page, story.cast.chair)

    must_say(page, EXPIRED, "Báo cáo số liệu Quý III/2024")
    assert values(page, *TYPED, "members") == {**TYPED, "members": "203"}
    press(page, "Gửi báo cáo")
    must_say(page, "Đã gửi báo cáo")


def test_a_draft_stays_on_the_telephone_while_it_is_offline(form, complaints):
    form.context.set_offline(True)
    type_in(form, **TYPED)
    (kept,) = form.evaluate("Object.keys(localStorage)")
    assert re.fullmatch(
        r"keep:report-\d+-TS-01-2024Q3", kept
    )  # the person's, on a shared telephone
    form.context.set_offline(False)
    complaints[:] = [said for said in complaints if "ERR_INTERNET_DISCONNECTED" not in said]

    form.reload()
    must_say(form, "Đã khôi phục số liệu vừa nhập, chưa gửi.")
    assert values(form, *TYPED) == TYPED

    type_in(form, members="203")
    press(form, "Gửi báo cáo")
    must_say(form, "Đã gửi báo cáo")
    assert form.evaluate("Object.keys(localStorage)") == []


def test_the_sum_is_shown_while_typing(form):
    output = form.locator("[data-sum-output]")
    type_in(form, **TYPED, members="205")
    output.and_(form.locator("[data-state=differs]")).wait_for()
    assert words(form, "[data-sum-output]") == (
        "195 đầu quý + 12 kết nạp + 1 chuyển đến − 0 chuyển đi − 5 giảm = 203. Đồng chí nhập 205,"
        " nhiều hơn 2."
    )
    type_in(form, members="203")
    output.and_(form.locator("[data-state=agrees]")).wait_for()
    assert output.inner_text().endswith("= 203. Khớp.")


def test_no_change_in_the_quarter_is_one_tap(form):
    press(form, "Không có biến động trong quý")
    must_say(form, "Đã gửi báo cáo", "Tỷ lệ đoàn viên 81,93% (195/238)")


def test_a_slip_is_mended_before_anybody_has_looked(form):
    """Walk 1, step 8."""
    type_in(form, **TYPED, members="203")
    press(form, "Gửi báo cáo")
    press(form, "Thu hồi để sửa")
    must_say(
        form,
        "Đã thu hồi. Báo cáo trở về Đang nhập; gửi lại chậm nhất ngày 05/10/2024.",
    )
    type_in(form, women_members="80")
    press(form, "Gửi lại báo cáo")
    must_say(form, "Đã gửi lại, lần 2, lúc 14:05.")


def test_what_changed_much_is_explained_in_one_sentence(story, visit):
    """Walk 1, step 5."""
    page = visit("/reports/TS-02/2024Q3/", as_=story.cast.other_chair, width=360, javascript=False)
    type_in(page, workers="231", members="310")
    press(page, "Gửi báo cáo")
    must_say(
        page,
        "Cần giải trình: tổng số lao động giảm 98 người (29,79%) so với Quý II. Nếu đúng, ghi một"
        " câu, ví dụ: “Kết thúc công trình, 98 lao động thời vụ thôi việc.”",
        where=".field:has([name=workers])",
    )
    page.get_by_label("Giải trình", exact=True).fill("Kết thúc công trình.")
    press(page, "Gửi báo cáo")
    must_say(page, "Đã gửi báo cáo")
