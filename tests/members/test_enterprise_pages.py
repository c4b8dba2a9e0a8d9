"""«Doanh nghiệp»: the list and its file, one enterprise, founding a union, a chair's proposal."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.html import strip_tags

from members.enterprises import add_enterprises, note_on, propose
from members.models import Enterprise, EnterpriseStatus, Unit
from unionplan.lib.spreadsheets import xlsx_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]
PAGE = reverse("enterprise-list")
NEW = reverse("enterprise-new")


@pytest.fixture
def cast(world, db, today):
    return world.cast


@pytest.fixture
def three(tree, cast):
    """Small and new, large, and one of the neighbours."""
    made = [
        ("0100000001", "Công ty Gốm Phù Lãng", 85, tree.truong_son, date(2024, 5, 1)),
        ("0100000002", "Công ty May Sông Thao", 1240, tree.building, date(2009, 5, 1)),
        ("0100000003", "Công ty Sợi", 900, tree.spinning, None),
    ]
    enterprises = [
        Enterprise(
            tax_code=code,
            name=name,
            workers=workers,
            responsible_unit=unit,
            founded_on=day,
            sector_id="NNN",
            area="Việt Trì",
        )
        for code, name, workers, unit, day in made
    ]
    add_enterprises(enterprises, by=cast.root)
    note_on(
        enterprises[0],
        day=date(2024, 10, 1),
        status=EnterpriseStatus.DIFFICULT,
        text="Chủ doanh nghiệp hẹn sang tháng",
        by=cast.reviewer,
    )
    return enterprises


def text(response) -> str:
    assert response.status_code == 200
    return " ".join(unescape(strip_tags(response.text.replace("<", " <"))).split())


def names(response):
    return [row.record.tax_code[-1] for row in response.context["table"].page.object_list]


def test_the_list_of_the_branch_begins_with_the_largest(as_, cast, three):
    client = as_(cast.administrator)
    assert names(client.get(PAGE)) == ["2", "1"]
    assert names(client.get(PAGE, {"sort": "-founded_on"})) == ["1", "2"]
    assert names(client.get(PAGE, {"q": "gom phu"})) == ["1"]
    assert names(client.get(PAGE, {"q": "0100000002", "area": "Việt Trì"})) == ["2"]
    assert names(client.get(PAGE, {"status": "difficult"})) == ["1"]
    assert names(client.get(PAGE, {"responsible": "CDN", "sector": "NNN"})) == ["2"]
    assert names(client.get(PAGE, {"responsible": "SO"})) == []
    assert names(as_(cast.reviewer).get(PAGE)) == ["1"]


def test_the_view_of_those_without_a_union(as_, cast, tree, three):
    Enterprise.objects.filter(pk=three[1].pk).update(is_operating=False)
    shown = text(as_(cast.administrator).get(PAGE, {"union": "without"}))

    assert "Doanh nghiệp chưa có công đoàn" in shown
    assert "Cán bộ phụ trách" in shown
    assert "Công ty May" not in shown
    assert "Lê Văn Hoà Còn khó khăn 01/5/2024 01/10/2024 · Chủ doanh nghiệp hẹn sang tháng" in shown


def test_the_file_holds_exactly_what_is_shown(as_, cast, three):
    asked = {"union": "without", "format": "xlsx"}
    file = as_(cast.administrator).get(PAGE, asked)
    header, *rows = openpyxl.load_workbook(BytesIO(file.content)).active.values

    assert header[:7] == (
        "Doanh nghiệp",
        "Mã số thuế",
        "Loại hình",
        "Lao động",
        "Địa bàn",
        "Công đoàn phụ trách",
        "Cán bộ phụ trách",
    )
    assert [row[:4] for row in rows] == [
        ("Công ty May Sông Thao", "0100000002", "Doanh nghiệp ngoài nhà nước", 1240),
        ("Công ty Gốm Phù Lãng", "0100000001", "Doanh nghiệp ngoài nhà nước", 85),
    ]
    csv = as_(cast.administrator).get(PAGE, {"q": "gốm", "format": "csv"}).content.decode()
    assert "Công ty Gốm Phù Lãng" in csv
    assert "Công ty May" not in csv


def test_an_empty_register_says_where_to_begin(as_, cast):
    words = "Chưa có doanh nghiệp nào trong danh sách. Nhập từ kết quả khảo sát (Excel)."
    assert words in text(as_(cast.administrator).get(PAGE))


@pytest.mark.parametrize("count", [1, 4])
def test_the_list_costs_the_same_for_any_number(as_, cast, tree, django_assert_num_queries, count):
    made = [
        Enterprise(
            tax_code=f"010000000{n}",
            name=f"C{n}",
            sector_id="FDI",
            responsible_unit=tree.truong_son,
        )
        for n in range(count)
    ]
    add_enterprises(made, by=cast.reviewer)
    client = as_(cast.administrator)

    # session, user, roles; sectors, unions and areas to choose from; how many; the rows; charges
    # of their unions and reviewers
    with django_assert_num_queries(10):
        client.get(PAGE, {"union": "without"})


def test_an_enterprise_is_added_noted_and_edited(as_, cast, tree):
    client = as_(cast.reviewer)
    facts = {
        "tax_code": "0101 234 567",
        "name": "Công ty  May",
        "sector": "FDI",
        "workers": "1.240",
    }
    facts |= {"responsible_unit": "TS", "is_operating": "on", "is_eligible": "on"}
    shown = text(client.post(NEW, facts, follow=True))
    assert "Đã thêm Công ty May." in shown
    made = Enterprise.objects.get()
    assert (made.tax_code, made.workers, made.is_eligible) == ("0101234567", 1240, True)

    page = made.get_absolute_url()
    asked = {"day": "01/10/2024", "status": "help", "text": "Xin hỗ trợ"}
    shown = text(client.post(page, asked))
    assert "Ghi đề nghị ai hỗ trợ." in shown
    assert "Ghi cần hỗ trợ trước ngày nào." in shown
    asked |= {"supporter": "LĐLĐ tỉnh", "support_on": "15/10/2024"}
    shown = text(client.post(page, asked, follow=True))
    assert "Đề nghị hỗ trợ · Xin hỗ trợ Hỗ trợ: LĐLĐ tỉnh, trước ngày 15/10/2024" in shown

    edit = reverse("enterprise-edit", args=[made.pk])
    assert 'value="1.240"' in client.get(edit).text
    client.post(edit, {**facts, "workers": "1.300", "is_eligible": ""})
    made.refresh_from_db()
    assert (made.workers, made.is_eligible, made.status) == (1300, False, "help")
    client.post(edit, {**facts, "responsible_unit": "CDN"})  # not theirs to give to
    made.refresh_from_db()
    assert made.responsible_unit == tree.truong_son


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"tax_code": "0100000003"}, "Mã số thuế này đã có trong danh sách."),
        ({"tax_code": "0100000001"}, "Mã số thuế này là của Công ty Gốm Phù Lãng"),
        ({"tax_code": "123"}, "Không phải mã số thuế"),
        ({"surveyed_on": "05/10/2024"}, "Ngày này chưa đến."),
    ],
)
def test_what_cannot_be_is_said_and_not_kept(as_, cast, three, wrong, sentence):
    facts = {"tax_code": "0109999999", "name": "A", "sector": "FDI", "responsible_unit": "TS"}
    shown = text(as_(cast.reviewer).post(NEW, facts | wrong))
    assert sentence in shown
    assert "Công ty Sợi" not in shown
    assert Enterprise.objects.count() == 3


def test_a_union_is_founded_on_one_page(as_, cast, tree, three):
    client, page = as_(cast.reviewer), reverse("enterprise-found", args=[three[0].pk])
    assert 'value="CĐCS Công ty Gốm Phù Lãng"' in client.get(page).text
    facts = {"code": "TS-09", "name": "CĐCS Gốm", "founded_on": "01/10/2024", "parent": "TS"}
    assert "Công đoàn" in text(client.post(page, facts))  # no number of the decision
    assert not Unit.objects.filter(code="TS-09").exists()
    facts |= {"decision_no": "12/QĐ", "is_from_below": "on", "contact_name": "Lê Lan"}
    shown = text(client.post(page, facts, follow=True))

    assert "Đã thành lập CĐCS Gốm. Đầu quý 0; đoàn viên đầu tiên ghi ở Kết nạp mới." in shown
    assert "Đã thành lập · thành lập từ dưới lên" in shown
    assert "Doanh nghiệp đã có công đoàn." in text(client.post(page, facts | {"code": "TS-10"}))
    assert not Unit.objects.filter(code="TS-10").exists()


def test_an_enterprise_is_linked_with_a_union_of_the_branch_only(as_, cast, tree, three):
    client, page = as_(cast.reviewer), reverse("enterprise-found", args=[three[0].pk])
    shown = text(client.post(page, {"action": "link", "link-unit": "SO-01"}))
    assert "Không có công đoàn đang hoạt động nào mang mã này" in shown
    shown = text(client.post(page, {"action": "link", "link-unit": "TS-01"}, follow=True))
    assert f"Đã gắn Công ty Gốm Phù Lãng với {tree.huong_giang}." in shown


def test_a_chair_proposes_and_the_superior_decides(as_, cast, tree):
    facts = {"tax_code": "0101234567", "name": "Công ty May", "sector": "FDI", "area": "Việt Trì"}
    shown = text(as_(cast.chair).post(NEW, facts, follow=True))
    assert f"Đã đề nghị Công ty May với {tree.truong_son}." in shown
    assert "Tiếp nhận" not in shown
    assert names(as_(cast.chair).get(PAGE)) == ["7"]
    assert names(as_(cast.other_chair).get(PAGE)) == []
    made = Enterprise.objects.get()

    client = as_(cast.reviewer)
    assert names(client.get(PAGE, {"union": "proposed"})) == ["7"]
    assert "Tiếp nhận" in text(client.get(made.get_absolute_url()))
    shown = text(client.post(reverse("enterprise-refuse", args=[made.pk]), {}))
    assert "Ghi lý do để đơn vị biết." in shown
    shown = text(client.post(reverse("enterprise-take-up", args=[made.pk]), follow=True))
    assert "Đã tiếp nhận Công ty May." in shown


def test_a_refused_proposal_leaves_the_list(as_, cast, tree):
    made = Enterprise(tax_code="0101234567", name="Công ty May", sector_id="FDI")
    propose(made, tree.huong_giang, by=cast.chair)
    refuse = reverse("enterprise-refuse", args=[made.pk])
    shown = text(as_(cast.reviewer).post(refuse, {"reason": "Đã giải thể"}, follow=True))
    assert "Đã ghi không tiếp nhận Công ty May." in shown
    assert not Enterprise.objects.exists()


def test_a_survey_is_checked_shown_and_brought_in(as_, cast, tree):
    client, page = as_(cast.reviewer), reverse("enterprise-import")
    template = client.get(reverse("enterprise-import-template")).content
    header = [cell.value for cell in openpyxl.load_workbook(BytesIO(template)).worksheets[0][1]]
    row = ["0101234567", "Công ty May", "FDI", 1240, "TS", "chưa tiếp cận", "có", "có"]
    file = SimpleUploadedFile("a.xlsx", xlsx_file(header[:8], [row]))
    checked = client.post(page, {"file": file, "action": "check"})
    assert "Tệp đúng: 1 doanh nghiệp mới, 0 doanh nghiệp cập nhật." in text(checked)
    assert not Enterprise.objects.exists()
    seen = re.search(r'name="seen" value="([^"]+)"', checked.text)[1]
    done = client.post(page, {"action": "apply", "seen": seen}, follow=True)
    assert "Đã nhập 1 doanh nghiệp." in text(done)
    assert Enterprise.objects.get().responsible_unit == tree.truong_son


def test_a_chair_finds_the_register_on_the_page_of_the_unit(as_, cast, tree):
    link = f'href="{PAGE}">Doanh nghiệp'
    page = tree.huong_giang.get_absolute_url()
    assert link in as_(cast.chair).get(page).text
    assert f'class="button" {link}' not in as_(cast.reviewer).get(page).text
