import base64

import matplotlib.pyplot as plt
import pytest
import torch

from coursekit import live
from coursekit.live import output
from tests.live.figures import ALT, KINDS, codes, linear
from tests.live.pages import bundle, html


def put(data, **changes):
    options = {"figure": plt.figure(), "alt": ALT, "caption": "A figure"} | changes
    return bundle(output.put, "plane", data, **options)


def test_one_output_is_html_picture_and_text():
    data, metadata = put({"x": 1})
    assert set(data) == {"text/html", "image/png", "text/plain"} and data["text/plain"] == ALT
    assert data["image/png"].startswith(b"\x89PNG")
    assert base64.b64encode(data["image/png"]).decode() in data["text/html"]
    texts = {"alt": ALT, "caption": "A figure"}
    assert metadata == {"coursekit": texts, "image/png": {"alt": ALT}}
    assert not plt.get_fignums()


def test_the_id_is_that_of_the_content():
    first, again, other = (put({"x": x})[0]["text/html"] for x in (1, 1, 2))
    assert first == again and first[: first.index("living-")] == other[: other.index("living-")]
    ids = [page.split('id="')[1].split('"')[0] for page in (first, other)]
    assert ids[0] != ids[1] and all(name.startswith("living-") for name in ids)


def test_texts_cannot_leave_their_place():
    page = put({"x": "</script><b>"}, alt='four "words" of <b>', caption="a < b")[0]["text/html"]
    assert page.count("</script>") == 1 and "<b>" not in page
    assert "four &quot;words&quot; of &lt;b&gt;" in page and "a &lt; b" in page


def test_too_much_is_refused():
    with pytest.raises(ValueError, match="at most 400000 characters, this one 4[0-9]{5}; take a"):
        put({"x": "x" * 400_000})


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"alt": "A plane"}, ValueError, "alt must say"),
        ({"alt": None}, TypeError, "alt must be a text"),
        ({"caption": ""}, ValueError, "caption must have one to eight"),
        ({"caption": "one two three four five six seven eight nine"}, ValueError, "eight words"),
        ({"caption": 3}, TypeError, "caption must be a text"),
    ],
)
def test_texts_are_checked(changes, error, message):
    texts = {"alt": ALT, "caption": "A figure"} | changes
    planes = {"PCA": (linear(), codes(0))}
    with pytest.raises(error, match=message):
        live.plane(planes, torch.zeros(60, dtype=torch.long), shape=(3, 8, 12), **texts)


def test_nothing_is_fetched_and_all_is_small():
    for make in KINDS.values():
        page = make()
        assert "http" not in page and "@import" not in page and len(page) < 150_000


def test_every_script_is_shipped():
    """setuptools takes what pyproject.toml names."""
    names = {path.suffix for path in output.HERE.iterdir() if path.suffix not in (".py", "")}
    assert names == {".js", ".css"}
    project = (output.HERE.parents[1] / "pyproject.toml").read_text()
    assert '"live/*.js", "live/*.css"' in project


def test_the_same_call_gives_the_same_page():
    planes = {"PCA": (linear(), codes(0))}
    labels = torch.zeros(60, dtype=torch.long)
    options = {"shape": (3, 8, 12), "alt": ALT, "caption": "A plane"}
    assert html(live.plane, planes, labels, **options) == html(
        live.plane, planes, labels, **options
    )
