"""Imports go upward only: each entry of the house may import the entries above it, never those below."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "hyteanalysis"

# DESIGN: from the ground up; one line may hold entries that are one room
HOUSE = """
errors
characters
classification
numerals
marks
places
memory
progress
writing
reading
reference
i18n
html
display
cells
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
evidence
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


def imported(path, *, typing=True):
    """Names that a file imports, wherever in the file; without those for type checkers only where asked."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    guarded = [n for n in ast.walk(tree) if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.dump(n.test)]
    hidden = set() if typing else {id(inner) for block in guarded for inner in ast.walk(block)}
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
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


def named(relative):
    return ".".join(("hyteanalysis", *relative.with_suffix("").parts)).removesuffix(".__init__")


def test_no_cycles():
    names = {named(relative) for relative in modules().values()}
    graph = {}
    for path, relative in modules().items():
        targets = {name for _, name in imported(path, typing=False)} & names
        # `from folder import module` asks for the module; what the folder's __init__ binds is another matter
        graph[named(relative)] = {target for target in targets if not any(t.startswith(f"{target}.") for t in targets)}
    done, path = set(), []

    def visit(name):
        assert name not in path, f"cycle: {' -> '.join([*path[path.index(name) :], name])}"
        if name in done:
            return
        path.append(name)
        for target in graph[name] - {name}:
            visit(target)
        path.pop()
        done.add(name)

    for name in sorted(names):
        visit(name)


@pytest.mark.parametrize("room", ["actions", "plan", "i18n", "decomposition", "spatial", "areas", "disclosure"])
def test_no_function_hides_the_module_of_its_name(room):
    package = import_module(f"hyteanalysis.{room}")
    for path in sorted((PACKAGE / room).glob("*.py")):
        if path.stem != "__init__":
            assert getattr(package, path.stem, None) in (None, import_module(f"hyteanalysis.{room}.{path.stem}"))


def test_the_package_names_only_what_exists():
    import hyteanalysis

    for name in hyteanalysis.__all__:
        assert getattr(hyteanalysis, name) is not None
    with pytest.raises(AttributeError, match="disparty"):
        hyteanalysis.disparty  # noqa: B018
