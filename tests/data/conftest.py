"""For the tests of downloads: a web server on this machine, and two processes that ask it."""

import dataclasses
import http.server
import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from coursekit.data import store


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves `server.pages` {path: (length announced, body)} and notes what was asked for."""

    def do_GET(self):
        self.server.asked.append(self.path)
        self.server.gate.wait()
        if self.path not in self.server.pages:
            return self.send_error(404)
        length, body = self.server.pages[self.path]
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)
        return None

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    """A server without pages; it answers when as many have asked as `server.gate` waits for."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.address = f"http://127.0.0.1:{server.server_port}"
        server.asked, server.gate, server.pages = [], threading.Barrier(1), {}
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield server
        server.shutdown()


# Only the store is imported, with a stand-in for torch: the whole package takes seconds.
FETCH = """
import json, sys, types, unittest.mock
from pathlib import Path
root, name, cache, mirror, file = json.loads(sys.argv[1])
sys.modules["torch"] = unittest.mock.MagicMock()
for package, folder in (("coursekit", root), ("coursekit.data", root + "/data")):
    sys.modules[package] = types.ModuleType(package)
    sys.modules[package].__path__ = [folder]
from coursekit.data import store
file["originals"] = tuple(store.Original(**one) for one in file["originals"])
store.FILES[name] = store.File(**file)
store.cache, store.mirrors = lambda: Path(cache), lambda: [mirror]
print(store.fetch(name))
"""


@pytest.fixture
def fetch_twice(server):
    """fetch_twice(name, mirror): both paths, from two processes that ask at the same time."""

    def fetch_twice(name, mirror):
        server.gate = threading.Barrier(2, timeout=60)  # answers when both have asked
        root = Path(store.__file__).parents[1]
        file = dataclasses.asdict(store.FILES[name])
        given = json.dumps([str(root), name, str(store.cache()), mirror, file])
        command = [sys.executable, "-c", FETCH, given]
        with ThreadPoolExecutor() as pool:
            runs = [
                pool.submit(subprocess.run, command, capture_output=True, text=True)
                for _ in range(2)
            ]
        server.gate = threading.Barrier(1)
        assert not any(run.result().returncode for run in runs), runs[0].result().stderr
        return [Path(run.result().stdout.strip()) for run in runs]

    return fetch_twice
