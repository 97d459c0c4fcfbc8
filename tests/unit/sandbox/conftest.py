# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One sandbox for all its tests, and a fresh account with a raw client for each of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.mailops.email.tests.sandbox import Sandbox
from ansible_collections.mailops.email.tests.unit.sandbox.raw_client import Vendor


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def sendclean(sandbox: Sandbox) -> Iterator[Vendor]:
    account = sandbox.client.account("sendclean")
    yield Vendor(account)
    account.remove()


@pytest.fixture
def sendcloud(sandbox: Sandbox) -> Iterator[Vendor]:
    account = sandbox.client.account("sendcloud")
    yield Vendor(account)
    account.remove()


@pytest.fixture(params=["sendclean", "sendcloud"])
def vendor(request: pytest.FixtureRequest) -> Vendor:
    """Each vendor in turn, for what holds for both."""
    chosen: Vendor = request.getfixturevalue(request.param)
    return chosen
