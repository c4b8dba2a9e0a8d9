"""Courses of training (lớp đào tạo, bồi dưỡng) and contests, and who attended."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.access import Permission
from members.models import Unit
from members.models.units import Named
from training.models.officers import Officer, Tenure
from unionplan.lib.paths import ids_on
from unionplan.lib.vietnamese import search_text

if TYPE_CHECKING:
    from members.models import User


class Topic(Named):
    """What a course teaches (chuyên đề); plans name the topics people must have completed."""

    code = models.SlugField(_("code"), max_length=40, primary_key=True)
    rank = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("topic")


class Audience(Named):
    """Whom a course is for, and whose need a unit states (đối tượng)."""

    code = models.SlugField(_("code"), max_length=40, primary_key=True)
    rank = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("audience")


class CourseKind(models.TextChoices):
    CLASS = "class", _("Class")
    CONTEST = "contest", _("Contest")


class CourseStatus(models.TextChoices):
    PLANNED = "planned", _("Planned")
    HELD = "held", pgettext_lazy("course", "Held")
    CANCELLED = "cancelled", _("Cancelled")


class CourseQuerySet(models.QuerySet["Course"]):
    def visible_to(self, user: User) -> Self:
        """Those of the branch, and those that the unions above it hold for it."""
        above = {pk for path in user.branches(Permission.VIEW) for pk in ids_on(path)}
        branch = Q(unit__in=Unit.objects.open_to(user, Permission.VIEW))
        return self.filter(branch | Q(unit__in=above))

    def planned(self) -> Self:
        return self.filter(status=CourseStatus.PLANNED)

    def held(self) -> Self:
        return self.filter(status=CourseStatus.HELD)

    def classes(self) -> Self:
        """Contests are no training: they count neither as classes nor for those who took part."""
        return self.filter(kind=CourseKind.CLASS)

    def search(self, text: str) -> Self:
        found = self
        for word in search_text(text).split():
            found = found.filter(search_text__contains=word)
        return found

    def by_time(self) -> Self:
        return self.order_by("starts_on", "pk")


class Course(models.Model):
    """A class or contest: planned for a day, then held. It stands in the calendar of ``unit``,
    which holds it or sends its officers to an outside body that does."""

    title = models.CharField(pgettext_lazy("course", "title"), max_length=200)
    kind = models.CharField(
        pgettext_lazy("course", "kind"),
        max_length=10,
        choices=CourseKind.choices,
        default=CourseKind.CLASS,
    )
    topic = models.ForeignKey(
        Topic, models.PROTECT, related_name="courses", verbose_name=_("topic")
    )
    audience = models.ForeignKey(
        Audience,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="courses",
        verbose_name=_("audience"),
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="courses", verbose_name=_("organiser")
    )
    outside_organiser = models.CharField(_("outside organiser"), max_length=200, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=CourseStatus.choices, default=CourseStatus.PLANNED
    )
    # the first day as it was first planned; none of a course that was held without a plan
    planned_on = models.DateField(_("planned for"), null=True, blank=True)
    places = models.PositiveIntegerField(_("places planned"), null=True, blank=True)
    starts_on = models.DateField(pgettext_lazy("course", "first day"))
    ends_on = models.DateField(_("last day"))
    # completed by people who are not kept by name
    other_turns = models.PositiveIntegerField(
        _("turns of people not listed by name"), null=True, blank=True
    )
    search_text = models.CharField(max_length=600, editable=False)

    objects = CourseQuerySet.as_manager()

    class Meta:
        verbose_name = _("course")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="course_ends_after_start",
                violation_error_message=_("The last day lies before the first."),
            ),
            models.CheckConstraint(
                condition=Q(status=CourseStatus.HELD) | Q(other_turns=None),
                name="course_turns_once_held",
            ),
        ]
        indexes = [models.Index(fields=["unit", "starts_on"], name="course_by_unit")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("course-detail", args=[self.pk])

    def words_changed(self) -> None:
        """Follow a new title or place with the column that search reads."""
        self.search_text = search_text(f"{self.title} {self.place} {self.outside_organiser}")

    @property
    def is_planned(self) -> bool:
        return self.status == CourseStatus.PLANNED

    @property
    def is_held(self) -> bool:
        return self.status == CourseStatus.HELD

    @property
    def is_class(self) -> bool:
        return self.kind == CourseKind.CLASS

    def is_over(self, on: date) -> bool:
        return self.ends_on < on


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def visible_to(self, user: User) -> Self:
        """Of the people of the branch, whoever held the course."""
        return self.filter(unit__in=Unit.objects.open_to(user, Permission.VIEW))

    def told_to(self, user: User) -> Self:
        """Also what people of the branch did before they came: it counts with them here. What
        becomes of those who went elsewhere is told there alone."""
        came_later = Tenure.objects.visible_to(user).filter(
            officer=OuterRef("officer"), valid_from__gt=OuterRef("course__starts_on")
        )
        within = Unit.objects.open_to(user, Permission.VIEW)
        return self.filter(Q(unit__in=within) | Exists(came_later))

    def completed(self) -> Self:
        return self.filter(completed_on__isnull=False)

    def of_training(self) -> Self:
        """Completed classes: what «đã được đào tạo, bồi dưỡng» and «lượt người» count."""
        return self.completed().filter(course__kind=CourseKind.CLASS)


class Attendance(models.Model):
    """An officer is sent to a course, and completes it or does not (lượt tham dự)."""

    course = models.ForeignKey(
        Course, models.CASCADE, related_name="attendances", verbose_name=_("course")
    )
    officer = models.ForeignKey(
        Officer, models.CASCADE, related_name="attendances", verbose_name=_("officer")
    )
    # where the officer serves on the first day of the course
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    completed_on = models.DateField(_("completed on"), null=True, blank=True)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("attendance")
        constraints = [
            models.UniqueConstraint(fields=["course", "officer"], name="attendance_once")
        ]
        indexes = [models.Index(fields=["unit", "completed_on"], name="attendance_by_unit")]

    def __str__(self) -> str:
        return f"{self.officer} · {self.course}"
