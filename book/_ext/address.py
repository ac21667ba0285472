"""The address of the book, from the one place where it stands: the urls of pyproject.toml."""

import tomllib
from pathlib import Path


def set_address(app, config):
    """Tell Sphinx, its sitemap and the open-graph tags where the pages will be."""
    project = tomllib.loads((Path(app.srcdir) / "pyproject.toml").read_text())["project"]
    config.html_baseurl = config.ogp_site_url = project["urls"]["Documentation"]


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", set_address, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
