"""Those who have not sent: whom to call, the text for Zalo, letters, what was noted (walk 2)."""

from __future__ import annotations

import re
from datetime import date, datetime
from html import unescape
from smtplib import SMTPRecipientsRefused
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from members import actions, periods, reminders
from members.access import Role
from members.actions import Refused
from members.models import Charge, Quarter, Reminder, ReminderKind
from tests import factories
from unionplan.lib import clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]
LIST = reverse("report-list")
LATE = f"{LIST}?status=not-sent"
REMIND = reverse("report-remind")
FOUR_O_CLOCK = datetime(2024, 10, 4, 16, 0, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.fixture
def quarter(tree, today) -> Quarter:
    """Opened on the first of October."""
    with clock.standing_at(datetime(2024, 10, 1, 8, 0, tzinfo=FOUR_O_CLOCK.tzinfo)):
        return factories.open_quarter("2024Q3")


@pytest.fixture
def colleague(tree):
    return factories.person(
        "lan", tree.truong_son, Role.REVIEWER, full_name="Vũ Thị Lan", phone="0900000009"
    )


def page(response) -> str:
    assert response.status_code == 200
    return " ".join(unescape(strip_tags(response.content.decode().replace("<", " <"))).split())


def said(client) -> list[str]:
    return [str(message) for message in client.get(LIST).context["messages"]]


def new(unit, quarter="2024Q3") -> str:
    return reverse("reminder-new", args=[unit.code, quarter])


def noted(unit, quarter, *, by, day=date(2024, 10, 4), note="Kế toán nghỉ, hẹn gửi 07/10"):
    report = factories.report(unit, quarter)
    return reminders.note_reminder(report, kind=ReminderKind.CALL, day=day, note=note, by=by)


# --- the list ------------------------------------------------------------------------------------


def test_who_has_not_sent_stands_with_a_telephone_number(as_, cast, tree, today):
    before = factories.open_quarter("2024Q2")
    factories.accepted(tree.huong_giang, before, opening=195, workers=238)
    quarter = factories.open_quarter("2024Q3")
    cast.chair.phone = "0900000123"
    cast.chair.save()
    factories.submitted(tree.office, quarter, opening=40)
    actions.save_draft(factories.report(tree.huong_giang, quarter), {"workers": 231}, by=cast.chair)
    shown = page(as_(cast.reviewer).get(LATE))

    for words in (
        "Chưa gửi (3)",
        "1 Chờ kiểm tra 0 Trả lại 0 Đã duyệt 1 Đang nhập 2 Chưa nhập",
        "Đơn vị Chủ tịch Điện thoại Lao động Quý trước gửi Đôn đốc gần nhất",
        "CĐCS Công ty CP Xây dựng Hương Giang ✎ Đang nhập",
        "Trần Thị Mai 0900 000 123 238 04/10/2024, gửi muộn 91 ngày – Ghi nhận đôn đốc",
        "CĐCS Nhà máy Gạch Sông Lam",
        "Nguyễn Văn Nam – – chưa gửi – Ghi nhận đôn đốc",
    ):
        assert words in shown, (words, shown)
    assert "CĐCS Cơ quan Tổng công ty" not in shown


@pytest.mark.parametrize(
    ("sort", "codes"),
    [
        ("unit", ["TS-01", "TS-03", "TS-02", "ND-01"]),
        ("-workers", ["TS-02", "TS-01", "TS-03", "ND-01"]),
        ("reminder", ["TS-03", "TS-02", "ND-01", "TS-01"]),
        ("-before", ["TS-01", "TS-03", "TS-02", "ND-01"]),
    ],
)
def test_the_list_is_sorted_by_what_helps(as_, cast, tree, quarter, sort, codes):
    for unit, workers in ((tree.huong_giang, 238), (tree.song_lam, 329)):
        unit.reports.update(carried_workers=workers)
    noted(tree.huong_giang, quarter, by=cast.reviewer)
    rows = as_(cast.reviewer).get(f"{LATE}&sort={sort}").context["late_table"].page.object_list

    assert [row.record.unit.code for row in rows] == codes


def test_a_unit_that_moved_away_shows_its_name_and_nothing_else(as_, cast, tree, quarter):
    tree.song_lam.contact_name, tree.song_lam.phone = "Người Mới", "0911111111"
    tree.song_lam.save()
    tree.song_lam.parent = tree.spinning
    tree.song_lam.path = tree.spinning.path + tree.song_lam.path[-4:]
    tree.song_lam.save()
    cast.other_chair.phone = "0922222222"
    cast.other_chair.save()
    response = as_(cast.reviewer).get(f"{LATE}&scope=all")

    shown = page(response)
    assert "CĐCS Nhà máy Gạch Sông Lam" in shown
    for hidden in ("Nguyễn Văn Nam", "0922 222 222", "Người Mới", new(tree.song_lam)):
        assert hidden not in response.content.decode()
    assert f'value="{tree.song_lam.pk}"' not in response.content.decode()


# --- the text for Zalo ---------------------------------------------------------------------------


def test_the_ticked_units_stand_in_a_text_to_copy(as_, cast, tree, quarter):
    ticked = {"quarter": "2024Q3", "action": "copy", "units": [tree.song_lam.pk, tree.office.pk]}
    with clock.standing_at(FOUR_O_CLOCK):
        response = as_(cast.reviewer).post(REMIND, ticked)

    assert response.context["text"] == (
        "Kính gửi các CĐCS: đến 16:00 ngày 04/10/2024 các đơn vị sau chưa gửi báo cáo số liệu"
        " Quý III/2024 (hạn 05/10):\n1. CĐCS Cơ quan Tổng công ty\n2. CĐCS Nhà máy Gạch Sông Lam\n"
        "Đề nghị gửi tại http://testserver/"
    )
    assert "Đã sao chép danh sách 2 đơn vị." in response.content.decode()


@pytest.mark.parametrize("units", [[], ["abc"], ["99999999999999999999"], ["weavers"]])
def test_what_cannot_be_ticked_is_no_unit(as_, cast, tree, quarter, units):
    units = [tree.weavers.pk if unit == "weavers" else unit for unit in units]
    client = as_(cast.reviewer)
    response = client.post(REMIND, {"quarter": "2024Q3", "action": "copy", "units": units})

    assert response.headers["Location"] == f"{LIST}?quarter=2024Q3&status=not-sent"
    assert said(client) == ["Chưa chọn đơn vị nào."]


# --- letters -------------------------------------------------------------------------------------


@pytest.fixture
def letters(settings):
    settings.EMAIL_CONFIGURED = True
    return settings


def write_to(client, *units):
    ticked = {"quarter": "2024Q3", "action": "email", "units": [unit.pk for unit in units]}
    return client.post(REMIND, ticked)


def test_a_letter_goes_to_each_unit_with_an_address_once_a_day(
    as_, cast, tree, quarter, letters, colleague
):
    tree.office.email = "vanphong@example.org"
    tree.office.save()
    client = as_(cast.reviewer)
    assert "Gửi email nhắc (3 đơn vị có email)" in page(client.get(LATE))
    with clock.standing_at(FOUR_O_CLOCK):
        write_to(client, tree.huong_giang, tree.song_lam, tree.office, tree.masons)

    assert sorted(letter.to[0] for letter in mail.outbox) == [
        "mai@example.org",
        "nam@example.org",
        "vanphong@example.org",
    ]
    letter = next(letter for letter in mail.outbox if letter.to == ["mai@example.org"])
    assert letter.subject == (
        "Nhắc gửi báo cáo số liệu Quý III/2024: CĐCS Công ty CP Xây dựng Hương Giang"
    )
    for words in (
        "Kính gửi đồng chí Trần Thị Mai,",
        "Đến 16:00 ngày 04/10/2024 CĐCS Công ty CP Xây dựng Hương Giang chưa gửi báo cáo số liệu"
        " Quý III/2024 (hạn 05/10/2024).",
        "http://testserver/reports/TS-01/2024Q3/",
        "Cần hướng dẫn, gọi đồng chí Lê Văn Hoà, ĐT 0900 000 001.",
    ):
        assert words in letter.body
    assert said(client) == ["Đã gửi email nhắc 3 đơn vị."]
    assert set(Reminder.objects.values_list("unit__code", "kind", "by__username")) == {
        ("TS-01", "email", "hoa"),
        ("TS-02", "email", "hoa"),
        ("TS-03", "email", "hoa"),
    }
    write_to(as_(colleague), tree.huong_giang, tree.song_lam)
    assert said(as_(colleague)) == ["2 đơn vị đã được gửi email hôm nay, không gửi lần hai."]
    assert len(mail.outbox) == 3


class Refusing(EmailBackend):
    def send_messages(self, messages):
        if any("nam@example.org" in message.to for message in messages):
            raise SMTPRecipientsRefused({"nam@example.org": (550, b"no such box")})
        return super().send_messages(messages)


class Unreachable(EmailBackend):
    def open(self):
        raise ConnectionRefusedError

    def send_messages(self, messages):
        raise AssertionError("not asked again for every letter")


@pytest.mark.parametrize(
    ("backend", "kept", "words"),
    [
        ("Refusing", {"TS-01"}, "1 email không gửi được: CĐCS Nhà máy Gạch Sông Lam."),
        (
            "Unreachable",
            set(),
            "2 email không gửi được: CĐCS Công ty CP Xây dựng Hương Giang,"
            " CĐCS Nhà máy Gạch Sông Lam.",
        ),
    ],
)
def test_a_letter_that_fails_is_said_and_leaves_no_line(
    as_, cast, tree, quarter, letters, backend, kept, words
):
    letters.EMAIL_BACKEND = f"{__name__}.{backend}"
    client = as_(cast.reviewer)
    write_to(client, tree.huong_giang, tree.song_lam)

    assert words in said(client)
    assert set(Reminder.objects.values_list("unit__code", flat=True)) == kept


def test_without_a_server_of_letters_there_is_no_button(as_, cast, tree, quarter, settings):
    settings.EMAIL_CONFIGURED = False
    client = as_(cast.reviewer)
    shown = page(client.get(LATE))
    assert "Gửi email nhắc" not in shown
    assert "Chưa gửi được email: phần mềm chưa được cài đặt máy chủ email." in shown
    write_to(client, tree.huong_giang)
    assert (mail.outbox, Reminder.objects.count()) == ([], 0)


# --- what was done -------------------------------------------------------------------------------


def test_colleagues_see_each_others_lines_and_the_unit_does_not(
    as_, cast, tree, quarter, colleague
):
    form = {"kind": "call", "day": "04/10/2024", "note": "Kế toán nghỉ, hẹn gửi 07/10"}
    response = as_(cast.reviewer).post(new(tree.huong_giang), form)
    assert response.headers["Location"] == f"{LIST}?quarter=2024Q3&status=not-sent"
    assert said(as_(cast.reviewer)) == ["Đã ghi nhận đôn đốc."]

    line = "Gọi điện 04/10, đồng chí Hoà: Kế toán nghỉ, hẹn gửi 07/10"
    addresses = (LATE, "/reports/TS-01/2024Q3/", tree.huong_giang.get_absolute_url())
    for person in (colleague, cast.leader, cast.administrator):
        for address in addresses:
            assert line in page(as_(person).get(address)), (person, address)
    reader = factories.person("reads", tree.huong_giang, Role.VIEWER)
    typist = factories.person("types", tree.huong_giang, Role.TYPIST)
    for person in (cast.chair, typist, reader):
        for address in addresses[1:]:
            assert "Kế toán nghỉ" not in page(as_(person).get(address)), (person, address)
    assert "Hôm nay đã có người đôn đốc đơn vị này: " + line in page(
        as_(colleague).get(new(tree.huong_giang))
    )


def test_a_unit_that_came_from_elsewhere_brings_no_lines_along(cast, tree, quarter):
    noted(tree.huong_giang, quarter, by=cast.reviewer)
    tree.huong_giang.path = tree.spinning.path + tree.huong_giang.path[-4:]
    tree.huong_giang.save()

    seen = {
        person.username: Reminder.objects.visible_to(person).count()
        for person in (cast.neighbour_reviewer, cast.reviewer, cast.root)
    }
    assert seen == {"far": 0, "hoa": 0, "root": 1}


def test_what_a_colleague_notes_meanwhile_is_said_first(as_, cast, tree, quarter, colleague):
    noted(tree.huong_giang, quarter, by=colleague, note="Đã gọi")
    form = {"kind": "visit", "day": "04/10/2024", "note": "Gặp kế toán"}
    response = as_(cast.reviewer).post(new(tree.huong_giang), form)
    shown = page(response)
    assert "Hôm nay đã có người đôn đốc đơn vị này: Gọi điện 04/10, đồng chí Lan: Đã gọi" in shown
    assert Reminder.objects.count() == 1
    seen = re.search(r'name="seen" value="(\d+)"', response.content.decode())
    as_(cast.reviewer).post(new(tree.huong_giang), form | {"seen": seen[1]})
    assert Reminder.objects.filter(by=cast.reviewer, kind="visit").count() == 1


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2024, 10, 5), "Ngày này chưa đến."),
        (date(2024, 9, 30), "Quý III/2024 mở ngày 01/10/2024; không ghi đôn đốc trước ngày đó."),
    ],
)
def test_a_reminder_is_of_a_day_between_the_opening_and_today(cast, tree, quarter, day, words):
    with pytest.raises(Refused, match=re.escape(words)):
        noted(tree.huong_giang, quarter, by=cast.reviewer, day=day)


def test_a_closed_quarter_is_no_longer_asked_for(as_, cast, tree, quarter):
    periods.close_quarter(quarter, by=cast.root)
    shown = page(as_(cast.reviewer).get(f"{LATE}&quarter=2024Q3"))
    assert "Chưa gửi (4)" in shown
    assert "Sao chép để gửi Zalo" not in shown
    actions.permit_late(
        factories.report(tree.office, quarter), until=date(2024, 10, 9), reason="Bão", by=cast.root
    )
    response = as_(cast.reviewer).get(f"{LATE}&quarter=2024Q3")
    ticked = re.findall(r'name="units" value="(\d+)"', response.content.decode())
    assert ticked == [str(tree.office.pk)]


# --- units in one's charge -----------------------------------------------------------------------


def test_the_scope_narrows_boxes_queue_bulk_and_late_list_alike(as_, cast, tree, quarter):
    for unit in (tree.huong_giang, tree.song_lam):
        Charge.objects.create(unit=unit, user=cast.reviewer)
    for unit in (tree.huong_giang, tree.office):
        factories.submitted(unit, quarter, opening=100)
    client = as_(cast.reviewer)
    assert client.get(LIST).context["units"] == 4  # begins with all that they check
    everything, mine = client.get(f"{LIST}?scope=all"), client.get(f"{LIST}?scope=mine")
    assert client.get(LIST).context["units"] == 2  # as chosen last

    labels = ["Đơn vị tôi phụ trách (2)", "Tất cả (4)"]
    assert [link.label for link in mine.context["scopes"]] == labels
    assert [link.is_current for link in mine.context["scopes"]] == [True, False]
    assert [box.number for box in mine.context["boxes"]] == [1, 0, 0, 0, 1]
    assert [box.number for box in everything.context["boxes"]] == [2, 0, 0, 0, 2]
    assert "Báo cáo chờ kiểm tra (1)" in page(mine)
    assert "Báo cáo chờ kiểm tra (2)" in page(everything)
    assert mine.context["queue"].careful[0].report.unit == tree.huong_giang
    assert "Chưa gửi (1)" in page(client.get(f"{LATE}&scope=mine"))
    assert "Chưa gửi (2)" in page(client.get(f"{LATE}&scope=all"))

    answer = client.post(
        "/reports/TS-01/2024Q3/?scope=mine", {"action": "return", "reason": "Thiếu danh sách."}
    )
    assert answer.headers["Location"] == f"{LIST}?quarter=2024Q3&scope=mine"
    factories.submitted(tree.huong_giang, quarter, opening=100)
    answer = client.post("/reports/TS-01/2024Q3/?scope=all", {"action": "accept", "version": ""})
    assert answer.headers["Location"] == "/reports/TS-03/2024Q3/?scope=all"


def test_a_bulk_of_the_units_in_my_charge_leaves_the_others(as_, cast, tree, today):
    before = factories.open_quarter("2024Q2")
    chairs = {tree.huong_giang: cast.chair, tree.song_lam: cast.other_chair}
    for unit in chairs:
        factories.accepted(unit, before, opening=100)
    quarter = factories.open_quarter("2024Q3")
    for unit, chair in chairs.items():
        factories.submitted(unit, quarter, by=chair)
    Charge.objects.create(unit=tree.song_lam, user=cast.reviewer)
    accept = reverse("report-accept")
    client = as_(cast.reviewer)
    asked = client.post(accept, {"quarter": "2024Q3", "scope": "mine"})
    assert asked.context["sums"].reports == 1
    seen = {name: asked.context[name] for name in ("seen", "scope")}
    client.post(accept, {"quarter": "2024Q3", **seen})

    statuses = {unit.code: factories.report(unit, quarter).status for unit in chairs}
    assert statuses == {"TS-01": "submitted", "TS-02": "accepted"}


def test_a_charge_counts_no_more_when_the_unit_is_out_of_sight(as_, cast, tree, quarter):
    Charge.objects.create(unit=tree.weavers, user=cast.reviewer)
    assert as_(cast.reviewer).get(LIST).context["scopes"] == []


def test_the_pages_of_a_reviewer_cost_the_same_for_30_units_and_for_400(as_, cast, tree, today):
    units = [factories._unit(f"X-{n}", parent=tree.truong_son) for n in range(396)]
    factories._found(units[:26])
    quarter = factories.open_quarter("2024Q3")
    Charge.objects.create(unit=units[0], user=cast.reviewer)
    client = as_(cast.reviewer)
    client.get(f"{LIST}?scope=all")
    counted = []
    for count, some in ((30, []), (400, units[26:])):
        factories._found(some)
        periods.add_reports_to_open_quarters(some, by=cast.root)
        sent = [factories.report(unit, quarter) for unit in units[count // 3 : count // 3 + 5]]
        pairs = [(report, factories.figures(50)) for report in sent]
        actions.submit_all(pairs, by=cast.root)
        noted(units[0], quarter, by=cast.reviewer, day=today)
        for address in ("/", LIST, LATE):
            with CaptureQueriesContext(connection) as queries:
                response = client.get(address)
            assert response.context["units"] == count
            counted.append(len(queries))
    assert counted[:3] == counted[3:] == [29, 18, 20]
