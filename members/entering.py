"""Reports typed from paper for a unit: who accepts them.

Whoever entered a report on behalf of a unit may accept it too, and the history says so, unless a
superior union above the unit forbids it.
"""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from members.access import Permission
from members.models import HistoryKind, Kind, QuarterlyReport, Unit, User
from members.models.history import record
from unionplan.lib import clock

MAY_FORBID = (Kind.CONFEDERATION, Kind.FEDERATION)


def may_enter_on_behalf(user: User, report: QuarterlyReport) -> bool:
    may = user.may(Permission.ENTER_ON_BEHALF, report.unit)
    return may and report.is_editable and report.is_open(clock.today())


def who_forbids(report: QuarterlyReport, user: User) -> Unit | None:
    """The superior that lets this person not accept what they entered themselves, be it by a
    second role, of the unit."""
    if report.submitted_by_id != user.pk:
        return None
    above = Unit.objects.ancestors_of(report.unit).filter(forbids_own_acceptance=True)
    return above.order_by("-path").first()


def forbidden_words(report: QuarterlyReport, user: User) -> str:
    superior = who_forbids(report, user)
    if superior is None:
        return ""
    words = _(
        "You entered this report yourself on behalf of the unit, and %(superior)s lets nobody"
        " accept such a report. Ask a colleague to accept it."
    )
    return words % {"superior": superior}


@transaction.atomic
def forbid_own_acceptance(unit: Unit, *, is_forbidden: bool, by: User) -> Unit:
    """For every unit below, from now on; what was accepted before stays accepted."""
    unit = Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    if unit.forbids_own_acceptance == is_forbidden:
        return unit
    unit.forbids_own_acceptance = is_forbidden
    unit.save(update_fields=["forbids_own_acceptance"])
    forbade = gettext_noop("forbade accepting reports one entered oneself")
    allowed = gettext_noop("allowed accepting reports one entered oneself")
    record(
        HistoryKind.UNIT,
        forbade if is_forbidden else allowed,
        by=by,
        unit=unit,
        subject=unit.name,
    )
    return unit
