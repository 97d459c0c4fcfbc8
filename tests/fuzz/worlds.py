# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random cases: an account, the DNS, what is declared, how the vendor behaves, what goes wrong.

A case is plain data, so that it can be printed, made smaller and run again.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from ansible_collections.mailops.email.tests.fuzz import answers, zones
from ansible_collections.mailops.email.tests.fuzz.names import plain
from ansible_collections.mailops.email.tests.sandbox import sendclean_switches, sendcloud_switches

Case = dict[str, Any]

NAMES = (
    "a.example.com",
    "b.example.com",
    "c.example.com",
    "sub.a.example.com",
    "a.example.net",
    "b.example.net",
    "track.example.org",
    "x_y.example.org",
    "münchen.example.com",
    "xn--fa-hia.example.com",
)
_SWITCHES = {"sendclean": sendclean_switches.SWITCHES, "sendcloud": sendcloud_switches.SWITCHES}
# Those set elsewhere, or with care.
_NOT_AT_RANDOM = {
    "latency_ms",
    "rate_limit",
    "rate_limit_seconds",
    "negative_cache_seconds",
    "negative_cache_checks",
    "list_lag",
    "delete_lag",
    "deletes_nothing",
    "domain_limit",
    "name_length_limit",
}
# Of the sandbox; which of them befall a call that has taken effect is chosen.
_FAULTS = (
    ("http_error", (500, 502, 503, 504)),
    ("empty", (200, 200, 502, 504)),
    ("truncated_json", (None,)),
    ("cut", (None,)),
    ("invalid_utf8", (None,)),
    (
        "wrong_shape",
        ("missing_info", None, [], {}, "text", 7, {"status": "success"}, {"result": True}),
    ),
    ("reset", (None,)),
    ("slow", (1, 40)),
    ("echo", (None,)),
)
# What says that nothing was done, which then is so.
_REFUSALS = (
    ("http_error", (400, 403, 404)),
    ("rate_limited", (None, 0, 1, 30, 100000, "soon")),
    ("rate_limited_date", (1, 3600)),
    ("redirect", (None,)),
)
_UNCLEAR_ERRORS = {"sendclean": ("GeneralError", "New"), "sendcloud": (501, 12345)}
_VENDOR_ERRORS = {
    "sendclean": (
        "ValidationError",
        "GeneralError",
        "AuthenticationError",
        "Invalid Request",
        "New",
    ),
    "sendcloud": (
        501,
        6001,
        40000,
        40005,
        40913,
        41002,
        41012,
        41014,
        41015,
        41016,
        50000,
        50001,
        12345,
    ),
}


def make_case(provider: str, seed: int, number: int, *, altered: bool = False) -> Case:
    """The case of that number: always the same one.

    :param altered: each of its runs meets answers that are altered, those to errors as well.
    """
    rand = random.Random(f"{provider}/{seed}/{number}")
    maker = _Maker(provider, rand)
    case = maker.case()
    if altered:
        case["faults"] = maker.altered_answers()
    return case | {"seed": seed, "number": number}


class _Maker:
    def __init__(self, provider: str, rand: random.Random) -> None:
        self._provider = provider
        self._rand = rand
        self._cloud = provider == "sendcloud"
        # Some pick few names, so that entries meet.
        self._names = rand.sample(NAMES, rand.choice((2, 4, 6, len(NAMES))))

    def _chance(self, share: float) -> bool:
        return self._rand.random() < share

    def case(self) -> Case:
        rand = self._rand
        # Half of the cases have nothing that goes wrong: there, everything has to fit exactly.
        healthy = self._chance(0.4)
        account = self._account()
        entries = self._entries(account)
        switches = self._switches(account["domains"], healthy)
        case = {
            "provider": self._provider,
            "module": "tracking_domain" if self._chance(0.3) else "tracking_domains",
            "account": account,
            "switches": switches,
            "zone": self._zone(account, entries),
            "entries": entries,
            "task": self._task(account),
            "info": rand.choice(
                (None, [self._spelled(rand.choice(self._names)) for _number in range(2)])
            ),
            "faults": {},
        }
        if not healthy:
            where = rand.choices(("real", "check", "again", "info"), (8, 1, 1, 1))[0]
            case["faults"] = {
                where: [self._fault(case) for _number in range(rand.choice((1, 1, 2, 3)))]
            }
        if case["module"] == "tracking_domain":
            case["entries"] = entries[:1]
        return case

    # -- what there is -------------------------------------------------------------------------------

    def _spelled(self, name: str) -> str:
        """As somebody may have typed it."""
        how = self._rand.random()
        if how < 0.75:
            return name
        if how < 0.85:
            return name.upper() if name.isascii() else name.capitalize()
        if how < 0.92:
            return name + "."
        return plain(name)

    def _account(self) -> dict[str, Any]:
        rand = self._rand
        domains: list[dict[str, Any]] = []
        names = rand.sample(self._names, rand.randint(0, len(self._names)))
        if self._chance(0.04):
            names += [
                f"t{number}.example.com" for number in range(rand.choice((95, 100, 101, 205)))
            ]
        for name in names:
            held = plain(name) if self._chance(0.7) else self._kept(name)
            domain: dict[str, Any] = {"name": held, "id": 1000 + len(domains)}
            if self._chance(0.6):
                domain["verified"] = True
            if self._cloud and self._chance(0.3):
                domain["certificate"] = rand.choice(("old", "new"))
            domains.append(domain)
            if self._chance(0.02):
                # The same name in another spelling, as another domain.
                twin = rand.choice((held.upper(), held.capitalize(), held + "."))
                domains.append(
                    {"name": twin, "id": 1000 + len(domains), "verified": self._chance(0.5)}
                )
        rand.shuffle(domains)
        account: dict[str, Any] = {"domains": domains}
        if not self._cloud and self._chance(0.7):
            account["target_stated"] = True
        if self._cloud and self._chance(0.05):
            account["sending_domains"] = [plain(rand.choice(self._names))]
        return account

    def _kept(self, name: str) -> str:
        if name.isascii():
            return self._rand.choice((name, name.upper(), name.title()))
        return name

    def _switches(self, domains: Sequence[Any], healthy: bool) -> dict[str, Any]:
        rand = self._rand
        chosen: dict[str, Any] = {}
        for switch in _SWITCHES[self._provider]:
            if switch.name in _NOT_AT_RANDOM or not self._chance(0.25):
                continue
            if switch.choices:
                chosen[switch.name] = rand.choice(switch.choices)
            elif isinstance(switch.default, bool):
                chosen[switch.name] = not switch.default
            elif switch.name.endswith("http_status"):
                chosen[switch.name] = rand.choice((200, 401, 403))
        if self._cloud:
            room = rand.choice((0, 0, 1, 2, 100, 100, 100, 100))
            chosen["domain_limit"] = len(domains) + room
        if not healthy and self._chance(0.15):
            chosen["list_lag"] = rand.choice((1, 1, 2, 5))
        if not healthy and self._chance(0.15):
            chosen["delete_lag"] = rand.choice((1, 1, 2, 5))
        if not healthy and self._chance(0.05):
            chosen["deletes_nothing"] = True
        if self._chance(0.05):
            chosen["rate_limit"] = rand.choice((1, 2, 5))
        if self._chance(0.1):
            chosen["negative_cache_checks"] = rand.choice((1, 3))
        return chosen

    def _zone(self, account: Any, entries: Sequence[Any]) -> dict[str, Any]:
        names = {plain(domain["name"]) for domain in account["domains"]}
        names |= {plain(entry["name"]) for entry in entries}
        names |= {plain(name) for name in self._names}
        names |= {plain(entry["rename_from"]) for entry in entries if "rename_from" in entry}
        zone: dict[str, Any] = {}
        for name in sorted(names):
            kind = self._rand.choices(
                ("right", "nothing", "any"), self._rand.choice(((6, 2, 2), (1, 8, 1), (1, 1, 5)))
            )[0]
            kind = self._rand.choice(zones.KINDS) if kind == "any" else kind
            if kind != "nothing":
                zone[name] = {"kind": kind}
                if self._chance(0.05):
                    zone[name]["from"] = 1000.0 + self._rand.choice((1, 5, 15, 90))
        return zone

    # -- what is declared ----------------------------------------------------------------------------

    def _entries(self, account: Any) -> list[dict[str, Any]]:
        rand = self._rand
        names = rand.sample(self._names, rand.randint(1, len(self._names)))
        if self._chance(0.03):
            names += [f"t{number}.example.com" for number in range(rand.choice((60, 110)))]
        if self._chance(0.02):
            names.append(names[0].upper())
        return [self._entry(name, account["domains"]) for name in names]

    def _entry(self, name: str, domains: Sequence[Any]) -> dict[str, Any]:
        rand = self._rand
        entry: dict[str, Any] = {"name": self._spelled(name)}
        if self._chance(0.3):
            entry["state"] = "absent"
        if self._chance(0.1):
            entry["dangling"] = rand.choice(("fail", "warn", "ignore"))
        if self._chance(0.1):
            entry["verify"] = self._chance(0.5)
        if self._cloud:
            self._add_cloud_options(entry, domains)
        elif self._chance(0.01):
            entry["rename_from"] = rand.choice(self._names)
        return entry

    def _add_cloud_options(self, entry: dict[str, Any], domains: Sequence[Any]) -> None:
        rand = self._rand
        if domains and self._chance(0.12):
            same = [each["id"] for each in domains if plain(each["name"]) == plain(entry["name"])]
            entry["id"] = rand.choice(same or [rand.choice(domains)["id"], 77])
        elif self._chance(0.1):
            entry["rename_from"] = self._spelled(rand.choice(self._names))
        if entry.get("state") != "absent" and self._chance(0.2):
            entry["certificate"] = rand.choice(("old", "new", "new", "new", "expired", "alien_key"))
            if self._chance(0.2):
                entry["certificate_update"] = "always"

    def _task(self, account: Any) -> dict[str, Any]:
        rand = self._rand
        task: dict[str, Any] = {"timeout": 5, "retries": rand.choice((0, 1, 2, 5))}
        if self._chance(0.5):
            task["verify"] = True
            if self._chance(0.4):
                task["wait"] = True
        task["wait_timeout"] = rand.choice((0, 1, 30, 60))
        task["wait_interval"] = rand.choice((1, 10))
        if self._chance(0.3):
            task["dangling"] = rand.choice(("warn", "ignore"))
        if self._chance(0.15):
            task["dns_check"] = rand.choice(("off", "recursive"))
        if self._chance(0.35):
            task["purge"] = True
            task["purge_limit"] = rand.choice((0, 1, 3, 5, 300))
            if self._chance(0.4):
                task["purge_exclude"] = [self._pattern() for _number in range(rand.choice((1, 2)))]
        if self._chance(0.3):
            task["concurrency"] = rand.choice((2, 4, 16))
        else:
            task["concurrency"] = 1
        return task

    def _pattern(self) -> str:
        name = self._rand.choice(self._names)
        return self._rand.choice(
            (
                name,
                name.upper(),
                plain(name),
                name + ".",
                f" {name} ",
                "*.example.com",
                "*",
                "mün*.example.com",
            )
        )

    # -- what goes wrong -----------------------------------------------------------------------------

    def altered_answers(self) -> dict[str, Any]:
        return {step: self._altered_answers() for step in ("info", "check", "real", "again")}

    def _altered_answers(self) -> list[dict[str, Any]]:
        rand = self._rand
        operations = ["", "list", "add", "delete", "check", *(["update"] if self._cloud else [])]
        operation = rand.choice(operations)
        faults: list[dict[str, Any]] = [
            {
                "at": "network",
                "kind": "altered",
                "value": rand.randrange(2**32),
                "operation": operation,
                "skip": rand.choice((0, 0, 1)),
                "count": rand.choice((1, 2, 0)),
            }
        ]
        if self._chance(0.4):
            # An error, so that its body is altered.
            faults.append(
                {
                    "at": "vendor",
                    "kind": "vendor_error",
                    "value": rand.choice(_VENDOR_ERRORS[self._provider]),
                    "http_status": rand.choice((200, 200, 400, 401, 429, 500, 503)),
                    "operation": operation,
                    "after": self._chance(0.3),
                    "count": rand.choice((1, 0)),
                }
            )
        return faults

    def _fault(self, case: Case) -> dict[str, Any]:
        rand = self._rand
        operations = ["list", "add", "delete", "check", *(["update"] if self._cloud else [])]
        common: dict[str, Any] = {
            "operation": rand.choice(["", *operations]),
            "skip": rand.choice((0, 0, 0, 1, 2)),
            "count": rand.choice((1, 1, 1, 2, 3, 0)),
        }
        how = rand.random()
        if how < 0.3:
            return {"at": "network", "kind": "altered", "value": rand.randrange(2**32), **common}
        if how < 0.4 and self._cloud:
            common["operation"] = "list"
            return {
                "at": "network",
                "kind": "cut_list",
                "value": rand.choice(answers.CUTS),
                **common,
            }
        if how < 0.47:
            return {
                "at": "network",
                "kind": "deferred",
                "value": rand.choice((0, 0.5, 30)),
                **common,
            }
        if how < 0.5:
            return {"at": "network", "kind": "unsent", **common}
        fault: dict[str, Any] = {"at": "vendor", **common}
        if how < 0.57:
            fault |= {"kind": "vendor_error", "value": rand.choice(_VENDOR_ERRORS[self._provider])}
            fault["http_status"] = rand.choice((200, 200, 200, 400, 401, 429, 500, 503))
        elif how < 0.62:
            fault |= {"kind": "vendor_error", "value": rand.choice(_UNCLEAR_ERRORS[self._provider])}
            fault["after"] = True
        elif how < 0.7:
            kind, values = rand.choice(_REFUSALS)
            fault |= {"kind": kind, "value": rand.choice(values)}
        else:
            kind, values = rand.choice(_FAULTS)
            fault |= {"kind": kind, "value": rand.choice(values), "after": self._chance(0.5)}
            if kind == "wrong_shape" and not self._cloud and fault["operation"] != "delete":
                # At SendClean, some of these say of a write that it is done; of a deletion that is looked at.
                fault["after"] = True
        return fault
