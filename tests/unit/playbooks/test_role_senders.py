# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role and the senders of what comes and goes, whole: what it says held against SendCloud's state.

Each case is an account with `old` in use, its record, and `new` declared to replace it. All run at once.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from ansible_collections.mailops.email.tests.sandbox import Sandbox, SandboxAccount
from ansible_collections.mailops.email.tests.unit.run_playbook import run_playbook

DEFAULT = "track2.sendcloud.net"


def nothing(_account: SandboxAccount) -> None:
    """All goes well."""


@dataclass
class Case:
    """:param old, new: what their entries say beside the name; None: there is no such entry."""

    old: dict[str, Any]
    new: dict[str, Any] = field(default_factory=dict)
    spoil: Callable[[SandboxAccount], object] = nothing
    variables: dict[str, Any] = field(default_factory=dict)


RENAMED = {"rename_from": "OLD"}
REPLACED = {"state": "absent", "replaced_by": "NEW"}
CASES = {
    "moved": Case(REPLACED),
    "declared": Case({"state": "absent"}, {"senders": ["news", "orders"]}),
    "refused": Case({"state": "absent"}),
    "purged": Case({}, variables={"purge": True}),
    "warned": Case({"state": "absent", "dangling": "warn"}),
    "renamed": Case({}, RENAMED),
    "renamed-warned": Case({}, {**RENAMED, "dangling": "warn"}),
    "resets": Case(REPLACED, spoil=lambda account: account.switch(sender_update="resets")),
    "unreadable": Case(REPLACED, spoil=lambda account: account.switch(senders_readable=False)),
    "unbound": Case(
        REPLACED, spoil=lambda account: account.fault("vendor_error", 6001, action="bind", count=0)
    ),
    "half": Case(
        REPLACED,
        spoil=lambda account: account.fault("vendor_error", 40905, action="bind", skip=1, count=0),
    ),
    "lost-before": Case(
        REPLACED, spoil=lambda account: account.fault("reset", action="bind", after=False)
    ),
    "lost-after": Case(
        REPLACED, spoil=lambda account: account.fault("reset", action="bind", after=True)
    ),
}


@dataclass
class World:
    sandbox: Sandbox
    foretold: subprocess.CompletedProcess[str]
    done: subprocess.CompletedProcess[str]
    accounts: dict[str, SandboxAccount]
    untouched: dict[str, Any]

    def said_of(self, case: str) -> str:
        """What the role said of an account, and how its run ended."""
        return _said_of(case, self.done.stdout)

    def foretold_of(self, case: str) -> str:
        return _said_of(case, self.foretold.stdout)

    def domains(self, case: str) -> set[str]:
        return {name.partition(".")[0] for name in self.accounts[case].state()}

    def users(self, case: str) -> dict[str, str]:
        senders = self.accounts[case].senders()
        return {name: each["trackDomainName"].partition(".")[0] for name, each in senders.items()}

    def has_record(self, case: str) -> bool:
        return bool(self.sandbox.client.records(old(case), "CNAME"))


def _said_of(case: str, output: str) -> str:
    lines = [line for line in output.splitlines() if f".{case}.example.com" in line]
    recap = next(line for line in output.splitlines() if line.startswith(f"{case} "))
    return "\n".join([*lines, recap])


def old(case: str) -> str:
    return f"old.{case}.example.com"


def new(case: str) -> str:
    return f"new.{case}.example.com"


@pytest.fixture(scope="module")
def world(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    accounts = {name: sandbox.client.account("sendcloud") for name in CASES}
    hosts = {}
    host, port = str(sandbox.dns_address).rsplit(":", 1)
    for name, case in CASES.items():
        account = accounts[name]
        account.seed(old(name), verified=True)
        sandbox.client.set_record(old(name), "CNAME", account.target, ttl=1)
        users = [{"name": each, "tracking_domain": old(name)} for each in ("news", "orders")]
        account.change(senders=[*users, {"name": "other", "clicks": 0}])
        case.spoil(account)
        names = {"OLD": old(name), "NEW": new(name)}
        one, other = (
            {key: names.get(str(value), value) for key, value in entry.items()}
            for entry in (case.old, case.new)
        )
        options = {
            **account.module_options,
            "dns_servers": [str(sandbox.dns_address)],
            "domains": [
                {"name": new(name), **other},
                *([{"name": old(name), **one}] if case.old else []),
            ],
            "dns_provider": "nsupdate",
            "dns_ttl": 1,
            "dns_zone": "example.com",
            "wait_timeout": 20,
            "wait_interval": 0.2,
            "retries": 1,
            "removal_timeout": 10,
            "nsupdate_server": host,
            "nsupdate_port": int(port),
            "nsupdate_key_name": sandbox.tsig.name,
            "nsupdate_key_secret": sandbox.tsig.secret,
            "nsupdate_key_algorithm": sandbox.tsig.algorithm,
            **case.variables,
        }
        hosts[name] = {f"tracking_domain_{key}": value for key, value in options.items()}
    play = {"name": "Converge", "import_playbook": "mailops.email.converge"}
    foretold = run_playbook([play], "--check", place=tmp_path_factory.mktemp("check"), hosts=hosts)
    untouched = {name: (account.state(), account.senders()) for name, account in accounts.items()}
    done = run_playbook([play], place=tmp_path_factory.mktemp("play"), hosts=hosts)
    yield World(sandbox, foretold, done, accounts, untouched)
    for name, account in accounts.items():
        for record in (old(name), new(name)):
            sandbox.client.delete_record(record)
        account.remove()


EXPECTED = {
    # case: domains left, who uses what, whether the old record is left, whether the run fails
    "moved": ({"new"}, "new", False, False),
    "declared": ({"new"}, "new", False, False),
    "refused": ({"new", "old"}, "old", True, True),
    "purged": ({"new", "old"}, "old", True, True),
    "warned": ({"new"}, "old", False, False),
    "renamed": ({"old"}, "old", True, True),
    "resets": ({"new", "old"}, "new", True, True),
    "unreadable": ({"new"}, "old", False, False),
    "unbound": ({"new", "old"}, "old", True, True),
    "lost-before": ({"new"}, "new", False, False),
    "lost-after": ({"new"}, "new", False, False),
}


@pytest.mark.parametrize("case", EXPECTED)
def test_what_is_there_in_the_end(world: World, case: str) -> None:
    domains, used, record, fails = EXPECTED[case]
    said = world.said_of(case)
    assert world.domains(case) == domains, said
    assert world.users(case) == {"news": used, "orders": used, "other": "track2"}, said
    assert world.has_record(case) is record, said
    assert f"failed={int(fails)}" in said
    assert (f"deleted: {old(case)}" in said) is not ("old" in domains)
    assert (f"removed: {old(case)}" in said) is not record
    moved = f"senders bound to {new(case)}: news, orders"
    assert (moved in said) is (used == "new")


def test_half_of_them_is_told_as_half(world: World) -> None:
    said = world.said_of("half")
    assert sorted(world.users("half").values()) == ["new", "old", "track2"]
    assert world.domains("half") == {"new", "old"}
    assert world.has_record("half")
    (bound,) = [name for name, used in world.users("half").items() if used == "new"]
    (left,) = [name for name, used in world.users("half").items() if used == "old"]
    assert f"senders bound to {new('half')}: {bound}" in said
    assert f"it is used by the API_USER {left}, which could not be bound to {new('half')}" in said


def test_what_else_they_are_set_to_stays(world: World) -> None:
    for name, account in world.accounts.items():
        if name == "resets":
            continue
        before = world.untouched[name][1]
        for sender, now in account.senders().items():
            assert {**now, "trackDomainName": None} == {
                **before[sender],
                "trackDomainName": None,
            }, name


def test_they_are_bound_after_the_verification_and_before_the_deletion(world: World) -> None:
    for case in ("moved", "declared"):
        log = [call["operation"] for call in world.accounts[case].calls()["calls"]]
        binds = [number for number, each in enumerate(log) if each == "bind"]
        checks = [number for number, each in enumerate(log) if each == "check"]
        assert checks[-1] < binds[0] < binds[-1] < log.index("delete"), log
        assert log.count("bind") == 2


@pytest.mark.parametrize("case", ["moved", "refused", "purged", "declared"])
def test_check_mode_foretells_it_and_writes_nothing(world: World, case: str) -> None:
    state, senders = world.untouched[case]
    assert {name.partition(".")[0] for name in state} == {"old"}
    assert senders["news"]["trackDomainName"] == old(case)
    said = world.foretold_of(case)
    _domains, used, record, fails = EXPECTED[case]
    assert f"failed={int(fails)}" in said
    assert (f"would be removed: {old(case)}" in said) is not record
    moved = f"senders would be bound to {new(case)}: news, orders"
    assert (moved in said) is (used == "new")


def test_who_may_not_read_them_is_warned(world: World) -> None:
    assert "WarningSummary" not in world.done.stdout
    warning = f"it is not known whether a sender still uses {old('unreadable')}"
    assert warning in " ".join(world.done.stdout.split())
    assert f"renamed although {old('renamed-warned')} is used by" in " ".join(
        world.done.stdout.split()
    )
    assert f"deleted although {old('warned')} is used by" in " ".join(world.done.stdout.split())
