"""What a report starts from and what stands in for it (SEMANTICS section 2)."""

from datetime import date

import pytest

from members import actions, periods, totals
from members.models import HistoryEntry, Quarter, QuarterTotal, Status
from tests import factories


@pytest.fixture
def by(tree):
    return factories.superuser()


@pytest.fixture
def q2(tree) -> Quarter:
    return factories.open_quarter("2024Q2")


def members_in(unit, quarter):
    """Members of a branch on the basis «accepted»: stated where accepted, carried elsewhere."""
    rows = QuarterTotal.objects.filter(unit=unit, quarter=quarter, structure="reported")
    return sum(
        (row.members if row.status == "accepted" else row.carried_members) or 0 for row in rows
    )


def test_opening_is_the_closing_of_the_last_report_sent(tree, q2, by):
    sent = factories.submitted(tree.huong_giang, q2, opening=188, admitted=7)
    q3 = factories.open_quarter("2024Q3")
    report = factories.report(tree.huong_giang, q3)
    assert (report.opening_members, report.opening_from) == (195, q2)
    assert report.carried_members is None  # nothing was accepted yet
    actions.accept([sent], by=by)
    report.refresh_from_db()
    assert (report.carried_members, report.carried_from) == (195, q2)


def test_a_late_unit_does_not_make_the_total_dip(tree, q2):
    factories.accepted(tree.huong_giang, q2, opening=195)
    factories.accepted(tree.song_lam, q2, opening=310)
    q3 = factories.open_quarter("2024Q3")
    assert members_in(tree.truong_son, q3) == 505
    factories.accepted(tree.huong_giang, q3, admitted=8)
    assert members_in(tree.truong_son, q3) == 513


def test_reopening_withdraws_the_figure_until_it_is_accepted_again(tree, q2, by):
    factories.accepted(tree.huong_giang, q2, opening=195)
    q3 = factories.open_quarter("2024Q3")
    report = factories.accepted(tree.huong_giang, q3, admitted=8)
    assert members_in(tree.confederation, q3) == 203
    actions.return_report(report, by=by, reason="Kiểm tra lại")
    assert members_in(tree.confederation, q3) == 195
    factories.accepted(tree.huong_giang, q3, admitted=9)
    assert members_in(tree.confederation, q3) == 204


def test_a_changed_closing_is_followed_up_to_the_next_accepted_report(tree, q2, by):
    factories.accepted(tree.huong_giang, q2, opening=195)
    q3 = factories.open_quarter("2024Q3")
    q4 = factories.open_quarter("2024Q4")
    factories.accepted(tree.huong_giang, q3, admitted=5)  # 200
    actions.return_report(factories.report(tree.huong_giang, q2), by=by, reason="Sai số")
    factories.accepted(tree.huong_giang, q2, opening=195, admitted=1)  # 196
    accepted, following = (factories.report(tree.huong_giang, q) for q in (q3, q4))
    assert (accepted.opening_members, accepted.expected_opening) == (195, 196)
    assert following.opening_members == 200
    assert [r.pk for r in type(accepted).objects.with_corrections()] == [accepted.pk]
    assert list(totals.differences()) == []


def test_a_sent_report_whose_opening_moves_no_longer_balances(tree, q2, by):
    factories.accepted(tree.huong_giang, q2, opening=195)
    q3 = factories.open_quarter("2024Q3")
    later = factories.submitted(tree.huong_giang, q3, admitted=5)
    actions.return_report(factories.report(tree.huong_giang, q2), by=by, reason="Sai số")
    factories.accepted(tree.huong_giang, q2, opening=195, admitted=1)
    later.refresh_from_db()
    assert (later.status, later.opening_members, later.is_balanced) == ("submitted", 196, False)
    with pytest.raises(actions.Refused):
        actions.accept([later], by=by)
    followed = HistoryEntry.objects.filter(verb="the opening followed an earlier report")
    assert [line.changes["opening_members"] for line in followed.order_by("pk")][-1] == [195, 196]


def test_flows_cover_the_quarters_that_were_never_sent(tree, q2):
    factories.accepted(tree.huong_giang, q2, opening=195)
    factories.open_quarter("2024Q3")
    q4 = factories.open_quarter("2024Q4")
    report = factories.report(tree.huong_giang, q4)
    assert (report.opening_members, report.covers_from) == (195, date(2024, 7, 1))


def test_no_report_is_accepted_while_an_earlier_one_waits(tree, q2, by):
    factories.submitted(tree.huong_giang, q2, opening=195)
    q3 = factories.open_quarter("2024Q3")
    later = factories.submitted(tree.huong_giang, q3)
    with pytest.raises(actions.Refused):
        actions.accept([later], by=by)
    both = [factories.report(tree.huong_giang, q) for q in (q3, q2)]
    assert len(actions.accept(both, by=by)) == 2


def test_a_unit_founded_in_the_quarter_starts_at_nothing(tree):
    young = factories.unit("TS-09", parent=tree.truong_son, founded_on=date(2024, 8, 15))
    q3 = factories.open_quarter("2024Q3")
    report = factories.report(young, q3)
    assert (report.is_new_unit, report.opening_members) == (True, 0)
    q4 = factories.open_quarter("2024Q4")
    late = factories.report(young, q4)
    assert (late.is_new_unit, late.opening_members, late.covers_from) == (
        True,
        0,
        date(2024, 7, 1),
    )


def test_a_unit_founded_after_the_cut_off_owes_no_report(tree):
    young = factories.unit("TS-09", parent=tree.truong_son, founded_on=date(2024, 10, 1))
    factories.open_quarter("2024Q3")
    assert not young.reports.exists()


def test_a_unit_added_later_gets_the_reports_of_open_quarters(tree, q2, by):
    q3 = factories.open_quarter("2024Q3")
    late = factories.unit("TS-09", parent=tree.truong_son, founded_on=date(2024, 7, 20))
    assert periods.add_reports_to_open_quarters([late], by=by) == 1
    report = factories.report(late, q3)
    assert (report.status, report.is_new_unit) == (Status.DUE, True)
    assert list(totals.differences()) == []


def test_quarters_open_in_order_and_never_overlap(tree, q2, by):
    with pytest.raises(actions.Refused):
        factories.open_quarter("2024Q1")
    with pytest.raises(actions.Refused):
        factories.open_quarter("2024Q2")


def test_closing_refuses_while_a_report_waits(tree, q2, by):
    sent = factories.submitted(tree.huong_giang, q2, opening=195)
    with pytest.raises(actions.Refused):
        periods.close_quarter(q2, by=by)
    actions.accept([sent], by=by)
    closed = periods.close_quarter(q2, by=by)
    assert not closed.is_open
    with pytest.raises(actions.Refused):
        factories.submitted(tree.song_lam, q2, opening=310)
    with pytest.raises(actions.Refused):
        periods.reopen_quarter(closed, by=by, reason=" ")
    periods.reopen_quarter(closed, by=by, reason="Thiếu 44 đơn vị")
    factories.submitted(tree.song_lam, q2, opening=310)


def test_the_second_of_two_people_is_told(tree, q2, by):
    report = factories.report(tree.huong_giang, q2)
    actions.save_draft(report, {"workers": 231}, by=by, version=report.version)
    with pytest.raises(actions.Changed) as changed:
        actions.save_draft(report, {"workers": 230}, by=by, version=report.version)
    assert changed.value.report.workers == 231


def test_what_does_not_follow_is_not_sent(tree, q2, by):
    report = factories.report(tree.huong_giang, q2)
    wrong = factories.figures(195, admitted=12) | {"members": 209}
    with pytest.raises(actions.Refused, match="2"):
        actions.submit(report, wrong, by=by)
    report.refresh_from_db()
    assert report.status == Status.DUE


def test_every_change_is_in_the_history_from_and_to(tree, q2, by):
    report = factories.submitted(tree.huong_giang, q2, opening=195, admitted=3, by=by)
    actions.return_report(report, by=by, reason="Chưa khớp quyết định kết nạp")
    lines = HistoryEntry.objects.filter(unit=tree.huong_giang, quarter=q2).order_by("pk")
    sent, returned = lines
    assert (sent.verb, sent.by) == ("sent the report", by)
    assert sent.changes["admitted"] == [None, 3]
    assert sent.changes["status"] == ["due", "submitted"]
    assert (returned.verb, returned.reason) == (
        "returned the report",
        "Chưa khớp quyết định kết nạp",
    )
    assert returned.changes == {"status": ["submitted", "returned"]}
