"""Every text exists in three languages, with the same placeholders, and is used; every text asked for exists."""

import ast
import re
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from hyteanalysis import i18n

ROOT = Path(__file__).parent.parent
# Keys built at run time from a stem that does not stand first in an f-string given to `text`.
DYNAMIC: tuple[str, ...] = ()
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[A-Za-z0-9_-]+)+")


def placeholders(value):
    return sorted({name for _, name, _, _ in Formatter().parse(value) if name is not None})


@cache
def trees():
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "hyteanalysis").rglob("*.py")}


def is_text_call(node):
    if not isinstance(node, ast.Call) or not node.args:
        return False
    function = node.func
    return (isinstance(function, ast.Name) and function.id == "text") or (
        isinstance(function, ast.Attribute)
        and function.attr == "text"
        and isinstance(function.value, ast.Name)
        and function.value.id == "i18n"
    )


@cache
def used():
    """String constants of the code, keys that `text` is called with, stems of keys built in an f-string."""
    constants, asked, stems = set(), {}, set(DYNAMIC)
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                constants.add(node.value)
            if is_text_call(node):
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    asked[first.value] = f"{path.relative_to(ROOT)}:{node.lineno}"
                elif isinstance(first, ast.JoinedStr) and isinstance(first.values[0], ast.Constant):
                    stems.add(first.values[0].value)
    return constants, asked, stems


@cache
def pages():
    """The text of the dashboards' own files."""
    kinds = {".ipynb", ".html", ".j2", ".tpl", ".json", ".js", ".py"}
    return "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "dashboards").rglob("*") if path.suffix in kinds
    )


def test_languages_have_the_same_keys():
    fi, sv, en = (set(i18n.keys(lang)) for lang in i18n.LANGS)
    assert fi == sv == en, sorted((fi ^ sv) | (fi ^ en))


def test_texts_are_filled_and_share_their_placeholders():
    for key, value in i18n.keys("fi").items():
        assert KEY.fullmatch(key), key
        for lang in i18n.LANGS:
            other = i18n.keys(lang)[key]
            assert other.strip(), (key, lang)
            assert placeholders(other) == placeholders(value), (key, lang)


def test_every_key_is_used():
    constants, _, stems = used()
    shown = pages()
    unused = [
        key
        for key in i18n.keys("fi")
        if key not in constants and not any(key.startswith(stem) for stem in stems) and key not in shown
    ]
    assert not unused


def test_stems_of_built_keys_are_dotted_and_known():
    for stem in used()[2]:
        assert "." in stem, stem
        assert any(key.startswith(stem) for key in i18n.keys("fi")), stem


def test_every_key_asked_for_exists():
    known = i18n.keys("fi")
    assert not {key: where for key, where in used()[1].items() if key not in known}


@pytest.mark.parametrize("lang", i18n.LANGS)
def test_texts_use_the_typography_of_the_house(lang):
    for key, value in i18n.keys(lang).items():
        assert "  " not in value, key
        assert not re.search(r"\d %", value), f"{key}: no-break space before %"
        assert not re.search(r"\s-\s", value), f"{key}: en dash, not a hyphen"
