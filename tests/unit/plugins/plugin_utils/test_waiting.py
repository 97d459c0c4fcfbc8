# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time

import pytest

from ansible_collections.mailops.email.plugins.plugin_utils._waiting import (
    Heartbeat,
    Progress,
    pause,
    wait_in_slices,
)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.said: list[str] = []
        self.slices: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def wait(self, until: float, *, timeout: float, interval: float, trouble: float = 0.0) -> float:
        """A wait for something that happens at a moment, with a provider that is down before ``trouble``."""

        def step(seconds: float) -> Progress:
            self.slices.append(seconds)
            if self.now < trouble:
                return Progress(0, 1, [], "it is down\nTraceback")
            self.now = min(self.now + seconds, max(until, self.now))
            done = self.now >= until
            return Progress(int(done), 1, [] if done else [("a.example.com", "no record\nat all")])

        return wait_in_slices(
            step,
            timeout=timeout,
            interval=interval,
            say=self.said.append,
            clock=self,
            sleep=self.sleep,
        )


def test_a_wait_of_an_hour_says_something_every_twenty_seconds() -> None:
    clock = Clock()
    assert clock.wait(3590, timeout=3600, interval=10) == 3590
    assert len(clock.said) == 179
    assert clock.said[0] == "0 of 1 verified, 3580 s left. Waiting for a.example.com: no record"


def test_it_ends_in_time() -> None:
    clock = Clock()
    assert clock.wait(1000, timeout=50, interval=10) == 50
    assert clock.slices == [20, 20, 10]


def test_a_long_interval_leaves_time_for_three_looks() -> None:
    clock = Clock()
    clock.wait(1000, timeout=200, interval=60)
    assert clock.slices == [120, 80]


def test_no_time_is_one_step() -> None:
    clock = Clock()
    assert clock.wait(10, timeout=0, interval=10) == 0
    assert clock.slices == [0]
    assert clock.said == []


def test_a_provider_that_is_down_is_not_asked_without_a_pause() -> None:
    clock = Clock()
    clock.wait(60, timeout=100, interval=5, trouble=30)
    assert clock.said[0] == "0 of 1 verified, 100 s left. Trying again after this: it is down"
    assert len([line for line in clock.said if "it is down" in line]) == 6


def test_many_are_not_all_named() -> None:
    many = [(f"t{number}.example.com", "no record") for number in range(40)]
    line = Progress(1, 41, many).line(7)
    assert line.startswith("1 of 41 verified, 7 s left. Waiting for t0.example.com: no record; ")
    assert line.endswith("; and 35 more")


def test_a_pause_is_visible() -> None:
    clock = Clock()
    pause(50, about="waiting for caches", say=clock.said.append, clock=clock, sleep=clock.sleep)
    assert clock.now == 50
    assert clock.said == [f"waiting for caches, {left} s left" for left in (50, 30, 10)]


@pytest.mark.parametrize(("lasts", "lines"), [(0.0, 0), (0.2, 1)])
def test_a_long_call_is_no_silence(lasts: float, lines: int) -> None:
    said: list[str] = []
    with Heartbeat(said.append, "still at it", every=0.05):
        time.sleep(lasts)
    assert (len(said) > 0) is (lines > 0)
    assert all(line.startswith("still at it, ") for line in said)
