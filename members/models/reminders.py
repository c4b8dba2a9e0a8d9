"""What was done about a report that is late (đôn đốc)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.access import Permission
from members.models.quarters import Quarter
from members.models.units import Unit
from unionplan.lib.paths import ids_on

if TYPE_CHECKING:
    from members.models.accounts import User


class ReminderKind(models.TextChoices):
    CALL = "call", _("Call")
    MESSAGE = "message", _("Message")
    VISIT = "visit", _("Visit")
    EMAIL = "email", _("E-mail")


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def visible_to(self, user: User) -> Self:
        """To colleagues: whoever may remind the unit, and not the unit itself. A unit that moved
        here leaves behind what was noted by people of the branch it came from."""
        found = self.filter(unit__in=Unit.objects.open_to(user, Permission.REMIND))
        if user.is_superuser:
            return found
        own = [role.unit_id for role in user.roles if role.unit.is_reporting]
        return found.exclude(unit__in=own).filter(by__in=_colleagues_of(user))

    def latest_first(self) -> Self:
        return self.select_related("by").order_by("-day", "-at", "-pk")


def _colleagues_of(user: User) -> models.QuerySet[User]:
    """People with a role, past or present, in the branches this person reminds or above them."""
    paths = user.branches(Permission.REMIND)
    above = {pk for path in paths for pk in ids_on(path)}
    places = Unit.objects.within_paths(paths) | Unit.objects.filter(pk__in=above)
    known = models.Q(assignments__unit__in=places) | models.Q(is_superuser=True)
    return get_user_model().objects.filter(known)


class Reminder(models.Model):
    """Somebody called, wrote to or visited a unit about its report of a quarter. Never changed."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="reminders")
    quarter = models.ForeignKey(Quarter, models.CASCADE, related_name="reminders")
    kind = models.CharField(_("how"), max_length=10, choices=ReminderKind.choices)
    day = models.DateField(_("day"))
    note = models.CharField(_("one line"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder")
        indexes = [models.Index(fields=["quarter", "unit", "day"], name="reminder_by_unit")]

    def __str__(self) -> str:
        return f"{self.unit} · {self.get_kind_display()} · {self.day}"
