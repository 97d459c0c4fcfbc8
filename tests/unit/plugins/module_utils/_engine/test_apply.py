# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One write a change, several at once; an unclear outcome is settled by listing, never by repeating."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils._certificates.bundle import (
    CertificateBundle,
    load_bundle,
)
from ansible_collections.mailops.email.plugins.module_utils._engine.apply import Applied, Applier
from ansible_collections.mailops.email.plugins.module_utils._engine.plan import Step, make_plan
from ansible_collections.mailops.email.plugins.module_utils._engine.wanted import Wanted
from ansible_collections.mailops.email.plugins.module_utils._errors import (
    TrackingError,
    UnclearOutcome,
)
from ansible_collections.mailops.email.plugins.module_utils._providers.base import Provider
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import TrackingDomain
from ansible_collections.mailops.email.tests.sandbox import SandboxAccount
from ansible_collections.mailops.email.tests.support.certificates import Authority, now
from ansible_collections.mailops.email.tests.unit.doubles import (
    CLEAN,
    CLOUD,
    FACTS,
    Clock,
    MemoryProvider,
    domain,
)

NAME = "t.example.com"
NEW = "new.example.com"


def apply(
    provider: Provider, *steps: Step, concurrency: int = 4, clock: Clock | None = None
) -> list[Applied]:
    applier = Applier(
        provider,
        concurrency=concurrency,
        sleep=(clock or Clock()).sleep,
    )
    return applier.run(steps)


def steps_for(provider: Provider, *wanted: Wanted) -> tuple[Step, ...]:
    return make_plan(wanted, provider.list(), provider.facts).declared


def converge(provider: Provider, *wanted: Wanted, **more: Any) -> list[Applied]:
    return apply(provider, *steps_for(provider, *wanted), **more)


@pytest.fixture(scope="module")
def bundle() -> CertificateBundle:
    issued = Authority.root().issue(NAME, NEW)
    return load_bundle(certificate=issued.fullchain, private_key=issued.key, name=NAME, now=now())


# --- in memory -----------------------------------------------------------------------------------


def test_no_steps_no_calls() -> None:
    assert apply(MemoryProvider(forbid=["list"])) == []


@pytest.mark.parametrize("vendor", FACTS)
def test_each_change_is_one_call_and_results_are_in_order(vendor: str) -> None:
    number = iter(range(1, 9))
    present = [
        domain(f"{n}.example.com", next(number) if vendor == "sendcloud" else None, provider=vendor)
        for n in "ab"
    ]
    provider = MemoryProvider(present, facts=FACTS[vendor])
    steps = steps_for(
        provider,
        Wanted("c.example.com"),
        Wanted("a.example.com", state="absent"),
        Wanted("d.example.com"),
    )
    provider.calls.clear()
    results = apply(provider, *steps)
    assert [result.after and result.after.name for result in results] == [
        "c.example.com",
        None,
        "d.example.com",
    ]
    assert [result.error for result in results] == [None] * 3
    assert sorted(call[0] for call in provider.calls[:3]) == ["add", "add", "delete"]
    assert provider.calls[3:] == [("list",)], "which shows the deletion"


class Counting(MemoryProvider):
    """Holds each add until `at_once` are under way, or it is clear that there will be no more."""

    def __init__(self, at_once: int) -> None:
        super().__init__()
        self.most = 0
        self._under_way = 0
        self._full = threading.Barrier(at_once)

    def add(self, name: str, certificate: Any) -> Any:
        with self._lock:
            self._under_way += 1
            self.most = max(self.most, self._under_way)
        self._full.wait(timeout=10)
        added = super().add(name, certificate)
        with self._lock:
            self._under_way -= 1
        return added


@pytest.mark.parametrize("concurrency", [1, 3, 4])
def test_as_many_at_once_as_allowed_and_no_more(concurrency: int) -> None:
    """The barrier opens only for as many; one more would show in the count."""
    provider = Counting(concurrency)
    wanted = [Wanted(f"t{n}.example.com") for n in range(12)]
    results = converge(provider, *wanted, concurrency=concurrency)
    assert all(result.error is None for result in results)
    assert provider.most == concurrency


def test_one_failure_does_not_stop_the_others() -> None:
    provider = MemoryProvider()
    refusal = TrackingError("validation", "no", vendor_code=41003)
    provider.fail("add", refusal, name="b.example.com")
    names = [f"{n}.example.com" for n in "abc"]
    results = converge(provider, *map(Wanted, names))
    assert [result.error for result in results] == [None, refusal, None]
    assert provider.names == {"a.example.com", "c.example.com"}


def test_a_rate_limit_that_outlasts_all_retries_stops_the_rest() -> None:
    provider = MemoryProvider(facts=CLEAN)
    provider.fail("add", TrackingError("rate_limited", "too many requests", hint="wait"), times=99)
    results = apply(
        provider,
        *steps_for(provider, *(Wanted(f"{n}.example.com") for n in "abcdefghi")),
        concurrency=1,
    )
    assert provider.count("add") == 1
    errors = [result.error for result in results if result.error]
    assert {error.code for error in errors} == {"rate_limited"}
    assert "not attempted after this: too many requests" in str(errors[-1])


def test_refused_credentials_stop_at_once() -> None:
    provider = MemoryProvider()
    provider.fail("add", TrackingError("authentication", "no", vendor_code=40005), times=99)
    results = converge(provider, *(Wanted(f"t{n}.example.com") for n in range(9)), concurrency=1)
    assert provider.count("add") == 1
    codes = {result.error.code for result in results if result.error}
    assert (len(results), codes) == (9, {"authentication"})
    assert "not attempted" in str(results[-1].error)
    assert "t8.example.com" in str(results[-1].error)


def unclear(**more: Any) -> UnclearOutcome:
    return UnclearOutcome("network", "no answer", operation="write", **more)


WRITES = {
    "add": ([], Wanted(NAME)),
    "delete": ([domain(NAME, 1)], Wanted(NAME, state="absent")),
    "update": ([domain(NAME, 1)], Wanted(NEW, id=1)),
}


@pytest.mark.parametrize(("write", "case"), WRITES.items(), ids=list(WRITES))
def test_an_unclear_write_that_took_effect_is_not_repeated(write: str, case: Any) -> None:
    present, wanted = case
    provider = MemoryProvider(present)
    provider.fail(write, unclear(), took_effect=True)
    (result,) = converge(provider, wanted)
    assert (result.error, result.changed) == (None, True)
    assert (result.after is None) == (write == "delete")
    assert provider.count(write) == 1
    assert any("shows what was wanted" in line for line in provider.lines)


@pytest.mark.parametrize(("write", "case"), WRITES.items(), ids=list(WRITES))
def test_an_unclear_write_without_effect_is_tried_again(write: str, case: Any) -> None:
    present, wanted = case
    provider = MemoryProvider(present)
    provider.fail(write, unclear(), times=2)
    clock = Clock()
    (result,) = converge(provider, wanted, clock=clock)
    assert result.error is None
    assert provider.count(write) == 3
    assert provider.names == ({NEW} if write == "update" else {NAME} if write == "add" else set())
    # Listed before each new try, twice for a list that lags; never two writes in a row.
    operations = [call[0] for call in provider.calls]
    seen = ["list"] if write == "delete" else []
    assert operations == ["list", *[write, "list", "list"] * 2, write, *seen]
    assert len(clock.slept) == 4
    assert sum("trying again" in line for line in provider.lines) == 2


@pytest.mark.parametrize(("write", "case"), WRITES.items(), ids=list(WRITES))
def test_an_unclear_write_is_given_up_after_the_retries(write: str, case: Any) -> None:
    present, wanted = case
    provider = MemoryProvider(present, retries=2)
    provider.fail(write, unclear(), times=99)
    (result,) = converge(provider, wanted)
    assert result.error is not None
    assert result.error.message == (
        "no answer; it may have taken effect, although the list does not show it (tried 3 times)"
    )
    assert result.changed
    assert result.after == (present[0] if present else None), "as it was"
    assert provider.count(write) == 3


@pytest.mark.parametrize(("write", "case"), WRITES.items(), ids=list(WRITES))
def test_what_got_no_answer_may_take_effect_yet(write: str, case: Any) -> None:
    """Better a change too many in the report than one that nobody hears of."""
    present, wanted = case
    provider = MemoryProvider(present, retries=0)
    provider.fail(write, unclear())
    (result,) = converge(provider, wanted)
    assert result.changed
    assert str(result.error) == (
        "Could not write: no answer; it may have taken effect, although the list does not show it. "
        "Run again: the list is read first."
    )


# What is said at a second try of what the first one did after all.
SECOND = [
    TrackingError("bad_response", "exists", vendor_code=41015, hint="No sending domain's name."),
    TrackingError("validation", "exists", vendor_code="ValidationError"),
    TrackingError("quota", "full", vendor_code=41012, hint="Delete one."),
]


@pytest.mark.parametrize("refusal", SECOND, ids=lambda error: error.code)
def test_a_refusal_after_an_unanswered_try_says_what_is_known(refusal: TrackingError) -> None:
    """The list lags for longer than it is waited for."""
    provider = MemoryProvider()
    steps = steps_for(provider, Wanted(NAME))
    provider.fail("add", unclear(), took_effect=True)
    provider.fail("add", refusal)
    provider.list = list  # type: ignore[method-assign]
    (result,) = apply(provider, *steps)
    assert result.changed, "it may have been done, and was"
    assert result.error is refusal
    assert refusal.message.endswith(
        "; an earlier try may have taken effect, although the list does not show it"
    )
    assert refusal.hint == "Run again: the list is read first.", (
        "what it usually comes of would mislead"
    )


@pytest.mark.parametrize("code", ["authentication", "rate_limited", "network"])
def test_what_ends_the_tries_keeps_its_own_hint(code: str) -> None:
    provider = MemoryProvider()
    provider.fail("add", unclear())
    provider.fail("add", TrackingError(code, "no", hint="Check the key."))
    (result,) = converge(provider, Wanted(NAME))
    assert result.changed
    assert result.error is not None
    assert "an earlier try may have taken effect" in str(result.error)
    assert result.error.hint == "Run again: the list is read first. Check the key."


def test_one_list_settles_all_that_was_refused() -> None:
    provider = MemoryProvider()
    provider.fail("add", TrackingError("validation", "no", vendor_code=41003), times=99)
    results = converge(provider, *(Wanted(f"t{n}.example.com") for n in range(60)))
    assert {result.error.code for result in results if result.error} == {"validation"}
    assert {result.changed for result in results} == {False}
    assert [call[0] for call in provider.calls] == ["list", *["add"] * 60, "list"]


def test_one_look_settles_all_that_is_unclear_and_only_the_rest_is_sent_again() -> None:
    provider = MemoryProvider()
    names = [f"t{n}.example.com" for n in range(30)]
    for n, name in enumerate(names):
        if n % 3 == 0:
            provider.fail("add", unclear(), name=name, took_effect=True)
        elif n % 3 == 1:
            provider.fail("add", unclear(), name=name)
        else:
            provider.fail("add", TrackingError("conflict", "no", vendor_code=1), name=name)
    results = converge(provider, *map(Wanted, names))
    sent = [call[1] for call in provider.calls if call[0] == "add"]
    assert sorted(sent[:30]) == sorted(names)
    assert sorted(sent[30:]) == sorted(names[1::3]), "the list shows no effect of these"
    assert provider.count("list") == 3, "the plan's, and two looks"
    assert [result.error is None for result in results] == [n % 3 < 2 for n in range(30)]
    assert provider.names == {name for n, name in enumerate(names) if n % 3 < 2}


class Deaf(MemoryProvider):
    """Answers deletions with success, and shows them in its list later or never.

    :param lists: how many lists still show a domain that was deleted.
    """

    def __init__(self, *args: Any, lists: int = 99, **more: Any) -> None:
        super().__init__(*args, **more)
        self._lists = lists
        self._gone: list[TrackingDomain] = []

    def delete(self, domain: TrackingDomain) -> None:
        super().delete(domain)
        self._gone.append(domain)

    def list(self) -> Any:
        shown = [*super().list(), *self._gone]
        self._lists -= bool(self._gone)
        if not self._lists:
            self._gone.clear()
        return shown


def test_a_deletion_that_the_list_does_not_show_is_none() -> None:
    """Whatever the provider says (design, "Safety"); a list that lags is given a few seconds."""
    present = domain(NAME, 1)
    provider = Deaf([present])
    clock = Clock()
    steps = steps_for(provider, Wanted(NAME, state="absent"))
    (result,) = apply(provider, *steps, clock=clock)
    assert result.error is not None
    assert str(result.error) == (
        f"Could not delete tracking domain {NAME} at SendCloud: not deleted: SendCloud answered that "
        "it was, but its list still has it; it may have taken effect, if the list is delayed. Run "
        "again: the list is read first. If the domain stays, delete it in SendCloud's panel, or "
        "ask its support."
    )
    assert (result.error.code, result.error.provider) == ("bad_response", "sendcloud")
    assert (result.after, result.changed) == (present, True)
    assert clock.slept == [1, 2, 4]
    assert [call[0] for call in provider.calls] == ["list", "delete", *["list"] * 4]


@pytest.mark.parametrize("lists", [1, 2, 3])
def test_a_deletion_that_a_list_shows_late(lists: int) -> None:
    provider = Deaf([domain(NAME, 1)], lists=lists)
    assert converge(provider, Wanted(NAME, state="absent")) == [Applied(None)]
    assert [call[0] for call in provider.calls] == ["list", "delete", *["list"] * (1 + lists)]


def test_one_list_shows_all_deletions_and_settles_what_failed_beside_them() -> None:
    names = [f"t{n}.example.com" for n in range(30)]
    provider = MemoryProvider([domain(name, n) for n, name in enumerate(names)])
    refusal = TrackingError("validation", "no", vendor_code=1)
    provider.fail("delete", refusal, name=names[0])
    results = converge(provider, *(Wanted(name, state="absent") for name in names))
    assert [call[0] for call in provider.calls] == ["list", *["delete"] * 30, "list"]
    assert [result.error for result in results] == [refusal, *[None] * 29]


def test_a_deletion_after_which_the_list_cannot_be_read_is_not_claimed() -> None:
    provider = MemoryProvider([domain(NAME, 1)])
    steps = steps_for(provider, Wanted(NAME, state="absent"))
    provider.fail("list", TrackingError("network", "no answer", http_status=502, hint="Wait."))
    (result,) = apply(provider, *steps)
    assert result.changed
    assert result.error is not None
    assert str(result.error) == (
        f"Could not delete tracking domain {NAME} at SendCloud: SendCloud answered that it was deleted, "
        "and it may have taken effect: the list could not be read afterwards (no answer). Run "
        "again: the list is read first. Wait."
    )
    assert (result.error.code, result.error.http_status) == ("network", 502)


def test_deleted_is_what_the_list_has_under_no_spelling() -> None:
    provider = MemoryProvider([domain(NAME, 1, spelling=NAME.upper())], retries=0)
    provider.fail("delete", unclear(), took_effect=True)
    steps = steps_for(provider, Wanted(NAME, state="absent"))
    provider.list = lambda: [domain(NAME, 2, spelling=NAME)]  # type: ignore[method-assign]
    (result,) = apply(provider, *steps)
    assert "the list does not show it" in str(result.error)


@pytest.mark.parametrize("took_effect", [True, False])
@pytest.mark.parametrize("write", ["add", "update"])
def test_a_success_about_another_domain_is_settled_by_the_list(
    write: str, took_effect: bool
) -> None:
    present, wanted = WRITES[write]
    provider = MemoryProvider(present, retries=0)
    done = getattr(provider, write)

    def answer(*args: Any, **more: Any) -> TrackingDomain:
        if took_effect:
            done(*args, **more)
        return domain("other.example.com", 1)

    setattr(provider, write, answer)
    (result,) = converge(provider, wanted)
    assert result.changed
    if took_effect:
        assert (result.error, result.after and result.after.name) == (None, wanted.name)
    else:
        assert (
            "SendCloud answered with success, and with the domain other.example.com; it may"
            in str(result.error)
        )


@pytest.mark.parametrize("facts", [CLOUD, CLEAN])
@pytest.mark.parametrize("took_effect", [True, False])
def test_one_of_several_entries_of_a_name_is_settled_by_its_own(
    facts: Any, took_effect: bool
) -> None:
    numbers = (1, 2) if facts.has_ids else (None, None)
    present = [
        domain(NAME, number, provider=facts.name, spelling=spelling)
        for number, spelling in zip(numbers, (NAME.upper(), NAME), strict=True)
    ]
    provider = MemoryProvider(present, facts=facts)
    step = Step(Wanted(NAME, state="absent"), write="delete", before=present[0], shares_name=True)
    provider.fail("delete", unclear(), took_effect=took_effect)
    assert apply(provider, step) == [Applied(None)]
    assert provider.spellings == [NAME]
    assert provider.count("delete") == (1 if took_effect else 2)


def test_where_the_list_cannot_be_read_either_the_write_is_not_repeated() -> None:
    provider = MemoryProvider()
    steps = steps_for(provider, Wanted(NAME))
    provider.fail("add", unclear(hint="Check the network."))
    provider.fail("list", TrackingError("network", "the list fails as well"), times=9)
    (result,) = apply(provider, *steps)
    assert provider.count("add") == 1
    assert result.error is not None
    assert result.changed
    assert str(result.error) == (
        "Could not write: no answer; it may have taken effect: the list could not be read afterwards "
        "(the list fails as well). Run again: the list is read first. Check the network."
    )


def test_a_refusal_before_a_list_that_cannot_be_read_stays_a_refusal() -> None:
    provider = MemoryProvider()
    steps = steps_for(provider, Wanted(NAME))
    provider.fail("add", TrackingError("validation", "no such name", vendor_code=41003))
    provider.fail("list", TrackingError("network", "the list fails"), times=9)
    (result,) = apply(provider, *steps)
    assert result.error is not None
    assert (result.error.message, result.changed) == ("no such name", False)


def failed_server(**more: Any) -> UnclearOutcome:
    """The provider's own words, which leave open what became of the write."""
    given = {"vendor_code": "GeneralError", "vendor_message": "oops", "http_status": 200, **more}
    return UnclearOutcome("bad_response", "SendClean says: oops", operation="write", **given)


@pytest.mark.parametrize("more", [{}, {"vendor_code": None}, {"vendor_message": None}])
@pytest.mark.parametrize(("write", "case"), WRITES.items(), ids=list(WRITES))
def test_a_failed_server_s_write_that_took_effect_is_a_change(
    write: str, case: Any, more: dict[str, Any]
) -> None:
    present, wanted = case
    provider = MemoryProvider(present)
    provider.fail(write, failed_server(**more), took_effect=True)
    (result,) = converge(provider, wanted)
    assert (result.error, result.changed) == (None, True)
    assert provider.count(write) == 1


@pytest.mark.parametrize(("write", "case"), WRITES.items(), ids=list(WRITES))
def test_a_failed_server_s_write_without_effect_is_not_repeated(write: str, case: Any) -> None:
    """Its words may be a refusal for good: that must not cost a minute, and is told as it is.

    They may be no refusal as well, and the list may lag: what the write did is not known.
    """
    present, wanted = case
    provider = MemoryProvider(present, retries=5)
    provider.fail(write, failed_server(), times=99)
    clock = Clock()
    (result,) = converge(provider, wanted, clock=clock)
    assert (result.changed, provider.count(write)) == (True, 1)
    assert "SendClean says: oops; it may have taken effect, although the list" in str(result.error)
    assert sum(clock.slept) <= 1


def test_a_gateway_s_words_are_no_refusal() -> None:
    provider = MemoryProvider()
    provider.fail("add", failed_server(http_status=503), times=2)
    (result,) = converge(provider, Wanted(NAME))
    assert (result.error, result.changed, provider.count("add")) == (None, True, 3)


def test_no_room_for_what_an_earlier_try_added_after_all() -> None:
    """The list lags longer than it is waited for; the next try then is one too many."""
    provider = MemoryProvider()
    steps = steps_for(provider, Wanted(NAME))
    provider.fail("add", unclear(), took_effect=True)
    provider.fail("add", TrackingError("quota", "five are enough", vendor_code=41012))
    shown = provider.list
    nothing: list[Any] = []
    lists = iter([lambda: nothing, lambda: nothing, shown])

    def listed() -> list[Any]:
        return next(lists)()

    provider.list = listed  # type: ignore[method-assign]
    (result,) = apply(provider, *steps)
    assert (result.error, result.changed) == (None, True)
    assert provider.count("add") == 2


@pytest.mark.parametrize("took_effect", [True, False])
@pytest.mark.parametrize("certificate", [True, False])
def test_what_was_renamed_is_not_verified_whatever_is_said_of_it(
    bundle: CertificateBundle, took_effect: bool, certificate: bool
) -> None:
    """The flag may be kept over a rename: it is stored, and only a check renews it."""
    kept = domain(NEW, 1, verified=True, certificate=bundle.validity if certificate else None)
    provider = MemoryProvider([domain(NAME, 1, verified=True)])
    wanted = Wanted(NEW, rename_from=NAME, certificate=bundle if certificate else None)
    steps = steps_for(provider, wanted)
    provider.update = lambda *args, **more: kept  # type: ignore[method-assign]
    if took_effect:
        provider = MemoryProvider([kept])
        provider.fail("update", unclear())
    (result,) = apply(provider, *steps)
    assert result == Applied(kept.but(verified=False), changed=True)


@pytest.mark.parametrize("code", ["validation", "conflict", "not_found", "bad_response"])
@pytest.mark.parametrize(("write", "case"), WRITES.items(), ids=list(WRITES))
def test_a_refusal_because_somebody_else_was_faster_is_no_change(
    write: str, case: Any, code: str
) -> None:
    present, wanted = case
    provider = MemoryProvider(present)
    provider.fail(write, TrackingError(code, "refused", vendor_code=1), took_effect=True)
    (result,) = converge(provider, wanted)
    assert (result.error, result.changed) == (None, False)


@pytest.mark.parametrize("code", ["validation", "conflict", "not_found", "bad_response"])
def test_a_refusal_is_otherwise_final(code: str) -> None:
    provider = MemoryProvider()
    refusal = TrackingError(code, "refused", vendor_code=1)
    provider.fail("add", refusal, times=9)
    (result,) = converge(provider, Wanted(NAME))
    assert result.error is refusal
    assert provider.count("add") == 1


@pytest.mark.parametrize("code", ["quota", "rate_limited", "network", "unsupported"])
def test_some_refusals_need_no_list(code: str) -> None:
    provider = MemoryProvider()
    provider.fail("add", TrackingError(code, "refused"))
    (result,) = converge(provider, Wanted(NAME))
    assert result.error is not None
    assert provider.count("list") == 1, "that of the plan"


def test_another_domain_of_the_new_name_is_not_the_renamed_one() -> None:
    provider = MemoryProvider([domain(NAME, 1)])
    steps = steps_for(provider, Wanted(NEW, id=1))
    provider.add(NEW, None)
    provider.fail("update", TrackingError("bad_response", "exists", vendor_code=41016))
    (result,) = apply(provider, *steps)
    assert result.error is not None
    assert result.after == domain(NAME, 1)


@pytest.mark.parametrize("took_effect", [True, False])
@pytest.mark.parametrize("forced", [True, False])
def test_an_unclear_upload(bundle: CertificateBundle, took_effect: bool, forced: bool) -> None:
    """A forced upload of the same certificate shows in no window, but in the time of change."""
    before = domain(NAME, 1, certificate=bundle.validity if forced else None)
    provider = MemoryProvider([before])
    provider.fail("update", unclear(), took_effect=took_effect)
    update = "always" if forced else "on_change"
    (result,) = converge(provider, Wanted(NAME, certificate=bundle, certificate_update=update))
    assert result.error is None
    assert provider.count("update") == (1 if took_effect else 2)
    assert result.after is not None
    assert result.after.https is True


# --- against the sandbox -------------------------------------------------------------------------

# What happens, its value, and whether the write took effect.
FAULTS = [
    ("reset", None, True),
    ("reset", None, False),
    ("http_error", 502, True),
    ("http_error", 502, False),
    ("empty", None, True),
    ("empty", None, False),
    ("cut", None, True),
    ("truncated_json", None, True),
]


@pytest.mark.parametrize(
    ("kind", "value", "after"),
    FAULTS,
    ids=[f"{kind}-{'took effect' if after else 'lost'}" for kind, _value, after in FAULTS],
)
@pytest.mark.parametrize("operation", ["add", "delete"])
@pytest.mark.parametrize("lag", [0, 1])
def test_what_the_network_does_to_a_write(
    operation: str,
    kind: str,
    value: Any,
    after: bool,
    lag: int,
    account: SandboxAccount,
    open_client: Callable[..., Provider],
) -> None:
    """whether it took effect or was lost on the way: it takes effect once, and the run succeeds."""
    client = open_client(account, retries=3)
    if operation == "delete":
        account.seed(NAME)
    steps = steps_for(client, Wanted(NAME, state="present" if operation == "add" else "absent"))
    account.switch(list_lag=lag)
    account.fault(kind, value, action=operation, after=after)
    (result,) = apply(client, *steps)
    assert result.error is None
    assert set(account.state()) == ({NAME} if operation == "add" else set())
    calls = account.calls(operation=operation)["calls"]
    assert sum(call["took_effect"] for call in calls) == 1
    assert len(calls) == (1 if after else 2)


@pytest.mark.parametrize("answer", ["error", "success"])
@pytest.mark.parametrize("kind_in", ["name", "absent"])
def test_adding_what_somebody_else_just_added(
    answer: str, kind_in: str, account: SandboxAccount, client: Provider
) -> None:
    account.switch(add_existing=answer)
    if account.vendor == "sendclean":
        account.switch(error_kind_in=kind_in)
    steps = steps_for(client, Wanted(NAME))
    account.seed(NAME)
    (result,) = apply(client, *steps)
    assert result.error is None
    # A success cannot be told from an add, nor an error that does not say of which kind it is.
    untold = account.vendor == "sendclean" and kind_in == "absent"
    assert result.changed == (answer == "success" or untold)
    assert result.after is not None
    assert result.after.name == NAME
    assert account.calls(operation="add")["total"] == 1


@pytest.mark.parametrize("works", [True, False])
def test_deleting_what_somebody_else_just_deleted(
    works: bool, account: SandboxAccount, client: Provider
) -> None:
    kind = {"sendclean": ("success", "error"), "sendcloud": ("count_0", "error")}
    account.switch(delete_unknown=kind[account.vendor][not works])
    account.seed(NAME)
    steps = steps_for(client, Wanted(NAME, state="absent"))
    account.seed()
    # SendClean's success cannot be told from a deletion.
    changed = works and account.vendor == "sendclean"
    assert apply(client, *steps) == [Applied(None, changed=changed)]


@pytest.mark.parametrize("rule", ["allowed", "rename_refused", "refused"])
def test_updating_what_is_verified(
    rule: str, sendcloud: SandboxAccount, open_client: Any, bundle: CertificateBundle
) -> None:
    client = open_client(sendcloud)
    sendcloud.switch(update_verified=rule)
    sendcloud.seed(NAME, verified=True)
    (uploaded,) = converge(client, Wanted(NAME, certificate=bundle))
    (number,) = (each["id"] for each in sendcloud.state().values())
    (renamed,) = converge(client, Wanted(NEW, id=number))
    assert (uploaded.error is None) == (rule != "refused")
    assert (renamed.error is None) == (rule == "allowed")
    if renamed.error:
        assert "may refuse to change a domain that it has verified" in str(renamed.error)


def test_the_sixth_domain(sendcloud: SandboxAccount, open_client: Any) -> None:
    client = open_client(sendcloud)
    results = converge(client, *(Wanted(f"t{n}.example.com") for n in range(7)))
    assert [result.error.code for result in results if result.error] == ["quota"] * 2
    assert len(sendcloud.state()) == 5


def test_fifty_adds_over_a_few_connections(account: SandboxAccount, open_client: Any) -> None:
    if account.vendor == "sendcloud":
        account.switch(domain_limit=100)
    account.switch(latency_ms=10)
    client = open_client(account, connections=4)
    results = converge(client, *(Wanted(f"t{n}.example.com") for n in range(50)), concurrency=4)
    assert [result.error for result in results] == [None] * 50
    calls = account.calls()
    assert calls["operations"] == {"list": 1, "add": 50}
    assert calls["most_in_flight"] == 4
    assert calls["connections"] <= 5, "kept alive: one a thread, and that of the list"


def test_a_provider_without_ids_in_memory_too() -> None:
    provider = MemoryProvider([domain(NAME, provider="sendclean")], facts=CLEAN)
    provider.fail("delete", unclear(), took_effect=True)
    assert converge(provider, Wanted(NAME, state="absent")) == [Applied(None)]
