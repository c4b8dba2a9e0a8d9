"""What a chair is told of the figures: tables without a database, in the words of the walks."""

from dataclasses import replace

import pytest

from members.checks import Figures, Situation, blocking, check, concerns, hints

QUARTER_2 = Figures(opening_members=191, workers=238, women_workers=86, members=195)
HUONG_GIANG = Situation(previous=QUARTER_2, previous_quarter="Quý II")
TYPED = Figures(
    opening_members=195, workers=231, admitted=12, transferred_in=1, left_job=5, members=203
)
FIRST = Situation(is_first=True, opening_is_typed=True)


def said(figures, situation=HUONG_GIANG):
    return {found.code: found.message for found in check(figures, situation)}


def test_figures_that_add_up_are_not_questioned():
    assert check(TYPED, HUONG_GIANG) == []
    assert concerns(TYPED, HUONG_GIANG) == []


@pytest.mark.parametrize(
    ("members", "words"),
    [(205, "Đồng chí nhập 205, nhiều hơn 2."), (198, "Đồng chí nhập 198, ít hơn 5.")],
)
def test_a_broken_identity_shows_the_arithmetic(members, words):
    assert said(replace(TYPED, members=members)) == {
        "identity": (
            "195 đầu quý + 12 kết nạp + 1 chuyển đến − 0 chuyển đi − 5 giảm = 203. "
            f"{words} Kiểm tra lại số biến động hoặc số cuối quý."
        )
    }


@pytest.mark.parametrize(
    ("changes", "sum_shown"),
    [
        (
            {"left_retired": 2, "left_other": 1, "left_reorganised": 3},
            "195 đầu quý + 12 kết nạp + 1 chuyển đến − 0 chuyển đi − 11 giảm = 197.",
        ),
        (
            {"adjustment": -4, "adjustment_reason": "Rà soát"},
            "195 đầu quý + 12 kết nạp + 1 chuyển đến − 0 chuyển đi − 5 giảm − 4 điều chỉnh = 199.",
        ),
        (
            {"event_in": 1060, "event_out": 7},
            "195 đầu quý + 12 kết nạp + 1 chuyển đến − 0 chuyển đi − 5 giảm"
            " + 1.060 tiếp nhận − 7 bàn giao = 1.256.",
        ),
    ],
)
def test_rare_changes_appear_in_the_sum_when_they_occur(changes, sum_shown):
    assert said(replace(TYPED, members=203, **changes))["identity"].startswith(sum_shown)


def test_workers_that_fell_by_a_third_want_a_sentence_and_then_no_more():
    gach = Situation(previous=Figures(workers=329, members=310), previous_quarter="Quý II")
    figures = Figures(opening_members=310, workers=231, left_job=98, members=212)

    (found,) = [found for found in check(figures, gach) if found.field == "workers"]

    assert (found.kind, found.short) == ("query", "lao động giảm 29,79%")
    assert found.message == (
        "Cần giải trình: tổng số lao động giảm 98 người (29,79%) so với Quý II. Nếu đúng, ghi một"
        " câu, ví dụ: “Kết thúc công trình, 98 lao động thời vụ thôi việc.”"
    )
    assert blocking([found], note=" ") == [found]
    assert blocking([found], note="Kết thúc công trình.") == []


@pytest.mark.parametrize(
    ("before", "now", "code"),
    [(100, 76, None), (100, 75, "workers_changed"), (100, 124, None), (4, 5, "workers_changed")],
)
def test_a_change_is_large_from_a_quarter_on(before, now, code):
    situation = replace(HUONG_GIANG, previous=Figures(workers=before, members=1))
    figures = Figures(opening_members=1, members=1, workers=now)

    assert list(said(figures, situation)) == ([code] if code else [])


def test_more_members_than_workers_is_a_query_flagged_by_how_many():
    situation = Situation(previous=Figures(workers=231, members=310), previous_quarter="Quý II")

    (found,) = check(Figures(workers=231, opening_members=310, members=310), situation)

    assert (found.kind, found.short) == ("query", "đoàn viên nhiều hơn lao động")
    assert found.flag == "Cần giải trình: đoàn viên nhiều hơn lao động 79"


@pytest.mark.parametrize(
    ("women", "of", "code"),
    [
        ({"women_workers": 120, "workers": 112}, 112, "women_workers_above_total"),
        ({"women_members": 120, "members": 112}, 112, "women_members_above_total"),
    ],
)
def test_women_are_among_the_total(women, of, code):
    figures = Figures(opening_members=of, **{"workers": of, "members": of, **women})

    assert said(figures, FIRST) == {code: "Số nữ (120) nhiều hơn tổng số (112)."}


def test_blank_is_not_zero():
    nothing = {found.code for found in check(Figures(), FIRST)}
    zero = Figures(opening_members=0, workers=0, members=0, women_members=0)

    assert nothing == {"workers_missing", "opening_missing", "members_missing"}
    assert check(zero, FIRST) == []


def test_an_occupational_union_owes_no_workers():
    figures = Figures(opening_members=40, members=40)
    occupational = replace(FIRST, is_occupational=True)

    assert said(figures, FIRST).keys() == {"workers_missing"}
    assert check(figures, occupational) == []
    assert check(replace(figures, workers=30), occupational) == []


@pytest.mark.parametrize(
    ("situation", "sentence"),
    [
        (HUONG_GIANG, "Đầu quý nhập 190, nhưng số cuối quý của báo cáo Quý II là 195."),
        (
            Situation(is_first=True, is_new_unit=True),
            "Đơn vị mới thành lập: đầu quý 0; đoàn viên đầu tiên ghi ở Kết nạp mới.",
        ),
    ],
)
def test_the_opening_is_the_closing_before_it(situation, sentence):
    figures = Figures(opening_members=190, workers=231, members=190)

    assert said(figures, situation) == {"opening_differs": sentence}


def test_an_opening_left_out_is_the_known_one():
    assert check(replace(TYPED, opening_members=None), HUONG_GIANG) == []


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ({}, ["adjustment_without_reason"]),
        ({"adjustment_reason": "Rà soát danh sách"}, []),
        ({"note": "Rà soát danh sách"}, []),
    ],
)
def test_an_adjustment_wants_its_reason(words, codes):
    figures = replace(TYPED, adjustment=3, members=206, **words)

    assert list(said(figures)) == codes


def test_admissions_without_a_decision_are_only_remarked():
    hint = "Có kết nạp mới nhưng chưa đính kèm quyết định. Vẫn gửi được, bổ sung sau."

    assert hints(TYPED, HUONG_GIANG) == [hint]
    assert hints(TYPED, replace(HUONG_GIANG, has_attachment=True)) == []
    assert hints(replace(TYPED, admitted=0), HUONG_GIANG) == []


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"is_first": True}, "báo cáo đầu tiên"),
        ({"is_on_behalf": True}, "nhập thay"),
        ({"skipped_quarter": "Quý II"}, "chưa gửi Quý II"),
        ({"waiting_quarter": "Quý II"}, "Quý II chờ kiểm tra"),
    ],
)
def test_a_reviewer_is_told_why_to_look_closely(facts, words):
    assert concerns(TYPED, replace(HUONG_GIANG, **facts)) == [words]


def test_an_adjustment_is_looked_at_even_with_its_reason():
    figures = replace(TYPED, adjustment=3, adjustment_reason="Rà soát", members=206)

    assert concerns(figures, HUONG_GIANG) == ["có điều chỉnh"]
