# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a list shows of a write, and what to say where it does not. Private to this collection. No I/O here."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils._engine.plan import Step
from ansible_collections.mailops.email.plugins.module_utils._errors import (
    TrackingError,
    UnclearOutcome,
)
from ansible_collections.mailops.email.plugins.module_utils._providers.facts import ProviderFacts
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import TrackingDomain

# A refusal with one of these codes may mean that the wanted state is there already: somebody else
# was faster, or an earlier try took effect after all. Messages are never matched; the list decides.
PERHAPS_THERE = ("validation", "conflict", "not_found", "bad_response")


class Effect(t.NamedTuple):
    """Whether a list shows what a step wanted, and the domain as listed."""

    shown: bool
    domain: TrackingDomain | None = None


def effect_of(step: Step, present: t.Sequence[TrackingDomain]) -> Effect:
    """What a whole list shows of a step's write."""
    wanted, before = step.wanted, step.before
    named = [domain for domain in present if domain.name == wanted.name]
    if step.write == "delete":
        # Under no spelling, unless it is one of several entries of the name: then by its own.
        there = [domain for domain in present if before and domain.key == before.key]
        return Effect(not there and (step.shares_name or not named))
    found = next((each for each in named if before is None or each.id == before.id), None)
    if found is None:
        return Effect(False)
    if not step.upload or wanted.certificate is None:
        return Effect(True, found)
    validity = wanted.certificate.validity
    shown = found.shows(validity)
    # A forced upload of the same certificate leaves no trace in the window; the time does.
    if shown and before and not step.rename:
        shown = found.updated_at != before.updated_at or not before.shows(validity)
    return Effect(shown, found)


def as_left(step: Step, domain: TrackingDomain | None) -> TrackingDomain | None:
    """A domain as a write left it: one with a new name is not verified, whatever is said of it.

    The provider's flag may be that of the old name: it is stored, and only a check renews it.
    """
    return domain.but(verified=False) if domain and step.rename else domain


def say_without_effect(error: TrackingError, *, unclear: bool, tries: int) -> None:
    """Complete the error of a write of which the list shows nothing.

    :param unclear: one of the tries may have taken effect: a list can lag, and a call that got no
        answer can be late.
    """
    if not unclear:
        return
    tried = f" (tried {tries} times)" if tries > 1 else ""
    if isinstance(error, UnclearOutcome):
        error.message += f"; it may have taken effect, although the list does not show it{tried}"
        error.hint = _hint(error.hint)
        return
    error.message += "; an earlier try may have taken effect, although the list does not show it"
    # The refusal may come of that try; what it comes of otherwise would mislead.
    misleads = error.code in (*PERHAPS_THERE, "quota")
    error.hint = _hint(None if misleads else error.hint)


def say_without_list(error: TrackingError, why: TrackingError) -> None:
    """Complete the error of an unclear write where the list could not be read."""
    error.message += (
        f"; it may have taken effect: the list could not be read afterwards ({why.message})"
    )
    error.hint = _hint(error.hint)


def answer_of_another(step: Step, domain: TrackingDomain, facts: ProviderFacts) -> UnclearOutcome:
    """A success that names another domain than the one that was written."""
    return UnclearOutcome(
        "bad_response",
        f"{facts.title} answered with success, and with the domain {domain.name}",
        operation=facts.operation(step.write or "", step.wanted.name),
        provider=facts.name,
    )


def still_listed(step: Step, facts: ProviderFacts) -> TrackingError:
    """A deletion that the provider answered with success, and that its list does not show."""
    return TrackingError(
        "bad_response",
        f"not deleted: {facts.title} answered that it was, but its list still has it; it may have "
        "taken effect, if the list is delayed",
        operation=facts.operation("delete", step.wanted.name),
        provider=facts.name,
        hint=f"Run again: the list is read first. If the domain stays, delete it in "
        f"{facts.title}'s panel, or ask its "
        "support.",
    )


def deletion_unseen(step: Step, why: TrackingError, facts: ProviderFacts) -> TrackingError:
    """A deletion that the provider answered with success, where the list could not be read."""
    error = why.copied(kind=TrackingError, operation=facts.operation("delete", step.wanted.name))
    error.message = (
        f"{facts.title} answered that it was deleted, and it may have taken effect: the list could not "
        f"be read afterwards ({why.message})"
    )
    error.hint = _hint(why.hint)
    return error


def not_attempted(step: Step, why: TrackingError, facts: ProviderFacts) -> TrackingError:
    """A write that was not sent, because of what an earlier one was answered."""
    return TrackingError(
        why.code,
        f"not attempted after this: {why.message}",
        operation=facts.operation(step.write or "", step.wanted.name),
        provider=facts.name,
        hint=why.hint,
        **why.answer,
    )


def _hint(more: str | None) -> str:
    """What to do about a write that may have taken effect."""
    return " ".join(["Run again: the list is read first.", more or ""]).strip()
