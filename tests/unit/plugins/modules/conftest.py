# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A vendor's account as a user has it: options for the modules, and a hand in its world."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.mailops.email.tests.sandbox import Sandbox, SandboxAccount
from ansible_collections.mailops.email.tests.unit.run_module import Ran, run_module

NAME, OTHER = "t.example.com", "u.example.com"


class User:
    """Runs the modules for one account, with the sandbox's name server."""

    def __init__(
        self, account: SandboxAccount, dns: str, record: Callable[[str, str], None]
    ) -> None:
        self.account = account
        self.dns = dns
        self._record = record
        self.cloud = account.vendor == "sendcloud"
        self.title = "SendCloud" if self.cloud else "SendClean"
        if self.cloud:
            account.switch(domain_limit=1000)

    def publish(self, *names: str, target: str | None = None) -> None:
        for name in names:
            self._record(name, target or self.account.target)

    def run(self, module: str, *, check: bool = False, diff: bool = False, **options: Any) -> Ran:
        """One run; `calls` then has this run's alone."""
        self.account.clear_calls()
        connection = {**self.account.module_options, "dns_servers": [self.dns]}
        return run_module(module, {**connection, **options}, check=check, diff=diff)

    def one(self, name: str = NAME, **options: Any) -> Ran:
        return self.run("tracking_domain", name=name, **options)

    def many(self, *domains: Any, **options: Any) -> Ran:
        entries = [each if isinstance(each, dict) else {"name": each} for each in domains]
        return self.run("tracking_domains", domains=entries, **options)

    def info(self, *names: str, **options: Any) -> Ran:
        given = {"name": list(names)} if names else {}
        return self.run("tracking_domain_info", **given, **options)

    @property
    def guarded(self) -> dict[str, int]:
        """The call that a deletion or a rename costs besides: whether a sender uses the domain."""
        return {"senders": 1} if self.cloud else {}

    @property
    def calls(self) -> dict[str, int]:
        return self.account.operations()

    @property
    def names(self) -> set[str]:
        return set(self.account.state())

    def hide_window(self, name: str = NAME) -> None:
        """From now on the list shows HTTPS for `name`, and no validity of its certificate."""
        (seeded,) = self.account.seed(name)
        row = {"id": seeded["id"], "name": name, "cname": True, "cname.value": self.account.target}
        row |= {"https": True, "certiValidityStart": "", "certiValidityEnd": ""}
        info = {"total": 1, "count": 1, "pageNo": 1, "pageSize": 100, "dataList": [row]}
        answer = {"result": True, "statusCode": 200, "message": "", "info": info}
        self.account.fault("wrong_shape", answer, action="list", count=0)


@pytest.fixture
def make_user(sandbox: Sandbox, record: Any) -> Callable[[SandboxAccount], User]:
    assert sandbox.dns_address
    return lambda account: User(account, str(sandbox.dns_address), record)


@pytest.fixture
def user(account: SandboxAccount, make_user: Callable[[SandboxAccount], User]) -> User:
    """At each vendor in turn."""
    return make_user(account)


@pytest.fixture
def cloud(sendcloud: SandboxAccount, make_user: Callable[[SandboxAccount], User]) -> User:
    return make_user(sendcloud)


@pytest.fixture
def clean(sendclean: SandboxAccount, make_user: Callable[[SandboxAccount], User]) -> User:
    return make_user(sendclean)
