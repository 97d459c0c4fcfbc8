# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who sends mail with the domains of a run: what that refuses, and binding them. Private to this collection."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.mailops.email.plugins.module_utils._engine.outcome import DomainOutcome
from ansible_collections.mailops.email.plugins.module_utils._engine.senders import (
    Bound,
    Senders,
    bind,
    missing,
    predict,
    read_senders,
    refuse_in_use,
    to_bind,
    unknown_use,
    using,
)
from ansible_collections.mailops.email.plugins.module_utils._engine.wanted import Settings
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import few
from ansible_collections.mailops.email.plugins.module_utils._providers.base import Provider


class SenderOutcomes:
    """Takes into outcomes what senders have to do with them.

    The senders are read once in a run, where they are needed: only its own bindings change them.
    """

    def __init__(self, provider: Provider, settings: Settings) -> None:
        self._provider = provider
        self._settings = settings
        self._known: Senders | None = None

    def refuse_in_use(self, outcomes: t.Sequence[DomainOutcome]) -> list[str]:
        """Refuse to delete or rename what a sender still uses, or warn of it, as ``dangling`` says.

        :return: warnings.
        """
        facts = self._provider.facts
        # In check mode senders that would have been moved by then are still where they were.
        moved = self._settings.takes_over.values() if self._settings.check_mode else ()
        freeing = [
            outcome
            for outcome in outcomes
            if outcome.step.guarded
            and not outcome.error
            and not any(outcome.name in names for names in moved)
        ]
        if not freeing or not facts.has_senders:
            return []
        warnings = []
        try:
            senders = self._read()
        except TrackingError as exc:
            for outcome in freeing:
                # Credentials that may not read them do not keep from what else is allowed.
                if outcome.step.wanted.dangling == "warn" or exc.code == "authentication":
                    name = outcome.before.name if outcome.before else outcome.name
                    warnings.append(unknown_use(name, exc))
                else:
                    outcome.fail(exc.copied())
            return warnings
        for outcome in freeing:
            refusal = refuse_in_use(outcome.step, senders, facts)
            if refusal and outcome.step.wanted.dangling == "warn":
                warnings.append(f"{outcome.step.action} although {refusal.message}")
            elif refusal:
                outcome.fail(refusal)
        return warnings

    def bind(self, outcomes: t.Sequence[DomainOutcome]) -> list[str]:
        """Have the senders that are declared use their domain, once it is verified and never before.

        :return: warnings.
        """
        takes_over = self._settings.takes_over
        declared = [
            (outcome, outcome.after)
            for outcome in outcomes
            if outcome.after
            and not outcome.error
            and (outcome.step.wanted.senders is not None or outcome.name in takes_over)
        ]
        if not declared:
            return []
        warnings: list[str] = []
        try:
            senders = self._read()
        except TrackingError as exc:
            for outcome, _domain in declared:
                if outcome.step.wanted.senders is None and exc.code == "authentication":
                    warnings += [unknown_use(name, exc) for name in takes_over[outcome.name]]
                else:
                    outcome.fail(exc.copied())
            return warnings
        first = senders
        for outcome, domain in declared:
            wanted = to_bind(senders, outcome.step.wanted, takes_over.get(outcome.name, ()))
            if outcome.before:
                shown = outcome.before.but(senders=using(first, outcome.before.name))
                outcome.step = replace(outcome.step, before=shown)
            if not domain.verified or _leads_elsewhere(outcome):
                users = using(senders, domain.name)
                bound = Bound(users, error=missing(senders, domain, wanted))
                left = [name for name in wanted if name not in users]
                if left and not bound.error:
                    until = "its name is right again" if domain.verified else "it is verified"
                    later = f"{few(left)} will be bound to it once {until}"
                    outcome.note = f"{outcome.note} {later}." if outcome.note else later
            elif self._settings.check_mode:
                bound, senders = predict(senders, domain, wanted)
            else:
                bound, senders = bind(self._provider, senders, domain, wanted)
            self._known = senders
            outcome.after = domain.but(senders=bound.senders)
            outcome.bound = bound.bound
            if bound.changed:
                outcome.changed = True
                outcome.action = "updated" if outcome.action == "unchanged" else outcome.action
            if bound.error:
                outcome.fail(bound.error)
        for outcome, _domain in declared:
            # A sender that was bound to a later domain does not use an earlier one any more.
            if outcome.after and outcome.after.senders is not None:
                outcome.after = outcome.after.but(senders=using(senders, outcome.after.name))
        return warnings

    def _read(self) -> Senders:
        if self._known is None:
            self._known = read_senders(self._provider)
        return self._known


def _leads_elsewhere(outcome: DomainOutcome) -> bool:
    """Whether links with the domain surely lead elsewhere, although the provider has it as verified."""
    finding = outcome.finding
    return finding is not None and finding.definitive and finding.points_at_target is False
