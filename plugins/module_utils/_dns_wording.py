# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a diagnosis of the DNS is told: the reason, and what to do, so that a newcomer can act.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.mailops.email.plugins.module_utils._dns_facts import (
    APEX,
    CHAIN_ABSENT,
    CHAIN_LEAVES,
    CONFLICT,
    DANGLING_TARGET,
    DOUBLED_ZONE,
    LOOP,
    MISMATCH,
    MISSING,
    OK,
    PROXIED,
    UNKNOWN,
    WILDCARD,
    ServerAnswer,
)
from ansible_collections.mailops.email.plugins.module_utils._model import same_name

_RECORD_TTL = 300  # seconds, in the record to publish


class Wording:
    """Tells about one name.

    :param target: where it has to lead; None: nobody said it.
    :param zone: that the name is in; None: not found.
    """

    def __init__(self, name: str, target: str | None, zone: str | None) -> None:
        self._name = name
        self._target = target
        self._zone = zone

    # --- the reason --------------------------------------------------------------------------

    def reason(
        self,
        status: str,
        verdicts: t.Sequence[tuple[ServerAnswer, str]],
        problems: t.Sequence[ServerAnswer],
    ) -> str:
        """What stands at the name, the worst first.

        :param verdicts: each server's definitive answer and the status by it.
        :param problems: the answers that are not definitive.
        """
        # Servers that say the same share a sentence.
        told: dict[str, list[str]] = {}
        for answer, verdict in sorted(verdicts, key=lambda pair: pair[1] != status):
            told.setdefault(self._describe(answer, verdict), []).append(answer.server)
        sentences = [f"{text} (at {_listed(servers)})" for text, servers in told.items()]
        if not sentences:
            sentences = [self._apex()]
        if self._target and status not in (OK, DANGLING_TARGET, APEX):
            sentences[0] += f"; expected is a CNAME to {self._target}"
        behind = [answer.server for answer, verdict in verdicts if verdict != OK]
        if 0 < len(behind) < len(verdicts):
            sentences.append(f"{_listed(behind)} may only be lagging behind the other servers")
        if status == MISSING and self._zone is not None and "." not in self._zone.rstrip("."):
            sentences.append(
                f"The closest zone in the DNS is {self._zone!r}: see that the domain is "
                "registered and delegated"
            )
        if problems:
            sentences.append(f"No definitive answer came from {_troubles(problems)}")
        return " ".join(f"{_capital(sentence)}." for sentence in sentences)

    def nobody_answered(self, problems: t.Sequence[ServerAnswer], trouble: str | None) -> str:
        """The reason where no definitive answer came.

        :param trouble: why no server could be asked at all.
        """
        if problems:
            why = f"No name server gave a definitive answer: {_troubles(problems)}"
        else:
            why = f"No name server could be asked: {trouble or 'none was found'}"
        return f"What stands at {self._name} cannot be known. {why}."

    def _describe(self, answer: ServerAnswer, verdict: str) -> str:
        """One server's answer, in a phrase."""
        name, target, path = self._name, self._target, self._path(answer)
        if verdict == APEX:
            return self._apex()
        if verdict == OK:
            return self._right(answer)
        if verdict == MISSING:
            return f"no record stands at {name}"
        if verdict == MISMATCH:
            return f"{name} is a CNAME to {path}"
        if verdict == LOOP:
            return f"the CNAMEs at {name} lead in a circle: {name} -> {path}"
        if verdict == DANGLING_TARGET:
            return f"{name} leads to {target} as it should, but {target} does not exist (NXDOMAIN)"
        if verdict == DOUBLED_ZONE:
            return (
                f"the record does not stand at {name} but at {name}.{self._zone}, with the zone "
                f"twice: a CNAME to {answer.doubled}"
            )
        if verdict == WILDCARD:
            return f"no record stands at {name} itself, and a wildcard answers with {_held(answer)}"
        if verdict == PROXIED:
            return (
                f"{name} answers with the addresses of the target or of a proxy "
                f"({', '.join(answer.addresses)}) and hides the CNAME: it is proxied or flattened"
            )
        if verdict == CONFLICT:
            return f"other records stand at {name} where the CNAME should: {_held(answer)}"
        return f"{name} is a CNAME to {path}, but the target that it should have is not known"

    def _right(self, answer: ServerAnswer) -> str:
        text = f"{self._name} is a CNAME to {self._target}"
        if len(answer.chain) > 1:
            text = f"{self._name} reaches the target by a chain: {self._path(answer)}"
        return f"{text}, by a wildcard rather than a record of its own" if answer.wildcard else text

    def _apex(self) -> str:
        return (
            f"{self._name} is the apex of a zone: its SOA and NS records stand there, and a CNAME "
            "cannot stand beside them, by RFC 1034 3.6.2"
        )

    def _path(self, answer: ServerAnswer) -> str:
        path = " -> ".join(answer.chain)
        if answer.chain_goes == CHAIN_ABSENT:
            return f"{path}, which does not exist"
        if answer.chain_goes == CHAIN_LEAVES:
            return f"{path}, about which the servers asked know nothing"
        return path

    # --- the fix -----------------------------------------------------------------------------

    def fix(self, status: str, answers: t.Sequence[ServerAnswer]) -> str | None:
        """What to do: the record as a line of a zone file where publishing it is all.

        :param answers: those that have this status.
        """
        name, target = self._name, self._target
        if status == OK:
            return None
        if status == APEX:
            # The registry or the parent zone decides about the apex; another name is the way.
            label = "link" if name.startswith("track.") else "track"
            return (
                "A CNAME cannot stand at a zone's apex (RFC 1034 3.6.2): use a sub-domain such as "
                f"{label}.{name} as the tracking domain"
            )
        if status == UNKNOWN:
            return "Say which target the provider names for this account, and run again"
        if status == DANGLING_TARGET:
            return (
                f"Ask the provider for the target that is valid now, since {target} does not exist"
            )
        if status == PROXIED:
            return (
                "Switch the proxy (orange cloud / ALIAS flattening) off for this record, so that "
                f"this shows: {self._record()}"
            )
        if status == CONFLICT:
            types = sorted({kind for answer in answers for kind in _types(answer)})
            return f"Remove {_listed(types)} at {name}, then publish: {self._record()}"
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

    def ask_others(self) -> str:
        """What to do where no definitive answer came."""
        return (
            "See that this host may ask the name servers (port 53, UDP and TCP) and that they "
            "serve the zone; or name others in dns_servers, or set dns_check to recursive"
        )

    def _record(self) -> str:
        if self._target is None:
            return f"a CNAME at {self._name} to the target that the provider names"
        return f"{self._name}. {_RECORD_TTL} IN CNAME {self._target}."

    def _target_is_doubled(self, answer: ServerAnswer) -> bool:
        return same_name(answer.chain[0], f"{self._target}.{self._zone}")


def _held(answer: ServerAnswer) -> str:
    """What stands at the name, by type: ``A 192.0.2.1, 192.0.2.2 and TXT``."""
    if answer.chain:
        return f"a CNAME to {answer.chain[0]}"
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


def _troubles(answers: t.Sequence[ServerAnswer]) -> str:
    return ", ".join(f"{answer.server} ({answer.problem})" for answer in answers)


def _listed(parts: t.Sequence[str]) -> str:
    """``a``, ``a and b``, or ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _capital(text: str) -> str:
    """With a capital first letter, unless a host name begins it."""
    return text if "." in text.split(" ", 1)[0] else text[:1].upper() + text[1:]
