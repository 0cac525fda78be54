"""environment.yml, constraints.txt and pyproject.toml name the same packages and versions."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from rattler import MatchSpec

from hyteanalysis import reading
from hyteanalysis.errors import HyteError

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

# where conda-forge calls a package otherwise
CONDA_NAMES = {
    "duckdb": "python-duckdb",
    "ibis-framework": "ibis-duckdb",
    "matplotlib": "matplotlib-base",
}


def test_environment_holds_the_dependencies_of_pyproject_and_nothing_else():
    environment = reading.read(ROOT / "environment.yml", HyteError).data
    assert environment["channels"] == ["conda-forge"]
    specs = [MatchSpec(text, strict=True) for text in environment["dependencies"]]
    conda = {spec.name.normalized: str(spec.version) for spec in specs if spec.name.normalized != "pip"}
    needed = [Requirement(text) for text in PROJECT["dependencies"]]
    expected = {CONDA_NAMES.get(need.name, need.name): str(need.specifier) for need in needed}
    assert conda == {"python": PROJECT["requires-python"], **expected}


def test_every_dependency_is_pinned_and_the_pin_satisfies_it():
    pins = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pin = Requirement(line)
            if pin.marker is None or pin.marker.evaluate():
                pins[canonicalize_name(pin.name)] = str(pin.specifier).removeprefix("==")
    extras = [need for extra in PROJECT["optional-dependencies"].values() for need in extra]
    for text in [*PROJECT["dependencies"], *extras]:
        need = Requirement(text)
        assert need.specifier.contains(pins[canonicalize_name(need.name)]), f"{text} is pinned to another version"


def test_no_committed_set_up_file_names_a_registry():
    for name in ("constraints.txt", "pyproject.toml", "environment.yml", "Makefile", ".ci/run"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"(index-url|find-links|registry)", text.replace("--no-emit-index-url", "")), name
