"""Requests that no page of ours makes: each is answered, and none with an error of the server."""

from urllib.parse import quote

import pytest
from django.urls import reverse

from members.models import User
from tests import factories

pytestmark = pytest.mark.usefixtures("world", "quarter", "today", "db")

HUGE = "9" * 30
ENDLESS = "9" * 5000  # more digits than int() reads
PAGES = ["/reports/", "/units/", "/accounts/", "/plans/", "/progress/TS/", "/progress/TS/source/"]


@pytest.fixture(scope="module")
def quarter(world):
    return factories.open_quarter("2024Q3")


def refuses(answer) -> bool:
    return 200 <= answer.status_code < 500


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", ["page", "per_page", "sort", "q", "quarter", "plan", "basis"])
def test_no_question_in_an_address_breaks_a_page(as_, cast, page, name):
    client = as_(cast.root)

    for value in ("\0", "-1", HUGE, "²", "--x"):
        assert refuses(client.get(page, {name: value})), value


@pytest.mark.parametrize("page", ["/units/", "/accounts/"])
def test_no_number_of_words_breaks_a_search(as_, cast, page):
    words = " ".join("abc"[i % 3] for i in range(1500))

    assert as_(cast.root).get(page, {"q": words}).status_code == 200


@pytest.mark.parametrize("asked", ["-1", "0", "1000000"])
def test_how_long_a_page_is_is_not_the_readers_choice(as_, cast, asked):
    page = as_(cast.root).get(reverse("unit-list"), {"per_page": asked})

    assert page.context["table"].paginator.per_page == 50


@pytest.mark.parametrize(
    "address",
    ["/units/{}/", "/reports/{}/2024Q3/", "/reports/TS-01/{}/", "/progress/{}/", "/plans/{}/"],
)
def test_a_null_character_in_an_address_is_no_request(as_, cast, address):
    page = as_(cast.root).get(address.format(quote("\0")))

    assert page.status_code == 400
    assert as_(cast.root).get("/units/?sector=%00").status_code == 400


def test_a_number_too_large_for_an_account_is_nobody(as_, cast):
    assert as_(cast.root).get(f"/accounts/{HUGE}/").status_code == 404


@pytest.mark.parametrize("value", ["\0", HUGE, f"-{HUGE}", ENDLESS, "-1", "१", "x:y:z"])
def test_a_forged_list_accepts_nothing(as_, cast, value):
    client = as_(cast.reviewer)
    address = reverse("report-accept")

    assert client.post(address, {"quarter": value}).status_code == 404
    for name in ("seen", "offered"):
        answer = client.post(address, {"quarter": "2024Q3", name: f"{value}:{value}"})
        assert refuses(answer)


@pytest.mark.parametrize("value", ["\0", HUGE, ENDLESS, "-1", "१"])
def test_a_file_that_is_not_there_is_not_removed(as_, cast, tree, value):
    address = reverse("report-detail", args=[tree.huong_giang.code, "2024Q3"])

    assert refuses(as_(cast.chair).post(address, {"remove": value}))


@pytest.mark.parametrize("value", ["\0", HUGE, ENDLESS, "x" * 3000])
def test_nobody_signs_in_with_nonsense(client, value):
    answer = client.post(reverse("login"), {"username": value, "password": value})

    assert answer.status_code == 200


def test_an_address_that_no_user_name_holds_is_told_at_its_field(as_, cast, tree):
    typed = {
        "unit": tree.huong_giang.code,
        "role": "chair",
        "valid_from": "01/01/2024",
        "full_name": "Trần Văn Dài",
        "email": f"{'a' * 60}@{('b' * 60 + '.') * 2}vn",
    }

    page = as_(cast.reviewer).post(reverse("account-new"), typed)

    assert "email" in page.context["form"].errors
    assert not User.objects.filter(full_name="Trần Văn Dài").exists()
