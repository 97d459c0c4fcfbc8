# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One sandbox for all its tests, and a fresh account with a raw client for each of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.mailops.email.tests.sandbox import SandboxAccount
from ansible_collections.mailops.email.tests.unit.accounts import new_account, sandbox
from ansible_collections.mailops.email.tests.unit.sandbox.raw_client import Vendor

__all__ = ["new_account", "sandbox"]


@pytest.fixture
def sendclean(new_account: Callable[..., SandboxAccount]) -> Vendor:
    return Vendor(new_account("sendclean"))


@pytest.fixture
def sendcloud(new_account: Callable[..., SandboxAccount]) -> Vendor:
    return Vendor(new_account("sendcloud"))


@pytest.fixture(params=["sendclean", "sendcloud"])
def vendor(request: pytest.FixtureRequest) -> Vendor:
    """Each vendor in turn, for what holds for both."""
    chosen: Vendor = request.getfixturevalue(request.param)
    return chosen
