# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""BIND (https://bind9.readthedocs.io/en/latest/reference.html)."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from .server import CONTROL_KEY, RealServer, SignedUpdate

SIGNED = re.compile(r'client (?P<client>@\S+ \S+)/key \S+ signer "(?P<key>[^"]+)" approved$')
UPDATING = re.compile(r"client (?P<client>@\S+ \S+)/key \S+ updating zone '(?P<zone>[^']+)/IN'")


class BindServer(RealServer):
    program = "named"
    package = "bind9"

    def __init__(
        self,
        zones: Mapping[str, str],
        keys: Mapping[str, tuple[str, str]] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        if host not in ("127.0.0.1", "::1"):
            raise ValueError(
                f"{host}: named listens only where an interface has the very address; "
                "on loopback that is 127.0.0.1 and ::1"
            )
        super().__init__(zones, keys, host, port)

    def configure(self) -> str:
        keys = "".join(
            f'key "{key.name}" {{ algorithm {key.algorithm}; secret "{key.secret}"; }};\n'
            for key in self.all_keys
        )
        allowed = "".join(f'key "{key.name}"; ' for key in self.all_keys)
        zones = "".join(
            f'zone "{zone.origin}" {{ type primary; file "{self.zone_file(zone)}"; '
            f"allow-update {{ {allowed}}}; }};\n"
            for zone in self.zones
        )
        v4, v6 = ("none", self.host) if ":" in self.host else (self.host, "none")
        return f"""\
options {{
    directory "{self.directory}";
    listen-on port {self.port} {{ {v4}; }};
    listen-on-v6 port {self.port} {{ {v6}; }};
    pid-file none;
    session-keyfile none;
    recursion no;
    dnssec-validation no;
    empty-zones-enable no;
    minimal-any yes;
    notify no;
}};
controls {{ }};
{keys}{zones}"""

    def command(self, configuration: Path) -> list[str]:
        # Debian's AppArmor profile binds /usr/sbin/named to the system's own directories; it goes
        # by the path, so a copy elsewhere may use ours.
        binary = self.directory / "named"
        if not binary.exists():
            shutil.copy(self.binary, binary)
        return [str(binary), "-g", "-n", "1", "-c", str(configuration)]

    @staticmethod
    def updates_in(log: str) -> list[SignedUpdate]:
        # The zone stands in the lines of the single changes, which name the same client.
        found, signed = [], {}
        for line in log.splitlines():
            if match := SIGNED.search(line):
                signed[match["client"]] = match["key"]
            elif (match := UPDATING.search(line)) and match["client"] in signed:
                found.append(SignedUpdate(match["zone"], signed.pop(match["client"])))
        return [update for update in found if update.key != CONTROL_KEY]
