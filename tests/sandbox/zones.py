# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sandbox's DNS server serves: zones to publish in, and those of the vendors' targets."""

from __future__ import annotations

_TARGETS = {
    "sendclean.net": "track",
    "sendcloud.net": "track2",
    "sendcloud.org": "track",
}
EXAMPLES = ("example.com", "example.net", "example.org")


def default_zones(*more: str) -> dict[str, str]:
    """Zone name -> zone-file text; `more` are further empty zones."""
    zones = dict.fromkeys([*EXAMPLES, *more], "")
    zones.update({zone: f"{host} 300 IN A 192.0.2.10\n" for zone, host in _TARGETS.items()})
    return zones
