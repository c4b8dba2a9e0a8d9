"""The pages of registration and allocation, as each person meets them."""

import io
import re
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from members.models import Quarter
from targets import actions
from targets.allocating import Cell, Draft, save_draft
from targets.lines import Line
from targets.models import Allocation, Plan, Registration, RegistrationRound, Share
from targets.registering import open_round
from tests import factories
from tests.targets import made
from unionplan.lib.spreadsheets import xlsx_file

pytestmark = pytest.mark.usefixtures("world")

ON = date(2024, 10, 4)


@pytest.fixture(autouse=True)
def _today(today):
    """4 October 2024."""


@pytest.fixture
def plan(tree):
    return made.plan(tree.building, code="kh-2024")


@pytest.fixture
def target(plan, tree):
    return made.target(plan, tree.building, "net-increase", 100)


@pytest.fixture
def figures(tree):
    quarter = factories.open_quarter("2023Q4")
    typed = {
        tree.huong_giang: {"opening": 100, "admitted": 10, "workers": 150},
        tree.hon_da: {"opening": 50, "admitted": 5, "workers": 90},
    }
    factories.all_accepted(quarter, typed)


@pytest.fixture
def page(target):
    return f"/plans/kh-2024/allocation/{target.pk}/"


def typed(tree, hon_da, truong_son, *, action="save", version=0, **more):
    return {
        "action": action,
        "version": version,
        "shared_by": "head_room",
        f"n{tree.hon_da.pk}": hon_da,
        f"n{tree.truong_son.pk}": truong_son,
        **more,
    }


DECISION = {
    "decision_no": "12/QĐ-CĐN",
    "decision_on": "20/01/2024",
    "in_force_on": "01/01/2024",
}


def held(plan):
    targets = plan.targets.as_of(ON).exclude(unit=plan.unit).select_related("unit")
    return {target.unit.code: int(target.minimum) for target in targets}


def text(answer):
    """The words of a page, with single blanks."""
    plain = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", answer.content.decode(), flags=re.S)
    return " ".join(plain.split()).replace(" ,", ",")


def said(answer):
    return [str(message) for message in answer.context["messages"]]


# --- the sheet -----------------------------------------------------------------------------------


def test_the_sheet_in_words(page, cast, as_, figures):
    shown = text(as_(cast.federation_reviewer).get(page))
    assert "Phân bổ chỉ tiêu: thực tăng 100" in shown
    assert "Được giao 100 · Đã phân bổ 0 · Còn lại 100" in shown
    for words in (
        "Chia theo",
        "lao động chưa vào công đoàn",
        "tổng số lao động",
        "kết quả năm trước",
        "chia đều",
        "Chưa vào công đoàn",
        "Kết quả 2023 (Quý IV)",
        "Giữ nguyên",
        "Lưu nháp",
        "Giữ lại ở cấp ngành",
        "Giao chỉ tiêu",
    ):
        assert words in shown


def test_a_draft_is_saved_and_shown_again(page, tree, cast, as_):
    client = as_(cast.administrator)
    more = {f"k{tree.hon_da.pk}": "on", "keeps_rest": "on", "reason": " Dự  phòng "}
    answer = client.post(page, typed(tree, "1.040", "", **more), follow=True)
    assert said(answer) == ["Đã lưu nháp."]
    rows = {row.row.unit.code: (row.number, row.is_kept) for row in answer.context["rows"]}
    assert rows == {"HD-01": ("1.040", True), "TS": ("", False)}
    assert "Đã phân bổ 1.040 · Còn lại −940" in text(answer)
    stored = Allocation.objects.get()
    assert (stored.keeps_rest, stored.reason, stored.version) == (True, "Dự phòng", 1)


def test_the_number_is_split_around_what_is_kept(page, tree, cast, as_, figures):
    posted = typed(tree, "30", "1", action="share", **{f"k{tree.hon_da.pk}": "on"})
    answer = as_(cast.administrator).post(page, posted, follow=True)
    assert said(answer) == ["Đã chia theo lao động chưa vào công đoàn và lưu nháp."]
    assert [row.number for row in answer.context["rows"]] == ["30", "70"]
    posted = typed(tree, "130", "1", action="share", version=1, **{f"k{tree.hon_da.pk}": "on"})
    answer = as_(cast.administrator).post(page, posted)
    assert "Số “Giữ nguyên” vượt mức giao 30." in text(answer)
    assert Share.objects.get(unit=tree.hon_da).number == 30


def test_the_target_is_assigned_by_decision(page, plan, tree, cast, as_):
    posted = typed(tree, "40", "60", action="assign", **DECISION)
    answer = as_(cast.administrator).post(page, posted, follow=True)
    assert said(answer) == [
        "Đã giao chỉ tiêu cho 2 đơn vị theo Quyết định số 12/QĐ-CĐN ngày 20/01/2024."
    ]
    assert held(plan) == {"HD-01": 40, "TS": 60}
    assert "Mức giao hiện nay" in text(answer)


def test_a_blank_that_keeps_what_it_has_is_told(page, plan, tree, cast, as_):
    made.target(plan, tree.hon_da, "net-increase", 20)
    posted = typed(tree, "", "100", action="assign", **DECISION)
    answer = as_(cast.administrator).post(page, posted, follow=True)
    assert said(answer)[1] == (
        "1 đơn vị để trống vẫn giữ mức giao đang có: CĐCS Công ty CP Xi măng Hòn Đá."
    )
    assert held(plan) == {"HD-01": 20, "TS": 100}


@pytest.mark.parametrize(
    ("numbers", "more", "sentence"),
    [
        (
            ("40", "40"),
            DECISION,
            "Còn lại 20, chưa giao được. Phân bổ hết, hoặc chọn “Giữ lại ở cấp ngành” và ghi "
            "lý do.",
        ),
        (("40", "90"), DECISION, "Đã phân bổ vượt mức giao 30."),
        (("40", "60"), {**DECISION, "decision_no": " "}, "Hãy nhập số quyết định."),
        (("40", "60"), {**DECISION, "decision_on": ""}, "Hãy nhập ngày ban hành quyết định."),
        (("40", "60"), {**DECISION, "decision_on": "31/02/2024"}, "31/02/2024"),
        (("40", "60"), {**DECISION, "in_force_on": "01/01/2023"}, "01/01/2024"),
        (("40", "6x"), DECISION, "Có 1 ô chưa đọc được số."),
        (("-40", "60"), DECISION, "Số này không thể âm."),
        (("12,5", "60"), DECISION, "Số người không có phần lẻ"),
        (("9999999999999999", "60"), DECISION, "Số này quá lớn."),
    ],
)
def test_what_is_wrong_is_told_and_nothing_written(
    page, plan, tree, cast, as_, numbers, more, sentence
):
    posted = typed(tree, *numbers, action="assign", **more)
    answer = as_(cast.administrator).post(page, posted)
    assert answer.status_code == 200
    assert sentence in text(answer)
    assert [row.number for row in answer.context["rows"]] == list(numbers)
    assert held(plan) == {}
    assert not Allocation.objects.exists()


def test_two_people_see_both_numbers(page, target, tree, cast, as_):
    stored = Draft({tree.hon_da.pk: Cell(35)})
    save_draft(target, stored, by=cast.federation_reviewer, on=ON)
    client = as_(cast.administrator)
    answer = client.post(page, typed(tree, "40", "60", version=0))
    shown = text(answer)
    assert "đã lưu bảng phân bổ này lúc" in shown
    assert "đang lưu: 35" in shown
    assert [row.number for row in answer.context["rows"]] == ["40", "60"]
    again = typed(tree, "40", "60", version=answer.context["form"]["version"].value())
    assert said(client.post(page, again, follow=True)) == ["Đã lưu nháp."]
    assert Share.objects.get(unit=tree.hon_da).number == 40


def test_a_forged_unit_is_not_read(page, plan, tree, cast, as_):
    forged = {f"n{tree.weavers.pk}": "999", f"n{tree.huong_giang.pk}": "5"}
    posted = typed(tree, "40", "60", action="assign", **forged, **DECISION)
    as_(cast.administrator).post(page, posted)
    assert held(plan) == {"HD-01": 40, "TS": 60}


def test_a_ratio_leads_back_to_the_plan(plan, tree, cast, as_):
    ratio = made.target(plan, tree.building, "density", 90)
    answer = as_(cast.administrator).get(f"/plans/kh-2024/allocation/{ratio.pk}/", follow=True)
    assert answer.redirect_chain == [("/plans/kh-2024/", 302)]
    assert said(answer)[0].startswith("Chỉ phân bổ được chỉ tiêu số lượng")


def test_an_upper_union_splits_what_it_was_given(plan, tree, cast, as_):
    target = made.target(plan, tree.truong_son, "net-increase", 60)
    page = f"/plans/kh-2024/allocation/{target.pk}/"
    client = as_(cast.reviewer)
    assert client.get(page).status_code == 200
    posted = {"shared_by": "equally", "action": "share", "version": 0}
    answer = client.post(page, posted, follow=True)
    assert [row.number for row in answer.context["rows"]] == ["15"] * 4
    assert "Giữ lại ở cấp này" in text(answer)
    assert as_(cast.chair).get(page).status_code == 404
    assert as_(cast.leader).get(page).status_code == 403
    assert as_(cast.leader).post(page, posted).status_code == 403


def test_a_plan_that_has_ended_is_only_read(page, plan, tree, cast, as_):
    actions.end_plan(plan, by=cast.administrator, on=ON, reason="Đại hội sớm")
    client = as_(cast.administrator)
    assert "Lưu nháp" not in text(client.get(page))
    answer = client.post(page, typed(tree, "40", "60"))
    assert "Kế hoạch đã kết thúc" in text(answer)
    assert not Allocation.objects.exists()


def test_the_plan_leads_to_its_allocation(page, plan, tree, cast, as_):
    below = made.target(plan, tree.truong_son, "net-increase", 60)
    made.target(plan, tree.building, "density", 90)
    shown = as_(cast.federation_reviewer).get("/plans/kh-2024/").content.decode()
    assert re.findall(r"/plans/kh-2024/allocation/(\d+)/", shown) == [
        page.split("/")[-2],
        str(below.pk),
    ]
    assert "/plans/kh-2024/registration/CDN/" in shown
    shown = as_(cast.reviewer).get("/plans/kh-2024/").content.decode()
    assert re.findall(r"/plans/kh-2024/allocation/(\d+)/", shown) == [str(below.pk)]
    assert "/plans/kh-2024/registration/TS/" in shown
    for person in (cast.leader, cast.chair):
        shown = as_(person).get("/plans/kh-2024/").content.decode()
        assert "/allocation/" not in shown
        assert "/registration/" not in shown


# --- the file ------------------------------------------------------------------------------------

HEADER = ["Mã đơn vị", "Mức giao", "Giữ nguyên"]


def upload(client, page, rows, header=HEADER):
    file = SimpleUploadedFile("phan-bo.xlsx", xlsx_file(header, rows))
    return client.post(f"{page}file/", {"file": file}, follow=True)


def test_the_file_goes_round(page, target, tree, cast, as_, figures):
    stored = Draft({tree.hon_da.pk: Cell(40, is_kept=True), tree.truong_son.pk: Cell(60)})
    save_draft(target, stored, by=cast.administrator, on=ON)
    client = as_(cast.administrator)
    content = client.get(f"{page}file/").content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[0][:2] == ["Mã đơn vị", "Đơn vị"]
    assert rows[1] == ["HD-01", tree.hon_da.name, 90, 55, 35, 5, "", 40, "x", 1]
    assert rows[2] == ["TS", tree.truong_son.name, 150, 110, 40, 10, "", 60, "", 1]

    Share.objects.update(number=1, is_kept=False)
    file = SimpleUploadedFile("phan-bo.xlsx", content)
    answer = client.post(f"{page}file/", {"file": file}, follow=True)
    assert said(answer) == ["Đã đưa số trong tệp vào bản nháp."]
    assert [(row.number, row.is_kept) for row in answer.context["rows"]] == [
        ("40", True),
        ("60", False),
    ]


def test_a_file_older_than_the_draft_is_refused(page, target, tree, cast, as_, figures):
    """A colleague saved another split meanwhile: the file would blot it out."""
    client = as_(cast.administrator)
    content = client.get(f"{page}file/").content
    colleague = Draft({tree.hon_da.pk: Cell(40), tree.truong_son.pk: Cell(60)})
    save_draft(target, colleague, by=cast.root, on=ON)
    answer = client.post(f"{page}file/", {"file": SimpleUploadedFile("cu.xlsx", content)})
    assert text(answer).count("hãy tải lại tệp") == 1
    assert sorted(Share.objects.values_list("number", flat=True)) == [40, 60]


def test_a_unit_that_is_not_in_the_file_stays(page, target, tree, cast, as_):
    save_draft(target, Draft({tree.hon_da.pk: Cell(40)}), by=cast.administrator, on=ON)
    answer = upload(as_(cast.administrator), page, [["TS", 55, None]])
    assert [row.number for row in answer.context["rows"]] == ["40", "55"]


def test_every_error_of_a_file_is_told_and_nothing_written(page, tree, cast, as_):
    rows = [
        ["TS", "12,5", None],
        ["TS", 5, None],
        ["SO-01", 5, None],
        ["TS-01", 5, None],
        ["HD-01", -3, "có"],
    ]
    answer = upload(as_(cast.administrator), page, rows)
    told = [str(problem) for problem in answer.context["problems"]]
    assert told[0].startswith("dòng 2, cột Mức giao: ")
    assert told[1] == "dòng 3, cột Mã đơn vị: mã này đã có trong tệp."
    assert told[2].startswith("dòng 4, cột Mã đơn vị: không có đơn vị mã SO-01 trực thuộc")
    assert told[3].startswith("dòng 5, cột Mã đơn vị: không có đơn vị mã TS-01 trực thuộc")
    assert [one.split(":")[0] for one in told[4:]] == [
        "dòng 6, cột Mức giao",
        "dòng 6, cột Giữ nguyên",
    ]
    assert len(told) == 6
    assert not Allocation.objects.exists()


def test_a_file_that_is_none_is_told(page, cast, as_):
    client = as_(cast.administrator)
    assert "Hãy chọn tệp" in text(client.post(f"{page}file/", {}))
    answer = upload(client, page, [["TS", 5]], header=["Mã đơn vị", "Số"])
    assert len(answer.context["problems"]) >= 1
    assert not Allocation.objects.exists()


# --- registration --------------------------------------------------------------------------------


@pytest.fixture
def next_year(tree, cast):
    """A draft: out of sight below."""
    head = {"code": "kh-2025", "title": "Kế hoạch năm 2025", "unit": tree.building}
    days = {"starts_on": date(2025, 1, 1), "ends_on": date(2025, 12, 31)}
    plan = actions.create_plan(Plan(**head, **days), by=cast.administrator)
    line = Line(tree.building, "net-increase", Decimal(5800), plan.starts_on)
    actions.set_target(plan, line, by=cast.administrator)
    return plan


OURS = "/plans/kh-2025/registration/CDN/"
THEIRS = "/plans/kh-2025/registration/TS/"


@pytest.fixture
def asking(next_year, tree, cast):
    day = date(2024, 11, 20)
    return open_round(next_year, tree.building, closes_on=day, by=cast.administrator, on=ON)


def field(plan, name="number"):
    return f"{name}-{plan.targets.get(unit=plan.unit).pk}"


def test_a_round_is_opened_prolonged_and_ended(next_year, tree, cast, as_):
    client = as_(cast.federation_reviewer)
    assert "Đăng ký chỉ tiêu năm 2025" in text(client.get(OURS))
    answer = client.post(OURS, {"action": "open", "closes_on": "20/11/2024"}, follow=True)
    assert said(answer) == ["Đợt đăng ký đang mở, hạn 20/11/2024."]
    client.post(OURS, {"action": "open", "closes_on": "30/11/2024"})
    assert RegistrationRound.objects.get().closes_on == date(2024, 11, 30)
    answer = client.post(OURS, {"action": "open", "closes_on": "03/10/2024"})
    assert "Hạn đăng ký đã qua; chọn từ hôm nay trở đi." in text(answer)
    answer = client.post(OURS, {"action": "end"}, follow=True)
    assert said(answer) == ["Đã kết thúc đợt đăng ký."]
    answer = client.post(OURS, {"action": "end"}, follow=True)
    assert said(answer) == ["Đợt đăng ký đã kết thúc."]


def test_only_who_allocates_steers_a_round(asking, cast, as_):
    post = {"action": "end"}
    assert as_(cast.leader).post(OURS, post).status_code == 403
    assert as_(cast.reviewer).post(OURS, post).status_code == 404
    assert as_(cast.reviewer).post(THEIRS, post).status_code == 404  # its plan is a draft
    assert as_(cast.neighbour_reviewer).post(OURS, post).status_code == 404
    assert RegistrationRound.objects.get().ended_at is None


def test_a_draft_is_seen_by_whoever_is_asked_and_only_that(asking, next_year, tree, cast, as_):
    client = as_(cast.reviewer)
    assert client.get("/plans/kh-2025/").status_code == 404
    answer = client.get(THEIRS)
    shown = text(answer)
    assert "Đăng ký với Công đoàn ngành Xây dựng" in shown
    assert "5.800" not in shown
    assert '/plans/kh-2025/"' not in answer.content.decode()
    assert as_(cast.chair).get("/plans/kh-2025/registration/TS-01/").status_code == 404
    assert as_(cast.neighbour_reviewer).get("/plans/kh-2025/registration/SO/").status_code == 404
    asking.delete()
    assert as_(cast.reviewer).get(THEIRS).status_code == 404


def test_a_unit_registers(asking, next_year, tree, cast, as_, figures):
    client = as_(cast.reviewer)
    shown = text(client.get(THEIRS))
    assert "Hạn đăng ký 20/11/2024." in shown
    assert "40 (150 lao động, 110 đoàn viên)" in shown
    post = {
        "action": "register",
        field(next_year): "1.055",
        field(next_year, "sentence"): "Mở xưởng 2",
    }
    answer = client.post(THEIRS, post, follow=True)
    assert said(answer) == [
        "Đã đăng ký với Công đoàn ngành Xây dựng; sửa được đến hết ngày 20/11/2024."
    ]
    assert Registration.objects.get().number == 1055
    shown = text(as_(cast.federation_reviewer).get(OURS))
    assert "Thực tăng: 1/2 đơn vị đã đăng ký, tổng đăng ký 1.055" in shown
    assert "Mở xưởng 2" in shown
    missing = as_(cast.leader).get(OURS, {"who": "missing"})
    assert [row.record.unit for row in missing.context["table"].rows] == [tree.hon_da]


@pytest.mark.parametrize(
    ("number", "sentence", "told"),
    [
        ("", "Mở xưởng 2", "Đã ghi ý kiến nhưng chưa nhập số đăng ký."),
        ("năm", "", "Hãy nhập số nguyên, ví dụ 1.234."),
        ("-5", "", "Số này không thể âm."),
        ("5", "x" * 301, "300"),
    ],
)
def test_a_slip_in_a_registration_is_told(asking, next_year, cast, as_, number, sentence, told):
    post = {
        "action": "register",
        field(next_year): number,
        field(next_year, "sentence"): sentence,
    }
    assert told in text(as_(cast.reviewer).post(THEIRS, post))
    assert not Registration.objects.exists()


def test_a_line_that_joined_since_the_page_was_opened_is_not_taken_back(
    asking, next_year, tree, cast, as_
):
    client, first = as_(cast.reviewer), field(next_year)
    line = Line(tree.building, "admissions", Decimal(60), next_year.starts_on)
    joined = actions.set_target(next_year, line, by=cast.administrator).created[0]
    both = {"action": "register", first: "5", f"number-{joined.pk}": "7"}
    client.post(THEIRS, both)
    client.post(THEIRS, {"action": "register", first: "6"})
    assert set(Registration.objects.values_list("number", flat=True)) == {6, 7}
    client.post(THEIRS, both | {f"number-{joined.pk}": ""})
    assert set(Registration.objects.values_list("number", flat=True)) == {5}


def test_late_registrations_are_refused(asking, next_year, cast, as_, settings):
    settings.DEMO_TODAY = date(2024, 11, 21)
    post = {"action": "register", field(next_year): "5"}
    answer = as_(cast.reviewer).post(THEIRS, post)
    assert "Đã hết hạn đăng ký (20/11/2024). Cần đăng ký muộn, gọi" in text(answer)
    assert not Registration.objects.exists()


def test_whoever_only_reads_does_not_register(asking, next_year, tree, cast, as_):
    post = {"action": "register", field(next_year): "5"}
    assert as_(cast.leader).post(THEIRS, post).status_code == 403
    page = "/plans/kh-2025/registration/HD-01/"
    assert as_(cast.federation_reviewer).post(page, post).status_code == 403
    assert as_(cast.reviewer).post(page, post).status_code == 404
    assert not Registration.objects.exists()


def test_the_proposal_stands_between_what_is_asked_and_assigned(plan, target, tree, cast, as_):
    open_round(plan, tree.building, closes_on=ON, by=cast.administrator, on=ON)
    made.target(plan, tree.hon_da, "net-increase", 20)
    page = "/plans/kh-2024/registration/CDN/"
    rows = as_(cast.leader).get(page).context["table"].rows
    assert [(row.get_cell_value("proposed"), row.get_cell_value("assigned")) for row in rows] == [
        (None, "20"),
        (None, None),
    ]
    save_draft(target, Draft({tree.hon_da.pk: Cell(35)}), by=cast.administrator, on=ON)
    answer = as_(cast.leader).get(page)
    assert "Đề xuất của ngành" in text(answer)
    assert [row.get_cell_value("proposed") for row in answer.context["table"].rows] == ["35", None]


# --- first pages ---------------------------------------------------------------------------------


def test_an_open_round_stands_on_the_first_pages(asking, next_year, plan, tree, cast, as_):
    words = "Đăng ký chỉ tiêu năm 2025 · hạn 20/11/2024"
    assert words in text(as_(cast.reviewer).get("/"))
    assert words not in text(as_(cast.chair).get("/"))  # asked is the union above
    made.target(plan, tree.truong_son, "net-increase", 60)
    open_round(plan, tree.truong_son, closes_on=ON, by=cast.reviewer, on=ON)
    shown = text(as_(cast.chair).get("/"))
    assert "Đăng ký chỉ tiêu năm 2024 · hạn 04/10/2024 Chưa đăng ký Đăng ký" in shown
    client = as_(cast.chair)
    page = "/plans/kh-2024/registration/TS-01/"
    target = plan.targets.get(unit=tree.truong_son)
    client.post(page, {"action": "register", f"number-{target.pk}": "12"})
    assert Registration.objects.get(unit=tree.huong_giang).number == 12
    assert "Đã đăng ký" in text(client.get("/"))


# --- what it costs -------------------------------------------------------------------------------


def children(tree, count):
    units = [factories.unit(f"X-{n:04d}", parent=tree.building) for n in range(count)]
    quarter = Quarter.objects.filter(code="2023Q4").first() or factories.open_quarter("2023Q4")
    typed_figures = {unit: {"opening": 10, "admitted": 1, "workers": 20} for unit in units[:9]}
    factories.all_accepted(quarter, typed_figures)


@pytest.mark.parametrize("count", [2, 300])
def test_the_page_costs_the_same_for_300_children(
    page, tree, cast, as_, count, django_assert_num_queries
):
    children(tree, count)
    client = as_(cast.administrator)
    with django_assert_num_queries(17):
        answer = client.get(page)
    assert len(answer.context["rows"]) == count + 2


@pytest.mark.parametrize("count", [2, 30])
def test_the_registrations_cost_the_same(asking, tree, cast, as_, count, django_assert_num_queries):
    children(tree, count)
    client = as_(cast.administrator)
    with django_assert_num_queries(20):
        answer = client.get(OURS)
    assert answer.context["units"] == count + 2


@pytest.mark.parametrize("count", [2, 30])
def test_the_page_of_a_unit_costs_the_same(
    asking, tree, cast, as_, count, django_assert_num_queries
):
    children(tree, count)
    client = as_(cast.reviewer)
    with django_assert_num_queries(17):
        client.get(THEIRS)
