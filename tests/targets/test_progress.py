"""The arithmetic of targets, by tables of numbers and without a database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targets.progress import Kind, Progress, Span, Status, Tolerance, value

CUT_OFFS = [date(2024, 3, 31), date(2024, 6, 30), date(2024, 9, 30), date(2024, 12, 31)]
BEFORE, *QUARTERS = [date(2023, 12, 31), *CUT_OFFS]
YEAR = Span.of(date(2024, 1, 1), date(2024, 12, 31), CUT_OFFS)


def flow(actual, target, *, quarter=3, counted=None, **facts) -> Progress:
    return Progress(
        kind=Kind.FLOW,
        span=YEAR,
        on=[BEFORE, *QUARTERS][quarter],
        numerator=actual,
        target=None if target is None else Decimal(target),
        start=Fraction(0),
        quarters_counted=quarter if counted is None else counted,
        **facts,
    )


def ratio(part, whole, target, *, start=None, quarter=3, **facts) -> Progress:
    return Progress(
        kind=Kind.RATIO,
        span=YEAR,
        on=[BEFORE, *QUARTERS][quarter],
        numerator=part,
        denominator=whole,
        target=None if target is None else Decimal(target),
        start=None if start is None else Fraction(start),
        **facts,
    )


def stock(actual, target, *, start=None, quarter=3, **facts) -> Progress:
    return Progress(
        kind=Kind.STOCK,
        span=facts.pop("span", YEAR),
        on=[BEFORE, *QUARTERS][quarter],
        numerator=actual,
        target=Decimal(target),
        start=None if start is None else Fraction(start),
        **facts,
    )


def hundredths(number: Fraction | None) -> int | None:
    """As the walks print it."""
    return None if number is None else floor(number * 100 + Fraction(1, 2))


# --- the figures of the walks --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actual", "target", "quarter", "percent", "status", "gap"),
    [
        (7, 20, 2, 3500, Status.BEHIND, 13),
        (15, 20, 3, 7500, Status.ON_TRACK, 5),
        (14, 20, 3, 7000, Status.AT_RISK, 6),
        (3_877, 5_493, 3, 7058, Status.AT_RISK, 1_616),
        (31, 20, 3, 15500, Status.MET, 0),
    ],
)
def test_counts_of_the_walks(actual, target, quarter, percent, status, gap):
    line = flow(actual, target, quarter=quarter)
    found = (hundredths(line.attained_percent), line.status, line.gap_people)
    assert found == (percent, status, gap)


@pytest.mark.parametrize(
    ("part", "whole", "target", "start", "percent", "path", "status", "gap"),
    [
        (203, 231, 90, None, 8788, 90, Status.BEHIND, 5),
        (202, 231, 90, None, 8745, 90, Status.BEHIND, 6),
        (195, 238, 90, None, 8193, 90, Status.BEHIND, 20),
        (10_769, 10_810, 100, "99.50", 9962, "99.875", Status.AT_RISK, 41),
        (18_992, 20_000, 95, "94.20", 9496, "94.80", Status.ON_TRACK, 8),
        (36_044, 41_226, 90, 86, 8743, 89, Status.BEHIND, 1_060),
    ],
)
def test_ratios_of_the_walks(part, whole, target, start, percent, path, status, gap):
    line = ratio(part, whole, target, start=start)
    found = (hundredths(line.actual), line.expected_by_now, line.status, line.gap_people)
    assert found == (percent, Fraction(path), status, gap)


def test_the_forecast_of_a_count_is_the_mean_of_its_quarters_times_all():
    assert flow(3_877, 5_493).forecast == Fraction(3_877 * 4, 3)
    assert floor(flow(3_877, 5_493).forecast) == 5_169


# --- thresholds ----------------------------------------------------------------------------------


def test_a_value_is_compared_unrounded():
    line = ratio(94_996, 100_000, 95)
    assert (line.status, line.gap_people) == (Status.AT_RISK, 4)
    assert ratio(95_000, 100_000, 95).status == Status.MET


def test_a_third_is_a_third():
    assert ratio(1, 3, "33.3333").status == Status.MET
    assert ratio(1, 3, "33.3334").gap_people == 1


@settings(deadline=None)  # the machine may be busy
@given(
    part=st.integers(0, 500),
    whole=st.integers(1, 500),
    target=st.decimals(0, 100, places=2),
)
def test_the_gap_is_the_least_number_of_people_who_meet_the_target(part, whole, target):
    def is_met(more: int) -> bool:
        return ratio(part + more, whole, target).status == Status.MET

    gap = ratio(part, whole, target).gap_people
    assert gap == next(more for more in range(0, whole + 1) if is_met(more))


@settings(deadline=None)
@given(actual=st.integers(-500, 500), target=st.decimals(-500, 500, places=1))
def test_the_gap_of_a_count_is_the_least_number_of_people_too(actual, target):
    gap = flow(actual, target).gap_people
    assert flow(actual + gap, target).status == Status.MET
    assert gap == 0 or flow(actual + gap - 1, target).status != Status.MET


# --- what is not known ---------------------------------------------------------------------------


def test_blank_is_not_zero():
    line = flow(None, 20)
    assert line.status == Status.NO_DATA
    assert (line.actual, line.attained_percent, line.gap_people, line.forecast) == (None,) * 4
    assert flow(0, 20).status == Status.BEHIND


@pytest.mark.parametrize(("part", "whole"), [(None, 10), (10, None), (0, 0), (5, 0)])
def test_a_ratio_needs_a_whole(part, whole):
    assert value(Kind.RATIO, part, whole) is None
    assert ratio(part, whole, 90).status == Status.NO_DATA
    assert ratio(part, whole, 90).gap_people is None


def test_without_a_target_there_is_an_actual_value_and_no_judgement():
    line = flow(7, None)
    assert line.actual == 7
    assert (line.status, line.expected_by_now, line.gap_people, line.attained_percent) == (
        (None,) * 4
    )


@pytest.mark.parametrize(("target", "percent"), [(0, None), (-10, None), (20, -600)])
def test_percent_of_a_target_of_nothing_says_nothing(target, percent):
    assert flow(-120, target).attained_percent == percent


# --- the path ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "expected"),
    [("86", 89), (None, 90), ("90", 90), ("97", 90)],
)
def test_the_path_leads_from_the_start_to_the_target(start, expected):
    assert ratio(1, 2, 90, start=start).expected_by_now == expected


@pytest.mark.parametrize(("quarter", "expected"), [(0, 0), (1, 5), (2, 10), (3, 15), (4, 20)])
def test_the_path_goes_by_quarters_that_have_ended(quarter, expected):
    assert flow(1, 20, quarter=quarter).expected_by_now == expected


@pytest.mark.parametrize(
    ("on", "passed"),
    [
        (date(2023, 12, 31), 0),
        (date(2024, 3, 30), 0),
        (date(2024, 3, 31), 1),
        (date(2025, 6, 30), 4),
    ],
)
def test_a_quarter_has_passed_on_the_day_of_its_cut_off(on, passed):
    assert YEAR.passed(on) == passed


# --- the status ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actual", "status"),
    [
        (20, Status.MET),
        (19, Status.ON_TRACK),
        (15, Status.ON_TRACK),
        (14, Status.AT_RISK),
        (13, Status.AT_RISK),  # a tenth of the way, 2, under the 15 of the path
        (12, Status.BEHIND),
        (-3, Status.BEHIND),
    ],
)
def test_a_count_is_at_risk_up_to_a_tenth_of_the_way_under_its_path(actual, status):
    assert flow(actual, 20).status == status


def test_the_way_of_a_stock_begins_at_its_start():
    """Of 1.000 → 1.200 the path is at 1.150 and a tenth of the way is 20."""
    found = [stock(actual, 1_200, start=1_000).status for actual in (1_150, 1_130, 1_129)]
    assert found == [Status.ON_TRACK, Status.AT_RISK, Status.BEHIND]


@pytest.mark.parametrize("start", [None, 1_500])
def test_without_a_path_a_count_is_at_risk_up_to_two_percent_under_its_target(start):
    found = [stock(actual, 1_000, start=start).status for actual in (1_000, 980, 979)]
    assert found == [Status.MET, Status.AT_RISK, Status.BEHIND]


@pytest.mark.parametrize(
    ("part", "status"),
    [
        (8_900, Status.ON_TRACK),
        (8_899, Status.AT_RISK),
        (8_800, Status.AT_RISK),
        (8_799, Status.BEHIND),
    ],
)
def test_a_ratio_is_at_risk_up_to_a_point_under_its_path(part, status):
    assert ratio(part, 10_000, 90, start=86).status == status


def test_a_plan_sets_its_own_tolerance():
    strict = Tolerance(share=Decimal(5), points=Decimal("0.5"))
    assert flow(14, 20, tolerance=strict).status == Status.AT_RISK
    assert flow(13, 20, tolerance=strict).status == Status.BEHIND
    assert ratio(8_849, 10_000, 90, start=86, tolerance=strict).status == Status.BEHIND


def test_before_the_plan_starts_nothing_is_due():
    assert stock(1_000, 1_200, quarter=0).status == Status.NOT_DUE
    assert stock(1_300, 1_200, quarter=0).status == Status.NOT_DUE
    assert flow(None, 20, quarter=0).status == Status.NOT_DUE
    assert stock(None, 1_200, quarter=0).status == Status.NO_DATA


def test_after_the_last_quarter_a_line_is_met_or_missed():
    assert [flow(actual, 20, quarter=4).status for actual in (20, 19)] == [
        Status.MET,
        Status.MISSED,
    ]


@pytest.mark.parametrize(
    ("due_on", "status"),
    [
        (date(2024, 6, 30), Status.MISSED),
        (date(2024, 9, 30), Status.MISSED),
        (date(2024, 11, 15), Status.AT_RISK),  # the day has not come
        (date(2024, 12, 31), Status.ON_TRACK),
    ],
)
def test_the_span_of_a_line_with_a_due_day_ends_there(due_on, status):
    span = Span.of(date(2024, 1, 1), date(2024, 12, 31), CUT_OFFS, due_on=due_on)
    assert stock(1_180, 1_200, start=1_000, span=span).status == status


def test_a_milestone_is_reached_by_its_own_quarters():
    span = Span.of(date(2024, 1, 1), date(2028, 12, 31), CUT_OFFS, due_on=date(2024, 6, 30))
    line = stock(1_100, 1_200, start=1_000, span=span, quarter=1)
    assert (span.quarters, line.expected_by_now) == (2, 1_100)


def test_a_union_year_ends_with_its_last_cut_off():
    """31/8 is the third of four quarters, 30/11 the last, though the plan ends on 31/12."""
    cut_offs = [date(2024, 2, 29), date(2024, 5, 31), date(2024, 8, 31), date(2024, 11, 30)]
    span = Span.of(date(2024, 1, 1), date(2024, 12, 31), cut_offs)
    assert [span.is_over(day) for day in cut_offs] == [False, False, False, True]


# --- pace and forecast ---------------------------------------------------------------------------


def test_pace_needed_is_what_is_missing_over_the_quarters_left():
    line = flow(12, 20, quarter=2)
    assert (line.pace_achieved, line.pace_needed) == (6, 4)
    assert flow(12, 20, quarter=4).pace_needed is None
    assert flow(25, 20).pace_needed == 0


def test_one_quarter_is_not_enough_history():
    assert flow(5, 20, quarter=1).forecast is None
    assert flow(10, 20, quarter=2).forecast == 20
    assert ratio(87, 100, 90, start=86, quarter=1).forecast is None


def test_a_share_is_forecast_up_to_the_whole():
    assert ratio(90, 100, 95, start=50, quarter=2, is_share=True).forecast == 100
    assert ratio(90, 100, 95, start=50, quarter=2).forecast == 130
    assert ratio(60, 100, 95, start=50, quarter=2, is_share=True).forecast == 70


def test_a_quotient_is_no_percentage():
    load = ratio(400, 3, 100, quarter=2, is_quotient=True, lower_is_better=True)
    assert load.actual == Fraction(400, 3)
    assert (load.status, load.gap_people) == (Status.BEHIND, None)
    nearly = ratio(301, 3, 100, quarter=2, is_quotient=True, lower_is_better=True)
    assert nearly.status == Status.AT_RISK


def test_a_count_is_not_forecast_from_quarters_nobody_counted():
    """The product came in the second quarter: two quarters of history, not three."""
    assert flow(10, 20, counted=2).forecast == 20
    assert flow(5, 20, counted=1).forecast is None


def test_ratios_and_stocks_go_on_along_the_line_from_their_start():
    assert ratio(8_750, 10_000, 90, start=86, quarter=2).forecast == 89
    assert stock(1_150, 1_300, start=1_000).forecast == 1_200
    assert stock(1_150, 1_300).forecast is None


# --- lower is better -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actual", "status"),
    [
        (400, Status.MET),
        (450, Status.ON_TRACK),  # of 600 → 400 the path is at 450
        (470, Status.AT_RISK),
        (471, Status.BEHIND),
    ],
)
def test_where_lower_is_better_all_comparisons_are_mirrored(actual, status):
    assert stock(actual, 400, start=600, lower_is_better=True).status == status


def test_where_lower_is_better_percent_is_turned_round_and_nobody_is_missing():
    line = stock(500, 400, start=600, lower_is_better=True)
    assert (line.attained_percent, line.gap_people, line.shortfall) == (80, None, 100)
    assert stock(300, 400, start=200, lower_is_better=True).has_path is False
