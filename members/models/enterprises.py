"""Enterprises: where a union is, where one is still to be founded, and who sees to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.access import Permission
from members.models.units import Sector, Unit
from unionplan.lib.paths import BytewiseField
from unionplan.lib.vietnamese import search_text, sort_key

if TYPE_CHECKING:
    from members.models.accounts import User


class EnterpriseStatus(models.TextChoices):
    NOT_APPROACHED = "not_approached", _("Not approached yet")
    APPROACHED = "approached", _("Approached")
    DIFFICULT = "difficult", _("Still difficult")
    HELP = "help", _("Help is asked for")
    FOUNDED = "founded", _("Union founded")


class EnterpriseQuerySet(models.QuerySet["Enterprise"]):
    def open_to(self, user: User, permission: Permission) -> Self:
        """Of the branches the person has this permission in, by the responsible union."""
        return self.filter(responsible_unit__in=Unit.objects.open_to(user, permission))

    def visible_to(self, user: User) -> Self:
        """Of the branch, and those that a unit of the person covers or has proposed."""
        seen = Unit.objects.open_to(user, Permission.VIEW)
        return self.filter(
            Q(responsible_unit__in=seen) | Q(unit__in=seen) | Q(proposed_by__in=seen)
        )

    def without_union(self) -> Self:
        """Those that work, and where a union is still to be founded, the last one having ended."""
        to_found = ~Q(status=EnterpriseStatus.FOUNDED) | Q(unit__ended_on__isnull=False)
        return self.confirmed().filter(to_found, is_operating=True)

    def confirmed(self) -> Self:
        """Without those a grassroots chair proposed and nobody has taken up yet."""
        return self.filter(is_proposed=False)

    def search(self, text: str) -> Self:
        found = self
        for word in search_text(text).split():
            found = found.filter(search_text__contains=word)
        return found


class Enterprise(models.Model):
    """An enterprise with one responsible union, and its own union once it has one.

    One enterprise, one responsible union (Tiền Giang CTr 05, 2.12); a union may cover several
    enterprises (Luật Công đoàn 2012, 4.2).
    """

    tax_code = models.CharField(
        _("tax code"), max_length=14, validators=[RegexValidator(r"^\d{10}(-\d{3})?$")]
    )
    name = models.CharField(_("name"), max_length=200)
    sector = models.ForeignKey(Sector, models.PROTECT, verbose_name=_("sector"))
    workers = models.PositiveIntegerField(_("workers"), null=True, blank=True)
    founded_on = models.DateField(_("founded on"), null=True, blank=True)
    is_operating = models.BooleanField(_("operating"), default=True)
    is_eligible = models.BooleanField(_("eligible"), default=True)
    area = models.CharField(_("area"), max_length=100, blank=True)
    surveyed_on = models.DateField(_("surveyed on"), null=True, blank=True)
    responsible_unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="enterprises", verbose_name=_("responsible union")
    )
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="covers",
        verbose_name=_("its union"),
    )
    status = models.CharField(
        _("status"),
        max_length=20,
        choices=EnterpriseStatus.choices,
        default=EnterpriseStatus.NOT_APPROACHED,
    )
    is_from_below = models.BooleanField(_("founded from below"), default=False)
    is_proposed = models.BooleanField(default=False)  # by a grassroots chair, not taken up yet
    proposed_by = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("proposed by")
    )
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    search_text = models.CharField(max_length=400, editable=False)
    sort_key = BytewiseField(max_length=700, editable=False)

    objects = EnterpriseQuerySet.as_manager()

    class Meta:
        verbose_name = _("enterprise")
        constraints = [
            models.UniqueConstraint(fields=["tax_code"], name="enterprise_tax_code_unique"),
            models.CheckConstraint(
                condition=Q(status=EnterpriseStatus.FOUNDED, unit__isnull=False)
                | (~Q(status=EnterpriseStatus.FOUNDED) & Q(unit=None)),
                name="enterprise_founded_has_union",
            ),
        ]
        indexes = [
            models.Index(fields=["responsible_unit", "status"], name="enterprise_by_responsible")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("enterprise-detail", args=[self.pk])

    @property
    def has_union(self) -> bool:
        return self.unit is not None and self.unit.ended_on is None

    def name_changed(self) -> None:
        self.search_text = search_text(f"{self.name} {self.tax_code}")
        self.sort_key = sort_key(self.name)


class EnterpriseNote(models.Model):
    """What was done at an enterprise, on which day; where help is asked, of whom and by when."""

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="notes")
    day = models.DateField(_("day"))
    status = models.CharField(_("status"), max_length=20, choices=EnterpriseStatus.choices)
    text = models.CharField(_("one line"), max_length=300, blank=True)
    supporter = models.CharField(_("who supports"), max_length=200, blank=True)
    support_on = models.DateField(_("support by day"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("note on an enterprise")

    def __str__(self) -> str:
        return f"{self.enterprise} · {self.day}"
