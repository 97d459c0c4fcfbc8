# Copyright (c) 2026, the mailops.email authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes a case that does not fit smaller, for as long as the same thing does not fit."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

# What a case cannot be without.
_KEPT = {
    "provider",
    "module",
    "account",
    "domains",
    "switches",
    "zone",
    "entries",
    "task",
    "faults",
}
_KEPT |= {"name", "kind", "at", "operation", "seed", "number", "info"}


def shrink(case: Any, still: Callable[[Any], bool], *, tries: int = 400) -> Any:
    """The smallest case found for which `still` holds; a case that cannot be played does not count."""
    smaller = True
    while smaller:
        smaller = False
        for candidate in _smaller(case):
            if tries <= 0:
                return case
            tries -= 1
            if still(candidate):
                case, smaller = candidate, True
                break
    return case


def _smaller(case: Any) -> Iterator[Any]:
    """The case without one thing, the large ones first."""
    for path in sorted(_places(case), key=len):
        candidate = copy.deepcopy(case)
        parent = candidate
        for step in path[:-1]:
            parent = parent[step]
        del parent[path[-1]]
        yield candidate


def _places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in _KEPT:
                yield (*above, key)
            yield from _places(item, (*above, key))
    elif isinstance(value, list):
        if len(value) > 3:
            half = len(value) // 2
            yield (*above, slice(0, half))
            yield (*above, slice(half, None))
        for number, item in enumerate(value):
            yield (*above, number)
            yield from _places(item, (*above, number))
