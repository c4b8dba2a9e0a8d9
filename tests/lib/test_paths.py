"""A branch of a tree is one range of an index, on both databases."""

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from members.models import Unit
from unionplan.lib.paths import ALPHABET, WIDTH, ids_on, segment

ids = st.integers(min_value=0, max_value=36**4 - 1)


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0000"), (1, "0001"), (35, "000Z"), (36, "0010"), (36**4 - 1, "ZZZZ")]
)
def test_a_segment_has_a_fixed_width(number, text):
    assert segment(number) == text


@pytest.mark.parametrize("number", [-1, 36**4])
def test_an_id_that_does_not_fit_is_refused(number):
    with pytest.raises(ValueError, match=f"{number} does not fit into a path segment"):
        segment(number)


@given(st.lists(ids, min_size=1))
def test_a_path_tells_the_ids_on_it(numbers):
    assert ids_on("".join(segment(number) for number in numbers)) == numbers


@given(ids, ids)
def test_segments_sort_as_their_ids(one, other):
    assert (segment(one) < segment(other)) == (one < other)


def test_a_branch_is_the_unit_and_all_below_it_and_no_neighbour(tree):
    within = Unit.objects.filter(path__subtree=tree.truong_son.path)

    everyone = Unit.objects.all()
    assert set(within) == {unit for unit in everyone if unit.path.startswith(tree.truong_son.path)}
    assert 1 < within.count() < everyone.count()


@pytest.mark.django_db
def test_paths_are_compared_byte_by_byte():
    """A collation of the country would sort digits or cases otherwise and cut branches short."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT collation_name FROM information_schema.columns "
                "WHERE table_name = %s AND column_name = 'path'",
                [Unit._meta.db_table],
            )
            assert cursor.fetchone() == ("C",)
        else:
            cursor.execute("SELECT 'Z' < 'a', 'Z' < '~', '9' < 'A'")
            assert cursor.fetchone() == (1, 1, 1)


@pytest.mark.django_db
def test_a_branch_is_found_through_an_index():
    plan = Unit.objects.filter(path__subtree=segment(7)).values("path").explain()

    if connection.vendor == "sqlite":  # PostgreSQL rightly scans a table of no rows
        assert "SEARCH" in plan
        assert "INDEX" in plan


def test_the_alphabet_sorts_as_bytes():
    assert sorted(ALPHABET) == list(ALPHABET)
    assert len(ALPHABET) ** WIDTH > 1_000_000
