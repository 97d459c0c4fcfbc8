# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names, compared by rules of their own: an oracle that asked the collection would agree with it."""

from __future__ import annotations

import idna


def plain(name: str) -> str:
    """Lower case, no final dot, punycode; what is no host name stays as it is, in lower case."""
    text = name.rstrip(".").lower()
    if text.isascii():
        return text
    try:
        return idna.encode(text, uts46=True).decode()
    except idna.IDNAError:
        return text
