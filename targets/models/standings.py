"""Published rankings (thi đua): frozen as they were when they were published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.access import Permission
from members.models import Quarter, Tag, Unit
from targets.models.plans import Plan

if TYPE_CHECKING:
    from members.models import User


class StandingQuerySet(models.QuerySet["Standing"]):
    def visible_to(self, user: User) -> Self:
        """Whoever sees the unit that published it, and the units that are ranked in it."""
        if user.is_superuser:
            return self
        seen = Unit.objects.open_to(user, Permission.VIEW)
        ranked = Standing.units.through.objects.filter(unit__in=seen).values("standing")
        return self.filter(Q(unit__in=seen) | Q(pk__in=ranked))

    def newest_first(self) -> Self:
        return self.order_by("-at", "-pk")


class Standing(models.Model):
    """One table, as published: for a quarter, or for the year up to it (``is_of_year``), of the
    units directly below ``unit`` or of one emulation cluster (``tag``).

    ``rows`` are the texts and numbers of the table in the order of their ranks; nothing in it
    changes afterwards. ``units`` are those ranked or listed, who may see it.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="standings")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="standings")
    quarter = models.ForeignKey(Quarter, models.PROTECT, related_name="standings")
    is_of_year = models.BooleanField(default=True)
    tag = models.ForeignKey(Tag, models.PROTECT, null=True, blank=True, related_name="+")
    line = models.CharField(max_length=300)  # what is ranked, in the words of that day
    rows = models.JSONField()
    units = models.ManyToManyField(Unit, related_name="ranked_in")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = StandingQuerySet.as_manager()

    class Meta:
        verbose_name = _("published ranking")
        indexes = [models.Index(fields=["unit", "-at"], name="standing_by_unit")]

    def __str__(self) -> str:
        return f"{self.line} · {self.quarter}"
