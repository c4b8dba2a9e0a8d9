"""Splitting a number over units in whole numbers, with exactly its sum. Pure: no Django.

Largest remainder (Hamilton): each gets the whole part of its exact share, and what is left goes one
by one to the largest fractions, among equal ones to those that come first. No unit is ever a whole
one away from its exact share, and whoever weighs more never gets less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

Weight = int | float | Decimal | Fraction


class CannotShare(Exception):
    """There is nobody to share among: no weight is known, or all are 0."""


class KeptTooMuch(CannotShare):
    """What is kept as it is exceeds the number by ``over``."""

    def __init__(self, over: int) -> None:
        super().__init__(over)
        self.over = over


@dataclass(frozen=True)
class Balance:
    """«Được giao 5.493 · Đã phân bổ 5.373 · Còn lại 120»."""

    assigned: int
    allocated: int

    @property
    def left(self) -> int:
        """Negative where more is allocated than was assigned."""
        return self.assigned - self.allocated

    @property
    def over(self) -> int:
        return max(0, -self.left)


def head_room(workers: int | None, members: int | None) -> int | None:
    """«Chưa vào công đoàn»; unknown where either is."""
    if workers is None or members is None:
        return None
    return max(0, workers - members)


def share_out(number: int, weights: Sequence[Weight | None]) -> list[int]:
    """Whole numbers in proportion to the weights, with exactly this sum; unknown weighs nothing."""
    exact_weights = [Fraction(weight or 0) for weight in weights]
    whole = sum(exact_weights)
    if not whole:
        if number:
            raise CannotShare
        return [0] * len(weights)
    exact = [number * weight / whole for weight in exact_weights]
    shares = [int(share) for share in exact]
    by_remainder = sorted(range(len(weights)), key=lambda place: shares[place] - exact[place])
    for place in by_remainder[: number - sum(shares)]:
        shares[place] += 1
    return shares


def share_out_around(
    number: int, weights: Sequence[Weight | None], kept: Mapping[int, int]
) -> list[int]:
    """The same, where some places keep what they have; the others share the rest."""
    rest = number - sum(kept.values())
    if rest < 0:
        raise KeptTooMuch(-rest)
    others = [place for place in range(len(weights)) if place not in kept]
    shares = dict(kept)
    shares.update(zip(others, share_out(rest, [weights[place] for place in others]), strict=True))
    return [shares[place] for place in range(len(weights))]
