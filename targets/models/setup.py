"""The first set-up, where its steps cannot be read off the data."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class SetupMark(models.Model):
    """An administrator calls a step of the set-up done (starting figures may be skipped)."""

    step = models.CharField(max_length=20, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.step
