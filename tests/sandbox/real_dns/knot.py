# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Knot DNS (https://www.knot-dns.cz/docs/latest/singlehtml/#configuration-reference)."""

from __future__ import annotations

import re
from pathlib import Path

from .server import CONTROL_KEY, RealServer, SignedUpdate

# The access list looks at the key's name alone; a bad signature shows in the next line.
UPDATE = re.compile(
    r"\[(?P<zone>\S+)\.\] ACL, allowed, action update, .*key '?(?P<key>[^' ]+?)\.'?$"
    r"(?!\n.*TSIG, .*verification failed)",
    re.MULTILINE,
)


class KnotServer(RealServer):
    program = "knotd"
    package = "knot"

    def configure(self) -> str:
        keys = "".join(
            f"  - id: {key.name}\n    algorithm: {key.algorithm}\n    secret: {key.secret}\n"
            for key in self.all_keys
        )
        zones = "".join(
            f'  - domain: {zone.origin}\n    file: "{self.zone_file(zone)}"\n    acl: update\n'
            for zone in self.zones
        )
        # Small databases: the defaults reserve gigabytes of address space.
        return f"""\
server:
    rundir: "{self.directory}"
    listen: "{self.host}@{self.port}"
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
control:
    listen: "{self.directory}/control.sock"
database:
    storage: "{self.directory}/database"
    journal-db-max-size: 16M
    kasp-db-max-size: 8M
    timer-db-max-size: 8M
    catalog-db-max-size: 8M
log:
  - target: stderr
    any: debug
key:
{keys}acl:
  - id: update
    key: [{", ".join(key.name for key in self.all_keys)}]
    action: update
zone:
{zones}"""

    def command(self, configuration: Path) -> list[str]:
        (self.directory / "database").mkdir(exist_ok=True)
        return [str(self.binary), "--config", str(configuration)]

    @staticmethod
    def updates_in(log: str) -> list[SignedUpdate]:
        return [
            SignedUpdate(match["zone"], match["key"])
            for match in UPDATE.finditer(log)
            if match["key"] != CONTROL_KEY
        ]
