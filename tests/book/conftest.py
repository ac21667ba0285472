import http.server
import os
import threading
from functools import partial
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


@pytest.fixture(scope="session")
def context(chromium):
    return chromium.new_context()


@pytest.fixture(scope="session")
def serve():
    """A function folder -> address, served until the tests end."""
    servers = []

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    def start(folder):
        handler = partial(Quiet, directory=folder)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def book(serve, built_book):
    return serve(built_book)
