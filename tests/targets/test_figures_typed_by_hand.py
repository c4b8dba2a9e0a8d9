"""Figures typed by hand: typed, sent, taken back, accepted, returned; their pages."""

import csv
import io
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members import periods
from members.access import Role
from members.actions import Refused
from members.entering import forbid_own_acceptance
from members.models import HistoryEntry, HistoryKind, Placement
from targets import manual
from targets.duties import own_sheets, sheet_of
from targets.manual import FigureChanged, Typed, figure_words, problems_of
from targets.models import ManualFigure, ManualIndicator
from tests import factories

pytestmark = pytest.mark.usefixtures("world")

LIST, UNIT = "/figures/", "/figures/TS-01/2024Q3/"
TODAY = date(2024, 10, 4)


@pytest.fixture(autouse=True)
def _today(today):
    """4 October 2024."""


def define(tree, cast, code, *, units=(), **facts) -> ManualIndicator:
    facts = {"kind": "flow", "counted_in": "cuộc", "unit": tree.building, "name": code} | facts
    return manual.define(ManualIndicator(code=code, **facts), units, by=cast.administrator)


@pytest.fixture
def talks(tree, cast):
    """A number every unit that reports types."""
    return define(tree, cast, "talks", name="Đối thoại")


@pytest.fixture
def share(tree, cast):
    """A ratio every unit that reports types."""
    return define(tree, cast, "share", name="Thoả ước", kind="ratio", counted_in="bản")


def stored():
    rows = ManualFigure.objects.order_by("indicator__code", "unit__code", "quarter__code")
    return [
        (f.indicator.code, f.unit.code, f.status, f.numerator, f.denominator, f.version)
        for f in rows.select_related("indicator", "unit")
    ]


def history():
    of_figures = HistoryEntry.objects.filter(kind=HistoryKind.MANUAL, quarter__isnull=False)
    return list(of_figures.order_by("pk"))


def seen(*figures):
    return {figure.pk: figure.version for figure in figures}


# --- the rules -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "part", "whole", "sending", "expected"),
    [
        ("flow", 0, None, True, []),
        ("flow", None, None, False, []),
        ("flow", None, None, True, [("numerator", "Chưa nhập số liệu nên chưa gửi được.")]),
        ("stock", -1, None, False, [("numerator", "Số này không thể âm.")]),
        ("ratio", 3, 20, True, []),
        ("ratio", 0, 0, True, []),
        ("ratio", 20, 20, True, []),
        ("ratio", 3, None, False, []),
        ("ratio", 3, None, True, [("denominator", "Tỷ lệ phải có cả mẫu số.")]),
        ("ratio", None, 3, True, [("numerator", "Chưa nhập số liệu nên chưa gửi được.")]),
        ("ratio", 21, 20, False, []),
        ("ratio", 21, 20, True, [("numerator", "Tử số (21) lớn hơn mẫu số (20).")]),
        ("ratio", 1, -2, False, [("denominator", "Số này không thể âm.")]),
    ],
)
def test_what_may_be_sent(kind, part, whole, sending, expected):
    typed = Typed(ManualIndicator(kind=kind), part, whole)

    assert [tuple(problem) for problem in problems_of(typed, sending=sending)] == expected


@pytest.mark.parametrize(
    ("kind", "part", "whole", "words"),
    [
        ("flow", None, None, "–"),
        ("flow", 0, None, "0 cuộc"),
        ("stock", 1234, None, "1.234 cuộc"),
        ("ratio", 3, 20, "3/20 (15,00%)"),
        ("ratio", 0, 0, "0/0 (–)"),
        ("ratio", 3, None, "3/– (–)"),
    ],
)
def test_a_figure_in_words(kind, part, whole, words):
    indicator = ManualIndicator(kind=kind, counted_in="cuộc")
    figure = ManualFigure(indicator=indicator, numerator=part, denominator=whole)

    assert figure_words(figure) == words


def test_a_figure_goes_its_way(tree, cast, quarter, talks):
    unit = tree.huong_giang
    manual.save(unit, quarter, [Typed(talks, 2)], by=cast.chair)
    assert stored() == [("talks", "TS-01", "draft", 2, None, 1)]
    (sent,) = manual.send(unit, quarter, [Typed(talks, 3, note=" Ghi. ")], by=cast.chair)
    assert (sent.status, sent.note, sent.submitted_by) == ("submitted", "Ghi.", cast.chair)
    manual.withdraw(sent, by=cast.chair, version=2)
    (sent,) = manual.send(unit, quarter, [Typed(talks, 4, version=3)], by=cast.chair)
    back = manual.return_(sent, by=cast.reviewer, reason=" Thiếu biên bản. ", version=4)
    assert (back.status, back.return_reason) == ("returned", "Thiếu biên bản.")
    manual.save(unit, quarter, [Typed(talks, 5)], by=cast.chair)
    assert stored() == [("talks", "TS-01", "returned", 5, None, 6)]
    (sent,) = manual.send(unit, quarter, [Typed(talks, 5)], by=cast.chair)
    assert manual.accept(seen(sent), by=cast.reviewer, on=TODAY) == [sent]
    assert stored() == [("talks", "TS-01", "accepted", 5, None, 8)]
    done = ManualFigure.objects.get()
    assert (done.checked_by, done.return_reason) == (cast.reviewer, "")

    with pytest.raises(Refused, match="số liệu đã được duyệt"):
        manual.save(unit, quarter, [Typed(talks, 6)], by=cast.chair)
    with pytest.raises(Refused, match="không còn chờ kiểm tra"):
        manual.withdraw(done, by=cast.chair)
    manual.return_(done, by=cast.reviewer, reason="Nhầm.")
    assert [line.verb for line in history()] == [
        "saved the figure",
        "sent the figure",
        "withdrew the figure",
        "sent the figure",
        "returned the figure",
        "saved the figure",
        "sent the figure",
        "accepted the figure",
        "opened the figure again",
    ]
    assert {(line.unit, line.quarter, line.subject) for line in history()} == {
        (unit, quarter, "Đối thoại")
    }
    assert history()[0].changes == {
        "status": [None, "draft"],
        "numerator": [None, 2],
        "note": [None, ""],
    }
    assert history()[1].changes == {
        "status": ["draft", "submitted"],
        "numerator": [2, 3],
        "note": ["", "Ghi."],
    }
    assert history()[-1].reason == "Nhầm."


def test_all_figures_are_sent_or_none(tree, cast, quarter, talks, share):
    typed = [Typed(talks, 3), Typed(share, 4, 3)]

    with pytest.raises(Refused, match=r"Thoả ước: Tử số \(4\) lớn hơn mẫu số \(3\)"):
        manual.send(tree.huong_giang, quarter, typed, by=cast.chair)
    assert (stored(), history()) == ([], [])


def test_what_a_unit_does_not_type_is_refused(tree, cast, quarter, talks):
    upper = define(tree, cast, "upper", typed_by="upper")
    yearly = define(tree, cast, "yearly", name="Mỗi năm", is_yearly=True)
    theirs = define(tree, cast, "theirs", unit=tree.textiles)

    for unit, indicator, words in [
        (tree.truong_son, talks, "không nhập chỉ tiêu “Đối thoại” trong Quý III/2024"),
        (tree.huong_giang, upper, "không nhập chỉ tiêu “upper”"),
        (tree.huong_giang, theirs, "không nhập chỉ tiêu “theirs”"),
        (tree.huong_giang, yearly, "chỉ tiêu này nhập mỗi năm một lần, ở Quý IV"),
    ]:
        with pytest.raises(Refused, match=words):
            manual.save(unit, quarter, [Typed(indicator, 1)], by=cast.root)
    assert stored() == []


def test_nothing_is_typed_in_a_quarter_that_is_not_open(tree, cast, quarter, talks):
    waiting, draft = (tree.huong_giang, tree.song_lam)
    (sent,) = manual.send(waiting, quarter, [Typed(talks, 3)], by=cast.chair)
    manual.save(draft, quarter, [Typed(talks, 3)], by=cast.other_chair)
    periods.close_quarter(quarter, by=cast.root)

    for verb in (
        lambda: manual.save(draft, quarter, [Typed(talks, 4)], by=cast.other_chair),
        lambda: manual.send(draft, quarter, [Typed(talks, 4)], by=cast.other_chair),
        lambda: manual.withdraw(sent, by=cast.chair),
        lambda: manual.return_(sent, by=cast.reviewer, reason="Sai."),
    ):
        with pytest.raises(Refused, match="Quý III/2024 đã khoá ngày 04/10/2024"):
            verb()
    with pytest.raises(Refused, match="Kỳ báo cáo Quý I/2025 chưa mở"):
        manual.save(draft, manual.quarter_named("2025Q1"), [Typed(talks, 4)], by=cast.root)
    assert {status for _code, _unit, status, *_rest in stored()} == {"submitted", "draft"}

    manual.accept(seen(sent), by=cast.reviewer, on=TODAY)
    assert ManualFigure.objects.get(unit=waiting).status == "accepted"


def test_two_people_at_once(tree, cast, quarter, talks, share):
    unit = tree.huong_giang
    manual.save(unit, quarter, [Typed(talks, 2, version=0)], by=cast.chair)

    with pytest.raises(FigureChanged) as conflict:
        manual.save(unit, quarter, [Typed(share, 1), Typed(talks, 9, version=0)], by=cast.root)
    assert conflict.value.figure.numerator == 2
    assert stored() == [("talks", "TS-01", "draft", 2, None, 1)]
    (sent,) = manual.send(unit, quarter, [Typed(talks, 2, version=1)], by=cast.chair)
    manual.withdraw(sent, by=cast.chair)
    manual.send(unit, quarter, [Typed(talks, 7)], by=cast.chair)
    assert manual.accept(seen(sent), by=cast.reviewer, on=TODAY) == []
    for verb in (
        lambda: manual.return_(sent, by=cast.reviewer, reason="Sai.", version=sent.version),
        lambda: manual.withdraw(sent, by=cast.chair, version=sent.version),
    ):
        with pytest.raises(FigureChanged):
            verb()


def test_a_first_figure_saved_by_two_at_once(tree, cast, quarter, talks, monkeypatch):
    """Both found none; the second is told of the first."""
    unit = tree.huong_giang
    take = manual._take

    def first_somebody_else(figure, typed, place, **facts):
        monkeypatch.undo()
        manual.save(unit, quarter, [Typed(talks, 2)], by=cast.chair)
        take(figure, typed, place, **facts)

    monkeypatch.setattr(manual, "_take", first_somebody_else)
    with pytest.raises(FigureChanged) as conflict:
        manual.save(unit, quarter, [Typed(talks, 9, version=0)], by=cast.root)
    assert conflict.value.figure.numerator == 2


def test_who_types_sends_and_checks(tree, cast):
    def rights(user, unit):
        return tuple(manual.rights_of(user, unit, TODAY))

    typist = factories.person("ha", tree.huong_giang, Role.TYPIST)
    assert rights(cast.chair, tree.huong_giang) == (True, True, False)
    assert rights(typist, tree.huong_giang) == (True, False, False)
    assert rights(cast.other_chair, tree.huong_giang) == (False, False, False)
    assert rights(cast.reviewer, tree.huong_giang) == (True, True, True)
    assert rights(cast.federation_reviewer, tree.huong_giang) == (True, True, False)
    assert rights(cast.reviewer, tree.truong_son) == (True, True, False)
    assert rights(cast.federation_reviewer, tree.truong_son) == (True, True, True)
    assert rights(cast.administrator, tree.huong_giang) == (True, True, False)
    assert rights(cast.leader, tree.huong_giang) == (False, False, False)
    assert rights(cast.neighbour_reviewer, tree.huong_giang) == (False, False, False)


def test_nobody_accepts_what_others_decide_or_the_federation_forbids(tree, cast, quarter, talks):
    (sent,) = manual.send(tree.huong_giang, quarter, [Typed(talks, 3)], by=cast.reviewer)

    for user in (cast.federation_reviewer, cast.neighbour_reviewer, cast.chair):
        assert manual.accept(seen(sent), by=user, on=TODAY) == []
    forbid_own_acceptance(tree.building, is_forbidden=True, by=cast.administrator)
    assert manual.accept(seen(sent), by=cast.reviewer, on=TODAY) == []
    forbid_own_acceptance(tree.building, is_forbidden=False, by=cast.administrator)
    assert manual.accept(seen(sent), by=cast.reviewer, on=TODAY) == [sent]


def test_a_figure_of_the_top_is_accepted_on_sending(tree, cast, quarter):
    top = tree.confederation
    talks = define(tree, cast, "top", unit=top, typed_by="named", units=[top])

    (sent,) = manual.send(top, quarter, [Typed(talks, 3)], by=cast.root)
    assert (sent.status, sent.checked_by) == ("accepted", cast.root)
    manual.withdraw(sent, by=cast.root)
    assert ManualFigure.objects.get().status == "draft"


def test_a_return_says_why_and_is_of_what_was_sent(tree, cast, quarter, talks):
    (draft,) = manual.save(tree.huong_giang, quarter, [Typed(talks, 3)], by=cast.chair)

    with pytest.raises(Refused, match="lý do"):
        manual.return_(draft, by=cast.reviewer, reason=" ")
    with pytest.raises(Refused, match="Chỉ trả lại được số liệu đã gửi"):
        manual.return_(draft, by=cast.reviewer, reason="Sai.")


def test_a_figure_counts_where_its_unit_hung_at_the_cut_off(tree, cast, quarter, talks):
    own = define(tree, cast, "own", typed_by="upper")
    moved = tree.huong_giang
    Placement.objects.filter(unit=moved).update(valid_to=date(2024, 10, 2))
    Placement.objects.create(
        unit=moved, parent=tree.building, sector_id="NN", name="x", valid_from=date(2024, 10, 2)
    )

    (below,) = manual.save(moved, quarter, [Typed(talks, 3)], by=cast.chair)
    assert (below.superior, below.sector_id, below.path) == (
        tree.truong_son,
        "NNN",
        tree.truong_son.path,
    )
    (itself,) = manual.save(tree.truong_son, quarter, [Typed(own, 3)], by=cast.reviewer)
    assert (itself.superior, itself.sector, itself.path) == (
        tree.truong_son,
        None,
        tree.truong_son.path,
    )


# --- the page of a unit --------------------------------------------------------------------------


def post(talks, share=None, *, action="draft", **typed):
    """What the page sends: «i5-numerator» and its like, versions 0 unless said."""
    data = {"action": action, f"i{talks.pk}-version": "0", f"i{talks.pk}-numerator": ""}
    if share:
        data |= {f"i{share.pk}-version": "0", f"i{share.pk}-numerator": ""}
    names = {"talks": talks, "share": share}
    for name, value in typed.items():
        of, _under, field = name.partition("_")
        data[f"i{names[of].pk}-{field}"] = value
    return data


def test_the_chair_types_sends_and_withdraws(as_, tree, cast, quarter, talks, share):
    before = factories.open_quarter("2024Q4")
    page = as_(cast.chair).get(UNIT).text
    for words in ("Số liệu nhập tay Quý III/2024", "Số liệu (cuộc)", "Tử số (bản)", "Mẫu số (bản)"):
        assert words in page
    for words in ("Lưu nháp", "Gửi", "Hạn gửi 05/10/2024", "Số liệu tính đến ngày 30/9/2024"):
        assert words in page
    assert "Thu hồi" not in page

    data = post(talks, share, talks_numerator="1.234", talks_note="Họp quý.")
    answer = as_(cast.chair).post(UNIT, data, follow=True)
    assert "Đã lưu 1 số liệu." in answer.text
    assert stored() == [("talks", "TS-01", "draft", 1234, None, 1)]
    assert 'value="1.234"' in answer.text

    typed = {"talks_numerator": "1234", "talks_version": "1", "talks_note": "Họp quý."}
    sent = post(talks, share, action="submit", **typed)
    answer = as_(cast.chair).post(UNIT, sent, follow=True)
    assert "Đã gửi 1 số liệu." in answer.text
    assert "Thu hồi để sửa" in answer.text
    assert stored() == [("talks", "TS-01", "submitted", 1234, None, 2)]
    figure = ManualFigure.objects.get()
    again = as_(cast.chair).post(UNIT, sent)
    assert "Chưa nhập số liệu nào mới." in again.text

    answer = as_(cast.chair).post(UNIT, {"withdraw": f"{figure.pk}:1"}, follow=True)
    assert "vừa được người khác sửa" in answer.text
    answer = as_(cast.chair).post(UNIT, {"withdraw": f"{figure.pk}:2"}, follow=True)
    assert "Đã thu hồi “Đối thoại”; sửa xong thì gửi lại." in answer.text
    assert stored()[0][2] == "draft"

    manual.send(tree.huong_giang, quarter, [Typed(talks, 7)], by=cast.chair)
    later = as_(cast.chair).get(UNIT.replace("Q3", before.code[-2:])).text
    assert "Quý III/2024: 7 cuộc" in later


def test_the_reviewer_accepts_and_returns(as_, tree, cast, quarter, talks, share):
    typed = [Typed(talks, 3), Typed(share, 3, 20)]
    first, second = manual.send(tree.huong_giang, quarter, typed, by=cast.chair)
    page = as_(cast.reviewer).get(UNIT).text
    for words in ("3/20 (15,00%)", "Duyệt số liệu đã chọn", "Trả lại"):
        assert words in page
    assert "Thu hồi" not in page
    assert "Duyệt" not in as_(cast.chair).get(UNIT).text

    answer = as_(cast.reviewer).post(UNIT, {"return": f"{first.pk}:1", f"f{first.pk}-reason": ""})
    assert "Hãy ghi lý do" in answer.text
    words = {"return": f"{first.pk}:1", f"f{first.pk}-reason": "Thiếu biên bản."}
    answer = as_(cast.reviewer).post(UNIT, words, follow=True)
    assert "Đã trả lại “Đối thoại”." in answer.text
    assert "Thiếu biên bản." in as_(cast.chair).get(UNIT).text
    answer = as_(cast.reviewer).post(
        UNIT, {"accept": "1", "figures": f"{second.pk}:1"}, follow=True
    )
    assert "Đã duyệt 1 số liệu." in answer.text
    assert [status for _c, _u, status, *_rest in stored()] == ["accepted", "returned"]
    answer = as_(cast.reviewer).post(UNIT, {"accept": "1"}, follow=True)
    assert "Chưa chọn số liệu nào." in answer.text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"talks_numerator": "12,5"}, "Chỉ nhập số nguyên (đã nhập 12,5)."),
        ({"talks_numerator": "-3"}, "Số này không thể âm."),
        ({"talks_numerator": "mười"}, "Hãy nhập số nguyên, ví dụ 1.234."),
        ({"talks_numerator": "9" * 16}, "quá lớn"),
        ({"talks_numerator": "3", "talks_note": "x" * 1001}, "1000"),
        ({"talks_numerator": "3", "talks_version": "x"}, "số nguyên"),
        ({"talks_numerator": "3", "talks_version": "-1"}, "0"),
        ({"share_numerator": "4", "share_denominator": "3"}, "Tử số (4) lớn hơn mẫu số (3)."),
        ({"share_numerator": "4"}, "Tỷ lệ phải có cả mẫu số."),
        ({"share_denominator": "4"}, "Chưa nhập số liệu nên chưa gửi được."),
        ({"talks_note": "Chỉ có ghi chú."}, "Chưa nhập số liệu nên chưa gửi được."),
        ({}, "Chưa nhập số liệu nào mới."),
    ],
)
def test_bad_figures_are_told_and_nothing_is_written(
    as_, cast, quarter, talks, share, typed, words
):
    good = {} if not typed or "talks_numerator" in typed else {"talks_numerator": "5"}
    if "talks_note" in typed and "talks_numerator" not in typed:
        good = {"share_numerator": "1", "share_denominator": "2"}
    data = post(talks, share, action="submit", **good | typed)

    answer = as_(cast.chair).post(UNIT, data)
    assert answer.status_code == 200
    assert words in answer.text
    assert "Chưa lưu được:" in answer.text
    assert (stored(), history()) == ([], [])


def test_a_sum_of_money_may_be_large(as_, cast, quarter, talks):
    as_(cast.chair).post(UNIT, post(talks, talks_numerator="12.345.678.900"))

    assert stored() == [("talks", "TS-01", "draft", 12345678900, None, 1)]


def test_what_somebody_else_changed_stands_beside(as_, tree, cast, quarter, talks, share):
    manual.save(tree.huong_giang, quarter, [Typed(talks, 2), Typed(share, 1, 2)], by=cast.root)

    left_blank = post(talks, share, talks_numerator="9")
    answer = as_(cast.chair).post(UNIT, left_blank)
    assert "đã sửa “Đối thoại” lúc" in answer.text
    assert "Số đang lưu: 2 cuộc" in answer.text
    assert 'value="9"' in answer.text
    assert {number for _c, _u, _s, number, *_rest in stored()} == {1, 2}

    again = left_blank | {f"i{talks.pk}-version": "1"}
    as_(cast.chair).post(UNIT, again)
    assert stored() == [
        ("share", "TS-01", "draft", 1, 2, 1),
        ("talks", "TS-01", "draft", 9, None, 2),
    ]
    manual.send(tree.huong_giang, quarter, [Typed(talks, 9)], by=cast.root)
    answer = as_(cast.chair).post(UNIT, again | {f"i{talks.pk}-numerator": "10"})
    assert "đã sửa “Đối thoại”" in answer.text
    assert stored()[1][2:4] == ("submitted", 9)


def test_what_one_may_not_is_403_and_what_is_not_there_404(as_, tree, cast, quarter, talks):
    (sent,) = manual.send(tree.huong_giang, quarter, [Typed(talks, 3)], by=cast.chair)
    (other,) = manual.send(tree.song_lam, quarter, [Typed(talks, 3)], by=cast.other_chair)
    typist = factories.person("ha", tree.huong_giang, Role.TYPIST)

    def asked(user, data, url=UNIT):
        return as_(user).post(url, data).status_code

    tick = f"{sent.pk}:{sent.version}"
    assert asked(cast.leader, {"action": "draft"}) == 403
    assert asked(typist, post(talks, action="submit", talks_numerator="3")) == 403
    assert asked(typist, {"withdraw": tick}) == 403
    assert asked(cast.chair, {"accept": "1", "figures": tick}) == 403
    assert asked(cast.federation_reviewer, {"accept": "1", "figures": tick}) == 403
    assert asked(cast.chair, {"return": tick}) == 403
    assert asked(cast.neighbour_chair, {"withdraw": tick}) == 404
    theirs = f"{other.pk}:{other.version}"
    assert asked(cast.chair, {"withdraw": theirs}) == 404
    assert asked(cast.reviewer, {"accept": "1", "figures": theirs}) == 404
    assert asked(cast.reviewer, {"return": "x"}) == 404
    assert asked(cast.chair, {"withdraw": "9" * 18 + ":1"}) == 404
    for code in ("2024Q5", "2024", "0000Q1", "9999Q4", "2024q3"):
        assert as_(cast.chair).get(f"/figures/TS-01/{code}/").status_code == 404
    assert stored()[0][2] == "submitted"


def test_a_quarter_that_is_not_open_has_a_page_that_says_so(as_, cast, quarter, talks):
    later = "/figures/TS-01/2025Q1/"
    for answer in (as_(cast.chair).get(later), as_(cast.chair).post(later, post(talks))):
        assert answer.text.count("Kỳ báo cáo Quý I/2025 chưa mở.") == 1
        assert "Lưu nháp" not in answer.text
    periods.close_quarter(quarter, by=cast.root)
    answer = as_(cast.chair).post(UNIT, post(talks, talks_numerator="3"))
    assert "Quý III/2024 đã khoá ngày 04/10/2024" in answer.text
    assert stored() == []


def test_a_unit_without_anything_to_type(as_, cast, quarter):
    assert "Đơn vị không có chỉ tiêu nhập tay trong Quý III/2024." in as_(cast.chair).get(UNIT).text
    assert "đơn vị không có chỉ tiêu nào phải nhập tay" in as_(cast.chair).get(LIST).text
    assert "nhập tay" not in as_(cast.chair).get("/").text


# --- the list ------------------------------------------------------------------------------------


def test_the_chair_sees_what_is_owed_and_the_way_there(as_, tree, cast, quarter, talks, share):
    for url in (LIST, "/"):
        assert f'href="{UNIT}"' in as_(cast.chair).get(url).text
    words = "Số liệu nhập tay Quý III/2024: còn 2 chỉ tiêu chưa gửi</a>"
    assert words in as_(cast.chair).get("/").text
    assert "Duyệt" not in as_(cast.chair).get(LIST).text
    (sent,) = manual.send(tree.huong_giang, quarter, [Typed(talks, 3)], by=cast.chair)
    assert "còn 1 chỉ tiêu chưa gửi</a>" in as_(cast.chair).get("/").text
    manual.return_(sent, by=cast.reviewer, reason="Sai.")
    assert "còn 2 chỉ tiêu chưa gửi (1 bị trả lại, chờ sửa)" in as_(cast.chair).get("/").text
    manual.send(tree.huong_giang, quarter, [Typed(talks, 3), Typed(share, 1, 2)], by=cast.chair)
    assert "Số liệu nhập tay Quý III/2024: đã gửi đủ" in as_(cast.chair).get("/").text


def test_the_reviewers_home_tells_what_waits(as_, tree, cast, quarter, talks):
    assert "nhập tay chờ kiểm tra" not in as_(cast.reviewer).get("/").text
    define(tree, cast, "upper", typed_by="upper")
    for unit in (tree.huong_giang, tree.song_lam):
        manual.send(unit, quarter, [Typed(talks, 3)], by=cast.root)

    page = as_(cast.reviewer).get("/").text
    assert f'<a href="{LIST}">2 số liệu nhập tay chờ kiểm tra</a>' in page
    assert "Số liệu nhập tay Quý III/2024: còn 1 chỉ tiêu chưa gửi" in page
    assert f'href="{LIST}"' in as_(cast.reviewer).get("/reports/").text


@pytest.fixture
def branch(tree, cast, quarter, talks, share):
    """One figure in each state; the Office and the masons have typed nothing of «talks»."""
    sent = manual.send(tree.huong_giang, quarter, [Typed(talks, 3, note="Họp.")], by=cast.chair)
    manual.save(tree.song_lam, quarter, [Typed(talks, 4), Typed(share, 1, 4)], by=cast.root)
    (back,) = manual.send(tree.office, quarter, [Typed(share, 2, 4)], by=cast.root)
    manual.return_(back, by=cast.reviewer, reason="Sai.")
    (done,) = manual.send(tree.hon_da, quarter, [Typed(talks, 6)], by=cast.root)
    manual.accept(seen(done), by=cast.federation_reviewer, on=TODAY)
    return sent


def rows(client, **asked):
    text = client.get(LIST, {"export": "csv", **asked}).text
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_list_counts_filters_and_is_downloaded(as_, tree, cast, branch):
    def units(**asked):
        return {row["Mã"] for row in rows(as_(cast.federation_reviewer), **asked)}

    page = as_(cast.federation_reviewer).get(LIST)
    # of the five units and two indicators, five are begun
    assert [box.number for box in page.context["boxes"]] == [1, 1, 1, 2, 5]
    assert page.context["table"].rows[0].record.unit == tree.huong_giang
    assert units() == {"TS-01"}
    assert units(status="returned") == {"TS-03"}
    assert units(status="accepted") == {"HD-01"}
    assert units(status="draft") == {"TS-02"}
    assert units(status="due") == {"TS-01", "TS-03", "ND-01", "HD-01"}
    assert units(status="due", indicator="talks") == {"TS-03", "ND-01"}
    assert units(status="due", q="nghiep doan") == {"ND-01"}
    assert units(q="song lam") == set()
    assert units(quarter="2024Q2", status="nonsense", indicator="nowhere") == {"TS-01"}
    assert {row["Mã"] for row in rows(as_(cast.reviewer), status="due")} == {
        "TS-01",
        "TS-03",
        "ND-01",
    }
    assert rows(as_(cast.neighbour_reviewer), status="draft") == []

    (row,) = rows(as_(cast.leader))
    assert (row["Số liệu (hoặc tử số)"], row["Đơn vị tính"], row["Ghi chú"]) == (
        "3",
        "cuộc",
        "Họp.",
    )
    missing = {row["Mã"]: row["Chưa nhập"] for row in rows(as_(cast.leader), status="due")}
    assert missing == {
        "TS-01": "Thoả ước",
        "TS-03": "Đối thoại",
        "ND-01": "Thoả ước; Đối thoại",
        "HD-01": "Thoả ước",
    }
    xlsx = as_(cast.leader).get(LIST, {"export": "xlsx"})
    assert "so-lieu-nhap-tay-2024Q3-submitted.xlsx" in xlsx.headers["Content-Disposition"]


def test_figures_are_accepted_in_one_stroke(as_, tree, cast, quarter, talks, branch):
    (sent,) = branch
    (other,) = manual.send(tree.masons, quarter, [Typed(talks, 1)], by=cast.root)
    assert f'value="{sent.pk}:1"' in as_(cast.reviewer).get(LIST).text
    assert f'value="{sent.pk}:1"' not in as_(cast.federation_reviewer).get(LIST).text

    ticked = {"figures": [f"{sent.pk}:1", f"{other.pk}:7", "x", "0:0", "9" * 18 + ":1"]}
    answer = as_(cast.reviewer).post(LIST, ticked, follow=True)
    assert "Đã duyệt 1 số liệu." in answer.text
    assert "3 số liệu để nguyên" in answer.text
    assert ManualFigure.objects.get(pk=sent.pk).status == "accepted"
    assert ManualFigure.objects.get(pk=other.pk).status == "submitted"

    as_(cast.federation_reviewer).post(LIST, {"figures": [f"{other.pk}:1"]})
    assert ManualFigure.objects.get(pk=other.pk).status == "submitted"
    assert "Chưa chọn số liệu nào." in as_(cast.reviewer).post(LIST, follow=True).text
    for user in (cast.chair, cast.leader):
        assert as_(user).post(LIST, ticked).status_code == 403


def test_before_the_first_quarter(as_, cast, talks):
    assert "Chưa có kỳ báo cáo nào được mở." in as_(cast.reviewer).get(LIST).text
    assert as_(cast.chair).get(LIST).status_code == 200


def test_the_pages_and_the_stroke_cost_the_same_for_many_units(
    as_, tree, cast, quarter, talks, share
):
    def send(*, number):
        some = [factories._unit(f"R{number}-{n}", parent=tree.truong_son) for n in range(number)]
        for unit in factories._found(some):
            manual.send(unit, quarter, [Typed(talks, 1)], by=cast.root)
        figures = ManualFigure.objects.filter(unit__code__startswith=f"R{number}-")
        return seen(*figures)

    def cost(ask):
        with CaptureQueriesContext(connection) as queries:
            ask()
        return len(queries)

    def page(**asked):
        assert as_(cast.reviewer).get(LIST, asked).status_code == 200

    def stroke(ticked):
        assert len(manual.accept(ticked, by=cast.reviewer, on=TODAY)) == len(ticked)

    def all_costs(ticked):
        page()
        lists = [cost(page), cost(lambda: page(status="due"))]
        files = [cost(lambda: page(export="xlsx")), cost(lambda: page(status="due", export="csv"))]
        return [*lists, *files, cost(lambda: stroke(ticked))]

    assert cast.reviewer.roles  # read once a request
    few = all_costs(send(number=2))
    assert all_costs(send(number=30)) == few == [19, 18, 13, 12, 8]


@pytest.mark.parametrize("more", [0, 30])
def test_the_page_of_a_unit_costs_the_same(
    as_, tree, cast, quarter, talks, share, more, django_assert_num_queries
):
    factories._found([factories._unit(f"M-{n}", parent=tree.truong_son) for n in range(more)])
    as_(cast.chair).get(UNIT)

    with django_assert_num_queries(11):
        as_(cast.chair).get(UNIT)


def test_sheets_hold_what_was_typed_by_a_unit_that_no_longer_owes_it(tree, cast, quarter, talks):
    manual.send(tree.huong_giang, quarter, [Typed(talks, 3)], by=cast.chair)
    tree.huong_giang.ended_on = date(2024, 9, 15)
    tree.huong_giang.save(update_fields=["ended_on"])

    (duty,) = sheet_of(tree.huong_giang, quarter).duties
    assert (duty.status, duty.is_owed, duty.is_editable) == ("submitted", False, False)
    assert own_sheets(cast.leader) == []
