"""Files between their check and their use: each read only by whoever uploaded it."""

from __future__ import annotations

from members.models import KeptFile, User
from unionplan.lib import clock

LONGEST_NAME = 200


def keep(content: bytes, *, purpose: str, name: str, by: User) -> KeptFile:
    """Keep a checked file until it is applied; it takes the place of the one before it."""
    facts = {"name": name[-LONGEST_NAME:], "content": content, "at": clock.now()}
    kept, _made = KeptFile.objects.update_or_create(by=by, purpose=purpose, defaults=facts)
    return kept


def kept_by(user: User, purpose: str) -> KeptFile | None:
    return KeptFile.objects.filter(by=user, purpose=purpose).first()


def forget(user: User, purpose: str) -> None:
    KeptFile.objects.filter(by=user, purpose=purpose).delete()
