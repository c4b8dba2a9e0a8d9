"""A file between its check and its use."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class KeptFile(models.Model):
    """What somebody uploaded and saw checked, until they apply it: no server keeps files of its
    own. Read only by whoever uploaded it; the next upload for the same purpose replaces it."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["by", "purpose"], name="kept_file_one_a_purpose")
        ]

    def __str__(self) -> str:
        return self.name
