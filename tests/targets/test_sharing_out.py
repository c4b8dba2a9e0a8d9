"""Sharing a number out: exact, monotone in weight, and kept shares stay."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targets.sharing import share_out, share_out_around

WEIGHTS = st.lists(st.integers(0, 50_000), min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("number", "weights", "shares"),
    [
        (10, [1, 1, 1], [4, 3, 3]),  # equal remainders: the earlier one
        (5493, [3, 2, 1], [2747, 1831, 915]),
        (7, [0, 0], [4, 3]),  # nobody weighs anything
        (7, [-5, 1], [0, 7]),  # no head-room at all
        (0, [4, 4], [0, 0]),
        (1, [Fraction(1, 3), Fraction(2, 3)], [0, 1]),
        (0, [], []),
    ],
)
def test_shares(number, weights, shares):
    assert share_out(number, weights) == shares


@pytest.mark.parametrize(("number", "weights"), [(-1, [1]), (1, [])])
def test_what_cannot_be_shared(number, weights):
    with pytest.raises(ValueError, match=r"share"):
        share_out(number, weights)


@given(st.integers(0, 100_000), WEIGHTS)
def test_the_sum_is_exact_and_more_weight_never_gets_less(number, weights):
    shares = share_out(number, weights)
    assert sum(shares) == number
    assert all(share >= 0 for share in shares)
    for weight, share in zip(weights, shares, strict=True):
        for other, others in zip(weights, shares, strict=True):
            assert not (weight > other and share < others)


@given(st.integers(0, 100_000), WEIGHTS, st.data())
def test_kept_shares_stay_and_the_rest_adds_up(number, weights, data):
    places = st.sampled_from(range(len(weights)))
    kept = data.draw(st.dictionaries(places, st.integers(0, 3_000), max_size=5))
    shares = share_out_around(number, weights, kept)
    assert all(shares[place] == share for place, share in kept.items())
    if len(kept) < len(weights) and sum(kept.values()) <= number:
        assert sum(shares) == number
