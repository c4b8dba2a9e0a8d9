"""A reviewer types what a unit sent on paper (walk 2, step 9)."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from members import actions
from members.access import Role
from members.entering import forbid_own_acceptance
from members.models import HistoryEntry, QuarterlyReport, Status
from members.roles import give_role
from tests import factories
from unionplan.lib import clock

pytestmark = pytest.mark.django_db

TYPED = {"opening_members": "195", "workers": "231", "admitted": "8", "members": "203"}
BANNER = "Nhập thay CĐCS Công ty CP Xây dựng Hương Giang theo bản giấy nhận ngày 05/10/2024"


@pytest.fixture(autouse=True)
def _afternoon():
    with clock.standing_at(datetime(2024, 10, 6, 14, 5, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))):
        yield


@pytest.fixture(scope="module")
def place(world):
    """The unit that sends paper, and Quý III/2024, the first quarter."""
    world.quarter = factories.open_quarter("2024Q3")
    return world


@pytest.fixture
def cast(place, db):
    return place.cast


@pytest.fixture
def url(place):
    return reverse("report-detail", args=["TS-01", "2024Q3"])


@pytest.fixture
def report(place):
    return lambda: factories.report(place.tree.huong_giang, place.quarter)


def enter(client, url, action="submit", **changes):
    paper = SimpleUploadedFile("bản giấy.jpg", b"\xff\xd8\xff\xe0 photo")
    typed = {"action": action, "on_behalf": "1", "received_on": "05/10/2024", "attachment": paper}
    return client.post(url, {**typed, **TYPED, **changes})


def test_a_paper_form_is_entered_and_accepted_by_the_same_person(as_, cast, url, report):
    client = as_(cast.reviewer)
    assert f'href="{url}?on_behalf=1"' in client.get(url).text
    form = client.get(f"{url}?on_behalf=1").text
    for words in ("Nhập thay CĐCS", "Ảnh hoặc bản giấy", "Nhận ngày", "Gửi báo cáo"):
        assert words in form

    sent = enter(client, url)

    assert sent.headers["location"] == url
    entered = report()
    assert (entered.status, entered.received_on) == (Status.SUBMITTED, date(2024, 10, 5))
    assert (entered.first_sent_on, entered.submitted_by) == (date(2024, 10, 5), cast.reviewer)
    verb = "entered and sent the report on behalf of the unit"
    assert HistoryEntry.objects.filter(verb=verb, by=cast.reviewer).count() == 1
    page = client.get(url).text
    assert BANNER in page
    assert "Báo cáo do chính đồng chí nhập thay; nhật ký sẽ ghi rõ." in page
    assert BANNER in client.get(reverse("report-print", args=["TS-01", "2024Q3"])).text

    client.post(url, {"action": "accept"})
    assert report().status == Status.ACCEPTED


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"attachment": ""}, "attachment", "Hãy đính kèm ảnh hoặc bản giấy đơn vị đã gửi."),
        ({"received_on": ""}, "received_on", "Hãy ghi ngày nhận bản giấy."),
        ({"received_on": "07/10/2024"}, "received_on", "Ngày này chưa đến."),
        ({"received_on": "30/06/2024"}, "received_on", "Ngày này trước kỳ báo cáo."),
        ({"received_on": "31/9/2024"}, "received_on", "Ngày 31/9/2024 không có trong lịch."),
    ],
)
def test_the_paper_and_its_day_are_asked_for(as_, cast, url, report, wrong, field, sentence):
    answer = enter(as_(cast.reviewer), url, **wrong)

    assert answer.context["form"].errors == {field: [sentence]}
    assert answer.context["form"]["members"].value() == "203"
    assert report().status == Status.DUE


def test_a_draft_keeps_the_paper_and_wants_nothing_yet(as_, cast, url, report):
    client = as_(cast.reviewer)
    saved = enter(client, url, "draft", members="")
    assert saved.headers["location"] == f"{url}?on_behalf=1"
    assert BANNER in client.get(f"{url}?on_behalf=1").text

    enter(client, url, attachment="")  # the paper is with the report already
    assert (report().status, report().attachments.count()) == (Status.SUBMITTED, 1)


def test_what_the_chair_types_is_no_paper_any_more(as_, cast, url, report):
    enter(as_(cast.reviewer), url, "draft")
    as_(cast.chair).post(url, {"action": "submit", **TYPED})

    assert (report().status, report().received_on) == (Status.SUBMITTED, None)


def test_an_entry_is_taken_back_by_whoever_may_enter_and_by_the_unit(as_, cast, url, report):
    enter(as_(cast.reviewer), url)
    assert "Thu hồi để sửa" in as_(cast.reviewer).get(url).text
    as_(cast.reviewer).post(url, {"action": "withdraw", "on_behalf": "1"})
    assert report().status == Status.DRAFT

    as_(cast.chair).post(url, {"action": "submit", **TYPED})
    refused = as_(cast.reviewer).post(url, {"action": "withdraw", "on_behalf": "1"})
    assert (refused.status_code, report().status) == (403, Status.SUBMITTED)


@pytest.mark.parametrize(
    ("who", "status"),
    [("chair", 403), ("leader", 403), ("other_chair", 404), ("neighbour_reviewer", 404)],
)
def test_nobody_else_enters_on_behalf(as_, cast, url, report, who, status):
    client = as_(getattr(cast, who))

    assert client.get(f"{url}?on_behalf=1").status_code == status
    assert enter(client, url).status_code == status
    assert report().version == 0


def test_a_federation_forbids_to_accept_ones_own_entry(as_, cast, url, report, place):
    federation = place.tree.building
    switch = reverse("unit-own-acceptance", args=[federation.code])
    as_(cast.administrator).post(switch, {"forbids": "1"})
    assert "Không cho phép tự duyệt" not in as_(cast.administrator).get("/units/CDN/").text
    enter(as_(cast.reviewer), url)

    page = as_(cast.reviewer).get(url).text
    assert (
        "Báo cáo do chính đồng chí nhập thay; Công đoàn ngành Xây dựng không cho phép người nhập"
        " thay tự duyệt. Đề nghị đồng chí khác duyệt báo cáo này."
    ) in page
    assert 'value="accept"' not in page
    as_(cast.reviewer).post(url, {"action": "accept"})
    assert report().status == Status.SUBMITTED

    colleague = factories.person("thu", place.tree.truong_son, "reviewer")
    as_(colleague).post(url, {"action": "accept"})
    assert report().status == Status.ACCEPTED

    forbid_own_acceptance(federation, is_forbidden=False, by=cast.root)
    verbs = ["forbade accepting reports one entered oneself"]
    verbs += ["allowed accepting reports one entered oneself"]
    lines = HistoryEntry.objects.filter(unit=federation, verb__in=verbs).order_by("pk")
    assert [line.verb for line in lines] == verbs


def test_a_second_role_at_the_unit_is_no_way_around_it(cast, report, place):
    forbid_own_acceptance(place.tree.building, is_forbidden=True, by=cast.root)
    unit = place.tree.huong_giang
    give_role(
        cast.reviewer,
        unit=unit,
        role=Role.TYPIST,
        valid_from=date(2024, 10, 1),
        by=cast.root,
        may_send=True,
    )
    sent = actions.submit(report(), factories.figures(195), by=cast.reviewer)

    with pytest.raises(actions.Refused, match="duyệt"):
        actions.accept([sent], by=cast.reviewer)


def test_a_bulk_leaves_ones_own_entries_out(as_, cast, place, report):
    """Even that of a reviewer who is the unit's chair too, and even in a forged list."""
    forbid_own_acceptance(place.tree.building, is_forbidden=True, by=cast.root)
    factories.submitted(place.tree.song_lam, place.quarter, opening=50, by=cast.other_chair)
    paper = {**factories.figures(195), "received_on": date(2024, 10, 5)}
    actions.submit(report(), paper, by=cast.reviewer)
    waiting = QuarterlyReport.objects.waiting().order_by("pk")
    seen = " ".join(f"{one.pk}:{one.version}" for one in waiting)

    page = as_(cast.reviewer).get(reverse("report-list"))
    careful = {item.report.unit.code: item.concerns for item in page.context["queue"].careful}
    assert "nhập thay" in careful["TS-01"]
    as_(cast.reviewer).post(reverse("report-accept"), {"quarter": "2024Q3", "seen": seen})
    assert report().status == Status.SUBMITTED
    assert factories.report(place.tree.song_lam, place.quarter).status == Status.ACCEPTED


def test_a_session_that_ends_brings_back_to_the_paper(client, url, cast):
    gone = enter(client, url)
    assert gone.headers["location"].endswith("%3Fon_behalf%3D1&expired=1")

    login = {"username": "hoa", "password": "secret", "next": f"{url}?on_behalf=1"}
    back = client.post(gone.headers["location"], login, follow=True)
    form = back.context["form"]
    assert (form["received_on"].value(), form["members"].value()) == ("05/10/2024", "203")
