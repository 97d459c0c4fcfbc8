# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What there is to run: each part a few commands in one private environment.

The commands run from the root of a copy of the checkout, with the environment's programs on the
PATH. A part is added here, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    about: str
    commands: tuple[tuple[str, ...], ...]
    environment: str = "test"
    # Needs the Debian packages of tests/requirements/debian.txt.
    debian: bool = False


PYTHON = ("python", "-B")
PYTEST = (*PYTHON, "-m", "pytest", "-q", "-ra", "-n", "auto")
# Their expensive fixtures are of a file.
PYTEST_BY_FILE = (*PYTEST, "--dist", "loadfile")
# What runs whole playbooks or real DNS servers, or needs the DNS back ends' collections.
SLOW = (
    "tests/unit/docs/test_examples.py",
    "tests/unit/playbooks",
    "tests/unit/plugins/module_utils/_providers/test_third_provider.py",
    "tests/unit/plugins/modules/test_playbook.py",
    "tests/unit/sandbox/test_dns_apis.py",
    "tests/unit/sandbox/test_real_dns.py",
)
# Quick, but for a few tests that are skipped where such a thing is missing: these run twice.
PARTLY_SLOW = (
    "tests/unit/plugins/filter/test_dns_records.py",
    "tests/unit/plugins/modules/test_dns_update.py",
    "tests/unit/roles",
)
WORKFLOWS = (".github/workflows/ci.yml", ".github/workflows/release.yml")
INTEGRATION = (*PYTHON, "tests/tools/integration.py")
SANITY = (*PYTHON, "tests/tools/sanity.py")

# Long ones first, so that two at a time end together.
PARTS = {
    "molecule": Part(
        "the role against the sandbox and real DNS servers, every scenario",
        (("molecule", "test", "--all"),),
        debian=True,
    ),
    "integration": Part(
        "integration targets under the newest ansible-core", (INTEGRATION,), debian=True
    ),
    "integration-2.16": Part(
        "integration targets under ansible-core 2.16",
        (INTEGRATION,),
        environment="core-2.16",
        debian=True,
    ),
    "sanity": Part(
        "ansible-test sanity under the newest ansible-core, without any ignore file",
        (SANITY,),
        environment="units",
    ),
    "sanity-2.16": Part(
        "ansible-test sanity under ansible-core 2.16", (SANITY,), environment="core-2.16"
    ),
    "plays": Part(
        "the unit tests that run whole playbooks, real DNS servers or the back ends' collections",
        ((*PYTEST_BY_FILE, *SLOW, *PARTLY_SLOW),),
        debian=True,
    ),
    "units-2.16": Part(
        "all unit tests under ansible-core 2.16",
        ((*PYTEST_BY_FILE, "tests/unit"),),
        environment="core-2.16",
        debian=True,
    ),
    "units": Part(
        "the quick unit tests under the newest ansible-core: a minute, and Python is all they need",
        ((*PYTEST, "tests/unit", *(f"--ignore={path}" for path in SLOW)),),
        environment="units",
    ),
    "awx-jobs": Part(
        "what AWX does with the collection, without AWX: set-up, credential types, jobs",
        ((*PYTEST_BY_FILE, "tests/awx"),),
    ),
    "awx-jobs-2.16": Part(
        "the set-up and the jobs under ansible-core 2.16",
        ((*PYTEST_BY_FILE, "tests/awx/test_setup.py", "tests/awx/test_jobs.py"),),
        environment="core-2.16",
    ),
    "lint": Part(
        "ansible-lint, ruff, yamllint, mypy, licence headers, generated texts, changelog",
        (
            ("reuse", "lint", "--lines"),
            ("ruff", "check", "--quiet", "."),
            ("ruff", "format", "--quiet", "--check", "--diff", "."),
            ("yamllint", "--strict", "."),
            ("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS),
            ("check-jsonschema", "--builtin-schema", "vendor.dependabot", ".github/dependabot.yml"),
            ("mypy",),
            ("mypy", "tests/tools"),
            (*PYTHON, "tests/tools/generate.py", "--check"),
            ("antsibull-changelog", "lint"),
            (*PYTHON, "tests/tools/certification.py"),
        ),
    ),
    "fuzz": Part(
        "whole runs in random worlds, a small share of what `make fuzz` plays",
        (
            (*PYTHON, "tests/fuzz/run.py", "--cases", "400"),
            (*PYTHON, "tests/fuzz/run.py", "--cases", "200", "--answers"),
            (*PYTHON, "tests/fuzz/senders.py", "--cases", "300"),
        ),
        environment="units",
    ),
    "demo": Part(
        "the demo, as `make demo` runs it", ((*PYTHON, "tests/demo/run.py"),), environment="demo"
    ),
    "importer": Part(
        "the built artifact, installed and put through Galaxy's importer",
        ((*PYTHON, "tests/tools/importer.py"),),
        environment="importer",
    ),
    "docs": Part(
        "documentation of the plugins and the role, and the site, with its markup and links",
        (
            (
                "antsibull-docs",
                "lint-collection-docs",
                "--plugin-docs",
                "--validate-collection-refs",
                "self",
                "--disallow-unknown-collection-refs",
                ".",
            ),
            (*PYTHON, "tests/tools/site.py"),
        ),
    ),
}
