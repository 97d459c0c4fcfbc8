# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The messages of a DNS diagnosis: the reason, and what to do, so that a newcomer can act.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.mailops.email.plugins.module_utils._dns.model import (
    APEX,
    CHAIN_NXDOMAIN,
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
    RECURSIVE,
    UNKNOWN,
    WILDCARD,
    ServerAnswer,
    TargetFacts,
)
from ansible_collections.mailops.email.plugins.module_utils._names import same_name

_RECORD_TTL = 300  # seconds, in the record to publish

Verdicts = t.Sequence[t.Tuple[ServerAnswer, str]]


class Doubts(t.NamedTuple):
    """What could not be known, and would make the status another one.

    :param flattened: whether addresses at the name are the target's own.
    :param wildcard: whether what answers is a wildcard.
    :param long: where a chain of CNAMEs ends.
    :param more: why the target may have more addresses than those that were compared.
    """

    flattened: bool
    wildcard: bool
    long: bool
    more: str | None = None


class Messages:
    """The messages about one name.

    :param target: where the name must lead; None: not known.
    :param facts: what is known of the target.
    :param zone: the zone of the name; None: not found.
    :param asked: who was asked about it: one of ``AUTHORITATIVE``, ``RECURSIVE`` and ``GIVEN``.
    """

    def __init__(
        self, name: str, *, target: str | None, facts: TargetFacts, zone: str | None, asked: str
    ) -> None:
        self._name = name
        self._target = target
        self._facts = facts
        self._zone = zone
        self._asked = asked

    # --- the reason --------------------------------------------------------------------------

    def reason(
        self,
        status: str,
        verdicts: Verdicts,
        problems: t.Sequence[ServerAnswer],
        doubts: Doubts,
    ) -> str:
        """The records at the name, the worst first.

        :param verdicts: each server's definitive answer and the status by it.
        :param problems: the answers that are not definitive.
        """
        # Servers that say the same share a sentence.
        servers_by_text: dict[str, list[str]] = {}
        for answer, verdict in sorted(verdicts, key=lambda pair: pair[1] != status):
            servers_by_text.setdefault(self._describe(answer, verdict), []).append(answer.server)
        sentences = [f"{text} (at {_listed(servers)})" for text, servers in servers_by_text.items()]
        if not sentences:
            sentences = [self._apex()]
        if self._target and status not in (OK, DANGLING_TARGET, APEX):
            sentences[0] += f"; expected: a CNAME to {self._target}"
        if doubts.flattened:
            why = f" ({self._facts.error})" if self._facts.error else ""
            sentences.append(
                f"The addresses of {self._target} could not be looked up{why}, so {self._name} may "
                "be flattened to them"
            )
        elif doubts.more:
            sentences.append(
                f"It is not known whether these are also addresses of {self._target} "
                f"({doubts.more})"
            )
        if doubts.wildcard:
            sentences.append(f"It is not known whether a wildcard answers for {self._name}")
        lagging = _lagging(verdicts)
        if lagging:
            sentences.append(f"{_listed(lagging)} may just lag behind the other servers")
        if status == MISSING and self._zone is not None and "." not in self._zone.rstrip("."):
            sentences.append(
                f"The closest zone in the DNS is {self._zone!r}: check that the domain is "
                "registered and delegated"
            )
        if problems:
            sentences.append(f"No definitive answer came from {_described(problems)}")
        return " ".join(f"{_capital(sentence)}." for sentence in sentences)

    def no_answer_reason(self, problems: t.Sequence[ServerAnswer], error: str | None) -> str:
        """The reason where no definitive answer came.

        :param error: why no server could be asked at all.
        """
        if problems:
            why = f"No name server gave a definitive answer: {_described(problems)}"
        else:
            why = f"No name server could be asked: {error or 'none was found'}"
        return f"It is not known which records {self._name} has. {why}."

    def _describe(self, answer: ServerAnswer, verdict: str) -> str:
        """One server's answer, in a phrase."""
        name, target, path = self._name, self._target, self._path(answer)
        if verdict == APEX:
            return self._apex()
        if verdict == OK:
            return self._ok(answer)
        if verdict == MISSING:
            return f"there is no record at {name}"
        if verdict == MISMATCH:
            return f"{name} is a CNAME to {path}"
        if verdict == LOOP:
            return f"the CNAMEs at {name} form a loop: {name} -> {path}"
        if verdict == DANGLING_TARGET:
            return f"{name} leads to {target} as it should, but {target} does not exist (NXDOMAIN)"
        if verdict == DOUBLED_ZONE:
            return (
                f"the record is not at {name} but at {name}.{self._zone}, with the zone twice: a "
                f"CNAME to {answer.doubled}"
            )
        if verdict == WILDCARD:
            return (
                f"there is no record at {name} itself, but a wildcard answers with "
                f"{_records_at(answer)}"
            )
        if verdict == PROXIED:
            return (
                f"{name} answers with the addresses of the target or of a proxy "
                f"({', '.join(answer.addresses)}) and hides the CNAME: it is proxied or flattened"
            )
        if verdict == CONFLICT and answer.extra_cnames:
            return (
                f"there are {len(answer.cnames)} CNAMEs at {name}, to {_listed(answer.cnames)}, "
                "but only one is allowed (RFC 1034 3.6.2, RFC 2181 10.1)"
            )
        if verdict == CONFLICT:
            return f"there are other records at {name} instead of the CNAME: {_records_at(answer)}"
        return f"{name} is a CNAME to {path}, but the expected target is not known"

    def _ok(self, answer: ServerAnswer) -> str:
        text = f"{self._name} is a CNAME to {self._target}"
        if len(answer.chain) > 1:
            text = f"{self._name} reaches the target by a chain: {self._path(answer)}"
        return f"{text}, by a wildcard rather than a record of its own" if answer.wildcard else text

    def _apex(self) -> str:
        return (
            f"{self._name} is the apex of a zone: it has SOA and NS records, and a CNAME is not "
            "possible beside them (RFC 1034 3.6.2)"
        )

    def _path(self, answer: ServerAnswer) -> str:
        path = " -> ".join(answer.chain)
        if answer.chain_end == CHAIN_NXDOMAIN:
            return f"{path}, which does not exist"
        if answer.chain_end == CHAIN_UNSERVED:
            return f"{path}, for which the queried servers are not responsible"
        if answer.chain_end == CHAIN_TOO_LONG:
            return f"{path} and so on: this chain is too long to follow"
        return path

    # --- the fix -----------------------------------------------------------------------------

    def fix(self, status: str, verdicts: Verdicts, doubts: Doubts) -> str | None:
        """What to do: the record as a line of a zone file where publishing it is all."""
        name, target = self._name, self._target
        answers = [answer for answer, verdict in verdicts if verdict == status]
        if status == OK:
            return None
        if lagging := _lagging(verdicts):
            return self._wait_for(lagging)
        if status == APEX:
            # The registry or the parent zone decides about the apex; another name is the way.
            label = "link" if name.startswith("track.") else "track"
            return (
                "A CNAME is not possible at a zone's apex (RFC 1034 3.6.2): use a subdomain such "
                "as "
                f"{label}.{name} as the tracking domain"
            )
        if status == UNKNOWN:
            return "Set the target that the provider shows for this account, and run again"
        if status == DANGLING_TARGET:
            return f"Ask the provider for the current target, because {target} does not exist"
        if status == PROXIED:
            return (
                "Switch off the proxy (orange cloud / ALIAS flattening) for this record, so that "
                f"the DNS shows: {self._record()}"
            )
        if status == CONFLICT:
            return self._remove_others(answers, doubts)
        if status == DOUBLED_ZONE:
            short = name[: -len(self._zone or "") - 1]
            return (
                f"Your DNS panel appends the zone: enter '{short}' rather than '{name}'. Remove "
                f"{name}.{self._zone}, and publish: {self._record()}"
            )
        if status == MISMATCH and all(self._target_is_doubled(answer) for answer in answers):
            return (
                f"The zone was appended to the target: enter '{target}.' with a dot at its end. "
                f"Publish: {self._record()}"
            )
        return self._record() if target else f"Publish {self._record()}"

    def no_answer_fix(self, error: str | None) -> str:
        """What to do where no definitive answer came.

        :param error: why no server could be asked at all.
        """
        zone = self._zone or f"the zone of {self._name}"
        if error == INVALID_NAME:
            return (
                "Use a name with labels of 1 to 63 characters each and at most 253 characters "
                "in total"
            )
        if self._asked == GIVEN:
            return (
                "Check that this host can reach the servers in dns_servers (UDP and TCP, on the "
                f"given port), and that they serve or resolve {self._name}; or give other servers"
            )
        if self._asked == RECURSIVE:
            return (
                f"Check that this host's resolver answers and resolves {self._name}; or give other "
                "servers in dns_servers"
            )
        if error:
            return (
                f"Check that this host's resolver answers and finds the name servers of {zone}; or "
                "give these in dns_servers, so that no resolver is needed"
            )
        return (
            f"Check that the name servers of {zone} have addresses, that this host can reach them "
            "(port 53, UDP and TCP) and that they serve the zone; or give other servers in "
            "dns_servers, or set dns_check to recursive"
        )

    def _wait_for(self, lagging: t.Sequence[str]) -> str:
        """What to do where the other servers have the record."""
        text = (
            f"Do not publish anything: {_listed(lagging)} {'does' if len(lagging) == 1 else 'do'} "
            f"not have the current version of the zone yet. Wait for the zone transfer. If it does "
            f"not come, compare the serials in the SOA records of {self._zone or 'the zone'} at "
            "its servers"
        )
        if self._asked == GIVEN:
            text += (
                "; a resolver shows the current records after the time to live of its cached ones"
            )
        return text

    def _remove_others(self, answers: t.Sequence[ServerAnswer], doubts: Doubts) -> str:
        """What to do about records beside which the CNAME cannot stand."""
        name, target = self._name, self._target
        to_remove = sorted({kind for answer in answers for kind in _types(answer)})
        extra_cnames = [
            cname for answer in answers if answer.extra_cnames for cname in answer.cnames
        ]
        to_remove += [
            f"the CNAME to {cname}" for cname in dict.fromkeys(extra_cnames) if cname != target
        ]
        text = f"Remove {_listed(to_remove)} at {name}"
        if doubts.flattened:
            text = (
                f"If {name} is flattened (ALIAS, or a proxy), switch this off; if not, remove "
                f"{_listed(to_remove)} there"
            )
        if doubts.wildcard:
            text += ", unless a wildcard answers with that"
        if target and all(target in answer.cnames for answer in answers):
            return f"{text}, and keep the CNAME to {target}"
        return f"{text}, then publish: {self._record()}"

    def _record(self) -> str:
        if self._target is None:
            return f"a CNAME at {self._name} to the target that the provider names"
        return f"{self._name}. {_RECORD_TTL} IN CNAME {self._target}."

    def _target_is_doubled(self, answer: ServerAnswer) -> bool:
        return same_name(answer.chain[0], f"{self._target}.{self._zone}")


def _lagging(verdicts: Verdicts) -> list[str]:
    """The servers that are not right while others are."""
    lagging = [answer.server for answer, verdict in verdicts if verdict != OK]
    return lagging if len(lagging) < len(verdicts) else []


def _records_at(answer: ServerAnswer) -> str:
    """The records at the name, by type: ``A 192.0.2.1, 192.0.2.2 and TXT``."""
    if answer.chain:
        return " and ".join(f"a CNAME to {cname}" for cname in answer.cnames)
    values: dict[str, list[str]] = {}
    for address in answer.addresses:
        values.setdefault(_address_type(address), []).append(address)
    return _listed(
        [
            *(f"{kind} {', '.join(addresses)}" for kind, addresses in values.items()),
            *answer.other_types,
        ]
    )


def _types(answer: ServerAnswer) -> list[str]:
    return [*map(_address_type, answer.addresses), *answer.other_types]


def _address_type(address: str) -> str:
    return "A" if ipaddress.ip_address(address).version == 4 else "AAAA"


def _described(answers: t.Sequence[ServerAnswer]) -> str:
    return ", ".join(f"{answer.server} ({answer.problem})" for answer in answers)


def _listed(parts: t.Sequence[str]) -> str:
    """``a``, ``a and b``, or ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _capital(text: str) -> str:
    """With a capital first letter, unless a host name begins it."""
    return text if "." in text.split(" ", 1)[0] else text[:1].upper() + text[1:]
