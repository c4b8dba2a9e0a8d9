"""Yearly ratings of units (đánh giá, xếp loại), each on its year's scale."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.models.units import Named, Unit


class RatingLevel(Named):
    """One level of a year's scale. Guidance changes, so the scale is data: vững mạnh … yếu in
    2014, hoàn thành xuất sắc nhiệm vụ … since 2019."""

    year = models.PositiveSmallIntegerField(_("year"))
    code = models.SlugField(_("code"), max_length=40)
    position = models.PositiveSmallIntegerField(_("position"))  # 1 is the best
    is_good = models.BooleanField(_("counts as reached"), default=False)

    class Meta:
        verbose_name = _("rating level")
        constraints = [
            models.UniqueConstraint(fields=["year", "code"], name="rating_level_unique"),
            models.UniqueConstraint(fields=["year", "position"], name="rating_level_position"),
        ]


class Rating(models.Model):
    """A unit's rating of one year: what it gave itself and what its superior decided.

    Only the decided level counts. Not eligible (founded or merged too recently) and not rated are
    states of their own, never a low level.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="ratings", verbose_name=_("unit"))
    year = models.PositiveSmallIntegerField(_("year"))
    is_eligible = models.BooleanField(_("eligible"), default=True)
    self_level = models.ForeignKey(
        RatingLevel,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("self-rating"),
    )
    self_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    self_at = models.DateTimeField(null=True)
    self_note = models.TextField(_("sentence of the unit"), blank=True)
    level = models.ForeignKey(
        RatingLevel,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided level"),
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("rating")
        constraints = [
            models.UniqueConstraint(fields=["unit", "year"], name="rating_one_a_year"),
            models.CheckConstraint(
                condition=Q(is_eligible=True) | Q(level=None), name="rating_eligible_has_level"
            ),
        ]
        indexes = [models.Index(fields=["year", "unit"], name="rating_by_year")]

    def __str__(self) -> str:
        return f"{self.unit} · {self.year}"
