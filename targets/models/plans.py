"""Terms and plans: what was promised, by which document, for how long."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.access import Permission
from members.models import Unit
from unionplan.lib.paths import ids_on

if TYPE_CHECKING:
    from members.models import User


class Term(models.Model):
    """A term of office (nhiệm kỳ), such as 2023-2028. Levels have different terms."""

    code = models.CharField(_("code"), max_length=20)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))

    class Meta:
        verbose_name = _("term")
        constraints = [
            models.UniqueConstraint(fields=["code"], name="term_code_unique"),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="term_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.code.replace("-", " - ")


class PlanQuerySet(models.QuerySet["Plan"]):
    def visible_to(self, user: User) -> Self:
        """Plans of the user's branch, and those of the levels above: they bind the branch."""
        if user.is_superuser:
            return self
        above = {pk for path in user.branches(Permission.VIEW) for pk in ids_on(path)}
        in_force_above = Q(unit__in=above) & ~Q(status=Plan.Status.DRAFT)
        return self.filter(Q(unit__in=Unit.objects.open_to(user, Permission.VIEW)) | in_force_above)

    def in_force(self) -> Self:
        return self.filter(status=Plan.Status.IN_FORCE)

    def binding(self, unit: Unit) -> Self:
        """Plans of the unit itself or of a level above it, put in force (or ended since)."""
        return self.filter(unit__in=ids_on(unit.path)).exclude(status=Plan.Status.DRAFT)

    def running(self, on: date) -> Self:
        return self.filter(starts_on__lte=on, ends_on__gte=on)

    def newest_first(self) -> Self:
        return self.order_by("-starts_on", "code")


class Plan(models.Model):
    """A plan (kế hoạch): an owner unit, a document number, a horizon of a year or a term."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Being drafted")
        IN_FORCE = "in_force", _("In force")
        ENDED = "ended", _("Ended")

    code = models.CharField(
        _("code"), max_length=60, validators=[RegexValidator(r"^[A-Za-z0-9._-]+$")]
    )
    title = models.CharField(_("title"), max_length=300)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="plans", verbose_name=_("unit"))
    term = models.ForeignKey(
        Term, models.PROTECT, null=True, blank=True, related_name="plans", verbose_name=_("term")
    )
    number = models.CharField(_("document number"), max_length=100, blank=True)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.DRAFT
    )
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    # From which shortfall on a line is «behind» and no longer «at risk» (SEMANTICS section 5):
    # counts, in percent of the way from start to target; ratios, in percentage points.
    risk_share = models.DecimalField(
        _("at risk: percent of the way"), max_digits=5, decimal_places=2, default=Decimal(10)
    )
    risk_points = models.DecimalField(
        _("at risk: percentage points"), max_digits=5, decimal_places=2, default=Decimal(1)
    )

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan")
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                name="plan_code_unique",
                violation_error_message=_("This plan code is already used."),
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="plan_ends_after_start",
                violation_error_message=_("A plan must end after it starts."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("plan-detail", args=[self.code])

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT

    @property
    def is_in_force(self) -> bool:
        return self.status == self.Status.IN_FORCE

    @property
    def has_ended(self) -> bool:
        return self.status == self.Status.ENDED

    @property
    def last_day(self) -> date:
        """Until when it holds: a plan may end early (nhiệm kỳ kết thúc sớm)."""
        return min(self.ends_on, self.ended_on or self.ends_on)

    @property
    def ended_early(self) -> bool:
        return self.last_day < self.ends_on

    def has_revised_targets(self) -> bool:
        """A value in force has changed, so it matters as of which day the plan is read."""
        counted = self.targets.annotate(values=models.Count("revisions"))
        return counted.filter(values__gt=1).exists()

    @property
    def is_of_one_year(self) -> bool:
        return (self.ends_on - self.starts_on).days <= 366
