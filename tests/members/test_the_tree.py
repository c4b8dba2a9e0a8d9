"""The tree: branches as index ranges, dated places, and what the database refuses."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from members.models import HistoryEntry, Kind, Placement, Unit
from tests import factories
from unionplan.lib.paths import ids_on, segment


def codes(units):
    return sorted(unit.code for unit in units)


@given(st.lists(st.integers(0, 36**4 - 1), min_size=1, max_size=6))
def test_a_path_gives_back_its_ids(ids):
    assert ids_on("".join(map(segment, ids))) == ids


@given(st.integers(0, 36**4 - 2))
def test_segments_sort_like_their_ids(number):
    assert segment(number) < segment(number + 1)


def test_a_branch_is_the_unit_and_everything_below_it(tree):
    branch = Unit.objects.within(tree.truong_son)
    assert codes(branch) == ["ND-01", "TS", "TS-01", "TS-02", "TS-03"]
    below = Unit.objects.within(tree.truong_son, include_self=False)
    assert codes(below) == ["ND-01", "TS-01", "TS-02", "TS-03"]


def test_ancestors_come_root_first(tree):
    above = Unit.objects.ancestors_of(tree.huong_giang).order_by("path")
    assert [unit.code for unit in above] == ["TLD", "CDN", "TS"]


def test_three_levels_and_units_directly_under_the_federation(db):
    federation = factories.unit("F", kind=Kind.FEDERATION)
    direct = factories.unit("F-1", parent=federation)
    assert codes(Unit.objects.within(federation)) == ["F", "F-1"]
    assert direct.path == federation.path + segment(direct.pk)


def test_a_branch_is_an_index_range_scan(tree):
    """Asked of the database itself; a LIKE would scan the whole table on SQLite."""
    branch = Unit.objects.within(tree.truong_son).values_list("pk").order_by()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # the table is too small to tell
    plan = branch.explain()
    if connection.vendor == "postgresql":
        assert "Index" in plan
        assert "Index Cond: (((path)::text >=" in plan
    else:
        assert "SEARCH members_unit USING" in plan
        assert "path>? AND path<?" in plan
        assert "SCAN" not in plan


def test_search_ignores_tone_marks_and_case(tree):
    assert codes(Unit.objects.search("huong GIANG")) == ["TS-01"]
    assert codes(Unit.objects.search("xi măng hòn đá")) == ["HD-01"]
    assert codes(Unit.objects.search("ts-02")) == ["TS-02"]
    assert codes(Unit.objects.search("hương sợi")) == []


def test_names_come_in_vietnamese_order(tree):
    for name in ("CĐCS Ở", "CĐCS Đá", "CĐCS Da", "CĐCS Ô", "CĐCS O", "CĐCS Số 10", "CĐCS Số 2"):
        factories.unit(f"X-{len(name)}-{abs(hash(name))}", parent=tree.spinning, name=name)
    names = Unit.objects.filter(code__startswith="X-").by_name().values_list("name", flat=True)
    assert [name.removeprefix("CĐCS ") for name in names] == [
        "Da",
        "Đá",
        "O",
        "Ô",
        "Ở",
        "Số 2",
        "Số 10",
    ]


def test_a_place_is_the_one_that_holds_that_day(tree):
    open_place = tree.huong_giang.placements.get()
    open_place.valid_to = date(2024, 7, 1)
    open_place.save()
    moved = Placement.objects.create(
        unit=tree.huong_giang,
        parent=tree.building,
        sector_id="NNN",
        name="CĐCS Hương Giang",
        valid_from=date(2024, 7, 1),
    )
    of_unit = Placement.objects.filter(unit=tree.huong_giang)
    assert of_unit.at(date(2024, 6, 30)).get() == open_place
    assert of_unit.at(date(2024, 7, 1)).get() == moved


@pytest.mark.parametrize(
    ("facts", "constraint"),
    [
        ({"code": "TS-01"}, "unit_code_unique"),
        ({"kind": Kind.GRASSROOTS, "sector": "ND"}, "unit_sector_fits_kind"),
        ({"kind": Kind.UPPER, "sector": "NN"}, "unit_sector_fits_kind"),
    ],
)
def test_the_database_refuses(tree, facts, constraint):
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        factories.unit(**{"code": "NEW", "parent": tree.truong_son} | facts)
    if connection.vendor == "postgresql":
        assert constraint in str(error.value)


def test_a_unit_has_one_open_place(tree):
    with pytest.raises(IntegrityError), transaction.atomic():
        Placement.objects.create(
            unit=tree.huong_giang,
            parent=tree.building,
            sector_id="NNN",
            name="CĐCS Hương Giang",
            valid_from=date(2024, 1, 1),
        )


def test_history_cannot_be_rewritten(tree, quarter):
    line = HistoryEntry.objects.first()
    assert line is not None
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        HistoryEntry.objects.filter(pk=line.pk).update(reason="never happened")
    if connection.vendor == "postgresql":
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            line.delete()
