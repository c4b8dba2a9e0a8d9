"""A superior unit closes its quarter towards its parent (chốt số liệu)."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.models.quarters import Quarter
from members.models.units import Unit


class SignOffQuerySet(models.QuerySet["SignOff"]):
    def standing(self) -> Self:
        """Not returned by the parent."""
        return self.filter(returned_at=None)

    def of(self, quarter: Quarter) -> Self:
        return self.filter(quarter=quarter)


class SignOff(models.Model):
    """One sign-off of a unit's quarter, as it was sent; after a return there is a new one.

    ``missing`` lists the units without an accepted report: ``[code, name, quarter code]``, the
    quarter being the one whose stock stands in for it (``None``: nothing does). Totals do not
    depend on sign-offs.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="sign_offs", verbose_name=_("unit"))
    quarter = models.ForeignKey(Quarter, models.PROTECT, related_name="sign_offs")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signatory = models.CharField(_("signatory"), max_length=200)
    remark = models.TextField(_("remark to the superior union"), blank=True)
    due = models.PositiveIntegerField()
    accepted = models.PositiveIntegerField()
    missing = models.JSONField(default=list)
    returned_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    return_reason = models.TextField(_("reason"), blank=True)

    objects = SignOffQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign-off")
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "quarter"],
                condition=Q(returned_at=None),
                name="sign_off_one_standing",
            ),
            models.CheckConstraint(
                condition=Q(returned_at=None) | ~Q(return_reason=""),
                name="sign_off_returned_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.quarter}"

    @property
    def is_standing(self) -> bool:
        return self.returned_at is None
