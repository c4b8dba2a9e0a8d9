"""People and the roles they hold at units."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import ClassVar, Self

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from members.access import PERMISSIONS, Permission, Role
from members.models.units import Unit
from unionplan.lib import clock
from unionplan.lib.vietnamese import phone_number


class UserQuerySet(models.QuerySet["User"]):
    def by_login(self, text: str) -> Self:
        """What people type to sign in: a telephone number, an e-mail address, or a user name."""
        found = Q(username=text) | Q(email__iexact=text)
        if number := phone_number(text):
            found |= Q(phone=number)
        return self.filter(found)


class People(UserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def by_login(self, text: str) -> UserQuerySet:
        return self.get_queryset().by_login(text)


class User(AbstractUser):
    """A person who signs in, by telephone number or e-mail."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    full_name = models.CharField(_("full name"), max_length=100, blank=True)
    phone = models.CharField(_("telephone"), max_length=20, null=True, blank=True)

    objects: ClassVar[People] = People()

    class Meta:
        verbose_name = _("account")
        constraints = [
            models.UniqueConstraint(
                fields=["phone"],
                name="user_phone_unique",
                violation_error_message=_("This telephone number already has an account."),
            ),
            models.UniqueConstraint(
                models.functions.Lower("email"),
                condition=~Q(email=""),
                name="user_email_unique",
                violation_error_message=_("This e-mail address already has an account."),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.username

    def get_full_name(self) -> str:
        return str(self)

    @cached_property
    def roles(self) -> list[Assignment]:
        """The roles held today, with their units; read once a request."""
        held = Assignment.objects.on(clock.today()).filter(user=self)
        return list(held.select_related("unit").order_by("unit__path", "pk"))

    def branches(self, permission: Permission) -> list[str]:
        """Paths of the units whose branches this permission reaches."""
        return sorted({r.unit.path for r in self.roles if permission in r.permissions})

    def may(self, permission: Permission, unit: Unit) -> bool:
        return self.is_superuser or any(
            unit.path.startswith(path) for path in self.branches(permission)
        )

    def may_somewhere(self, permission: Permission) -> bool:
        return self.is_superuser or bool(self.branches(permission))

    def may_at_root(self, permission: Permission) -> bool:
        """For what is of the whole tree."""
        return self.is_superuser or any(
            role.unit.parent_id is None and permission in role.permissions for role in self.roles
        )

    @property
    def has_branch(self) -> bool:
        """Holds a role at a superior union, whatever it is."""
        return self.is_superuser or any(role.unit.is_superior for role in self.roles)

    def require(self, permission: Permission, unit: Unit) -> None:
        if not self.may(permission, unit):
            raise PermissionDenied


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def on(self, day: date) -> Self:
        return self.not_ended(day).filter(valid_from__lte=day)

    def not_ended(self, day: date) -> Self:
        """Held that day or from a later one."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=day))

    def visible_to(self, user: User) -> Self:
        return self.filter(unit__in=Unit.objects.open_to(user, Permission.VIEW))


class Assignment(models.Model):
    """This person holds this role at this unit, from a first day until (exclusive) a last."""

    user = models.ForeignKey(
        User, models.PROTECT, related_name="assignments", verbose_name=_("account")
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="assignments", verbose_name=_("unit")
    )
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)
    may_send = models.BooleanField(_("may send the report"), default=False)  # a typist

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("role")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "unit", "role"],
                condition=Q(valid_to=None),
                name="assignment_held_once",
            ),
            models.UniqueConstraint(
                fields=["unit"],
                condition=Q(valid_to=None, role=Role.CHAIR),
                name="assignment_one_chair",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="assignment_ends_after_start",
            ),
        ]
        indexes = [models.Index(fields=["unit", "role"], name="assignment_by_unit")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.unit}"

    @property
    def permissions(self) -> frozenset[Permission]:
        given = PERMISSIONS[self.role]
        return given | {Permission.SEND} if self.may_send else given


class HandOver(models.Model):
    """A chair leaves and names the successor; the superior union settles it.

    The old chair's role ends when the successor takes the account, and not before ``valid_from``.
    """

    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="hand_overs", verbose_name=_("unit")
    )
    full_name = models.CharField(_("full name of the new chair"), max_length=100)
    phone = models.CharField(_("telephone"), max_length=20)
    valid_from = models.DateField(_("from day"))
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)  # a link was made for the successor, or refused
    is_refused = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("hand-over")
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=Q(settled_at=None), name="hand_over_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit}: {self.full_name}"


class LinkPurpose(models.TextChoices):
    INVITATION = "invitation", _("take the account")
    PASSWORD = "password", _("a new password")
    HAND_OVER = "hand_over", _("take over from the chair")


class OneTimeLink(models.Model):
    """A link with which one person sets a password, once, before a day.

    Only the SHA-256 of its token is kept; the token itself stands in the link and nowhere else.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="links")
    # in whose name: the link dies with the person's role there (none: asked for by e-mail)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    purpose = models.CharField(max_length=10, choices=LinkPurpose.choices)
    hand_over = models.ForeignKey(HandOver, models.PROTECT, null=True, related_name="links")
    token_hash = models.CharField(max_length=64)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    expires_on = models.DateField()  # the first day on which it no longer works
    used_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)  # by a later link for the same person

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token_hash"], name="link_token_unique"),
            models.CheckConstraint(
                condition=~Q(purpose=LinkPurpose.HAND_OVER) | Q(hand_over__isnull=False),
                name="link_hand_over_known",
            ),
        ]
        indexes = [models.Index(fields=["user", "made_at"], name="link_by_user")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_purpose_display()} · {self.expires_on}"


class Charge(models.Model):
    """This person looks after this unit (phụ trách): an officer of a superior union, or a member
    of the steering committee. It counts as long as the person holds a role above the unit."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="charges", verbose_name=_("unit"))
    user = models.ForeignKey(
        User, models.CASCADE, related_name="charges", verbose_name=_("person in charge")
    )

    class Meta:
        verbose_name = _("unit in charge")
        constraints = [models.UniqueConstraint(fields=["unit", "user"], name="charge_once")]
        indexes = [models.Index(fields=["user", "unit"], name="charge_by_user")]

    def __str__(self) -> str:
        return f"{self.user} · {self.unit}"
