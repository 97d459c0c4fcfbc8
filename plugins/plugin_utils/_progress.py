# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules that wait, run for a few seconds at a time. Private to this collection. No I/O here.

The first time, the module does all that it is asked to. After that it only goes on verifying what it
waits for; the results become one, as if it had run once.
"""

from __future__ import annotations

import time
import typing as t

from ansible_collections.mailops.email.plugins.module_utils._ansible.results import (
    failure_of_actions,
)
from ansible_collections.mailops.email.plugins.module_utils._providers.registry import PROVIDERS
from ansible_collections.mailops.email.plugins.plugin_utils import _results
from ansible_collections.mailops.email.plugins.plugin_utils._values import switch
from ansible_collections.mailops.email.plugins.plugin_utils._waiting import (
    PASSING,
    Progress,
    Say,
    wait_in_slices,
)

Data = t.Dict[str, t.Any]
Call = t.Callable[[Data], Data]

_TIMEOUT, _INTERVAL = 300.0, 10.0
_NOT_AGAIN = (
    "id",
    "rename_from",
    "certificate",
    "private_key",
    "certificate_path",
    "private_key_path",
    "certificate_update",
    "purge",
)


def waits(args: t.Mapping[str, t.Any], own: t.Iterable[t.Any] = ()) -> bool:
    """Whether something is waited for, for longer than the module may be silent."""
    try:
        wanted = any(switch(value, False) for value in (args.get("wait"), *own))
        return wanted and _number(args, "wait_timeout", _TIMEOUT) > 0
    except (TypeError, ValueError):
        # The module says what is wrong with it.
        return False


def _number(args: t.Mapping[str, t.Any], name: str, default: float) -> float:
    value = args.get(name)
    return default if value in (None, "") else float(value)


class _Wait:
    """What both modules have in common.

    :param args: the task's options.
    :param call: runs the module.
    :param say: shows a line of progress.
    """

    def __init__(
        self,
        args: Data,
        call: Call,
        say: Say,
        *,
        clock: t.Callable[[], float] | None = None,
        sleep: t.Callable[[float], None] = time.sleep,
    ) -> None:
        self._args = args
        self._call = call
        self._say = say
        self._clock = clock or time.monotonic
        self._sleep = sleep
        self._result: Data | None = None

    def run(self) -> Data:
        """The module's result, as if it had run once."""
        try:
            interval = _number(self._args, "wait_interval", _INTERVAL)
        except (TypeError, ValueError):
            return self._call(self._args)
        timeout = _number(self._args, "wait_timeout", _TIMEOUT)
        waited = wait_in_slices(
            self._step,
            timeout=timeout,
            interval=interval,
            say=self._say,
            clock=self._clock,
            sleep=self._sleep,
        )
        result = self._result or {}
        return {**result, "waited": round(waited)}

    def _step(self, seconds: float) -> Progress:
        if self._result is None:
            self._result = self._call({**self._args, "wait_timeout": seconds})
            return self._progress(None)
        later = self._call({**self._again(), "wait_timeout": seconds})
        if self._knows(later):
            self._result = self._merged(self._result, later)
            return self._progress(None)
        failure = later.get("failure") or {}
        if failure.get("code") in PASSING:
            return self._progress(str(later.get("msg")))
        self._result = self._merged(self._result, later)
        return Progress(0, 0, [])

    def _knows(self, result: Data) -> bool:
        """Whether the provider could be asked."""
        raise NotImplementedError

    def _again(self) -> Data:
        """The options with which it only goes on waiting."""
        raise NotImplementedError

    def _merged(self, earlier: Data, later: Data) -> Data:
        raise NotImplementedError

    def _progress(self, trouble: str | None) -> Progress:
        raise NotImplementedError


class SetWait(_Wait):
    """``tracking_domains``."""

    def _knows(self, result: Data) -> bool:
        return "actions" in result

    def _waiting(self) -> list[Data]:
        actions = (self._result or {}).get("actions") or ()
        return [action for action in actions if _may_still_come(action)]

    def _again(self) -> Data:
        args = {name: value for name, value in self._args.items() if name not in _NOT_AGAIN}
        domains = [{"name": action["name"]} for action in self._waiting()]
        return {**args, "domains": domains, "verify": True, "wait": True}

    def _merged(self, earlier: Data, later: Data) -> Data:
        if not self._knows(later):
            return {**earlier, **{k: later[k] for k in ("msg", "failure", "failed") if k in later}}
        both = {**later, **_results.merged(earlier, later), "unmanaged": earlier.get("unmanaged")}
        order = {action["name"]: number for number, action in enumerate(earlier["actions"])}
        both["tracking_domains"].sort(key=lambda domain: order.get(domain["name"], len(order)))
        for name in ("msg", "failure", "failed"):
            both.pop(name, None)
        title = PROVIDERS[self._args["provider"]].facts
        error = failure_of_actions(both["actions"], title)
        if error:
            both.update(failed=True, msg=str(error), failure=error.as_failure())
        return both

    def _progress(self, trouble: str | None) -> Progress:
        result = self._result or {}
        domains = result.get("tracking_domains") or ()
        waiting = [(action["name"], str(action["reason"])) for action in self._waiting()]
        verified = sum(bool(domain["verified"]) for domain in domains)
        return Progress(verified, len(domains), waiting, trouble if waiting else None)


class OneWait(_Wait):
    """``tracking_domain``."""

    def _knows(self, result: Data) -> bool:
        return "action" in result

    def _again(self) -> Data:
        return {name: value for name, value in self._args.items() if name not in _NOT_AGAIN}

    def _merged(self, earlier: Data, later: Data) -> Data:
        both = {**later, "changed": bool(earlier.get("changed") or later.get("changed"))}
        if not self._knows(later):
            kept = ("action", "tracking_domain", "dns", "diff")
            return {**{name: earlier[name] for name in kept if name in earlier}, **both}
        if earlier["action"] in ("created", "updated", "renamed") and later["action"] in (
            "unchanged",
            "verified",
        ):
            both["action"] = earlier["action"]
        if earlier.get("diff") and later.get("diff"):
            both["diff"] = {
                **later["diff"],
                "before": earlier["diff"]["before"],
                "before_header": earlier["diff"]["before_header"],
            }
        return both

    def _progress(self, trouble: str | None) -> Progress:
        result = self._result or {}
        name = str(self._args.get("name") or self._args.get("domain"))
        waiting = []
        if (result.get("failure") or {}).get("code") == "not_verified" and not result.get("final"):
            waiting = [(name, str(result.get("reason") or result.get("msg")))]
        verified = bool((result.get("tracking_domain") or {}).get("verified"))
        return Progress(int(verified), 1, waiting, trouble if waiting else None)


def _may_still_come(action: t.Mapping[str, t.Any]) -> bool:
    failure = action.get("failure") or {}
    return failure.get("code") == "not_verified" and not action.get("final")
