"""The menu: by role, each word and each address once, and never a dead link."""

import pytest
from django.urls import resolve, reverse

from members.access import Role
from members.context import menu
from tests import factories

UNIT = ["Công việc của đơn vị", "Báo cáo", "Chỉ tiêu", "Đơn vị"]
UPPER = ["Trang chủ", "Báo cáo", "Tiến độ", "Đơn vị", "Doanh nghiệp", "Đào tạo", "Kế hoạch"]


def labels(user):
    return [item.label for item in menu(user, "/")]


def current(user, path):
    return [item.label for item in menu(user, path) if item.is_current]


def test_each_role_sees_its_own(cast):
    assert labels(cast.chair) == UNIT
    assert labels(cast.leader) == UPPER
    assert labels(cast.reviewer) == [*UPPER, "Tài khoản"]
    assert labels(cast.administrator) == [*UPPER, "Tài khoản", "Thiết lập", "Nhật ký"]
    assert labels(cast.root) == [*UPPER, "Kỳ báo cáo", "Tài khoản", "Thiết lập", "Nhật ký"]


def test_a_person_with_two_roles_sees_both_once(cast, tree):
    both = factories.person("both", tree.office, Role.CHAIR)
    both.assignments.create(unit=tree.truong_son, role=Role.VIEWER, valid_from="2020-01-01")

    assert labels(both) == [
        "Trang chủ",
        "Báo cáo",
        "Chỉ tiêu",
        "Tiến độ",
        "Đơn vị",
        "Doanh nghiệp",
        "Đào tạo",
        "Kế hoạch",
    ]


def test_somebody_without_a_role_has_no_progress_to_look_at(db):
    assert labels(factories.person("nobody")) == ["Báo cáo"]


@pytest.mark.parametrize("person", ["chair", "reviewer", "leader", "administrator", "root"])
def test_no_link_is_dead(as_, cast, person):
    client = as_(getattr(cast, person))

    items = menu(getattr(cast, person), "/")
    assert {client.get(item.url).status_code for item in items} == {200}
    assert all(resolve(item.url) for item in items)


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/", "Trang chủ"),
        ("/units/TS-01/", "Đơn vị"),
        ("/progress/TS/", "Tiến độ"),
        ("/progress/TS-01/source/", "Tiến độ"),
        ("/accounts/new/", "Tài khoản"),
        ("/training/", "Đào tạo"),
        ("/training/needs/2025/TS-01/", "Đào tạo"),
    ],
)
def test_the_menu_says_where_one_is(cast, path, where):
    assert current(cast.reviewer, path) == [where]


def test_the_menu_and_the_guide_cost_one_statement(as_, cast, django_assert_num_queries):
    client = as_(cast.chair)

    with django_assert_num_queries(4):  # session, user, roles; the guide
        page = client.get(reverse("password-change")).text
    assert "Người hướng dẫn: đồng chí Lê Văn Hoà" in page
    assert 'href="tel:0900000001"' in page


def test_upper_level_unions_have_no_guide(as_, cast):
    assert "Người hướng dẫn" not in as_(cast.reviewer).get(reverse("password-change")).text
