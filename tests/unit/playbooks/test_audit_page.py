# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of mailops.email.audit in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.plugin_utils._audit.page import (
    as_page,
    load_template,
)
from ansible_collections.mailops.email.tests.support import browser
from ansible_collections.mailops.email.tests.unit.plugins.plugin_utils._audit.given import (
    LINKS,
    TRACK,
    account,
    domain,
    failed,
    report,
    tls,
)

# A phone's, and a desk's.
NARROW, WIDE = 500, 1280


class Listener(HTTPServer):
    """Somebody whom no page may call."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.was_called = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/called"


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Listener)
        self.server.was_called = True
        self.send_error(404)

    def log_message(self, *_args: Any) -> None:
        pass


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield listening
        listening.shutdown()
        thread.join()


def page_of(made: Any, place: Path) -> Path:
    page = place / "audit.html"
    page.write_text(as_page(made, load_template(), 30))
    return page


@pytest.fixture
def page(tmp_path: Path) -> Path:
    made = report(
        account(
            domain(TRACK, dns="mismatch"),
            domain("fine.example.com", days=89),
            declared=[TRACK, LINKS, "fine.example.com"],
            sought={"missing": [LINKS], "dangling": []},
        ),
        failed(),
    )
    return page_of(made, tmp_path)


def test_what_the_page_says(page: Path) -> None:
    said = browser.document(page)
    assert "2 tracking domains in 2 accounts" in said
    assert f"{TRACK}. 300 IN CNAME track2.sendcloud.net." in said
    assert "bad could not be read" in said
    # The script has run: what filters is shown, and each column's head sorts.
    assert '<div class="tools">' in said
    assert said.count('<button type="button">') == 7
    names = [said.index(f">{name}") for name in (TRACK, LINKS, "fine.example.com")]
    assert names[2] > max(names[:2]), "the worst first"


def test_it_has_two_themes_and_fits_a_phone(page: Path) -> None:
    pictures = {
        (width, theme): browser.picture(page, width, 900, theme=theme)
        for width in (NARROW, WIDE)
        for theme in (browser.LIGHT, browser.DARK)
    }
    for (width, theme), picture in pictures.items():
        assert (picture.width, picture.height) == (width, 900)
        assert picture.corner == ((246, 247, 249) if theme == browser.LIGHT else (15, 20, 26))
        assert picture.path.stat().st_size > 10_000, "something is on it"


LONG = ".".join(["l" * 63, "o" * 63, "n" * 63, "g" * 40, "example.com"])


@pytest.fixture
def long_page(tmp_path: Path) -> Path:
    """Every part of the page, with the longest words that there can be."""
    row = domain(
        LONG, dns="mismatch", days=5, tls=tls("incomplete_chain", 5), senders=["s" * 90, "t"]
    )
    row["dns"]["reason"] = f"{LONG} is a CNAME to {LONG}."
    row["cname"]["target"] = LONG
    declared = [{"name": LONG, "retire_on": "2026-12-31"}, LINKS]
    sought = {"missing": [LINKS], "dangling": [LINKS]}
    earlier = report(account(domain(LONG), host="h" * 80, declared=None))
    made = report(
        account(row, domain("fine.example.com"), host="h" * 80, declared=declared, sought=sought),
        failed("b" * 80, f"https://api.example.com/{'x' * 300} does not answer."),
        previous=earlier,
    )
    made["accounts"][0]["warnings"] = [f"Beware of {'w' * 200}."]
    return page_of(made, tmp_path)


# Whether something is wider than the page, which scrolls sideways then; or is cut off by it.
TOO_WIDE = """
[...document.querySelectorAll("body *")]
  .filter(each => getComputedStyle(each).display !== "none"
    && (each.getBoundingClientRect().right > innerWidth + 0.5 || each.scrollWidth > each.clientWidth + 1
        && getComputedStyle(each).display !== "inline"))
  .map(each => `${each.tagName}.${each.className} ${each.textContent.slice(0, 40)}`)
"""


@pytest.mark.parametrize("width", [320, 360, 390, 768, 1024])
def test_a_phone_scrolls_in_one_direction_only(long_page: Path, width: int) -> None:
    with browser.tab() as tab:
        tab.device(width, 800, mobile=True)
        tab.open(long_page)
        assert tab.evaluate("innerWidth") == width
        assert tab.evaluate("document.scrollingElement.scrollWidth") <= width
        assert tab.evaluate(TOO_WIDE) == []
        # The column's names, which are not above it there, stand beside each value.
        labels = 'getComputedStyle(document.querySelector("td[data-label]"), "::before").content'
        assert tab.evaluate(labels) == ('"Account"' if width < 1024 else "none")


# A sheet of A4 and of US Letter, less margins of a centimetre, in CSS pixels (96 to the inch).
@pytest.mark.parametrize("width", [718, 740])
def test_it_fits_a_sheet_of_paper_and_is_dark_on_white(long_page: Path, width: int) -> None:
    with browser.tab() as tab:
        tab.device(width, 1000, mobile=False)
        tab.media("print", scheme="dark")
        tab.open(long_page)
        assert tab.evaluate("document.scrollingElement.scrollWidth") <= width
        assert tab.evaluate(TOO_WIDE) == []
        style = "getComputedStyle(document.querySelector('{}')).{}"
        assert tab.evaluate(style.format("body", "backgroundColor")) == "rgb(255, 255, 255)"
        assert tab.evaluate(style.format("body", "color")) == "rgb(28, 36, 48)"
        assert tab.evaluate(style.format(".tools", "display")) == "none", "nothing to press"
        assert tab.evaluate(style.format("tbody", "breakInside")) == "avoid", (
            "a domain in one piece"
        )
        assert tab.evaluate(style.format("thead", "display")) == "table-header-group", (
            "on each sheet"
        )
        assert len(tab.call("Page.printToPDF")["data"]) > 10_000


def test_nothing_that_a_vendor_says_is_alive(tmp_path: Path, listener: Listener) -> None:
    nasty = (
        f'"><img src={listener.url}><script src={listener.url}></script>'
        f"<style>@import '{listener.url}'</style><script>document.title = 'alive'</script>"
    )
    row = domain(nasty, dns="mismatch")
    row["dns"].update(reason=nasty, fix=nasty, status=nasty)
    row["cname"]["target"] = nasty
    page = page_of(report(account(row, host=nasty), failed("bad", nasty)), tmp_path)
    said = browser.document(page)
    assert "<title>Tracking domains, " in said
    assert "<img" not in said
    assert not listener.was_called


def test_what_is_not_the_page_s_own_is_not_run(page: Path, listener: Listener) -> None:
    """Even if something got into the page, by a template of one's own perhaps."""
    added = f'<img src="{listener.url}"><script>document.title = "alive"</script><form action="/"></form></main>'
    page.write_text(page.read_text().replace("</main>", added))
    said = browser.document(page)
    assert "<img" in said
    assert "<title>Tracking domains, " in said
    assert not listener.was_called
    # It is the page that forbids it: without its word, both happen.
    page.write_text(page.read_text().replace("Content-Security-Policy", "x"))
    assert "<title>alive</title>" in browser.document(page)
    assert listener.was_called


def test_a_thousand_domains_are_a_page_that_opens(tmp_path: Path) -> None:
    accounts = [
        account(
            *(domain(f"d{number}.z{host}.example.com") for number in range(50)), host=f"h{host}"
        )
        for host in range(20)
    ]
    started = datetime.now(timezone.utc)
    page = page_of(report(*accounts), tmp_path)
    assert (datetime.now(timezone.utc) - started).total_seconds() < 10
    assert page.stat().st_size < 2_000_000
    assert browser.document(page).count("<tbody") == 1000
