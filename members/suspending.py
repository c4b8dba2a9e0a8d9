"""Units that rest for a time (tạm ngừng): they owe no report, and their stock stays.

Whether a report is owed is written on it, by the suspension that holds at its cut-off. Reports of
open quarters follow a suspension that begins or ends, dated back or ahead; a report that was sent
stays as it is, and so does every closed quarter. The quarters to come ask when they open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from members.actions import Refused, set_suspended
from members.models import HistoryKind, Quarter, QuarterlyReport, Suspension, Unit, User
from members.models.history import changes_between, record
from members.models.reports import SENT
from unionplan.lib.dates import in_text
from unionplan.lib.paths import ids_on

if TYPE_CHECKING:
    from members.models.reports import QuarterlyReportQuerySet


@dataclass(frozen=True)
class Effect:
    """What a suspension, or its end, means for the reports that exist; in order of time."""

    following: list[QuarterlyReport]  # not owed any more, or owed again
    sent: list[QuarterlyReport]  # stay, for they were sent
    closed: list[QuarterlyReport]  # stay, for their quarter is closed


def effect_of(unit: Unit, *, on: date, is_suspended: bool) -> Effect:
    """What changes if the unit is suspended, or resumed, from this day."""
    return _effect(_reports(unit), on=on, is_suspended=is_suspended)


@transaction.atomic
def suspend(unit: Unit, *, on: date, by: User, decision_no: str = "", note: str = "") -> Suspension:
    """From this day the unit owes no report."""
    unit, reports = _locked(unit)
    refuse_suspension(unit, on=on)
    suspension = Suspension.objects.create(
        unit=unit, starts_on=on, decision_no=decision_no, note=note
    )
    set_suspended(_effect(reports, on=on, is_suspended=True).following, is_suspended=True, by=by)
    facts = {"starts_on": on, "decision_no": decision_no}
    _record(gettext_noop("suspended the unit"), unit, facts, note=note, by=by)
    return suspension


@transaction.atomic
def resume(unit: Unit, *, on: date, by: User, decision_no: str = "", note: str = "") -> Suspension:
    """From this day the unit reports again; ``on`` is the first day of it. On the very day of the
    suspension it is taken back as if it had never been."""
    unit, reports = _locked(unit)
    suspension = refuse_resumption(unit, on=on)
    if on == suspension.starts_on:
        verb = gettext_noop("took the suspension back")
        suspension.delete()
    else:
        verb = gettext_noop("resumed the unit")
        suspension.ends_on = on
        suspension.save(update_fields=["ends_on"])
    set_suspended(_effect(reports, on=on, is_suspended=False).following, is_suspended=False, by=by)
    _record(verb, unit, {"resumes_on": on, "decision_no": decision_no}, note=note, by=by)
    return suspension


def refuse_suspension(unit: Unit, *, on: date | None) -> None:
    """Raise where the unit cannot be suspended, from this day or (``None``) at all."""
    if not unit.is_reporting:
        raise Refused(_("Only a unit that reports is suspended."))
    if unit.ended_on is not None:
        raise Refused(_("The unit has ended."))
    if unit.suspensions.filter(ends_on=None).exists():
        raise Refused(_("The unit is suspended already."))
    if on is None:
        return
    if unit.founded_on is not None and on < unit.founded_on:
        raise Refused(_("The unit was founded later than that day."))
    if later := unit.suspensions.filter(ends_on__gt=on).order_by("starts_on").first():
        assert later.ends_on is not None  # noqa: S101  # the open one is refused above
        raise Refused(
            _("The unit was suspended from %(first)s until it resumed on %(last)s.")
            % {"first": in_text(later.starts_on), "last": in_text(later.ends_on)}
        )


def refuse_resumption(unit: Unit, *, on: date | None) -> Suspension:
    """The suspension that ends; raise where there is none, or it begins after this day."""
    suspension = unit.suspensions.filter(ends_on=None).first()
    if suspension is None:
        raise Refused(_("The unit is not suspended."))
    if on is not None and on < suspension.starts_on:
        raise Refused(
            _("The unit is suspended from %(day)s; it cannot resume before.")
            % {"day": in_text(suspension.starts_on)}
        )
    return suspension


# --- a closed quarter that is opened again -------------------------------------------------------


def lock_astray(quarter: Quarter) -> None:
    """Lock the reports that :func:`follow` will change, before anybody takes the roots."""
    units = [report.unit_id for report in _astray(quarter)]
    later = QuarterlyReport.objects.filter(
        unit__in=units, quarter__cut_off_on__gte=quarter.cut_off_on
    )
    locked = later.order_by("unit_id", "quarter__cut_off_on").select_for_update(of=("self",))
    list(locked.values_list("pk"))


def follow(quarter: Quarter, *, by: User) -> None:
    """Let the reports of a quarter that was closed meanwhile follow today's suspensions."""
    astray = list(_astray(quarter))
    for is_suspended in (True, False):
        some = [report for report in astray if report.is_suspended != is_suspended]
        set_suspended(some, is_suspended=is_suspended, by=by)


def _astray(quarter: Quarter) -> Iterable[QuarterlyReport]:
    suspended = Suspension.objects.on(quarter.cut_off_on).values("unit")
    due, not_due = Q(is_suspended=False, unit__in=suspended), Q(is_suspended=True)
    reports = QuarterlyReport.objects.of(quarter).exclude(status__in=SENT)
    return reports.filter(due | (not_due & ~Q(unit__in=suspended)))


# --- the parts -----------------------------------------------------------------------------------


def _locked(unit: Unit) -> tuple[Unit, list[QuarterlyReport]]:
    """The unit and its reports, under lock: whoever opens or closes a quarter meanwhile either
    waits for us, or we have waited and see what came of it."""
    reports = _reports(unit)
    rows = list(reports.select_for_update(of=("self",)))
    while reports.count() > len(rows):
        rows = list(reports.select_for_update(of=("self",)))
    Unit.lock_roots({ids_on(unit.path)[0]})
    return Unit.objects.get(pk=unit.pk), list(_reports(unit))


def _reports(unit: Unit) -> QuarterlyReportQuerySet:
    return QuarterlyReport.objects.filter(unit=unit).select_related("quarter").by_time()


def _effect(reports: Iterable[QuarterlyReport], *, on: date, is_suspended: bool) -> Effect:
    touched = [
        report
        for report in reports
        if report.quarter.cut_off_on >= on and report.is_suspended != is_suspended
    ]
    still_open = [report for report in touched if report.quarter.is_open]
    return Effect(
        following=[report for report in still_open if not report.is_sent],
        sent=[report for report in still_open if report.is_sent],
        closed=[report for report in touched if not report.quarter.is_open],
    )


def _record(verb: str, unit: Unit, facts: dict[str, object], *, note: str, by: User) -> None:
    record(
        HistoryKind.UNIT,
        verb,
        by=by,
        unit=unit,
        subject=unit.name,
        changes=changes_between({}, {name: value for name, value in facts.items() if value}),
        reason=note,
    )
