"""Units that rest: they owe no report, and what they last had stays in the totals."""

from datetime import date

import pytest

from members import suspending, totals
from members.models import QuarterTotal, Structure
from tests import factories

pytestmark = pytest.mark.django_db
DAY = date(2024, 8, 1)


@pytest.fixture
def tree(world, db):
    return world.tree


@pytest.fixture
def by(world, db):
    return world.cast.administrator


def counts(tree, quarter):
    """Reports owed, suspended and carried of the branch of Trường Sơn, and its carried members."""
    rows = QuarterTotal.objects.filter(
        unit=tree.truong_son, quarter=quarter, structure=Structure.REPORTED
    ).values_list("reports", "suspended", "carried", "carried_members")
    return tuple(sum(column or 0 for column in columns) for columns in zip(*rows, strict=True))


def test_a_suspended_unit_owes_nothing_and_its_stock_stays(tree, by):
    second = factories.open_quarter("2024Q2")
    factories.accepted(tree.huong_giang, second, opening=195)
    third = factories.open_quarter("2024Q3")
    assert counts(tree, third) == (4, 0, 1, 195)

    suspending.suspend(tree.huong_giang, on=DAY, by=by, decision_no="07/QĐ-CĐ")

    report = factories.report(tree.huong_giang, third)
    assert (report.is_suspended, report.is_editable) == (True, False)
    assert counts(tree, third) == (3, 1, 0, 195)
    assert list(totals.differences()) == []

    suspending.resume(tree.huong_giang, on=date(2024, 9, 1), by=by)
    assert factories.report(tree.huong_giang, third).is_editable
    assert counts(tree, third) == (4, 0, 1, 195)
    assert list(totals.differences()) == []
