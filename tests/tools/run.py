# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the parts of the test suite: ``run.py`` all of ``make test``, ``run.py PART...`` some.

Several parts run at a time, each in a copy of the checkout of its own. The last line is
``N passed, N failed``: pytest's tests one by one, any other command as one.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import debian
import environment
from parts import PARTS, Part
from workspace import workspace

# pytest's last line: "2 failed, 31 passed, 1 skipped in 4.21s"
PYTEST_TOTALS = re.compile(r"(\d+) (passed|failed|error)s?\b(?=.* in [\d.]+s)")


@dataclass
class Outcome:
    passed: int = 0
    failed: int = 0
    seconds: float = 0.0
    output: list[str] = field(default_factory=list)

    def count(self, returncode: int, output: str) -> None:
        last = output.rstrip().rsplit("\n", 1)[-1]
        totals: dict[str, int] = {word: int(n) for n, word in PYTEST_TOTALS.findall(last)}
        passed = totals.get("passed", 0)
        failed = totals.get("failed", 0) + totals.get("error", 0)
        if not totals:
            passed = int(returncode == 0)
        self.passed += passed
        # A run that ends badly has failed, whatever was counted.
        self.failed += failed or int(returncode != 0)


class Runner:
    def __init__(self, *, live: bool) -> None:
        self.live = live
        self.environments: dict[str, Path] = {}
        self.processes: set[subprocess.Popen[str]] = set()

    def set_up(self, names: list[str]) -> None:
        """Everything that is downloaded or installed, before anything runs."""
        if any(PARTS[name].debian for name in names) and (packages := debian.missing()):
            debian.install(packages, why="the tests' DNS servers")
        for name in dict.fromkeys(PARTS[name].environment for name in names):
            self.environments[name] = environment.ensure(name)

    def run(self, name: str) -> Outcome:
        part = PARTS[name]
        outcome = Outcome()
        started = time.monotonic()
        with workspace() as space:
            variables = space.environ(self.environments[part.environment])
            variables["MAILOPS_CACHE"] = str(environment.cache())
            for command in part.commands:
                self._say(outcome, f"$ {' '.join(command)}\n")
                returncode, output = self._command(command, space.collection, variables, outcome)
                outcome.count(returncode, output)
        outcome.seconds = time.monotonic() - started
        return outcome

    def _command(
        self, command: tuple[str, ...], cwd: Path, variables: dict[str, str], outcome: Outcome
    ) -> tuple[int, str]:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self.processes.add(process)
        lines = []
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            self._say(outcome, line)
        self.processes.discard(process)
        return process.wait(), "".join(lines)

    def _say(self, outcome: Outcome, text: str) -> None:
        outcome.output.append(text)
        if self.live:
            print(text, end="", flush=True)

    def stop(self) -> None:
        for process in list(self.processes):
            os.killpg(process.pid, signal.SIGTERM)


def runs_here(part: Part) -> bool:
    return environment.ENVIRONMENTS[part.environment].runs_here


def report(name: str, outcome: Outcome, *, with_output: bool) -> None:
    if outcome.failed and with_output:
        print(f"\n----- {name} -----\n{''.join(outcome.output).rstrip()}\n----- {name} -----\n")
    result = "FAILED" if outcome.failed else "ok"
    counts = f"{outcome.passed} passed, {outcome.failed} failed"
    print(f"{name:18} {result:8} {outcome.seconds:6.0f} s   {counts}", flush=True)


def execute(names: list[str], *, jobs: int) -> int:
    live = len(names) == 1
    runner = Runner(live=live)
    outcomes: dict[str, Outcome] = {}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    runner.set_up(names)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        futures = {pool.submit(runner.run, name): name for name in names}
        try:
            for future in concurrent.futures.as_completed(futures):
                outcome = outcomes[futures[future]] = future.result()
                report(futures[future], outcome, with_output=not live)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            runner.stop()
            raise
    if failed := [name for name in names if outcomes[name].failed]:
        print(f"failed: {' '.join(failed)}")
    passed_in_all = sum(outcome.passed for outcome in outcomes.values())
    failed_in_all = sum(outcome.failed for outcome in outcomes.values())
    print(f"{passed_in_all} passed, {failed_in_all} failed")
    return int(bool(failed))


def main() -> int:
    parser = argparse.ArgumentParser(description="Run parts of the test suite.")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--list", action="store_true", help="say what parts there are")
    options = parser.parse_args()
    if options.list:
        for name, part in PARTS.items():
            print(f"  {name:18} {part.about}")
        return 0
    names = options.parts or [name for name, part in PARTS.items() if part.tested]
    for name in [name for name in names if not runs_here(PARTS[name])]:
        names.remove(name)
        print(f"{name:18} not run: this Python runs no {PARTS[name].environment}", flush=True)
    try:
        return execute(names, jobs=options.jobs)
    except (environment.BuildFailed, debian.MissingPackages) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
