# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The random tester's worlds with senders: who uses which domain before and after, held against the claims.

The cases are those of ``worlds`` at SendCloud, with API_USERs, entries that declare them, domains that take
the senders of others over as in the role, and calls for senders that go wrong::

    python tests/fuzz/senders.py --cases 10000 --seed 7
    python tests/fuzz/senders.py --seed 7 --only 4711
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

from importable import make_importable

make_importable()

from ansible_collections.mailops.email.tests.fuzz import claims, play, worlds  # noqa: E402
from ansible_collections.mailops.email.tests.fuzz.names import plain  # noqa: E402
from ansible_collections.mailops.email.tests.sandbox.accounts import (  # noqa: E402
    Account,
    Sender,
)

PROVIDER = "sendcloud"
NAMES = ("news", "orders", "billing", "alerts")
DEFAULT = "track2.sendcloud.net"
_CHUNK = 50
# What befalls the calls for senders.
_FAULTS = (
    {"kind": "http_error", "value": 502},
    {"kind": "http_error", "value": 502, "after": True},
    {"kind": "reset"},
    {"kind": "reset", "after": True},
    {"kind": "truncated_json", "after": True},
    {"kind": "empty", "value": 200, "after": True},
    {"kind": "vendor_error", "value": 6001},
    {"kind": "vendor_error", "value": 501, "after": True},
    {"kind": "vendor_error", "value": 40905},
    {"kind": "rate_limited", "value": 1},
)
Rows = Mapping[str, Mapping[str, Any]]


def make_case(seed: int, number: int) -> worlds.Case:
    """The case of that number: always the same one."""
    case = worlds.make_case(PROVIDER, seed, number)
    rand = random.Random(f"senders/{seed}/{number}")
    held = [domain["name"] for domain in case["account"]["domains"]]
    case["senders"] = {
        name: rand.choice([DEFAULT, *held]) if rand.random() < 0.7 else DEFAULT
        for name in NAMES[: rand.randint(0, len(NAMES))]
    }
    switches = case["switches"]
    if rand.random() < 0.1:
        switches["senders_readable"] = False
    else:
        switches.pop("senders_readable", None)
    free = [*case["senders"], *(["nobody"] if rand.random() < 0.1 else [])]
    rand.shuffle(free)
    present = [entry for entry in case["entries"] if entry.get("state") != "absent"]
    if rand.random() < 0.2:
        # As the role calls it for entries with replaced_by: nothing else is asked for then.
        olds = set(map(plain, held)).difference(*map(_names_of, case["entries"]))
        if case["module"] == "tracking_domains" and present and olds:
            name = plain(rand.choice(present)["name"])
            case["takes_over"] = {name: [rand.choice(sorted(olds))]}
            free, present = [], []
    for entry in present:
        if free and rand.random() < 0.5:
            entry["senders"] = [free.pop() for _each in range(rand.randint(1, len(free)))]
        elif rand.random() < 0.1:
            entry["senders"] = []
    if case["faults"] and rand.random() < 0.7:
        fault = {"at": "vendor", "operation": rand.choice(("bind", "senders")), "count": 1}
        more = {"skip": rand.choice((0, 0, 1)), "count": rand.choice((1, 1, 2, 0))}
        case["faults"] = {"real": [{**fault, **more, **rand.choice(_FAULTS)}]}
    return case


def _names_of(entry: Mapping[str, Any]) -> set[str]:
    return {plain(entry[key]) for key in ("name", "rename_from") if key in entry}


@dataclass
class Used:
    """One run, and who used which domain before and after it."""

    seen: play.Seen
    before: Rows
    after: Rows

    @property
    def moved(self) -> dict[str, str]:
        """Those that use another domain now, by name: which."""
        return {
            name: plain(row["trackDomainName"])
            for name, row in self.after.items()
            if plain(row["trackDomainName"]) != plain(self.before[name]["trackDomainName"])
        }

    def using(self, name: str, rows: Rows) -> set[str]:
        return {each for each, row in rows.items() if plain(row["trackDomainName"]) == name}

    def declared(self) -> dict[str, dict[str, Any]]:
        """Present entries, by name."""
        return {
            plain(entry["name"]): entry
            for entry in self.seen.case["entries"]
            if entry.get("state") != "absent"
        }

    def wanted(self, name: str) -> set[str]:
        """Who is to use a declared domain by this run."""
        found = set(self.declared().get(name, {}).get("senders", ()))
        for old in self.seen.case.get("takes_over", {}).get(name, ()):
            found |= self.using(old, self.before)
        return found

    @property
    def counts(self) -> Counter[str]:
        return Counter(call.operation for call in self.seen.calls)


class Play(play.Play):
    """A case with senders being played."""

    def _account(self) -> Account:
        account = super()._account()
        account.senders = {
            name: Sender(name, tracking_domain=domain, clicks=number % 2)
            for number, (name, domain) in enumerate(self.case["senders"].items())
        }
        return account

    def _options(self) -> dict[str, Any]:
        return {**super()._options(), "_takes_over": self.case.get("takes_over", {})}

    def _rows(self) -> Rows:
        with self.account.lock:
            return {name: sender.as_row() for name, sender in self.account.senders.items()}

    def _step(
        self, step: str, module: str, options: dict[str, Any], *, check: bool = False
    ) -> play.Seen:
        if step == "info":
            options = {**options, "senders": True}
        before = self._rows()
        seen = super()._step(step, module, options, check=check)
        self.used = Used(seen, before, self._rows())
        return seen


# --- claims -----------------------------------------------------------------------------------------


def nobody_else_is_moved(used: Used) -> claims.Mismatches:
    for sender, name in used.moved.items():
        if sender not in used.wanted(name):
            yield f"{sender} uses {name}, which nobody declared"


def what_else_they_are_set_to_stays(used: Used) -> claims.Mismatches:
    for name, row in used.after.items():
        was = {**used.before[name], "trackDomainName": None}
        if {**row, "trackDomainName": None} != was and not used.seen.ran.failed:
            yield f"{name} was {was}, is {row}, and the run is green"


def never_before_it_is_verified(used: Used) -> claims.Mismatches:
    for sender, name in used.moved.items():
        found = [
            held
            for state in (used.seen.before, used.seen.after)
            for held in state.values()
            if plain(held.name) == name
        ]
        if not any(held.verified or held.listed_verified for held in found):
            yield f"{sender} was bound to {name}, which is not verified"


def what_is_used_stays(used: Used) -> claims.Mismatches:
    seen = used.seen
    account = claims.Account(seen)
    for number, held in seen.before.items():
        name, now = plain(held.name), seen.after.get(number)
        users = used.using(name, used.before) & used.using(name, used.after)
        if not users or (now and plain(now.name) == name):
            continue
        rules = account.dangling_of(number, seen.before)
        told = any(
            (name in line and "sender" in line) or "API_USER" in line for line in seen.ran.warnings
        )
        if "ignore" in rules:
            continue
        if rules == {"fail"} and seen.switches["senders_readable"] and not seen.troubled:
            yield f"{name} was given up although {users} use it"
        elif not told:
            yield f"{name} was given up without a word although {users} use it"


def bound_is_true(used: Used) -> claims.Mismatches:
    told: dict[str, str] = {}
    for action in used.seen.ran.result.get("actions") or ():
        told |= dict.fromkeys(action["bound"], action["name"])
        unclear = action["failure"] and "may have taken effect" in str(action["reason"])
        if unclear:
            return
    if used.seen.case["module"] == "tracking_domains" and told != used.moved:
        yield f"it says that it bound {told}, and it bound {used.moved}"


def what_was_bound_is_a_change(used: Used) -> claims.Mismatches:
    ran = used.seen.ran
    if used.moved and not ran.result.get("changed"):
        yield f"it bound {used.moved}, and says that nothing changed"
    for action in ran.result.get("actions") or ():
        if action["action"] == "unchanged" and action["bound"]:
            yield f"{action['name']} is unchanged, and {action['bound']} were bound"


def green_means_bound(used: Used) -> claims.Mismatches:
    ran = used.seen.ran
    if ran.failed:
        return
    for domain in claims._returned(used.seen) or ():
        name = domain["name"]
        senders = used.declared().get(name, {}).get("senders")
        if senders is None:
            continue
        using = used.using(name, used.after)
        if set(domain["senders"] or ()) != using:
            yield f"it returned {domain['senders']} of {name}, and {using} use it"
        missing = set(senders) - using
        if missing and domain["verified"]:
            yield f"it is green, {name} is verified, and {missing} do not use it"
        actions = {each["name"]: each for each in ran.result.get("actions") or ()}
        if missing and name in actions and "will be bound" not in str(actions[name]["reason"]):
            yield f"{missing} do not use {name} yet, and there is no word about it"


def senders_are_read_for_a_reason(used: Used) -> claims.Mismatches:
    case = used.seen.case
    declares = any("senders" in entry for entry in case["entries"]) or case.get("takes_over")
    frees = {"absent"} & {entry.get("state") for entry in case["entries"]}
    renames = any("rename_from" in entry or "id" in entry for entry in case["entries"])
    if not (declares or frees or renames or case["task"].get("purge")) and used.counts["senders"]:
        yield "senders were read for nothing"
    if not declares and used.counts["bind"]:
        yield "a sender was bound, and none is declared"


def info_is_true(used: Used) -> claims.Mismatches:
    if used.seen.ran.failed:
        return
    domains = used.seen.ran.result["tracking_domains"]
    for domain in domains:
        using = used.using(domain["name"], used.before)
        if domain["senders"] is not None and set(domain["senders"]) != using:
            yield f"info shows {domain['senders']} of {domain['name']}, and {using} use it"
        if domain["senders"] is None and not used.seen.ran.warnings:
            yield f"info shows no senders of {domain['name']} without a warning"


def reads_only(used: Used) -> claims.Mismatches:
    if used.moved or used.counts["bind"]:
        yield f"{used.seen.step} bound {used.moved}"


def foretold_is_done(check: Used, real: Used) -> claims.Mismatches:
    if check.seen.ran.failed or real.seen.ran.failed:
        return
    both = [run.seen.ran.result.get("actions") or () for run in (check, real)]
    for said, done in zip(*both, strict=True):
        # What hangs on a verification is the vendor's to say.
        if said["was_verified"] and sorted(said["bound"]) != sorted(done["bound"]):
            yield f"check mode said {said['bound']} of {said['name']}, and it was {done['bound']}"


def second_run_is_quiet(again: Used) -> claims.Mismatches:
    verified = {plain(held.name) for held in again.seen.before.values() if held.verified}
    if again.moved and set(again.moved.values()) <= verified:
        yield f"the second run bound {again.moved}"


OF_A_RUN = (
    nobody_else_is_moved,
    what_else_they_are_set_to_stays,
    never_before_it_is_verified,
    what_is_used_stays,
    bound_is_true,
    what_was_bound_is_a_change,
    green_means_bound,
    senders_are_read_for_a_reason,
)


def of_run(used: Used) -> Iterator[tuple[str, str]]:
    """(claim, what does not fit) of one run."""
    step = used.seen.step
    found = [*claims.ALWAYS]
    for general in found:
        for problem in general(used.seen):
            yield f"{step}: {general.__name__}", problem
    some = {"info": (reads_only, info_is_true), "check": (reads_only,)}.get(step, OF_A_RUN)
    # Where the collection was told wrong, only what it may never do.
    hidden = any(held.hidden for held in used.seen.before.values())
    if used.seen.altered or hidden:
        some = tuple(claim for claim in some if claim in (reads_only, nobody_else_is_moved))
    for claim in some:
        for problem in claim(used):
            yield f"{step}: {claim.__name__}", problem


def mismatches(case: worlds.Case, told: list[Used] | None = None) -> list[tuple[str, str]]:
    """(claim, what does not fit) of one case; an error of the tester itself is one as well."""
    runs: dict[str, Used] = {}
    found: list[tuple[str, str]] = []
    try:
        playing = Play(case)
        for seen in playing.run():
            runs[seen.step] = playing.used
            if told is not None:
                told.append(playing.used)
            found += of_run(playing.used)
        check, real, again = (runs[step] for step in ("check", "real", "again"))
        if not any(run.seen.troubled or run.seen.altered for run in (check, real, again)):
            found += [("foretold_is_done", problem) for problem in foretold_is_done(check, real)]
            if not real.seen.ran.failed:
                found += [("second_run_is_quiet", line) for line in second_run_is_quiet(again)]
    except Exception as exc:
        found.append((f"tester: {type(exc).__name__}", traceback.format_exc()))
    return found


# --- the hunt ---------------------------------------------------------------------------------------


def play_numbers(work: tuple[int, list[int]]) -> tuple[Counter[str], list[tuple[int, Any]]]:
    """What there was to claim anything of; and (number, mismatches) of the cases that do not fit."""
    seed, numbers = work
    bad, had = [], Counter[str]()
    with play.sandbox_without_waiting():
        for number in numbers:
            told: list[Used] = []
            found = mismatches(make_case(seed, number), told)
            for used in told:
                had["bound"] += bool(used.moved)
                had["in use"] += "in_use" in json.dumps(used.seen.ran.result)
            if found:
                bad.append((number, found))
    return had, bad


def show(case: worlds.Case) -> int:
    """One case in full."""
    told: list[Used] = []
    with play.sandbox_without_waiting():
        found = mismatches(case, told)
    print(json.dumps(case, indent=1, ensure_ascii=False))
    for used in told:
        seen = used.seen
        print(f"\n--- {seen.step}: {seen.ran.result.get('msg', '')}")
        for call in seen.calls:
            print(
                f"    {call.action} {call.names} {call.ids} {call.fault or ''} {call.took_effect}"
            )
        shown = {k: v for k, v in seen.ran.result.items() if k not in ("invocation", "msg", "diff")}
        print(json.dumps(shown, indent=1, ensure_ascii=False)[:6000])
        print(f"    warnings {seen.ran.warnings}\n    before {used.before}\n    after {used.after}")
    for claim, problem in found:
        print(f"\nDOES NOT FIT: {claim}: {problem}")
    return int(bool(found))


def main() -> int:
    parser = argparse.ArgumentParser(description="Hold what is said of senders against what was.")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--start", type=int, default=0, help="the number of the first case")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--only", type=int, help="this case alone, and all of it")
    options = parser.parse_args()
    if options.only is not None:
        return show(make_case(options.seed, options.only))
    began = time.monotonic()
    last = options.start + options.cases
    work = [
        (options.seed, list(range(start, min(start + _CHUNK, last))))
        for start in range(options.start, last, _CHUNK)
    ]
    counts, had, bad = Counter[str](), Counter[str](), 0
    with Pool(options.jobs) as pool:
        for more, found in pool.imap(play_numbers, work):
            had += more
            for number, problems in found:
                bad += 1
                for claim, problem in problems:
                    counts[claim] += 1
                    if counts[claim] <= 3:
                        print(f"{number} {claim}: {problem}", flush=True)
    for claim, count in counts.most_common():
        print(f"{count:6} {claim}")
    seconds = time.monotonic() - began
    print(
        f"seed {options.seed}: {options.cases} cases, {dict(had)}, {bad} do not fit, {seconds:.0f} s"
    )
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
