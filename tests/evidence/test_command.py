"""The command `hyte evidence`: list, show, use."""

import commands
import pytest

import hyteanalysis as hyte


def run(*arguments):
    made = commands.run("evidence", *arguments)
    assert made.returncode == 0, made.stderr
    return made.stdout


def test_list_says_found_certainty_and_place():
    said = run("list", "--topic", "falls", "--lang", "fi")
    assert "falls-exercise: Kaatumisia ehkäisevä liikunta. Tulokset vaihtelevat; varmuus korkea ●●●●" in said
    assert "Nothing meets" not in said


def test_list_gives_the_nearest_of_a_wish_that_is_not_met():
    said = run("list", "--topic", "participation", "--certainty", "high")
    assert said.startswith("Nothing meets the whole wish.")
    assert "[certainty low]" in said


@pytest.mark.parametrize(
    ("lang", "part"), [("fi", "Mitä ei tiedetä"), ("sv", "Vad som inte är känt"), ("en", "What is not known")]
)
def test_show_tells_every_number_with_its_source(lang, part):
    said = run("show", "smoking-support", "--lang", lang)
    assert part in said
    assert said.count("https://doi.org/") >= 4
    assert "10.1016/j.addbeh.2008.05.012" not in said  # a DOI that was not seen


def test_use_writes_an_action_that_reads_back(tmp_path):
    out = tmp_path / "own.yml"
    run("use", "smoking-support", "--outcome", "sotkanet-4404", "-o", out)
    made = hyte.Action.read(out)
    assert made.outcome == "sotkanet-4404"
    assert made.effect.source.startswith("Stead LF")
