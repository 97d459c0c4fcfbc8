# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookup of one name: which servers to ask, what each has there, and what that means.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import time
import typing as t
from concurrent.futures import Executor

from ansible_collections.mailops.email.plugins.module_utils._dns.client import (
    DNS_IMPORT_ERROR,
    to_name,
    to_text,
)
from ansible_collections.mailops.email.plugins.module_utils._dns.diagnosis import diagnose
from ansible_collections.mailops.email.plugins.module_utils._dns.model import (
    INVALID_NAME,
    Finding,
    LookupRequest,
    ServerAnswer,
    TargetFacts,
)
from ansible_collections.mailops.email.plugins.module_utils._dns.probe import (
    ADDRESS_TYPES,
    ServerProbe,
    Targets,
)
from ansible_collections.mailops.email.plugins.module_utils._dns.zones import Server, Zones

if DNS_IMPORT_ERROR is None:
    import dns.name

# How long one name may take, in time-outs.
TIMEOUTS_PER_NAME = 3.0
# From its beginning to the end of each step: two silent resolvers leave time to ask a third, and
# finding the servers leaves time to ask them.
_SERVERS_BY, _ANSWERS_BY, _TARGET_BY = (
    0.75 * TIMEOUTS_PER_NAME,
    TIMEOUTS_PER_NAME - 0.25,
    TIMEOUTS_PER_NAME,
)


class NameLookup:
    """Find servers, probe each, diagnose: in three steps, so that many lookups can run at once.

    :param zones: finds and asks.
    :param pool: runs single questions; none of them waits for another.
    :param asked: who is asked: ``AUTHORITATIVE``, ``RECURSIVE`` or ``GIVEN``.
    :param timeout: seconds for one answer of one address of a server.
    :param deadline: by ``time.monotonic()``: when all of the lookups must be finished.
    """

    def __init__(
        self,
        zones: Zones,
        request: LookupRequest,
        *,
        pool: Executor,
        asked: str,
        timeout: float,
        deadline: float,
    ) -> None:
        self._zones = zones
        self._request = request
        self._pool = pool
        self._asked = asked
        self._timeout = timeout
        self._deadline = deadline
        self._name = to_name(request.name)
        self._target = None if request.target is None else to_name(request.target)
        others = tuple(filter(None, map(to_name, request.other_targets)))
        self._targets = Targets(self._target, others)
        self._zone: dns.name.Name | None = None
        self._error: str | None = None
        # Seconds: of finding the servers, and of asking each.
        self._find_seconds = 0.0
        self._probe_seconds = [0.0]
        self.servers: t.Sequence[Server] = ()

    def find_servers(self) -> None:
        if self._name is None:
            # No server is asked about what the DNS cannot hold.
            self._error = INVALID_NAME
            return
        start = time.monotonic()
        zones = self._zones_until(_SERVERS_BY)
        self.servers, self._zone, self._error = zones.servers_for(self._name)
        self._find_seconds = time.monotonic() - start

    def probe(self, server: Server) -> ServerAnswer:
        """What one server has at the name."""
        if self._name is None:
            raise AssertionError(self._request.name)
        start = time.monotonic()
        server_probe = ServerProbe(
            self._zones_until(_ANSWERS_BY),
            server,
            others=[other for other in self.servers if other is not server],
            pool=self._pool,
            name=self._name,
            targets=self._targets,
            zone=self._zone,
            to_delete=self._request.to_delete,
        )
        answer = server_probe.answer()
        self._probe_seconds.append(time.monotonic() - start)
        return answer

    def diagnose(self, answers: t.Sequence[ServerAnswer]) -> Finding:
        zone = self._zone
        if any(answer.apex for answer in answers):
            zone = self._name
        return diagnose(
            self._request,
            answers,
            zone=None if zone is None else to_text(zone),
            target=self._target_facts(answers),
            asked=self._asked,
            error=self._error,
        )

    @property
    def spent(self) -> float:
        """Seconds so far. A set has more names than threads: what counts is a name's own time, without
        its waiting."""
        return self._find_seconds + max(self._probe_seconds)

    def _zones_until(self, step: float) -> Zones:
        left = self._deadline - time.monotonic()
        return self._zones.within(min(left, step * self._timeout - self.spent))

    def _target_facts(self, answers: t.Sequence[ServerAnswer]) -> TargetFacts:
        """What the answers make it necessary to know; each look-up is made once for all names."""
        if self._target is None:
            return TargetFacts()
        zones = self._zones_until(_TARGET_BY)
        exists: bool | None = None
        if any(answer.reaches(self._request.target) for answer in answers):
            response = zones.resolve(self._target, "A")
            exists = None if response.problem else not response.nxdomain
        seen = [
            address for answer in answers for address in (*answer.addresses, *answer.end_addresses)
        ]
        if not seen:
            return TargetFacts(exists)
        rdtypes = [
            rdtype
            for rdtype in ADDRESS_TYPES
            if any((":" in address) == (rdtype == "AAAA") for address in seen)
        ]
        if self._request.to_delete:
            return self._all_addresses(zones, rdtypes, exists)
        responses = [zones.resolve(self._target, rdtype) for rdtype in rdtypes]
        error = next((response.error for response in responses if response.problem), None)
        if error:
            return TargetFacts(exists, None, error)
        return TargetFacts(
            exists, frozenset(address for response in responses for address in response.data)
        )

    def _all_addresses(
        self, zones: Zones, rdtypes: t.Sequence[str], exists: bool | None
    ) -> TargetFacts:
        """Of all targets, asked for often: one whose addresses change shows some of them at a time."""
        pools = {
            target: [zones.all_addresses(target, rdtype) for rdtype in rdtypes]
            for target in filter(None, self._targets.all)
        }
        every = [pool for pools_of_one in pools.values() for pool in pools_of_one]
        own = pools[self._target] if self._target else []
        error = next((pool.error for pool in own if pool.error and not pool.addresses), None)
        return TargetFacts(
            exists,
            None if error else frozenset().union(*(pool.addresses for pool in own)),
            error,
            all_addresses=frozenset().union(*(pool.addresses for pool in every)),
            incomplete=next((pool.error for pool in every if pool.error), None),
        )
