# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the live DNS has to permit before a write. Private to this collection: no promise is made to others."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils._engine.guard import (
    check_dangling,
    warning_without_lookup,
    was_in_use,
)
from ansible_collections.mailops.email.plugins.module_utils._engine.lookups import Lookups
from ansible_collections.mailops.email.plugins.module_utils._engine.outcome import DomainOutcome
from ansible_collections.mailops.email.plugins.module_utils._engine.wanted import Settings
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._providers.base import Provider
from ansible_collections.mailops.email.plugins.module_utils._providers.facts import ProviderFacts
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import TrackingDomain

# How long a lookup of apexes may take before an add: what is not known by then is tried.
_APEX_SECONDS = 15.0


def refuse_dangling(
    outcomes: t.Sequence[DomainOutcome],
    present: t.Sequence[TrackingDomain],
    lookups: Lookups,
    provider: Provider,
    settings: Settings,
) -> list[str]:
    """Refuse deletions and renames, or warn of them: see ``check_dangling``.

    :param present: all domains of the account.
    :return: warnings.
    """
    freeing = [
        (outcome, outcome.before)
        for outcome in outcomes
        if outcome.before and outcome.step.looked_up and not outcome.error
    ]
    if not freeing:
        return []
    domains = [before for _outcome, before in freeing]
    if lookups.off:
        names = [each.name for each in domains]
        return [warning_without_lookup(names, check_mode=settings.check_mode)]
    findings = lookups.before_freeing(domains, present, provider.target(present))
    used = {domain.name for domain in (*present, *domains) if was_in_use(domain)}
    warnings = []
    for outcome, before in freeing:
        finding = findings[before.name]
        warning, refusal = check_dangling(
            before,
            finding,
            verb="rename" if outcome.step.rename else "delete",
            dangling=outcome.step.wanted.dangling,
            facts=provider.facts,
            check_mode=settings.check_mode,
            used=before.name in used,
        )
        if warning:
            warnings.append(warning)
        if refusal:
            outcome.fail(refusal)
        if refusal or not outcome.step.rename:
            # Of a rename that goes on, the new name is the one to be shown.
            outcome.finding = finding
    return warnings


def refuse_adds(outcomes: t.Sequence[DomainOutcome], facts: ProviderFacts) -> None:
    """Refuse to add: whoever runs this has added what there is to add."""
    for outcome in outcomes:
        if outcome.step.write == "add" and not outcome.error:
            outcome.fail(
                TrackingError(
                    "not_found",
                    f"{facts.title} does not list it",
                    operation=facts.operation("verify", outcome.name),
                    provider=facts.name,
                    hint="A list may lag behind what was added just now: run again.",
                )
            )


def refuse_apexes(
    outcomes: t.Sequence[DomainOutcome], lookups: Lookups, facts: ProviderFacts
) -> None:
    """Refuse to add what can never be verified, because no CNAME can stand there."""
    new = [
        outcome
        for outcome in outcomes
        if outcome.step.write == "add" and outcome.step.wanted.verify and not outcome.error
    ]
    if not new or lookups.off:
        return
    domains = [TrackingDomain(provider=facts.name, name=outcome.name) for outcome in new]
    findings = lookups.of(domains, _APEX_SECONDS)
    for outcome in new:
        finding = findings[outcome.name]
        if finding.status == "apex":
            outcome.finding = finding
            outcome.fail(
                TrackingError(
                    "validation",
                    finding.reason,
                    operation=facts.operation("add", outcome.name),
                    provider=facts.name,
                    hint=finding.fix,
                )
            )
