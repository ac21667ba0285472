"""What a reader's browser says about a page: opened once, looked at in light, dark and small."""

import shutil

from playwright.sync_api import TimeoutError

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
] + ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]  # no other host
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
LEAST_CONTRAST = 4.5  # WCAG 2, level AA, for text of normal size

# Resolves when MathJax, on pages that have it, has typeset all formulas.
TYPESET = "window.MathJax?.startup?.promise ?? Promise.resolve()"
FORMULAS = """() => {
  const problems = [];
  for (const formula of document.querySelectorAll('.math'))
    if (!formula.querySelector('mjx-container'))
      problems.push('formula not typeset: ' + formula.textContent.slice(0, 60));
  for (const error of document.querySelectorAll('mjx-merror'))
    problems.push('formula with an error: ' + error.dataset.mjxError);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (/\\\\[([]/.test(node.data) && !node.parentElement.closest('pre, code, script, style'))
      problems.push('raw TeX: ' + node.data.trim().slice(0, 60));
  }
  for (const font of document.fonts)
    if (font.status === 'error') problems.push('font not loaded: ' + font.family);
  return problems;
}"""
# Whatever shows text of its own, code and formulas aside, with the colours of the text and of
# the background as [red, green, blue] from 0 to 255.
COLOURS = """() => {
  const pixel = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const colour = (text) => {
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = text;
    pixel.fillRect(0, 0, 1, 1);
    return [...pixel.getImageData(0, 0, 1, 1).data];
  };
  const background = (element) => {  // the layers below, blended by their opacity
    if (!element) return [255, 255, 255];
    const [red, green, blue, alpha] = colour(getComputedStyle(element).backgroundColor);
    if (alpha === 255) return [red, green, blue];
    const below = background(element.parentElement);
    return [red, green, blue].map((c, i) => (c * alpha + below[i] * (255 - alpha)) / 255);
  };
  const ownText = (element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  return [...document.querySelectorAll('article *')]
    .filter((element) => ownText(element) && element.checkVisibility()
                         && !element.closest('pre, script, style, svg, mjx-container, .headerlink'))
    .map((element) => [
      element.textContent.trim().slice(0, 40),
      colour(getComputedStyle(element).color).slice(0, 3),
      background(element),
    ]);
}"""
BACKGROUND = "getComputedStyle(document.body).backgroundColor"


def luminance(colour) -> float:
    """Relative luminance of an sRGB colour, 0 to 1 (WCAG 2)."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (value / 255 for value in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other) -> float:
    """Contrast ratio of two colours, 1 to 21.

    >>> contrast([0, 0, 0], [255, 255, 255])
    21.0
    """
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


class Look:
    """One page at `address`; everything that starts with `home` is the book itself."""

    def __init__(self, context, address: str, home: str):
        self.address, self.home, self.problems = address, home, []
        self.page = context.new_page()
        self.page.on("request", self._request)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))

    def _request(self, request):
        if not request.url.startswith((self.home, "data:", "blob:")):
            self.problems.append(f"external request: {request.url}")

    def _console(self, message):
        if message.type == "error":
            self.problems.append(f"console: {message.text}")

    def all_problems(self) -> list[str]:
        """Console and script errors, foreign requests, formulas, colours, width on a phone."""
        self.page.set_viewport_size(DESKTOP)
        self.page.emulate_media(color_scheme="light")
        self.page.goto(self.address)
        self.page.evaluate(TYPESET)
        self.page.add_style_tag(content="* { transition: none !important }")
        self.problems += self.page.evaluate(FORMULAS)
        self._contrast("light")
        light = self.page.evaluate(BACKGROUND)
        self.page.emulate_media(color_scheme="dark")
        try:
            self.page.wait_for_function(f"{BACKGROUND} !== {light!r}", timeout=3_000)
            self._contrast("dark")
        except TimeoutError:
            self.problems.append(f"the background is {light} in light and in dark")
        self.page.set_viewport_size(PHONE)
        width = self.page.evaluate("document.documentElement.scrollWidth")
        if width > PHONE["width"]:
            self.problems.append(f"{width} px wide on a phone of {PHONE['width']}")
        self.page.close()
        return self.problems

    def _contrast(self, scheme: str) -> None:
        for text, colour, background in self.page.evaluate(COLOURS):
            ratio = contrast(colour, background)
            if ratio < LEAST_CONTRAST:
                self.problems.append(f"contrast {ratio:.1f} in {scheme}: {text!r}")
