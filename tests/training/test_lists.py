"""Topics, audiences and positions: an administrator renames, orders, adds, and removes what is in
no use."""

import pytest
from django.urls import reverse

from members.access import Role
from members.actions import Refused
from members.models import HistoryEntry
from targets.models import Target
from tests import factories
from tests.targets import made
from training.lists import AUDIENCES, POSITIONS, TOPICS, Item, keep_list
from training.models import Audience, Position, Topic

pytestmark = pytest.mark.usefixtures("world")

PAGE = reverse("training-lists")


def items(of=TOPICS, **changed):
    """The list as it is, with rows of these codes put otherwise."""
    return [changed.get(item.code.replace("-", "_"), item) for item in of.items()]


def codes(model=Topic):
    return list(model.objects.order_by("rank").values_list("pk", flat=True))


def test_a_topic_is_renamed_and_keeps_its_code(cast, tree):
    course = factories.course(tree.truong_son, "skills")
    renamed = Item("skills", "Nghiệp vụ công đoàn", "Skills")
    assert keep_list(TOPICS, items(skills=renamed), by=cast.root)

    course.refresh_from_db()
    assert (course.topic.pk, str(course.topic)) == ("skills", "Nghiệp vụ công đoàn")
    line = HistoryEntry.objects.get(verb="changed the list of topics")
    assert line.changes == {
        "skills": ["2. Nghiệp vụ (Union skills)", "2. Nghiệp vụ công đoàn (Skills)"]
    }
    assert not keep_list(TOPICS, items(), by=cast.root)  # nothing to tell of


def test_new_rows_get_codes_of_their_names(cast):
    new = [Item("", "An toàn lao động"), Item("", "An toàn – lao động (nâng cao)"), Item("", "***")]
    keep_list(TOPICS, [*items(), *new], by=cast.root)
    assert codes()[5:] == ["an-toan-lao-dong", "an-toan-lao-dong-nang-cao", "x"]

    keep_list(TOPICS, [*items(), Item("", "*****")], by=cast.root)
    assert codes()[-1] == "x-2"


def test_the_order_is_that_of_the_rows(cast):
    keep_list(AUDIENCES, items(AUDIENCES)[::-1], by=cast.root)

    assert codes(Audience) == ["team-leaders", "committees", "chairs", "new-chairs", "full-time"]


def test_what_is_in_no_use_is_removed(cast):
    keep_list(TOPICS, items()[:-1], removed=["other"], by=cast.root)

    assert codes() == ["theory", "skills", "dialogue-wages", "membership"]


def without(of, code):
    return {"items": [item for item in of.items() if item.code != code], "removed": [code]}


def test_what_is_in_use_stays(cast, tree):
    factories.course(tree.truong_son, "skills", audience_id="chairs")
    factories.officer(tree.truong_son, position="head")
    plan = made.plan(tree.building)
    made.target(plan, tree.building, "officers-trained", 75)
    Target.objects.update(topics="theory,membership")

    used = [
        (TOPICS, "skills", "Nghiệp vụ"),
        (TOPICS, "theory", "Lý luận"),
        (TOPICS, "membership", "Phát triển đoàn viên"),
        (AUDIENCES, "chairs", "Chủ tịch, phó chủ tịch CĐCS"),
        (POSITIONS, "head", "Trưởng ban"),
        (POSITIONS, "chair", "Chủ tịch"),  # whether there is one or not
    ]
    for of, code, name in used:
        with pytest.raises(Refused, match=f"“{name}” đang dùng nên không bỏ"):
            keep_list(of, **without(of, code), by=cast.root)
    for of, code in ((TOPICS, "other"), (AUDIENCES, "full-time"), (POSITIONS, "staff")):
        assert keep_list(of, **without(of, code), by=cast.root)


def test_a_position_that_is_held_leads_as_it_did(cast, tree):
    factories.officer(tree.truong_son, position="staff")
    leads = Item("staff", "Chuyên viên", "Staff", is_leading=True)
    with pytest.raises(Refused, match="không đổi được"):
        keep_list(POSITIONS, items(POSITIONS, staff=leads), by=cast.root)
    follows = Item("chair", "Chủ tịch", "Chair")
    with pytest.raises(Refused, match="không đổi được"):
        keep_list(POSITIONS, items(POSITIONS, chair=follows), by=cast.root)

    leads = Item("team-leader", "Tổ trưởng", "Team leader", is_leading=True)
    keep_list(POSITIONS, items(POSITIONS, team_leader=leads), by=cast.root)
    assert Position.objects.get(pk="team-leader").is_leading


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "còn ít nhất một dòng"),
        ([Item("", "Ly luan")], "“Ly luan” có hai lần"),
        ([Item("", "Skills", "Nghiệp vụ")], "“Skills” có hai lần"),
        ([Item("", "Pháp luật, tiền lương")], "không có các dấu này"),
        ([Item("gone", "Đã bỏ")], "vừa được người khác sửa"),
    ],
)
def test_what_is_refused(cast, rows, words):
    with pytest.raises(Refused, match=words):
        keep_list(TOPICS, [*items(), *rows] if rows else [], by=cast.root)
    assert len(codes()) == 5


def test_a_list_that_changed_meanwhile_is_not_overwritten(cast):
    seen = items()
    keep_list(TOPICS, [*seen, Item("", "Pháp luật")], by=cast.root)

    with pytest.raises(Refused, match="vừa được người khác sửa"):
        keep_list(TOPICS, seen, by=cast.root)


# --- the page ------------------------------------------------------------------------------------


def posted(of, **typed):
    """The form as it is sent, with what is typed into some of its fields."""
    rows = of.items()
    count = len(rows) + 2
    data = {
        "list": of.key,
        f"{of.key}-TOTAL_FORMS": count,
        f"{of.key}-INITIAL_FORMS": len(rows),
    }
    for place, item in enumerate(rows):
        row = {"code": item.code, "name": item.name, "name_en": item.name_en, "position": place + 1}
        row |= {"is_leading": "on"} if item.is_leading else {}
        data |= {f"{of.key}-{place}-{name}": value for name, value in row.items()}
    return data | {f"{of.key}-{name.replace('__', '-')}": text for name, text in typed.items()}


def test_an_administrator_of_the_root_keeps_them_on_the_page(as_, cast, tree):
    keeper = factories.person("keeper", tree.confederation, Role.ADMINISTRATOR)
    client = as_(keeper)
    typed = {"0__name": " Lý  luận chính trị ", "5__name": "Pháp luật", "5__position": "1"}
    answer = client.post(PAGE, posted(TOPICS, **typed) | {"topics-4-name": ""}, follow=True)

    assert "Đã lưu danh mục: Chuyên đề." in answer.text
    assert codes() == ["theory", "phap-luat", "skills", "dialogue-wages", "membership"]
    assert Topic.objects.get(pk="theory").name == "Lý luận chính trị"


def test_the_page_says_what_is_wrong_and_keeps_what_is_typed(as_, cast, tree):
    factories.course(tree.truong_son, "skills")
    client = as_(cast.root)
    text = client.post(PAGE, posted(TOPICS, **{"1__name": "", "5__name": "Pháp luật"})).text
    assert "“Nghiệp vụ” đang dùng" in text
    assert 'value="Pháp luật"' in text

    text = client.post(PAGE, posted(POSITIONS, **{"0__position": "không"})).text
    assert "positions-0-position" in text
    assert client.post(PAGE, {"list": "nowhere"}).status_code == 200
    assert client.post(PAGE, {"list": "topics"}).status_code == 200
    assert len(codes()) == 5


def test_a_disabled_tick_is_not_taken_away(as_, cast):
    """Browsers do not send it."""
    data = posted(POSITIONS)
    del data["positions-0-is_leading"]
    as_(cast.root).post(PAGE, data)

    assert Position.objects.get(pk="chair").is_leading


@pytest.mark.parametrize("person", ["administrator", "reviewer", "chair"])
def test_they_are_of_the_whole_tree(as_, cast, person):
    assert as_(getattr(cast, person)).get(PAGE).status_code == 403
