"""The policy of the page, and the language nobody chose."""

import pytest
from django.http import HttpResponse
from django.utils import translation

from unionplan.lib.middleware import content_security_policy


@pytest.mark.parametrize("asked", ["en", "en-US,en;q=0.9", "fr", ""])
@pytest.mark.django_db
def test_a_browser_that_asks_for_english_gets_vietnamese(client, asked):
    page = client.get("/accounts/login/", headers={"accept-language": asked})

    assert page.status_code == 200
    assert page.headers["Content-Language"] == "vi"
    assert '<html lang="vi">' in page.text


@pytest.mark.django_db
def test_a_person_who_switched_gets_english(client, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"

    with translation.override("vi"):  # the test's own thread keeps what a request switched to
        page = client.get("/accounts/login/")

    assert page.headers["Content-Language"] == "en"
    assert '<html lang="en">' in page.text


@pytest.mark.django_db
def test_every_answer_carries_the_policy(client):
    for address in ["/accounts/login/", "/", "/nowhere/"]:
        policy = client.get(address).headers["Content-Security-Policy"]

        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self' 'sha256-")
        assert "unsafe" not in policy


def test_a_view_may_set_a_policy_of_its_own(rf):
    def view(request):
        return HttpResponse(headers={"Content-Security-Policy": "sandbox"})

    response = content_security_policy(view)(rf.get("/"))

    assert response.headers["Content-Security-Policy"] == "sandbox"
