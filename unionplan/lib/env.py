"""Settings from the environment: a wrong value stops the start with a sentence that mends it."""

import os
from datetime import date

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
