# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds the collection's site with antsibull-docs and Sphinx, and follows its links.

``site.py`` builds it in a copy of the checkout: every warning is an error, and so is a link within the
site that leads nowhere. Nothing is asked of the network. ``--output DIRECTORY`` keeps the pages.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from workspace import Workspace, workspace


class Page(HTMLParser):
    """Where a page's links lead, and what they can lead to in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors.update(value for key in ("id", "name") if (value := given.get(key)))
        if tag in ("a", "img", "script", "link"):
            self.links += [value for key in ("href", "src") if (value := given.get(key))]


def broken_links(root: Path) -> Iterator[str]:
    """Of the links within the site, those that lead nowhere."""
    pages = {path: Page(path) for path in sorted(root.rglob("*.html"))}
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            there = target.exists()
            if there and parts.fragment and target in pages:
                there = unquote(parts.fragment) in pages[target].anchors
            if not there:
                yield f"{path.relative_to(root)}: {link}"


def build(space: Workspace) -> Path:
    """The directory of the pages."""
    sphinx = space.collection / "docs" / "docsite" / "sphinx"
    rst, html = space.root / "rst", space.root / "html"
    # antsibull-docs wants it so.
    rst.mkdir(mode=0o700)
    commands = (
        [
            *("antsibull-docs", "--config-file", str(sphinx / "antsibull-docs.cfg"), "collection"),
            *("--use-current", "--squash-hierarchy", "--fail-on-error"),
            *("--dest-dir", str(rst), "mailops.email"),
        ],
        [
            *("sphinx-build", "-q", "-W", "--keep-going", "-b", "html", "-c", str(sphinx)),
            *(str(rst), str(html)),
        ],
    )
    for command in commands:
        done = subprocess.run(command, env=space.environ(Path(sys.prefix)), check=False)
        if done.returncode:
            raise SystemExit(f"{command[0]} failed.")
    return html


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the collection's site.")
    parser.add_argument("--output", type=Path, help="a directory for the pages; it is replaced")
    options = parser.parse_args()
    with workspace() as space:
        html = build(space)
        broken = list(broken_links(html))
        if options.output:
            shutil.rmtree(options.output, ignore_errors=True)
            shutil.copytree(html, options.output)
            print(f"The site is in {options.output / 'index.html'}")
    for line in broken:
        print(f"leads nowhere: {line}", file=sys.stderr)
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
