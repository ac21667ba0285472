"""The commands from the students' notebooks to their marks: grade, mark, report and more."""

from pathlib import Path

DAY = 86_400  # seconds
LEAST_MB = 256  # of memory, as the box of the self-test has


def add(rooms) -> None:
    """Add these commands to the parser of all."""
    _add_grade(rooms)
    _add_results(rooms)


def _add_grade(rooms):
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


def _add_results(rooms):
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
