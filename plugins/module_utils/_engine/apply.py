# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carrying out a plan's steps. Private to this collection: no promise is made to others.

One write a step, several steps at once. A write whose outcome is unclear is settled by listing again:
neither provider documents a repeated write as safe. What the list then shows is taken for this run's
doing: better a change too many in the report than one that is missing. A deletion is one only
once the whole list has no such domain (design, "Safety"). One list settles all of a round.
"""

from __future__ import annotations

import time
import typing as t
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from ansible_collections.mailops.email.plugins.module_utils._engine.effects import (
    PERHAPS_THERE,
    answer_of_another,
    as_left,
    deletion_unseen,
    effect_of,
    not_attempted,
    say_without_effect,
    say_without_list,
    still_listed,
)
from ansible_collections.mailops.email.plugins.module_utils._engine.plan import Step
from ansible_collections.mailops.email.plugins.module_utils._errors import (
    TrackingError,
    UnclearOutcome,
)
from ansible_collections.mailops.email.plugins.module_utils._http.client import (
    FIRST_WAIT,
    TEMPORARY,
)
from ansible_collections.mailops.email.plugins.module_utils._http.retry import backoff
from ansible_collections.mailops.email.plugins.module_utils._providers.base import Provider
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import TrackingDomain

# Lists can lag: how many seconds are let pass before each further look at one.
_PAUSES = (1.0, 2.0, 4.0)
# How often the list is looked at for a write whose outcome is unclear, before it is tried again.
_LOOKS = 2


class Applied(t.NamedTuple):
    """What became of a step: the domain as it now is (None when deleted), or an error.

    ``changed`` is False also where the provider refused, because the wanted state was there already.
    With an error it is True where the write may have taken effect.
    """

    after: TrackingDomain | None
    error: TrackingError | None = None
    changed: bool = True


@dataclass(eq=False)
class _Work:
    """A step on its way.

    :param tries: how often its write was sent.
    :param error: of the last try; None where that was answered with success.
    :param unclear: what a try did is not known, or was not until a list showed it.
    :param result: once it is settled.
    """

    step: Step
    tries: int = 0
    error: TrackingError | None = None
    unclear: bool = False
    result: Applied | None = None

    @property
    def to_confirm(self) -> bool:
        """Whether the provider says that it is done, and the list has to show it."""
        return bool(self.tries) and self.error is None and self.result is None


class Applier:
    """Carries out steps, at most ``concurrency`` at once.

    :param room: how many adds the account has room for, for sure; those beyond go one after the other,
        so that those that fit a quota are the first ones. None where there is no quota.
    """

    def __init__(
        self,
        provider: Provider,
        *,
        concurrency: int,
        room: int | None = None,
        sleep: t.Callable[[float], None] = time.sleep,
    ) -> None:
        self._provider = provider
        self._concurrency = concurrency
        self._room = room
        self._sleep = sleep
        # Where the provider turns everything away, the first such answer stands for the rest.
        self._turned_away: TrackingError | None = None
        # Where an add has found no room, its answer stands for the adds that come after it.
        self._full: TrackingError | None = None

    def run(self, steps: t.Sequence[Step]) -> list[Applied]:
        """What became of each step, in the order given.

        Refused credentials stop the rest, and so does a rate limit that outlasts all retries: each
        further domain would wait as long, for nothing.
        """
        every = [_Work(step) for step in steps]
        left = every
        self._full = None
        attempt = 0
        while left:
            self._send(left)
            left = [work for work in left if not work.result]
            self._look_for_effects(left)
            for work in left:
                if not work.result and not self._may_try_again(work):
                    self._give_up(work)
            left = [work for work in left if not work.result]
            if left:
                self._pause(attempt, left)
                attempt += 1
        return [work.result for work in every if work.result]

    # --- sending ------------------------------------------------------------------------------

    def _send(self, works: t.Sequence[_Work]) -> None:
        """One write each, several at once; see ``room``."""
        adds = [work for work in works if work.step.write == "add"]
        with ThreadPoolExecutor(max_workers=min(self._concurrency, len(works))) as pool:
            jobs = [pool.submit(self._send_one, work) for work in works if work not in adds]
            fitting = [pool.submit(self._send_one, work) for work in adds[: self._room]]
            if self._room is not None:
                # These are under way before it: whatever the number of workers, they come to an end.
                jobs.append(pool.submit(self._send_in_order, adds[self._room :], fitting))
                self._room = max(0, self._room - len(adds))
        for job in (*jobs, *fitting):
            job.result()

    def _send_in_order(self, works: t.Iterable[_Work], after: t.Iterable[Future[None]]) -> None:
        wait(after)
        for work in works:
            self._send_one(work)

    def _send_one(self, work: _Work) -> None:
        stopped_by = self._turned_away
        if work.step.write == "add" and not stopped_by:
            stopped_by = self._full
        if stopped_by:
            work.error = not_attempted(work.step, stopped_by, self._provider.facts)
            self._give_up(work)
            return
        work.tries += 1
        try:
            domain = self._write(work.step)
            if domain and domain.name != work.step.wanted.name:
                raise answer_of_another(work.step, domain, self._provider.facts)
        except TrackingError as exc:
            self._failed(work, exc)
            return
        work.error = None
        if work.step.write != "delete":
            work.result = Applied(as_left(work.step, domain))

    def _failed(self, work: _Work, error: TrackingError) -> None:
        """Settle it where that can be done without a list."""
        work.error = error
        if isinstance(error, UnclearOutcome):
            work.unclear = True
            return
        if error.code == "quota" and work.step.write == "add":
            self._full = error
            if work.unclear:
                # There may be no room because an earlier try took effect after all.
                return
        elif error.code in PERHAPS_THERE:
            return
        elif error.code in ("authentication", "rate_limited"):
            self._turned_away = error
        self._give_up(work)

    def _write(self, step: Step) -> TrackingDomain | None:
        wanted = step.wanted
        certificate = wanted.certificate if step.upload else None
        if step.write == "add":
            return self._provider.add(wanted.name, certificate)
        if step.before is None:
            raise AssertionError("only a domain that is there can be updated or deleted")
        if step.write == "update":
            name = wanted.name if step.rename else None
            return self._provider.update(step.before, name=name, certificate=certificate)
        self._provider.delete(step.before)
        return None

    # --- looking at the list ------------------------------------------------------------------

    def _look_for_effects(self, works: t.Sequence[_Work]) -> None:
        """See in the account's list what took effect; a list may lag, so it is looked at again.

        One look is enough for many refusals: they are for good, most likely.
        """
        alone = len(works) == 1
        lagging = any(work.unclear or work.to_confirm for work in works)
        adds = any(work.step.write == "add" for work in works)
        # One look has to do: let what others added a moment ago show up in it.
        first = _PAUSES[0] if adds and not (alone or lagging) else 0.0
        looks = {work: self._looks_at(work, more=alone or lagging) for work in works}
        for number, pause in enumerate((first, *_PAUSES)):
            left = [work for work in works if not work.result and number < looks[work]]
            if not left:
                return
            if pause:
                self._sleep(pause)
            try:
                present = self._provider.list()
            except TrackingError as exc:
                for work in left:
                    self._cannot_look(work, exc)
                return
            for work in left:
                self._look_at(work, present)

    @staticmethod
    def _looks_at(work: _Work, *, more: bool) -> int:
        """How many looks a write is worth."""
        if work.to_confirm:
            return 1 + len(_PAUSES)
        # An add that is refused alone is often one that an earlier task did.
        return _LOOKS if work.unclear or (more and work.step.write == "add") else 1

    def _look_at(self, work: _Work, present: t.Sequence[TrackingDomain]) -> None:
        """Settle it if the list shows that its write took effect."""
        effect = effect_of(work.step, present)
        if effect.shown:
            self._log(work, "the list shows what was wanted")
            changed = work.unclear or work.to_confirm
            work.result = Applied(as_left(work.step, effect.domain), changed=changed)

    def _cannot_look(self, work: _Work, why: TrackingError) -> None:
        """The write's own error says more than that of the list; what it did stays open."""
        error, changed = work.error, work.unclear or work.to_confirm
        if error is None:
            error = deletion_unseen(work.step, why, self._provider.facts)
        elif work.unclear:
            say_without_list(error, why)
        work.result = Applied(work.step.before, error, changed=changed)

    def _may_try_again(self, work: _Work) -> bool:
        return bool(work.error and _passes(work.error) and work.tries <= self._retries)

    def _give_up(self, work: _Work) -> None:
        error, changed = work.error, work.unclear or work.to_confirm
        if error is None:
            error = still_listed(work.step, self._provider.facts)
        else:
            say_without_effect(error, unclear=work.unclear, tries=work.tries)
        work.result = Applied(work.step.before, error, changed=changed)

    def _pause(self, attempt: int, works: t.Sequence[_Work]) -> None:
        seconds = backoff(attempt, first=FIRST_WAIT)
        for work in works:
            self._log(
                work,
                f"the list shows no effect, trying again after {seconds:.1f} s "
                f"({work.tries} of {self._retries})",
            )
        self._sleep(seconds)

    def _log(self, work: _Work, what: str) -> None:
        if work.error:
            self._provider.http.log(f"{work.error.operation}: {work.error.message}; {what}")

    @property
    def _retries(self) -> int:
        return self._provider.http.retries


def _passes(error: TrackingError) -> bool:
    """Whether a write that left no trace is to be sent again.

    Not where the provider itself said what went wrong, even where that leaves open what became of the
    write (an error of a general kind, say): it may be a refusal for good, and would be one for a minute.
    """
    if not isinstance(error, UnclearOutcome):
        return False
    said = error.vendor_code or error.vendor_message
    return not said or error.http_status in TEMPORARY
