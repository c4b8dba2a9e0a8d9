"""The figures of one grassroots unit for one quarter."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.access import Permission, Role
from members.models.accounts import Assignment
from members.models.quarters import Quarter
from members.models.units import Sector, Unit
from unionplan.lib.paths import PathField, ids_on

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from members.models.accounts import User


class Status(models.TextChoices):
    DUE = "due", _("Not typed yet")
    DRAFT = "draft", _("Being typed")
    SUBMITTED = "submitted", _("Sent, waiting for a check")
    RETURNED = "returned", _("Returned, to be mended")
    ACCEPTED = "accepted", _("Accepted")


SENT = (Status.SUBMITTED, Status.ACCEPTED)
NOT_SENT = (Status.DUE, Status.DRAFT, Status.RETURNED)

# The figures of a report. Stocks are as of the cut-off, flows are of the period and never
# cumulated. Blank is «not stated»; a blank flow counts 0.
STOCKS = ("workers", "women_workers", "members", "women_members")
INCREASES = ("admitted", "transferred_in", "event_in")
DECREASES = (
    "transferred_out",
    "left_job",
    "left_retired",
    "left_other",
    "left_reorganised",
    "event_out",
)
FLOWS = (*INCREASES, *DECREASES)
# What a unit types; ``event_in`` and ``event_out`` are written by reorganisation events alone.
TYPED = (
    *STOCKS,
    "admitted",
    "transferred_in",
    "transferred_out",
    "left_job",
    "left_retired",
    "left_other",
    "left_reorganised",
    "adjustment",
)


def count(label: StrOrPromise) -> models.IntegerField[int | None, int | None]:
    return models.PositiveIntegerField(label, null=True, blank=True)


def stated(figure: Combinable) -> Case:
    """The figure where the report is sent; what is still being typed counts nowhere."""
    return Case(When(status__in=SENT, then=figure), output_field=models.BigIntegerField())


def known(prefix: str = "") -> Q:
    """Density counts a unit only where workers *and* members are known."""
    return Q(**{f"{prefix}workers__isnull": False, f"{prefix}members__isnull": False})


# A report in the columns of QuarterTotal: the one place where it is said what counts how.
TOTALLED: dict[str, Combinable | Case] = {
    "reports": Case(When(is_suspended=True, then=0), default=1),
    "suspended": Case(When(is_suspended=True, then=1), default=0),
    "carried": Case(When(carried_from__isnull=False, is_suspended=False, then=1), default=0),
    **{name: stated(F(name)) for name in (*STOCKS, "opening_members")},
    **{name: stated(Coalesce(F(name), 0)) for name in (*FLOWS, "adjustment")},
    "density_workers": Case(When(known(), then=stated(F("workers")))),
    "density_members": Case(When(known(), then=stated(F("members")))),
    "carried_workers": F("carried_workers"),
    "carried_members": F("carried_members"),
    "carried_density_workers": Case(When(known("carried_"), then=F("carried_workers"))),
    "carried_density_members": Case(When(known("carried_"), then=F("carried_members"))),
}
TOTAL_STATUS = Case(
    When(status__in=NOT_SENT, then=Value("outstanding")),
    default=F("status"),
    output_field=models.CharField(),
)


class QuarterlyReportQuerySet(models.QuerySet["QuarterlyReport"]):
    def visible_to(self, user: User) -> Self:
        """Whoever sees the branch in which the unit hangs today, or in which it is stamped."""
        if user.is_superuser:
            return self
        seen = Q(pk__in=[])
        for path in user.branches(Permission.VIEW):
            seen |= Q(unit__path__subtree=path) | Q(path__subtree=path)
        return self.filter(seen)

    def to_check_by(self, user: User, on: date) -> Self:
        """The reports this person decides: theirs is the nearest superior that has a reviewer.

        Where nobody above a unit reviews, its administrators do, lest nobody can.
        """
        return self.filter(unit__parent__in=superiors_checked_by(user, on))

    def as_totals(self, structure: str) -> models.QuerySet[Any, Any]:
        """One row a report in the columns of :class:`QuarterTotal`, each named ``total_…``.

        ``total_owner`` is the superior in the structure asked, ``total_sector`` the sector there.
        """
        now = structure == "current"
        return self.order_by().values(
            total_owner=F("unit__parent_id" if now else "parent_id"),
            total_sector=F("unit__sector_id" if now else "sector_id"),
            total_status=TOTAL_STATUS,
            **{f"total_{name}": figure for name, figure in TOTALLED.items()},
        )

    def with_corrections(self) -> Self:
        """Accepted reports whose opening is no longer the closing before them (đính chính)."""
        return self.filter(status=Status.ACCEPTED, expected_opening__isnull=False).exclude(
            opening_members=F("expected_opening")
        )

    def sent(self) -> Self:
        return self.filter(status__in=SENT)

    def waiting(self) -> Self:
        return self.filter(status=Status.SUBMITTED)

    def owed(self) -> Self:
        """Without those of suspended units, which owe none."""
        return self.filter(is_suspended=False)

    def below(self, unit: Unit) -> Self:
        """Of the units that hang in this branch today."""
        return self.filter(unit__path__subtree=unit.path)

    def to_be_sent(self, on: date) -> Self:
        """Of open quarters, and by a permit of its own one of a closed quarter not sent yet."""
        by_permit = Q(late_until__gte=on, status__in=NOT_SENT)
        return self.filter(Q(quarter__closed_at=None) | by_permit)

    def in_charge_of(self, user: User) -> Self:
        """Of the units this person looks after."""
        return self.filter(unit__charges__user=user)

    def of(self, quarter: Quarter) -> Self:
        return self.filter(quarter=quarter)

    def by_time(self) -> Self:
        return self.order_by("quarter__cut_off_on")

    def by_name(self) -> Self:
        return self.order_by("unit__sort_key", "unit_id")


class QuarterlyReport(models.Model):
    """One unit, one quarter. The row exists from the moment the quarter opens, stamped with the
    parent, sector, name and path the unit has at the cut-off, so who is late is a count of rows.

    All figures are numbers of people; ``None`` is «not stated».
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="reports", verbose_name=_("unit"))
    quarter = models.ForeignKey(
        Quarter, models.PROTECT, related_name="reports", verbose_name=_("quarter")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.DUE
    )
    version = models.PositiveIntegerField(default=0)

    # the unit's place at the cut-off
    parent = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    sector = models.ForeignKey(Sector, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    path = PathField(max_length=64)

    # where this report starts from
    covers_from = models.DateField()
    opening_members = count(_("Members at the start"))
    # the closing of the latest earlier report that is sent, and its quarter; an accepted report
    # keeps the opening it was accepted with, and where the two differ a correction is listed
    expected_opening = count("")
    opening_from = models.ForeignKey(Quarter, models.PROTECT, null=True, related_name="+")
    is_new_unit = models.BooleanField(default=False)  # founded since it reports: opening is 0
    is_suspended = models.BooleanField(default=False)  # at the cut-off: owes no report
    late_until = models.DateField(null=True)  # may be sent though its quarter is closed

    # the figures
    workers = count(_("Workers in all (persons)"))
    women_workers = count(_("Of whom women"))
    admitted = count(_("Admitted"))
    transferred_in = count(_("Transferred in"))
    transferred_out = count(_("Transferred out"))
    left_job = count(_("Left: left the job"))
    left_retired = count(_("Left: retired"))
    left_other = count(_("Left: other reasons"))
    left_reorganised = count(_("Left: reorganisation"))
    event_in = count(_("Received by reorganisation"))
    event_out = count(_("Handed over by reorganisation"))
    adjustment = models.IntegerField(_("Adjustment after review (+/−)"), null=True, blank=True)
    members = count(_("Members in all"))
    women_members = count(_("Of whom women"))

    # the words
    note = models.TextField(_("Explanation"), blank=True)
    adjustment_reason = models.TextField(_("Reason of the adjustment"), blank=True)
    remarks = models.TextField(_("Difficulties, proposals (optional)"), blank=True)
    queries = models.JSONField(default=list)  # codes of the checks that asked for an explanation

    # what counts while this report is outside the basis: the unit's latest earlier accepted stock
    carried_workers = count("")
    carried_members = count("")
    carried_from = models.ForeignKey(Quarter, models.PROTECT, null=True, related_name="+")

    # who did what last; all of it is in the history
    times_sent = models.PositiveSmallIntegerField(default=0)
    times_returned = models.PositiveSmallIntegerField(default=0)
    first_sent_on = models.DateField(null=True)  # of a paper form: the day it was received
    received_on = models.DateField(_("Received on"), null=True, blank=True)  # typed from paper
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    saved_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    checked_at = models.DateTimeField(null=True)
    return_reason = models.TextField(blank=True)
    returned_figures = models.JSONField(default=list)
    answer = models.TextField(_("Answer (optional)"), blank=True)
    # when its figures last began or ceased to count as accepted: later than a superior's sign-off,
    # they are «sửa sau khi chốt»
    accepted_changed_at = models.DateTimeField(null=True)

    objects = QuarterlyReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("quarterly report")
        constraints = [
            models.UniqueConstraint(fields=["unit", "quarter"], name="report_one_a_quarter"),
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="report_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=SENT)
                | Q(members__isnull=False, opening_members__isnull=False),
                name="report_sent_states_members",
            ),
            models.CheckConstraint(
                condition=Q(submitted_by=None, submitted_at=None)
                | Q(submitted_by__isnull=False, submitted_at__isnull=False),
                name="report_submitted_by_and_at",
            ),
            models.CheckConstraint(
                condition=Q(checked_by=None, checked_at=None)
                | Q(checked_by__isnull=False, checked_at__isnull=False),
                name="report_checked_by_and_at",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.ACCEPTED) | Q(checked_by__isnull=False),
                name="report_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.RETURNED) | ~Q(return_reason=""),
                name="report_returned_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(women_workers=None)
                | Q(workers=None)
                | Q(women_workers__lte=F("workers"))
                | ~Q(status__in=SENT),
                name="report_women_among_workers",
            ),
            models.CheckConstraint(
                condition=Q(women_members=None)
                | Q(members=None)
                | Q(women_members__lte=F("members"))
                | ~Q(status__in=SENT),
                name="report_women_among_members",
            ),
        ]
        indexes = [
            models.Index(fields=["quarter", "parent", "status"], name="report_by_parent"),
            models.Index(fields=["quarter", "path"], name="report_by_path"),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.quarter}"

    def get_absolute_url(self) -> str:
        return reverse("report-detail", args=[self.unit.code, self.quarter.code])

    @property
    def is_sent(self) -> bool:
        return self.status in SENT

    @property
    def is_editable(self) -> bool:
        return self.status in NOT_SENT and not self.is_suspended

    def is_open(self, today: date) -> bool:
        """While its quarter is, or by a permit: until that day, and while a report sent under it
        waits for a decision."""
        if self.quarter.is_open:
            return True
        return self.late_until is not None and (
            self.status == Status.SUBMITTED or today <= self.late_until
        )

    @property
    def left(self) -> int:
        """Members lost in the period, whatever the reason; blank counts 0."""
        return sum(getattr(self, name) or 0 for name in DECREASES if name.startswith("left_"))

    @property
    def net_increase(self) -> int:
        """Members won less members lost in the period (thực tăng); an adjustment is no growth."""
        won = sum(getattr(self, name) or 0 for name in INCREASES)
        return won - sum(getattr(self, name) or 0 for name in DECREASES)

    @property
    def expected_members(self) -> int | None:
        """The closing that follows from opening and flows; ``None`` without an opening."""
        if self.opening_members is None:
            return None
        return self.opening_members + self.net_increase + (self.adjustment or 0)

    @property
    def is_balanced(self) -> bool:
        return self.members is not None and self.members == self.expected_members


def reviewing_units(on: date) -> set[int]:
    """Units at which somebody active reviews that day."""
    held = Assignment.objects.on(on).filter(role=Role.REVIEWER, user__is_active=True)
    return set(held.values_list("unit_id", flat=True))


def superiors_checked_by(user: User, on: date) -> set[int]:
    """Ids of the superior units whose direct reports this person accepts and returns."""
    mine = {role.unit_id for role in user.roles if Permission.CHECK in role.permissions}
    administered = {role.unit_id for role in user.roles if role.role == Role.ADMINISTRATOR}
    if not (mine or administered or user.is_superuser):
        return set()
    reviewed = reviewing_units(on)
    found = set()
    superiors = Unit.objects.superiors().open_to(user, Permission.VIEW)
    for pk, path in superiors.values_list("pk", "path"):
        chain = ids_on(path)
        nearest = next((unit for unit in reversed(chain) if unit in reviewed), None)
        if nearest in mine or (
            nearest is None and (user.is_superuser or administered & set(chain))
        ):
            found.add(pk)
    return found


class Attachment(models.Model):
    """A file with a report, such as the decision on admissions; served to whoever sees it."""

    report = models.ForeignKey(QuarterlyReport, models.CASCADE, related_name="attachments")
    file = models.FileField(upload_to="reports/%Y/%m/", max_length=200)
    name = models.CharField(_("file name"), max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(_("size (bytes)"))
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        verbose_name = _("attachment")

    def __str__(self) -> str:
        return self.name
