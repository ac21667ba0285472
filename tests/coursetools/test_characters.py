"""Names that look the same are told apart, and no honest name is spoilt."""

import pytest

from coursetools.characters import CODE, distinct

UNSEEN = (
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u00a0\u2009\u202e\u2066\u3164\u034f\ufe0f\x01\U000e0061"
)


def test_names_that_differ_in_what_is_not_seen_become_different_to_see():
    names = {distinct(f"ad{c}a") for c in UNSEEN} | {distinct("ada")}
    assert len(names) == len(UNSEEN) + 1
    assert all(name.isprintable() and CODE.sub("", name) == "ada" for name in names)


def test_spaces_that_are_not_seen_tell_names_apart():
    names = [distinct(name) for name in ("Ada L", " Ada L", "Ada L ", "Ada  L", "Ada L  ")]
    code = "⟨U+0020⟩"
    assert names == ["Ada L", f"{code}Ada L", f"Ada L{code}", f"Ada {code}L", f"Ada L {code}"]


@pytest.mark.parametrize("name", ["Zo\u0308e", "علی\u200cرضا", "O'Brien, Pat", "山田\u3000太郎"])
def test_a_name_in_any_script_stays_readable(name):
    assert "⟨" not in distinct(name)


def test_no_name_spells_the_code_of_another():
    assert distinct("ad⟨U+200B⟩a") != distinct("ad\u200ba")
