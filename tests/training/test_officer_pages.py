"""«Cán bộ công đoàn»: the list and its file, a unit, a person, and what a careless person types."""

from __future__ import annotations

from datetime import date
from html import unescape
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.html import strip_tags

from members.models import HistoryEntry
from tests import factories
from training import officers
from training.models import Officer, OfficerCount, Position, Tenure
from training.officers import Service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]
PAGE, NEW, IMPORT = reverse("officer-list"), reverse("officer-new"), reverse("officer-import")
MAY = date(2024, 5, 1)


@pytest.fixture
def cast(world, db, today):
    return world.cast


@pytest.fixture
def four(tree, cast):
    """Two chairs of whom one is new, somebody who left, and one of the neighbours."""
    return [
        factories.officer(tree.huong_giang, "Trần Văn Bình", first_elected_on=date(2010, 1, 1)),
        factories.officer(tree.song_lam, "Lê Thị An", elected_on=MAY, is_full_time=True),
        factories.officer(tree.huong_giang, "Vũ Cũ", position="staff", left_on=MAY),
        factories.officer(tree.weavers, "Phạm Láng Giềng"),
    ]


def text(response) -> str:
    assert response.status_code == 200
    return " ".join(unescape(strip_tags(response.text.replace("<", " <"))).split())


def names(response):
    return [row.record.officer.name for row in response.context["table"].page.object_list]


def detail(tenure, what="detail"):
    return reverse(f"officer-{what}", args=[tenure.officer_id])


def unit_page(unit):
    return reverse("training-unit", args=[unit.code])


FACTS = {"name": "Trần  Văn Bình", "position": "chair", "elected_on": "1/6/2023"}


# --- the list ------------------------------------------------------------------------------------


def test_the_list_of_a_branch_by_given_name(as_, cast, four):
    client = as_(cast.reviewer)
    shown = client.get(PAGE)
    assert names(shown) == ["Lê Thị An", "Trần Văn Bình"]
    assert "bầu mới" in text(shown)
    assert names(client.get(PAGE, {"q": "an le"})) == ["Lê Thị An"]
    assert names(client.get(PAGE, {"full_time": "no"})) == ["Trần Văn Bình"]
    assert names(client.get(PAGE, {"elected": "year"})) == ["Lê Thị An"]
    assert names(client.get(PAGE, {"elected": "term"})) == ["Lê Thị An"]
    assert names(client.get(PAGE, {"position": "staff"})) == []
    assert names(client.get(PAGE, {"state": "left"})) == ["Vũ Cũ"]
    assert names(client.get(PAGE, {"parent": "TS", "sort": "-elected_on"}))[0] == "Lê Thị An"
    assert names(client.get(PAGE, {"parent": "SO"})) == []  # out of sight
    assert names(client.get(PAGE, {"state": "nonsense"})) == []


def test_another_branch_is_nowhere(as_, cast, four):
    for person in (cast.reviewer, cast.administrator, cast.leader):
        for asked in ({}, {"q": "giềng"}, {"state": "left"}, {"state": "without-chair"}):
            for format_ in ({}, {"format": "csv"}):
                assert "Láng" not in as_(person).get(PAGE, asked | format_).content.decode()
    assert names(as_(cast.neighbour_reviewer).get(PAGE)) == ["Phạm Láng Giềng"]


def test_units_without_a_chair_are_flagged(as_, cast, tree, four):
    client = as_(cast.reviewer)
    assert "2 đơn vị chưa có chủ tịch trong danh sách cán bộ" in text(client.get(PAGE))
    lacking = client.get(PAGE, {"state": "without-chair"})
    rows = [row.record.code for row in lacking.context["table"].page.object_list]
    assert sorted(rows) == ["ND-01", "TS-03"]
    assert "Thêm chủ tịch" in text(lacking)
    assert "Thêm chủ tịch" not in text(as_(cast.leader).get(PAGE, {"state": "without-chair"}))
    assert "Đơn vị chưa có chủ tịch" in text(as_(cast.reviewer).get(unit_page(tree.office)))


def test_a_file_holds_what_is_shown_and_comes_back_unchanged(as_, cast, tree, four):
    client = as_(cast.reviewer)
    for asked, count in (({}, 2), ({"state": "left"}, 1)):
        for format_ in ("xlsx", "csv"):
            content = client.get(PAGE, {**asked, "format": format_}).content
            shown = text(send(client, content, f"a.{format_}"))
            assert "Tệp không có lỗi; mọi nội dung trong tệp đã có sẵn." in shown
        rows = list(
            openpyxl.load_workbook(
                BytesIO(client.get(PAGE, {**asked, "format": "xlsx"}).content)
            ).active.values
        )
        assert len(rows) == count + 1


def test_a_downloaded_list_is_edited_and_brought_back(as_, cast, tree, four, today):
    client = as_(cast.reviewer)
    content = client.get(PAGE, {"format": "xlsx"}).content
    book = openpyxl.load_workbook(BytesIO(content))
    header = [cell.value for cell in book.active[1]]
    row = next(r for r in book.active.iter_rows(min_row=2) if r[2].value == "Lê Thị An")
    row[header.index("Trình độ chuyên môn")].value = "Thạc sĩ"
    edited = BytesIO()
    book.save(edited)
    send(client, edited.getvalue(), "a.xlsx")
    seen = client.get(IMPORT).context["kept"].at.isoformat()
    done = client.post(IMPORT, {"action": "apply", "seen": seen}, follow=True)
    assert "Đã cập nhật 1 cán bộ." in text(done)
    rows = four[1].officer.tenures.by_time().values_list("education", "valid_from")
    assert list(rows) == [("", MAY), ("postgraduate", today)]


def test_the_list_of_units_without_a_chair_is_filled_in_and_brought_back(as_, cast, tree):
    client = as_(cast.reviewer)
    content = client.get(PAGE, {"state": "without-chair", "format": "xlsx"}).content
    book = openpyxl.load_workbook(BytesIO(content))
    row = next(r for r in book.active.iter_rows(min_row=2) if r[0].value == "TS-03")
    row[2].value, row[5].value = "Lê An", "01/06/2023"
    edited = BytesIO()
    book.save(edited)
    assert "1 cán bộ mới, 0 cán bộ cập nhật. 3 dòng chưa có tên" in text(
        send(client, edited.getvalue(), "a.xlsx")
    )


def send(client, content, name):
    file = SimpleUploadedFile(name, content)
    return client.post(IMPORT, {"action": "check", "file": file})


def test_the_template_has_the_units_and_what_may_stand_there(as_, cast, tree):
    content = as_(cast.reviewer).get(reverse("officer-import-template")).content
    book = openpyxl.load_workbook(BytesIO(content))
    assert book.sheetnames == ["Cán bộ", "Giá trị được dùng"]
    codes = [row[0] for row in book["Cán bộ"].values][1:]
    assert codes == ["TS", "TS-01", "TS-02", "TS-03", "ND-01"]
    assert ("Chức danh", "Phó chủ tịch", "vice-chair") in set(book["Giá trị được dùng"].values)
    own = as_(cast.chair).get(reverse("officer-import-template")).content
    assert [r[0] for r in openpyxl.load_workbook(BytesIO(own)).active.values][1:] == ["TS-01"]


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_costs_the_same_for_any_number(as_, cast, tree, django_assert_num_queries, count):
    for n in range(count):
        factories.officer(tree.office, f"Người {n}", position="staff")
    client = as_(cast.reviewer)
    client.get(PAGE)
    # session, user, roles; the term, how many, the rows; units without a chair; superiors and
    # positions to choose from
    with django_assert_num_queries(9):
        client.get(PAGE)
    with django_assert_num_queries(6):
        client.get(PAGE, {"format": "csv"})


@pytest.mark.parametrize("count", [1, 30])
def test_a_unit_costs_the_same_for_any_number(as_, cast, tree, django_assert_num_queries, count):
    held = [factories.officer(tree.office, f"Người {n}", position="staff") for n in range(count)]
    for n in range(3):
        factories.attended(factories.course(tree.truong_son, starts_on=date(2024, 5, n + 1)), *held)
    client = as_(cast.reviewer)
    client.get(unit_page(tree.office))
    # session, user, roles; the unit, its officers, what they learnt, the term, the others, who
    # left, the history
    with django_assert_num_queries(11):
        client.get(unit_page(tree.office))


# --- one unit ------------------------------------------------------------------------------------


def test_a_chair_comes_to_the_own_unit(as_, cast, tree, four):
    client = as_(cast.chair)
    assert client.get(PAGE).headers["location"] == unit_page(tree.huong_giang)
    staff = factories.officer(tree.huong_giang, "Ân", position="staff")
    factories.attended(factories.course(tree.truong_son), staff, four[0])
    quarter = factories.open_quarter("2024Q2")
    OfficerCount.objects.create(unit=tree.huong_giang, quarter=quarter, others=9, others_trained=4)
    page = client.get(unit_page(tree.huong_giang))
    shown = text(page)
    listed = [one.tenure.officer.name for one in page.context["roster"].officers]
    assert listed == ["Trần Văn Bình", "Ân"]
    assert "Nghiệp vụ 06/5/2024" in shown
    assert "9 người, trong đó 4 người đã được đào tạo, bồi dưỡng (khai Quý II/2024)" in shown
    assert "Vũ Cũ" in shown
    assert "Thêm cán bộ" in shown
    assert "Thêm cán bộ" not in text(as_(cast.leader).get(unit_page(tree.huong_giang)))


def test_a_unit_leads_to_its_officers(as_, cast, tree):
    page = as_(cast.leader).get(tree.huong_giang.get_absolute_url())
    assert unit_page(tree.huong_giang) in page.text


# --- one officer ---------------------------------------------------------------------------------


def test_somebody_is_added_at_the_own_unit(as_, cast, tree):
    shown = text(as_(cast.chair).post(NEW, FACTS, follow=True))
    assert "Đã thêm đồng chí Trần Văn Bình." in shown
    assert Tenure.objects.get().unit == tree.huong_giang


def test_a_reviewer_writes_the_unit_by_code_or_name(as_, cast, tree):
    client = as_(cast.reviewer)
    client.post(NEW, FACTS | {"unit": "ts-02"})
    client.post(NEW, FACTS | {"unit": tree.office.name})
    assert set(Tenure.objects.values_list("unit__code", flat=True)) == {"TS-02", "TS-03"}
    for code in ("SO-01", "xyz"):
        refused = client.post(NEW, FACTS | {"unit": code})
        words = f"Không có đơn vị mã {code} trong phạm vi phụ trách."
        assert refused.context["form"].errors == {"unit": [words]}
    assert client.get(NEW, {"unit": "SO-01"}).context["form"].initial.get("unit") is None
    assert client.get(NEW, {"unit": "TS-02"}).context["form"].initial["unit"] == "TS-02"


def test_two_chairs_at_once_is_said_beside_the_position(as_, cast, four):
    page = as_(cast.chair).post(NEW, FACTS | {"name": "Lê An", "elected_on": "01/05/2024"})
    assert "Trần Văn Bình" in str(page.context["form"].errors["position"])
    assert Officer.objects.filter(name="Lê An").count() == 0


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"position": ""}, "position"),
        ({"position": "king"}, "position"),
        ({"elected_on": "31/02/2024"}, "elected_on"),
        ({"elected_on": "05/12/2024"}, "elected_on"),
        ({"elected_on": "01/01/0024"}, "elected_on"),
        ({"first_elected_on": "01/07/2023"}, "first_elected_on"),
        ({"gender": "?"}, "gender"),
        ({"education": "degre"}, "education"),
    ],
)
def test_what_a_careless_person_types(as_, cast, facts, field):
    page = as_(cast.chair).post(NEW, FACTS | facts)
    assert list(page.context["form"].errors) == [field]
    assert not Officer.objects.exists()


def test_the_same_name_is_asked_about(as_, cast, four):
    client = as_(cast.chair)
    facts = FACTS | {"name": "Vũ Cũ", "position": "staff"}
    shown = client.post(NEW, facts)
    assert "Đây là người khác cùng tên" in text(shown)
    assert detail(four[2]) in shown.text
    assert "Đây là người khác cùng tên" not in text(client.get(NEW))
    client.post(NEW, facts | {"is_another": "on"})
    assert Officer.objects.filter(name="Vũ Cũ").count() == 2


def test_a_person_with_what_was_learnt_and_what_happened(as_, cast, tree, four):
    held = four[0]
    factories.attended(factories.course(tree.truong_son, title="Lớp A"), held)
    factories.attended(factories.course(tree.truong_son, title="Lớp B"), held, completed=False)
    client = as_(cast.chair)
    client.post(detail(held, "edit"), edited(held, name="Trần Văn Bính", mode="correct"))
    shown = text(client.get(detail(held)))
    assert "Lớp A Nghiệp vụ · 06/5/2024 hoàn thành ngày 06/5/2024" in shown
    assert "được cử, chưa hoàn thành" in shown
    assert "Trần Văn Bình → Trần Văn Bính" in shown
    client.post(detail(held, "edit"), edited(held, name="Trần Bính", mode="correct"))
    assert "Trần Văn Bình → Trần Văn Bính" in text(client.get(detail(held)))  # under the old name


def edited(tenure, **facts):
    tenure = Tenure.objects.select_related("officer").get(pk=tenure.pk)
    said = {name: getattr(tenure, name) or "" for name in ("education", "political_theory")}
    said |= {"name": tenure.officer.name, "position": tenure.position_id}
    said |= {name: getattr(tenure, name) or "" for name in ("elected_on", "first_elected_on")}
    return {"mode": "correct", **said, **facts}


def test_what_was_always_so_and_what_changed_on_a_day(as_, cast, four):
    client, held = as_(cast.chair), four[0]
    client.post(detail(held, "edit"), edited(held, education="degree"))
    change = {"mode": "change", "since": "01/05/2024", "political_theory": "advanced"}
    done = client.post(detail(held, "edit"), edited(held, **change), follow=True)
    assert "Đã lưu thông tin đồng chí Trần Văn Bình." in text(done)
    rows = held.officer.tenures.by_time()
    assert list(rows.values_list("education", "political_theory", "valid_to")) == [
        ("degree", "", MAY),
        ("degree", "advanced", None),
    ]
    first = f"{detail(held, 'edit')}?stretch={held.pk}"
    assert "Thay đổi từ ngày …" not in text(client.get(first))
    client.post(first, edited(held, education="below-degree"))
    assert list(rows.values_list("education", flat=True)) == ["below-degree", "degree"]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"mode": ""}, "mode"),
        ({"mode": "change"}, "since"),
        ({"mode": "change", "since": "01/05/2024"}, "mode"),
        ({"mode": "change", "since": "01/12/2024", "education": "degree"}, "since"),
        ({"mode": "change", "since": "01/01/2001", "education": "degree"}, "since"),
        ({"since": "01/05/2024"}, "since"),
        ({"elected_on": "01/12/2024"}, "elected_on"),
    ],
)
def test_an_edit_that_cannot_be(as_, cast, four, facts, field):
    page = as_(cast.chair).post(detail(four[0], "edit"), edited(four[0], **facts))
    assert list(page.context["form"].errors) == [field]


def test_a_move_to_another_unit_of_the_branch(as_, cast, tree, four):
    client, held = as_(cast.reviewer), four[1]
    to = {"unit": "TS-03", "is_full_time": "on"}
    page = client.post(detail(held, "edit"), edited(held, **to))
    assert list(page.context["form"].errors) == ["unit"]
    for far in ("SO-01", "HD-01"):
        page = client.post(
            detail(held, "edit"), edited(held, unit=far, mode="change", since="01/06/2024")
        )
        assert list(page.context["form"].errors) == ["unit"]
    client.post(detail(held, "edit"), edited(held, **to, mode="change", since="01/06/2024"))
    assert Tenure.objects.get(officer=held.officer, valid_to=None).unit == tree.office


def test_the_old_branch_sees_its_own_stretch_only(as_, cast, tree, four):
    held = four[0]
    service = Service(tree.weavers, Position.objects.get(pk="staff"), MAY, duties="Bí mật")
    officers.change(held, service, since=MAY, by=cast.root)
    factories.attended(factories.course(tree.spinning, title="Lớp xa", starts_on=MAY), held)
    attendance = held.officer.attendances.get()
    attendance.unit = tree.weavers
    attendance.save()
    client = as_(cast.chair)
    for url in (detail(held), detail(held, "edit"), unit_page(tree.huong_giang)):
        shown = text(client.get(url))
        assert "Bí mật" not in shown
        assert "Lớp xa" not in shown
        assert str(tree.weavers) not in shown
    assert "Đồng chí này đã thôi giữ chức." in text(client.get(detail(held)))
    form = client.get(detail(held, "edit")).context["form"]
    assert form.fields["name"].disabled
    far = text(as_(cast.neighbour_chair).get(detail(held)))
    assert str(tree.huong_giang) not in far
    assert "Lớp xa" in far


def test_leaving_and_taking_office_again(as_, cast, four):
    client, held = as_(cast.chair), four[0]
    page = client.post(detail(held, "leave"), {"on": "01/01/2001"})
    assert list(page.context["form"].errors) == ["on"]
    client.post(detail(held, "leave"), {"on": "01/05/2024"})
    assert Tenure.objects.get(pk=held.pk).valid_to == MAY
    again = client.post(detail(held, "leave"), {"on": "01/06/2024"}, follow=True)
    assert "đã thôi giữ chức" in text(again)

    facts = {"position": "chair", "elected_on": "01/04/2024"}
    page = client.post(detail(held, "back"), facts)
    assert page.context["form"].non_field_errors()
    done = client.post(detail(held, "back"), facts | {"elected_on": "01/06/2024"}, follow=True)
    assert "đã giữ chức trở lại" in text(done)
    assert "đang giữ chức" in text(client.post(detail(held, "back"), facts, follow=True))
    assert HistoryEntry.objects.filter(verb="took the officer in again").count() == 1


def test_a_day_of_leaving_is_corrected(as_, cast, four):
    held = four[2]
    as_(cast.chair).post(detail(held, "edit"), edited(held, left_on="01/04/2024"))
    assert Tenure.objects.get(pk=held.pk).valid_to == date(2024, 4, 1)


@pytest.mark.parametrize("page", ["list", "new", "import"])
def test_addresses_that_make_no_sense(as_, cast, four, page):
    for query in ("?stretch=x&page=-1&sort=zzz", "?unit=%27&position=%27", "?page=abc&parent=%27"):
        assert as_(cast.reviewer).get(reverse(f"officer-{page}") + query).status_code == 200
    assert as_(cast.reviewer).get(detail(four[0], "edit") + "?stretch=x").status_code == 200
