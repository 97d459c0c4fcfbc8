# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every real server has in common: a directory, a process, a log, a control key."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from ..dns_server import free_port
from ..dns_zone import Zone
from .control import Control, Key

# Debian keeps servers where an ordinary user's PATH does not lead.
PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
CONTROL_KEY = "sandbox-control"
START_SECONDS = 20.0
STOP_SECONDS = 10.0


class MissingProgramError(RuntimeError):
    """The server's program is not installed; the text names its Debian package."""


class StartError(RuntimeError):
    """The server did not come up; the text ends with the last lines of its log."""


@dataclass(frozen=True)
class SignedUpdate:
    """A dynamic update whose signature the server has accepted, whatever it changed."""

    zone: str
    key: str


class RealServer(ABC):
    """A server in the foreground, as whoever runs the tests, with all its files in one directory.

    zones, keys, host, port: as for DnsServer; each key may update every zone.
    log: the file with what the server says.

    `stop()` ends the process and `start()` runs it again at the same address with the records it
    had. The directory goes with `close()`, which leaving the context calls.
    """

    program: ClassVar[str]
    package: ClassVar[str]

    def __init__(
        self,
        zones: Mapping[str, str],
        keys: Mapping[str, tuple[str, str]] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        found = shutil.which(self.program, path=PATH)
        if found is None:
            raise MissingProgramError(
                f"{self.program} is not installed; install the Debian package {self.package}"
            )
        self.binary = Path(found)
        self.host, self.port = host, port
        self.zones = [Zone.from_text(name, text, host) for name, text in zones.items()]
        self.keys = [Key(name, *rest) for name, rest in (keys or {}).items()]
        self.control_key = Key.generate(CONTROL_KEY)
        self._temporary = tempfile.TemporaryDirectory(prefix="mailops-dns-")
        self.directory = Path(self._temporary.name)
        self.log = self.directory / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        for zone in self.zones:
            self.zone_file(zone).write_text(zone.to_text())

    @abstractmethod
    def configure(self) -> str:
        """The text of the configuration."""

    @abstractmethod
    def command(self, configuration: Path) -> list[str]:
        """What runs the server in the foreground, its log on standard error."""

    @staticmethod
    @abstractmethod
    def updates_in(log: str) -> list[SignedUpdate]:
        """The updates that a log tells of, oldest first, without those of `set` and `delete`."""

    # Life

    @property
    def address(self) -> tuple[str, int]:
        return self.host, self.port

    @property
    def control(self) -> Control:
        return Control(
            self.address, [zone.origin.to_text() for zone in self.zones], self.control_key
        )

    def start(self) -> Self:
        if self.port:
            self._start()
            return self
        for attempt in range(3):  # somebody may take the port between the look and the start
            self.port = free_port(self.host)
            try:
                self._start()
                break
            except StartError:
                self.port = 0
                if attempt == 2:
                    raise
        return self

    def _start(self) -> None:
        configuration = self.directory / "server.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(self.configure())
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command(configuration),
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.control.is_ready(timeout=1):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                tail = "\n".join(self.log.read_text().splitlines()[-10:])
                raise StartError(f"{self.program} did not start at {self.address}:\n{tail}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End the process; records, log and port stay."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def close(self) -> None:
        self.stop()
        self._temporary.cleanup()

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    # Records

    def set(self, name: str, rdtype: str, *rdatas: str, ttl: int = 300) -> None:
        self.control.set(name, rdtype, *rdatas, ttl=ttl)

    def delete(self, name: str, rdtype: str | None = None) -> None:
        self.control.delete(name, rdtype)

    def get(self, name: str, rdtype: str) -> list[str]:
        return self.control.get(name, rdtype)

    @property
    def updates(self) -> list[SignedUpdate]:
        return self.updates_in(self.log.read_text())

    # For the kinds of server

    @property
    def all_keys(self) -> list[Key]:
        return [*self.keys, self.control_key]

    def zone_file(self, zone: Zone) -> Path:
        return self.directory / f"{zone.origin.to_text(omit_final_dot=True)}.zone"
