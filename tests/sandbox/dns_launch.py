# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the commands that run a DNS server or DNS APIs share: ready files, signals, background."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from .zones import default_zones

WAIT_SECONDS = 30.0


class Signals:
    """Collects the signals of this process from its making on.

    Handlers and no mask, which a server's process would inherit.
    """

    def __init__(self, *more: signal.Signals) -> None:
        self._queue: queue.SimpleQueue[int] = queue.SimpleQueue()
        for number in (signal.SIGTERM, signal.SIGINT, *more):
            signal.signal(number, lambda got, _frame: self._queue.put(got))

    def wait(self) -> int | None:
        """The next one; None for those that mean the end."""
        got = self._queue.get()
        return None if got in (signal.SIGTERM, signal.SIGINT) else got


def zones_of(words: Iterable[str]) -> dict[str, str]:
    """The sandbox's zones and those of the words `NAME` or `NAME=FILE`: name -> zone-file text."""
    zones = default_zones()
    for word in words:
        name, _equals, file = word.partition("=")
        zones[name] = Path(file).read_text() if file else ""
    return zones


def write_ready_file(path: Path, content: dict[str, Any]) -> None:
    """Write JSON that only the owner can read, whole at once: somebody waits for it."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        json.dump({**content, "pid": os.getpid()}, file, indent=2)
    os.replace(file.name, path)


def run_in_background(directory: Path, ready_file: Path) -> None:
    """Run this very command without `--background`; return when it is ready, exit if it fails."""
    ready_file.unlink(missing_ok=True)
    arguments = [argument for argument in sys.argv[1:] if argument != "--background"]
    with tempfile.TemporaryFile("w+") as messages:
        process = subprocess.Popen(
            [sys.executable, str(directory), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=messages,
            stderr=messages,
            start_new_session=True,
        )
        wait_for(lambda: ready_file.exists() or process.poll() is not None, "the start")
        if process.poll() is not None:
            messages.seek(0)
            sys.exit(messages.read().strip() or "it ended at once")


def stop(ready_file: Path) -> None:
    """End what wrote the ready file and wait for its end; nothing to do is no error."""
    if ready_file.exists():
        os.kill(json.loads(ready_file.read_text())["pid"], signal.SIGTERM)
        wait_for(lambda: not ready_file.exists(), "the end")


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"waited {WAIT_SECONDS:.0f} s for {what}")
        time.sleep(0.02)
