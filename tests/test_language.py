"""The session's language serves where no language is named, and nothing that names one hears of it."""

import ast
import html

import displayed
import pytest

import hyteanalysis as hyte
from hyteanalysis import i18n, places
from hyteanalysis.i18n import languages
from hyteanalysis.plan.deliberation import default_criteria


@pytest.fixture(autouse=True)
def back():
    yield
    hyte.set_language(None)


@pytest.fixture(scope="module")
def release():
    return hyte.Release.open(places.committed("releases", "example"))


@pytest.fixture(scope="module")
def finding(release):
    return hyte.finding(release, indicator="smoking" if "smoking" in set(release.indicators["indicator"]) else
                        release.indicators["indicator"].iloc[0], area="SSS", dimension="education")  # fmt: skip


def test_sentences_and_figures_speak_the_sessions_language(release, finding):
    finnish = finding.sentences("fi")
    assert finding.sentences() == finnish
    hyte.set_language("sv")
    assert finding.sentences() == finding.sentences("sv") != finnish
    assert finding.sentences("fi") == finding.sentences(lang="fi") == finnish
    drawn = hyte.figures.equiplot(release, indicator=finding.indicator, dimension="education", areas="SSS")
    assert drawn.lang == "sv"
    asked = hyte.figures.equiplot(release, indicator=finding.indicator, dimension="education", areas="SSS", lang="en")
    assert asked.lang == "en"


def test_each_function_keeps_its_own_default_until_a_language_is_chosen():
    english = hyte.measures()["name"].tolist()
    hyte.set_language("fi")
    assert hyte.measures()["name"].tolist() == hyte.measures("fi")["name"].tolist() != english
    hyte.set_language(None)
    assert hyte.measures()["name"].tolist() == english
    assert i18n.language() == "fi"


def test_an_unknown_language_is_refused_and_changes_nothing():
    hyte.set_language("sv")
    with pytest.raises(hyte.HyteError, match="language must be one of fi, sv, en; not 'se'"):
        hyte.set_language("se")
    assert i18n.language() == "sv"


def test_a_check_that_names_its_language_does_not_ask_the_session(release, monkeypatch):
    """The session's language is one that raises wherever it is used."""
    monkeypatch.setattr(languages, "_chosen", "xx")
    with pytest.raises(hyte.HyteError, match="language"):
        hyte.measures()
    plan = hyte.Plan.read(places.committed("plans", "example.yml"))
    assert plan.check(release, lang="fi").columns.tolist() == ["where", "field", "message", "code"]


def speaking(tree):
    """Names of the functions that speak the session's language."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any("spoken" in ast.dump(one) for one in node.decorator_list):
            yield node.name


def silent(tree, names):
    """Calls of them that name no language."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
            told = {keyword.arg for keyword in node.keywords} & {"lang", None}
            if not told and (not node.args or names[node.func.attr] == "figures"):
                yield node.lineno


def test_pages_reports_and_commands_always_name_their_language():
    package = places.committed("releases").parents[1] / "hyteanalysis"
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in package.rglob("*.py")}
    names = {name: path.relative_to(package).parts[0] for path, tree in trees.items() for name in speaking(tree)}
    assert {"equiplot", "bars", "sentences", "assumed", "measures", "check"} <= set(names)
    for common in ("text", "map", "write", "county", "sections"):  # methods of other things bear these names
        del names[common]
    edges = [path for path in trees if path.relative_to(package).parts[0] in ("apps", "reports", "cli")]
    assert not [f"{path}:{line}" for path in edges for line in silent(trees[path], names)]


@pytest.mark.parametrize(
    ("kind", "methods"),
    [
        ("finding", ["sentences", "parts", "headline"]),
        ("impact", ["sentences", "notes"]),
        ("allocation", ["sentences"]),
        ("scenarios", ["sentences"]),
        ("switch", ["text"]),
        ("evaluation", ["sentences", "assumptions"]),
        ("action", ["label"]),
        ("partition", ["sentence", "assumed"]),
        ("moran", ["sentence", "assumed"]),
        ("maihda", ["sentence", "assumed"]),
        ("decomposition", ["sentence", "assumed"]),
        ("worksheet", ["text", "sections"]),
    ],
)
def test_a_result_speaks_the_sessions_language_unless_another_is_named(kind, methods):
    result = getattr(displayed, kind)()
    for method in methods:
        say = getattr(result, method)
        finnish, swedish, english = say("fi"), say("sv"), say(lang="en")
        assert finnish != swedish != english != finnish
        assert say() == finnish
        hyte.set_language("sv")
        assert say() == swedish
        assert say("en") == english
        assert say(lang="fi") == finnish
        hyte.set_language(None)


def test_criteria_to_begin_with_speak_the_sessions_language():
    assert default_criteria() == default_criteria("fi") != default_criteria("sv")
    hyte.set_language("sv")
    assert default_criteria() == default_criteria("sv")


def test_assumptions_without_a_language_stay_english():
    hyte.set_language("sv")
    assert displayed.partition().assumptions == displayed.partition().assumed("en")


@pytest.mark.parametrize("lang", i18n.LANGS)
def test_a_figure_shows_its_alternative_table_and_notes_in_the_sessions_language(lang):
    made = displayed.practice_release()
    asked = hyte.figures.equiplot(made, indicator="lonely", dimension="sex", areas=["east", "west"], lang=lang)
    hyte.set_language(lang)
    page = hyte.figures.equiplot(made, indicator="lonely", dimension="sex", areas=["east", "west"])._repr_html_()
    assert f'<figure lang="{lang}">' in page
    assert f'alt="{html.escape(asked.alt)}"' in page
    assert asked.html_table() in page
    assert f"<summary>{i18n.text('figure.table', lang)}</summary>" in page
    assert asked.notes
    for words in (asked.title, asked.subtitle, asked.source, *asked.notes):
        assert html.escape(words) in page
    assert html.escape(f"{lang}{displayed.HOSTILE}") in asked.html_table()
    assert displayed.HOSTILE not in page
