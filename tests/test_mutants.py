"""The slips of ``mutants.yml`` follow the code: each stands once in its file, and its tests exist."""

import ast

import mutants
import pytest

LISTED = list(mutants.listed([]))


@pytest.mark.parametrize("mutant", LISTED, ids=[f"{one.file}: {one.old}" for one in LISTED])
def test_a_slip_stands_once_in_its_file_and_its_tests_exist(mutant):
    mutant.text((mutants.ROOT / mutant.file).read_text(encoding="utf-8"))
    for test in mutant.tests:
        file, _, name = test.partition("::")
        tree = ast.parse((mutants.ROOT / file).read_text(encoding="utf-8"))
        defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert not name or name.partition("[")[0] in defined, f"{file} has no {name}"


def test_contributing_counts_the_slips():
    assert f"each of the {len(LISTED)} slips" in (mutants.ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
