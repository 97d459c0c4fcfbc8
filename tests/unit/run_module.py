# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a module in this process as Ansible would: options in as JSON, one JSON object out."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import yaml
from ansible.module_utils import basic
from ansible.module_utils.common.parameters import PASS_VARS

from ansible_collections.mailops.email.plugins.module_utils._ansible.module import Module
from ansible_collections.mailops.email.plugins.module_utils._engine.apply import Applier
from ansible_collections.mailops.email.plugins.module_utils._engine.verify import Verifier
from ansible_collections.mailops.email.plugins.module_utils._http.client import HttpClient
from ansible_collections.mailops.email.tests.unit.doubles import Clock

MODULES = ("tracking_domain", "tracking_domains", "tracking_domain_info")
_PLACE = "ansible_collections.mailops.email.plugins.modules"


@dataclass
class Ran:
    """What a run left behind. `text` is all that it said: output, log and warnings."""

    result: dict[str, Any]
    output: str
    log: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join([self.output, *self.log, *self.warnings])

    @property
    def failed(self) -> bool:
        return bool(self.result.get("failed"))

    @property
    def changed(self) -> bool:
        return bool(self.result["changed"])

    @property
    def code(self) -> str | None:
        return (self.result.get("failure") or {}).get("code")

    def __getitem__(self, key: str) -> Any:
        return self.result[key]


def load(name: str) -> Any:
    return importlib.import_module(f"{_PLACE}.{name}")


def documentation(name: str, block: str) -> Any:
    """DOCUMENTATION, EXAMPLES or RETURN, parsed."""
    return yaml.safe_load(getattr(load(name), block))


@contextlib.contextmanager
def given(options: Mapping[str, Any]) -> Iterator[None]:
    """As if Ansible had sent these options (2.16, and 2.19 with its serialization profiles)."""
    sent = json.dumps({"ANSIBLE_MODULE_ARGS": options}).encode()
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.object(basic, "_ANSIBLE_ARGS", sent))
        if hasattr(basic, "_ANSIBLE_PROFILE"):
            stack.enter_context(mock.patch.object(basic, "_ANSIBLE_PROFILE", "legacy"))
            # Once another test has loaded Ansible's controller, this process passes for one.
            profiles = importlib.import_module(f"{basic.__package__}._internal._json._profiles")
            stack.enter_context(
                mock.patch.object(
                    profiles, "_string_encoding_check_enabled", return_value=False, create=True
                )
            )
        yield


@contextlib.contextmanager
def no_waiting(clock: Any = None) -> Iterator[Any]:
    """Every pause passes at once, on a clock of its own, or on the one given."""
    clock = clock or Clock()
    with contextlib.ExitStack() as stack:
        for kind in (HttpClient, Applier, Verifier):
            defaults = kind.__init__.__kwdefaults__
            times = {"sleep": clock.sleep} | ({"clock": clock} if "clock" in defaults else {})
            stack.enter_context(mock.patch.dict(defaults, times))
        yield clock


def run_module(
    name: str,
    options: Mapping[str, Any],
    *,
    check: bool = False,
    diff: bool = False,
    clock: Any = None,
) -> Ran:
    sent = {**options, "_ansible_check_mode": check, "_ansible_diff": diff}
    if "inject_invocation" in PASS_VARS:  # core 2.21 shows a task's options on request only
        sent["_ansible_inject_invocation"] = True
    output, log, warnings = io.StringIO(), [], []
    with (
        given(sent),
        no_waiting(clock),
        mock.patch.object(
            basic.AnsibleModule,
            "log",
            lambda self, line, log_args=None: log.append(f"{line} {log_args or ''}"),
        ),
        mock.patch.object(Module, "warn", lambda self, line, **_more: warnings.append(line)),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(output),
        contextlib.suppress(SystemExit),
    ):
        load(name).main()
    text = output.getvalue()
    (line,) = [line for line in text.splitlines() if line.startswith("{")]
    return Ran(json.loads(line), text, log, warnings)
