"""What all tests share: one thread, no progress bars, and marks that skip with a reason.

Test files are imported by path (`--import-mode=importlib` in pyproject.toml), so their names may
repeat between folders and no folder needs an `__init__.py`.
"""

import functools
import os
import shutil
import subprocess

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TQDM_DISABLE", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

import pytest
import torch
from hypothesis import settings

from coursekit.data import store

torch.set_num_threads(1)
settings.register_profile("coursekit", deadline=None, derandomize=True, database=None)
settings.load_profile("coursekit")

# Half a minute and more each: begun first, or one of them runs last, and alone.
LONG = ("test_hostile.py", "test_benchmarks.py", "test_nbgrader.py", "test_instructors_page.py")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def pytest_collection_modifyitems(items):
    """Long files first (`make test` gives whole files to two workers, in this order)."""
    items.sort(key=lambda item: item.path.name not in LONG)


def pytest_runtest_setup(item):
    """Skip a test whose mark asks for something that this machine lacks.

    `@pytest.mark.data("mnist.npz")` asks for these files, without arguments for all of them.
    """
    for mark in item.iter_markers("data"):
        missing = [name for name in mark.args or store.FILES if not store.find(name)]
        if missing:
            pytest.skip(f"{', '.join(missing)} not found; set COURSEKIT_DATA to its folder")
    if item.get_closest_marker("gpu") and not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    if item.get_closest_marker("browser") and not any(map(shutil.which, BROWSERS)):
        pytest.skip(f"no browser; looked for {', '.join(BROWSERS)}")
    if item.get_closest_marker("box") and (problem := box_problem()):
        pytest.skip(problem)


@pytest.fixture(scope="session")
def chromium():
    """The browser, started once for all tests."""
    from playwright.sync_api import sync_playwright

    from tests.book.browser import ARGUMENTS, CHROMIUM

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@functools.cache
def box_problem():
    """Why bubblewrap cannot make a box here, or None."""
    if not shutil.which("bwrap"):
        return "no bubblewrap; on Debian and Ubuntu: apt-get install bubblewrap"
    run = subprocess.run(
        ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"], capture_output=True, text=True
    )
    return f"bubblewrap does not work here: {run.stderr.strip()}" if run.returncode else None
