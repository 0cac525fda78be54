"""One builder of tables: a row is headed, numbers are aligned, nothing of the data's owner becomes HTML."""

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from hyteanalysis.html import Html, Numeric, table

words = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=20)


@given(words, st.lists(words, min_size=2, max_size=2), st.lists(st.lists(words, min_size=2, max_size=2), max_size=3))
def test_whatever_the_words_are_they_stand_in_their_cells_and_make_no_markup(caption, headings, rows):
    made = ElementTree.fromstring(table(caption, headings, rows, lang="fi"))
    assert made.get("lang") == "fi"
    assert (made.find("caption").text or "") == caption
    assert [one.text or "" for one in made.findall("thead/tr/th[@scope='col']")] == headings
    assert [[cell.text or "" for cell in row] for row in made.findall("tbody/tr")] == rows
    assert [[cell.tag for cell in row] for row in made.findall("tbody/tr")] == [["th", "td"]] * len(rows)


def test_numbers_are_marked_and_rows_can_have_a_class():
    made = ElementTree.fromstring(
        table("t", [], [["a", Numeric("1 < 2")], ["b", Html("<b>3</b>")]], classes=["", "own"])
    )
    (first, second) = made.findall("tbody/tr")
    assert made.find("thead") is None
    assert (first[1].get("class"), first[1].text) == ("number", "1 < 2")
    assert (first.get("class"), second.get("class")) == (None, "own")
    assert (second[1].get("class"), second[1].find("b").text) == (None, "3")


def test_as_many_cells_head_a_row_as_asked():
    for heads in range(3):
        row = ElementTree.fromstring(table("t", ["x"] * 3, [["a", "b", "c"]], heads=heads)).find("tbody/tr")
        assert [cell.get("scope") for cell in row] == ["row"] * heads + [None] * (3 - heads)
