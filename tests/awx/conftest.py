# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX does with this collection, without AWX. The checkout is made importable as for the unit tests."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

runpy.run_path(str(Path(__file__).resolve().parents[1] / "unit" / "conftest.py"))

from ansible_collections.mailops.email.tests.awx.fake_awx import FakeAwx  # noqa: E402
from ansible_collections.mailops.email.tests.awx.job import Job  # noqa: E402
from ansible_collections.mailops.email.tests.unit.accounts import (  # noqa: E402
    new_account,
    sandbox,
)
from ansible_collections.mailops.email.tests.unit.conftest import CHECKOUT  # noqa: E402

__all__ = ["new_account", "sandbox"]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the collection is installed from its artifact, and nothing else is."""
    place = tmp_path_factory.mktemp("installed")
    environment = {**os.environ, "HOME": str(place), "ANSIBLE_COLLECTIONS_PATH": str(place)}

    def galaxy(*arguments: str) -> None:
        command = [sys.executable, "-B", "-m", "ansible", "galaxy", "collection", *arguments]
        subprocess.run(
            command, check=True, cwd=CHECKOUT, env=environment, stdout=subprocess.DEVNULL
        )

    galaxy("build", "--output-path", str(place))
    [artifact] = place.glob("*.tar.gz")
    galaxy("install", str(artifact), "--collections-path", str(place))
    return place


@pytest.fixture
def job(tmp_path: Path, installed: Path) -> Callable[..., Job]:
    """Makes jobs, each in a directory of its own, with the collection as users have it."""
    numbers = count()

    def make(playbook: str, **given: Any) -> Job:
        place = tmp_path / f"job{next(numbers)}"
        place.mkdir()
        return Job(place=place, collections=installed, playbook=playbook, **given)

    return make


@pytest.fixture
def awx() -> Iterator[FakeAwx]:
    with FakeAwx() as running:
        yield running
