"""The list of units to focus on, row by row against a second calculation, written from the rules
alone, over branches made by chance."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest

from members import reference
from members.models import Quarter, Sector, SectorGroup
from targets.focus import focus_on
from tests.targets import made
from tests.targets.test_progress_against_a_model import (
    CUT_OFFS,
    GROUPS,
    NAMED_GROUPS,
    OPENED,
    Made,
    Model,
)


def binding(model: Model, unit: str, day: date) -> int | None:
    """The nearest target upward for a group that holds the sector; else the nearest for all."""
    sector = model.sector[unit]
    for groups in (NAMED_GROUPS, [] if sector == "ND" else ["all"]):
        for above in model.chain(unit):
            for group in groups:
                value = model.in_force(above, ("density", group, None), day)
                if sector in GROUPS[group] and value is not None:
                    return value
    return None


def expected(model: Model, unit: str, read: int, basis: str, day: date) -> tuple[Any, int]:
    """By unit: workers, members, threshold and what is missing; and how many have no figures."""
    found, unknown = {}, 0
    for one in model.reporting(unit, GROUPS["all"], read):
        minimum = binding(model, one, day)
        if minimum is None:
            continue
        stated = model.counts(one, read, basis) or model.carried(one, read)
        if stated is None or stated.workers is None:
            unknown += 1
            continue
        gap = 0
        while (stated.members + gap) * 100 < minimum * stated.workers:
            gap += 1
        if gap:
            found[one] = (stated.workers, stated.members, minimum, gap)
    return found, unknown


@pytest.mark.parametrize("seed", range(8))
def test_the_list_is_what_the_rules_say(db, seed):
    """Branches by chance: thresholds at two and three levels, at units that report too, ``all``
    beside a named group, targets revised, reports late, draft, returned and waiting."""
    reference.load(Sector, SectorGroup)
    chance = random.Random(seed)
    world = Made(chance)
    for place in range(len(OPENED)):
        world.report(place)
    plan = world.assign(is_older=False)
    inside = [code for code in world.superiors if world.root in world.model.chain(code)]
    for asked in range(len(OPENED)):
        unit = chance.choice(inside)
        facts = {
            "basis": chance.choice(["accepted", "submitted"]),
            "structure": chance.choice(["reported", "current"]),
            "plan_as_of": chance.choice([date(2024, 6, 30), date(2024, 7, 1)]),
        }
        quarter = Quarter.objects.get(code=OPENED[asked])
        focus = focus_on(made.question(plan, quarter, **facts), world.units[unit])
        read = min(asked, 4)  # the last quarter of the plan
        assert CUT_OFFS[read] <= plan.ends_on
        should, unknown = expected(world.model, unit, read, facts["basis"], facts["plan_as_of"])
        if focus is None:
            assert should == {}
            continue
        rows = list(focus.rows(focus.reports, last=focus.standing.below, on=date(2024, 10, 4)))
        found = {
            row.unit.code: (row.workers, row.members, row.binding.minimum, row.gap) for row in rows
        }
        assert found == should, (unit, OPENED[asked], facts)
        assert [row.gap for row in rows] == sorted((gap for *_, gap in should.values()), key=int)[
            ::-1
        ]
        assert focus.standing.unknown == unknown
        assert focus.standing.gap == sum(gap for *_, gap in should.values())
        assert not rows or rows[-1].share == 100
