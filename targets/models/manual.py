"""What the product does not count itself (chỉ tiêu nhập tay): defined once, typed by units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.access import Permission
from members.models import Quarter, Sector, Unit
from members.models.units import Named
from unionplan.lib.paths import PathField, ids_on

if TYPE_CHECKING:
    from members.models import User


class ManualKind(models.TextChoices):
    FLOW = "flow", _("a sum over time")
    STOCK = "stock", _("a number at the cut-off day")
    RATIO = "ratio", _("a ratio")


class TypedBy(models.TextChoices):
    REPORTING = "reporting", _("every unit that reports")
    UPPER = "upper", _("every upper-level union")
    NAMED = "named", _("the units named here")


class ManualIndicatorQuerySet(models.QuerySet["ManualIndicator"]):
    def of_branches(self, user: User) -> Self:
        """Of the user's branches and of the levels above them, and those shipped."""
        if user.is_superuser:
            return self
        above = {pk for path in user.branches(Permission.VIEW) for pk in ids_on(path)}
        seen = Unit.objects.open_to(user, Permission.VIEW)
        return self.filter(Q(unit=None) | Q(unit__in=above) | Q(unit__in=seen))

    def binding(self, unit: Unit) -> Self:
        """Those a plan of this unit may use: its own, of a level above it, or shipped."""
        return self.filter(Q(unit=None) | Q(unit__in=ids_on(unit.path)))

    def by_name(self) -> Self:
        return self.order_by("name", "pk")


class ManualIndicator(Named):
    """A flow, stock or ratio that people type; in plans it bears its code like any indicator.

    A ratio is two whole numbers, part and whole, and is summed as such. What is typed once a year
    is typed in the fourth quarter.
    """

    code = models.CharField(
        _("code"), max_length=60, validators=[RegexValidator(r"^[A-Za-z0-9._-]+$")]
    )
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="manual_indicators",
        verbose_name=_("unit it belongs to"),
    )  # none: shipped with the product
    kind = models.CharField(_("kind"), max_length=10, choices=ManualKind.choices)
    counted_in = models.CharField(_("unit of measure"), max_length=60)
    method = models.TextField(_("how it is counted"), blank=True)
    is_yearly = models.BooleanField(_("typed once a year"), default=False)
    is_money = models.BooleanField(_("a sum of money"), default=False)
    lower_is_better = models.BooleanField(_("lower is better"), default=False)
    typed_by = models.CharField(
        _("who types it"), max_length=10, choices=TypedBy.choices, default=TypedBy.REPORTING
    )
    units = models.ManyToManyField(
        Unit, blank=True, related_name="+", verbose_name=_("units named")
    )

    objects = ManualIndicatorQuerySet.as_manager()

    class Meta:
        verbose_name = _("indicator typed by hand")
        constraints = [
            models.UniqueConstraint(fields=["code"], name="manual_indicator_code_unique"),
            models.CheckConstraint(
                condition=Q(kind__in=ManualKind.values), name="manual_indicator_kind_known"
            ),
        ]

    @property
    def is_ratio(self) -> bool:
        return self.kind == ManualKind.RATIO


class ManualStatus(models.TextChoices):
    DRAFT = "draft", _("Being typed")
    SUBMITTED = "submitted", _("Sent, waiting for a check")
    RETURNED = "returned", _("Returned, to be corrected")
    ACCEPTED = "accepted", _("Accepted")


class ManualFigureQuerySet(models.QuerySet["ManualFigure"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(unit__in=Unit.objects.open_to(user, Permission.VIEW))

    def of(self, quarter: Quarter) -> Self:
        return self.filter(quarter=quarter)

    def waiting(self) -> Self:
        return self.filter(status=ManualStatus.SUBMITTED)


class ManualFigure(models.Model):
    """One unit's figure of one manual indicator for one quarter; ``None`` is «not stated».

    Part and whole are whole numbers in the indicator's unit of measure; only a ratio has a whole.
    Like a report it keeps the place its unit had at the cut-off: ``superior`` is the unit itself,
    or of a unit that reports its superior then; ``path`` is that superior's.
    """

    indicator = models.ForeignKey(
        ManualIndicator, models.PROTECT, related_name="figures", verbose_name=_("indicator")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="manual_figures")
    quarter = models.ForeignKey(Quarter, models.PROTECT, related_name="manual_figures")
    status = models.CharField(
        _("status"), max_length=10, choices=ManualStatus.choices, default=ManualStatus.DRAFT
    )
    numerator = models.BigIntegerField(_("figure"), null=True, blank=True)
    denominator = models.BigIntegerField(_("out of"), null=True, blank=True)
    note = models.TextField(_("explanation"), blank=True)
    version = models.PositiveIntegerField(default=0)

    # the place at the cut-off
    superior = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    sector = models.ForeignKey(Sector, models.PROTECT, null=True, related_name="+")
    path = PathField(max_length=64)

    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    checked_at = models.DateTimeField(null=True)
    return_reason = models.TextField(_("reason"), blank=True)

    objects = ManualFigureQuerySet.as_manager()

    class Meta:
        verbose_name = _("figure typed by hand")
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "unit", "quarter"], name="manual_figure_one_a_quarter"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("submitted", "accepted")) | Q(numerator__isnull=False),
                name="manual_figure_sent_is_stated",
            ),
            models.CheckConstraint(
                condition=~Q(status=ManualStatus.RETURNED) | ~Q(return_reason=""),
                name="manual_figure_returned_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["quarter", "status"], name="manual_figure_by_quarter")]

    def __str__(self) -> str:
        return f"{self.indicator} · {self.unit} · {self.quarter}"

    @property
    def is_editable(self) -> bool:
        return self.status in (ManualStatus.DRAFT, ManualStatus.RETURNED)
