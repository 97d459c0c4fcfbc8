# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run says, held against what it did: the vendor's state before and after, and the call log.

Nothing here asks the collection's own code: names, targets, proofs and effects are worked out anew.
Each function yields what does not fit, in a sentence.
"""

from __future__ import annotations

import contextlib
import fnmatch
import html
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from ansible_collections.mailops.email.tests.fuzz.names import plain
from ansible_collections.mailops.email.tests.fuzz.play import Held, Seen, State, certificates

Mismatches = Iterator[str]

CODES = {
    "authentication",
    "validation",
    "quota",
    "rate_limited",
    "not_found",
    "conflict",
    "network",
    "bad_response",
    "unsupported",
    "dangling",
    "in_use",
    "not_verified",
    "purge_limit",
    "partial",
    "dependency",
}
# How a write is told of which nobody knows whether it took effect.
_UNCLEAR = re.compile("may have taken effect")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029]")
_LONGEST_MESSAGE = 60_000


class Account:
    """What was declared, held against a state of the account."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen
        self.entries = seen.case["entries"]
        self.task = seen.case["task"]
        self.several = seen.case["module"] == "tracking_domains"
        self.purges = self.several and bool(self.task.get("purge"))

    def option(self, entry: Mapping[str, Any], name: str, default: Any) -> Any:
        return entry.get(name, self.task.get(name, default))

    def dangling_of(self, number: int, state: State) -> set[str]:
        """What the entries that speak of a domain say of ``dangling``; the task's, where none does."""
        return {
            self.option(entry, "dangling", "fail")
            for entry in self.entries
            if number in self.ids_of(entry, state)
        } or {self.option({}, "dangling", "fail")}

    def names_of(self, entry: Mapping[str, Any]) -> set[str]:
        return {plain(entry[key]) for key in ("name", "rename_from") if key in entry}

    def ids_of(self, entry: Mapping[str, Any], state: State) -> set[int]:
        """The domains that an entry speaks of, in whatever way."""
        names = self.names_of(entry)
        return {
            number
            for number, held in state.items()
            if plain(held.name) in names or number == entry.get("id")
        }

    def declared_ids(self, state: State) -> set[int]:
        return {number for entry in self.entries for number in self.ids_of(entry, state)}

    def excluded(self, name: str) -> bool:
        return any(
            fnmatch.fnmatchcase(form, pattern.strip().rstrip(".").lower())
            for pattern in self.task.get("purge_exclude", ())
            for form in _forms(name)
        )

    def may_be_purged(self, state: State) -> set[int]:
        if not self.purges:
            return set()
        others = set(state) - self.declared_ids(state)
        return {number for number in others if not self.excluded(state[number].name)}


def _forms(name: str) -> set[str]:
    """A name as punycode and in its own script."""
    forms = {name.rstrip(".").lower(), plain(name)}
    with contextlib.suppress(UnicodeError):
        forms.add(plain(name).encode().decode("idna"))
    return forms


# --- what comes out ---------------------------------------------------------------------------------


def no_bug(seen: Seen) -> Mismatches:
    for words in ("Traceback", "Unexpected error", "a bug in"):
        if words in seen.ran.text:
            yield f"it says {words!r}: {seen.ran.result.get('msg')}"


def no_secret(seen: Seen) -> Mismatches:
    text = seen.ran.text
    for secret in seen.secrets:
        for line in secret.splitlines() if "-----" in secret else [secret]:
            if "-----" in line:
                continue
            spellings = {
                line,
                json.dumps(line)[1:-1],
                json.dumps(line, ensure_ascii=False)[1:-1],
                # As it is within JSON that is within JSON.
                json.dumps(json.dumps(line)[1:-1])[1:-1],
                html.escape(line),
                quote(line),
                quote(line, safe=""),
                quote_plus(line),
            }
            for spelling in spellings:
                if spelling in text:
                    yield f"a secret is shown: {spelling}"


def messages_are_for_people(seen: Seen) -> Mismatches:
    result = seen.ran.result
    texts = {
        "msg": result.get("msg", ""),
        **{f"warning {n}": w for n, w in enumerate(seen.ran.warnings)},
    }
    for number, action in enumerate(result.get("actions") or ()):
        texts[f"reason {number}"] = action.get("reason") or ""
    for number, diff in enumerate(_diffs(result)):
        texts |= {f"{key} {number}": diff[key] for key in ("before_header", "after_header")}
    for where, text in texts.items():
        if found := _CONTROL.search(text):
            yield f"{where} has the control character {found[0]!r}: {text[:200]!r}"
        if len(text) > _LONGEST_MESSAGE:
            yield f"{where} is {len(text)} characters long"


def failures_are_told(seen: Seen) -> Mismatches:
    result = seen.ran.result
    if not seen.ran.failed:
        if result.get("failure"):
            yield "it has a failure and did not fail"
        return
    failure = result.get("failure") or {}
    if not result.get("msg"):
        yield "it failed without a message"
    if failure.get("code") not in CODES:
        yield f"failure.code is {failure.get('code')!r}"
    for action in result.get("actions") or ():
        code = (action.get("failure") or {}).get("code")
        if (action["action"] == "failed") != (code in CODES):
            yield f"{action['name']} is {action['action']} with the failure code {code!r}"


def failed_where_one_failed(seen: Seen) -> Mismatches:
    bad = [each["name"] for each in _actions(seen) if each["action"] == "failed"]
    if bad and not seen.ran.failed:
        yield f"it is green although {bad} failed"
    if bad and seen.case["module"] == "tracking_domains" and seen.ran.code != "purge_limit":
        told = re.match(r"(\d+) of (\d+) tracking domains failed", seen.ran.result["msg"])
        if not told or (int(told[1]), int(told[2])) != (len(bad), len(_actions(seen))):
            yield f"the summary is {seen.ran.result['msg'][:80]!r}, and {len(bad)} failed"


# --- what is done -----------------------------------------------------------------------------------


def reads_only(seen: Seen) -> Mismatches:
    """Of info and check mode: no write, no verification."""
    for call in seen.calls:
        if call.operation not in ("list", "senders"):
            yield f"{seen.step} made the call {call.action} {call.names} {call.ids}"
    if _timeless(seen.before) != _timeless(seen.after):
        yield f"{seen.step} changed the account"


def nothing_done_where_all_failed(seen: Seen) -> Mismatches:
    if seen.ran.failed and not _actions(seen) and seen.effects:
        yield f"it failed as a whole and did {[call.action for call in seen.effects]}"
    if seen.ran.code == "purge_limit" and seen.effects:
        yield "it says that nothing was changed because of purge_limit"


def undeclared_is_untouched(seen: Seen) -> Mismatches:
    account = Account(seen)
    purgeable = account.may_be_purged(seen.before)
    for number in set(seen.before) - account.declared_ids(seen.before):
        before, after = seen.before[number], seen.after.get(number)
        if after is None and number not in purgeable:
            yield f"{before.name} is gone, and nobody declared it"
        elif after and _timeless_one(before) != _timeless_one(after):
            yield f"{before.name} was changed, and nobody declared it: {before} {after}"
    declared = {name for entry in account.entries for name in account.names_of(entry)}
    for number in set(seen.after) - set(seen.before):
        if plain(seen.after[number].name) not in declared:
            yield f"{seen.after[number].name} was added, and nobody declared it"


def declared_is_treated_as_declared(seen: Seen) -> Mismatches:
    account = Account(seen)
    for entry in account.entries:
        absent = entry.get("state") == "absent"
        for number in account.ids_of(entry, seen.before):
            before, after = seen.before[number], seen.after.get(number)
            others = [other for other in account.entries if other is not entry]
            if any(number in account.ids_of(other, seen.before) for other in others):
                continue
            if after is None and not absent:
                yield f"{before.name} is gone, and was declared as present"
            if after and absent and _timeless_one(before) != _timeless_one(after):
                yield f"{before.name} was changed, and was declared as absent"


def deletions_have_proof(seen: Seen) -> Mismatches:
    account = Account(seen)
    if account.option({}, "dns_check", "authoritative") == "off":
        return
    given_up = {
        number: "deleted" if number not in seen.after else "renamed"
        for number, held in seen.before.items()
        if number not in seen.after or plain(seen.after[number].name) != plain(held.name)
    }
    for number, how in given_up.items():
        held = seen.before[number]
        if seen.zone.changes(held.name):
            continue
        rules = account.dangling_of(number, seen.before)
        why = seen.zone.forbids_deletion(
            held.name, ever_verified=held.verified, target_known=seen.target_known
        )
        if why and rules == {"fail"}:
            yield f"{held.name} was {how} although it {why}"
        warned = any(plain(held.name) in warning for warning in seen.ran.warnings)
        if why and rules == {"warn"} and not warned:
            yield f"{held.name} was {how} without a warning although it {why}"


def deletions_without_doubt_are_made(seen: Seen) -> Mismatches:
    for action in _actions(seen):
        name = action["name"]
        if (action.get("failure") or {}).get("code") != "dangling" or seen.zone.changes(name):
            continue
        entry = next((e for e in Account(seen).entries if plain(e["name"]) == name), {})
        named = plain(entry["rename_from"]) if "rename_from" in entry else name
        if "id" not in entry and seen.zone.permits_deletion(named, target_known=seen.target_known):
            yield f"{name} was refused as dangling, and its DNS says {seen.zone.kind(named)}"


def purge_comes_last(seen: Seen) -> Mismatches:
    account = Account(seen)
    if not account.purges:
        return
    gone = [n for n in account.may_be_purged(seen.before) if n not in seen.after]
    if len(gone) > account.task.get("purge_limit", 5):
        yield f"{len(gone)} were purged, more than purge_limit"
    declared = _actions(seen)[: len(account.entries)]
    bad = [each["name"] for each in declared if each["action"] == "failed"]
    if gone and bad:
        yield f"{[seen.before[n].name for n in gone]} were purged although {bad} failed"


# --- what is claimed --------------------------------------------------------------------------------


def actions_are_true(seen: Seen) -> Mismatches:
    account = Account(seen)
    actions = _actions(seen)
    entries: list[Any] = [*account.entries, *[None] * (len(actions) - len(account.entries))]
    for entry, action in zip(entries, actions, strict=False):
        for problem in _action_is_true(seen, account, entry, action):
            yield f"{action['name']}: {action['action']}, {problem}"


def _action_is_true(seen: Seen, account: Account, entry: Any, action: Any) -> Mismatches:
    name, what = action["name"], action["action"]
    if entry is not None and name != plain(entry["name"]):
        yield f"and the entry is {entry['name']}"
        return
    before, after = meant(seen.before, name, entry), meant(seen.after, name, entry)
    if any(held.hidden for held in before.values()):
        return  # an earlier run's doing that a list does not show yet passes for this run's
    if what != "failed" and bool(action["changed"]) != (what != "unchanged"):
        yield f"and changed is {action['changed']}"
    if (what == "created" and (before or len(after) != 1)) or (
        what == "deleted" and (not before or after)
    ):
        yield f"before {before}, after {after}"
    elif what == "renamed":
        old = {n for n in after if n in seen.before and plain(seen.before[n].name) != name}
        if len(after) != 1 or not old:
            yield f"after {after}"
    elif what == "updated":
        if len(after) != 1 or not entry or "certificate" not in entry:
            yield f"after {after}"
    elif what == "verified":
        newly = [
            n
            for n, h in after.items()
            if h.verified and not _shown_verified(seen, seen.before.get(n))
        ]
        if not newly and len(after) == 1:
            yield f"before {before}, after {after}"
    elif what == "unchanged":
        yield from _is_unchanged(seen, entry, action, before, after)


def meant(state: State, name: str, entry: Any) -> State:
    """What bears the name; of two spellings of it, the one with the id if the entry has one."""
    named = {number: held for number, held in state.items() if plain(held.name) == name}
    if entry and "id" in entry and entry.get("state") == "absent":
        return {number: held for number, held in named.items() if number == entry["id"]}
    return named


def _is_unchanged(seen: Seen, entry: Any, action: Any, before: State, after: State) -> Mismatches:
    if set(before) != set(after):
        yield f"before {before}, after {after}"
        return
    if seen.ran.code == "purge_limit" or action.get("reason"):
        return
    absent = entry is None or entry.get("state") == "absent"
    if absent == bool(after):
        yield f"and it is {'there' if after else 'not there'}"
    for number, held in after.items():
        if before[number].certificate != held.certificate:
            yield f"and its certificate was changed: {before[number]} {held}"


def _shown_verified(seen: Seen, held: Held | None) -> bool:
    """As a list shows it."""
    if held is None:
        return False
    return (
        held.verified if seen.switches.get("check_refreshes_list", True) else held.listed_verified
    )


def _was_told_verified(seen: Seen, held: Held, number: int) -> bool:
    """Whether the list showed it as verified, and the live DNS gave no reason to doubt that."""
    looks = seen.options.get("dns_check") != "off"
    doubt = looks and seen.zone.permits_deletion(held.name, target_known=seen.target_known)
    return _shown_verified(seen, seen.before.get(number)) and not doubt


def changed_is_true(seen: Seen) -> Mismatches:
    if any(held.hidden for held in seen.before.values()):
        return
    changed = seen.ran.result.get("changed", False)
    actions = _actions(seen)
    if actions and bool(changed) != any(each["changed"] for each in actions):
        yield f"changed is {changed}, and the actions say otherwise"
    if seen.effects and not changed:
        yield f"changed is {changed}, and {_told(seen)} took effect"
    touched = _touched(seen)
    verified = {
        plain(held.name)
        for number, held in seen.after.items()
        if held.verified and not _shown_verified(seen, seen.before.get(number))
    }
    renamed = {
        plain(held.name)
        for number, held in seen.before.items()
        if number in seen.after and plain(seen.after[number].name) != plain(held.name)
    }
    for each in actions:
        name, what = each["name"], each["action"]
        done = name in touched or plain(each.get("renamed_from") or name) in touched
        if done and not each["changed"] and name not in renamed:
            yield f"{name} is {what} and unchanged, and {_told(seen)} took effect"
        told = each.get("reason") or seen.ran.result.get("msg", "")
        doubt = _may_be_unclear(seen) and what == "failed" and _UNCLEAR.search(told)
        if each["changed"] and not done and not doubt and name not in verified:
            yield f"{name} is {what} and changed, and nothing took effect"


def _may_be_unclear(seen: Seen) -> bool:
    """Whether something kept the run from knowing what it did: an error of no kind, say, or no list."""
    return bool(
        seen.troubled
        or seen.switches["rate_limit"]
        or seen.switches.get("error_kind_in") == "absent"
    )


def _touched(seen: Seen) -> set[str]:
    """The names that a write took effect on, those before and after a rename."""
    names = {plain(name) for call in seen.effects for name in call.names}
    ids = {number for call in seen.effects for number in call.ids}
    for state in (seen.before, seen.after):
        names |= {plain(held.name) for number, held in state.items() if str(number) in ids}
    return names


def never_green_when_not_as_declared(seen: Seen) -> Mismatches:
    if seen.ran.failed:
        return
    account = Account(seen)
    for entry in account.entries:
        name = plain(entry["name"])
        found = meant(seen.after, name, entry)
        if entry.get("state") == "absent":
            if found:
                yield f"it is green, and {name} is still there"
            continue
        if len(found) != 1:
            yield f"it is green, and there are {len(found)} of {name}"
            continue
        ((number, held),) = found.items()
        if "certificate" in entry and not _has_window(held, entry["certificate"]):
            yield f"it is green, and {name} has not got its certificate"
        waits = account.option(entry, "wait", False) and entry.get("verify") is not False
        if waits and not (held.verified or _was_told_verified(seen, held, number)):
            yield f"it is green, and {name} is not verified"
    left = [n for n in account.may_be_purged(seen.before) if n in seen.after]
    if left:
        yield f"it is green, and {[seen.after[n].name for n in left]} were not purged"


def _has_window(held: Held, name: str) -> bool:
    leaf = certificates()[name][0].certificate
    return held.window == (leaf.not_valid_before_utc, leaf.not_valid_after_utc)


def unverified_is_told(seen: Seen) -> Mismatches:
    """Where somebody asked for a verification and there is none, there is a word about it."""
    account = Account(seen)
    for entry, action in zip(account.entries, _actions(seen), strict=False):
        if entry.get("state") == "absent" or not account.option(entry, "verify", False):
            continue
        found = {n: h for n, h in seen.after.items() if plain(h.name) == action["name"]}
        verified = found and all(
            held.verified or _was_told_verified(seen, held, number)
            for number, held in found.items()
        )
        if action["action"] != "failed" and not verified and not action.get("reason", True):
            yield f"{action['name']} is {action['action']} and not verified, without a word"


def results_are_the_state(seen: Seen) -> Mismatches:
    """The domains as returned, where nothing failed."""
    account = Account(seen)
    returned = _returned(seen)
    if seen.ran.failed or returned is None:
        return
    wanted = [plain(entry["name"]) for entry in account.entries if entry.get("state") != "absent"]
    if [each["name"] for each in returned] != wanted:
        yield f"it returned {[each['name'] for each in returned]} for {wanted}"
        return
    renamed = {each["name"] for each in _actions(seen) if each["action"] == "renamed"}
    for each in returned:
        yield from _is_as_returned(seen, each, renamed=each["name"] in renamed)


def _is_as_returned(seen: Seen, each: Any, *, renamed: bool) -> Mismatches:
    found = {n: h for n, h in seen.after.items() if plain(h.name) == each["name"]}
    if len(found) != 1:
        yield f"{each['name']} was returned, and there is {found}"
        return
    ((number, held),) = found.items()
    if seen.case["provider"] == "sendcloud" and each["id"] != number:
        yield f"{each['name']} has id {number}, not {each['id']}"
    possible = {held.verified}
    if not seen.switches.get("check_refreshes_list", True):
        possible.add(held.listed_verified)
    if renamed:
        possible.add(False)  # what the vendor says of the old name does not count
    if each["verified"] not in possible:
        yield f"{each['name']} was returned as verified: {each['verified']}, and it is {held}"
    if bool(each["certificate"]) != bool(held.window):
        yield f"{each['name']} was returned with the certificate {each['certificate']}, and it is {held}"


def unmanaged_is_true(seen: Seen) -> Mismatches:
    unmanaged = seen.ran.result.get("unmanaged")
    if unmanaged is None:
        return
    account = Account(seen)
    declared = account.declared_ids(seen.after) | account.declared_ids(seen.before)
    # Two spellings of a name are two entries.
    left = sorted(plain(h.name) for n, h in seen.after.items() if n not in declared)
    # Of a deletion that may have taken effect, and is told so, the last list still had the domain.
    unclear = {each["name"] for each in _actions(seen) if _UNCLEAR.search(each.get("reason") or "")}
    if _may_be_unclear(seen):
        left = [name for name in left if name not in unclear]
        unmanaged = [name for name in unmanaged if name not in unclear]
    if sorted(unmanaged) != left:
        yield f"unmanaged is {unmanaged}, and there is {left}"


def diffs_are_true(seen: Seen) -> Mismatches:
    names = Counter(plain(held.name) for held in seen.before.values())
    hidden = {plain(h.name) for h in seen.before.values() if h.hidden}
    for diff in _diffs(seen.ran.result):
        if diff["before_header"] in hidden:
            continue
        old, new = diff["before_header"], diff["after_header"]
        before = {plain(h.name) for h in seen.before.values()}
        after = {plain(h.name) for h in seen.after.values()}
        if (diff["before"]["state"] == "present") != (old in before):
            yield f"the diff says that {old} was {diff['before']['state']}"
        if names[new] > 1:
            continue
        if not seen.ran.failed and (diff["after"]["state"] == "present") != (new in after):
            yield f"the diff says that {new} is {diff['after']['state']}"


def calls_are_bounded(seen: Seen) -> Mismatches:
    tries = seen.case["task"].get("retries", 5) + 1
    domains = len(seen.before) + len(seen.case["entries"])
    rounds = (
        seen.case["task"].get("wait_timeout", 300) / seen.case["task"].get("wait_interval", 10) + 2
    )
    most = tries * (20 + 6 * domains) + domains * rounds * tries
    if len(seen.calls) > most:
        yield f"it made {len(seen.calls)} calls, more than {most:.0f}"


def waits_are_bounded(seen: Seen) -> Mismatches:
    """Where nothing went wrong: a run ends with its deadline, and soon without a wait."""
    if seen.troubled or seen.switches["rate_limit"]:
        return
    task = seen.case["task"]
    most = 30.0
    if seen.step in ("real", "again") and task.get("wait"):
        most += task.get("wait_timeout", 300) + task.get("wait_interval", 10)
    if seen.seconds > most:
        yield f"it took {seen.seconds:.0f} s, more than {most:.0f}"


def lists_are_few(seen: Seen) -> Mismatches:
    """Where nothing went wrong: what fails together is settled together."""
    switches = seen.switches
    if seen.troubled or switches["rate_limit"] or switches["list_lag"]:
        return
    pages = max(1, math.ceil(max(len(seen.before), len(seen.after)) / 100))
    if switches.get("list_total") == "absent":
        pages += 1
    lists = sum(call.operation == "list" for call in seen.calls)
    # The first; after what was refused, two, for that a list can lag; after what was freed, as many;
    # and SendClean's list, whether it shows a verification.
    if lists > 6 * pages:
        yield f"it made {lists} list calls for {pages} pages"


# --- the runs against each other --------------------------------------------------------------------


def foretold_is_done(check: Seen, real: Seen) -> Mismatches:
    """Where nothing went wrong: check mode said what the real run did."""
    vendor_refused = any(
        (each.get("failure") or {}).get("vendor_code") or each["action"] == "failed"
        for each in [*_actions(real), *_actions(check)]
    )
    if vendor_refused or real.ran.failed or check.ran.failed:
        return
    said = [(each["name"], each["action"], each["changed"]) for each in _actions(check)]
    done = [(each["name"], each["action"], each["changed"]) for each in _actions(real)]
    uncertain = {name for name, *_rest in [*said, *done] if _hangs_on_the_vendor(real, name)}
    said = [each for each in said if each[0] not in uncertain]
    done = [each for each in done if each[0] not in uncertain]
    if said != done:
        yield f"check mode said {said}, and the run did {done}"
    if not uncertain and check.ran.changed != real.ran.changed:
        yield f"check mode said changed: {check.ran.changed}, and it was {real.ran.changed}"
    if not uncertain and check.ran.result.get("unmanaged") != real.ran.result.get("unmanaged"):
        yield (
            f"check mode said unmanaged: {check.ran.result.get('unmanaged')}, and it was "
            f"{real.ran.result.get('unmanaged')}"
        )


def _hangs_on_the_vendor(seen: Seen, name: str) -> bool:
    """Whether the vendor's check may see something else than the live DNS, as it was or will be."""
    switches = seen.switches
    if not seen.target_known or seen.options.get("dns_check") == "off":
        return True
    return (
        seen.zone.changes(name)
        or switches["negative_cache_checks"] > 0
        or not switches.get("check_refreshes_list", True)
        or not switches.get("rename_resets_cname", True)
        or (not switches["follows_chains"] and seen.zone.kind(name) == "chain")
        or seen.zone.kind(name) in ("silent", "half_silent", "half_right", "disagree", "old")
    )


def second_run_is_quiet(again: Seen) -> Mismatches:
    """After a run in which nothing went wrong: nothing but the list calls, and no change."""
    account = Account(again)
    if any(each["action"] == "failed" for each in _actions(again)) or again.ran.failed:
        return
    forced = any(entry.get("certificate_update") == "always" for entry in account.entries)
    unverified = [
        each
        for entry, each in zip(account.entries, _actions(again), strict=False)
        if account.option(entry, "verify", False)
        and entry.get("state") != "absent"
        and not _settled_verified(again, each["name"])
    ]
    if again.ran.changed and not forced and not unverified:
        yield f"the second run is changed: {_actions(again)}"
    if again.effects and not forced:
        yield f"the second run wrote {_told(again)}"
    if unverified or forced:
        return
    most = 1
    if account.several and again.case["provider"] == "sendcloud":
        most = max(1, math.ceil(len(again.after) / 100))
    if not account.several:
        # What a narrowed list does not show is looked for in the whole one.
        most = 1 + max(1, math.ceil(len(again.after) / 100))
    if again.switches["rate_limit"] or again.switches.get("list_total") == "absent":
        most = 1000
    if [call.action for call in again.calls if call.operation != "list"]:
        yield f"the second run made the calls {[(call.action, call.names) for call in again.calls]}"
    elif len(again.calls) > most:
        yield f"the second run made {len(again.calls)} list calls"


def _settled_verified(seen: Seen, name: str) -> bool:
    """Verified, as a list shows it, and with a record that is not wrong."""
    found = [h for h in seen.before.values() if plain(h.name) == name]
    good = seen.zone.kind(name) in ("right", "chain", "wildcard_right") and not seen.zone.changes(
        name
    )
    return good and all(_shown_verified(seen, held) for held in found)


def info_is_the_state(seen: Seen) -> Mismatches:
    result = seen.ran.result
    if seen.ran.failed:
        return
    asked = seen.case["info"]
    names = sorted(plain(h.name) for h in seen.before.values() if not h.hidden)
    shown = sorted(each["name"] for each in result["tracking_domains"])
    if asked:
        wanted = {plain(name) for name in asked}
        names = [name for name in names if name in wanted]
        missing = sorted(wanted - set(names))
        if sorted(result["missing"]) != missing:
            yield f"missing is {result['missing']}, and it should be {missing}"
    if shown != names:
        yield f"it shows {shown}, and there is {names}"
    if seen.ran.changed:
        yield "info says that it changed something"
    if "dangling" in result and (seen.target_known and seen.before):
        leads = {n for n in result["missing"] if seen.zone.leads_to_the_provider(n)}
        if not set(result["dangling"]) >= leads:
            yield f"dangling is {result['dangling']}, and {leads} lead to the provider"
        if wrong := [
            n for n in result["dangling"] if seen.zone.kind(n) in ("nothing", "text", "elsewhere")
        ]:
            yield f"dangling is {result['dangling']}, and {wrong} do not lead to the provider"


# --- helpers ----------------------------------------------------------------------------------------


def _actions(seen: Seen) -> list[dict[str, Any]]:
    """Those of a set, or the one of a single domain in the same form."""
    result = seen.ran.result
    if "actions" in result:
        return list(result["actions"])
    if "action" not in result:
        return []
    name = plain(seen.case["entries"][0]["name"])
    failure = result.get("failure")
    return [
        {"name": name, "action": result["action"], "changed": result["changed"], "failure": failure}
    ]


def _returned(seen: Seen) -> list[Any] | None:
    result = seen.ran.result
    if "tracking_domains" in result:
        return list(result["tracking_domains"])
    if "tracking_domain" in result:
        return [result["tracking_domain"]] if result["tracking_domain"] else []
    return None


def _diffs(result: Mapping[str, Any]) -> list[Any]:
    diff = result.get("diff") or []
    return list(diff) if isinstance(diff, list) else [diff]


def _told(seen: Seen) -> list[tuple[str, list[str], list[str]]]:
    return [(call.operation, call.names, call.ids) for call in seen.effects]


def _timeless_one(held: Held) -> tuple[Any, ...]:
    return (held.name, held.verified, held.certificate, held.updated)


def _timeless(state: State) -> dict[int, Any]:
    return {number: _timeless_one(held) for number, held in state.items()}


# --- which hold when --------------------------------------------------------------------------------

Claim = Callable[[Seen], Mismatches]
ALWAYS: tuple[Claim, ...] = (
    no_bug,
    no_secret,
    messages_are_for_people,
    failures_are_told,
    failed_where_one_failed,
    calls_are_bounded,
    waits_are_bounded,
)
# Where the collection was not told wrong.
OF_A_RUN: tuple[Claim, ...] = (
    nothing_done_where_all_failed,
    undeclared_is_untouched,
    declared_is_treated_as_declared,
    deletions_have_proof,
    deletions_without_doubt_are_made,
    purge_comes_last,
    actions_are_true,
    changed_is_true,
    never_green_when_not_as_declared,
    unverified_is_told,
    results_are_the_state,
    unmanaged_is_true,
    diffs_are_true,
    lists_are_few,
)


def of_run(seen: Seen) -> Iterator[tuple[str, str]]:
    """(claim, what does not fit) of one run."""
    claims = list(ALWAYS)
    if seen.step in ("info", "check"):
        claims.append(reads_only)
    if not seen.altered:
        claims += {"info": [info_is_the_state], "check": []}.get(seen.step, OF_A_RUN)
    for claim in claims:
        for problem in claim(seen):
            yield f"{seen.step}: {claim.__name__}", problem


def of_runs(runs: Mapping[str, Seen]) -> Iterator[tuple[str, str]]:
    """(claim, what does not fit) of the runs of one case."""
    check, real, again = (runs[step] for step in ("check", "real", "again"))
    if any(seen.troubled for seen in (check, real, again)) or again.switches["list_lag"]:
        return
    for problem in foretold_is_done(check, real):
        yield "foretold_is_done", problem
    if not real.ran.failed:
        for problem in second_run_is_quiet(again):
            yield "second_run_is_quiet", problem
