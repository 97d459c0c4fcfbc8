# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stand-ins for what a run meets: the network, a provider, the live DNS, the time.

Each is a script or a small world; whatever a test did not foresee fails it.
"""

from __future__ import annotations

import io
import json
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl

import requests
import urllib3

from ansible_collections.mailops.email.plugins.module_utils._dns.model import Finding
from ansible_collections.mailops.email.plugins.module_utils._errors import TrackingError
from ansible_collections.mailops.email.plugins.module_utils._http.client import HttpClient
from ansible_collections.mailops.email.plugins.module_utils._providers.base import Provider
from ansible_collections.mailops.email.plugins.module_utils._providers.facts import ProviderFacts
from ansible_collections.mailops.email.plugins.module_utils._providers.sendclean import SendClean
from ansible_collections.mailops.email.plugins.module_utils._providers.sendcloud import SendCloud
from ansible_collections.mailops.email.plugins.module_utils._tracking_domain import (
    Sender,
    TrackingDomain,
    Validity,
)

CLEAN, CLOUD = SendClean.facts, SendCloud.facts
FACTS = {"sendclean": CLEAN, "sendcloud": CLOUD}
TARGETS = {"sendclean": "track.sendclean.net", "sendcloud": "track2.sendcloud.net"}
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=timezone.utc)
BASE = "https://api.example.net/v1"


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


# --- the network ---------------------------------------------------------------------------------


class Script(requests.adapters.HTTPAdapter):
    """The calls that have to be made, in this order, and what each is answered."""

    def __init__(self) -> None:
        super().__init__()
        self._expected: deque[dict[str, Any]] = deque()
        self.requests: list[requests.PreparedRequest] = []

    def expect(
        self,
        path: str,
        *,
        method: str = "POST",
        credentials: str | None = None,
        form: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        status: int = 200,
        answer: Any = b"",
        headers: Mapping[str, str] | None = None,
        fails: BaseException | None = None,
    ) -> Script:
        """One call. `form` or `body` (JSON): exactly what it carries; `answer`: bytes, or JSON.

        `credentials`: its header Authorization, which there is none of otherwise.
        """
        self._expected.append(
            {
                "method": method,
                "credentials": credentials,
                "url": f"{BASE}/{path}",
                "form": form,
                "body": body,
                "status": status,
                "answer": answer if isinstance(answer, bytes) else json.dumps(answer).encode(),
                "headers": headers or {},
                "fails": fails,
            }
        )
        return self

    def send(self, request: requests.PreparedRequest, **_settings: Any) -> requests.Response:
        assert self._expected, f"a call that nobody expected: {request.method} {request.url}"
        wanted = self._expected.popleft()
        self.requests.append(request)
        assert (request.method, request.url) == (wanted["method"], wanted["url"])
        assert request.headers.get("Authorization") == wanted["credentials"]
        if wanted["form"] is not None:
            assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
            assert dict(parse_qsl(request.body, strict_parsing=True)) == wanted["form"]
        if wanted["body"] is not None:
            assert request.headers["Content-Type"] == "application/json"
            assert json.loads(request.body) == wanted["body"]
        if wanted["fails"]:
            raise wanted["fails"]
        raw = urllib3.HTTPResponse(
            body=io.BytesIO(wanted["answer"]),
            headers=wanted["headers"],
            status=wanted["status"],
            preload_content=False,
        )
        return self.build_response(request, raw)

    def done(self) -> None:
        missing = [wanted["url"] for wanted in self._expected]
        assert not missing, f"calls that were never made: {missing}"


class Wire:
    """An HttpClient whose network is a script, with what it slept and logged.

    As a context: the script has to be played to its end.
    """

    def __init__(self, *, provider: ProviderFacts = CLOUD, **options: Any) -> None:
        self.script = Script()
        self.clock = Clock()
        self.lines: list[str] = []
        self.http = HttpClient(
            base_url=BASE,
            provider=provider.name,
            title=provider.title,
            rate_limit_wait=provider.rate_limit_wait,
            log=self.lines.append,
            clock=self.clock,
            sleep=self.clock.sleep,
            **options,
        )
        self.http._session.mount("https://", self.script)

    @property
    def slept(self) -> list[float]:
        return self.clock.slept

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, failed: type[BaseException] | None, *more: object) -> None:
        if failed is None:
            self.script.done()


# --- the live DNS --------------------------------------------------------------------------------


def finding(status: str, name: str = "t.example.com", **given: Any) -> Finding:
    """What the live DNS says; by default all servers agree."""
    target = given.pop("target", TARGETS["sendcloud"])
    seen = {"ok": [target], "dangling_target": [target], "mismatch": ["other.example.net"]}
    values: dict[str, Any] = {
        "status": status,
        "reason": f"{name} is {status}.",
        "expected": target,
        "found": []
        if status == "unknown"
        else [{"server": "ns1.example.com", "cname": seen.get(status, []), "a": [], "ttl": 300}],
        "fix": None if status == "ok" else f"{name}. 300 IN CNAME {target}.",
        "zone": "example.com",
        "definitive": status != "unknown",
        "agreed": True,
        "points_at_target": {"ok": True, "dangling_target": True, "unknown": None}.get(
            status, False
        ),
        "served_by": ["ns1.example.com"] if status in ("ok", "dangling_target") else [],
        "hopeless": status in ("apex", "conflict", "doubled_zone"),
    }
    return Finding(**{**values, **given})


class FakeDns:
    """A LiveDns: `says` gives each name's status, or finding, at the moment; else it is missing."""

    def __init__(self, says: Mapping[str, Any] | Callable[[str], Any] | None = None) -> None:
        self._says = says if callable(says) else (says or {}).get
        self.looked: list[list[str]] = []
        self.seconds: list[float | None] = []
        self.targets: dict[str, str | None] = {}
        self.warnings: dict[str, str] = {}
        self.made = 0

    def make(self) -> FakeDns:
        self.made += 1
        return self

    def lookup(self, requests: Sequence[Any], seconds: float | None = None) -> dict[str, Finding]:
        self.seconds.append(seconds)
        self.looked.append([request.name for request in requests])
        self.targets.update((request.name, request.target) for request in requests)
        return {request.name: self._finding(request.name) for request in requests}

    def look_at_domains(
        self, domains: Sequence[TrackingDomain], seconds: float | None
    ) -> dict[str, Finding]:
        return self.lookup(domains, seconds)

    def _finding(self, name: str) -> Finding:
        said = self._says(name) or "missing"
        return said if isinstance(said, Finding) else finding(said, name)

    def preflight(self, names: Sequence[str]) -> list[str]:
        return [self.warnings[name] for name in names if name in self.warnings]


# --- a provider ----------------------------------------------------------------------------------


def domain(name: str, number: int | None = None, **given: Any) -> TrackingDomain:
    """A domain at SendCloud, or with `provider="sendclean"` there."""
    provider = given.pop("provider", "sendcloud")
    if provider == "sendcloud":
        given = {"https": bool(given.get("certificate")), "updated_at": NOW, **given}
    return TrackingDomain(
        provider, name, number, **{"target": TARGETS[provider], "vendor": {"name": name}, **given}
    )


def window(days: int = 90, *, start: int = -1) -> Validity:
    return Validity(NOW + timedelta(days=start), NOW + timedelta(days=days))


class MemoryProvider(Provider):
    """An account in memory with the facts of a vendor.

    :param forbid: operations that fail the test, as writes do in check mode.
    :param verifies: whether a check finds a name verified.
    :param keeps_checks: whether a list shows what a check found.
    :param senders: who sends mail, and the domain that each uses.
    """

    def __init__(
        self,
        present: Iterable[TrackingDomain] = (),
        *,
        facts: ProviderFacts = CLOUD,
        forbid: Iterable[str] = (),
        verifies: Callable[[str], bool] = lambda name: True,
        keeps_checks: bool = True,
        retries: int = 2,
        senders: Mapping[str, str | None] | None = None,
    ) -> None:
        self.lines: list[str] = []
        http = HttpClient(
            base_url=BASE,
            provider=facts.name,
            title=facts.title,
            retries=retries,
            log=self.lines.append,
            sleep=lambda seconds: None,
        )
        self.all_senders = {
            name: Sender(name, used, {"name": name, "click": 1})
            for name, used in (senders or {}).items()
        }
        super().__init__(http, {})
        self.facts = facts  # type: ignore[misc]
        self.calls: list[tuple[str, ...]] = []
        self.forbid = set(forbid)
        self.verifies = verifies
        self.keeps_checks = keeps_checks
        self._account = {each.key: each for each in present}
        self._ids = iter(range(1000, 2000))
        self._lock = threading.RLock()
        self._failures: list[dict[str, Any]] = []

    @classmethod
    def base_url(cls, options: Mapping[str, Any]) -> str:
        return BASE

    def fail(
        self,
        operation: str,
        error: TrackingError,
        *,
        name: str | None = None,
        times: int = 1,
        took_effect: bool = False,
    ) -> None:
        """Have calls fail; `took_effect`: what they ask for is done all the same."""
        self._failures.append(
            {
                "operation": operation,
                "error": error,
                "name": name,
                "times": times,
                "took_effect": took_effect,
            }
        )

    def count(self, operation: str) -> int:
        return sum(call[0] == operation for call in self.calls)

    @property
    def names(self) -> set[str]:
        return {each.name for each in self._account.values()}

    @property
    def spellings(self) -> list[str]:
        return [each.spelling or each.name for each in self._account.values()]

    def __getitem__(self, name: str) -> TrackingDomain:
        return next(each for each in self._account.values() if each.name == name)

    def _do(self, operation: str, names: Sequence[str], work: Callable[[], Any]) -> Any:
        with self._lock:
            self.calls.append((operation, *names))
            assert operation not in self.forbid, f"{operation} {names} was called"
            for failure in self._failures:
                fits = failure["name"] is None or failure["name"] in names
                if failure["operation"] == operation and fits and failure["times"]:
                    failure["times"] -= 1
                    if failure["took_effect"]:
                        work()
                    raise failure["error"]
            return work()

    def list(self) -> Any:
        return self._do("list", (), lambda: list(self._account.values()))

    def add(self, name: str, certificate: Any) -> TrackingDomain:
        def work() -> TrackingDomain:
            if name in self.names:
                raise TrackingError("conflict", f"{name} exists", vendor_code=1)
            number = next(self._ids) if self.facts.has_ids else None
            validity = certificate.validity if certificate else None
            made = domain(name, number, provider=self.facts.name, certificate=validity)
            self._account[made.key] = made
            return made

        return self._do("add", (name,), work)

    def update(
        self, domain: TrackingDomain, *, name: str | None = None, certificate: Any = None
    ) -> TrackingDomain:
        def work() -> TrackingDomain:
            changed = self._account.pop(domain.key)
            if name:
                changed = changed.but(name=name, verified=False)
            if certificate:
                changed = changed.but(certificate=certificate.validity, https=True)
            changed = changed.but(updated_at=changed.updated_at + timedelta(seconds=1))
            self._account[changed.key] = changed
            return changed

        return self._do("update", (domain.name,), work)

    def check(self, domains: Sequence[TrackingDomain]) -> Any:
        def work() -> list[TrackingDomain]:
            known = [self._account[d.key] for d in domains if d.key in self._account]
            found = [each.but(verified=self.verifies(each.name)) for each in known]
            if self.keeps_checks:
                self._account.update((each.key, each) for each in found)
            return found

        return self._do("check", [each.name for each in domains], work)

    def senders(self) -> Any:
        return self._do("senders", (), lambda: list(self.all_senders.values()))

    def bind(self, sender: Sender, domain: TrackingDomain) -> None:
        def work() -> None:
            bound = Sender(sender.name, domain.name, self.all_senders[sender.name].settings)
            self.all_senders[sender.name] = bound

        self._do("bind", (sender.name, domain.name), work)

    def delete(self, domain: TrackingDomain) -> None:
        def work() -> None:
            if self._account.pop(domain.key, None) is None:
                raise TrackingError("not_found", f"{domain.name} is not there")

        self._do("delete", (domain.name,), work)
