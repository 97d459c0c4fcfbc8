# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``make awx``, with a stand-in in the place of an AWX."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from ansible_collections.mailops.email.tests.awx.fake_awx import TOKEN, FakeAwx
from ansible_collections.mailops.email.tests.unit.conftest import CHECKOUT


def make_awx(awx: FakeAwx, place: Path, **more: str) -> subprocess.CompletedProcess[str]:
    variables = place / "awx.yml"
    variables.write_text(
        json.dumps(
            {
                "awx_setup_name": "Of mine",
                "awx_setup_project_scm_url": "https://git.example.com/awx.git",
                "awx_setup_templates": ["check", "audit"],
                "awx_setup_credentials": [
                    {"type": "sendcloud", "inputs": {"api_user": "u", "api_key": "k3y"}}
                ],
            }
        )
    )
    given = {
        "CONTROLLER_HOST": awx.url,
        "CONTROLLER_OAUTH_TOKEN": TOKEN,
        "VARIABLES": str(variables),
    }
    return subprocess.run(
        [sys.executable, "-B", str(CHECKOUT / "tests" / "awx" / "on_awx.py")],
        env={**os.environ, **given, **more},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


def test_it_sets_up_twice_runs_what_changes_nothing_and_cleans_up(
    awx: FakeAwx, tmp_path: Path
) -> None:
    before = {kind: awx.names(kind) for kind in awx.objects if kind != "credential_types"}
    done = make_awx(awx, tmp_path)
    assert done.returncode == 0, done.stdout
    assert [line for line in awx.writes if line.startswith("launch")] == [
        "launch mailops.email trial: check",
        "launch mailops.email trial: audit",
    ]
    assert "REMOVE=1" in done.stdout
    assert not any("Of mine" in line for line in awx.writes), "nothing of one's own is touched"

    removed = make_awx(awx, tmp_path, REMOVE="1")
    assert removed.returncode == 0, removed.stdout
    after = {kind: awx.names(kind) for kind in before}
    # A real AWX removes with an object what belongs to it.
    for kind in ("schedules", "hosts"):
        after[kind] = before[kind]
    assert after == before


def test_without_an_awx_it_says_how_to_name_one(awx: FakeAwx, tmp_path: Path) -> None:
    done = make_awx(awx, tmp_path, CONTROLLER_HOST="")
    assert done.returncode == 2
    assert "CONTROLLER_HOST" in done.stdout
    assert awx.writes == []
