# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a playbook of the project as a job of AWX 24.6.1 does: laid out as by AWX, run by ansible-runner.

AWX lays out a private data directory, ``ansible-runner transmit`` packs it, ``worker`` runs it where the
container would be, and ``process`` takes the events.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.mailops.email.tests.awx.rules import inject
from ansible_collections.mailops.email.tests.unit.conftest import CHECKOUT

PROJECT = CHECKOUT / "playbooks" / "files" / "awx" / "project"
TYPES = CHECKOUT / "playbooks" / "files" / "awx" / "credential_types"
_RUNNER = (sys.executable, "-B", "-m", "ansible_runner")
_FAST = {"ANSIBLE_PIPELINING": "1"}


class _UnsafeDumper(yaml.SafeDumper):
    """What a user typed is not a template: AWX marks each string, the names of variables too."""

    def represent_data(self, data: Any) -> Any:
        if isinstance(data, str):
            return self.represent_scalar("!unsafe", data)
        return super().represent_data(data)


def slices(hosts: Sequence[str], count: int) -> list[list[str]]:
    """The hosts of each slice of a job, as AWX deals them out."""
    return [list(hosts[number::count]) for number in range(count)]


@dataclass
class Ended:
    """What AWX has of a job in the end; ``everything`` is the text of all files that came back."""

    status: str
    events: list[dict[str, Any]]
    stdout: str
    everything: str

    @property
    def stats(self) -> dict[str, Any]:
        return next(
            event["event_data"] for event in self.events if event["event"] == "playbook_on_stats"
        )

    @property
    def changed(self) -> int:
        return sum(self.stats["changed"].values())

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == kind]


@dataclass
class Job:
    """A job to run. ``hosts`` are the inventory's, with their variables.

    ``collections``: where the execution environment has its collections.
    """

    place: Path
    collections: Path
    playbook: str
    hosts: Mapping[str, Mapping[str, Any]]
    extra_vars: Mapping[str, Any] = field(default_factory=dict)
    credentials: Sequence[tuple[str, Mapping[str, Any]]] = ()
    job_type: str = "run"
    diff: bool = False
    verbosity: int = 0
    forks: int = 5
    limit: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    vault_password: str = ""

    @property
    def _sent(self) -> Path:
        return self.place / "sent"

    @property
    def _inside(self) -> Path:
        """What the container would see as /runner."""
        return self.place / "runner"

    def lay_out(self) -> None:
        shutil.copytree(PROJECT, self._sent / "project")
        for name, text in self.files.items():
            path = self._sent / "project" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for directory in ("env", "inventory", "artifacts"):
            (self._sent / directory).mkdir()
        own = {"awx_job_id": 7, "awx_job_launch_type": "manual", "awx_user_name": "operator"}
        self._write("env/extravars", _unsafe({**own, **self.extra_vars}))
        environment = {
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ANSIBLE_FORCE_COLOR": "True",
            "ANSIBLE_HOST_KEY_CHECKING": "False",
            "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
            "ANSIBLE_RETRY_FILES_ENABLED": "False",
            "ANSIBLE_HOME": str(self._inside / "home"),
            "AWX_PRIVATE_DATA_DIR": str(self._inside),
            "JOB_ID": "7",
            "MAX_EVENT_RES": "700000",
            "PYTHONDONTWRITEBYTECODE": "1",
            **_FAST,
        }
        for kind, inputs in self.credentials:
            declared = yaml.safe_load((TYPES / f"{kind}.yml").read_text())
            environment |= inject(declared, inputs, self._sent / "env", str(self._inside / "env"))
        self._write("env/envvars", yaml.safe_dump(environment))
        self._write("env/cmdline", " ".join(self._arguments()))
        self._write("env/settings", json.dumps({"suppress_ansible_output": True}))
        script = self._sent / "inventory" / "hosts"
        meta = {"_meta": {"hostvars": dict(self.hosts)}, "all": {"hosts": list(self.hosts)}}
        script.write_text(f"#! /usr/bin/env python3\nprint({json.dumps(meta)!r})\n")
        script.chmod(0o700)

    def _write(self, name: str, text: str) -> None:
        (self._sent / name).write_text(text)

    def _arguments(self) -> list[str]:
        arguments = ["-u", "root", "--forks", str(self.forks)]
        if self.job_type == "check":
            arguments.append("--check")
        if self.diff:
            arguments.append("--diff")
        if self.verbosity:
            arguments.append(f"-{'v' * self.verbosity}")
        if self.limit:
            arguments += ["--limit", self.limit]
        if self.vault_password:
            # AWX hands it over a named pipe, which no other process can read.
            (self._sent / "env" / "vault").write_text(self.vault_password)
            arguments += ["--vault-password-file", str(self._inside / "env" / "vault")]
        return arguments

    def run(self, *, cancel: Callable[[Path], bool] | None = None, seconds: float = 240) -> Ended:
        """The whole job. ``cancel``: asked again and again, with where events appear; true cancels it."""
        self.lay_out()
        received = self.place / "received"
        received.mkdir()
        clean = {
            name: os.environ[name]
            for name in ("PATH", "LANG", "LC_ALL", "TMPDIR")
            if name in os.environ
        } | {"HOME": str(self.place), "PYTHONDONTWRITEBYTECODE": "1"}
        # The inventory is a script for the first python3.
        clean["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{clean['PATH']}"

        def start(*arguments: str, **more: Any) -> subprocess.Popen[bytes]:
            return subprocess.Popen([*_RUNNER, *arguments], env=clean, **more)

        transmit = start(
            *("transmit", str(self._sent), "-p", self.playbook, "-i", "7"),
            stdout=subprocess.PIPE,
        )
        worker = start(
            *("worker", "--private-data-dir", str(self._inside)),
            stdin=transmit.stdout,
            stdout=subprocess.PIPE,
        )
        process = start(
            *("process", str(received), "-i", "7"), stdin=worker.stdout, stdout=subprocess.DEVNULL
        )
        ending = time.monotonic() + seconds
        canceled = False
        try:
            while process.poll() is None and time.monotonic() < ending:
                if cancel and not canceled and cancel(received / "artifacts" / "7" / "job_events"):
                    worker.send_signal(signal.SIGTERM)
                    canceled = True
                time.sleep(0.1)
        finally:
            for each in (transmit, worker, process):
                if each.poll() is None:
                    each.kill()
                each.wait()
        return _ended(received)

    def processes(self) -> list[str]:
        """Commands that still run for this job."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                command = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(self._inside) in command:
                found.append(command)
        return found


def _unsafe(variables: Mapping[str, Any]) -> str:
    return "".join(
        yaml.dump({name: value}, Dumper=_UnsafeDumper, default_flow_style=False)
        for name, value in variables.items()
    )


def _ended(received: Path) -> Ended:
    artifacts = received / "artifacts" / "7"
    events = [json.loads(path.read_text()) for path in (artifacts / "job_events").glob("*.json")]
    # All but the file in which runner notes the job's environment, which AWX removes with the directory.
    texts = [
        path.read_text(errors="replace")
        for path in received.rglob("*")
        if path.is_file() and path != artifacts / "command"
    ]
    events.sort(key=lambda event: event["counter"])
    return Ended(
        status=(artifacts / "status").read_text(),
        events=events,
        stdout="\n".join(event["stdout"] for event in events),
        everything="\n".join(texts),
    )
