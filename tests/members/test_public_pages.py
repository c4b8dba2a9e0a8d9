"""Closed by default: what is open without signing in stands here, with its reason."""

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

PUBLIC = {
    "link": "Whoever takes an account by its one-time link has no password yet.",
    "password-forgot": "Whoever has forgotten the password cannot sign in.",
    "login": "Nobody can be signed in before signing in.",
    "healthz": "The watchman of the server has no account; it tells nothing but «ok».",
    "report-detail": "What was typed as the session ended is kept; nothing is shown before login.",
    "set_language": "Whoever cannot read the login page must be able to switch its language.",
}


def views(patterns):
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            yield pattern


def test_only_the_pages_listed_here_are_public():
    public = {
        pattern.name
        for pattern in views(get_resolver().url_patterns)
        if not getattr(pattern.callback, "login_required", True)
    }

    assert public == set(PUBLIC)


def test_every_page_has_a_name_of_its_own():
    names = [pattern.name for pattern in views(get_resolver().url_patterns)]

    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("name", ["login", "healthz", "password-forgot"])
def test_a_public_page_answers_a_stranger(client, db, name):
    assert client.get(reverse(name)).status_code == 200


def test_a_stranger_switches_the_language(client, db):
    login = reverse("login")
    assert '<html lang="vi">' in client.get(login).text

    client.post(reverse("set_language"), {"language": "en", "next": login})
    assert '<html lang="en">' in client.get(login).text


def test_a_browser_that_asks_for_english_gets_vietnamese_all_the_same(client, db):
    page = client.get(reverse("login"), headers={"accept-language": "en-US,en"}).text

    assert '<html lang="vi">' in page
