# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules need is said twice: to readers, and to those who build execution environments."""

from __future__ import annotations

import importlib
import re

import yaml

from ansible_collections.mailops.email.tests.unit.conftest import CHECKOUT

_FRAGMENTS = "ansible_collections.mailops.email.plugins.doc_fragments"


def documented() -> dict[str, str]:
    """The lower bounds in the documentation, by library."""
    found: dict[str, str] = {}
    for path in (CHECKOUT / "plugins" / "doc_fragments").glob("[a-z]*.py"):
        fragment = importlib.import_module(f"{_FRAGMENTS}.{path.stem}").ModuleDocFragment
        for text in (value for name, value in vars(fragment).items() if name.isupper()):
            for requirement in yaml.safe_load(text).get("requirements", []):
                match = re.fullmatch(r"(\w+) >= ([\d.]+)(, .*)?", requirement)
                assert match, requirement
                assert match[1] not in found, "each is said in one place"
                found[match[1]] = match[2]
    return found


def test_the_documentation_and_the_execution_environment_agree() -> None:
    lines = (CHECKOUT / "meta" / "ee-requirements.txt").read_text().splitlines()
    built = [line for line in lines if line and not line.startswith("#")]
    assert sorted(built) == sorted(f"{name}>={least}" for name, least in documented().items())
    assert set(documented()) == {"requests", "dnspython", "cryptography"}
