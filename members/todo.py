"""«Việc cần làm»: what waits for a reviewer besides the reports, each with its list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.access import Permission
from members.handing_over import open_hand_overs
from members.inviting import AccountState, account_counts, units_to_invite
from members.models import Quarter, QuarterlyReport, User
from members.signing_off import returned_sign_offs
from unionplan.lib.numbers import whole_number

SHOWN = 5  # of one kind, by name; the rest are a number


@dataclass(frozen=True)
class ToDo:
    words: str
    url: str


def todo_of(user: User, *, on: date) -> list[ToDo]:
    """What this person has to do, in a fixed number of statements."""
    return [
        *_sign_offs(user, on),
        *_corrections(user, on),
        *_hand_overs(user),
        *_accounts(user, on),
    ]


def _accounts(user: User, on: date) -> Iterator[ToDo]:
    if not user.may_somewhere(Permission.ACCOUNTS):
        return
    counts = account_counts(units_to_invite(user, on=on), on=on)
    address = reverse("account-units")
    if without := counts[AccountState.NONE]:
        words = ngettext(
            "%(count)s unit has no chair yet", "%(count)s units have no chair yet", without
        )
        yield ToDo(
            words % {"count": whole_number(without)}, f"{address}?state={AccountState.NONE.value}"
        )
    if unused := counts[AccountState.SENT]:
        words = ngettext(
            "%(count)s account link is not used yet",
            "%(count)s account links are not used yet",
            unused,
        )
        yield ToDo(
            words % {"count": whole_number(unused)}, f"{address}?state={AccountState.SENT.value}"
        )


def _hand_overs(user: User) -> Iterator[ToDo]:
    asked = list(open_hand_overs(user))
    for hand_over in asked[:SHOWN]:
        words = _("Hand-over asked for: %(unit)s, to comrade %(person)s")
        yield ToDo(
            words % {"unit": hand_over.unit, "person": hand_over.full_name},
            reverse("hand-over", args=[hand_over.unit.code]),
        )
    if more := len(asked) - SHOWN if len(asked) > SHOWN else 0:
        words = ngettext("%(count)s more hand-over", "%(count)s more hand-overs", more)
        yield ToDo(
            words % {"count": whole_number(more)},
            reverse("hand-over", args=[asked[SHOWN].unit.code]),
        )


def _corrections(user: User, on: date) -> Iterator[ToDo]:
    """Of open quarters: in a closed one nothing can be mended any more."""
    reports = QuarterlyReport.objects.to_check_by(user, on).with_corrections()
    found = reports.filter(quarter__in=Quarter.objects.open()).select_related("quarter")
    by_quarter = Counter(report.quarter for report in found.order_by("quarter__cut_off_on"))
    for quarter, count in by_quarter.items():
        words = ngettext(
            "%(count)s correction in %(quarter)s", "%(count)s corrections in %(quarter)s", count
        )
        yield ToDo(
            words % {"count": whole_number(count), "quarter": quarter},
            f"{reverse('report-list')}?{urlencode({'quarter': quarter.code, 'scope': 'all'})}",
        )


def _sign_offs(user: User, on: date) -> Iterator[ToDo]:
    for signed in returned_sign_offs(user, on)[:SHOWN]:
        words = _("The sign-off of %(quarter)s was returned: %(reason)s")
        yield ToDo(
            words % {"quarter": signed.quarter, "reason": signed.return_reason},
            reverse("sign-off", args=[signed.unit.code, signed.quarter.code]),
        )
