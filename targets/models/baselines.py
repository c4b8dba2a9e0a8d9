"""What was achieved before the product was used (kết quả trước khi dùng phần mềm)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.access import Permission
from members.models import SectorGroup, Unit
from targets.models.plans import Plan

if TYPE_CHECKING:
    from members.models import User


class BaselineQuerySet(models.QuerySet["Baseline"]):
    def shown_to(self, user: User, plan: Plan) -> Self:
        """Of the branch one sees, and those of the plan's owner to whoever may read the plan."""
        units = Unit.objects.open_to(user, Permission.VIEW)
        return self.filter(models.Q(unit__in=units) | models.Q(unit=plan.unit_id), plan=plan)

    def within_paths(self, paths: Iterable[str]) -> Self:
        """Of today's branches."""
        return self.filter(unit__in=Unit.objects.within_paths(paths))

    def up_to(self, day: date) -> Self:
        return self.filter(up_to__lte=day)

    def by_unit(self) -> Self:
        return self.select_related("unit", "sector_group").order_by(
            "unit__sort_key", "unit_id", "-indicator", "sector_group__position", "pk"
        )


class Baseline(models.Model):
    """A result of one line of a plan for one unit, up to a day, from a document.

    Added to the flows of that unit, or of its branch where the branch has none of its own; shown
    as a line of its own (SEMANTICS section 3). ``value`` counts people.
    """

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="baselines")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="baselines", verbose_name=_("unit"))
    indicator = models.CharField(_("indicator"), max_length=60)
    sector_group = models.ForeignKey(
        SectorGroup, models.PROTECT, default=SectorGroup.ALL, verbose_name=_("sector group")
    )
    up_to = models.DateField(_("up to day"))
    value = models.BigIntegerField(_("result"))
    document_no = models.CharField(_("document number"), max_length=100, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = BaselineQuerySet.as_manager()

    class Meta:
        verbose_name = _("result from before")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "unit", "indicator", "sector_group"], name="baseline_one_a_line"
            )
        ]

    def __str__(self) -> str:
        return f"{self.plan} · {self.unit} · {self.indicator}: {self.value}"
