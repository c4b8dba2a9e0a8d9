"""Who may import whom: unionplan.lib <- members <- training <- targets, inside functions too."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ["members", "training", "targets"]
MODULES = [
    path
    for package in ["unionplan", *APPS]
    for path in sorted((ROOT / package).rglob("*.py"))
    if path.stat().st_size
]


def imported_by(path):
    """Full names of all a module imports; «from a import b» is a.b, which may be a module."""
    here = path.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = [*here[: -node.level], *filter(None, [node.module])] if node.level else []
            module = ".".join(base) or node.module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def allowed_for(path):
    """The project's packages that a module may import."""
    parts = path.relative_to(ROOT).parts
    if parts[0] in APPS:
        return ["unionplan.lib", *APPS[: APPS.index(parts[0]) + 1]]
    return ["unionplan.lib"] if parts[1] in {"lib", "settings.py"} else ["unionplan"]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_to_its_left(path):
    ours = [name for name in imported_by(path) if name.split(".")[0] in {"unionplan", *APPS}]
    allowed = tuple(f"{package}." for package in allowed_for(path))

    assert [name for name in ours if not f"{name}.".startswith(allowed)] == []


def test_the_walk_sees_an_import_inside_a_function(tmp_path, monkeypatch):
    module = tmp_path / "members" / "views" / "late.py"
    module.parent.mkdir(parents=True)
    module.write_text("def late():\n    from targets import plans\n    from ..models import Unit\n")
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)

    assert list(imported_by(module)) == ["targets.plans", "members.models.Unit"]
    assert allowed_for(module) == ["unionplan.lib", "members"]
