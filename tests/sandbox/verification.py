# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verification: ask a DNS server for the CNAME, as a vendor does, and compare it to the target."""

from __future__ import annotations

import time

import dns.exception
import dns.message
import dns.name
import dns.query
import dns.rdatatype

from .accounts import Account
from .names import fold

_LONGEST_CHAIN = 8


class CnameChecker:
    """Asks one DNS server (host, port); without a server every check fails."""

    def __init__(self, server: tuple[str, int] | None, *, timeout: float = 2.0) -> None:
        self.server = server
        self._timeout = timeout

    def check(self, account: Account, name: str) -> bool:
        """Whether the name leads to the account's target; failed checks may come from a cache."""
        key = fold(name)
        with account.lock:
            until, checks_left = account.failed_checks.get(key, (0.0, 0))
            if checks_left > 0:
                account.failed_checks[key] = (until, checks_left - 1)
                return False
            if time.monotonic() < until:
                return False
        verified = self._leads_to(name, account.target, account.switches["follows_chains"])
        with account.lock:
            account.failed_checks.pop(key, None)
            if not verified:
                account.failed_checks[key] = (
                    time.monotonic() + account.switches["negative_cache_seconds"],
                    account.switches["negative_cache_checks"],
                )
        return verified

    def _leads_to(self, name: str, target: str, follow: bool) -> bool:
        wanted = dns.name.from_text(target)
        at = dns.name.from_text(name)
        for _link in range(_LONGEST_CHAIN if follow else 1):
            following = self._cname(at)
            if following is None or following == wanted:
                return following == wanted
            at = following
        return False

    def _cname(self, name: dns.name.Name) -> dns.name.Name | None:
        if self.server is None:
            return None
        host, port = self.server
        query = dns.message.make_query(name, dns.rdatatype.CNAME)
        try:
            answer, _tcp = dns.query.udp_with_fallback(
                query, host, port=port, timeout=self._timeout
            )
        except (dns.exception.DNSException, OSError):
            return None
        for rrset in answer.answer:
            if rrset.rdtype == dns.rdatatype.CNAME and rrset.name == name:
                target: dns.name.Name = rrset[0].target
                return target
        return None
