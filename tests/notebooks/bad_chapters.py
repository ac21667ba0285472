"""What breaks the rules for texts and chapters: triples (rule, change, message)."""

from tests.notebooks.rules import chapters, texts
from tests.notebooks.sample import (
    ALIVE,
    ANSWER,
    drop,
    insert,
    more,
    picture,
    printing,
    source,
    tagged,
    without,
)

DOI = "https://doi.org/10.1016/0893-6080(89)90014-2"
TEXT = [
    (texts.plain_markdown, more("See {cite:p}`kingma2015`."), "cell 4: the role {cite:p}"),
    (texts.plain_markdown, more("```{note}\nMind.\n```"), "cell 4: the directive ```{note}"),
    (texts.plain_markdown, more(":::{note}\nMind.\n:::"), "cell 4: the directive :::{note}"),
    (texts.plain_markdown, more('<div class="x">\n</div>'), "cell 4: HTML <div>"),
    (texts.plain_markdown, more("A <b>bold</b> word."), "cell 4: HTML <b>"),
    (texts.details_closed, without("</details>"), "cell 26: <details> and </details> are not"),
    (texts.details_closed, without("<details>"), "cell 26: <details> and </details> are not"),
    (texts.details_closed, without("<summary>Why?</summary>"), "does not begin with a <summary>"),
    (texts.details_closed, without("Why?"), "does not begin with a <summary> of some words"),
    (
        texts.links_lead_somewhere,
        more("[Next](03_gone.ipynb)"),
        "cell 4: 03_gone.ipynb is no notebook or page of the course",
    ),
    (texts.links_lead_somewhere, more("[Next](../Makefile)"), "cell 4: ../Makefile is no"),
    (
        texts.citations,
        more("[Nobody 1999](https://doi.org/10.1000/182)"),
        "cell 4: https://doi.org/10.1000/182 is not in book/references.bib",
    ),
    (
        texts.citations,
        more("[Nobody 1999](<https://arxiv.org/pdf/9912.99999>)"),
        "cell 4: https://arxiv.org/pdf/9912.99999 is not in book/references.bib",
    ),
    (texts.citations, more(f"[Hornik 1989]({DOI})"), "[Hornik 1989] leads to Baldi 1989"),
    (texts.citations, more(f"[Baldi 1988]({DOI})"), "[Baldi 1988] leads to Baldi 1989"),
    (
        texts.citations,
        more("[this paper](https://jmlr.org/papers/v9/vandermaaten08a.html)"),
        "[this paper] leads to van der Maaten 2008",
    ),
]
SHAPE = [
    (chapters.opening, without("# Title\n"), "does not begin with the title"),
    (chapters.opening, without("https://colab.research"), "no link to Colab"),
    (chapters.opening, without("Reading time 30 minutes"), "no reading time"),
    (chapters.opening, without("running time 5 minutes"), "no running time"),
    (chapters.opening, insert(3, printing("7\n")), "cell 3: visible code before the first section"),
    (
        chapters.opening,
        lambda n: n.cells.insert(9, n.cells.pop(3)),
        "no cell tagged hero before the first section",
    ),
    (chapters.one_hero, tagged(3, "hide-input"), "0 cells tagged hero; the limits are 1 and 1"),
    (chapters.one_hero, tagged(8, "hide-input hero"), "2 cells tagged hero"),
    (chapters.one_hero, tagged(3, "hero"), "cell 3: the hero's code is not folded"),
    (
        chapters.one_hero,
        lambda n: n.cells[3].update(outputs=[]),
        "cell 3: the hero shows no picture",
    ),
    *[
        (chapters.sections, without(f"## {name}\n"), "the last sections are not Summary, Check")
        for name in chapters.CLOSING
    ],
    (chapters.sections, more("## Last", 26), "the last sections are not"),
    (chapters.sections, without("## Another section"), "4 sections before the closing ones"),
    (chapters.sections, more("## 6\n\n## 7\n\n## 8"), "8 sections before the closing ones; the li"),
    (chapters.questions, without("<details>", "<b>"), "0 folded answers in 'Check yourself'"),
    (chapters.questions, without(ANSWER, 3 * ANSWER), "9 folded answers in 'Check yourself'"),
    (chapters.size, more("word " * 3000), "words; the limits are 1350 and 3850"),
    (chapters.size, without("word " * 340), "words; the limits are 1350 and 3850"),
    (chapters.size, drop(8, 12), "3 figures; the limits are 5 and 10"),
    (chapters.size, insert(9, *[picture()] * 6), "11 figures; the limits are 5 and 10"),
    (chapters.size, source("print(1)", 25), "0 claims; the limits are 3 and 8"),
    (chapters.size, source("claim('so', x < 1)\n" * 9, 25), "9 claims; the limits are 3 and 8"),
    (chapters.living, drop(17, 18), "0 living figures in the stored outputs"),
    (chapters.living, insert(9, *[picture(ALIVE)] * 3), "4 living figures in the stored outputs"),
    (
        chapters.rhythm,
        lambda n: [source("x = 1\nx = 2", cell)(n) for cell in (5, 7, 10, 13, 16)],
        "2 lines in the median visible code cell; the limits are 3 and 10",
    ),
    (
        chapters.rhythm,
        lambda n: [source("x = 1\n" * 11, cell)(n) for cell in (5, 7, 10, 13, 16)],
        "11 lines in the median visible code cell",
    ),
    (chapters.rhythm, source("x = 1\n" * 17), "cells [7]: over 16 lines of code in more than one"),
    (chapters.rhythm, without("word " * 340), "words of prose a line of visible code; the limits"),
    (
        chapters.rhythm,
        lambda n: [source("x = 1", cell)(n) for cell in (5, 7, 10, 13, 16)],
        "words of prose a line of visible code; the limits are 8 and 24",
    ),
    (chapters.enough_exercises, without("## Exercise 01.2\n"), "3 exercises; at least 4"),
]
