# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking an account's names up in the live DNS. Private to this collection: no promise is made to others."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import TrackingDomain

if t.TYPE_CHECKING:
    from ansible_collections.mailops.email.plugins.module_utils._dns.live_dns import LiveDns
    from ansible_collections.mailops.email.plugins.module_utils._dns.model import Finding

Findings = t.Dict[str, "Finding"]


class Lookups:
    """The live DNS, made once it is needed: its library may be missing where it is not.

    :param make: makes it; None where it is switched off.
    """

    def __init__(self, make: t.Callable[[], LiveDns] | None) -> None:
        self._make = make
        self._live_dns: LiveDns | None = None

    @property
    def off(self) -> bool:
        return self._make is None

    def prepare(self) -> None:
        """Make it now.

        :raises TrackingError: ``dependency`` where its library is missing.
        """
        if self._live_dns is None and self._make is not None:
            self._live_dns = self._make()

    def of(self, domains: t.Sequence[TrackingDomain], seconds: float | None) -> Findings:
        """What is found at the names of these domains, by name; nothing where it is switched off.

        :param seconds: how long it may take; None for as long as it needs.
        """
        from ansible_collections.mailops.email.plugins.module_utils._dns.model import LookupRequest

        self.prepare()
        if self._live_dns is None:
            return {}
        requests = [LookupRequest(domain.name, domain.target) for domain in domains]
        return self._live_dns.lookup(list(dict.fromkeys(requests)), seconds)

    def before_freeing(
        self,
        domains: t.Sequence[TrackingDomain],
        present: t.Sequence[TrackingDomain],
        target: str | None,
    ) -> Findings:
        """What is found at names that are about to be given up, by name.

        :param present: all domains of the account; no name may lead to the target of any of them.
        :param target: of a domain that shows none.
        """
        from ansible_collections.mailops.email.plugins.module_utils._dns.model import LookupRequest

        self.prepare()
        if self._live_dns is None:
            return {}
        targets = {domain.target for domain in present} | {target}
        requests = []
        for domain in domains:
            own = domain.target or target
            others = sorted(other for other in targets if other and other != own)
            requests.append(LookupRequest(domain.name, own, tuple(others), to_delete=True))
        return self._live_dns.lookup(requests)

    def preflight(self, names: t.Sequence[str]) -> list[str]:
        """Warnings of what will hinder a verification of these names."""
        return self._live_dns.preflight(names) if self._live_dns else []
