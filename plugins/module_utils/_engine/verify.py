# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Having domains verified, and waiting for it. Private to this collection: no promise is made to others.

The live DNS is looked at first; the provider is asked only about domains whose CNAME is right or
cannot be known. Asking too early costs quota and fills the provider's negative cache. A domain that is
verified is asked about only where the live DNS says for sure that it cannot be: the flag is stored, and
may be that of a name it had before.
"""

from __future__ import annotations

import time
import typing as t
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._http.client import LEAST_TIMEOUT
from ansible_collections.mailops.email.plugins.module_utils._providers.base import Provider
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import TrackingDomain

if t.TYPE_CHECKING:
    from ansible_collections.mailops.email.plugins.module_utils._dns.model import Finding

# For so many seconds at most, where those are given.
Lookup = t.Callable[[t.Sequence[TrackingDomain], t.Optional[float]], "dict[str, Finding]"]

# A mismatch on which every server agrees may still be an old record on its way out: it ends a wait
# once wait_interval has passed twice (design, "Verification").
_LOOKS_AT_A_MISMATCH = 3
# What asking again does not mend: a wait ends with such an answer, as it would without a wait.
_FINAL = ("validation", "quota", "not_found", "unsupported")
# What an answer to a question about many may mean of one of them; how many, asked alone, are enough
# to see that it is no matter of one domain.
_OF_ONE_DOMAIN = (*_FINAL, "conflict")
_ENOUGH = 3
# How many seconds a look has, be there no time left to wait.
_LEAST_LOOK = 5.0


class Verification:
    """What is known of one domain while it is being verified, and at the end."""

    def __init__(self, domain: TrackingDomain, wait: bool, recheck: str) -> None:
        self.domain = domain
        self.wait = wait
        self.recheck = recheck
        self.finding: Finding | None = None
        self.error: TrackingError | None = None
        self.asked = 0
        self.answered = False
        self.asked_at: float | None = None
        self.mismatches = 0
        self.was_right = False
        self.hopeless = False

    @property
    def outstanding(self) -> bool:
        return not self.verified and not self.hopeless and not self.turned_down

    @property
    def verified(self) -> bool:
        return self.domain.verified and not self.doubtful

    @property
    def doubtful(self) -> bool:
        """Whether it counts as verified, its name surely leads elsewhere, and no answer says which is so.

        A check whose answer was lost may have found it not verified, whatever the name leads to since.
        """
        finding = self.finding
        elsewhere = finding is not None and finding.definitive and finding.points_at_target is False
        doubt = {"never": False, "wrong": elsewhere, "all": True}[self.recheck]
        return self.domain.verified and not self.answered and (doubt or self.asked > 0)

    @property
    def to_ask(self) -> bool:
        """Whether the provider is to be asked about it."""
        return (self.outstanding and self.askable) or (self.doubtful and self.recheck == "wrong")

    @property
    def turned_down(self) -> bool:
        """Whether the provider's answer is one that stays."""
        return self.error is not None and self.error.code in _FINAL

    @property
    def final(self) -> bool:
        """Whether it failed, and waiting longer cannot help."""
        refused = self.error is not None and self.error.code == "authentication"
        return self.error is not None and (self.hopeless or self.turned_down or refused)

    @property
    def askable(self) -> bool:
        """Whether the live DNS is right, cannot be known, or was not looked at."""
        return self.finding is None or self.finding.status in ("ok", "unknown")

    def see(self, finding: Finding) -> None:
        self.finding = finding
        if finding.status == "ok" and not self.was_right:
            # Whatever was asked before, while the DNS could not tell: now it is worth a call.
            self.was_right, self.asked_at = True, None
        agreed = finding.status == "mismatch" and finding.agreed
        self.mismatches = self.mismatches + 1 if agreed else 0
        self.hopeless = finding.hopeless or self.mismatches >= _LOOKS_AT_A_MISMATCH


class Verifier:
    """Verifies domains, all under one deadline.

    :param lookup: looks the domains up in the live DNS; None where that is switched off.
    :param recheck: see ``Settings``.
    :param clock: seconds that only ever grow.
    """

    def __init__(
        self,
        provider: Provider,
        *,
        lookup: Lookup | None,
        concurrency: int,
        timeout: float,
        interval: float,
        recheck: str = "wrong",
        clock: t.Callable[[], float] = time.monotonic,
        sleep: t.Callable[[float], None] = time.sleep,
    ) -> None:
        self._provider = provider
        self._lookup = lookup
        self._concurrency = concurrency
        self._timeout = timeout
        self._interval = interval
        self._recheck = recheck
        self._clock = clock
        self._sleep = sleep
        self._deadline = 0.0
        self._refused: TrackingError | None = None

    def predict(self, domains: t.Sequence[tuple[TrackingDomain, bool]]) -> dict[str, Verification]:
        """For check mode: look up the DNS, and do not ask the provider. Each domain comes with whether to wait.

        The provider is taken to see what the live DNS says; a wait that cannot succeed fails here as well.
        """
        entries = [Verification(domain, wait, self._recheck) for domain, wait in domains]
        self._look_up(entries, None)
        for entry in entries:
            if entry.doubtful:
                entry.domain = entry.domain.but(verified=False)
            elif entry.finding and entry.finding.status == "ok":
                entry.domain = entry.domain.but(verified=True)
            if not entry.domain.verified and entry.wait and entry.hopeless:
                entry.error = self._not_verified(entry)
        return {entry.domain.name: entry for entry in entries}

    def run(self, domains: t.Sequence[tuple[TrackingDomain, bool]]) -> dict[str, Verification]:
        """Verify; each domain comes with whether to wait for it.

        What goes wrong is in the result of each domain; refused credentials stop all that are not verified yet.
        """
        entries = [Verification(domain, wait, self._recheck) for domain, wait in domains]
        self._deadline = self._clock() + self._timeout
        self._look_up(entries, self._timeout if any(entry.wait for entry in entries) else None)
        self._ask(entries)
        while True:
            left = self._deadline - self._clock()
            waiting = [entry for entry in entries if entry.wait and entry.outstanding]
            if not waiting or left <= 0 or self._refused:
                break
            self._sleep(min(self._interval, left))
            self._look_up(waiting, self._deadline - self._clock())
            self._ask(waiting)
        for entry in entries:
            if self._refused and entry.outstanding:
                entry.error = self._refused.copied(operation=self._operation(entry))
            elif entry.wait and not entry.verified and not entry.turned_down:
                entry.error = self._not_verified(entry)
            elif entry.doubtful and entry.error:
                entry.error.details = tuple(self._details(entry))
        return {entry.domain.name: entry for entry in entries}

    def _look_up(self, entries: t.Sequence[Verification], seconds: float | None) -> None:
        if self._lookup is None or not entries:
            return
        if seconds is not None:
            seconds = max(seconds, _LEAST_LOOK)
        findings = self._lookup([entry.domain for entry in entries], seconds)
        for entry in entries:
            entry.see(findings[entry.domain.name])

    def _ask(self, entries: t.Sequence[Verification]) -> None:
        """Ask the provider: in one call where it takes many, else one each, several at once.

        In one call: each round. Else at once where the live DNS has become right, then less often
        the more there are; and in the last round, so that no wait ends without having asked.
        """
        now = self._clock()
        askable = [entry for entry in entries if entry.to_ask]
        facts = self._provider.facts
        in_one_call = facts.checks_in_batches
        pause = 0.0 if in_one_call else max(self._interval, facts.seconds_a_call * len(askable))
        last = now >= self._deadline
        due = [
            entry
            for entry in askable
            if last or entry.asked_at is None or now >= entry.asked_at + pause
        ]
        if not due:
            return
        for entry in due:
            entry.asked_at = now
        batches = [due] if in_one_call else [[entry] for entry in due]
        with ThreadPoolExecutor(max_workers=min(self._concurrency, len(batches))) as pool:
            list(pool.map(self._ask_batch, batches))

    def _ask_batch(self, batch: t.Sequence[Verification]) -> None:
        left = self._deadline - self._clock()
        again = all(entry.wait and entry.asked for entry in batch)
        # Single calls may queue up until after the deadline: then the earlier answer has to do.
        if self._refused or (again and left < -LEAST_TIMEOUT):
            return
        wait = any(entry.wait for entry in batch)
        try:
            with self._provider.http.within(left if wait else None):
                answered = self._provider.check([entry.domain for entry in batch])
        except TrackingError as exc:
            if exc.code == "authentication":
                self._refused = exc
            elif len(batch) > 1 and _may_be_of_one(exc):
                self._ask_each(batch, exc)
            else:
                self._failed(batch, exc)
            return
        by_key = {(domain.id, domain.name): domain for domain in answered}
        for entry in batch:
            found = by_key.get((entry.domain.id, entry.domain.name))
            if found is None:
                self._failed([entry], self._answer_without(entry))
                continue
            entry.domain = found
            entry.error = None
            entry.asked += 1
            entry.answered = True

    def _ask_each(self, batch: t.Sequence[Verification], exc: TrackingError) -> None:
        """One bad domain (deleted meanwhile, say) must not stand in the way of the others.

        Unless the provider fails at whatever it is asked: the first few tell.
        """
        for number, entry in enumerate(batch):
            if (
                number == _ENOUGH
                and exc.code not in _OF_ONE_DOMAIN
                and all(asked.error for asked in batch[:number])
            ):
                self._failed(batch[number:], exc)
                return
            self._ask_batch([entry])

    def _failed(self, batch: t.Sequence[Verification], exc: TrackingError) -> None:
        for entry in batch:
            entry.error = exc.copied(operation=self._operation(entry))
            entry.asked += 1

    def _answer_without(self, entry: Verification) -> TrackingError:
        facts = self._provider.facts
        return TrackingError(
            "bad_response",
            f"{facts.title}'s answer says nothing of {entry.domain.name}",
            provider=facts.name,
            hint="Run again: it may have been renamed or deleted meanwhile.",
        )

    def _operation(self, entry: Verification) -> str:
        return self._provider.facts.operation("verify", entry.domain.name)

    def _not_verified(self, entry: Verification) -> TrackingError:
        facts = self._provider.facts
        finding = entry.finding
        # What the provider answered last is the cause, unless the DNS has gone wrong since.
        said = entry.error if entry.askable else None
        why = [said.message] if said else []
        if finding is not None and not (said and finding.status == "ok"):
            why.append(finding.reason.rstrip("."))
        hint = None
        # How long was waited knows who runs the module, perhaps for a few seconds at a time.
        message = "waiting will not help" if entry.hopeless else "not verified when the wait ended"
        if why:
            message += f": {'. '.join(why)}"
        if said:
            hint = said.hint
        elif finding is not None and finding.status == "ok":
            hint = (
                f"The live DNS is right, {facts.title} has not seen it yet: it may have cached an "
                "older answer. Run again later, or wait longer with wait_timeout."
            )
        elif entry.domain.target is None:
            hint = facts.target_hint
        return TrackingError(
            "not_verified",
            message,
            operation=self._operation(entry),
            provider=facts.name,
            hint=hint,
            details=[*self._details(entry)],
            **(said.answer if said else {}),
        )

    def _details(self, entry: Verification) -> t.Iterator[str]:
        """Expected and found, one line each, in columns that read well in a terminal."""
        finding = entry.finding
        yield _line("expected", entry.domain.target or "unknown")
        if finding is not None:
            nothing = "other records" if finding.status == "conflict" else "nothing"
            for answer in finding.found:
                seen = ", ".join([*answer["cname"], *answer["a"]]) or nothing
                yield _line("found", f"{seen}  (at {answer['server']})")
        title = self._provider.facts.title
        if entry.error is not None:
            answered = entry.error.message
        elif entry.asked:
            answered = "not verified at the last check"
        else:
            answered = "not asked, because the live DNS is not right yet"
        yield _line("provider", answered if answered.startswith(title) else f"{title}: {answered}")
        if finding is not None and finding.status != "ok" and finding.fix:
            is_record = finding.fix.startswith(f"{entry.domain.name}.")
            yield _line("publish" if is_record else "to do", finding.fix)


def _may_be_of_one(exc: TrackingError) -> bool:
    """Whether an answer to a question about many may come of one of them."""
    if exc.code == "bad_response":
        # An unknown code; not a server that fails, or something else in its place.
        return exc.vendor_code is not None and (exc.http_status or 0) < 500
    return exc.code in _OF_ONE_DOMAIN


def _line(label: str, text: str) -> str:
    return f"  {label + ':':10} {text}"
