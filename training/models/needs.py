"""What training the units ask for (nhu cầu đào tạo, bồi dưỡng)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from members.access import Permission
from members.models import Unit
from training.models.courses import Audience, Topic

if TYPE_CHECKING:
    from members.models import User


class TrainingNeedQuerySet(models.QuerySet["TrainingNeed"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(unit__in=Unit.objects.open_to(user, Permission.VIEW))


class TrainingNeed(models.Model):
    """How many people of an audience a unit wants trained in a topic in a year; 0 is a statement,
    and what is blank is not stated. A superior states its own officers' alone."""

    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="training_needs", verbose_name=_("unit")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="+", verbose_name=_("topic"))
    audience = models.ForeignKey(
        Audience, models.PROTECT, related_name="+", verbose_name=_("audience")
    )
    people = models.PositiveIntegerField(_("people"))

    objects = TrainingNeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("training need")
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "year", "topic", "audience"], name="training_need_once"
            )
        ]
        indexes = [models.Index(fields=["year", "unit"], name="training_need_by_year")]

    def __str__(self) -> str:
        return f"{self.unit} · {self.year} · {self.topic} · {self.audience}"
