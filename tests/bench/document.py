# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page that the benchmarks write: each its section, between marks."""

from __future__ import annotations

from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "benchmark.md"


def with_section(document: str, part: str, text: str) -> str:
    """The document with a section in the place of the one between its marks."""
    begin, end = f"<!-- begin of {part} -->", f"<!-- end of {part} -->"
    before, rest = document.split(begin)
    return f"{before}{begin}\n\n{text}\n{end}{rest.split(end)[1]}"
