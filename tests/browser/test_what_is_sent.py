"""Light pages, charts under the policy, and nothing from elsewhere.

``visit`` fails a test whose page asks another host for anything.
"""

from gzip import compress

import pytest

from tests.browser.pages import must_say

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

KILOBYTE = 1024
FEDERATION = "/progress/CDN/?quarter=2024Q3"


@pytest.fixture
def weigh(visit):
    """Bytes over the wire of a first visit: static files compressed, pages as they are."""

    def _weigh(address, person):
        page = visit("about:blank", as_=person)
        answers = []
        page.on("response", lambda answer: answers.append(answer))
        page.goto(address)
        bodies = [(answer.url, answer.body()) for answer in answers if answer.ok]
        return sum(
            len(compress(body)) if "/static/" in url else len(body)
            for url, body in bodies
            if "plotly.min" not in url
        )

    return _weigh


def test_the_pages_of_a_chair_are_light(story, weigh):
    pages = ("/", "/reports/", "/reports/TS-01/2024Q3/", "/progress/TS-01/", "/units/TS-01/")
    weights = {address: weigh(address, story.cast.chair) for address in pages}
    assert min(weights.values()) > 10 * KILOBYTE, weights  # it was weighed
    assert {page: weight for page, weight in weights.items() if weight > 60 * KILOBYTE} == {}


def test_the_pages_of_the_staff_are_light_but_for_the_chart_library(story, weigh):
    pages = ("/", "/reports/", FEDERATION, "/units/", "/plans/ke-hoach-2024/")
    weights = {address: weigh(address, story.cast.federation_reviewer) for address in pages}
    assert min(weights.values()) > 10 * KILOBYTE, weights  # it was weighed
    assert {page: weight for page, weight in weights.items() if weight > 150 * KILOBYTE} == {}


@pytest.mark.parametrize("dark", [False, True])
def test_charts_are_drawn_under_the_policy(story, visit, dark):
    page = visit(FEDERATION, as_=story.cast.leader, dark=dark)
    charts = page.locator("[data-chart]")
    assert charts.count() >= 1
    for chart in charts.all():
        chart.locator("svg.main-svg").first.wait_for()
    assert page.locator("[data-chart-table][open]").count() == 0


def test_the_figures_of_a_chart_are_there_without_javascript(story, visit):
    page = visit(FEDERATION, as_=story.cast.leader, javascript=False)
    assert page.locator("[data-chart]:visible").count() == 0
    assert page.locator("[data-chart-table] table:visible").count() >= 1
    must_say(page, "Quý II", where="[data-chart-table] >> nth=0")
