"""Sharing a number out: largest remainder, kept shares left alone. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction


def share_out(number: int, weights: Sequence[Fraction | int]) -> list[int]:
    """Whole shares in proportion to the weights, whose sum is exactly the number.

    Each gets the whole part of its quota, then the largest remainders get one more; of equal
    remainders the earlier one does. Weights below 0 count as 0; where all are 0 the shares are
    equal. ``ValueError`` for a negative number, or for a number with nobody to share it.
    """
    if number < 0:
        raise ValueError("a negative number cannot be shared out")
    if not weights:
        if number:
            raise ValueError("there is nobody to share with")
        return []
    positive = [max(Fraction(0), Fraction(weight)) for weight in weights]
    whole = sum(positive)
    if not whole:
        positive, whole = [Fraction(1)] * len(weights), Fraction(len(weights))
    quotas = [number * weight / whole for weight in positive]
    shares = [int(quota) for quota in quotas]
    by_remainder = sorted(range(len(quotas)), key=lambda i: (shares[i] - quotas[i], i))
    for i in by_remainder[: number - sum(shares)]:
        shares[i] += 1
    return shares


def share_out_around(
    number: int, weights: Sequence[Fraction | int], kept: Mapping[int, int]
) -> list[int]:
    """The same, with some shares kept as they are (by their place); the rest share what is left.

    Where the kept ones take more than there is, or nobody is left to take the rest, the sum is not
    the number: nothing is forced, and the page says what is over or under.
    """
    free = [i for i in range(len(weights)) if i not in kept]
    left = max(0, number - sum(kept.values()))
    shares = dict(kept)
    if free:
        shares |= dict(zip(free, share_out(left, [weights[i] for i in free]), strict=True))
    return [shares.get(i, 0) for i in range(len(weights))]
