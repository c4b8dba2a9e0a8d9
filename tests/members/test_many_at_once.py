"""Real concurrency, on PostgreSQL: threads with connections of their own.

Without one order of locks a bulk acceptance, an opening and single acceptances deadlock here.
"""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection, connections

from members import actions, periods, signing_off, suspending, totals
from members.handing_over import change_chair
from members.models import Assignment, Kind, QuarterlyReport, SignOff, Status, Unit
from members.roles import Person
from tests import factories

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("_transactional_reference"),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite lets one writer in at a time"
    ),
]


@pytest.fixture
def branches():
    """Two branches of five units under one federation, and an open quarter."""
    federation = factories.unit("CDN", kind=Kind.FEDERATION)
    uppers = [factories.unit(f"U{i}", kind=Kind.UPPER, parent=federation) for i in range(2)]
    for upper in uppers:
        for i in range(5):
            factories.unit(f"{upper.code}-{i}", parent=upper)
    factories.open_quarter("2024Q3")
    return uppers


def together(*tasks):
    """Run the tasks at once, each in a thread; an exception in one fails the test."""

    def run(task):
        try:
            return task()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, t) for t in tasks]]


def reports_of(upper):
    return list(QuarterlyReport.objects.filter(parent=upper).select_related("unit", "quarter"))


def send_all():
    by = factories.superuser()
    for unit in Unit.objects.reporting():
        factories.submitted(unit, QuarterlyReport.objects.get(unit=unit).quarter, opening=50, by=by)


def test_eight_people_accept_return_and_send_again_at_once(branches):
    send_all()
    by = factories.superuser()

    def somebody(seed):
        dice = random.Random(seed)

        def task():
            for _ in range(25):
                report = dice.choice(reports_of(dice.choice(branches)))
                try:
                    match dice.choice(["accept", "return", "send"]):
                        case "accept":
                            actions.accept([report], by=by)
                        case "return":
                            actions.return_report(report, by=by, reason="Kiểm tra lại")
                        case "send":
                            typed = factories.figures(50, admitted=dice.randint(0, 9))
                            actions.submit(report, typed, by=by)
                except actions.Refused:
                    pass

        return task

    together(*(somebody(seed) for seed in range(8)))
    assert list(totals.differences()) == []


def test_bulk_acceptance_over_two_branches_beside_single_ones(branches):
    send_all()
    by = factories.superuser()
    first, second = (reports_of(upper) for upper in branches)

    def bulk():
        return len(actions.accept([*second, *first[:3]], by=by, skip_changed=True))

    def single():
        return sum(len(actions.accept([r], by=by)) for r in first[3:])

    assert together(bulk, single) == [8, 2]
    assert QuarterlyReport.objects.filter(status=Status.ACCEPTED).count() == 10
    assert list(totals.differences()) == []


def test_opening_and_late_acceptance_at_once(branches):
    send_all()
    by = factories.superuser()
    reports = reports_of(branches[0])

    def open_next():
        factories.open_quarter("2024Q4", by=by)

    def accept_each():
        for report in reports:
            actions.accept([report], by=by)

    together(open_next, accept_each)
    later = QuarterlyReport.objects.filter(quarter__code="2024Q4", parent=branches[0])
    assert {report.carried_members for report in later} == {50}
    assert list(totals.differences()) == []


def test_closing_waits_for_whoever_is_sending(branches):
    """Either the report was in first and closing refuses, or the quarter closed first."""
    by = factories.superuser()
    report = reports_of(branches[0])[0]

    def send():
        try:
            return actions.submit(report, factories.figures(50), by=by).status
        except actions.Refused:
            return "refused"

    def close():
        try:
            return periods.close_quarter(report.quarter, by=by).code
        except actions.Refused:
            return "refused"

    assert sorted(map(str, together(send, close))) in (
        ["refused", "submitted"],
        ["2024Q3", "refused"],
    )
    assert list(totals.differences()) == []


def test_the_second_of_two_acceptances_is_refused(branches):
    send_all()
    by = factories.superuser()
    report = reports_of(branches[0])[0]

    def accept():
        try:
            return len(actions.accept([report], by=by))
        except actions.Refused:
            return 0

    assert sorted(together(accept, accept)) == [0, 1]
    assert QuarterlyReport.objects.get(pk=report.pk).times_sent == 1


def test_a_sign_off_counts_a_report_or_marks_it(branches):
    """Whoever accepts beside a sign-off is either in its count, or seen as later than it."""
    send_all()
    by = factories.superuser()
    upper = branches[0]
    *first, last = reports_of(upper)
    actions.accept(first, by=by)
    actions.accept([last], by=by)

    def sign_off():
        return signing_off.sign_off(upper, last.quarter, by=by, signatory="An")

    def change():
        actions.return_report(last, by=by, reason="Kiểm tra lại")

    signed, _nothing = together(sign_off, change)
    changed = signing_off.changed_since({upper: signed}).get(upper.pk, [])
    assert (signed.accepted, changed) in [(5, [last]), (4, [])]
    assert list(totals.differences()) == []


def test_a_sign_off_beside_a_bulk_acceptance(branches):
    """Nothing deadlocks, and no report is waiting in what was signed."""
    send_all()
    by = factories.superuser()
    upper = branches[0]
    reports = [report for branch in reversed(branches) for report in reports_of(branch)]

    def sign_off():
        try:
            return signing_off.sign_off(upper, reports[0].quarter, by=by, signatory="An").accepted
        except actions.Refused:
            return "refused"

    def accept():
        return len(actions.accept(reports, by=by))

    assert together(sign_off, accept, sign_off)[1] == 10
    assert SignOff.objects.standing().count() in (0, 1)
    assert {signed.accepted for signed in SignOff.objects.all()} <= {5}
    assert list(totals.differences()) == []


def test_units_are_suspended_beside_an_opening_and_acceptances(branches):
    """Whoever comes first, a suspended unit owes no report of the quarter that opens, and of two
    who suspend it one is refused."""
    send_all()
    by = factories.superuser()
    first, second = (reports_of(upper) for upper in branches)

    def suspend():
        done = 0
        for report in first:
            try:
                suspending.suspend(report.unit, on=date(2024, 10, 1), by=by)
                done += 1
            except actions.Refused:
                pass
        return done

    def open_next():
        factories.open_quarter("2024Q4", by=by)

    def accept_each():
        for report in [*second, *first]:
            actions.accept([report], by=by)

    assert sum(together(suspend, suspend, open_next, accept_each)[:2]) == 5
    later = QuarterlyReport.objects.filter(quarter__code="2024Q4", parent=branches[0])
    assert {report.is_suspended for report in later} == {True}
    assert list(totals.differences()) == []


def test_of_two_chairs_named_at_once_one_is_refused(branches):
    unit = Unit.objects.get(code="U0-0")
    by, days = factories.superuser(), (date(2024, 10, 15), date(2024, 10, 4))

    def named(number, day):
        try:
            person = Person(f"Người {number}", f"090000070{number}")
            change_chair(unit, person, valid_from=day, by=by)
        except actions.Refused:
            return "refused"
        return "named"

    together(*(lambda n=n, day=day: named(n, day) for n, day in enumerate(days)))

    later, sooner = days
    held = Assignment.objects.filter(unit=unit).order_by("valid_from")
    spans = list(held.values_list("valid_from", "valid_to"))
    assert spans in ([(later, None)], [(sooner, later), (later, None)])
