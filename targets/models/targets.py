"""Targets and their revisions: the numbers assigned (mức giao)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from members.access import Permission
from members.models import SectorGroup, Unit
from targets.models.plans import Plan

if TYPE_CHECKING:
    from members.models import User


class TargetQuerySet(models.QuerySet["Target"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(unit__in=Unit.objects.open_to(user, Permission.VIEW))

    def as_of(self, on: date) -> Self:
        """With ``minimum``, ``desired`` and the decision as they were in force that day."""
        latest = TargetRevision.objects.filter(target=OuterRef("pk"), in_force_on__lte=on).order_by(
            "-in_force_on", "-pk"
        )[:1]
        return self.annotate(
            minimum=Subquery(latest.values("minimum")),
            desired=Subquery(latest.values("desired")),
            decision_no=Subquery(latest.values("decision_no")),
            decision_on=Subquery(latest.values("decision_on")),
            in_force_on=Subquery(latest.values("in_force_on")),
        )

    def with_values(self) -> Self:
        """With unit, group and every revision, the newest first; who decided on it too."""
        revisions = TargetRevision.objects.select_related("by").order_by("-in_force_on", "-pk")
        return self.select_related("unit", "sector_group").prefetch_related(
            models.Prefetch("revisions", revisions)
        )

    def by_unit(self) -> Self:
        return self.order_by(
            "unit__sort_key", "unit_id", "-indicator", "sector_group__position", "due_on", "pk"
        )


class Target(models.Model):
    """Plan × unit × indicator × sector group × due date; its value is its latest revision.

    A recurring target holds anew for every year of the plan. ``parameter`` is what the indicator
    asks for, such as the least number of workers of an enterprise; ``topics`` are the codes of the
    topics in which people are to be trained, separated by commas.
    """

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="targets", verbose_name=_("plan"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="targets", verbose_name=_("unit"))
    indicator = models.CharField(_("indicator"), max_length=60)
    sector_group = models.ForeignKey(
        SectorGroup, models.PROTECT, default=SectorGroup.ALL, verbose_name=_("sector group")
    )
    due_on = models.DateField(_("due on"), null=True, blank=True)
    # What defines the line, the same for every unit of the plan.
    is_recurring = models.BooleanField(_("every year"), default=False)
    parameter = models.PositiveIntegerField(_("parameter"), null=True, blank=True)
    topics = models.CharField(_("topics"), max_length=200, blank=True)
    # What people read of it.
    owner = models.CharField(_("who answers for it"), max_length=200, blank=True)
    rationale = models.TextField(_("grounds"), blank=True)

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = _("target")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "unit", "indicator", "sector_group", "due_on"],
                name="target_one_a_line",
            ),
            models.UniqueConstraint(
                fields=["plan", "unit", "indicator", "sector_group"],
                condition=Q(due_on=None),
                name="target_one_a_line_without_due_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} · {self.unit} · {self.indicator} · {self.sector_group}"


class TargetRevision(models.Model):
    """A value with its decision, the day it is in force from, and the reason (điều chỉnh)."""

    target = models.ForeignKey(Target, models.CASCADE, related_name="revisions")
    minimum = models.DecimalField(_("minimum"), max_digits=20, decimal_places=4)
    desired = models.DecimalField(
        _("desired"), max_digits=20, decimal_places=4, null=True, blank=True
    )
    decision_no = models.CharField(_("decision number"), max_length=100, blank=True)
    decision_on = models.DateField(_("date of the decision"), null=True, blank=True)
    in_force_on = models.DateField(_("in force from"))
    reason = models.TextField(_("reason"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("target revision")
        constraints = [
            models.CheckConstraint(
                condition=Q(desired=None) | Q(desired__gte=F("minimum")),
                name="revision_desired_not_below_minimum",
                violation_error_message=_("The desired value is below the minimum."),
            ),
            models.CheckConstraint(
                condition=Q(minimum__gte=Decimal(0)),
                name="revision_not_negative",
                violation_error_message=_("A target cannot be negative."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target}: {self.minimum}"
