"""Signing in: by telephone number or e-mail, as people know them; the user name works too."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from members.models import User


def attempted_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Whose password was tried: guesses at one account count together, however it is named."""
    typed = str((credentials or request.POST).get("username", "")).strip()
    known = User.objects.by_login(typed).values_list("username", flat=True).first()
    return known or typed.lower()


def client_address(request: HttpRequest) -> str:
    """Whose address counts its guesses: behind our proxy (HTTPS=1) the one the proxy added last,
    for what stands before it anybody can write."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.HTTPS else ""
    return forwarded.split(",")[-1].strip() or request.META.get("REMOTE_ADDR", "")


class PhoneOrEmailBackend(ModelBackend):
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        if username is None or password is None:
            return None
        user = User.objects.by_login(username.strip()).first()
        if user is None:
            User().set_password(password)  # as slow as a wrong password
            return None
        if user.check_password(password) and self.user_can_authenticate(user):
            return user
        return None
