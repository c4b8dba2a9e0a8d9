"""Who changed what, when, from what to what, and why. Append-only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.access import Permission
from members.models.quarters import Quarter
from members.models.units import Unit
from unionplan.lib import clock

if TYPE_CHECKING:
    from members.models.accounts import User

Changes = dict[str, list[Any]]  # field → [from, to]


class HistoryKind(models.TextChoices):
    REPORT = "report", _("report")
    UNIT = "unit", _("unit")
    ROLE = "role", _("role")
    QUARTER = "quarter", _("quarter")
    SIGN_OFF = "sign_off", _("sign-off")
    ENTERPRISE = "enterprise", _("enterprise")
    RATING = "rating", _("rating")
    PLAN = "plan", _("plan")
    TARGET = "target", _("target")
    MANUAL = "manual", _("figure typed by hand")
    OFFICER = "officer", _("officer")
    COURSE = "course", _("course")
    NEED = "need", _("training need")


class HistoryEntryQuerySet(models.QuerySet["HistoryEntry"]):
    def visible_to(self, user: User) -> Self:
        """The branch's; lines without a unit are a superuser's alone."""
        if user.is_superuser:
            return self
        return self.filter(unit__in=Unit.objects.open_to(user, Permission.VIEW))

    def newest_first(self) -> Self:
        return self.select_related("by", "quarter").order_by("-at", "-pk")


class HistoryEntry(models.Model):
    """One change. A trigger refuses UPDATE (and on PostgreSQL DELETE).

    ``verb`` is an English message id, translated where it is shown; ``subject`` says on what, in
    the words of that day.
    """

    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=HistoryKind.choices)
    verb = models.CharField(max_length=100)
    subject = models.CharField(max_length=300)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="history")
    quarter = models.ForeignKey(Quarter, models.PROTECT, null=True, related_name="+")
    changes = models.JSONField(default=dict)
    reason = models.TextField(blank=True)

    objects = HistoryEntryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["unit", "quarter", "at"], name="history_by_unit"),
            models.Index(fields=["at"], name="history_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.by} {self.verb} {self.subject}"


def entry(
    kind: HistoryKind,
    verb: str,
    *,
    by: User,
    unit: Unit | None,
    subject: str,
    quarter: Quarter | None = None,
    changes: Changes | None = None,
    reason: str = "",
) -> HistoryEntry:
    """A line of history, not yet written: bulk actions write theirs in one statement."""
    return HistoryEntry(
        at=clock.now(),
        by=by,
        kind=kind,
        verb=verb,
        subject=subject[:300],
        unit=unit,
        quarter=quarter,
        changes=changes or {},
        reason=reason,
    )


def record(kind: HistoryKind, verb: str, **facts: Any) -> None:
    """Write one line of history; the facts are those of :func:`entry`."""
    entry(kind, verb, **facts).save()


def changes_between(before: dict[str, Any], after: dict[str, Any]) -> Changes:
    """The fields that differ, as ``{field: [from, to]}`` in JSON's own types."""
    return {
        name: [_plain(before.get(name)), _plain(value)]
        for name, value in after.items()
        if before.get(name) != value
    }


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | bool | None) else str(value)
