"""Signing off («chốt số liệu»): a superior unit closes its quarter towards its parent.

The verbs, and what both sides read. A sign-off speaks of today's branch, for only there reports
are accepted. It freezes nothing: totals keep following the reports, and a report whose figures
began or ceased to count after a standing sign-off is marked («sửa sau khi chốt»).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import add, or_

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from members.actions import Refused
from members.deadlines import Deadline, days_late, days_left, sign_off_due_on
from members.models import HistoryKind, Quarter, QuarterlyReport, SignOff, Status, Unit, User
from members.models.history import record
from members.models.reports import NOT_SENT, superiors_checked_by
from members.queues import counts_of
from members.timeliness import DIRECT, Rates, rates_by_child
from unionplan.lib import clock
from unionplan.lib.dates import in_text, moment
from unionplan.lib.numbers import whole_number
from unionplan.lib.paths import ids_on

Missing = tuple[str, str, str | None]  # code, name, code of the quarter that stands in


# --- the verbs -----------------------------------------------------------------------------------


@transaction.atomic
def sign_off(
    unit: Unit, quarter: Quarter, *, by: User, signatory: str, remark: str = ""
) -> SignOff:
    """Close the unit's quarter towards its parent, closed for the reports or not.

    The order of locks is that of :mod:`members.actions`: a report that is being accepted at the
    same time is either counted, or marked as changed later.
    """
    if not unit.is_superior or unit.parent_id is None:
        raise Refused(_("%(unit)s has nobody above to sign off to.") % {"unit": unit})
    if not signatory.strip():
        raise Refused(_("Write who signs."))
    _lock(unit, quarter)
    at, standing = clock.now(), standing_of(unit, quarter)
    if standing is not None:
        raise Refused(
            _("%(quarter)s was signed off already, at %(moment)s.")
            % {"quarter": quarter, "moment": moment(standing.at)}
        )
    state = state_of(unit, quarter)
    if state.waiting:
        raise Refused(waiting_words(state.waiting))
    made = SignOff.objects.create(
        unit=unit,
        quarter=quarter,
        at=at,
        by=by,
        signatory=signatory.strip(),
        remark=remark.strip(),
        due=state.due,
        accepted=state.accepted,
        missing=state.missing,
    )
    record(
        HistoryKind.SIGN_OFF,
        gettext_noop("signed the quarter off"),
        by=by,
        unit=unit,
        quarter=quarter,
        subject=unit.name,
        changes={
            "reports": [None, made.due],
            "accepted": [None, made.accepted],
            "signatory": [None, made.signatory],
            "remark": [None, made.remark],
        },
    )
    return made


def _lock(unit: Unit, quarter: Quarter) -> None:
    reports = QuarterlyReport.objects.of(quarter).below(unit)
    rows = reports.order_by("unit_id", "quarter__cut_off_on").select_for_update(of=("self",))
    list(rows.values_list("pk"))
    Unit.lock_roots(ids_on(unit.path)[:1])


@transaction.atomic
def return_sign_off(signed: SignOff, *, reason: str, by: User) -> SignOff:
    """The parent gives a sign-off back with a sentence; totals keep the accepted figures."""
    if not reason.strip():
        raise Refused(_("Write a sentence, so that the unit knows what to look at again."))
    rows = SignOff.objects.select_related("unit", "quarter").select_for_update(of=("self",))
    signed = rows.get(pk=signed.pk)
    if not signed.is_standing:
        raise Refused(_("This sign-off was returned already."))
    signed.returned_at, signed.returned_by = clock.now(), by
    signed.return_reason = reason.strip()
    signed.save(update_fields=["returned_at", "returned_by", "return_reason"])
    record(
        HistoryKind.SIGN_OFF,
        gettext_noop("returned the sign-off"),
        by=by,
        unit=signed.unit,
        quarter=signed.quarter,
        subject=signed.unit.name,
        reason=signed.return_reason,
    )
    return signed


# --- who -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rights:
    """Whoever accepts a unit's reports signs it off; whoever accepts its parent's returns it."""

    may_sign: bool
    may_return: bool


def rights_of(user: User, unit: Unit, on: date) -> Rights:
    checked = superiors_checked_by(user, on)
    return Rights(may_sign=unit.pk in checked, may_return=unit.parent_id in checked)


def returned_sign_offs(user: User, on: date) -> list[SignOff]:
    """What this person has to sign off again, the latest first."""
    checked = superiors_checked_by(user, on)
    if not checked:
        return []
    later = SignOff.objects.filter(
        unit=OuterRef("unit"), quarter=OuterRef("quarter"), pk__gt=OuterRef("pk")
    )
    returned = SignOff.objects.filter(~Exists(later), unit__in=checked, returned_at__isnull=False)
    return list(returned.select_related("unit", "quarter", "returned_by").order_by("-pk"))


# --- one unit ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    """Where a branch stands with its quarter: due = accepted + waiting + missing."""

    due: int
    accepted: int
    waiting: int
    missing: list[Missing]


def state_of(unit: Unit, quarter: Quarter) -> State:
    reports = QuarterlyReport.objects.of(quarter).below(unit).owed()
    counts = counts_of(reports)
    missing = reports.filter(status__in=NOT_SENT).by_name()
    return State(
        due=sum(counts.values()),
        accepted=counts[Status.ACCEPTED],
        waiting=counts[Status.SUBMITTED],
        missing=list(missing.values_list("unit__code", "name", "carried_from__code")),
    )


def standing_of(unit: Unit, quarter: Quarter) -> SignOff | None:
    return SignOff.objects.standing().of(quarter).filter(unit=unit).first()


def latest_of(units: Collection[Unit], quarter: Quarter) -> dict[int, SignOff]:
    """By unit: the standing sign-off, or the last one that was returned; one statement."""
    found = SignOff.objects.of(quarter).filter(unit__in=[unit.pk for unit in units])
    by_time = found.select_related("by", "returned_by").order_by("pk")
    return {signed.unit_id: signed for signed in by_time}


def last_signatory(unit: Unit) -> str:
    """Who signed last time, to be proposed again."""
    last = unit.sign_offs.order_by("-pk").values_list("signatory", flat=True).first()
    return last or ""


def changed_since(signed: Mapping[Unit, SignOff]) -> dict[int, list[QuarterlyReport]]:
    """By unit: the reports that were changed after its standing sign-off; one statement."""
    standing = {unit: each for unit, each in signed.items() if each.is_standing}
    if not standing:
        return {}
    later = (
        Q(
            quarter=each.quarter_id,
            unit__path__subtree=unit.path,
            accepted_changed_at__gt=each.at,
        )
        for unit, each in standing.items()
    )
    reports = QuarterlyReport.objects.filter(reduce(or_, later))
    found: dict[int, list[QuarterlyReport]] = {}
    for report in reports.select_related("unit", "quarter").by_name():
        for unit in standing:
            if report.unit.path.startswith(unit.path):
                found.setdefault(unit.pk, []).append(report)
    return found


@dataclass(frozen=True)
class Mark:
    """What a report has to do with the standing sign-offs above it, in a sentence."""

    changed: str = ""  # «sửa sau khi chốt»
    warning: str = ""  # that opening it again will be seen


def mark_of(report: QuarterlyReport) -> Mark:
    """Of the sign-offs of today's superiors, the nearest first; one statement."""
    chain = ids_on(report.unit.path)[:-1]
    standing = SignOff.objects.standing().of(report.quarter).filter(unit__in=chain)
    signed = sorted(standing.select_related("unit"), key=lambda each: -len(each.unit.path))
    if not signed:
        return Mark()
    changed_at = report.accepted_changed_at
    for each in signed:
        if changed_at is not None and changed_at > each.at:
            words = _("Changed after the sign-off: %(unit)s signed off at %(moment)s.")
            return Mark(changed=words % {"unit": each.unit, "moment": moment(each.at)})
    words = _(
        "%(unit)s signed off at %(moment)s. If the report is opened again, it is marked as"
        " changed after the sign-off."
    )
    return Mark(warning=words % {"unit": signed[0].unit, "moment": moment(signed[0].at)})


# --- the children of a unit ----------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A superior child on the page of its parent."""

    unit: Unit
    quarter: Quarter
    signed: SignOff | None  # the standing one, else the last that was returned
    changed: list[QuarterlyReport]
    rates: Rates
    today: date

    @property
    def standing(self) -> SignOff | None:
        return self.signed if self.signed and self.signed.is_standing else None

    @property
    def returned(self) -> SignOff | None:
        return self.signed if self.signed and not self.signed.is_standing else None

    @property
    def accepted(self) -> int:
        return self.standing.accepted if self.standing else self.rates.accepted

    @property
    def due(self) -> int:
        return self.standing.due if self.standing else self.rates.due

    @property
    def missing(self) -> int:
        return len(self.standing.missing) if self.standing else self.due - self.accepted

    @property
    def signed_words(self) -> str:
        return signed_words(self.signed)

    @property
    def signatory(self) -> str:
        return self.signed.signatory if self.signed else ""

    @property
    def remark(self) -> str:
        return self.signed.remark if self.signed else ""

    @property
    def is_late(self) -> bool:
        return self.days > 0

    @property
    def days(self) -> int:
        """Days after the due day: of signing, or until today."""
        on = timezone.localdate(self.standing.at) if self.standing else self.today
        return (on - sign_off_due_on(self.unit, self.quarter)).days

    @property
    def late_words(self) -> str:
        return days_late(self.days) if self.standing else days_left(-self.days)

    @property
    def changed_words(self) -> str:
        return changed_words(len(self.changed)) if self.changed else ""


@dataclass(frozen=True)
class Board:
    """Who below a unit has signed off: those who have not come first."""

    rows: list[Row]
    direct: Rates  # of the units that report to it without anybody between
    outstanding: list[tuple[QuarterlyReport, Deadline]]  # of these, not accepted

    @property
    def total(self) -> Rates:
        return reduce(add, (row.rates for row in self.rows), Rates())

    @property
    def sentence(self) -> str:
        signed = sum(row.standing is not None for row in self.rows)
        return sentence(signed, len(self.rows), self.direct.accepted, self.direct.due)


def board_of(unit: Unit, quarter: Quarter, *, today: date) -> Board:
    """In five statements, whatever hangs below."""
    children = list(unit.children.superiors().living().by_name())
    latest = latest_of(children, quarter)
    changed = changed_since({u: latest[u.pk] for u in children if u.pk in latest})
    rates = rates_by_child(unit, quarter)
    rows = [
        Row(
            unit=child,
            quarter=quarter,
            signed=latest.get(child.pk),
            changed=changed.get(child.pk, []),
            rates=rates.get(child.path, Rates()),
            today=today,
        )
        for child in children
    ]
    late = QuarterlyReport.objects.of(quarter).owed().filter(unit__parent=unit)
    late = late.exclude(status=Status.ACCEPTED).select_related("unit", "quarter").by_name()
    return Board(
        rows=sorted(rows, key=lambda row: row.standing is not None),
        direct=rates.get(DIRECT, Rates()),
        outstanding=[(report, Deadline.of(report, today=today)) for report in late],
    )


# --- in words ------------------------------------------------------------------------------------


def waiting_words(count: int) -> str:
    """«Còn 3 báo cáo chờ kiểm tra. Duyệt hoặc trả lại trước khi chốt.»"""
    words = ngettext(
        "%(count)s report waits for a check. Accept or return it before signing off.",
        "%(count)s reports wait for a check. Accept or return them before signing off.",
        count,
    )
    return words % {"count": whole_number(count)}


def sentence(signed: int, superiors: int, accepted: int, due: int) -> str:
    """«Chốt số liệu: 21/24 công đoàn cấp trên · CĐCS trực thuộc đã duyệt: 14/16»"""
    parts = []
    if superiors:
        words = _("Signed off: %(signed)s/%(superiors)s superior unions")
        counted = {"signed": whole_number(signed), "superiors": whole_number(superiors)}
        parts.append(words % counted)
    if due:
        words = _("Accepted of the units directly below: %(accepted)s/%(due)s")
        parts.append(words % {"accepted": whole_number(accepted), "due": whole_number(due)})
    return " · ".join(parts)


def signed_words(signed: SignOff | None) -> str:
    """«16:20 ngày 09/10/2024», «Đã trả lại», «Chưa chốt», for one cell of a table."""
    if signed is None:
        return _("Not signed off yet")
    if not signed.is_standing:
        return _("Returned, to be signed off again")
    return moment(signed.at)


def signed_on_words(signed: SignOff | None) -> str:
    """The same where a column is narrow: the day alone, «09/10/2024»."""
    if signed is None or not signed.is_standing:
        return signed_words(signed)
    return in_text(timezone.localdate(signed.at))


def done_words(signed: SignOff) -> str:
    """«Đã chốt và gửi lúc 16:20 ngày 09/10/2024 (hạn 10/10).», with «muộn 2 ngày» where it was."""
    due_on = sign_off_due_on(signed.unit, signed.quarter)
    late = days_late((timezone.localdate(signed.at) - due_on).days)
    facts = {"moment": moment(signed.at), "day": in_text(due_on, with_year=False), "late": late}
    if late:
        return _("Signed off and sent at %(moment)s (due %(day)s, %(late)s).") % facts
    return _("Signed off and sent at %(moment)s (due %(day)s).") % facts


def changed_words(count: int) -> str:
    """«Đã sửa sau khi chốt (2 báo cáo)»"""
    words = ngettext(
        "Changed after the sign-off (%(count)s report)",
        "Changed after the sign-off (%(count)s reports)",
        count,
    )
    return words % {"count": whole_number(count)}


@dataclass(frozen=True)
class MissingGroup:
    """Units without an accepted report for which the same quarter stands in."""

    words: str
    units: list[tuple[str, str]]  # code, name


def missing_groups(missing: Iterable[Missing], quarter: Quarter) -> list[MissingGroup]:
    """«12 đơn vị chưa có báo cáo, tạm lấy số Quý II: …»; the latest quarter first."""
    by_code: dict[str | None, list[tuple[str, str]]] = {}
    for code, name, carried in missing:
        by_code.setdefault(carried, []).append((code, name))
    if not by_code:
        return []
    known = Quarter.objects.filter(code__in=[code for code in by_code if code])
    quarters = {each.code: each for each in known}
    return [
        MissingGroup(_missing_words(len(units), quarters.get(carried or ""), quarter), units)
        for carried, units in sorted(by_code.items(), key=lambda item: item[0] or "", reverse=True)
    ]


def _missing_words(count: int, carried: Quarter | None, quarter: Quarter) -> str:
    if carried is None:
        words = ngettext(
            "%(count)s unit has no report yet and no earlier figures",
            "%(count)s units have no report yet and no earlier figures",
            count,
        )
        return words % {"count": whole_number(count)}
    words = ngettext(
        "%(count)s unit has no report yet, its figures are those of %(quarter)s for now",
        "%(count)s units have no report yet, their figures are those of %(quarter)s for now",
        count,
    )
    name = carried.short_name if carried.year == quarter.year else str(carried)
    return words % {"count": whole_number(count), "quarter": name}
