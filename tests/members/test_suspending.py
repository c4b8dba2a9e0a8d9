"""Units that rest: they owe no report, and what they last had stays in the totals."""

from datetime import date

import pytest
from django.urls import reverse

from members import actions, suspending, totals
from members.actions import Refused
from members.models import HistoryEntry, QuarterlyReport, QuarterTotal, Status, Structure
from members.periods import close_quarter, reopen_quarter
from members.stale import stale, stale_words
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]
DAY = date(2024, 8, 1)


@pytest.fixture
def by(world, db):
    return world.cast.administrator


def counts(tree, quarter):
    """Reports owed, suspended and carried of the branch of Trường Sơn, and its carried members."""
    rows = QuarterTotal.objects.filter(
        unit=tree.truong_son, quarter=quarter, structure=Structure.REPORTED
    ).values_list("reports", "suspended", "carried", "carried_members")
    return tuple(sum(column or 0 for column in columns) for columns in zip(*rows, strict=True))


def test_a_suspended_unit_owes_nothing_and_its_stock_stays(tree, by):
    second = factories.open_quarter("2024Q2")
    factories.accepted(tree.huong_giang, second, opening=195)
    third = factories.open_quarter("2024Q3")
    assert counts(tree, third) == (4, 0, 1, 195)

    suspending.suspend(tree.huong_giang, on=DAY, by=by, decision_no="07/QĐ-CĐ")

    report = factories.report(tree.huong_giang, third)
    assert (report.is_suspended, report.is_editable) == (True, False)
    assert counts(tree, third) == (3, 1, 0, 195)
    assert list(totals.differences()) == []

    suspending.resume(tree.huong_giang, on=date(2024, 9, 1), by=by)
    assert factories.report(tree.huong_giang, third).is_editable
    assert counts(tree, third) == (4, 0, 1, 195)
    assert list(totals.differences()) == []


@pytest.fixture
def three_quarters(world, db):
    """Quý II is closed with a report of Hương Giang alone; Quý III and IV are open at once."""
    tree = world.tree
    second = factories.open_quarter("2024Q2")
    factories.accepted(tree.huong_giang, second, opening=195)
    close_quarter(second, by=world.cast.root)
    return [second, factories.open_quarter("2024Q3"), factories.open_quarter("2024Q4")]


def owed(unit):
    return [
        (report.quarter.code, not report.is_suspended)
        for report in unit.reports.select_related("quarter").by_time()
    ]


@pytest.mark.parametrize(
    ("suspended_on", "resumed_on", "expected"),
    [
        (date(2024, 10, 1), None, (True, True, False)),  # the cut-off before it is still owed
        (date(2024, 9, 30), None, (True, False, False)),  # on the cut-off itself
        (date(2023, 1, 1), None, (True, False, False)),  # dated back: what is closed stays
        (date(2025, 3, 1), None, (True, True, True)),  # ahead
        (date(2024, 8, 1), date(2024, 12, 31), (True, False, True)),
        (date(2024, 8, 1), date(2024, 9, 30), (True, True, True)),
        (date(2024, 8, 1), date(2025, 1, 1), (True, False, False)),
        (date(2024, 8, 1), date(2024, 8, 1), (True, True, True)),  # taken back
    ],
)
def test_which_reports_follow(tree, by, three_quarters, suspended_on, resumed_on, expected):
    suspending.suspend(tree.song_lam, on=suspended_on, by=by)
    if resumed_on:
        suspending.resume(tree.song_lam, on=resumed_on, by=by)

    codes = [quarter.code for quarter in three_quarters]
    assert owed(tree.song_lam) == list(zip(codes, expected, strict=True))
    assert list(totals.differences()) == []


def test_a_sent_report_stays_and_a_draft_waits(tree, by, three_quarters):
    _second, third, fourth = three_quarters
    factories.submitted(tree.huong_giang, third, admitted=8)
    actions.save_draft(factories.report(tree.huong_giang, fourth), {"members": 210}, by=by)

    suspending.suspend(tree.huong_giang, on=DAY, by=by)
    sent, draft = (factories.report(tree.huong_giang, q) for q in (third, fourth))
    assert (sent.status, sent.is_suspended) == (Status.SUBMITTED, False)
    assert (draft.status, draft.is_suspended, draft.members) == (Status.DRAFT, True, 210)
    with pytest.raises(Refused, match="tạm ngừng"):
        actions.save_draft(draft, {"members": 211}, by=by)

    actions.accept([sent], by=by)
    assert counts(tree, fourth) == (3, 1, 0, 203)
    suspending.resume(tree.huong_giang, on=date(2024, 12, 1), by=by)
    assert factories.submitted(tree.huong_giang, fourth).opening_members == 203
    assert list(totals.differences()) == []


def test_later_quarters_ask_when_they_open_or_open_again(tree, by, three_quarters):
    second, third, _fourth = three_quarters
    suspending.suspend(tree.song_lam, on=date(2024, 6, 1), by=by)
    suspending.resume(tree.song_lam, on=date(2025, 6, 1), by=by)
    factories.open_quarter("2025Q1")
    factories.open_quarter("2025Q2")
    assert [is_owed for _code, is_owed in owed(tree.song_lam)] == [True, False, False, False, True]

    reopen_quarter(second, by=by, reason="Sửa số liệu")
    assert factories.report(tree.song_lam, second).is_suspended
    assert counts(tree, second)[:2] == (3, 1)
    assert list(totals.differences()) == []
    assert third.is_open


@pytest.mark.parametrize(
    ("unit", "on", "words"),
    [
        ("truong_son", DAY, "Chỉ đơn vị phải báo cáo mới có thể tạm ngừng."),
        ("office", DAY, "Đơn vị đang tạm ngừng."),
        (
            "hon_da",
            date(2023, 5, 1),
            "Đơn vị đã tạm ngừng từ ngày 01/6/2023 và hoạt động trở lại từ ngày 01/9/2023.",
        ),
        ("masons", date(2019, 1, 1), "Đơn vị thành lập sau ngày này."),
    ],
)
def test_what_cannot_be_suspended_is_refused(tree, by, unit, on, words):
    suspending.suspend(tree.office, on=date(2024, 1, 1), by=by)
    suspending.suspend(tree.hon_da, on=date(2023, 6, 1), by=by)
    suspending.resume(tree.hon_da, on=date(2023, 9, 1), by=by)
    type(tree.masons).objects.filter(pk=tree.masons.pk).update(founded_on=date(2020, 1, 1))

    with pytest.raises(Refused) as refused:
        suspending.suspend(getattr(tree, unit), on=on, by=by)
    assert str(refused.value) == words
    with pytest.raises(Refused, match="không tạm ngừng"):
        suspending.resume(tree.hon_da, on=DAY, by=by)
    with pytest.raises(Refused, match="không thể hoạt động trở lại trước ngày đó"):
        suspending.resume(tree.office, on=date(2023, 12, 31), by=by)
    assert suspending.suspend(tree.hon_da, on=date(2023, 9, 1), by=by)


# --- pages ---------------------------------------------------------------------------------------


def test_what_it_means_is_shown_before_it_counts(as_, tree, by, three_quarters, settings):
    settings.DEMO_TODAY = date(2024, 10, 8)
    administrator = as_(by)
    url = reverse("unit-suspend", args=["TS-01"])
    page = administrator.get(url).content.decode()
    assert "Báo cáo Quý IV/2024 không phải gửi nữa." in page
    assert "Báo cáo Quý III/2024 không phải gửi nữa." not in page

    typed = {"on": "01/9/2024", "decision_no": "07/QĐ-CĐ", "note": "Ngừng sản xuất"}
    asked = administrator.post(url, typed | {"seen": "2024-10-08"}).content.decode()
    assert "Báo cáo Quý III/2024 không phải gửi nữa." in asked
    assert not tree.huong_giang.suspensions.exists()

    answer = administrator.post(url, typed | {"seen": "2024-09-01"})
    assert answer.headers["location"] == tree.huong_giang.get_absolute_url()
    line = HistoryEntry.objects.filter(kind="unit").latest("pk")
    assert (line.verb, line.reason) == ("suspended the unit", "Ngừng sản xuất")
    assert line.changes == {"starts_on": [None, "2024-09-01"], "decision_no": [None, "07/QĐ-CĐ"]}

    resume = reverse("unit-resume", args=["TS-01"])
    unit_page = administrator.get(tree.huong_giang.get_absolute_url()).content.decode()
    assert "Tạm ngừng từ ngày 01/9/2024" in unit_page
    assert f'href="{resume}"' in unit_page
    units = administrator.get(reverse("unit-list")).content.decode()
    assert "Tạm ngừng từ ngày 01/9/2024" in units
    page = administrator.get(resume).content.decode()
    assert "Báo cáo Quý IV/2024 phải gửi, hạn 05/01/2025." in page
    administrator.post(resume, {"on": "08/10/2024", "seen": "2024-10-08"})
    assert owed(tree.huong_giang) == [("2024Q2", True), ("2024Q3", False), ("2024Q4", True)]


def test_the_lists_of_a_quarter(as_, tree, world, by, settings, django_assert_num_queries):
    settings.DEMO_TODAY = date(2024, 10, 8)
    tree.song_lam.contact_name, tree.song_lam.phone = "Nguyễn Văn Nam", "0900000456"
    tree.song_lam.save()
    old = factories.open_quarter("2023Q2")
    factories.all_accepted(old, {u: {"opening": 100} for u in (tree.song_lam, tree.office)})
    factories.accepted(tree.office, factories.open_quarter("2024Q1"))
    third = factories.open_quarter("2024Q3")  # five quarters after the first, whatever was open
    suspending.suspend(tree.huong_giang, on=DAY, by=by)
    reviewer = world.cast.reviewer
    seen = QuarterlyReport.objects.visible_to(reviewer)
    assert [r.unit for r in stale(seen, third)] == [tree.song_lam]
    assert stale_words(stale(seen, third).count()) == "Số liệu đã cũ: 1 đơn vị, từ 4 quý trở lên"

    page = as_(reviewer).get(reverse("report-list")).content.decode()
    assert "1 đơn vị tạm ngừng, không phải báo cáo" in page
    assert f'href="{reverse("suspended-list")}?quarter=2024Q3"' in page
    assert "Số liệu đã cũ: 1 đơn vị, từ 4 quý trở lên" in page
    assert f'href="{reverse("stale-list")}?quarter=2024Q3"' in page

    with django_assert_num_queries(6):
        page = as_(reviewer).get(reverse("stale-list")).content.decode()
    assert "CĐCS Nhà máy Gạch Sông Lam" in page
    assert "Quý II/2023" in page
    assert "0900 000 456" in page
    with django_assert_num_queries(7):
        page = as_(reviewer).get(reverse("suspended-list")).content.decode()
    assert "CĐCS Công ty CP Xây dựng Hương Giang" in page
    assert "Tạm ngừng từ ngày 01/8/2024" in page

    stranger = as_(world.cast.neighbour_reviewer).get(reverse("stale-list")).content.decode()
    assert "Sông Lam" not in stranger


def test_figures_are_stale_from_the_fourth_quarter_on(tree, by):
    first = factories.open_quarter("2023Q3")
    factories.all_accepted(first, {u: {"opening": 9} for u in (tree.song_lam, tree.office)})
    quarters = [factories.open_quarter(code) for code in ("2023Q4", "2024Q1", "2024Q2", "2024Q3")]
    suspending.suspend(tree.office, on=DAY, by=by)
    everything = QuarterlyReport.objects.all()

    assert [stale(everything, quarter).count() for quarter in quarters] == [0, 0, 0, 1]
    factories.accepted(tree.song_lam, quarters[-1])
    assert stale(everything, quarters[-1]).count() == 0
