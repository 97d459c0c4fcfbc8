# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's steps: ensure, verify, retire. Private to this collection: no promise is made to others.

Between them a back end publishes and removes records. A step never fails: it says what it knows, and
the next one goes on from there. Whatever a run is interrupted at, the next one finds by looking.

All I/O comes in by parameters, so that a wait of an hour is tested in a moment.
"""

from __future__ import annotations

import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils._ansible.words import prefixed
from ansible_collections.mailops.email.plugins.module_utils._names import few
from ansible_collections.mailops.email.plugins.plugin_utils import _results
from ansible_collections.mailops.email.plugins.plugin_utils._role import records
from ansible_collections.mailops.email.plugins.plugin_utils._role.entries import Declared
from ansible_collections.mailops.email.plugins.plugin_utils._role.run import Run
from ansible_collections.mailops.email.plugins.plugin_utils._role.variables import (
    PREFIX,
    Settings,
    specs,
)
from ansible_collections.mailops.email.plugins.plugin_utils._waiting import (
    PASSING,
    Progress,
    Say,
    names_of,
    pause,
    wait_in_slices,
)

Data = t.Dict[str, t.Any]
# Runs a module of this collection with these options, and returns its result.
Call = t.Callable[[str, Data], Data]

_SET, _INFO = "tracking_domains", "tracking_domain_info"


class Steps:
    """The steps of one use of the role.

    :param run: what is known so far; each step adds to it.
    :param call: runs a module.
    :param say: shows a line while the step goes on.
    :param clock: seconds that only ever grow.
    """

    def __init__(
        self,
        run: Run,
        settings: Settings,
        declared: Declared,
        *,
        call: Call,
        say: Say,
        clock: t.Callable[[], float] = time.monotonic,
        sleep: t.Callable[[float], None] = time.sleep,
    ) -> None:
        self.run = run
        self.changed = False
        self.diff: list[Data] = []
        self._settings = settings
        self._declared = declared
        self._call_module = call
        self._say = say
        self._clock = clock
        self._sleep = sleep

    # --- ensure ------------------------------------------------------------------------------

    def ensure(self) -> None:
        """Add, rename and upload what is declared; look at the DNS; find which records to publish."""
        run, settings, declared = self.run, self._settings, self._declared
        if not declared.present:
            return
        result = self._converge(
            {
                "domains": declared.present,
                # Without a look at the DNS the provider would be asked too early.
                "verify": settings.verify and settings.looks,
                "dangling": settings.dangling,
            }
        )
        run.take(result)
        if _nothing_done(result):
            run.stopped = str(result.get("msg") or "the provider could not be asked")
            return
        run.unmanaged = [
            name
            for name in result.get("unmanaged") or ()
            if name not in declared.names and name not in declared.former.values()
        ]
        self._look_up(name for name in run.by_name if "dns" not in run.by_name[name])
        self._plan()

    def _plan(self) -> None:
        run, settings = self.run, self._settings
        created = [action["name"] for action in run.actions if action["action"] == "created"]
        plan = records.publication(
            run.domains,
            settings,
            self._declared.zones,
            to_be_added=created if run.check_mode else (),
        )
        run.records = plan["records"]
        run.blocked, run.later = plan["blocked"], plan["later"]
        run.publish = plan["changes"]

    # --- verify ------------------------------------------------------------------------------

    def verify(self, sent: t.Any) -> None:
        """Take what the back end made of it; verify and wait; find what may go, and its records.

        :param sent: what the back end's tasks registered, where there was something to publish.
        """
        run = self.run
        if run.stopped is not None:
            return
        self._take_published(sent)
        self._verify()
        self._find_dead()
        self._find_going()

    def _take_published(self, sent: t.Any) -> None:
        run, back_end = self.run, self._settings.back_end
        if not run.publish or not back_end.publishes:
            return
        run.unpublished = self._failures(run.publish, sent)
        run.published = [name for name in names_of(run.publish) if name not in run.unpublished]
        if run.check_mode:
            return
        run.domains = _results.published(run.domains, run.published)
        asked = set(self._to_verify())
        self._look_up(name for name in run.published if name not in asked)

    def _to_verify(self) -> list[str]:
        """Names that the provider may be asked about, those that are waited for and others."""
        run, settings = self.run, self._settings
        action_of = run.action_of
        names = []
        for name in self._declared.verify:
            domain = run.by_name.get(name)
            if domain is None or domain["verified"] or self._cannot_be_right(name):
                continue
            if action_of.get(name, {}).get("final") and name not in run.published:
                continue
            # What has not changed since the first look is asked about again only by a wait.
            if self._is_waited_for(name) or name in run.published or not settings.looks:
                names.append(name)
        return names

    def _cannot_be_right(self, name: str) -> bool:
        run = self.run
        return name in run.blocked or name in run.unpublished

    def _is_waited_for(self, name: str) -> bool:
        if name not in self._declared.wait:
            return False
        if self._settings.back_end.publishes or name in self._declared.insist:
            return True
        # Somebody else publishes it: only what is right already is waited for.
        domain = self.run.by_name.get(name)
        return bool(domain and records.dns_of(domain)["status"] == "ok")

    def _verify(self) -> None:
        run, settings = self.run, self._settings
        to_verify = self._to_verify()
        if run.check_mode or not to_verify:
            return
        waited_for = [name for name in to_verify if self._is_waited_for(name)]
        trouble: list[str] = []

        def step(seconds: float) -> Progress:
            outstanding = [name for name in to_verify if not self._is_settled(name)]
            result = self._converge(
                {
                    "domains": [{"name": name, "wait": name in waited_for} for name in outstanding],
                    "verify": True,
                    "wait_timeout": seconds,
                    "wait_interval": settings.wait_interval,
                    # A wait itself tries again, and says so.
                    **({"retries": 0} if waited_for else {}),
                }
            )
            run.take(result)
            trouble[:] = []
            if _nothing_done(result):
                trouble.append(str(result.get("msg") or "the provider could not be asked"))
            waiting = [name for name in waited_for if not self._is_settled(name)]
            passes = (result.get("failure") or {}).get("code") in PASSING
            return Progress(
                verified=sum(run.is_right(name) for name in self._declared.verify),
                total=len(self._declared.verify),
                waiting=[] if trouble else [(name, self._why_unverified(name)) for name in waiting],
                trouble=trouble[0] if trouble and waiting and passes else None,
            )

        run.waited = wait_in_slices(
            step,
            timeout=settings.wait_timeout if waited_for else 0.0,
            interval=settings.wait_interval,
            say=self._say,
            clock=self._clock,
            sleep=self._sleep,
        )
        run.problems += trouble

    def _is_settled(self, name: str) -> bool:
        """Whether it is verified, or waiting longer cannot help."""
        domain, action = self.run.by_name.get(name), self.run.action_of.get(name, {})
        return domain is None or bool(domain["verified"] or action.get("final"))

    def _why_unverified(self, name: str) -> str:
        dns = records.dns_of(self.run.by_name[name])
        failure = self.run.action_of.get(name, {}).get("failure") or {}
        if failure.get("vendor_message") or failure.get("http_status"):
            return str(self.run.action_of[name]["reason"])
        if dns["status"] == "ok":
            return f"the record is right, {self._settings.title} has not seen it yet"
        if dns["status"] == "unchecked":
            return f"{self._settings.title} has not seen the record yet"
        return str(dns["reason"])

    def _find_dead(self) -> None:
        """Declared domains that were verified, and whose names lead to the provider no more."""
        run = self.run
        for name in self._declared.present_names:
            mended = run.check_mode and name in run.published
            named = name in run.failed() or name in run.blocked or name in run.unpublished
            if run.was_verified(name) and run.is_dead(name) and not mended and not named:
                dns = records.dns_of(run.by_name[name])
                todo = f" To do: {dns['fix']}" if dns["fix"] else ""
                run.dead[name] = (
                    f"it was verified, and its name is not right any more. {dns['reason']}{todo}"
                )

    # --- what goes ---------------------------------------------------------------------------

    def _find_going(self) -> None:
        """What may go now, what has to wait, and which records have to be removed first."""
        run, settings, declared = self.run, self._settings, self._declared
        candidates = [entry.name for entry in declared.absent]
        self._hold_replaced()
        self._find_former()
        self._find_purged()
        candidates += [*run.former, *run.purged, *declared.staying]
        if not candidates or self._refused():
            return
        look = self._info(candidates)
        if "tracking_domains" not in look:
            run.problems.append(str(look.get("msg")))
            run.kept.update(dict.fromkeys(run.going, "it could not be looked up"))
            return
        gone = [a["name"] for a in run.actions if a["action"] == "deleted"]
        present = {d["name"]: d for d in look["tracking_domains"] if d["name"] not in gone}
        leftovers = [
            _as_domain(name, (look.get("missing_dns") or {}).get(name), settings.connection)
            for name in look.get("dangling") or ()
        ]
        run.going = [entry.name for entry in declared.absent if entry.name not in run.held]
        run.going += [name for name in (*run.former, *run.purged) if name not in run.held]
        going = [present[name] for name in run.going if name in present]
        going += [domain for domain in leftovers if domain["name"] in run.going]
        removal = records.removal(going, settings, declared.zones)
        run.remove, run.served, run.ttl = removal["changes"], removal["served"], removal["ttl"]
        run.kept.update(removal["blocked"])
        options = {entry.name: entry.options for entry in declared.absent}
        run.there = [
            {"name": name, **options.get(name, {})} for name in run.going if name in present
        ]
        self._note_staying(present, leftovers)

    def _refused(self) -> bool:
        """Whether the provider refuses the credentials: then nothing can be asked."""
        return any((a["failure"] or {}).get("code") == "authentication" for a in self.run.actions)

    def _hold_replaced(self) -> None:
        run = self.run
        for entry in self._declared.absent:
            waits_for = [name for name in entry.replaced_by if not self._will_be_right(name)]
            if waits_for:
                text = f"it stays until this is verified: {few(waits_for)}"
                failures = [run.action_of.get(name, {}).get("failure") or {} for name in waits_for]
                if any(failure.get("code") == "quota" for failure in failures):
                    text += (
                        ". The account is full: take replaced_by out of this entry to let it go first, "
                        "or have the quota raised"
                    )
                run.held[entry.name] = text

    def _will_be_right(self, name: str) -> bool:
        """Whether it is right; in check mode, whether it would be."""
        run = self.run
        if run.is_right(name):
            return True
        later = name in run.later and self._settings.back_end.publishes
        expected = run.check_mode and (name in run.published or later)
        return expected and name not in run.failed()

    def _not_right(self) -> list[str]:
        """Declared names that are not right, for which whatever goes last has to wait."""
        run, declared = self.run, self._declared
        wrong = [name for name in declared.verify if not self._will_be_right(name)]
        others = [*run.failed(), *run.blocked, *run.unpublished, *run.dead]
        # A domain whose renaming failed has no record to look at, a failed one may have no name.
        missing = [name for name in declared.present_names if name not in run.by_name]
        return list(dict.fromkeys([*wrong, *others, *missing]))

    def _find_former(self) -> None:
        """Old names of renames: their records go once all that is declared is right."""
        run = self.run
        former = dict(self._declared.former)
        for action in run.actions:
            if action.get("renamed_from"):
                former[action["name"]] = action["renamed_from"]
        run.former = [name for name in former.values() if name not in self._declared.names]
        not_right = self._not_right()
        if not_right:
            why = f"its record stays until this is right: {few(not_right)}"
            run.held.update(dict.fromkeys(run.former, why))

    def _find_purged(self) -> None:
        """What is not declared and goes, if all that is declared is right, and it is not too much."""
        run, settings = self.run, self._settings
        if not settings.purge or run.unmanaged is None:
            return
        doomed = [
            name
            for name in run.unmanaged
            if not any(pattern.matches(name) for pattern in settings.purge_exclude)
        ]
        if len(doomed) > settings.purge_limit:
            run.problems.append(
                f"The purge would delete {len(doomed)} tracking domains at {settings.title}, more than "
                f"tracking_domain_purge_limit ({settings.purge_limit}): {few(doomed)}. None was "
                "deleted. Raise the limit if all of them are to go, declare those that stay, or name "
                "them in tracking_domain_purge_exclude."
            )
            return
        run.purged = doomed
        not_right = self._not_right()
        # The declared ones that are to go come first as well.
        not_right += [name for name in run.held if name not in not_right]
        if not_right:
            why = f"the purge waits until this is right: {few(not_right)}"
            run.held.update(dict.fromkeys(doomed, why))

    def _note_staying(self, present: t.Mapping[str, Data], leftovers: t.Sequence[Data]) -> None:
        """Domains and records that are to go, and are there for now."""
        run, declared = self.run, self._declared
        stays = [domain for name, domain in present.items() if name not in run.by_name]
        # In check mode one that would be renamed is still there by its old name.
        stays = [
            domain for domain in stays if not (run.check_mode and domain["name"] in run.former)
        ]
        run.domains = [*run.domains, *stays]
        of_stays = records.publication([*stays, *leftovers], self._settings, declared.zones)
        run.records += [
            {**record, "action": "unchanged"}
            for record in of_stays["records"]
            if record["status"] in ("ok", "unknown", "unchecked")
        ]

    # --- retire ------------------------------------------------------------------------------

    def retire(self, sent: t.Any) -> None:
        """Wait until the removed records are gone from name servers and caches, then delete.

        :param sent: what the back end's tasks registered, where there was something to remove.
        """
        run, settings = self.run, self._settings
        if run.stopped is not None:
            return
        publishes = settings.back_end.publishes
        if run.remove and publishes:
            run.unremoved = self._failures(run.remove, sent)
        gone = records.not_there(run.remove, sent) if publishes else set()
        run.removed = [
            change
            for change in run.remove
            if not run.stays(change["name"]) and change["name"] not in gone
        ]
        self._drop_removed()
        to_delete = [entry for entry in run.there if not run.stays(entry["name"])]
        if to_delete and not run.check_mode and publishes:
            self._wait_for_servers()
        to_delete = [entry for entry in to_delete if not run.stays(entry["name"])]
        if to_delete and not run.check_mode:
            self._wait_for_caches(names_of(to_delete))
        if to_delete:
            self._delete(to_delete)

    def _drop_removed(self) -> None:
        run = self.run
        names = names_of(run.removed)
        done = "removed" if self._settings.back_end.publishes else "to_remove"
        run.records = [
            record
            for record in run.records
            if record["name"] not in names or record["action"] != "unchanged"
        ]
        run.records += [{**record, "status": "ok", "action": done} for record in run.removed]

    def _wait_for_servers(self) -> None:
        """Until no name server has the removed records, or the time for that is up."""
        run, settings = self.run, self._settings
        served = [name for name in names_of(run.removed) if name in run.served]
        if not served or not settings.looks:
            return
        start = self._clock()
        where: dict[str, list[str]] = {}
        trouble: str | None = None
        while True:
            look = self._info(served)
            trouble = None if "tracking_domains" in look else str(look.get("msg"))
            if trouble is None:
                where = _still_served(look, served, settings)
                served = list(where)
            left = settings.removal_timeout - (self._clock() - start)
            if not served or left <= 0:
                break
            text = "; ".join(f"{name} is still at {few(at)}" for name, at in where.items())
            self._say(
                f"waiting for name servers to drop removed records, {left:.0f} s left: {trouble or text}"
            )
            self._sleep(min(max(settings.wait_interval, 0.1), 20.0, left))
        for name in served:
            run.kept[name] = (
                f"its record could not be looked up: {trouble}"
                if trouble
                else f"name servers still have its record after {settings.removal_timeout:.0f} s "
                f"(tracking_domain_removal_timeout): {few(where.get(name, []))}. Run again once they "
                "do not."
            )

    def _wait_for_caches(self, names: t.Sequence[str]) -> None:
        """Until the time to live of what was removed, or went lately, has passed in full.

        Where somebody else removes records, a record that is still there is left to the guard.
        """
        run = self.run
        still_there = () if self._settings.back_end.publishes else run.served
        seconds = max(
            (run.ttl.get(name, 0) for name in names if name not in still_there), default=0
        )
        pause(
            seconds,
            about=f"waiting for caches to forget the removed records of {few(names)}",
            say=self._say,
            clock=self._clock,
            sleep=self._sleep,
        )

    def _delete(self, entries: t.Sequence[Data]) -> None:
        run, settings = self.run, self._settings
        removed = names_of(run.removed) if settings.back_end.publishes else []
        result = self._converge(
            {
                "domains": [
                    {
                        **entry,
                        "state": "absent",
                        # In check mode the record is still there, and would be gone by now.
                        **(
                            {"dangling": "ignore"}
                            if run.check_mode and entry["name"] in removed
                            else {}
                        ),
                    }
                    for entry in entries
                ],
                "dangling": settings.dangling,
            }
        )
        run.take(result)
        if "actions" not in result:
            run.problems.append(str(result.get("msg")))

    def _failures(self, changes: t.Sequence[Data], sent: t.Any) -> dict[str, str]:
        """Why records could not be changed, by name, in the words of the role's variables."""
        name = self._settings.back_end.name
        prefix = f"{name}_"
        own = [variable[len(prefix) :] for variable in specs() if variable.startswith(prefix)]
        failures = records.failures_of(changes, sent, name)
        return {record: prefixed(why, f"{PREFIX}{prefix}", own) for record, why in failures.items()}

    # --- calls -------------------------------------------------------------------------------

    def _converge(self, options: Data) -> Data:
        result = self._call(_SET, {**options, "concurrency": self._settings.concurrency})
        self.changed = self.changed or bool(result.get("changed"))
        self.diff += result.get("diff") or []
        return result

    def _info(self, names: t.Iterable[str]) -> Data:
        return self._call(_INFO, {"name": list(dict.fromkeys(names))})

    def _look_up(self, names: t.Iterable[str]) -> None:
        """Look these up in the live DNS; where that fails, nothing is known of them."""
        wanted = list(dict.fromkeys(names))
        if wanted and self._settings.looks:
            look = self._info(wanted)
            if "tracking_domains" in look:
                self.run.take(look)

    def _call(self, module: str, options: Data) -> Data:
        return self._call_module(
            module, {**self._settings.connection, **self._settings.dns, **options}
        )


def _nothing_done(result: t.Mapping[str, t.Any]) -> bool:
    """Whether nothing could be asked at all."""
    return "actions" not in result


def _as_domain(name: str, dns: Data | None, connection: t.Mapping[str, t.Any]) -> Data:
    """A name that the provider does not have, and whose record still leads there, as a domain."""
    return {
        "provider": connection["provider"],
        "name": name,
        "verified": True,
        "cname": {"name": name, "target": (dns or {}).get("expected")},
        **({"dns": dns} if dns else {}),
    }


def _still_served(
    look: t.Mapping[str, t.Any], names: t.Sequence[str], settings: Settings
) -> dict[str, list[str]]:
    """Of these names, those that name servers still lead to the provider, and which servers."""
    domains = {domain["name"]: domain for domain in look["tracking_domains"]}
    for name, dns in (look.get("missing_dns") or {}).items():
        domains.setdefault(name, _as_domain(name, dns, settings.connection))
    found: dict[str, list[str]] = {}
    for name in names:
        servers = records.served_by(domains[name]) if name in domains else []
        if servers:
            found[name] = servers
    return found
