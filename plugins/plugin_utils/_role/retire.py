# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a round of removals ends: records gone everywhere, then the domains. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils._names import few
from ansible_collections.mailops.email.plugins.plugin_utils._role import records
from ansible_collections.mailops.email.plugins.plugin_utils._role.context import (
    Context,
    nothing_done,
    why_nothing_done,
)
from ansible_collections.mailops.email.plugins.plugin_utils._role.going import as_domain
from ansible_collections.mailops.email.plugins.plugin_utils._role.senders import moved_by_then
from ansible_collections.mailops.email.plugins.plugin_utils._waiting import names_of, pause

Data = t.Dict[str, t.Any]


def finish_round(context: Context, sent: t.Any) -> None:
    """Wait until the removed records are gone from name servers and caches, then delete.

    :param sent: what the back end's tasks registered, where there was something to remove.
    """
    run, publishes = context.run, context.settings.back_end.publishes
    if run.remove and publishes:
        run.unremoved.update(context.back_end_failures(run.remove, sent))
        if not context.settings.looks:
            # Where that CNAME leads, nobody has looked at: it may be the provider.
            run.unremoved.update(records.left_alone(run.remove, sent))
    gone = records.unchanged(run.remove, sent) if publishes else set()
    for name, ttl in (records.seen_ttl(run.remove, sent) if publishes else {}).items():
        run.ttl[name] = max(run.ttl.get(name, 0), ttl)
    removed = [
        change
        for change in run.remove
        if not run.is_stuck(change["name"]) and change["name"] not in gone
    ]
    _show_removed(context, removed)
    if publishes:
        context.note_changes(sent, names_of(removed))
    if _to_delete(context) and not run.check_mode and publishes:
        _wait_for_servers(context)
    to_delete = _to_delete(context)
    if to_delete and not run.check_mode:
        _wait_for_caches(context, names_of(to_delete))
    if to_delete:
        _delete(context, to_delete)


def _to_delete(context: Context) -> list[Data]:
    run = context.run
    return [entry for entry in run.to_delete if not run.is_stuck(entry["name"])]


def _show_removed(context: Context, removed: t.Sequence[Data]) -> None:
    run = context.run
    run.removed = [*run.removed, *removed]
    names = names_of(removed)
    done = "removed" if context.settings.back_end.publishes else "to_remove"
    run.records = [
        record
        for record in run.records
        if record["name"] not in names or record["action"] != "unchanged"
    ]
    run.records += [
        {**record, "status": _status_of(context, record["name"]), "action": done}
        for record in removed
    ]


def _status_of(context: Context, name: str) -> str:
    """What the live DNS said of a record before it was removed."""
    domain = context.run.by_name.get(name)
    # One that the account does not have is known only because its record leads there.
    return str(records.dns_of(domain)["status"]) if domain else "ok"


def _wait_for_servers(context: Context) -> None:
    """Until no name server has the removed records, or the time for that is up."""
    run, settings = context.run, context.settings
    # Also of records that the back end has removed before, or that are not ours any more.
    served = [name for name in run.served if not run.is_stuck(name)]
    if not served or not settings.looks:
        return
    start = context.clock()
    where: dict[str, list[str]] = {name: [] for name in served}
    trouble: str | None = None
    while True:
        look = context.info(served)
        trouble = None if "tracking_domains" in look else str(look.get("msg"))
        if trouble is None:
            where = _still_served(context, look, where)
            served = list(where)
        left = settings.removal_timeout - (context.clock() - start)
        if not served or left <= 0:
            break
        text = "; ".join(f"{name} is still at {few(at)}" for name, at in where.items())
        context.say(
            f"waiting for name servers to drop removed records, {left:.0f} s left: {trouble or text}"
        )
        context.sleep(min(max(settings.wait_interval, 0.1), 20.0, left))
    for name in served:
        run.stuck[name] = (
            f"its record could not be looked up: {trouble}"
            if trouble
            else f"name servers still have its record after {settings.removal_timeout:.0f} s "
            f"(tracking_domain_removal_timeout): {few(where.get(name, []))}. Run again once they "
            "do not."
        )


def _still_served(
    context: Context, look: t.Mapping[str, t.Any], before: t.Mapping[str, t.Sequence[str]]
) -> dict[str, list[str]]:
    """Names that name servers still lead to the provider, and which servers.

    :param before: what the look before this one found. A server that gives no answer now has not
        dropped the record.
    """
    domains = {domain["name"]: domain for domain in look["tracking_domains"]}
    for name, dns in (look.get("missing_dns") or {}).items():
        domains.setdefault(name, as_domain(context, name, dns))
    found: dict[str, list[str]] = {}
    for name, earlier in before.items():
        domain = domains.get(name)
        servers = records.served_by(domain, wildcards=False) if domain else []
        heard = records.answered(domain) if domain else []
        servers += [server for server in earlier if server not in heard]
        if servers:
            found[name] = servers
    return found


def _wait_for_caches(context: Context, names: t.Sequence[str]) -> None:
    """Until the time to live of what was removed, or went lately, has passed in full.

    Where somebody else removes records, a record that is still there is left to the guard.
    """
    run = context.run
    still_there = () if context.settings.back_end.publishes else run.served
    seconds = max((run.ttl.get(name, 0) for name in names if name not in still_there), default=0)
    pause(
        seconds,
        about=f"waiting for caches to forget the removed records of {few(names)}",
        say=context.say,
        clock=context.clock,
        sleep=context.sleep,
    )


def _delete(context: Context, entries: t.Sequence[Data]) -> None:
    run, settings = context.run, context.settings
    removed = names_of(run.removed) if settings.back_end.publishes and run.check_mode else []
    # In check mode the record is there still, and would be gone by now.
    rounds = [
        ([entry for entry in entries if entry["name"] not in removed], {}),
        ([entry for entry in entries if entry["name"] in removed], {"dns_check": "off"}),
    ]
    for some, options in rounds:
        if not some:
            continue
        domains = [{**entry, "state": "absent"} for entry in some]
        options = {**options, "dangling": settings.dangling, **moved_by_then(context)}
        result = context.converge({"domains": domains, **options})
        if "dns_check" not in options:
            context.warn_of(result)
        run.take(result)
        context.note_others(result)
        if nothing_done(result):
            why = why_nothing_done(result)
            run.stuck.update(dict.fromkeys(names_of(some), f"it could not be deleted: {why}"))
