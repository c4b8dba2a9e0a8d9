"""Since when somebody who learnt a topic need not learn it again: the running term.

Terms belong to plans, in an app further up, which says here how to find them. Without one, and
between terms, the last five years count, as long as a term of the union is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

YEARS_OF_A_TERM = 5

_known: list[Callable[[date], date | None]] = []


def know_terms(first_day_of_term: Callable[[date], date | None]) -> None:
    """``first_day_of_term`` tells of a day when its term began; ``None`` where there is none."""
    _known[:] = [first_day_of_term]


def term_began_on(day: date) -> date:
    for first_day in _known:
        if found := first_day(day):
            return found
    return day.replace(year=day.year - YEARS_OF_A_TERM, day=min(day.day, 28))
