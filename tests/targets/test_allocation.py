"""Splitting a number over units: tables of numbers, and what holds whatever the numbers are."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.allocation import (
    Balance,
    CannotShare,
    KeptTooMuch,
    head_room,
    share_out,
    share_out_around,
)

numbers = st.integers(0, 100_000)
weights = st.lists(st.integers(0, 20_000), min_size=1, max_size=40).filter(any)


@pytest.mark.parametrize(
    ("number", "weighted", "shares"),
    [
        (10, [1, 1, 1], [4, 3, 3]),  # equal fractions: the first one gets the rest
        (10, [0, 1, 1, 1], [0, 4, 3, 3]),
        (100, [47_000, 16_000, 15_900, 12_000, 6_000, 3_100], [47, 16, 16, 12, 6, 3]),
        (5493, [1], [5493]),
        (2, [5, 3, 1], [1, 1, 0]),
        (0, [5, 3, 1], [0, 0, 0]),
        (0, [0, 0], [0, 0]),
        (0, [], []),
        (7, [None, 2, 5], [0, 2, 5]),
        (8, [0.5, 1.5], [2, 6]),
    ],
)
def test_shares_are_whole_and_sum_up(number, weighted, shares):
    assert share_out(number, weighted) == shares


@pytest.mark.parametrize("weighted", [[], [0], [0, 0], [None], [None, 0]])
def test_nothing_can_be_shared_among_nobody(weighted):
    with pytest.raises(CannotShare):
        share_out(5, weighted)


@pytest.mark.parametrize(
    ("kept", "shares"),
    [
        ({}, [30, 20, 10]),
        ({0: 40}, [40, 13, 7]),
        ({0: 0}, [0, 40, 20]),
        ({0: 60}, [60, 0, 0]),
        ({0: 40, 1: 15, 2: 5}, [40, 15, 5]),
    ],
)
def test_what_is_kept_stays_and_the_others_share_the_rest(kept, shares):
    assert share_out_around(60, [3, 2, 1], kept) == shares


def test_more_kept_than_there_is_says_by_how_much():
    with pytest.raises(KeptTooMuch) as told:
        share_out_around(60, [3, 2, 1], {0: 40, 2: 27})
    assert told.value.over == 7


def test_a_rest_needs_somebody_to_get_it():
    with pytest.raises(CannotShare):
        share_out_around(60, [3, 2], {0: 40, 1: 15})


@pytest.mark.parametrize(
    ("workers", "members", "room"),
    [(231, 203, 28), (100, 120, 0), (None, 12, None), (40, None, None), (0, 0, 0)],
)
def test_head_room_is_never_negative_and_unknown_is_not_zero(workers, members, room):
    assert head_room(workers, members) == room


@pytest.mark.parametrize(
    ("allocated", "left", "over"), [(5373, 120, 0), (5493, 0, 0), (5523, -30, 30), (0, 5493, 0)]
)
def test_the_balance(allocated, left, over):
    balance = Balance(5493, allocated)
    assert (balance.left, balance.over) == (left, over)


@given(numbers, weights)
def test_the_sum_is_exact_and_nobody_is_a_whole_one_off(number, weighted):
    shares, whole = share_out(number, weighted), sum(weighted)
    assert sum(shares) == number
    exact = [Fraction(number * weight, whole) for weight in weighted]
    assert all(abs(share - quota) < 1 for share, quota in zip(shares, exact, strict=True))
    assert all(share == 0 for share, weight in zip(shares, weighted, strict=True) if not weight)


@given(numbers, weights)
def test_whoever_weighs_more_gets_no_less(number, weighted):
    by_weight = sorted(zip(weighted, share_out(number, weighted), strict=True))
    assert [share for _weight, share in by_weight] == sorted(share for _w, share in by_weight)


@given(numbers, weights, st.data())
def test_more_weight_never_makes_a_share_smaller(number, weighted, data):
    place = data.draw(st.integers(0, len(weighted) - 1))
    heavier = list(weighted)
    heavier[place] += data.draw(st.integers(1, 5000))
    assert share_out(number, heavier)[place] >= share_out(number, weighted)[place]


@given(weights, st.data())
def test_kept_cells_are_respected(weighted, data):
    places = range(len(weighted))
    kept = data.draw(st.dictionaries(st.sampled_from(places), st.integers(0, 500)))
    rest = data.draw(numbers)
    others = [weighted[place] for place in places if place not in kept]
    number = sum(kept.values()) + (rest if any(others) else 0)

    shares = share_out_around(number, weighted, kept)

    assert sum(shares) == number
    assert {place: shares[place] for place in kept} == kept
    assert [shares[place] for place in places if place not in kept] == share_out(
        number - sum(kept.values()), others
    )
