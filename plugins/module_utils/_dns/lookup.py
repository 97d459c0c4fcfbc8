# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One look at one name: which servers to ask, what each has there, and what that means.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import time
import typing as t
from concurrent.futures import Executor

from ansible_collections.mailops.email.plugins.module_utils._dns.diagnosis import diagnose
from ansible_collections.mailops.email.plugins.module_utils._dns.facts import (
    NO_NAME,
    Finding,
    Question,
    ServerAnswer,
    TargetFacts,
)
from ansible_collections.mailops.email.plugins.module_utils._dns.visit import (
    ADDRESS_TYPES,
    Targets,
    Visit,
)
from ansible_collections.mailops.email.plugins.module_utils._dns.wire import (
    DNS_IMPORT_ERROR,
    text,
    to_name,
)
from ansible_collections.mailops.email.plugins.module_utils._dns.zones import Server, Zones

if DNS_IMPORT_ERROR is None:
    import dns.name

# How long one name may take, in time-outs.
PATIENCE = 3.0
# From its beginning to the end of each step: two silent resolvers leave time to ask a third, and
# finding the servers leaves time to ask them.
_FOUND, _ASKED, _TOLD = 0.75 * PATIENCE, PATIENCE - 0.25, PATIENCE


class Look:
    """Find servers, ask each, diagnose: in three steps, so that many looks go on at once.

    :param zones: finds and asks.
    :param pool: runs single questions; none of them waits for another.
    :param asked: who is asked: ``AUTHORITATIVE``, ``RECURSIVE`` or ``GIVEN``.
    :param timeout: seconds for one answer of one address of a server.
    :param deadline: by ``time.monotonic()``: when all of the looks have to be over.
    """

    def __init__(
        self,
        zones: Zones,
        question: Question,
        *,
        pool: Executor,
        asked: str,
        timeout: float,
        deadline: float,
    ) -> None:
        self._zones = zones
        self._question = question
        self._pool = pool
        self._asked = asked
        self._timeout = timeout
        self._deadline = deadline
        self._name = to_name(question.name)
        self._target = None if question.target is None else to_name(question.target)
        others = tuple(filter(None, map(to_name, question.others)))
        self._targets = Targets(self._target, others)
        self._zone: dns.name.Name | None = None
        self._trouble: str | None = None
        # Seconds: of finding the servers, and of asking each.
        self._took_to_find = 0.0
        self._took_to_ask = [0.0]
        self.servers: t.Sequence[Server] = ()

    def find_servers(self) -> None:
        if self._name is None:
            # No server is asked about what the DNS cannot hold.
            self._trouble = NO_NAME
            return
        start = time.monotonic()
        zones = self._zones_until(_FOUND)
        self.servers, self._zone, self._trouble = zones.servers_for(self._name)
        self._took_to_find = time.monotonic() - start

    def ask(self, server: Server) -> ServerAnswer:
        """What one server has at the name."""
        if self._name is None:
            raise AssertionError(self._question.name)
        start = time.monotonic()
        visit = Visit(
            self._zones_until(_ASKED),
            server,
            others=[other for other in self.servers if other is not server],
            pool=self._pool,
            name=self._name,
            targets=self._targets,
            zone=self._zone,
            to_delete=self._question.to_delete,
        )
        answer = visit.answer()
        self._took_to_ask.append(time.monotonic() - start)
        return answer

    def diagnose(self, answers: t.Sequence[ServerAnswer]) -> Finding:
        zone = self._zone
        if any(answer.apex for answer in answers):
            zone = self._name
        return diagnose(
            self._question,
            answers,
            zone=None if zone is None else text(zone),
            target=self._target_facts(answers),
            asked=self._asked,
            trouble=self._trouble,
        )

    @property
    def spent(self) -> float:
        """Seconds so far. A set has more names than threads: what counts is a name's own time, without
        its waiting."""
        return self._took_to_find + max(self._took_to_ask)

    def _zones_until(self, step: float) -> Zones:
        left = self._deadline - time.monotonic()
        return self._zones.within(min(left, step * self._timeout - self.spent))

    def _target_facts(self, answers: t.Sequence[ServerAnswer]) -> TargetFacts:
        """What the answers make it necessary to know; each look-up is made once for all names."""
        if self._target is None:
            return TargetFacts()
        zones = self._zones_until(_TOLD)
        exists: bool | None = None
        if any(answer.reaches(self._question.target) for answer in answers):
            reply = zones.lookup(self._target, "A")
            exists = None if reply.problem else not reply.nxdomain
        held = [
            address
            for answer in answers
            for address in (*answer.addresses, *answer.addresses_behind)
        ]
        if not held:
            return TargetFacts(exists)
        rdtypes = [
            rdtype
            for rdtype in ADDRESS_TYPES
            if any((":" in address) == (rdtype == "AAAA") for address in held)
        ]
        if self._question.to_delete:
            return self._every_address(zones, rdtypes, exists)
        replies = [zones.lookup(self._target, rdtype) for rdtype in rdtypes]
        trouble = next((reply.trouble for reply in replies if reply.problem), None)
        if trouble:
            return TargetFacts(exists, None, trouble)
        return TargetFacts(
            exists, frozenset(address for reply in replies for address in reply.data)
        )

    def _every_address(
        self, zones: Zones, rdtypes: t.Sequence[str], exists: bool | None
    ) -> TargetFacts:
        """Of all targets, asked for often: one whose addresses change shows some of them at a time."""
        pools = {
            target: [zones.every_address(target, rdtype) for rdtype in rdtypes]
            for target in filter(None, self._targets.all)
        }
        every = [pool for pools_of_one in pools.values() for pool in pools_of_one]
        own = pools[self._target] if self._target else []
        trouble = next((pool.trouble for pool in own if pool.trouble and not pool.addresses), None)
        return TargetFacts(
            exists,
            None if trouble else frozenset().union(*(pool.addresses for pool in own)),
            trouble,
            every_address=frozenset().union(*(pool.addresses for pool in every)),
            perhaps_more=next((pool.trouble for pool in every if pool.trouble), None),
        )
