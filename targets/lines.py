"""What may stand in a plan and why not, in sentences; forms, imports and verbs all ask here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext as _

from members.models import SectorGroup, Unit
from targets.assigned import Definition
from targets.indicators import Indicator, catalogue
from targets.models import Plan, Target, TargetRevision
from targets.topics import Topics
from unionplan.lib.dates import in_text

LARGEST = Decimal(10) ** 15  # what the column holds: a sum of money too
CODE = re.compile(r"[A-Za-z0-9._-]{1,60}")
SMALLEST_STEP = Decimal("0.0001")

Key = tuple[int, str, str, date | None]  # unit, indicator, sector group, due day
OfPlan = tuple[str, str, date | None]  # the same line, whoever's


@dataclass(frozen=True)
class Line:
    """A line of a plan with the value to be set."""

    unit: Unit
    indicator: str
    minimum: Decimal
    in_force_on: date
    sector_group: str = SectorGroup.ALL
    desired: Decimal | None = None
    due_on: date | None = None
    decision_no: str = ""
    decision_on: date | None = None
    reason: str = ""
    # Defined once for the whole plan; who says nothing of it follows.
    is_recurring: bool = False
    parameter: int | None = None
    topics: str = ""
    # Told beside the value; what is blank changes nothing.
    owner: str = ""
    rationale: str = ""

    @property
    def definition(self) -> Definition:
        return Definition(self.is_recurring, self.parameter, self.topics)

    @property
    def told(self) -> dict[str, str]:
        told = {"owner": self.owner, "rationale": self.rationale}
        return {name: text for name, text in told.items() if text}

    @property
    def key(self) -> Key:
        return (self.unit.pk, self.indicator, self.sector_group, self.due_on)

    @property
    def value(self) -> dict[str, Any]:
        return {
            "minimum": self.minimum,
            "desired": self.desired,
            "decision_no": self.decision_no,
            "decision_on": self.decision_on,
            "in_force_on": self.in_force_on,
        }


@dataclass(frozen=True)
class Problem:
    """Why a line cannot stand; ``field`` is the name of its column and of its form field."""

    field: str
    message: str


class Book:
    """The lines of one plan as they stand, read in five statements however many there are, and one
    more where any of them names topics."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.topics = Topics()
        self.indicators = catalogue(plan.unit)
        self.targets: dict[Key, Target] = {}
        self.revisions: dict[Key, list[TargetRevision]] = {}
        for target in Target.objects.filter(plan=plan).with_values():
            self.targets[key_of(target)] = target
            self.revisions[key_of(target)] = list(reversed(target.revisions.all()))
        self.groups = {g.code: g for g in SectorGroup.objects.prefetch_related("sectors")}
        self._groups_in_use: dict[tuple[int, str], set[str]] = {}
        self._definitions: dict[OfPlan, Definition] = {}
        for key, target in self.targets.items():
            topics = self.topics.written(target.topics)
            defined = Definition(target.is_recurring, target.parameter, topics)
            self._keep_in_mind(key, defined)

    def holds(self, line: Line) -> bool:
        return line.key in self.targets

    def in_force(self, line: Line) -> TargetRevision | None:
        """The value of this line on the day from which the new one is to hold."""
        known = [r for r in self.revisions.get(line.key, ()) if r.in_force_on <= line.in_force_on]
        return max(reversed(known), key=attrgetter("in_force_on"), default=None)

    def keep(self, line: Line, target: Target, revision: TargetRevision) -> None:
        """Keep in mind what was written."""
        self.targets[line.key] = target
        self.revisions.setdefault(line.key, []).append(revision)

    def is_same(self, line: Line) -> bool:
        """Nothing to write at all."""
        target = self.targets.get(line.key)
        is_told = all(getattr(target, name) == text for name, text in line.told.items())
        return is_told and self.has_value(line)

    def has_value(self, line: Line) -> bool:
        """It is in force already; while the plan is drafted another decision counts too."""
        revision = self.in_force(line)
        if revision is None or (revision.minimum, revision.desired) != (line.minimum, line.desired):
            return False
        if not self.plan.is_draft:
            return True
        decision = (line.decision_no, line.decision_on)
        return (revision.decision_no, revision.decision_on) == decision

    def settled(self, line: Line) -> Line:
        """The line defined as the plan defines it, where it says nothing itself."""
        line = replace(line, topics=self.topics.written(line.topics))
        known = self._definitions.get(line.key[1:])
        if known is None:
            return line
        return replace(
            line,
            is_recurring=line.is_recurring or known.is_recurring,
            parameter=known.parameter if line.parameter is None else line.parameter,
            topics=line.topics or known.topics,
        )

    def problems(self, line: Line) -> list[Problem]:
        typed, known = line.topics, self.indicators.get(line.indicator)
        line = self.settled(line)
        if self.plan.has_ended:
            return [Problem("plan", _("The plan has ended; nothing in it changes any more."))]
        return [
            *self._topic_problems(typed),
            *unit_problems(self.plan, line.unit),
            *value_problems(known, line.minimum, line.desired),
            *definition_problems(known, line),
            *self._other_definition_problems(line),
            *self._group_problems(line),
            *day_problems(self.plan, line),
            *decision_problems(line),
            *self._revision_problems(line),
        ]

    def problems_of(self, lines: Iterable[Line]) -> list[tuple[int, Problem]]:
        """(place of the line, problem); each line is also held against those before it."""
        return list(self._problems_of(lines))

    def _problems_of(self, lines: Iterable[Line]) -> Iterator[tuple[int, Problem]]:
        for place, line in enumerate(lines):
            yield from ((place, problem) for problem in self.problems(line))
            self._keep_in_mind(line.key, self.settled(line).definition)

    def _keep_in_mind(self, key: Key, defined: Definition) -> None:
        unit, indicator, group, _due_on = key
        self._groups_in_use.setdefault((unit, indicator), set()).add(group)
        self._definitions.setdefault(key[1:], defined)

    def _topic_problems(self, typed: str) -> Iterator[Problem]:
        if typed and (sentence := self.topics.refusal(typed)):
            yield Problem("topics", sentence)

    def _other_definition_problems(self, line: Line) -> Iterator[Problem]:
        """One line of a plan is counted in one way, or its units could not be added up."""
        known = self._definitions.get(line.key[1:])
        if known is None:
            return
        for field in ("is_recurring", "parameter", "topics"):
            if getattr(known, field) != getattr(line, field):
                sentence = _(
                    "The plan counts this line in another way already; leave this as it is."
                )
                yield Problem(field, sentence)

    def _group_problems(self, line: Line) -> Iterator[Problem]:
        """SEMANTICS 5: there is no blended threshold, so a sector has one; ``all`` serves the
        sectors that no other target names."""
        if line.sector_group not in self.groups:
            yield Problem("sector_group", _("There is no such group of sectors."))
            return
        known = self.indicators.get(line.indicator)
        if known is None or not known.is_inherited or line.sector_group == SectorGroup.ALL:
            return
        others = self._groups_in_use.get((line.unit.pk, line.indicator), set()) - {SectorGroup.ALL}
        for other in sorted(others - {line.sector_group}):
            if shared := self._sectors(other) & self._sectors(line.sector_group):
                sentence = _("Another target of this unit already covers the sectors %(sectors)s.")
                words = {"sectors": ", ".join(sorted(shared))}
                yield Problem("sector_group", sentence % words)

    def _sectors(self, group: str) -> set[str]:
        return {sector.code for sector in self.groups[group].sectors.all()}

    def _revision_problems(self, line: Line) -> Iterator[Problem]:
        """A promise in force changes by decision and for a reason (điều chỉnh chỉ tiêu)."""
        if not self.plan.is_in_force or not self.holds(line) or self.has_value(line):
            return
        if not (line.decision_no or line.decision_on):  # a day alone is refused already
            yield Problem("decision_no", _("Enter the number of the decision."))
        if not line.reason:
            yield Problem("reason", _("Say why the target changes."))


def key_of(target: Target) -> Key:
    return (target.unit_id, target.indicator, target.sector_group.code, target.due_on)


def exists_sentence() -> str:
    return _("This target already exists for the same unit, sector group and due day.")


def unit_problems(plan: Plan, unit: Unit) -> Iterator[Problem]:
    if not unit.path.startswith(plan.unit.path):
        sentence = _("%(unit)s does not belong to %(owner)s.")
        yield Problem("unit", sentence % {"unit": unit, "owner": plan.unit})


def value_problems(
    known: Indicator | None, minimum: Decimal, desired: Decimal | None
) -> Iterator[Problem]:
    if known is None:
        yield Problem("indicator", _("There is no such indicator."))
        return
    for field, value in (("minimum", minimum), ("desired", desired)):
        if value is not None and (sentence := _fault(value, known)):
            yield Problem(field, sentence)
    if desired is not None and desired < minimum:
        yield Problem("desired", _("The desired value is below the minimum."))


def _fault(value: Decimal, known: Indicator) -> str:
    if value < 0:
        return _("A target cannot be negative.")
    if known.is_percentage and value > 100:
        return _("A ratio cannot be above 100%.")
    if not known.is_ratio and value != int(value):
        return _("This target is a whole number.")
    if value >= LARGEST:
        return _("This number is too large.")
    if value % SMALLEST_STEP:
        return _("Enter at most four decimals.")
    return ""


def definition_problems(known: Indicator | None, line: Line) -> Iterator[Problem]:
    """What an indicator asks for besides its value, and what it has no use for."""
    if known is None:
        return
    if line.is_recurring and line.due_on:
        yield Problem("due_on", _("What recurs every year has no due day of its own."))
    if line.parameter is not None and not known.has_parameter:
        yield Problem("parameter", _("“%(indicator)s” has no parameter.") % _named(known))
    if line.parameter == 0:
        yield Problem("parameter", _("Enter a number of workers from 1 on."))
    if line.topics and not known.has_topics:
        yield Problem(
            "topics", _("“%(indicator)s” is not about topics of training.") % _named(known)
        )
    if known.of_superiors and line.sector_group != SectorGroup.ALL:
        yield Problem("sector_group", _("Upper-level unions have no sector; choose all sectors."))


def _named(known: Indicator) -> dict[str, str]:
    return {"indicator": str(known.label)}


def day_problems(plan: Plan, line: Line) -> Iterator[Problem]:
    span = {"starts_on": in_text(plan.starts_on), "ends_on": in_text(plan.ends_on)}
    if line.in_force_on < plan.starts_on:
        sentence = _("A target cannot be in force before the plan starts on %(starts_on)s.")
        yield Problem("in_force_on", sentence % span)
    elif line.in_force_on > plan.ends_on:
        sentence = _("A target cannot come into force after the plan ends on %(ends_on)s.")
        yield Problem("in_force_on", sentence % span)
    if line.due_on and not plan.starts_on <= line.due_on <= plan.ends_on:
        sentence = _("The due day lies outside the plan (%(starts_on)s–%(ends_on)s).")
        yield Problem("due_on", sentence % span)


def decision_problems(line: Line) -> Iterator[Problem]:
    if line.decision_on and not line.decision_no:
        yield Problem("decision_no", _("Enter the number of the decision issued on this day."))


def plan_problems(plan: Plan) -> Iterator[Problem]:
    """What is wrong with the head of a plan, its targets included if it has any."""
    if not plan.pk and not CODE.fullmatch(plan.code):
        yield Problem("code", _("A code has letters A–Z, digits and . _ - only."))
    if not plan.pk and plan.unit_id and plan.unit.is_reporting:
        yield Problem("unit", _("A plan belongs to a superior union."))
    if plan.ends_on <= plan.starts_on:
        yield Problem("ends_on", _("A plan must end after it starts."))
        return
    term = plan.term
    if term and not (term.starts_on <= plan.starts_on and plan.ends_on <= term.ends_on):
        sentence = _("The plan lies outside the term %(term)s (%(starts_on)s–%(ends_on)s).")
        dates = {"starts_on": in_text(term.starts_on), "ends_on": in_text(term.ends_on)}
        yield Problem("term", sentence % {"term": term, **dates})
    if plan.pk:
        yield from _span_problems(plan)


def _span_problems(plan: Plan) -> Iterator[Problem]:
    revisions = TargetRevision.objects.filter(target__plan=plan)
    if revisions.filter(in_force_on__lt=plan.starts_on).exists():
        yield Problem("starts_on", _("A target of the plan is in force from an earlier day."))
    if plan.baselines.filter(up_to__lt=plan.starts_on).exists():
        yield Problem("starts_on", _("A result from before the product lies before this day."))
    later = revisions.filter(in_force_on__gt=plan.ends_on).exists()
    if later or plan.targets.filter(due_on__gt=plan.ends_on).exists():
        yield Problem("ends_on", _("A target of the plan reaches beyond this day."))
