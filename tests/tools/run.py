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
import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import debian
import environment
from parts import PARTS
from workspace import workspace

# pytest's last line: "2 failed, 31 passed, 1 skipped in 4.21s"
PYTEST_TOTALS = re.compile(r"(\d+) (passed|failed|error)s?\b(?=.* in [\d.]+s)")
# No command takes that long, unless it hangs.
LIMIT_SECONDS = 40 * 60


@dataclass
class Outcome:
    passed: int = 0
    failed: int = 0
    seconds: float = 0.0
    output: list[str] = field(default_factory=list)

    def count(self, returncode: int, output: str) -> None:
        last = output.rstrip().rsplit("\n", 1)[-1]
        totals: dict[str, int] = {word: int(number) for number, word in PYTEST_TOTALS.findall(last)}
        failed = totals.get("failed", 0) + totals.get("error", 0)
        self.passed += totals.get("passed", 0) if totals else int(returncode == 0)
        # A command that ends badly has failed, whatever was counted.
        self.failed += failed or int(returncode != 0)

    def row(self, name: str) -> str:
        result = "FAILED" if self.failed else "ok"
        return f"{name:18} {result:8} {self.seconds:5.0f} s {self.passed:7} {self.failed:7}"


class Runner:
    def __init__(self, *, live: bool) -> None:
        self.live = live
        self.environments: dict[str, Path] = {}
        self.processes: set[subprocess.Popen[str]] = set()
        self.stopping = False

    def set_up(self, names: Sequence[str], *, jobs: int) -> None:
        """Everything that is downloaded or installed, before anything runs."""
        packages = environment.missing_packages()
        if any(PARTS[name].debian for name in names):
            packages += debian.missing()
        debian.install(packages, why="the tests")
        needed = list(dict.fromkeys(PARTS[name].environment for name in names))
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            self.environments = dict(zip(needed, pool.map(environment.ensure, needed), strict=True))

    def run(self, name: str) -> Outcome:
        part = PARTS[name]
        outcome = Outcome()
        started = time.monotonic()
        if not self.live:
            print(f"{name} ...", flush=True)
        with workspace() as space:
            variables = space.environ(self.environments[part.environment])
            variables["MAILOPS_CACHE"] = str(environment.cache())
            for command in part.commands:
                if self.stopping:
                    break
                self._say(outcome, f"$ {' '.join(command)}\n")
                returncode, output = self._command(command, space.collection, variables, outcome)
                outcome.count(returncode, output)
        outcome.seconds = time.monotonic() - started
        return outcome

    def _command(
        self, command: Sequence[str], cwd: Path, variables: Mapping[str, str], outcome: Outcome
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
        limit = threading.Timer(LIMIT_SECONDS, stop, (process,))
        limit.start()
        lines = []
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            self._say(outcome, line)
        returncode = process.wait()
        limit.cancel()
        # What the command may have left running.
        stop(process)
        self.processes.discard(process)
        return returncode, "".join(lines)

    def _say(self, outcome: Outcome, text: str) -> None:
        outcome.output.append(text)
        if self.live:
            print(text, end="", flush=True)

    def stop(self) -> None:
        self.stopping = True
        for process in list(self.processes):
            stop(process)


def stop(process: subprocess.Popen[str]) -> None:
    """End the command and all that it has started; it leads a process group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)


def execute(names: Sequence[str], *, jobs: int) -> dict[str, Outcome]:
    live = len(names) == 1
    runner = Runner(live=live)
    runner.set_up(names, jobs=jobs)
    outcomes: dict[str, Outcome] = {}
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        futures = {pool.submit(runner.run, name): name for name in names}
        try:
            for future in concurrent.futures.as_completed(futures):
                name = futures[future]
                outcome = outcomes[name] = future.result()
                if outcome.failed and not live:
                    rule = f"---------- {name} ----------"
                    print(f"\n{rule}\n{''.join(outcome.output).rstrip()}\n{rule}\n", flush=True)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            runner.stop()
            raise
    return {name: outcomes[name] for name in names}


def summary(outcomes: Mapping[str, Outcome]) -> str:
    passed = sum(outcome.passed for outcome in outcomes.values())
    failed = sum(outcome.failed for outcome in outcomes.values())
    head = f"\n{'part':18} {'result':8} {'time':>7} {'passed':>7} {'failed':>7}"
    rows = [outcome.row(name) for name, outcome in outcomes.items()]
    return "\n".join([head, *rows, f"{passed} passed, {failed} failed"])


def wanted(names: Sequence[str]) -> list[str]:
    """The parts named, else all of `make test`, without those that this Python cannot run."""
    possible = []
    for name in names or PARTS:
        needed = PARTS[name].environment
        if environment.ENVIRONMENTS[needed].runs_here:
            possible.append(name)
        else:
            print(f"{name}: left out, {needed} does not run under this Python", flush=True)
    return possible


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
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        outcomes = execute(wanted(options.parts), jobs=options.jobs)
    except (environment.BuildError, debian.MissingPackagesError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    print(summary(outcomes))
    return int(any(outcome.failed for outcome in outcomes.values()))


if __name__ == "__main__":
    sys.exit(main())
