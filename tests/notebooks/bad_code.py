"""What breaks the rules for code and for pages: triples (rule, change, message)."""

from tests.notebooks.rules import code, pages
from tests.notebooks.sample import EXPECT, insert, more, printing, source, tagged

CODE = [
    (code.short_cells, source("x = 1\n" * 26), "cell 7: 26 visible lines of code; at most 25"),
    (code.short_lines, source("x" * 89), "cell 7: a line of 89 columns; at most 88"),
    (
        code.installs_first,
        source(f"%pip install -q git+{code.ADDRESS}2", 1),
        "the first code cell does not run: pip install -q git+" + code.ADDRESS,
    ),
    (code.installs_first, source("%pip install umap"), "cell 7: installs packages"),
    (code.folded_everywhere, tagged(8), "cell 8: the tag hide-input changed after the run"),
    (code.folded_everywhere, tagged(7, "hide-input"), "cell 7: the tag hide-input changed"),
    (
        code.folded_everywhere,
        lambda n: n.cells[8].metadata.update(cellView="code"),
        "cell 8: the tag hide-input changed",
    ),
    (code.claims_checked, tagged(25, "hide-input"), "cell 25: a claim without the tag"),
    (
        code.tags_not_comments,
        source("# NBVAL_CHECK_OUTPUT\nclaim('so', True)"),
        "cell 7: a comment for nbval",
    ),
    (
        code.checked_outputs_stable,
        tagged(24, "nbval-check-output"),
        "cell 24: expect(...) in a checked cell",
    ),
    (
        code.checked_outputs_stable,
        tagged(8, "nbval-check-output"),
        "cell 8: a figure in a checked cell",
    ),
    (
        code.checked_outputs_stable,
        lambda n: n.cells[25].outputs[0].update(text="✓ error 0.12345 (1 < 2)"),
        "cell 25: 0.12345 in a checked cell",
    ),
    (pages.starts_first, source("import torch", 2), "neither of the first two code cells calls"),
    (pages.setup_folded, tagged(1), "cell 1: the set-up is not folded"),
    (pages.setup_folded, tagged(2), "cell 2: the set-up is not folded"),
    (
        pages.words_between_code,
        insert(8, printing("7\n")),
        "cell 8: visible code after that of cell 7 without a word",
    ),
    (
        pages.words_between_code,
        insert(9, printing("7\n")),
        "cell 9: visible code after that of cell 7 without a word",
    ),
    (pages.drawings_apart, tagged(8), "cell 8: draws a figure and is not folded"),
    (pages.drawings_apart, tagged(17), "cell 17: draws a figure and is not folded"),
    (pages.drawings_apart, source("show(f)"), "cell 7: draws a figure and is not folded"),
    *[
        (pages.drawings_apart, more(line, 8), f"cell 8: draws a figure and {found}")
        for line, found in {
            "fit(model)": "calls fit",
            "model.train()": "calls model.train",
            "z = model.encode(x)": "calls model.encode",
            "z = [decode(c) for c in z]": "calls decode",
            "z = PCA(2).fit_transform(x)": "calls PCA(2).fit_transform",
            "with torch.no_grad():\n    z = 1": "calls torch.no_grad",
            EXPECT: "calls expect",
            "claim('so', x < 1)": "calls claim",
            "def f(x):\n    return x": "defines f",
            "class F:\n    pass": "defines F",
        }.items()
    ],
    (
        pages.drawings_apart,
        more("z = predict(m, x)", 3),
        "cell 3: draws a figure and calls predict",
    ),
    (pages.claims_folded, tagged(24), "cell 24: claim or expect in a cell that is not folded"),
    (
        pages.claims_folded,
        tagged(25, "nbval-check-output"),
        "cell 25: claim or expect in a cell that is not folded",
    ),
]
