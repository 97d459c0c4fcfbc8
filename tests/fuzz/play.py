# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays a case: builds its world, runs the modules in it, and writes down what there was to see.

A case is four runs: info, a check run, the real run and a second one. No run waits, opens a socket
or starts a process.
"""

from __future__ import annotations

import functools
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any
from unittest import mock

from flask import Flask

from ansible_collections.mailops.email.plugins.module_utils._dns import live_dns
from ansible_collections.mailops.email.tests.fuzz.clock import Clock
from ansible_collections.mailops.email.tests.fuzz.network import ORIGIN, Network, Trouble
from ansible_collections.mailops.email.tests.fuzz.worlds import Case
from ansible_collections.mailops.email.tests.fuzz.zones import LiveDnsDouble, Zone, ZoneChecker
from ansible_collections.mailops.email.tests.sandbox import (
    accounts,
    sendclean,
    sendcloud,
    vendor,
    verification,
)
from ansible_collections.mailops.email.tests.sandbox.accounts import Account
from ansible_collections.mailops.email.tests.sandbox.calls import Call
from ansible_collections.mailops.email.tests.sandbox.faults import Fault
from ansible_collections.mailops.email.tests.sandbox.world import World
from ansible_collections.mailops.email.tests.support.certificates import DAY, Authority, Issued, now
from ansible_collections.mailops.email.tests.unit.run_module import Ran, run_module

_APIS = {"sendclean": sendclean.SendClean, "sendcloud": sendcloud.SendCloud}
_PATHS = {"sendclean": "/v1.0", "sendcloud": "/api"}
_START = datetime(2026, 6, 1, tzinfo=timezone.utc)
_LONG_AGO = "2026-01-01T00:00:00+00:00"
# Between two runs: whatever a vendor counts by the minute begins anew.
_PAUSE = 120.0
_TROUBLE_KEYS = ("kind", "operation", "skip", "count", "value")


@dataclass(frozen=True)
class Held:
    """A domain as the vendor has it."""

    name: str
    verified: bool
    listed_verified: bool
    certificate: str  # its fingerprint, or ""
    window: tuple[datetime, datetime] | None
    updated: datetime
    hidden: int


State = Mapping[int, Held]


@dataclass
class Seen:
    """One run and all that it did.

    :param step: info, check, real or again.
    :param altered: operations of which an answer was altered, so that the collection was told wrong.
    :param troubled: something went wrong on purpose in this run.
    """

    case: Case
    step: str
    options: dict[str, Any]
    before: State
    after: State
    calls: list[Call]
    ran: Ran
    zone: Zone
    target: str
    secrets: list[str]
    switches: dict[str, Any]
    seconds: float
    altered: set[str] = field(default_factory=set)
    troubled: bool = False

    @property
    def target_known(self) -> bool:
        """Whether somebody said what the CNAMEs have to point to; SendCloud itself does."""
        given = self.case["account"]
        return self.case["provider"] == "sendcloud" or bool(given.get("target_stated"))

    @property
    def effects(self) -> list[Call]:
        return [call for call in self.calls if call.write and call.took_effect]


class _Time:
    """The module `time` of the sandbox: the clock of the case that is played."""

    clock = Clock()

    def monotonic(self) -> float:
        return self.clock()

    def sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)


@contextmanager
def sandbox_without_waiting() -> Iterator[None]:
    """The sandbox on the time of the case that is played."""

    def moment() -> datetime:
        return _START + timedelta(seconds=int(_Time.clock()))

    with ExitStack() as stack:
        for module in (accounts, vendor, verification):
            stack.enter_context(mock.patch.object(module, "time", _Time()))
        for module in (sendclean, sendcloud):
            stack.enter_context(mock.patch.object(module, "now", moment))
        yield


@functools.cache
def certificates() -> dict[str, tuple[Issued, str]]:
    """Certificates by name, each with its private key."""
    names = [f"*.example.{top}" for top in ("com", "net", "org")]
    authority = Authority.root()
    made = {
        "old": authority.issue(*names, not_after=now() + 30 * DAY),
        "new": authority.issue(*names, not_after=now() + 89 * DAY),
        "expired": authority.issue(*names, not_before=now() - 9 * DAY, not_after=now() - DAY),
    }
    found = {name: (issued, issued.key) for name, issued in made.items()}
    found["alien_key"] = (made["new"], made["old"].key)
    return found


class Play:
    """A case being played."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.clock = _Time.clock = Clock()
        self.world = World()
        self.provider = case["provider"]
        app = Flask("fuzz", static_folder=None)
        _APIS[self.provider](self.world).add_routes(app)
        self.network = Network(app, self.clock)
        self.account = self._account()
        self.zone = Zone(case["zone"], self.clock, self.account.target)
        self.dns = LiveDnsDouble(self.zone)
        self.world.checker = ZoneChecker(lambda: self.zone)
        self.secrets = [self.account.secret]

    def _account(self) -> Account:
        given = self.case["account"]
        account = self.world.create_account(
            self.provider,
            label="fuzz",
            secret=f'k/+ %&"<é{secrets.token_hex(8)}',
            sending_domains=given.get("sending_domains", ()),
            switches=self.case["switches"],
        )
        for domain in given["domains"]:
            seeded = {"created": _LONG_AGO, "updated": _LONG_AGO, **domain}
            if "certificate" in domain:
                issued, _key = certificates()[domain["certificate"]]
                leaf = issued.certificate
                seeded["certificate"] = {
                    "not_before": leaf.not_valid_before_utc.isoformat(),
                    "not_after": leaf.not_valid_after_utc.isoformat(),
                    "sha256": _fingerprint(issued),
                }
            self.world.seed(account, [seeded])
        return account

    def run(self) -> Iterator[Seen]:
        case = self.case
        if case.get("info", ()) != ():
            info = {"name": case["info"]} if case["info"] else {}
            info["dns_check"] = case["task"].get("dns_check", "authoritative")
            common = ("timeout", "retries")
            info |= {key: case["task"][key] for key in common if key in case["task"]}
            yield self._step("info", "tracking_domain_info", info)
        options = self._options()
        yield self._step("check", case["module"], options, check=True)
        yield self._step("real", case["module"], options)
        self.clock.settle()
        yield self._step("again", case["module"], options)

    def _options(self) -> dict[str, Any]:
        entries = [self._entry(entry) for entry in self.case["entries"]]
        task = dict(self.case["task"])
        if self.case["module"] == "tracking_domains":
            return {**task, "domains": entries}
        of_sets = ("purge", "purge_limit", "purge_exclude", "concurrency")
        task = {key: value for key, value in task.items() if key not in of_sets}
        return {**task, **entries[0]}

    def _entry(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        options = dict(entry)
        if "certificate" in entry:
            issued, key = certificates()[entry["certificate"]]
            options["certificate"], options["private_key"] = issued.fullchain, key
            self.secrets.append(key)
        return options

    def _connection(self) -> dict[str, Any]:
        url = ORIGIN + _PATHS[self.provider]
        names = {"sendclean": ("owner_id", "token"), "sendcloud": ("api_user", "api_key")}
        identity, secret = names[self.provider]
        options = {
            "provider": self.provider,
            "api_url": url,
            identity: self.account.identity,
            secret: self.account.secret,
        }
        if self.case["account"].get("target_stated"):
            options["cname_target"] = self.account.target
        return options

    def _step(
        self, step: str, module: str, options: dict[str, Any], *, check: bool = False
    ) -> Seen:
        self.clock.sleep(_PAUSE)
        self.account.gone.clear()
        self.world.calls.clear()
        troubles = self._trouble(self.case["faults"].get(step, ()))
        before, start = self._state(), self.clock()
        with self.network.in_place(), mock.patch.object(live_dns, "LiveDns", self.dns):
            ran = run_module(
                module, {**self._connection(), **options}, check=check, diff=True, clock=self.clock
            )
        self.world.faults.clear()
        self.network.troubles.clear()
        switches = self.account.switches.as_dict()
        return Seen(
            case=self.case,
            step=step,
            options=options,
            before=before,
            after=self._state(),
            calls=self.world.calls.find(),
            ran=ran,
            zone=self.zone,
            target=self.account.target,
            secrets=self.secrets,
            switches=switches,
            seconds=self.clock() - start,
            altered=set(self.network.altered),
            troubled=bool(troubles or switches["delete_lag"] or switches["deletes_nothing"]),
        )

    def _trouble(self, given: Any) -> Any:
        self.network.altered.clear()
        for each in given:
            if each["at"] == "network":
                self.network.troubles.append(
                    Trouble(**{k: each[k] for k in _TROUBLE_KEYS if k in each})
                )
            else:
                fault = {
                    key: value for key, value in each.items() if key not in ("at", "operation")
                }
                self.world.faults.add(
                    Fault.from_dict({**fault, "action": each["operation"], "vendor": self.provider})
                )
        return given

    def _state(self) -> State:
        with self.account.lock:
            return {
                domain.id: Held(
                    domain.name,
                    domain.verified,
                    domain.listed_verified,
                    domain.certificate.sha256 if domain.certificate else "",
                    domain.certificate
                    and (domain.certificate.not_before, domain.certificate.not_after),
                    domain.updated,
                    domain.hidden_lists,
                )
                for domain in self.account.domains.values()
            }


def _fingerprint(issued: Issued) -> str:
    from cryptography.hazmat.primitives import hashes

    return issued.certificate.fingerprint(hashes.SHA256()).hex()
