# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the vendors take for a domain name; independent of the collection's rules on purpose."""

from __future__ import annotations

import re

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII | re.IGNORECASE)


def is_domain(name: str, *, wildcard: bool = False, idn: bool = False) -> bool:
    """Two labels or more of letters, digits, hyphens and underscores; no trailing dot, no URL."""
    if idn:
        name = re.sub(r"[^\W_a-zA-Z0-9]", "x", name)
    if wildcard:
        name = name.removeprefix("*.")
    labels = name.split(".")
    return len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)


def fold(name: str) -> str:
    """The form in which names are compared."""
    return name.rstrip(".").lower()
