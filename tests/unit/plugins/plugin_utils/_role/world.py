# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A provider, a DNS and a clock for the role's steps: what the modules would return, without any I/O.

It is written from the modules' documented results, not from their code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.mailops.email.plugins.plugin_utils._role import entries, variables
from ansible_collections.mailops.email.plugins.plugin_utils._role.context import Context
from ansible_collections.mailops.email.plugins.plugin_utils._role.report import Report
from ansible_collections.mailops.email.plugins.plugin_utils._role.run import Run
from ansible_collections.mailops.email.plugins.plugin_utils._role.steps import take_step

Data = dict[str, Any]

TARGET = "track.sendclean.net"
A, B, C = "a.example.com", "b.example.com", "c.example.com"
BACK_ENDS: Data = {
    "none": {},
    "nsupdate": {"exact": True},
    "route53": {"needs_zone": True, "exact": True},
}


@dataclass
class World:
    """What is there.

    :param domains: names at the provider, and whether each is verified.
    :param records: CNAMEs in the DNS: name, target.
    :param lag: seconds after which a record that was removed is gone from the last name server.
    :param verifies_after: seconds after which the provider sees a record that is right.
    :param blind: the DNS gives no answer.
    :param limit: how many domains the account may have.
    :param refuses: the failure code of a deletion, by name.
    :param refuses_binding: the failure code where no sender can be bound.
    :param senders: who sends mail with which domain; None: the account's owner may not read that.
    :param weather: called with the module and its options before anything else; may return a result.
    """

    domains: dict[str, bool] = field(default_factory=dict)
    records: dict[str, str] = field(default_factory=dict)
    ttl: int = 300
    lag: float = 0.0
    verifies_after: float = 0.0
    blind: bool = False
    limit: int = 100
    refuses: dict[str, str] = field(default_factory=dict)
    refuses_binding: str = ""
    senders: dict[str, str] | None = field(default_factory=dict)
    weather: Callable[[str, Data], Data | None] = lambda _module, _options: None
    now: float = 1000.0
    slept: float = 0.0
    said: list[str] = field(default_factory=list)
    calls: list[tuple[str, Data]] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    published_at: dict[str, float] = field(default_factory=dict)
    removed_at: dict[str, float] = field(default_factory=dict)
    check_mode: bool = False

    # --- time ---------------------------------------------------------------------------------

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds
        self.slept += seconds

    # --- DNS ----------------------------------------------------------------------------------

    def served(self, name: str) -> str | None:
        """What the slowest name server has at the name."""
        if name in self.records:
            return self.records[name]
        gone = self.removed_at.get(name)
        return TARGET if gone is not None and self.now < gone + self.lag else None

    def dns(self, name: str) -> Data:
        cname = self.served(name)
        status = "missing" if cname is None else "ok" if cname == TARGET else "mismatch"
        if self.blind:
            status, cname = "unknown", None
        answer = {
            "server": "ns1.example.com",
            "cname": [cname] if cname else [],
            "a": [],
            "types": [],
            "wildcard": False,
            "ttl": self.ttl if cname else None,
        }
        return {
            "status": status,
            "reason": f"{name} is {status}.",
            "expected": TARGET,
            "found": [] if self.blind else [answer],
            "fix": None if status == "ok" else f"{name}. 300 IN CNAME {TARGET}.",
            "zone": ".".join(name.split(".")[-2:]),
        }

    def publish(self, changes: list[Data]) -> Data:
        """A back end that does what it is given, and refuses what is not its own."""
        results = []
        for change in changes:
            name, there = change["name"], self.records.get(change["name"])
            wrong = there is not None and there != TARGET and not change["overwrite"]
            nothing = change["state"] == "absent" and there is None
            status = "failed" if wrong else "unchanged" if nothing else "changed"
            results.append({"status": status, "msg": f"{there} is there"})
            if wrong or nothing or self.check_mode:
                continue
            self.writes.append(f"{change['state']} {name}")
            if change["state"] == "present":
                self.records[name] = change["value"]
                self.published_at[name] = self.now
            elif self.records.pop(name, None):
                self.removed_at[name] = self.now
        return {"records": results, "failed": any(r["status"] == "failed" for r in results)}

    # --- modules ------------------------------------------------------------------------------

    def call(self, module: str, options: Data, *, check_mode: bool | None = None) -> Data:
        self.calls.append((module, options))
        answer = self.weather(module, options)
        if answer is not None:
            return answer
        if module == "tracking_domain_info":
            return self._info(options)
        really = self.check_mode
        self.check_mode = really if check_mode is None else check_mode
        try:
            return self._converge(options)
        finally:
            self.check_mode = really

    def _domain(self, name: str, verified: bool, look: bool) -> Data:
        return {
            "provider": "sendclean",
            "name": name,
            "id": None,
            "verified": verified,
            "cname": {"name": name, "target": TARGET},
            "senders": None,
            **({"dns": self.dns(name)} if look else {}),
        }

    def users(self, name: str) -> list[str]:
        return sorted(each for each, domain in (self.senders or {}).items() if domain == name)

    def _info(self, options: Data) -> Data:
        look = options["dns_check"] != "off"
        names = options["name"]
        reads = options.get("senders") and any(name in self.domains for name in names)
        if reads:
            self.calls.append(("senders", {}))
        users = self.users if reads and self.senders is not None else lambda _name: None
        missing = [name for name in names if name not in self.domains]
        return {
            "changed": False,
            "tracking_domains": [
                {**self._domain(name, self.domains[name], look), "senders": users(name)}
                for name in names
                if name in self.domains
            ],
            "warnings": [_UNREADABLE] if reads and self.senders is None else [],
            "missing": missing,
            "missing_dns": {name: self.dns(name) for name in missing} if look else {},
            "dangling": [name for name in missing if look and self.served(name) == TARGET],
        }

    def _converge(self, options: Data) -> Data:
        waits = options.get("wait_timeout", 0)
        entries_ = options["domains"]
        actions = [self._step(entry, options) for entry in entries_]
        waiting = [a for a in actions if (a["failure"] or {}).get("code") == "not_verified"]
        if waiting and not self.check_mode:
            self.now += waits
            later = [self._step(entry, options) for entry in entries_]
            actions = [_as_one(*both) for both in zip(actions, later, strict=True)]
        names = [entry["name"] for entry in entries_]
        reads = self._reads_senders(options)
        if reads:
            self.calls.append(("senders", {}))
        for entry, action in zip(entries_, actions, strict=True):
            self._bind(entry, action, options.get("_takes_over", {}).get(entry["name"], []))
        look = bool(options.get("verify"))
        return {
            "changed": any(action["changed"] for action in actions),
            "tracking_domains": [
                {
                    **self._domain(name, self.domains.get(name, False), look),
                    "senders": self.users(name) if reads and "senders" in entry else None,
                }
                for entry, name in zip(entries_, names, strict=True)
                if name in self.domains
                or (self.check_mode and entry.get("state", "present") == "present")
            ],
            "actions": actions,
            "unmanaged": sorted(name for name in self.domains if name not in names),
            "warnings": [_UNREADABLE] if reads and self.senders is None else [],
            "diff": [],
        }

    def _reads_senders(self, options: Data) -> bool:
        return options["provider"] == "sendcloud" and any(
            "senders" in entry
            or entry["name"] in options.get("_takes_over", {})
            or (
                entry.get("state") == "absent"
                and entry.get("dangling", options.get("dangling")) != "ignore"
            )
            for entry in options["domains"]
        )

    def _bind(self, entry: Data, action: Data, replaces: list[str]) -> None:
        """Once it is verified, never before."""
        wanted = [*entry.get("senders", ()), *(s for old in replaces for s in self.users(old))]
        if self.senders is None or action["failure"] or not self.domains.get(entry["name"]):
            return
        for sender in wanted:
            if self.senders[sender] == entry["name"]:
                continue
            if self.refuses_binding:
                action.update(
                    action="failed", failure=_failure(self.refuses_binding, "bind senders")
                )
                action["reason"] = "the call got no answer."
                return
            action["bound"].append(sender)
            action["changed"] = True
            if action["action"] == "unchanged":
                action["action"] = "updated"
            if not self.check_mode:
                self.senders[sender] = entry["name"]
                self.writes.append(f"bind {sender} to {entry['name']}")

    def _step(self, entry: Data, options: Data) -> Data:
        name, action, error, done = entry["name"], "unchanged", None, None
        recheck = options.get("_settings", {}).get("recheck", "wrong")
        was_verified = self.domains.get(name, False)
        if entry.get("state") == "absent":
            looks = options.get("dns_check") != "off"
            dangling = entry.get("dangling", options.get("dangling"))
            moved = [
                name for several in options.get("_takes_over", {}).values() for name in several
            ]
            if (
                self.users(name)
                and dangling == "fail"
                and name not in (moved if self.check_mode else ())
            ):
                action, error = "failed", "in_use"
            else:
                action, error = self._delete(name, dangling if looks else "ignore")
        elif name not in self.domains:
            if len(self.domains) >= self.limit:
                action, error = "failed", "quota"
            else:
                action = done = "created"
                if not self.check_mode:
                    self.domains[name] = False
                    self.writes.append(f"add {name}")
        if entry.get("state") != "absent" and options.get("verify") and error is None:
            if self._sees(name) and not self.domains.get(name) and not self.check_mode:
                self.domains[name] = True
                action = "verified" if action == "unchanged" else action
            elif entry.get("wait", options.get("wait")):
                # What counts as verified is in doubt until the provider has said so again.
                doubtful = recheck == "all" and not self._sees(name)
                if doubtful or not self.domains.get(name):
                    action, error = "failed", "not_verified"
        return {
            "name": name,
            "action": action,
            "changed": bool(done) or action not in ("unchanged", "failed"),
            "renamed_from": None,
            "reason": f"{_before(done)}{name} failed: {error}." if error else None,
            "done": done if error else None,
            "was_verified": was_verified,
            "final": False,
            "uploaded": False,
            "bound": [],
            "failure": _failure(error, f"do {name}") if error else None,
        }

    def _sees(self, name: str) -> bool:
        if self.served(name) != TARGET or name not in self.domains:
            return False
        return self.now >= self.published_at.get(name, 0) + self.verifies_after

    def _delete(self, name: str, dangling: str) -> tuple[str, str | None]:
        if name not in self.domains:
            return "unchanged", None
        if name in self.refuses:
            return "failed", self.refuses[name]
        if dangling == "fail" and (self.blind or self.served(name) == TARGET):
            return "failed", "dangling"
        if not self.check_mode:
            del self.domains[name]
            self.writes.append(f"delete {name}")
        return "deleted", None


_UNREADABLE = "it is not known whether a sender still uses it"


def _failure(code: str, operation: str) -> Data:
    return {"code": code, "operation": operation, "vendor_message": None, "http_status": None}


def absent(name: str, **options: Any) -> dict[str, Any]:
    return {"name": name, "state": "absent", **options}


def right(*names: str, **options: Any) -> World:
    """A world in which these are as they should be."""
    return World(dict.fromkeys(names, True), dict.fromkeys(names, TARGET), **options)


def actions(result: dict[str, Any]) -> dict[str, str]:
    return {action["name"]: action["action"] for action in result["actions"]}


def _before(done: str | None) -> str:
    return f"{done}, but " if done else ""


def _as_one(first: Data, later: Data) -> Data:
    """What one run of the module says of what it did at first and when the wait ended."""
    done = first["done"] or (
        None if first["action"] in ("failed", "unchanged") else first["action"]
    )
    if done is None:
        return later
    if later["failure"]:
        reason = later["reason"] if later["done"] else _before(done) + later["reason"]
        return {**later, "done": done, "changed": True, "reason": reason}
    return {**later, "action": done, "changed": True}


def settings(*, back_end: str = "nsupdate", **given: Any) -> variables.Settings:
    """The role's variables, without their prefix, as they are meant."""
    values = {
        "tracking_domain_provider": "sendclean",
        "tracking_domain_dns_provider": back_end,
        "tracking_domain_nsupdate_server": "192.0.2.53",
        **{f"tracking_domain_{name}": value for name, value in given.items()},
    }
    found, problems = variables.read(values, list(values), BACK_ENDS)
    assert found is not None, problems
    return found


def converge(world: World, domains: Any, *, back_end: str = "nsupdate", **given: Any) -> Data:
    """One use of the role: the fact that it sets, with ``summary``."""
    meant = settings(back_end=back_end, **given)
    run: Data = Run(today="2026-11-26", check_mode=world.check_mode).as_data()
    warnings: list[str] = []
    for step in ("ensure", "verify", "retire", "purge"):
        current = Run.of(run)
        declared, problems = entries.read(domains, meant, today=current.date)
        assert problems == []
        context = Context(
            current,
            meant,
            declared,
            call_module=world.call,
            say=world.said.append,
            clock=world.clock,
            sleep=world.sleep,
        )
        given_to = {"verify": current.publish, "retire": current.remove, "purge": current.remove}
        changes = given_to.get(step, [])
        publishes = changes and meant.back_end.publishes
        take_step(step, context, world.publish(changes) if publishes else {})
        run = current.as_data()
        warnings += context.warnings
    report = Report(Run.of(run), meant, declared)
    return {**report.result(), "summary": report.summary(), "warnings": warnings}
