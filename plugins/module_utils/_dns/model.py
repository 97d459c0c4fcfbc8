# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked of the live DNS and what is learnt from it. No I/O here.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.mailops.email.plugins.module_utils._names import same_name

# The values of ``dns.status``: a contract, documented in the modules' return values.
OK = "ok"
MISSING = "missing"
MISMATCH = "mismatch"
CONFLICT = "conflict"
APEX = "apex"
PROXIED = "proxied"
DOUBLED_ZONE = "doubled_zone"
WILDCARD = "wildcard"
LOOP = "loop"
DANGLING_TARGET = "dangling_target"
UNKNOWN = "unknown"

# How a chain of CNAMEs goes on after its last known link.
CHAIN_COMPLETE = "complete"  # at a name that exists, or at the target
CHAIN_NXDOMAIN = "nxdomain"  # at a name that does not exist
CHAIN_LOOP = "loop"
CHAIN_UNSERVED = "unserved"  # into a zone that the servers to be asked do not serve
CHAIN_TOO_LONG = "too_long"  # further than it was followed

# Who is asked about a name.
AUTHORITATIVE = "authoritative"  # its zone's own servers
RECURSIVE = "recursive"  # this host's resolvers
GIVEN = "given"  # the servers that the user named, be they authoritative or resolvers

# Why no server can be asked about an invalid name.
INVALID_NAME = "this is not a valid name in the DNS"


@dataclass(frozen=True)
class LookupRequest:
    """The name to look up, and the target that its CNAME must reach (None: not known).

    :param other_targets: further targets of the provider: a name that leads to one of them is not right, and
        not free either.
    :param to_delete: the name is to be deleted or renamed, so everything that may lead to the provider counts.
    """

    name: str
    target: str | None = None
    other_targets: tuple[str, ...] = ()
    to_delete: bool = False


@dataclass(frozen=True)
class ServerAnswer:
    """The records that one server has at the name. All names in lower case, without the final dot.

    :param server: the server's name in messages: its host name, or its address if it has none.
    :param problem: why there is no definitive answer, e.g. ``SERVFAIL``; all else is void then, but
        ``refusal``.
    :param refusal: the problem is that the server does not serve the name.
    :param chain: the CNAME at the name, the CNAME at that, and so on, ending with the target where
        it reaches it.
    :param chain_end: one of ``CHAIN_*``.
    :param extra_cnames: further CNAMEs at the name, which must not be; of all of them, ``chain`` begins
        with the one that leads to the target, or is the least certain not to.
    :param addresses: A and AAAA records at the name itself.
    :param end_addresses: those at the end of the chain, where that is not the target and a name is
        to be given up.
    :param addresses_incomplete: why there may be more addresses.
    :param other_types: the types of further records at the name, e.g. ``("TXT",)``.
    :param ttl: of the records at the name, in seconds.
    :param doubled: the CNAME at the name with the zone appended once more.
    :param wildcard: a random name that is not published gets the same answer; None: not known.
    :param apex: the server says that the name is a zone of its own.
    """

    server: str
    problem: str | None = None
    refusal: bool = False
    chain: tuple[str, ...] = ()
    chain_end: str = CHAIN_COMPLETE
    extra_cnames: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    end_addresses: tuple[str, ...] = ()
    addresses_incomplete: str | None = None
    other_types: tuple[str, ...] = ()
    ttl: int | None = None
    doubled: str | None = None
    wildcard: bool | None = False
    apex: bool = False

    @property
    def cnames(self) -> tuple[str, ...]:
        """Those at the name itself: one, unless its zone breaks the rules."""
        return (*self.chain[:1], *self.extra_cnames)

    def reaches(self, target: str | None) -> bool:
        return target is not None and any(same_name(link, target) for link in self.chain)

    @property
    def destination(self) -> tuple[t.Any, ...]:
        """Where the name leads, so far as servers can disagree about that."""
        return (*self.cnames, bool(self.addresses))

    def as_found(self) -> dict[str, t.Any]:
        return {
            "server": self.server,
            "cname": [*self.chain, *self.extra_cnames],
            "a": list(self.addresses),
            "types": list(self.other_types),
            "wildcard": self.wildcard,
            "ttl": self.ttl,
        }


@dataclass(frozen=True)
class TargetFacts:
    """What is known of the target.

    :param exists: None: not known.
    :param addresses: its A and AAAA, of each type that the name has; None: not known.
    :param error: why the addresses are not known.
    :param all_addresses: where a name is to be given up: those of all of the provider's targets, asked
        for often.
    :param incomplete: why there may be more of these.
    """

    exists: bool | None = None
    addresses: frozenset[str] | None = None
    error: str | None = None
    all_addresses: frozenset[str] = frozenset()
    incomplete: str | None = None


@dataclass(frozen=True)
class Finding:
    """The diagnosis of one name.

    :param status: one of the values above.
    :param reason: sentences for people: what was expected, what stands there, at which server.
    :param expected: the target, or None.
    :param found: one ``{server, cname, a, types, wildcard, ttl}`` for each server that answered
        definitively: the chain of CNAMEs, the first of which stands at the name, the addresses at
        the name itself, the types of the other records there, whether all that is a wildcard's,
        seconds.
    :param fix: the record to publish as one line of a zone file, or what to do; None: nothing.
    :param zone: the zone that the name is in, or None.
    :param definitive: some server's answer decides the status.
    :param agreed: every server that answered definitively says the same, and no more could be known
        that made it something else.
    :param points_at_target: True as soon as one server leads to the target, or shows an address of
        it; False when no server does and all say the same, be it that neither a CNAME nor an address
        stands at the name; None when it cannot be known, for a server that gave no answer may still
        lead there.
    :param only_addresses: that it cannot be known hangs on addresses alone, which may be the target's
        or a proxy's.
    :param served_by: the servers that lead to the target (if it is not known: to anything).
    :param wildcard: one of those does so by a wildcard: there is no record of the name's own.
    :param hopeless: waiting cannot help.
    """

    status: str
    reason: str
    expected: str | None = None
    found: list[dict[str, t.Any]] = field(default_factory=list)
    fix: str | None = None
    zone: str | None = None
    definitive: bool = False
    agreed: bool = False
    points_at_target: bool | None = None
    only_addresses: bool = False
    served_by: list[str] = field(default_factory=list)
    wildcard: bool = False
    hopeless: bool = False

    def as_result(self) -> dict[str, t.Any]:
        """The return value ``dns``."""
        return {
            "status": self.status,
            "reason": self.reason,
            "expected": self.expected,
            "found": self.found,
            "fix": self.fix,
            "zone": self.zone,
        }
