"""Yearly ratings: the scale of a year, what units give themselves, what is decided, the list."""

import csv
import io
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members import ratings
from members.access import Role
from members.actions import Refused
from members.models import HistoryEntry, HistoryKind, Rating, RatingLevel, Unit
from members.ratings import Counts, State
from members.scales import SCALES, Level
from tests import factories

pytestmark = pytest.mark.usefixtures("world")

BY_DUTIES = next(scale.levels for scale in SCALES if scale.code == "2019")
OLD = next(scale.levels for scale in SCALES if scale.code == "2014")
LIST, SCALE, UNIT = "/ratings/2024/", "/ratings/2024/scale/", "/ratings/2024/TS-01/"
TODAY = date(2024, 12, 20)


@pytest.fixture
def levels(cast, settings):
    """The scale of 2024, by code."""
    settings.DEMO_TODAY = TODAY
    ratings.keep_scale(2024, BY_DUTIES, by=cast.root)
    return {level.code: level for level in ratings.levels_of(2024)}


def history():
    return list(HistoryEntry.objects.filter(kind=HistoryKind.RATING).order_by("pk"))


# --- the scale -----------------------------------------------------------------------------------


def test_a_scale_is_free_until_it_is_used_and_then_keeps_its_levels(cast, tree, levels):
    ratings.keep_scale(2024, OLD, by=cast.root)
    assert [level.code for level in ratings.levels_of(2024)] == [
        "strong",
        "fair",
        "average",
        "weak",
    ]
    strong = ratings.levels_of(2024)[0]
    ratings.rate_itself(tree.huong_giang, strong, by=cast.chair)

    with pytest.raises(Refused, match="đang được dùng"):
        ratings.keep_scale(2024, OLD[:3], by=cast.root)
    with pytest.raises(Refused, match="đang được dùng"):
        ratings.keep_scale(2024, OLD[::-1], by=cast.root)

    wider = (OLD[0], Level("fair", "Khá, tốt", "Fair", is_good=True), *OLD[2:])
    ratings.keep_scale(2024, wider, by=cast.root)
    assert ratings.scale_of(2024) == list(wider)
    assert Rating.objects.get().self_level == strong
    assert history()[-1].changes == {"fair": ["2. Khá (Fair)", "2. Khá, tốt (Fair) ✓"]}
    lines = len(history())
    ratings.keep_scale(2024, wider, by=cast.root)  # nothing new
    assert len(history()) == lines


@pytest.mark.parametrize(
    ("some", "words"),
    [
        (OLD[:1], "ít nhất hai mức"),
        ((OLD[0], OLD[0]), "hai lần"),
        ((OLD[0], Level("other", "vững mạnh", "", is_good=False)), "hai lần"),
        (OLD[1:], "tính là đạt"),
    ],
)
def test_a_scale_that_makes_no_sense_is_refused(cast, some, words):
    with pytest.raises(Refused, match=words):
        ratings.keep_scale(2024, some, by=cast.root)
    assert not RatingLevel.objects.exists()


def test_the_administrator_starts_a_scale_from_a_proposal_or_last_year(as_, cast, tree, today):
    keeper = factories.person("keeper", tree.confederation, Role.ADMINISTRATOR)
    ratings.keep_scale(2023, OLD, by=cast.root)

    page = as_(keeper).get(SCALE)
    assert "Lấy thang của năm 2023" in page.text
    assert "Thang năm 2014 (Hướng dẫn 1931/HD-TLĐ)" in page.text
    assert 'value="Vững mạnh"' in as_(keeper).get(f"{SCALE}?from=2023").text
    proposal = as_(keeper).get(f"{SCALE}?from=s2019")
    assert "Hoàn thành xuất sắc nhiệm vụ" in proposal.text

    typed = typed_into(proposal.context["rows"])
    typed |= {"form-0-position": "9", "form-3-name": "", "form-4-name": "Xuất sắc tuyệt đối"}
    answer = as_(keeper).post(SCALE, typed | {"form-4-position": "1"})
    assert answer.headers["location"] == LIST
    assert [(at.code, at.is_good) for at in ratings.levels_of(2024)] == [
        ("xuat-sac-tuyet-doi", False),
        ("good", True),
        ("done", False),
        ("excellent", True),
    ]


def test_the_page_of_a_scale_in_use_changes_names_and_what_counts_alone(as_, cast, tree, levels):
    ratings.rate_itself(tree.huong_giang, levels["excellent"], by=cast.chair)
    page = as_(cast.root).get(f"{SCALE}?from=s2014")
    assert "chỉ sửa được tên mức và “tính là đạt”" in page.text
    assert len(page.context["rows"].forms) == len(levels)

    typed = typed_into(page.context["rows"]) | {"form-2-is_good": "on", "form-2-code": "other"}
    as_(cast.root).post(SCALE, typed | {"form-0-name": "Xuất sắc", "form-0-position": "9"})
    assert [(at.code, at.name, at.is_good) for at in ratings.scale_of(2024)] == [
        ("excellent", "Xuất sắc", True),
        ("good", "Hoàn thành tốt nhiệm vụ", True),
        ("done", "Hoàn thành nhiệm vụ", True),
        ("not-done", "Không hoàn thành nhiệm vụ", False),
    ]
    typed = typed_into(page.context["rows"]) | {"form-3-name": ""}
    assert "đang được dùng" in as_(cast.root).post(SCALE, typed).text


def typed_into(rows):
    """What a browser sends of a formset as it stands."""
    typed = {}
    for form in (rows.management_form, *rows):
        for field in form:
            if (value := field.value()) not in (None, False):
                typed[field.html_name] = value
    return typed


def test_a_scale_without_a_level_that_counts_says_so_on_the_page(as_, cast, today):
    rows = as_(cast.root).get(f"{SCALE}?from=s2014").context["rows"]
    typed = typed_into(rows)
    del typed["form-0-is_good"]
    assert "Đánh dấu ít nhất một mức tính là đạt." in as_(cast.root).post(SCALE, typed).text
    assert not RatingLevel.objects.exists()


# --- the verbs -----------------------------------------------------------------------------------


def test_a_unit_rates_itself_until_its_superior_decides(cast, tree, levels):
    rating = ratings.rate_itself(
        tree.huong_giang, levels["excellent"], by=cast.chair, note=" Vượt chỉ tiêu. "
    )
    assert (rating.self_note, ratings.state_of(rating)) == ("Vượt chỉ tiêu.", State.WAITING)
    ratings.rate_itself(tree.huong_giang, levels["good"], by=cast.chair)

    rating = ratings.decide(tree.huong_giang, 2024, levels["good"], by=cast.reviewer)
    assert ratings.state_of(rating) == State.REACHED
    with pytest.raises(Refused, match="đã được xếp loại"):
        ratings.rate_itself(tree.huong_giang, levels["excellent"], by=cast.chair)
    assert [(line.verb, line.changes) for line in history()[1:]] == [
        ("rated the unit itself", {"self_level": [None, "Hoàn thành xuất sắc nhiệm vụ"]}),
        (
            "rated the unit itself",
            {"self_level": ["Hoàn thành xuất sắc nhiệm vụ", "Hoàn thành tốt nhiệm vụ"]},
        ),
        ("decided the rating", {"level": [None, "Hoàn thành tốt nhiệm vụ"]}),
    ]


def test_a_decision_that_differs_and_a_second_one_need_a_reason(cast, tree, levels):
    def decide(level, reason=""):
        return ratings.decide(tree.huong_giang, 2024, level, by=cast.reviewer, reason=reason)

    ratings.rate_itself(tree.huong_giang, levels["excellent"], by=cast.chair)
    with pytest.raises(Refused, match="Mức xếp khác mức đơn vị tự xếp"):
        decide(levels["done"])
    with pytest.raises(Refused, match="chưa đủ điều kiện"):
        decide(None)
    assert decide(levels["done"], "Chậm báo cáo.").reason == "Chậm báo cáo."
    with pytest.raises(Refused, match="ghi lý do xếp lại"):
        decide(levels["excellent"])
    unfit = decide(None, "Mới sáp nhập.")
    assert (ratings.state_of(unfit), unfit.level) == (State.UNFIT, None)
    assert history()[-1].verb == "decided the rating again"
    assert decide(levels["good"], "Đã đủ.").is_eligible


def test_a_federation_and_a_unit_of_another_time_are_not_rated(cast, tree, levels):
    young = factories.unit("TS-09", parent=tree.truong_son, founded_on=date(2025, 1, 5))
    for unit in (tree.building, young):
        with pytest.raises(Refused):
            ratings.decide(unit, 2024, levels["good"], by=cast.root)
    assert not Rating.objects.exists()


@pytest.mark.parametrize(
    ("founded_on", "is_doubted"),
    [(None, False), (date(2023, 10, 1), False), (date(2024, 3, 5), True)],
)
def test_a_unit_younger_than_a_year_is_doubted(db, tree, founded_on, is_doubted):
    tree.huong_giang.founded_on = founded_on
    assert bool(ratings.doubt_of(tree.huong_giang, 2024)) == is_doubted
    tree.huong_giang.founded_on = None


def test_who_rates_and_who_decides(cast, tree, today):
    def rights(user, unit):
        found = ratings.rights_of(user, unit, today)
        return found.may_rate_itself, found.may_decide

    assert rights(cast.chair, tree.huong_giang) == (True, False)
    assert rights(cast.other_chair, tree.huong_giang) == (False, False)
    assert rights(cast.reviewer, tree.huong_giang) == (False, True)
    assert rights(cast.federation_reviewer, tree.huong_giang) == (False, False)
    assert rights(cast.reviewer, tree.truong_son) == (True, False)
    assert rights(cast.federation_reviewer, tree.truong_son) == (False, True)
    assert rights(cast.leader, tree.truong_son) == (False, False)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (
            Counts(units=248, unfit=8, decided=228, good=212),
            "Đạt 212/240 đơn vị đủ điều kiện (88,33%) · chưa xếp loại 12 · chưa đủ điều kiện 8",
        ),
        (
            Counts(units=0, unfit=0, decided=0, good=0),
            "Đạt 0/0 đơn vị đủ điều kiện (–) · chưa xếp loại 0 · chưa đủ điều kiện 0",
        ),
    ],
)
def test_the_counts_in_a_sentence(counts, words):
    assert counts.words == words


# --- the pages -----------------------------------------------------------------------------------


def test_the_chair_rates_the_unit_and_the_reviewer_decides(as_, cast, tree, levels):
    assert "Chưa xếp loại</a>" in as_(cast.chair).get(tree.huong_giang.get_absolute_url()).text
    page = as_(cast.chair).get(UNIT)
    assert "Gửi mức tự xếp loại" in page.text
    assert "Xếp loại đơn vị" not in page.text

    chosen = {"action": "self", "self-level": "excellent", "self-note": "Vượt chỉ tiêu."}
    assert as_(cast.chair).post(UNIT, chosen).headers["location"] == UNIT
    assert as_(cast.chair).post(UNIT, {"action": "decide"}).status_code == 403

    page = as_(cast.reviewer).get(UNIT)
    assert "Vượt chỉ tiêu." in page.text
    assert page.context["decision"]["level"].value() == "excellent"
    decision = {"action": "decide", "decision-level": "good"}
    assert (
        "Mức xếp khác mức đơn vị tự xếp: ghi lý do." in as_(cast.reviewer).post(UNIT, decision).text
    )
    as_(cast.reviewer).post(UNIT, decision | {"decision-reason": "Có 1 quý gửi muộn."})
    rating = Rating.objects.select_related("level").get()
    assert (rating.level.code, rating.decided_by) == ("good", cast.reviewer)
    assert "Hoàn thành tốt nhiệm vụ</a>" in (
        as_(cast.chair).get(tree.huong_giang.get_absolute_url()).text
    )
    unfit = {"action": "decide", "decision-level": "not-eligible", "decision-reason": "Mới tách."}
    as_(cast.reviewer).post(UNIT, unfit)
    assert ratings.state_of(Rating.objects.get()) == State.UNFIT


def test_a_year_without_a_scale_offers_no_form(as_, cast, tree, today):
    page = as_(cast.chair).get(UNIT)
    assert "Năm 2024 chưa có thang xếp loại" in page.text
    answer = as_(cast.chair).post(UNIT, {"action": "self", "self-level": "excellent"})
    assert answer.status_code == 200
    assert not Rating.objects.exists()
    assert as_(cast.root).get("/ratings/1850/").status_code == 404


@pytest.fixture
def rated(cast, tree, levels):
    """Hương Giang and Sông Lam rated themselves, the Office is decided, the masons are unfit."""
    ratings.rate_itself(tree.huong_giang, levels["excellent"], by=cast.chair)
    ratings.rate_itself(tree.song_lam, levels["done"], by=cast.other_chair)
    ratings.decide(tree.office, 2024, levels["good"], by=cast.reviewer)
    ratings.decide(tree.masons, 2024, None, by=cast.reviewer, reason="Mới thành lập.")
    return levels


def test_the_list_counts_filters_and_is_downloaded(as_, cast, tree, rated):
    page = as_(cast.federation_reviewer).get(LIST)
    assert (
        "Đạt 1/4 đơn vị đủ điều kiện (25,00%) · chưa xếp loại 3 · chưa đủ điều kiện 1" in page.text
    )
    assert "Công đoàn cấp trên trực tiếp cơ sở: Đạt 0/1" in page.text

    def names(**asked):
        rows = as_(cast.federation_reviewer).get(LIST, {"export": "csv", **asked}).text
        return {row["Mã"] for row in csv.DictReader(io.StringIO(rows.removeprefix("\ufeff")))}

    assert names() == {"TS", "TS-01", "TS-02", "TS-03", "HD-01", "ND-01"}
    assert names(state="waiting") == {"TS-01", "TS-02"}
    assert names(state="unrated") == {"TS", "TS-01", "TS-02", "HD-01"}
    assert names(state="reached") == {"TS-03"}
    assert names(state="missed") == set()
    assert names(state="unfit", parent="TS") == {"ND-01"}
    assert names(sector="NN") == {"TS-02"}
    assert names(state="nonsense") == set()


def test_self_ratings_are_accepted_in_one_stroke(as_, cast, tree, rated):
    def tick(unit, level):
        return f"{unit.pk}:{rated[level].pk}"

    page = as_(cast.reviewer).get(LIST)
    assert f'value="{tick(tree.huong_giang, "excellent")}"' in page.text
    assert f'value="{tree.office.pk}:' not in page.text
    assert tick(tree.huong_giang, "excellent") not in as_(cast.federation_reviewer).get(LIST).text

    seen = [tick(tree.huong_giang, "excellent"), tick(tree.song_lam, "good"), "x", "9:9"]
    answer = as_(cast.reviewer).post(LIST, {"ratings": seen}, follow=True)
    assert "Đã công nhận mức tự xếp loại của 1 đơn vị." in answer.text
    assert "2 đơn vị để nguyên" in answer.text
    decided = Rating.objects.filter(decided_by=cast.reviewer, level=rated["excellent"])
    assert [rating.unit for rating in decided] == [tree.huong_giang]
    assert history()[-1].changes == {"level": [None, "Hoàn thành xuất sắc nhiệm vụ"]}

    as_(cast.federation_reviewer).post(LIST, {"ratings": [tick(tree.song_lam, "done")]})
    assert Rating.objects.get(unit=tree.song_lam).level is None


def test_the_list_and_its_stroke_cost_the_same_for_many_units(as_, cast, tree, levels):
    def rate(*, number):
        some = [factories._unit(f"R{number}-{n}", parent=tree.truong_son) for n in range(number)]
        units = factories._found(some)
        Rating.objects.bulk_create(
            Rating(unit=unit, year=2024, self_level=levels["good"]) for unit in units
        )
        return {unit.pk: levels["good"].pk for unit in units}

    def cost(ask):
        with CaptureQueriesContext(connection) as queries:
            ask()
        return len(queries)

    def page():
        assert as_(cast.reviewer).get(LIST).status_code == 200

    def stroke(ticked):
        done = ratings.accept_self_ratings(
            Unit.objects.all(), 2024, ticked, by=cast.reviewer, on=TODAY
        )
        assert done == len(ticked)

    few = rate(number=1)
    page()
    assert cast.reviewer.roles  # read once a request
    page_of_few, stroke_of_few = cost(page), cost(lambda: stroke(few))
    many = rate(number=60)
    assert cost(page) == page_of_few == 18
    assert cost(lambda: stroke(many)) == stroke_of_few == 7
