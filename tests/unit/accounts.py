# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures for the ``conftest.py`` that wants them: a sandbox, and accounts in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.mailops.email.tests.sandbox import Sandbox, SandboxAccount


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """One for all tests beside the ``conftest.py``."""
    with Sandbox() as running:
        yield running


@pytest.fixture
def new_account(sandbox: Sandbox) -> Iterator[Callable[..., SandboxAccount]]:
    """Makes accounts; what the test left behind is forgotten with them."""
    made: list[SandboxAccount] = []

    def make(vendor: str, **given: Any) -> SandboxAccount:
        made.append(sandbox.client.account(vendor, **given))
        return made[-1]

    yield make
    for account in made:
        account.clear_faults()
        account.remove()
