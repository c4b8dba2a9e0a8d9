"""Officers of unions (cán bộ công đoàn), and the dated facts of their service.

As little about a person as the indicators ask for: no day of birth, no address, no telephone.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.access import Permission
from members.models import Quarter, Unit
from members.models.units import REPORTING_KINDS, Named
from unionplan.lib.paths import BytewiseField
from unionplan.lib.vietnamese import given_name_key, search_text

if TYPE_CHECKING:
    from members.models import User


class Position(Named):
    """What an officer is: chair, vice-chair … deputy team leader (chức danh)."""

    CHAIR = "chair"

    code = models.SlugField(_("code"), max_length=40, primary_key=True)
    rank = models.PositiveSmallIntegerField(_("position"), default=0)
    is_leading = models.BooleanField(_("leads a union or a committee of it"), default=False)

    class Meta:
        verbose_name = _("position of an officer")


class Gender(models.TextChoices):
    FEMALE = "female", _("Female")
    MALE = "male", _("Male")


class Education(models.TextChoices):
    BELOW = "below-degree", _("Below a university degree")
    DEGREE = "degree", _("University degree")
    POSTGRADUATE = "postgraduate", _("Postgraduate degree")


class PoliticalTheory(models.TextChoices):
    NONE = "none", _("None")
    ELEMENTARY = "elementary", _("Elementary")
    INTERMEDIATE = "intermediate", _("Intermediate")
    ADVANCED = "advanced", _("Advanced")


class OfficerQuerySet(models.QuerySet["Officer"]):
    def visible_to(self, user: User) -> Self:
        """Those who serve, or served, in the branch."""
        served = Tenure.objects.visible_to(user).filter(officer=OuterRef("pk"))
        return self.filter(Exists(served))

    def search(self, text: str) -> Self:
        found = self
        for word in search_text(text).split():
            found = found.filter(search_text__contains=word)
        return found

    def by_name(self) -> Self:
        """By the given name, which stands last."""
        return self.order_by("sort_key", "pk")


class Officer(models.Model):
    """A person; where and as what they serve is in :class:`Tenure`. A person who holds office in
    two unions stands at the one they mainly serve, so that sums count everybody once."""

    name = models.CharField(_("full name"), max_length=100)
    gender = models.CharField(_("gender"), max_length=6, choices=Gender.choices, blank=True)
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="officer",
        verbose_name=_("account"),
    )
    search_text = models.CharField(max_length=200, editable=False)
    sort_key = BytewiseField(max_length=700, editable=False)

    objects = OfficerQuerySet.as_manager()

    class Meta:
        verbose_name = _("officer")
        indexes = [models.Index(fields=["sort_key", "id"], name="officer_by_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("officer-detail", args=[self.pk])

    def name_changed(self) -> None:
        """Follow a new name with the columns that search and sort by it."""
        self.search_text, self.sort_key = search_text(self.name), given_name_key(self.name)


class TenureQuerySet(models.QuerySet["Tenure"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(unit__in=Unit.objects.open_to(user, Permission.VIEW))

    def at(self, on: date) -> Self:
        """Those who served that day, at a union that existed then."""
        serving = Q(valid_to=None) | Q(valid_to__gt=on)
        living = Q(unit__ended_on=None) | Q(unit__ended_on__gt=on)
        return self.filter(serving, living, valid_from__lte=on)

    def chairs(self) -> Self:
        return self.filter(position=Position.CHAIR)

    def left(self, on: date) -> Self:
        """The last of each person who serves no longer, as far as these go."""
        later = self.filter(officer=OuterRef("officer"), valid_from__gt=OuterRef("valid_from"))
        over = Q(valid_to__lte=on) | Q(unit__ended_on__lte=on)
        return self.filter(over, ~Exists(later))

    def newly_elected(self, since: date) -> Self:
        """Chairs of unions that report, in office for the first time since that day."""
        again = Q(first_elected_on=None, elected_on__gte=since)
        first = again | Q(first_elected_on__gte=since)
        return self.chairs().filter(first, unit__kind__in=REPORTING_KINDS)

    def by_place(self) -> Self:
        """As a union lists its officers: by unit, then by rank, then by name."""
        return self.order_by(
            "unit__sort_key", "unit_id", "position__rank", "officer__sort_key", "officer_id", "pk"
        )

    def by_time(self) -> Self:
        return self.order_by("valid_from", "pk")


class Tenure(models.Model):
    """A dated fact: from–to (exclusive), this officer served at this unit in this position, with
    this education. A change of any of it from a day on is a row of its own, so that past quarters
    keep the figures they had; a correction changes the row."""

    officer = models.ForeignKey(
        Officer, models.CASCADE, related_name="tenures", verbose_name=_("officer")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="tenures", verbose_name=_("unit"))
    position = models.ForeignKey(
        Position, models.PROTECT, related_name="+", verbose_name=_("position of an officer")
    )
    is_full_time = models.BooleanField(_("full-time"), default=False)
    elected_on = models.DateField(_("elected on"))
    # blank: never before ``elected_on``
    first_elected_on = models.DateField(_("first elected on"), null=True, blank=True)
    education = models.CharField(
        _("education"), max_length=15, choices=Education.choices, blank=True
    )
    political_theory = models.CharField(
        _("political theory"), max_length=15, choices=PoliticalTheory.choices, blank=True
    )
    duties = models.CharField(_("duties"), max_length=200, blank=True)
    is_in_planning = models.BooleanField(_("in planning for office"), default=False)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("left on"), null=True, blank=True)

    objects = TenureQuerySet.as_manager()

    class Meta:
        verbose_name = _("service of an officer")
        constraints = [
            models.UniqueConstraint(
                fields=["officer"], condition=Q(valid_to=None), name="tenure_one_open"
            ),
            models.UniqueConstraint(fields=["officer", "valid_from"], name="tenure_one_start"),
            models.UniqueConstraint(
                fields=["unit"],
                condition=Q(valid_to=None, position=Position.CHAIR),
                name="tenure_one_chair",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
                name="tenure_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(first_elected_on=None) | Q(first_elected_on__lte=F("elected_on")),
                name="tenure_first_elected_first",
            ),
        ]
        indexes = [models.Index(fields=["unit", "valid_from"], name="tenure_by_unit")]

    def __str__(self) -> str:
        return f"{self.officer} · {self.position} · {self.unit}"

    @property
    def is_chair(self) -> bool:
        return self.position_id == Position.CHAIR

    def holds_on(self, day: date) -> bool:
        """As :meth:`TenureQuerySet.at` reads it."""
        ends = [end for end in (self.valid_to, self.unit.ended_on) if end is not None]
        return self.valid_from <= day and all(day < end for end in ends)

    @property
    def newly_elected_on(self) -> date:
        """When somebody first held the office: what «bầu mới» asks for (SEMANTICS 6)."""
        return self.first_elected_on or self.elected_on


class OfficerCount(models.Model):
    """Officers a unit does not keep by name (tổ trưởng, tổ phó …), and how many of them are
    trained: two numbers of the quarter, as the unit states them. The last statement counts until
    the next."""

    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="officer_counts", verbose_name=_("unit")
    )
    quarter = models.ForeignKey(
        Quarter, models.PROTECT, related_name="+", verbose_name=_("quarter")
    )
    others = models.PositiveIntegerField(_("officers not listed by name"))
    others_trained = models.PositiveIntegerField(_("of whom trained"))
    # typed beside a report that is not sent yet: counts nowhere
    is_draft = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("number of officers")
        constraints = [
            models.UniqueConstraint(fields=["unit", "quarter"], name="officer_count_one_a_quarter"),
            models.CheckConstraint(
                condition=Q(others_trained__lte=F("others")),
                name="officer_count_trained_among_others",
                violation_error_message=_("More officers are trained than there are."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.quarter}"
