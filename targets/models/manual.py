"""Indicators that no code counts: units type them (chỉ tiêu nhập tay)."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.models import Quarter, Unit
from members.models.units import Named


class ManualKind(models.TextChoices):
    FLOW = "flow", _("Summed over the time")
    STOCK = "stock", _("As of the cut-off")
    RATIO = "ratio", _("Ratio")


class TypedBy(models.TextChoices):
    REPORTING = "reporting", _("Every unit that reports")
    UPPER = "upper", _("Every upper-level union")
    NAMED = "named", _("The units named")


class ManualIndicator(Named):
    """What is counted, in which unit of measure, and who types it how often."""

    code = models.CharField(
        _("code"), max_length=60, validators=[RegexValidator(r"^[a-z0-9-]+$")], unique=True
    )
    unit = models.ForeignKey(  # whose administrators made it; its branch may use it
        Unit, models.PROTECT, related_name="manual_indicators", verbose_name=_("owner")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ManualKind.choices)
    counted_in = models.CharField(_("unit of measure"), max_length=50)
    numerator_label = models.CharField(_("what is typed"), max_length=200, blank=True)
    denominator_label = models.CharField(_("out of what"), max_length=200, blank=True)
    method = models.TextField(_("how it is counted"), blank=True)
    is_yearly = models.BooleanField(_("typed once a year, with the fourth quarter"), default=False)
    typed_by = models.CharField(_("typed by"), max_length=10, choices=TypedBy.choices)
    units = models.ManyToManyField(
        Unit, blank=True, related_name="+", verbose_name=_("the units named")
    )

    class Meta:
        verbose_name = _("manual indicator")


class ManualStatus(models.TextChoices):
    DRAFT = "draft", _("Being typed")
    SUBMITTED = "submitted", _("Sent, waiting for a check")
    RETURNED = "returned", _("Returned, to be mended")
    ACCEPTED = "accepted", _("Accepted")


class ManualFigure(models.Model):
    """One unit, one quarter, one manual indicator. Blank is not zero; a ratio has two figures."""

    indicator = models.ForeignKey(ManualIndicator, models.PROTECT, related_name="figures")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="manual_figures")
    quarter = models.ForeignKey(Quarter, models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=ManualStatus.choices)
    numerator = models.BigIntegerField(null=True, blank=True)
    denominator = models.BigIntegerField(null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    return_reason = models.TextField(blank=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    checked_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("manual figure")
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "unit", "quarter"], name="manual_figure_one_a_quarter"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[ManualStatus.DRAFT, ManualStatus.RETURNED])
                | Q(numerator__isnull=False),
                name="manual_figure_sent_is_stated",
            ),
            models.CheckConstraint(
                condition=~Q(status=ManualStatus.RETURNED) | ~Q(return_reason=""),
                name="manual_figure_returned_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["quarter", "unit"], name="manual_figure_by_unit")]

    def __str__(self) -> str:
        return f"{self.indicator} · {self.unit} · {self.quarter}"
