import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def built_book() -> Path:
    """The folder of the built pages: `COURSEKIT_BOOK`, else `_build/html`."""
    folder = Path(os.environ.get("COURSEKIT_BOOK", ROOT / "_build" / "html"))
    if not (folder / "index.html").is_file():
        pytest.fail(f"no built book in {folder}: run make book first")
    return folder
