"""Settings out of the environment."""

from datetime import date

import pytest
from django.core.exceptions import ImproperlyConfigured

from unionplan.lib.env import (
    SmtpServer,
    env_bool,
    env_date,
    env_int,
    env_list,
    env_text,
    smtp_server,
)


@pytest.mark.parametrize(
    ("value", "meaning"),
    [("1", True), ("true", True), (" Yes ", True), ("0", False), ("OFF", False), ("", False)],
)
def test_yes_and_no_have_several_spellings(monkeypatch, value, meaning):
    monkeypatch.setenv("HTTPS", value)

    assert env_bool("HTTPS", default=not meaning) is meaning


def test_what_is_not_set_takes_its_default(monkeypatch):
    monkeypatch.delenv("NAME", raising=False)

    assert env_bool("NAME", default=True) is True
    assert env_int("NAME", default=12) == 12
    assert env_text("NAME", "text") == "text"
    assert env_list("NAME", default=["a"]) == ["a"]
    assert env_date("NAME") is None


def test_values_are_read(monkeypatch):
    monkeypatch.setenv("NAME", " 24 ")
    assert env_int("NAME", default=12) == 24
    monkeypatch.setenv("NAME", "a.example, b.example,,")
    assert env_list("NAME", default=[]) == ["a.example", "b.example"]
    monkeypatch.setenv("NAME", "2024-10-04")
    assert env_date("NAME") == date(2024, 10, 4)


@pytest.mark.parametrize(
    ("read", "value", "sentence"),
    [
        (lambda: env_bool("NAME", default=False), "maybe", "neither yes nor no"),
        (lambda: env_int("NAME", default=12), "twelve", "not a whole number, for example 12"),
        (lambda: env_int("NAME", default=12), "²", "not a whole number"),
        (lambda: env_date("NAME"), "2024-02-30", "not a date: write it as 2024-10-04"),
    ],
)
def test_an_odd_value_is_told_with_its_name(monkeypatch, read, value, sentence):
    monkeypatch.setenv("NAME", value)

    with pytest.raises(ImproperlyConfigured, match=f"NAME='{value}' is {sentence}"):
        read()


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (
            "smtp://bao%40cd.example:p%2Fw@mail.example:587?tls=1",
            SmtpServer("mail.example", 587, "bao@cd.example", "p/w", uses_tls=True, uses_ssl=False),
        ),
        ("smtp://relay", SmtpServer("relay", 25, "", "", uses_tls=False, uses_ssl=False)),
        ("smtps://relay", SmtpServer("relay", 465, "", "", uses_tls=False, uses_ssl=True)),
    ],
)
def test_a_server_of_letters_is_one_address(url, server):
    assert smtp_server("EMAIL_URL", url) == server


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://u:secret@h:x"])
def test_an_odd_server_of_letters_is_refused_without_repeating_its_password(url):
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL cannot be read") as refused:
        smtp_server("EMAIL_URL", url)

    assert "secret" not in str(refused.value)
