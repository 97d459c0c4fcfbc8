# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From outcomes to return values. Private to this collection: no promise is made to others. No I/O here."""

from __future__ import annotations

import math
import typing as t
from datetime import datetime

from ansible_collections.mailops.email.plugins.module_utils._engine.outcome import (
    DomainOutcome,
    Outcome,
)
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._names import few
from ansible_collections.mailops.email.plugins.module_utils._providers.facts import ProviderFacts
from ansible_collections.mailops.email.plugins.module_utils._text import readable
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import TrackingDomain

Result = t.Dict[str, t.Any]

_NAMES_SHOWN = 20
_CAUSES_SHOWN = 40


def result_of_one(outcome: Outcome, now: datetime) -> Result:
    """The return values of ``tracking_domain``, without a failure's."""
    domain = outcome.domains[0]
    result: Result = {
        "changed": outcome.changed,
        "action": domain.action,
        "tracking_domain": _domain(domain, now),
    }
    if domain.changed or not domain.error:
        # Else it may not be known which domain was meant, and what there was.
        result["diff"] = _diff(domain)
    if domain.error:
        result["final"] = domain.final
    if domain.finding:
        result["dns"] = domain.finding.as_result()
    return result


def result_of_set(outcome: Outcome, now: datetime) -> Result:
    """The return values of ``tracking_domains``, without a failure's."""
    domains = [_domain(domain, now) for domain in outcome.domains]
    return {
        "changed": outcome.changed,
        "tracking_domains": [domain for domain in domains if domain],
        "actions": [_action(domain) for domain in outcome.domains],
        "unmanaged": outcome.unmanaged,
        "diff": [_diff(domain) for domain in outcome.domains if domain.changed],
    }


def failure_of_set(outcome: Outcome, facts: ProviderFacts) -> TrackingError | None:
    """One error for all that failed; None where nothing did."""
    if outcome.refusal:
        return outcome.refusal
    return failure_of_actions([_action(domain) for domain in outcome.domains], facts)


def failure_of_actions(
    actions: t.Sequence[t.Mapping[str, t.Any]], facts: ProviderFacts
) -> TrackingError | None:
    """One error for all actions that failed; None where none did.

    :param actions: as in the return value ``actions``.
    """
    failed = [action for action in actions if action["failure"]]
    if not failed:
        return None
    codes = {action["failure"]["code"] for action in failed}
    refused = next((a["failure"] for a in failed if a["failure"]["code"] == "authentication"), None)
    code = "partial"
    if refused:
        code = "authentication"
    elif codes == {"not_verified"}:
        code = "not_verified"
    message = f"{len(failed)} of {len(actions)} tracking domains failed at {facts.title}"
    rest = [action for action in actions if not action["failure"]]
    if rest:
        as_declared = all(action["reason"] is None for action in rest)
        message += "; the rest is as declared" if as_declared else "; the rest did not fail"
    causes = group_by_cause(
        (action["name"], action["failure"]["operation"], reason_of(action)) for action in failed
    )
    more = len(causes) - _CAUSES_SHOWN
    if more > 0:
        causes = [*causes[:_CAUSES_SHOWN], f"And {more} more, see the result's actions."]
    answer = ("vendor_code", "vendor_message", "http_status")
    return TrackingError(
        code,
        message + ":",
        provider=facts.name,
        details=[f"- {line}" for line in causes]
        + ["Fix these and run again: what is done is not done twice."],
        **({name: refused[name] for name in answer} if refused else {}),
    )


def reason_of(action: t.Mapping[str, t.Any]) -> str:
    """Why an action failed, without what was done before."""
    before = f"{action['done']}, but " if action.get("done") else ""
    return str(action["reason"])[len(before) :]


def group_by_cause(failures: t.Iterable[tuple[str, str | None, str]]) -> list[str]:
    """What went wrong, each thing once, with the domains that it is the same for.

    :param failures: for each domain its name, what could not be done, and why.

    >>> group_by_cause([("a", "add a", "It is full."), ("b", "add b", "It is full.")])
    ['Could not add a: It is full.\\nThe same for b.']
    """
    texts: dict[tuple[str, str], str] = {}
    others: dict[tuple[str, str], list[str]] = {}
    for name, operation, reason in failures:
        same = ((operation or "").partition(" ")[0], reason)
        if same in texts:
            others.setdefault(same, []).append(name)
        else:
            texts[same] = f"Could not {operation}: {reason}" if operation else f"{name}: {reason}"
    return [
        f"{text}\nThe same for {few(others[same], _NAMES_SHOWN)}." if same in others else text
        for same, text in texts.items()
    ]


def _domain(outcome: DomainOutcome, now: datetime) -> Result | None:
    if outcome.after is None:
        return None
    dns = outcome.finding.as_result() if outcome.finding else None
    return outcome.after.as_result(now, dns)


def _action(outcome: DomainOutcome) -> Result:
    before, reason, done = outcome.before, outcome.note, None
    if outcome.error:
        reason = outcome.error.reason
        if outcome.written:
            done = outcome.step.action
            reason = f"{done}, but {reason}"
    return {
        "name": outcome.name,
        "action": outcome.action,
        "changed": outcome.changed,
        "renamed_from": before.name if before and outcome.action == "renamed" else None,
        "reason": None if reason is None else readable(reason),
        "done": done,
        "was_verified": bool(before and before.verified),
        "final": outcome.final,
        "uploaded": outcome.written and outcome.step.upload,
        "bound": list(outcome.bound),
        "failure": outcome.error.as_failure() if outcome.error else None,
    }


def _diff(outcome: DomainOutcome) -> Result:
    """Before and after. The provider's own object and secrets are never part of it."""

    def side(domain: TrackingDomain | None) -> Result:
        return domain.as_diff() if domain else {"name": outcome.name, "state": "absent"}

    before = outcome.before
    return {
        "before_header": outcome.name if before is None else before.name,
        "after_header": outcome.name,
        "before": side(before),
        "after": side(outcome.after),
    }


# --- what may be returned ---------------------------------------------------------------------------

# A provider's own objects have two or three levels; output of hundreds of levels cannot be shown.
_MOST_LEVELS = 20
_GONE = object()


def presentable(result: Result) -> tuple[Result, list[str]]:
    """Return values without what no output can hold, and a line for each domain that lacks some of it.

    Only the provider's own object, ``vendor``, may have such things.
    """
    lines: list[str] = []

    def clean(domain: t.Any) -> t.Any:
        if not domain:
            return domain
        lost: dict[str, None] = {}
        vendor = _presentable(domain["vendor"], _MOST_LEVELS, lost)
        if lost:
            lines.append(
                f"{domain['name']}: some parts of the provider's own object cannot be shown: "
                f"{', '.join(lost)}."
            )
        return {**domain, "vendor": vendor}

    made = dict(result)
    if "tracking_domain" in made:
        made["tracking_domain"] = clean(made["tracking_domain"])
    if "tracking_domains" in made:
        made["tracking_domains"] = [clean(domain) for domain in made["tracking_domains"]]
    return made, lines


def _presentable(value: t.Any, levels: int, lost: dict[str, None]) -> t.Any:
    if isinstance(value, float) and not math.isfinite(value):
        lost["numbers that are NaN or too large"] = None
        return _GONE
    if not isinstance(value, (dict, list)):
        return value
    if not levels:
        lost["data that is nested too deep"] = None
        return _GONE
    if isinstance(value, list):
        items = [_presentable(item, levels - 1, lost) for item in value]
        return [item for item in items if item is not _GONE]
    made = {}
    for key, item in value.items():
        if key.lower().startswith(("__ansible", "_ansible")):
            lost["keys that Ansible reserves"] = None
            continue
        kept = _presentable(item, levels - 1, lost)
        if kept is not _GONE:
            made[key] = kept
    return made


def every_text(value: t.Any) -> t.Iterator[str]:
    """Every text within return values, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from every_text(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from every_text(item)


def with_each_text(
    value: t.Any, change: t.Callable[[str], str], *, foreign_keys: bool = False
) -> t.Any:
    """Return values with every text changed, and the keys that are not ours: those of ``vendor``."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {
            change(key) if foreign_keys else key: with_each_text(
                item, change, foreign_keys=foreign_keys or key == "vendor"
            )
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [with_each_text(item, change, foreign_keys=foreign_keys) for item in value]
    return value
