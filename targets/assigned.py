"""Which lines of a plan a unit has, and the target that binds it in each.

The rules «Which rows» and «Inheritance» of SEMANTICS section 5.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import QuerySet

from members.models import SectorGroup, Unit
from targets.indicators import Indicator, known_among
from targets.models import Plan
from unionplan.lib.paths import ids_on


class Key(NamedTuple):
    """What makes two targets of a unit the same line."""

    indicator: str
    group: str
    due_on: date | None


@dataclass(frozen=True)
class Definition:
    """What defines a line besides its key, the same for every unit of the plan."""

    is_recurring: bool = False
    parameter: int | None = None
    topics: str = ""


@dataclass(frozen=True)
class Assigned:
    """A target in force, with its decision; an inherited one belongs to a unit further up."""

    minimum: Decimal
    desired: Decimal | None
    decision_no: str
    decision_on: date | None
    in_force_on: date
    due_on: date | None
    unit: Unit
    is_inherited: bool
    owner: str = ""
    rationale: str = ""


class AssignedTargets:
    """The targets of a plan, as it stood on a day, for some units; four statements, and
    one more where indicators typed by hand are among them."""

    def __init__(
        self,
        plan: Plan,
        units: Iterable[Unit],
        *,
        as_of: date,
        paths: Mapping[int, str] | None = None,
        only: Collection[str] | None = None,
    ) -> None:
        """``paths`` are those of another day than today, by id of the unit; ``only`` names the
        indicators whose lines are wanted."""
        self._paths = paths or {}
        groups = SectorGroup.objects.prefetch_related("sectors")
        self.groups = {group.code: group for group in groups}
        self._sectors = {
            code: frozenset(sector.code for sector in group.sectors.all())
            for code, group in self.groups.items()
        }
        self.definitions = self._read_definitions(plan)
        if only is not None:
            self.definitions = {k: d for k, d in self.definitions.items() if k.indicator in only}
        self.keys = list(self.definitions)
        self._held = self._read_held(plan, units, as_of)

    def _read_definitions(self, plan: Plan) -> dict[Key, Definition]:
        """The plan's lines are those of which any unit of the owner's branch holds a target."""
        names = ("indicator", "sector_group", "due_on", "is_recurring", "parameter", "topics")
        rows = plan.targets.order_by("is_recurring", "parameter").values_list(*names).distinct()
        found = {Key(*row[:3]): Definition(*row[3:]) for row in rows}
        self.indicators = known_among({key.indicator for key in found})
        known = sorted((key for key in found if key.indicator in self.indicators), key=self._order)
        return {key: found[key] for key in known}

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {code: position for position, code in enumerate(self.indicators)}

    def _order(self, key: Key) -> tuple[Any, ...]:
        position = self.groups[key.group].position
        return (self._positions[key.indicator], position, key.group, key.due_on or date.min)

    def indicator(self, key: Key) -> Indicator:
        return self.indicators[key.indicator]

    def _read_held(
        self, plan: Plan, units: Iterable[Unit], as_of: date
    ) -> dict[tuple[int, str, str], list[Any]]:
        """In force, by unit, indicator and group: of the units and of those above them."""
        on_chains = {pk for unit in units for pk in self._chain(unit)}
        targets: QuerySet[Any] = plan.targets.as_of(as_of).filter(unit__in=on_chains)
        held = defaultdict(list)
        for target in targets.select_related("unit"):
            if target.minimum is not None:
                held[target.unit_id, target.indicator, target.sector_group_id].append(target)
        return held

    @cached_property
    def last_due_on(self) -> date | None:
        return max((key.due_on for key in self.keys if key.due_on), default=None)

    def of(self, unit: Unit, key: Key) -> Assigned | None:
        """The unit's own target or, for sector rules, that of the nearest unit above it."""
        holder = self._nearest(unit, key.indicator, key.group)
        target = next((target for target in holder if target.due_on == key.due_on), None)
        if target is None:
            return None
        return Assigned(
            minimum=target.minimum,
            desired=target.desired,
            decision_no=target.decision_no,
            decision_on=target.decision_on,
            in_force_on=target.in_force_on,
            due_on=target.due_on,
            unit=target.unit,
            is_inherited=target.unit_id != unit.pk,
            owner=target.owner,
            rationale=target.rationale,
        )

    def _chain(self, unit: Unit) -> list[int]:
        return ids_on(self._paths.get(unit.pk, unit.path))

    def _nearest(self, unit: Unit, indicator: str, group: str) -> list[Any]:
        chain = self._chain(unit)[::-1] if self.indicators[indicator].is_inherited else [unit.pk]
        held = (self._held.get((holder, indicator, group)) for holder in chain)
        return next((targets for targets in held if targets), [])

    def group_sectors(self, key: Key) -> frozenset[str]:
        return self._sectors[key.group]

    def sectors(self, unit: Unit, key: Key) -> frozenset[str]:
        """The sectors a line counts; a sector rule on ``all`` leaves out those another names."""
        indicator, sectors = self.indicator(key), self._sectors[key.group]
        if indicator.is_inherited and key.group == SectorGroup.ALL:
            others = {k.group for k in self.keys if k.indicator == key.indicator} - {key.group}
            named = (g for g in others if self._nearest(unit, key.indicator, g))
            sectors = sectors.difference(*(self._sectors[group] for group in named))
        return sectors - indicator.without_sectors

    @property
    def all_sectors(self) -> frozenset[str]:
        return self._sectors[SectorGroup.ALL]
