"""Whatever people do, in whatever order, stored sums say what the reports say."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members import actions, periods, suspending, totals
from members.models import Quarter, QuarterlyReport, Suspension, Unit
from tests import factories

ONE_REPORT = ["draft", "submit", "accept", "return", "withdraw", "permit"]
AROUND_IT = ["open", "close", "reopen", "suspend", "resume"]
ACTIONS = st.lists(
    st.tuples(
        st.sampled_from([*ONE_REPORT, *AROUND_IT]),
        st.integers(0, 5),  # which unit
        st.integers(0, 2),  # which quarter
        st.integers(0, 40),  # how many admitted
    ),
    max_size=25,
)


def act(action, unit, quarter, number, *, by):
    report = factories.report(unit, quarter)
    known = report.expected_opening
    figures = factories.figures(30 if known is None else known, admitted=number, workers=60)
    day = date(2024, 6, 1) + timedelta(days=10 * number)
    match action:
        case "draft":
            actions.save_draft(report, figures, by=by)
        case "submit":
            actions.submit(report, figures, by=by)
        case "accept":
            actions.accept([report], by=by)
        case "return":
            actions.return_report(report, by=by, reason="Kiểm tra lại")
        case "withdraw":
            actions.withdraw(report, by=by)
        case "suspend":
            suspending.suspend(unit, on=day, by=by)
        case "resume":
            suspending.resume(unit, on=day, by=by)
        case "close":
            periods.close_quarter(quarter, by=by)
        case "reopen":
            periods.reopen_quarter(quarter, by=by, reason="Sửa số liệu")
        case "permit":
            actions.permit_late(report, until=date(2099, 1, 1), by=by, reason="Gửi muộn")


@given(steps=ACTIONS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_totals_are_right_after_any_sequence_of_actions(tree, quarter, steps):
    by = factories.superuser()
    units = list(Unit.objects.reporting().order_by("pk"))
    with transaction.atomic():
        for action, unit, which, number in steps:
            quarters = list(Quarter.objects.by_time())
            if action == "open":
                if len(quarters) < 3:
                    factories.open_quarter(["2024Q4", "2025Q1"][len(quarters) - 1])
                continue
            try:
                with transaction.atomic():
                    act(action, units[unit], quarters[which % len(quarters)], number, by=by)
            except actions.Refused:
                continue
        assert list(totals.differences()) == []
        assert reports_beside_their_suspensions() == []
        transaction.set_rollback(True)


def reports_beside_their_suspensions():
    """Of open quarters: suspended though the unit is not, or owed from a unit that is and that has
    never sent it."""
    return [
        report
        for report in QuarterlyReport.objects.filter(quarter__closed_at=None).exclude(
            is_suspended=False, times_sent__gt=0
        )
        if report.is_suspended
        != Suspension.objects.on(report.quarter.cut_off_on).filter(unit=report.unit_id).exists()
    ]


def test_a_rebuild_makes_the_same_totals(tree, quarter):
    factories.accepted(tree.huong_giang, quarter, opening=195, admitted=8, workers=231)
    factories.submitted(tree.song_lam, quarter, opening=310, workers=329)
    totals.QuarterTotal.objects.all().delete()
    assert len(list(totals.differences())) > 0
    totals.rebuild()
    assert list(totals.differences()) == []


@pytest.mark.parametrize("field", ["carried_members", "expected_opening"])
def test_the_checker_finds_a_wrong_carried_stock(tree, quarter, field):
    factories.accepted(tree.huong_giang, quarter, opening=195)
    later = factories.open_quarter("2024Q4")
    assert list(totals.differences()) == []
    QuarterlyReport.objects.filter(quarter=later, unit=tree.huong_giang).update(**{field: 1})
    assert len(list(totals.differences())) >= 1
