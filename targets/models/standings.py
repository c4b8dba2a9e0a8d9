"""A published ranking (thi đua): frozen, so that the ranked units see what was decided."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models import Quarter, Tag, Unit
from targets.models.plans import Plan


class Standing(models.Model):
    """The table of one line, quarter and cluster as it was published; ``rows`` never change."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="standings")  # who published it
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="standings")
    quarter = models.ForeignKey(Quarter, models.PROTECT, related_name="+")
    indicator = models.CharField(max_length=60)
    is_of_year = models.BooleanField(default=False)  # from the year's start, else the quarter's
    tag = models.ForeignKey(Tag, models.PROTECT, null=True, related_name="+")
    title = models.CharField(max_length=300)
    rows = models.JSONField(default=list)
    units = models.ManyToManyField(Unit, related_name="+")  # the ranked: they may read it
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("published ranking")

    def __str__(self) -> str:
        return self.title
