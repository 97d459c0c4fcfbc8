# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as AWX runs them, against both vendors' sandboxes."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ansible.constants import DEFAULT_VAULT_ID_MATCH
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible.release import __version__ as ansible_core
from packaging.version import Version

from ansible_collections.mailops.email.plugins.plugin_utils._awx import objects
from ansible_collections.mailops.email.tests.awx.job import Ended, Job, slices
from ansible_collections.mailops.email.tests.awx.rules import answers
from ansible_collections.mailops.email.tests.sandbox import Sandbox, SandboxAccount

VAULT_PASSWORD = "vault-word-6d11"
NewAccount = Callable[..., SandboxAccount]
MakeJob = Callable[..., Job]


@pytest.fixture
def publish(sandbox: Sandbox) -> Callable[[SandboxAccount, Sequence[str]], None]:
    def set_records(account: SandboxAccount, names: Sequence[str]) -> None:
        for name in names:
            sandbox.client.set_record(name, "CNAME", f"{account.target}.")

    return set_records


@pytest.fixture
def variables(sandbox: Sandbox) -> Callable[..., dict[str, Any]]:
    """A host's variables without secrets."""

    def of(account: SandboxAccount, *names: str, **more: Any) -> dict[str, Any]:
        return {
            "tracking_domain_provider": account.vendor,
            # As text, with a name a line.
            "tracking_domain_domains": "\n".join(names),
            "tracking_domain_dns_servers": [str(sandbox.dns_address)],
            "tracking_domain_wait_interval": 1,
            "tracking_domain_wait_timeout": 30,
            **more,
        }

    return of


def credential(account: SandboxAccount) -> tuple[str, dict[str, Any]]:
    return account.vendor, {
        name: value for name, value in account.module_options.items() if name != "provider"
    }


def vaulted(account: SandboxAccount) -> dict[str, Any]:
    """A host's variables with the account's connection, in the form in which AWX has them."""
    vault = VaultLib([(DEFAULT_VAULT_ID_MATCH, VaultSecret(VAULT_PASSWORD.encode()))])
    made: dict[str, Any] = {}
    for name, value in credential(account)[1].items():
        secret = value == account.secret
        made[f"tracking_domain_{name}"] = "{{ vault_secret }}" if secret else value
        if secret:
            made["vault_secret"] = {"__ansible_vault": vault.encrypt(value).decode()}
    return made


def assert_no_secret(ended: Ended, *secrets: str) -> None:
    for secret in secrets:
        assert secret not in ended.everything
        for form in (secret, f"{secret}\n"):
            assert base64.b64encode(form.encode()).decode() not in ended.everything


def test_forty_accounts_in_four_slices_at_the_same_time(
    new_account: NewAccount,
    job: MakeJob,
    publish: Callable[..., None],
    variables: Callable[..., dict[str, Any]],
) -> None:
    accounts = {
        f"shop{number:02}": new_account("sendcloud" if number % 2 else "sendclean")
        for number in range(8)
    }
    declared = {
        name: [f"track.{name}.example.com", f"links.{name}.example.com"] for name in accounts
    }
    for name, account in accounts.items():
        publish(account, declared[name])
        if account.vendor == "sendcloud":
            account.switch(domain_limit=1000)

    def run(hosts: list[str]) -> Ended:
        return job(
            "converge.yml",
            hosts={
                name: {**variables(accounts[name], *declared[name]), **vaulted(accounts[name])}
                for name in hosts
            },
            vault_password=VAULT_PASSWORD,
        ).run()

    def run_slices() -> list[Ended]:
        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(run, slices(list(accounts), 4)))

    first = run_slices()
    assert [ended.status for ended in first] == ["successful"] * 4, first[0].stdout[-3000:]
    for name, account in accounts.items():
        assert sorted(account.state()) == sorted(declared[name])
        assert account.operations()["add"] == 2, "each added once, in one slice"
        account.clear_calls()
    assert sum(ended.changed for ended in first) >= 8

    second = run_slices()
    assert [(ended.status, ended.changed) for ended in second] == [("successful", 0)] * 4
    for account in accounts.values():
        assert account.operations() == {"list": 1}
    for ended in (*first, *second):
        assert_no_secret(ended, VAULT_PASSWORD, *(account.secret for account in accounts.values()))
        assert len(ended.stats["ok"]) == 2


def test_a_check_a_run_and_an_audit_with_credentials(
    new_account: NewAccount,
    job: MakeJob,
    publish: Callable[..., None],
    variables: Callable[..., dict[str, Any]],
) -> None:
    """At verbosity 4. One credential of each provider's type; what is left blank does no harm."""
    accounts = [new_account("sendclean"), new_account("sendcloud")]
    names = {account.vendor: f"track.{account.vendor}.example.com" for account in accounts}
    for account in accounts:
        publish(account, [names[account.vendor]])
    given: dict[str, Any] = {
        "hosts": {
            account.vendor: variables(account, names[account.vendor]) for account in accounts
        },
        "credentials": [credential(account) for account in accounts],
        "verbosity": 4,
        "diff": True,
    }
    check = job("converge.yml", job_type="check", **given).run()
    assert check.status == "successful", check.stdout[-3000:]
    assert check.changed > 0
    for account in accounts:
        assert account.state() == {}
        assert set(account.operations()) == {"list"}
    run = job("converge.yml", **given).run()
    assert run.status == "successful", run.stdout[-3000:]
    for account in accounts:
        assert list(account.state()) == [names[account.vendor]]
        account.clear_calls()
    audit = job("audit.yml", extra_vars={"audit_fail_on": ["broken"]}, **given).run()
    assert audit.status == "successful", audit.stdout[-3000:]
    assert all(name in audit.stdout for name in names.values())
    for account in accounts:
        assert account.operations() == {"list": 1}
    for ended in (check, run, audit):
        assert_no_secret(ended, *(account.secret for account in accounts))


def survey() -> Mapping[str, Any]:
    found = objects({"project_scm_url": "https://git.example.com/awx.git"}, {})
    template = next(each for each in found["job_templates"] if each["playbook"] == "change.yml")
    made: Mapping[str, Any] = template["survey_spec"]
    return made


def test_a_survey_changes_one_account_and_leaves_its_other_domains_alone(
    new_account: NewAccount,
    job: MakeJob,
    publish: Callable[..., None],
    variables: Callable[..., dict[str, Any]],
) -> None:
    account, other = new_account("sendcloud"), new_account("sendcloud")
    account.seed("kept.example.com", "gone.example.com")
    publish(account, ["new.example.com", "later.example.com"])
    hosts = {
        "shop": variables(account, "declared.example.com", tracking_domain_purge=True),
        "news": variables(other, "declared.example.org"),
    }
    given: dict[str, Any] = {
        "hosts": hosts,
        "extra_vars": answers(
            survey(),
            {
                "change_present": "new.example.com\r\n  later.example.com\n\n",
                "change_absent": "gone.example.com",
                "change_retiring": "later-still.example.com",
                "change_retire_on": "2099-12-31",
            },
        ),
        "credentials": [credential(account)],
    }
    publish(account, ["later-still.example.com"])
    too_many = job("change.yml", **given).run()
    assert too_many.status == "failed"
    assert "This would change 2 accounts in the same way" in too_many.stdout
    assert (account.operations(), other.operations()) == ({}, {})

    done = job("change.yml", limit="shop", **given).run()
    assert done.status == "successful", done.stdout[-3000:]
    assert sorted(account.state()) == [
        "kept.example.com",
        "later-still.example.com",
        "later.example.com",
        "new.example.com",
    ]
    assert other.operations() == {}


def test_a_survey_left_blank_changes_nothing(
    new_account: NewAccount, job: MakeJob, variables: Callable[..., dict[str, Any]]
) -> None:
    account = new_account("sendcloud")
    done = job(
        "change.yml",
        hosts={"shop": variables(account)},
        extra_vars=answers(survey(), {}),
        credentials=[credential(account)],
    ).run()
    assert done.status == "failed"
    assert "No domain was named" in done.stdout
    assert account.operations() == {}


def test_an_owner_id_from_a_survey_is_itself_or_refused(
    new_account: NewAccount,
    job: MakeJob,
    publish: Callable[..., None],
    variables: Callable[..., dict[str, Any]],
) -> None:
    """It is typed again by ansible-core 2.19 and later, where 0012345 becomes 5349."""
    account = new_account("sendclean", identity="0012345")
    publish(account, ["track.example.net"])
    kind, inputs = credential(account)
    done = job(
        "converge.yml",
        hosts={"news": variables(account, "track.example.net")},
        extra_vars={"tracking_domain_owner_id": inputs.pop("owner_id")},
        credentials=[(kind, inputs)],
    ).run()
    if Version(ansible_core) < Version("2.19"):
        assert done.status == "successful", done.stdout[-3000:]
        assert list(account.state()) == ["track.example.net"]
    else:
        assert done.status == "failed"
        assert "owner_id must be text" in done.stdout
        assert account.state() == {}


def test_lines_of_progress_are_events_of_their_task(
    new_account: NewAccount, job: MakeJob, variables: Callable[..., dict[str, Any]]
) -> None:
    account = new_account("sendcloud")
    wait = {"tracking_domain_wait": True, "tracking_domain_wait_timeout": 40}
    done = job(
        "converge.yml",
        hosts={"shop": variables(account, "late.example.com", **wait)},
        credentials=[credential(account)],
    ).run()
    assert done.status == "failed"
    line = next(each for each in done.events if "0 of 1 verified" in each["stdout"])
    assert line["stdout"].startswith("[shop] 0 of 1 verified, ")
    tasks = [each for each in done.events if each["event"] == "playbook_on_task_start"]
    before = [each for each in tasks if each["counter"] < line["counter"]][-1]
    assert before["event_data"]["task"] == "Verify the tracking domains"


def test_a_job_canceled_while_it_waits_leaves_nothing_running_and_can_be_run_again(
    new_account: NewAccount,
    job: MakeJob,
    publish: Callable[..., None],
    variables: Callable[..., dict[str, Any]],
) -> None:
    account = new_account("sendcloud")
    name = "slow.example.com"
    hosts = {
        "shop": variables(
            account, name, tracking_domain_wait=True, tracking_domain_wait_timeout=200
        )
    }
    given: dict[str, Any] = {
        "hosts": hosts,
        "credentials": [credential(account)],
    }
    since: list[float] = []

    def waits(_events: Path) -> bool:
        """Two seconds after the domain was added: the job waits for the record."""
        if account.state() and not since:
            since.append(time.monotonic())
        return bool(since) and time.monotonic() - since[0] > 2

    slow = job("converge.yml", **given)
    canceled = slow.run(cancel=waits, seconds=120)
    assert canceled.status == "canceled"
    assert time.monotonic() - since[0] < 60
    # The module that waits runs for 20 seconds at a time.
    ended = time.monotonic()
    while slow.processes() and time.monotonic() - ended < 60:
        time.sleep(0.2)
    assert slow.processes() == []

    publish(account, [name])
    again = job("converge.yml", **given).run()
    assert again.status == "successful", again.stdout[-3000:]
    assert list(account.state()) == [name]
    assert account.operations()["add"] == 1
