"""What the tests of living figures share: figures as HTML, pages around them, scripts in Node."""

import json
import shutil
import subprocess
import sys

import pytest

from coursekit.live import output

# as the theme of the book has it: a light box behind HTML outputs on a dark page
THEME = """
body { margin: 0 10px; color: var(--pst-color-text-base); background: #fff; }
html { --pst-color-text-base: #222832; --pst-color-on-background: #fff; }
html[data-theme=dark] { --pst-color-text-base: #ced6dd; --pst-color-on-background: #222832; }
html[data-theme=dark] body { background: #121212; }
html[data-theme=dark] .bd-content div.cell_output .text_html:not(:has(table.dataframe)) {
  background-color: var(--pst-color-text-base); color: var(--pst-color-on-background);
  padding: .5rem; }
"""

# for `locator.evaluate` on a figure: all that is drawn, and whether a part of it can be seen
PICTURE = "r => [...r.querySelectorAll('canvas')].map((c) => c.toDataURL()).join()"
SEEN = "(r, name) => { const e = r.querySelector(name); return !!e && e.checkVisibility(); }"


def bundle(function, *args, **kwargs):
    """(data, metadata) of what `function` displays; a still that is trained takes five steps."""
    shown = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(output, "display", lambda data, raw, metadata: shown.append((data, metadata)))
        patch.setattr(sys.modules["coursekit.live.hourglasses"], "STEPS", 5)
        function(*args, **kwargs)
    assert len(shown) == 1
    return shown[0]


def html(function, *args, **kwargs):
    """The HTML of a figure."""
    return bundle(function, *args, **kwargs)[0]["text/html"]


def around(body, theme="light", language="en"):
    """A page of the book with `body` as the output of a cell."""
    return (
        f'<!doctype html><html lang="{language}" data-theme="{theme}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>a chapter</title><style>{THEME}</style></head><body><div class='bd-content'>"
        f"<article class='bd-article'><div class='cell_output'><div class='text_html'>{body}</div>"
        "</div></article></div></body></html>"
    )


def node(parts, function, given):
    """What the JavaScript `function` makes of `given`, after the scripts `parts`."""
    if not shutil.which("node"):
        pytest.skip("no node; JavaScript is tested in it")
    source = (
        f"{output.script(*parts)}\n"
        "const given = JSON.parse(require('fs').readFileSync(0));\n"
        "const plain = (key, value) => ArrayBuffer.isView(value) ? Array.from(value) : value;\n"
        f"console.log(JSON.stringify(({function})(given), plain));"
    )
    run = subprocess.run(
        ["node", "-e", source], input=json.dumps(given), capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return json.loads(run.stdout)


class Pages:
    """Pages, each in a context of its own, and what went wrong in them."""

    def __init__(self, browser, folder):
        self.browser, self.folder, self.contexts, self.problems = browser, folder, [], []

    def __call__(self, body, theme="light", language="en", **context):
        file = self.folder / f"{len(self.contexts)}.html"
        file.write_text(around(body, theme, language))
        self.contexts.append(self.browser.new_context(**context))
        page = self.contexts[-1].new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        page.on("console", lambda said: said.type == "error" and self.problems.append(said.text))
        page.on("request", lambda asked: self.request(asked.url, file.as_uri()))
        page.goto(file.as_uri())
        return page

    def request(self, url, own):
        if url != own and not url.startswith(("data:", "blob:")):
            self.problems.append(f"request: {url}")

    def close(self):
        for context in self.contexts:
            context.close()
        assert not self.problems, "\n".join(self.problems)
