"""Feedback files to upload: one a student, packed as Moodle and Canvas expect them.

Both find the student by numbers in a member's name. Moodle takes a page; Canvas shows a file
under the name of what was handed in, so it gets a notebook. Who has no file is named.
"""

import io
import re
import zipfile
from collections.abc import Iterator

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from coursetools.gradebook import report, student
from coursetools.gradebook.pages import tag, theirs
from coursetools.grading.intake import CANVAS, slug

NO_NAME = re.compile(r'[<>:"/\\|?*\x00-\x1f]')  # what no file name on Windows has
# To what renders Markdown a line without signs: nothing ends the HTML, nothing is a formula.
INERT = {ord(sign): f"&#{ord(sign)};" for sign in "\n\r$\\`{}"}


def moodle(
    found: list[dict], marks: dict, assignment, numbers: dict[str, str]
) -> tuple[bytes, list[str]]:
    """The zip for "Upload multiple feedback files in a zip", and who has no file in it.

    `found` and `marks` are those of `report.load`, `numbers` those of `lms.participants`.
    """
    files, notes = {}, []
    for record, standing in _told(found, marks, notes):
        name = record["student"]
        if name in numbers:
            known = slug(name).partition("_")[0]  # for the eyes; only the number counts
            path = f"{known}_{numbers[name]}_assignfeedback_file_feedback.html"
            files[path] = student.page(record, marks[name], standing, _titles(assignment))
        else:
            notes.append(f"no feedback file for {name!r} (no number in the worksheet)")
    return _packed(files), notes


def canvas(found: list[dict], marks: dict, assignment) -> tuple[bytes, list[str]]:
    """The zip for "Upload Submissions", and who has no file in it, like `moodle`."""
    files, notes = {}, []
    for record, standing in _told(found, marks, notes):
        if _is_taken(record["file"]):
            files[record["file"]] = notebook(record, marks[record["student"]], standing, assignment)
        else:
            why = f"Canvas takes none back under the name {record['file']!r}"
            notes.append(f"no feedback file for {record['student']!r} ({why})")
    return _packed(files), notes


def notebook(record: dict, marks: dict, standing: str, assignment) -> str:
    """What the page of a student says as a notebook, with the student's code in cells of code."""
    intro = [tag("h1", theirs(student.heading(record))), *student.summary(record, standing)]
    cells = [new_markdown_cell(_inert(intro))]
    for _, judged, code in student.sections(record, marks, _titles(assignment)):
        cells.append(new_markdown_cell(_inert(judged)))
        cells += [new_code_cell(code)] if code else []
    for i, cell in enumerate(cells):
        cell.id = f"feedback-{i}"  # not a drawn one: the same records give the same bytes
    metadata = {"language_info": {"name": "python"}}
    return nbformat.writes(new_notebook(cells=cells, metadata=metadata))


def _told(found: list[dict], marks: dict, notes: list[str]) -> Iterator[tuple[dict, str]]:
    """Each record that a student may read and the points in words; the others go to `notes`."""
    students, _ = report.frame(found, marks)
    for record, row in zip(found, students.to_dict("records")):
        if record["unsafe"]:
            notes.append(f"no feedback file for {record['student']!r} (unsafe)")
        elif record["status"] in ("infra_error", "missing"):
            notes.append(f"no feedback file for {record['student']!r} ({record['status']})")
        else:
            yield record, report.standing(row)


def _titles(assignment) -> dict[str, str]:
    return {task.number: task.title for task in assignment.tasks}


def _is_taken(name: str) -> bool:
    """Whether Canvas finds student and file by this name, and every system can write it."""
    given, parts = CANVAS.fullmatch(name), name.split("_")
    return bool(
        given
        and not re.fullmatch("[0-9]+", parts[0])  # or Canvas takes that for the student's number
        and name.lower().endswith(".ipynb")
        and not NO_NAME.search(name)
        and not parts[-1].startswith("link")  # for Canvas a web address that was handed in
    )


def _inert(parts: list) -> str:
    """HTML on one line, in which no reader of notebooks looks for Markdown or formulas."""
    return tag("div", *parts, class_="tex2jax_ignore mathjax_ignore").translate(INERT)


def _packed(files: dict[str, str]) -> bytes:
    """A zip archive; the same files give the same bytes."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in sorted(files.items()):
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.compress_type, member.create_system = zipfile.ZIP_DEFLATED, 3
            member.external_attr = 0o600 << 16
            archive.writestr(member, text.encode("utf-8"))
    return data.getvalue()
