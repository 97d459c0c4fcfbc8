# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role says in the end: the summary, and what is not right. Private; no I/O here.

Every sentence is made of what was done and seen. In check mode it says what would be done.
"""

from __future__ import annotations

import typing as t

from ansible_collections.mailops.email.plugins.module_utils._ansible.results import group_by_cause
from ansible_collections.mailops.email.plugins.module_utils._names import few
from ansible_collections.mailops.email.plugins.module_utils._text import readable
from ansible_collections.mailops.email.plugins.plugin_utils import _results
from ansible_collections.mailops.email.plugins.plugin_utils._role import records
from ansible_collections.mailops.email.plugins.plugin_utils._role.entries import Declared
from ansible_collections.mailops.email.plugins.plugin_utils._role.run import Run
from ansible_collections.mailops.email.plugins.plugin_utils._role.variables import Settings

Data = t.Dict[str, t.Any]

# Each declared domain is counted once, under the first of these that holds.
STATES = ("failed", "waiting", "changed", "retiring", "right")
_NAMES = 20


class Report:
    """The words for a run that is over."""

    def __init__(self, run: Run, settings: Settings, declared: Declared) -> None:
        self._run = run
        self._settings = settings
        self._declared = declared

    # --- data --------------------------------------------------------------------------------

    def result(self) -> Data:
        """The fact ``tracking_domain_result``."""
        run = self._run
        return {
            "tracking_domains": run.domains,
            "actions": run.actions,
            "records": self.records(),
            "unmanaged": self._unmanaged(),
            "counts": self.counts(),
            "changes": len(self._changes()),
            "problems": self.problems(),
            "waited": round(run.waited),
        }

    def _unmanaged(self) -> list[str]:
        """Names that the account has, and that are not declared, after the purge."""
        deleted = [a["name"] for a in self._run.actions if a["action"] == "deleted"]
        return [name for name in self._run.unmanaged or () if name not in deleted]

    def records(self) -> list[Data]:
        """The records, each with what became of it."""
        return [
            {**record, "action": self._became(record)}
            if record["action"] == "publish"
            else dict(record)
            for record in self._run.records
        ]

    def _became(self, record: Data) -> str:
        if record["name"] not in self._run.published:
            return "to_publish"
        if record["name"] in self._run.already:
            return "unchanged"
        return "ensured" if record["status"] in ("unknown", "unchecked") else "published"

    def counts(self) -> dict[str, int]:
        """How many of the declared domains are in which state; ``STATES``, and ``declared``."""
        found = dict.fromkeys(STATES, 0)
        for name in self._declared.names:
            found[self._state(name)] += 1
        return {"declared": len(self._declared.names), **found}

    def _state(self, name: str) -> str:
        run = self._run
        if run.stopped is not None or name in self._failed_names():
            return "failed"
        if name in run.waiting or self._is_waiting(name):
            return "waiting"
        if self._changed(name):
            return "changed"
        return "retiring" if name in self._declared.retiring else "right"

    def _failed_names(self) -> set[str]:
        run = self._run
        failed = (run.failed(), run.blocked, run.unpublished, run.stuck, run.unremoved)
        return {name for names in (*failed, run.leftover, run.dead) for name in names}

    def _changed(self, name: str) -> bool:
        run = self._run
        action = run.action_of.get(name, {})
        removed = [r["name"] for r in run.removed] if self._settings.back_end.publishes else []
        published = name in run.published and name not in run.already
        return bool(action.get("changed")) or published or name in removed

    def _is_waiting(self, name: str) -> bool:
        """Not verified yet, and nothing went wrong with it."""
        run = self._run
        if self._would_be_verified(name):
            return False
        domain = run.by_name.get(name)
        return name in self._declared.verify and not (domain and domain["verified"])

    def _would_be_verified(self, name: str) -> bool:
        """Whether check mode expects it, as its record would be right by then."""
        run = self._run
        later = name in run.later and self._settings.back_end.publishes
        return run.check_mode and (name in run.published or later) and name not in run.failed()

    # --- words -------------------------------------------------------------------------------

    def summary(self) -> list[str]:
        """What was done, a line each; the first one counts."""
        run = self._run
        lines = [self._first_line(), *self._changes()]
        if not self._settings.back_end.publishes:
            lines += [f"to publish: {record['line']}" for record in run.publish]
            lines += [f"to remove: {record['line']}" for record in run.removed]
        else:
            lines += [
                f"to publish: {record['line']}"
                for record in run.publish
                if record["name"] in run.unpublished and record["state"] == "present"
            ]
        lines += [f"{name}: {why}" for name, why in _grouped(run.waiting)]
        lines += [
            f"{name} retires on {day}, in {days} day{'s' if days > 1 else ''}"
            for name, (days, day) in self._declared.retiring.items()
        ]
        lines += [f"{name}: {reason}" for name, reason in run.later.items()]
        lines += self._not_yet()
        lines += self._not_seen()
        return lines

    def _first_line(self) -> str:
        run, counts = self._run, self.counts()
        would = "would be " if run.check_mode else ""
        said = [
            f"{counts[state]} {would if state == 'changed' else ''}{state}"
            for state in reversed(STATES)
            if counts[state]
        ]
        noun = "tracking domain" if counts["declared"] == 1 else "tracking domains"
        text = f"{self._settings.title}: {counts['declared']} {noun} declared"
        text += f": {', '.join(said)}" if said else ""
        if run.stopped is None and not self._changes():
            text += ", nothing would be changed" if run.check_mode else ", nothing changed"
        left = self._unmanaged()
        if left:
            text += f". The account has {len(left)} more, not declared: {few(left)}"
        return text

    def _changes(self) -> list[str]:
        """What was changed, or in check mode would be, in the order in which it happens."""
        run = self._run
        would = "would be " if run.check_mode else ""
        done = [action for action in run.actions if action["changed"]]
        lines = [
            line
            for action in done
            if action["action"] != "deleted"
            for line in self._lines_of(action, would)
        ]
        seen = {
            record["name"] for record in run.records if record["status"] in ("unknown", "unchecked")
        }
        lines += [
            f"{would}{'ensured' if record['name'] in seen else 'published'}: {record['line']}"
            for record in run.publish
            if record["name"] in run.published and record["name"] not in run.already
        ]
        lines += [
            f"would be verified: {name}"
            for name in self._declared.verify
            if self._would_be_verified(name) and not (run.by_name.get(name) or {}).get("verified")
        ]
        lines += [
            readable(f"senders {would}bound to {action['name']}: {few(action['bound'], _NAMES)}")
            for action in done
            if action.get("bound")
        ]
        if self._settings.back_end.publishes:
            lines += [f"{would}removed: {record['line']}" for record in run.removed]
        lines += [f"{would}deleted: {a['name']}" for a in done if a["action"] == "deleted"]
        return lines

    def _lines_of(self, action: Data, would: str) -> list[str]:
        """What was done to one domain, a line each.

        :param would: ``would be`` and a blank in check mode, else empty.
        """
        name = action["name"]
        what = _results.what_was_done(action) or action["action"]
        domain = self._run.by_name.get(name) or {}
        bound = action.get("bound")
        lines = []
        if what == "renamed":
            lines.append(f"{would}renamed: {action['renamed_from']} to {name}")
        elif what == "failed" and not bound:
            lines.append(f"may have been changed, nothing tells: {name}")
        elif what == "updated" and (action.get("uploaded") or not bound):
            certificate = domain.get("certificate")
            until = f", valid until {certificate['not_after'][:10]}" if certificate else ""
            lines.append(f"certificate {would}uploaded: {name}{until}")
        elif what != "updated" and not (what == "failed" and bound):
            lines.append(f"{would}{what}: {name}")
        verified = domain.get("verified") and (what == "renamed" or not action.get("was_verified"))
        if what in ("created", "renamed", "updated") and verified:
            lines.append(f"{would}verified: {name}")
        return lines

    def _not_yet(self) -> list[str]:
        """Those that are not verified, and that nobody waits for."""
        run = self._run
        if run.check_mode:
            return []
        failed = self._failed_names()
        lines = []
        for name in self._declared.verify:
            domain = run.by_name.get(name)
            if domain is None or domain["verified"] or name in failed:
                continue
            dns = records.dns_of(domain)
            reason = dns["reason"] if dns["status"] not in ("ok", "unchecked") else None
            reason = reason or f"{self._settings.title} has not seen the record yet"
            lines.append(f"{name} is not verified yet: {reason}")
        return lines

    def _not_seen(self) -> list[str]:
        return [
            f"{domain['name']} is verified, but: {records.dns_of(domain)['reason']}"
            for domain in self._run.domains
            if domain["verified"] and records.dns_of(domain)["status"] == "unknown"
        ]

    def problems(self) -> list[str]:
        """What is not right, each cause once; empty where nothing is wrong."""
        run, settings = self._run, self._settings
        if run.stopped is not None:
            return [run.stopped]
        found = group_by_cause(
            (action["name"], action["failure"]["operation"], action["reason"])
            for action in run.actions
            if action["failure"]
        )
        failed = f"The DNS back end {settings.back_end.name} failed."
        found += [f"{failed} {name}: {why}" for name, why in _grouped(run.unpublished)]
        found += [
            f"{failed} {name}: {why}\nRecord and domain stay."
            for name, why in _grouped(run.unremoved)
        ]
        stuck = {name: why for name, why in run.stuck.items() if name not in run.failed()}
        found += [f"{name} stays at {settings.title}: {why}" for name, why in _grouped(stuck)]
        others = {**run.blocked, **run.dead, **run.leftover}
        found += [f"{name}: {why}" for name, why in _grouped(others)]
        found += run.problems
        changes = self._changes()
        if settings.expect_no_changes and changes:
            found.append(
                f"{len(changes)} change{'s' if len(changes) > 1 else ''} "
                f"{_verb(len(changes), run.check_mode)} made, and none is expected "
                "(tracking_domain_expect_no_changes)."
            )
        return found


def _verb(count: int, check_mode: bool) -> str:
    if check_mode:
        return "would be"
    return "were" if count > 1 else "was"


def _grouped(reasons: t.Mapping[str, str]) -> t.Iterator[tuple[str, str]]:
    """Names and reasons, names with the same reason together."""
    names: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        names.setdefault(reason, []).append(name)
    for reason, same in names.items():
        yield few(same, _NAMES), reason
