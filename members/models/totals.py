"""Stored sums over everything below one superior unit; :mod:`members.totals` is the only writer."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models.quarters import Quarter
from members.models.reports import FLOWS, STOCKS
from members.models.units import Sector, Unit


class Structure(models.TextChoices):
    REPORTED = "reported", _("As organised when reported")
    CURRENT = "current", _("As organised now")


class Basis(models.TextChoices):
    ACCEPTED = "accepted", _("Accepted")
    SUBMITTED = "submitted", _("With reports waiting for a check")


class TotalStatus(models.TextChoices):
    """Statuses told apart in totals: a saved draft touches none."""

    ACCEPTED = "accepted"
    SUBMITTED = "submitted"
    OUTSTANDING = "outstanding"


STATUSES_OF_BASIS = {
    Basis.ACCEPTED: frozenset({TotalStatus.ACCEPTED}),
    Basis.SUBMITTED: frozenset({TotalStatus.ACCEPTED, TotalStatus.SUBMITTED}),
}

# Density counts a unit only where workers *and* members are known: those units' two sums.
STATED = (*STOCKS, "density_workers", "density_members", "opening_members", *FLOWS, "adjustment")
CARRIED = (
    "carried_workers",
    "carried_members",
    "carried_density_workers",
    "carried_density_members",
)
COUNTS = ("reports", "suspended", "carried")
SUMMED = (*COUNTS, *STATED, *CARRIED)


class QuarterTotalQuerySet(models.QuerySet["QuarterTotal"]):
    def in_structure(self, structure: str) -> Self:
        return self.filter(structure=structure)


class QuarterTotal(models.Model):
    """Sums of the reports below ``unit`` for one quarter, sector and status, in one structure.

    ``reports`` counts reports owed, ``suspended`` those of suspended units, ``carried`` reports
    owed that have an accepted stock to carry forward;
    a sum is ``None`` when no report states the figure.
    """

    structure = models.CharField(max_length=8, choices=Structure.choices)
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="totals")
    parent = models.ForeignKey(Unit, models.CASCADE, null=True, related_name="+")
    quarter = models.ForeignKey(Quarter, models.CASCADE, related_name="totals")
    sector = models.ForeignKey(Sector, models.PROTECT, related_name="+")
    status = models.CharField(max_length=11, choices=TotalStatus.choices)

    reports = models.PositiveIntegerField()
    suspended = models.PositiveIntegerField()
    carried = models.PositiveIntegerField()
    workers = models.BigIntegerField(null=True)
    women_workers = models.BigIntegerField(null=True)
    members = models.BigIntegerField(null=True)
    women_members = models.BigIntegerField(null=True)
    density_workers = models.BigIntegerField(null=True)
    density_members = models.BigIntegerField(null=True)
    opening_members = models.BigIntegerField(null=True)
    admitted = models.BigIntegerField(null=True)
    transferred_in = models.BigIntegerField(null=True)
    event_in = models.BigIntegerField(null=True)
    transferred_out = models.BigIntegerField(null=True)
    left_job = models.BigIntegerField(null=True)
    left_retired = models.BigIntegerField(null=True)
    left_other = models.BigIntegerField(null=True)
    left_reorganised = models.BigIntegerField(null=True)
    event_out = models.BigIntegerField(null=True)
    adjustment = models.BigIntegerField(null=True)
    carried_workers = models.BigIntegerField(null=True)
    carried_members = models.BigIntegerField(null=True)
    carried_density_workers = models.BigIntegerField(null=True)
    carried_density_members = models.BigIntegerField(null=True)

    objects = QuarterTotalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "quarter", "structure", "sector", "status"],
                name="total_one_a_cell",
            )
        ]
        indexes = [models.Index(fields=["parent", "quarter", "structure"], name="total_by_parent")]

    def __str__(self) -> str:
        return f"{self.unit} · {self.quarter} · {self.sector} · {self.status}"
