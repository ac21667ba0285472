"""Characters that cannot be seen, or that change how others look, written as their code.

A name or a text of a student's may hold escape sequences for a terminal, marks that turn the
writing direction, and characters that take no room.
"""

import re
import unicodedata

HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # categories: control, format, surrogate, separators
# Of other categories: spaces that are not the common one, fillers, selectors of variants.
BLANK = (
    "\u00a0\u034f\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200a\u202f\u205f\u2800"
    "\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef"
)
JOINERS = "\u200c\u200d"  # they shape the letters of Arabic and Indic scripts
# Spaces at the ends and after a space. The bracket, so that no name spells the code of another.
UNSEEN = re.compile(rf"[{BLANK}⟨]|(?<![\u0600-\u0dff])[{JOINERS}]|(?:\A|(?<= )) | (?=\Z)")
TEXT = "\n\t" + JOINERS  # of what is hidden, what a running text needs
CODE = re.compile(r"⟨U\+[0-9A-F]{4,6}⟩")


def visible(text: object, keep: str = TEXT) -> str:
    """`text` with control, bidirectional and invisible characters replaced by their code.

    >>> visible("abc" + chr(0x202E) + "fdp")
    'abc⟨U+202E⟩fdp'
    """
    text = str(text).replace("\r\n", "\n")
    return "".join(
        _code(c) if unicodedata.category(c) in HIDDEN and c not in keep else c for c in text
    )


def distinct(name: str) -> str:
    """`name`, composed, so that names that differ look different.

    >>> distinct("a" + chr(0xA0) + "da"), distinct("a" + chr(0x200B) + "da")
    ('a⟨U+00A0⟩da', 'a⟨U+200B⟩da')
    """
    composed = unicodedata.normalize("NFC", name)
    return visible(UNSEEN.sub(lambda found: _code(found[0]), composed), keep=JOINERS)


def _code(character: str) -> str:
    return f"⟨U+{ord(character):04X}⟩"
