"""A chair types and sends the quarterly report (walk 1), and loses nothing of what was typed."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from members import actions, periods, suspending
from members.models import HistoryEntry, Quarter, QuarterlyReport, Status
from tests import factories
from unionplan.lib import clock

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.fixture(autouse=True)
def _afternoon():
    """14:05 on the day before the reports are due."""
    with clock.standing_at(datetime(2024, 10, 4, 14, 5, 30, tzinfo=HANOI)):
        yield


@pytest.fixture
def quarter_3(tree, cast) -> Quarter:
    """Hương Giang closed Quý II with 195 members of 238 workers; Quý III is open."""
    quarter_2 = factories.open_quarter("2024Q2")
    factories.accepted(
        tree.huong_giang,
        quarter_2,
        opening=194,
        by=cast.chair,
        admitted=4,
        left_job=3,
        workers=238,
        women_workers=86,
        women_members=80,
    )
    return factories.open_quarter("2024Q3")


@pytest.fixture
def url(tree, quarter_3) -> str:
    return reverse("report-detail", args=[tree.huong_giang.code, quarter_3.code])


@pytest.fixture
def report(tree, quarter_3):
    """The report as it stands now, each time it is asked."""
    return lambda: factories.report(tree.huong_giang, quarter_3)


def typed(**changes) -> dict[str, str]:
    """What đồng chí Mai types (walk 1, step 4), once she has it right."""
    figures = {"workers": 231, "women_workers": 84, "admitted": 12, "transferred_in": 1}
    figures |= {"left_job": 5, "members": 203, "women_members": 82, **changes}
    return {name: str(value) for name, value in figures.items()}


def send(client, url, action="submit", **changes):
    return client.post(url, {"action": action, **typed(**changes)})


def text(response) -> str:
    return " ".join(response.text.split())


def test_the_form_stands_beside_last_quarter(as_, cast, url):
    page = text(as_(cast.chair).get(url))

    for words in (
        "Báo cáo số liệu Quý III/2024",
        "Số liệu tính đến ngày 30/9/2024",
        "Hạn gửi 05/10/2024, <span>còn 1 ngày</span>",
        "1. Lao động",
        "2. Biến động đoàn viên từ 01/7 đến 30/9/2024",
        "Đầu quý: <b>195</b>",
        "(lấy từ báo cáo Quý II)",
        "3. Cuối quý",
        "Quý II: 238",
        "Không có biến động trong quý",
        "Trường hợp khác",
        "Gửi báo cáo",
        "Lưu nháp",
    ):
        assert words in page


def test_stocks_are_proposed_and_flows_are_not(as_, cast, url):
    form = as_(cast.chair).get(url).context["form"]

    values = {name: form[name].value() for name in ("workers", "women_workers", "members")}
    assert values == {"workers": "238", "women_workers": "86", "members": "195"}
    assert form["admitted"].value() is None


def test_a_sum_that_does_not_agree_comes_back_with_all_that_was_typed(as_, cast, url, report):
    answer = send(as_(cast.chair), url, members=205, remarks="Thiếu kinh phí")

    assert "Chưa gửi được: 1 lỗi phải sửa" in answer.text
    assert (
        "195 đầu quý + 12 kết nạp + 1 chuyển đến − 0 chuyển đi − 5 giảm = 203. Đồng chí nhập 205,"
        " nhiều hơn 2. Kiểm tra lại số biến động hoặc số cuối quý."
    ) in answer.text
    form = answer.context["form"]
    shown = {name: form[name].value() for name in (*typed(), "remarks")}
    assert shown == {**typed(members=205), "remarks": "Thiếu kinh phí"}
    assert report().status == Status.DUE


def test_a_report_that_agrees_is_sent(as_, cast, url, report, tree, quarter_3):
    answer = send(as_(cast.chair), url, workers="231", note="", attachment="")

    assert answer.headers["location"] == reverse("report-sent", args=["TS-01", "2024Q3"])
    sent = report()
    assert (sent.status, sent.submitted_by, sent.times_sent) == (Status.SUBMITTED, cast.chair, 1)
    assert (sent.workers, sent.opening_members, sent.members, sent.left_retired) == (
        231,
        195,
        203,
        None,
    )
    entry = HistoryEntry.objects.get(quarter=quarter_3, verb="sent the report")
    assert (entry.by, entry.changes["members"]) == (cast.chair, [None, 203])


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"workers": "12,5"}, "Số người không có phần lẻ (đã nhập 12,5)."),
        ({"left_job": "-3"}, "Số này không thể âm."),
        ({"workers": "nhiều"}, "Hãy nhập số nguyên, ví dụ 1.234."),
        ({"women_workers": "232"}, "Số nữ (232) nhiều hơn tổng số (231)."),
        ({"workers": ""}, "Hãy nhập tổng số lao động cuối quý."),
    ],
)
def test_what_is_wrong_is_told_at_its_figure_and_stays_typed(
    as_, cast, url, report, wrong, sentence
):
    answer = send(as_(cast.chair), url, **wrong)

    ((name, value),) = wrong.items()
    assert answer.context["form"].errors == {name: [sentence]}
    assert answer.context["form"][name].value() == value
    assert report().status == Status.DUE


def test_a_wrong_file_does_not_hide_a_wrong_sum(as_, cast, url, report):
    page = SimpleUploadedFile("quyet dinh.pdf", b"<html>")
    answer = as_(cast.chair).post(
        url, {"action": "submit", "attachment": page, **typed(members=205)}
    )

    assert set(answer.context["form"].errors) == {"attachment", "members"}
    assert "Chưa gửi được: 2 lỗi phải sửa" in answer.text
    assert report().status == Status.DUE


def test_thousands_may_carry_their_dots(as_, cast, url, report):
    send(as_(cast.chair), url, workers="1.231", note="Nhận thêm công trường")

    assert report().workers == 1231


def test_a_query_wants_one_sentence_and_then_goes_through(as_, cast, url, report):
    asked = send(as_(cast.chair), url, workers=170, members=203)

    assert "Chưa gửi được: cần giải trình" in asked.text
    assert "Cần giải trình: tổng số lao động giảm 68 người (28,57%) so với Quý II." in asked.text
    assert report().status == Status.DUE

    send(as_(cast.chair), url, workers=170, note="Kết thúc công trình.")
    sent = report()
    assert (sent.status, sent.note) == (Status.SUBMITTED, "Kết thúc công trình.")
    assert sent.queries == ["more_members_than_workers", "workers_changed"]


def test_last_quarters_explanation_is_offered_again(as_, cast, url, report, tree):
    QuarterlyReport.objects.filter(unit=tree.huong_giang, quarter__code="2024Q2").update(
        note="Đoàn viên nghỉ không lương."
    )
    asked = send(as_(cast.chair), url, workers=200)
    assert "Như Quý II: “Đoàn viên nghỉ không lương.”" in asked.text

    send(as_(cast.chair), url, workers=200, repeat_note="on")
    assert report().note == "Đoàn viên nghỉ không lương."


def test_an_adjustment_wants_its_reason(as_, cast, url, report):
    refused = send(as_(cast.chair), url, adjustment="-3", members=200)
    assert refused.context["form"].errors == {"adjustment_reason": ["Hãy ghi lý do điều chỉnh."]}

    send(as_(cast.chair), url, adjustment="-3", members=200, adjustment_reason="Ghi trùng 3 người")
    assert (report().status, report().adjustment) == (Status.SUBMITTED, -3)


def test_a_draft_need_not_add_up(as_, cast, url, report):
    answer = send(as_(cast.chair), url, action="draft", members=205)

    assert answer.headers["location"] == url
    assert (report().status, report().members) == (Status.DRAFT, 205)
    assert "Đã lưu nháp lúc 14:05 ngày 04/10/2024." in as_(cast.chair).get(url).text


def test_a_draft_keeps_what_can_be_read_and_says_what_cannot(as_, cast, url, report):
    answer = send(as_(cast.chair), url, action="draft", workers="12,5", admitted=11)

    assert answer.context["form"].errors == {
        "workers": ["Số người không có phần lẻ (đã nhập 12,5)."]
    }
    assert answer.context["form"]["workers"].value() == "12,5"
    assert (report().workers, report().admitted) == (None, 11)
    assert answer.context["version"] == report().version


def test_an_emptied_field_empties_the_figure(as_, cast, url, report):
    client = as_(cast.chair)
    send(client, url, "draft")
    send(client, url, "draft", admitted="")

    assert report().admitted is None


def test_a_page_that_was_partly_saved_can_be_saved_again(as_, cast, url, report):
    client = as_(cast.chair)
    answer = send(client, url, "draft", admitted="12,5", version=0)

    send(client, url, "draft", version=answer.context["version"])
    assert (report().admitted, report().version) == (12, 2)


def test_the_enter_key_saves_a_draft_and_sends_nothing(as_, cast, url, report):
    """A browser presses the first button of the form, whatever it says."""
    client = as_(cast.chair)
    form = client.get(url).text.partition("<form")[2].partition('enctype="multipart')[2]
    first = form[form.index("<button") :].partition(">")[0]
    assert "name=" not in first

    client.post(url, typed())
    assert (report().status, report().workers) == (Status.DRAFT, 231)


def test_admissions_without_a_decision_are_sent_with_a_hint(as_, cast, url, report):
    response = as_(cast.chair).post(url, {"action": "submit", **typed()}, follow=True)

    assert report().status == Status.SUBMITTED
    assert "Có kết nạp mới nhưng chưa đính kèm quyết định. Vẫn gửi được" in response.text


def test_a_blank_change_counts_nothing_and_a_blank_stock_is_unknown(as_, cast, url, report):
    blank = {"admitted": "", "transferred_in": "", "left_job": "", "women_members": ""}
    send(as_(cast.chair), url, **blank, members=195)

    assert (report().status, report().net_increase) == (Status.SUBMITTED, 0)
    assert report().women_members is None


def test_a_known_opening_cannot_be_typed(as_, cast, url, report):
    client = as_(cast.chair)
    assert 'name="opening_members"' not in client.get(url).text

    send(client, url, opening_members=1)
    assert (report().status, report().opening_members) == (Status.SUBMITTED, 195)


def test_no_change_is_one_button(as_, cast, url, report):
    answer = as_(cast.chair).post(url, {"action": "unchanged"})

    assert answer.headers["location"] == reverse("report-sent", args=["TS-01", "2024Q3"])
    sent = report()
    assert sent.status == Status.SUBMITTED
    stocks = (sent.workers, sent.women_workers, sent.members, sent.women_members)
    assert stocks == (238, 86, 195, 80)
    assert (sent.admitted, sent.left_job, sent.adjustment) == (0, 0, None)


def test_no_change_is_not_taken_for_changes_just_typed(as_, cast, url, report):
    answer = send(as_(cast.chair), url, action="unchanged")

    assert answer.context["form"].non_field_errors() == [
        "Đã nhập số biến động. Hãy gửi báo cáo kèm các số đó, hoặc xoá trống các ô đã nhập."
    ]
    assert answer.context["form"]["admitted"].value() == "12"
    assert report().status == Status.DUE


def test_a_second_tap_sends_nothing_twice(as_, cast, url, report):
    first = as_(cast.chair).get(url).context["version"]
    send(as_(cast.chair), url, version=first)
    again = as_(cast.chair).post(url, {"action": "submit", "version": first, **typed()})

    assert again.headers["location"] == reverse("report-sent", args=["TS-01", "2024Q3"])
    assert "Báo cáo đã gửi lúc 14:05, không gửi lần hai." in as_(cast.chair).get(url).text
    assert report().times_sent == 1


def test_two_people_see_both_versions_and_lose_nothing(as_, cast, url, report, tree):
    colleague = factories.person("lan", tree.huong_giang, "typist", full_name="Vũ Thị Lan")
    opened = as_(cast.chair).get(url).context["version"]
    actions.save_draft(report(), {"workers": 230, "admitted": 12}, by=colleague)

    answer = send(as_(cast.chair), url, version=opened, admitted=12)

    conflict = answer.context["conflict"]
    assert conflict.sentence == (
        "Đồng chí Vũ Thị Lan đã sửa báo cáo này lúc 14:05, sau khi trang này được mở. Số đang lưu"
        " và số vừa nhập đặt cạnh nhau dưới đây; chọn số đúng rồi bấm Lưu nháp hoặc Gửi báo cáo."
    )
    differing = {row.label: (row.stored, row.typed) for row in conflict.rows}
    assert differing["Tổng số lao động (người)"] == ("230", "231")
    assert "Kết nạp mới" not in differing
    assert answer.context["form"]["workers"].value() == "231"
    assert (report().workers, report().status) == (230, Status.DRAFT)

    send(as_(cast.chair), url, version=answer.context["version"])
    assert (report().workers, report().status) == (231, Status.SUBMITTED)


def test_a_report_sent_by_a_colleague_meanwhile_keeps_what_was_typed(as_, cast, url, report, tree):
    colleague = factories.person("lan", tree.huong_giang, "typist")
    figures = {"workers": 230, "members": 195, "admitted": 0}
    actions.submit(report(), figures, by=colleague)

    answer = send(as_(cast.chair), url)
    assert answer.context["conflict"].sentence == "Báo cáo đã gửi lúc 14:05, không gửi lần hai."
    assert answer.context["form"]["admitted"].value() == "12"

    withdrawn = send(as_(cast.chair), url, action="withdraw")
    assert withdrawn.context["form"]["admitted"].value() == "12"
    send(as_(cast.chair), url)
    assert (report().admitted, report().times_sent) == (12, 2)


def test_a_sent_report_is_withdrawn_and_sent_again(as_, cast, url, report):
    client = as_(cast.chair)
    send(client, url)
    client.post(url, {"action": "withdraw"})
    page = client.get(url).text
    assert "Đã thu hồi. Báo cáo trở về Đang nhập; gửi lại chậm nhất ngày 05/10/2024." in page
    assert report().status == Status.DRAFT

    send(client, url, women_members=81)
    assert (report().times_sent, report().women_members) == (2, 81)
    sent = client.get(reverse("report-sent", args=["TS-01", "2024Q3"]))
    assert "Đã gửi lại, lần 2, lúc 14:05." in text(sent)
    assert [link in sent.text for link in ("In để ký, lưu", "Thu hồi để sửa", "Xem báo cáo")] == [
        True,
        True,
        True,
    ]


def test_what_is_withdrawn_after_the_due_day_is_sent_again_soon(as_, cast, url):
    client = as_(cast.chair)
    send(client, url)
    with clock.standing_at(datetime(2024, 10, 8, 9, 0, tzinfo=HANOI)):
        client.post(url, {"action": "withdraw"})
        page = client.get(url).text
    assert "hạn gửi 05/10/2024 đã qua, đề nghị gửi lại sớm." in page


def test_an_accepted_report_is_not_withdrawn(as_, cast, url, report):
    send(as_(cast.chair), url)
    actions.accept([report()], by=cast.reviewer)
    client = as_(cast.chair)
    client.post(url, {"action": "withdraw"})

    assert report().status == Status.ACCEPTED
    assert (
        "Báo cáo đã được duyệt lúc 14:05. Muốn sửa, gọi đồng chí Lê Văn Hoà, 0900 000 001."
        in client.get(url).text
    )


def test_a_returned_report_says_why_on_the_very_figure(as_, cast, url, report):
    send(as_(cast.chair), url)
    actions.return_report(
        report(), by=cast.reviewer, reason="Danh sách giảm 6 người.", figures=["left_job"]
    )
    page = text(as_(cast.chair).get(url))

    words = "đồng chí Lê Văn Hoà, 14:05 ngày 04/10: Danh sách giảm 6 người."
    assert f'<a href="#id_left_job">Giảm do thôi việc</a> — {words}' in page
    assert "Gửi lại báo cáo" in page
    assert "Giải trình" not in page
    assert "Không có biến động trong quý" not in page

    home = text(as_(cast.chair).get(reverse("home")))
    assert f"Giảm do thôi việc — {words}" in home

    with clock.standing_at(datetime(2024, 10, 5, 9, 15, 30, tzinfo=HANOI)):
        send(as_(cast.chair), url, left_job=6, members=202, answer="Đã rà soát")
        sent = text(as_(cast.chair).get(reverse("report-sent", args=["TS-01", "2024Q3"])))
    assert (report().members, report().answer, report().times_sent) == (202, "Đã rà soát", 2)
    assert "Đã gửi lại, lần 2, lúc 09:15 ngày 05/10/2024." in sent
    with clock.standing_at(datetime(2024, 10, 5, 10, 2, 30, tzinfo=HANOI)):
        actions.accept([report()], by=cast.reviewer)
        page = text(as_(cast.chair).get(url))
    assert "Đã duyệt · đồng chí Lê Văn Hoà, 10:02 ngày 05/10/2024" in page


def test_a_closed_quarter_says_whom_to_call_and_keeps_what_was_typed(
    as_, cast, url, report, quarter_3
):
    with clock.standing_at(datetime(2024, 10, 16, 9, 0, tzinfo=HANOI)):
        periods.close_quarter(quarter_3, by=cast.root)
        answer = send(as_(cast.chair), url)

    assert answer.context["form"].non_field_errors() == [
        "Kỳ báo cáo Quý III/2024 đã khoá ngày 16/10/2024. Cần gửi muộn hoặc đính chính, gọi"
        " đồng chí Lê Văn Hoà, ĐT 0900 000 001."
    ]
    assert answer.context["form"]["admitted"].value() == "12"
    assert report().status == Status.DUE


def test_a_unit_with_a_permit_sends_in_a_closed_quarter(as_, cast, url, report, quarter_3):
    with clock.standing_at(datetime(2024, 10, 16, 9, 0, tzinfo=HANOI)):
        periods.close_quarter(quarter_3, by=cast.root)
        actions.permit_late(report(), until=date(2024, 10, 20), reason="Mất mạng", by=cast.root)
        client = as_(cast.chair)
        assert url in client.get(reverse("home")).text
        assert "Được gửi muộn đến ngày 20/10/2024." in client.get(url).text
        send(client, url)
        assert report().status == Status.SUBMITTED
        client.post(url, {"action": "withdraw"})
        assert "gửi lại chậm nhất ngày 20/10/2024." in client.get(url).text
    with clock.standing_at(datetime(2024, 10, 21, 9, 0, tzinfo=HANOI)):
        late = send(client, url)
        assert "đã khoá ngày 16/10/2024" in str(late.context["form"].non_field_errors())
        assert url not in client.get(reverse("home")).text


def test_a_suspended_unit_reports_nothing(as_, cast, url, report, tree):
    opened = as_(cast.chair).get(url).context["version"]
    suspending.suspend(tree.huong_giang, on=date(2024, 9, 1), by=cast.root)

    words = "Đơn vị đang tạm ngừng, không phải báo cáo."
    assert words in as_(cast.chair).get(url).text
    assert words in send(as_(cast.chair), url, version=opened).text
    assert report().status == Status.DUE


# --- the second person of the unit ---------------------------------------------------------------


@pytest.fixture
def typist(tree, quarter_3):
    return factories.person("lan", tree.huong_giang, "typist", full_name="Vũ Thị Lan")


def test_a_typist_types_and_the_chair_sends(as_, typist, url, report, cast):
    client = as_(typist)
    page = client.get(url).text
    assert "Chủ tịch, đồng chí Trần Thị Mai, là người gửi báo cáo." in page
    assert "Người hướng dẫn: đồng chí Lê Văn Hoà" in text(client.get(url))
    buttons = ("Gửi báo cáo", "Không có biến động trong quý", "Lưu nháp")
    assert [f">{words}</button>" in page for words in buttons] == [False, False, True]
    assert url in client.get(reverse("home")).text

    decision = SimpleUploadedFile("quyet dinh.pdf", b"%PDF-1.7")
    client.post(url, {"action": "draft", "attachment": decision, **typed()})
    assert (report().status, report().workers) == (Status.DRAFT, 231)
    assert report().attachments.get().name == "quyet dinh.pdf"

    send(as_(cast.chair), url)
    assert (report().status, report().submitted_by) == (Status.SUBMITTED, cast.chair)
    sent = as_(typist).get(url).text
    assert "Thu hồi để sửa" not in sent
    assert 'value="attach"' in sent


@pytest.mark.parametrize("action", ["submit", "unchanged", "withdraw"])
def test_a_typist_who_may_not_send_is_refused(as_, typist, url, report, action):
    assert send(as_(typist), url, action=action).status_code == 403
    assert report().version == 0


def test_a_typist_who_may_send_sends(as_, typist, url, report):
    typist.assignments.update(may_send=True)
    send(as_(typist), url)

    assert (report().status, report().submitted_by) == (Status.SUBMITTED, typist)


def test_a_quarter_never_sent_is_told_with_the_next(as_, cast, tree, quarter_3):
    factories.open_quarter("2024Q4")
    page = text(as_(cast.chair).get(reverse("report-detail", args=["TS-01", "2024Q4"])))

    assert "2. Biến động từ 01/7 đến 31/12/2024 (Quý III chưa có báo cáo)" in page
    assert "(lấy từ báo cáo Quý II)" in page


def test_an_opening_that_waits_for_a_check_says_so(as_, cast, url, tree):
    send(as_(cast.chair), url)
    factories.open_quarter("2024Q4")
    page = text(as_(cast.chair).get(reverse("report-detail", args=["TS-01", "2024Q4"])))

    assert "Đầu quý: <b>203</b>" in page
    assert "(Quý III, chờ kiểm tra)" in page


def test_the_first_report_of_an_older_unit_states_its_opening(as_, cast, tree, quarter_3):
    url = reverse("report-detail", args=[tree.song_lam.code, "2024Q3"])
    client = as_(cast.other_chair)
    refused = client.post(url, {"action": "submit", "workers": "60", "members": "50"})
    assert list(refused.context["form"].errors) == ["opening_members"]

    client.post(
        url, {"action": "submit", "workers": "60", "members": "50", "opening_members": "50"}
    )
    first = factories.report(tree.song_lam, quarter_3)
    assert (first.status, first.opening_members) == (Status.SUBMITTED, 50)


def test_a_new_unit_starts_from_nothing(as_, tree, quarter_3, cast):
    new = factories.unit("TS-09", parent=tree.truong_son, founded_on=date(2024, 8, 1))
    periods.add_reports_to_open_quarters([new], by=cast.root)
    chair = factories.person("moi", new, "chair")
    page = text(as_(chair).get(reverse("report-detail", args=["TS-09", "2024Q3"])))

    assert "Đầu quý: <b>0</b>" in page
    assert "(đơn vị mới thành lập)" in page
    assert 'name="opening_members"' not in page


def test_an_occupational_union_need_not_state_workers(as_, tree, quarter_3):
    chair = factories.person("tho", tree.masons, "chair")
    url = reverse("report-detail", args=[tree.masons.code, "2024Q3"])
    as_(chair).post(url, {"action": "submit", "opening_members": "40", "members": "40"})

    sent = factories.report(tree.masons, quarter_3)
    assert (sent.status, sent.workers) == (Status.SUBMITTED, None)


def test_what_was_typed_survives_a_session_that_ended(client, cast, url, report):
    gone = send(client, url, members=205)
    login = gone.headers["location"]
    assert login.startswith(f"{reverse('login')}?next=")
    assert "Phiên làm việc đã hết. Đăng nhập lại để tiếp tục" in client.get(login).text

    back = client.post(login, {"username": "mai", "password": "secret", "next": url}, follow=True)

    assert back.redirect_chain == [(url, 302)]
    assert "số liệu vừa nhập được giữ nguyên." in back.text
    shown = {name: back.context["form"][name].value() for name in typed()}
    assert shown == typed(members=205)
    assert report().status == Status.DUE

    send(client, url)
    assert report().status == Status.SUBMITTED
    assert "Phiên làm việc đã hết" not in client.get(url).text


def test_somebody_else_who_signs_in_is_not_shown_what_was_typed(client, cast, url):
    send(client, url)
    client.post(reverse("login"), {"username": "far", "password": "secret"})

    assert client.get(url).status_code == 404


def test_a_stranger_fills_no_session_with_what_is_no_report(client, url):
    for quarter in range(9):
        send(client, url.replace("2024Q3", f"2024Q{quarter}"), note="x" * 9000, other="y" * 9000)

    assert len(str(dict(client.session))) < 5000


def test_a_post_without_its_token_is_refused_to_strangers_too(url, report):
    assert send(Client(enforce_csrf_checks=True), url).status_code == 403


@pytest.mark.parametrize("action", ["draft", "submit", "unchanged", "withdraw", "attach"])
@pytest.mark.parametrize("who", ["reviewer", "leader", "administrator"])
def test_only_the_unit_itself_types(as_, cast, url, report, who, action):
    assert send(as_(getattr(cast, who)), url, action=action).status_code == 403
    assert report().version == 0


@pytest.mark.parametrize("who", ["other_chair", "neighbour_chair", "neighbour_reviewer"])
def test_a_report_out_of_sight_is_not_found(as_, cast, url, report, who):
    assert send(as_(getattr(cast, who)), url).status_code == 404
    assert report().version == 0


def test_the_chairs_page_is_light(as_, cast, url):
    assert len(as_(cast.chair).get(url).content) < 25_000


def test_the_list_of_a_chair_holds_the_units_reports(as_, cast, url):
    page = as_(cast.chair).get(reverse("report-list"))

    quarters = [str(report.quarter) for report, _deadline in page.context["own"]]
    assert quarters == ["Quý III/2024", "Quý II/2024"]
    assert "Chưa nhập" in page.text
    assert "Chờ kiểm tra" not in page.text
