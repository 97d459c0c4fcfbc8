# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One sandbox for all tests of the plugins, a fresh account at a vendor for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils._http.client import HttpClient
from ansible_collections.mailops.email.plugins.module_utils._providers.base import Provider
from ansible_collections.mailops.email.plugins.module_utils._providers.registry import PROVIDERS
from ansible_collections.mailops.email.tests.sandbox import Sandbox, SandboxAccount
from ansible_collections.mailops.email.tests.unit.accounts import new_account, sandbox
from ansible_collections.mailops.email.tests.unit.doubles import Clock

__all__ = ["new_account", "sandbox"]


@pytest.fixture
def sendclean(new_account: Callable[..., SandboxAccount]) -> SandboxAccount:
    return new_account("sendclean")


@pytest.fixture
def sendcloud(new_account: Callable[..., SandboxAccount]) -> SandboxAccount:
    return new_account("sendcloud")


@pytest.fixture(params=["sendclean", "sendcloud"])
def account(
    request: pytest.FixtureRequest, new_account: Callable[..., SandboxAccount]
) -> SandboxAccount:
    """Each vendor in turn."""
    return new_account(request.param)


@pytest.fixture
def record(sandbox: Sandbox) -> Iterator[Callable[..., None]]:
    """Publishes CNAMEs; they are gone after the test."""
    published: list[str] = []

    def publish(name: str, target: str) -> None:
        published.append(name)
        sandbox.client.set_record(name, "CNAME", target)

    yield publish
    for name in published:
        sandbox.client.delete_record(name)


@pytest.fixture
def open_client() -> Iterator[Callable[..., Provider]]:
    """A provider's client for an account; it never really sleeps."""
    opened: list[Provider] = []

    def open_(account: SandboxAccount, **settings: Any) -> Provider:
        kind = PROVIDERS[account.vendor]
        options = account.module_options
        clock = Clock()
        http = HttpClient(
            base_url=options["api_url"],
            provider=kind.facts.name,
            title=kind.facts.title,
            secrets=[account.secret],
            clock=clock,
            sleep=clock.sleep,
            **{"timeout": 10.0, "retries": 0, **settings},
        )
        opened.append(kind(http, options))
        return opened[-1]

    yield open_
    for provider in opened:
        provider.http.close()


@pytest.fixture
def client(account: SandboxAccount, open_client: Callable[..., Provider]) -> Provider:
    """The client for `account`."""
    return open_client(account)
