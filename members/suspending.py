"""Units that rest for a time (tạm ngừng): they owe no report, and their stock stays."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from members.actions import Refused, set_suspended
from members.models import HistoryKind, Quarter, QuarterlyReport, Suspension, Unit, User
from members.models.history import changes_between, record


@transaction.atomic
def suspend(unit: Unit, *, on: date, by: User, decision_no: str = "", note: str = "") -> Suspension:
    """From this day the unit owes no report. Reports of open quarters whose cut-off it covers
    follow, unless they were sent; closed quarters stay as they are."""
    if not unit.is_reporting:
        raise Refused(_("Only a unit that reports is suspended."))
    if unit.ended_on is not None:
        raise Refused(_("The unit has ended."))
    if unit.founded_on is not None and on < unit.founded_on:
        raise Refused(_("The unit was founded later than that day."))
    reports = _reports_of_open_quarters(unit, Q(cut_off_on__gte=on))
    overlapping = unit.suspensions.filter(Q(ends_on=None) | Q(ends_on__gt=on))
    if overlapping.exists():
        raise Refused(_("The unit is suspended already."))
    suspension = Suspension.objects.create(
        unit=unit, starts_on=on, decision_no=decision_no, note=note
    )
    set_suspended(reports, is_suspended=True, by=by)
    _record(gettext_noop("suspended the unit"), suspension, {"starts_on": on}, note, by)
    return suspension


@transaction.atomic
def resume(unit: Unit, *, on: date, by: User, note: str = "") -> Suspension:
    """From this day the unit reports again; ``on`` is the first day of it."""
    suspension = Suspension.objects.select_for_update().filter(unit=unit, ends_on=None).first()
    if suspension is None:
        raise Refused(_("The unit is not suspended."))
    if on <= suspension.starts_on:
        raise Refused(_("The unit is suspended from a later day."))
    suspension.ends_on = on
    suspension.save(update_fields=["ends_on"])
    reports = _reports_of_open_quarters(unit, Q(cut_off_on__gte=on))
    set_suspended(reports, is_suspended=False, by=by)
    _record(gettext_noop("resumed the unit"), suspension, {"ends_on": on}, note, by)
    return suspension


def _reports_of_open_quarters(unit: Unit, quarters: Q) -> list[QuarterlyReport]:
    some = Quarter.objects.open().filter(quarters)
    return list(QuarterlyReport.objects.filter(unit=unit, quarter__in=some))


def _record(verb: str, suspension: Suspension, facts: dict[str, date], note: str, by: User) -> None:
    unit = suspension.unit
    changes = changes_between({}, facts | {"decision_no": suspension.decision_no})
    record(
        HistoryKind.UNIT, verb, by=by, unit=unit, subject=unit.name, changes=changes, reason=note
    )
