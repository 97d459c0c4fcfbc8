# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From declarations to a converged account: list, plan, guard, write, verify. Private to this collection.

``tracking_domain`` is ``tracking_domains`` with one entry: both come through here.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.mailops.email.plugins.module_utils._engine.apply import Applied, Applier
from ansible_collections.mailops.email.plugins.module_utils._engine.guard import (
    in_use,
    leave_to_give_up,
    warn_unseen,
)
from ansible_collections.mailops.email.plugins.module_utils._engine.plan import (
    Plan,
    Step,
    check_purge_limit,
    check_wanted,
    make_plan,
    with_own_window,
)
from ansible_collections.mailops.email.plugins.module_utils._engine.senders import (
    Bound,
    Senders,
    bind,
    predict,
    read_senders,
    refuse_in_use,
    using,
)
from ansible_collections.mailops.email.plugins.module_utils._engine.verify import (
    Verification,
    Verifier,
)
from ansible_collections.mailops.email.plugins.module_utils._engine.wanted import Settings, Wanted
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import few
from ansible_collections.mailops.email.plugins.module_utils._providers.base import Provider
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import TrackingDomain

if t.TYPE_CHECKING:
    from ansible_collections.mailops.email.plugins.module_utils._dns.live_dns import LiveDns
    from ansible_collections.mailops.email.plugins.module_utils._dns.model import Finding


# How long a look for apexes may take before an add: what is not known by then is tried.
_APEX_SECONDS = 15.0


@dataclass
class DomainOutcome:
    """What became of one domain.

    :param after: as it is now, or in check mode as it would be; None where there is none.
    :param action: as in the return value ``actions``.
    :param changed: something was changed, or may have been and nobody can tell.
    :param written: its write took effect; in check mode, would take effect.
    :param final: its verification failed, and waiting longer cannot help.
    """

    step: Step
    action: str
    changed: bool = False
    written: bool = False
    after: TrackingDomain | None = None
    finding: Finding | None = None
    error: TrackingError | None = None
    note: str | None = None
    final: bool = False

    @property
    def name(self) -> str:
        return self.step.wanted.name

    @property
    def before(self) -> TrackingDomain | None:
        return self.step.before


@dataclass
class Outcome:
    """What became of all of them, in the order asked; those of a purge last.

    :param refusal: why nothing was attempted at all.
    """

    domains: list[DomainOutcome]
    unmanaged: list[str]
    warnings: list[str] = field(default_factory=list)
    refusal: TrackingError | None = None

    @property
    def changed(self) -> bool:
        return any(domain.changed for domain in self.domains)


class Converger:
    """Brings one account to what is wanted.

    :param live_dns: makes the look at the DNS, called where one is needed; None where it is off.
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
        self._make_live_dns = live_dns
        self._live_dns: LiveDns | None = None
        self._senders: Senders | None = None
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
            self._need_live_dns()
        present = self._list(wanted)
        plan = make_plan(
            wanted,
            present,
            self._provider.facts,
            purge=settings.purge,
            purge_exclude=settings.purge_exclude,
            purge_dangling=settings.purge_dangling,
        )
        if any(step.guarded for step in (*plan.declared, *plan.purge)):
            self._need_live_dns()
        declared = [self._start(step) for step in plan.declared]
        purged = [self._start(step) for step in plan.purge]
        outcomes = [*declared, *purged]
        try:
            check_purge_limit(plan, settings.purge_limit, self._provider.facts)
        except TrackingError as exc:
            return self._nothing_done(declared, plan, exc)
        self._carry_out(declared, present)
        self._verify(declared, present)
        self._bind_senders(declared)
        if self._may_purge(declared, purged):
            self._carry_out(purged, present)
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

    def _start(self, step: Step) -> DomainOutcome:
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

    def _carry_out(
        self, outcomes: t.Sequence[DomainOutcome], present: t.Sequence[TrackingDomain]
    ) -> None:
        self._guard_senders(outcomes)
        self._guard(outcomes, present)
        self._refuse_apexes(outcomes)
        self._write(outcomes, present)

    def _may_purge(
        self, declared: t.Iterable[DomainOutcome], purged: t.Iterable[DomainOutcome]
    ) -> bool:
        """Whether all that is declared is right; if not, say so of what a purge would delete."""
        wrong = [outcome.name for outcome in declared if outcome.error or self._in_vain(outcome)]
        for outcome in purged:
            if wrong:
                outcome.action = "unchanged"
                outcome.note = (
                    "not attempted: a purge comes once all that is declared is right, which is not "
                    f"so for {few(wrong)}"
                )
        return not wrong

    def _in_vain(self, outcome: DomainOutcome) -> bool:
        """Whether check mode predicts that a wait fails: nobody waits for it then."""
        waits = self._settings.check_mode and outcome.step.wanted.wait
        return bool(waits and outcome.after and not outcome.after.verified)

    def _read_senders(self) -> Senders:
        """Once in a run: nothing but a binding of its own changes them, as far as it is concerned."""
        if self._senders is None:
            self._senders = read_senders(self._provider)
        return self._senders

    def _guard_senders(self, outcomes: t.Sequence[DomainOutcome]) -> None:
        """Refuse to delete or rename what a sender still uses, or warn of it, as ``dangling`` says."""
        facts = self._provider.facts
        leaving = [outcome for outcome in outcomes if outcome.step.guarded and not outcome.error]
        if not leaving or not facts.has_senders:
            return
        try:
            senders = self._read_senders()
        except TrackingError as exc:
            for outcome in leaving:
                # Who may not read them is not kept from what else is allowed.
                if outcome.step.wanted.dangling == "warn" or exc.code == "authentication":
                    self._warnings.append(
                        f"nobody can tell whether a sender still uses {outcome.name}: {exc.reason}"
                    )
                else:
                    outcome.error, outcome.action = exc.copied(), "failed"
            return
        for outcome in leaving:
            refusal = refuse_in_use(outcome.step, senders, facts)
            if refusal and outcome.step.wanted.dangling == "warn":
                self._warnings.append(f"{outcome.step.action} although {refusal.message}")
            elif refusal:
                outcome.error, outcome.action = refusal, "failed"

    def _guard(
        self, outcomes: t.Sequence[DomainOutcome], present: t.Sequence[TrackingDomain]
    ) -> None:
        """Refuse deletions and renames, or warn of them, by the live DNS: see ``leave_to_give_up``."""
        leaving = [
            (outcome, outcome.before)
            for outcome in outcomes
            if outcome.before and outcome.step.guarded and not outcome.error
        ]
        if not leaving:
            return
        settings = self._settings
        domains = [before for _outcome, before in leaving]
        if self._need_live_dns() is None:
            names = [domain.name for domain in domains]
            self._warnings.append(warn_unseen(names, check_mode=settings.check_mode))
            return
        findings = self._lookup_to_delete(domains, present)
        used = {domain.name for domain in (*present, *domains) if in_use(domain)}
        for outcome, before in leaving:
            finding = findings[before.name]
            warning, refusal = leave_to_give_up(
                before,
                finding,
                verb="rename" if outcome.step.rename else "delete",
                dangling=outcome.step.wanted.dangling,
                facts=self._provider.facts,
                check_mode=settings.check_mode,
                used=before.name in used,
            )
            if warning:
                self._warnings.append(warning)
            if refusal:
                outcome.error, outcome.action = refusal, "failed"
            if refusal or not outcome.step.rename:
                # Of a rename that goes on, the new name is the one to be told of.
                outcome.finding = finding

    def _refuse_apexes(self, outcomes: t.Sequence[DomainOutcome]) -> None:
        """Refuse to add what can never be verified, before the account is touched."""
        new = [
            outcome
            for outcome in outcomes
            if outcome.step.write == "add" and outcome.step.wanted.verify and not outcome.error
        ]
        if not new or not self._settings.refuse_apexes or self._need_live_dns() is None:
            return
        facts = self._provider.facts
        names = [outcome.name for outcome in new]
        domains = [TrackingDomain(provider=facts.name, name=name) for name in names]
        findings = self._lookup(domains, _APEX_SECONDS)
        for outcome in new:
            finding = findings[outcome.name]
            if finding.status == "apex":
                outcome.finding, outcome.action = finding, "failed"
                outcome.error = TrackingError(
                    "validation",
                    finding.reason,
                    operation=facts.operation("add", outcome.name),
                    provider=facts.name,
                    hint=finding.fix,
                )

    def _lookup_to_delete(
        self, domains: t.Sequence[TrackingDomain], present: t.Sequence[TrackingDomain]
    ) -> dict[str, Finding]:
        """Any domain of the account tells a target that none of these may lead to."""
        from ansible_collections.mailops.email.plugins.module_utils._dns.model import LookupRequest

        live_dns = self._need_live_dns()
        if live_dns is None:
            return {}
        target = self._provider.target(present)
        targets = {domain.target for domain in present} | {target}
        requests = []
        for domain in domains:
            own = domain.target or target
            others = sorted(other for other in targets if other and other != own)
            requests.append(LookupRequest(domain.name, own, tuple(others), to_delete=True))
        return live_dns.lookup(requests)

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

    def _verify(
        self, outcomes: t.Sequence[DomainOutcome], present: t.Sequence[TrackingDomain]
    ) -> None:
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
            return
        verifier = Verifier(
            self._provider,
            lookup=self._lookup if self._live_dns else None,
            concurrency=self._settings.concurrency,
            timeout=self._settings.wait_timeout,
            interval=self._settings.wait_interval,
        )
        domains = [(o.after, o.step.wanted.wait) for o in candidates if o.after]
        if self._settings.check_mode:
            verified = verifier.predict(domains)
            self._preflight(candidates)
        else:
            verified = verifier.run(domains)
        results = [(o, verified[o.after.name]) for o in candidates if o.after]
        kept = self._kept(results, present)
        for outcome, result in results:
            self._conclude(outcome, result, kept)

    def _bind_senders(self, outcomes: t.Sequence[DomainOutcome]) -> None:
        """Have the senders that are declared use their domain, once it is verified and never before."""
        declared = [
            outcome
            for outcome in outcomes
            if outcome.step.wanted.senders is not None and outcome.after and not outcome.error
        ]
        if not declared:
            return
        try:
            senders = self._read_senders()
        except TrackingError as exc:
            for outcome in declared:
                outcome.error, outcome.action = exc.copied(), "failed"
            return
        for outcome in declared:
            domain, wanted = outcome.after, outcome.step.wanted.senders
            if domain is None or wanted is None:
                continue
            if outcome.before:
                shown = outcome.before.but(senders=using(senders, outcome.before.name))
                outcome.step = replace(outcome.step, before=shown)
            if not domain.verified:
                bound = Bound(using(senders, domain.name))
                left = [name for name in wanted if name not in bound.senders]
                if left:
                    later = f"{few(left)} will be bound to it once it is verified"
                    outcome.note = f"{outcome.note} {later}." if outcome.note else later
            elif self._settings.check_mode:
                bound = predict(senders, domain, wanted)
            else:
                bound, senders = bind(self._provider, senders, domain, wanted)
                self._senders = senders
            outcome.after = domain.but(senders=bound.senders)
            if bound.changed:
                outcome.changed = True
                outcome.action = "updated" if outcome.action == "unchanged" else outcome.action
            if bound.error:
                outcome.error, outcome.action = bound.error, "failed"

    def _kept(
        self,
        results: t.Sequence[tuple[DomainOutcome, Verification]],
        present: t.Sequence[TrackingDomain],
    ) -> set[str]:
        """The domains, of those that a check has just verified, whose verification is a change.

        Where a provider's list may not show what a check found, a domain would be verified anew, and
        reported as changed, by each run. So the list is asked once, if nothing else was changed. Check
        mode cannot ask, for that nothing was verified.
        """
        names = {
            outcome.name
            for outcome, result in results
            if result.domain.verified and outcome.after and not outcome.after.verified
        }
        doubtful = {outcome.name for outcome, _result in results if not outcome.changed} & names
        shows = self._provider.shows_checks(present)
        if shows or not doubtful:
            return names
        if shows is False:
            return names - doubtful
        if self._settings.check_mode:
            if not any(domain.verified for domain in present):
                title = self._provider.facts.title
                self._warnings.append(
                    f"{few(sorted(doubtful))}: whether the verification is a change cannot be known. "
                    f"{title}'s list shows no domain of this account as verified. If it never does, "
                    "the run itself reports no change, whatever check mode says."
                )
            return names
        try:
            present = self._provider.list()
        except TrackingError as exc:
            self._provider.http.log(f"cannot see whether a list shows the verification: {exc}")
            return names
        return names - doubtful.difference(domain.name for domain in present if domain.verified)

    def _conclude(
        self, outcome: DomainOutcome, result: Verification, kept: t.Collection[str]
    ) -> None:
        was_verified = bool(outcome.after and outcome.after.verified)
        outcome.after, outcome.finding = result.domain, result.finding
        if result.error:
            outcome.error, outcome.action = result.error, "failed"
            outcome.final = result.final
            return
        if result.domain.verified:
            if outcome.name in kept:
                outcome.changed = True
                if outcome.action == "unchanged":
                    outcome.action = "verified"
        else:
            outcome.note = self._why_not_verified(result)
            finding = result.finding
            # The normal course of things: the record is not published yet, or in check mode, the
            # provider has not said yet what it must point to.
            check_mode = self._settings.check_mode
            untold = check_mode and not outcome.before and not result.domain.target
            missing = finding is not None and finding.status == "missing"
            if was_verified:
                said = (
                    "would not be verified any more" if check_mode else "is not verified any more"
                )
                self._warnings.append(f"{outcome.name} {said}: {outcome.note}")
            elif not missing and not (untold and finding and finding.status == "unknown"):
                self._warnings.append(f"{outcome.name} is not verified: {outcome.note}")
            return
        finding = result.finding
        if result.domain.verified and finding and finding.definitive and finding.status != "ok":
            self._warnings.append(
                f"{outcome.name} is verified at {self._provider.facts.title}, but its live DNS is not "
                f"right ({finding.status}): {finding.reason}"
                + (f" To do: {finding.fix}" if finding.fix else "")
            )

    def _why_not_verified(self, result: Verification) -> str:
        title = self._provider.facts.title
        finding = result.finding
        if finding is None or finding.status == "ok":
            if self._settings.check_mode:
                return f"only {title} can tell, and check mode does not ask it"
            return f"{title} has not seen the CNAME yet; run again later or set wait"
        if result.domain.target is None:
            return f"{finding.reason} {self._provider.facts.target_hint}"
        fix = f" To do: {finding.fix}" if finding.fix else ""
        return f"{finding.reason}{fix}"

    def _preflight(self, candidates: t.Sequence[DomainOutcome]) -> None:
        if self._live_dns is None:
            return
        new = [
            outcome.name for outcome in candidates if outcome.after and not outcome.after.verified
        ]
        self._warnings += self._live_dns.preflight(new)

    def _need_live_dns(self) -> LiveDns | None:
        if self._live_dns is None and self._make_live_dns is not None:
            self._live_dns = self._make_live_dns()
        return self._live_dns

    def _lookup(
        self, domains: t.Sequence[TrackingDomain], seconds: float | None
    ) -> dict[str, Finding]:
        from ansible_collections.mailops.email.plugins.module_utils._dns.model import LookupRequest

        live_dns = self._need_live_dns()
        if live_dns is None:
            return {}
        requests = [LookupRequest(domain.name, domain.target) for domain in domains]
        return live_dns.lookup(list(dict.fromkeys(requests)), seconds)


def _unmanaged(plan: Plan, purged: t.Iterable[DomainOutcome]) -> list[str]:
    """What nobody declared and is (or in check mode would be) still there, a name for each entry."""
    gone = {outcome.before.key for outcome in purged if outcome.before and not outcome.after}
    return [domain.name for domain in plan.unmanaged if domain.key not in gone]
