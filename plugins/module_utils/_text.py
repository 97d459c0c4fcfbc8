# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text of others as a screen may have it. Private to this collection: no promise is made to others. No I/O here."""

from __future__ import annotations

import re

# Longer than any host name.
_ENDLESS_WORD = re.compile(r"\S{301,}")
_KEPT = 200


def readable(text: str) -> str:
    """Text for people: nothing that a terminal takes for a command, endless words cut; its lines stay.

    >>> readable("\\x1b[2Ja\\r\\nb")
    '?[2Ja \\nb'
    """
    if not text.isprintable():
        text = "".join(
            char if char.isprintable() or char == "\n" else " " if char.isspace() else "?"
            for char in text
        )
    return _ENDLESS_WORD.sub(lambda word: f"{word[0][:_KEPT]}...", text)


def words(text: str, most: int = 1000) -> str:
    """What somebody else said, in one line of a message, its middle left out where it is too long."""
    line = " ".join(readable(text).split())
    if len(line) <= most:
        return line
    head = most * 3 // 4
    return f"{line[:head]} [...] {line[head - most :]}"
