"""The chart library is served out of the package, and nothing beside it."""

from pathlib import Path

from django.contrib.staticfiles import finders


def test_the_library_is_found_and_collected():
    found = finders.find("plotly.min.js")

    assert Path(found).name == "plotly.min.js"
    assert Path(found).stat().st_size > 1_000_000
    assert finders.find("plotly.min.js", find_all=True) == [found]


def test_nothing_else_of_the_package_is_served():
    assert (Path(finders.find("plotly.min.js")).parent / "datasets").parent.is_dir()
    assert finders.find("package_data/plotly.min.js") is None
    assert finders.find("widgetbundle.js") is None

    finder = finders.get_finder("unionplan.lib.plotlyjs.PlotlyFinder")
    assert [name for name, _ in finder.list([])] == ["plotly.min.js"]
