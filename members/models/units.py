"""The tree of unions, and its dated history. Nobody else knows how the tree is stored."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Self

from django.core.validators import RegexValidator
from django.db import connection, models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from members.access import Permission
from unionplan.lib.paths import BytewiseField, PathField, ids_on
from unionplan.lib.vietnamese import search_text, sort_key

if TYPE_CHECKING:
    from members.models.accounts import User

# A placement whose beginning nobody wrote down holds since the day the trade unions of Viet Nam
# were founded.
EARLIEST = date(1929, 7, 28)
OCCUPATIONAL_SECTOR = "ND"


class Kind(models.TextChoices):
    CONFEDERATION = "confederation", _("confederation")
    FEDERATION = "federation", _("federation")
    UPPER = "upper", _("upper-level union")
    GRASSROOTS = "grassroots", _("grassroots union")
    OCCUPATIONAL = "occupational", _("occupational union")


SUPERIOR_KINDS = (Kind.CONFEDERATION, Kind.FEDERATION, Kind.UPPER)
REPORTING_KINDS = (Kind.GRASSROOTS, Kind.OCCUPATIONAL)


class Named(models.Model):
    """Reference data with a Vietnamese and an English name."""

    name = models.CharField(_("name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name_en if self.name_en and get_language() == "en" else self.name


class Sector(Named):
    """Kind of employer of a grassroots unit (loại hình)."""

    code = models.CharField(_("code"), max_length=10, primary_key=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("sector")


class SectorGroup(Named):
    """A set of sectors a plan speaks of (nhóm loại hình); ``all`` is every sector."""

    ALL = "all"

    code = models.SlugField(_("code"), max_length=40, primary_key=True)
    sectors = models.ManyToManyField(Sector, related_name="groups", verbose_name=_("sectors"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("sector group")


class Tag(models.Model):
    """A grouping of units outside the tree: khối, cụm thi đua, địa bàn."""

    name = models.CharField(_("name"), max_length=100, unique=True)

    class Meta:
        verbose_name = _("tag")

    def __str__(self) -> str:
        return self.name


class UnitQuerySet(models.QuerySet["Unit"]):
    def roots(self) -> Self:
        return self.filter(parent=None)

    def within(self, *units: Unit, include_self: bool = True) -> Self:
        """Today's branches of these units."""
        return self.within_paths((unit.path for unit in units), include_self=include_self)

    def within_paths(self, paths: Iterable[str], *, include_self: bool = True) -> Self:
        paths = list(paths)
        branch = Q(pk__in=[])
        for path in paths:
            branch |= Q(path__subtree=path)
        found = self.filter(branch)
        return found if include_self else found.exclude(path__in=paths)

    def ancestors_of(self, unit: Unit, *, include_self: bool = False) -> Self:
        """Root first, when ordered by path."""
        ids = ids_on(unit.path)
        return self.filter(pk__in=ids if include_self else ids[:-1])

    def superiors(self) -> Self:
        return self.filter(kind__in=SUPERIOR_KINDS)

    def reporting(self) -> Self:
        return self.filter(kind__in=REPORTING_KINDS)

    def living(self) -> Self:
        return self.filter(ended_on=None)

    def active(self, on: date) -> Self:
        """Units that existed on that day."""
        return self.filter(Q(founded_on=None) | Q(founded_on__lte=on)).filter(
            Q(ended_on=None) | Q(ended_on__gt=on)
        )

    def open_to(self, user: User, permission: Permission) -> Self:
        """The one gate: the units on which the user has this permission today."""
        if user.is_superuser:
            return self
        return self.within_paths(user.branches(permission))

    def search(self, text: str) -> Self:
        """Names and codes that hold every word, whatever its tone marks."""
        found = self
        for word in search_text(text).split():
            found = found.filter(search_text__contains=word)
        return found

    def by_name(self) -> Self:
        return self.order_by("sort_key", "pk")


class Unit(models.Model):
    """Any organisation of the tree. ``parent``, ``sector`` and ``name`` are today's; the dated
    facts are in :class:`Placement`. ``path`` follows from ``parent``."""

    code = models.CharField(
        _("code"),
        max_length=40,
        validators=[RegexValidator(r"^[A-Za-z0-9._-]+$")],
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=200)
    short_name = models.CharField(_("short name"), max_length=100, blank=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("superior union"),
    )
    path = PathField(max_length=64)
    sector = models.ForeignKey(
        Sector, models.PROTECT, null=True, blank=True, verbose_name=_("sector")
    )
    founded_on = models.DateField(_("founded on"), null=True, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    area = models.CharField(_("area"), max_length=100, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="units", verbose_name=_("tags"))
    contact_name = models.CharField(_("contact person"), max_length=100, blank=True)
    phone = models.CharField(_("telephone"), max_length=20, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    # members when the product came into use: what the first report of an older unit starts from
    opening_members = models.PositiveIntegerField(_("members at the start"), null=True, blank=True)
    # of a federation: whoever typed a report for a unit below does not accept it
    forbids_own_acceptance = models.BooleanField(
        _("whoever enters a report on behalf does not accept it"), default=False
    )
    search_text = models.CharField(max_length=400, editable=False)
    sort_key = BytewiseField(max_length=700, editable=False)

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = _("unit")
        constraints = [
            models.UniqueConstraint(fields=["code"], name="unit_code_unique"),
            models.UniqueConstraint(fields=["path"], name="unit_path_unique"),
            models.CheckConstraint(condition=~Q(path=""), name="unit_path_not_empty"),
            models.CheckConstraint(
                condition=Q(kind__in=SUPERIOR_KINDS, sector=None)
                | Q(kind=Kind.OCCUPATIONAL, sector=OCCUPATIONAL_SECTOR)
                | (Q(kind=Kind.GRASSROOTS, sector__isnull=False) & ~Q(sector=OCCUPATIONAL_SECTOR)),
                name="unit_sector_fits_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=SUPERIOR_KINDS) | Q(parent__isnull=False),
                name="unit_reporting_has_parent",
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(founded_on=None) | Q(ended_on__gt=F("founded_on")),
                name="unit_ends_after_founding",
            ),
        ]
        indexes = [
            models.Index(fields=["sort_key", "id"], name="unit_by_name"),
            # one unit in a hundred, asked for on every page
            models.Index(
                fields=["path"], condition=Q(kind__in=SUPERIOR_KINDS), name="unit_superiors"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("unit-detail", args=[self.code])

    @property
    def is_superior(self) -> bool:
        return self.kind in SUPERIOR_KINDS

    @property
    def is_reporting(self) -> bool:
        return self.kind in REPORTING_KINDS

    @property
    def is_occupational(self) -> bool:
        return self.kind == Kind.OCCUPATIONAL

    def name_changed(self) -> None:
        """Follow a new name or code with the columns that search and sort by it."""
        self.search_text = search_text(f"{self.name} {self.short_name} {self.code}")
        self.sort_key = sort_key(self.name)

    @staticmethod
    def lock_roots(ids: Iterable[int] | None = None) -> None:
        """The one lock of all totals of a tree (of every tree), until the transaction ends.

        ``no_key``: a plain ``FOR UPDATE`` would collide with the foreign-key checks of anybody
        who inserts a report. On SQLite the transaction itself (IMMEDIATE) is the lock.
        """
        if connection.features.has_select_for_update:
            roots = Unit.objects.roots() if ids is None else Unit.objects.filter(pk__in=ids)
            list(roots.order_by("pk").select_for_update(no_key=True).values_list("pk"))


class PlacementQuerySet(models.QuerySet["Placement"]):
    def at(self, on: date) -> Self:
        """Each unit's place on a day: the placement that holds then, or the last one before."""
        later = Placement.objects.filter(
            unit=models.OuterRef("unit"),
            valid_from__lte=on,
            valid_from__gt=models.OuterRef("valid_from"),
        )
        return self.filter(valid_from__lte=on).filter(~models.Exists(later))


class Placement(models.Model):
    """A dated fact: from–to (exclusive), this unit had this parent, this sector, this name."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="placements")
    parent = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    sector = models.ForeignKey(Sector, models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=200)
    valid_from = models.DateField(default=EARLIEST)
    valid_to = models.DateField(null=True)

    objects = PlacementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=Q(valid_to=None), name="placement_one_open"
            ),
            models.UniqueConstraint(fields=["unit", "valid_from"], name="placement_one_start"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
                name="placement_ends_after_start",
            ),
        ]
        indexes = [models.Index(fields=["parent", "valid_from"], name="placement_by_parent")]

    def __str__(self) -> str:
        return f"{self.name} ({self.valid_from}–{self.valid_to or ''})"


class SuspensionQuerySet(models.QuerySet["Suspension"]):
    def on(self, day: date) -> Self:
        return self.not_over(day).filter(starts_on__lte=day)

    def not_over(self, day: date) -> Self:
        """Those of that day, and those still to come."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=day))


class Suspension(models.Model):
    """From–to (exclusive), this unit is suspended (tạm ngừng) and owes no report; its last
    accepted stock stays in the totals and it is shown apart."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="suspensions")
    starts_on = models.DateField(_("from day"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    decision_no = models.CharField(_("decision number"), max_length=100, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = SuspensionQuerySet.as_manager()

    class Meta:
        verbose_name = _("suspension")
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=Q(ends_on=None), name="suspension_one_open"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                name="suspension_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} ({self.starts_on}–{self.ends_on or ''})"
