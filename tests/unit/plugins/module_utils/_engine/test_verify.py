# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the provider is asked, how long is waited, and how a wait that fails explains itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.module_utils._engine.verify import (
    Verification,
    Verifier,
)
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._providers.base import Provider
from ansible_collections.mailops.email.tests.sandbox import SandboxAccount
from ansible_collections.mailops.email.tests.unit.doubles import (
    FACTS,
    TARGETS,
    Clock,
    FakeDns,
    MemoryProvider,
    domain,
    finding,
)

NAME, OTHER = "t.example.com", "u.example.com"
STATUSES = [
    "ok",
    "missing",
    "mismatch",
    "conflict",
    "apex",
    "proxied",
    "doubled_zone",
    "wildcard",
    "loop",
    "dangling_target",
    "unknown",
]
# Whatever is said of these, the provider is asked (design, "Verification").
ASKED = {"ok", "unknown"}
AT_ONCE = {"apex", "conflict", "doubled_zone"}


class World:
    """An account, the live DNS and the time; what the DNS says of a name may change with it.

    :param dns: name -> status (or finding), or -> {from which second on: status}.
    :param sees: when the provider sees the CNAME at the earliest.
    """

    def __init__(
        self,
        dns: Mapping[str, Any],
        *,
        vendor: str = "sendcloud",
        sees: float = 0,
        **present: Any,
    ) -> None:
        self.clock = Clock()
        self._dns = dns
        self._sees = sees
        self.dns = FakeDns(self.says)
        self.present = [
            domain(name, number if vendor == "sendcloud" else None, provider=vendor, **present)
            for number, name in enumerate(dns, 1)
        ]
        self.provider = MemoryProvider(self.present, facts=FACTS[vendor], verifies=self._verifies)
        self.checks: list[tuple[float, tuple[str, ...]]] = []
        check = self.provider.check

        def timed(domains: Any) -> Any:
            self.checks.append((self.clock.now, tuple(sorted(each.name for each in domains))))
            return check(domains)

        self.provider.check = timed  # type: ignore[method-assign]

    def says(self, name: str) -> Any:
        said = self._dns[name]
        if not isinstance(said, dict):
            return said
        return said[max(since for since in said if since <= self.clock.now)]

    def _verifies(self, name: str) -> bool:
        said = self.says(name)
        return getattr(said, "status", said) == "ok" and self.clock.now >= self._sees

    def verifier(self, *, lookup: bool = True, **settings: Any) -> Verifier:
        return Verifier(
            self.provider,
            lookup=self.dns.look_at_domains if lookup else None,
            clock=self.clock,
            sleep=self.clock.sleep,
            **{"concurrency": 4, "timeout": 300, "interval": 10, **settings},
        )

    def run(self, *, wait: bool = True, **settings: Any) -> dict[str, Verification]:
        return self.verifier(**settings).run([(each, wait) for each in self.present])

    def run_one(self, **settings: Any) -> Verification:
        return self.run(**settings)[NAME]


@pytest.fixture(params=["sendclean", "sendcloud"])
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


# --- when the provider is asked ------------------------------------------------------------------


@pytest.mark.parametrize("status", STATUSES)
def test_the_provider_is_asked_only_when_the_live_dns_is_right_or_cannot_be_known(
    status: str, vendor: str
) -> None:
    world = World({NAME: status}, vendor=vendor)
    result = world.run_one(wait=False)
    assert len(world.checks) == (status in ASKED)
    assert result.domain.verified == (status == "ok")
    assert result.finding is not None
    assert result.finding.status == status
    assert world.clock.slept == [], "without wait it does not wait"
    assert result.error is None, "and not being verified yet is no failure"


# With these the name may lead to the provider all the same.
NOT_ASTRAY = {"ok", "unknown", "dangling_target"}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("wait", [True, False])
def test_a_verified_domain_is_asked_about_only_where_the_dns_says_it_cannot_be(
    status: str, wait: bool, vendor: str
) -> None:
    """Once, and what the provider says stands: the trouble may be of the place that looked."""
    world = World({NAME: status}, vendor=vendor, verified=True)
    world.provider.verifies = lambda name: True
    result = world.run_one(wait=wait)
    assert len(world.checks) == (status not in NOT_ASTRAY)
    assert result.domain.verified is True
    assert result.error is None
    assert world.dns.looked == [[NAME]]
    assert world.clock.slept == []


@pytest.mark.parametrize("more", [{"definitive": False}, {"points_at_target": None}])
def test_what_the_dns_does_not_say_for_sure_is_no_reason_to_ask(more: Any, vendor: str) -> None:
    said = finding("mismatch", NAME, **more)
    world = World({NAME: said}, vendor=vendor, verified=True)
    assert world.run_one(wait=False).domain.verified is True
    assert world.checks == []


def test_a_flag_that_is_not_true_any_more(vendor: str) -> None:
    world = World({NAME: "missing"}, vendor=vendor, verified=True)
    world.provider.verifies = lambda name: False
    result = world.run_one(wait=False)
    assert (result.domain.verified, result.error) == (False, None)
    assert len(world.checks) == 1


def test_a_flag_that_is_not_true_any_more_is_waited_for_as_any(vendor: str) -> None:
    world = World({NAME: {0: "missing", 20: "ok"}}, vendor=vendor, verified=True, sees=20)
    result = world.run_one()
    assert (result.domain.verified, result.error) == (True, None)
    assert world.clock.now == 20
    never = World({NAME: "missing"}, vendor=vendor, verified=True)
    never.provider.verifies = lambda name: False
    error = never.run_one(timeout=30).error
    assert error is not None
    assert error.code == "not_verified"


def test_where_that_cannot_be_asked_the_flag_is_not_believed(vendor: str) -> None:
    """The check may have found it not verified, and its answer be lost."""
    world = World({NAME: "missing"}, vendor=vendor, verified=True)
    world.provider.fail("check", TrackingError("network", "no answer"), times=9)
    error = world.run_one(wait=False).error
    assert error is not None
    assert (error.code, error.message) == ("network", "no answer")
    assert error.details[-1] == f"  publish:   {NAME}. 300 IN CNAME {TARGETS['sendcloud']}."
    assert len(world.checks) == 1


@pytest.mark.parametrize("verified", [True, False])
def test_an_answer_about_another_domain_is_none(vendor: str, verified: bool) -> None:
    world = World({NAME: "missing" if verified else "ok"}, vendor=vendor, verified=verified)
    other = domain(OTHER, 1, provider=vendor, verified=True)
    world.provider.check = lambda domains: [other]  # type: ignore[method-assign]
    error = world.run_one(wait=False).error
    assert error is not None
    assert error.code == "bad_response"
    assert f"says nothing of {NAME}" in error.message


def test_a_flag_in_doubt_is_asked_about_until_there_is_an_answer(vendor: str) -> None:
    world = World({NAME: {0: "missing", 20: "ok"}}, vendor=vendor, verified=True)
    world.provider.fail("check", TrackingError("network", "no answer"), times=4)
    result = world.run_one()
    assert (result.domain.verified, result.error) == (True, None)
    assert world.clock.now == 40, "although the live DNS was right from 20 s on"


def test_a_flag_in_doubt_fails_a_wait(vendor: str) -> None:
    world = World({NAME: "missing"}, vendor=vendor, verified=True)
    world.provider.fail("check", TrackingError("network", "no answer"), times=99)
    result = world.run_one(timeout=30)
    assert result.error is not None
    assert result.error.code == "not_verified"
    assert world.clock.now == 30


def test_without_a_look_the_provider_decides(vendor: str) -> None:
    world = World({NAME: "ok"}, vendor=vendor)
    result = world.run_one(lookup=False, wait=False)
    assert result.domain.verified is True
    assert result.finding is None
    assert world.dns.looked == []


def test_all_names_are_looked_up_together(vendor: str) -> None:
    world = World({NAME: "missing", OTHER: "ok"}, vendor=vendor)
    world.run(wait=False)
    assert world.dns.looked == [[NAME, OTHER]]


def test_one_call_for_a_round_where_the_provider_takes_many() -> None:
    world = World({f"t{n}.example.com": "ok" for n in range(30)})
    assert all(each.domain.verified for each in world.run().values())
    assert len(world.checks) == 1


def test_else_one_call_each_several_at_once() -> None:
    world = World({f"t{n}.example.com": "ok" for n in range(6)}, vendor="sendclean")
    together = threading.Barrier(3)
    check = world.provider.check

    def held(domains: Any) -> Any:
        together.wait(timeout=10)
        return check(domains)

    world.provider.check = held  # type: ignore[method-assign]
    results = world.run(concurrency=3)
    assert all(each.domain.verified for each in results.values())
    assert sorted(names for _time, names in world.checks) == sorted((n,) for n in results)


# --- waiting -------------------------------------------------------------------------------------


def test_all_wait_together_and_end_with_the_last(vendor: str) -> None:
    """Five domains that become right at different moments."""
    moments = [0, 5, 25, 47, 90]
    dns = {f"t{n}.example.com": {0: "missing", at: "ok"} for n, at in enumerate(moments)}
    world = World(dns, vendor=vendor)
    results = world.run()
    assert all(each.domain.verified and not each.error for each in results.values())
    assert world.clock.now == 90
    asked = [name for _time, names in world.checks for name in names]
    assert sorted(asked) == sorted(dns), "each is asked for once: when it is right"
    assert [len(names) for names in world.dns.looked] == [5, 4, 3, 3, 2, 2, 1, 1, 1, 1]


@pytest.mark.parametrize("status", ["missing", "wildcard", "proxied", "loop", "dangling_target"])
def test_what_may_pass_goes_on_until_the_deadline(status: str, vendor: str) -> None:
    world = World({NAME: status}, vendor=vendor)
    result = world.run_one(timeout=45)
    assert world.clock.slept == [10, 10, 10, 10, 5], "never beyond the deadline"
    assert len(world.dns.looked) == 6, "a last look at the deadline"
    assert world.checks == []
    assert result.error is not None
    assert result.error.code == "not_verified"
    assert "not verified when the wait ended" in str(result.error)


def test_a_look_lasts_no_longer_than_the_wait() -> None:
    world = World({NAME: "missing"})
    world.run_one(timeout=45)
    assert world.dns.seconds == [45, 35, 25, 15, 5, 5], "and five seconds in any case"


def test_a_look_without_a_wait_has_its_own_bound() -> None:
    world = World({NAME: "missing"})
    world.run_one(wait=False, timeout=45)
    world.verifier().predict([(world.present[0], True)])
    assert world.dns.seconds == [None, None]


def test_what_becomes_right_at_the_deadline_is_seen() -> None:
    world = World({NAME: {0: "missing", 45: "ok"}})
    assert world.run_one(timeout=45).domain.verified is True


def test_no_time_is_one_look() -> None:
    world = World({NAME: "missing"})
    assert world.run_one(timeout=0).error is not None
    assert world.clock.slept == []


@pytest.mark.parametrize("status", sorted(AT_ONCE))
def test_what_waiting_cannot_help_ends_at_once(status: str, vendor: str) -> None:
    world = World({NAME: status}, vendor=vendor)
    result = world.run_one()
    assert world.clock.slept == []
    assert result.error is not None
    assert "waiting will not help" in str(result.error)
    assert result.final
    assert f"{NAME} is {status}" in str(result.error)


@pytest.mark.parametrize("status", sorted(AT_ONCE))
def test_while_some_server_says_something_else_it_goes_on(status: str) -> None:
    lagging = finding(status, NAME, agreed=False, hopeless=False)
    world = World({NAME: {0: lagging, 20: "ok"}})
    assert world.run_one().domain.verified is True


def test_a_hopeless_one_does_not_stop_the_others(vendor: str) -> None:
    world = World({NAME: "apex", OTHER: {0: "missing", 30: "ok"}}, vendor=vendor)
    results = world.run()
    assert results[NAME].error is not None
    assert results[OTHER].domain.verified is True
    assert world.dns.looked[1:] == [[OTHER]] * 3


def test_a_mismatch_on_which_all_agree_ends_once_the_interval_has_passed_twice() -> None:
    world = World({NAME: "mismatch"})
    result = world.run_one()
    assert world.clock.slept == [10, 10]
    assert "waiting will not help" in str(result.error)
    assert result.final


def test_an_old_record_on_its_way_out_is_waited_for() -> None:
    world = World({NAME: {0: "mismatch", 20: "ok"}})
    assert world.run_one().domain.verified is True


def test_a_mismatch_while_servers_disagree_goes_on() -> None:
    world = World({NAME: finding("mismatch", NAME, agreed=False)})
    world.run_one(timeout=60)
    assert world.clock.now == 60


def test_a_mismatch_counts_anew_after_something_else() -> None:
    world = World({NAME: {0: "mismatch", 20: "unknown", 30: "mismatch"}})
    world.run_one()
    assert world.clock.now == 50


def test_only_those_that_are_to_wait_do() -> None:
    world = World({NAME: "unknown", OTHER: {0: "missing", 30: "ok"}})
    results = world.verifier().run([(world.present[0], False), (world.present[1], True)])
    assert results[NAME].error is None
    assert results[OTHER].domain.verified is True
    assert [names for _time, names in world.checks] == [(NAME,), (OTHER,)]


def test_a_provider_with_a_stale_cache_is_asked_each_round_where_a_round_is_one_call() -> None:
    world = World({NAME: "ok", OTHER: "ok"}, sees=25)
    assert all(each.domain.verified for each in world.run().values())
    assert [time for time, _names in world.checks] == [0, 10, 20, 30]


def asks_of(world: World, name: str = NAME) -> list[float]:
    return [time for time, names in world.checks if name in names]


@pytest.mark.parametrize(("interval", "pause"), [(10, 10), (1, 2), (60, 60)])
def test_a_few_are_asked_for_about_each_round(interval: float, pause: float) -> None:
    """Whatever the provider's cache: a wait ends soon after the provider has seen the CNAME."""
    world = World({NAME: "ok"}, vendor="sendclean", sees=10_000)
    world.run_one(timeout=300, interval=interval)
    times = asks_of(world)
    assert times == [pause * n for n in range(len(times))]
    assert times[-1] == 300


@pytest.mark.parametrize("many", [5, 20, 100])
@pytest.mark.parametrize("interval", [1, 10])
def test_many_at_one_call_each_stay_below_thirty_a_minute(many: int, interval: float) -> None:
    """SendClean counts calls by the minute; the first and the last round are beside that."""
    names = [f"t{n}.example.com" for n in range(many)]
    world = World(dict.fromkeys(names, "ok"), vendor="sendclean", sees=10_000)
    world.run(timeout=601, interval=interval)
    between = [time for time, _names in world.checks if 0 < time < 601]
    assert 100 <= len(between) <= 300
    assert all(asks_of(world, name)[-1] == 601 for name in names), "a last ask at the deadline"


def test_a_negative_cache_that_ends_before_the_wait_is_outlasted() -> None:
    world = World({NAME: "ok"}, vendor="sendclean", sees=8)
    assert world.run_one(timeout=12, interval=1).domain.verified is True
    assert world.clock.now < 12


@pytest.mark.parametrize("sees", [10.5, 12])
def test_a_last_ask_at_the_deadline_whenever_the_one_before_was(sees: float) -> None:
    world = World({f"t{n}.example.com": "ok" for n in range(5)}, vendor="sendclean", sees=sees)
    results = world.run(timeout=12, interval=1)
    assert all(each.domain.verified and not each.error for each in results.values())
    assert world.clock.now == 12


def test_once_its_record_is_right_a_domain_is_asked_for_at_once() -> None:
    """Also where it was asked for in vain before, or others wait for their turn."""
    dns = {f"t{n}.example.com": "ok" for n in range(30)}
    dns |= {NAME: {0: "unknown", 20: "ok"}, OTHER: {0: "missing", 30: "ok"}}  # type: ignore[dict-item]
    world = World(dns, vendor="sendclean")
    world.provider.verifies = lambda name: name in (NAME, OTHER) and world.clock.now >= 20
    world.run(timeout=40)
    assert (asks_of(world), asks_of(world, OTHER)) == ([0, 20], [30])


def test_unknown_is_asked_for_and_waited_for(vendor: str) -> None:
    """A firewall before the name servers: the provider alone can tell."""
    world = World({NAME: "unknown"}, vendor=vendor)
    world.provider.verifies = lambda name: world.clock.now >= 20
    assert world.run_one().domain.verified is True


def test_trouble_of_the_dns_does_not_undo_a_verification(vendor: str) -> None:
    world = World({NAME: {0: "ok", 5: "unknown"}, OTHER: {0: "missing", 20: "ok"}}, vendor=vendor)
    results = world.run()
    assert results[NAME].domain.verified is True
    assert results[NAME].error is None
    assert len(world.checks) == 2


# --- errors of the provider ----------------------------------------------------------------------


@pytest.mark.parametrize("code", ["not_found", "validation", "bad_response", "conflict"])
@pytest.mark.parametrize("wait", [True, False])
def test_one_bad_domain_in_a_batch_does_not_block_the_others(
    code: str, wait: bool, vendor: str
) -> None:
    world = World({NAME: "ok", OTHER: "ok"}, vendor=vendor)
    gone = TrackingError(code, "gone", vendor_code=4711, http_status=200)
    world.provider.fail("check", gone, name=NAME, times=99)
    results = world.run(wait=wait, timeout=20)
    assert results[OTHER].domain.verified is True
    assert results[OTHER].error is None
    error = results[NAME].error
    assert error is not None
    assert "gone" in str(error)
    passes = wait and code in ("bad_response", "conflict")
    assert error.code == ("not_verified" if passes else code)


@pytest.mark.parametrize(
    ("said", "calls"),
    [
        # The first few, asked alone, tell that the provider fails at whatever it is asked.
        ({"code": "bad_response", "vendor_code": 501, "http_status": 200}, 4),
        ({"code": "bad_response", "vendor_code": 501, "http_status": 500}, 1),
        ({"code": "bad_response", "http_status": 502}, 1),
        ({"code": "bad_response", "http_status": 200}, 1),
        ({"code": "network"}, 1),
        ({"code": "rate_limited", "vendor_code": 50000, "http_status": 200}, 1),
        ({"code": "authentication", "vendor_code": 40005, "http_status": 200}, 1),
        ({"code": "not_found", "vendor_code": 41014, "http_status": 200}, 21),
    ],
)
def test_what_is_no_matter_of_one_domain_is_not_asked_of_each(
    said: dict[str, Any], calls: int
) -> None:
    names = [f"{number}.example.com" for number in range(20)]
    world = World(dict.fromkeys(names, "ok"), vendor="sendcloud")
    error = TrackingError(said.pop("code"), "no", **said)
    world.provider.fail("check", error, times=99)
    results = world.run(wait=False)
    assert world.provider.count("check") == calls
    for name, result in results.items():
        assert result.error is not None
        assert result.error.code == error.code
        assert result.error.operation == f"verify tracking domain {name} at SendCloud"


def vendor_error(code: str, **given: Any) -> TrackingError:
    return TrackingError(
        code,
        "SendClean says: not permitted (ValidationError)",
        operation="verify",
        **{
            "vendor_code": "ValidationError",
            "vendor_message": "not permitted",
            "http_status": 400,
            "hint": "Ask the vendor.",
            **given,
        },
    )


@pytest.mark.parametrize("code", ["validation", "quota", "not_found", "unsupported"])
def test_an_answer_that_stays_ends_the_wait_for_that_domain_at_once(code: str, vendor: str) -> None:
    world = World({NAME: "ok", OTHER: {0: "missing", 30: "ok"}}, vendor=vendor)
    said = vendor_error(code)
    world.provider.fail("check", said, name=NAME, times=99)
    results = world.run()
    error = results[NAME].error
    assert error is not None
    operation = world.provider.facts.operation("verify", NAME)
    assert error.as_failure() == {**said.as_failure(), "operation": operation}, "as without wait"
    assert [time for time, names in world.checks if NAME in names] == [0]
    assert results[OTHER].domain.verified is True
    assert world.clock.now == 30


@pytest.mark.parametrize("code", ["network", "rate_limited", "bad_response", "conflict"])
def test_an_answer_that_may_pass_is_waited_out_and_then_told_as_the_cause(
    code: str, vendor: str
) -> None:
    world = World({NAME: "ok"}, vendor=vendor)
    world.provider.fail("check", vendor_error(code), times=99)
    error = world.run_one(timeout=30).error
    assert world.clock.now == 30
    assert error is not None
    assert error.as_failure() == {
        "code": "not_verified",
        "operation": world.provider.facts.operation("verify", NAME),
        "provider": vendor,
        "vendor_code": "ValidationError",
        "vendor_message": "not permitted",
        "http_status": 400,
        "hint": "Ask the vendor.",
    }
    assert error.message == "not verified when the wait ended: " + vendor_error(code).message
    assert "cached" not in str(error)


def test_what_the_dns_could_not_tell_follows_what_the_provider_answered() -> None:
    world = World({NAME: "unknown"})
    world.provider.fail("check", vendor_error("network"), times=99)
    error = world.run_one(timeout=30).error
    assert error is not None
    assert error.message.endswith(f"(ValidationError). {NAME} is unknown")


def test_a_record_that_has_gone_wrong_since_is_the_cause_again() -> None:
    world = World({NAME: {0: "ok", 10: "missing"}})
    world.provider.fail("check", vendor_error("network"), times=99)
    error = world.run_one(timeout=30).error
    assert error is not None
    assert error.message == f"not verified when the wait ended: {NAME} is missing"
    assert error.vendor_code is None
    assert "not permitted" in "\n".join(error.details)


def test_the_provider_s_title_is_told_once() -> None:
    world = World({NAME: "ok"}, vendor="sendclean")
    world.provider.fail("check", vendor_error("network"), times=99)
    told = [line for line in lines(world.run_one(timeout=20)) if "provider:" in line]
    assert told == ["  provider:  SendClean says: not permitted (ValidationError)"]


@pytest.mark.parametrize("code", ["network", "rate_limited"])
def test_where_the_provider_cannot_be_reached_a_batch_is_not_taken_apart(code: str) -> None:
    world = World({NAME: "ok", OTHER: "ok"})
    world.provider.fail("check", TrackingError(code, "no answer"), times=99)
    results = world.run(wait=False)
    assert len(world.checks) == 1
    assert {each.error.code for each in results.values() if each.error} == {code}


def test_a_fault_that_passes_is_forgotten(vendor: str) -> None:
    world = World({NAME: "ok"}, vendor=vendor)
    world.provider.fail("check", TrackingError("network", "no answer"), times=2)
    result = world.run_one()
    assert result.domain.verified is True
    assert result.error is None


def test_refused_credentials_end_it_for_all_but_the_verified(vendor: str) -> None:
    world = World({NAME: "ok", OTHER: {0: "missing", 20: "ok"}}, vendor=vendor)
    refused = TrackingError("authentication", "Token MissMatch")
    world.provider.fail("check", refused, name=OTHER, times=99)
    results = world.run()
    assert results[NAME].domain.verified is True
    assert results[NAME].error is None
    error = results[OTHER].error
    assert error is not None
    assert (error.code, error.message) == (refused.code, refused.message)
    assert error.operation == world.provider.facts.operation("verify", OTHER)
    assert results[OTHER].final
    assert world.clock.now == 20, "there is nothing left to wait for"


def test_a_domain_that_the_answer_leaves_out_is_not_verified() -> None:
    world = World({NAME: "ok", OTHER: "ok"})
    world.provider.delete(world.present[0])
    results = world.run(wait=False)
    assert results[NAME].domain == world.present[0]
    assert results[OTHER].domain.verified is True


def hanging(world: World, seconds: float, *, fails: bool = True) -> None:
    """Calls take as long as they may; `http.within` says how long that is."""
    check, http = world.provider.check, world.provider.http
    http._clock = world.clock

    def held(domains: Any) -> Any:
        wanted = min(seconds, max(2.0, http._left()))
        world.clock.sleep(wanted)
        if fails:
            raise TrackingError("network", "nothing came")
        return check(domains)

    world.provider.check = held  # type: ignore[method-assign]


def test_a_wait_ends_in_time_while_the_provider_hangs(vendor: str) -> None:
    names = [f"t{n}.example.com" for n in range(15)]
    world = World(dict.fromkeys(names, "ok"), vendor=vendor)
    hanging(world, 30)
    results = world.run(timeout=600, concurrency=1)
    assert 600 <= world.clock.now <= 605
    assert all(each.error and "nothing came" in str(each.error) for each in results.values())


def test_all_are_asked_for_once_however_little_time_there_is(vendor: str) -> None:
    names = [f"t{n}.example.com" for n in range(50)]
    world = World(dict.fromkeys(names, "ok"), vendor=vendor)
    hanging(world, 30, fails=False)
    results = world.run(timeout=0, concurrency=1)
    assert all(each.domain.verified for each in results.values())


def test_without_a_wait_there_is_no_deadline(vendor: str) -> None:
    world = World({NAME: "ok"}, vendor=vendor)
    hanging(world, 30, fails=False)
    world.run(wait=False, timeout=3)
    assert world.clock.now == 30


# --- check mode ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", STATUSES)
def test_check_mode_asks_nobody_and_the_live_dns_decides(status: str, vendor: str) -> None:
    world = World({NAME: status}, vendor=vendor)
    world.provider.forbid = {"check"}
    foretold = world.verifier().predict([(world.present[0], False)])[NAME]
    assert foretold.domain.verified == (status == "ok")
    assert foretold.error is None
    assert foretold.finding is not None


@pytest.mark.parametrize("status", STATUSES)
def test_check_mode_predicts_that_a_flag_the_dns_contradicts_goes(status: str, vendor: str) -> None:
    world = World({NAME: status}, vendor=vendor, verified=True)
    world.provider.forbid = {"check"}
    predicted = world.verifier().predict([(world.present[0], False)])[NAME]
    assert predicted.domain.verified == (status in NOT_ASTRAY)


@pytest.mark.parametrize("status", STATUSES)
def test_check_mode_fails_at_a_wait_that_cannot_succeed(status: str, vendor: str) -> None:
    world = World({NAME: status}, vendor=vendor)
    foretold = world.verifier().predict([(world.present[0], True)])[NAME]
    assert world.checks == []
    if status not in AT_ONCE:
        assert foretold.error is None
        return
    real = world.run_one()
    assert foretold.error is not None
    assert (str(foretold.error), foretold.error.code) == (str(real.error), "not_verified")
    assert foretold.final


def test_check_mode_does_not_fail_for_what_is_verified() -> None:
    said = finding(sorted(AT_ONCE)[0], NAME, points_at_target=None)
    world = World({NAME: said}, verified=True)
    assert world.verifier().predict([(world.present[0], True)])[NAME].error is None


def test_without_a_look_check_mode_predicts_no_verification() -> None:
    world = World({NAME: "ok"})
    world.provider.forbid = {"check"}
    foretold = world.verifier(lookup=False).predict([(world.present[0], True)])[NAME]
    assert foretold.error is None
    assert foretold.domain.verified is False


# --- how a failure reads -------------------------------------------------------------------------


def lines(result: Verification) -> list[str]:
    assert result.error is not None
    return str(result.error).splitlines()


def test_a_failed_wait_says_expected_found_asked_and_what_to_publish() -> None:
    said = finding(
        "mismatch",
        NAME,
        found=[
            {"server": "ns1.example.com", "cname": ["old.net", "older.net"], "a": [], "ttl": 60},
            {"server": "ns2.example.com", "cname": [], "a": ["192.0.2.1"], "ttl": 60},
            {"server": "ns3.example.com", "cname": [], "a": [], "ttl": None},
        ],
    )
    text = lines(World({NAME: said}).run_one())
    assert text[0].startswith(f"Could not verify tracking domain {NAME} at SendCloud: ")
    assert f"{NAME} is mismatch" in text[0]
    details = [" ".join(line.split()) for line in text[1:]]
    assert details == [
        "expected: track2.sendcloud.net",
        "found: old.net, older.net (at ns1.example.com)",
        "found: 192.0.2.1 (at ns2.example.com)",
        "found: nothing (at ns3.example.com)",
        "provider: SendCloud: not asked, because the live DNS is not right yet",
        f"publish: {NAME}. 300 IN CNAME track2.sendcloud.net.",
    ]
    starts = {len(line) - len(line.split(":", 1)[1].lstrip()) for line in text[1:]}
    assert len(starts) == 1, "in columns"


def test_a_right_record_that_the_provider_does_not_see() -> None:
    text = "\n".join(lines(World({NAME: "ok"}, sees=10_000).run_one(timeout=25)))
    assert "SendCloud: not verified at the last check" in text
    assert "may have cached an older answer" in text
    assert "wait_timeout" in text
    assert "publish:" not in text


def test_what_the_provider_answered_last_is_told(vendor: str) -> None:
    world = World({NAME: "ok"}, vendor=vendor)
    world.provider.fail("check", TrackingError("network", "connection refused"), times=99)
    assert "connection refused" in "\n".join(lines(world.run_one(timeout=20)))


def test_without_a_target_it_says_where_to_get_it() -> None:
    world = World({NAME: "unknown"}, vendor="sendclean", target=None)
    text = "\n".join(lines(world.run_one(timeout=20)))
    assert "unknown" in text
    assert "SENDCLEAN_CNAME_TARGET" in text


# --- against the sandbox -------------------------------------------------------------------------


def real(client: Provider, published: list[str], wait: bool = False, **more: Any) -> Any:
    """A round for all domains of an account; `published`: those whose record is right."""
    clock = Clock()
    verifier = Verifier(
        client,
        lookup=FakeDns(dict.fromkeys(published, "ok")).look_at_domains,
        concurrency=4,
        clock=clock,
        sleep=clock.sleep,
        **{"timeout": 30, "interval": 10, **more},
    )
    return verifier.run([(each, wait) for each in client.list()])


def test_a_round_of_many_at_the_vendor(
    account: SandboxAccount, client: Provider, record: Callable[..., None]
) -> None:
    names = [f"t{n}.example.com" for n in range(8)]
    account.seed(*names)
    for name in names[:5]:
        record(name, account.target)
    results = real(client, names[:5])
    assert {name for name, each in results.items() if each.domain.verified} == set(names[:5])
    calls = account.calls(operation="check")
    assert calls["total"] == (1 if account.vendor == "sendcloud" else 5)
    assert calls["most_in_flight"] <= 4
    account.clear_calls()
    real(client, names)
    asked = {name for call in account.calls(operation="check")["calls"] for name in call["names"]}
    ids = {i for call in account.calls(operation="check")["calls"] for i in call["ids"]}
    verified = {str(each["id"]) for each in account.state().values() if each["verified"]}
    assert not asked & set(names[:5])
    assert not ids & verified, "the verified are never asked for again"


@pytest.mark.parametrize("answer", ["kind", "error"])
def test_one_that_was_deleted_meanwhile(
    answer: str, account: SandboxAccount, client: Provider, record: Callable[..., None]
) -> None:
    kind = {"sendclean": "not_valid", "sendcloud": "omitted"}[account.vendor]
    account.switch(check_unknown=kind if answer == "kind" else "error")
    record(NAME, account.target)
    account.seed(NAME, OTHER)
    present = client.list()
    account.seed(
        domains=[{"name": NAME, "id": each.id or 1} for each in present if each.name == NAME]
    )
    clock = Clock()
    verifier = Verifier(
        client, lookup=None, concurrency=4, timeout=0, interval=10, clock=clock, sleep=clock.sleep
    )
    results = verifier.run([(each, False) for each in present])
    assert results[NAME].domain.verified is True
    assert results[OTHER].domain.verified is False


def test_a_vendor_with_a_negative_cache(
    account: SandboxAccount, client: Provider, record: Callable[..., None]
) -> None:
    """Its cache outlives the first asks, not the wait."""
    account.switch(negative_cache_checks=2)
    account.seed(NAME)
    client.check(client.list())
    record(NAME, account.target)
    (result,) = real(client, [NAME], wait=True, timeout=120).values()
    assert result.domain.verified is True
