"""Say at the foot of a notebook's page when, how and with what its stored outputs were made.

``coursetools.notebooks`` writes the run into the notebook's metadata under "coursekit";
MyST-NB passes it on as JSON. A page without that entry stays as it is.
"""

import json

from docutils import nodes


def sentence(run):
    """One line from the record of a run.

    >>> sentence({"profile": "full", "device": "cpu", "versions": {"torch": "2.9.0"},
    ...           "date": "2026-11-20", "seconds": 411.6, "fingerprint": "3f2a"})
    'Stored outputs: profile full, device cpu, torch 2.9.0, 2026-11-20, ran 412 s'
    """
    versions = [f"{name} {version}" for name, version in run["versions"].items()]
    return "Stored outputs: " + ", ".join(
        [
            f"profile {run['profile']}",
            f"device {run['device']}",
            *versions,
            run["date"],
            f"ran {run['seconds']:.0f} s",
        ]
    )


def add_stamp(app, doctree, docname):
    """Put the line at the end of the page."""
    record = app.env.metadata[docname].get("coursekit")
    if record:
        doctree += nodes.paragraph("", sentence(json.loads(record)), classes=["run-stamp"])


def setup(app):
    """Register with Sphinx."""
    app.connect("doctree-resolved", add_stamp)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
