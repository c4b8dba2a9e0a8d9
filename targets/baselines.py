"""Results from before the product was used (kết quả trước khi dùng phần mềm): set and read.

A plan may have begun before the first quarter that was reported here. What had been achieved by
then is typed once, from a document, for a unit and a line of the plan, and added to the flows of
that unit or of its branch (SEMANTICS section 3). Whoever has a result of its own stands for its
branch: the results of units below are then parts of it and are not added again. Only today's tree
is asked, for both readings: these results were never reported unit by unit and quarter by quarter,
so there is no organisation of that time to read them in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Protocol

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from members.actions import Refused
from members.models import HistoryEntry, HistoryKind, Quarter, SectorGroup, Unit, User
from members.models.history import changes_between, entry, record
from targets.actions import line_subject, lock_plan
from targets.indicators import Indicator, catalogue, known_among
from targets.lines import Problem, unit_problems
from targets.models import Baseline, Plan
from targets.models.allocation import LARGEST
from unionplan.lib import clock
from unionplan.lib.dates import in_text
from unionplan.lib.paths import ids_on, tops

VALUE = ("value", "up_to", "document_no")
Key = tuple[int, str, str]  # unit, indicator, sector group


def first_quarter(plan: Plan) -> Quarter | None:
    """The first quarter of the plan that was ever opened: from its first day reports count."""
    return Quarter.objects.of_span(plan.starts_on, plan.ends_on).by_time().first()


class HasStart(Protocol):
    @property
    def starts_on(self) -> date: ...


def starts_late(span: HasStart, first: Quarter | None) -> bool:
    """The plan, or the year of it, began before anything was counted here."""
    return first is not None and span.starts_on < first.starts_on


def late_words(first: Quarter) -> str:
    return _("No starting figures yet: the total of the term counts only from %(quarter)s.") % {
        "quarter": first
    }


# --- set -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """A result to be set; one of the same unit, indicator and group is replaced."""

    unit: Unit
    indicator: str
    up_to: date
    value: int
    sector_group: str = SectorGroup.ALL
    document_no: str = ""

    @property
    def key(self) -> Key:
        return (self.unit.pk, self.indicator, self.sector_group)

    @property
    def stated(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in VALUE}


@dataclass
class Done:
    """What setting results did, line by line."""

    created: list[Baseline] = field(default_factory=list)
    changed: list[Baseline] = field(default_factory=list)
    unchanged: list[Baseline] = field(default_factory=list)


class Rules:
    """What may be set as a result of this plan, and why not, in sentences; three statements."""

    def __init__(self, plan: Plan) -> None:
        self.indicators = catalogue(plan.unit)
        self.plan, self.first = plan, first_quarter(plan)
        self.groups = {group.code: group for group in SectorGroup.objects.all()}

    def problems(self, result: Result) -> Iterator[Problem]:
        if self.plan.has_ended:
            yield Problem("plan", _("The plan has ended; nothing in it changes any more."))
            return
        yield from unit_problems(self.plan, result.unit)
        known = self.indicators.get(result.indicator)
        yield from _indicator_problems(known)
        if result.sector_group not in self.groups:
            yield Problem("sector_group", _("There is no such group of sectors."))
        yield from self._day_problems(result.up_to)
        if abs(result.value) > LARGEST:
            yield Problem("value", _("This number is too large."))
        if result.value < 0 and known is not None and not known.may_fall:
            yield Problem("value", _("This number cannot be negative."))

    def _day_problems(self, up_to: date) -> Iterator[Problem]:
        """A result that reaches into a reported quarter would count twice."""
        plan, first = self.plan, self.first
        if not plan.starts_on <= up_to <= plan.ends_on:
            sentence = _("This day lies outside the plan (%(starts_on)s–%(ends_on)s).")
            span = {"starts_on": in_text(plan.starts_on), "ends_on": in_text(plan.ends_on)}
            yield Problem("up_to", sentence % span)
        elif first is not None and up_to >= first.starts_on:
            sentence = _(
                "Reports count from %(quarter)s (%(starts_on)s) on; enter the result up to "
                "%(day_before)s at the latest, or it would count twice."
            )
            days = {
                "quarter": first,
                "starts_on": in_text(first.starts_on),
                "day_before": in_text(first.starts_on - timedelta(days=1)),
            }
            yield Problem("up_to", sentence % days)


def _indicator_problems(known: Indicator | None) -> Iterator[Problem]:
    if known is None:
        yield Problem("indicator", _("There is no such indicator."))
    elif not known.is_flow:
        sentence = _(
            "Only what is added up over time has a result from before, such as admissions; "
            "“%(indicator)s” is read at the cut-off day."
        )
        yield Problem("indicator", sentence % {"indicator": known.label})


@transaction.atomic
def set_baselines(plan: Plan, results: Iterable[Result], *, by: User) -> Done:
    """All the results or none; the same one as is stored writes nothing."""
    plan, results = lock_plan(plan), list(results)
    rules, done = Rules(plan), Done()
    for problem in (problem for result in results for problem in rules.problems(result)):
        raise Refused(problem.message)
    stored = {_key_of(row): row for row in plan.baselines.select_related("unit", "sector_group")}
    history: list[HistoryEntry] = []
    for result in results:
        row = stored.get(result.key)
        before = _stated(row) if row else {}
        if row is not None and before == result.stated:
            done.unchanged.append(row)
            continue
        if row is None:
            group = rules.groups[result.sector_group]
            row = Baseline(
                plan=plan, unit=result.unit, indicator=result.indicator, sector_group=group
            )
            stored[result.key] = row
            done.created.append(row)
            verb = gettext_noop("set the result from before the product")
        else:
            done.changed.append(row)
            verb = gettext_noop("changed the result from before the product")
        for name, value in result.stated.items():
            setattr(row, name, value)
        row.by, row.at = by, clock.now()
        history.append(
            entry(
                HistoryKind.TARGET,
                verb,
                by=by,
                unit=row.unit,
                subject=_subject(row, rules.indicators),
                changes=changes_between(before, result.stated),
            )
        )
    Baseline.objects.bulk_create(done.created)
    Baseline.objects.bulk_update(done.changed, [*VALUE, "by", "at"], batch_size=500)
    HistoryEntry.objects.bulk_create(history)
    return done


@transaction.atomic
def remove_baseline(baseline: Baseline, *, by: User) -> None:
    plan = lock_plan(baseline.plan)
    if plan.has_ended:
        raise Refused(_("The plan has ended; nothing in it changes any more."))
    record(
        HistoryKind.TARGET,
        gettext_noop("removed the result from before the product"),
        by=by,
        unit=baseline.unit,
        subject=_subject(baseline, known_among([baseline.indicator])),
        changes=changes_between(_stated(baseline), dict.fromkeys(VALUE)),
    )
    baseline.delete()


def _key_of(row: Baseline) -> Key:
    return (row.unit_id, row.indicator, row.sector_group.code)


def _stated(row: Baseline) -> dict[str, Any]:
    return {name: getattr(row, name) for name in VALUE}


def _subject(row: Baseline, indicators: Mapping[str, Indicator]) -> str:
    return line_subject(row.plan, row.unit, str(indicators[row.indicator].label), row.sector_group)


# --- read ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Before:
    """What a unit or its branch had achieved of one line before the product was used."""

    value: int
    documents: tuple[str, ...]


@dataclass(frozen=True)
class _Stored:
    unit: int
    chain: tuple[int, ...]  # superiors today, the nearest first
    line: tuple[str, str]  # indicator, sector group
    up_to: date
    value: int
    document_no: str


class Baselines:
    """The results of a plan in the branches of some units: one statement however many they are,
    and none where reports cover the plan from its start.

    A result that reaches into a reported quarter (it was typed before that was opened) is left
    out, for it would count twice; the page of the results says so.
    """

    def __init__(self, plan: Plan, units: Iterable[Unit], *, first: Quarter | None) -> None:
        self._stored: list[_Stored] = []
        self._sums: dict[tuple[str, str, date, date], dict[int, Before]] = {}
        if first is None or starts_late(plan, first):
            last_day = first.starts_on - timedelta(days=1) if first else plan.ends_on
            rows = plan.baselines.within_paths(tops(unit.path for unit in units)).up_to(last_day)
            self._stored = [_stored(*row) for row in rows.values_list(*COLUMNS)]

    def of(
        self, unit: Unit, indicator: str, group: str, *, since: date, until: date
    ) -> Before | None:
        """Of the unit itself if it has a result, else the sum over the highest ones below it."""
        if not self._stored:
            return None
        asked = (indicator, group, since, until)
        if asked not in self._sums:
            of_line = (row for row in self._stored if row.line == asked[:2])
            rows = (row for row in of_line if since <= row.up_to <= until)
            self._sums[asked] = _summed(list(rows))
        return self._sums[asked].get(unit.pk)


COLUMNS = (
    "unit_id",
    "unit__path",
    "indicator",
    "sector_group_id",
    "up_to",
    "value",
    "document_no",
)


def _stored(unit: int, path: str, indicator: str, group: str, *stated: Any) -> _Stored:
    return _Stored(unit, tuple(ids_on(path)[-2::-1]), (indicator, group), *stated)


def _summed(rows: Collection[_Stored]) -> dict[int, Before]:
    """Each row counts for its unit, and upwards as far as the next unit with a row of its own."""
    counted: dict[int, list[_Stored]] = defaultdict(list)
    holders = {row.unit for row in rows}
    for row in rows:
        counted[row.unit].append(row)
        for above in row.chain:
            if above in holders:
                break
            counted[above].append(row)
    return {
        unit: Before(
            value=sum(row.value for row in found),
            documents=tuple(sorted({row.document_no for row in found} - {""})),
        )
        for unit, found in counted.items()
    }
