# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carrying out a plan's steps. Private to this collection: no promise is made to others.

One write a step, several steps at once. A write whose outcome is unclear is settled by listing again:
neither provider documents a repeated write as safe. What the list then shows is taken for this run's
doing: better a change too many in the report than one that nobody hears of.
"""

from __future__ import annotations

import time
import typing as t
from concurrent.futures import ThreadPoolExecutor

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
    """

    after: TrackingDomain | None
    error: TrackingError | None = None
    changed: bool = True


class Applier:
    """Carries out steps, at most ``concurrency`` at once."""

    def __init__(
        self,
        provider: Provider,
        *,
        concurrency: int,
        same_window: SameWindow,
        sleep: t.Callable[[float], None] = time.sleep,
    ) -> None:
        self._provider = provider
        self._concurrency = concurrency
        self._same_window = same_window
        self._sleep = sleep
        # Where the provider turns everything away, the first such answer stands for the rest.
        self._turned_away: TrackingError | None = None

    def run(self, steps: t.Sequence[Step]) -> list[Applied]:
        """What became of each step, in the order given.

        Refused credentials stop the rest, and so does a rate limit that outlasts all retries: each
        further domain would wait as long, for nothing.
        """
        if not steps:
            return []
        with ThreadPoolExecutor(max_workers=min(self._concurrency, len(steps))) as pool:
            return list(pool.map(self._settle, steps))

    def _settle(self, step: Step) -> Applied:
        if self._turned_away:
            return Applied(step.before, self._not_attempted(step, self._turned_away), changed=False)
        try:
            return self._until_clear(step)
        except TrackingError as exc:
            if exc.code in ("authentication", "rate_limited"):
                self._turned_away = exc
            return Applied(step.before, exc, changed=False)

    def _until_clear(self, step: Step) -> Applied:
        http = self._provider.http
        unclear = False
        attempt = 0
        error: TrackingError
        while True:
            try:
                return Applied(_as_left(step, self._write(step)))
            except UnclearOutcome as exc:
                error, unclear = exc, True
            except TrackingError as exc:
                # There may be no room because an earlier try took effect after all.
                if exc.code not in _PERHAPS_THERE and not (unclear and exc.code == "quota"):
                    raise
                error = exc
            landed, after = self._landed(step, error, unclear)
            if landed:
                http.log(f"{error.operation}: {error.message}; the list shows what was wanted")
                return Applied(_as_left(step, after), changed=unclear)
            if not _worth_another_try(error) or attempt >= http.retries:
                if attempt:
                    error.message += f" (tried {attempt + 1} times; the list shows no effect)"
                elif unclear:
                    error.message += " (the list shows no effect)"
                raise error
            wait = backoff(attempt, first=FIRST_WAIT)
            attempt += 1
            http.log(
                f"{error.operation}: {error.message}; the list shows no effect, trying again after "
                f"{wait:.1f} s ({attempt} of {http.retries})"
            )
            self._sleep(wait)

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

    def _landed(
        self, step: Step, error: TrackingError, unclear: bool
    ) -> tuple[bool, TrackingDomain | None]:
        """Whether the list shows what the step wanted, and the domain as listed."""
        # A list may lag behind an add of a moment ago, by an earlier task or somebody else.
        looks = _LOOKS if unclear or step.write == "add" else 1
        for look in range(looks):
            if look:
                self._sleep(_LAG)
            try:
                present = self._provider.list()
            except TrackingError as exc:
                if unclear:
                    error.message += (
                        "; it may have taken effect: the list could not be read afterwards "
                        f"({exc.message})"
                    )
                    error.hint = " ".join(["Run again: it looks first.", error.hint or ""]).strip()
                # The write's own error says more than that of the look.
                raise error from None
            landed, domain = self._shows(step, present)
            if landed:
                return True, domain
        return False, None

    def _shows(
        self, step: Step, present: t.Sequence[TrackingDomain]
    ) -> tuple[bool, TrackingDomain | None]:
        wanted = step.wanted
        named = next((domain for domain in present if domain.name == wanted.name), None)
        if step.write == "delete":
            return named is None, None
        if named is None or (step.before and named.id != step.before.id):
            return False, None
        if step.upload and wanted.certificate:
            landed = self._same_window(named.certificate, wanted.certificate.validity)
            # A forced upload of the same certificate leaves no trace in the window; the time does.
            if landed and step.before and not step.rename:
                landed = named.updated_at != step.before.updated_at or not self._same_window(
                    step.before.certificate, wanted.certificate.validity
                )
            return landed, named
        return True, named

    def _not_attempted(self, step: Step, why: TrackingError) -> TrackingError:
        return TrackingError(
            why.code,
            f"not attempted after this: {why.message}",
            operation=self._provider.facts.operation(step.write or "", step.wanted.name),
            provider=self._provider.facts.name,
            hint=why.hint,
        )


def _as_left(step: Step, domain: TrackingDomain | None) -> TrackingDomain | None:
    """A domain as a write left it: one with a new name is not verified, whatever is said of it.

    The provider's flag may be that of the old name: it is stored, and only a check renews it.
    """
    return domain.but(verified=False) if domain and step.rename else domain


def _said(error: TrackingError) -> bool:
    """Whether the provider itself said what went wrong."""
    return bool(error.vendor_code or error.vendor_message) or not isinstance(error, UnclearOutcome)


def _worth_another_try(error: TrackingError) -> bool:
    """Whether a write that left no trace is to be sent again.

    Not where the provider itself said what went wrong, even where that leaves open what became of the
    write (an error of a general kind, say): it may be a refusal for good, and would be one for a minute.
    """
    return not _said(error) or error.http_status in TEMPORARY
