"""Settings from the environment: a wrong value stops the start with a sentence that mends it."""

import os
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off", ""}


def env_text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def env_bool(name: str, *, default: bool) -> bool:
    value = os.environ.get(name)
    if value is None:
        return default
    if value.strip().lower() in YES:
        return True
    if value.strip().lower() in NO:
        return False
    raise ImproperlyConfigured(
        f"{name}={value!r} is neither yes nor no: write {name}=1 or {name}=0."
    )


def env_int(name: str, *, default: int) -> int:
    value = env_text(name)
    if not value:
        return default
    if not value.isdecimal():
        raise ImproperlyConfigured(
            f"{name}={value!r} is not a whole number, for example {default}."
        )
    return int(value)


def env_list(name: str, *, default: list[str]) -> list[str]:
    value = os.environ.get(name)
    if value is None:
        return default
    return [part.strip() for part in value.split(",") if part.strip()]


def env_date(name: str) -> date | None:
    value = env_text(name)
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ImproperlyConfigured(
            f"{name}={value!r} is not a date: write it as 2024-10-04."
        ) from None


@dataclass(frozen=True)
class SmtpServer:
    host: str
    port: int
    user: str
    password: str
    uses_tls: bool
    uses_ssl: bool


def smtp_server(name: str, url: str) -> SmtpServer:
    """``smtp://user:password@host:587?tls=1``; ``smtps://`` speaks TLS from the first byte."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # the sentence repeats nothing of the address: it holds a password
        parts, port = urlsplit(""), None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ImproperlyConfigured(
            f"{name} cannot be read. Write it as smtp://user:password@host:587?tls=1, "
            "or leave it empty to send no letters."
        )
    uses_ssl = parts.scheme == "smtps"
    asked_tls = parse_qs(parts.query).get("tls", ["0"])[-1].lower() in YES
    return SmtpServer(
        host=parts.hostname,
        port=port or (465 if uses_ssl else 587 if asked_tls else 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        uses_tls=asked_tls and not uses_ssl,
        uses_ssl=uses_ssl,
    )
