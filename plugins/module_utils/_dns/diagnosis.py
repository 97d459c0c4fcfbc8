# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what each name server answered to the diagnosis of a name. No I/O here.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.mailops.email.plugins.module_utils._dns.facts import (
    APEX,
    AUTHORITATIVE,
    CHAIN_LEAVES,
    CHAIN_LONG,
    CHAIN_LOOPS,
    CONFLICT,
    DANGLING_TARGET,
    DOUBLED_ZONE,
    GIVEN,
    LOOP,
    MISMATCH,
    MISSING,
    NO_NAME,
    OK,
    PROXIED,
    UNKNOWN,
    WILDCARD,
    Finding,
    Question,
    ServerAnswer,
    TargetFacts,
)
from ansible_collections.mailops.email.plugins.module_utils._dns.wording import Doubts, Wording
from ansible_collections.mailops.email.plugins.module_utils._names import same_name

# Where servers disagree, the worst of their answers counts.
_BEST_TO_WORST = (
    OK,
    UNKNOWN,  # of a definitive answer: a CNAME stands there, and nobody said what it has to be
    DANGLING_TARGET,
    MISSING,
    WILDCARD,
    PROXIED,
    MISMATCH,
    LOOP,
    DOUBLED_ZONE,
    CONFLICT,
    APEX,
)
_HOPELESS = (APEX, CONFLICT, DOUBLED_ZONE)
# What they are whatever else were known.
_SETTLED = (APEX, DOUBLED_ZONE)

# Where Cloudflare's proxy answers from, as published at https://www.cloudflare.com/ips/ .
_CLOUDFLARE = [
    ipaddress.ip_network(network)
    for networks in (
        "103.21.244.0/22 103.22.200.0/22 103.31.4.0/22 104.16.0.0/13 104.24.0.0/14",
        "108.162.192.0/18 131.0.72.0/22 141.101.64.0/18 162.158.0.0/15 172.64.0.0/13",
        "173.245.48.0/20 188.114.96.0/20 190.93.240.0/20 197.234.240.0/22 198.41.128.0/17",
        "2400:cb00::/32 2405:8100::/32 2405:b500::/32 2606:4700::/32 2803:f800::/32",
        "2a06:98c0::/29 2c0f:f248::/32",
    )
    for network in networks.split()
]


def diagnose(
    question: Question,
    answers: t.Sequence[ServerAnswer],
    *,
    zone: str | None,
    target: TargetFacts | None = None,
    asked: str = AUTHORITATIVE,
    trouble: str | None = None,
) -> Finding:
    """The finding for one name from the answers of all servers that were asked.

    :param zone: the zone that the name is in, where it could be found.
    :param target: what is known of the question's target.
    :param asked: who was asked: ``AUTHORITATIVE``, ``RECURSIVE`` or ``GIVEN``.
    :param trouble: why no server could be asked at all.
    """
    name = _plain(question.name)
    case = _Case(question, target or TargetFacts(), zone, asked)
    wording = Wording(name, target=case.target, facts=case.facts, zone=zone, asked=asked)
    usable = [answer for answer in answers if answer.problem is None]
    problems = [answer for answer in answers if answer.problem is not None]
    if zone is not None and same_name(zone, name):
        # The zone's own SOA record says it, whatever its servers answer.
        status = APEX
        verdicts = [(answer, APEX) for answer in usable]
    elif usable:
        verdicts = [(answer, case.judge(answer)) for answer in usable]
        status = max((verdict for _answer, verdict in verdicts), key=_BEST_TO_WORST.index)
    else:
        return Finding(
            status=UNKNOWN,
            reason=wording.nobody_answered(problems, trouble),
            expected=case.target,
            fix=wording.ask_others(trouble),
            zone=zone,
            # Where nothing can stand, nothing leads anywhere.
            points_at_target=False if trouble == NO_NAME else None,
        )
    doubts = case.doubts(verdicts)
    settled = status in _SETTLED or not any(doubts)
    agreed = settled and len({(verdict, answer.chain) for answer, verdict in verdicts}) <= 1
    serving = [answer for answer in usable if case.serves(answer)]
    points_at_target, only_addresses = case.points_at_target(usable, problems)
    return Finding(
        status=status,
        reason=wording.reason(status, verdicts, problems, doubts),
        expected=case.target,
        found=[answer.as_found() for answer in usable],
        fix=wording.fix(status, verdicts, doubts),
        zone=zone,
        definitive=status != UNKNOWN,
        agreed=agreed,
        points_at_target=points_at_target,
        only_addresses=only_addresses,
        served_by=[answer.server for answer in serving],
        wildcard=any(answer.wildcard for answer in serving),
        hopeless=agreed and status in _HOPELESS,
    )


class _Case:
    """What one name has to lead to, and what is known of that."""

    def __init__(
        self, question: Question, facts: TargetFacts, zone: str | None, asked: str
    ) -> None:
        self.target = question.target and _plain(question.target)
        self.facts = facts
        self._name = _plain(question.name)
        self._targets = [*filter(None, [self.target]), *map(_plain, question.others)]
        self._to_delete = question.to_delete
        self._zone = zone
        self._asked = asked

    def judge(self, answer: ServerAnswer) -> str:
        """The status by one server's definitive answer."""
        if answer.apex:
            return APEX
        if answer.chain:
            return self._judge_chain(answer)
        if answer.doubled:
            return DOUBLED_ZONE
        if answer.wildcard:
            return WILDCARD
        if self._is_flattened(answer) or _is_behind_cloudflare(answer):
            return PROXIED
        return CONFLICT if answer.addresses or answer.other_types else MISSING

    def _judge_chain(self, answer: ServerAnswer) -> str:
        if answer.rivals and not answer.wildcard:
            return CONFLICT
        if answer.chain_goes == CHAIN_LOOPS:
            return LOOP
        if self.target is None:
            return UNKNOWN
        if answer.reaches(self.target) and not answer.rivals:
            return DANGLING_TARGET if self.facts.exists is False else OK
        if answer.doubled:
            return DOUBLED_ZONE
        return WILDCARD if answer.wildcard else MISMATCH

    def doubts(self, verdicts: t.Sequence[tuple[ServerAnswer, str]]) -> Doubts:
        """What could make some of the verdicts another one, if it were known."""
        return Doubts(
            flattened=any(
                self._may_be_flattened(answer) for answer, verdict in verdicts if verdict != PROXIED
            ),
            wildcard=any(
                answer.wildcard is None
                for answer, verdict in verdicts
                if verdict in (CONFLICT, MISMATCH)
            ),
            long=any(
                answer.chain_goes == CHAIN_LONG
                for answer, verdict in verdicts
                if verdict == MISMATCH
            ),
            more=self.facts.perhaps_more,
        )

    def serves(self, answer: ServerAnswer) -> bool:
        """Whether the name leads to the target, or to another one of the provider.

        One with an address of it does: its links work, and whoever claims the name at the provider
        owns them.
        """
        if self.target is None:
            return bool(answer.chain)
        return any(map(answer.reaches, self._targets)) or self._has_its_address(answer)

    def points_at_target(
        self, usable: t.Sequence[ServerAnswer], problems: t.Sequence[ServerAnswer]
    ) -> tuple[bool | None, bool]:
        """Whether the name does; and if that cannot be known, whether for its addresses alone."""
        if self.target is not None and any(map(self.serves, usable)):
            return True, False
        if (
            not usable
            or any(map(self._may_lead_there, usable))
            or any(map(self._may_serve, problems))
            or len({answer.way for answer in usable}) > 1
        ):
            return None, False
        return (None, True) if any(map(self._may_have_its_address, usable)) else (False, False)

    def _may_lead_there(self, answer: ServerAnswer) -> bool:
        """By a CNAME, of one that does not for certain."""
        if self.target is None and answer.chain:
            # To whatever nobody said.
            return True
        # What is beyond what could be asked cannot be seen.
        return answer.chain_goes in (CHAIN_LEAVES, CHAIN_LONG) or (
            self._to_delete and any(map(self._is_beside_a_target, answer.chain))
        )

    def _is_beside_a_target(self, link: str) -> bool:
        """Whether a name is in a target's domain: the provider may have more targets than it says."""
        for target in self._targets:
            domain = target.partition(".")[2]
            if "." in domain and _is_within(link, domain) and not _is_within(self._name, domain):
                return True
        return False

    def _may_have_its_address(self, answer: ServerAnswer) -> bool:
        addresses = answer.addresses
        if answer.chain and _is_within(answer.chain[-1], self._zone or self._name):
            # At a name of the same hands, which may be flattened as well.
            addresses += answer.addresses_behind
        if not addresses:
            return answer.unseen is not None
        return (
            answer.unseen is not None
            or self.target is None
            or self.facts.perhaps_more is not None
            or self._may_be_flattened(answer)
            or any(map(_is_cloudflares, addresses))
        )

    def _has_its_address(self, answer: ServerAnswer) -> bool:
        known = self.facts.every_address.union(self.facts.addresses or ())
        return not known.isdisjoint((*answer.addresses, *answer.addresses_behind))

    def _may_serve(self, answer: ServerAnswer) -> bool:
        """Of one that gave no definitive answer.

        Of the servers that the user named, each may know other zones alone; but one that the zone
        itself names may refuse this host and nobody else.
        """
        return not (answer.refusal and self._asked == GIVEN)

    def _may_be_flattened(self, answer: ServerAnswer) -> bool:
        return bool(answer.addresses) and self.target is not None and self.facts.addresses is None

    def _is_flattened(self, answer: ServerAnswer) -> bool:
        known = self.facts.addresses
        return bool(answer.addresses) and known is not None and known.issuperset(answer.addresses)


def _is_behind_cloudflare(answer: ServerAnswer) -> bool:
    return bool(answer.addresses) and all(map(_is_cloudflares, answer.addresses))


def _is_cloudflares(address: str) -> bool:
    return any(ipaddress.ip_address(address) in network for network in _CLOUDFLARE)


def _is_within(name: str, domain: str) -> bool:
    return f".{name}".endswith(f".{domain}")


def _plain(name: str) -> str:
    return name.rstrip(".").lower()
