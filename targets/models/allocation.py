"""How a target reaches the units below: what they ask for, and how it is split (phân bổ)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.access import Permission
from members.models import Unit
from targets.models.plans import Plan
from targets.models.targets import Target

if TYPE_CHECKING:
    from members.models import User


class RegistrationRoundQuerySet(models.QuerySet["RegistrationRound"]):
    def running(self) -> Self:
        """Not ended by hand; past its last day it still waits to be ended, or to be allocated."""
        return self.filter(ended_at=None)

    def for_children(self, user: User) -> Self:
        """Rounds of the superiors of the units this person sees."""
        seen = Unit.objects.open_to(user, Permission.VIEW).living()
        return self.filter(unit__in=seen.order_by().values("parent"))


class RegistrationRound(models.Model):
    """A superior unit asks the units directly below for the numbers they can promise in a plan
    (đợt đăng ký chỉ tiêu), until a day. The plan may still be a draft."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="rounds", verbose_name=_("plan"))
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="rounds", verbose_name=_("superior union")
    )
    closes_on = models.DateField(_("register until"))
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)

    objects = RegistrationRoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("registration round")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "unit"],
                condition=Q(ended_at=None),
                name="registration_one_open_round",
            )
        ]

    def __str__(self) -> str:
        return f"{self.plan} · {self.unit}"

    def get_absolute_url(self) -> str:
        return reverse("registration", args=[self.plan.code, self.unit.code])

    def is_open(self, today: date) -> bool:
        return self.ended_at is None and today <= self.closes_on


class Registration(models.Model):
    """What a unit asks to be assigned of its superior's target: one number, one sentence."""

    round = models.ForeignKey(RegistrationRound, models.CASCADE, related_name="registrations")
    target = models.ForeignKey(Target, models.CASCADE, related_name="registrations")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="registrations")
    number = models.PositiveBigIntegerField(_("registered"))
    sentence = models.CharField(_("one sentence"), max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("registration")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "target", "unit"], name="registration_one_a_line"
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit}: {self.number}"


LARGEST = 10**15 - 1  # what a target holds: a sum of money too


class SharedBy(models.TextChoices):
    HEAD_ROOM = "head_room", _("workers not in the union yet")
    WORKERS = "workers", _("all workers")
    LAST_RESULT = "last_result", _("last year's result")
    EQUALLY = "equally", _("equally")


class Allocation(models.Model):
    """The draft by which a unit splits a target of its own over the units directly below.

    What is assigned stands in their targets; this is the work sheet, and is kept for the next
    time. ``kept_back`` stays at the level of the unit itself, for a reason.
    """

    target = models.OneToOneField(Target, models.CASCADE, related_name="allocation")
    shared_by = models.CharField(
        max_length=20, choices=SharedBy.choices, default=SharedBy.HEAD_ROOM
    )
    keeps_rest = models.BooleanField(_("keep the rest at this level"), default=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=0)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("allocation")

    def __str__(self) -> str:
        return str(self.target)


class Share(models.Model):
    """What one unit directly below is to get; a blank number is «không giao», which is not 0."""

    allocation = models.ForeignKey(Allocation, models.CASCADE, related_name="shares")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    number = models.PositiveBigIntegerField(null=True, blank=True)
    is_kept = models.BooleanField(_("keep as it is"), default=False)

    class Meta:
        verbose_name = _("share")
        constraints = [
            models.UniqueConstraint(fields=["allocation", "unit"], name="share_one_a_unit")
        ]

    def __str__(self) -> str:
        return f"{self.unit}: {self.number}"
