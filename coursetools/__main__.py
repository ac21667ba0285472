"""The authors' and graders' command line: runs of notebooks, seeds, exercises, grades, data."""

import argparse
import os
import re
import sys
from pathlib import Path

DAY = 86_400  # seconds
LEAST_MB = 256  # of memory, as the box of the self-test has
EXTRA = "the extra coursekit[tools] brings it: pip install -e '.[tools]' in the course's folder"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; an expected error is one line on stderr and the value 1."""
    options = _parser().parse_args(arguments)
    try:
        return options.command(options) or 0
    except ModuleNotFoundError as error:
        message = f"{error.name} is not installed; {EXTRA}"
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        message = error.args[0] if isinstance(error, KeyError) else error
    print(f"coursetools: {message}", file=sys.stderr)
    return 1


def _parser():
    parser = argparse.ArgumentParser(prog="python -m coursetools", description=__doc__)
    rooms = parser.add_subparsers(required=True, metavar="COMMAND")

    run = rooms.add_parser("run", help="execute a notebook in place and stamp it")
    run.add_argument("chapter", metavar="CH", help='"01", "data" or the path of a notebook')
    run.add_argument("--profile", default="full", help="full (default) or quick")
    run.set_defaults(command=run_notebook)

    seeds = rooms.add_parser("spread", help="the numbers and claims of a notebook over seeds")
    seeds.add_argument("chapter", metavar="CH", help='"01", "data" or the path of a notebook')
    seeds.add_argument("--profile", default="full", help="full (default) or quick")
    seeds.add_argument(
        "--seeds", type=seed_list, default="0-4", help="0-9, 3 or 0,2,5 (default 0-4)"
    )
    seeds.add_argument("--jobs", type=int, default=2, help="how many at once (default 2)")
    seeds.set_defaults(command=spread_notebook)

    release = rooms.add_parser("release", help="students' notebooks and solutions pages")
    release.add_argument("--check", action="store_true", help="only compare, write nothing")
    release.set_defaults(command=release_exercises)

    data = rooms.add_parser("data", help="real data sets: pack")
    actions = data.add_subparsers(required=True, metavar="ACTION")
    pack = actions.add_parser("pack", help="make the course's file from the original one")
    pack.add_argument("name", metavar="NAME", help="of the file to make, such as mnist.npz")
    pack.add_argument("origin", metavar="ORIGIN", type=Path, help="the original file or folder")
    pack.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        default=os.environ.get("COURSEKIT_DATA") or ".",
        help="where to (default: COURSEKIT_DATA, or this folder)",
    )
    pack.set_defaults(command=pack_data)

    _grading(rooms)
    return parser


def _grading(rooms):
    """The commands from the students' notebooks to their marks."""
    grade = rooms.add_parser("grade", help="grade notebooks in a box; the same command goes on")
    grade.add_argument(
        "submissions",
        metavar="SUBMISSIONS",
        help="a folder of notebooks, a folder a student, a zip of either, or one notebook",
    )
    grade.add_argument("--out", required=True, metavar="RESULTS", help="folder of the results")
    grade.add_argument(
        "--source",
        metavar="NOTEBOOK",
        help="the author's notebook (default: the one that the markers name)",
    )
    grade.add_argument("--roster", metavar="CSV", help="the class: who is missing shows up")
    grade.add_argument(
        "--student",
        action="append",
        default=[],
        metavar="NAME",
        help="examine this student again, and nobody else; repeatable",
    )
    grade.add_argument(
        "--exercise",
        action="append",
        default=[],
        metavar="NN.N",
        help="examine this exercise again, of everybody or of --student; repeatable",
    )
    grade.add_argument("--jobs", type=int, help="how many at once (default: the cores)")
    grade.add_argument(
        "--time",
        type=float,
        default=600,
        metavar="S",
        help="seconds for a submission (default 600)",
    )
    grade.add_argument(
        "--call-time",
        type=float,
        default=60,
        metavar="S",
        help="seconds for a call of an answer, or a cell (default 60)",
    )
    grade.add_argument(
        "--memory", type=int, default=4096, metavar="MB", help="memory of a process (default 4096)"
    )
    grade.add_argument("--seed", type=int, help="of the hidden tests (default: a secret one)")
    grade.add_argument("--scheduler", metavar="ADDRESS", help="a Dask scheduler, tcp://host:port")
    grade.add_argument("--index", type=int, default=1, help="which part of a Slurm array, from 1")
    grade.add_argument("--of", type=int, default=1, help="how many parts there are")
    grade.add_argument(
        "--unsafe", action="store_true", help="without a box: the students' code runs as you"
    )
    grade.set_defaults(command=grade_submissions)

    report = rooms.add_parser("report", help="tables and pages for you, pages for the students")
    report.add_argument("--moodle", metavar="CSV", help="Moodle's grading worksheet to fill in")
    report.add_argument("--canvas", metavar="CSV", help="Canvas' gradebook to fill in")
    report.add_argument("--column", help="the assignment's column in Canvas' gradebook")
    report.set_defaults(command=write_report)

    mark = rooms.add_parser("mark", help="free text: a page to read, a table for the marks")
    mark.set_defaults(command=write_marking)

    similar = rooms.add_parser("similar", help="which answers are most alike, to read them both")
    similar.set_defaults(command=write_similar)
    for part in (report, mark, similar):
        part.add_argument("results", metavar="RESULTS", help="the folder that grade made")
        part.add_argument(
            "--source",
            metavar="NOTEBOOK",
            help="the author's notebook (default: the one that was graded)",
        )

    gradebook = rooms.add_parser("gradebook", help="one table of points over all chapters")
    gradebook.add_argument(
        "results", metavar="RESULTS", nargs="+", help="the folders that grade made, one a chapter"
    )
    gradebook.add_argument("--out", required=True, metavar="FOLDER", help="where to write it")
    gradebook.set_defaults(command=write_gradebook)


def run_notebook(options):
    """Execute in place; print what was run and how long it took."""
    from coursetools import notebooks

    path = notebooks.find(options.chapter)
    print(f"running {path} in the profile {options.profile}", flush=True)
    stamp = notebooks.execute(path, options.profile).metadata["coursekit"]
    print(f"stored its outputs: {stamp['seconds']} s, device {stamp['device']}")


def seed_list(text: str) -> list[int]:
    """The seeds that "0-9", "3" or "0,2,5" means."""
    if not re.fullmatch(r"\d+(-\d+)?(,\d+(-\d+)?)*", text):
        raise argparse.ArgumentTypeError(f"{text!r} names no seeds; write 0-9, 3 or 0,2,5")
    seeds = {}
    for part in text.split(","):
        first, _, last = part.partition("-")
        seeds |= dict.fromkeys(range(int(first), int(last or first) + 1))
        if int(last or first) < int(first):
            raise argparse.ArgumentTypeError(f"{part!r} ends before it begins; write 0-9")
    return list(seeds)


def spread_notebook(options):
    """Print the tables over seeds; 1 when a seed failed somewhere."""
    from coursetools import notebooks
    from coursetools.spread import report, spread

    path = notebooks.find(options.chapter)
    seeds = ", ".join(map(str, options.seeds))
    print(f"running {path} with the seeds {seeds} ({options.profile})", flush=True)
    found = spread(path, options.profile, options.seeds, options.jobs)
    print(report(found))
    for line in found.failures:
        print(line, file=sys.stderr)
    return int(bool(found.failures))


def release_exercises(options):
    """Write the students' notebooks and solutions; with --check, 1 when they are out of date."""
    from coursetools.grading.release import release, stale
    from coursetools.notebooks import ROOT

    if not options.check:
        for path in release(ROOT):
            print(path.relative_to(ROOT))
        return 0
    old = stale(ROOT)
    for path in old:
        print(f"{path.relative_to(ROOT)} is not what its source gives")
    print("run python -m coursetools release" if old else "exercises are up to date")
    return int(bool(old))


def pack_data(options):
    """Make the course's file of a data set from the original one; print its path."""
    from coursetools.packing import pack

    print(pack(options.name, options.origin, options.out))


def grade_submissions(options):
    """Grade what is new, changed or named; 1 when some could not be judged, 2 without a box."""
    from coursekit.arguments import check_count, check_number, check_seed
    from coursetools.grading.box import SLOTS, Limits
    from coursetools.grading.grade import grade

    check_number("--time", options.time, 1, DAY)
    check_number("--call-time", options.call_time, 1, DAY)
    check_count("--memory", options.memory, LEAST_MB)
    check_seed("--seed", options.seed)
    if options.jobs is not None:
        check_count("--jobs", options.jobs, most=SLOTS // 2)  # two boxes each
    limits = Limits(
        call_seconds=options.call_time, total_seconds=options.time, memory_mb=options.memory
    )
    return grade(
        options.submissions,
        options.out,
        source=options.source,
        jobs=options.jobs,
        limits=limits,
        seed=options.seed,
        scheduler=options.scheduler,
        roster=options.roster,
        unsafe=options.unsafe,
        part=(options.index, options.of),
        students=options.student,
        exercises=options.exercise,
    )


def write_report(options):
    """Write RESULTS/report, and what Moodle or Canvas takes; 1 where a record is damaged."""
    from coursetools.gradebook import corrections, feedback, lms, report
    from coursetools.grading import records

    if bool(options.canvas) != bool(options.column):
        raise ValueError("--canvas GRADEBOOK and --column ASSIGNMENT go together")
    folder, assignment = _graded(options)
    print(f"{report.write(folder, assignment)}, beside it CSV tables and a page a student")
    found, marks = report.load(folder, assignment)
    students, _ = report.frame(found, marks)
    for note in corrections.to_do(found):
        print(note)
    if options.moodle:
        sheet = Path(options.moodle).read_bytes().decode("utf-8")
        table = lms.moodle(students, sheet)
        numbers = lms.participants(students, sheet)
        _hand_over(folder, "moodle", table, feedback.moodle(found, marks, assignment, numbers))
    if options.canvas:
        sheet = Path(options.canvas).read_bytes().decode("utf-8")
        table = lms.canvas(students, sheet, options.column)
        _hand_over(folder, "canvas", table, feedback.canvas(found, marks, assignment))
    return int(bool(records.damaged(folder)))


def _hand_over(folder, platform, table, feedback):
    """Write a platform's table and its feedback files, and print what is to know about them."""
    from coursetools.files import write

    for name, (content, notes) in ((".csv", table), ("_feedback.zip", feedback)):
        path = folder / f"{platform}{name}"
        write(path, content, private=True)
        print(*(f"{platform}: {note}" for note in notes), path, sep="\n")


def write_marking(options):
    """Add new answers to RESULTS/marks.csv and write the page to mark them from."""
    from coursetools.files import write
    from coursetools.gradebook import attempts, marking

    folder, assignment = _graded(options)
    found = attempts.load(folder)
    for note in marking.update(folder, found, assignment):
        print(note)
    write(folder / "marking.html", marking.page(found, assignment), private=True)
    print(
        f"read {folder / 'marking.html'}, fill in {folder / marking.NAME}, then run "
        f"python -m coursetools report {folder}"
    )


def write_similar(options):
    """Write RESULTS/similar.html and similar.csv; 1 where a record is damaged."""
    from coursetools.gradebook import similar_pages
    from coursetools.grading import records

    folder, assignment = _graded(options)
    for note in similar_pages.write(folder, records.load(folder), assignment):
        print(note)
    print(f"read {folder / 'similar.html'}; beside it similar.csv. No score depends on them.")
    return int(bool(records.damaged(folder)))


def write_gradebook(options):
    """Write the gradebook over several results folders; 1 where a record is damaged."""
    from coursetools.gradebook import chapters
    from coursetools.grading import records

    found = chapters.load([_opened(folder) for folder in options.results])
    for note, names in chapters.write(found, Path(options.out)).items():
        print(note, "; ".join(names))
    print(Path(options.out) / "gradebook.html", "and beside it gradebook.csv")
    return int(any(records.damaged(chapter.folder) for chapter in found))


def _graded(options):
    """The folder of results, and the assignment that was graded into it."""
    return _opened(options.results, options.source)


def _opened(folder, source=None):
    """A folder of results, and its assignment: the author's notebook `source`, else its own."""
    from coursetools.grading import assignment, run
    from coursetools.notebooks import ROOT

    folder = Path(folder)
    settings = run.agree(folder, {})
    if not settings:
        raise ValueError(f"{folder} has no run.json: it is not a folder that grade made")
    name = settings["notebook"]
    return folder, assignment.load(source or ROOT / "notebooks" / "exercises" / name)


if __name__ == "__main__":
    sys.exit(main())
