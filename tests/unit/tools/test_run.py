# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The test runner itself: a failure must never look like a success."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"

# Each argument is a shell script that becomes a part; the first is where they run.
DRIVER = """
import contextlib, sys
from pathlib import Path
import environment, parts, run, workspace
space = workspace.Workspace(Path(sys.argv.pop(1)))
space.collection.mkdir(parents=True)
run.workspace = lambda: contextlib.nullcontext(space)
environment.ensure = lambda name: Path(sys.prefix)
parts.PARTS.clear()
for number, script in enumerate(sys.argv[1:]):
    parts.PARTS[f"part{number}"] = parts.Part("", (("sh", "-c", script),), environment="demo")
del sys.argv[1:]
sys.exit(run.main())
"""


def run(place: Path, *scripts: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-B", "-c", DRIVER, str(place), *scripts],
        env=os.environ | {"PYTHONPATH": str(TOOLS), "SENDCLEAN_TOKEN": "of-the-user"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
    )


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout.rstrip().rsplit("\n", 1)[-1]


def test_every_command_counts_once(tmp_path: Path) -> None:
    done = run(tmp_path, "true", "echo 7 passed, but not by pytest")
    assert done.returncode == 0
    assert last_line(done) == "2 passed, 0 failed"


@pytest.mark.parametrize(
    ("script", "counts"),
    [
        ("echo '31 passed, 1 skipped in 4.21s'", "31 passed, 0 failed"),
        ("echo '2 failed, 31 passed, 1 error in 4.21s'; exit 1", "31 passed, 3 failed"),
        # All passed, and then it crashed.
        ("echo '31 passed in 4.21s'; exit 3", "31 passed, 1 failed"),
        ("exit 2", "0 passed, 1 failed"),
        ("kill -9 $$", "0 passed, 1 failed"),
    ],
)
def test_counts(tmp_path: Path, script: str, counts: str) -> None:
    done = run(tmp_path, script)
    assert last_line(done) == counts
    assert (done.returncode == 0) == counts.endswith(" 0 failed")


def test_a_failed_part_shows_its_output_and_the_others_go_on(tmp_path: Path) -> None:
    done = run(tmp_path, "echo what went wrong; exit 1", "echo not of interest")
    assert done.returncode == 1
    assert "what went wrong" in done.stdout
    assert "\nnot of interest" not in done.stdout
    assert last_line(done) == "1 passed, 1 failed"


def test_nothing_that_a_part_started_outlives_it(tmp_path: Path) -> None:
    # The program says itself that it was told to end.
    up, end = tmp_path / "up", tmp_path / "end"
    program = f"trap 'echo > {end}; exit' TERM; echo > {up}; sleep 600 & wait"
    script = f"({program}) >/dev/null 2>&1 & until test -e {up}; do sleep 0.01; done"
    done = run(tmp_path, script)
    assert done.returncode == 0
    deadline = time.monotonic() + 10
    while not end.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert end.exists()


def test_the_user_s_own_settings_are_out_of_sight(tmp_path: Path) -> None:
    done = run(tmp_path, f'test -z "$SENDCLEAN_TOKEN" && test "$HOME" = {tmp_path}/home')
    assert done.returncode == 0, done.stdout
