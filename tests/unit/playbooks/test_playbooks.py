# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's playbooks, run as users run them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import textwrap
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.hashes import SHA256

from ansible_collections.mailops.email.tests.sandbox import Sandbox, SandboxAccount
from ansible_collections.mailops.email.tests.support.certificates import (
    DAY,
    Issued,
    Store,
    now,
)
from ansible_collections.mailops.email.tests.unit.conftest import CHECKOUT
from ansible_collections.mailops.email.tests.unit.run_playbook import run_playbook

TRACK, LINKS, BARE = "track.example.com", "links.example.com", "bare.example.com"
OTHERS = "track.example.org"
Playbook = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def account_of(new_account: Callable[..., SandboxAccount]) -> Callable[..., SandboxAccount]:
    """Makes accounts at SendCloud, each with domains of these names."""

    def make(*names: str) -> SandboxAccount:
        account = new_account("sendcloud")
        account.seed(*names)
        return account

    return make


class Certbot:
    """Issues certificates, and leaves them as certbot does."""

    def __init__(self, directory: Path) -> None:
        self.live = directory / "live"
        self._store = Store(directory)
        self._authority = self._store.authority()

    def issue(self, name: str, days: float = 90) -> Issued:
        issued = self._authority.issue(name, not_after=now() + days * DAY)
        self._store.save(name, issued)
        return issued


@pytest.fixture
def certbot(tmp_path: Path) -> Certbot:
    return Certbot(tmp_path / "letsencrypt")


def connection(account: SandboxAccount) -> dict[str, Any]:
    return {
        "tracking_domain_provider": account.vendor,
        **{
            f"tracking_domain_{name}": value
            for name, value in account.module_options.items()
            if name != "provider"
        },
    }


@pytest.fixture
def renew(tmp_path: Path, certbot: Certbot) -> Playbook:
    """Runs the renewal for the accounts, a host each. The accounts' calls are this run's."""

    def run(
        *accounts: SandboxAccount, options: tuple[str, ...] = (), under: Any = (), **variables: Any
    ) -> subprocess.CompletedProcess[str]:
        for account in accounts:
            account.clear_calls()
        play = {"name": "Renew", "import_playbook": "mailops.email.renew_certificates"}
        hosts = {f"account{number}": connection(account) for number, account in enumerate(accounts)}
        variables = {"renew_certificates_directory": str(certbot.live), **variables}
        done = run_playbook(
            [play], *options, place=tmp_path, variables=variables, under=under, hosts=hosts
        )
        assert "Traceback" not in done.stdout
        return done

    return run


def fingerprint(issued: Issued) -> str:
    return issued.certificate.fingerprint(SHA256()).hex()


def uploaded(account: SandboxAccount) -> dict[str, str | None]:
    """What the provider has, by name."""
    return {
        name: domain["certificate"] and domain["certificate"]["sha256"]
        for name, domain in account.state().items()
    }


def said(done: subprocess.CompletedProcess[str]) -> str:
    return " ".join(done.stdout.replace("\\n", " ").split())


# --- renew_certificates --------------------------------------------------------------------------


def test_it_uploads_exactly_what_has_changed(
    account_of: Callable[..., SandboxAccount], certbot: Certbot, renew: Playbook
) -> None:
    """Two accounts in one run, and what each of them has stays its own."""
    one, other = account_of(TRACK, LINKS, BARE), account_of(OTHERS)
    first = {name: fingerprint(certbot.issue(name)) for name in (TRACK, LINKS, OTHERS)}
    done = renew(one, other)
    assert done.returncode == 0, done.stdout
    assert uploaded(one) == {TRACK: first[TRACK], LINKS: first[LINKS], BARE: None}
    assert uploaded(other) == {OTHERS: first[OTHERS]}
    assert one.operations() == {"list": 3, "update": 2}
    assert other.operations() == {"list": 3, "update": 1}
    assert f"has nothing for {BARE}" in done.stdout
    assert done.stdout.count("has nothing for") == 1

    done = renew(one, other)
    assert (done.returncode, "changed=0" in done.stdout) == (0, True), done.stdout
    assert one.operations() == other.operations() == {"list": 3}

    second = fingerprint(certbot.issue(TRACK, days=120))
    done = renew(one, options=("--check",))
    assert (done.returncode, "changed=1" in done.stdout) == (0, True), done.stdout
    assert one.operations() == {"list": 3}
    assert uploaded(one)[TRACK] == first[TRACK]

    done = renew(one)
    assert (done.returncode, "changed=1" in done.stdout) == (0, True), done.stdout
    assert one.operations() == {"list": 3, "update": 1}
    assert uploaded(one) == {TRACK: second, LINKS: first[LINKS], BARE: None}


def missing(live: Path) -> None:
    shutil.rmtree(live)


def dangling(live: Path) -> None:
    shutil.rmtree(live)
    live.symlink_to("gone")


def unreadable(live: Path) -> None:
    live.chmod(0)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (missing, "is not a directory"),
        (dangling, "is not a directory"),
        (unreadable, "Permission denied"),
    ],
)
def test_a_directory_that_cannot_be_looked_into_is_a_failure(
    account_of: Callable[..., SandboxAccount],
    certbot: Certbot,
    renew: Playbook,
    spoil: Callable[[Path], None],
    why: str,
) -> None:
    account = account_of(TRACK)
    certbot.issue(TRACK)
    spoil(certbot.live)
    done = renew(account, under=as_anybody())
    if spoil is unreadable:
        certbot.live.chmod(0o700)
    assert done.returncode == 2, done.stdout
    assert f"Cannot look for certificates in {certbot.live}: " in said(done)
    assert why in said(done)
    assert "renew_certificates_directory" in said(done)
    assert account.operations() == {"list": 1}


def as_anybody() -> tuple[str, ...]:
    """Root may read what nobody may; without these capabilities it may not."""
    if os.geteuid() != 0:
        return ()
    if not shutil.which("setpriv"):
        pytest.skip("root may read everything, and setpriv is not there to prevent that")
    return ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


def test_a_directory_with_nothing_for_the_account_is_a_failure(
    account_of: Callable[..., SandboxAccount], certbot: Certbot, renew: Playbook
) -> None:
    account = account_of(TRACK, LINKS)
    certbot.issue(OTHERS)
    done = renew(account)
    assert done.returncode == 2, done.stdout
    assert f"{certbot.live} has nothing for any of the account's tracking domains" in said(done)
    assert f"({LINKS}, {TRACK})" in said(done)
    assert account.operations() == {"list": 1}


def test_an_account_without_domains_is_no_failure(
    account_of: Callable[..., SandboxAccount], certbot: Certbot, renew: Playbook
) -> None:
    account = account_of()
    certbot.issue(OTHERS)
    done = renew(account)
    assert (done.returncode, "changed=0" in done.stdout) == (0, True), done.stdout
    assert uploaded(account) == {}


def test_files_that_lead_nowhere_are_a_failure_of_their_domain(
    account_of: Callable[..., SandboxAccount], certbot: Certbot, renew: Playbook
) -> None:
    account = account_of(TRACK, LINKS, BARE)
    good = fingerprint(certbot.issue(LINKS))
    certbot.issue(TRACK)
    (certbot.live / TRACK / "fullchain.pem").resolve().unlink()
    (certbot.live / BARE).symlink_to("gone")
    done = renew(account)
    assert done.returncode == 2, done.stdout
    for name in (TRACK, BARE):
        assert f"certificate file {certbot.live}/{name}/fullchain.pem" in said(done)
    assert uploaded(account) == {TRACK: None, LINKS: good, BARE: None}


@pytest.mark.parametrize(("within", "fails"), [("", True), (0, False)])
def test_it_fails_where_a_certificate_is_about_to_end(
    account_of: Callable[..., SandboxAccount],
    certbot: Certbot,
    renew: Playbook,
    within: Any,
    fails: bool,
) -> None:
    """After five and a half days. Zero days is a number of days, a blank is none."""
    account = account_of(TRACK, LINKS)
    certbot.issue(TRACK, days=5.5)
    certbot.issue(LINKS)
    done = renew(account, renew_certificates_expires_within=within)
    assert (done.returncode == 2) is fails, done.stdout
    assert (f"about to end, and were not renewed: {TRACK}" in said(done)) is fails
    assert account.operations() == {"list": 3, "update": 2}


def test_one_account_that_fails_stops_no_other(
    account_of: Callable[..., SandboxAccount],
    new_account: Callable[..., SandboxAccount],
    certbot: Certbot,
    renew: Playbook,
) -> None:
    """Nor does one that has no certificates at all: SendClean takes none."""
    bad, good, clean = account_of(LINKS), account_of(TRACK), new_account("sendclean")
    clean.seed(TRACK)
    fresh = fingerprint(certbot.issue(TRACK))
    done = renew(bad, good, clean)
    assert done.returncode == 2, done.stdout
    assert uploaded(good) == {TRACK: fresh}
    assert "account2 " in done.stdout
    assert done.stdout.count("failed=1") == 1
    assert clean.operations() == {"list": 1}


# --- converge ------------------------------------------------------------------------------------


def test_converge(
    sandbox: Sandbox,
    account_of: Callable[..., SandboxAccount],
    certbot: Certbot,
    tmp_path: Path,
) -> None:
    account = account_of()
    sandbox.client.set_record(TRACK, "CNAME", account.target)
    issued = certbot.issue(TRACK)
    paths = {
        "certificate_path": str(certbot.live / TRACK / "fullchain.pem"),
        "private_key_path": str(certbot.live / TRACK / "privkey.pem"),
    }
    variables = {
        **connection(account),
        "tracking_domain_domains": [{"name": TRACK, **paths}],
        "tracking_domain_dns_servers": [str(sandbox.dns_address)],
    }
    play = {"name": "Converge", "import_playbook": "mailops.email.converge"}
    for changed in (True, False):
        done = run_playbook([play], place=tmp_path, variables=variables)
        assert done.returncode == 0, done.stdout
        assert ("changed=0" not in done.stdout) is changed, done.stdout
    sandbox.client.delete_record(TRACK)
    assert account.state()[TRACK]["verified"]
    assert uploaded(account) == {TRACK: fingerprint(issued)}
    assert account.calls()["writes"] == 1


def test_converge_takes_a_date_without_quotes(
    sandbox: Sandbox, account_of: Callable[..., SandboxAccount], tmp_path: Path
) -> None:
    """YAML makes a date of it, which is no text."""
    account = account_of(TRACK, LINKS)
    hosts = {
        "one": {
            **connection(account),
            "tracking_domain_domains": [
                {"name": TRACK, "retire_on": date(2020, 1, 1)},
                {"name": LINKS, "retire_on": date(2999, 12, 31)},
            ],
            "tracking_domain_dns_servers": [str(sandbox.dns_address)],
            "tracking_domain_verify": False,
        }
    }
    play = {"name": "Converge", "import_playbook": "mailops.email.converge"}
    done = run_playbook([play], place=tmp_path, hosts=hosts)
    assert "retire_on: 2020-01-01\n" in (tmp_path / "hosts.yml").read_text()
    assert done.returncode == 0, done.stdout
    assert set(account.state()) == {LINKS}


# --- plans for a pipeline ------------------------------------------------------------------------


def plan_of_the_page() -> list[dict[str, Any]]:
    """The playbook that docs/docsite/rst/pipelines.rst shows."""
    text = (CHECKOUT / "docs" / "docsite" / "rst" / "pipelines.rst").read_text()
    (block,) = re.findall(r"code-block:: yaml\n\n((?:    .*\n|\n)+)", text)
    plays: list[dict[str, Any]] = yaml.safe_load(textwrap.dedent(block))
    return plays


@pytest.mark.parametrize(
    ("record", "returncode", "changes", "strict"),
    [("target", 0, 4, 2), ("other.example.net", 2, 2, 2)],
    ids=["would change", "in the way"],
)
def test_a_pipeline_can_tell_a_change_from_an_obstacle(
    sandbox: Sandbox,
    account_of: Callable[..., SandboxAccount],
    tmp_path: Path,
    record: str,
    returncode: int,
    changes: int,
    strict: int,
) -> None:
    # From a domain that is there, a check run knows what the others have to point to.
    account = account_of(OTHERS)
    value = account.target if record == "target" else record
    for name in (TRACK, LINKS):
        sandbox.client.set_record(name, "CNAME", value)
    host, port = str(sandbox.dns_address).rsplit(":", 1)
    variables = {
        **connection(account),
        "tracking_domain_dns_servers": [str(sandbox.dns_address)],
        "tracking_domain_dns_provider": "nsupdate",
        "tracking_domain_nsupdate_server": host,
        "tracking_domain_nsupdate_port": port,
        "tracking_domain_nsupdate_key_name": sandbox.tsig.name,
        "tracking_domain_nsupdate_key_secret": sandbox.tsig.secret,
    }

    def run(*options: str, **more: Any) -> tuple[int, dict[str, Any]]:
        done = run_playbook(
            plan_of_the_page(), *options, place=tmp_path, variables={**variables, **more}
        )
        plan: dict[str, Any] = json.loads((tmp_path / "plan.json").read_text())
        return done.returncode, plan

    code, plan = run("--check")
    assert (code, plan["changes"], bool(plan["problems"])) == (returncode, changes, bool(code))
    code, _plan = run("--check", tracking_domain_expect_no_changes=True)
    assert code == strict
    assert set(account.state()) == {OTHERS}
    if returncode == 0:
        assert run()[0] == 0
        for more in ({}, {"tracking_domain_expect_no_changes": True}):
            code, plan = run("--check", **more)
            assert (code, plan["changes"], plan["problems"]) == (0, 0, [])
            assert plan["counts"]["right"] == 2
    for name in (TRACK, LINKS):
        sandbox.client.delete_record(name)
