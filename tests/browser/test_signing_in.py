"""The first page anybody sees."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_is_accessible_and_fits(visit, accessibility_faults, width, dark):
    page = visit("/accounts/login/", width=width, dark=dark)

    assert accessibility_faults(page) == {}
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.get_attribute("html", "lang") == "vi"


def test_a_wrong_password_is_answered_in_words_without_javascript(visit):
    page = visit("/accounts/login/", javascript=False)

    page.fill("input[name=username]", "0900000123")
    page.fill("input[name=password]", "wrong")
    page.press("input[name=password]", "Enter")

    assert "Sai tên đăng nhập hoặc mật khẩu." in page.inner_text("main")
