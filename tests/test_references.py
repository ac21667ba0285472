"""The bibliography: every entry can be linked to, once, with all its authors."""

from pathlib import Path

from pybtex.database import parse_file

ENTRIES = parse_file(str(Path(__file__).parents[1] / "book" / "references.bib")).entries


def test_every_entry_has_an_address():
    without = [k for k, e in ENTRIES.items() if not {"doi", "eprint", "url"} & set(e.fields)]
    assert not without


def test_no_author_is_hidden_behind_others():
    hidden = [
        key
        for key, entry in ENTRIES.items()
        if any("others" in map(str.lower, person.last_names) for person in entry.persons["author"])
    ]
    assert not hidden


def test_no_work_stands_twice():
    dois = [entry.fields["doi"].lower() for entry in ENTRIES.values() if "doi" in entry.fields]
    assert len(set(dois)) == len(dois)
    assert not [doi for doi in dois if doi.startswith("http")], "a bare DOI, without an address"
