"""From reports to sums: what counts, on which basis, in which structure."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members import actions
from members.models import Quarter, SectorGroup
from targets.measures import Asked, Coverage, Sums, measure
from tests import factories
from tests.factories import accepted, submitted

YEAR = date(2024, 1, 1)
ALL = frozenset({"HC", "SN1", "SN2", "SN3", "NN", "NNN", "FDI", "HTX", "ND", "KH"})


def read(unit, *, at: Quarter, sectors=ALL, since=YEAR, **reading) -> Sums:
    asked = Asked([unit], list(Quarter.objects.all()), [at], since, **reading)
    return measure(asked).of(unit, sectors, at, since=since)


@pytest.fixture
def quarters(tree) -> list[Quarter]:
    """Two quarters of 2024, the first of the product."""
    return [factories.open_quarter("2024Q1"), factories.open_quarter("2024Q2")]


def test_stock_is_of_the_cut_off_and_flows_are_of_all_quarters_since_the_start(tree, quarters):
    first, second = quarters
    accepted(tree.huong_giang, first, opening=100, admitted=10, left_job=4, workers=150)
    accepted(tree.huong_giang, second, admitted=5, left_retired=1, workers=160)
    sums = read(tree.truong_son, at=second)
    assert (sums.stock("members"), sums.stock("workers")) == (110, 160)
    assert (sums.flow("admitted"), sums.left, sums.net_increase) == (15, 5, 10)


def test_flows_before_the_start_do_not_count(tree, quarters):
    first, second = quarters
    accepted(tree.huong_giang, first, opening=100, admitted=10)
    accepted(tree.huong_giang, second, admitted=5)
    assert read(tree.truong_son, at=second, since=date(2024, 4, 1)).flow("admitted") == 5


def test_admitted_less_left_is_the_net_increase(tree, quarters):
    accepted(tree.huong_giang, quarters[0], opening=20_000, admitted=30_018, left_job=10_979)
    assert read(tree.building, at=quarters[0]).net_increase == 19_039


def test_transfers_inside_a_branch_cancel_and_count_across_its_border(tree, quarters):
    first = quarters[0]
    accepted(tree.huong_giang, first, opening=100, transferred_out=7)
    accepted(tree.song_lam, first, opening=100, transferred_in=7)
    accepted(tree.hon_da, first, opening=100, transferred_in=2)
    accepted(tree.weavers, first, opening=100, transferred_out=2)
    assert read(tree.truong_son, at=first).net_increase == 0
    assert read(tree.building, at=first).net_increase == 2
    assert read(tree.textiles, at=first).net_increase == -2
    assert read(tree.confederation, at=first).net_increase == 0


def test_an_adjustment_is_no_growth(tree, quarters):
    accepted(tree.huong_giang, quarters[0], opening=100, admitted=3, adjustment=12)
    sums = read(tree.truong_son, at=quarters[0])
    found = (sums.stock("members"), sums.net_increase, sums.flow("adjustment"))
    assert found == (115, 3, 12)


def test_reorganisation_can_be_left_out_of_the_net_increase(tree, quarters):
    accepted(tree.huong_giang, quarters[0], opening=100, admitted=3, left_reorganised=40)
    sums = read(tree.truong_son, at=quarters[0])
    assert (sums.net_increase, sums.net_increase_without_reorganisation) == (-37, 3)


# --- late, missing, waiting ----------------------------------------------------------------------


def test_a_late_unit_does_not_make_a_total_dip(tree, quarters):
    first, second = quarters
    accepted(tree.huong_giang, first, opening=100, workers=120)
    accepted(tree.song_lam, first, opening=200, workers=210)
    accepted(tree.song_lam, second, admitted=5, workers=210)
    sums = read(tree.truong_son, at=second)
    assert (sums.stock("members"), sums.stock("workers"), sums.net_increase) == (305, 330, 5)
    assert sums.coverage == Coverage(due=4, accepted=1, submitted=0, carried=1, missing=2)


def test_what_was_never_reported_is_not_zero(tree, quarters):
    sums = read(tree.truong_son, at=quarters[0])
    assert [sums.stock("members"), sums.flow("admitted"), sums.net_increase, sums.left] == (
        [None] * 4
    )
    assert sums.coverage == Coverage(due=4, missing=4)


def test_flows_of_a_carried_unit_are_zero_and_those_of_a_missing_one_unknown(tree, quarters):
    first, second = quarters
    accepted(tree.huong_giang, first, opening=100, admitted=10)
    since = date(2024, 4, 1)
    assert read(tree.huong_giang, at=second, since=since).net_increase == 0
    assert read(tree.song_lam, at=second, since=since).net_increase is None


def test_a_waiting_report_counts_where_the_basis_says_so(tree, quarters):
    first, second = quarters
    accepted(tree.huong_giang, first, opening=100, workers=120)
    submitted(tree.huong_giang, second, admitted=8, workers=130)
    for unit in (tree.huong_giang, tree.truong_son, tree.confederation):
        settled, hoped = (read(unit, at=second, basis=b) for b in ("accepted", "submitted"))
        assert [settled.stock("members"), settled.stock("workers")] == [100, 120]
        assert [hoped.stock("members"), hoped.stock("workers")] == [108, 130]
        assert (settled.net_increase, hoped.net_increase) == (0, 8)
        assert (settled.coverage.carried, hoped.coverage.carried) == (1, 0)
        assert settled.coverage.submitted == hoped.coverage.submitted == 1


def test_a_first_report_that_waits_is_missing_from_the_accepted_basis(tree, quarters):
    submitted(tree.huong_giang, quarters[0], opening=100)
    sums = read(tree.huong_giang, at=quarters[0])
    assert sums.stock("members") is None
    assert sums.coverage == Coverage(due=1, submitted=1, missing=1)


def test_an_accepted_report_opened_again_stands_with_the_quarter_before(tree, quarters):
    first, second = quarters
    accepted(tree.huong_giang, first, opening=100)
    report = accepted(tree.huong_giang, second, admitted=8)
    actions.return_report(report, by=factories.superuser(), reason="Sai số")
    assert read(tree.truong_son, at=second).stock("members") == 100


# --- density -------------------------------------------------------------------------------------


def test_density_counts_a_unit_only_where_workers_and_members_are_known(tree, quarters):
    accepted(tree.huong_giang, quarters[0], opening=90, workers=100)
    accepted(tree.masons, quarters[0], opening=50, workers=None)
    sums = read(tree.truong_son, at=quarters[0])
    assert sums.stock("members") == 140
    assert (sums.stock("density_members"), sums.stock("density_workers")) == (90, 100)


def test_a_sum_is_over_the_sectors_asked(tree, quarters):
    accepted(tree.huong_giang, quarters[0], opening=100)
    accepted(tree.song_lam, quarters[0], opening=200)
    accepted(tree.office, quarters[0], opening=30)
    found = [
        read(tree.truong_son, at=quarters[0], sectors=sectors).stock("members")
        for sectors in (ALL, frozenset({"NN"}), frozenset({"NN", "HC"}), frozenset())
    ]
    assert found == [330, 200, 230, None]


# --- the same figures from above and from below --------------------------------------------------


def test_a_superior_with_one_unit_says_what_the_unit_says(tree, quarters):
    first, second = quarters
    accepted(tree.weavers, first, opening=100, admitted=9, left_other=2, workers=140)
    submitted(tree.weavers, second, admitted=4, transferred_out=1, workers=150)
    for basis in ("accepted", "submitted"):
        for structure in ("reported", "current"):
            above, below = (
                read(unit, at=second, basis=basis, structure=structure)
                for unit in (tree.spinning, tree.weavers)
            )
            names = [name for name in above.at_cut_off[0] if name not in ("unit", "cut_off")]
            assert [[row[n] for n in names] for row in above.at_cut_off] == [
                [row[n] for n in names] for row in below.at_cut_off
            ]


def test_a_sector_changed_since_counts_where_the_structure_says(tree, quarters):
    accepted(tree.huong_giang, quarters[0], opening=100)
    tree.huong_giang.sector_id = "FDI"
    tree.huong_giang.save(update_fields=["sector"])
    for structure, sector in (("reported", "NNN"), ("current", "FDI")):
        held = read(
            tree.huong_giang, at=quarters[0], sectors=frozenset({sector}), structure=structure
        )
        assert held.stock("members") == 100


def test_reading_costs_the_same_for_one_unit_and_for_all(tree, quarters):
    accepted(tree.huong_giang, quarters[0], opening=100)
    existing = list(Quarter.objects.all())
    few = [tree.truong_son, tree.huong_giang]
    many = [*few, tree.building, tree.confederation, tree.song_lam, tree.office, tree.hon_da]
    for units in (few, many):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            measure(Asked(units, existing, existing, YEAR))
        assert len(captured) == 2


def test_the_groups_of_the_tests_are_those_of_the_product(tree):
    group = SectorGroup.objects.get(code=SectorGroup.ALL)
    assert frozenset(group.sectors.values_list("code", flat=True)) == ALL
