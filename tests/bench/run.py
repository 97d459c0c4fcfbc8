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
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "tools"), str(TESTS / "bench")]

import plays  # noqa: E402
from sandbox.client import SandboxAccount  # noqa: E402
from sandbox.running import Sandbox  # noqa: E402
from workspace import CHECKOUT, Workspace, workspace  # noqa: E402

WAYS: dict[str, Callable[[], list[plays.Task]]] = {
    "uri loop": plays.uri_loop,
    "module loop": plays.module_loop,
    "one task": plays.one_task,
}


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
    """Runs plays against a sandbox and notes what they took."""

    def __init__(self, sandbox: Sandbox, space: Workspace) -> None:
        self._sandbox = sandbox
        self._space = space
        self._environ = space.environ(Path(sys.prefix)) | {
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        }

    def account(self, latency: int) -> SandboxAccount:
        """A fresh account whose every call takes ``latency`` milliseconds."""
        account = self._sandbox.client.account("sendclean")
        account.switch(latency_ms=latency)
        return account

    def run(
        self, tasks: list[plays.Task], account: SandboxAccount, names: list[str]
    ) -> tuple[float, int]:
        """Seconds and calls of one play."""
        playbook = self._space.root / "play.yml"
        playbook.write_text(json.dumps(plays.play(tasks)))
        variables = {
            "api_url": account.url,
            "owner_id": account.identity,
            "token": account.secret,
            "domains": names,
            "entries": [{"name": name} for name in names],
        }
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
                for way, tasks in WAYS.items():
                    account = self.account(latency)
                    for run in ("first", "converged"):
                        seconds, calls = self.run(tasks(), account, names)
                        yield Row(way, size, latency, run, seconds, calls)

    def names(self, size: int) -> list[str]:
        """Names whose CNAMEs are right, so that the vendor verifies them when asked."""
        names = [f"track{number}.example.com" for number in range(size)]
        target = self._sandbox.demo_account("sendclean").target
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
        "| latency | domains | run | uri loop | module loop | one task | than uri | calls of the three |",
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


def document(rows: list[Row], extra: list[str]) -> str:
    version = subprocess.run(
        ["ansible-playbook", "--version"], capture_output=True, text=True, check=True
    ).stdout.splitlines()[0]
    return "\n".join(
        [
            "<!--",
            "Copyright (c) 2026, the mailops.email authors",
            *Path(__file__).read_text().replace("# ", "").splitlines()[1:3],
            "-->",
            "",
            "# Benchmark",
            "",
            "Written by `make bench`. Three ways to have tracking domains added and verified at SendClean: the",
            "loops of `ansible.builtin.uri` calls that people write today (list, add what is missing, check what is",
            "not verified), a loop over `mailops.email.tracking_domain`, and one `mailops.email.tracking_domains`",
            "task. Seconds are those of a whole `ansible-playbook` process; the ratios within one run are what to",
            "look at. Latency is what each answer of the vendor takes.",
            "",
            f"Measured with {version}, Python {platform.python_version()}, {os.cpu_count()} processors.",
            "",
            table(rows),
            "",
            *extra,
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 10, 50, 200])
    parser.add_argument("--latencies", type=int, nargs="+", default=[0, 200], help="milliseconds")
    parser.add_argument("--no-write", action="store_true", help="do not write docs/benchmark.md")
    arguments = parser.parse_args()
    with workspace() as space, Sandbox() as sandbox:
        bench = Bench(sandbox, space)
        rows = []
        for row in bench.rows(arguments.sizes, arguments.latencies):
            rows.append(row)
            print(
                f"{row.way:11}  {row.domains:3} domains  {row.latency:3} ms  {row.run:9}  "
                f"{row.seconds:6.1f} s  {row.calls:3} calls",
                flush=True,
            )
        converged, ping = bench.against_ping(500, times=5)
        together, singly = bench.one_after_the_other(50, 200)
    extra = [
        (
            f"- A converged run of 500 domains took {converged:.2f} s, one `ansible.builtin.ping` task "
            f"{ping:.2f} s: {converged / ping:.2f} times as long (medians of five, taken in turn)."
        ),
        (
            f"- 50 adds at 200 ms of latency kept the vendor busy for {together:.1f} s with the default "
            f"`concurrency`, for {singly:.1f} s one after the other: {together / singly:.2f} of the time."
        ),
    ]
    text = document(rows, extra)
    print("\n" + table(rows) + "\n\n" + "\n".join(extra))
    if not arguments.no_write:
        (CHECKOUT / "docs").mkdir(exist_ok=True)
        (CHECKOUT / "docs" / "benchmark.md").write_text(text)


if __name__ == "__main__":
    main()
