# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a name may be given up, by its live DNS. Private to this collection. No I/O here.

While a name leads to the provider, anyone could claim it there, and own the links in mail already
sent. So a deletion, and a rename, which frees the old name, need proof that it leads there no more:
what is not known refuses as well (design, "Safety").
"""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import few

if t.TYPE_CHECKING:
    from ansible_collections.mailops.email.plugins.module_utils._dns.model import Finding
    from ansible_collections.mailops.email.plugins.module_utils._providers.facts import (
        ProviderFacts,
    )
    from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import (
        TrackingDomain,
    )


class Verdict(t.NamedTuple):
    """What to say, and why it must not be; both None where nothing speaks against it."""

    warning: str | None = None
    refusal: TrackingError | None = None


def check_dangling(
    domain: TrackingDomain,
    finding: Finding,
    *,
    verb: str,
    dangling: str,
    facts: ProviderFacts,
    check_mode: bool,
    used: bool,
) -> Verdict:
    """Whether the live DNS permits to delete or rename a domain.

    :param finding: of its name as the provider has it, which is the one that becomes free.
    :param used: see ``was_in_use``; of several entries of the name, whether any is.
    :param verb: ``delete`` or ``rename``.
    :param dangling: the option: ``fail`` or ``warn``; with ``ignore`` this is not called.
    """
    if finding.points_at_target is False:
        return Verdict()
    done = f"{domain.name} {'would be' if check_mode else 'is'} {verb}d although"
    if finding.points_at_target is None and finding.only_addresses and not used:
        return Verdict(f"{done} {_unknown(domain, finding, facts)}")
    refusal = TrackingError(
        "dangling",
        _unknown(domain, finding, facts)
        if finding.points_at_target is None
        else _still_served(domain, finding, facts),
        operation=facts.operation(verb, domain.name),
        provider=facts.name,
    )
    if dangling == "warn":
        end = "" if finding.points_at_target is None else ". Remove the record now."
        return Verdict(f"{done} {refusal.message}{end}")
    refusal.message += f". {_why(verb, facts)}"
    refusal.hint = _hint(domain, finding, verb, facts)
    return Verdict(refusal=refusal)


def warning_without_lookup(names: t.Sequence[str], *, check_mode: bool) -> str:
    """The warning where the look is switched off."""
    many = len(names) != 1
    done = f"{'would be' if check_mode else 'are' if many else 'is'} deleted or renamed"
    return (
        f"dns_check is off: {few(names)} {done} without checking whether the live DNS still leads "
        "to the provider. If it does, anyone could claim the name there."
    )


def was_in_use(domain: TrackingDomain) -> bool:
    """Whether mail may have gone out with links to it: it was verified, as far as the provider tells."""
    return domain.verified or bool(domain.https)


def _unknown(domain: TrackingDomain, finding: Finding, facts: ProviderFacts) -> str:
    return (
        f"the live DNS could not tell whether {domain.name} still leads to {facts.title}: "
        f"{finding.reason.rstrip('.')}"
    )


def _still_served(domain: TrackingDomain, finding: Finding, facts: ProviderFacts) -> str:
    """Which record leads to the provider, and at which servers."""
    chain = _chain(finding)
    target = finding.expected
    if not chain:
        record = f"a record that is flattened to the addresses of {target}"
    elif finding.wildcard:
        above = domain.name.partition(".")[2]
        record = f"a wildcard, such as *.{above}, that leads {domain.name} to {target},"
    else:
        record = f"the record '{domain.name}. IN CNAME {chain[0]}.'"
        if target not in chain:
            record += f", which leads to {facts.title} as well,"
        elif len(chain) > 1:
            record += f", which leads to {target},"
    return f"{record} is still served by {', '.join(finding.served_by)}"


def _chain(finding: Finding) -> list[str]:
    """The CNAMEs that lead to the provider, at one of the servers."""
    chains: t.Iterator[list[str]] = (
        answer["cname"]
        for answer in finding.found
        if answer["cname"] and answer["server"] in finding.served_by
    )
    return next(chains, [])


def _why(verb: str, facts: ProviderFacts) -> str:
    gone = f"Without the domain at {facts.title}" if verb == "delete" else "Once it is renamed"
    return (
        f"{gone}, anyone could claim the name there and own the links in mail that was already sent"
    )


def _hint(domain: TrackingDomain, finding: Finding, verb: str, facts: ProviderFacts) -> str:
    known = finding.points_at_target is not None
    parts = []
    if verb == "rename":
        parts.append("Add the new name as another domain, and retire the old one later.")
    if finding.expected is None:
        parts.append(facts.target_hint)
    elif not known and not finding.found and finding.fix:
        parts.append(f"{finding.fix}.")
    remove = "Remove the record"
    if finding.wildcard and _chain(finding):
        remove = f"Point the wildcard elsewhere, or give {domain.name} another record of its own"
    override = "set O(dangling) to warn or ignore"
    if not known:
        override = f"if you know that {domain.name} leads elsewhere, {override}"
    parts.append(f"{remove}, let its TTL pass, and run again; or {override}.")
    return " ".join(parts)
