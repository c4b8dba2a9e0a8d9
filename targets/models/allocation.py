"""Sharing a target out over the units below: what they register, and what is being allocated."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.models import SectorGroup, Unit
from targets.models.plans import Plan


class RegistrationRound(models.Model):
    """A superior asks its children, until a day, which number they propose (đợt đăng ký)."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="rounds")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")  # the superior
    due_on = models.DateField(_("due on"))
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("registration round")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "unit"], condition=Q(closed_at=None), name="round_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.plan} · {self.unit}"


class Registration(models.Model):
    """The number a child proposes for one line, with a sentence (đăng ký chỉ tiêu)."""

    round = models.ForeignKey(RegistrationRound, models.CASCADE, related_name="registrations")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="registrations")
    indicator = models.CharField(max_length=60)
    sector_group = models.ForeignKey(SectorGroup, models.PROTECT, default=SectorGroup.ALL)
    value = models.DecimalField(_("number"), max_digits=14, decimal_places=4)
    sentence = models.CharField(_("one sentence"), max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("registration")
        constraints = [
            models.UniqueConstraint(
                fields=["round", "unit", "indicator", "sector_group"], name="registration_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit}: {self.value}"


class SharedBy(models.TextChoices):
    HEAD_ROOM = "head_room", _("workers not in the union yet")
    WORKERS = "workers", _("all workers")
    LAST_RESULT = "last_result", _("last year’s result")
    EQUALLY = "equally", _("equally")


class Allocation(models.Model):
    """A target being shared out over the children of its unit: a draft until it is assigned.

    ``shares`` holds, by the id of the child, ``[number, kept]``: a kept number (giữ nguyên) is
    left alone when the rest is shared out anew. Assigning writes targets, in one transaction.
    """

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="allocations")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")  # the superior
    indicator = models.CharField(max_length=60)
    sector_group = models.ForeignKey(SectorGroup, models.PROTECT, default=SectorGroup.ALL)
    due_on = models.DateField(null=True)
    shared_by = models.CharField(
        max_length=20, choices=SharedBy.choices, default=SharedBy.HEAD_ROOM
    )
    shares = models.JSONField(default=dict)
    kept_back_reason = models.TextField(_("why a remainder stays at this level"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("allocation")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "unit", "indicator", "sector_group", "due_on"],
                name="allocation_one_a_line",
            ),
            models.UniqueConstraint(
                fields=["plan", "unit", "indicator", "sector_group"],
                condition=Q(due_on=None),
                name="allocation_one_a_line_without_due_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} · {self.unit} · {self.indicator}"
