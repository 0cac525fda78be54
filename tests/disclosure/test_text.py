"""Personal data in free text: what is found, and what is not taken for it."""

import pytest

from hyteanalysis.disclosure import check_text


def kinds(text):
    return [found.kind for found in check_text(text)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Tunnus on 131052-308T.", "personal_code"),
        ("hetu 131052Y308T", "personal_code"),
        ("131052–308T", "personal_code"),
        ("Kirjoita maija.meikalainen@example.fi", "email"),
        ("maija(at)example.fi", "email"),
        ("Soita 040 123 4567", "phone"),
        ("puh. +358 40 1234567", "phone"),
        ("ring 09-310 1691", "phone"),
        ("Asun Kirkkokatu 3 B 12", "address"),
        ("Kirkkokadulla 14", "address"),
        ("Tapaamme Kauppatori 7", "address"),
        ("Storgatan 12 A", "address"),
        ("Vanha Viertotie 23", "address"),
    ],
)
def test_personal_data_are_found(text, kind):
    assert kinds(text) == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Joka viides asukas, 20 % vuonna 2022.",
        "Vuosina 2015–2025 osuus nousi 12,5 prosenttiin.",
        "Hanke maksoi 1 250 000 euroa.",
        "Kuolleisuus 100 000 asukasta kohti",
        "Sote-uudistus 1.1.2023 ja 31.12.2024",
        "131052-308A",  # the check character is wrong
        "310252-308T",  # there is no such day
        "Valtatie 4 on ruuhkainen",
        "Kokous on klo 12.00-15.30 huoneessa 214",
        "Laki 612/2021, 7 § ja asetus 2016/679",
        "Indikaattori 4076, taulukko 12ab",
        "Raportti 12, liite 3: näkökulma 2 ja sektori 4",
        "Lappeenranta 2023, Kirkkokatu 2024 -hanke",
        "Katu oli tyhjä ja tie 20 metriä leveä",
        "ISBN 978-952-343-123-4",
        "Vastaajia oli 1 234, joista 567 naisia",
    ],
)
def test_numbers_of_a_report_are_not_taken_for_personal_data(text):
    assert check_text(text) == []


def test_what_is_found_says_where_it_stands():
    text = "Yhteys: 040 123 4567 tai mia@example.org."
    found = check_text(text)
    assert [one.kind for one in found] == ["phone", "email"]
    assert all(text[one.start : one.start + len(one.text)] == one.text for one in found)


def test_what_lies_within_another_find_is_told_once():
    found = check_text("Kirjoita: 0401234567@esimerkki.fi")
    assert [(item.kind, item.text) for item in found] == [("email", "0401234567@esimerkki.fi")]
