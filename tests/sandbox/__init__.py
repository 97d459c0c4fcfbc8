# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both vendors' APIs and a DNS server on loopback, for the demo and for tests.

In a test: `with Sandbox() as sandbox: sandbox.client.account("sendclean")`; by hand:
`python tests/sandbox`. Made from the vendors' documents; what they leave open is a switch (see
sendclean_switches and sendcloud_switches).
"""

from __future__ import annotations

from .client import SandboxAccount, SandboxClient, SandboxError
from .running import Sandbox

__all__ = ["Sandbox", "SandboxAccount", "SandboxClient", "SandboxError"]
