"""What was achieved before the product was used (kết quả trước khi dùng phần mềm)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models import SectorGroup, Unit
from targets.models.plans import Plan


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
    value = models.IntegerField(_("result"))
    document_no = models.CharField(_("document number"), max_length=100, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("result from before")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "unit", "indicator", "sector_group"], name="baseline_one_a_line"
            )
        ]

    def __str__(self) -> str:
        return f"{self.plan} · {self.unit} · {self.indicator}: {self.value}"
