"""What day it is: the real one, or the fixed day of the demo."""

from datetime import date, timedelta

import time_machine

from unionplan.lib import clock


@time_machine.travel("2026-03-01 18:30Z", tick=False)
def test_the_day_is_that_of_vietnam(settings):
    settings.DEMO_TODAY = None

    assert clock.today() == date(2026, 3, 2)
    assert clock.now().isoformat() == "2026-03-01T18:30:00+00:00"


@time_machine.travel("2026-03-01 07:05Z", tick=False)
def test_the_demo_stands_on_its_day_while_the_hours_run_on(settings):
    settings.DEMO_TODAY = date(2024, 10, 4)

    assert clock.today() == date(2024, 10, 4)
    assert clock.now().isoformat() == "2024-10-04T07:05:00+00:00"


def test_the_demo_is_on_the_same_day_tomorrow(settings):
    settings.DEMO_TODAY = date(2024, 10, 4)
    with time_machine.travel("2026-03-01 16:59Z", tick=False) as moment:
        moment.shift(timedelta(days=1))

        assert clock.today() == date(2024, 10, 4)
