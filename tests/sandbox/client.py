# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client for the control interface: make accounts, set switches, inject faults, count calls."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests


class SandboxError(Exception):
    """The sandbox refused a control request; the text says why."""


class SandboxClient:
    """Talks to a sandbox at any of its origins, e.g. http://127.0.0.1:40001."""

    def __init__(self, origin: str, urls: Mapping[str, Mapping[str, str]]) -> None:
        """`urls`: vendor -> region ("" at SendClean) -> base URL of its API."""
        self._control = f"{origin}/_sandbox"
        self._urls = urls
        self._session = requests.Session()
        self._session.trust_env = False

    @classmethod
    def from_ready_file(cls, path: str | Path) -> SandboxClient:
        """For a sandbox that runs in a process of its own."""
        facts = json.loads(Path(path).read_text(encoding="utf-8"))
        urls = {
            "sendclean": {"": facts["sendclean"]["url"]},
            "sendcloud": facts["sendcloud"]["urls"],
        }
        return cls(facts["control_url"].removesuffix("/_sandbox"), urls)

    def account(
        self, vendor: str, account: str | None = None, *, region: str | None = None, **given: Any
    ) -> SandboxAccount:
        """Make an account. Also: identity, secret, target, sending_domains, switches."""
        made = self.ask("POST", "accounts", vendor=vendor, account=account, region=region, **given)
        return self._handle(made)

    def existing_account(self, vendor: str, account: str) -> SandboxAccount:
        for found in self.ask("GET", "accounts")["accounts"]:
            if (found["vendor"], found["account"]) == (vendor, account):
                return self._handle(found)
        raise SandboxError(f"{vendor} has no account {account!r}")

    def _handle(self, made: Mapping[str, Any]) -> SandboxAccount:
        return SandboxAccount(
            client=self,
            vendor=made["vendor"],
            label=made["account"],
            identity=made["identity"],
            secret=made["secret"],
            region=made["region"],
            target=made["cname_target"],
            url=self._urls[made["vendor"]][made["region"]],
        )

    def switch(self, vendor: str, **switches: Any) -> None:
        """Set switches for the whole vendor."""
        self.ask("PUT", "switches", vendor=vendor, switches=switches)

    def fault(self, kind: str, value: Any = None, **criteria: Any) -> None:
        """Inject a fault; see faults.KINDS and faults.Fault for kinds and criteria."""
        self.ask("POST", "faults", kind=kind, value=value, **criteria)

    def calls(self, **wanted: str) -> dict[str, Any]:
        """{calls, total, writes, actions, operations, most_in_flight, connections}."""
        return self.ask("GET", "calls", **wanted)

    def clear_calls(self, **wanted: str) -> None:
        self.ask("DELETE", "calls", **wanted)

    def reset(self) -> None:
        """Forget domains, calls, faults and switches; accounts stay."""
        self.ask("POST", "reset")

    def set_record(self, name: str, rdtype: str, *values: str, ttl: int = 300) -> None:
        self.ask("PUT", "dns/records", name=name, type=rdtype, values=values, ttl=ttl)

    def delete_record(self, name: str, rdtype: str | None = None) -> None:
        self.ask("DELETE", "dns/records", name=name, type=rdtype)

    def records(self, name: str, rdtype: str) -> list[str]:
        values: list[str] = self.ask("GET", "dns/records", name=name, type=rdtype)["values"]
        return values

    def dns_behaviour(self, behaviour: Mapping[str, str | float]) -> None:
        """How the DNS server misbehaves, by name; {} mends it."""
        self.ask("PUT", "dns/behaviour", **behaviour)

    def dns_log(self) -> dict[str, list[dict[str, Any]]]:
        """{queries, updates}."""
        return self.ask("GET", "dns/log")

    def clear_dns_log(self) -> None:
        self.ask("DELETE", "dns/log")

    def ask(self, method: str, what: str, **given: Any) -> dict[str, Any]:
        """One control request; `given` is the query string or, where there is one, the body."""
        in_query = method in ("GET", "DELETE")
        answer = self._session.request(
            method,
            f"{self._control}/{what}",
            params=given if in_query else None,
            json=None if in_query else given,
            timeout=30,
        )
        body: dict[str, Any] = answer.json()
        if answer.status_code != 200:
            raise SandboxError(body.get("error", answer.text))
        return body


@dataclass(frozen=True)
class SandboxAccount:
    """One account: what a client needs to use it, and the control requests narrowed to it."""

    client: SandboxClient
    vendor: str
    label: str
    identity: str
    secret: str
    region: str
    target: str
    url: str

    @property
    def module_options(self) -> dict[str, str]:
        """The connection options of the collection's modules for this account."""
        if self.vendor == "sendclean":
            return {
                "provider": "sendclean",
                "owner_id": self.identity,
                "token": self.secret,
                "cname_target": self.target,
                "api_url": self.url,
            }
        return {
            "provider": "sendcloud",
            "api_user": self.identity,
            "api_key": self.secret,
            "region": self.region,
            "api_url": self.url,
        }

    @property
    def _me(self) -> dict[str, str]:
        return {"vendor": self.vendor, "account": self.label}

    def switch(self, **switches: Any) -> None:
        self.client.ask("PUT", "switches", **self._me, switches=switches)

    def fault(self, kind: str, value: Any = None, **criteria: Any) -> None:
        self.client.fault(kind, value, **self._me, **criteria)

    def pending_faults(self) -> list[dict[str, Any]]:
        faults: list[dict[str, Any]] = self.client.ask("GET", "faults", **self._me)["faults"]
        return faults

    def clear_faults(self) -> None:
        self.client.ask("DELETE", "faults", **self._me)

    def calls(self, **wanted: str) -> dict[str, Any]:
        return self.client.calls(**self._me, **wanted)

    def operations(self) -> dict[str, int]:
        """How many calls of each operation: {"list": 1, "add": 1}."""
        counts: dict[str, int] = self.calls()["operations"]
        return counts

    def clear_calls(self) -> None:
        self.client.clear_calls(**self._me)

    def seed(
        self,
        *names: str,
        domains: Iterable[Mapping[str, Any]] = (),
        count: int = 0,
        **common: Any,
    ) -> list[dict[str, Any]]:
        """Put domains in, in place of all others: names, whole objects, or `count` by `pattern`.

        `common` (verified, certificate, created) holds for all; keep=True keeps the others.
        """
        given = [{"name": name} for name in names] + [dict(domain) for domain in domains]
        body = {"domains": given, "count": count, **common}
        made: list[dict[str, Any]] = self.client.ask("PUT", "state", **self._me, **body)["domains"]
        return made

    def state(self) -> dict[str, dict[str, Any]]:
        """The domains as the vendor keeps them, by name in lower case."""
        domains = self.client.ask("GET", "state", **self._me)["domains"]
        return {domain["name"].lower(): domain for domain in domains}

    def senders(self) -> dict[str, dict[str, Any]]:
        """SendCloud's API_USERs as its API shows them, by name."""
        senders = self.client.ask("GET", "state", **self._me)["senders"]
        return {sender["name"]: sender for sender in senders}

    def change(self, **changes: Any) -> None:
        """target, sending_domains, senders (a list of the fields of accounts.Sender)."""
        self.client.ask("PUT", "accounts", **self._me, **changes)

    def reset(self) -> None:
        self.client.ask("POST", "reset", **self._me)

    def remove(self) -> None:
        self.client.ask("DELETE", "accounts", **self._me)
