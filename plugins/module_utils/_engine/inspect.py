# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an account holds, and what the world says of it. Private to this collection. Reads only."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from datetime import datetime

from ansible_collections.mailops.email.plugins.module_utils._engine.senders import (
    read_senders,
    unknown_use,
    using,
)
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import few
from ansible_collections.mailops.email.plugins.module_utils._providers.base import Provider
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import TrackingDomain

if t.TYPE_CHECKING:
    from ansible_collections.mailops.email.plugins.module_utils._dns.live_dns import LiveDns
    from ansible_collections.mailops.email.plugins.module_utils._dns.model import Finding
    from ansible_collections.mailops.email.plugins.module_utils._tls.probe import TlsFinding

TlsProbe = t.Callable[[t.Sequence[TrackingDomain]], "dict[str, TlsFinding]"]


@dataclass(frozen=True)
class Inspection:
    """What was read.

    :param findings: by name, of the missing names too; None where the DNS was not looked at.
    :param senders_error: why the senders could not be read, which the credentials do not permit.
    """

    domains: list[TrackingDomain]
    missing: list[str]
    findings: dict[str, Finding] | None
    tls: dict[str, TlsFinding]
    senders_error: TrackingError | None = None

    def as_result(self, now: datetime, expires_within: int | None) -> dict[str, t.Any]:
        """The return values of ``tracking_domain_info``."""
        findings = self.findings or {}
        domains = []
        for domain in self.domains:
            finding = findings.get(domain.name)
            result = domain.as_result(now, finding.as_result() if finding else None)
            if domain.name in self.tls:
                result["tls"] = self.tls[domain.name].as_result()
            domains.append(result)
        result = {"changed": False, "tracking_domains": domains, "missing": self.missing}
        if self.findings is not None:
            result["missing_dns"] = {name: self.findings[name].as_result() for name in self.missing}
            result["dangling"] = [
                name for name in self.missing if self.findings[name].points_at_target
            ]
        if expires_within is not None:
            result["expiring"] = [
                domain["name"] for domain in domains if _days_left(domain) <= expires_within
            ]
        return result


def warnings_of(inspection: Inspection, provider: Provider) -> list[str]:
    """What could not be known, where silence would read as "nothing dangles" or "nothing expires"."""
    facts = provider.facts
    warnings = [
        f"{name} is not at {facts.title}, and it is not known whether its record still points "
        "there: "
        f"{finding.reason}" + ("" if finding.expected else f" {facts.target_hint}")
        for name, finding in (inspection.findings or {}).items()
        if name in inspection.missing and finding.points_at_target is None
    ]
    hidden = [
        domain.name
        for domain in inspection.domains
        if domain.hides_certificate and not _served(inspection, domain.name)
    ]
    if hidden:
        warnings.append(
            f"{facts.title} serves HTTPS for these tracking domains but does not show the validity "
            f"of their certificates, so it is not known when they expire: {', '.join(hidden)}. "
            "With tls_check the served certificate is checked, and counts for expires_within."
        )
    if inspection.senders_error:
        names = few([domain.name for domain in inspection.domains])
        warnings.append(unknown_use(names, inspection.senders_error))
    return warnings


def _served(inspection: Inspection, name: str) -> bool:
    """Whether a certificate was seen that is served under this name."""
    return name in inspection.tls and inspection.tls[name].days_left is not None


def inspect(
    provider: Provider,
    names: t.Sequence[str] | None,
    *,
    live_dns: LiveDns | None,
    tls_probe: TlsProbe | None,
    senders: bool = False,
) -> Inspection:
    """Read the account, then the DNS and the TLS servers where asked to.

    :param names: normalised; None for all.
    :param senders: read as well who sends mail with each domain, if there is one.
    """
    present = provider.list()
    domains, missing = present, []
    if names is not None:
        # One name may have several entries: those of a name stay together.
        domains = [domain for name in names for domain in present if domain.name == name]
        missing = [name for name in names if name not in {domain.name for domain in domains}]
    refused = None
    # Where there are none at all, that is refused.
    if senders and (domains or not provider.facts.has_senders):
        try:
            known = read_senders(provider)
        except TrackingError as exc:
            if exc.code != "authentication":
                raise
            refused = exc
        else:
            domains = [domain.but(senders=using(known, domain.name)) for domain in domains]
    findings = None
    if live_dns:
        # Any domain of the account tells where the missing ones would have to point.
        findings = _lookup(live_dns, domains, missing, provider.target([*domains, *present]))
    tls = tls_probe(domains) if tls_probe else {}
    return Inspection(domains, missing, findings, tls, refused)


def _lookup(
    live_dns: LiveDns,
    domains: t.Sequence[TrackingDomain],
    missing: t.Sequence[str],
    target: str | None,
) -> dict[str, Finding]:
    from ansible_collections.mailops.email.plugins.module_utils._dns.model import LookupRequest

    requests = [LookupRequest(domain.name, domain.target) for domain in domains]
    requests += [LookupRequest(name, target) for name in missing]
    return live_dns.lookup(list(dict.fromkeys(requests)))


def _days_left(domain: dict[str, t.Any]) -> float:
    """Of the certificate that ends first: the uploaded one, or the one that is served."""
    seen = (domain["certificate"], domain.get("tls"))
    days = [item["days_left"] for item in seen if item and item["days_left"] is not None]
    return min(days, default=float("inf"))
