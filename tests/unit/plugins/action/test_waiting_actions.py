# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks that wait show how far they are; those that do not wait run the module once, as it is."""

from __future__ import annotations

import importlib
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.mailops.email.plugins.plugin_utils import _action, _progress

ACTIONS = "ansible_collections.mailops.email.plugins.action"
NAME = "track.example.com"


class Module:
    """What the action runs: answers from a list, and seconds that pass while it runs."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)
        self.given: list[tuple[str, dict[str, Any]]] = []
        self.now = 0.0

    def execute(
        self, module_name: str, module_args: dict[str, Any], task_vars: Any, wrap_async: bool
    ) -> Any:
        self.given.append((module_name, module_args))
        self.wrapped = wrap_async
        self.now += float(module_args.get("wait_timeout", 0))
        return self.answers.pop(0)


def run(
    action: str,
    module: Module,
    monkeypatch: pytest.MonkeyPatch,
    *,
    check_mode: bool = False,
    async_val: int = 0,
    **args: Any,
) -> tuple[dict[str, Any], list[str]]:
    """The result, and what was shown meanwhile."""
    said: list[str] = []

    def display(line: str, *, stderr: bool) -> None:
        assert stderr, "stdout is the callback's"
        said.append(line)

    monkeypatch.setattr(_action, "Display", lambda: SimpleNamespace(display=display))
    monkeypatch.setattr(_progress.time, "monotonic", lambda: module.now)
    plugin = importlib.import_module(f"{ACTIONS}.{action}").ActionModule.__new__(
        importlib.import_module(f"{ACTIONS}.{action}").ActionModule
    )
    plugin._task = SimpleNamespace(args=args, check_mode=check_mode, async_val=async_val)
    plugin._variables = {"inventory_hostname": "shop"}
    plugin._execute_module = module.execute
    return plugin.work(dict(args)), said


def one(verified: bool) -> dict[str, Any]:
    failed = {
        "failed": True,
        "msg": "No record stands there.",
        "failure": {"code": "not_verified"},
        "final": False,
    }
    result = {
        "changed": verified,
        "action": "verified" if verified else "failed",
        "tracking_domain": {"name": NAME, "verified": verified},
    }
    return result if verified else {**result, **failed}


def several(verified: bool) -> dict[str, Any]:
    failure = None if verified else {"code": "not_verified", "operation": f"verify {NAME}"}
    action = {
        "name": NAME,
        "action": "verified" if verified else "failed",
        "changed": verified,
        "renamed_from": None,
        "reason": None if verified else "No record stands there.",
        "done": None,
        "final": False,
        "failure": failure,
    }
    return {
        "changed": verified,
        "tracking_domains": [{"name": NAME, "verified": verified}],
        "actions": [action],
        "unmanaged": [],
    }


@pytest.mark.parametrize("action", ["tracking_domain", "tracking_domains"])
def test_whoever_waits_sees_how_far_it_is(action: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = one if action == "tracking_domain" else several
    args = {"name": NAME} if action == "tracking_domain" else {"domains": [{"name": NAME}]}
    module = Module(answer(False), answer(False), answer(True))
    result, said = run(
        action, module, monkeypatch, provider="sendclean", wait=True, verify=True, **args
    )
    assert result["changed"] is True
    assert result["waited"] == 60
    assert [name for name, _args in module.given] == [f"mailops.email.{action}"] * 3
    assert said == [
        f"[shop] 0 of 1 verified, {left} s left. Waiting for {NAME}: No record stands there."
        for left in (280, 260)
    ]


@pytest.mark.parametrize("action", ["tracking_domain", "tracking_domains"])
@pytest.mark.parametrize(
    ("options", "check_mode"), [({}, False), ({"wait": True, "wait_timeout": 600}, True)]
)
def test_without_a_wait_the_module_runs_once_as_it_is(
    action: str, options: dict[str, Any], check_mode: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = one if action == "tracking_domain" else several
    module = Module(answer(False))
    args = {"provider": "sendclean", "name": NAME, "verify": True, **options}
    result, said = run(action, module, monkeypatch, check_mode=check_mode, **args)
    assert result == answer(False)
    assert module.given == [(f"mailops.email.{action}", args)]
    assert said == []


@pytest.mark.parametrize("action", ["tracking_domain", "tracking_domains"])
def test_in_the_background_the_module_runs_on_its_own(
    action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = Module({"started": 1})
    args = {"provider": "sendclean", "name": NAME, "verify": True, "wait": True}
    result, said = run(action, module, monkeypatch, async_val=90, **args)
    assert result == {"started": 1}
    assert module.wrapped is True
    assert module.given == [(f"mailops.email.{action}", args)]
    assert said == []
