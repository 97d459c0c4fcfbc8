# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time that passes only while somebody sleeps, and what is to happen at some moment of it."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Clock:
    """In place of the modules' clock and sleep, and, in the sandbox, of the module `time`."""

    def __init__(self) -> None:
        self._now = 1000.0
        self._lock = threading.RLock()
        self._later: list[tuple[float, Callable[[], None]]] = []

    def __call__(self) -> float:
        return self._now

    monotonic = __call__

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._now += seconds
            self._run_what_is_due()

    def at(self, moment: float, work: Callable[[], None]) -> None:
        """Have something done once that moment has come."""
        with self._lock:
            self._later.append((moment, work))

    def settle(self) -> None:
        """Let everything happen that is still to come."""
        with self._lock:
            self._now = max([self._now, *(moment for moment, _work in self._later)])
            self._run_what_is_due()

    def _run_what_is_due(self) -> None:
        due = [item for item in self._later if item[0] <= self._now]
        self._later = [item for item in self._later if item[0] > self._now]
        for _moment, work in due:
            work()
