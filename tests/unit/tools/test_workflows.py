# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The workflows run what `make test` runs, under every ansible-core that is supported, and so is said."""

from __future__ import annotations

import re
from typing import Any

import environment
import parts
import pytest
import yaml

from ansible_collections.mailops.email.tests.unit.conftest import CHECKOUT

WORKFLOWS = CHECKOUT / ".github" / "workflows"
CI = yaml.safe_load((WORKFLOWS / "ci.yml").read_text())
# These are the same under a core that the workflow names.
UNDER_A_CORE = {"sanity-2.16", "integration-2.16"}


def commands(workflow: dict[str, Any]) -> list[str]:
    return [
        step["run"]
        for job in workflow["jobs"].values()
        for step in job.get("steps", ())
        if "run" in step
    ]


def test_every_part_is_run_and_no_other_command() -> None:
    of_jobs = set(re.findall(r"^make (\S+) CORE=", "\n".join(commands(CI)), re.M))
    matrix = CI["jobs"]["parts"]["strategy"]["matrix"]
    more = {*matrix["part"], *(each["part"] for each in matrix["include"])}
    assert of_jobs | more == set(parts.PARTS) - UNDER_A_CORE
    assert {line for line in commands(CI) if not line.startswith("make ")} == {"exit 1"}


def test_the_last_job_needs_all_others() -> None:
    assert set(CI["jobs"]["all"]["needs"]) == set(CI["jobs"]) - {"all"}


@pytest.mark.parametrize("job", ["sanity", "units", "integration"])
def test_every_supported_core_is_tested_under_a_python_that_runs_it(job: str) -> None:
    matrix = CI["jobs"][job]["strategy"]["matrix"]["include"]
    assert [each["core"] for each in matrix] == list(environment.CORES)
    for each in matrix:
        major, minor = each["python"].split(".")
        first, last = environment.CORES[each["core"]]
        # The tests themselves use what came with Python 3.11.
        assert max(first, (3, 11)) <= (int(major), int(minor)) <= last


def test_the_pages_name_the_cores_that_are_tested() -> None:
    first = next(iter(environment.CORES))
    runtime = yaml.safe_load((CHECKOUT / "meta" / "runtime.yml").read_text())
    assert runtime["requires_ansible"] == f">={first}.0"
    readme = " ".join((CHECKOUT / "README.md").read_text().split())
    *others, newest = environment.CORES
    assert f"ansible-core {', '.join(others)} and {newest}" in readme
    assert f"ansible-core {first} or later" in readme


def test_a_release_waits_for_all_of_it_and_checks_its_version() -> None:
    release = yaml.safe_load((WORKFLOWS / "release.yml").read_text())
    assert release["jobs"]["ci"]["uses"] == "./.github/workflows/ci.yml"
    assert release["jobs"]["publish"]["needs"] == "ci"
    makefile = (CHECKOUT / "Makefile").read_text()
    for target in re.findall(r"^make (\w+)", "\n".join(commands(release)), re.M):
        assert re.search(rf"^{target}:", makefile, re.M)
    # What the check looks for is written so.
    version = yaml.safe_load((CHECKOUT / "galaxy.yml").read_text())["version"]
    assert f"\nversion: {version}\n" in (CHECKOUT / "galaxy.yml").read_text()
    assert f"\nv{version}\n" in (CHECKOUT / "CHANGELOG.rst").read_text()


@pytest.mark.parametrize("path", sorted(WORKFLOWS.glob("*.yml")), ids=lambda path: path.name)
def test_a_workflow_may_only_read_and_is_linted(path: Any) -> None:
    assert yaml.safe_load(path.read_text())["permissions"] == {"contents": "read"}
    assert f".github/workflows/{path.name}" in parts.WORKFLOWS
