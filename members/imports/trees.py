"""The units of a file as the tree they will make."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from members.imports.units import UnitsBroughtIn
from members.kinds import KindCounts
from members.models import Unit


@dataclass(frozen=True)
class Leaf:
    """A unit that reports."""

    unit: Unit
    is_suspended: bool


@dataclass(frozen=True)
class Branch:
    """A superior with what the file adds below it."""

    unit: Unit
    is_new: bool
    counts: KindCounts
    branches: list[Branch]
    leaves: list[Leaf]


def tree_of(brought_in: UnitsBroughtIn) -> list[Branch]:
    """From the highest superiors that the file speaks of; no statement."""
    children: dict[str, list[Unit]] = defaultdict(list)
    added = {unit.code: unit for unit in brought_in.added}
    tops: dict[str, Unit] = {}
    for unit in brought_in.added:
        if unit.parent is None:
            tops[unit.code] = unit
            continue
        children[unit.parent.code].append(unit)
        if unit.parent.code not in added:
            tops[unit.parent.code] = unit.parent

    def branch(unit: Unit) -> Branch:
        below = sorted(children[unit.code], key=lambda child: child.sort_key)
        branches = [branch(child) for child in below if child.is_superior]
        rests = brought_in.suspended
        leaves = [Leaf(child, child.code in rests) for child in below if child.is_reporting]
        counts = _sum(KindCounts.of(below, rests), [lower.counts for lower in branches])
        return Branch(unit, unit.code in added, counts, branches, leaves)

    return [branch(top) for top in sorted(tops.values(), key=lambda top: top.path)]


def _sum(counts: KindCounts, lower: Sequence[KindCounts]) -> KindCounts:
    for of_branch in lower:
        for kind, count in of_branch.items():
            counts[kind] = counts.get(kind, 0) + count
        for kind, count in of_branch.suspended.items():
            counts.suspended[kind] = counts.suspended.get(kind, 0) + count
    return counts
