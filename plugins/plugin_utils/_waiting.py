# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for verification with a line of progress now and then. Private to this collection.

A module says nothing until it ends. So whoever waits runs it for a few seconds at a time, and says in
between how far it is. No I/O here but what is handed in.
"""

from __future__ import annotations

import threading
import time
import typing as t

Data = t.Dict[str, t.Any]
Say = t.Callable[[str], None]

# Seconds without a line of progress (design, "Waiting is visible").
SILENCE = 20.0
# What passes by itself: another try may find it gone.
PASSING = ("network", "rate_limited", "bad_response")
_LEAST = 0.5
_SHOWN = 5
_REASON = 200


class Progress(t.NamedTuple):
    """How far a wait is.

    :param verified: how many of ``total`` domains are verified.
    :param waiting: name and reason of each that is waited for.
    :param trouble: why nothing could be asked; None where it could.
    """

    verified: int
    total: int
    waiting: t.Sequence[tuple[str, str]]
    trouble: str | None = None

    def line(self, left: float) -> str:
        """One line for people; ``left``: seconds until the wait ends."""
        text = f"{self.verified} of {self.total} verified, {left:.0f} s left"
        if self.trouble:
            return f"{text}. Trying again after this: {_one_line(self.trouble)}"
        shown = [f"{name}: {_one_line(reason)}" for name, reason in self.waiting[:_SHOWN]]
        more = len(self.waiting) - len(shown)
        return f"{text}. Waiting for {'; '.join(shown)}" + (
            f"; and {more} more" if more > 0 else ""
        )


def _one_line(text: str) -> str:
    line = " ".join(text.split("\n", 1)[0].split())
    return line if len(line) <= _REASON else line[:_REASON] + "..."


def slice_of(interval: float) -> float:
    """For how many seconds the module runs at a time: long enough for three looks at a domain.

    After three looks that find the same wrong record, the module ends a wait early.
    """
    return max(SILENCE, 2 * interval)


def wait_in_slices(
    step: t.Callable[[float], Progress],
    *,
    timeout: float,
    interval: float,
    say: Say,
    clock: t.Callable[[], float],
    sleep: t.Callable[[float], None],
) -> float:
    """Run ``step`` again and again until nothing is waited for or the time is up.

    :param step: waits for so many seconds at most, and says how far it is.
    :param timeout: seconds, of the whole wait; so is ``interval``, between two looks.
    :return: how many seconds it took.
    """
    start = clock()
    left = timeout
    while True:
        progress = step(min(left, slice_of(interval)))
        left = timeout - (clock() - start)
        if not (progress.waiting or progress.trouble) or left < _LEAST:
            return clock() - start
        say(progress.line(left))
        if progress.trouble:
            # The step came back at once.
            sleep(min(max(interval, 1.0), left))
            left = timeout - (clock() - start)


def pause(
    seconds: float,
    *,
    about: str,
    say: Say,
    clock: t.Callable[[], float],
    sleep: t.Callable[[float], None],
) -> None:
    """Let so many seconds pass, with a line of progress now and then."""
    end = clock() + seconds
    while (left := end - clock()) > 0:
        say(f"{about}, {left:.0f} s left")
        sleep(min(left, SILENCE))


class Heartbeat:
    """Says that something is still going on, as long as it takes: for one call that may be long."""

    def __init__(self, say: Say, text: str, every: float = SILENCE) -> None:
        self._say = say
        self._text = text
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        start = time.monotonic()
        # A step that waits says its own line just after; leave it the time to.
        while not self._over.wait(self._every * 1.25):
            self._say(f"{self._text}, {time.monotonic() - start:.0f} s so far")


def names_of(items: t.Iterable[t.Mapping[str, t.Any]]) -> list[str]:
    """The names of domains, actions or records, in their order."""
    return [str(item["name"]) for item in items]
