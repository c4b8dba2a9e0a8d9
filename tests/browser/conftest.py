"""A real browser for the tests marked «browser»: the machine's own Chromium, never downloaded."""

import os
import re
import shutil
from datetime import date, datetime, timedelta
from itertools import count
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from tests import factories
from tests.targets import made
from unionplan.lib import clock

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
# The chart library carries the stylesheet of a map it does not draw, and the policy refuses it.
HARMLESS = re.compile(r"^Applying inline style violates .* \(\S+/plotly\.min\S*\.js\)$", re.S)


def _without(reason):
    """Skips with a sentence; where the machine is there to run these tests, it is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium():
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _without("Browser tests need playwright: run them with make test-browser.")
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        _without("No Chromium on this machine: browser tests are left out.")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright's loop runs in our thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def complaints():
    """What the browser had to complain of in this test."""
    heard = []
    yield heard
    assert [said for said in heard if not HARMLESS.match(said)] == []


@pytest.fixture
def visit(chromium, live_server, complaints):
    """Opens an address as a person sees it: ``visit("/", as_=user, width=360, dark=True)``.

    Whatever the browser complains about (an error of a script, a thing the policy forbids) fails
    the test at its end.
    """
    contexts = []

    def complaint(said):
        return f"{said.text} ({said.location['url']})"

    def _is_foreign(url):
        return not url.startswith((live_server.url, "data:", "blob:"))

    def _visit(address, *, as_=None, width=1280, dark=False, javascript=True):
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 800},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",  # a colour on its way would be examined as it is
            java_script_enabled=javascript,
            locale="en-US",  # as browsers are sold; pages are Vietnamese all the same
        )
        contexts.append(context)
        if as_ is not None:
            client = Client()  # one for each: a client that changes hands ends the first session
            client.force_login(as_)
            cookie = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: _is_foreign(asked.url) and complaints.append(asked.url))
        page.on("console", lambda said: said.type == "error" and complaints.append(complaint(said)))
        page.goto(address)
        return page

    yield _visit
    for context in contexts:
        context.close()


EXAMINE = """async options => {
    const { violations } = await axe.run({ preload: false, ...options });
    return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
}"""
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


@pytest.fixture
def accessibility_faults(chromium, complaints):
    """What the examiner finds on a page, by rule: empty when nobody is shut out."""
    from axe_playwright_python.base import AXE_SCRIPT

    def _faults(page, *, only_colours=False):
        heard = complaints.copy()
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE_SCRIPT)
        found = dict(page.evaluate(EXAMINE, COLOURS if only_colours else {}))
        complaints[:] = heard  # the examiner's own offences against the policy
        return found

    return _faults


@pytest.fixture
def stand_at(monkeypatch):
    """``stand_at(4, 14, 5)``: it is 14:05 on that day of October 2024, also for the server. What
    comes later is later all the same, by a millionth of a second."""
    ticks = count()

    def _stand(day, hour, minute):
        moment = datetime(2024, 10, day, hour, minute, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))

        def shift(real):
            return real - moment - timedelta(microseconds=next(ticks))

        monkeypatch.setattr(clock, "_shift", shift)

    _stand(4, 14, 5)
    return _stand


@pytest.fixture
def story(tree, cast, stand_at):
    """The units of the walks with a year behind them, Quý III/2024 open, and a plan."""
    codes = ("2023Q4", "2024Q1", "2024Q2", "2024Q3")
    quarters = {code: factories.open_quarter(code) for code in codes}
    plan = made.plan(
        tree.building, number="15/KH-CĐN", issued_on=date(2024, 1, 20), code="ke-hoach-2024"
    )
    made.target(plan, tree.building, "net-increase", 40)
    made.target(plan, tree.building, "density", 90, group="other-enterprises")
    made.target(
        plan,
        tree.huong_giang,
        "net-increase",
        20,
        decision_no="15/QĐ-CĐTCT",
        decision_on=date(2024, 2, 5),
        in_force_on=date(2024, 2, 5),
    )
    first, second, third, last = quarters.values()
    factories.accepted(tree.huong_giang, first, opening=188, workers=235)
    factories.accepted(tree.huong_giang, second, admitted=5, workers=236)
    factories.accepted(tree.huong_giang, third, admitted=2, workers=238)
    for quarter in (first, second, third):
        factories.accepted(tree.song_lam, quarter, opening=310, workers=329)
    return SimpleNamespace(tree=tree, cast=cast, plan=plan, quarters=quarters, quarter=last)
