from members import actions, totals
from members.models import QuarterlyReport, QuarterTotal
from tests import factories


def sums(unit, quarter, structure="reported"):
    rows = QuarterTotal.objects.filter(unit=unit, quarter=quarter, structure=structure)
    return {
        (row.sector_id, row.status): (row.reports, row.carried, row.workers, row.members)
        for row in rows
    }


def test_opening_makes_one_report_for_each_reporting_unit(tree, quarter):
    assert QuarterlyReport.objects.count() == 6
    assert sums(tree.truong_son, quarter) == {
        ("HC", "outstanding"): (1, 0, None, None),
        ("NN", "outstanding"): (1, 0, None, None),
        ("NNN", "outstanding"): (1, 0, None, None),
        ("ND", "outstanding"): (1, 0, None, None),
    }
    assert list(totals.differences()) == []


def test_an_accepted_report_counts_in_every_superior_up_to_the_root(tree, quarter):
    factories.accepted(tree.huong_giang, quarter, opening=195, admitted=8, workers=231)
    for superior in (tree.truong_son, tree.building, tree.confederation):
        assert sums(superior, quarter)["NNN", "accepted"] == (1, 0, 231, 203)
        assert sums(superior, quarter, "current")["NNN", "accepted"] == (1, 0, 231, 203)
    assert list(totals.differences()) == []


def test_the_next_quarter_carries_what_was_accepted(tree, quarter):
    factories.accepted(tree.huong_giang, quarter, opening=195, admitted=8, workers=231)
    later = factories.open_quarter("2024Q4")
    report = factories.report(tree.huong_giang, later)
    assert (report.opening_members, report.carried_members, report.carried_workers) == (
        203,
        203,
        231,
    )
    actions.return_report(
        factories.report(tree.huong_giang, quarter), by=factories.superuser(), reason="Sai số"
    )
    report = factories.report(tree.huong_giang, later)
    assert (report.opening_members, report.carried_members) == (None, None)
    assert list(totals.differences()) == []


def test_what_was_tampered_with_is_found_and_mended(tree, quarter):
    factories.accepted(tree.huong_giang, quarter, opening=195, admitted=8, workers=231)
    later = factories.open_quarter("2024Q4")
    report = QuarterlyReport.objects.filter(unit=tree.huong_giang, quarter=later)
    report.update(carried_members=1, carried_from=None, opening_members=7)
    QuarterTotal.objects.filter(quarter=quarter).delete()
    assert list(totals.differences()) != []
    totals.rebuild()
    assert list(totals.differences()) == []
    mended = report.get()
    assert (mended.carried_members, mended.carried_from, mended.opening_members) == (
        203,
        quarter,
        203,
    )
