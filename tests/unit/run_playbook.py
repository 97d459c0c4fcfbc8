# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a playbook as a user does, with this Python and this checkout of the collection."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.mailops.email.tests.unit.run_module import load

TREE = Path(load("tracking_domain").__file__).parents[5]


def run_playbook(
    plays: list[dict[str, Any]],
    *options: str,
    place: Path,
    environment: Mapping[str, str] | None = None,
    variables: Mapping[str, Any] | None = None,
    under: Sequence[str] = (),
    hosts: Mapping[str, Mapping[str, Any]] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Against localhost; what it writes goes to `place`. All output is in `stdout`.

    `under`: a command that is to run it, e.g. with fewer rights. `hosts`: with their variables, in the
    place of localhost; an empty one: no inventory at all.
    """
    (place / "play.yml").write_text(yaml.safe_dump(plays, sort_keys=False))
    inventory = ["-i", "localhost,", "-c", "local"]
    if hosts is not None:
        (place / "hosts.yml").write_text(
            yaml.safe_dump({"all": {"hosts": {**hosts}}}, sort_keys=False)
        )
        inventory = ["-i", str(place / "hosts.yml")] if hosts else []
    given = {"ansible_python_interpreter": sys.executable, **(variables or {})}
    (place / "variables.yml").write_text(yaml.safe_dump(given))
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANSIBLE_", "SENDCLEAN_", "SENDCLOUD_"))
    }
    environ = {
        **inherited,
        "ANSIBLE_HOME": str(place / "home"),
        "ANSIBLE_LOCAL_TEMP": str(place / "tmp"),
        "ANSIBLE_REMOTE_TEMP": str(place / "remote"),
        "ANSIBLE_COLLECTIONS_PATH": str(TREE),
        "ANSIBLE_INJECT_INVOCATION": "1",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_DEPRECATION_WARNINGS": "1",
        "LC_ALL": "C.UTF-8",
        **(environment or {}),
    }
    return subprocess.run(
        [
            *under,
            *(sys.executable, "-B", "-m", "ansible", "playbook"),
            *inventory,
            *("-e", f"@{place}/variables.yml"),
            *options,
            str(place / "play.yml"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        env=environ,
        cwd=place,
        check=False,
    )
