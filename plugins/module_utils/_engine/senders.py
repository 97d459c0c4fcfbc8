# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who sends mail with a domain, and binding them to it. Private to this collection.

Binding is a write like any other: what is unclear is settled by reading the senders again. They are read
again after any write, for that nothing else of theirs may change.
"""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils._engine.plan import Step
from ansible_collections.mailops.email.plugins.module_utils._engine.wanted import Wanted
from ansible_collections.mailops.email.plugins.module_utils._errors import (
    TrackingError,
    UnclearOutcome,
)
from ansible_collections.mailops.email.plugins.module_utils._http.client import FIRST_WAIT
from ansible_collections.mailops.email.plugins.module_utils._http.retry import backoff
from ansible_collections.mailops.email.plugins.module_utils._names import few
from ansible_collections.mailops.email.plugins.module_utils._providers.base import Provider
from ansible_collections.mailops.email.plugins.module_utils._providers.facts import ProviderFacts
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import (
    Sender,
    TrackingDomain,
)

Senders = t.Dict[str, Sender]
# What a provider may write anew at any update.
_TIMES = ("gmtCreated", "gmtUpdated", "gmtModified")


class Bound(t.NamedTuple):
    """What became of a domain's senders.

    :param senders: the names of all that use it now; None where that is not known.
    :param bound: of them, those that were bound.
    :param changed: one was bound, or may have been and nobody can tell.
    """

    senders: tuple[str, ...] | None
    bound: tuple[str, ...] = ()
    changed: bool = False
    error: TrackingError | None = None


def read_senders(provider: Provider) -> Senders:
    """All senders of the account, by name."""
    return {sender.name: sender for sender in provider.senders()}


def using(senders: Senders, name: str) -> tuple[str, ...]:
    """The names of those that use the domain of this name."""
    return tuple(sorted(each.name for each in senders.values() if each.domain == name))


def to_bind(senders: Senders, wanted: Wanted, replaces: t.Iterable[str]) -> tuple[str, ...]:
    """The senders that are to use a domain: those declared, and those of the domains that it replaces."""
    names = [*(wanted.senders or ())]
    for name in replaces:
        names += using(senders, name)
    return tuple(dict.fromkeys(names))


def unknown_use(name: str, error: TrackingError) -> str:
    """The warning where the credentials do not permit to read the senders."""
    return f"it is not known whether a sender still uses {name}: {error.reason}"


def refuse_in_use(step: Step, senders: Senders, facts: ProviderFacts) -> TrackingError | None:
    """Why a domain cannot be deleted or lose its name: mail is sent with it."""
    name = step.before.name if step.before else step.wanted.name
    users = using(senders, name)
    if not users:
        return None
    return TrackingError(
        "in_use",
        f"{name} is used by the {facts.sender_noun} {few(users)}: the links in their mail would "
        "break",
        operation=facts.operation("rename" if step.rename else "delete", name),
        provider=facts.name,
        hint="Have them use another domain first, with the option senders of that one; or set "
        "O(dangling) to warn or ignore.",
    )


def predict(
    senders: Senders, domain: TrackingDomain, wanted: t.Sequence[str]
) -> tuple[Bound, Senders]:
    """What ``bind`` would do."""
    then = {
        **senders,
        **{
            name: Sender(name, domain.name, senders[name].settings)
            for name in wanted
            if name in senders
        },
    }
    error = missing(senders, domain, wanted)
    if error:
        return Bound(using(senders, domain.name), error=error), senders
    bound = tuple(_not_bound(senders, domain, wanted))
    return Bound(using(then, domain.name), bound, changed=bool(bound)), then


def bind(
    provider: Provider, senders: Senders, domain: TrackingDomain, wanted: t.Sequence[str]
) -> tuple[Bound, Senders]:
    """Bind senders to a verified domain; also returns all senders as they then are."""
    error = missing(senders, domain, wanted)
    written = [] if error else _not_bound(senders, domain, wanted)
    left = written
    now = senders
    unclear = False
    attempt = 0
    while left:
        lost: list[str] = []
        for name in left:
            try:
                provider.bind(senders[name], domain)
            except UnclearOutcome as exc:
                error, unclear = exc, True
                lost.append(name)
            except TrackingError as exc:
                error = exc
        try:
            now = read_senders(provider)
        except TrackingError as exc:
            if error is None:
                error = exc
                error.message = f"{few(written)}: it may have taken effect, but {exc.message}"
                error.operation = _operation(domain)
            else:
                error.message += f"; it may have taken effect: {exc.message}"
            return Bound(None, changed=True, error=error), senders
        # One that somebody else has bound elsewhere meanwhile is left to them.
        left = [name for name in lost if name in now and now[name].domain == senders[name].domain]
        if not left or attempt >= provider.http.retries:
            break
        provider.http.sleep(backoff(attempt, first=FIRST_WAIT))
        attempt += 1
    unbound = _not_bound(now, domain, wanted) if written else []
    if written and not unbound:
        error = _other_changes(provider, senders, now, domain, written)
    elif unbound and error is None:
        error = TrackingError(
            "bad_response",
            f"{few(unbound)} still does not use {domain.name}, although the call succeeded",
            operation=_operation(domain),
            provider=domain.provider,
            hint="Bind it in the provider's panel, or ask its support.",
        )
    after = using(now, domain.name)
    bound = tuple(name for name in written if name in after)
    return Bound(after, bound, changed=bool(bound) or unclear, error=error), now


def _not_bound(senders: Senders, domain: TrackingDomain, wanted: t.Iterable[str]) -> list[str]:
    """Which of those wanted do not use the domain."""
    return [name for name in wanted if name not in senders or senders[name].domain != domain.name]


def missing(
    senders: Senders, domain: TrackingDomain, wanted: t.Iterable[str]
) -> TrackingError | None:
    """Why a domain can never be bound to all that are declared."""
    unknown = [name for name in wanted if name not in senders]
    if not unknown:
        return None
    return TrackingError(
        "not_found",
        f"the account has no sender {few(unknown)}",
        operation=_operation(domain),
        provider=domain.provider,
        hint="Write the names of senders exactly as in the provider's panel. There are: "
        f"{few(sorted(senders)) or 'none'}.",
    )


def _other_changes(
    provider: Provider,
    before: Senders,
    after: Senders,
    domain: TrackingDomain,
    wanted: t.Iterable[str],
) -> TrackingError | None:
    """What else is different of those that were bound, which nobody asked for."""
    changes = [
        f"{key} of {name} was {old!r} and is {after[name].settings.get(key)!r}"
        for name in wanted
        for key, old in before[name].settings.items()
        if key not in _TIMES and after[name].settings.get(key) != old
    ]
    if not changes:
        return None
    title = provider.facts.title
    return TrackingError(
        "bad_response",
        f"{title} bound them, but changed other settings as well: {few(changes)}",
        operation=_operation(domain),
        provider=domain.provider,
        hint=f"Correct this in {title}'s panel.",
    )


def _operation(domain: TrackingDomain) -> str:
    return f"bind senders to tracking domain {domain.name}"
