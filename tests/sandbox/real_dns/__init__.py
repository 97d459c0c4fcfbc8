# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real DNS servers for tests, on loopback: Knot DNS and BIND, as Debian packages them.

with KnotServer({"example.test": "track CNAME target.test."}) as server:
    host, port = server.address
"""

from __future__ import annotations

from .bind import BindServer
from .control import Control, Key
from .knot import KnotServer
from .server import MissingProgramError, RealServer, StartError

SERVERS: dict[str, type[RealServer]] = {"knot": KnotServer, "bind": BindServer}

__all__ = [
    "SERVERS",
    "BindServer",
    "Control",
    "Key",
    "KnotServer",
    "MissingProgramError",
    "RealServer",
    "StartError",
]
