"""Signing in, being kept out after too many guesses, signing out, changing the password."""

import pytest
from django.urls import reverse

from members.access import Role
from members.links import make_link
from members.models import LinkPurpose
from tests import factories

WRONG = "Sai tên đăng nhập hoặc mật khẩu. Quên mật khẩu: gọi cán bộ công đoàn cấp trên."


def sign_in(client, username, password="secret", forwarded="", **extra):
    typed = {"username": username, "password": password, **extra}
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return client.post(reverse("login"), typed, headers=headers)


def signed_in_user(client):
    return client.session.get("_auth_user_id")


@pytest.mark.parametrize("typed", ["0900000001", "0900 000 001", "+84 900 000 001"])
def test_people_sign_in_with_their_telephone_number_however_it_is_typed(client, cast, typed):
    response = sign_in(client, typed)

    assert response.headers["location"] == "/"
    assert signed_in_user(client) == str(cast.reviewer.pk)


def test_people_sign_in_with_their_email_address(client, cast):
    sign_in(client, "MAI@example.org")

    assert signed_in_user(client) == str(cast.chair.pk)


def test_a_wrong_password_is_answered_with_whom_to_call(client, cast):
    response = sign_in(client, "mai@example.org", "wrong")

    assert response.context["form"].non_field_errors() == [WRONG]
    assert signed_in_user(client) is None


def test_a_closed_account_gets_the_same_answer_as_a_wrong_password(client, cast):
    cast.chair.is_active = False
    cast.chair.save()

    assert sign_in(client, "mai@example.org").context["form"].non_field_errors() == [WRONG]


def test_too_many_guesses_lock_the_name_out_and_say_for_how_long(client, cast, settings):
    settings.AXES_FAILURE_LIMIT = 3
    for _attempt in range(3):
        response = sign_in(client, "0900 000 001", "wrong")

    assert response.status_code == 429
    assert "Chờ 15 phút" in response.text
    for spelling in ("+84900000001", "hoa@example.org"):
        assert sign_in(client, spelling, "secret").status_code == 429
    assert signed_in_user(client) is None


def test_one_locked_name_keeps_nobody_else_out(client, cast, settings):
    settings.AXES_FAILURE_LIMIT = 3
    for _attempt in range(3):
        sign_in(client, "0900000001", "wrong")

    sign_in(client, "mai@example.org")
    assert signed_in_user(client) == str(cast.chair.pk)


def test_a_success_forgets_the_failures_before_it(client, cast, settings):
    settings.AXES_FAILURE_LIMIT = 3
    for _attempt in range(2):
        sign_in(client, "0900000001", "wrong")
    sign_in(client, "0900000001")
    client.logout()
    for _attempt in range(2):
        sign_in(client, "0900000001", "wrong")

    assert sign_in(client, "0900000001").status_code == 302


@pytest.mark.parametrize(
    ("asked", "answered"),
    [("/units/", "/units/"), ("https://evil.example/", "/"), ("//evil.example/", "/")],
)
def test_after_signing_in_one_goes_on_where_one_wanted_but_never_to_another_site(
    client, cast, asked, answered
):
    assert sign_in(client, "0900000001", next=asked).headers["location"] == answered


def test_whoever_is_signed_in_needs_no_login_page(as_, cast):
    assert as_(cast.chair).get(reverse("login")).headers["location"] == "/"


def test_an_ended_session_says_that_what_was_typed_is_kept(client, db):
    words = "Phiên làm việc đã hết. Đăng nhập lại để tiếp tục; số liệu vừa nhập được giữ nguyên."

    assert words in client.get(reverse("login") + "?expired=1").text
    assert words not in client.get(reverse("login")).text


def test_signing_out_takes_a_post(as_, cast):
    client = as_(cast.chair)
    assert client.get(reverse("logout")).status_code == 405
    assert signed_in_user(client) == str(cast.chair.pk)

    client.post(reverse("logout"))
    assert signed_in_user(client) is None


def test_the_password_is_changed_and_the_session_goes_on(as_, cast):
    client = as_(cast.chair)
    new = "mot-hai-ba-4567"
    typed = {"old_password": "secret", "new_password1": new, "new_password2": new}
    unit = cast.chair.assignments.get().unit
    link = make_link(cast.chair, unit, LinkPurpose.PASSWORD, by=cast.reviewer).link
    client.post(reverse("password-change"), typed)

    cast.chair.refresh_from_db()
    assert cast.chair.check_password(new)
    link.refresh_from_db()
    assert link.replaced_at is not None  # nobody changes it once more by that
    assert signed_in_user(client) == str(cast.chair.pk)
    assert "Đã đổi mật khẩu." in client.get(reverse("unit-list")).text


def test_the_login_page_shows_accounts_and_their_password_in_the_demo_alone(client, tree, settings):
    factories.person("demo.chutich", tree.huong_giang, Role.CHAIR, full_name="Trần Thị Mai")
    factories.person("real", tree.song_lam, Role.CHAIR, full_name="Người Thật")
    assert "demo.chutich" not in client.get(reverse("login")).text

    settings.DEMO = True
    page = client.get(reverse("login")).text
    assert "demo.chutich" in page
    assert settings.DEMO_PASSWORD in page
    assert "Người Thật" not in page


def test_healthz_says_ok_when_the_database_answers(client, db):
    response = client.get("/healthz")

    assert (response.status_code, response.text) == (200, "ok")


@pytest.mark.parametrize("easy", ["0900000001", "hoa@example.org", "lê văn hoà"])
def test_a_password_is_not_what_everybody_knows_of_the_person(as_, cast, easy):
    typed = {"old_password": "secret", "new_password1": easy, "new_password2": easy}

    page = as_(cast.reviewer).post(reverse("password-change"), typed)

    assert page.context["form"].errors
    cast.reviewer.refresh_from_db()
    assert cast.reviewer.check_password("secret")


def test_behind_a_proxy_guesses_count_by_the_address_it_saw(client, cast, settings):
    settings.AXES_FAILURE_LIMIT = 3
    settings.HTTPS = True
    for _attempt in range(3):  # what stands before the last address anybody can write
        sign_in(client, "0900000001", "wrong", forwarded=f"192.0.2.{_attempt}, 203.0.113.7")

    locked = sign_in(client, "0900000001", "secret", forwarded="203.0.113.7")
    elsewhere = sign_in(client, "0900000001", "secret", forwarded="203.0.113.8")
    assert (locked.status_code, elsewhere.status_code) == (429, 302)
