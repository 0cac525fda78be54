"""What people write in YAML: codes stay text, every fault is told by its line, nothing exhausts the machine."""

import json
from contextlib import suppress
from typing import Literal

import pytest
import ruamel.yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

import hyteanalysis as hyte
from hyteanalysis import places, reading
from hyteanalysis.characters import cleaned
from hyteanalysis.errors import DisclosureError, PlanError, SourceError
from hyteanalysis.sources.microdata import Schema


def data(text):
    return reading.parsed(text, PlanError, "f.yml").data


@pytest.mark.parametrize(
    "word",
    ["010", "00100", "-07", "007.5", "1_000", "0x1F", "0o17", "0b1", "1:30", "yes", "no", "on", "off", "y", "n",
     "2026-01-31", "2026-02-31", "2026-01-31T10:00:00", "=", "<<", "KU091", "1e", "+", ".", "nil", "None", "tRUE"],
)  # fmt: skip
def test_codes_and_words_stay_text(word):
    assert data(f"a: {word}") == {"a": word}
    assert data(f"- {word}") == [word]
    assert data(f"{word}: 1") == {word: 1}
    assert data(f"%YAML 1.1\n---\na: {word}\n") == {"a": word}, "whatever version the file names"


@pytest.mark.parametrize(
    ("word", "value"),
    [("0", 0), ("-12", -12), ("+3", 3), ("0.5", 0.5), (".5", 0.5), ("1.", 1.0), ("1e3", 1000.0), ("-1.5E-2", -0.015),
     ("true", True), ("FALSE", False), ("null", None), ("~", None), ("", None), (".inf", float("inf"))],
)  # fmt: skip
def test_numbers_truth_and_nothing_are_what_yaml_says(word, value):
    found = data(f"a: {word}")["a"]
    assert (found, type(found)) == (value, type(value))


def test_keys_are_text_as_the_codes_of_data_are():
    assert data("1: a\n010: b\ntrue: c\n2.0: d\n") == {"1": "a", "010": "b", "true": "c", "2.0": "d"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [", "f.yml, line 1: is not valid YAML"),
        ("a: 1\nb: 2\na: 3\n", "f.yml, line 3: is not valid YAML: key 'a' stands there twice"),
        ("a:\n- {b: 1,\n   b: 2}\n", "line 3: is not valid YAML: key 'b'"),
        ("x: 1\na: !!python/object:os.system x\n", "line 2: is not valid YAML: the type .*os.system is not known"),
        ("x: 1\na: !!int many\n", "line 2: is not valid YAML: 'many' is no int"),
        ("? [a]\n: 1\n", "line 1: is not valid YAML: a key must be a word or a number"),
        ("a: 1\n---\nb: 2\n", "f.yml, line 2: is not valid YAML: but found another document"),
        ("a: &x [*x]\n", r"line 1: is not valid YAML: holds an alias \(\*x\): write its content out"),
        ("x: 1\na: " + "[" * 41 + "]" * 41, "f.yml, line 2: is nested more than 40 deep"),
        ("a: " + "[" * 100_000, "f.yml, line 1: is nested more than 40 deep"),
        ("#" * 5_000_001, "f.yml: is 5,000,001 characters long; at most 5,000,000 are read"),
    ],
    ids=range(11),
)
def test_a_text_that_cannot_be_read_is_told_by_line(text, told):
    with pytest.raises(PlanError, match=told):
        data(text)


words = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=8)
words = words.filter(lambda one: cleaned(one) == one)  # the reader takes out what no text needs
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)
whole = st.dictionaries(words, plain, max_size=4)


@given(whole)
def test_what_is_written_is_read(said):
    assert data(reading.written(said)) == said


@given(whole.filter(lambda said: "Infinity" not in json.dumps(said)))
def test_json_is_read_as_json(said):
    assert data(json.dumps(said)) == said


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    with suppress(PlanError):  # any other error fails
        data(text)


def by(reader, text):
    lines = {}
    return reading._whole(YAML(typ="safe", pure=reader == "python").parse(text), lines), lines


@given(whole)
def test_libyaml_reads_as_the_reader_in_python_does(said):
    text = reading.written(said)
    assert by("libyaml", text) == by("python", text)


@pytest.mark.parametrize("folder", ["plans", "actions"])
def test_libyaml_reads_what_people_wrote_as_the_reader_in_python_does(folder):
    files = sorted(places.committed(folder).rglob("*.yml"))
    assert files
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert by("libyaml", text) == by("python", text), file.name


def test_libyaml_is_installed():
    assert ruamel.yaml.__with_libyaml__, "a plan would take six times as long to read"


@pytest.mark.parametrize(
    ("text", "value"),
    [("a: !\n", {"a": None}), ("a: b\u2028c\x07\n", {"a": "b c"}), ("a: !!map {b: 1}\n", {"a": {"b": 1}})],
)
def test_what_libyaml_would_take_otherwise_is_read_by_the_rules_of_yaml_1_2(text, value):
    assert data(text) == value


@pytest.mark.parametrize("text", ["a: |#\n", "a: b\tc:d[\t'\n", "a: !!python/tuple [1]\n", "!!omap {a: 1}\n"])
def test_what_only_libyaml_would_take_and_types_of_programs_are_refused(text):
    with pytest.raises(PlanError, match="line 1: is not valid YAML"):
        data(text)


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    size: float
    kind: Literal["wide", "narrow"] = "wide"


class Whole(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    parts: list[Part] = []


def test_faults_of_a_model_name_file_line_entry_what_was_read_and_what_is_allowed():
    document = reading.parsed("titel: T\nparts:\n- id: a\n  size: big\n- {size: 1, kind: round}\n", PlanError, "f.yml")
    with pytest.raises(PlanError) as caught:
        reading.validated(Whole, document.data, PlanError, document=document, whole="it", kinds={"parts": "part"})
    assert str(caught.value).splitlines() == [
        "5 faults:",
        "f.yml: title: is missing",
        "f.yml, line 4: part 'a'.size: is not a number; given: 'big'",
        "f.yml, line 5: part 2.id: is missing",
        "f.yml, line 5: part 2.kind: must be 'wide' or 'narrow'; not 'round'",
        "f.yml, line 1: titel: is not known; did you mean title?",
    ]
    with pytest.raises(PlanError, match=r"^it: must be a mapping; not 3$"):
        reading.validated(Whole, 3, PlanError, whole="it")


def test_one_reader_serves_actions_plans_policies_and_schemas(tmp_path):
    deep, odd = "a: " + "[" * 100_000, "a: 1\na: 2\n"
    readers = [
        (hyte.Action.read, PlanError), (hyte.Plan.read, PlanError),
        (hyte.Policy.read, DisclosureError), (Schema.read, SourceError),
    ]  # fmt: skip
    for read, error in readers:
        for text, told in ((deep, "line 1: is nested more than 40 deep"), (odd, "line 2: .* stands there twice")):
            (tmp_path / "f.yml").write_text(text, encoding="utf-8")
            with pytest.raises(error, match=told):
                read(tmp_path / "f.yml")


def test_a_schema_keeps_the_zeros_of_codes(tmp_path):
    text = "groups: {town: {column: town, values: {010: A, 091: B, no: C, 5: D}, order: [010, 091, no, 5]}}"
    (tmp_path / "schema.yml").write_text(text, encoding="utf-8")
    town = Schema.read(tmp_path / "schema.yml").groups["town"]
    assert list(town["values"]) == town["order"] == ["010", "091", "no", "5"]
