"""``progress`` row by row against a second calculation, written from the rules alone.

Small federations with three and four levels, late, draft, returned and re-opened reports, new
units and random plans are made by a seed. :class:`Model` keeps what was reported in plain Python
and knows nothing of totals, paths and SQL.
"""

from __future__ import annotations

import io
import json
import random
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

import pytest
from django.core.management import call_command

from members import actions, reference, totals
from members.models import Kind, QuarterlyReport, Sector, SectorGroup, Unit
from tests import factories
from tests.targets import made

SECTORS = ["HC", "SN1", "SN3", "NN", "NNN", "FDI", "KH"]
GROUPS = {code: set(sectors) for code, _vi, _en, sectors in reference.SECTOR_GROUPS}
KINDS = {"density": "ratio", "members": "stock"}  # the rest are flows
NAMED_GROUPS = ["agencies", "state-enterprises", "other-enterprises"]
OPENED = ["2023Q4", "2024Q1", "2024Q2", "2024Q3", "2024Q4", "2025Q1"]
LAST_DAYS = [date(2024, 3, 31), date(2024, 6, 30), date(2024, 9, 30), date(2024, 12, 31)]
CUT_OFFS = [date(2023, 12, 31), *LAST_DAYS, date(2025, 3, 31)]
BEFORE = [date(2023, 6, 30), date(2023, 9, 30)]  # quarters of a plan older than the product
FLOWS = ("admitted", "transferred_in", "transferred_out", "left_job", "left_other")
Key = tuple[str, str, date | None]


@dataclass
class Stated:
    status: str
    opening: int
    workers: int | None
    members: int
    admitted: int
    net: int


@dataclass
class Model:
    """Who hangs below whom, what was reported, and what was assigned."""

    parent: dict[str, str | None] = field(default_factory=dict)
    sector: dict[str, str | None] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)  # place of a unit's first quarter
    stated: dict[tuple[str, int], Stated] = field(default_factory=dict)
    quarters: int = 0
    targets: dict[tuple[str, Key], list[tuple[date, int]]] = field(default_factory=dict)
    starts_on: date = date(2024, 1, 1)  # of the plan
    cut_offs: list[date] = field(default_factory=lambda: list(LAST_DAYS))  # of its quarters
    known_before: dict[tuple[str, str, str], int] = field(default_factory=dict)

    # --- figures

    def chain(self, unit: str | None) -> list[str]:
        return [] if unit is None else [unit, *self.chain(self.parent[unit])]

    def reporting(self, unit: str, sectors: set[str], quarter: int) -> list[str]:
        return [
            one
            for one, sector in self.sector.items()
            if sector in sectors and self.since[one] <= quarter and unit in self.chain(one)
        ]

    def counts(self, unit: str, quarter: int, basis: str) -> Stated | None:
        """The report if it counts as stated."""
        stated = self.stated.get((unit, quarter))
        inside = {"accepted"} | ({"submitted"} if basis == "submitted" else set())
        return stated if stated and stated.status in inside else None

    def carried(self, unit: str, quarter: int) -> Stated | None:
        earlier = (self.counts(unit, place, "accepted") for place in range(quarter - 1, -1, -1))
        return next((stated for stated in earlier if stated), None)

    def figures(
        self, indicator: str, unit: str, sectors: set[str], quarter: int | None, basis: str
    ) -> tuple[int | None, int | None]:
        if quarter is None:
            return None, None
        if KINDS.get(indicator):
            reports = [
                self.counts(one, quarter, basis) or self.carried(one, quarter)
                for one in self.reporting(unit, sectors, quarter)
            ]
            known = [report for report in reports if report]
            if indicator == "density":
                known = [report for report in known if report.workers is not None]
                workers = sum(report.workers or 0 for report in known)
                return sum_of(report.members for report in known), workers if known else None
            return sum_of(report.members for report in known), None
        flows: list[int] = []
        for place in (p for p in range(quarter + 1) if CUT_OFFS[p] >= self.starts_on):
            for one in self.reporting(unit, sectors, place):
                report = self.counts(one, place, basis)
                if report:
                    flows.append(report.admitted if indicator == "admissions" else report.net)
                elif self.carried(one, place):
                    flows.append(0)
        return sum_of(flows), None

    def start(self, indicator: str, unit: str, sectors: set[str], basis: str) -> Fraction | None:
        if indicator not in KINDS:
            return Fraction(0)
        first = next(place for place, day in enumerate(CUT_OFFS) if day >= self.starts_on)
        base = first - 1 if first else None
        before = actual_of(indicator, *self.figures(indicator, unit, sectors, base, basis))
        if before is None and indicator == "members":
            reports = (
                self.counts(one, first, basis) for one in self.reporting(unit, sectors, first)
            )
            opening = sum_of(report.opening for report in reports if report)
            return None if opening is None else Fraction(opening)
        return before

    def before(self, unit: str, indicator: str, group: str) -> int | None:
        """A unit's own result from before the product, else what those below it had together."""
        own = self.known_before.get((unit, indicator, group))
        if own is not None:
            return own
        below = [one for one, parent in self.parent.items() if parent == unit]
        results = (self.before(one, indicator, group) for one in below)
        return sum_of(result for result in results if result is not None)

    # --- targets

    def in_force(self, unit: str, key: Key, day: date) -> int | None:
        values = [value for since, value in self.targets.get((unit, key), []) if since <= day]
        return values[-1] if values else None

    def minimum(self, unit: str, key: Key, day: date) -> int | None:
        if key[0] != "density":
            return self.in_force(unit, key, day)
        held = (self.in_force(above, key, day) for above in self.chain(unit))
        return next((value for value in held if value is not None), None)

    def sectors_of(self, unit: str, key: Key, day: date) -> set[str]:
        indicator, group, _due_on = key
        sectors = set(GROUPS[group])
        if indicator == "density":
            sectors -= {"ND"}
            if group == "all":
                for named in NAMED_GROUPS:
                    if self.minimum(unit, ("density", named, None), day) is not None:
                        sectors -= GROUPS[named]
        return sectors

    def rows(
        self, units: list[str], asked: int, basis: str, day: date
    ) -> dict[tuple[str, Key], dict[str, Any]]:
        keys = {key for _unit, key in self.targets}
        return {
            (unit, key): self.row(unit, key, asked, basis, day)
            for unit in units
            for key in keys
            if self.sector[unit] is None or self.sector[unit] in self.sectors_of(unit, key, day)
        }

    def row(self, unit: str, key: Key, asked: int, basis: str, day: date) -> dict[str, Any]:
        indicator, group, due_on = key
        sectors, on = self.sectors_of(unit, key, day), CUT_OFFS[asked]
        span = [cut_off for cut_off in self.cut_offs if cut_off <= (due_on or LAST_DAYS[-1])]
        read = max((p for p in range(asked + 1) if CUT_OFFS[p] <= span[-1]), default=None)
        part, whole = self.figures(indicator, unit, sectors, read, basis)
        since, before = part, None
        if on >= self.starts_on:
            before = self.before(unit, indicator, group)
        if before is not None:
            part = (part or 0) + before
        actual, goal = actual_of(indicator, part, whole), self.minimum(unit, key, day)
        start = self.start(indicator, unit, sectors, basis)
        passed, quarters = sum(cut_off <= on for cut_off in span), len(span)
        expected = None
        if goal is not None:
            expected = Fraction(goal)
            if start is not None and start < goal:
                expected = start + (goal - start) * Fraction(passed, quarters)
        forecast = None
        if indicator not in KINDS:
            counted = sum(CUT_OFFS[0] <= cut_off <= on for cut_off in span)
            if since is not None and counted >= 2:
                ahead = quarters
                if before is not None:
                    ahead = sum(CUT_OFFS[0] <= cut_off for cut_off in span)
                forecast = (before or 0) + since * Fraction(ahead, counted)
        elif actual is not None and start is not None and passed >= 2:
            forecast = start + (actual - start) * Fraction(quarters, passed)
        due = self.reporting(unit, GROUPS[group], read if read is not None else asked)
        inside = [one for one in due if self.counts(one, read or 0, basis)]
        states = [s.status for one in due if (s := self.stated.get((one, read or 0)))]
        return {
            "kind": KINDS.get(indicator, "flow"),
            "numerator": part,
            "denominator": whole,
            "actual": actual,
            "minimum": goal,
            "attained_percent": actual / goal * 100 if goal and actual is not None else None,
            "expected_by_now": expected,
            "status": status_of(
                indicator,
                actual,
                goal,
                start,
                expected,
                has_begun=on >= self.starts_on,
                is_over=on >= (due_on or span[-1]),
            ),
            "gap_people": gap_of(indicator, part, whole, actual, goal),
            "forecast": forecast,
            "reports_due": len(due),
            "reports_submitted": states.count("submitted"),
            "reports_accepted": states.count("accepted"),
            "reports_carried": sum(
                one not in inside and self.carried(one, read or 0) is not None for one in due
            ),
        }


def sum_of(figures: Any) -> int | None:
    known = list(figures)
    return sum(known) if known else None


def actual_of(indicator: str, part: int | None, whole: int | None) -> Fraction | None:
    if part is None:
        return None
    if indicator != "density":
        return Fraction(part)
    return Fraction(100 * part, whole) if whole else None


def status_of(
    indicator: str,
    actual: Fraction | None,
    goal: int | None,
    start: Fraction | None,
    expected: Fraction | None,
    *,
    has_begun: bool,
    is_over: bool,
) -> str | None:
    if goal is None or expected is None:
        return None
    is_flow = indicator not in ("members", "density")
    if actual is None and (has_begun or not is_flow):
        return "no_data"
    if not has_begun:
        return "not_due"
    if actual >= goal:
        return "met"
    if is_over:
        return "missed"
    if actual >= expected:
        return "on_track"
    if indicator == "density":
        allowed = Fraction(1)
    elif expected == goal:
        allowed = Fraction(2 * goal, 100)
    else:
        allowed = (goal - (start or 0)) / 10
    return "at_risk" if actual >= expected - allowed else "behind"


def gap_of(
    indicator: str, part: int | None, whole: int | None, actual: Fraction | None, goal: int | None
) -> int | None:
    if actual is None or goal is None:
        return None
    if indicator == "density":
        return max(0, ceil(Fraction(goal * (whole or 0), 100)) - (part or 0))
    return max(0, ceil(goal - actual))


# --- a federation by chance ----------------------------------------------------------------------


class Made:
    """The same federation in the database and in the model."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.model = chance, Model()
        self.units: dict[str, Unit] = {}
        self._add("F", None, Kind.FEDERATION)
        self.root = "F"
        if chance.random() < 0.5:  # four levels
            self._add("F2", "F", Kind.FEDERATION)
            self.root = chance.choice(["F", "F2"])
        below = "F2" if "F2" in self.units else "F"
        for number in range(chance.randint(1, 3)):
            self._add(f"U{number}", below, Kind.UPPER)
        self.superiors = list(self.units)
        for _number in range(chance.randint(4, 9)):
            self._add_reporting(0)

    def _add(
        self,
        code: str,
        parent: str | None,
        kind: str,
        sector: str | None = None,
        founded_on: date | None = None,
    ) -> None:
        above = self.units[parent] if parent else None
        self.units[code] = factories.unit(
            code, parent=above, kind=kind, sector=sector, founded_on=founded_on
        )
        self.model.parent[code], self.model.sector[code] = parent, sector

    def _add_reporting(self, quarter: int) -> None:
        code, parent = f"G{len(self.units)}", self.chance.choice(self.superiors)
        is_occupational = self.chance.random() < 0.15
        kind = Kind.OCCUPATIONAL if is_occupational else Kind.GRASSROOTS
        sector = "ND" if is_occupational else self.chance.choice(SECTORS)
        founded_on = self.chance.choice([None, CUT_OFFS[quarter]])  # an older one is told late
        self._add(code, parent, kind, sector, founded_on)
        self.model.since[code] = quarter

    def report(self, place: int) -> None:
        """Open the quarter and let some units send, some be accepted and some taken back."""
        if place and self.chance.random() < 0.5:
            self._add_reporting(place)
        by = factories.superuser()
        quarter = factories.open_quarter(OPENED[place], by=by)
        send: list[tuple[QuarterlyReport, dict[str, Any]]] = []
        for report in QuarterlyReport.objects.of(quarter).select_related("unit", "quarter"):
            outcome = self._outcome(report.unit.code, place)
            if outcome == "due":
                continue
            figures = self._figures(report)
            if outcome == "draft":
                actions.save_draft(report, figures, by=by)
                continue
            send.append((report, figures))
            self.model.stated[report.unit.code, place] = Stated(
                status=outcome,
                opening=figures["opening_members"],
                workers=figures["workers"],
                members=figures["members"],
                admitted=figures["admitted"],
                net=figures["members"] - figures["opening_members"] - figures["adjustment"],
            )
        sent = actions.submit_all(send, by=by)
        codes = {unit.pk: code for code, unit in self.units.items()}
        accept = [
            report
            for report in sent
            if self.model.stated[codes[report.unit_id], place].status != "submitted"
        ]
        for report in actions.accept(accept, by=by):
            stated = self.model.stated[codes[report.unit_id], place]
            if stated.status == "returned":
                actions.return_report(report, by=by, reason="xem lại")

    def _outcome(self, code: str, place: int) -> str:
        waits = any(
            self.model.stated.get((code, p), None) is not None
            and self.model.stated[code, p].status == "submitted"
            for p in range(place)
        )
        choices = ["submitted", "due"] if waits else ["accepted"] * 6 + [
            "submitted", "returned", "due", "draft"
        ]  # fmt: skip
        return self.chance.choice(choices)

    def _figures(self, report: QuarterlyReport) -> dict[str, Any]:
        chance = self.chance
        known = report.expected_opening
        opening = chance.randint(20, 80) if known is None else known
        flows = {name: chance.choice([0, 0, chance.randint(0, 6)]) for name in FLOWS}
        flows["transferred_out"] = min(flows["transferred_out"], 1 if opening > 20 else 0)
        for name in ("left_job", "left_other"):
            flows[name] = min(flows[name], opening // 4)
        adjustment = chance.choice([0, 0, 0, 3, -1 if opening > 20 else 0])
        won, lost = flows["admitted"] + flows["transferred_in"], sum(
            flows[name] for name in ("transferred_out", "left_job", "left_other")
        )  # fmt: skip
        members = opening + won - lost + adjustment
        workers: int | None = max(0, members + chance.randint(-3, 25))
        if report.unit.is_occupational and chance.random() < 0.5:
            workers = None
        return {
            "opening_members": opening, "members": members, "workers": workers,
            "adjustment": adjustment, **flows,
        }  # fmt: skip

    def assign(self, *, is_older: bool) -> Any:
        """A plan with random targets, some revised in July; one older than the product has
        results from before."""
        if is_older:
            self.model.starts_on = date(2023, 4, 1)
            self.model.cut_offs = [*BEFORE, CUT_OFFS[0], *LAST_DAYS]
        plan = made.plan(self.units[self.root], code="P", starts_on=self.model.starts_on)
        branch = [code for code in self.units if self.root in self.model.chain(code)]
        groups = self.chance.choice([["all"], NAMED_GROUPS, ["all", "state-enterprises"]])
        for unit in [self.root, *self.chance.sample(branch, min(4, len(branch)))]:
            for group in groups:
                self._target(plan, unit, ("density", group, None), 60, 100)
            due_on = self.chance.choice([None, date(2024, 6, 30), date(2024, 11, 15)])
            self._target(plan, unit, ("net-increase", "all", None), 1, 60)
            self._target(plan, unit, ("admissions", "non-state", due_on), 1, 60)
            self._target(plan, unit, ("members", "all", due_on), 50, 900)
        for unit in branch if is_older else []:
            self._before(plan, unit, "net-increase", "all")
            self._before(plan, unit, "admissions", "non-state")
        return plan

    def _before(self, plan: Any, unit: str, indicator: str, group: str) -> None:
        if self.chance.random() < 0.4:
            value = self.chance.randint(0, 30)
            made.baseline(plan, self.units[unit], indicator, value, group=group)
            self.model.known_before[unit, indicator, group] = value

    def _target(self, plan: Any, unit: str, key: Key, least: int, most: int) -> None:
        if (unit, key) in self.model.targets or self.chance.random() < 0.3:
            return
        for since in [date(2024, 1, 1), date(2024, 7, 1)][: self.chance.choice([1, 1, 2])]:
            value, (indicator, group, due_on) = self.chance.randint(least, most), key
            made.target(
                plan, self.units[unit], indicator, value,
                group=group, due_on=due_on, in_force_on=since,
            )  # fmt: skip
            self.model.targets.setdefault((unit, key), []).append((since, value))


def printed(**options: Any) -> dict[tuple[str, Key], dict[str, Any]]:
    out = io.StringIO()
    call_command("progress", plan="P", format="json", stdout=out, **options)
    rows = {}
    for row in json.loads(out.getvalue(), parse_float=Decimal):
        due_on = row.pop("due_on")
        key = row.pop("indicator"), row.pop("sector_group"), due_on and date.fromisoformat(due_on)
        assert (row["unit"], key) not in rows
        rows[row.pop("unit"), key] = row
    return rows


def same(printed: Any, expected: Any) -> bool:
    if printed is None or expected is None or isinstance(printed, str):
        return bool(printed == expected)
    return abs(Fraction(printed) - expected) < Fraction(1, 10**9)


@pytest.mark.parametrize("seed", range(4))
def test_every_row_is_what_the_rules_say(db, seed):
    reference.load(Sector, SectorGroup)
    chance = random.Random(seed)
    world = Made(chance)
    for place in range(len(OPENED)):
        world.report(place)
    plan = world.assign(is_older=seed % 2 == 1)
    assert list(totals.differences()) == []
    if not plan.targets.exists():
        return
    for asked in chance.sample(range(len(OPENED)), 3):
        for unit in [world.root, chance.choice([u for u in world.units if u in world.superiors])]:
            options = {
                "basis": chance.choice(["accepted", "submitted"]),
                "structure": chance.choice(["reported", "current"]),
                "plan_as_of": chance.choice(["2024-06-30", "2024-07-01", "2025-01-01"]),
            }
            compare(world.model, unit, asked, options)


def compare(model: Model, unit: str, asked: int, options: dict[str, str]) -> None:
    below = [
        code for code, parent in model.parent.items()
        if parent == unit and model.since.get(code, 0) <= asked
    ]  # fmt: skip
    if options["structure"] == "current":
        below = [code for code, parent in model.parent.items() if parent == unit]
    rows = printed(quarter=OPENED[asked], unit=unit, children=True, **options)
    day = date.fromisoformat(options["plan_as_of"])
    expected = model.rows([unit, *below], asked, options["basis"], day)
    if options["structure"] == "reported":  # units had no place yet; they may have empty rows
        rows = {place: row for place, row in rows.items() if place[0] in [unit, *below]}
    assert rows.keys() == expected.keys()
    for place, row in expected.items():
        for name, value in row.items():
            said = f"{place} {name}: {rows[place][name]} ≠ {value} ({OPENED[asked]}, {options})"
            assert same(rows[place][name], value), said
