# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text from elsewhere, made harmless for the place where it is shown. No I/O here.

Private to this collection: no promise is made to others.
"""

from __future__ import annotations

import typing as t

# A spreadsheet takes a pasted cell that begins with one of these as a formula.
_FORMULA = ("=", "+", "-", "@")


def printable(value: t.Any) -> str:
    """Text in which nothing moves the cursor, hides itself or turns the direction of reading.

    >>> printable("a\\x1b[2Jb\\u202ec")
    'a\\\\x1b[2Jb\\\\u202ec'
    """
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in str(value)
    )


def lines_of(value: t.Any) -> list[str]:
    """The lines of a text, each printable; empty ones are left out."""
    return [printable(line) for line in str(value).split("\n") if line.strip()]


def cell(value: t.Any) -> str:
    """Text for a cell of a table that people copy into a spreadsheet: it becomes no formula there."""
    text = printable(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def cell_of_lines(value: t.Any) -> str:
    """The same for text of several lines, each of which a spreadsheet may put into a cell of its own."""
    return "\n".join(cell(line) for line in str(value).split("\n") if line.strip())
