"""A reviewer works through the queue of a quarter (walk 2): what agrees is accepted at once, what
is odd is looked at, returned with a reason, and the next one opens by itself."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members import actions
from members.models import HistoryEntry, Quarter, QuarterlyReport, Status
from members.queues import queue_of
from tests import factories

LIST = reverse("report-list")


def before(unit, quarter, *, by, members, workers):
    """Last quarter, accepted, without any change."""
    return factories.accepted(unit, quarter, opening=members, by=by, workers=workers)


@pytest.fixture
def quarter_2(tree, today) -> Quarter:
    return factories.open_quarter("2024Q2")


@pytest.fixture
def three(tree, cast, quarter_2):
    """Quý III: Hương Giang agrees, Sông Lam lost a third of its workers, the Office reports for
    the first time, and the masons have not sent."""
    before(tree.huong_giang, quarter_2, by=cast.chair, members=195, workers=238)
    before(tree.song_lam, quarter_2, by=cast.other_chair, members=310, workers=329)
    quarter = factories.open_quarter("2024Q3")
    factories.submitted(
        tree.huong_giang,
        quarter,
        by=cast.chair,
        admitted=12,
        transferred_in=1,
        left_job=5,
        workers=231,
    )
    factories.submitted(
        tree.song_lam, quarter, by=cast.other_chair, workers=231, note="Kết thúc công trình."
    )
    chair = factories.person("van", tree.office, "chair")
    factories.submitted(tree.office, quarter, by=chair, opening=40, workers=41)
    return quarter


def url_of(unit, quarter):
    return reverse("report-detail", args=[unit.code, quarter.code])


def names(items):
    return [item.report.name for item in items]


def numbers(page):
    return {box.label: box.number for box in page.context["boxes"]}


def said(client):
    """The messages of the next page."""
    return [str(message) for message in client.get(LIST).context["messages"]]


def text(response) -> str:
    return " ".join(response.text.split())


# --- the queue -----------------------------------------------------------------------------------


def test_the_queue_stands_in_two_groups_with_the_reasons_in_words(as_, cast, three):
    page = as_(cast.reviewer).get(LIST)

    queue = page.context["queue"]
    assert names(queue.clean) == ["CĐCS Công ty CP Xây dựng Hương Giang"]
    assert {item.report.name: item.concerns for item in queue.careful} == {
        "CĐCS Nhà máy Gạch Sông Lam": ["đoàn viên nhiều hơn lao động", "lao động giảm 29,79%"],
        "CĐCS Cơ quan Tổng công ty": ["báo cáo đầu tiên"],
    }
    for words in (
        "Báo cáo chờ kiểm tra (3)",
        "Quý III/2024 · 4 đơn vị · còn 1 ngày đến hạn",
        "Khớp số liệu, biến động nhỏ (1)",
        "Cần kiểm tra kỹ (2)",
        "Duyệt 1 báo cáo",
    ):
        assert words in text(page)


def test_what_concerns_most_people_comes_first(as_, cast, three):
    careful = as_(cast.reviewer).get(LIST).context["queue"].careful

    assert [(item.report.unit.code, item.people) for item in careful] == [
        ("TS-02", 98),
        ("TS-03", 41),
    ]


def test_the_five_boxes_add_up_and_each_is_a_list(as_, cast, three, tree):
    client = as_(cast.reviewer)
    page = client.get(LIST)

    assert numbers(page) == {
        "Chờ kiểm tra": 3,
        "Trả lại": 0,
        "Đã duyệt": 0,
        "Đang nhập": 0,
        "Chưa nhập": 1,
    }
    due = client.get(f"{LIST}?status=due")
    assert [report.unit for report in due.context["reports"]] == [tree.masons]


def test_another_quarter_can_be_chosen(as_, cast, three, quarter_2):
    page = as_(cast.reviewer).get(f"{LIST}?quarter=2024Q2")

    assert page.context["quarter"] == quarter_2
    assert numbers(page)["Đã duyệt"] == 2


@pytest.mark.parametrize("query", ["?quarter=xyz", "?status=odd", "?scope=1", "?page=-7"])
def test_an_odd_address_falls_back_to_the_queue(as_, cast, three, query):
    page = as_(cast.reviewer).get(f"{LIST}{query}")

    assert (page.context["quarter"], page.context["status"]) == (three, Status.SUBMITTED)


def test_a_list_costs_the_same_with_one_report_and_with_thirty(as_, cast, tree, today):
    client = as_(cast.reviewer)
    units = [factories.unit(f"TS-{n}", parent=tree.truong_son) for n in range(100, 130)]
    quarter_2 = factories.open_quarter("2024Q2")
    for unit in units:
        before(unit, quarter_2, by=cast.root, members=50, workers=60)
    quarter = factories.open_quarter("2024Q3")

    def cost():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(LIST).status_code == 200
        return len(queries)

    factories.submitted(units[0], quarter, by=cast.root, workers=60)
    with_one = cost()
    for unit in units[1:]:
        factories.submitted(unit, quarter, by=cast.root, workers=60)

    assert (with_one, cost()) == (18, 18)


def test_a_federation_decides_on_its_direct_units_and_reads_the_rest(as_, cast, three, tree):
    factories.submitted(tree.hon_da, three, by=cast.root, opening=70, workers=80)
    client = as_(cast.federation_reviewer)

    mine = client.get(LIST)
    assert names(mine.context["queue"].careful) == [tree.hon_da.name]
    assert [option.label for option in mine.context["scopes"]] == [
        "Tôi kiểm tra (1)",
        "Tất cả (5)",
    ]

    everything = client.get(f"{LIST}?scope=all")
    assert len(everything.context["items"]) == 4
    assert 'name="reports"' not in everything.text


def test_a_leader_reads_the_lists_without_ticks(as_, cast, three):
    page = as_(cast.leader).get(LIST)

    assert len(page.context["items"]) == 3
    assert 'name="reports"' not in page.text
    assert "Duyệt" not in page.text.replace("Đã duyệt", "")


def test_a_person_with_two_roles_sees_both_once(as_, cast, three, tree):
    factories.Assignment.objects.create(
        user=cast.chair, unit=tree.truong_son, role="reviewer", valid_from="2020-01-01"
    )
    page = as_(cast.chair).get(LIST)

    assert len(page.context["own"]) == 2
    assert len(page.context["queue"].careful) == 2


# --- accepting many ------------------------------------------------------------------------------


def ticked(client, *, but=()):
    """What the browser posts of the list as it stands."""
    clean = client.get(LIST).context["clean"]
    pairs = {f"{item.report.pk}:{item.report.version}": item.report.unit.code for item in clean}
    return {
        "quarter": "2024Q3",
        "offered": " ".join(pairs),
        "reports": [pair for pair, code in pairs.items() if code not in but],
    }


def test_the_clean_ones_are_accepted_after_one_question(as_, cast, three, tree):
    client = as_(cast.reviewer)
    question = client.post(reverse("report-accept"), ticked(client))
    assert "Duyệt 1 báo cáo?" in question.text
    assert "Lao động 231 · đoàn viên 203 · kết nạp mới 12 · giảm 5." in question.text
    assert factories.report(tree.huong_giang, three).status == Status.SUBMITTED

    seen = {"quarter": "2024Q3", "seen": question.context["seen"]}
    client.post(reverse("report-accept"), seen)

    accepted = factories.report(tree.huong_giang, three)
    assert (accepted.status, accepted.checked_by) == (Status.ACCEPTED, cast.reviewer)
    assert said(client) == ["Đã duyệt 1 báo cáo. Còn 2 báo cáo cần kiểm tra kỹ."]
    assert factories.report(tree.song_lam, three).status == Status.SUBMITTED


def test_what_is_not_ticked_is_left_out(as_, cast, three, tree):
    client = as_(cast.reviewer)
    client.post(reverse("report-accept"), ticked(client, but=["TS-01"]))

    assert said(client) == ["Chưa chọn báo cáo nào."]


def test_a_report_changed_since_the_question_is_left_alone(as_, cast, three, tree):
    client = as_(cast.reviewer)
    question = client.post(reverse("report-accept"), ticked(client))
    report = factories.report(tree.huong_giang, three)
    actions.withdraw(report, by=cast.chair)
    again = {"admitted": 3, "transferred_in": 0, "left_job": 0}
    factories.submitted(tree.huong_giang, three, by=cast.chair, workers=231, **again)

    client.post(reverse("report-accept"), {"quarter": "2024Q3", "seen": question.context["seen"]})

    assert factories.report(tree.huong_giang, three).status == Status.SUBMITTED
    assert "1 báo cáo vừa thay đổi nên chưa duyệt." in said(client)


@pytest.mark.parametrize("who", ["chair", "leader", "administrator"])
def test_who_decides_nothing_accepts_nothing(as_, cast, three, tree, who):
    report = factories.report(tree.huong_giang, three)
    posted = {"quarter": "2024Q3", "seen": f"{report.pk}:{report.version}"}

    assert as_(getattr(cast, who)).post(reverse("report-accept"), posted).status_code == 403
    assert factories.report(tree.huong_giang, three).status == Status.SUBMITTED


def test_a_forged_list_reaches_no_other_branch(as_, cast, three, tree):
    report = factories.report(tree.huong_giang, three)
    posted = {"quarter": "2024Q3", "seen": f"{report.pk}:{report.version}"}

    as_(cast.neighbour_reviewer).post(reverse("report-accept"), posted)

    assert factories.report(tree.huong_giang, three).status == Status.SUBMITTED


# --- one report ----------------------------------------------------------------------------------


def test_an_odd_report_stands_beside_last_quarter(as_, cast, three, tree):
    page = text(as_(cast.reviewer).get(url_of(tree.song_lam, three)))

    for words in (
        '<td class="number">329</td> <td class="number">231</td>'
        ' <td class="number">−98 (−29,79%)</td>',
        '<td class="number">310</td> <td class="number">310</td> <td class="number">0</td>',
        "94,22%",
        "134,20%",
        "Cần giải trình: đoàn viên nhiều hơn lao động 79",
        "Đơn vị ghi: “Kết thúc công trình.”",
        "Báo cáo tiếp theo",
        "Duyệt",
        "Trả lại",
    ):
        assert words in page


def test_after_accepting_the_next_one_opens_by_itself(as_, cast, three, tree):
    client = as_(cast.reviewer)
    answer = client.post(url_of(tree.song_lam, three), {"action": "accept"})

    assert answer.headers["location"] == url_of(tree.office, three)
    assert factories.report(tree.song_lam, three).status == Status.ACCEPTED
    assert said(client) == ["Đã duyệt. Còn 1 báo cáo cần kiểm tra kỹ."]


def test_after_the_last_one_the_list_opens(as_, cast, three, tree):
    client = as_(cast.reviewer)
    for unit in (tree.song_lam, tree.office, tree.huong_giang):
        answer = client.post(url_of(unit, three), {"action": "accept"})

    assert answer.headers["location"] == f"{LIST}?quarter=2024Q3"
    assert "Không còn báo cáo nào chờ kiểm tra." in client.get(LIST).text


def test_a_report_is_returned_with_a_reason_on_a_figure(as_, cast, three, tree):
    client = as_(cast.reviewer)
    words = "Lao động giảm 98 nhưng đoàn viên không giảm."
    client.post(
        url_of(tree.song_lam, three),
        {"action": "return", "figures": ["members"], "reason": words},
    )

    returned = factories.report(tree.song_lam, three)
    assert (returned.status, returned.return_reason) == (Status.RETURNED, words)
    assert returned.returned_figures == ["members"]
    entry = HistoryEntry.objects.get(verb="returned the report")
    assert (entry.by, entry.unit, entry.reason) == (cast.reviewer, tree.song_lam, words)
    assert said(client) == ["Đã trả lại. Còn 1 báo cáo cần kiểm tra kỹ."]


def test_the_kind_of_reason_stands_before_the_sentence(as_, cast, three, tree):
    as_(cast.reviewer).post(
        url_of(tree.song_lam, three),
        {"action": "return", "reason_kind": "explanation", "reason": "Vì sao giảm?"},
    )

    assert factories.report(tree.song_lam, three).return_reason == "Thiếu giải trình: Vì sao giảm?"


@pytest.mark.parametrize("reason", ["", "   "])
def test_nothing_is_returned_without_a_sentence(as_, cast, three, tree, reason):
    answer = as_(cast.reviewer).post(
        url_of(tree.song_lam, three),
        {"action": "return", "figures": ["members"], "reason": reason},
    )

    assert answer.context["form"].errors == {"reason": ["Hãy ghi lý do để đơn vị biết cần sửa gì."]}
    assert answer.context["form"]["figures"].value() == ["members"]
    assert factories.report(tree.song_lam, three).status == Status.SUBMITTED


def test_an_accepted_report_is_opened_again_with_a_reason(as_, cast, three, tree):
    client = as_(cast.reviewer)
    client.post(url_of(tree.song_lam, three), {"action": "accept"})
    assert "Mở lại để sửa" in client.get(url_of(tree.song_lam, three)).text

    client.post(url_of(tree.song_lam, three), {"action": "return", "reason": "Ghi nhầm."})
    assert factories.report(tree.song_lam, three).status == Status.RETURNED
    assert HistoryEntry.objects.filter(verb="opened the report again").count() == 1


def test_a_report_that_changed_while_the_page_was_open_is_not_decided(as_, cast, three, tree):
    client = as_(cast.reviewer)
    opened = factories.report(tree.song_lam, three).version
    actions.withdraw(factories.report(tree.song_lam, three), by=cast.other_chair)
    factories.submitted(tree.song_lam, three, by=cast.other_chair, left_job=98, workers=231)

    for action in ({"action": "accept"}, {"action": "return", "reason": "Sai."}):
        client.post(url_of(tree.song_lam, three), {**action, "version": opened})

    assert factories.report(tree.song_lam, three).status == Status.SUBMITTED
    assert (
        said(client)[-1] == "Báo cáo đã thay đổi sau khi trang này được mở. Đề nghị kiểm tra lại."
    )


@pytest.mark.parametrize("who", ["chair", "leader", "administrator", "federation_reviewer"])
@pytest.mark.parametrize("action", ["accept", "return"])
def test_who_only_reads_decides_nothing(as_, cast, three, tree, who, action):
    client = as_(getattr(cast, who))
    url = url_of(tree.huong_giang, three)

    assert client.post(url, {"action": action, "reason": "Sai."}).status_code == 403
    page = client.get(url)
    assert 'value="accept"' not in page.text
    assert 'value="return"' not in page.text
    assert factories.report(tree.huong_giang, three).status == Status.SUBMITTED


def test_the_history_of_the_report_says_who_from_what_to_what(as_, cast, three, tree):
    lines = as_(cast.reviewer).get(url_of(tree.song_lam, three)).context["lines"]

    assert [(line.by, line.verb) for line in lines] == [(cast.other_chair, "gửi báo cáo")]
    assert "231" in [change.after for change in lines[0].changes]


# --- what follows from a change of an earlier report ---------------------------------------------


def closing_changes(unit, quarter, *, by, chair, to):
    """Last quarter is opened again and accepted with another closing."""
    actions.return_report(factories.report(unit, quarter), by=by, reason="Ghi nhầm.")
    report = factories.report(unit, quarter)
    figures = {"opening_members": to, "members": to, "workers": report.workers}
    sent = actions.submit(report, figures, by=chair)
    actions.accept([sent], by=by)


def test_an_opening_that_is_no_longer_the_closing_before_is_listed(
    as_, cast, three, tree, quarter_2
):
    client = as_(cast.reviewer)
    client.post(url_of(tree.huong_giang, three), {"action": "accept"})
    closing_changes(tree.huong_giang, quarter_2, by=cast.reviewer, chair=cast.chair, to=190)

    (correction,) = client.get(LIST).context["corrections"]
    assert (correction.report.unit, correction.expected, correction.stated) == (
        tree.huong_giang,
        190,
        195,
    )
    words = "Đính chính: đầu quý đúng là 190, báo cáo ghi 195, chênh lệch −5."
    assert words in text(client.get(url_of(tree.huong_giang, three)))


def test_a_sent_report_whose_opening_followed_is_up_for_return_with_its_reason(
    as_, cast, three, tree, quarter_2
):
    closing_changes(tree.huong_giang, quarter_2, by=cast.reviewer, chair=cast.chair, to=190)
    client = as_(cast.reviewer)

    first = client.get(LIST).context["queue"].careful[0]
    assert (first.report.unit, first.concerns[0]) == (
        tree.huong_giang,
        "số liệu không khớp: +5",
    )
    page = client.get(url_of(tree.huong_giang, three))
    assert page.context["form"]["reason"].value() == (
        "Số đầu quý đã theo báo cáo Quý II: 190 đầu quý + 12 kết nạp + 1 chuyển đến − 0 chuyển đi"
        " − 5 giảm = 198, báo cáo ghi 203. Đề nghị sửa số biến động hoặc số cuối quý."
    )


def test_a_report_after_one_that_waits_is_not_in_the_bulk(cast, three, tree):
    factories.open_quarter("2024Q4")
    quarter_4 = Quarter.objects.get(code="2024Q4")
    factories.submitted(tree.huong_giang, quarter_4, by=cast.chair, workers=231)

    queue = queue_of(QuarterlyReport.objects.of(quarter_4))
    assert queue.clean == []
    assert [item.concerns for item in queue.careful] == [["Quý III chờ kiểm tra"]]
