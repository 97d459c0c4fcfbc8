# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmark: seconds and vendor calls of three ways to do the same job, side by side.

``make bench`` prints a table and writes it into docs/benchmark.md. Every figure is the wall-clock
time of a whole ``ansible-playbook`` process against the sandbox; what counts are the ratios within
one run, since the seconds are those of one machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "tools"), str(TESTS / "bench")]

import audit  # noqa: E402
import plays  # noqa: E402
from document import DOCUMENT, with_section  # noqa: E402
from sandbox.client import SandboxAccount  # noqa: E402
from sandbox.running import Sandbox  # noqa: E402
from workspace import Workspace, workspace  # noqa: E402

WAYS = ("uri loop", "module loop", "one task")
# What somebody in a hurry may set, where the vendor takes a moment for each answer.
WIDE = 16


def tasks_of(way: str, vendor: str) -> list[plays.Task]:
    ways: dict[str, Callable[[], list[plays.Task]]] = {
        "uri loop": plays.URI_LOOPS[vendor],
        "module loop": plays.module_loop,
        "one task": plays.one_task,
    }
    return ways[way]()


@dataclass(frozen=True)
class Row:
    """One measurement: seconds of the process, calls at the vendor."""

    way: str
    domains: int
    latency: int  # milliseconds
    run: str  # "first" or "converged"
    seconds: float
    calls: int


class Bench:
    """Runs plays against a vendor's sandbox and notes what they took."""

    def __init__(self, vendor: str, sandbox: Sandbox, space: Workspace) -> None:
        self._vendor = vendor
        self._sandbox = sandbox
        self._space = space
        self._environ = space.environ(Path(sys.prefix)) | {
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        }

    def account(self, latency: int) -> SandboxAccount:
        """A fresh account whose every call takes ``latency`` milliseconds."""
        account = self._sandbox.client.account(self._vendor)
        account.switch(latency_ms=latency)
        if self._vendor == "sendcloud":
            account.switch(domain_limit=1000)
        return account

    def run(
        self, tasks: list[plays.Task], account: SandboxAccount, names: list[str]
    ) -> tuple[float, int]:
        """Seconds and calls of one play."""
        playbook = self._space.root / "play.yml"
        playbook.write_text(json.dumps(plays.play(tasks)))
        variables = {"account": account.module_options, "domains": names}
        extra = self._space.root / "variables.json"
        extra.write_text(json.dumps(variables))
        account.clear_calls()
        command = ["ansible-playbook", str(playbook), "--extra-vars", f"@{extra}"]
        started = time.perf_counter()
        done = subprocess.run(
            command, env=self._environ, capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - started
        if done.returncode:
            raise SystemExit(done.stdout[-3000:] + done.stderr[-3000:])
        return seconds, account.calls()["total"]

    def rows(self, sizes: list[int], latencies: list[int]) -> Iterator[Row]:
        for latency in latencies:
            for size in sizes:
                names = self.names(size)
                for way in WAYS:
                    account = self.account(latency)
                    for run in ("first", "converged"):
                        seconds, calls = self.run(tasks_of(way, self._vendor), account, names)
                        yield Row(way, size, latency, run, seconds, calls)

    def names(self, size: int) -> list[str]:
        """Names whose CNAMEs are right, so that the vendor verifies them when asked."""
        names = [f"track{number}.example.com" for number in range(size)]
        target = self._sandbox.demo_account(self._vendor).target
        for name in names:
            self._sandbox.client.set_record(name, "CNAME", f"{target}.")
        return names

    def against_ping(self, size: int, times: int) -> tuple[float, float]:
        """Median seconds of a converged run and of a ping, taken in turn."""
        names = self.names(size)
        account = self.account(0)
        self.run(plays.one_task(), account, names)
        converged, ping = [], []
        for _time in range(times):
            converged.append(self.run(plays.one_task(), account, names)[0])
            ping.append(self.run(plays.ping(), account, names)[0])
        return statistics.median(converged), statistics.median(ping)

    def wide(self, size: int, latency: int) -> float:
        """Seconds of the first run of one task with a greater concurrency."""
        names = self.names(size)
        return self.run(plays.one_task(concurrency=WIDE), self.account(latency), names)[0]

    def one_after_the_other(self, size: int, latency: int) -> tuple[float, float]:
        """Seconds that the vendor sees the adds take: with the default concurrency, and with none."""
        names = self.names(size)
        spans = []
        for options in ({}, {"concurrency": 1}):
            account = self.account(latency)
            self.run(plays.one_task(verify=False, **options), account, names)
            begun = [
                datetime.fromisoformat(call["time"])
                for call in account.calls(operation="add")["calls"]
            ]
            spans.append((max(begun) - min(begun)).total_seconds() + latency / 1000)
        return spans[0], spans[1]


def table(rows: list[Row]) -> str:
    """One line a size and run; seconds and calls for each way, and how much faster one task is."""
    lines = [
        "| latency | domains | run | uri loop | module loop | one task | faster than uri | calls of the three |",
        "|---:|---:|---|---:|---:|---:|---:|---|",
    ]
    found = {(row.latency, row.domains, row.run, row.way): row for row in rows}
    for latency, domains, run in dict.fromkeys((r.latency, r.domains, r.run) for r in rows):
        uri, loop, task = (found[latency, domains, run, way] for way in WAYS)
        lines.append(
            f"| {latency} ms | {domains} | {run} | {uri.seconds:.1f} s | {loop.seconds:.1f} s "
            f"| {task.seconds:.1f} s | {uri.seconds / task.seconds:.1f} times "
            f"| {uri.calls} / {loop.calls} / {task.calls} |"
        )
    return "\n".join(lines)


def section(vendor: str, rows: list[Row], sentences: list[str]) -> str:
    """What the document says of one vendor."""
    title = {"sendclean": "SendClean", "sendcloud": "SendCloud"}[vendor]
    measured = (
        f"Measured with ansible-core {version('ansible-core')}, Python {platform.python_version()}, "
        f"{os.cpu_count()} processors."
    )
    return "\n".join([f"## {title}", "", measured, "", table(rows), "", *sentences, ""])


def measure(vendor: str, sizes: list[int], latencies: list[int]) -> str:
    with workspace() as space, Sandbox() as sandbox:
        bench = Bench(vendor, sandbox, space)
        rows = []
        for row in bench.rows(sizes, latencies):
            rows.append(row)
            print(
                f"{vendor}  {row.way:11}  {row.domains:3} domains  {row.latency:3} ms  {row.run:9}  "
                f"{row.seconds:6.1f} s  {row.calls:3} calls",
                flush=True,
            )
        converged, ping = bench.against_ping(500, times=5)
        together, singly = bench.one_after_the_other(50, 200)
        slow = max(latencies)
        wide = {size: bench.wide(size, slow) for size in sizes if size >= 50}
    loops = {
        row.domains: row.seconds
        for row in rows
        if (row.way, row.run, row.latency) == ("uri loop", "first", slow)
    }
    sentences = [
        (
            f"- A converged run of 500 domains took {converged:.2f} s, one `ansible.builtin.ping` task "
            f"{ping:.2f} s: {converged / ping:.2f} times as long (medians of five, taken in turn)."
        ),
        (
            f"- 50 adds at 200 ms of latency kept the vendor busy for {together:.1f} s with the default "
            f"`concurrency`, for {singly:.1f} s one after the other: {together / singly:.2f} of the time."
        ),
        *(
            f"- With `concurrency: {WIDE}`, the first run of {size} domains at {slow} ms took {seconds:.1f} s: "
            f"{loops[size] / seconds:.1f} times faster than the uri loop."
            for size, seconds in wide.items()
        ),
    ]
    return section(vendor, rows, sentences)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "vendors", nargs="*", default=["sendclean", "sendcloud", "audit"], metavar="WHAT"
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 10, 50, 200])
    parser.add_argument("--latencies", type=int, nargs="+", default=[0, 200], help="milliseconds")
    parser.add_argument("--no-write", action="store_true", help="do not write docs/benchmark.md")
    arguments = parser.parse_args()
    for vendor in arguments.vendors:
        text = (
            audit.measure()
            if vendor == "audit"
            else measure(vendor, arguments.sizes, arguments.latencies)
        )
        print(f"\n{text}", flush=True)
        if not arguments.no_write:
            DOCUMENT.write_text(with_section(DOCUMENT.read_text(), vendor, text))


if __name__ == "__main__":
    main()
