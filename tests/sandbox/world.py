# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything the sandbox knows, shared by both vendors and the control interface."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from . import sendclean_switches, sendcloud_switches
from .accounts import Account, Accounts, CertificateWindow, TrackingDomain, now
from .calls import CallLog
from .faults import FaultPlan
from .switches import Switches
from .verification import CnameChecker

# What a CNAME must point to where an account says nothing else. Nobody documents SendClean's.
TARGETS = {
    ("sendclean", ""): "track.sendclean.net",
    ("sendcloud", "singapore"): "track2.sendcloud.net",
    ("sendcloud", "china"): "track.sendcloud.org",
    ("sendcloud", "us"): "track2.sendcloud.net",
    ("sendcloud", "hongkong"): "track2.sendcloud.net",
}
VENDORS = ("sendclean", "sendcloud")


class World:
    def __init__(
        self, *, dns_server: tuple[str, int] | None = None, targets: Mapping[str, str] | None = None
    ) -> None:
        self.switches = {
            "sendclean": Switches(sendclean_switches.SWITCHES),
            "sendcloud": Switches(sendcloud_switches.SWITCHES),
        }
        self.accounts = Accounts(self.switches)
        self.calls = CallLog()
        self.faults = FaultPlan()
        self.checker = CnameChecker(dns_server)
        self._targets = dict(targets or {})

    def create_account(
        self,
        vendor: str,
        *,
        region: str | None = None,
        target: str | None = None,
        **given: Any,
    ) -> Account:
        """See Accounts.create; the region and the target have defaults here."""
        if vendor not in VENDORS:
            raise ValueError(f"vendor is one of {', '.join(VENDORS)}, not {vendor!r}")
        region = region or ("singapore" if vendor == "sendcloud" else "")
        if (vendor, region) not in TARGETS:
            raise ValueError(f"{vendor} has no region {region!r}")
        target = target or self._targets.get(vendor) or TARGETS[vendor, region]
        return self.accounts.create(vendor, region=region, target=target, **given)

    def seed(self, account: Account, domains: Iterable[Mapping[str, Any]]) -> list[TrackingDomain]:
        """Put domains into an account as they are given, past every rule of the vendor."""
        made = []
        with account.lock:
            for given in domains:
                window = given.get("certificate")
                verified = bool(given.get("verified", False))
                domain = TrackingDomain(
                    name=given["name"],
                    id=int(given.get("id") or self.accounts.next_id()),
                    verified=verified,
                    listed_verified=verified,
                    created=_moment(given["created"]) if "created" in given else now(),
                    updated=_moment(given["updated"]) if "updated" in given else now(),
                    certificate=window
                    and CertificateWindow(
                        not_before=_moment(window["not_before"]),
                        not_after=_moment(window["not_after"]),
                        sha256=window.get("sha256", ""),
                    ),
                )
                made.append(account.put(domain))
        return made

    def reset(self, account: Account | None = None) -> None:
        """Forget domains, calls, faults and switches: of one account, or all of them."""
        if account is None:
            self.calls.clear()
            self.faults.clear()
            for switches in self.switches.values():
                switches.clear()
            for each in self.accounts:
                each.reset()
            return
        self.calls.clear(vendor=account.vendor, account=account.label)
        self.faults.clear(vendor=account.vendor, account=account.label)
        account.reset()


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
