# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real browser without a window: what a page says in it, and what it looks like."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path

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


def _run(page: Path, *options: str) -> str:
    program = shutil.which("chromium")
    assert program, "tests/requirements/debian.txt has the package"
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
