"""On the quarterly page: the officers a unit does not keep by name, and how many are trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members.models import QuarterlyReport, User
from training.counts import Others, refusal_of, state
from training.models import OfficerCount
from unionplan.lib.fields import WholeNumberField
from unionplan.lib.numbers import whole_number

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

names: tuple[str, ...] = ("others", "others_trained")
LABELS = {
    "others": _("Officers not listed by name (persons)"),
    "others_trained": _("Of whom trained"),
}


def title() -> StrOrPromise:
    return _("4. Officers not listed by name")


def fields(report: QuarterlyReport) -> Mapping[str, forms.Field]:
    """What was stated last is the proposal."""
    is_own = Q(quarter=report.quarter_id)
    is_before = Q(is_draft=False, quarter__cut_off_on__lt=report.quarter.cut_off_on)
    rows = OfficerCount.objects.filter(is_own | is_before, unit=report.unit_id).select_related(
        "quarter"
    )
    known = list(rows.order_by("-quarter__cut_off_on")[:2])
    own = next((row for row in known if row.quarter == report.quarter), None)
    before = next((row for row in known if row.quarter != report.quarter), None)
    made = {}
    for name in names:
        field = WholeNumberField(label=LABELS[name], required=False)
        field.widget.attrs["class"] = "figure"
        field.initial = getattr(own or before, name, None)
        if before is not None:
            field.note = gettext("%(quarter)s: %(figure)s") % {  # type: ignore[attr-defined]
                "quarter": before.quarter.short_name
                if before.quarter.year == report.quarter.year
                else before.quarter,
                "figure": whole_number(getattr(before, name)),
            }
        made[name] = field
    made["others"].help_text = gettext(
        "Team leaders, their deputies, committee members … who are not in the unit’s list."
    )
    return made


def problems(typed: Mapping[str, Any]) -> Mapping[str, str]:
    others, trained = (typed.get(name) for name in names)
    if others is None and trained is None:
        return {}
    if others is None or trained is None:
        missing = "others" if others is None else "others_trained"
        return {missing: gettext("Write both numbers, or leave both empty.")}
    refusal = refusal_of(Others(others, trained))
    return {"others_trained": refusal} if refusal else {}


def keep(report: QuarterlyReport, typed: Mapping[str, Any], *, by: User, is_sent: bool) -> None:
    """Blank is not stated: what was stated last goes on counting."""
    others, trained = (typed.get(name) for name in names)
    if others is not None and trained is not None:
        stated = {report.unit: Others(others, trained)}
        state(stated, report.quarter, by=by, is_draft=not is_sent)


def told(report: QuarterlyReport) -> list[tuple[StrOrPromise, str]]:
    row = OfficerCount.objects.filter(
        unit=report.unit_id, quarter=report.quarter_id, is_draft=False
    ).first()
    return [(LABELS[name], whole_number(getattr(row, name))) for name in names] if row else []
