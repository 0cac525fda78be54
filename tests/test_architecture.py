"""Imports go upward only: each entry of the house may import the entries above it, never those below."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "hyteanalysis"

# DESIGN: from the ground up; one line may hold entries that are one room
HOUSE = """
errors
places
reference
i18n
cell_rules cells
areas
uncertainty
sources
rates
survey
small_areas
inequality
decomposition
intersectional
spatial
disclosure
findings
actions
plan
tables
figures
reports
apps
cli
""".split()


def modules():
    return {path: path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py"}


def entry(relative):
    return relative.parts[0].removesuffix(".py")


def imported(path):
    """Names of modules inside the package that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively: name the module in full"
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


@pytest.mark.parametrize("path", sorted(modules()), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_upward(path):
    own = entry(modules()[path])
    assert own in HOUSE or path.name == "__main__.py", f"{own} has no place in the house: add it to HOUSE and to DESIGN"
    for line, name in imported(path):
        parts = name.split(".")
        if parts[0] != "hyteanalysis" or len(parts) == 1 or parts[1] not in HOUSE:
            continue
        assert HOUSE.index(parts[1]) <= HOUSE.index(own), f"{path.name}:{line}: {own} may not import {parts[1]}"


def test_no_cycles_inside_a_folder():
    graph = {}
    for path, relative in modules().items():
        name = ".".join(("hyteanalysis", *relative.with_suffix("").parts)).removesuffix(".__init__")
        graph[name] = {target for _, target in imported(path) if target != name}
    names = set(graph)
    # importing a name from a folder runs the folder's __init__, which a module inside it must not do
    for name in names:
        folder = name.rpartition(".")[0]
        if folder in names and folder != "hyteanalysis":
            assert folder not in graph[name] or graph[folder] == set(), f"{name} imports from its own folder's __init__"
    done, path = set(), []

    def visit(name):
        assert name not in path, f"cycle: {' -> '.join([*path[path.index(name) :], name])}"
        if name in done:
            return
        path.append(name)
        for target in graph[name] & names:
            if not name.startswith(f"{target}."):
                visit(target)
        path.pop()
        done.add(name)

    for name in names:
        visit(name)


def test_the_package_names_only_what_exists():
    import hyteanalysis

    for name in hyteanalysis.__all__:
        assert getattr(hyteanalysis, name) is not None
    with pytest.raises(AttributeError, match="disparty"):
        hyteanalysis.disparty  # noqa: B018
