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
from django.utils.translation import gettext_noop

from members import totals
from members.carry import carry_through
from members.entering import who_forbids
from members.models import (
    HistoryEntry,
    HistoryKind,
    Quarter,
    QuarterlyReport,
    Status,
    Structure,
    Unit,
    User,
)
from members.models.history import changes_between, entry, record
from members.models.reports import SENT, TYPED
from unionplan.lib import clock
from unionplan.lib.dates import in_text
from unionplan.lib.numbers import signed
from unionplan.lib.paths import ids_on

Figures = Mapping[str, Any]  # the TYPED figures, opening_members, and the TEXTS
Pairs = Sequence[tuple[QuarterlyReport, Figures]]

TEXTS = ("note", "adjustment_reason", "remarks", "answer")
FIGURES = (*TYPED, "opening_members")
WRITABLE = (*FIGURES, *TEXTS, "queries", "received_on")
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
    "is_suspended",
    "times_sent",
    "times_returned",
    "first_sent_on",
    "accepted_changed_at",
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
SUMMED = (
    "status",
    "is_suspended",
    *FIGURES,
    "carried_workers",
    "carried_members",
    "carried_from_id",
)


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
        _refuse_own_entry(locked, by)
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
        locked.times_returned += 1
        locked.return_reason, locked.returned_figures = reason.strip(), list(figures)
        locked.checked_by, locked.checked_at = by, clock.now()
        if reopened:
            locked.accepted_changed_at = locked.checked_at
            return gettext_noop("opened the report again")
        return gettext_noop("returned the report")

    return _change([report], back, by=by, reason=reason.strip())[0]


@transaction.atomic
def permit_late(report: QuarterlyReport, *, until: date, reason: str, by: User) -> QuarterlyReport:
    """Let one unit send its report of a closed quarter until a day; the quarter stays closed."""
    if not reason.strip():
        raise Refused(_("Write why the unit may send late."))
    if until < clock.today():
        raise Refused(_("This day is over."))
    reports = QuarterlyReport.objects.select_related("unit", "quarter")
    report = reports.select_for_update(of=("self",)).get(pk=report.pk)
    refuse_late(report)
    changes = changes_between({"late_until": report.late_until}, {"late_until": until})
    report.late_until = until
    report.save(update_fields=["late_until"])
    record(
        HistoryKind.REPORT,
        gettext_noop("permitted a late report"),
        by=by,
        unit=report.unit,
        quarter=report.quarter,
        subject=report.name,
        changes=changes,
        reason=reason.strip(),
    )
    return report


def refuse_late(report: QuarterlyReport) -> None:
    """Raise where there is nothing to permit."""
    if report.quarter.is_open:
        raise Refused(_("%(quarter)s is open for everybody.") % {"quarter": report.quarter})
    if report.is_sent:
        raise Refused(
            _("The unit has sent its report of %(quarter)s.") % {"quarter": report.quarter}
        )
    if report.is_suspended:
        raise Refused(_("The unit is suspended and owes no report."))


def set_suspended(
    reports: Iterable[QuarterlyReport], *, is_suspended: bool, by: User
) -> list[QuarterlyReport]:
    """Reports of open quarters follow a suspension; one that was sent stays as it is."""

    def follow(locked: QuarterlyReport) -> str | None:
        if locked.is_suspended == is_suspended or (is_suspended and locked.is_sent):
            return None
        locked.is_suspended = is_suspended
        if is_suspended:
            return gettext_noop("the unit is suspended and owes no report")
        return gettext_noop("the unit is resumed and owes a report")

    return _change(reports, follow, by=by)


def fill_openings(openings: Mapping[int, tuple[int | None, int]], *, by: User) -> None:
    """Let reports start from the members stated for their units: by id, from what to what.

    Only where nothing is known of an earlier report and nobody typed another number meanwhile.
    """

    def fill(locked: QuarterlyReport) -> str | None:
        before, after = openings[locked.pk]
        if locked.is_sent or _opening_is_locked(locked) or locked.opening_members != before:
            return None
        locked.opening_members = after
        return gettext_noop("starts from the members stated for the unit")

    if openings:
        _change(openings, fill, by=by)


def _type(report: QuarterlyReport, figures: Figures, by: User, version: int | None = None) -> str:
    _same_version(report, version)
    if report.is_suspended:
        raise Refused(_("The unit is suspended and owes no report."))
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
    report.first_sent_on = report.first_sent_on or report.received_on or clock.today()
    report.checked_by = report.checked_at = None
    if report.received_on is not None:
        return gettext_noop("entered and sent the report on behalf of the unit")
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
    report.accepted_changed_at = report.checked_at
    report.return_reason, report.returned_figures = "", []


def _refuse_own_entry(report: QuarterlyReport, by: User) -> None:
    """Whoever typed a report for a unit may accept it, unless a federation above forbids it."""
    if who_forbids(report, by):
        raise Refused(
            _("%(unit)s: the federation lets nobody accept a report they entered on behalf.")
            % {"unit": report.name}
        )


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
    reports: Iterable[QuarterlyReport | int],
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
    pks = [report if isinstance(report, int) else report.pk for report in reports]
    locked = _lock(pks)
    _refuse_closed(locked.wanted)
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
        if report.status in SENT
        or locked.before[report.pk]["status"] in SENT
        or _carry_changed(report, locked.before[report.pk])
        or report.is_suspended != locked.before[report.pk]["is_suspended"]
    ]
    if not touched:
        return
    Unit.lock_roots({ids_on(report.path)[0] for report in touched})
    _refuse_closed_meanwhile(locked)
    for structure in Structure:
        chains: dict[int, set[totals.Chain]] = defaultdict(set)
        for report in touched:
            chains[report.quarter_id].add(totals.chain_of(report, structure))
        for quarter in sorted(chains, key=lambda pk: locked.quarters[pk].cut_off_on):
            totals.resum(locked.quarters[quarter], structure, chains[quarter])


def _carry_changed(report: QuarterlyReport, before: Mapping[str, Any]) -> bool:
    carried = ("carried_workers", "carried_members", "carried_from_id")
    return any(before[name] != getattr(report, name) for name in carried)


def _refuse_closed(reports: Iterable[QuarterlyReport]) -> None:
    """A report of a closed quarter changes only by a permit of its own."""
    today = clock.today()
    for report in reports:
        if not report.is_open(today):
            refuse_closed(report.quarter)


def _refuse_closed_meanwhile(locked: _Locked) -> None:
    """Under the roots' lock: somebody may have closed a quarter while we waited for it."""
    without_permit = {r.quarter_id for r in locked.wanted if r.late_until is None}
    for quarter in Quarter.objects.filter(pk__in=without_permit):
        refuse_closed(quarter)


def refuse_closed(quarter: Quarter) -> None:
    if not quarter.is_open:
        raise Refused(
            _("%(quarter)s was closed on %(day)s.")
            % {"quarter": quarter, "day": in_text(timezone.localdate(quarter.closed_at))}
        )
