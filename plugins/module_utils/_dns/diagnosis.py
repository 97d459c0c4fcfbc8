# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what each name server answered to the diagnosis of a name. No I/O here.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.mailops.email.plugins.module_utils._dns.messages import Doubts, Messages
from ansible_collections.mailops.email.plugins.module_utils._dns.model import (
    APEX,
    AUTHORITATIVE,
    CHAIN_LOOP,
    CHAIN_TOO_LONG,
    CHAIN_UNSERVED,
    CONFLICT,
    DANGLING_TARGET,
    DOUBLED_ZONE,
    GIVEN,
    INVALID_NAME,
    LOOP,
    MISMATCH,
    MISSING,
    OK,
    PROXIED,
    UNKNOWN,
    WILDCARD,
    Finding,
    LookupRequest,
    ServerAnswer,
    TargetFacts,
)
from ansible_collections.mailops.email.plugins.module_utils._names import same_name

# Where servers disagree, the worst of their answers counts.
_BEST_TO_WORST = (
    OK,
    UNKNOWN,  # of a definitive answer: there is a CNAME, and the target is not known
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
# These stay the same, whatever else becomes known.
_CERTAIN = (APEX, DOUBLED_ZONE)

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
    request: LookupRequest,
    answers: t.Sequence[ServerAnswer],
    *,
    zone: str | None,
    target: TargetFacts | None = None,
    asked: str = AUTHORITATIVE,
    error: str | None = None,
) -> Finding:
    """The finding for one name from the answers of all servers that were asked.

    :param zone: the zone that the name is in, where it could be found.
    :param target: what is known of the question's target.
    :param asked: who was asked: ``AUTHORITATIVE``, ``RECURSIVE`` or ``GIVEN``.
    :param error: why no server could be asked at all.
    """
    name = _normalised(request.name)
    classifier = _Classifier(request, target or TargetFacts(), zone, asked)
    messages = Messages(
        name, target=classifier.target, facts=classifier.facts, zone=zone, asked=asked
    )
    usable = [answer for answer in answers if answer.problem is None]
    problems = [answer for answer in answers if answer.problem is not None]
    if zone is not None and same_name(zone, name):
        # The zone's own SOA record says it, whatever its servers answer.
        status = APEX
        verdicts = [(answer, APEX) for answer in usable]
    elif usable:
        verdicts = [(answer, classifier.classify(answer)) for answer in usable]
        status = max((verdict for _answer, verdict in verdicts), key=_BEST_TO_WORST.index)
    else:
        return Finding(
            status=UNKNOWN,
            reason=messages.no_answer_reason(problems, error),
            expected=classifier.target,
            fix=messages.no_answer_fix(error),
            zone=zone,
            # Where nothing can stand, nothing leads anywhere.
            points_at_target=False if error == INVALID_NAME else None,
        )
    doubts = classifier.doubts(verdicts)
    certain = status in _CERTAIN or not any(doubts)
    agreed = certain and len({(verdict, answer.chain) for answer, verdict in verdicts}) <= 1
    leading = [answer for answer in usable if classifier.leads_to_target(answer)]
    points_at_target, only_addresses = classifier.points_at_target(usable, problems)
    return Finding(
        status=status,
        reason=messages.reason(status, verdicts, problems, doubts),
        expected=classifier.target,
        found=[answer.as_found() for answer in usable],
        fix=messages.fix(status, verdicts, doubts),
        zone=zone,
        definitive=status != UNKNOWN,
        agreed=agreed,
        points_at_target=points_at_target,
        only_addresses=only_addresses,
        served_by=[answer.server for answer in leading],
        wildcard=any(answer.wildcard for answer in leading),
        hopeless=agreed and status in _HOPELESS,
    )


class _Classifier:
    """Where one name must lead, and what is known about that."""

    def __init__(
        self, request: LookupRequest, facts: TargetFacts, zone: str | None, asked: str
    ) -> None:
        self.target = request.target and _normalised(request.target)
        self.facts = facts
        self._name = _normalised(request.name)
        self._targets = [*filter(None, [self.target]), *map(_normalised, request.other_targets)]
        self._to_delete = request.to_delete
        self._zone = zone
        self._asked = asked

    def classify(self, answer: ServerAnswer) -> str:
        """The status by one server's definitive answer."""
        if answer.apex:
            return APEX
        if answer.chain:
            return self._classify_chain(answer)
        if answer.doubled:
            return DOUBLED_ZONE
        if answer.wildcard:
            return WILDCARD
        if self._is_flattened(answer) or _is_behind_cloudflare(answer):
            return PROXIED
        return CONFLICT if answer.addresses or answer.other_types else MISSING

    def _classify_chain(self, answer: ServerAnswer) -> str:
        if answer.extra_cnames and not answer.wildcard:
            return CONFLICT
        if answer.chain_end == CHAIN_LOOP:
            return LOOP
        if self.target is None:
            return UNKNOWN
        if answer.reaches(self.target) and not answer.extra_cnames:
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
                answer.chain_end == CHAIN_TOO_LONG
                for answer, verdict in verdicts
                if verdict == MISMATCH
            ),
            more=self.facts.incomplete,
        )

    def leads_to_target(self, answer: ServerAnswer) -> bool:
        """Whether the name leads to the target, or to another one of the provider.

        A name with an address of the target does: its links work, and anyone who claims the name there
        owns them.
        """
        if self.target is None:
            return bool(answer.chain)
        return any(map(answer.reaches, self._targets)) or self._leads_by_address(answer)

    def points_at_target(
        self, usable: t.Sequence[ServerAnswer], problems: t.Sequence[ServerAnswer]
    ) -> tuple[bool | None, bool]:
        """Whether the name does; and if that cannot be known, whether for its addresses alone."""
        if self.target is not None and any(map(self.leads_to_target, usable)):
            return True, False
        if (
            not usable
            or any(map(self._may_lead_by_cname, usable))
            or any(map(self._unanswered_may_lead, problems))
            or len({answer.destination for answer in usable}) > 1
        ):
            return None, False
        return (None, True) if any(map(self._may_lead_by_address, usable)) else (False, False)

    def _may_lead_by_cname(self, answer: ServerAnswer) -> bool:
        """By a CNAME, of one that does not for certain."""
        if self.target is None and answer.chain:
            # To a target that is not known.
            return True
        # What is beyond what could be asked cannot be seen.
        return answer.chain_end in (CHAIN_UNSERVED, CHAIN_TOO_LONG) or (
            self._to_delete and any(map(self._is_in_a_targets_domain, answer.chain))
        )

    def _is_in_a_targets_domain(self, link: str) -> bool:
        """Whether a name is in a target's domain: the provider may have more targets than it says."""
        for target in self._targets:
            domain = target.partition(".")[2]
            if "." in domain and _is_within(link, domain) and not _is_within(self._name, domain):
                return True
        return False

    def _may_lead_by_address(self, answer: ServerAnswer) -> bool:
        addresses = answer.addresses
        if answer.chain and _is_within(answer.chain[-1], self._zone or self._name):
            # At a name of the same hands, which may be flattened as well.
            addresses += answer.end_addresses
        if not addresses:
            return answer.addresses_incomplete is not None
        return (
            answer.addresses_incomplete is not None
            or self.target is None
            or self.facts.incomplete is not None
            or self._may_be_flattened(answer)
            or any(map(_is_cloudflare_address, addresses))
        )

    def _leads_by_address(self, answer: ServerAnswer) -> bool:
        known = self.facts.all_addresses.union(self.facts.addresses or ())
        return not known.isdisjoint((*answer.addresses, *answer.end_addresses))

    def _unanswered_may_lead(self, answer: ServerAnswer) -> bool:
        """Of one that gave no definitive answer.

        Of the servers that the user named, each may know other zones alone; but one that the zone
        itself names may refuse this host alone.
        """
        return not (answer.refusal and self._asked == GIVEN)

    def _may_be_flattened(self, answer: ServerAnswer) -> bool:
        return bool(answer.addresses) and self.target is not None and self.facts.addresses is None

    def _is_flattened(self, answer: ServerAnswer) -> bool:
        known = self.facts.addresses
        return bool(answer.addresses) and known is not None and known.issuperset(answer.addresses)


def _is_behind_cloudflare(answer: ServerAnswer) -> bool:
    return bool(answer.addresses) and all(map(_is_cloudflare_address, answer.addresses))


def _is_cloudflare_address(address: str) -> bool:
    return any(ipaddress.ip_address(address) in network for network in _CLOUDFLARE)


def _is_within(name: str, domain: str) -> bool:
    return f".{name}".endswith(f".{domain}")


def _normalised(name: str) -> str:
    return name.rstrip(".").lower()
