# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accounts as tracking_domain_info returns them, for the tests of the audit."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

from ansible_collections.mailops.email.plugins.plugin_utils._audit.accounts import account_of
from ansible_collections.mailops.email.plugins.plugin_utils._audit.declared import declaration
from ansible_collections.mailops.email.plugins.plugin_utils._audit.report import report_of

TODAY = date(2026, 6, 15)
NOW = datetime(2026, 6, 15, 8, tzinfo=timezone.utc)
TARGET = "track2.sendcloud.net"
TRACK, LINKS, CLICK = "track.example.com", "links.example.com", "click.example.com"


def domain(
    name: str = TRACK, *, dns: str | None = "ok", days: int | None = None, **more: Any
) -> Any:
    """A verified domain whose record is right, but for what is said otherwise."""
    found: dict[str, Any] = {
        "name": name,
        "id": 1,
        "verified": True,
        "cname": {"name": name, "target": TARGET},
        "https": days is not None,
        "certificate": days if days is None else window(days),
        "senders": None,
        "vendor": {"secret": "of the vendor"},
        **more,
    }
    if dns:
        found["dns"] = {
            "status": dns,
            "reason": f"This is why it is {dns}.",
            "expected": TARGET,
            "found": [],
            "fix": None if dns == "ok" else f"{name}. 300 IN CNAME {TARGET}.",
            "zone": "example.com",
        }
    return found


def window(days: int) -> dict[str, Any]:
    return {
        "not_before": "2026-01-01T00:00:00Z",
        "not_after": "2026-12-31T00:00:00Z",
        "days_left": days,
    }


def tls(status: str, days: int | None = 80) -> dict[str, Any]:
    return {
        "status": status,
        "reason": f"A client sees {status}.",
        "days_left": days,
        "not_after": None,
    }


def account(
    *domains: Any,
    declared: Any = None,
    host: str = "one",
    provider: str = "sendcloud",
    sought: Any = None,
    within: int = 30,
) -> Any:
    return account_of(
        host,
        {"tracking_domains": list(domains)},
        sought,
        declaration(declared, TODAY),
        provider=provider,
        expires_within=within,
    )


def failed(host: str = "bad", error: str = "It does not answer.") -> Any:
    listing = {"failed": True, "msg": error, "failure": {"code": "network"}}
    return account_of(
        host, listing, None, declaration(None, TODAY), provider="sendclean", expires_within=30
    )


def report(*accounts: Any, previous: Any = None) -> Any:
    return report_of(accounts, now=NOW, previous=previous)
