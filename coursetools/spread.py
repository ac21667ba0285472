"""What a notebook's numbers and claims are with several seeds, and how much room they have."""

import ast
import json
import math
import statistics
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import nbformat

from coursetools.cells import calls
from coursetools.notebooks import NotebookError, failures, run_cells

ROOM = 2  # standard deviations that the worst seed leaves to the edge


class Row(NamedTuple):
    """A number or a claim: what `coursekit.checks` recorded of it, by seed; no entry: not run."""

    name: str
    entries: dict[int, dict]

    @property
    def margin(self) -> float:
        """How far the worst seed is from the edge, in standard deviations over the seeds.

        The edge is the nearer end of a number's band, and equality of the two sides of a claim's
        comparisons, of which the one with the least room counts. Not a number with fewer than two
        seeds, and for claims that do not compare numbers.
        """
        rooms = {}
        for entry in self.entries.values():
            for edge, distance in _distances(entry).items():
                rooms.setdefault(edge, []).append(distance)
        return min(map(_margin, rooms.values()), default=math.nan)


class Spread(NamedTuple):
    """What several seeds gave: numbers, claims, and one line a failed cell."""

    seeds: list[int]
    numbers: list[Row]
    claims: list[Row]
    failures: list[str]


def spread(path: Path, profile: str, seeds=range(5), jobs: int = 1) -> Spread:
    """What `expect` and `claim` say with each seed; the file is not written.

    A failed cell is listed, and the cells after it still run. `jobs` seeds run at once, each on one
    thread.
    """
    path, seeds = Path(path), list(seeds)
    with ThreadPoolExecutor(jobs) as pool:
        measured = list(pool.map(partial(_measure, path, profile), seeds))
    records = {seed: entries for seed, (entries, _) in zip(seeds, measured)}
    numbers, claims = (_rows(path, kind, records) for kind in ("expect", "claim"))
    failed = [f"seed {seed}: {line}" for seed, (_, lines) in zip(seeds, measured) for line in lines]
    return Spread(seeds, numbers, claims, failed)


def _measure(path, profile, seed):
    """One seed: what was recorded, and the cells that failed."""
    notebook = nbformat.read(path, as_version=4)
    with TemporaryDirectory() as folder:
        record = Path(folder, "record.jsonl")
        record.touch()
        try:
            settings = {"OMP_NUM_THREADS": "1", "COURSEKIT_RECORD": str(record)}
            run_cells(notebook, path, profile, seed, keep_going=True, **settings)
            failed = failures(notebook)
        except NotebookError as error:
            failed = [str(error)]
        lines = record.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines], failed


def _rows(path, kind, records):
    """The rows of one kind: what was recorded, then what no seed has reached."""
    rows = {}
    for seed, entries in records.items():
        named = [entry for entry in entries if kind in entry]
        for name, entry in zip(_numbered(entry[kind] for entry in named), named):
            rows.setdefault(name, {})[seed] = entry
    for name in _numbered(_written(path, kind)):
        rows.setdefault(name, {})
    return [Row(name, entries) for name, entries in rows.items()]


def _numbered(names):
    """The names, with "[2]" behind the second of the same name."""
    seen = Counter()
    for name in names:
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name} [{seen[name]}]"


def _written(path, kind):
    """The texts of the calls of `expect` or `claim` that stand in the source as they are."""
    for cell in nbformat.read(path, as_version=4).cells:
        try:
            found = calls(cell, kind) if cell.cell_type == "code" else []
        except SyntaxError:  # the run has said so
            continue
        for call in found:
            if call.args and isinstance(call.args[0], ast.Constant):
                yield str(call.args[0].value)


def _distances(entry):
    """How far an entry is from each of its edges; negative beyond it."""
    if "claim" in entry:
        return entry["gaps"]
    value = entry["value"]
    return {"low": value - entry["low"], "high": entry["high"] - value}


def _holds(entry):
    return entry["holds"] if "claim" in entry else min(_distances(entry).values()) >= 0


def _margin(distances):
    """The least of some distances in their standard deviations."""
    if len(distances) < 2:
        return math.nan
    deviation, least = statistics.stdev(distances), min(distances)
    if deviation == 0:
        return math.copysign(math.inf, least)
    return least / deviation


def report(spread: Spread) -> str:
    """The tables of numbers and of claims, at most 120 columns wide."""
    lines = []
    if spread.numbers:
        lines += ["", f"{'number':58}{'min':>10}{'mean':>10}{'max':>10}{'sd':>9}{'margin':>9}"]
        for row in spread.numbers:
            lines += [_number_line(row), *_remark(row, spread.seeds)]
    if spread.claims:
        lines += ["", f"{'claim':88}{'held':>9}{'margin':>9}"]
        for row in spread.claims:
            held = sum(map(_holds, row.entries.values()))
            count = f"{held} of {len(row.entries)}" if row.entries else "not run"
            lines += [f"{_cut(row.name, 88)}{count:>9}{_room(row)}", *_remark(row, spread.seeds)]
    if not lines:
        return "no number, no claim"
    about = f"margin: from the worst seed to the edge, in standard deviations; !: less than {ROOM}"
    return "\n".join([*lines[1:], "", about])


def _number_line(row):
    values = [entry["value"] for entry in row.entries.values()]
    name = _cut(row.name, 58)
    if not values:
        return f"{name}{'not run':>10}"
    deviation = statistics.stdev(values) if len(values) > 1 else math.nan
    columns = [min(values), statistics.fmean(values), max(values)]
    return f"{name}{''.join(f'{value:10.4g}' for value in columns)}{deviation:9.2g}{_room(row)}"


def _room(row):
    """The margin in nine columns, and a mark behind it where it is too small."""
    text = "–" if math.isnan(row.margin) else f"{row.margin:.1f}".replace("inf", "∞")
    return f"{text:>9}{' !' if row.margin < ROOM else ''}"


def _remark(row, seeds):
    """A line with the seeds for which a number or claim does not hold or was not run."""
    kinds = {
        "no": [seed for seed, entry in row.entries.items() if not _holds(entry)],
        "not run": [seed for seed in seeds if row.entries and seed not in row.entries],
    }
    text = [f"{kind}: seed {', '.join(map(str, found))}" for kind, found in kinds.items() if found]
    return [f"    {'; '.join(text)}"] if text else []


def _cut(text, width):
    """A text in exactly this many columns."""
    return f"{text[: width - 2]}… " if len(text) >= width else f"{text:{width}}"
