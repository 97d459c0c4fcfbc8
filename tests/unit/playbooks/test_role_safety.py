# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing that is not ours is touched in the DNS: the role with a hidden primary that others have changed.

The primary is a real Knot server. What everybody sees, the provider included, is another server that
lags behind: it has what the primary had before. Each case is an account, and all run at once.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from ansible_collections.mailops.email.tests.sandbox import Sandbox, SandboxAccount, real_dns
from ansible_collections.mailops.email.tests.unit.run_playbook import run_playbook

ELSEWHERE = "links.new-vendor.example.net."


@dataclass
class Case:
    """One name, what the primary and the others have there, and what is declared of it.

    :param visible: where the CNAME leads to that all others show; None: there is none.
    :param there: the account has the domain already; where it is declared absent.
    """

    at_primary: dict[str, str]
    visible: str | None
    entry: dict[str, Any]
    variables: dict[str, Any] = field(default_factory=dict)
    zone: str = "example.com"
    there: bool = True


CASES = {
    "removal": Case({"CNAME": ELSEWHERE}, "TARGET", {"state": "absent"}),
    "addition": Case({"CNAME": ELSEWHERE}, None, {}),
    "address": Case({"A": "192.0.2.7", "MX": "10 mx.example.com."}, None, {}),
    "overwrite": Case({"A": "192.0.2.7"}, None, {}, {"dns_overwrite": True}),
    "overwrite-unverified": Case(
        {"A": "192.0.2.7"}, None, {}, {"dns_overwrite": True, "verify": False}
    ),
    "delegated": Case({}, None, {}, {"dns_zone": "example.com"}, zone="sub.example.com"),
    "ours": Case({"CNAME": "TARGET"}, None, {"state": "absent"}),
    "ours-behind": Case({"CNAME": "TARGET"}, ELSEWHERE, {"state": "absent"}),
    "moved": Case({"CNAME": "TARGET"}, "TARGET", {"state": "absent"}, there=False),
    "right": Case({"CNAME": "TARGET"}, None, {}, {"verify": False, "expect_no_changes": True}),
}


@pytest.fixture(scope="module")
def primary() -> Iterator[real_dns.RealServer]:
    zones = {"example.com": "sub NS ns.sub\nns.sub A 127.0.0.1\n", "sub.example.com": ""}
    try:
        key = real_dns.Key.generate("role-key")
        server = real_dns.KnotServer(zones, {key.name: (key.algorithm, key.secret)})
    except real_dns.MissingProgramError as error:
        pytest.skip(str(error))
    with server:
        yield server


@dataclass
class World:
    done: subprocess.CompletedProcess[str]
    accounts: dict[str, SandboxAccount]
    primary: real_dns.RealServer

    def at_primary(self, case: str, rdtype: str) -> list[str]:
        return self.primary.get(name_of(case), rdtype)

    def said_of(self, case: str) -> str:
        """What the role said of an account, and how its run ended."""
        lines = [line for line in self.done.stdout.splitlines() if name_of(case) in line]
        recap = next(line for line in self.done.stdout.splitlines() if line.startswith(f"{case} "))
        return "\n".join([*lines, recap])


def name_of(case: str) -> str:
    return f"{case}.{CASES[case].zone}"


@pytest.fixture(scope="module")
def world(
    sandbox: Sandbox, primary: real_dns.RealServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    accounts = {case: sandbox.client.account("sendclean") for case in CASES}
    host, port = primary.address
    key = primary.keys[0]
    hosts = {}
    for name, case in CASES.items():
        account = accounts[name]
        for rdtype, value in case.at_primary.items():
            # The role waits out the time to live of what it removes.
            value = value.replace("TARGET", f"{account.target}.")
            primary.set(name_of(name), rdtype, value, ttl=1)
        if case.visible:
            value = case.visible.replace("TARGET", f"{account.target}.")
            sandbox.client.set_record(name_of(name), "CNAME", value, ttl=1)
        if (case.entry.get("state") == "absent" and case.there) or name == "right":
            account.seed(name_of(name), verified=case.visible is not None)
        options = {
            **account.module_options,
            "dns_servers": [str(sandbox.dns_address)],
            "domains": [{"name": name_of(name), **case.entry}],
            "dns_provider": "nsupdate",
            "dns_ttl": 1,
            "wait": False,
            "removal_timeout": 1,
            "nsupdate_server": host,
            "nsupdate_port": port,
            "nsupdate_key_name": key.name,
            "nsupdate_key_secret": key.secret,
            "nsupdate_key_algorithm": key.algorithm,
            **case.variables,
        }
        hosts[name] = {f"tracking_domain_{key}": value for key, value in options.items()}
    play = {"name": "Converge", "import_playbook": "mailops.email.converge"}
    done = run_playbook([play], place=tmp_path_factory.mktemp("play"), hosts=hosts)
    yield World(done, accounts, primary)
    for name, account in accounts.items():
        sandbox.client.delete_record(name_of(name))
        account.remove()


def test_a_foreign_record_is_not_removed_for_what_another_server_shows(world: World) -> None:
    assert world.at_primary("removal", "CNAME") == [ELSEWHERE]
    assert "removal.example.com" in world.accounts["removal"].state(), "its name leads there still"
    assert "removed:" not in world.said_of("removal")
    assert "failed=1" in world.said_of("removal")


@pytest.mark.parametrize("case", ["addition", "address"])
def test_what_stands_at_the_primary_is_not_replaced(world: World, case: str) -> None:
    for rdtype, value in CASES[case].at_primary.items():
        assert world.at_primary(case, rdtype) == [value]
    assert world.at_primary("address", "CNAME") == []
    assert not re.search("(published|ensured): ", world.said_of(case))
    assert "failed=1" in world.said_of(case)


@pytest.mark.parametrize("case", ["overwrite", "overwrite-unverified"])
def test_overwriting_replaces_an_address(world: World, case: str) -> None:
    assert world.at_primary(case, "A") == []
    assert world.at_primary(case, "CNAME") == [f"{world.accounts[case].target}."]
    assert "published: " in world.said_of(case)


def test_the_longest_zone_wins(world: World) -> None:
    """A record in the parent would be seen by nobody."""
    assert world.at_primary("delegated", "CNAME") == [f"{world.accounts['delegated'].target}."]


def test_one_that_fails_stops_no_other(world: World) -> None:
    assert world.done.returncode == 2, world.done.stdout
    assert "failed=0" in world.said_of("overwrite")


@pytest.mark.parametrize("case", ["ours", "ours-behind"])
def test_our_own_record_goes_whatever_other_servers_show(world: World, case: str) -> None:
    """It would lead to the provider as soon as the other servers have it, without the domain there."""
    assert world.at_primary(case, "CNAME") == []
    assert world.accounts[case].state() == {}, world.said_of(case)
    assert "removed: " in world.said_of(case)


def test_a_record_that_another_account_may_own_stays(world: World) -> None:
    assert world.at_primary("moved", "CNAME") == [f"{world.accounts['moved'].target}."]
    assert "failed=1" in world.said_of("moved")
    assert "removed: moved" not in world.said_of("moved")


def test_what_is_right_at_the_primary_is_no_change(world: World) -> None:
    said = world.said_of("right")
    assert "failed=0" in said
    assert not re.search("(published|ensured): ", said)
