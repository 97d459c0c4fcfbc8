# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds the artifact, installs it, and puts it through Galaxy's importer: not one warning.

Runs in a copy of the checkout (see workspace.py) with galaxy-importer on the PATH.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

# Nothing else may reach a user.
SHIPPED = re.compile(
    r"(?:(?:changelogs|docs|LICENSES|meta|playbooks|plugins|roles)/.*"
    r"|tests/config\.yml|(?:README|CHANGELOG)\.(?:md|rst)|COPYING|REUSE\.toml"
    r"|MANIFEST\.json|FILES\.json)"
)
PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"
UNWANTED = re.compile(r"(?:^|/)(?:\.|__pycache__)|\.py[co]$|~$")
COMPLAINT = re.compile(r"^\s*(?:WARNING|ERROR|CRITICAL)\b|Importer processing failed", re.MULTILINE)
# A project's playbooks import ours by their full names. The importer looks at a collection that is not installed
# where it runs, so that it finds none of them.
OWN_PLAYBOOK = re.compile(r"Failed to find mailops\.email\.(\w+) playbook")
# flake8, which Galaxy leaves off, would contradict ruff's formatter (W503, E203).
CONFIG = """\
[galaxy-importer]
run_flake8 = False
run_ansible_doc = True
run_ansible_lint = True
check_required_tags = True
require_v1_or_greater = True
check_changelog = True
"""


def build(directory: Path) -> Path:
    galaxy("build", "--output-path", str(directory))
    return next(directory.glob("*.tar.gz"))


def install(artifact: Path, directory: Path) -> None:
    # Where nothing is installed yet, so that Galaxy's client has something to do.
    os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(directory)
    galaxy("install", str(artifact), "--collections-path", str(directory))


def galaxy(*arguments: str) -> None:
    subprocess.run(["ansible-galaxy", "collection", *arguments], check=True)


def unexpected(artifact: Path) -> list[str]:
    """Members of the artifact that a user has no use for."""
    with tarfile.open(artifact) as tar:
        names = [member.name for member in tar.getmembers() if not member.isdir()]
    return [name for name in names if not SHIPPED.fullmatch(name) or UNWANTED.search(name)]


def import_complaints(artifact: Path, directory: Path) -> list[str]:
    """What the importer says against the artifact."""
    config = directory / "galaxy-importer.cfg"
    config.write_text(CONFIG)
    done = subprocess.run(
        [sys.executable, "-m", "galaxy_importer.main", str(artifact)],
        cwd=directory,
        env=os.environ | {"GALAXY_IMPORTER_CONFIG": str(config)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(done.stdout)
    complaints = [
        line
        for line in done.stdout.splitlines()
        if COMPLAINT.search(line) and not names_own_playbook(line)
    ]
    if done.returncode != 0:
        complaints.append(f"the importer ended with {done.returncode}")
    return complaints


def names_own_playbook(line: str) -> bool:
    """Whether a complaint is that a playbook is not installed which the artifact itself has."""
    found = OWN_PLAYBOOK.search(line)
    return bool(found and (PLAYBOOKS / f"{found[1]}.yml").is_file())


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        artifact = build(directory)
        install(artifact, directory / "installed")
        problems = [f"should not be in the artifact: {file}" for file in unexpected(artifact)]
        problems += import_complaints(artifact, directory)
    for problem in problems:
        print(f"importer: {problem}")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
