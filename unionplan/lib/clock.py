"""What day it is. Only views and commands ask; every rule takes the day as an argument.

The demo tells a story of one autumn, so its clock stands on a fixed day (setting ``DEMO_TODAY``)
while the hours run on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone

_standing: ContextVar[datetime | None] = ContextVar("standing", default=None)


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Let the clock stand, so that a story can be told in the past."""
    token = _standing.set(moment)
    try:
        yield
    finally:
        _standing.reset(token)


def _shift(real: datetime) -> timedelta:
    """By how much our clock is behind the real one."""
    if (moment := _standing.get()) is not None:
        return real - moment
    if settings.DEMO_TODAY is None:
        return timedelta()
    return timezone.localdate(real) - settings.DEMO_TODAY


def today() -> date:
    return timezone.localdate(now())


def now() -> datetime:
    real = timezone.now()  # once: a clock that stands must never run backwards
    return real - _shift(real)
