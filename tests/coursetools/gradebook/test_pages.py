"""What the pages show, what they never show, and that nothing a student wrote becomes markup."""

import base64
import hashlib
import shutil
import xml.etree.ElementTree as ElementTree
from collections import Counter

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from coursetools.gradebook import charts, pages, report, student
from coursetools.gradebook.marking import Mark
from coursetools.gradebook.pages import visible

TITLES = {"02.3": "ROC AUC from ranks", "02.5": "An inspector for the factory"}
ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><script>alert(1)</script>",
    "<!--",
    "]]>",
    "javascript:alert(1)",
    "&lt;script&gt;",
    "' onmouseover='alert(1)",
]
RUN = {"seed": 987654321, "key": "feedface" * 8, "versions": {"torch": "9.8.7"}}


def record(student="ada", status="ok", **changes):
    """A record as the grader writes it; `reason` is that of its failed test."""
    score = None if status == "infra_error" else 2.0
    reason = changes.pop("reason", "the AUC is off")
    tests = [
        {
            "exercise": "02.3",
            "test": "with_ties_name",
            "message": "scores with ties",
            "points": 2,
            "earned": 2,
            "verdict": "passed",
            "reason": "never shown when passed",
        },
        {
            "exercise": "02.3",
            "test": "limits_name",
            "message": "constant scores give 1/2",
            "points": 1,
            "earned": 0,
            "verdict": "error",
            "reason": reason,
        },
    ]
    return (
        {
            "student": student,
            "digest": None,
            "file": f"{student}.ipynb",
            "chapter": "02",
            "status": status,
            "message": "for the grader",
            "late": status == "late",
            "score": score,
            "possible": 3,
            "tests": tests,
            "texts": {"02.5": "my answer"},
            "answers": {"02.3": "def auc(scores, labels):\n    return 0.5"},
            "flags": [],
            "seconds": 7.1,
            "unsafe": False,
            "graded": "2026-11-20T12:00:00Z",
        }
        | RUN
        | changes
    )


def marks(comment="Good.", points=3.5):
    return {"02.5": Mark(points, 4, comment)}


def page(found, given=marks()):
    return student.page(found, given, "5.5 of 7", TITLES)


def overview(*found):
    students, tests = report.frame(list(found))
    rows = students.to_dict("records")
    plots = [('Bars of "this" & <that>', b"<svg xmlns='http://www.w3.org/2000/svg'/>")]
    return pages.overview(rows, [report.standing(row) for row in rows], plots, {})


def tags(text):
    """The elements and their attributes' names in order; the page must be well formed."""
    doctype, _, markup = text.partition("\n")
    assert doctype == "<!doctype html>"
    return [(one.tag, *one.attrib) for one in ElementTree.fromstring(markup).iter()]


def soup(text):
    return BeautifulSoup(text, "html.parser")


BOTH = pytest.mark.parametrize(
    "text", [page(record()), overview(record(), record("bob", "died"))], ids=["student", "class"]
)

# ------------------------------------------------------------------------------- what is shown


def test_a_student_reads_messages_verdicts_reasons_points_and_comment():
    text = soup(page(record())).get_text(" ")
    for part in (
        "5.5 of 7",
        "Graded.",
        "02.3 ROC AUC",
        "scores with ties",
        "✓ passed",
        "2 of 2",
        "✗ error",
        "the AUC is off",
        "3.5 of 4 points",
        "Good.",
    ):
        assert part in text


@pytest.mark.parametrize("status", pages.STATUSES)
def test_a_student_is_told_what_each_status_means(status):
    assert pages.STATUSES[status] in soup(page(record(status=status))).get_text()


def test_why_a_file_is_unreadable_is_told_but_not_what_broke_the_grader():
    assert "not JSON" in page(record(status="unreadable", message="not JSON"))
    assert "no bwrap" not in page(record(status="infra_error", message="no bwrap"))


def test_a_limit_in_a_late_submission_says_both():
    text = page(record(status="limit", late=True))
    assert pages.STATUSES["limit"] in text and "Handed in late." in text
    assert "limit, late" in overview(record(status="limit", late=True))


def test_an_unmarked_answer_is_shown_as_such():
    assert "not marked yet" in page(record(), marks("", None))


def test_after_a_fault_of_the_grader_no_answer_counts_as_nothing():
    assert "of 4 points" not in page(record(status="infra_error"))


def test_an_unsafe_run_is_stamped_on_every_page():
    assert "unsafe" in page(record(unsafe=True)) and "unsafe" not in page(record())
    assert "do not publish" in overview(record(unsafe=True))


def test_warnings_name_the_students_they_are_about():
    text = overview(record("ada"), record("bob", "infra_error"), record("cyd", flags=["odd"]))
    warnings = [box.get_text() for box in soup(text).select(".warning")]
    assert [w.split(": ")[1] for w in warnings] == ["bob", "cyd"]


def test_the_class_page_links_every_student():
    links = [link["href"] for link in soup(overview(record("ada"), record("bob"))).find_all("a")]
    assert links == ["students/ada.html", "students/bob.html"]


def test_a_long_reason_is_cut():
    assert len(page(record(reason="x" * 10_000))) < len(page(record())) + pages.LONGEST + 10


# ------------------------------------------------------------------------------- what is not


@pytest.mark.parametrize("status", pages.STATUSES)
def test_no_page_has_seed_key_names_of_tests_or_other_hidden_things(status):
    found = record(status=status, flags=["exercise 02.3 twice"])
    hidden = [str(RUN["seed"]), RUN["key"], "with_ties_name", "limits_name", "never shown"]
    for text in (page(found), overview(found)):
        assert not [part for part in hidden if part in text]
    assert "exercise 02.3 twice" not in page(found)  # flags are for the instructor
    assert "my answer" not in overview(found) and "def auc" not in overview(found)


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_student_writes_stays_text(attack):
    found = record(student=attack, reason=attack, file=attack, flags=[attack])
    unread = record(student=attack, status="unreadable", message=attack, flags=[attack])
    for hostile, plain in (
        (page(found, marks(attack)), page(record())),
        (page(unread), page(record(status="unreadable"))),
        (overview(found), overview(record(flags=["x"]))),
    ):
        assert tags(hostile) == tags(plain)
        assert attack in soup(hostile).get_text()


@given(st.text(alphabet=st.characters(), max_size=40))
def test_any_text_leaves_the_page_well_formed(text):
    hostile = page(record(student=text, reason=text), marks(text or "x"))
    plain = page(record(reason="x" if text else ""))
    assert tags(hostile) == tags(plain)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("abc" + chr(0x202E) + "fdp", "abc⟨U+202E⟩fdp"),
        (chr(0x2066) + "x" + chr(0x200F), "⟨U+2066⟩x⟨U+200F⟩"),
        ("\x1b[31mred\x00", "⟨U+001B⟩[31mred⟨U+0000⟩"),
        ("\ud800", "⟨U+D800⟩"),
        ("a\r\nb\tc", "a\nb\tc"),
        ("שרה Zoë 山田", "שרה Zoë 山田"),
    ],
)
def test_control_and_bidi_characters_are_shown_by_their_code(raw, shown):
    assert visible(raw) == shown
    assert shown in soup(page(record(student=raw))).h1.get_text()


def test_names_in_other_writing_directions_are_kept_apart():
    assert soup(overview(record("שרה"))).find("bdi", string="שרה")


@BOTH
def test_the_policy_allows_only_the_own_style_and_embedded_pictures(text):
    found = soup(text)
    policy = found.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    digest = base64.b64encode(hashlib.sha256(found.style.string.encode()).digest()).decode()
    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{digest}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert not found.find_all(["script", "link", "iframe", "object", "form"])
    attributes = {name for element in found.find_all(True) for name in element.attrs}
    assert not [name for name in attributes if name.startswith("on") or name == "style"]


# ------------------------------------------------------------------------------- accessibility


@BOTH
def test_every_page_has_a_language_one_h1_and_headings_in_order(text):
    found = soup(text)
    assert found.html["lang"] == "en" and found.title.string and found.main
    levels = [int(heading.name[1]) for heading in found.find_all(["h1", "h2", "h3"])]
    assert Counter(levels)[1] == 1 and levels[0] == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:]))


@BOTH
def test_tables_have_captions_and_headers_with_a_scope(text):
    for table in soup(text).find_all("table"):
        assert table.caption.get_text()
        assert all(th["scope"] == "col" for th in table.thead.find_all("th"))
        assert all(row.th["scope"] == "row" for row in table.tbody.find_all("tr"))


def test_every_picture_has_a_text_alternative():
    pictures = soup(overview(record())).find_all("img")
    assert pictures and all(len(picture["alt"].split()) > 3 for picture in pictures)


@pytest.mark.browser
def test_a_browser_shows_the_pages_and_runs_nothing(tmp_path):
    from playwright.sync_api import sync_playwright

    hostile = [record(name, reason=attack) for name, attack in zip("abcdefgh", ATTACKS)]
    students, tests = report.frame(hostile)
    rows, plots = students.to_dict("records"), charts.plots(students, tests)
    (tmp_path / "index.html").write_text(
        pages.overview(rows, [report.standing(row) for row in rows], plots, {}), encoding="utf-8"
    )
    (tmp_path / "student.html").write_text(page(record(reason=" ".join(ATTACKS))), encoding="utf-8")
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    options = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
    events = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=options)
        for scheme in ("light", "dark"):
            tab = browser.new_page(viewport={"width": 390, "height": 800}, color_scheme=scheme)
            tab.on("dialog", lambda dialog: (events.append(dialog.message), dialog.dismiss()))
            tab.on("console", lambda message: events.append(message.text))
            for name in ("index.html", "student.html"):
                tab.goto((tmp_path / name).as_uri())
                assert tab.evaluate("document.documentElement.scrollWidth") <= 390
                assert tab.evaluate("[...document.images].every((i) => i.naturalWidth > 0)")
                back = tab.evaluate("getComputedStyle(document.body).backgroundColor")
                assert back == {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 24, 28)"}[scheme]
        browser.close()
    assert events == []
