"""«Nhật ký»: who changed what, of everything in sight, by unit, person, day and kind."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from members import actions, contacts, journal, roles
from members.access import Role
from members.models import HistoryEntry, HistoryKind
from members.models.history import record
from members.views import history as view
from tests import factories
from unionplan.lib.clock import standing_at

pytestmark = pytest.mark.django_db
PAGE = reverse("history")


def at(day, hour=10, minute=2):
    return standing_at(timezone.make_aware(datetime(2024, 10, day, hour, minute, 30)))


@pytest.fixture(scope="module")
def written(world, django_db_blocker):
    """A week of October 2024: a quarter, reports of two branches, a role, a contact."""
    tree, cast = world.tree, world.cast
    with at(1):
        quarter = factories.open_quarter("2024Q3", by=cast.root)
    with at(4, 14, 5):
        sent = factories.submitted(
            tree.huong_giang, quarter, opening=195, admitted=8, by=cast.chair
        )
    with at(5):
        actions.accept([sent], by=cast.reviewer)
        factories.accepted(tree.weavers, quarter, opening=70, by=cast.neighbour_reviewer)
    with at(6):
        contact = {"contact_name": "Trần Thị Mai", "phone": "0900000123", "email": ""}
        contacts.change_contact(tree.song_lam, contact, by=cast.administrator)
    with at(7):
        nameless = factories.person("0900000777", phone="0900000777")
        roles.give_role(
            nameless,
            unit=tree.office,
            role=Role.CHAIR,
            valid_from=timezone.localdate(),
            by=cast.reviewer,
        )
        record(HistoryKind.PLAN, "made the plan", by=cast.root, unit=None, subject="Chung")
    return world


@pytest.fixture
def lines(as_, written, db):
    """What a person reads: «moment · person · sentence», the newest first."""

    def read(reader, **filters):
        page = as_(reader).get(PAGE, filters).context
        return [f"{line.moment} · {line.person} · {line.sentence}" for line in page["lines"]]

    return read


HUONG_GIANG = "CĐCS Công ty CP Xây dựng Hương Giang"
ACCEPTED = f"10:02 05/10/2024 · Lê Văn Hoà · duyệt báo cáo Quý III/2024 của {HUONG_GIANG}"
SENT = f"14:05 04/10/2024 · Trần Thị Mai · gửi báo cáo Quý III/2024 của {HUONG_GIANG}"
CONTACT = "10:02 06/10/2024 · Nguyễn Quốc Bảo · sửa thông tin liên hệ · CĐCS Nhà máy Gạch Sông Lam"
ROLE = "10:02 07/10/2024 · Lê Văn Hoà · giao vai trò · ••• · CĐCS Cơ quan Tổng công ty"


def test_everybody_reads_their_branch_newest_first(lines, written):
    cast = written.cast
    assert lines(cast.administrator) == [ROLE, CONTACT, ACCEPTED, SENT]
    assert lines(cast.reviewer) == [ROLE, CONTACT, ACCEPTED, SENT]
    assert lines(cast.chair) == [ACCEPTED, SENT]
    assert [line.split(" · ")[1] for line in lines(cast.neighbour_chair)] == ["far"]
    assert len(lines(cast.root)) == 7  # the quarter at the root, and the line without a unit
    assert lines(cast.root)[0].endswith("root · lập kế hoạch · Chung")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"unit": "TS-01"}, [ACCEPTED, SENT]),
        ({"unit": "huong giang"}, [ACCEPTED, SENT]),
        ({"unit": "ts"}, [ROLE, CONTACT, ACCEPTED, SENT]),  # with its whole branch
        ({"unit": "SO-01"}, []),  # another branch's
        ({"unit": "Dệt"}, []),
        ({"person": "hoà"}, [ROLE, ACCEPTED]),
        ({"person": "le van HOA"}, [ROLE, ACCEPTED]),
        ({"person": "far"}, []),  # of another branch
        ({"kind": "unit"}, [CONTACT]),
        ({"first": "05/10/2024", "last": "06/10/2024"}, [CONTACT, ACCEPTED]),
        ({"last": "4/10/2024"}, [SENT]),
        ({"unit": "TS-01", "person": "mai", "kind": "report", "first": "01/10/2024"}, [SENT]),
    ],
)
def test_the_filter(lines, written, asked, expected):
    assert lines(written.cast.administrator, **asked) == expected


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"unit": "không có"}, "Không có thay đổi nào phù hợp."),
        ({"first": "31/02/2024"}, "Ngày 31/02/2024 không có trong lịch."),
        ({"first": "05/10/2024", "last": "04/10/2024"}, "Ngày này trước ngày bắt đầu."),
        ({"kind": "nonsense"}, "nonsense"),
        ({"before": "99999999999999999999"}, "duyệt báo cáo"),
    ],
)
def test_what_finds_nothing_says_so(as_, written, db, asked, words):
    page = as_(written.cast.administrator).get(PAGE, asked).content.decode()
    assert words in page
    assert ("Bỏ lọc" in page) == ("before" not in asked)


def test_without_any_line(as_, world, db):
    newcomer = factories.person("newcomer", world.tree.masons, Role.CHAIR)
    page = as_(newcomer).get(PAGE).content.decode()
    assert "Chưa có thay đổi nào." in page
    assert "Bỏ lọc" not in page


def test_too_many_units_ask_for_more_words(as_, written, db, monkeypatch):
    monkeypatch.setattr("members.forms.history.MOST_BRANCHES", 2)
    page = as_(written.cast.administrator).get(PAGE, {"unit": "CĐCS"}).content.decode()
    assert "Có hơn 2 đơn vị phù hợp" in page


def test_pages_follow_each_other_and_count_nothing(
    as_, written, db, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(view, "SHOWN", 3)
    client = as_(written.cast.administrator)
    # session, user, roles; the lines with unit, person and quarter
    with django_assert_num_queries(4):
        first = client.get(PAGE)
    older = first.context["older"]
    second = client.get(PAGE, {"before": older})
    read = [line.entry.pk for page in (first, second) for line in page.context["lines"]]
    seen = HistoryEntry.objects.visible_to(written.cast.administrator)
    assert read == [entry.pk for entry in seen.newest_first()]
    assert f"before={older}" in first.content.decode()
    assert second.context["older"] is None


def test_what_changed_is_told_and_no_telephone_number(as_, written, db):
    page = as_(written.cast.administrator).get(PAGE).content.decode()
    assert "Tình trạng: Đã gửi, chờ kiểm tra → Đã duyệt" in page
    assert "Tổng số đoàn viên: 203" in page
    assert "Điện thoại: •••" in page
    assert "0900000" not in page
    assert "0900 000" not in page


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_a_file_holds_what_the_filter_shows(as_, written, db, format_):
    client = as_(written.cast.administrator)
    answer = client.get(PAGE, {"unit": "TS-01", "format": format_})
    if format_ == "csv":
        text = answer.content.decode("utf-8-sig")
        rows = [line.split(",") for line in text.splitlines()]
    else:
        sheet = CalamineWorkbook.from_filelike(BytesIO(answer.content))
        rows = sheet.get_sheet_by_index(0).to_python()
    assert rows[0][:5] == ["Ngày", "Giờ", "Người thực hiện", "Loại thay đổi", "Nội dung"]
    assert [row[2] for row in rows[1:]] == ["Lê Văn Hoà", "Trần Thị Mai"]
    assert rows[1][5:8] == ["TS-01", HUONG_GIANG, "Quý III/2024"]
    assert str(rows[1][0]) == "2024-10-05"

    everything = client.get(PAGE, {"format": format_}).content
    if format_ == "csv":
        assert b"0900000" not in everything
        assert "Dệt".encode() not in everything


def test_a_file_that_is_too_long_says_so(as_, written, db, monkeypatch):
    monkeypatch.setattr(journal, "MOST_ROWS", 2)
    answer = as_(written.cast.administrator).get(PAGE, {"format": "csv"})
    rows = answer.content.decode("utf-8-sig").splitlines()
    assert len(rows) == 1 + 2 + 1
    assert "Tệp tải về có tối đa 2 dòng mới nhất" in rows[-1]


def test_the_menu_offers_it_to_administrators_alone(as_, written, db):
    cast = written.cast
    for person, offers in ((cast.administrator, True), (cast.reviewer, False), (cast.chair, False)):
        page = as_(person).get(reverse("password-change")).content.decode()
        assert (f'href="{PAGE}"' in page) == offers


def test_no_english_and_no_name_of_a_column_is_left(written, db):
    for line in journal.journal(HistoryEntry.objects.select_related("unit").newest_first()):
        assert line.sentence != line.entry.verb
        assert not line.sentence.startswith(line.entry.verb)
        assert all("_" not in change.label for change in line.changes)
