"""One unit may send though its quarter is closed; it stays closed for all others."""

from datetime import date

import pytest
from django.urls import reverse

from members import actions, totals
from members.actions import Refused, permit_late
from members.models import HistoryEntry, QuarterTotal, Status, Structure
from members.periods import close_quarter
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]
UNTIL = date(2024, 10, 20)


@pytest.fixture
def quarters(world, db, today):
    """Quý II was closed: Hương Giang has reported, Sông Lam and the Office never; Quý III is open
    and Hương Giang has sent it."""
    tree = world.tree
    second = factories.open_quarter("2024Q2")
    factories.accepted(tree.huong_giang, second, opening=195)
    close_quarter(second, by=world.cast.root)
    third = factories.open_quarter("2024Q3")
    factories.submitted(tree.huong_giang, third, admitted=8)
    return second, third


def permit_url(unit, quarter):
    return reverse("late-permit", args=[unit.code, quarter.code])


def carried_members(tree, quarter):
    rows = QuarterTotal.objects.filter(
        unit=tree.truong_son, quarter=quarter, structure=Structure.REPORTED
    )
    return sum(row.carried_members or 0 for row in rows)


def test_a_straggler_sends_and_is_accepted_while_the_quarter_stays_closed(
    as_, tree, cast, quarters, settings
):
    second, third = quarters
    answer = as_(cast.administrator).post(
        permit_url(tree.song_lam, second), {"until": "20/10/2024", "reason": "Kế toán nghỉ ốm"}
    )
    report = factories.report(tree.song_lam, second)
    assert answer.headers["location"] == report.get_absolute_url()
    assert report.late_until == UNTIL

    settings.DEMO_TODAY = UNTIL  # the last day
    chair = as_(cast.other_chair)
    page = chair.get(report.get_absolute_url())
    assert 'name="members"' in page.content.decode()
    typed = {"version": report.version, "opening_members": 310, "members": 310, "workers": 329}
    chair = as_(cast.other_chair)
    sent = chair.post(report.get_absolute_url(), typed | {"action": "submit"})
    assert sent.headers["location"] == reverse("report-sent", args=["TS-02", "2024Q2"])

    settings.DEMO_TODAY = date(2024, 10, 25)  # sent in time: the reviewer may still decide
    version = factories.report(tree.song_lam, second).version
    decided = {"action": "accept", "version": version}
    as_(cast.reviewer).post(report.get_absolute_url(), decided)
    accepted = factories.report(tree.song_lam, second)
    later = factories.report(tree.song_lam, third)
    assert accepted.status == Status.ACCEPTED
    assert not accepted.is_open(date(2024, 10, 25))
    assert (later.carried_members, later.opening_members) == (310, 310)
    assert carried_members(tree, third) == 195 + 310
    assert list(totals.differences()) == []
    assert not accepted.quarter.is_open


def test_every_other_unit_stays_locked(tree, cast, quarters):
    second, _third = quarters
    permit_late(factories.report(tree.song_lam, second), until=UNTIL, reason="Muộn", by=cast.root)

    with pytest.raises(Refused, match="khoá"):
        factories.submitted(tree.office, second, opening=40)
    with pytest.raises(Refused):
        actions.return_report(
            factories.report(tree.huong_giang, second), by=cast.root, reason="Sửa lại"
        )


def test_after_the_day_it_is_locked_again(tree, cast, quarters, settings):
    second, _third = quarters
    report = factories.report(tree.song_lam, second)
    permit_late(report, until=UNTIL, reason="Muộn", by=cast.root)
    settings.DEMO_TODAY = date(2024, 10, 21)

    with pytest.raises(Refused):
        factories.submitted(tree.song_lam, second, opening=310)

    permit_late(report, until=date(2024, 10, 30), reason="Thêm mười ngày", by=cast.root)
    sent = factories.submitted(tree.song_lam, second, opening=310)
    assert sent.status == Status.SUBMITTED


def test_a_returned_late_report_is_sent_again_within_the_days(tree, cast, quarters, settings):
    second, _third = quarters
    report = factories.report(tree.song_lam, second)
    permit_late(report, until=UNTIL, reason="Muộn", by=cast.root)
    sent = factories.submitted(tree.song_lam, second, opening=310)
    settings.DEMO_TODAY = UNTIL
    actions.return_report(sent, by=cast.reviewer, reason="Kiểm tra lại")
    again = factories.submitted(tree.song_lam, second, opening=311)
    actions.accept([again], by=cast.reviewer)
    assert list(totals.differences()) == []


@pytest.mark.parametrize(
    ("unit", "quarter", "until", "reason", "words"),
    [
        ("huong_giang", 0, UNTIL, "Muộn", "Đơn vị đã gửi báo cáo Quý II/2024."),
        ("song_lam", 1, UNTIL, "Muộn", "Quý III/2024 đang mở cho tất cả các đơn vị."),
        ("song_lam", 0, date(2024, 10, 3), "Muộn", "Ngày này đã qua."),
        ("song_lam", 0, UNTIL, "  ", "Hãy ghi lý do cho phép gửi muộn."),
        ("masons", 0, UNTIL, "Muộn", "Đơn vị đang tạm ngừng, không phải báo cáo."),
    ],
)
def test_what_cannot_be_permitted_is_refused_with_a_sentence(
    as_, tree, cast, quarters, unit, quarter, until, reason, words
):
    report = factories.report(getattr(tree, unit), quarters[quarter])
    if unit == "masons":
        type(report).objects.filter(pk=report.pk).update(is_suspended=True)

    with pytest.raises(Refused) as refused:
        permit_late(report, until=until, reason=reason, by=cast.root)
    assert str(refused.value) == words

    answer = as_(cast.administrator).post(
        permit_url(report.unit, report.quarter),
        {"until": until.strftime("%d/%m/%Y"), "reason": reason},
    )
    assert words in answer.content.decode()
    assert factories.report(report.unit, report.quarter).late_until is None


def test_it_is_offered_where_a_report_is_missing(as_, tree, cast, quarters):
    second, _third = quarters
    administrator = as_(cast.administrator)
    url = permit_url(tree.song_lam, second)

    def offers(address):
        return f'href="{url}"' in administrator.get(address).content.decode()

    assert offers(factories.report(tree.song_lam, second).get_absolute_url())
    assert offers(tree.song_lam.get_absolute_url())
    assert offers(f"{reverse('report-list')}?quarter=2024Q2&status=not-sent&scope=all")
    other = administrator.get(tree.huong_giang.get_absolute_url()).content.decode()
    assert "/late/" not in other
    assert "/late/" not in as_(cast.reviewer).get(tree.song_lam.get_absolute_url()).content.decode()


def test_the_history_says_until_when_and_why(tree, cast, quarters):
    second, _third = quarters
    report = factories.report(tree.song_lam, second)
    permit_late(report, until=UNTIL, reason=" Kế toán nghỉ ốm ", by=cast.administrator)
    line = HistoryEntry.objects.latest("pk")
    assert (line.verb, line.reason) == ("permitted a late report", "Kế toán nghỉ ốm")
    assert line.changes == {"late_until": [None, "2024-10-20"]}
