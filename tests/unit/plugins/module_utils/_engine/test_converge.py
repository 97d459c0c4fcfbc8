# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From declarations to a converged account: what is called, what is guarded, what is told.

That check mode says what the real run does, and that a second run does nothing, is tried on many
small worlds made at random.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils._ansible.results import (
    failure_of_set,
    result_of_set,
)
from ansible_collections.mailops.email.plugins.module_utils._certificates.bundle import (
    CertificateBundle,
)
from ansible_collections.mailops.email.plugins.module_utils._engine.converge import Converger
from ansible_collections.mailops.email.plugins.module_utils._engine.outcome import (
    DomainOutcome,
    Outcome,
)
from ansible_collections.mailops.email.plugins.module_utils._engine.verify import Verifier
from ansible_collections.mailops.email.plugins.module_utils._engine.wanted import Settings, Wanted
from ansible_collections.mailops.email.plugins.module_utils._errors import (
    TrackingError,
    UnclearOutcome,
)
from ansible_collections.mailops.email.plugins.module_utils._names import name_patterns
from ansible_collections.mailops.email.plugins.module_utils._providers.sendclean import SendClean
from ansible_collections.mailops.email.tests.unit.doubles import (
    CLOUD,
    FACTS,
    NOW,
    TARGETS,
    Clock,
    FakeDns,
    MemoryProvider,
    domain,
    finding,
    window,
)

NAME, OTHER, NEW = "t.example.com", "u.example.com", "new.example.com"
THIRD = "v.example.com"
WRITES = ("add", "update", "delete", "check")


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Waits take no time."""
    made = Clock()
    monkeypatch.setitem(Verifier.__init__.__kwdefaults__, "clock", made)
    monkeypatch.setitem(Verifier.__init__.__kwdefaults__, "sleep", made.sleep)
    return made


def converge(
    provider: MemoryProvider,
    *wanted: Wanted,
    dns: FakeDns | None = None,
    **settings: Any,
) -> Outcome:
    if settings.get("check_mode"):
        provider.forbid = set(WRITES)
    converger = Converger(
        provider,
        Settings(**settings),
        live_dns=dns.make if dns else None,
    )
    try:
        return converger.run(wanted)
    finally:
        provider.forbid = set()


def one(provider: MemoryProvider, wanted: Wanted, **more: Any) -> DomainOutcome:
    return converge(provider, wanted, **more).domains[0]


@pytest.fixture(params=["sendclean", "sendcloud"])
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def account(vendor: str, *names: str, **given: Any) -> MemoryProvider:
    numbers = range(1, 99) if vendor == "sendcloud" else [None] * 99
    verifies = given.pop("verifies", lambda name: True)
    present = [domain(n, i, provider=vendor, **given) for n, i in zip(names, numbers, strict=False)]
    return MemoryProvider(present, facts=FACTS[vendor], verifies=verifies)


# --- calls ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [True, False])
def test_a_converged_run_is_one_list(vendor: str, whole: bool) -> None:
    provider = account(vendor, NAME, OTHER, verified=True)
    outcome = one(
        provider, Wanted(NAME, verify=True), dns=FakeDns({NAME: "ok"}), whole_account=whole
    )
    assert (outcome.action, outcome.changed) == ("unchanged", False)
    assert [call[0] for call in provider.calls] == ["list"]


def test_a_change_is_one_more_call(vendor: str) -> None:
    provider = account(vendor, NAME)
    converge(provider, Wanted(NAME), Wanted(NEW), Wanted(OTHER, state="absent"))
    assert [call[0] for call in provider.calls] == ["list", "add"]


def test_a_plain_present_sends_no_dns_query(vendor: str) -> None:
    dns = FakeDns()
    one(account(vendor), Wanted(NAME), dns=dns)
    assert dns.made == 0


def test_nothing_is_called_for_what_contradicts_itself(vendor: str) -> None:
    provider = account(vendor)
    provider.forbid = {"list"}
    with pytest.raises(TrackingError, match="more than once"):
        converge(provider, Wanted(NAME), Wanted(NAME))


# --- problems of one entry -----------------------------------------------------------------------

EXPIRED = TrackingError("validation", "the certificate has expired")


def test_a_problem_of_the_only_domain_is_told_before_any_call() -> None:
    provider = account("sendcloud")
    provider.forbid = {"list"}
    with pytest.raises(TrackingError, match="has expired"):
        converge(provider, Wanted(NAME, problem=EXPIRED))


def test_a_problem_of_one_of_many_leaves_the_others() -> None:
    provider = account("sendcloud")
    outcome = converge(provider, Wanted(NAME, problem=EXPIRED), Wanted(NEW), whole_account=True)
    assert [each.action for each in outcome.domains] == ["failed", "created"]
    assert "configure tracking domain t.example.com" in str(outcome.domains[0].error)
    assert provider.names == {NEW}


# --- what is told --------------------------------------------------------------------------------


def test_the_order_asked_then_the_purged() -> None:
    provider = account("sendcloud", NAME, OTHER, "z.example.com")
    outcome = converge(
        provider, Wanted(OTHER), Wanted(NEW), whole_account=True, purge=True, dns=FakeDns()
    )
    assert [(each.name, each.action) for each in outcome.domains] == [
        (OTHER, "unchanged"),
        (NEW, "created"),
        (NAME, "deleted"),
        ("z.example.com", "deleted"),
    ]
    assert outcome.unmanaged == []


def test_unmanaged_is_told_without_a_purge_and_for_what_a_purge_left(vendor: str) -> None:
    provider = account(vendor, NAME, OTHER)
    assert converge(provider, Wanted(NAME), whole_account=True).unmanaged == [OTHER]
    settings = {"whole_account": True, "purge": True, "purge_exclude": name_patterns(["u.*"])}
    assert converge(provider, Wanted(NAME), dns=FakeDns(), **settings).unmanaged == [OTHER]
    assert provider.names == {NAME, OTHER}


def test_what_somebody_else_purged_meanwhile_is_no_change_and_not_unmanaged(vendor: str) -> None:
    provider = account(vendor, NAME, OTHER)
    provider.fail("delete", TrackingError("not_found", "gone", vendor_code=1), took_effect=True)
    outcome = converge(provider, Wanted(NAME), dns=FakeDns(), whole_account=True, purge=True)
    assert (outcome.changed, outcome.unmanaged) == (False, [])


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_purge_beyond_its_limit_changes_nothing_at_all(vendor: str, check_mode: bool) -> None:
    provider = account(vendor, NAME, OTHER, THIRD)
    settings = {"whole_account": True, "purge": True, "purge_limit": 1, "check_mode": check_mode}
    outcome = converge(provider, Wanted(NEW), Wanted(NAME), dns=FakeDns(), **settings)
    error = failure_of_set(outcome, provider.facts)
    assert error is not None
    assert (error.code, "purge_limit" in str(error)) == ("purge_limit", True)
    assert outcome.unmanaged == [OTHER, THIRD], "what the user now has to decide about"
    assert [(each.action, each.changed) for each in outcome.domains] == [("unchanged", False)] * 2
    assert outcome.domains[0].note is not None
    assert [call[0] for call in provider.calls] == ["list"]


def test_an_add_without_room_is_tried_again_where_the_run_made_some(vendor: str) -> None:
    provider = account(vendor, NAME)
    provider.fail("add", TrackingError("quota", "no more", operation="add it"))
    entries = [Wanted(NEW), Wanted(NAME, state="absent")]
    outcome = converge(provider, *entries, dns=FakeDns(), whole_account=True)
    assert [each.action for each in outcome.domains] == ["created", "deleted"]
    assert (provider.names, provider.count("add")) == ({NEW}, 2)


def test_an_add_without_room_fails_where_the_run_made_none(vendor: str) -> None:
    provider = account(vendor, NAME)
    provider.fail("add", TrackingError("quota", "no more", operation="add it"), times=9)
    outcome = converge(provider, Wanted(NEW), Wanted(NAME), whole_account=True)
    assert [each.action for each in outcome.domains] == ["failed", "unchanged"]
    assert provider.count("add") == 1


def test_what_cannot_be_listed_names_the_one_domain(vendor: str) -> None:
    provider = account(vendor)
    provider.fail("list", TrackingError("authentication", "no", operation="list"), times=9)
    with pytest.raises(TrackingError, match=f"Could not look up tracking domain {NAME}"):
        one(provider, Wanted(NAME))


def test_what_is_declared_does_not_count_as_purged(vendor: str) -> None:
    provider = account(vendor, NAME, OTHER)
    entries = [Wanted(NAME), Wanted(NEW), Wanted("z.example.com", state="absent")]
    settings = {"whole_account": True, "purge": True, "purge_limit": 1}
    outcome = converge(provider, *entries, dns=FakeDns(), **settings)
    assert [each.action for each in outcome.domains][-1] == "deleted"
    assert provider.names == {NAME, NEW}


class Limited(MemoryProvider):
    """Has room for so many; what is under way at once ends in any order."""

    def __init__(self, room: int, *, vendor: str = "sendcloud", there: int = 0, seed: int = 0):
        numbers = range(1, 99) if vendor == "sendcloud" else [None] * 99
        present = [
            domain(f"there{n}.example.com", number, provider=vendor)
            for n, number in zip(range(there), numbers, strict=False)
        ]
        super().__init__(present, facts=FACTS[vendor])
        self.room = room + there
        self._rand = random.Random(seed)

    def add(self, name: str, certificate: Any) -> Any:
        time.sleep(self._rand.random() / 500)
        with self._lock:
            if len(self._account) >= self.room:
                self.calls.append(("add", name))
                raise TrackingError("quota", "no more", vendor_code=41012, operation="add it")
            return super().add(name, certificate)


@pytest.mark.parametrize("there", [0, 3, 7])
@pytest.mark.parametrize("room", [5, 9])
@pytest.mark.parametrize("seed", range(5))
def test_the_first_of_the_list_fit_a_quota(there: int, room: int, seed: int) -> None:
    """However many are under way at once; and what comes after the first that did not is not tried."""
    names = [f"t{n:02}.example.com" for n in range(20)]
    provider = Limited(room, there=there, seed=seed)
    outcome = converge(provider, *map(Wanted, names), whole_account=True)
    actions = [each.action for each in outcome.domains]
    assert actions == ["created"] * room + ["failed"] * (20 - room)
    assert provider.count("add") == room + 1
    errors = [each.error for each in outcome.domains if each.error]
    assert {(error.code, error.vendor_code) for error in errors} == {("quota", 41012)}
    assert str(errors[0]) == "Could not add it: no more."
    assert "add tracking domain t19.example.com" in str(errors[-1])
    assert "not attempted after this: no more" in str(errors[-1])


@pytest.mark.parametrize("seed", range(5))
def test_what_a_run_frees_goes_to_the_first_of_the_list(seed: int) -> None:
    provider = Limited(0, there=7, seed=seed)
    gone = [Wanted(f"there{n}.example.com", state="absent") for n in (2, 5)]
    new = [Wanted(f"t{n}.example.com") for n in range(4)]
    outcome = converge(provider, new[0], gone[0], *new[1:], gone[1], dns=FakeDns())
    assert [each.action for each in outcome.domains] == [
        *("created", "deleted", "created", "failed", "failed", "deleted")
    ]


def purging(provider: MemoryProvider, *wanted: Wanted, dns: FakeDns, **more: Any) -> Outcome:
    return converge(provider, *wanted, dns=dns, whole_account=True, purge=True, **more)


NOT_PURGED = (
    "not attempted: a purge runs only if everything declared is right, which is not the case for "
)


@pytest.mark.parametrize(
    "entry",
    [
        Wanted(NEW, problem=TrackingError("validation", "the certificate has expired")),
        Wanted(NAME, state="absent"),  # its CNAME is live
        Wanted(THIRD, verify=True, wait=True),  # a mismatch
    ],
    ids=["problem", "dangling", "wait"],
)
def test_a_purge_waits_until_all_that_is_declared_is_right(
    vendor: str, entry: Wanted, check_mode: bool
) -> None:
    provider = account(vendor, NAME, OTHER)
    dns = FakeDns({NAME: "ok", THIRD: "mismatch"})
    entries = [entry, Wanted("z.example.com")]
    outcome = purging(provider, *entries, dns=dns, check_mode=check_mode)
    left = outcome.domains[len(entries) :]
    assert {each.name for each in left} == {NAME, OTHER} - {entry.name}
    for each in left:
        assert (each.action, each.changed, each.error) == ("unchanged", False, None)
        assert each.note == NOT_PURGED + entry.name
    assert outcome.unmanaged == [each.name for each in left]
    assert provider.names >= {NAME, OTHER}
    assert outcome.domains[1].action == "created", "one failure does not stop the others"
    error = failure_of_set(outcome, provider.facts)
    if entry.wait and check_mode:
        assert error is None
    else:
        assert error is not None
        assert "as declared" not in str(error)


def test_where_all_adds_are_refused_nothing_is_purged(vendor: str) -> None:
    """Else the account would end up empty."""
    provider = account(vendor, NAME, OTHER)
    provider.fail("add", TrackingError("quota", "no more", operation="add it"), times=99)
    outcome = purging(provider, Wanted(NEW), Wanted(THIRD), dns=FakeDns())
    assert [each.action for each in outcome.domains] == ["failed"] * 2 + ["unchanged"] * 2
    assert provider.names == {NAME, OTHER}


def test_a_purge_comes_after_the_waits(vendor: str) -> None:
    provider = account(vendor, NAME, OTHER)
    says = {NAME: "missing"}

    def publish(name: str) -> bool:
        assert OTHER in provider.names
        return True

    provider.verifies = publish
    dns = FakeDns(lambda name: "ok" if name == NAME and len(dns.looked) > 2 else says.get(name))
    outcome = purging(provider, Wanted(NAME, verify=True, wait=True), dns=dns, wait_timeout=60)
    assert [each.action for each in outcome.domains] == ["verified", "deleted"]
    writes = [call[0] for call in provider.calls if call[0] in WRITES]
    assert writes == ["check", "delete"]


# --- entries that become the same name -----------------------------------------------------------


def twins(vendor: str) -> MemoryProvider:
    numbers = (1, 2) if vendor == "sendcloud" else (None, None)
    spellings = (NAME.upper(), NAME)
    made = [
        domain(NAME, number, provider=vendor, spelling=spelling)
        for number, spelling in zip(numbers, spellings, strict=True)
    ]
    return MemoryProvider(made, facts=FACTS[vendor])


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("whole", [True, False])
def test_a_name_that_is_there_twice_is_a_conflict(
    vendor: str, state: str, whole: bool, check_mode: bool
) -> None:
    provider = twins(vendor)
    entry = Wanted(NAME, state=state, verify=state == "present")
    outcome = one(provider, entry, dns=FakeDns(), whole_account=whole, check_mode=check_mode)
    assert (outcome.action, outcome.changed, outcome.after) == ("failed", False, None)
    assert outcome.error is not None
    assert outcome.error.code == "conflict"
    assert provider.calls == [("list",)]


def test_a_purge_deletes_each_of_them(vendor: str, check_mode: bool) -> None:
    provider = twins(vendor)
    provider.add(OTHER, None)
    outcome = purging(provider, Wanted(OTHER), dns=FakeDns(), check_mode=check_mode)
    assert [each.action for each in outcome.domains] == ["unchanged", "deleted", "deleted"]
    assert outcome.unmanaged == []
    assert provider.spellings == ([NAME.upper(), NAME, OTHER] if check_mode else [OTHER])


def test_what_is_left_of_them_is_not_reported_clean(vendor: str) -> None:
    provider = twins(vendor)
    provider.add(OTHER, None)
    refusal = TrackingError("validation", "no", vendor_code=1, operation="delete it")
    provider.fail("delete", refusal)
    outcome = purging(provider, Wanted(OTHER), dns=FakeDns(), concurrency=1)
    assert [each.action for each in outcome.domains] == ["unchanged", "failed", "deleted"]
    assert outcome.unmanaged == [NAME]
    assert converge(provider, Wanted(OTHER), whole_account=True).unmanaged == [NAME]


def test_what_may_have_been_done_is_a_change_that_failed(vendor: str) -> None:
    """A delete that took effect, and then nobody can be asked."""
    provider = account(vendor, NAME)
    lost = UnclearOutcome("network", "no answer", operation="delete it")
    provider.fail("delete", lost, took_effect=True)
    first = provider.list

    def fails() -> Any:
        raise TrackingError("network", "no answer either")

    provider.list = lambda: first() if not provider.count("delete") else fails()  # type: ignore[method-assign]
    outcome = converge(provider, Wanted(NAME, state="absent"), dns=FakeDns())
    (made,) = outcome.domains
    assert (made.action, made.changed, outcome.changed) == ("failed", True, True)
    (action,) = result_of_set(outcome, NOW)["actions"]
    assert (action["action"], action["changed"]) == ("failed", True)
    assert action["reason"].startswith("no answer; it may have taken effect: the list could not")


def test_partial_failure(vendor: str) -> None:
    provider = account(vendor)
    provider.fail("add", TrackingError("validation", "no", operation="add it"), name=OTHER)
    outcome = converge(provider, Wanted(NAME), Wanted(OTHER), Wanted(NEW), whole_account=True)
    assert [each.action for each in outcome.domains] == ["created", "failed", "created"]
    assert outcome.changed is True
    error = failure_of_set(outcome, provider.facts)
    assert error is not None
    assert error.code == "partial"
    assert "1 of 3 tracking domains failed" in str(error)
    assert "add it: no." in str(error)
    again = converge(provider, Wanted(NAME), Wanted(OTHER), Wanted(NEW), whole_account=True)
    assert [each.action for each in again.domains] == ["unchanged", "created", "unchanged"]


def test_refused_credentials_during_writes_stop_the_verification_as_well(vendor: str) -> None:
    provider = account(vendor, OTHER)
    provider.fail("add", TrackingError("authentication", "no"), times=9)
    dns = FakeDns({NAME: "ok", OTHER: "ok"})
    entries = [Wanted(NAME, verify=True), Wanted(OTHER, verify=True)]
    outcome = converge(provider, *entries, dns=dns, whole_account=True)
    assert provider.count("check") == 0
    assert outcome.domains[1].note == "not verified: not attempted after this: no"
    error = failure_of_set(outcome, provider.facts)
    assert error is not None
    assert error.code == "authentication"
    assert "as declared" not in str(error)


# --- verification --------------------------------------------------------------------------------


@pytest.mark.parametrize("present", [True, False])
def test_a_domain_with_its_record_is_verified_in_the_same_run(vendor: str, present: bool) -> None:
    provider = account(vendor, *([NAME] if present else []))
    outcome = one(provider, Wanted(NAME, verify=True), dns=FakeDns({NAME: "ok"}))
    assert outcome.action == ("verified" if present else "created")
    assert outcome.changed is True
    assert outcome.after is not None
    assert outcome.after.verified is True
    assert provider.count("check") == 1


@pytest.mark.parametrize("keeps", [True, False])
def test_what_a_check_finds_is_a_change_only_where_the_list_shows_it(
    vendor: str, keeps: bool
) -> None:
    """Else a domain that SendClean's list never shows as verified would change at each run."""
    provider = account(vendor, NAME, OTHER)
    provider.keeps_checks = keeps or FACTS[vendor].keeps_checks
    wanted, dns = Wanted(NAME, verify=True), FakeDns({NAME: "ok"})
    first = one(provider, wanted, dns=dns, whole_account=True)
    assert first.after
    assert first.after.verified
    assert (first.changed, first.action) == (
        (True, "verified") if provider.keeps_checks else (False, "unchanged")
    )
    asked_again = 0 if FACTS[vendor].keeps_checks else 1
    assert [call[0] for call in provider.calls] == ["list", "check"] + ["list"] * asked_again
    second = one(provider, wanted, dns=dns, whole_account=True)
    assert second.after
    assert second.after.verified
    assert not second.changed


@pytest.mark.parametrize(
    ("cname", "other", "changed", "warned"),
    [
        ("No", "No", True, True),
        ("No", "Yes", True, False),
        (None, None, False, False),
    ],
    ids=["none is verified", "another is verified", "no flag at all"],
)
def test_check_mode_tells_what_can_be_known_of_a_list_that_may_not_show_checks(
    cname: str | None, other: str | None, changed: bool, warned: bool
) -> None:
    present = [
        domain(
            name,
            provider="sendclean",
            verified=flag == "Yes",
            vendor={"domain": name} if flag is None else {"domain": name, "cname": flag},
        )
        for name, flag in ((NAME, cname), (OTHER, other))
    ]
    provider = SendCleanInMemory(present, facts=FACTS["sendclean"])
    provider.keeps_checks = False
    wanted, dns = Wanted(NAME, verify=True), FakeDns({NAME: "ok"})
    outcome = converge(provider, wanted, dns=dns, whole_account=True, check_mode=True)
    assert outcome.domains[0].changed == changed
    told = [line for line in outcome.warnings if "it is not known" in line]
    assert bool(told) == warned
    assert all(NAME in line and "SendClean's list" in line for line in told)
    real = one(provider, wanted, dns=dns, whole_account=True)
    assert not real.changed, "as nothing is shown"
    assert real.after
    assert real.after.verified


class SendCleanInMemory(MemoryProvider):
    shows_checks = SendClean.shows_checks  # type: ignore[assignment]


def test_a_domain_that_is_new_or_renamed_has_changed_anyway() -> None:
    clean = account("sendclean")
    clean.keeps_checks = False
    created = one(clean, Wanted(NAME, verify=True), dns=FakeDns({NAME: "ok"}))
    assert (created.action, created.changed) == ("created", True)
    assert [call[0] for call in clean.calls] == ["list", "add", "check"]


def test_what_the_list_would_have_shown_counts_as_a_change_where_it_cannot_be_had() -> None:
    provider = account("sendclean", NAME)
    provider.fail("check", TrackingError("network", "reset"))
    dns = FakeDns({NAME: "ok"})
    assert not one(provider, Wanted(NAME, verify=True), dns=dns).after.verified  # type: ignore[union-attr]

    def lists_once(name: str) -> bool:
        provider.fail("list", TrackingError("network", "reset"))
        return True

    provider.verifies = lists_once
    outcome = one(provider, Wanted(NAME, verify=True), dns=dns)
    assert (outcome.action, outcome.changed, outcome.error) == ("verified", True, None)
    assert any("reset" in line for line in provider.lines)


@pytest.mark.parametrize("wait", [True, False])
def test_what_waiting_cannot_help_is_final(vendor: str, wait: bool) -> None:
    dns = FakeDns({NAME: "conflict", OTHER: "missing", THIRD: "ok"})
    wanted = [Wanted(name, verify=True, wait=wait) for name in (NAME, OTHER, THIRD)]
    outcome = converge(account(vendor), *wanted, dns=dns, whole_account=True)
    # Without a wait it is no failure, and a later wait may find that the record was mended.
    assert [each.final for each in outcome.domains] == [wait, False, False]


def test_a_verification_that_is_turned_down_is_final(vendor: str) -> None:
    provider = account(vendor, NAME)
    provider.fail("check", TrackingError("not_found", "no such domain"))
    outcome = one(provider, Wanted(NAME, verify=True), dns=FakeDns({NAME: "ok"}))
    assert (outcome.action, outcome.final) == ("failed", True)


def test_what_is_not_published_yet_is_the_normal_course(vendor: str) -> None:
    outcome = converge(account(vendor), Wanted(NAME, verify=True), dns=FakeDns({NAME: "missing"}))
    (made,) = outcome.domains
    assert (made.action, made.error, outcome.warnings) == ("created", None, [])
    assert made.note is not None
    assert "300 IN CNAME" in made.note


@pytest.mark.parametrize("status", ["mismatch", "conflict", "apex", "unknown"])
def test_why_it_is_not_verified_is_a_warning(vendor: str, status: str) -> None:
    provider = account(vendor, NAME, verifies=lambda name: False)
    outcome = converge(provider, Wanted(NAME, verify=True), dns=FakeDns({NAME: status}))
    assert outcome.domains[0].changed is False
    assert f"{NAME} is not verified" in outcome.warnings[0]


def test_check_mode_is_silent_about_a_target_that_only_an_add_will_tell() -> None:
    wanted = Wanted(NAME, verify=True)
    dns = FakeDns({NAME: finding("unknown", NAME, target=None)})
    outcome = converge(account("sendcloud"), wanted, dns=dns, check_mode=True)
    assert (outcome.domains[0].action, outcome.warnings) == ("created", [])
    assert outcome.domains[0].note is not None


@pytest.mark.parametrize(
    ("status", "warned"), [("ok", False), ("missing", True), ("mismatch", True), ("unknown", False)]
)
def test_a_verified_domain_whose_record_went_wrong_is_warned_of(
    vendor: str, status: str, warned: bool
) -> None:
    provider = account(vendor, NAME, verified=True)
    outcome = converge(provider, Wanted(NAME, verify=True), dns=FakeDns({NAME: status}))
    assert (outcome.domains[0].action, outcome.domains[0].changed) == ("unchanged", False)
    assert outcome.domains[0].after == provider[NAME]
    assert bool(outcome.warnings) == warned


def test_a_wait_that_fails_keeps_what_was_done(vendor: str, clock: Clock) -> None:
    provider = account(vendor)
    wanted = Wanted(NAME, verify=True, wait=True)
    outcome = converge(provider, wanted, dns=FakeDns({NAME: "missing"}), wait_timeout=30)
    (made,) = outcome.domains
    assert (made.action, made.changed) == ("failed", True)
    assert made.error is not None
    assert made.error.code == "not_verified"
    assert clock.now == 30
    error = failure_of_set(outcome, provider.facts)
    assert error is not None
    assert error.code == "not_verified"
    (action,) = result_of_set(outcome, NOW)["actions"]
    assert action["reason"].startswith("created, but not verified when the wait ended")


@pytest.mark.parametrize("wait", [True, False])
def test_a_flag_that_is_not_true_any_more_is_told_and_no_change(
    vendor: str, wait: bool, check_mode: bool
) -> None:
    """As after a rename: the provider's flag was that of the old name."""
    provider = account(vendor, NAME, verified=True, verifies=lambda name: False)
    wanted = Wanted(NAME, verify=True, wait=wait)
    dns = FakeDns({NAME: "missing"})
    outcome = converge(provider, wanted, dns=dns, check_mode=check_mode, wait_timeout=20)
    (made,) = outcome.domains
    assert made.after is not None
    assert (made.after.verified, made.changed) == (False, False)
    if wait and not check_mode:
        assert made.error is not None
        assert made.error.code == "not_verified"
        return
    (warning,) = outcome.warnings
    would = "would not be" if check_mode else "is not"
    assert warning.startswith(f"{NAME} {would} verified any more: {NAME} is missing")
    assert "300 IN CNAME" in warning
    if not check_mode:
        assert not converge(provider, wanted, dns=FakeDns({NAME: "missing"})).changed


@pytest.mark.parametrize("wait", [True, False])
def test_a_flag_that_the_dns_denies_and_nobody_confirms_is_not_green(
    vendor: str, wait: bool
) -> None:
    provider = account(vendor, NAME, verified=True)
    provider.fail("check", TrackingError("network", "no answer"), times=99)
    outcome = one(provider, Wanted(NAME, verify=True, wait=wait), dns=FakeDns({NAME: "missing"}))
    assert (outcome.action, outcome.changed) == ("failed", False)
    assert outcome.error is not None
    assert outcome.error.code == ("not_verified" if wait else "network")


def test_a_new_domain_s_target_is_known_from_its_neighbours() -> None:
    dns = FakeDns()
    provider = account("sendcloud", OTHER)
    one(provider, Wanted(NAME, verify=True), dns=dns, whole_account=True, check_mode=True)
    assert dns.targets == {NAME: TARGETS["sendcloud"]}


# --- deletion ------------------------------------------------------------------------------------

LIVE = finding("ok", NAME, served_by=["ns1.example.com", "ns2.example.com"])
SPLIT = finding(
    "missing",
    NAME,
    points_at_target=True,
    agreed=False,
    served_by=["ns2.example.com"],
    found=[
        {"server": "ns1.example.com", "cname": [], "a": [], "ttl": None},
        {"server": "ns2.example.com", "cname": ["target.net"], "a": [], "ttl": 300},
    ],
)
CHAINED = finding(
    "ok",
    NAME,
    points_at_target=True,
    served_by=["ns2.example.com"],
    found=[
        {
            "server": "ns2.example.com",
            "cname": ["mid.example.com", TARGETS["sendcloud"]],
            "a": [],
            "ttl": 9,
        }
    ],
)
WILD = finding("ok", NAME, wildcard=True, served_by=["ns1.example.com", "ns2.example.com"])
FLAT = finding(
    "proxied",
    NAME,
    points_at_target=True,
    served_by=["ns2.example.com"],
    found=[{"server": "ns2.example.com", "cname": [], "a": ["192.0.2.10"], "ttl": 300}],
)


@pytest.fixture(params=[True, False], ids=["check", "real"])
def check_mode(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.mark.parametrize(
    ("said", "record"),
    [
        (LIVE, "the record 't.example.com. IN CNAME track2.sendcloud.net.'"),
        (SPLIT, "the record 't.example.com. IN CNAME target.net.'"),
        (CHAINED, "the record 't.example.com. IN CNAME mid.example.com.', which leads to track2"),
        (
            WILD,
            "a wildcard, such as *.example.com, that leads t.example.com to track2.sendcloud.net",
        ),
        (FLAT, "a record that is flattened to the addresses of track2.sendcloud.net"),
    ],
    ids=["all servers", "one server", "chain", "wildcard", "flattened"],
)
@pytest.mark.parametrize("purge", [True, False])
def test_a_record_that_still_leads_there_refuses_the_deletion(
    vendor: str, said: Any, record: str, purge: bool, check_mode: bool
) -> None:
    provider = account(vendor, NAME, OTHER, verified=True)
    entry = Wanted(OTHER) if purge else Wanted(NAME, state="absent")
    outcome = converge(
        provider,
        entry,
        dns=FakeDns({NAME: said}),
        purge=purge,
        whole_account=purge,
        check_mode=check_mode,
    )
    refused = outcome.domains[-1]
    assert (refused.action, refused.changed) == ("failed", False)
    assert refused.error is not None
    assert refused.error.code == "dangling"
    assert NAME in provider.names
    text = str(refused.error)
    assert record in text
    assert "ns2.example.com" in text, "the server that said so"
    assert "set O(dangling) to warn or ignore" in text, "the option that overrides"
    assert refused.finding is said
    if purge:
        assert NAME in outcome.unmanaged


@pytest.mark.parametrize("dangling", ["warn", "ignore"])
@pytest.mark.parametrize("purge", [True, False])
def test_unless_the_user_says_so(vendor: str, dangling: str, purge: bool, check_mode: bool) -> None:
    provider = account(vendor, NAME, OTHER)
    dns = FakeDns({NAME: LIVE})
    entry = Wanted(OTHER) if purge else Wanted(NAME, state="absent", dangling=dangling)
    more: dict[str, Any] = {"purge": purge, "whole_account": purge, "purge_dangling": dangling}
    outcome = converge(provider, entry, dns=dns, check_mode=check_mode, **more)
    assert outcome.domains[-1].action == "deleted"
    assert (NAME in provider.names) == check_mode
    assert bool(dns.looked) == (dangling == "warn")
    assert len(outcome.warnings) == (dangling == "warn")
    if outcome.warnings:
        assert NAME in outcome.warnings[0]
        assert "ns1.example.com" in outcome.warnings[0]


def test_without_a_definitive_answer_it_is_refused(vendor: str, check_mode: bool) -> None:
    provider = account(vendor, NAME)
    entry = Wanted(NAME, state="absent")
    outcome = one(provider, entry, dns=FakeDns({NAME: "unknown"}), check_mode=check_mode)
    assert (outcome.action, outcome.changed) == ("failed", False)
    assert provider.names == {NAME}
    assert outcome.error is not None
    assert outcome.error.code == "dangling"
    text = str(outcome.error)
    assert f"could not tell whether {NAME} still leads to" in text
    assert "Remove the record" in text
    assert "set O(dangling) to warn or ignore" in text


def test_without_a_definitive_answer_it_goes_on_where_the_user_says_so(
    vendor: str, check_mode: bool
) -> None:
    outcome = converge(
        account(vendor, NAME),
        Wanted(NAME, state="absent", dangling="warn"),
        dns=FakeDns({NAME: "unknown"}),
        check_mode=check_mode,
    )
    assert (outcome.domains[0].action, outcome.domains[0].error) == ("deleted", None)
    assert len(outcome.warnings) == 1
    assert NAME in outcome.warnings[0]


@pytest.mark.parametrize(
    ("given", "refused"),
    [({"verified": True}, True), ({"https": True}, True), ({}, False)],
)
def test_an_address_that_may_be_the_targets_counts_where_the_domain_was_in_use(
    vendor: str, given: dict[str, bool], refused: bool
) -> None:
    said = finding("proxied", NAME, points_at_target=None, only_addresses=True)
    provider = account(vendor, NAME, **given)
    outcome = converge(provider, Wanted(NAME, state="absent"), dns=FakeDns({NAME: said}))
    assert outcome.domains[0].action == ("failed" if refused else "deleted")
    assert bool(outcome.warnings) is not refused


def test_of_several_entries_of_a_name_one_that_was_in_use_counts_for_all() -> None:
    said = finding("proxied", NAME, points_at_target=None, only_addresses=True)
    provider = MemoryProvider([domain(NAME, 2, verified=True), domain(NAME, 3), domain(OTHER, 1)])
    outcome = converge(
        provider, Wanted(OTHER), dns=FakeDns({NAME: said}), whole_account=True, purge=True
    )
    assert [each.action for each in outcome.domains] == ["unchanged", "failed", "failed"]


def test_a_cname_refuses_where_nobody_said_the_target() -> None:
    provider = account("sendclean", NAME, target=None)
    said = finding("unknown", NAME, target=None)
    dns = FakeDns({NAME: said})
    error = one(provider, Wanted(NAME, state="absent"), dns=dns).error
    assert error is not None
    assert "cname_target" in (error.hint or "")
    assert provider.count("list") == 1
    assert dns.targets == {NAME: None}


@pytest.mark.parametrize("whole", [True, False])
def test_what_the_row_does_not_say_the_others_do(whole: bool) -> None:
    present = [
        domain(NAME, 1, target=None),
        domain(OTHER, 2),
        domain(THIRD, 3, target="b.example.org"),
    ]
    provider = MemoryProvider(present)
    dns = FakeDns({NAME: LIVE})
    outcome = one(provider, Wanted(NAME, state="absent"), dns=dns, whole_account=whole)
    assert dns.targets == {NAME: TARGETS["sendcloud"]}
    assert outcome.error is not None
    assert {call[0] for call in provider.calls} == {"list", "senders"}


def test_no_name_may_lead_to_a_target_of_another_domain() -> None:
    present = [domain(NAME, 1), domain(OTHER, 2, target="b.example.org"), domain(THIRD, 3)]
    asked: list[Any] = []

    class Dns(FakeDns):
        def lookup(self, questions: Sequence[Any]) -> Any:
            asked.extend(questions)
            return super().lookup(questions)

    entries = [Wanted(NAME, state="absent"), Wanted(OTHER, state="absent")]
    converge(MemoryProvider(present), *entries, dns=Dns(), whole_account=True)
    assert [(each.target, each.other_targets, each.to_delete) for each in asked] == [
        (TARGETS["sendcloud"], ("b.example.org",), True),
        ("b.example.org", (TARGETS["sendcloud"],), True),
    ]


@pytest.mark.parametrize("by", ["id", "rename_from"])
@pytest.mark.parametrize("said", [LIVE, "unknown"])
def test_a_rename_needs_the_same_proof_for_the_old_name(
    said: Any, by: str, check_mode: bool
) -> None:
    provider = account("sendcloud", NAME, verified=True)
    entry = Wanted(NEW, id=1) if by == "id" else Wanted(NEW, rename_from=NAME)
    dns = FakeDns({NAME: said, NEW: "ok"})
    outcome = one(provider, entry, dns=dns, check_mode=check_mode)
    assert dns.looked == [[NAME]]
    assert (outcome.action, outcome.changed) == ("failed", False)
    assert outcome.after is outcome.before
    assert provider.names == {NAME}
    error = outcome.error
    assert error is not None
    assert (error.code, error.operation) == (
        "dangling",
        f"rename tracking domain {NAME} at SendCloud",
    )
    assert "Add the new name as another domain" in (error.hint or "")
    assert "set O(dangling) to warn or ignore" in (error.hint or "")
    if said is LIVE:
        assert "Once it is renamed, anyone could claim the name there" in error.message


@pytest.mark.parametrize(
    ("dangling", "said", "warned"),
    [("fail", "missing", False), ("warn", LIVE, True), ("ignore", LIVE, False)],
)
def test_a_rename_with_proof_or_by_the_users_word(dangling: str, said: Any, warned: bool) -> None:
    provider = account("sendcloud", NAME, verified=True)
    dns = FakeDns({NAME: said, NEW: "ok"})
    entry = Wanted(NEW, rename_from=NAME, dangling=dangling, verify=True)
    outcome = converge(provider, entry, dns=dns)
    assert outcome.domains[0].action == "renamed"
    assert outcome.domains[0].finding is not None
    assert outcome.domains[0].finding.status == "ok", "of the new name"
    assert bool(outcome.warnings) == warned
    assert all(f"{NAME} is renamed although" in line for line in outcome.warnings)
    assert dns.looked == [[NEW]] if dangling == "ignore" else [[NAME], [NEW]]


@pytest.mark.parametrize("status", ["missing", "mismatch", "conflict", "apex", "wildcard"])
def test_a_record_that_is_gone_lets_it_go(vendor: str, status: str, check_mode: bool) -> None:
    provider = account(vendor, NAME)
    outcome = converge(
        provider,
        Wanted(NAME, state="absent"),
        dns=FakeDns({NAME: status}),
        check_mode=check_mode,
    )
    assert (outcome.domains[0].action, outcome.warnings) == ("deleted", [])


@pytest.mark.parametrize(("dangling", "warned"), [("fail", 1), ("warn", 1), ("ignore", 0)])
def test_switched_off_nothing_is_looked_at_and_that_is_said(
    vendor: str, dangling: str, warned: int, check_mode: bool
) -> None:
    entries = [Wanted(name, state="absent", dangling=dangling) for name in (NAME, OTHER)]
    outcome = converge(account(vendor, NAME, OTHER), *entries, dns=None, check_mode=check_mode)
    assert [each.action for each in outcome.domains] == ["deleted", "deleted"]
    assert len(outcome.warnings) == warned
    would = "would be" if check_mode else "are"
    for line in outcome.warnings:
        assert line.startswith(f"dns_check is off: {NAME}, {OTHER} {would} deleted")


def test_nothing_is_written_where_a_purge_could_not_be_guarded(vendor: str) -> None:
    class Missing(FakeDns):
        def make(self) -> FakeDns:
            raise TrackingError("dependency", "dnspython is missing")

    provider = account(vendor, OTHER)
    with pytest.raises(TrackingError, match="dnspython"):
        converge(provider, Wanted(NAME), dns=Missing(), purge=True, whole_account=True)
    assert provider.names == {OTHER}


def test_switched_off_a_rename_is_told_of_as_well() -> None:
    outcome = converge(account("sendcloud", NAME), Wanted(NEW, rename_from=NAME), dns=None)
    assert outcome.domains[0].action == "renamed"
    assert outcome.warnings[0].startswith(f"dns_check is off: {NAME} is deleted or renamed")


def test_what_is_not_there_is_not_looked_up(vendor: str) -> None:
    dns = FakeDns()
    outcome = one(account(vendor), Wanted(NAME, state="absent"), dns=dns)
    assert (outcome.action, outcome.changed, dns.looked) == ("unchanged", False, [])


def test_one_refused_deletion_leaves_the_others() -> None:
    provider = account("sendcloud", NAME, OTHER)
    entries = [Wanted(NAME, state="absent"), Wanted(OTHER, state="absent"), Wanted(NEW)]
    outcome = converge(provider, *entries, dns=FakeDns({NAME: "ok"}), whole_account=True)
    assert [each.action for each in outcome.domains] == ["failed", "deleted", "created"]


# --- preflight -----------------------------------------------------------------------------------


def test_check_mode_tells_what_would_stop_it(vendor: str) -> None:
    dns = FakeDns({NAME: "apex", THIRD: "missing", OTHER: "ok"})
    dns.warnings = {THIRD: "CAA forbids it", OTHER: "never asked for"}
    provider = account(vendor, OTHER, verified=True)
    entries = [Wanted(name, verify=True) for name in (NAME, THIRD, OTHER)]
    outcome = converge(provider, *entries, dns=dns, whole_account=True, check_mode=True)
    assert any("is apex" in line for line in outcome.warnings)
    assert "CAA forbids it" in outcome.warnings
    assert "never asked for" not in outcome.warnings, "verified domains work already"


@pytest.mark.parametrize("status", ["apex", "conflict", "doubled_zone"])
@pytest.mark.parametrize("names", [(OTHER,), (NAME,)], ids=["new", "there"])
def test_a_wait_that_cannot_succeed_fails_in_check_mode_too(
    vendor: str, status: str, names: tuple[str, ...]
) -> None:
    told = []
    for check_mode in (True, False):
        provider = account(vendor, *names)
        entry = Wanted(NAME, verify=True, wait=True)
        outcome = one(provider, entry, dns=FakeDns({NAME: status}), check_mode=check_mode)
        assert outcome.error is not None
        told.append((outcome.action, outcome.changed, outcome.error.code, str(outcome.error)))
    assert told[0] == told[1]
    assert told[0][:3] == ("failed", NAME not in names, "not_verified")


@pytest.mark.parametrize("check_mode", [True, False])
def test_an_apex_is_refused_before_the_account_is_touched(vendor: str, check_mode: bool) -> None:
    provider = account(vendor)
    dns = FakeDns({NAME: "apex", OTHER: "missing"})
    entries = [Wanted(NAME, verify=True), Wanted(OTHER, verify=True)]
    outcome = converge(
        provider, *entries, dns=dns, whole_account=True, check_mode=check_mode, refuse_apexes=True
    )
    assert [each.action for each in outcome.domains] == ["failed", "created"]
    error = outcome.domains[0].error
    assert error is not None
    assert error.code == "validation"
    assert NAME not in {domain.name for domain in provider.list()}


# --- what only the role asks for -----------------------------------------------------------------


def test_while_a_wait_goes_on_nothing_is_added(vendor: str) -> None:
    """The list may lag behind what an earlier run has added."""
    provider = account(vendor, OTHER)
    entries = [Wanted(NAME, verify=True), Wanted(OTHER)]
    outcome = converge(provider, *entries, dns=FakeDns({}), whole_account=True, adds=False)
    assert [each.action for each in outcome.domains] == ["failed", "unchanged"]
    assert not outcome.changed
    assert {domain.name for domain in provider.list()} == {OTHER}


@pytest.mark.parametrize(("recheck", "asks"), [("never", False), ("wrong", True), ("all", False)])
@pytest.mark.parametrize("check_mode", [True, False])
def test_whether_a_verified_domain_with_a_wrong_name_is_checked(
    vendor: str, recheck: str, asks: bool, check_mode: bool
) -> None:
    """An answer that is no takes away that it was verified, and fills the provider's negative cache."""
    provider = account(vendor, NAME, verified=True)
    outcome = one(
        provider,
        Wanted(NAME, verify=True),
        dns=FakeDns({NAME: "missing"}),
        check_mode=check_mode,
        recheck=recheck,
    )
    assert ("check" in [call[0] for call in provider.calls]) is (asks and not check_mode)
    assert outcome.error is None


def test_a_verified_domain_is_confirmed_once_its_name_is_right_again(vendor: str) -> None:
    provider = account(vendor, NAME, verified=True)
    outcome = one(
        provider, Wanted(NAME, verify=True, wait=True), dns=FakeDns({NAME: "ok"}), recheck="all"
    )
    assert "check" in [call[0] for call in provider.calls]
    assert outcome.error is None


def test_the_record_of_an_old_name_does_not_stand_in_the_way_of_who_removes_it_later() -> None:
    provider = account("sendcloud", NAME, verified=True)
    entry = Wanted(NEW, rename_from=NAME)
    assert one(provider, entry, dns=FakeDns({NAME: "ok"})).action == "failed"
    entry = Wanted(NEW, rename_from=NAME, looks_at_old_name=False)
    assert one(provider, entry, dns=FakeDns({NAME: "ok"})).action == "renamed"


# --- check mode and idempotence, on many small worlds --------------------------------------------

NAMES = [f"{letter}.example.com" for letter in "abcdef"]
GLOBS = [(), ("a.*",), ("*.example.com",), ("[b-d].example.com", "f.*")]


class RandomWorld:
    """An account, a DNS and declarations. The same number gives the same world."""

    def __init__(self, seed: int) -> None:
        self.rand = rand = random.Random(seed)
        self.vendor = rand.choice(["sendclean", "sendcloud"])
        self.cloud = self.vendor == "sendcloud"
        self.says = {
            name: rand.choice(["ok", "ok", "missing", "mismatch", "conflict", "unknown"])
            for name in NAMES
        }
        self.present = [
            domain(
                name,
                number if self.cloud else None,
                provider=self.vendor,
                verified=rand.random() < 0.4,
                certificate=window(rand.choice([90, 200]))
                if self.cloud and rand.random() < 0.3
                else None,
            )
            for number, name in enumerate(NAMES, 1)
            if rand.random() < 0.6
        ]
        self.wanted = [self._entry(name) for name in rand.sample(NAMES, rand.randint(0, 5))]
        self.settings: dict[str, Any] = {
            "whole_account": True,
            "purge": bool(self.wanted) and rand.random() < 0.4,
            "purge_limit": rand.choice([1, 5]),
            "purge_exclude": name_patterns(rand.choice(GLOBS)),
            "purge_dangling": rand.choice(["fail", "warn", "ignore"]),
            "concurrency": rand.choice([1, 4]),
            "wait_timeout": 30,
        }
        self.lookup = rand.random() < 0.9
        self.provider = self.fresh()

    def fresh(self) -> MemoryProvider:
        # What cannot be known is not verified: check mode goes by the live DNS.
        return MemoryProvider(
            self.present,
            facts=FACTS[self.vendor],
            verifies=lambda name: self.lookup and self.says[name] == "ok",
        )

    def _entry(self, name: str) -> Wanted:
        rand = self.rand
        if rand.random() < 0.25:
            return Wanted(name, state="absent", dangling=rand.choice(["fail", "warn", "ignore"]))
        given: dict[str, Any] = {"verify": rand.random() < 0.6}
        given["wait"] = given["verify"] and rand.random() < 0.3
        if self.cloud and rand.random() < 0.4:
            given["certificate"] = CertificateBundle(
                certificate="PEM",
                private_key="KEY",
                validity=window(rand.choice([90, 200])),
                names=(name,),
            )
        how = rand.random()
        if self.cloud and how < 0.15:
            given["rename_from"] = rand.choice([n for n in NAMES if n != name])
        elif self.cloud and how < 0.3:
            given["id"] = rand.randint(1, 7)
        return Wanted(name, **given)

    def run(self, *, check_mode: bool) -> Outcome | TrackingError:
        dns = FakeDns(self.says)
        try:
            return converge(
                self.provider,
                *self.wanted,
                dns=dns if self.lookup else None,
                check_mode=check_mode,
                **self.settings,
            )
        except TrackingError as exc:
            return exc


def told(outcome: Outcome, *, waits: Sequence[str] = ()) -> list[Any]:
    """What a user goes by. A wait that fails is not foretold: nobody waits in check mode."""
    return [
        (each.name, each.changed, each.action if each.name not in waits else None)
        for each in outcome.domains
    ]


def shape(value: Any) -> Any:
    """Keys and lengths; what is not known before is null."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items() if key not in ("vendor", "failure")}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return None


def pruned(result: dict[str, Any]) -> Any:
    """A result without what only the provider can fill in, or a wait bring about."""
    result = {**result, "actions": [{**a, "reason": None} for a in result["actions"]]}
    for side in [d[s] for d in result["diff"] for s in ("before", "after")]:
        if isinstance(side.get("certificate"), dict):
            side["certificate"] = None
    for each in result["tracking_domains"]:
        each["certificate"] = None
    return shape(result)


@pytest.mark.parametrize("block", range(10))
def test_check_mode_is_exact_and_a_second_run_changes_nothing(block: int) -> None:
    interesting = 0
    for seed in range(block * 60, block * 60 + 60):
        world = RandomWorld(seed)
        foretold = world.run(check_mode=True)
        assert world.provider.names == {each.name for each in world.present}
        real = world.run(check_mode=False)
        if isinstance(real, TrackingError):
            assert isinstance(foretold, TrackingError), seed
            assert str(foretold) == str(real)
            continue
        assert isinstance(foretold, Outcome), (seed, str(foretold))
        waits = [
            each.name for each in real.domains if each.error and each.error.code == "not_verified"
        ]
        assert told(foretold, waits=waits) == told(real, waits=waits), seed
        assert foretold.changed == real.changed
        assert foretold.unmanaged == real.unmanaged
        assert pruned(result_of_set(foretold, NOW)) == pruned(result_of_set(real, NOW)), seed
        interesting += real.changed
        again = world.run(check_mode=False)
        assert isinstance(again, Outcome)
        if all(each.error is None for each in real.domains):
            assert again.changed is False, (seed, told(again))
            assert {each.action for each in again.domains} <= {"unchanged"}
    assert interesting > 10, "the worlds are not all converged or contradictory"


def test_an_outcome_of_nothing() -> None:
    provider = account("sendcloud", NAME)
    outcome = converge(provider, whole_account=True)
    assert result_of_set(outcome, NOW) == {
        "changed": False,
        "tracking_domains": [],
        "actions": [],
        "unmanaged": [NAME],
        "diff": [],
    }
    assert failure_of_set(outcome, CLOUD) is None
