"""Opening, closing and reopening quarters, and the reports that opening one makes.

The order of locks is that of :mod:`members.actions`: reports first, then the roots.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from members import suspending, totals
from members.actions import Refused, refuse_closed
from members.carry import Carry
from members.models import HistoryKind, Placement, Quarter, QuarterlyReport, Suspension, Unit, User
from members.models.history import record
from members.models.quarters import Dates
from members.places import superior_paths
from unionplan.lib import clock
from unionplan.lib.dates import in_text
from unionplan.lib.paths import segment


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
            % {"last": last, "day": in_text(last.cut_off_on)}
        )


@transaction.atomic
def close_quarter(quarter: Quarter, *, by: User) -> Quarter:
    """Close a quarter. No report changes; units that never reported stay due and carried."""
    Unit.lock_roots()
    quarter = Quarter.objects.get(pk=quarter.pk)
    refuse_closed(quarter)
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
    suspending.lock_astray(quarter)
    Unit.lock_roots()
    quarter = Quarter.objects.get(pk=quarter.pk)
    if quarter.is_open:
        raise Refused(_("%(quarter)s is open already.") % {"quarter": quarter})
    quarter.closed_at = None
    quarter.save(update_fields=["closed_at"])
    _record_quarter(quarter, gettext_noop("opened the quarter again"), by=by, reason=reason.strip())
    suspending.follow(quarter, by=by)
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
    suspended = set(Suspension.objects.on(quarter.cut_off_on).values_list("unit_id", flat=True))
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
            is_suspended=place.unit_id in suspended,
        )
        _first_carry(carries.get(place.unit_id), place.unit, quarter).apply_to(report, quarters)
        if report.expected_opening is None:
            report.opening_members = place.unit.opening_members
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
