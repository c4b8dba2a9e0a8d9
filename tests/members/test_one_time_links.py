"""Links with which people take their accounts: used once, for a week, and known to nobody else."""

import io
import logging
import re
import zipfile
from datetime import date, timedelta

import openpyxl
import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.access import Role
from members.handing_over import add_typist
from members.inviting import AccountState, account_counts, invite_chairs, units_to_invite
from members.links import Standing, find_link, make_link, standing
from members.models import (
    Assignment,
    HistoryEntry,
    Kind,
    LinkPurpose,
    OneTimeLink,
    Suspension,
    Unit,
    User,
)
from members.roles import Person, end_role, give_role, set_active
from tests import factories

pytestmark = pytest.mark.usefixtures("world")

DAY = date(2024, 10, 4)
NEW = "hoa-phuong-2024"
EXPIRED = "Đường dẫn đã hết hạn. Gọi đồng chí Lê Văn Hoà, ĐT 0900 000 001 để nhận đường dẫn mới."
USED = "Đường dẫn này đã được dùng. Hãy đăng nhập."


@pytest.fixture
def cast(world, db, today):
    return world.cast


def link_of(cast, tree, purpose=LinkPurpose.INVITATION):
    return make_link(cast.chair, tree.huong_giang, purpose, by=cast.reviewer)


def address(made):
    return reverse("link", args=[made.token])


def taken(client, made, password=NEW):
    typed = {"new_password1": password, "new_password2": password}
    return client.post(address(made), typed)


def signed_in_user(client):
    return client.session.get("_auth_user_id")


def test_the_page_may_be_looked_at_and_the_password_uses_it_up(client, cast, tree):
    made = link_of(cast, tree)
    for _look in range(2):  # Zalo opens it for a preview
        page = client.get(address(made))
    assert "Nhận tài khoản" in page.text
    assert "CĐCS Công ty CP Xây dựng Hương Giang" in page.text
    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert [field.label for field in page.context["form"]] == ["Mật khẩu mới", "Nhập lại mật khẩu"]

    answer = taken(client, made)

    assert answer.headers["location"] == "/"
    assert signed_in_user(client) == str(cast.chair.pk)
    assert User.objects.get(pk=cast.chair.pk).check_password(NEW)
    again = taken(client, made, "mot-mat-khau-khac")
    assert (again.status_code, USED in again.text) == (410, True)
    assert User.objects.get(pk=cast.chair.pk).check_password(NEW)


def test_a_link_to_set_a_new_password_says_so(client, cast, tree):
    made = link_of(cast, tree, LinkPurpose.PASSWORD)

    assert "<h1>Đặt mật khẩu mới</h1>" in client.get(address(made)).text


def test_a_password_that_is_too_easy_uses_nothing_up(client, cast, tree):
    made = link_of(cast, tree)

    assert taken(client, made, "12345678").context["form"].errors
    assert standing(find_link(made.token), on=DAY) == Standing.WORKS


def expire(made, cast):
    OneTimeLink.objects.update(expires_on=DAY)


def replace(made, cast):
    make_link(made.link.user, made.link.unit, LinkPurpose.PASSWORD, by=cast.reviewer)


def end_the_role(made, cast):
    end_role(cast.chair.assignments.get(), on=DAY, by=cast.reviewer)


def close_the_account(made, cast):
    User.objects.filter(pk=made.link.user_id).update(is_active=False)


@pytest.mark.parametrize("event", [expire, replace, end_the_role, close_the_account])
def test_a_link_dies_and_says_whom_to_call(client, cast, tree, event):
    made = link_of(cast, tree)
    assert client.get(address(made)).status_code == 200

    event(made, cast)

    for answer in (client.get(address(made)), taken(client, made)):
        assert (answer.status_code, EXPIRED in answer.text) == (410, True)
    assert signed_in_user(client) is None


def test_a_link_dies_when_its_holder_becomes_more_than_its_maker_could_give(cast, tree):
    """The chair who named the second person would sign in as a reviewer, or as another chair."""
    person = Person("Vũ Thị Lan", "0900000444")
    made = add_typist(tree.huong_giang, person, may_send=False, by=cast.chair)
    typist = made.link.user
    give_role(typist, unit=tree.office, role=Role.TYPIST, valid_from=DAY, by=cast.reviewer)
    assert standing(find_link(made.token), on=DAY) == Standing.OVER

    made = make_link(typist, tree.huong_giang, LinkPurpose.INVITATION, by=cast.reviewer)
    give_role(typist, unit=tree.song_lam, role=Role.TYPIST, valid_from=DAY, by=cast.root)
    assert standing(find_link(made.token), on=DAY) == Standing.WORKS
    give_role(typist, unit=tree.building, role=Role.VIEWER, valid_from=DAY, by=cast.root)
    assert standing(find_link(made.token), on=DAY) == Standing.OVER


def test_a_link_from_before_an_account_was_closed_stays_dead(cast, tree):
    made = link_of(cast, tree)
    set_active(cast.chair, is_active=False, by=cast.reviewer)
    set_active(cast.chair, is_active=True, by=cast.reviewer)

    assert standing(find_link(made.token), on=DAY) == Standing.OVER


def test_a_link_lives_for_a_week(cast, tree):
    made = link_of(cast, tree)
    link = find_link(made.token)

    assert standing(link, on=DAY + timedelta(days=6)) == Standing.WORKS
    assert standing(link, on=DAY + timedelta(days=7)) == Standing.OVER


def test_an_unknown_link_names_nobody(client, cast):
    answer = client.get("/accounts/link/" + "x" * 43 + "/")

    assert answer.status_code == 404
    assert "Đường dẫn đã hết hạn." in answer.text
    assert "Lê Văn Hoà" not in answer.text


def test_only_the_hash_is_kept_and_the_history_knows_no_token(client, cast, tree):
    made = link_of(cast, tree)
    taken(client, made)

    assert made.token not in str(list(OneTimeLink.objects.values()))
    lines = list(HistoryEntry.objects.order_by("pk").values())
    assert [line["verb"] for line in lines[-2:]] == ["made a one-time link", "took the account"]
    assert made.token not in str(lines)


# --- what the logs hold --------------------------------------------------------------------------


def test_a_token_never_stands_in_a_log(client, cast, tree, caplog, monkeypatch):
    made = link_of(cast, tree)
    client.get(reverse("link", args=["unknown-" + made.token]))  # 404
    client.raise_request_exception = False
    monkeypatch.setattr("members.views.links.find_link", lambda token: 1 / 0)
    assert client.get(address(made)).status_code == 500
    line = '"%s" %s %s'
    logging.getLogger("django.server").warning(line, f"GET {address(made)} HTTP/1.1", "200", "9")
    atoms = {"r": f"GET {address(made)} HTTP/1.1", "f": "http://testserver" + address(made)}
    logging.getLogger("gunicorn.access").warning('"%(r)s" "%(f)s"', atoms)

    assert len(caplog.records) >= 4
    assert "/accounts/link/…" in caplog.text
    written = caplog.text + str([(r.msg, r.args) for r in caplog.records])
    assert made.token not in written


# --- one person ----------------------------------------------------------------------------------


def test_a_reviewer_gives_another_link_and_no_password(as_, cast, tree):
    before = User.objects.get(pk=cast.chair.pk).password

    page = as_(cast.reviewer).post(reverse("account-link", args=[cast.chair.pk]))

    assert "Cấp lại đường dẫn đăng nhập" in page.text
    assert "Đường dẫn dùng một lần, hết hạn sau 7 ngày" in page.text
    assert "Sao chép để gửi Zalo" in page.text
    assert find_link(page.context["address"].split("/")[-2]).purpose == LinkPurpose.PASSWORD
    assert User.objects.get(pk=cast.chair.pk).password == before


def test_a_chair_gives_a_link_to_the_second_person_and_ends_the_role(as_, cast, tree):
    typed = {"full_name": "Vũ Thị Lan", "phone": "0900 000 555", "may_send": "on"}
    page = as_(cast.chair).post(reverse("typist-new", args=["TS-01"]), typed)

    typist = User.objects.get(phone="0900000555")
    held = typist.assignments.get()
    assert (held.unit, held.role, held.may_send) == (tree.huong_giang, Role.TYPIST, True)
    assert "mời đồng chí Vũ Thị Lan nhận tài khoản báo cáo" in page.context["text"]
    again = as_(cast.chair).post(reverse("account-link", args=[typist.pk]))
    assert again.status_code == 200

    client = as_(cast.chair)
    client.post(reverse("role-end", args=[held.pk]), {"valid_to": "04/10/2024"})
    held.refresh_from_db()
    assert held.valid_to == DAY
    assert client.post(reverse("account-link", args=[typist.pk])).status_code == 302  # no role now


def test_a_number_with_an_account_elsewhere_is_refused_without_telling_whose(as_, cast, tree):
    factories.person(
        "else", tree.spinning, Role.VIEWER, full_name="Người Nơi Khác", phone="0900000999"
    )
    typed = {"full_name": "Vũ Thị Lan", "phone": "0900000999"}
    page = as_(cast.chair).post(reverse("typist-new", args=["TS-01"]), typed)

    assert "đã có tài khoản" in page.text
    assert "Người Nơi Khác" not in page.text


def test_a_typist_of_before_comes_back_to_the_same_account(cast, tree):
    person = Person("Vũ Thị Lan", "0900000555")
    first = add_typist(tree.huong_giang, person, may_send=False, by=cast.chair)
    end_role(first.link.user.assignments.get(), on=DAY, by=cast.chair)
    again = add_typist(tree.huong_giang, person, may_send=False, by=cast.chair)

    assert again.link.user == first.link.user


# --- forgotten -----------------------------------------------------------------------------------


def asked(client, email):
    return client.post(reverse("password-forgot"), {"email": email})


def test_a_letter_brings_a_link_once_in_ten_minutes_and_the_answer_tells_nothing(
    client, cast, settings
):
    settings.EMAIL_CONFIGURED = True
    answers = {
        re.sub(r'value="[^"]+"', "", asked(client, email).text)
        for email in ("MAI@example.org", "mai@example.org", "nobody@example.org")
    }

    assert len(answers) == 1
    assert [letter.to for letter in mail.outbox] == [["mai@example.org"]]
    (token,) = re.findall(r"/accounts/link/([\w-]+)/", mail.outbox[0].body)
    assert "Đặt mật khẩu mới" in client.get(reverse("link", args=[token])).text
    client.post(reverse("link", args=[token]), {"new_password1": NEW, "new_password2": NEW})
    assert signed_in_user(client) == str(cast.chair.pk)


def test_a_closed_account_gets_no_letter(client, cast, settings):
    settings.EMAIL_CONFIGURED = True
    User.objects.filter(pk=cast.chair.pk).update(is_active=False)

    asked(client, "mai@example.org")
    assert mail.outbox == []


def test_a_letter_that_cannot_go_out_is_no_error_for_whoever_asks(
    client, cast, settings, monkeypatch
):
    settings.EMAIL_CONFIGURED = True
    monkeypatch.setattr("members.views.links.send_mail", lambda *_letter: 1 / 0)
    monkeypatch.setattr("members.views.links.SMTPException", ZeroDivisionError)

    assert asked(client, "mai@example.org").status_code == 200


def test_without_a_server_of_letters_the_page_says_whom_to_call(client, cast, settings):
    settings.EMAIL_CONFIGURED = False

    page = client.get(reverse("password-forgot")).text
    assert "Gọi cán bộ công đoàn cấp trên" in page
    assert "<input" not in page.split("<main")[1]
    assert asked(client, "mai@example.org").status_code == 200
    assert mail.outbox == []


# --- hundreds ------------------------------------------------------------------------------------


def sheets_of(content):
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def with_contact(unit, name, phone, email=""):
    Unit.objects.filter(pk=unit.pk).update(contact_name=name, phone=phone, email=email)


def without_chairs():
    OneTimeLink.objects.all().delete()
    Assignment.objects.filter(role=Role.CHAIR).delete()


def invited(as_, person, **chosen):
    return as_(person).post(reverse("account-links"), chosen)


def test_one_file_with_a_ready_text_in_each_row(as_, cast, tree):
    without_chairs()
    factories.person("stranger", tree.spinning, Role.VIEWER, phone="0900000999")
    User.objects.filter(username="mai").update(phone=None)
    with_contact(tree.huong_giang, "Trần Thị Mai", "0900 000 123")
    with_contact(tree.song_lam, "", "0900000124")
    with_contact(tree.office, "Vũ Văn Sáu", "0900000999")  # of somebody out of sight

    answer = invited(as_, cast.reviewer)

    assert answer.headers["Content-Disposition"] == 'attachment; filename="duong-dan-TS.xlsx"'
    sheets = sheets_of(answer.content)
    head, row = sheets["Đường dẫn"]
    assert head == (
        "Mã đơn vị",
        "Đơn vị",
        "Chủ tịch",
        "Điện thoại",
        "Tên đăng nhập",
        "Đường dẫn",
        "Hết hạn",
        "Nội dung Zalo",
    )
    link = row[5]
    assert row[:5] == (
        "TS-01",
        "CĐCS Công ty CP Xây dựng Hương Giang",
        "Trần Thị Mai",
        "0900000123",
        "0900000123",
    )
    assert row[6].date() == date(2024, 10, 11)
    assert row[7] == (
        "Công đoàn Tổng công ty Trường Sơn mời đồng chí Trần Thị Mai nhận tài khoản báo cáo của"
        " CĐCS Công ty CP Xây dựng Hương Giang. Mở đường dẫn này trước ngày 11/10/2024:"
        f" {link} Cần hướng dẫn, gọi đồng chí Lê Văn Hoà, ĐT 0900 000 001."
    )
    assert sheets["Chưa tạo được"][1:] == [
        ("TS-03", "CĐCS Cơ quan Tổng công ty", "Số điện thoại này đã có tài khoản."),
        ("TS-02", "CĐCS Nhà máy Gạch Sông Lam", "Chưa có họ tên chủ tịch."),
        ("ND-01", "Nghiệp đoàn Thợ xây", "Chưa có họ tên chủ tịch."),
    ]
    page = as_(cast.reviewer).get(reverse("account-list")).text
    assert "Đã tạo 1 đường dẫn, hết hạn ngày 11/10/2024." in page
    assert "3 đơn vị chưa tạo được đường dẫn" in page
    user = User.objects.get(phone="0900000123")
    assert [(a.unit, a.role, a.valid_from) for a in user.assignments.all()] == [
        (tree.huong_giang, Role.CHAIR, DAY)
    ]
    assert as_(cast.reviewer).get(link).status_code == 200


def test_a_number_used_twice_gets_neither_unit_an_account(as_, cast, tree):
    without_chairs()
    with_contact(tree.huong_giang, "Trần Thị Mai", "0900 000 123")
    with_contact(tree.song_lam, "Nguyễn Văn Nam", "+84900000123")
    before = User.objects.count()

    answer = invited(as_, cast.reviewer)

    assert answer.headers["location"] == reverse("account-list")
    assert User.objects.count() == before
    page = as_(cast.reviewer).get(reverse("account-list")).text
    assert page.count("Số điện thoại này ghi ở nhiều đơn vị.") == 2


def test_one_workbook_for_each_superior_and_nothing_of_another_branch(as_, cast, tree):
    without_chairs()
    for number, unit in enumerate((tree.huong_giang, tree.hon_da, tree.weavers)):
        with_contact(unit, "Trần Thị Mai", f"090000013{number}")

    answer = invited(as_, cast.administrator)

    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert sorted(archive.namelist()) == ["duong-dan-CDN.xlsx", "duong-dan-TS.xlsx"]
    assert not User.objects.filter(phone="0900000132").exists()


def test_units_are_counted_by_the_state_of_their_account(as_, cast, tree):
    """Hương Giang and Sông Lam have taken theirs; Hòn Đá rests."""
    Suspension.objects.create(unit=tree.hon_da, starts_on=DAY)
    with_contact(tree.office, "Vũ Văn Sáu", "0900000126")

    def states():
        counts = account_counts(units_to_invite(cast.administrator, on=DAY), on=DAY)
        return [counts[state] for state in AccountState.values]

    assert states() == [2, 0, 2]
    invited(as_, cast.reviewer)
    assert states() == [1, 1, 2]
    page = as_(cast.reviewer).get(reverse("account-list")).text
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "Chưa có 1 · Đã gửi đường dẫn 1 · Đã nhận 2" in words

    # what was ticked gets another link; whoever has taken the account needs none
    answer = invited(as_, cast.reviewer, chosen="1", units=["TS-03", "TS-01", "SO-01"])
    sheets = sheets_of(answer.content)
    assert [row[0] for row in sheets["Đường dẫn"][1:]] == ["TS-03"]
    assert sheets["Chưa tạo được"][1:] == [
        ("TS-01", "CĐCS Công ty CP Xây dựng Hương Giang", "Chủ tịch đã nhận tài khoản.")
    ]
    assert OneTimeLink.objects.filter(replaced_at=None).count() == 1


@pytest.mark.parametrize(("state", "found"), [("none", 2), ("sent", 0), ("taken", 2), ("odd", 2)])
def test_the_units_of_a_state_are_listed(as_, cast, tree, django_assert_num_queries, state, found):
    client = as_(cast.reviewer)
    with django_assert_num_queries(6 if found else 5):  # session, user, roles; counts, rows twice
        page = client.get(reverse("account-units"), {"state": state})

    assert len(page.context["table"].rows) == found


def test_links_for_hundreds_cost_a_constant_number_of_statements(cast, tree, monkeypatch):
    """SQLite takes few values a statement, so that bulk writes come in parts: here they do not."""
    monkeypatch.setattr(type(connection.features), "max_query_params", 250_000)
    without_chairs()
    assert cast.administrator.roles  # read once a request
    counts = [statements(cast, made_units(number)) for number in (2, 300)]

    assert counts == [17, 17]


def made_units(number):
    upper = factories.unit(f"UP-{number}", kind=Kind.UPPER, parent=Unit.objects.get(code="CDN"))
    units = [
        factories._unit(
            f"UP-{number}-{i}",
            parent=upper,
            contact_name="Trần Thị Mai",
            phone=f"09{number:03d}{i:05d}",
        )
        for i in range(number)
    ]
    factories._found(units)
    return Unit.objects.filter(parent=upper)


def statements(cast, units):
    with CaptureQueriesContext(
        connection,
    ) as made:
        done = invite_chairs(units, on=DAY, by=cast.administrator)
    assert (len(done.invitations), done.left_out) == (units.count(), [])
    return len(made)
