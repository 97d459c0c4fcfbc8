# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a domain may be deleted, by its live CNAME. Private to this collection. No I/O here.

While the CNAME leads to the provider, anyone could claim the name there, and own the links in mail
already sent. Only a definitive answer refuses; without one the deletion goes on with a warning.
"""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError

if t.TYPE_CHECKING:
    from ansible_collections.mailops.email.plugins.module_utils._dns.facts import Finding
    from ansible_collections.mailops.email.plugins.module_utils._providers.facts import (
        ProviderFacts,
    )


class Leave(t.NamedTuple):
    """What to say of a deletion, and why it must not be; both None where nothing speaks against it."""

    warning: str | None = None
    refusal: TrackingError | None = None


def leave_to_delete(
    name: str, finding: Finding, *, dangling: str, facts: ProviderFacts, check_mode: bool
) -> Leave:
    """:param dangling: the option: ``fail`` or ``warn``; with ``ignore``, nobody looks."""
    done = f"{name} {'would be' if check_mode else 'is'} deleted although"
    if finding.points_at_target is None:
        hint = "" if finding.expected else f" {facts.target_hint}"
        return Leave(
            f"{done} the live DNS could not tell whether its CNAME still points at {facts.title}: "
            f"{finding.reason}{hint}"
        )
    if not finding.points_at_target:
        return Leave()
    refusal = _still_served(name, finding, facts)
    if dangling == "warn":
        return Leave(f"{done} {refusal.message}. Remove the record now.")
    return Leave(refusal=refusal)


def _still_served(name: str, finding: Finding, facts: ProviderFacts) -> TrackingError:
    target = finding.expected
    chains = [
        answer["cname"]
        for answer in finding.found
        if answer["cname"] and answer["server"] in finding.served_by
    ]
    record = f"a record that is flattened to the addresses of {target}"
    hint = "Remove the record, let its TTL pass, and run again"
    if chains and finding.wildcard:
        above = name.partition(".")[2]
        record = f"a wildcard, such as *.{above}, that leads {name} to {target},"
        hint = (
            f"Point the wildcard elsewhere, or give {name} another record of its own, let the "
            "TTL pass, and run again"
        )
    elif chains:
        record = f"the record '{name}. IN CNAME {chains[0][0]}.'"
        record += f", which leads to {target}," if len(chains[0]) > 1 else ""
    return TrackingError(
        "dangling",
        f"{record} is still served by {', '.join(finding.served_by)}: without the domain at "
        f"{facts.title}, anyone could claim the name there and own the links in mail already sent",
        operation=facts.operation("delete", name),
        provider=facts.name,
        hint=f"{hint}; or set dangling to warn or ignore.",
    )
