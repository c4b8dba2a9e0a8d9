"""Reporting periods on their page: opened, closed, opened again, and their calendar."""

from datetime import date

import pytest
from django.urls import reverse

from members.access import Role
from members.models import Calendar, CalendarKind, HistoryEntry, Quarter
from members.periods import close_quarter
from members.quarters import next_dates
from members.suspending import suspend
from tests import factories


@pytest.fixture
def keeper(tree):
    """Quarters are of the whole tree: the administrator at its root keeps them."""
    return factories.person("keeper", tree.confederation, Role.ADMINISTRATOR, full_name="Bảo")


def dates_form(**typed):
    return {
        "year": "2024",
        "number": "3",
        "starts_on": "01/07/2024",
        "cut_off_on": "30/09/2024",
        "due_on": "05/10/2024",
        "upper_due_on": "10/10/2024",
        "federation_due_on": "15/10/2024",
        "action": "open",
        **typed,
    }


def calendar_form(**typed):
    days = {"due_days": "5", "upper_due_days": "10", "federation_due_days": "15"}
    own = {"own_1": "31/3", "own_2": "30/6", "own_3": "30/9", "own_4": "31/12"}
    return {"kind": CalendarKind.CALENDAR_YEAR, **days, **own, **typed}


def errors_of(response):
    return {name: list(errors) for name, errors in response.context["form"].errors.items()}


def test_the_first_quarter_proposed_is_the_last_that_has_ended(db):
    proposed = next_dates(date(2024, 10, 4))

    assert (proposed.year, proposed.number) == (2024, 3)
    assert (proposed.starts_on, proposed.cut_off_on) == (date(2024, 7, 1), date(2024, 9, 30))


def test_the_next_quarter_starts_where_the_last_one_stopped_in_any_calendar(quarter):
    Calendar.objects.create(kind=CalendarKind.UNION_YEAR)
    proposed = next_dates(date(2024, 10, 4))

    assert (proposed.year, proposed.number) == (2024, 4)
    assert (proposed.starts_on, proposed.cut_off_on) == (date(2024, 10, 1), date(2024, 11, 30))


def test_the_page_says_who_will_have_to_report_and_who_has_no_account(as_, cast, keeper, today):
    """Six reporting units; Hương Giang, Sông Lam and the weavers have a chair."""
    response = as_(keeper).get(reverse("quarter-open"))

    assert response.context["form"].initial["cut_off_on"] == date(2024, 9, 30)
    assert "6 đơn vị phải báo cáo; 3 đơn vị chưa có tài khoản." in response.text


def test_a_quarter_is_opened_with_the_dates_typed(as_, cast, keeper, today):
    response = as_(keeper).post(
        reverse("quarter-open"), dates_form(due_on="07/10/2024"), follow=True
    )

    opened = Quarter.objects.get()
    assert (opened.code, opened.due_on, opened.is_open) == ("2024Q3", date(2024, 10, 7), True)
    assert opened.reports.count() == 6
    assert "Đã mở. Nội dung thông báo để gửi Zalo:" in response.text
    assert (
        "Kính gửi các đơn vị: Tổng Liên đoàn mở kỳ báo cáo số liệu Quý III/2024. Số liệu tính đến"
        " ngày 30/9/2024, hạn gửi của CĐCS: 07/10/2024. Đề nghị gửi tại http://testserver/"
    ) in response.text
    assert "Sao chép" in response.text


def test_a_suspended_unit_is_counted_apart(as_, tree, cast, keeper, today):
    suspend(tree.hon_da, on=date(2024, 8, 1), by=keeper)
    suspend(tree.office, on=date(2024, 10, 1), by=keeper)

    page = as_(keeper).get(reverse("quarter-open")).text
    assert "Mở kỳ báo cáo Quý III/2024" in page
    assert (
        "5 đơn vị phải báo cáo; 1 đơn vị tạm ngừng, không phải báo cáo; 2 đơn vị chưa có tài khoản."
    ) in page


def test_counting_again_opens_nothing(as_, keeper, today):
    as_(keeper).post(reverse("quarter-open"), dates_form(action="preview"))

    assert not Quarter.objects.exists()


def test_a_due_day_before_the_cut_off_is_allowed_and_said(as_, keeper, today):
    said = "Hạn gửi trước ngày chốt: đơn vị gửi số ước đến ngày chốt."
    client = as_(keeper)
    assert said not in client.get(reverse("quarter-open")).text

    early = dates_form(due_on="25/09/2024")
    page = client.post(reverse("quarter-open"), early | {"action": "preview"}).text
    client.post(reverse("quarter-open"), early)
    assert said in page
    assert Quarter.objects.get().is_estimate


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            {"cut_off_on": "30/06/2024"},
            {"cut_off_on": ["Ngày chốt số liệu phải sau ngày đầu kỳ."]},
        ),
        (
            {"upper_due_on": "04/10/2024"},
            {"upper_due_on": ["Hạn của cấp trên không thể trước hạn của cấp dưới."]},
        ),
        ({"due_on": "31/02/2024"}, {"due_on": ["Ngày 31/02/2024 không có trong lịch."]}),
    ],
)
def test_dates_that_cannot_be_are_said_in_words(as_, keeper, today, typed, said):
    response = as_(keeper).post(reverse("quarter-open"), dates_form(**typed))

    assert errors_of(response) == said
    assert not Quarter.objects.exists()


def test_a_quarter_already_open_is_not_opened_twice(as_, keeper, quarter, today):
    response = as_(keeper).post(reverse("quarter-open"), dates_form())

    assert list(errors_of(response)) == ["__all__"]
    assert Quarter.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            {"number": "2", "starts_on": "01/04/2024", "cut_off_on": "30/06/2024"},
            "Các kỳ báo cáo mở theo thứ tự thời gian: đã có Quý III/2024.",
        ),
        (
            {"number": "4", "starts_on": "15/09/2024", "cut_off_on": "31/12/2024"},
            "Kỳ này trùng với Quý III/2024, kỳ chốt số liệu ngày 30/9/2024.",
        ),
    ],
)
def test_a_quarter_before_the_last_one_or_across_it_is_refused(
    as_, keeper, quarter, today, typed, said
):
    due = dict.fromkeys(("due_on", "upper_due_on", "federation_due_on"), "15/01/2025")
    response = as_(keeper).post(reverse("quarter-open"), dates_form(**due, **typed))

    assert errors_of(response) == {"__all__": [said]}
    assert said in response.text
    assert Quarter.objects.count() == 1


def test_the_labels_are_those_of_the_office(as_, keeper, today):
    client = as_(keeper)
    opening = [field.label for field in client.get(reverse("quarter-open")).context["form"]]
    assert opening[3:] == ["Chốt số liệu ngày", "Hạn CĐCS", "Hạn công đoàn cấp trên", "Hạn ngành"]

    page = client.get(reverse("calendar-edit"))
    kinds = page.context["form"].fields["kind"].choices
    assert [label for _kind, label in kinds] == [
        "Theo năm dương lịch (31/3, 30/6, 30/9, 31/12)",
        "Theo năm công tác (28/02, 31/5, 31/8, 30/11)",
        "Tự đặt",
    ]
    assert [str(quarter.cut_off_on) for quarter in page.context["proposed"]] == [
        "2024-03-31",
        "2024-06-30",
        "2024-09-30",
        "2024-12-31",
    ]


def test_closing_asks_with_the_number_of_those_who_have_not_sent(as_, tree, keeper):
    earlier = factories.open_quarter("2024Q2")
    close_quarter(earlier, by=keeper)
    quarter = factories.open_quarter("2024Q3")
    factories.accepted(tree.huong_giang, quarter, opening=195)
    client, page = as_(keeper), reverse("quarter-close", args=["2024Q3"])

    question = "Còn 5 đơn vị chưa gửi; số liệu tạm lấy Quý II. Khoá?"
    assert question in client.get(page).text
    assert Quarter.objects.get(code="2024Q3").is_open

    answer = client.post(page, follow=True)
    assert "Đã khoá Quý III/2024." in answer.text
    assert not Quarter.objects.get(code="2024Q3").is_open


def test_a_quarter_is_not_closed_while_a_report_waits(as_, tree, keeper, quarter):
    factories.submitted(tree.huong_giang, quarter, opening=195)
    client, page = as_(keeper), reverse("quarter-close", args=["2024Q3"])

    said = "Còn 1 báo cáo chờ kiểm tra. Duyệt hoặc trả lại trước khi khoá."
    assert said in client.get(page).text
    assert said in client.post(page).text
    assert Quarter.objects.get().is_open


def test_a_closed_quarter_is_opened_again_with_a_reason(as_, keeper, quarter):
    close_quarter(quarter, by=keeper)
    client, page = as_(keeper), reverse("quarter-reopen", args=["2024Q3"])

    assert "reason" in errors_of(client.post(page, {"reason": "  "}))
    client.post(page, {"reason": "Đính chính của CĐCS Hòn Đá"})

    assert Quarter.objects.get().is_open
    page = client.get(reverse("quarter-list")).text
    assert "Đính chính của CĐCS Hòn Đá" in page


def test_the_list_counts_reports_by_what_became_of_them(as_, tree, keeper, quarter):
    factories.accepted(tree.huong_giang, quarter, opening=195)
    factories.submitted(tree.song_lam, quarter, opening=100)
    factories.submitted(tree.weavers, quarter, opening=50)

    (line,) = as_(keeper).get(reverse("quarter-list")).context["lines"]
    assert (line.reports, line.accepted, line.submitted, line.outstanding) == (6, 1, 2, 3)


@pytest.mark.parametrize("codes", [["2024Q1"], ["2024Q1", "2024Q2", "2024Q3"]])
def test_the_list_costs_the_same_however_many_quarters_there_are(
    as_, keeper, django_assert_num_queries, codes
):
    for code in codes:
        factories.open_quarter(code)
    client = as_(keeper)

    with django_assert_num_queries(7):  # session, user, roles; counts, history, quarters, calendar
        client.get(reverse("quarter-list"))


def test_the_calendar_of_the_union_year_proposes_other_dates(as_, keeper):
    as_(keeper).post(
        reverse("calendar-edit"), calendar_form(kind=CalendarKind.UNION_YEAR, due_days="-3")
    )

    proposed = Calendar.current().dates(2024, 1)
    assert (proposed.starts_on, proposed.cut_off_on, proposed.due_on) == (
        date(2023, 12, 1),
        date(2024, 2, 29),
        date(2024, 2, 26),
    )
    line = HistoryEntry.objects.get()
    assert (line.verb, line.by) == ("changed the calendar", keeper)
    assert line.changes == {
        "kind": ["calendar_year", "union_year"],
        "due_days": [5, -3],
    }


def test_own_dates_are_typed_as_days_of_the_year(as_, keeper):
    as_(keeper).post(
        reverse("calendar-edit"),
        calendar_form(
            kind=CalendarKind.OWN, own_1="15/3", own_2="15/6", own_3="15/9", own_4="15/12"
        ),
    )

    cut_offs = [Calendar.current().cut_off(2024, number) for number in (1, 2, 3, 4)]
    assert cut_offs == [date(2024, month, 15) for month in (3, 6, 9, 12)]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"own_2": ""}, {"own_2": ["Hãy ghi ngày, ví dụ 31/3."]}),
        ({"own_2": "mid"}, {"own_2": ["Hãy ghi ngày, ví dụ 31/3."]}),
        ({"own_2": "31/2"}, {"own_2": ["Ngày 31/2/2024 không có trong lịch."]}),
        ({"own_2": "1/1"}, {"own_2": ["Bốn ngày chốt phải theo thứ tự trong năm."]}),
    ],
)
def test_own_dates_that_make_no_year_are_refused(as_, keeper, typed, said):
    form = calendar_form(kind=CalendarKind.OWN, **typed)

    assert errors_of(as_(keeper).post(reverse("calendar-edit"), form)) == said
    assert not Calendar.objects.exists()
