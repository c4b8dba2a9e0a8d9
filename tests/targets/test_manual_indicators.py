"""Indicators typed by hand: defined and changed, and who types them."""

from datetime import date

import pytest

from members.access import Role
from members.actions import Refused
from members.models import HistoryEntry, HistoryKind, Unit
from members.suspending import suspend
from targets import manual
from targets.models import ManualIndicator
from tests import factories

pytestmark = pytest.mark.usefixtures("world")

LIST, NEW = "/plans/indicators/", "/plans/indicators/new/"
TYPED = {
    "name": "Đoàn viên ưu tú được giới thiệu cho Đảng",
    "counted_in": "đoàn viên",
    "kind": "flow",
    "is_yearly": "quarter",
    "typed_by": "reporting",
    "unit": "CDN",
}


@pytest.fixture(autouse=True)
def _today(today):
    """4 October 2024."""


def indicator(tree, cast, *, units=(), **facts) -> ManualIndicator:
    facts = {"code": "uu-tu", "name": "Đoàn viên ưu tú", "counted_in": "đoàn viên"} | facts
    facts = {"unit": tree.building, "kind": "flow"} | facts
    return manual.define(ManualIndicator(**facts), units, by=cast.administrator)


def history():
    return list(HistoryEntry.objects.filter(kind=HistoryKind.MANUAL).order_by("pk"))


# --- defined and changed -------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["UU-TU", "Training-Budget-Share", "DENSITY", "New"])
def test_a_code_is_used_once_whatever_its_capitals(tree, cast, code):
    indicator(tree, cast)

    with pytest.raises(Refused, match="Mã chỉ tiêu này đã được dùng"):
        indicator(tree, cast, code=code)
    assert ManualIndicator.objects.exclude(unit=None).count() == 1


def test_a_code_is_made_of_the_name(tree, cast):
    assert manual.code_for("Đoàn viên ưu tú (quý)") == "doan-vien-uu-tu-quy"
    assert manual.code_for("!?") == "chi-tieu"
    indicator(tree, cast, code="Doi-thoai")
    assert manual.code_for("Đối thoại") == "doi-thoai-2"
    assert manual.code_for("Density") == "density-2"


def test_units_named_lie_in_the_branch_and_not_inside_one_another(tree, cast):
    def named(*units):
        return indicator(tree, cast, typed_by="named", units=units)

    for units, words in {
        (): "Nêu ít nhất một đơn vị",
        (tree.hon_da, tree.weavers): "CĐCS Nhà máy Dệt Đông Đô không thuộc Công đoàn ngành",
        (tree.confederation,): "không thuộc",
        (tree.song_lam, tree.truong_son): "CĐCS Nhà máy Gạch Sông Lam thuộc Công đoàn Tổng công"
        " ty Trường Sơn: số liệu sẽ bị tính hai lần",
        (tree.building, tree.hon_da): "tính hai lần",
    }.items():
        with pytest.raises(Refused, match=words):
            named(*units)
    assert not ManualIndicator.objects.exclude(unit=None).exists()
    assert not history()

    made = named(tree.song_lam, tree.hon_da)
    assert set(made.units.all()) == {tree.song_lam, tree.hon_da}
    assert history()[0].changes["units"] == [None, "TS-02, HD-01"]
    assert not indicator(tree, cast, code="all", units=[tree.hon_da]).units.exists()


def test_a_change_is_told_and_the_same_again_is_not(tree, cast):
    made = indicator(tree, cast)

    for _again in range(2):
        manual.change(made, {"name": "Khác", "kind": "stock"}, by=cast.administrator)
    assert [(line.verb, line.unit, line.changes) for line in history()[1:]] == [
        (
            "changed the indicator",
            tree.building,
            {"name": ["Đoàn viên ưu tú", "Khác"], "kind": ["flow", "stock"]},
        )
    ]
    made.refresh_from_db()
    assert (made.name, made.kind) == ("Khác", "stock")


def test_what_figures_were_typed_under_stays(tree, cast, quarter):
    made = indicator(tree, cast, typed_by="named", units=[tree.song_lam])
    manual.save(tree.song_lam, quarter, [manual.Typed(made, 1)], by=cast.other_chair)

    def change(units=None, **facts):
        manual.change(made, facts, units, by=cast.administrator)

    for facts in ({"kind": "ratio"}, {"is_yearly": True}, {"typed_by": "upper"}):
        with pytest.raises(Refused, match="Đã có đơn vị nhập số liệu của chỉ tiêu này"):
            change(**facts)
    with pytest.raises(Refused, match="Đã có đơn vị nhập"):
        change([tree.hon_da])
    change([tree.song_lam, tree.hon_da], name="Khác", counted_in="người", lower_is_better=True)

    made.refresh_from_db()
    assert (made.kind, made.name, made.lower_is_better) == ("flow", "Khác", True)
    assert set(made.units.all()) == {tree.song_lam, tree.hon_da}


def test_a_shipped_one_changes_in_words_alone_and_at_the_root(tree, cast):
    shipped = ManualIndicator.objects.get(code="training-budget-share")
    keeper = factories.person("keeper", tree.confederation, Role.ADMINISTRATOR)
    assert [manual.may_define(user, shipped) for user in (cast.administrator, keeper)] == [
        False,
        True,
    ]

    manual.change(shipped, {"name": "Khác", "kind": "flow", "typed_by": "reporting"}, by=keeper)
    shipped.refresh_from_db()
    assert (shipped.name, shipped.kind, shipped.typed_by) == ("Khác", "ratio", "upper")
    assert [line.unit for line in history()] == [tree.confederation]


# --- who types -----------------------------------------------------------------------------------


def codes(units):
    return set(units.values_list("code", flat=True))


@pytest.mark.parametrize(
    ("typed_by", "owner", "named", "expected"),
    [
        ("reporting", "building", (), {"TS-01", "TS-02", "TS-03", "HD-01", "ND-01"}),
        ("reporting", "truong_son", (), {"TS-01", "TS-02", "TS-03", "ND-01"}),
        ("upper", "building", (), {"TS"}),
        ("upper", "confederation", (), {"TS", "SO"}),
        ("named", "building", ("hon_da", "truong_son"), {"HD-01", "TS"}),
        ("named", "building", ("building",), {"CDN"}),
    ],
)
def test_who_types(tree, cast, quarter, typed_by, owner, named, expected):
    made = indicator(
        tree,
        cast,
        unit=getattr(tree, owner),
        typed_by=typed_by,
        units=[getattr(tree, unit) for unit in named],
    )

    assert codes(manual.units_to_type(made, quarter)) == expected
    types = manual.typed_by(manual.owing(Unit.objects.all(), quarter), [made])
    assert {Unit.objects.get(pk=pk).code for pk, its in types.items() if its} == expected


def test_a_yearly_one_is_typed_in_the_fourth_quarter(tree, cast, quarter):
    shipped = ManualIndicator.objects.get(code="training-budget-share")
    last = factories.open_quarter("2024Q4")

    assert not manual.units_to_type(shipped, quarter).exists()
    assert codes(manual.units_to_type(shipped, last)) == {"TS", "SO"}


def test_units_that_were_not_there_at_the_cut_off_or_rest_type_nothing(tree, cast, quarter):
    made = indicator(tree, cast, unit=tree.truong_son)
    factories.unit("TS-09", parent=tree.truong_son, founded_on=date(2024, 10, 1))
    factories.unit("TS-08", parent=tree.truong_son, founded_on=date(2024, 9, 30))
    Unit.objects.filter(code="TS-02").update(ended_on=date(2024, 9, 15))
    Unit.objects.filter(code="TS-03").update(ended_on=date(2024, 10, 2))
    suspend(tree.masons, on=date(2024, 9, 1), by=cast.root)

    assert codes(manual.units_to_type(made, quarter)) == {"TS-01", "TS-03", "TS-08"}


# --- the pages -----------------------------------------------------------------------------------


def test_an_administrator_adds_one(as_, tree, cast):
    page = as_(cast.administrator).get(LIST)
    for words in (
        "Chỉ tiêu nhập tay",
        "Thêm chỉ tiêu nhập tay",
        "Cách tính",
        "Đơn vị nhập",
        "Kỳ nhập",
    ):
        assert words in page.text
    assert 'value="CDN"' in as_(cast.administrator).get(NEW).text
    assert "Số cộng dồn" in as_(cast.administrator).get(NEW).text

    answer = as_(cast.administrator).post(NEW, TYPED, follow=True)
    assert "Đã thêm chỉ tiêu “Đoàn viên ưu tú được giới thiệu cho Đảng”." in answer.text
    made = ManualIndicator.objects.get(unit=tree.building)
    assert made.code == "doan-vien-uu-tu-duoc-gioi-thieu-cho-dang"
    assert (made.kind, made.is_yearly, made.typed_by) == ("flow", False, "reporting")

    edit = f"{LIST}{made.code}/"
    typed = TYPED | {"is_yearly": "year", "typed_by": "named", "units": "ts-02, HD-01"}
    assert as_(cast.administrator).post(edit, typed).headers["location"] == LIST
    made.refresh_from_db()
    assert made.is_yearly
    assert set(made.units.all()) == {tree.song_lam, tree.hon_da}
    assert "TS-02\nHD-01" in as_(cast.administrator).get(edit).text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": " "}, "Mục này phải điền."),
        ({"counted_in": ""}, "Mục này phải điền."),
        ({"counted_in": "x" * 61}, "60"),
        ({"kind": "sum"}, "chọn"),
        ({"typed_by": ""}, "Mục này phải điền."),
        ({"unit": "DM"}, "Không có đơn vị mã DM"),
        ({"unit": "TS-01"}, "Không có đơn vị mã TS-01"),
        ({"code": "Đối thoại"}, "chữ không dấu"),
        ({"code": "density"}, "Mã chỉ tiêu này đã được dùng."),
        ({"code": "NEW"}, "Mã chỉ tiêu này đã được dùng."),
        ({"typed_by": "named"}, "Nêu ít nhất một đơn vị"),
        ({"typed_by": "named", "units": "TS-02 nowhere SO-01"}, "nowhere, SO-01"),
        ({"typed_by": "named", "units": "TS TS-02"}, "tính hai lần"),
        ({"name": "a\x00b"}, "ký tự không dùng được"),
    ],
)
def test_bad_input_is_told_and_nothing_is_written(as_, cast, changes, words):
    answer = as_(cast.administrator).post(NEW, TYPED | changes)

    assert answer.status_code == 200
    assert words in answer.text
    assert not ManualIndicator.objects.exclude(unit=None).exists()
    assert not history()


def test_once_figures_exist_the_page_locks_what_stays(as_, tree, cast, quarter):
    made = indicator(tree, cast)
    manual.save(tree.song_lam, quarter, [manual.Typed(made, 1)], by=cast.other_chair)
    edit = f"{LIST}{made.code}/"
    assert "Đã có đơn vị nhập số liệu" in as_(cast.administrator).get(edit).text

    forged = TYPED | {"kind": "ratio", "typed_by": "upper", "is_yearly": "year"}
    as_(cast.administrator).post(edit, forged)
    made.refresh_from_db()
    assert (made.kind, made.typed_by, made.is_yearly) == ("flow", "reporting", False)
    assert made.name == TYPED["name"]


def test_a_shipped_one_offers_its_words_at_the_root(as_, tree, cast):
    edit = f"{LIST}training-budget-share/"
    assert as_(cast.administrator).get(edit).status_code == 403

    form = as_(cast.root).get(edit).context["form"]
    assert list(form.fields) == ["name", "method", "name_en"]
    as_(cast.root).post(edit, {"name": "Khác", "kind": "flow"})
    shipped = ManualIndicator.objects.get(code="training-budget-share")
    assert (shipped.name, shipped.kind) == ("Khác", "ratio")


def test_the_list_tells_nothing_of_another_branch(as_, tree, cast):
    indicator(tree, cast, typed_by="named", units=[tree.huong_giang, tree.hon_da])
    indicator(tree, cast, code="theirs", name="Của ngành Dệt", unit=tree.textiles)

    page = as_(cast.chair).get(LIST).text
    assert "2 đơn vị được chọn: CĐCS Công ty CP Xây dựng Hương Giang</dd>" in page
    assert "Hòn Đá" not in page
    assert "Của ngành Dệt" not in page
    assert "Thêm chỉ tiêu" not in page
    assert f"{LIST}uu-tu/" not in page
    assert f"{LIST}uu-tu/" in as_(cast.administrator).get(LIST).text
    assert as_(cast.administrator).get(f"{LIST}theirs/").status_code == 404
    assert as_(cast.administrator).get(f"{LIST}nowhere/").status_code == 404


@pytest.mark.parametrize("count", [2, 30])
def test_the_list_costs_the_same(as_, tree, cast, count, django_assert_num_queries):
    some = [factories._unit(f"L{n}", parent=tree.truong_son) for n in range(count)]
    units = factories._found(some)
    for number in range(count):
        indicator(tree, cast, code=f"l{number}", typed_by="named", units=units)
    as_(cast.administrator).get(LIST)

    with django_assert_num_queries(5):
        assert as_(cast.administrator).get(LIST).status_code == 200


def test_plans_lead_to_the_list(as_, cast):
    assert f'href="{LIST}"' in as_(cast.administrator).get("/plans/").text


def test_a_unit_named_that_ended_or_moved_away_keeps_nothing_from_being_changed(
    as_, tree, cast, quarter
):
    made = indicator(tree, cast, typed_by="named", units=[tree.song_lam, tree.hon_da])
    manual.save(tree.hon_da, quarter, [manual.Typed(made, 1)], by=cast.root)
    Unit.objects.filter(pk=tree.song_lam.pk).update(ended_on=date(2024, 10, 1))
    away = tree.spinning.path + tree.hon_da.path.removeprefix(tree.building.path)
    Unit.objects.filter(pk=tree.hon_da.pk).update(parent=tree.spinning, path=away)

    typed = {"name": "Khác", "counted_in": "người", "units": "TS-02\nHD-01"}
    client = as_(cast.administrator)
    assert client.post(f"{LIST}uu-tu/", typed).status_code == 302
    made.refresh_from_db()
    assert made.name == "Khác"
    assert "SO-01" in client.post(f"{LIST}uu-tu/", typed | {"units": "TS-02 HD-01 SO-01"}).text
    assert set(made.units.all()) == {tree.song_lam, tree.hon_da}
