# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The DNS of a case: what stands at each name, seen by the collection and by the vendor's check.

The live look is replaced whole, but for the diagnosis of what the servers answered: that is the
collection's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.mailops.email.plugins.module_utils._dns.diagnosis import diagnose
from ansible_collections.mailops.email.plugins.module_utils._dns.model import (
    CHAIN_LOOP,
    CHAIN_NXDOMAIN,
    CHAIN_UNSERVED,
    Finding,
    LookupRequest,
    ServerAnswer,
    TargetFacts,
)
from ansible_collections.mailops.email.tests.fuzz.names import plain
from ansible_collections.mailops.email.tests.sandbox.verification import CnameChecker

SERVERS = ("ns1.example.com", "ns2.example.com")
TARGET_ADDRESSES = ("192.0.2.10", "2001:db8::10")
ELSEWHERE = "shop.example.net"
ALIAS = "links.example.org"

# What stands at a name: what each server answers (one answer: all of them the same). TARGET stands
# for the account's target.
TARGET = "TARGET"
_ANSWERS: dict[str, list[dict[str, Any]]] = {
    "nothing": [{}],
    "right": [{"chain": (TARGET,)}],
    "chain": [{"chain": (ALIAS, TARGET)}],
    "elsewhere": [{"chain": (ELSEWHERE,)}],
    "nowhere": [{"chain": (ELSEWHERE,), "chain_end": CHAIN_NXDOMAIN}],
    "loop": [{"chain": (ALIAS, ELSEWHERE), "chain_end": CHAIN_LOOP}],
    "leaves": [{"chain": (ELSEWHERE,), "chain_end": CHAIN_UNSERVED}],
    "address": [{"addresses": ("203.0.113.9",)}],
    "flat": [{"addresses": TARGET_ADDRESSES}],
    "overlap": [{"addresses": (TARGET_ADDRESSES[0], "203.0.113.9")}],
    "cloudflare": [{"addresses": ("104.16.1.1",)}],
    "text": [{"other_types": ("TXT",)}],
    "wildcard_right": [{"chain": (TARGET,), "wildcard": True}],
    "wildcard_elsewhere": [{"chain": (ELSEWHERE,), "wildcard": True}],
    "silent": [{"problem": "no answer"}],
    "half_silent": [{"problem": "SERVFAIL"}, {}],
    "half_right": [{"problem": "SERVFAIL"}, {"chain": (TARGET,)}],
    "disagree": [{"chain": (TARGET,)}, {}],
    "old": [{"chain": (TARGET,)}, {"chain": (ELSEWHERE,)}],
}
KINDS = tuple(_ANSWERS)

# What that means for a deletion, told without the collection's own judgement.
_LEADS = {"right", "chain", "wildcard_right", "half_right", "disagree", "old"}
_UNKNOWN = {"silent", "half_silent", "leaves"}
_PERHAPS = {"flat", "overlap", "cloudflare"}  # addresses that may be the target's
_CNAME = {"elsewhere", "nowhere", "loop", "wildcard_elsewhere"}


class Zone:
    """:param records: name -> {"kind": one of KINDS, "from": seconds before which nothing is there}."""

    def __init__(
        self, records: Mapping[str, Mapping[str, Any]], clock: Callable[[], float], target: str
    ) -> None:
        self._records = {plain(name): record for name, record in records.items()}
        self._clock = clock
        self._target = target

    def kind(self, name: str) -> str:
        record = self._records.get(plain(name), {})
        if self._clock() < record.get("from", 0.0):
            return "nothing"
        return str(record.get("kind", "nothing"))

    def changes(self, name: str) -> bool:
        return "from" in self._records.get(plain(name), {})

    def answers(self, name: str) -> list[ServerAnswer]:
        given = _ANSWERS[self.kind(name)]
        return [
            ServerAnswer(server, ttl=300, **self._filled(given[number % len(given)]))
            for number, server in enumerate(SERVERS)
        ]

    def _filled(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        filled = dict(answer)
        if "chain" in filled:
            filled["chain"] = tuple(
                self._target if link == TARGET else link for link in filled["chain"]
            )
        return filled

    def leads_to_the_provider(self, name: str) -> bool:
        return self.kind(name) in _LEADS and not self.changes(name)

    def forbids_deletion(self, name: str, *, ever_verified: bool, target_known: bool) -> str | None:
        """Why a domain must not be deleted unless somebody said so; None where it may."""
        kind = self.kind(name)
        if kind in _LEADS:
            return f"leads to the provider ({kind})"
        if kind in _UNKNOWN:
            return f"is not known ({kind})"
        if kind in _PERHAPS and ever_verified:
            return f"may lead to the provider ({kind})"
        if kind in _CNAME and not target_known:
            return f"leads somewhere, and nobody knows the target ({kind})"
        return None

    def permits_deletion(self, name: str, *, target_known: bool) -> bool:
        """Whether there is nothing at all that speaks against a deletion."""
        return self.kind(name) in {"nothing", "text"} or (
            target_known and self.kind(name) in {"elsewhere", "nowhere", "wildcard_elsewhere"}
        )


class LiveDnsDouble:
    """In place of `LiveDns`: the answers are the zone's, the judgement is the collection's."""

    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self.looked: list[str] = []

    def __call__(self, **_options: Any) -> LiveDnsDouble:
        return self

    def lookup(
        self, requests: Sequence[LookupRequest], *_more: Any, **_options: Any
    ) -> dict[str, Finding]:
        return {request.name: self._finding(request) for request in requests}

    def _finding(self, request: LookupRequest) -> Finding:
        self.looked.append(request.name)
        return diagnose(
            request,
            self._zone.answers(request.name),
            zone=request.name.partition(".")[2],
            target=TargetFacts(True, frozenset(TARGET_ADDRESSES)) if request.target else None,
        )

    def preflight(self, names: Sequence[str]) -> list[str]:
        return []


class ZoneChecker(CnameChecker):
    """The vendor's check: one of the servers is asked, for one link of a chain after the other."""

    def __init__(self, zone: Callable[[], Zone]) -> None:
        super().__init__(None)
        self._zone = zone

    def _leads_to(self, name: str, target: str, follow: bool) -> bool:
        answer = self._zone().answers(name)[-1]
        chain = answer.chain if follow else answer.chain[:1]
        return answer.problem is None and target in chain
