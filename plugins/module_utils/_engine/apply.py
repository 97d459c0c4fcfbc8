# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carrying out a plan's steps. Private to this collection: no promise is made to others.

One write a step, several steps at once. A write whose outcome is unclear is settled by listing again:
neither provider documents a repeated write as safe. One list settles all that failed together. What it
then shows is taken for this run's doing: better a change too many in the report than one that nobody
hears of.
"""

from __future__ import annotations

import time
import typing as t
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from ansible_collections.mailops.email.plugins.module_utils._engine.plan import SameWindow, Step
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

# A refusal with one of these codes may mean that the wanted state is there already: somebody else
# was faster, or an earlier try took effect after all. Messages are never matched; the list decides.
_PERHAPS_THERE = ("validation", "conflict", "not_found", "bad_response")
# How often a list is asked for what an unclear write may have left behind, and how many seconds
# apart: lists can lag.
_LOOKS = 2
_LAG = 1.0


class Applied(t.NamedTuple):
    """What became of a step: the domain as it now is (None when deleted), or an error.

    ``changed`` is False also where the provider refused, because the wanted state was there already.
    With an error it is True where the write may have taken effect, and nobody can tell.
    """

    after: TrackingDomain | None
    error: TrackingError | None = None
    changed: bool = True


@dataclass(eq=False)
class _Work:
    """A step on its way.

    :param tries: how often its write was sent.
    :param error: of the last try.
    :param unclear: what a try did is not known, or was not until a list showed it.
    :param unanswered: a try got no answer of the provider's at all, so it may take effect yet.
    :param result: once it is settled.
    """

    step: Step
    tries: int = 0
    error: TrackingError | None = None
    unclear: bool = False
    unanswered: bool = False
    result: Applied | None = None


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
        same_window: SameWindow,
        sleep: t.Callable[[float], None] = time.sleep,
    ) -> None:
        self._provider = provider
        self._concurrency = concurrency
        self._room = room
        self._same_window = same_window
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
            self._settle(left)
            left = [work for work in left if not work.result]
            if left:
                self._pause(attempt, left)
                attempt += 1
        return [work.result for work in every if work.result]

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
            work.error = self._not_attempted(work.step, stopped_by)
            self._give_up(work)
            return
        work.tries += 1
        try:
            work.result = Applied(_as_left(work.step, self._write(work.step)))
        except TrackingError as exc:
            self._failed(work, exc)

    def _failed(self, work: _Work, error: TrackingError) -> None:
        """Settle it where that can be done without a list."""
        work.error = error
        if isinstance(error, UnclearOutcome):
            work.unclear = True
            work.unanswered = work.unanswered or _worth_another_try(error)
            return
        if error.code == "quota" and work.step.write == "add":
            self._full = error
            if work.unclear:
                # There may be no room because an earlier try took effect after all.
                return
        elif error.code in _PERHAPS_THERE:
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

    def _settle(self, works: t.Sequence[_Work]) -> None:
        """See in the account's list what took effect, and give up what is not worth another try."""
        if not works:
            return
        # An add that is refused alone is often one that an earlier task did; many are refused for good.
        often_there = len(works) == 1 and works[0].step.write == "add"
        looks = _LOOKS if often_there or any(work.unclear for work in works) else 1
        left = list(works)
        for look in range(looks):
            # A list may lag behind what this run did, or behind an add of a moment ago by others.
            if look == looks - 1 and any(w.unclear or w.step.write == "add" for w in left):
                self._sleep(_LAG)
            try:
                present = self._provider.list()
            except TrackingError as exc:
                for work in left:
                    self._cannot_look(work, exc)
                return
            left = [work for work in left if not self._see(work, present)]
            if not left:
                return
        for work in left:
            error = work.error
            if not error or not _worth_another_try(error) or work.tries > self._retries:
                self._give_up(work)

    def _see(self, work: _Work, present: t.Sequence[TrackingDomain]) -> bool:
        """Whether the list shows that a step took effect: then it is settled."""
        took_effect, domain = self._took_effect(work.step, present)
        if took_effect:
            work.result = Applied(_as_left(work.step, domain), changed=work.unclear)
            self._log(work, "the list shows what was wanted")
        return took_effect

    def _took_effect(
        self, step: Step, present: t.Sequence[TrackingDomain]
    ) -> tuple[bool, TrackingDomain | None]:
        """Whether the list shows what the step wanted, and the domain as listed."""
        wanted, before = step.wanted, step.before
        named = [domain for domain in present if domain.name == wanted.name]
        if step.write == "delete":
            # Under no spelling, unless it is one of several entries of the name: then by its own.
            there = [domain for domain in present if before and domain.key == before.key]
            return not there and (step.shares_name or not named), None
        found = next((each for each in named if before is None or each.id == before.id), None)
        if found is None:
            return False, None
        if step.upload and wanted.certificate:
            took_effect = self._same_window(found.certificate, wanted.certificate.validity)
            # A forced upload of the same certificate leaves no trace in the window; the time does.
            if took_effect and before and not step.rename:
                took_effect = found.updated_at != before.updated_at or not self._same_window(
                    before.certificate, wanted.certificate.validity
                )
            return took_effect, found
        return True, found

    def _cannot_look(self, work: _Work, why: TrackingError) -> None:
        """The write's own error says more than that of the list; what it did stays open."""
        error = work.error
        if error is None:
            raise AssertionError("what did not fail needs no list")
        if work.unclear:
            error.message += (
                f"; it may have taken effect: the list could not be read afterwards ({why.message})"
            )
            error.hint = _hint(error.hint)
        work.result = Applied(work.step.before, error, changed=work.unclear)

    def _give_up(self, work: _Work) -> None:
        error = work.error
        if error is None:
            raise AssertionError("only what failed is given up")
        if isinstance(error, UnclearOutcome):
            tried = f"tried {work.tries} times; " if work.tries > 1 else ""
            so_far = " so far" if work.unanswered else ""
            error.message += f" ({tried}the list shows no effect{so_far})"
        elif work.unanswered:
            error.message += (
                "; an earlier try got no answer and may have taken effect, although the list does not "
                "show it"
            )
            # The refusal may come of that try; what it comes of otherwise would mislead.
            misleads = error.code in (*_PERHAPS_THERE, "quota")
            error.hint = _hint(None if misleads else error.hint)
        work.result = Applied(work.step.before, error, changed=work.unanswered)

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

    def _not_attempted(self, step: Step, why: TrackingError) -> TrackingError:
        return TrackingError(
            why.code,
            f"not attempted after this: {why.message}",
            operation=self._provider.facts.operation(step.write or "", step.wanted.name),
            provider=self._provider.facts.name,
            hint=why.hint,
            **why.answer,
        )


def _hint(more: str | None) -> str:
    """What to do about a write of which nobody knows whether it took effect."""
    return " ".join(["Run again: it looks first.", more or ""]).strip()


def _as_left(step: Step, domain: TrackingDomain | None) -> TrackingDomain | None:
    """A domain as a write left it: one with a new name is not verified, whatever is said of it.

    The provider's flag may be that of the old name: it is stored, and only a check renews it.
    """
    return domain.but(verified=False) if domain and step.rename else domain


def _worth_another_try(error: TrackingError) -> bool:
    """Whether a write that left no trace is to be sent again.

    Not where the provider itself said what went wrong, even where that leaves open what became of the
    write (an error of a general kind, say): it may be a refusal for good, and would be one for a minute.
    """
    if not isinstance(error, UnclearOutcome):
        return False
    said = error.vendor_code or error.vendor_message
    return not said or error.http_status in TEMPORARY
