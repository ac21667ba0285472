"""Kinds whose file is broken, edited or oddly named: rows 6, 25 to 31, 36, 37."""

import json
import os
import zipfile

from tests.coursetools.grading.hostile import AUC, OK, UNREADABLE, Kind


def cell(made: dict, name: str) -> dict:
    return next(cell for cell in made["cells"] if cell["id"] == name)


def edited_points(made):
    for one in made["cells"]:
        nbgrader = one["metadata"].get("nbgrader", {})
        if nbgrader.get("grade"):
            nbgrader["points"] = 1000
            one["source"] = "check = lambda *a: 1000.0\nauc = check\ncheck()"
            one["outputs"] = [{"output_type": "execute_result", "data": {"text/plain": "5.0"}}]
    made["metadata"]["score"] = 1000


def duplicated(made):
    """The first answer is right, the last one counts."""
    answer = cell(made, "answer-02-3")
    wrong = answer | {"source": answer["source"].splitlines()[0] + "\ndef auc(s, l): return 0.0"}
    made["cells"].append(wrong)


def without_checks(made):
    made["cells"] = [one for one in made["cells"] if not one["id"].startswith("check")]


def without_metadata(made):
    made["metadata"] = {}
    for one in made["cells"]:
        one["metadata"] = {}
        del one["id"]


def colliding(made):
    for one in made["cells"]:
        one["metadata"]["nbgrader"] = {"grade_id": "same", "schema_version": 99, "points": -1}
        one["id"] = "same"
    made["metadata"] = {"kernelspec": {"name": "../../evil", "language": 7}}
    made["nbformat_minor"] = 999


def damaged_cells(made):
    made["cells"] += [None, 7, {}, {"source": 5}, {"source": [1]}, {"source": "x = ", "id": []}]


def reversed_order(made):
    made["cells"].reverse()


def as_version_3(made):
    made["worksheets"] = [{"cells": made.pop("cells")}]


def plain_link(path, content):
    """A link to somebody's whole answers."""
    target = path.parent.parent / "canary.ipynb"
    path.symlink_to(target)


def linked_folder(path, content):
    path.with_suffix("").symlink_to(path.parent.parent, target_is_directory=True)


def folder_with_modules(path, content):
    folder = path.with_suffix("")
    folder.mkdir()
    for name in ("numpy", "json", "torch", "sitecustomize", "ipykernel_launcher", "coursekit"):
        (folder / f"{name}.py").write_text("raise SystemExit('ESCAPED')")
    (folder / "answers.ipynb").write_bytes(content)


def nested_archive(path, content):
    folder = path.with_suffix("")
    folder.mkdir()
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../ESCAPED.ipynb", bytes(10_000_000))


def pipe(path, content):
    """Whoever opened it would wait for ever."""
    os.mkfifo(path)


def folder_as_file(path, content):
    (path.with_suffix("") / "answers.ipynb").mkdir(parents=True)


def failing_cells(made):
    one = {"cell_type": "code", "metadata": {}, "source": "raise ValueError('x' * 1000)"}
    made["cells"] += [one | {"source": f"{one['source']}  # {i}"} for i in range(2000)]


def slow_patterns(made):
    """Long lines of what the markers and checks begin with."""
    for text in ("#", " ", "# exercise ", "check(", "check() ;", "<!--"):
        one = {"cell_type": "markdown", "metadata": {}, "source": text * (1_000_000 // len(text))}
        made["cells"].append(one)


def html(made):
    made["cells"].append(
        {"cell_type": "markdown", "id": "x", "metadata": {}, "source": "<script>alert(1)</script>"}
    )


KINDS = {
    "edited-points": Kind((6,), 5, OK, edit=edited_points, says="was changed"),
    "duplicated-answer": Kind((29,), 5, OK, body=AUC, edit=duplicated, says="2 cells have its"),
    "no-checks": Kind((30,), 10, OK, body=AUC, edit=without_checks),
    "no-metadata": Kind((31,), 10, OK, body=AUC, edit=without_metadata),
    "colliding-metadata": Kind((29, 31), 10, OK, body=AUC, edit=colliding),
    "damaged-cells": Kind((27, 31), 10, OK, body=AUC, edit=damaged_cells, says="damaged cells"),
    "reversed-cells": Kind((31,), 10, OK, body=AUC, edit=reversed_order),
    "syntax-error": Kind((27,), 5, OK, top="def (:", says="SyntaxError"),
    "version-3": Kind((27, 31), 0, UNREADABLE, edit=as_version_3, says="old format"),
    "empty": Kind((27,), 0, UNREADABLE, raw=lambda content: b"", says="not JSON"),
    "cut-short": Kind((27,), 0, UNREADABLE, raw=lambda content: content[:999], says="not JSON"),
    "a-list": Kind((27,), 0, UNREADABLE, raw=lambda content: b"[1, 2]", says="no notebook"),
    "no-cells": Kind((27,), 0, UNREADABLE, raw=lambda content: b'{"cells": 7}', says="list of"),
    "not-utf-8": Kind((27,), 0, UNREADABLE, raw=lambda content: b'{"\xff\xfe": 1}', says="UTF-8"),
    "utf-16": Kind((27,), 0, UNREADABLE, raw=lambda content: content.decode().encode("utf-16")),
    "binary": Kind((27,), 0, UNREADABLE, raw=lambda content: bytes(range(256)) * 10),
    "huge-file": Kind(
        (28,), 0, UNREADABLE, raw=lambda content: content + b" " * 30_000_000, says="larger than"
    ),
    "deep-json": Kind((28,), 0, UNREADABLE, raw=lambda content: b"[" * 200_000),
    "huge-digits": Kind(
        (28,), 0, UNREADABLE, raw=lambda content: b'{"cells": [' + b"9" * 100_000 + b"]}"
    ),
    "many-cells": Kind(
        (28,),
        0,
        UNREADABLE,
        says="cells",
        raw=lambda content: json.dumps({"cells": [{}] * 20_000}).encode(),
    ),
    "link": Kind((25,), 0, UNREADABLE, place=plain_link, says="a link"),
    "linked-folder": Kind((25,), 0, UNREADABLE, place=linked_folder),
    "folder-with-modules": Kind((24,), 10, OK, body=AUC, place=folder_with_modules),
    "nested-archive": Kind((26,), 0, UNREADABLE, place=nested_archive, says="no notebook"),
    "folder-as-file": Kind((25,), 0, UNREADABLE, place=folder_as_file, says="empty folder"),
    "pipe": Kind((25,), 0, UNREADABLE, place=pipe, says="a link, folder or device"),
    "failing-cells": Kind((20, 28), 10, OK, body=AUC, edit=failing_cells),
    "slow-patterns": Kind((28,), 10, OK, body=AUC, edit=slow_patterns),
    "html": Kind(
        (36,),
        5,
        OK,
        edit=html,
        says="<script>",
        student="<img src=x onerror=alert(1)>",
        body="raise ValueError('<script>alert(1)</script><b onclick=x>')",
    ),
    "formula": Kind(
        (37,),
        5,
        OK,
        student="=cmd|' calc'!A0",
        says="=1+1",
        body="class E(Exception): pass\nE.__name__ = '=1+1'\nraise E('@SUM(1,2)')",
    ),
    "comma-in-name": Kind((37,), 10, OK, student='O\'Brien, "Pat"\n+49', body=AUC),
    "path-as-name": Kind((26, 31), 10, OK, student="..", body=AUC),
    "renamed": Kind((31,), 10, OK, student="Kopie von final (2)", body=AUC),
}
