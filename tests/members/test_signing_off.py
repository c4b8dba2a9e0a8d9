"""A superior union signs its quarter off to its parent (walk 2, step 11), the parent reads and
returns it (walk 3, steps 4 and 5), and what changes afterwards is marked."""

import csv
import io
from datetime import date, datetime

import pytest
from django.utils import timezone

from members import actions, signing_off
from members.access import Role
from members.actions import Refused
from members.models import HistoryEntry, HistoryKind, Kind, QuarterTotal, SignOff, Status
from members.periods import add_reports_to_open_quarters, close_quarter
from members.timeliness import Rates, rates_by_child, rates_of
from tests import factories
from unionplan.lib import clock

pytestmark = pytest.mark.usefixtures("world")

PAGE, LIST = "/sign-off/TS/2024Q3/", "/sign-off/2024Q3/"
SIGNED = {"signatory": "đồng chí Nguyễn Văn An, Chủ tịch", "remark": "Đã rà soát."}


def at(day, hour, minute=0):
    """In October 2024, half a minute past: a clock that stands still lags a little."""
    moment = datetime(2024, 10, day, hour, minute, 30)
    return clock.standing_at(timezone.make_aware(moment))


@pytest.fixture(scope="module")
def opened(world):
    """Quý II with one report accepted, closed; Quý III with Sông Lam accepted and two waiting."""
    with at(4, 14):
        return reported(world.tree, world.cast.root)


def reported(tree, root):
    quarter_2 = factories.open_quarter("2024Q2")
    factories.accepted(tree.office, quarter_2, opening=40)
    close_quarter(quarter_2, by=root)
    quarter = factories.open_quarter("2024Q3")
    factories.accepted(tree.song_lam, quarter, opening=300, admitted=3)
    factories.submitted(tree.huong_giang, quarter, opening=195, admitted=8)
    factories.submitted(tree.weavers, quarter, opening=500)
    return quarter


@pytest.fixture
def quarter(opened, tree, settings):
    settings.DEMO_TODAY = date(2024, 10, 9)
    return opened


@pytest.fixture
def ready(quarter, tree, cast):
    """Nothing of Trường Sơn waits any more: two accepted, two missing."""
    with at(9, 8):
        actions.accept([factories.report(tree.huong_giang, quarter)], by=cast.reviewer)
    return quarter


@pytest.fixture
def signed(ready, tree, cast):
    return made(tree.truong_son, ready, cast.reviewer)


def made(unit, quarter, by):
    with at(9, 16, 20):
        return signing_off.sign_off(unit, quarter, by=by, signatory="Nguyễn Văn An, Chủ tịch")


@pytest.fixture
def after(settings):
    """Days later: what happens now comes after the sign-off."""
    settings.DEMO_TODAY = date(2024, 10, 12)


def text(response) -> str:
    return " ".join(response.text.split())


# --- signing -------------------------------------------------------------------------------------


def test_a_branch_with_reports_waiting_cannot_sign_off(as_, cast, quarter):
    page = as_(cast.reviewer).get(PAGE)

    words = "Còn 1 báo cáo chờ kiểm tra. Duyệt hoặc trả lại trước khi chốt."
    assert words in text(page)
    assert "Chốt và gửi" not in text(page)
    assert words in text(as_(cast.reviewer).post(PAGE, SIGNED))
    assert not SignOff.objects.exists()


def test_the_reviewer_signs_off(as_, cast, tree, ready):
    page = as_(cast.reviewer).get(PAGE)
    for words in (
        "Chốt số liệu Quý III/2024",
        "Hạn gửi 10/10/2024, <span>còn 1 ngày</span>",
        "Đã duyệt 2/4.",
        "1 đơn vị chưa có báo cáo, tạm lấy số Quý II:",
        "1 đơn vị chưa có báo cáo, chưa có số liệu kỳ trước:",
        "Nhận xét gửi cấp trên",
        "Người ký: đồng chí",
        "Chốt và gửi Công đoàn ngành Xây dựng",
    ):
        assert words in text(page)

    with at(9, 16, 20):
        done = as_(cast.reviewer).post(PAGE, SIGNED, follow=True)
    assert "Đã chốt và gửi lúc 16:20 ngày 09/10/2024 (hạn 10/10)." in text(done)
    assert "đồng chí Nguyễn Văn An, Chủ tịch" in text(done)
    found = SignOff.objects.get()
    assert (found.unit, found.by, found.due, found.accepted) == (
        tree.truong_son,
        cast.reviewer,
        4,
        2,
    )
    assert found.missing == [
        ["TS-03", "CĐCS Cơ quan Tổng công ty", "2024Q2"],
        ["ND-01", "Nghiệp đoàn Thợ xây", None],
    ]
    line = HistoryEntry.objects.get(kind=HistoryKind.SIGN_OFF)
    assert (line.unit, line.by, line.quarter) == (tree.truong_son, cast.reviewer, ready)
    assert "chốt số liệu và gửi cấp trên" in text(as_(cast.reviewer).get("/units/TS/"))


def test_who_signed_last_time_is_proposed(as_, cast, signed, tree):
    signing_off.return_sign_off(signed, reason="Xem lại", by=cast.federation_reviewer)

    assert 'value="Nguyễn Văn An, Chủ tịch"' in text(as_(cast.reviewer).get(PAGE))


def test_a_late_one_says_by_how_many_days(as_, cast, ready, tree, settings):
    settings.DEMO_TODAY = date(2024, 10, 12)
    signing_off.sign_off(tree.truong_son, ready, by=cast.reviewer, signatory="An")

    page = text(as_(cast.reviewer).get(PAGE))
    assert "ngày 12/10/2024 (hạn 10/10, muộn 2 ngày)." in page


def test_a_closed_quarter_can_still_be_signed_off(cast, tree, opened, settings):
    settings.DEMO_TODAY = date(2024, 10, 9)
    quarter_2 = factories.report(tree.office, opened).carried_from

    done = signing_off.sign_off(tree.truong_son, quarter_2, by=cast.reviewer, signatory="An")
    assert (done.due, done.accepted) == (4, 1)


def test_bad_sign_offs_are_refused(cast, tree, signed, ready):
    for unit, signatory, words in (
        (tree.truong_son, "An", "đã được chốt lúc 16:20 ngày 09/10/2024"),
        (tree.confederation, "An", "không có công đoàn cấp trên"),
        (tree.hon_da, "An", "không có công đoàn cấp trên"),
        (tree.building, " ", "Hãy ghi người ký."),
        (tree.textiles, "An", "Còn 1 báo cáo chờ kiểm tra."),
    ):
        with pytest.raises(Refused, match=words):
            signing_off.sign_off(unit, ready, by=cast.root, signatory=signatory)
    assert list(SignOff.objects.all()) == [signed]


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("reviewer", 302),
        ("leader", 403),
        ("federation_reviewer", 403),  # Trường Sơn has reviewers of its own
        ("administrator", 403),
        ("chair", 404),
        ("neighbour_reviewer", 404),
    ],
)
def test_only_who_accepts_the_reports_signs_off(as_, cast, ready, person, status):
    assert as_(getattr(cast, person)).post(PAGE, SIGNED).status_code == status
    assert SignOff.objects.exists() == (status == 302)


def test_a_unit_without_a_signatory_gets_its_form_back(as_, cast, ready):
    page = as_(cast.reviewer).post(PAGE, {"signatory": "", "remark": "Đã rà soát."})

    assert "Mục này phải điền." in text(page)
    assert "Đã rà soát." in text(page)


# --- what changes afterwards ---------------------------------------------------------------------


def test_a_report_opened_again_is_marked_for_the_parent(as_, cast, tree, signed, ready, after):
    report = factories.report(tree.song_lam, ready)
    page = as_(cast.reviewer).get(report.get_absolute_url())
    assert "Mở lại để sửa" in text(page)
    assert "đã chốt lúc 16:20 ngày 09/10/2024. Nếu mở lại" in text(page)

    refused = as_(cast.reviewer).post(
        report.get_absolute_url(), {"action": "return", "version": report.version, "reason": ""}
    )
    assert "Hãy ghi lý do để đơn vị biết cần sửa gì." in text(refused)
    actions.return_report(report, by=cast.reviewer, reason="Sai số")

    marked = text(as_(cast.reviewer).get(report.get_absolute_url()))
    assert "Đã sửa sau khi chốt: Công đoàn Tổng công ty Trường Sơn đã chốt lúc 16:20" in marked
    board = text(as_(cast.leader).get(LIST))
    assert "Đã sửa sau khi chốt (1 báo cáo)" in board
    assert "CĐCS Nhà máy Gạch Sông Lam" in board


def test_a_late_report_is_accepted_and_marked(cast, tree, signed, ready, after):
    changed = signing_off.changed_since({tree.truong_son: signed})
    assert changed == {}

    report = factories.submitted(tree.masons, ready, opening=20)
    assert signing_off.mark_of(factories.report(tree.masons, ready)).changed == ""
    actions.accept([report], by=cast.reviewer)

    changed = signing_off.changed_since({tree.truong_son: signed})
    assert changed == {tree.truong_son.pk: [report]}
    assert signing_off.mark_of(factories.report(tree.masons, ready)).changed


def test_a_new_sign_off_wipes_the_marks(cast, tree, signed, ready, after):
    report = factories.submitted(tree.masons, ready, opening=20)
    actions.accept([report], by=cast.reviewer)
    signing_off.return_sign_off(signed, reason="Xem lại", by=cast.federation_reviewer)
    again = signing_off.sign_off(tree.truong_son, ready, by=cast.reviewer, signatory="An")

    assert signing_off.changed_since({tree.truong_son: again}) == {}
    assert again.accepted == 3


# --- the parent ----------------------------------------------------------------------------------


def test_the_parent_returns_it_and_the_unit_signs_again(as_, cast, tree, signed, ready):
    before = list(QuarterTotal.objects.order_by("pk").values())
    federation = as_(cast.federation_reviewer)
    empty = federation.post(f"{PAGE}return/", {"reason": " "})
    assert "Hãy ghi một câu để đơn vị biết cần xem lại gì." in text(empty)

    done = federation.post(f"{PAGE}return/", {"reason": "Số giảm tăng 4 lần."}, follow=True)
    assert "Đã trả lại Công đoàn Tổng công ty Trường Sơn." in text(done)
    assert list(QuarterTotal.objects.order_by("pk").values()) == before
    assert [found.pk for found in signing_off.returned_sign_offs(cast.reviewer, clock.today())] == [
        signed.pk
    ]
    assert "Số giảm tăng 4 lần." in text(as_(cast.reviewer).get(PAGE))

    as_(cast.reviewer).post(PAGE, SIGNED)
    assert SignOff.objects.standing().get().unit == tree.truong_son
    assert signing_off.returned_sign_offs(cast.reviewer, clock.today()) == []
    twice = as_(cast.federation_reviewer).get(PAGE)
    assert "trả lại lúc" in text(twice)
    with pytest.raises(Refused, match="Bản chốt này đã được trả lại"):
        signing_off.return_sign_off(signed, reason="Lại", by=cast.federation_reviewer)


@pytest.mark.parametrize(
    ("person", "status"),
    [("reviewer", 403), ("leader", 403), ("administrator", 403), ("neighbour_reviewer", 404)],
)
def test_only_who_accepts_at_the_parent_returns(as_, cast, signed, person, status):
    answer = as_(getattr(cast, person)).post(f"{PAGE}return/", {"reason": "Không"})

    assert answer.status_code == status
    assert SignOff.objects.standing().exists()


def test_a_federation_without_reviewers_is_answered_for_from_above(cast, tree, quarter):
    rights = signing_off.rights_of(cast.root, tree.textiles, clock.today())

    assert rights == signing_off.Rights(may_sign=True, may_return=True)


def test_the_list_says_who_has_not_signed(as_, cast, tree, quarter, settings):
    settings.DEMO_TODAY = date(2024, 10, 12)
    tree.truong_son.phone = "0900000009"
    tree.truong_son.save()
    tree.hon_da.phone = "0900000008"
    tree.hon_da.save()
    page = text(as_(cast.leader).get(LIST))

    for words in (
        "Chốt số liệu: 0/1 công đoàn cấp trên · CĐCS trực thuộc đã duyệt: 0/1",
        "Chưa chốt",
        "quá hạn 2 ngày",
        "0900 000 009",
        "CĐCS trực thuộc chưa duyệt (1)",
        "quá hạn 7 ngày",
        "0900 000 008",
    ):
        assert words in page
    assert "Đông Đô" not in page  # of another branch


def test_the_file_holds_what_the_list_shows(as_, cast, signed):
    content = as_(cast.leader).get(f"{LIST}?export=csv").content.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(content))

    assert row == {
        "Đơn vị": "Công đoàn Tổng công ty Trường Sơn",
        "Chốt số liệu": "16:20 ngày 09/10/2024",
        "So với hạn": "",
        "Đã duyệt": "2/4",
        "Chưa duyệt": "2",
        "Sửa sau khi chốt": "",
        "Kịp thời": "2/4 (50,00%)",
        "Đầy đủ": "2/4 (50,00%)",
        "Đúng yêu cầu": "2/4 (50,00%)",
        "Người ký": "Nguyễn Văn An, Chủ tịch",
        "Nhận xét": "",
        "Điện thoại": "",
    }
    xlsx = as_(cast.leader).get(f"{LIST}?export=xlsx")
    assert xlsx.content.startswith(b"PK")


def test_who_has_no_superiors_below_is_led_to_their_own_page(as_, cast, quarter):
    assert as_(cast.reviewer).get(LIST).url == PAGE
    assert as_(cast.chair).get(LIST).status_code == 403
    assert as_(cast.leader).get(f"{LIST}?unit=SO").status_code == 404
    assert as_(cast.leader).get("/sign-off/CDN/2024Q3/").status_code == 200
    for odd in ("/sign-off/TLD/2024Q3/", "/sign-off/HD-01/2024Q3/", "/sign-off/TS/2019Q1/"):
        assert as_(cast.root).get(odd).status_code == 404


# --- in time, complete, as required ---------------------------------------------------------------

CASES = {
    # status, first sent on, times returned → on time, complete, valid
    (Status.DUE, None, 0): (0, 0, 0),
    (Status.DRAFT, date(2024, 10, 5), 0): (1, 0, 0),  # withdrawn
    (Status.RETURNED, date(2024, 10, 6), 1): (0, 0, 0),
    (Status.SUBMITTED, date(2024, 10, 5), 0): (1, 1, 0),
    (Status.SUBMITTED, date(2024, 10, 6), 1): (0, 1, 0),
    (Status.ACCEPTED, date(2024, 10, 1), 0): (1, 1, 1),
    (Status.ACCEPTED, date(2024, 10, 6), 0): (0, 1, 1),
    (Status.ACCEPTED, date(2024, 10, 4), 2): (1, 1, 0),
}


@pytest.mark.parametrize(("facts", "counted"), CASES.items(), ids=str)
def test_rates_of_one_report(cast, tree, quarter, facts, counted):
    status, sent_on, returned = facts
    report = factories.report(tree.song_lam, quarter)
    report.status, report.first_sent_on, report.times_returned = status, sent_on, returned
    report.return_reason = "Sai" if status == Status.RETURNED else ""
    report.save()
    others = rates_of(tree.truong_son, quarter)
    report.is_suspended = True
    report.save()

    without = rates_of(tree.truong_son, quarter)
    assert without.due == others.due - 1
    gained = (
        others.on_time - without.on_time,
        others.complete - without.complete,
        others.valid - without.valid,
    )
    assert gained == counted


def test_rates_by_child(tree, quarter, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = rates_by_child(tree.building, quarter)

    direct, branch = Rates(due=1), Rates(due=4, on_time=2, complete=2, valid=1, accepted=1)
    assert found == {"": direct, tree.truong_son.path: branch}
    assert rates_of(tree.building, quarter) == direct + branch
    assert (branch.complete_text, Rates().complete_text) == ("2/4 (50,00%)", "0/0")


# --- the cost ------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [0, 3])
def test_the_pages_cost_the_same_whatever_hangs_below(
    as_, cast, tree, signed, ready, after, more, django_assert_num_queries
):
    for number in range(more):
        upper = factories.unit(f"UP-{number}", parent=tree.building, kind=Kind.UPPER)
        factories.person(f"up{number}", upper, Role.REVIEWER)
        made(upper, ready, cast.root)
    units = [factories.unit(f"TS-1{number}", parent=tree.truong_son) for number in range(more)]
    add_reports_to_open_quarters(units, by=cast.root)
    actions.return_report(factories.report(tree.song_lam, ready), by=cast.root, reason="Sai")
    client = as_(cast.federation_reviewer)

    with django_assert_num_queries(11):
        assert client.get(LIST).status_code == 200
    with django_assert_num_queries(12):
        assert client.get(PAGE).status_code == 200
