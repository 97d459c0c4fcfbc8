# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real browser without a window: what a page says in it, and what it looks like."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-extensions", "--no-default-browser-check", "--hide-scrollbars"),
)
DARK, LIGHT = "0", "1"


@dataclass(frozen=True)
class Picture:
    """:param corner: red, green and blue of the first pixel."""

    path: Path
    width: int
    height: int
    corner: tuple[int, int, int]


def _program() -> str:
    program = shutil.which("chromium")
    assert program, "tests/requirements/debian.txt has the package"
    return program


def _run(page: Path, *options: str) -> str:
    program = _program()
    # A profile of its own each time: nothing is left of another run.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        done = subprocess.run(
            [program, *FLAGS, f"--user-data-dir={profile}", *options, page.as_uri()],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return done.stdout


def document(page: Path) -> str:
    """The page as it is once its script has run."""
    return _run(page, "--dump-dom")


def picture(page: Path, width: int, height: int, *, theme: str = LIGHT) -> Picture:
    """A picture of the page, beside it."""
    path = page.with_name(f"{page.stem}-{width}-{theme}.png")
    _run(
        page,
        f"--window-size={width},{height}",
        f"--blink-settings=preferredColorScheme={theme}",
        f"--screenshot={path}",
    )
    return _read(path)


@dataclass
class Tab:
    """A page in a browser that is driven by the DevTools protocol, over a pipe.

    A window without a screen is never narrower than 500 pixels; a device's width can be any.
    https://chromedevtools.github.io/devtools-protocol/
    """

    to_browser: BinaryIO
    from_browser: BinaryIO
    session: str = ""
    calls: int = 0
    events: list[str] = field(default_factory=list)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self.calls += 1
        asked = {"id": self.calls, "method": method, "params": parameters}
        if self.session:
            asked["sessionId"] = self.session
        self.to_browser.write(json.dumps(asked).encode() + b"\0")
        self.to_browser.flush()
        while (answer := self._next()).get("id") != self.calls:
            pass
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def _next(self) -> dict[str, Any]:
        message = bytearray()
        while (byte := self.from_browser.read(1)) != b"\0":
            assert byte, "the browser has ended"
            message += byte
        found: dict[str, Any] = json.loads(message)
        if "method" in found:
            self.events.append(found["method"])
        return found

    def open(self, page: Path) -> None:
        self.call("Page.enable")
        self.call("Page.navigate", url=page.as_uri())
        while "Page.loadEventFired" not in self.events:
            self._next()

    def device(self, width: int, height: int, *, mobile: bool) -> None:
        """Sizes in CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=mobile,
        )

    def media(self, kind: str, *, scheme: str = "light") -> None:
        """As on paper (``print``) or on a screen (``screen``), in a colour scheme."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=kind, features=features)

    def evaluate(self, expression: str) -> Any:
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")


@contextlib.contextmanager
def tab() -> Iterator[Tab]:
    """An empty tab of a browser of its own."""
    read_there, write_here = os.pipe()
    read_here, write_there = os.pipe()

    def hand_over() -> None:
        # The browser reads from descriptor 3 and writes to 4. Copies, in case one of these is in the other's place.
        reading, writing = os.dup(read_there), os.dup(write_there)
        os.dup2(reading, 3)
        os.dup2(writing, 4)

    with contextlib.ExitStack() as stack:
        profile = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        to_browser = stack.enter_context(os.fdopen(write_here, "wb"))
        from_browser = stack.enter_context(os.fdopen(read_here, "rb"))
        process = subprocess.Popen(
            [_program(), *FLAGS, f"--user-data-dir={profile}", "--remote-debugging-pipe"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=False,
            preexec_fn=hand_over,
        )
        os.close(read_there)
        os.close(write_there)
        try:
            opened = Tab(to_browser, from_browser)
            target = opened.call("Target.createTarget", url="about:blank")["targetId"]
            attached = opened.call("Target.attachToTarget", targetId=target, flatten=True)
            opened.session = attached["sessionId"]
            yield opened
        finally:
            process.terminate()
            process.wait()


def _read(path: Path) -> Picture:
    """The size and the first pixel of a PNG (https://www.w3.org/TR/png/): no filter changes that one."""
    data = path.read_bytes()
    size, pixels, place = (0, 0), b"", 8
    while place < len(data):
        length, kind = int.from_bytes(data[place : place + 4]), data[place + 4 : place + 8]
        body = data[place + 8 : place + 8 + length]
        if kind == b"IHDR":
            size = (int.from_bytes(body[:4]), int.from_bytes(body[4:8]))
        elif kind == b"IDAT":
            pixels += body
        place += length + 12
    first = zlib.decompress(pixels)[1:4]
    return Picture(path, *size, (first[0], first[1], first[2]))
