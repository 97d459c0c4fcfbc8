# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verifying what is declared, and what that means for each domain's outcome. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils._engine.lookups import Lookups
from ansible_collections.mailops.email.plugins.module_utils._engine.outcome import DomainOutcome
from ansible_collections.mailops.email.plugins.module_utils._engine.verify import (
    Verification,
    Verifier,
)
from ansible_collections.mailops.email.plugins.module_utils._engine.wanted import Settings
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import few
from ansible_collections.mailops.email.plugins.module_utils._providers.base import Provider
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import TrackingDomain

_Result = t.Tuple[DomainOutcome, Verification]


def verify_outcomes(
    outcomes: t.Sequence[DomainOutcome],
    present: t.Sequence[TrackingDomain],
    lookups: Lookups,
    provider: Provider,
    settings: Settings,
) -> list[str]:
    """Have those verified that are to be, or in check mode predict it.

    :param present: all domains of the account, as they were before anything was written.
    :return: warnings.
    """
    candidates = [
        outcome
        for outcome in outcomes
        if outcome.step.wanted.verify and outcome.after and not outcome.error
    ]
    refused = next(
        (o.error for o in outcomes if o.error and o.error.code == "authentication"), None
    )
    if refused:
        for outcome in candidates:
            if outcome.after and not outcome.after.verified:
                outcome.note = f"not verified: not attempted after this: {refused.message}"
    if not candidates or refused:
        return []
    verifier = Verifier(
        provider,
        lookup=None if lookups.off else lookups.of,
        concurrency=settings.concurrency,
        timeout=settings.wait_timeout,
        interval=settings.wait_interval,
        recheck=settings.recheck,
    )
    domains = [(o.after, o.step.wanted.wait) for o in candidates if o.after]
    warnings = []
    if settings.check_mode:
        verified = verifier.predict(domains)
        new = [o.name for o in candidates if o.after and not o.after.verified]
        warnings += lookups.preflight(new)
    else:
        verified = verifier.run(domains)
    results = [(o, verified[o.after.name]) for o in candidates if o.after]
    changes, warning = _verifications_that_are_changes(results, present, provider, settings)
    warnings += [warning] if warning else []
    for outcome, result in results:
        warning = _conclude(
            outcome,
            result,
            provider=provider,
            check_mode=settings.check_mode,
            is_change=outcome.name in changes,
        )
        warnings += [warning] if warning else []
    return warnings


def _verifications_that_are_changes(
    results: t.Sequence[_Result],
    present: t.Sequence[TrackingDomain],
    provider: Provider,
    settings: Settings,
) -> tuple[set[str], str | None]:
    """The domains, of those that a check has just verified, whose verification is a change; and a warning.

    Where a provider's list may not show what a check found, a domain would be verified anew, and
    reported as changed, by each run. So the list is asked once, if nothing else was changed. Check
    mode cannot ask, because nothing was verified.
    """
    names = {
        outcome.name
        for outcome, result in results
        if result.domain.verified and outcome.after and not outcome.after.verified
    }
    uncertain = {outcome.name for outcome, _result in results if not outcome.changed} & names
    shows = provider.shows_checks(present)
    if shows or not uncertain:
        return names, None
    if shows is False:
        return names - uncertain, None
    if settings.check_mode:
        if any(domain.verified for domain in present):
            return names, None
        return names, (
            f"{few(sorted(uncertain))}: it is not known whether the verification will be a change. "
            f"{provider.facts.title}'s list shows no domain of this account as verified. If it never "
            "does, the real run reports no change, although check mode does."
        )
    try:
        present = provider.list()
    except TrackingError as exc:
        provider.http.log(f"cannot see whether a list shows the verification: {exc}")
        return names, None
    shown = {domain.name for domain in present if domain.verified}
    return names - (uncertain - shown), None


def _conclude(
    outcome: DomainOutcome,
    result: Verification,
    *,
    provider: Provider,
    check_mode: bool,
    is_change: bool,
) -> str | None:
    """Take a verification into a domain's outcome; returns a warning, if there is one."""
    title = provider.facts.title
    was_verified = bool(outcome.after and outcome.after.verified)
    outcome.after, outcome.finding = result.domain, result.finding
    finding = result.finding
    if result.error:
        outcome.fail(result.error)
        outcome.final = result.final
        return None
    if result.domain.verified:
        if is_change:
            outcome.changed = True
            if outcome.action == "unchanged":
                outcome.action = "verified"
        if finding and finding.definitive and finding.status != "ok":
            return (
                f"{outcome.name} is verified at {title}, but its live DNS is not right "
                f"({finding.status}): {finding.reason}"
                + (f" To do: {finding.fix}" if finding.fix else "")
            )
        return None
    outcome.note = _why_not_verified(result, provider, check_mode=check_mode)
    if was_verified:
        said = "would not be verified any more" if check_mode else "is not verified any more"
        return f"{outcome.name} {said}: {outcome.note}"
    # The normal course of things: the record is not published yet, or in check mode, the provider has
    # not said yet what it must point to.
    no_target_yet = check_mode and not outcome.before and not result.domain.target
    expected = finding is not None and (
        finding.status == "missing" or (no_target_yet and finding.status == "unknown")
    )
    return None if expected else f"{outcome.name} is not verified: {outcome.note}"


def _why_not_verified(result: Verification, provider: Provider, *, check_mode: bool) -> str:
    title = provider.facts.title
    finding = result.finding
    if finding is None or finding.status == "ok":
        if check_mode:
            return f"only {title} knows, and check mode does not ask"
        return f"{title} has not seen the CNAME yet; run again later or set wait"
    if result.domain.target is None:
        return f"{finding.reason} {provider.facts.target_hint}"
    return finding.reason + (f" To do: {finding.fix}" if finding.fix else "")
