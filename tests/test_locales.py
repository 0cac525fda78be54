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
# Counted, yet never one: lists cut short, thresholds of protection, times with decimals, whole maps and strata.
NEVER_ONE = (
    "app.quality.reliability_rule",
    *(
        "action.answer.hardly",
        "action.switch.above",
        "app.quality.rule_count",
        "app.quality.rule_respondents",
        "app.topics.line",
    ),
    *("app.topics.reversed", "figure.many_areas", "figure.regions.few", "finding.gap.times"),
    *("finding.gap.times_alone", "finding.gap.times_unclear", "finding.headline.many"),
    *(f"finding.change.relative.{verdict}" for verdict in ("crossed", "narrowed", "no_clear_change", "reversed")),
    *(
        "finding.change.relative.widened",
        "finding.state.many_groups",
        "intersectional.sentence.more",
        "intersectional.sentence.none",
    ),
    *("intersectional.sentence.some", "plan.check.few_people", "report.appendix.rule", "report.rows_left_out"),
    *("spatial.sentence.apart", "spatial.sentence.none", "spatial.sentence.together"),
)
# Finnish verbs that take the partitive for one as for many.
PARTITIVE = (
    *("action.allocation.answer", "action.shares.most", "app.plan.helps", "figure.alt.plane"),
    *("finding.people.people_fewer", "finding.people.people_more", "finding.people.people_now"),
)
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
    assert {lang: i18n.missing(lang) for lang in i18n.LANGS} == {"fi": [], "sv": [], "en": []}


def test_texts_are_filled_and_share_their_placeholders():
    for key, value in i18n.keys("fi").items():
        assert KEY.fullmatch(key), key
        for lang in i18n.LANGS:
            *few, general = i18n.forms(key, lang)
            assert general.strip(), (key, lang)
            assert placeholders(general) == placeholders(value), (key, lang)
            for form in few:  # one may be said in words
                assert form.strip(), (key, lang)
                assert set(placeholders(form)) <= set(placeholders(value)), (key, lang)


def test_what_is_counted_has_the_plural_forms_of_its_language():
    def check(said, language, key):
        if isinstance(said, str):
            return
        ((counted, of),) = said.items()
        assert set(of) == {*language.locale.plural_form.rules, "other"}, (key, language.code)
        assert len(set(map(str, of.values()))) == len(of), f"{key}: forms that do not differ need only one"
        assert f"{{{counted}}}" in str(of["other"]), (key, counted)
        for form in of.values():
            check(form, language, key)

    for language in i18n.LANGUAGES.values():
        for key, said in language.texts.items():
            check(said, language, key)
    assert sum(isinstance(said, dict) for said in i18n.LANGUAGES["en"].texts.values()) > 40


@cache
def nouns(lang):
    """Words in the plural, as the plural forms of the texts have them and the forms for one do not."""
    found = set()
    for said in i18n.LANGUAGES[lang].texts.values():
        if not isinstance(said, str):
            one, other = (re.findall(r"\w+", str(form)) for form in next(iter(said.values())).values())
            found |= {word for word in other if word not in one and f"}} {word}" in str(said)}
    return found


@pytest.mark.parametrize("lang", i18n.LANGS)
def test_no_text_says_one_of_many(lang):
    """With 1 in the place of every number, no noun in the plural follows it."""
    several = re.compile(rf"\b1 ({'|'.join(sorted(nouns(lang)))})\b")
    for key in i18n.keys(lang):
        ones = dict.fromkeys(placeholders(i18n.forms(key, lang)[-1]), i18n.integer(1, lang))
        said = i18n.text(key, lang, **ones)
        allowed = NEVER_ONE + (PARTITIVE if lang == "fi" else ())
        assert key in allowed or not several.search(said), (key, said)


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
    for key, value in [(one, form) for one in i18n.keys(lang) for form in i18n.forms(one, lang)]:
        assert "  " not in value, key
        assert not re.search(r"\d %", value), f"{key}: no-break space before %"
        assert not re.search(r"\s-\s", value), f"{key}: en dash, not a hyphen"
