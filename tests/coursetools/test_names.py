"""What a person may have meant."""

from coursetools.names import nearest


def test_close_names_come_first_and_otherwise_those_that_there_are():
    assert nearest("adda", ["bob", "ada", "adam"]).startswith("the nearest: ada")
    assert nearest("x", {"bob", "ada"}) == "known: ada, bob"
    assert nearest("x", map(str, range(100, 200))).count(",") == 19
