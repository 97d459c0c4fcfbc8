# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts at the vendors and the tracking domains that each has."""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from .names import fold
from .switches import Switches


def now() -> datetime:
    return datetime.now(timezone.utc).replace(microsecond=0)


@dataclass(frozen=True)
class CertificateWindow:
    """What a vendor keeps of a certificate: when it is valid (UTC); for tests, which it was."""

    not_before: datetime
    not_after: datetime
    sha256: str = ""


@dataclass
class TrackingDomain:
    name: str
    id: int
    verified: bool = False
    listed_verified: bool = False  # what a list shows where a check does not refresh it
    created: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)
    certificate: CertificateWindow | None = None
    hidden_lists: int = 0  # list calls still to come that do not show it
    checks: int = 0

    def as_dict(self) -> dict[str, Any]:
        window = self.certificate
        return {
            "name": self.name,
            "id": self.id,
            "verified": self.verified,
            "created": self.created.isoformat(),
            "updated": self.updated.isoformat(),
            "checks": self.checks,
            "certificate": window
            and {
                "not_before": window.not_before.isoformat(),
                "not_after": window.not_after.isoformat(),
                "sha256": window.sha256,
            },
        }


@dataclass
class Sender:
    """An API_USER of SendCloud's: mail is sent by one, and the links in it have its tracking domain."""

    name: str
    tracking_domain: str = "track2.sendcloud.net"
    sending_domain: str = "mail.example.com"
    email_type: str = "Trigger"
    opens: int = 1
    clicks: int = 1
    unsubscribes: int = 0

    def as_row(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "cType": "non-test",
            "emailType": self.email_type,
            "domainName": self.sending_domain,
            "open": self.opens,
            "click": self.clicks,
            "unsubscribe": self.unsubscribes,
            "trackDomainName": self.tracking_domain,
        }


class Account:
    """One customer of one vendor. Take `lock` around anything that reads or changes `domains`."""

    def __init__(
        self,
        *,
        vendor: str,
        label: str,
        identity: str,
        secret: str,
        region: str,
        target: str,
        switches: Switches,
    ) -> None:
        self.vendor = vendor
        self.label = label
        self.identity = identity
        self.secret = secret
        self.region = region
        self.target = target
        self.switches = switches
        self.sending_domains: set[str] = set()
        self.lock = threading.RLock()
        self.domains: dict[int, TrackingDomain] = {}  # by id, in the order in which they came
        self.gone: list[tuple[TrackingDomain, int]] = []  # and how many list calls still show it
        self.senders: dict[str, Sender] = {}
        self.failed_checks: dict[str, tuple[float, int]] = {}  # name: (until, checks left)
        self._recent_calls: deque[float] = deque()

    def find(self, name: str) -> TrackingDomain | None:
        """The domain of this name: of several, the one that is spelled so, else the oldest."""
        found = [d for d in self.domains.values() if fold(d.name) == fold(name)]
        return next((d for d in found if d.name == name), found[0] if found else None)

    def find_id(self, domain_id: int) -> TrackingDomain | None:
        return self.domains.get(domain_id)

    def put(self, domain: TrackingDomain) -> TrackingDomain:
        """Put one in, in place of one that is spelled the same; other spellings stay beside it."""
        for other in [d for d in self.domains.values() if d.name == domain.name]:
            self.remove(other)
        self.domains[domain.id] = domain
        return domain

    def remove(self, domain: TrackingDomain) -> None:
        del self.domains[domain.id]

    def delete(self, domain: TrackingDomain) -> bool:
        """Delete one as the switches say; whether that took effect."""
        if self.switches["deletes_nothing"]:
            return False
        self.remove(domain)
        if self.switches["delete_lag"]:
            self.gone.append((domain, self.switches["delete_lag"]))
        return True

    def listed(self) -> list[TrackingDomain]:
        """The domains that one list call shows; the call counts towards their lag."""
        shown = [domain for domain, _lists in self.gone]
        self.gone = [(domain, lists - 1) for domain, lists in self.gone if lists > 1]
        for domain in self.domains.values():
            if domain.hidden_lists:
                domain.hidden_lists -= 1
            else:
                shown.append(domain)
        return shown

    def over_rate_limit(self) -> bool:
        """Count one call; true where the account has used up its calls of the window."""
        limit, window = self.switches["rate_limit"], self.switches["rate_limit_seconds"]
        if not limit:
            return False
        with self.lock:
            moment = time.monotonic()
            while self._recent_calls and self._recent_calls[0] <= moment - window:
                self._recent_calls.popleft()
            if len(self._recent_calls) >= limit:
                return True
            self._recent_calls.append(moment)
            return False

    def reset(self) -> None:
        with self.lock:
            self.domains.clear()
            self.gone.clear()
            self.senders.clear()
            self.failed_checks.clear()
            self._recent_calls.clear()
            self.switches.clear()


class Accounts:
    """All accounts, found by the credentials' public half or by the label that tests use."""

    def __init__(self, vendor_switches: Mapping[str, Switches]) -> None:
        self._switches = vendor_switches
        self._lock = threading.Lock()
        self._by_identity: dict[tuple[str, str], Account] = {}
        self._ids = 999223

    def __iter__(self) -> Iterator[Account]:
        with self._lock:
            return iter(list(self._by_identity.values()))

    def next_id(self) -> int:
        with self._lock:
            self._ids += 1
            return self._ids

    def by_identity(self, vendor: str, identity: object) -> Account | None:
        return self._by_identity.get((vendor, str(identity)))

    def by_label(self, vendor: str, label: str) -> Account | None:
        return next((a for a in self if a.vendor == vendor and a.label == label), None)

    def create(
        self,
        vendor: str,
        *,
        target: str,
        region: str = "",
        label: str | None = None,
        identity: str | None = None,
        secret: str | None = None,
        sending_domains: Iterable[str] = (),
        switches: Mapping[str, Any] | None = None,
    ) -> Account:
        """Make an account; what is not given is made up at random."""
        layer = self._switches[vendor].over()
        layer.set(switches or {})
        if identity is None:
            number = 10_000_000 + secrets.randbelow(90_000_000)
            identity = str(number) if vendor == "sendclean" else f"api_user_{number}"
        account = Account(
            vendor=vendor,
            label=label or identity,
            identity=identity,
            secret=secret or secrets.token_hex(16),
            region=region,
            target=target,
            switches=layer,
        )
        account.sending_domains = {fold(name) for name in sending_domains}
        with self._lock:
            taken = any(
                a.vendor == vendor and a.label == account.label for a in self._by_identity.values()
            )
            if taken or (vendor, identity) in self._by_identity:
                raise ValueError(f"{vendor} has an account {account.label!r} already")
            self._by_identity[vendor, identity] = account
        return account

    def remove(self, account: Account) -> None:
        with self._lock:
            self._by_identity.pop((account.vendor, account.identity), None)
