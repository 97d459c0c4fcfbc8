# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From declarations to a converged account: list, plan, guard, write, verify. Private to this collection.

``tracking_domain`` is ``tracking_domains`` with one entry: both come through here.
"""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils._engine.apply import Applied, Applier
from ansible_collections.mailops.email.plugins.module_utils._engine.lookups import Lookups
from ansible_collections.mailops.email.plugins.module_utils._engine.outcome import (
    DomainOutcome,
    Outcome,
)
from ansible_collections.mailops.email.plugins.module_utils._engine.plan import (
    Plan,
    Step,
    check_purge_limit,
    check_wanted,
    make_plan,
    with_own_window,
)
from ansible_collections.mailops.email.plugins.module_utils._engine.preconditions import (
    refuse_adds,
    refuse_apexes,
    refuse_dangling,
)
from ansible_collections.mailops.email.plugins.module_utils._engine.sender_outcomes import (
    SenderOutcomes,
)
from ansible_collections.mailops.email.plugins.module_utils._engine.verify_outcomes import (
    verify_outcomes,
)
from ansible_collections.mailops.email.plugins.module_utils._engine.wanted import Settings, Wanted
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import few
from ansible_collections.mailops.email.plugins.module_utils._providers.base import Provider
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import TrackingDomain

if t.TYPE_CHECKING:
    from ansible_collections.mailops.email.plugins.module_utils._dns.live_dns import LiveDns


class Converger:
    """Brings one account to what is wanted.

    :param live_dns: makes what looks names up, called where that is needed; None where it is off.
    """

    def __init__(
        self,
        provider: Provider,
        settings: Settings,
        *,
        live_dns: t.Callable[[], LiveDns] | None,
    ) -> None:
        self._provider = provider
        self._settings = settings
        self._lookups = Lookups(live_dns)
        self._senders = SenderOutcomes(provider, settings)
        self._warnings: list[str] = []

    def run(self, wanted: t.Sequence[Wanted]) -> Outcome:
        """Do it, or in check mode predict it.

        :raises TrackingError: where nothing at all could be done. What happens to one domain is in
            its outcome.
        """
        settings = self._settings
        check_wanted(wanted, self._provider.facts)
        for entry in wanted:
            if entry.problem and not settings.whole_account:
                raise entry.problem
        if any(entry.verify for entry in wanted):
            # Before anything is written: a missing library must not stop a run half-way.
            self._lookups.prepare()
        present = self._list(wanted)
        plan = make_plan(
            wanted,
            present,
            self._provider.facts,
            purge=settings.purge,
            purge_exclude=settings.purge_exclude,
            purge_dangling=settings.purge_dangling,
        )
        if any(step.looked_up for step in (*plan.declared, *plan.purge)):
            self._lookups.prepare()
        declared = [self._outcome_of(step) for step in plan.declared]
        purged = [self._outcome_of(step) for step in plan.purge]
        outcomes = [*declared, *purged]
        try:
            check_purge_limit(plan, settings.purge_limit, self._provider.facts)
        except TrackingError as exc:
            return self._nothing_done(declared, plan, exc)
        self._guard_and_write(declared, present)
        self._warnings += verify_outcomes(
            declared, present, self._lookups, self._provider, settings
        )
        self._warnings += self._senders.bind(declared)
        if self._may_purge(declared, purged):
            self._guard_and_write(purged, present)
        for outcome in declared:
            if outcome.after:
                outcome.after = with_own_window(outcome.after, outcome.step.wanted)
            doubt = outcome.step.doubt(self._provider.facts)
            if doubt and outcome.changed:
                self._warnings.append(doubt)
        return Outcome(outcomes, _unmanaged(plan, purged), self._warnings)

    def _list(self, wanted: t.Sequence[Wanted]) -> list[TrackingDomain]:
        try:
            return self._provider.list()
        except TrackingError as exc:
            if not self._settings.whole_account:
                exc.operation = self._provider.facts.operation("look up", wanted[0].name)
            raise

    def _outcome_of(self, step: Step) -> DomainOutcome:
        outcome = DomainOutcome(step, action=step.action, after=step.before, error=step.error)
        if step.error and not step.error.operation:
            step.error.operation = self._provider.facts.operation("configure", step.wanted.name)
        return outcome

    def _nothing_done(
        self, outcomes: list[DomainOutcome], plan: Plan, refusal: TrackingError
    ) -> Outcome:
        """What there is, where nothing was changed at all."""
        for outcome in outcomes:
            if not outcome.error:
                outcome.action, outcome.note = "unchanged", f"not attempted: {refusal.message}"
        return Outcome(outcomes, _unmanaged(plan, []), self._warnings, refusal)

    def _guard_and_write(
        self, outcomes: t.Sequence[DomainOutcome], present: t.Sequence[TrackingDomain]
    ) -> None:
        self._warnings += self._senders.refuse_in_use(outcomes)
        self._warnings += refuse_dangling(
            outcomes,
            present,
            self._lookups,
            self._provider,
            self._settings,
        )
        if not self._settings.adds:
            refuse_adds(outcomes, self._provider.facts)
        if self._settings.refuse_apexes:
            refuse_apexes(outcomes, self._lookups, self._provider.facts)
        self._write(outcomes, present)

    def _may_purge(
        self, declared: t.Iterable[DomainOutcome], purged: t.Iterable[DomainOutcome]
    ) -> bool:
        """Whether all that is declared is right; if not, say so of what a purge would delete."""
        wrong = [
            outcome.name for outcome in declared if outcome.error or self._wait_will_fail(outcome)
        ]
        for outcome in purged:
            if wrong:
                outcome.action = "unchanged"
                outcome.note = (
                    "not attempted: a purge runs only if everything declared is right, which is "
                    f"not the case for {few(wrong)}"
                )
        return not wrong

    def _wait_will_fail(self, outcome: DomainOutcome) -> bool:
        """Whether check mode predicts that a wait fails: then there is no wait."""
        waits = self._settings.check_mode and outcome.step.wanted.wait
        return bool(waits and outcome.after and not outcome.after.verified)

    def _write(
        self, outcomes: t.Sequence[DomainOutcome], present: t.Sequence[TrackingDomain]
    ) -> None:
        todo = [outcome for outcome in outcomes if outcome.step.write and not outcome.error]
        facts = self._provider.facts
        results: list[Applied]
        if self._settings.check_mode:
            target = self._provider.target(present)
            results = [Applied(outcome.step.after(facts, target)) for outcome in todo]
        else:
            applier = Applier(
                self._provider,
                concurrency=self._settings.concurrency,
                room=None
                if facts.domain_limit is None
                else max(0, facts.domain_limit - len(present)),
            )
            results = applier.run([outcome.step for outcome in todo])
            self._fill_what_was_freed(applier, todo, results)
        for outcome, result in zip(todo, results):
            outcome.after, outcome.error, outcome.changed = result
            outcome.written = result.changed and not result.error
            if not outcome.written:
                outcome.action = "failed" if result.error else "unchanged"

    def _fill_what_was_freed(
        self, applier: Applier, todo: t.Sequence[DomainOutcome], results: list[Applied]
    ) -> None:
        """Try adds again that had no room, where the same run made some."""
        full = [
            number
            for number, result in enumerate(results)
            if result.error and result.error.code == "quota" and todo[number].step.write == "add"
        ]
        freed = sum(
            outcome.step.write == "delete" and result.changed and not result.error
            for outcome, result in zip(todo, results)
        )
        again = full[:freed]
        for number, result in zip(again, applier.run([todo[number].step for number in again])):
            results[number] = result


def _unmanaged(plan: Plan, purged: t.Iterable[DomainOutcome]) -> list[str]:
    """What is not declared and is (or in check mode would be) still there, a name for each entry."""
    gone = {outcome.before.key for outcome in purged if outcome.before and not outcome.after}
    return [domain.name for domain in plan.unmanaged if domain.key not in gone]
