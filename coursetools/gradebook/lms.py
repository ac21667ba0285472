"""Points for learning platforms: one column of a table that Moodle or Canvas exported.

Only the cells that get a value change; every other byte stays. A student is matched by the
id in the file name that the platform gave to the submission, else by name.
"""

import html
import re
import unicodedata

from coursetools.characters import CODE
from coursetools.grading.intake import CANVAS, MOODLE
from coursetools.tables import Table

NUMBER = re.compile(r"[0-9]+$")  # in Moodle's "Participant 12345"


def moodle(students, template_csv: str) -> tuple[str, list[str]]:
    """Moodle's grading worksheet with Grade and Feedback comments filled in, and notes.

    `students` is the first frame of `report.frame`. The notes name everybody who stays
    without a grade, on either side. Raises ValueError for another kind of table, another
    maximum, or names that fit several rows.
    """
    table, matched, notes = _worksheet(students, template_csv)
    rows = table.records()
    decimal = "."
    for _, row in rows:
        decimal = _decimal(row.get("Maximum Grade", ""), students, "Moodle") or decimal
    commented = "Feedback comments" in table.columns
    for row, student in matched.items():
        table.put(row, "Grade", _points(student["total"], decimal))
        if commented and student["comment"]:
            # Moodle reads HTML; the paragraph also keeps a spreadsheet from seeing a formula.
            lines = html.escape(student["comment"], quote=False).replace("\n", "<br>")
            table.put(row, "Feedback comments", f"<p>{lines}</p>")
    if not commented and any(students["comment"]):
        notes.append("the table has no column 'Feedback comments'; comments are left out")
    left = [row.get("Full name") or row["Identifier"] for i, row in rows if i not in matched]
    return table.write(), notes + _left(left, "Moodle")


def participants(students, template_csv: str) -> dict[str, str]:
    """The number by which Moodle knows each student that its grading worksheet has."""
    table, matched, _ = _worksheet(students, template_csv)
    numbers = {i: NUMBER.search(row["Identifier"]) for i, row in table.records()}
    return {who["student"]: numbers[i][0] for i, who in matched.items() if numbers[i]}


def _worksheet(students, template_csv: str) -> tuple[Table, dict, list[str]]:
    """Moodle's table, {row: student} and notes."""
    table = Table.read(template_csv)
    _need(table, ["Identifier", "Grade"], "Moodle's grading worksheet, in English")
    rows = table.records()
    ids = {i: set(NUMBER.findall(row["Identifier"])) or {row["Identifier"]} for i, row in rows}
    names = {i: {_plain(row.get("Full name", ""))} - {""} for i, row in rows}
    return table, *_match(students, ids, names, MOODLE)


def canvas(students, template_csv: str, assignment: str) -> tuple[str, list[str]]:
    """Canvas' gradebook with one assignment's column filled in, and notes, like `moodle`.

    `assignment` is its header, "PS1 (1234)", or the part before the bracket.
    """
    table = Table.read(template_csv)
    _need(table, ["Student", "ID"], "Canvas' gradebook")
    named = [c for c in table.columns if assignment in (c, re.sub(r" \(\d+\)$", "", c))]
    if len(named) != 1:
        raise ValueError(
            f"{len(named)} columns are called {assignment!r}; "
            f"name one of: {', '.join(table.columns[2:])}"
        )
    ids, names, decimal = {}, {}, "."
    for i, row in table.records():
        if row["Student"].strip() == "Points Possible":
            decimal = _decimal(row.get(named[0], ""), students, "Canvas") or decimal
        elif row.get("ID"):
            ids[i] = {row.get(c, "") for c in ("ID", "SIS User ID", "SIS Login ID")} - {""}
            parts = row["Student"].split(",", 1)  # last name, first name
            names[i] = {_plain("".join(parts)), _plain("".join(parts[::-1]))} - {""}
    matched, notes = _match(students, ids, names, CANVAS)
    for row, student in matched.items():
        table.put(row, named[0], _points(student["total"], decimal))
    left = [row["Student"] for i, row in table.records() if i in ids and i not in matched]
    return table.write(), notes + _left(left, "Canvas")


def _plain(name: str) -> str:
    """The letters and digits of a name, without case: "O'Brien" is OBrien in file names."""
    seen = CODE.sub("", name)  # intake writes what is invisible as its code
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", seen).casefold())


def _need(table: Table, columns: list[str], what: str) -> None:
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise ValueError(
            f"no column {', '.join(map(repr, missing))} among {table.columns}; this is not {what}"
        )


def _decimal(text: str, students, platform: str) -> str | None:
    """The decimal mark of the platform's maximum, None for a whole number; it must be ours."""
    if not text or not len(students):
        return None
    ours = students["total_possible"].iloc[0]
    try:
        same = float(text.replace(",", ".")) == ours
    except ValueError:
        same = False
    if not same:
        raise ValueError(
            f"the maximum in {platform} is {text}, the exercises have {ours:g} points; "
            f"set it to {ours:g} there and export the table again"
        )
    return next((mark for mark in ",." if mark in text), None)


def _points(total: float, decimal: str) -> str:
    """The total; blank where it is not known, after an infra_error or before marking."""
    return "" if total != total else f"{total:.10g}".replace(".", decimal)


def _match(students, ids: dict, names: dict, pattern: re.Pattern) -> tuple[dict, list[str]]:
    """{row of the table: student} and notes; ValueError lists what fits no single row."""
    matched, notes, unclear = {}, [], []
    for student in students.to_dict("records"):
        fits, called = _fits(student, ids, names, pattern)
        lines = ", ".join(str(i + 1) for i in fits)
        if len(fits) > 1:
            unclear.append(f"{called} fits lines {lines}")
        elif not fits:
            notes.append(f"{called} is not in the table")
        elif fits[0] in matched:
            unclear.append(f"{called} and {matched[fits[0]]['student']!r} fit line {lines}")
        elif pattern is MOODLE and names[fits[0]] and not _named(student, names[fits[0]]):
            # Moodle numbers participants anew in every assignment.
            unclear.append(f"{called} has the number of line {lines}, where the name differs")
        else:
            matched[fits[0]] = student
    if unclear:
        raise ValueError(
            "ambiguous names; is this the table of this assignment? " + "; ".join(unclear)
        )
    for student in matched.values():
        if student["total"] != student["total"]:
            why = f"not marked yet: {student['unmarked']}" if student["unmarked"] else "infra_error"
            notes.append(f"{student['student']!r} stays blank ({why})")
        if student["unsafe"]:
            notes.append(f"{student['student']!r} was graded without the sandbox (unsafe)")
    return matched, notes


def _fits(student: dict, ids: dict, names: dict, pattern: re.Pattern) -> tuple[list, str]:
    """The rows that fit a student, by number or login if any do, else by name; and who it is."""
    # Only the first part of the path is the platform's; the student may have named the rest.
    found = pattern.fullmatch(student["file"].split("/")[0])
    twin = re.search(r"\((\d+)\)$", student["student"])  # intake's "Ada Lovelace (12345)"
    keys = {student["student"], found["id"] if found else "", twin[1] if twin else ""} - {""}
    fits = [i for i, row in ids.items() if row & keys]
    fits = fits or [i for i, row in names.items() if _named(student, row)]
    return fits, repr(student["student"])


def _named(student: dict, names: set[str]) -> bool:
    return _plain(re.sub(r" \(\d+\)$", "", student["student"])) in names


def _left(names: list[str], platform: str) -> list[str]:
    return [f"{name!r} is in {platform}'s table only; left as it was" for name in names]
