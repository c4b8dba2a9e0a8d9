"""What people do with quarters and reports: the only code that changes them.

Every verb is atomic, names who acts, writes its line of history and leaves the totals right.

One order of locks for all writers (SEMANTICS section 4): the reports to be changed and the same
units' later ones, by unit and time; then the roots, as late as possible; then quarter states are
read again and the touched superiors summed again, bottom-up. Any other order deadlocks against an
opening or a bulk acceptance on PostgreSQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from members import totals
from members.carry import Carry, carry_through
from members.models import (
    HistoryEntry,
    HistoryKind,
    Placement,
    Quarter,
    QuarterlyReport,
    Status,
    Structure,
    Unit,
    User,
)
from members.models.history import changes_between, entry, record
from members.models.quarters import Dates
from members.models.reports import TYPED
from members.models.units import EARLIEST
from unionplan.lib import clock
from unionplan.lib.dates import in_text
from unionplan.lib.numbers import signed
from unionplan.lib.paths import ids_on, segment

Figures = Mapping[str, Any]  # the TYPED figures, opening_members, and the TEXTS
Pairs = Sequence[tuple[QuarterlyReport, Figures]]

TEXTS = ("note", "adjustment_reason", "remarks", "answer")
FIGURES = (*TYPED, "opening_members")
WRITABLE = (*FIGURES, *TEXTS, "queries")
STATE = (
    "status",
    "version",
    "covers_from",
    "expected_opening",
    "opening_from_id",
    "is_new_unit",
    "carried_workers",
    "carried_members",
    "carried_from_id",
    "times_sent",
    "saved_by_id",
    "saved_at",
    "submitted_by_id",
    "submitted_at",
    "checked_by_id",
    "checked_at",
    "return_reason",
    "returned_figures",
)
STORED = (*WRITABLE, *STATE)
# What a change of makes totals stale.
SUMMED = ("status", *FIGURES, "carried_workers", "carried_members", "carried_from_id")


class Refused(Exception):
    """The state forbids it; the message is a sentence for people."""


class Changed(Refused):
    """Somebody changed the report since the page was opened; ``report`` is as it stands now."""

    def __init__(self, report: QuarterlyReport) -> None:
        super().__init__(_("The report was changed meanwhile."))
        self.report = report


# --- reports -------------------------------------------------------------------------------------


def save_draft(
    report: QuarterlyReport, figures: Figures, *, by: User, version: int | None = None
) -> QuarterlyReport:
    """Keep what is typed so far; nothing has to add up yet."""
    return _change([report], lambda r: _type(r, figures, by, version), by=by)[0]


def save_drafts(pairs: Pairs, *, by: User) -> list[QuarterlyReport]:
    figures = {report.pk: values for report, values in pairs}
    return _change([r for r, _f in pairs], lambda r: _type(r, figures[r.pk], by), by=by)


def submit(
    report: QuarterlyReport, figures: Figures, *, by: User, version: int | None = None
) -> QuarterlyReport:
    """Send the report to the superior."""

    def send(locked: QuarterlyReport) -> str:
        _type(locked, figures, by, version)
        return _send(locked, by)

    return _change([report], send, by=by)[0]


def submit_all(pairs: Pairs, *, by: User, accept: bool = False) -> list[QuarterlyReport]:
    """Send many reports; with ``accept`` they are accepted in the same name (an import)."""
    figures = {report.pk: values for report, values in pairs}

    def send(locked: QuarterlyReport) -> str:
        if accept and locked.status == Status.SUBMITTED:
            locked.status = Status.DRAFT  # nobody has decided on it: what comes now stands
        _type(locked, figures[locked.pk], by)
        verb = _send(locked, by)
        if accept:
            _accept(locked, by)
            verb = gettext_noop("brought in and accepted the report")
        return verb

    return _change([r for r, _f in pairs], send, by=by, accepting=accept)


def withdraw(report: QuarterlyReport, *, by: User, version: int | None = None) -> QuarterlyReport:
    """Take a sent report back, as long as nobody has decided on it."""

    def back(locked: QuarterlyReport) -> str:
        _same_version(locked, version)
        if locked.status != Status.SUBMITTED:
            raise Refused(_("The report is no longer waiting for a check."))
        locked.status = Status.DRAFT
        return gettext_noop("withdrew the report")

    return _change([report], back, by=by)[0]


def accept(
    reports: Iterable[QuarterlyReport], *, by: User, skip_changed: bool = False
) -> list[QuarterlyReport]:
    """Accept reports as they were seen: each must still have the version it was read with.

    Returns those accepted; with ``skip_changed`` (a bulk) the others are left alone, without it
    the first of them raises :class:`Changed`.
    """
    seen = {report.pk: report.version for report in reports}

    def take(locked: QuarterlyReport) -> str | None:
        if skip_changed and locked.version != seen[locked.pk]:
            return None
        _same_version(locked, seen[locked.pk])
        _accept(locked, by)
        return gettext_noop("accepted the report")

    return _change(seen, take, by=by, accepting=True)


def return_report(
    report: QuarterlyReport,
    *,
    by: User,
    reason: str,
    figures: Sequence[str] = (),
    version: int | None = None,
) -> QuarterlyReport:
    """Give a report back with a reason; an accepted one is opened again by it."""
    if not reason.strip():
        raise Refused(_("Write the reason, so that the unit knows what to mend."))

    def back(locked: QuarterlyReport) -> str:
        _same_version(locked, version)
        if not locked.is_sent:
            raise Refused(_("Only a report that was sent can be returned."))
        reopened = locked.status == Status.ACCEPTED
        locked.status = Status.RETURNED
        locked.return_reason, locked.returned_figures = reason.strip(), list(figures)
        locked.checked_by, locked.checked_at = by, clock.now()
        if reopened:
            return gettext_noop("opened the report again")
        return gettext_noop("returned the report")

    return _change([report], back, by=by, reason=reason.strip())[0]


def _type(report: QuarterlyReport, figures: Figures, by: User, version: int | None = None) -> str:
    _same_version(report, version)
    if not report.is_editable:
        raise Refused(_already(report))
    for name in WRITABLE:
        if name in figures and not (name == "opening_members" and _opening_is_locked(report)):
            setattr(report, name, figures[name])
    if report.status == Status.DUE:
        report.status = Status.DRAFT
    report.saved_by, report.saved_at = by, clock.now()
    return gettext_noop("saved the report")


def _send(report: QuarterlyReport, by: User) -> str:
    if report.members is None or report.opening_members is None:
        raise Refused(_("The number of members is missing."))
    if report.workers is None and not report.unit.is_occupational:
        raise Refused(_("The number of workers is missing."))
    if not report.is_balanced:
        raise Refused(
            _("Closing does not follow from opening and changes: difference %(difference)s.")
            % {"difference": signed(report.members - (report.expected_members or 0))}
        )
    report.status = Status.SUBMITTED
    report.submitted_by, report.submitted_at = by, clock.now()
    report.times_sent += 1
    report.checked_by = report.checked_at = None
    return gettext_noop("sent the report")


def _accept(report: QuarterlyReport, by: User) -> None:
    if report.status != Status.SUBMITTED:
        raise Refused(_("The report is no longer waiting for a check."))
    if not report.is_balanced:
        raise Refused(
            _("%(unit)s: the opening has changed, closing no longer follows. Return the report.")
            % {"unit": report.name}
        )
    report.status = Status.ACCEPTED
    report.checked_by, report.checked_at = by, clock.now()
    report.return_reason, report.returned_figures = "", []


def _opening_is_locked(report: QuarterlyReport) -> bool:
    return report.expected_opening is not None


def _same_version(report: QuarterlyReport, version: int | None) -> None:
    if version is not None and version != report.version:
        raise Changed(report)


def _already(report: QuarterlyReport) -> str:
    if report.status == Status.ACCEPTED:
        return _("The report was accepted already.")
    return _("The report was sent already.")


@dataclass
class _Locked:
    """Reports under lock, each unit's in order of time, with what they were."""

    wanted: list[QuarterlyReport]
    by_unit: defaultdict[int, list[QuarterlyReport]]
    quarters: dict[int, Quarter]
    before: dict[int, dict[str, Any]] = field(default_factory=dict)

    def all(self) -> Iterable[QuarterlyReport]:
        return (report for reports in self.by_unit.values() for report in reports)

    def changed(self, names: Sequence[str] = STORED) -> list[QuarterlyReport]:
        return [r for r in self.all() if any(self.before[r.pk][n] != getattr(r, n) for n in names)]


@transaction.atomic
def _change(
    reports: Iterable[QuarterlyReport] | Mapping[int, int],
    change: Callable[[QuarterlyReport], str | None],
    *,
    by: User,
    reason: str = "",
    accepting: bool = False,
) -> list[QuarterlyReport]:
    """Apply ``change`` to each report under lock, let the later ones follow, and sum again.

    ``change`` alters the report and returns the verb for the history, or leaves it and returns
    ``None``, or raises :class:`Refused`, upon which nothing at all is changed.
    """
    pks = list(reports) if isinstance(reports, Mapping) else [report.pk for report in reports]
    locked = _lock(pks)
    _refuse_closed({locked.quarters[r.quarter_id] for r in locked.wanted})
    if accepting:
        _refuse_earlier_waiting(locked.wanted)
    verbs = {r.pk: verb for r in locked.wanted if (verb := change(r)) is not None}
    for stretch in locked.by_unit.values():
        carry_through(stretch, locked.quarters)
    _store(locked, verbs, by=by, reason=reason)
    _resum(locked)
    return [report for report in locked.wanted if report.pk in verbs]


def _lock(pks: Sequence[int]) -> _Locked:
    wanted = QuarterlyReport.objects.filter(pk__in=pks)
    starts = dict(  # the cut-off of each unit's earliest report to be changed
        wanted.order_by("-quarter__cut_off_on").values_list("unit_id", "quarter__cut_off_on")
    )
    later = QuarterlyReport.objects.filter(
        unit__in=starts, quarter__cut_off_on__gte=min(starts.values(), default=date.max)
    )
    rows = _lock_rows(later)
    while later.count() > len(rows):
        # A quarter was opened while we waited, and our statement did not see its reports.
        rows = _lock_rows(later)
    quarters = {quarter.pk: quarter for quarter in Quarter.objects.all()}
    locked = _Locked([], defaultdict(list), quarters)
    for report in rows:
        report.quarter = quarters[report.quarter_id]
        if report.quarter.cut_off_on < starts[report.unit_id]:
            continue
        locked.by_unit[report.unit_id].append(report)
        locked.before[report.pk] = {name: getattr(report, name) for name in STORED}
    asked = set(pks)
    locked.wanted = [report for report in locked.all() if report.pk in asked]
    return locked


def _lock_rows(reports: QuerySet[QuarterlyReport]) -> list[QuarterlyReport]:
    rows = reports.select_for_update(of=("self",)).select_related("unit")
    return list(rows.order_by("unit_id", "quarter__cut_off_on"))


def _refuse_earlier_waiting(reports: Sequence[QuarterlyReport]) -> None:
    """A report is not accepted while an earlier one of the unit waits for a decision."""
    waiting = QuarterlyReport.objects.waiting().filter(unit__in=[r.unit_id for r in reports])
    for earlier in waiting.exclude(pk__in=[r.pk for r in reports]).select_related("quarter"):
        for report in reports:
            if (
                report.unit_id == earlier.unit_id
                and earlier.quarter.cut_off_on < report.quarter.cut_off_on
            ):
                raise Refused(
                    _("%(unit)s: decide on the report of %(quarter)s first.")
                    % {"unit": report.name, "quarter": earlier.quarter}
                )


def _store(locked: _Locked, verbs: Mapping[int, str], *, by: User, reason: str) -> None:
    changed = locked.changed()
    for report in changed:
        before = locked.before[report.pk]
        if report.pk in verbs or report.opening_members != before["opening_members"]:
            report.version += 1
    # One upsert for all of them: UPDATE … CASE WHEN is ten times slower for thousands of rows.
    QuarterlyReport.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=[name.removesuffix("_id") for name in STORED],
        batch_size=1000,
    )
    noted = ("status", *FIGURES, *TEXTS)
    lines = []
    for report in changed:
        after = {name: getattr(report, name) for name in noted}
        changes = changes_between(locked.before[report.pk], after)
        if report.pk not in verbs and not changes:
            continue  # only the carried stock followed
        verb = verbs.get(report.pk, gettext_noop("the opening followed an earlier report"))
        lines.append(
            entry(
                HistoryKind.REPORT,
                verb,
                by=by,
                unit=report.unit,
                quarter=report.quarter,
                subject=report.name,
                changes=changes,
                reason=reason if report.pk in verbs else "",
            )
        )
    HistoryEntry.objects.bulk_create(lines, batch_size=1000)


def _resum(locked: _Locked) -> None:
    """Totals of every superior above a report whose summed figures changed."""
    touched = [
        report
        for report in locked.changed(SUMMED)
        if _counts(report.status)
        or _counts(locked.before[report.pk]["status"])
        or _carry_changed(report, locked.before[report.pk])
    ]
    if not touched:
        return
    Unit.lock_roots({ids_on(report.path)[0] for report in touched})
    _refuse_closed(Quarter.objects.filter(pk__in={report.quarter_id for report in locked.wanted}))
    for structure in Structure:
        chains: dict[int, set[totals.Chain]] = defaultdict(set)
        for report in touched:
            chains[report.quarter_id].add(totals.chain_of(report, structure))
        for quarter in sorted(chains, key=lambda pk: locked.quarters[pk].cut_off_on):
            totals.resum(locked.quarters[quarter], structure, chains[quarter])


def _counts(status: str) -> bool:
    return status in (Status.SUBMITTED, Status.ACCEPTED)


def _carry_changed(report: QuarterlyReport, before: Mapping[str, Any]) -> bool:
    carried = ("carried_workers", "carried_members", "carried_from_id")
    return any(before[name] != getattr(report, name) for name in carried)


def _refuse_closed(quarters: Iterable[Quarter]) -> None:
    for quarter in quarters:
        if not quarter.is_open:
            raise Refused(
                _("%(quarter)s was closed on %(day)s.")
                % {"quarter": quarter, "day": _day(timezone.localdate(quarter.closed_at))}
            )


def _day(day: date) -> str:
    return in_text(day)


# --- quarters ------------------------------------------------------------------------------------


@transaction.atomic
def open_quarter(dates: Dates, *, by: User) -> Quarter:
    """Open a quarter: one stamped report for every reporting unit active at the cut-off."""
    _lock_open_quarters()
    Unit.lock_roots()
    _refuse_dates(dates)
    quarter = Quarter.objects.create(
        code=f"{dates.year}Q{dates.number}", opened_at=clock.now(), **vars(dates)
    )
    reporting = Unit.objects.reporting().active(quarter.cut_off_on)
    reports = _add_reports(quarter, reporting)
    _record_quarter(quarter, gettext_noop("opened the quarter"), by=by, reports=reports)
    return quarter


def _lock_open_quarters() -> None:
    """Nobody sends or accepts while what their reports leave to the new quarter is read."""
    reports = QuarterlyReport.objects.filter(quarter__in=Quarter.objects.open())
    locked = reports.order_by("unit_id", "quarter__cut_off_on").select_for_update(of=("self",))
    list(locked.values_list("pk"))


def _refuse_dates(dates: Dates) -> None:
    """Quarters open in order of time and never overlap."""
    if Quarter.objects.filter(year=dates.year, number=dates.number).exists():
        raise Refused(
            _("Quarter %(code)s is already there.") % {"code": f"{dates.year}Q{dates.number}"}
        )
    if dates.starts_on >= dates.cut_off_on:
        raise Refused(_("The cut-off day must come after the first day."))
    last = Quarter.objects.latest_one()
    if last is not None and dates.cut_off_on <= last.cut_off_on:
        raise Refused(_("Quarters open in order: %(last)s is already there.") % {"last": last})
    if last is not None and dates.starts_on <= last.cut_off_on:
        raise Refused(
            _("This quarter overlaps %(last)s, whose cut-off is %(day)s.")
            % {"last": last, "day": _day(last.cut_off_on)}
        )


@transaction.atomic
def close_quarter(quarter: Quarter, *, by: User) -> Quarter:
    """Close a quarter. No report changes; units that never reported stay due and carried."""
    Unit.lock_roots()
    quarter = Quarter.objects.get(pk=quarter.pk)
    _refuse_closed([quarter])
    if waiting := QuarterlyReport.objects.of(quarter).waiting().count():
        raise Refused(
            ngettext(
                "%(count)s report is waiting for a check. Accept or return it first.",
                "%(count)s reports are waiting for a check. Accept or return them first.",
                waiting,
            )
            % {"count": waiting}
        )
    quarter.closed_at = clock.now()
    quarter.save(update_fields=["closed_at"])
    _record_quarter(quarter, gettext_noop("closed the quarter"), by=by)
    return quarter


@transaction.atomic
def reopen_quarter(quarter: Quarter, *, by: User, reason: str) -> Quarter:
    """Open a closed quarter again, for everybody, with a reason."""
    if not reason.strip():
        raise Refused(_("Write why the quarter is opened again."))
    Unit.lock_roots()
    quarter = Quarter.objects.get(pk=quarter.pk)
    if quarter.is_open:
        raise Refused(_("%(quarter)s is open already.") % {"quarter": quarter})
    quarter.closed_at = None
    quarter.save(update_fields=["closed_at"])
    _record_quarter(quarter, gettext_noop("opened the quarter again"), by=by, reason=reason.strip())
    return quarter


def _record_quarter(
    quarter: Quarter, verb: str, *, by: User, reason: str = "", reports: int | None = None
) -> None:
    record(
        HistoryKind.QUARTER,
        verb,
        by=by,
        unit=Unit.objects.roots().order_by("pk").first(),
        quarter=quarter,
        subject=str(quarter),
        changes={} if reports is None else {"reports": [None, reports]},
        reason=reason,
    )


@transaction.atomic
def add_reports_to_open_quarters(units: Iterable[Unit], *, by: User) -> int:
    """Founding or importing a unit adds its report to every open quarter it existed in."""
    _lock_open_quarters()
    Unit.lock_roots()
    pks = [unit.pk for unit in units if unit.is_reporting]
    added = 0
    for quarter in Quarter.objects.open().by_time():
        for start in range(0, len(pks), 5000):
            some = Unit.objects.filter(pk__in=pks[start : start + 5000])
            added += _add_reports(quarter, some.active(quarter.cut_off_on))
    return added


def _add_reports(quarter: Quarter, units: Any) -> int:
    """Make the reports of these units for a quarter, stamped with their place at the cut-off."""
    places = list(
        Placement.objects.at(quarter.cut_off_on)
        .filter(unit__in=units)
        .select_related("unit")
        .order_by("unit_id")
    )
    carries = _carries(quarter, {place.unit_id for place in places})
    paths = superior_paths(quarter.cut_off_on)
    quarters = {known.pk: known for known in Quarter.objects.all()}
    reports = []
    for place in places:
        assert place.parent_id is not None and place.sector_id is not None  # noqa: PT018, S101
        report = QuarterlyReport(
            unit=place.unit,
            quarter=quarter,
            parent_id=place.parent_id,
            sector_id=place.sector_id,
            name=place.name,
            path=paths[place.parent_id] + segment(place.unit_id),
            covers_from=quarter.starts_on,
        )
        _first_carry(carries.get(place.unit_id), place.unit, quarter).apply_to(report, quarters)
        reports.append(report)
    QuarterlyReport.objects.bulk_create(reports, batch_size=1000)
    totals.resum_quarter(quarter)
    return len(reports)


def _first_carry(carry: Carry | None, unit: Unit, quarter: Quarter) -> Carry:
    if carry is not None:
        return carry
    founded = unit.founded_on
    is_new = founded is not None and founded >= quarter.starts_on
    return Carry(is_new_unit=is_new, not_sent_since=quarter.starts_on if is_new else None)


def _carries(quarter: Quarter, units: set[int]) -> dict[int, Carry]:
    """What each unit's latest report before the quarter leaves to the next one."""
    found: dict[int, Carry] = {}
    missing = units
    for earlier in Quarter.objects.before(quarter).order_by("-cut_off_on"):
        reports = QuarterlyReport.objects.of(earlier)
        if found:  # the last quarter has nearly all of them; ask for the few others by name
            reports = reports.filter(unit__in=missing)
        found |= {r.unit_id: Carry.into(r).beyond(r) for r in reports.iterator()}
        missing = units - found.keys()
        if not missing:
            break
    return found


def superior_paths(on: date) -> dict[int, str]:
    """The path of every superior unit as it hung that day: its placement then, else its first."""
    places: dict[int, Placement] = {}
    superiors = Placement.objects.filter(unit__in=Unit.objects.superiors())
    for place in superiors.order_by("valid_from"):
        if place.unit_id not in places or place.valid_from <= max(on, EARLIEST):
            places[place.unit_id] = place
    paths: dict[int, str] = {}

    def path(unit: int) -> str:
        if unit not in paths:
            above = places[unit].parent_id
            paths[unit] = (path(above) if above is not None else "") + segment(unit)
        return paths[unit]

    return {unit: path(unit) for unit in places}
