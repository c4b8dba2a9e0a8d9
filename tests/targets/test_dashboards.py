"""What a unit is shown of a plan: which lines, which target, which figures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from django.utils.translation import override

from members import actions
from members.models import Kind, Quarter
from members.suspending import suspend
from targets.dashboards import CarriedFrom, Dashboard, children_of, dashboard
from targets.progress import Status
from targets.reading import lines
from targets.results import Line
from tests import factories
from tests.factories import accepted, submitted
from tests.targets import made
from unionplan.lib.paths import segment

Q4_2023, *_REST = QUARTERS = ("2023Q4", "2024Q1", "2024Q2", "2024Q3")


@pytest.fixture
def opened(tree) -> dict[str, Quarter]:
    return {code: factories.open_quarter(code) for code in QUARTERS}


@pytest.fixture
def plan(tree):
    """What the federation of the walks promised for 2024."""
    made_plan = made.plan(tree.building)
    made.target(made_plan, tree.building, "net-increase", 5_493)
    for group, minimum in (
        ("agencies", 100),
        ("state-enterprises", 95),
        ("other-enterprises", 90),
    ):
        made.target(made_plan, tree.building, "density", minimum, group=group)
    return made_plan


def ask(plan, quarter, unit, **facts) -> Dashboard:
    return dashboard(made.question(plan, quarter, **facts), unit)


def keys(found: list[Line]) -> list[tuple[str, str, str]]:
    return [(line.unit.code, line.indicator.code, line.group.code) for line in found]


def percent(number: Fraction | None) -> str:
    """As the walks print it."""
    return "–" if number is None else f"{Decimal(floor(number * 100 + Fraction(1, 2))) / 100:.2f}"


# --- the walks -----------------------------------------------------------------------------------


@pytest.fixture
def federation(tree, opened):
    """Walk 3: 61.816 members at the end of 2023; the sectors' figures in three units."""
    start = opened["2023Q4"]
    accepted(tree.office, start, opening=9_950, workers=10_000)
    accepted(tree.song_lam, start, opening=18_840, workers=20_000)
    accepted(tree.huong_giang, start, opening=33_026, workers=38_402, admitted=0)
    flows = {  # admitted, left, adjustment in each quarter; closing workers
        tree.office: ([(300, 0, 0), (300, 0, 0), (219, 0, 0)], 10_810),
        tree.song_lam: ([(100, 0, 0), (52, 0, 0), (0, 0, 0)], 20_000),
        tree.huong_giang: ([(2_000, 700, 0), (2_000, 700, 112), (941, 635, 0)], 41_226),
    }
    for unit, (quarters, workers) in flows.items():
        for code, (admitted, left, adjustment) in zip(QUARTERS[1:], quarters, strict=True):
            accepted(
                unit,
                opened[code],
                admitted=admitted,
                left_job=left,
                adjustment=adjustment,
                workers=workers,
            )
    return tree.building


def test_the_federation_of_the_walks(federation, plan, opened):
    board = ask(plan, opened["2024Q3"], federation)
    found = [
        (
            line.group.code,
            line.progress.numerator,
            line.progress.denominator,
            percent(line.progress.attained_percent if line.indicator.is_flow else None),
            percent(line.progress.actual if line.indicator.is_ratio else None),
            line.progress.gap_people,
            line.progress.status,
        )
        for line in board.lines
    ]
    assert found == [
        ("all", 3_877, None, "70.58", "–", 1_616, Status.AT_RISK),
        ("agencies", 10_769, 10_810, "–", "99.62", 41, Status.AT_RISK),
        ("state-enterprises", 18_992, 20_000, "–", "94.96", 8, Status.ON_TRACK),
        ("other-enterprises", 36_044, 41_226, "–", "87.43", 1_060, Status.BEHIND),
    ]
    net, agencies, state, other = (line.progress for line in board.lines)
    assert floor(net.forecast) == 5_169
    assert (agencies.start, agencies.expected_by_now) == (Fraction("99.5"), Fraction("99.875"))
    assert (state.start, state.expected_by_now) == (Fraction("94.2"), Fraction("94.8"))
    assert percent(other.start) == "86.00"
    assert percent(other.expected_by_now) == "89.00"


def test_the_pieces_of_the_net_increase_add_up(federation, plan, opened):
    pieces = ask(plan, opened["2024Q3"], federation).lines[0].pieces
    assert (pieces.admitted, pieces.left, pieces.net_increase) == (5_912, 2_035, 3_877)
    assert (pieces.opening, pieces.adjustment, pieces.closing) == (61_816, 112, 65_805)
    assert (pieces.brought_in, pieces.transfer_balance) == (0, 0)


def test_the_trend_goes_from_the_start_of_the_plan_to_its_last_quarter(federation, plan, opened):
    with override("en"):
        trend = ask(plan, opened["2024Q3"], federation).lines[0].trend
    found = [(point.label, point.actual, point.expected) for point in trend]
    assert found == [
        ("Start of the year", 0, 0),
        ("Quarter I", 1_700, Fraction(5_493, 4)),
        ("Quarter II", 3_352, Fraction(5_493, 2)),
        ("Quarter III", 3_877, Fraction(5_493 * 3, 4)),
        ("Quarter IV", None, 5_493),
    ]


def test_asked_earlier_the_board_is_as_it_was(federation, plan, opened):
    net = ask(plan, opened["2024Q1"], federation).lines[0]
    assert (net.progress.numerator, net.progress.quarters_passed) == (1_700, 1)
    assert [point.actual for point in net.trend] == [0, 1_700, None, None, None]


def test_the_chair_of_the_walks(tree, plan, opened):
    """Walk 1, steps 2, 6 and 10: 7/20 and 81,93 %, then 15/20 and 87,88 %, then 14/20."""
    made.target(plan, tree.huong_giang, "net-increase", 20)
    accepted(tree.huong_giang, opened["2023Q4"], opening=188, workers=235)
    accepted(tree.huong_giang, opened["2024Q1"], admitted=5, workers=236)
    accepted(tree.huong_giang, opened["2024Q2"], admitted=2, workers=238)

    def shown(code, **facts) -> list[tuple]:
        board = ask(plan, opened[code], tree.huong_giang, **facts)
        return [
            (
                line.group.code,
                percent(
                    line.progress.attained_percent
                    if line.indicator.is_flow
                    else line.progress.actual
                ),
                line.progress.gap_people,
                line.progress.status,
            )
            for line in board.lines
        ]

    assert [row[:3] for row in shown("2024Q2")] == [
        ("all", "35.00", 13),
        ("other-enterprises", "81.93", 20),
    ]
    submitted(
        tree.huong_giang, opened["2024Q3"], admitted=12, transferred_in=1, left_job=5, workers=231
    )
    assert shown("2024Q3", basis="submitted") == [
        ("all", "75.00", 5, Status.ON_TRACK),
        ("other-enterprises", "87.88", 5, Status.ON_TRACK),
    ]
    assert shown("2024Q3")[0] == ("all", "35.00", 13, Status.BEHIND)
    sent = factories.report(tree.huong_giang, opened["2024Q3"])
    actions.return_report(sent, by=factories.superuser(), reason="Danh sách giảm 6 người")
    accepted(
        tree.huong_giang, opened["2024Q3"], admitted=12, transferred_in=1, left_job=6, workers=231
    )
    assert shown("2024Q3") == [
        ("all", "70.00", 6, Status.AT_RISK),
        ("other-enterprises", "87.45", 6, Status.AT_RISK),
    ]


# --- which lines ---------------------------------------------------------------------------------


def test_a_unit_gets_every_line_of_the_plan_with_or_without_a_target_of_its_own(tree, plan, opened):
    [net, *density] = lines(made.question(plan, opened["2024Q3"]), [tree.truong_son])
    assert (net.target, net.progress.status, net.progress.gap_people) == (None, None, None)
    assert [line.target.minimum for line in density] == [100, 95, 90]


def test_a_line_held_only_below_is_a_line_of_the_plan(tree, plan, opened):
    made.target(plan, tree.huong_giang, "admissions", 30)
    found = lines(made.question(plan, opened["2024Q3"]), [tree.building])
    assert keys(found)[1] == ("CDN", "admissions", "all")
    assert found[1].target is None


def test_lines_stand_in_the_order_of_indicators_groups_and_due_days(tree, plan, opened):
    made.target(plan, tree.building, "members", 70_000, due_on=date(2024, 12, 31))
    made.target(plan, tree.building, "members", 65_000, due_on=date(2024, 6, 30))
    made.target(plan, tree.building, "members", 80_000)
    found = lines(made.question(plan, opened["2024Q3"]), [tree.building])
    assert [(line.indicator.code, line.group.code, line.due_on) for line in found] == [
        ("members", "all", None),
        ("members", "all", date(2024, 6, 30)),
        ("members", "all", date(2024, 12, 31)),
        ("net-increase", "all", None),
        ("density", "agencies", None),
        ("density", "state-enterprises", None),
        ("density", "other-enterprises", None),
    ]


@pytest.mark.parametrize(
    ("unit", "groups"),
    [
        ("huong_giang", ["all", "other-enterprises"]),
        ("song_lam", ["all", "state-enterprises"]),
        ("office", ["all", "agencies"]),
        ("masons", ["all"]),
    ],
)
def test_a_grassroots_unit_gets_only_lines_whose_group_holds_its_sector(
    tree, plan, opened, unit, groups
):
    found = lines(made.question(plan, opened["2024Q3"]), [getattr(tree, unit)])
    assert [line.group.code for line in found] == groups


def test_a_line_says_what_it_is_about(tree, plan, opened):
    with override("en"):
        labels = [line.label for line in ask(plan, opened["2024Q3"], tree.building).lines]
    assert labels == [
        "Net increase of members",
        "Union density, agencies and public units",
        "Union density, state enterprises",
        "Union density, other enterprises",
    ]


# --- inheritance ---------------------------------------------------------------------------------


def test_density_targets_are_inherited_from_the_nearest_unit_above(tree, plan, opened):
    made.target(plan, tree.truong_son, "density", 85, group="other-enterprises", decision_no="15")
    asked = made.question(plan, opened["2024Q3"])
    own, inherited, farther = (
        lines(asked, [unit])[-1].target for unit in (tree.truong_son, tree.huong_giang, tree.hon_da)
    )
    assert (own.minimum, own.unit, own.is_inherited) == (85, tree.truong_son, False)
    assert (inherited.minimum, inherited.unit, inherited.is_inherited) == (
        85,
        tree.truong_son,
        True,
    )
    assert inherited.decision_no == "15"
    assert (farther.minimum, farther.unit) == (90, tree.building)


def test_a_unit_that_moved_keeps_the_threshold_it_reported_under(tree, plan, opened):
    """History does not move: the rule of Trường Sơn bound Hương Giang until it moved away."""
    made.target(plan, tree.truong_son, "density", 85, group="other-enterprises")
    moved = tree.huong_giang
    moved.parent, moved.path = tree.building, tree.building.path + segment(moved.pk)
    moved.save()
    found = {
        structure: lines(made.question(plan, opened["2024Q3"], structure=structure), [moved])[-1]
        for structure in ("reported", "current")
    }
    assert found["reported"].target.minimum == 85
    assert found["current"].target.minimum == 90


def test_counts_are_not_inherited(tree, plan, opened):
    [net, _density] = lines(made.question(plan, opened["2024Q3"]), [tree.huong_giang])
    assert net.target is None


def test_a_branch_of_several_sectors_shows_one_line_for_each_group(tree, plan, opened):
    accepted(tree.huong_giang, opened["2024Q3"], opening=80, workers=100)
    accepted(tree.office, opened["2024Q3"], opening=10, workers=10)
    _net, agencies, state, other = (
        (line.progress.numerator, line.progress.denominator, line.progress.status)
        for line in lines(made.question(plan, opened["2024Q3"]), [tree.truong_son])
    )
    assert agencies == (10, 10, Status.MET)
    assert state == (None, None, Status.NO_DATA)
    assert other == (80, 100, Status.BEHIND)


def test_a_density_target_on_all_serves_the_sectors_no_other_names(tree, opened):
    mixed = made.plan(tree.building)
    made.target(mixed, tree.building, "density", 80)
    made.target(mixed, tree.truong_son, "density", 90, group="other-enterprises")
    accepted(tree.huong_giang, opened["2024Q3"], opening=50, workers=100)
    accepted(tree.song_lam, opened["2024Q3"], opening=60, workers=100)
    accepted(tree.hon_da, opened["2024Q3"], opening=70, workers=100)
    accepted(tree.masons, opened["2024Q3"], opening=1_000, workers=1_000)
    asked = made.question(mixed, opened["2024Q3"])
    federation, branch = (
        {line.group.code: line.progress.numerator for line in lines(asked, [unit])}
        for unit in (tree.building, tree.truong_son)
    )
    assert federation == {"all": 180, "other-enterprises": 120}
    assert branch == {"all": 60, "other-enterprises": 50}
    assert keys(lines(asked, [tree.huong_giang, tree.hon_da, tree.masons])) == [
        ("TS-01", "density", "other-enterprises"),
        ("HD-01", "density", "all"),
        ("HD-01", "density", "other-enterprises"),
    ]


def test_occupational_unions_count_as_members_and_never_in_density(tree, opened):
    both = made.plan(tree.building)
    made.target(both, tree.building, "members", 100)
    made.target(both, tree.building, "density", 90)
    made.target(both, tree.building, "density", 50, group="non-state")
    accepted(tree.masons, opened["2024Q3"], opening=40, workers=40)
    accepted(tree.huong_giang, opened["2024Q3"], opening=10, workers=20)
    found = lines(made.question(both, opened["2024Q3"]), [tree.building])
    assert [(line.group.code, line.progress.numerator) for line in found] == [
        ("all", 50),
        ("all", None),
        ("non-state", 10),
    ]


# --- the plan as it stood ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "minimum"),
    [(date(2024, 5, 31), 20), (date(2024, 6, 1), 30), (date(2023, 12, 31), None)],
)
def test_a_target_is_its_latest_value_in_force_that_day(tree, opened, as_of, minimum):
    changed = made.plan(tree.building)
    made.target(changed, tree.building, "admissions", 20)
    made.target(changed, tree.building, "admissions", 30, in_force_on=date(2024, 6, 1))
    [line] = lines(made.question(changed, opened["2024Q3"], plan_as_of=as_of), [tree.building])
    assert (line.target and line.target.minimum) == minimum


def test_not_assigned_is_not_zero(tree, plan, opened):
    made.target(plan, tree.huong_giang, "net-increase", 0)
    accepted(tree.huong_giang, opened["2024Q3"], opening=10)
    accepted(tree.song_lam, opened["2024Q3"], opening=10)
    asked = made.question(plan, opened["2024Q3"])
    zero, none = (lines(asked, [unit])[0] for unit in (tree.huong_giang, tree.song_lam))
    assert (zero.progress.status, zero.target.minimum) == (Status.MET, 0)
    assert (none.progress.status, none.target) == (None, None)


# --- starts and spans ----------------------------------------------------------------------------


def test_members_start_from_the_openings_where_nothing_was_reported_before_the_plan(tree):
    first = factories.open_quarter("2024Q1")
    growing = made.plan(tree.building)
    made.target(growing, tree.building, "members", 130)
    accepted(tree.huong_giang, first, opening=100, admitted=5)
    [line] = lines(made.question(growing, first), [tree.building])
    found = (line.progress.start, line.progress.expected_by_now, line.progress.status)
    assert found == (100, Fraction(215, 2), Status.AT_RISK)


def test_before_the_plan_starts_its_lines_are_not_due(tree, opened):
    later = made.plan(tree.building)
    made.target(later, tree.building, "members", 130)
    accepted(tree.huong_giang, opened["2023Q4"], opening=100)
    [line] = lines(made.question(later, opened["2023Q4"]), [tree.building])
    assert (line.progress.actual, line.progress.status) == (100, Status.NOT_DUE)


def test_asked_after_its_end_a_plan_shows_its_last_quarter(tree, opened):
    half = made.plan(tree.building, ends_on=date(2024, 6, 30))
    made.target(half, tree.building, "admissions", 20)
    made.target(half, tree.building, "members", 100)
    accepted(tree.huong_giang, opened["2024Q2"], opening=100, admitted=9)
    accepted(tree.huong_giang, opened["2024Q3"], admitted=50)
    board = ask(half, opened["2024Q3"], tree.building)
    members, admissions = board.lines
    assert (members.progress.actual, members.progress.status) == (109, Status.MET)
    assert (admissions.progress.actual, admissions.progress.status) == (9, Status.MISSED)
    assert (board.quarter, board.total.members) == (opened["2024Q2"], 109)


def test_a_milestone_keeps_the_figures_of_its_own_quarter(tree, opened):
    steps = made.plan(tree.building)
    made.target(steps, tree.building, "admissions", 10, due_on=date(2024, 6, 30))
    made.target(steps, tree.building, "admissions", 80, due_on=date(2024, 12, 31))
    accepted(tree.huong_giang, opened["2024Q2"], opening=100, admitted=9)
    accepted(tree.huong_giang, opened["2024Q3"], admitted=50)
    board = ask(steps, opened["2024Q3"], tree.building)
    found = [(line.progress.actual, line.progress.status) for line in board.lines]
    assert found == [(9, Status.MISSED), (59, Status.AT_RISK)]
    assert board.headline is board.lines[1]


# --- the branch table ----------------------------------------------------------------------------


def test_the_branch_table_has_a_row_for_each_child_and_the_total_of_the_unit(tree, plan, opened):
    made.target(plan, tree.truong_son, "net-increase", 20)
    accepted(tree.huong_giang, opened["2024Q3"], opening=90, admitted=12, left_job=2, workers=200)
    accepted(tree.song_lam, opened["2024Q3"], opening=50, workers=50)
    accepted(tree.hon_da, opened["2024Q3"], opening=10, admitted=1, workers=11)
    board = ask(plan, opened["2024Q3"], tree.building)
    found = [
        (
            row.unit.code,
            (row.workers, row.members, row.density, row.admitted, row.left, row.net_increase),
            (row.minimum, row.attained_percent, row.gap_people, row.status),
            (row.coverage.accepted, row.coverage.due),
        )
        for row in (*board.rows, board.total)
    ]
    assert found == [
        ("HD-01", (11, 11, 100, 1, 0, 1), (None, None, None, None), (1, 1)),
        ("TS", (250, 150, 60, 12, 2, 10), (20, 50, 10, Status.BEHIND), (2, 4)),
        (
            "CDN",
            (261, 161, Fraction(16_100, 261), 13, 2, 11),
            (5_493, Fraction(1_100, 5_493), 5_482, Status.BEHIND),
            (3, 5),
        ),
    ]


def test_a_total_is_a_ratio_of_sums_and_not_a_mean_of_ratios(tree, plan, opened):
    accepted(tree.huong_giang, opened["2024Q3"], opening=10, workers=100)
    accepted(tree.hon_da, opened["2024Q3"], opening=900, workers=900)
    board = ask(plan, opened["2024Q3"], tree.building)
    assert [row.density for row in board.rows] == [100, 10]
    assert board.total.density == 91


def test_a_unit_that_moved_is_a_child_of_its_place_then_and_of_its_place_now(tree, opened):
    [placement] = tree.hon_da.placements.all()
    placement.valid_to = date(2024, 10, 1)
    placement.save()
    tree.hon_da.placements.create(
        parent=tree.truong_son, sector_id="NNN", name=tree.hon_da.name, valid_from=date(2024, 10, 1)
    )
    tree.hon_da.parent = tree.truong_son
    tree.hon_da.save()
    asked = {
        structure: made.question(made.plan(tree.building, code=structure), opened["2024Q3"])
        for structure in ("reported", "current")
    }
    then = [unit.code for unit in children_of(tree.building, asked["reported"])]
    now = made.question(asked["current"].plan, opened["2024Q3"], structure="current")
    assert then == ["HD-01", "TS"]
    assert [unit.code for unit in children_of(tree.building, now)] == ["TS"]


def test_children_of_a_quarter_are_those_that_existed_in_it(tree, plan, opened):
    factories.unit("TS-99", parent=tree.truong_son, founded_on=date(2024, 10, 1))
    ended = factories.unit("TS-98", parent=tree.truong_son)
    ended.placements.update(valid_to=date(2024, 8, 1))
    names = {
        code: {
            unit.code for unit in children_of(tree.truong_son, made.question(plan, opened[code]))
        }
        for code in ("2024Q2", "2024Q3")
    }
    assert names["2024Q3"] == {"TS-01", "TS-02", "TS-03", "ND-01", "TS-98"}
    next_quarter = factories.open_quarter("2024Q4")
    later = children_of(tree.truong_son, made.question(plan, next_quarter))
    assert {unit.code for unit in later} == {"TS-01", "TS-02", "TS-03", "ND-01", "TS-99"}


# --- coverage ------------------------------------------------------------------------------------


def test_every_total_says_what_stands_behind_it(tree, plan, opened):
    accepted(tree.huong_giang, opened["2024Q1"], opening=100)
    accepted(tree.office, opened["2024Q2"], opening=100)
    accepted(tree.song_lam, opened["2024Q3"], opening=100)
    board = ask(plan, opened["2024Q3"], tree.building)
    coverage = board.coverage
    assert (coverage.due, coverage.accepted, coverage.carried, coverage.missing) == (5, 1, 2, 2)
    assert board.carried_from == (
        CarriedFrom(opened["2024Q2"], 1),
        CarriedFrom(opened["2024Q1"], 1),
    )
    with override("en"):
        assert board.coverage_sentence == (
            "Figures summed from accepted reports of 1/5 units; "
            "1 units stand with Quarter II/2024 for now; "
            "1 units stand with Quarter I/2024 for now; 2 units have no figures yet"
        )


def test_units_that_rest_stand_apart(tree, plan, opened, cast):
    accepted(tree.huong_giang, opened["2024Q2"], opening=100)
    accepted(tree.song_lam, opened["2024Q3"], opening=100)
    suspend(tree.huong_giang, on=date(2024, 7, 1), by=cast.root)
    board = ask(plan, opened["2024Q3"], tree.building)
    assert (board.coverage.due, board.coverage.suspended, board.carried_from) == (4, 1, ())
    assert board.coverage_sentence == (
        "Số liệu tổng hợp từ báo cáo đã duyệt của 1/4 đơn vị; 3 đơn vị chưa có số liệu; "
        "1 đơn vị tạm ngừng, không phải báo cáo"
    )


def test_coverage_of_a_line_is_that_of_its_sector_group(tree, plan, opened):
    accepted(tree.huong_giang, opened["2024Q3"], opening=100)
    submitted(tree.office, opened["2024Q3"], opening=100)
    found = [
        (line.group.code, line.coverage.due, line.coverage.accepted, line.coverage.submitted)
        for line in ask(plan, opened["2024Q3"], tree.truong_son).lines
    ]
    assert found == [
        ("all", 4, 1, 1),
        ("agencies", 1, 0, 1),
        ("state-enterprises", 1, 0, 0),
        ("other-enterprises", 1, 1, 0),
    ]


# --- cost ----------------------------------------------------------------------------------------

STATEMENTS = 16


@pytest.mark.parametrize("children", [1, 30])
def test_a_dashboard_costs_the_same_for_one_child_and_for_thirty(
    tree, plan, django_assert_num_queries, children
):
    for number in range(children):
        upper = factories.unit(f"N{number:02}", parent=tree.textiles, kind=Kind.UPPER)
        factories.unit(f"N{number:02}-1", parent=upper)
    made.target(plan, tree.textiles, "net-increase", 20)
    quarter = factories.open_quarter("2024Q3")
    with django_assert_num_queries(STATEMENTS):
        board = ask(plan, quarter, tree.textiles)
        shown = [row.unit.name for row in board.rows], [line.label for line in board.lines]
        assert all(shown)
        assert board.coverage_sentence
    assert len(board.rows) == children + 1
