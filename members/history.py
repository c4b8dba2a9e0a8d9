"""Lines of history in the words of whoever reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members.models import (
    Assignment,
    Calendar,
    Enterprise,
    EnterpriseNote,
    HistoryEntry,
    HistoryKind,
    QuarterlyReport,
    Rating,
    SignOff,
    Suspension,
    Unit,
    User,
)
from unionplan.lib.dates import in_text
from unionplan.lib.numbers import UNKNOWN, whole_number

Labels = Mapping[str, Any]  # field → its label

# Whose fields a line speaks of; an app further up adds its own with ``describe``.
MODELS: dict[str, tuple[type[Model], ...]] = {
    HistoryKind.REPORT: (QuarterlyReport,),
    HistoryKind.UNIT: (Unit, Suspension),
    HistoryKind.ROLE: (Assignment,),
    HistoryKind.QUARTER: (Calendar,),
    HistoryKind.SIGN_OFF: (SignOff,),
    # a union is founded by a decision, as a unit is suspended by one
    HistoryKind.ENTERPRISE: (Enterprise, EnterpriseNote, Suspension),
    HistoryKind.RATING: (Rating,),
}
LABELS: Labels = {
    "reports": _("Must report"),
    "accepted": _("Accepted"),
    "own_cut_offs": _("Own dates"),
    "late_until": _("May send until the end of"),
    "resumes_on": _("Reports again from"),
    # On the form both are «Trong đó: nữ», each under its own total.
    "women_workers": _("Women workers"),
    "women_members": _("Women members"),
    "attachment": _("Attachment"),
    "in_charge": _("person in charge"),
}
DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
DECIMAL = re.compile(r"^-?\d+\.\d+$")


def describe(kind: HistoryKind, *models: type[Model]) -> None:
    """Let lines of this kind take their labels from these models."""
    MODELS[kind] = models


@dataclass(frozen=True)
class Change:
    name: str  # of the field
    label: str
    before: str
    after: str

    @property
    def is_new(self) -> bool:
        return self.before in (UNKNOWN, self.after)


@dataclass(frozen=True)
class Line:
    at: datetime
    by: User
    verb: str
    subject: str
    reason: str
    changes: list[Change]


def lines(entries: Iterable[HistoryEntry], labels: Labels | None = None) -> list[Line]:
    """For ``members/_history.html``; ``labels`` names fields of models this app does not know."""
    known = {**LABELS, **(labels or {})}
    return [
        Line(
            at=entry.at,
            by=entry.by,
            verb=gettext(entry.verb),
            subject=_subject(entry),
            reason=entry.reason,
            changes=[_change(entry.kind, name, pair, known) for name, pair in _shown(entry)],
        )
        for entry in entries
    ]


def _subject(entry: HistoryEntry) -> str:
    """A unit has many reports: a line says of which quarter."""
    kinds = (
        HistoryKind.REPORT,
        HistoryKind.SIGN_OFF,
        HistoryKind.MANUAL,
        HistoryKind.OFFICER,
    )
    if entry.kind in kinds and entry.quarter is not None:
        return f"{entry.quarter} · {entry.subject}"
    return entry.subject


def _shown(entry: HistoryEntry) -> Iterable[tuple[str, list[Any]]]:
    """What changed from nothing to nothing is no news."""
    changes: dict[str, list[Any]] = entry.changes
    return [
        (name, pair) for name, pair in changes.items() if any(v not in (None, "") for v in pair)
    ]


def _change(kind: str, name: str, pair: list[Any], labels: Labels) -> Change:
    field = _field(kind, name)
    label = str(labels.get(name) or getattr(field, "verbose_name", name))
    choices = dict(getattr(field, "flatchoices", ()))
    before, after = (str(choices.get(value, _written(value))) for value in pair)
    return Change(name, capfirst(label), before, after)


def _field(kind: str, name: str) -> object:
    for model in MODELS.get(kind, ()):
        with suppress(FieldDoesNotExist):
            return model._meta.get_field(name)
    return None


def _written(value: Any) -> str:
    """A value of JSON as people write it."""
    if value is None or value == "":
        return UNKNOWN
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, int):
        return whole_number(value)
    if isinstance(value, str) and DAY.match(value):
        return in_text(date.fromisoformat(value))
    if isinstance(value, str) and DECIMAL.match(value):
        return whole_number(Decimal(value))
    return str(value)
