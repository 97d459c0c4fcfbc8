# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of the test suite: what is left out of the quick one is in another."""

from __future__ import annotations

import re
from pathlib import Path

import parts
import pytest

from ansible_collections.mailops.email.tests.unit.conftest import CHECKOUT

UNITS = CHECKOUT / "tests" / "unit"
# Skipped for what a machine cannot do, whatever is installed.
ANYWHERE = {"tests/unit/sandbox/test_dns_server.py"}


def within(path: Path, places: tuple[str, ...]) -> bool:
    return any(path.is_relative_to(CHECKOUT / place) for place in places)


@pytest.mark.parametrize("place", [*parts.SLOW, *parts.PARTLY_SLOW])
def test_what_is_named_is_there(place: str) -> None:
    assert (CHECKOUT / place).exists()


def test_each_test_file_is_in_the_quick_part_or_in_the_other() -> None:
    (quick,) = parts.PARTS["units"].commands
    (slow,) = parts.PARTS["plays"].commands
    ignored = {word.removeprefix("--ignore=") for word in quick if word.startswith("--ignore=")}
    assert ignored <= set(slow)
    assert "tests/unit" in quick


def test_what_is_skipped_where_something_is_missing_runs_where_it_is_not() -> None:
    skipping = {
        path
        for path in UNITS.rglob("test_*.py")
        if re.search(r"pytest\.(skip|importorskip)\(", path.read_text())
        and str(path.relative_to(CHECKOUT)) not in ANYWHERE
    }
    assert skipping - {Path(__file__)}
    for path in skipping - {Path(__file__)}:
        assert within(path, (*parts.SLOW, *parts.PARTLY_SLOW)), path
    assert parts.PARTS["plays"].debian
    assert not parts.PARTS["units"].debian


def test_make_knows_every_part() -> None:
    (named,) = re.findall(r"^PARTS := (.*)$", (CHECKOUT / "Makefile").read_text(), re.MULTILINE)
    # `make demo` shows it to people, and `make fuzz` takes more cases than the part plays.
    assert set(named.split()) == set(parts.PARTS) - {"demo", "fuzz"}
