# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results of ``tracking_domains``, one after the other, as one. Private to this collection. No I/O here."""

from __future__ import annotations

import typing as t

Data = t.Dict[str, t.Any]
Result = t.Mapping[str, t.Any]

_DONE = ("created", "updated", "renamed", "verified")
_NOT_LOOKED_AT_SINCE: Data = {
    "status": "unknown",
    "reason": "the record was published, and has not been looked up since",
    "found": [],
    "fix": None,
}


def merged(earlier: Result, later: Result) -> Data:
    """Two results as one: ``tracking_domains``, ``actions``, ``diff``, ``changed``.

    The later one counts, but what was done stays done, and what was looked at or read is not lost.
    """
    domains = {domain["name"]: domain for domain in earlier.get("tracking_domains") or ()}
    for domain in later.get("tracking_domains") or ():
        before = domains.get(domain["name"], {})
        domains[domain["name"]] = made = dict(domain)
        if before.get("dns") and not domain.get("dns"):
            made["dns"] = before["dns"]
        if before.get("senders") is not None and domain.get("senders") is None:
            made["senders"] = before["senders"]
    actions = {action["name"]: action for action in earlier.get("actions") or ()}
    for action in later.get("actions") or ():
        actions[action["name"]] = _later(actions.get(action["name"]), action)
        if action["action"] == "deleted":
            domains.pop(action["name"], None)
    return {
        "tracking_domains": list(domains.values()),
        "actions": list(actions.values()),
        "diff": [*(earlier.get("diff") or ()), *(later.get("diff") or ())],
        "changed": bool(earlier.get("changed") or later.get("changed")),
    }


def warnings_of(result: Result) -> list[str]:
    """A module's warnings as text; from ansible-core 2.19 on they are objects, each with its event."""
    return [
        str(getattr(getattr(warning, "event", None), "msg", warning))
        for warning in result.get("warnings") or ()
    ]


def published(domains: t.Iterable[Data], names: t.Collection[str]) -> list[Data]:
    """The domains, where ``names`` have new records: what was seen of those before is void."""
    return [
        {**domain, "dns": {**domain["dns"], **_NOT_LOOKED_AT_SINCE}}
        if domain["name"] in names and domain.get("dns")
        else domain
        for domain in domains
    ]


def _later(before: Data | None, action: Result) -> Data:
    """An earlier and a later action on one domain as one."""
    after = dict(action)
    if before is None:
        return after
    after["changed"] = bool(after["changed"] or before["changed"])
    after["was_verified"] = bool(after.get("was_verified") or before.get("was_verified"))
    after["uploaded"] = bool(after.get("uploaded") or before.get("uploaded"))
    after["bound"] = list(dict.fromkeys([*before.get("bound", ()), *after.get("bound", ())]))
    done = what_was_done(before)
    # Of an update there is more to be said in `uploaded` and `bound`.
    if done and after["action"] in ("unchanged", "verified", "updated"):
        after["action"], after["renamed_from"] = done, before["renamed_from"]
    if done and after["action"] == "failed" and not what_was_done(after):
        after["done"], after["renamed_from"] = done, before["renamed_from"]
        # As the module says it of what happens within one run.
        after["reason"] = f"{done}, but {after['reason']}"
    return after


def what_was_done(action: Result) -> str | None:
    """``created``, ``updated``, ``renamed`` or ``verified``, before a failure too; None: nothing."""
    done = action.get("done") if action["action"] == "failed" else action["action"]
    return done if done in _DONE else None
