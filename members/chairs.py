"""Lists of chairs that apps further up keep, and which follow what happens to the accounts here:
so that a chair's account and the chair as an officer are one step and not two.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from members.models import Unit, User


class ChairList(Protocol):
    """A list of officers. It changes within the transaction of the verb that calls it."""

    def chair_changed(self, unit: Unit, user: User, *, on: date, by: User) -> None:
        """From that day this person is the chair and whoever was no longer."""

    def chairs_got_accounts(self, chairs: Sequence[tuple[Unit, User]]) -> None:
        """These chairs, who may have been in office for long, have an account now."""


_lists: list[ChairList] = []


def keep_in_step(chair_list: ChairList) -> None:
    _lists.append(chair_list)


def chair_changed(unit: Unit, user: User, *, on: date, by: User) -> None:
    for chair_list in _lists:
        chair_list.chair_changed(unit, user, on=on, by=by)


def chairs_got_accounts(chairs: Sequence[tuple[Unit, User]]) -> None:
    for chair_list in _lists:
        chair_list.chairs_got_accounts(chairs)
