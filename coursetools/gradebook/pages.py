"""What pages are built with, and the page of the class; that of a student is in `student.py`.

Pages are built with `tag`, which escapes every text that it is given, so that nothing a
student wrote can become markup. They carry no script, and their content-security policy
allows none, nor anything from outside the file. They show public messages, verdicts and
points of the tests, never inputs, expected values or seeds.
"""

import base64
import hashlib
import html

from coursetools.characters import visible
from coursetools.grading.intake import slug

STATUSES = {  # what a student is told
    "ok": "Graded.",
    "late": "Graded; handed in late.",
    "missing": "Nothing was handed in.",
    "unreadable": "The file could not be read as a notebook.",
    "limit": "The code went beyond its time, memory or output. Tests passed before that count.",
    "died": "The code ended its own process. Tests passed before that count.",
    "infra_error": "Not graded yet, because of a fault of the grader. No points are lost.",
}
LONGEST = 500  # characters of a reason, which may quote an exception of the student's
TOLD = ("notes", "message", "flags")  # in the last column of the class
CORRECT = (
    "To correct a point, copy student, exercise, test and hand_in from tests.csv into a line of "
    "corrections.csv, add points and a reason, which the student will read, and report again."
)
CSS = """
:root { color-scheme: light dark; --text: #1b1b1b; --back: #fff; --line: #c8c8c8;
  --soft: #f3f4f6; --link: #0b57a4; --warn: #fff3d6; --edge: #b26a00 }
@media (prefers-color-scheme: dark) { :root { --text: #e8e8e8; --back: #15181c; --line: #4a4f57;
  --soft: #20252b; --link: #8cc4ff; --warn: #3a2e12; --edge: #e0a33e } }
body { max-width: 64rem; margin: 0 auto; padding: 1rem; color: var(--text);
  background: var(--back); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
h1 { line-height: 1.2 } h2 { margin: 2rem 0 .5rem } a { color: var(--link) }
table { border-collapse: collapse; width: 100% } caption { text-align: left; padding: .3rem 0 }
th, td { padding: .4rem .7rem .4rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line) }
tbody th { font-weight: normal } thead th, .number, .word { white-space: nowrap }
.number { text-align: right } section caption { position: absolute; left: -999rem }
section th:nth-child(2) { width: 5.5rem } section th:nth-child(3) { width: 4rem }
.wide { overflow-x: auto } .wide table { min-width: 46rem }
.wide tbody th { position: sticky; left: 0; background: var(--back) }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr));
  gap: 1rem } mark { background: var(--warn); color: inherit }
.points { font-size: 1.3rem } .reason { display: block; font-size: .9rem; opacity: .85 }
.written { white-space: pre-wrap; background: var(--soft); padding: .8rem; border-radius: .4rem;
  margin: .4rem 0; font: inherit }
summary { cursor: pointer; padding: .3rem 0 } .code { white-space: pre; overflow-x: auto;
  overflow-wrap: normal; background: var(--soft); padding: .8rem; border-radius: .4rem;
  margin: .4rem 0; font: .85rem/1.45 ui-monospace, monospace; tab-size: 4 }
.warning { background: var(--warn); border-left: .3rem solid var(--edge); padding: .2rem 1rem;
  margin: 1rem 0 }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(27rem, 100%), 1fr));
  gap: 1rem } .plots img { width: 100%; border-radius: .4rem; background: #fff }
.answer { margin: 2rem 0 }
@media print { body { max-width: none } .wide { overflow: visible } .wide table { min-width: 0 }
  .code { white-space: pre-wrap; overflow-wrap: anywhere }
  tr, img, .answer { break-inside: avoid } thead { display: table-header-group } }
"""


class Html(str):
    """Text that is markup already; `tag` escapes every other text."""


def tag(name: str, /, *children: object, **attributes: object) -> Html:
    """An element; `class_` stands for class. A child that is None is left out.

    >>> tag("p", "1 < 2", title='"')
    '<p title="&quot;">1 &lt; 2</p>'
    """
    opened = name + "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(visible(value))}"'
        for key, value in attributes.items()
    )
    if name in {"img", "meta", "br"}:
        return Html(f"<{opened} />")
    return Html(f"<{opened}>{join(children)}</{name}>")


def join(parts) -> Html:
    """The parts one after the other, every text that is not `Html` escaped."""
    return Html(
        "".join(
            part if isinstance(part, Html) else html.escape(visible(part))
            for part in parts
            if part is not None
        )
    )


def theirs(text: object) -> Html:
    """Text of a student's, kept apart so that its writing direction ends with it."""
    return tag("bdi", text)


def document(title: str, *body: object) -> str:
    """A whole page; its policy allows its own style sheet and embedded pictures only."""
    digest = base64.b64encode(hashlib.sha256(CSS.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", Html(CSS)),
    )
    page = tag("html", head, tag("body", tag("main", tag("h1", theirs(title)), *body)), lang="en")
    return f"<!doctype html>\n{page}\n"


def table(caption: str, header: list[str], rows: list[list], numbers: tuple = ()) -> Html:
    """A table whose first column names the row; `numbers` are columns set to the right."""

    def line(cells, names):
        return tag(
            "tr",
            *[
                tag(
                    name,
                    cell,
                    **({"scope": "row"} if name == "th" else {}),
                    **({"class_": "number"} if i in numbers else {}),
                )
                for i, (name, cell) in enumerate(zip(names, cells))
            ],
        )

    heads = [
        tag("th", text, scope="col", **({"class_": "number"} if i in numbers else {}))
        for i, text in enumerate(header)
    ]
    names = ["th"] + ["td"] * (len(header) - 1)
    body = tag("tbody", *[line(row, names) for row in rows])
    return tag("table", tag("caption", caption), tag("thead", tag("tr", *heads)), body)


def wide(label: str, content: Html) -> Html:
    """A wide table that scrolls inside itself."""
    region = {"role": "region", "aria_label": label, "tabindex": "0"}
    return tag("div", content, class_="wide", **region)


def warning(text: str, names: list[str]) -> Html:
    """A framed sentence, followed by the names that it is about."""
    listed = join(part for name in names for part in ("; ", theirs(name)))
    sentence = tag("p", tag("strong", text), Html(listed.removeprefix(";")))
    return tag("div", sentence, class_="warning", role="note")


# ------------------------------------------------------------------------------- the class


def overview(
    students: list[dict],
    standings: list[str],
    plots: list[tuple[str, bytes]],
    absent: dict[str, list[str]],
) -> str:
    """The page of the class from the rows of its frame and (text alternative, SVG) of plots.

    `absent` is {why: names of files} for what has no row.
    """
    chapter = ", ".join(sorted({row["chapter"] for row in students}))
    rows = [
        [
            tag("a", theirs(row["student"]), href=f"students/{slug(row['student'])}.html"),
            tag("span", _status(row), class_="word"),
            standing,
            f"{row['seconds']:.1f}",
            theirs(shortened("; ".join(row[name] for name in TOLD if row[name]))),
        ]
        for row, standing in zip(students, standings)
    ]
    header = ["Student", "Status", "Points", "Seconds", "Message and flags"]
    return document(
        f"Exercises of chapter {chapter}: the class",
        *[warning(why, names) for why, names in absent.items() if names],
        *_warnings(students),
        tag("h2", "At a glance"),
        tag("div", *[picture(*plot) for plot in plots], class_="plots"),
        tag("h2", "Students"),
        wide("Students", table(f"{len(rows)} students", header, rows, (2, 3))),
        tag("p", CORRECT),
    )


def _status(row: dict) -> str:
    status = row["status"]
    return f"{status}, late" if row["late"] and status != "late" else status


def _warnings(students: list[dict]):
    """What the instructor should look at before anything else."""
    for text, holds in (
        ("Graded without the sandbox (unsafe run); do not publish:", lambda row: row["unsafe"]),
        (
            "Not graded, faults of the grader; run it again:",
            lambda row: row["status"] == "infra_error",
        ),
        ("Free text not marked yet:", lambda row: row["unmarked"]),
        ("Corrected by hand:", lambda row: row["corrected"]),
        ("Flagged, look at them yourself:", lambda row: row["flags"]),
    ):
        names = [row["student"] for row in students if holds(row)]
        if names:
            yield warning(text, names)


def picture(alt: str, svg: bytes) -> Html:
    """A drawing inside the page, with its text alternative."""
    code = base64.b64encode(svg).decode()
    return tag("img", alt=alt, src=f"data:image/svg+xml;base64,{code}")


def shortened(text: str) -> str:
    """The beginning of a text that a student's code may have made long."""
    return text if len(text) <= LONGEST else text[:LONGEST] + " ..."
