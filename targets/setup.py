"""«Thiết lập ban đầu»: how far a tree is on its way to the first report, read off its data.

Nothing is stored of it but that somebody called the starting figures done, or went without them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from members.access import Permission
from members.inviting import AccountState, account_counts, units_to_invite
from members.kinds import KindCounts
from members.models import (
    Calendar,
    Quarter,
    QuarterlyReport,
    Suspension,
    Unit,
    User,
)
from members.models.units import UnitQuerySet
from members.quarters import next_dates
from members.roles import manages_quarters
from targets.baselines import late_words
from targets.models import Baseline, Plan, SetupMark
from unionplan.lib import clock
from unionplan.lib.dates import in_text
from unionplan.lib.numbers import whole_number


class State(models.TextChoices):
    TODO = "todo", gettext_lazy("Not begun")
    DOING = "doing", gettext_lazy("Begun")
    DONE = "done", gettext_lazy("Done")


@dataclass(frozen=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True)
class Step:
    """One of the six, with one line on how far it is, and where it is done."""

    title: str
    state: State
    words: str
    links: Sequence[Link] = ()  # none: somebody else does it
    may_skip: bool = False  # nothing is done, and nothing has to be
    may_finish: bool = False  # some is done, and it may be enough


def may_set_up(user: User) -> bool:
    return user.may_somewhere(Permission.UNITS)


def steps(user: User, *, on: date) -> list[Step]:
    """In a constant number of statements."""
    tree = _Tree(user, on)
    makers: list[Callable[[_Tree], Step]] = [_units, _calendar, _starting, _plan, _accounts, _first]
    return [make(tree) for make in makers]


def mark_starting_figures(user: User) -> None:
    """Call the third step done, or go without it."""
    top = _Tree(user, clock.today()).top
    if top is not None:
        facts = {"by": user, "at": clock.now()}
        SetupMark.objects.get_or_create(step=_mark_of(top), defaults=facts)


def _mark_of(top: Unit) -> str:
    return f"starting-{top.pk}"


class _Tree:
    """What more than one step asks of the units somebody administers."""

    def __init__(self, user: User, on: date) -> None:
        self.user, self.on = user, on

    @property
    def units(self) -> UnitQuerySet:
        return Unit.objects.open_to(self.user, Permission.UNITS).living()

    @cached_property
    def top(self) -> Unit | None:
        return self.units.superiors().order_by("path").first()

    @property
    def rests(self) -> Exists:
        return Exists(Suspension.objects.on(self.on).filter(unit=OuterRef("pk")))

    @cached_property
    def counts(self) -> KindCounts:
        below = self.units.exclude(pk=self.top.pk) if self.top else self.units
        kinds = below.annotate(rests=self.rests).order_by().values("kind")
        counted = kinds.annotate(units=Count("pk"), resting=Count("pk", filter=Q(rests=True)))
        found = {row["kind"]: row for row in counted}
        return KindCounts(
            {kind: row["units"] for kind, row in found.items()},
            {kind: row["resting"] for kind, row in found.items() if row["resting"]},
        )

    @cached_property
    def reporting(self) -> int:
        return self.counts.reporting

    @cached_property
    def keeps_quarters(self) -> bool:
        return manages_quarters(self.user)

    @cached_property
    def first_quarter(self) -> Quarter | None:
        return Quarter.objects.by_time().first()


def _units(tree: _Tree) -> Step:
    words = f"{tree.counts.words}." if tree.counts else _("No units yet.")
    state = State.DONE if tree.reporting else State.DOING if tree.counts else State.TODO
    link = Link(_("Bring in from Excel"), reverse("unit-import"))
    return Step(_("1. Units"), state, words, [link])


def _calendar(tree: _Tree) -> Step:
    saved = Calendar.objects.first()
    is_done = saved is not None or tree.first_quarter is not None
    words = f"{Calendar.current()}." if is_done else _("No calendar is chosen yet.")
    return Step(
        _("2. Reporting periods"),
        State.DONE if is_done else State.TODO,
        words,
        [Link(_("Choose the calendar"), reverse("calendar-edit"))] if tree.keeps_quarters else (),
    )


def _starting(tree: _Tree) -> Step:
    sent = Exists(QuarterlyReport.objects.sent().filter(unit=OuterRef("pk")))
    reporting = tree.units.reporting().filter(~tree.rests).annotate(has_sent=sent)
    stated = Q(opening_members__isnull=False)
    counted = reporting.aggregate(
        all=Count("pk"),
        known=Count("pk", filter=stated | Q(has_sent=True)),
    )
    baselines = Baseline.objects.filter(unit__in=tree.units).count()
    is_marked = tree.top is not None and SetupMark.objects.filter(step=_mark_of(tree.top)).exists()
    has_some = bool(counted["known"] or baselines)
    is_whole = bool(counted["all"]) and counted["known"] == counted["all"]
    is_done = is_marked or is_whole
    if is_marked and not has_some:
        words = late_words(tree.first_quarter or _proposed(tree.on))
    else:
        words = _starting_words(counted, baselines)
    return Step(
        _("3. Starting figures"),
        State.DONE if is_done else State.DOING if has_some else State.TODO,
        words,
        _starting_links(tree),
        may_skip=counted["all"] > 0 and not is_done and not has_some,
        may_finish=not is_done and has_some,
    )


def _starting_words(counted: Mapping[str, int], baselines: int) -> str:
    units = _("%(known)s/%(all)s units have members at the start") % {
        "known": whole_number(counted["known"]),
        "all": whole_number(counted["all"]),
    }
    results = ngettext(
        "%(count)s result from before", "%(count)s results from before", baselines
    ) % {"count": whole_number(baselines)}
    return f"{units} · {results}."


def _starting_links(tree: _Tree) -> list[Link]:
    links = [Link(_("Opening members"), reverse("opening-members"))]
    own = Plan.objects.filter(unit__in=tree.units).exclude(status=Plan.Status.ENDED)
    plan = own.newest_first().first()
    if plan is not None:
        links.append(Link(_("Results from before"), reverse("baseline-list", args=[plan.code])))
    return links


def _plan(tree: _Tree) -> Step:
    plans = list(Plan.objects.visible_to(tree.user).newest_first())
    in_force = [plan for plan in plans if plan.is_in_force]
    drafts = [plan for plan in plans if plan.is_draft]
    if in_force:
        state, words = State.DONE, _("In force: %(plan)s.") % {"plan": _titles(in_force)}
    elif drafts:
        state, words = State.DOING, _("Being drafted: %(plan)s.") % {"plan": _titles(drafts)}
    else:
        state, words = State.TODO, _("No plan yet.")
    return Step(_("4. Plan, targets"), state, words, [Link(_("Make a plan"), reverse("plan-list"))])


def _titles(plans: Sequence[Plan]) -> str:
    """The first, and how many more."""
    if len(plans) == 1:
        return plans[0].title
    more = {"plan": plans[0].title, "count": whole_number(len(plans) - 1)}
    return _("%(plan)s and %(count)s more") % more


def _accounts(tree: _Tree) -> Step:
    """«Chưa có 1.280 · Đã gửi đường dẫn 0 · Đã nhận 0»: done once every chair has a link."""
    counts = account_counts(units_to_invite(tree.user, on=tree.on), on=tree.on)
    words = [f"{state.label} {whole_number(counts[state])}" for state in AccountState]
    if not counts[AccountState.SENT] + counts[AccountState.TAKEN]:
        state = State.TODO
    else:
        state = State.DOING if counts[AccountState.NONE] else State.DONE
    link = Link(_("Make links"), reverse("account-units"))
    return Step(_("5. Accounts"), state, " · ".join(words), [link])


def _first(tree: _Tree) -> Step:
    first = tree.first_quarter
    if first is not None:
        words = _("%(quarter)s was opened on %(day)s.") % {
            "quarter": first,
            "day": in_text(timezone.localdate(first.opened_at)),
        }
    else:
        words = _("No period is open yet; the first would be %(quarter)s.") % {
            "quarter": _proposed(tree.on)
        }
    where = "quarter-open" if first is None else "quarter-list"
    label = _("Open the period") if first is None else _("Reporting periods")
    return Step(
        _("6. Open the first period"),
        State.DONE if first else State.TODO,
        words,
        [Link(label, reverse(where))] if tree.keeps_quarters else (),
    )


def _proposed(on: date) -> Quarter:
    """The quarter that would be opened next, not stored."""
    dates = next_dates(on)
    return Quarter(year=dates.year, number=dates.number)
