"""Nobody is shut out: every page of every role, wide and on a telephone, by day and by night.

The pages are those of the URL conf, so that a new one is examined too.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from members import actions, periods
from members.enterprises import add_enterprises, note_on, propose
from members.links import make_link
from members.models import Assignment, Enterprise, LinkPurpose
from members.ratings import decide, keep_scale, levels_of, rate_itself
from members.scales import SCALES
from members.suspending import suspend
from targets import manual
from targets.manual import Typed
from targets.models import ManualIndicator, Plan, Standing, Target
from targets.registering import open_round, register
from targets.standings import publish
from tests import factories
from tests.browser.pages import must_say, press, sideways, type_in
from tests.targets import made
from training.models import Audience, Course, Officer, OfficerCount, Topic
from training.needs import state_needs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOT_PAGES = {
    "allocation-file",
    "attachment",
    "healthz",
    "set_language",
}  # nor a «…-template»: a file
# Looked at again for what is on them alone: a report that waits for its check.
ONLY = {"other_chair": ["home", "report-detail", "report-sent"]}
IN_FORCE = (
    "allocation",
    "baseline-import",
    "baseline-list",
    "plan-copy",
    "plan-detail",
    "plan-end",
    "registration",
    "target-new",
    "target-revise",
)
OF_A_PLANNED_COURSE = ("course-cancel", "course-edit", "course-hold", "course-send")
OF_AN_ENTERPRISE = ("enterprise-detail", "enterprise-edit", "enterprise-found")
OF_AN_OFFICER = ("officer-detail", "officer-edit", "officer-leave")
OF_A_REPORTING_UNIT = (
    "chair-change",
    "hand-over",
    "rating-unit",
    "typist-new",
    "unit-suspend",
)
OF_A_REPORT = ("reminder-new", "report-detail", "report-print", "report-sent")
YEAR = 2024
ROLES = ("administrator", "reviewer", "leader", "chair", "other_chair")


@pytest.fixture
def full(_transactional_reference, story, settings):
    """A story in which every page has something to show."""
    settings.DEMO = True
    tree, root = story.tree, factories.superuser()
    sent = factories.submitted(
        tree.huong_giang, story.quarter, admitted=12, workers=231, by=story.cast.chair
    )
    reason = "Danh sách đoàn phí tháng 9 giảm 6 người, đề nghị kiểm tra."
    actions.return_report(sent, by=story.cast.reviewer, reason=reason, figures=["left_job"])
    odd = factories.figures(310, workers=231) | {"note": "Kết thúc công trình."}
    actions.submit(factories.report(tree.song_lam, story.quarter), odd, by=story.cast.other_chair)
    factories.submitted(tree.office, story.quarter, opening=30, workers=30, by=root)
    periods.close_quarter(story.quarters["2023Q4"], by=root)
    suspend(tree.masons, on=date(2024, 9, 1), by=root, decision_no="21/QĐ-CĐTCT")
    story.token = make_link(
        story.cast.chair, tree.huong_giang, LinkPurpose.PASSWORD, by=story.cast.reviewer
    ).token
    garment = Enterprise(tax_code="0101234567", name="Công ty May", sector_id="FDI", workers=640)
    garment.responsible_unit = tree.truong_son
    add_enterprises([garment], by=story.cast.reviewer)
    help_asked = {"supporter": "Ban Tổ chức", "support_on": date(2024, 10, 20)}
    note_on(garment, day=date(2024, 10, 1), status="help", **help_asked, by=story.cast.reviewer)
    propose(
        Enterprise(tax_code="0101234568", name="Công ty Gốm", sector_id="NNN"),
        tree.huong_giang,
        by=story.cast.chair,
    )
    keep_scale(YEAR, SCALES[0].levels, by=root)
    strong, *_others, weak = levels_of(YEAR)
    rate_itself(tree.huong_giang, weak, by=story.cast.chair, note="Còn chậm báo cáo.")
    decide(tree.song_lam, YEAR, strong, by=story.cast.reviewer)
    typed_by_hand(story)
    asked_and_promised(story)
    needed_and_planned(story)
    in_office_and_out(story)
    asked = made.question(story.plan, story.quarter)
    publish(asked, tree.truong_son, by=story.cast.reviewer)
    made.plan(tree.building, code="nhiem-ky", title="Kế hoạch nhiệm kỳ 2023 - 2028")
    Plan.objects.filter(code="nhiem-ky").update(
        status=Plan.Status.DRAFT, ends_on=date(2028, 12, 31)
    )
    # Quarters are of the whole tree.
    story.cast.administrator.assignments.update(unit=tree.confederation)
    return story


def typed_by_hand(story):
    """A number and a ratio of each unit: some wait, one was returned, some are still owed."""
    numbers, ratio = [
        manual.define(
            ManualIndicator(code=code, name=code, kind=kind, unit=story.tree.building),
            by=story.cast.administrator,
        )
        for code, kind in (("uu-tu", "flow"), ("thoa-uoc", "ratio"))
    ]
    typed = [Typed(numbers, 3, note="Họp quý."), Typed(ratio, 3, 20)]
    sent = manual.send(story.tree.huong_giang, story.quarter, typed, by=story.cast.chair)
    manual.return_(sent[1], by=story.cast.reviewer, reason="Thiếu danh sách.")
    manual.send(story.tree.song_lam, story.quarter, typed[:1], by=story.cast.other_chair)


def asked_and_promised(story):
    """The federation asks its units to register, and one of them said a number."""
    tree = story.tree
    target = story.plan.targets.get(indicator="net-increase", unit=tree.building)
    day = {"closes_on": date(2024, 11, 20), "on": date(2024, 10, 4)}
    asking = open_round(story.plan, tree.building, **day, by=story.cast.administrator)
    said = {"by": story.cast.reviewer, "on": day["on"]}
    register(asking, target, tree.truong_son, 30, "Mở thêm hai công trình.", **said)


def needed_and_planned(story):
    """Some of the units state what training they need, and classes are planned for some of it."""
    topics = {topic.pk: topic for topic in Topic.objects.all()}
    audiences = {audience.pk: audience for audience in Audience.objects.all()}
    skills = {
        (topics["skills"], audiences["chairs"]): 4,
        (topics["theory"], audiences["chairs"]): 0,
    }
    for unit in (story.tree.huong_giang, story.tree.song_lam, story.tree.truong_son):
        state_needs(unit, YEAR, skills, by=story.cast.reviewer)
    planned = {"status": "planned", "starts_on": date(2024, 11, 4), "places": 5}
    factories.course(story.tree.building, audience_id="chairs", **planned)
    factories.course(story.tree.truong_son, **planned)
    held = factories.course(story.tree.truong_son, starts_on=date(2024, 5, 6), other_turns=12)
    for number in range(12):
        unit = story.tree.huong_giang if number % 2 else story.tree.song_lam
        learnt = factories.officer(unit, f"Lê Văn {number}", position="staff")
        factories.attended(held, learnt, completed=number > 3)


def in_office_and_out(story):
    """A chair who learnt something, one who is new, somebody who left, and two numbers."""
    tree = story.tree
    chair = factories.officer(tree.huong_giang, "Trần Thị Mai", education="degree")
    factories.officer(tree.song_lam, "Nguyễn Văn Nam", elected_on=date(2024, 5, 1))
    factories.officer(tree.huong_giang, "Vũ Cũ", position="staff", left_on=date(2024, 5, 1))
    factories.attended(factories.course(tree.truong_son), chair)
    numbers = {"others": 9, "others_trained": 4}
    OfficerCount.objects.create(unit=tree.huong_giang, quarter=story.quarter, **numbers)
    line = made.target(story.plan, tree.building, "officers-trained", 70)
    Target.objects.filter(pk=line.pk).update(topics="theory,skills")


def address(name, story, unit, arguments) -> str:
    """The page for this unit; whoever adds a page with other arguments says here what they are."""
    reporting = unit.code if unit.is_reporting else "TS-02"
    codes = {
        **dict.fromkeys((*OF_A_REPORTING_UNIT, *OF_A_REPORT), reporting),
        "late-permit": "TS-03",
        "sign-off": "TS",
        "standing": "TS",
        "unit-resume": "ND-01",
        "quarter-close": "2024Q2",
        "quarter-notice": "2024Q3",
        "quarter-reopen": "2023Q4",
        **dict.fromkeys(IN_FORCE, story.plan.code),
        "plan-edit": "nhiem-ky",
        "manual-edit": "uu-tu",
        "figure-unit": reporting,
    }
    pks = {
        "allocation": story.plan.targets.get(indicator="net-increase", unit__code="CDN").pk,
        "target-revise": story.plan.targets.first().pk,
        **dict.fromkeys(OF_AN_ENTERPRISE, Enterprise.objects.get(name="Công ty May").pk),
        **dict.fromkeys(OF_A_PLANNED_COURSE, Course.objects.planned().last().pk),
        "course-detail": Course.objects.held().first().pk,
        **dict.fromkeys(OF_AN_OFFICER, Officer.objects.get(name="Trần Thị Mai").pk),
        "officer-back": Officer.objects.get(name="Vũ Cũ").pk,
        "standing": Standing.objects.get().pk,
        "role-end": Assignment.objects.get(user=story.cast.chair).pk,
    }
    known = {
        "code": codes.get(name, unit.code),
        "quarter": "2023Q4" if name == "late-permit" else story.quarter.code,
        "token": story.token,
        "unit": unit.code,
        "year": YEAR,
        "pk": pks.get(name, story.cast.chair.pk),
    }
    return reverse(name, kwargs={argument: known[argument] for argument in arguments})


def pages() -> dict[str, list[str]]:
    """Every name of the URL conf, and the arguments it takes."""
    known: Any = get_resolver().reverse_dict
    names = {name for name in known if isinstance(name, str) and not name.endswith("-template")}
    names -= NOT_PAGES
    return {name: known[name][0][0][1] for name in sorted(names)}


def answers(person, story) -> dict[str, tuple[str, int]]:
    """Name, address and status of what this person asks for."""
    unit = person.assignments.first().unit
    client = Client()
    client.force_login(person)
    found = {name: address(name, story, unit, arguments) for name, arguments in pages().items()}
    return {name: (url, client.get(url).status_code) for name, url in found.items()}


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_a_role(full, visit, accessibility_faults, role):
    person = getattr(full.cast, role)
    page = visit("/", as_=person)
    faults = {}
    for name, (url, status) in answers(person, full).items():
        if status != 200 or name not in ONLY.get(role, [name]):
            continue
        page.goto(url)
        must_say(page, "Số liệu minh hoạ")
        faults |= {f"{name} {view}": found for view, found in views(page, accessibility_faults)}
    assert faults == {}


def views(page, accessibility_faults):
    """What is wrong with this page in each of its four looks."""
    page.evaluate("document.querySelectorAll('main details').forEach(fold => { fold.open = true })")
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        if (too_wide := sideways(page)) > 0:
            yield f"{width}", f"{too_wide} px wider than the screen"
        for dark in (False, True):
            page.emulate_media(color_scheme="dark" if dark else "light")
            if found := accessibility_faults(page, only_colours=dark):
                yield f"{width} {'dark' if dark else 'light'}", found
    page.set_viewport_size({"width": 1280, "height": 800})


def test_every_page_is_somebodys(full):
    """Asked for by every role, all but the sign-in is a page of one of them, or take a POST."""
    seen = {
        name
        for role in ROLES
        for name, (_url, status) in answers(getattr(full.cast, role), full).items()
        if status in (200, 405)
    }
    assert pages().keys() - seen == {"login"}


def test_a_form_with_errors_and_questions(full, visit, accessibility_faults):
    page = visit("/reports/TS-01/2024Q3/", as_=full.cast.chair)
    type_in(page, workers="100", members="999", left_job="một", women_members="-1")
    press(page, "Gửi lại báo cáo")
    must_say(page, "Chưa gửi được", "Hãy nhập số nguyên, ví dụ 1.234.")

    assert dict(views(page, accessibility_faults)) == {}
    described = page.get_attribute("[name=left_job]", "aria-describedby")
    assert page.get_attribute("[name=left_job]", "aria-invalid") == "true"
    assert any("error" in part for part in described.split())


def test_the_menu_of_a_telephone(full, visit, accessibility_faults):
    page = visit("/", as_=full.cast.reviewer, width=360)
    page.click(".menu-phone summary")
    assert accessibility_faults(page) == {}
    assert sideways(page) <= 0
    page.get_by_role("navigation").get_by_role("link", name="Báo cáo", exact=True).click()
    must_say(page, "Báo cáo chờ kiểm tra")


def test_a_page_that_is_not_there(full, visit, accessibility_faults, complaints):
    page = visit("/units/nowhere/", as_=full.cast.chair, width=360)
    must_say(page, "Không tìm thấy trang này, hoặc tài khoản không được phân quyền xem.")
    assert dict(views(page, accessibility_faults)) == {}
    complaints[:] = [said for said in complaints if "404 (Not Found)" not in said]
